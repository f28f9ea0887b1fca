"""Returns with one thing off each, as published tables of other places had them."""

import pytest
from test_unsettled import PLAIN, TAIWAN, Vote, table

from referendum.core.errors import InputError

GOOD = "A,D1,P1,100,90,1,191"


@pytest.mark.parametrize(
    ("row", "code", "ballots"),
    [
        ("A,D1,P2,50,70,1,122", "does_not_add_up", "122"),
        ("A,D1,P2,50,70,,120", "missing", "120"),  # a blank for a zero
        ("A,D1,P2,,50,70,1", "missing", None),  # a blank that shifts the numbers
        ("A,D1,P3,-5,70,1,66", "negative", None),
        (GOOD, "repeated", "0"),
        ("a,d1,p1 ,100,90,1,191", "repeated", "0"),
        ("A,D1,P–1,100,90,1,191", "repeated", "0"),
        ("A,D1,P 4,100.0,90,1,191", "", ""),
    ],
)
def test_a_row_is_set_aside_with_its_reason_and_told_or_read(tmp_path, row, code, ballots):
    made = Vote(tmp_path, PLAIN)
    _, result = made.result(table(GOOD, row))
    assert [one[1:] for one in made.aside()] == ([(code, ballots)] if code else [])
    assert result["questions"][0]["total"] == (191 if code else 382)


def test_every_row_of_a_table_that_is_off_in_all_ways_is_told(tmp_path):
    made = Vote(tmp_path, PLAIN)
    facts, result = made.result(
        table(GOOD, "A,D1,P2,50,70,1,122", "A,D1,P3,-5,70,1,66", GOOD, "a,d1,p1 ,100,90,1,191",
              "A,D1,P 4,100.0,90,1,191")
    )  # fmt: skip
    assert (facts["yes"], facts["no"], facts["carried"]) == (200, 180, None)
    assert result["questions"][0]["total"] == 382
    assert [one[1] for one in made.aside()] == [
        "does_not_add_up", "negative", "repeated", "repeated"
    ]  # fmt: skip


def test_where_nothing_adds_up_it_is_said_where_to_look(tmp_path):
    made = Vote(tmp_path, PLAIN)
    made.receive(table("A,D1,P2,50,70,1,122", "A,D1,P3,50,70,,120"))
    with pytest.raises(InputError, match="nothing to count") as refused:
        made.declare()
    assert "referendum faults RECORD returns" in refused.value.hint


@pytest.mark.parametrize(("one", "other"), [("02", "2"), ("2A", "02a"), ("W-02", "W 2")])
def test_electors_are_joined_whatever_the_zeros_of_a_code(tmp_path, one, other):
    electors = f"region,district,electors\nTW,{other},150\n"
    facts, result = Vote(tmp_path, TAIWAN).result(table(f"TW,{one},P,60,40,0,100"), electors)
    assert (facts["carried"], result["questions"][0]["electors"]) == (True, 150)
