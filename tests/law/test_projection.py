"""Statutory estimators: identities, monotony, the checker's own arithmetic, and errors."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from referendum.core.errors import InputError, LawError
from referendum.law import CheckedSample, versions
from referendum.law.model import Projection, Value
from referendum.law.projection import FORMULAS, goodman_linear, project


def value(inner):
    return Value(inner, "made up for a test", "general")


def rule(formula, **more):
    return Projection(formula=value(formula), **{name: value(one) for name, one in more.items()})


RULES = {
    "expansion": rule("expansion"),
    "expansion_less_pairs": versions("us-ca/initiative-and-referendum")[-1].projection,
    "both_deductions": rule("both_deductions"),
    "acceptance": versions("us-wa/initiative-and-referendum")[-1].projection,
    "assumed_repeats": rule("assumed_repeats", quantile="1.645", assumed_repeats="8/100"),
    "pairs_with_error": versions("nz/citizens-initiated-referenda-act")[-1].projection,
    "exact_bound": versions("ca-ab/citizen-initiative-act")[-1].projection,
    "interval": rule("interval", margin="3/100"),
}


@st.composite
def samples(draw, most=400_000):
    lines = draw(st.integers(100, most))
    drawn = draw(st.integers(10, min(lines, 2_000)))
    with_copies = draw(st.integers(1, drawn))
    second = draw(st.integers(0, min(with_copies // 2, 30)))
    third = draw(st.integers(0, min(second, (with_copies - 2 * second))))
    return CheckedSample(lines, drawn, with_copies - second - third, (second, third))


def better(sample):
    """One invalid line of the sample found valid instead."""
    assume(sample.invalid > 0)
    return CheckedSample(sample.lines, sample.drawn, sample.valid + 1, sample.copies)


def test_every_formula_that_a_statute_can_name_is_tested_here():
    assert set(RULES) | {"every_line"} == set(FORMULAS)


@pytest.mark.parametrize("formula", sorted(set(RULES) - {"pairs_with_error"}))
@given(samples(most=20_000), st.integers(1, 20_000))
def test_one_more_valid_line_never_lowers_what_is_compared(formula, sample, required):
    less = project(RULES[formula], sample, required).numbers["compared"]
    more = project(RULES[formula], better(sample), required).numbers["compared"]
    assert less <= more


@given(samples(), st.integers(1, 400_000))
def test_one_more_valid_line_never_lowers_the_best_estimate_of_new_zealand(sample, required):
    """The upper bound may fall: a share nearer to one is estimated with a smaller error."""
    assume(sample.drawn < sample.lines)
    rule = RULES["pairs_with_error"]
    less, more = (project(rule, one, required) for one in (sample, better(sample)))
    assert less.numbers["best_estimate"] <= more.numbers["best_estimate"]


@given(samples())
def test_california_is_the_pair_estimator_but_for_its_roundings(sample):
    """K y - k (k - 1) d, with y the valid lines and their copies."""
    assume(sample.drawn < sample.lines)
    copies = sum(sample.copies)
    k = sample.expansion_factor
    plain = k * sample.valid_lines - k * (k - 1) * copies
    projected = project(RULES["expansion_less_pairs"], sample, 1).numbers["projected_valid"]
    assert abs(projected - plain) <= 2 + Fraction(sample.lines, 20_000) + copies * k / 5_000


@given(samples(), st.integers(1, 400_000))
def test_washington_accepts_exactly_the_requirements_up_to_the_number_compared(sample, required):
    assume(sample.drawn < sample.lines)
    numbers = project(RULES["acceptance"], sample, required).numbers
    accepted = numbers["pairs"] <= numbers["acceptable_pairs"]
    assert accepted == (required <= numbers["compared"])


def test_washingtons_published_error_rate_is_californias_rule_on_lines_without_copies():
    """N (1 - x/n - d k^2/N) = k y - k^2 d: the identity of the two published forms."""
    sample = CheckedSample(328_632, 10_012, 8_961, (13,))
    rate = project(RULES["acceptance"], sample, 241_153).numbers["error_rate"]
    k = sample.expansion_factor
    assert sample.lines * (1 - rate) == k * sample.valid_lines - k**2 * 13


@pytest.mark.parametrize(("pairs", "enough"), [(36, True), (37, False)])
def test_initiative_1125_could_have_borne_36_pairs(pairs, enough):
    sample = CheckedSample(328_632, 10_012, 8_974 - pairs, (pairs,))
    numbers = project(RULES["acceptance"], sample, 241_153).numbers
    assert (numbers["compared"] >= 241_153) is enough


def test_goodmans_coefficients_are_the_printed_ones():
    k = Fraction(20)

    def one(*counts):
        sample = CheckedSample(20 * sum(counts), sum(counts), counts[0], counts[1:])
        return goodman_linear(sample, RULES["expansion"]).numbers["compared"]

    assert one(1) == k
    assert one(1, 1) == 2 * k - k**2
    assert one(1, 1, 1) == 3 * k - 3 * k**2 + k**3


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
                sample = CheckedSample(lines, drawn, rest + one + both, (both,))
                total += ways * goodman_linear(sample, RULES["expansion"]).numbers["compared"]
    assert abs(total / comb(lines, drawn) - (lines - pairs)) < Fraction(1, 2)


@pytest.mark.parametrize("formula", RULES)
def test_a_check_of_every_line_projects_nothing(formula):
    sample = CheckedSample(499, 499, 330, (7, 1))
    assert project(RULES[formula], sample, 300).numbers == {"compared": 330}


def test_pairs_in_a_triple_are_three():
    sample = CheckedSample(1_000, 100, 80, (5, 2))
    assert sample.frequencies == {1: 75, 2: 3, 3: 2}
    assert sample.pairs == 3 + 3 * 2


def test_a_statute_that_checks_every_line_projects_no_sample():
    with pytest.raises(LawError, match="every line"):
        project(rule("every_line"), CheckedSample(100, 50, 40), 30)


def test_a_formula_without_its_number_says_that_it_is_not_known():
    with pytest.raises(LawError, match="not known"):
        project(rule("interval"), CheckedSample(100, 50, 40), 30)


@pytest.mark.parametrize(
    "counts",
    [(10, 11, 1), (10, 0, 0), (10, 5, 6), (10, 5, 3, (4,)), (10, 5, 3, (1, 2)), (10, 5, 4, (2,))],
)
def test_samples_that_cannot_be_are_refused(counts):
    with pytest.raises(InputError):
        CheckedSample(*counts)
