"""The exact lower bound, against brute force and against its promise."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referendum.core.errors import InputError
from referendum.law.bounds import lower_bound

LEVEL = Fraction(95, 100)


def chance_of_at_least(valid, marked, universe, drawn):
    ways = sum(
        comb(marked, hit) * comb(universe - marked, drawn - hit) for hit in range(valid, drawn + 1)
    )
    return Fraction(ways, comb(universe, drawn))


@st.composite
def samples(draw):
    universe = draw(st.integers(1, 40))
    drawn = draw(st.integers(1, universe))
    return universe, drawn, draw(st.integers(0, drawn))


@given(samples(), st.sampled_from([Fraction(1, 2), LEVEL, Fraction(999, 1000)]))
def test_the_bound_is_the_smallest_number_that_stays_plausible(sample, level):
    universe, drawn, valid = sample
    possible = range(valid, universe - (drawn - valid) + 1)
    plausible = [m for m in possible if chance_of_at_least(valid, m, universe, drawn) > 1 - level]
    assert lower_bound(universe, drawn, valid, level) == plausible[0]


@pytest.mark.parametrize(("universe", "drawn"), [(30, 6), (57, 20), (80, 79)])
def test_the_bound_exceeds_the_truth_at_most_one_time_in_twenty(universe, drawn):
    """Coverage, computed exactly for every possible truth: no simulation error."""
    bounds = [lower_bound(universe, drawn, valid, LEVEL) for valid in range(drawn + 1)]
    for truth in range(universe + 1):
        wrong = sum(
            comb(truth, valid) * comb(universe - truth, drawn - valid)
            for valid in range(drawn + 1)
            if bounds[valid] > truth
        )
        assert Fraction(wrong, comb(universe, drawn)) <= 1 - LEVEL


def test_a_full_check_leaves_no_doubt():
    assert lower_bound(500, 500, 321, LEVEL) == 321


def test_a_province_is_quick_and_exact():
    assert lower_bound(280_000, 3_000, 2_600, LEVEL) == 239_704


@pytest.mark.parametrize(("universe", "drawn", "valid"), [(10, 11, 1), (10, 5, 6), (10, 5, -1)])
def test_counts_that_cannot_be_are_refused(universe, drawn, valid):
    with pytest.raises(InputError):
        lower_bound(universe, drawn, valid, LEVEL)
