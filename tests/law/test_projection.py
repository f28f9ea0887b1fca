"""Statutory estimators: identities, monotony, and errors."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referendum.core.errors import InputError
from referendum.law.projection import (
    arizona,
    california,
    colorado,
    goodman,
    interval,
    michigan,
    oregon_first_sample,
    washington,
)

BAND = (Fraction(9, 10), Fraction(11, 10))


@st.composite
def samples(draw):
    lines = draw(st.integers(100, 400_000))
    drawn = draw(st.integers(10, min(lines, 20_000)))
    return lines, drawn, draw(st.integers(0, drawn - 1))


@given(samples(), st.integers(1, 400_000))
def test_one_more_valid_line_never_lowers_a_projection_or_worsens_a_decision(sample, required):
    lines, drawn, valid = sample
    order = ["insufficient", "check every line", "sufficient"]
    less, more = (colorado(lines, drawn, v, required, BAND) for v in (valid, valid + 1))
    assert order.index(less.decision) <= order.index(more.decision)
    for rule in (
        lambda v: colorado(lines, drawn, v, required, BAND).numbers["projected_valid"],
        lambda v: michigan(lines, drawn, v, required).numbers["projected_valid"],
        lambda v: california(lines, drawn, v, 0).numbers["projected_valid"],
        lambda v: arizona(lines, drawn, drawn - v).numbers["projected_valid"],
    ):
        assert rule(valid) <= rule(valid + 1)


@given(samples(), st.integers(0, 20))
def test_california_is_k_v_less_k_k_minus_1_per_copy_but_for_its_roundings(sample, copies):
    lines, drawn, valid = sample
    factor = Fraction(lines, drawn)
    plain = factor * valid - copies * factor * (factor - 1)
    projected = california(lines, drawn, valid, copies).numbers["projected_valid"]
    assert abs(projected - plain) <= 2 + Fraction(lines, 20_000) + copies * factor / 5_000


def test_goodmans_coefficients_are_the_printed_ones():
    k = Fraction(20)
    assert goodman(20, 1, {1: 1}) == k
    assert goodman(20, 1, {2: 1}) == 2 * k - k**2
    assert goodman(20, 1, {3: 1}) == 3 * k - 3 * k**2 + k**3


@pytest.mark.parametrize(("lines", "drawn"), [(12, 4), (20, 10)])
def test_goodman_is_nearly_unbiased_where_few_signed_twice(lines, drawn):
    """Worked out over every sample: singles and two pairs; the formula is the one for a large N."""
    pairs, total = 2, Fraction(0)
    singles = lines - 2 * pairs
    for both in range(pairs + 1):
        for one in range(pairs - both + 1):
            rest = drawn - 2 * both - one
            if 0 <= rest <= singles:
                ways = comb(pairs, both) * comb(pairs - both, one) * 2**one * comb(singles, rest)
                total += ways * goodman(lines, drawn, {1: rest + one, 2: both})
    assert abs(total / comb(lines, drawn) - (lines - pairs)) < Fraction(1, 2)


def test_a_sample_of_everything_estimates_nothing():
    assert goodman(9, 9, {1: 5, 2: 2}) == 7
    assert michigan(100, 100, 70, 60).numbers["projected_valid"] == 70


@pytest.mark.parametrize(("pairs", "word"), [(36, "certified"), (37, "check every line")])
def test_washington_accepts_up_to_its_acceptable_number_of_pairs(pairs, word):
    assert washington(328_632, 10_012, 1_038, pairs, 241_153).decision == word


def test_washington_checks_every_line_when_no_pair_could_be_borne():
    assert washington(100_000, 3_000, 600, 0, 99_000).decision == "check every line"


def test_oregon_never_rejects_on_the_first_sample():
    worked = oregon_first_sample(152_127, 1_000, 500, Fraction(8, 100), 100_840)
    assert worked.decision == "draw a second sample"


def test_an_interval_fails_only_when_its_upper_end_is_below():
    confirmed, margin = Fraction(874, 1000), Fraction(3, 100)
    assert interval(20_072, confirmed, margin, 18_146).decision == "insufficient"
    assert interval(20_072, confirmed, margin, 18_145).decision == "not shown insufficient"


@pytest.mark.parametrize(("lines", "drawn", "valid"), [(10, 11, 1), (10, 0, 0), (10, 5, 6)])
def test_samples_that_cannot_be_are_refused(lines, drawn, valid):
    with pytest.raises(InputError):
        michigan(lines, drawn, valid, 1)
