"""The two tables that more than one stage reads: electors and lines.

The names are fixed because outside tools write these tables.
"""

from referendum.core.tables import Column, Table

_PERSON = (
    Column("birth_year", "integer", "year of birth", least=1890, most=2100, entry=8),
    Column("birth_date", "date", "day of birth", entry=9),
    Column("unit", "text", "apartment, suite or unit", entry=3),
    Column("street_number", "text", "house number, with its suffix", entry=4),
    Column("street", "text", "street name with type and quadrant", entry=2),
    Column("locality", "text", "city, town, village or rural municipality", entry=5),
    Column("postal_code", "text", "postal code", entry=6),
    Column("phone", "text", "telephone number", entry=7),
    Column("district", "name", "electoral district"),
)

ELECTORS = Table(
    "electors",
    (
        Column("elector_id", "text", "the list's own number of the elector", required=True),
        Column("given_names", "text", "given names, as listed; may be the one name", entry=1),
        Column(
            "surname", "text", "surname, as listed; may be the one name", expected=True, entry=1
        ),
        *_PERSON,
        Column("listed_from", "date", "first day on the list", may_be_future=True),
        Column("listed_to", "date", "last day on the list", may_be_future=True),
    ),
    key=("elector_id",),
    any_required=("surname", "given_names"),
    of_people=True,
)

LINES = Table(
    "lines",
    (
        Column("line_id", "text", "the office's number of the line", required=True),
        Column("sheet_id", "text", "the sheet that the line stands on"),
        Column("line_no", "integer", "its place on the sheet, from 1", least=1, most=1000),
        Column("canvasser_id", "text", "the canvasser who witnessed it"),
        Column("signed_on", "date", "day of signing, as written", entry=10),
        Column("given_names", "text", "given names, as written", entry=1),
        Column("surname", "text", "surname, as written", expected=True, entry=1),
        *_PERSON,
    ),
    key=("line_id",),
    of_people=True,
)

SHEETS = Table(
    "sheets",
    (
        Column("sheet_id", "text", "the number printed on the sheet", required=True),
        Column(
            "issued", "code",
            "yes if the office issued this sheet, no if it did not; blank is not known",
            codes=("yes", "no"), yes="yes", no="no",
        ),
        Column("canvasser_id", "text", "the canvasser named on the sheet"),
        Column("affidavit_on", "date", "day of the affidavit that covers the sheet", entry=1),
    ),
    key=("sheet_id",),
    of_people=True,
)  # fmt: skip
