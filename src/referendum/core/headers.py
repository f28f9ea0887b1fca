"""Columns with misspelt or other names, and the column of the table that each may be meant for.

A column that is called otherwise than in the table is not read, and the table's own column would be
empty without anybody noticing. So the likely column is suggested.
"""

from collections.abc import Iterable, Mapping

from referendum.core.names import name_key, suggest_names

_SYNONYMS: dict[str, str] = {
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
"""By column, what else it is often called. Such a name is only suggested, never taken for it."""


def looks_like_header(name: str) -> bool:
    """Whether a text is like the name of a column, and not like a cell, such as a person's."""
    return len(name) < 40 and name[:1].isalpha() and sum(map(str.isdigit, name)) < 2


def suggest_columns(unknown: Iterable[str], empty: Iterable[str]) -> dict[str, str]:
    """Suggest which empty column of the table each unknown column of a file may be meant for.

    Args:
        unknown: columns of a file that the table does not have.
        empty: columns of the table whose cells are all empty.

    Returns:
        By unknown column, the column of the table; without those that resemble none.
    """
    own = list(empty)
    by_synonym = _columns_by_synonym(own)
    suggestions = {
        name: by_synonym.get(name_key(name)) or next(iter(suggest_names(name, own, 1)), None)
        for name in unknown
    }
    return {name: column for name, column in suggestions.items() if column is not None}


def _columns_by_synonym(own: list[str]) -> Mapping[str, str]:
    keys = {
        name_key(word): name
        for name in reversed(own)
        for word in _SYNONYMS.get(name, "").split(",")
    }
    return {key: name for key, name in keys.items() if key}
