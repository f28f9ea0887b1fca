"""Several questions share the cards that they can."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referendum.audit.cards import Box, pull_list
from referendum.core.errors import InputError

BOXES = [
    Box("School", 40, frozenset({"A", "B"})),
    Box("Hall", 25, frozenset({"A"})),
    Box("Church", 35, frozenset({"A", "B"})),
]


@given(st.integers(0, 100), st.integers(0, 75), st.text("0123456789", min_size=1, max_size=20))
def test_every_question_gets_its_cards_and_they_are_shared(a, b, seed):
    pulled = pull_list(BOXES, {"A": a, "B": b}, seed)
    assert sum("A" in one.questions for one in pulled) == a
    assert sum("B" in one.questions for one in pulled) == b
    assert all(one.box != "Hall" for one in pulled if "B" in one.questions)
    assert len({(one.box, one.position) for one in pulled}) == len(pulled)
    larger = pull_list(BOXES, {"A": 100, "B": b}, seed)
    places = {(one.box, one.position) for one in larger}
    assert {(one.box, one.position) for one in pulled} <= places


def test_two_questions_of_all_boxes_draw_the_same_cards():
    boxes = [Box("School", 50, frozenset({"A", "B"})), Box("Hall", 50, frozenset({"A", "B"}))]
    assert len(pull_list(boxes, {"A": 20, "B": 30}, "7")) == 30


def test_a_ticket_can_be_worked_out_by_hand():
    pulled = pull_list(BOXES, {"A": 100}, "31415")
    hall = next(one for one in pulled if (one.box, one.position) == ("Hall", 3))
    assert hall.ticket == hashlib.sha256(b"31415,43").hexdigest()


def test_the_list_goes_by_box_and_position():
    pulled = pull_list(BOXES, {"A": 30}, "5")
    order = [box.name for box in BOXES]
    keys = [(order.index(one.box), one.position) for one in pulled]
    assert keys == sorted(keys)


@pytest.mark.parametrize("sizes", [{"B": 76}, {"C": 1}])
def test_more_cards_than_a_question_has_are_refused(sizes):
    with pytest.raises(InputError, match="to be drawn of"):
        pull_list(BOXES, sizes, "1")
