"""Samples: several questions share the cards that they can, and each has a sample of its own."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referendum.audit.samples import Box, Sample, SampleRequest, draw_cards, plan_samples
from referendum.core.errors import InputError
from referendum.law import Tally


def box(question, place, cards, kind="all"):
    return Box(question, kind, ("R", "D", place), Tally(cards, 0, 0), cards)


BOXES = [
    box("A", "School", 40),
    box("A", "Hall", 25),
    box("A", "Church", 35),
    box("B", "School", 40),
    box("B", "Church", 35),
]
A, B = Sample(("A",), "*"), Sample(("B",), "*")


def drawn(a, b, seed, taken=()):
    return draw_cards(seed, BOXES, [SampleRequest(A, a, taken), SampleRequest(B, b)])


@given(st.integers(0, 100), st.integers(0, 75), st.text("0123456789", min_size=1, max_size=20))
def test_every_question_gets_its_cards_and_they_are_shared(a, b, seed):
    of_a, of_b = drawn(a, b, seed)
    assert (len(of_a), len(of_b)) == (a, b)
    assert len(set(of_a)) == a
    assert all(place[2] != "Hall" for place, _ in of_b)
    assert all(1 <= card <= {"School": 40, "Hall": 25, "Church": 35}[p[2]] for p, card in of_a)
    more, same = drawn(100, b, seed)
    assert more[:a] == of_a
    assert same == of_b
    in_both = [card for card in more if card[0][2] != "Hall"]
    assert in_both[:b] == of_b


def test_two_questions_of_the_same_boxes_draw_the_same_cards():
    boxes = [box(question, place, 50) for question in "AB" for place in ("School", "Hall")]
    of_a, of_b = draw_cards("7", boxes, [SampleRequest(A, 20), SampleRequest(B, 30)])
    assert of_b[:20] == of_a


def test_the_first_card_can_be_worked_out_by_hand():
    number = int(hashlib.sha256(b"31415,1").hexdigest(), 16) % 100
    ((place, card), *_), _ = drawn(1, 0, "31415")
    starts = {"School": 0, "Hall": 40, "Church": 65}
    assert starts[place[2]] + card - 1 == number


def test_cards_of_earlier_rounds_are_passed_over():
    first, _ = drawn(30, 0, "1")
    second, _ = drawn(70, 0, "2", first)
    assert len({*first, *second}) == 100


def test_each_card_of_a_question_is_as_likely_as_another():
    # 4,000 draws of 5 of the 75 cards of B: each card 267 times, give or take 5 standard errors.
    times = np.zeros(76)
    for seed in range(4_000):
        _, of_b = drawn(30, 5, str(seed))
        for place, card in of_b:
            times[card + (40 if place[2] == "Church" else 0)] += 1
    assert np.abs(times[1:] - 20_000 / 75).max() < 5 * (20_000 / 75) ** 0.5


@pytest.mark.parametrize("sizes", [(101, 1), (1, 76)])
def test_more_cards_than_a_question_has_are_refused(sizes):
    with pytest.raises(InputError, match="cannot be drawn of"):
        drawn(*sizes, "1")


def test_samples_are_called_by_what_they_are_of():
    boxes = [
        Box(question, kind, (region, "D", f"P {kind}"), Tally(5, 4, 0), 9)
        for question in "AB"
        for kind in ("ordinary", "postal", "special")
        for region in ("NSW", "VIC")
    ]
    several = [("A", "*"), ("B", "*"), ("B", "NSW")]

    def names(scopes, **options):
        return [one.name for one in plan_samples(scopes, boxes, **options)]

    assert names(several) == ["A", "B", "B/NSW"]
    assert names([("A", "*"), ("A", "VIC")]) == ["*", "VIC"]
    assert names(several, jointly=True) == ["*", "NSW"]
    strata = (("postal",), ("ordinary", "special"))
    assert names([("A", "*"), ("A", "NSW")], strata=strata) == [
        "postal", "ordinary+special", "NSW/postal", "NSW/ordinary+special",
    ]  # fmt: skip
    assert names([("A", "*")], strata=(("post",), ("ordinary", "special"))) == ["ordinary+special"]
