"""Decisions and the arithmetic that they carry."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referendum.core.errors import InputError, OrderError
from referendum.sufficiency import (
    Gated,
    Rule,
    Sample,
    decide_by_preliminary_count,
    decide_by_sample,
)

GATED = Gated(lines=1_000, rejected={"date_missing": 60, "name_missing": 40})
SAMPLE = Sample(repeats=100, valid=80, invalid={"not_listed": 20})


def rule(compare="lower_bound"):
    return Rule(compare, "down", Fraction(95, 100))


def test_repeats_are_taken_out_in_full_and_validity_is_projected():
    decision = decide_by_sample(GATED, SAMPLE, rule("projection"), required=640)
    assert decision.arithmetic["universe"] == 800
    assert decision.arithmetic["projection"]["rounded"] == 640
    assert decision.sufficient


def test_the_lower_bound_is_below_the_projection_and_can_fail_where_that_passes():
    decision = decide_by_sample(GATED, SAMPLE, rule("lower_bound"), required=640)
    assert decision.compared < 640
    assert not decision.sufficient


@given(st.integers(0, 900))
def test_sufficient_exactly_when_the_number_reaches_the_requirement(required):
    decision = decide_by_sample(GATED, SAMPLE, rule(), required)
    assert decision.sufficient == (decision.compared >= required)
    assert decision.arithmetic["decision"] == (
        "sufficient" if decision.sufficient else "insufficient"
    )


def test_too_few_lines_fail_at_the_preliminary_count():
    decision = decide_by_preliminary_count(GATED, required=901)
    assert not decision.sufficient
    assert decision.compared == 900


def test_enough_lines_are_not_enough_to_succeed_at_the_preliminary_count():
    with pytest.raises(OrderError, match="does not decide"):
        decide_by_preliminary_count(GATED, required=900)


def test_the_school_funding_petition_of_2026_stopped_at_the_preliminary_count():
    """124,937 lines against 177,732 (Elections Alberta, February 2026)."""
    assert not decide_by_preliminary_count(Gated(124_937, {}), 177_732).sufficient


def test_a_decision_without_a_check_is_refused():
    with pytest.raises(OrderError):
        decide_by_sample(GATED, Sample(0, 0, {}), rule(), 1)


def test_more_checks_than_lines_are_refused():
    with pytest.raises(InputError):
        decide_by_sample(Gated(10, {}), Sample(0, 11, {}), rule(), 1)
