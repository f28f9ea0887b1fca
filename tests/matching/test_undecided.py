"""Lines that people decide on make no other line a repeat, and none listed."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from test_matching import electors, lines, outcomes

from referendum.matching import match_lines
from referendum.matching.assignment import find_unassigned_lines

BLURRED = ("illegible", "?", "[illisible]", "unleserlich")
PLAIN = (None, "-", "N/A", "no given name")
HOME = ({"given_names": None}, {"given_names": "Budi"}, {"given_names": "Bella"})
WRITTEN = (*BLURRED[:2], *PLAIN[:2], "B.", "Bu", "Budi", "Bella")


def suhartos(given_names):
    return [{"given_names": name, "surname": "Suharto"} for name in given_names]


@settings(max_examples=25)
@given(st.lists(st.sampled_from(BLURRED + PLAIN), min_size=1, max_size=5))
def test_a_name_beside_a_single_one_that_cannot_be_read_is_for_people(written):
    found = match_lines(lines(*suhartos(written)), electors(*suhartos([None])))
    plain = [place for place, name in enumerate(written) if name in PLAIN]
    if plain:
        expected = ["listed" if place == plain[0] else "repeat" for place in range(len(written))]
    else:
        expected = ["unsure"] * len(written)
    assert outcomes(found) == expected


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from(WRITTEN), min_size=1, max_size=7),
    st.lists(st.sampled_from(range(3)), min_size=1, max_size=3, unique=True),
)
def test_no_line_is_a_repeat_by_way_of_one_that_people_decide_on(written, listed):
    people = electors(*suhartos(HOME[place]["given_names"] for place in listed))
    found = match_lines(lines(*suhartos(written)), people)
    outcome = dict(found.select("serial", "outcome").rows())
    repeats = found.filter(pl.col("outcome") == "repeat")
    assert all(outcome[first] in {"listed", "not_listed"} for first in repeats["repeat_of"])
    sitting = found.filter(pl.col("outcome") == "listed").height
    owned = found.filter(pl.col("outcome") == "unsure")["elector_id"].drop_nulls().unique()
    have = found.filter(pl.col("outcome") == "listed")["elector_id"].drop_nulls()
    assert sitting + owned.filter(~owned.is_in(have.implode())).len() <= people.height


def test_a_line_that_people_decide_on_does_not_make_a_whole_one_a_repeat():
    whole = {"given_names": "Ada Marie", "surname": "Cardinal"}
    found = match_lines(lines({**whole, "given_names": None}, whole), electors(whole))
    assert outcomes(found) == ["repeat", "listed"]
    assert found["repeat_of"].to_list() == [2, None]


SEATS = st.lists(st.integers(0, 4), min_size=1, max_size=3, unique=True)


@given(st.lists(SEATS, max_size=5), st.lists(SEATS, max_size=4), st.sets(st.integers(0, 4)))
def test_those_who_ask_take_no_seat_and_leave_others_as_they_are(ties, asking, taken):
    sure = {seat: 100 + seat for seat in taken}
    listed = list(enumerate(ties))
    alone = find_unassigned_lines(listed, sure)
    asked = [(50 + n, own) for n, own in enumerate(asking)]
    together = find_unassigned_lines(listed, sure, asked)
    assert {line: of for line, of in together.items() if line < 50} == alone
    for serial, own in asked:
        by_itself = find_unassigned_lines([*listed, (serial, own)], sure)
        assert (serial in together) == (serial in by_itself)
    assert not any(50 <= holder < 100 for holder in together.values())
