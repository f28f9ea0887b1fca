"""Tables that come in from outside: nothing is lost, nothing bad stops the good."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referendum.core.errors import InputError
from referendum.core.schemas import LINES
from referendum.core.tables import Column, Table, check_table

THINGS = Table(
    "things",
    (
        Column("id", "text", "its name", required=True),
        Column("size", "integer", "how large", least=0, most=100),
        Column("made_on", "date", "the day it was made"),
        Column("note", "text", "anything", expected=True),
    ),
    key=("id",),
)

cells = st.one_of(st.none(), st.sampled_from(["", " ", "a", "7", "-1", "101", "2026-01-31"]))
frames = st.lists(st.fixed_dictionaries(dict.fromkeys(THINGS.schema, cells)), max_size=30).map(
    lambda rows: pl.DataFrame(rows, schema=dict.fromkeys(THINGS.schema, pl.String()))
)


@given(frames)
def test_every_row_is_kept_or_set_aside(raw):
    checked = check_table(THINGS, raw)
    assert checked.rows.height + checked.set_aside.height == raw.height
    assert checked.rows.schema == THINGS.schema


@given(frames)
def test_a_checked_table_has_no_fault_left(raw):
    again = check_table(THINGS, check_table(THINGS, raw).rows)
    assert again.faults.is_empty()


def things(**columns):
    return pl.DataFrame({"note": [None] * len(columns["id"]), **columns})


def test_a_bad_cell_is_left_empty_and_counted():
    checked = check_table(
        THINGS, things(id=["a", "b"], size=["x", "101"], made_on=["2026-02-30", None])
    )
    assert checked.rows.get_column("size").to_list() == [None, None]
    assert checked.fault_counts() == {"not_a_date": 1, "not_a_number": 1, "out_of_range": 1}


def test_a_row_without_its_key_or_with_one_seen_before_is_set_aside():
    checked = check_table(THINGS, things(id=["a", "a", None, "b"]))
    assert checked.rows.get_column("id").to_list() == ["a", "b"]
    assert checked.set_aside.select("row", "code").rows() == [(2, "repeated"), (3, "missing")]


def test_white_space_and_control_characters_are_tidied():
    checked = check_table(THINGS, things(id=["  Mary\r\n\tAnn\x00 "]))
    assert checked.rows.get_column("id").to_list() == ["Mary Ann"]


def test_a_runaway_cell_is_a_fault():
    checked = check_table(THINGS, pl.DataFrame({"id": ["a"], "note": ["x" * 501]}))
    assert checked.fault_counts() == {"too_long": 1}


def test_a_missing_column_is_named():
    with pytest.raises(InputError, match="needs the columns id, note"):
        check_table(THINGS, pl.DataFrame({"size": ["1"]}))


def test_unknown_columns_are_named_and_left_out():
    checked = check_table(THINGS, things(id=["a"], colour=["red"]))
    assert checked.unknown_columns == ("colour",)
    assert "colour" not in checked.rows.columns


def test_columns_of_a_work_list_are_left_out_without_a_word():
    table = Table("t", (Column("id", "text", "key"),), key=("id",), work_columns=("imprint",))
    raw = pl.DataFrame({"id": ["a"], "imprint": ["7"], "other": ["x"]})
    assert check_table(table, raw).unknown_columns == ("other",)


def test_a_line_without_a_surname_stands_for_a_gate_to_judge():
    lines = check_table(LINES, pl.DataFrame({"line_id": ["1"], "surname": [None]}))
    assert lines.rows.height == 1


def test_a_table_may_have_columns_called_row_and_code_of_its_own():
    raw = things(id=["a", "a"], row=["1", "2"], code=["x", "y"])
    aside = check_table(THINGS, raw).set_aside.select("row", "their_row", "their_code", "code")
    assert aside.row(0) == (2, "2", "y", "repeated")
