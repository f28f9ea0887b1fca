"""Cells as offices, spreadsheets and statistics programs write them."""

from datetime import date

import polars as pl
import pytest

from referendum.core.errors import InputError
from referendum.core.tables import Column, ReadingOptions, Table, check_table, spell_as_known

PLACES = Table(
    "places",
    (
        Column("question", "name", "which question", default="1"),
        Column("region", "name", "a region", required=True),
        Column("place", "name", "a place", required=True, distinct_by=("region",)),
        Column("yes", "integer", "votes", required=True, least=0, most=10_000),
        Column("no", "integer", "votes", required=True, least=0, most=10_000),
    ),
    key=("question", "region", "place"),
)

DAYS = Table(
    "days",
    (
        Column("id", "text", "its number", required=True),
        Column("day", "date", "a day"),
        Column("until", "date", "a day that may lie ahead", may_be_future=True),
    ),
    key=("id",),
)

CODES = Table(
    "codes",
    (
        Column("id", "text", "its number", required=True),
        Column("issued", "code", "yes or no", codes=("yes", "no"), yes="yes", no="no"),
        Column("found", "code", "what", codes=("valid", "not_listed"), yes="valid"),
    ),
    key=("id",),
)

LINES = Table(
    "lines",
    (
        Column("id", "text", "its number", required=True),
        Column("given_names", "text", "written", entry=1),
        Column("surname", "text", "written", entry=1),
        Column("street", "text", "written", entry=2),
    ),
    key=("id",),
)


def places(*rows):
    return check_table(PLACES, pl.DataFrame(rows, ["region", "place", "yes", "no"], orient="row"))


def numbers(*cells):
    rows = [("R", f"P{n}", cell, "1") for n, cell in enumerate(cells)]
    found = places(*rows)
    aside = [code for _, _, code in found.faults.iter_rows()]
    return found.rows["yes"].to_list(), aside


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (["1,234", "2,000", "6"], [1234, 2000, 6]),
        (["5.0", "100.0", "7.00"], [5, 100, 7]),
        (["1 234", "1\u00a0234", "1\u202f234", "1'234", "1’234"], [1234] * 5),
        (["1.234", "2.000", "345"], [1234, 2000, 345]),
        (['="120"', "'100", " 7 ", "+5", "007", "１２", "٣٤"], [120, 100, 7, 5, 7, 12, 34]),
        (["1,234.00", "5"], [1234, 5]),
        (["1.234,00", "5"], [1234, 5]),
    ],
)
def test_whole_numbers_are_read_as_they_are_written(cells, read):
    assert numbers(*cells) == (read, [])


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        (["2.000", "5.000"], ["not_a_number"] * 2),
        (["5.0", "1.234"], ["not_a_number"]),
        (["1E+2", "#REF!", "12,34", "1,2345", "1.5", "many"], ["not_a_number"] * 6),
        (["-5", "\u22125", "-1,234"], ["negative"] * 3),
        (["10001", "99999999999999999999999"], ["out_of_range", "not_a_number"]),
    ],
)
def test_what_may_be_two_numbers_or_none_is_a_fault(cells, codes):
    assert numbers(*cells)[1] == codes


def test_a_point_that_stands_before_decimals_in_one_column_parts_no_thousands_in_another():
    found = places(("R", "P", "5.0", "1.234"))
    assert found.faults.rows() == [(1, "no", "not_a_number")]


def test_whole_numbers_of_a_statistics_program_come_as_floats():
    raw = pl.DataFrame({"region": ["R"] * 3, "place": ["A", "B", "C"], "yes": [5.0, 1.5, 2.0],
                        "no": [1.0, 1.0, float("nan")]})  # fmt: skip
    found = check_table(PLACES, raw)
    assert found.rows.select("yes", "no").rows() == [(5, 1)]
    assert found.faults.rows() == [(2, "yes", "not_a_number"), (3, "no", "missing")]


def test_one_place_under_two_spellings_is_one_place():
    found = places(
        ("R", "Saint-Jean", 1, 1), ("r ", "saint jean", 2, 2), ("R", "Sain\u0301t-Jean", 3, 3),
        ("R", "Sáint-Jean", 3, 3), ("R", "P 1-2", 1, 1), ("R", "P 12", 1, 1),
    )  # fmt: skip
    assert found.set_aside["row"].to_list() == [2, 3, 4]
    assert found.fault_counts() == {"repeated": 3, "spelt_otherwise": 4}


def test_most_rows_give_the_spelling_and_other_regions_keep_theirs():
    found = places(
        ("north", "A", 1, 1), ("North", "B", 1, 1), ("North", "C", 1, 1), ("South", "a", 1, 1)
    )
    assert found.rows["region"].to_list() == ["North"] * 3 + ["South"]
    assert found.rows["place"].to_list() == ["A", "B", "C", "a"]
    assert found.faults.rows() == [(1, "region", "spelt_otherwise")]


def test_what_is_left_out_is_filled_before_rows_are_compared():
    raw = pl.DataFrame({"question": [None, "1", "2"], "region": ["R"] * 3, "place": ["P"] * 3,
                        "yes": [1, 2, 3], "no": [1, 1, 1]})  # fmt: skip
    assert check_table(PLACES, raw).set_aside["row"].to_list() == [2]
    open_table = PLACES.with_column("question", default=None)
    both = pl.concat([raw[:1], raw[:1]])
    assert check_table(open_table, both).fault_counts() == {"repeated": 1}


def test_a_name_with_a_line_break_inside_is_a_fault():
    found = places(("R", "Old\nHall", 1, 1), ("R", "New\x00Hall", 1, 1), ("R", "Hall\r\n", 1, 1))
    assert found.faults["code"].to_list() == ["control_character"] * 2
    assert found.rows["place"].to_list() == ["Hall"]


def test_what_stood_in_a_faulty_cell_is_kept():
    found = places(("R", "P", "many", "1"))
    assert found.faulty_cells.rows() == [(1, "yes", "not_a_number", "many")]


def days(*cells, order=None, today=date(2026, 11, 30), column="day"):
    raw = pl.DataFrame({"id": [str(n) for n in range(len(cells))], column: cells})
    found = check_table(DAYS, raw, reading=ReadingOptions(order, today))
    return [day and day.isoformat() for day in found.rows[column]], found


@pytest.mark.parametrize(
    "cell",
    [
        "1980-03-14", "1980/03/14", "1980.3.14", "19800314", "14.03.1980", "14. 3. 1980",
        "03/14/1980", "14/03/1980", "14-3-1980", "14 Mar 1980", "14-MAR-1980", "March 14, 1980",
        "14th of March 1980", "14. März 1980", "14 mars 1980", "14 de marzo de 1980",
        "14 marzo 1980", "14. marts 1980", "1980年3月14日", "1980-03-14T00:00:00",
        "1980-03-14 00:00:00.000Z", "3/14/1980 12:00:00 AM",
    ],
)  # fmt: skip
def test_a_day_is_read_in_any_form_that_can_mean_but_one(cell):
    assert days(cell)[0] == ["1980-03-14"]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("14/03/80", "two_digit_year"), ("14-Mar-80", "two_digit_year"),
        ("19960300", "not_a_date"), ("12:00:00 AM", "not_a_date"), ("March 1980", "not_a_date"),
        ("2020-02-30", "not_a_date"), ("1 listopada 1980", "not_a_date"), ("43904", "not_a_date"),
        ("1980-03-14T23:00:00Z", "not_a_date"),
        ("1849-12-31", "day_out_of_range"), ("2026-12-01", "day_out_of_range"),
    ],
)  # fmt: skip
def test_a_day_that_can_mean_two_or_none_is_a_fault(cell, code):
    assert days(cell)[1].fault_counts() == {code: 1}


def test_the_column_decides_whether_day_or_month_comes_first():
    assert days("03/04/1980", "03/14/1980")[0] == ["1980-03-04", "1980-03-14"]
    read, found = days("03/04/1980", "14/03/1980")
    assert read == ["1980-04-03", "1980-03-14"]
    assert found.readings == {"day": "dmy"}


@pytest.mark.parametrize(
    "cells", [["03/04/1980"], ["03/04/1980", "03/14/1980", "14/03/1980"], ["3.4.1980", "3.14.1980",
     "14.3.1980"]]
)  # fmt: skip
def test_where_the_column_does_not_decide_it_is_asked_for(cells):
    with pytest.raises(InputError, match="two ways") as caught:
        days(*cells)
    assert "--dates dmy" in caught.value.hint
    assert days(cells[0], order="mdy")[0] == ["1980-03-04"]


def test_a_day_that_is_the_same_both_ways_asks_nothing():
    assert days("03/03/1980", "14 Mar 1980")[0] == ["1980-03-03", "1980-03-14"]


def test_a_day_that_may_lie_ahead_does():
    assert days("2030-01-01", column="until")[0] == ["2030-01-01"]


@pytest.mark.parametrize(
    ("cell", "read"),
    [("Y", "yes"), ("x", "yes"), ("TRUE", "yes"), ("oui", "yes"), ("1", "yes"), ("Nein", "no"),
     ("0", "no"), ("perhaps", None)],
)  # fmt: skip
def test_yes_and_no_are_read_by_their_words(cell, read):
    found = check_table(CODES, pl.DataFrame({"id": ["a"], "issued": [cell]}))
    assert found.rows["issued"].to_list() == [read]
    assert found.fault_counts() == ({} if read else {"not_yes_or_no": 1})


@pytest.mark.parametrize(
    ("cell", "read"),
    [("VALID", "valid"), ("ok", "valid"), ("oui", "valid"), ("x", None), ("1", None), ("t", None),
     ("Not listed", "not_listed"), ("vaild", None),
     ("no", None)],
)  # fmt: skip
def test_a_code_is_one_of_the_list_or_a_fault(cell, read):
    found = check_table(CODES, pl.DataFrame({"id": ["a"], "found": [cell]}))
    assert found.rows["found"].to_list() == [read]
    assert found.fault_counts() == ({} if read else {"not_a_code": 1})


@pytest.mark.parametrize(
    "words", ["*", "?", "-", "N/A", "none", "illegible", "[unreadable]", "???", "illisible"]
)
def test_words_for_nothing_legible_are_no_name_and_no_street(words):
    raw = pl.DataFrame({"id": ["a"], "given_names": [words], "surname": [words], "street": [words]})
    found = check_table(LINES, raw)
    assert found.rows.rows() == [("a", None, None, None)]
    assert found.fault_counts() == {"illegible": 3}


def test_people_whose_names_say_nothing_keep_them():
    raw = pl.DataFrame({"id": ["a"], "given_names": ["Jennifer"], "surname": ["Null"]})
    assert check_table(LINES, raw).rows.rows() == [("a", "Jennifer", "Null", None)]


def test_a_list_without_a_header_shows_nobody():
    raw = pl.DataFrame(schema=["77", "Livia", "Morke", "1980-02-03", "7 Elm St"])
    with pytest.raises(InputError) as caught:
        check_table(LINES.with_column("surname", required=True), raw)
    text = f"{caught.value} {caught.value.hint}"
    assert "5 cells" in text
    assert not any(cell in text for cell in raw.columns)


def test_a_header_that_is_nearly_right_is_told_what_is_meant():
    raw = pl.DataFrame(schema=["ID", "Surname"])
    with pytest.raises(InputError, match="'Surname' for surname"):
        check_table(LINES.with_column("surname", required=True), raw)


def test_columns_of_lists_are_refused():
    with pytest.raises(InputError, match="yes"):
        check_table(
            PLACES, pl.DataFrame({"region": ["R"], "place": ["P"], "yes": [[1]], "no": [1]})
        )


def test_names_are_spelt_as_they_are_known():
    known = pl.Series(["Saint John", "Ward 1"])
    assert spell_as_known(pl.Series(["ST JOHN", "ward-1", None]), known).to_list() == [
        "ST JOHN", "Ward 1", None,
    ]  # fmt: skip
