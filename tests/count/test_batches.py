"""Arlo's two tables, read as forms."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referendum.core.errors import InputError
from referendum.count import ChoiceColumns, Entry, join_batches, reconcile_forms

XY = ChoiceColumns("X", ("Y",))


def batches(**columns):
    return pl.DataFrame({name: list(map(str, column)) for name, column in columns.items()})


def manifest(*names, ballots=None):
    return batches(**{"Batch Name": names, "Number of Ballots": ballots or [10] * len(names)})


def totals(*names, **columns):
    return batches(**{"Batch Name": names}, **columns)


def test_arlos_tables_are_joined_and_a_batch_that_one_lacks_is_set_aside():
    ballots = manifest("A", "B", "C", ballots=[10, 20, 5])
    votes = totals("A", "B", "D", X=[6, 25, 1], Y=[2, 0, 1], Z=[1, 0, 0])
    found = join_batches(ballots, votes, ChoiceColumns("X", ("Y", "Z")), "County")
    assert found.notes[0] == "batches in one of the two files only: 2 (C, D)"
    counted = reconcile_forms(Entry(found.forms))
    assert counted.returns.select("place", "yes", "no", "informal").rows() == [("A", 6, 3, 1)]
    told = counted.set_aside.select("place", "column", "code").rows()
    assert told == [
        ("B", "informal", "negative"),
        ("C", "no", "missing"),
        ("D", "total", "missing"),
    ]


@pytest.mark.parametrize(
    ("votes", "columns", "told"),
    [
        (totals("A", X=[1]), XY, "needs the column Y"),
        (totals("A", X=[1], Y=["?"]), XY, r"Y: not_a_number \('\?'\)"),
        (totals("A", "A", X=[1, 1], Y=[1, 1]), XY, "repeated"),
        (totals("A", X=[1], Y=[1]), ChoiceColumns("X", ("X",)), "X is named twice"),
        (totals("A", X=[1], Y=[1]), ChoiceColumns("X", ("Y", "Y")), "Y is named twice"),
        (totals("A", X=[1], Y=[1]), ChoiceColumns("X", ("Y",), ("X",)), "X is named twice"),
        (totals("A", X=[1], Y=[1], Other=[7]), XY, "count as: Other"),
        (
            totals("A", X=[1], Y=[1]),
            ChoiceColumns("X", ("Batch Name",)),
            "'Batch Name' holds no votes",
        ),
        (totals("A", X=[1], Y=[1]), ChoiceColumns("", ("Y",)), "'' holds no votes"),
        (
            totals("A", X=[1], Y=[1], Total=[2]),
            ChoiceColumns("X", ("Y",), ("Total",)),
            "sum of others",
        ),
        (totals("B1", "b 1", X=[1, 1], Y=[1, 1]), XY, "Batch Name: repeated"),
        (totals("A", "B", "Total", X=[1, 2, 3], Y=[4, 5, 9]), XY, "Total is a sum"),
        (totals("A", "B", "County", X=[1, 2, 3], Y=[4, 5, 9]), XY, "County is a sum"),
    ],
)
def test_a_table_of_batches_that_cannot_be_used_is_refused(votes, columns, told):
    with pytest.raises(InputError, match=told):
        join_batches(manifest("A"), votes, columns, "County")


def test_columns_and_numbers_are_read_as_they_are_written():
    ballots = manifest("A", "B", ballots=["1,200", " 300 "])
    votes = batches(**{"Batch Name": ["a", "b"], "Yes": ["700.0", "150"], "No": ["450", "140"]})
    found = join_batches(ballots, votes, ChoiceColumns("Yes", ("No",)), "County")
    assert found.forms.select("place", "yes", "no", "informal").rows() == [
        ("A", 700, 450, 50),
        ("B", 150, 140, 10),
    ]


def test_a_sum_in_the_manifest_is_refused():
    with pytest.raises(InputError, match="TOTAL is a sum"):
        join_batches(manifest("A", "TOTAL"), totals("A", X=[1], Y=[1]), XY, "County")


def test_a_third_column_counts_for_neither_if_the_office_says_so():
    votes = totals("A", "B", X=[6, 1], Y=[3, 1], Other=[1, 9])
    found = join_batches(
        manifest("A", "B"), votes, ChoiceColumns("X", ("Y",), ("Other",)), "County"
    )
    crowded = "batches with more votes than ballots, whose forms will be set aside: B"
    assert found.notes == ("votes that count for neither, of Other: 10", crowded)
    counted = reconcile_forms(Entry(found.forms))
    assert counted.returns.select("place", "informal").rows() == [("A", 1)]
    # B has more votes for others than ballots that are left.
    assert counted.set_aside["place"].to_list() == ["B"]


def test_names_that_differ_in_case_or_blanks_are_one_batch():
    found = join_batches(manifest("B 1"), totals("b1", X=[6], Y=[3]), XY, "County")
    assert found.forms.select("place", "yes", "total").rows() == [("B 1", 6, 10)]
    assert not found.notes


def test_files_of_two_jurisdictions_are_refused():
    with pytest.raises(InputError, match="no batch is in both files"):
        join_batches(manifest("A", "B"), totals("C", X=[6], Y=[3]), XY, "County")


CELLS = st.sampled_from(
    ["A", "a ", "B", "Total", "", "1", "1,200", "-3", "2.0", "x", "9" * 30, "é"]
)


@settings(max_examples=150, deadline=None)
@given(
    names=st.lists(CELLS, max_size=5),
    ballots=st.lists(CELLS, min_size=5, max_size=5),
    votes=st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=5),
    columns=st.lists(st.sampled_from(["X", "Y", "Batch Name", "Z"]), min_size=3, max_size=3),
    chosen=st.builds(
        ChoiceColumns,
        st.sampled_from(["X", "Y", "Z", "Total", ""]),
        st.lists(st.sampled_from(["X", "Y", "Batch Name"]), max_size=2),
        st.lists(st.sampled_from(["Z", "Y"]), max_size=1),
    ),
)
def test_any_two_tables_are_read_or_refused(names, ballots, votes, columns, chosen):
    first = batches(**{"Batch Name": names, "Number of Ballots": ballots[: len(names)]})
    second = batches(
        **{name: [row[n] for row in votes] for n, name in enumerate(dict.fromkeys(columns))}
    )
    try:
        found = join_batches(first, second, chosen, "County")
    except InputError:
        return
    assert found.forms["place"].is_unique().all()
