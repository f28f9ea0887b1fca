"""Exact numbers of law and their rounding."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referendum.core.errors import LawError
from referendum.core.exact import percent, read_fraction, round_by_rule

fractions = st.fractions(min_value=0, max_value=10**9, max_denominator=10**6)


@given(fractions)
def test_roundings_differ_by_less_than_one(number):
    down, nearest, up = (round_by_rule(number, how) for how in ("down", "nearest", "up"))
    assert down <= nearest <= up <= down + 1
    assert down <= number <= up
    assert abs(nearest - number) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("number", "how", "expected"),
    [("1/2", "nearest", 1), ("3/2", "nearest", 2), ("5/2", "nearest", 3), ("7", "up", 7)],
)
def test_a_half_goes_up_and_a_whole_stays(number, how, expected):
    assert round_by_rule(read_fraction(number), how) == expected


def test_an_unknown_rounding_is_an_error_of_law():
    with pytest.raises(LawError, match="bankers"):
        round_by_rule(Fraction(1), "bankers")


@pytest.mark.parametrize("text", ["", "ten", "1/0", "1//2"])
def test_what_is_no_number_is_an_error_of_law(text):
    with pytest.raises(LawError):
        read_fraction(text)


@pytest.mark.parametrize(
    ("number", "places", "text"),
    [
        (Fraction(1, 8), 2, "12.50%"),
        (Fraction(2, 3), 1, "66.7%"),
        (Fraction(999, 1000), 0, "100%"),
        (Fraction(-1, 1000), 2, "-0.10%"),
        (Fraction(0), 2, "0.00%"),
    ],
)
def test_percentages_are_rounded_half_up(number, places, text):
    assert percent(number, places) == text
