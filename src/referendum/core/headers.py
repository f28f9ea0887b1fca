"""Columns that a table does not have, and which of its own they may be meant for.

A column that is called otherwise than the table calls it is not read, and every cell of it is
empty then: nobody would see it. So a column that a misspelt or another name may stand for is named.
"""

from collections.abc import Iterable, Mapping

from referendum.core.names import name_key, near_names

_ALSO: dict[str, str] = {
    "sheet_id": "sheet, sheet number, sheet no, page, page number, page no, petition sheet,"
    " section, booklet, form",
    "line_no": "line, line number, row, row number, position, no on sheet",
    "canvasser_id": "canvasser, circulator, circulator id, witness, collector, gatherer, volunteer",
    "signed_on": "date, day, date signed, signed, signing date, date of signing, day of signing,"
    " signature date, date of signature, sig date, signed at, signed date, dated, datum, fecha,"
    " data, date de signature, fecha de firma, data firma, unterschrieben am",
    "given_names": "first name, first names, firstname, forename, forenames, given, christian name,"
    " vorname, vornamen, prénom, prénoms, nome, nombre, nombres, fname, middle name",
    "surname": "last name, lastname, family name, nachname, familienname, nom, cognome, apellido,"
    " apellidos, lname, name",
    "birth_year": "year of birth, yob, year born, born, jahrgang, geburtsjahr, année de naissance",
    "birth_date": "date of birth, dob, d o b, birthday, born, born on, bday, geburtsdatum, date de"
    " naissance, fecha de nacimiento, data di nascita",
    "unit": "apt, apartment, suite, flat, apartment number, unit number, apt no, address 2",
    "street_number": "number, house, house number, house no, no, nr, civic number, hausnummer,"
    " numéro, numero, building number",
    "street": "address, street name, street address, road, strasse, straße, rue, via, calle,"
    " address line, address 1, residence address, residential address",
    "locality": "city, town, village, municipality, place, suburb, post town, ort, gemeinde,"
    " ville, commune, comune, ciudad",
    "postal_code": "postcode, post code, zip, zip code, zip5, plz, postleitzahl, code postal, cap,"
    " codigo postal",
    "phone": "telephone, tel, mobile, cell, telefon, téléphone, phone no",
    "district": "electoral district, riding, constituency, ward, electorate, division, cd,"
    " congressional district, legislative district, wahlkreis, bezirk, circonscription",
    "listed_from": "registered on, registration date, date registered, from, valid from, enrolled",
    "listed_to": "removed on, to, until, valid to, cancelled, cancellation date",
    "issued": "is issued, issued by office, official, office issued, valid sheet",
    "affidavit_on": "affidavit, affidavit date, date of affidavit, sworn on, notarised on,"
    " notarized on, verification date",
    "sample_size": "sample, n, size, respondents, base, sample n, number asked",
    "field_start": "start, start date, from, first day, begin, date from",
    "field_end": "end, end date, to, last day, date, date to, dates",
    "undecided": "dk, don t know, not sure, unsure, neither, no opinion",
    "mode": "method, methodology, survey mode",
    "population": "universe, lv, rv, voters, sample type",
    "wording": "question wording, text",
    "sponsor": "client, paid by, commissioned by",
    "question": "measure, proposition, contest, referendum question",
    "informal": "invalid, rejected, informal votes, invalid votes",
    "electors": "registered, registered voters, electorate, enrolled, eligible",
    "voters": "turnout, voted",
    "kind": "vote type, type of vote, mode of vote, category",
    "explanation": "remark, remarks, comment, comments, note, notes",
    "second": "second checker, checker 2",
    "settled": "agreed, final, resolved",
}
"""By column, what else it is often called; such a name is never taken for it, only told."""


def meant_for(found: Iterable[str], empty: Iterable[str]) -> dict[str, str]:
    """Give for columns that a table has not the one of its own that each may be meant for.

    Args:
        found: columns of a file that the table does not have.
        empty: columns of the table in which nothing stands.
    """
    own = list(empty)
    also = _also(own)
    meant = {name: also.get(name_key(name)) or next(iter(near_names(name, own, 1)), None)
             for name in found}  # fmt: skip
    return {name: column for name, column in meant.items() if column is not None}


def _also(own: list[str]) -> Mapping[str, str]:
    keys = {
        name_key(word): name for name in reversed(own) for word in _ALSO.get(name, "").split(",")
    }
    return {key: name for key, name in keys.items() if key}
