"""Lines that lead to electors never outnumber them."""

from datetime import date
from itertools import permutations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from test_matching import electors, lines, outcomes

from referendum.matching import match_lines, match_parts
from referendum.matching.assignment import find_unassigned_lines
from referendum.matching.parts import ROW

BORN = {"birth_date": date(1980, 2, 3)}
GIVEN = ("Anton", "Anna")


def door(number, given_names):
    """Someone at a door of its own."""
    code = f"T{number % 10}A{number // 10 % 10}B{number // 100 % 10}"
    surname = f"Varn{'abcdefghij'[number % 10]}{'klmnopqrst'[number // 10 % 10]}"
    home = {"street_number": str(number), "street": "Lake St", "postal_code": code}
    return {"given_names": given_names, "surname": surname, **home}


def test_a_third_line_at_a_door_of_two_is_a_repeat_whatever_it_says():
    thirds = ["A.", "A", "Anton", "An"] * 10
    two = [door(n, name) for n in range(40) for name in GIVEN]
    three = [door(n, name) for n in range(40) for name in (*GIVEN, thirds[n])]
    matches = match_lines(lines(*three), electors(*two))
    counted = matches.filter(pl.col("outcome") != "repeat")
    assert counted.height == 80
    assert (
        matches.filter(pl.col("outcome") == "repeat")["repeat_of"]
        .is_in(counted["serial"].implode())
        .all()
    )


def test_open_lines_count_while_an_elector_is_free():
    two = [door(1, "Anton"), door(1, "Anna")]
    asked = [door(1, "A."), door(1, "A."), door(1, "A.")]
    assert outcomes(match_lines(lines(*asked), electors(*two))) == ["listed", "listed", "repeat"]
    one_sure = [door(1, "A."), door(1, "A."), door(1, "Anna")]
    matches = match_lines(lines(*one_sure), electors(*two))
    assert outcomes(matches) == ["listed", "repeat", "listed"]


def test_namesakes_everywhere_sign_no_more_often_than_there_are_of_them():
    many = [{**door(n, "John"), "surname": "Smith"} for n in range(30)]
    nowhere = {"street_number": None, "street": None, "postal_code": None}
    signed = [{**door(n, "John"), "surname": "Smith", **nowhere} for n in range(90)]
    matches = match_lines(lines(*signed), electors(*many))
    assert matches.filter(pl.col("outcome") == "listed").height <= 30


def test_a_capped_name_and_nothing_else_is_for_people_to_decide():
    many = [{**door(n, "John"), "surname": "Smith"} for n in range(100)]
    others = [door(n, f"Ida{'abcdefghij'[n // 100]}") for n in range(900)]
    nowhere = {"street_number": None, "street": None, "postal_code": None}
    signed = [{"given_names": "John", "surname": "Smith", **nowhere}] * 150
    matches = match_lines(lines(*signed, *others), electors(*many, *others))
    assert outcomes(matches)[:150] == ["unsure"] * 150


def test_one_person_under_two_numbers_is_one_listed_line():
    twice, signed = electors(BORN, BORN), lines(BORN, BORN)
    assert outcomes(match_lines(signed, twice)) == ["listed", "repeat"]
    assert outcomes(match_lines(signed[:1], twice)) == ["listed"]


def test_parts_of_a_list_assign_lines_as_the_whole_does():
    two = electors(*[door(n, name) for n in range(20) for name in GIVEN])
    three = lines(*[door(n, name) for n in range(20) for name in (*GIVEN, "A.")])
    numbered = two.with_row_index(ROW).cast({ROW: pl.Int64})

    def run(function, more):
        return [function(numbered[start::3], *more) for start in range(3)]

    apart = match_parts(three, run, two.height)
    assert outcomes(apart) == outcomes(match_lines(three, two))


SIGNERS = st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=4, unique=True), max_size=7)


def can_all_be_assigned(options):
    """Whether each of these lines can have an elector of its own."""
    return not options or any(
        all(elector in own for elector, own in zip(order, options, strict=False))
        for order in permutations(range(6), len(options))
    )


@given(SIGNERS)
def test_the_first_lines_that_can_be_assigned_together_are(options):
    ties = list(enumerate(options))
    unassigned = find_unassigned_lines(ties, {})
    assigned = []
    for line, own in ties:
        fits = len(assigned) < 6 and can_all_be_assigned([*assigned, own])
        assert (line not in unassigned) == fits
        assigned += [own] if fits else []
    assert all(holder not in unassigned for holder in unassigned.values())
