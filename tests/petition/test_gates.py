"""Lines numbered in secret and passed through the gates in order."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referendum.core.errors import LawError
from referendum.core.schemas import LINES, SHEETS
from referendum.core.tables import ReadingOptions, check_table
from referendum.petition import GATES, gate_lines, gates_not_applied, number_lines, single_name_keys

WINDOW = (date(2026, 1, 3), date(2026, 5, 2))
CODES = tuple(GATES)
GOOD = {
    "line_id": "S1-1",
    "sheet_id": "S1",
    "signed_on": "2026-02-01",
    "given_names": "Ada",
    "surname": "Cardinal",
    "street": "Main St",
    "district": "Calgary-Hays",
    "birth_year": "1980",
}
NO_SHEETS = pl.DataFrame(schema=SHEETS.schema)
SHEET = check_table(
    SHEETS,
    pl.DataFrame(
        {
            "sheet_id": ["S1", "S2"],
            "issued": ["yes", "yes"],
            "canvasser_id": ["C1", None],
            "affidavit_on": ["2026-05-03", "2026-05-03"],
        }
    ),
).rows


def numbered(*changes):
    raw = [{**GOOD, "line_id": f"S1-{n}", **change} for n, change in enumerate(changes)]
    return number_lines(check_table(LINES, pl.DataFrame(raw)).rows, "00" * 32)


def gates_of(lines, sheets=SHEET, codes=CODES):
    return gate_lines(lines, sheets, codes, WINDOW).get_column("gate").to_list()


@pytest.mark.parametrize(
    ("change", "gate"),
    [
        ({}, None),
        ({"surname": None}, "name_missing"),
        ({"given_names": None}, "name_missing"),
        ({"street": None}, "address_missing"),
        *(({"street": word}, "address_missing") for word in ("-", "N/A", "none", "illisible")),
        *(({"given_names": word}, "name_missing") for word in ("?", "*", "N/A", "none", "Null")),
        *(({"surname": word}, "name_missing") for word in ("[illegible]", "unleserlich", "??")),
        *(({"given_names": w, "surname": w}, "name_missing") for w in ("X", "Null", "n/a", ".")),
        *(({"surname": word}, None) for word in ("Null", "Blank", "None", "True", "Nan")),
        ({"given_names": "Nan"}, None),
        ({"given_names": "X"}, None),
        ({"signed_on": None}, "date_missing"),
        ({"signed_on": "2026-01-02"}, "before_window"),
        ({"signed_on": "2026-01-03"}, None),
        ({"signed_on": "2026-05-02"}, None),
        ({"signed_on": "2206-05-02"}, "after_window"),
        ({"district": None}, "district_missing"),
        ({"birth_year": None}, "birth_missing"),
        ({"birth_year": None, "birth_date": "1980-05-05"}, None),
        ({"sheet_id": "S2"}, "sheet_no_canvasser"),
        ({"sheet_id": "COPIED"}, "sheet_not_issued"),
        ({"sheet_id": None}, "sheet_not_issued"),
    ],
)
def test_each_gate_catches_its_fault(change, gate):
    assert gates_of(numbered(change)) == [gate]


def test_one_name_is_enough_for_an_elector_who_has_one():
    one = ({"surname": "Suharto", "given_names": None}, {"surname": None, "given_names": "SUHARTO"})
    lines = numbered(*one, {"surname": "Cardinal", "given_names": "-"})
    listed = pl.DataFrame({"given_names": [None, "Ada"], "surname": ["Suharto", "Cardinal"]})
    gates = gate_lines(lines, SHEET, ("name_missing",), WINDOW, single_name_keys(listed))
    by_line = lines.select("serial", "line_id").join(gates, on="serial").sort("line_id")
    assert by_line["gate"].to_list() == [None, None, "name_missing"]
    assert gates_of(lines, codes=("name_missing",)) == ["name_missing"] * 3


def test_a_sheet_without_an_affidavit_takes_its_lines_with_it():
    sheet = SHEET.with_columns(affidavit_on=pl.lit(None, dtype=pl.Date))
    assert gates_of(numbered({}, {}), sheet) == ["sheet_no_affidavit"] * 2


def test_a_line_signed_after_the_affidavit_falls_with_it():
    sheet = SHEET.with_columns(affidavit_on=pl.lit(date(2026, 1, 31)))
    assert gates_of(numbered({}), sheet) == ["after_affidavit"]
    assert gates_of(numbered({"signed_on": "2026-01-31"}), sheet) == [None]


def test_the_first_gate_in_the_statutes_order_is_named():
    lines = numbered({"surname": None, "signed_on": None})
    assert gates_of(lines, codes=("name_missing", "date_missing")) == ["name_missing"]
    assert gates_of(lines, codes=("date_missing", "name_missing")) == ["date_missing"]


def test_without_a_table_of_sheets_its_gates_are_passed_over_and_named():
    assert gates_of(numbered({}), NO_SHEETS) == [None]
    assert gates_not_applied(NO_SHEETS, CODES) == [
        code for code in CODES if GATES[code].level == "sheet"
    ]


def test_no_gates_at_all_let_every_line_stand():
    assert gates_of(numbered({}), codes=()) == [None]


def test_an_unknown_gate_is_an_error_of_law():
    with pytest.raises(LawError, match="moon"):
        gates_of(numbered({}), codes=("moon",))


@given(st.text(alphabet="0123456789abcdef", min_size=64, max_size=64), st.integers(1, 60))
def test_numbers_run_from_one_and_every_line_has_one(nonce, count):
    lines = check_table(
        LINES, pl.DataFrame([{**GOOD, "line_id": f"{n}"} for n in range(count)])
    ).rows
    given_numbers = number_lines(lines, nonce)
    assert given_numbers.get_column("serial").to_list() == list(range(1, count + 1))
    assert set(given_numbers.get_column("line_id")) == set(lines.get_column("line_id"))


def test_the_order_depends_on_the_nonce_and_not_on_the_order_of_keying():
    changes = [{}] * 30
    first = numbered(*changes).select("serial", "line_id")
    raw = pl.DataFrame([{**GOOD, "line_id": f"S1-{n}"} for n in reversed(range(30))])
    again = number_lines(check_table(LINES, raw).rows, "00" * 32).select("serial", "line_id")
    other = number_lines(check_table(LINES, raw).rows, "11" * 32).select("serial", "line_id")
    assert first.equals(again)
    assert not first.equals(other)


def received(change, sheet=None):
    day = ReadingOptions(latest_day=date(2026, 5, 4))
    found = check_table(LINES, pl.DataFrame([{**GOOD, **change}]), reading=day)
    lines = number_lines(found.rows.with_columns(found.unreadable_columns()), "00" * 32)
    if sheet is None:
        return gates_of(lines)
    raw = {"sheet_id": "S1", "issued": "yes", "canvasser_id": "C1", "affidavit_on": "2026-05-03"}
    sheets = check_table(SHEETS, pl.DataFrame([{**raw, **sheet}]))
    return gates_of(lines, sheets.rows.with_columns(sheets.unreadable_columns()))


@pytest.mark.parametrize(
    ("change", "gate"),
    [
        ({"signed_on": "14-Mar-26"}, "date_unreadable"),
        ({"signed_on": "?"}, "date_missing"),
        ({"signed_on": ""}, "date_missing"),
        ({"signed_on": "2206-02-01"}, "date_impossible"),
        ({"birth_year": None, "birth_date": "1066-02-01"}, "birth_impossible"),
        ({"birth_year": "'64?"}, "birth_unreadable"),
        ({"given_names": "illegible", "surname": "???"}, "name_missing"),
        ({"street": "N/A"}, "address_missing"),
    ],
)
def test_what_was_not_read_is_not_called_missing(change, gate):
    assert received(change) == [gate]


@pytest.mark.parametrize(
    ("change", "gate"),
    [
        ({"issued": "Y"}, None),
        ({"issued": "oui"}, None),
        ({"issued": "N"}, "sheet_not_issued"),
        ({"issued": "perhaps"}, "sheet_unreadable"),
        ({"affidavit_on": "3/5/26"}, "sheet_unreadable"),
    ],
)
def test_a_sheet_that_was_not_read_is_not_called_unissued(change, gate):
    assert received({}, change) == [gate]
