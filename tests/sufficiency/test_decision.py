"""Decisions and the arithmetic that they carry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referendum.core.errors import InputError, LawError, OrderError
from referendum.law import DistributionRequirement, versions
from referendum.sufficiency import (
    Findings,
    GateTotals,
    decide_by_preliminary_count,
    decide_by_sample,
    is_copy,
)

GATED = GateTotals(lines=1_000, rejected={"date_missing": 60, "name_missing": 40})
FINDINGS = Findings(lines=800, valid=80, copies=(), invalid={"not_listed": 20})
ALBERTA = versions("ca-ab/citizen-initiative-act")[-1]
CALIFORNIA = versions("us-ca/initiative-and-referendum")[-1]


def decided(required, findings=None, statute=ALBERTA, **more):
    found = findings or {"": FINDINGS}
    return decide_by_sample(GATED, 100, found, statute, (required, None), **more).arithmetic


def test_findings_are_counted_with_further_copies_apart():
    codes = ["valid"] * 5 + ["copy_2", "copy_2", "copy_3", "not_listed", "copy_right"]
    found = Findings.count(20, codes)
    assert (found.valid, found.copies) == (5, (2, 1))
    assert found.invalid == {"copy_right": 1, "not_listed": 1}
    assert found.drawn == 10


@pytest.mark.parametrize(("code", "copy"), [("copy_2", True), ("copy_1", False), ("copy_", False)])
def test_a_copy_is_the_second_line_or_a_later_one(code, copy):
    assert is_copy(code) is copy


def test_repeats_are_taken_out_in_full_and_the_lower_bound_decides():
    found = decided(600)
    assert found["universe"] == 800
    assert found["strata"][0]["numbers"]["projected_valid"] == 640
    assert found["compared"] < 600
    assert found["decision"] == "insufficient"


@given(st.integers(0, 900))
def test_sufficient_exactly_when_the_number_reaches_the_requirement(required):
    found = decided(required)
    assert (found["decision"] == "sufficient") == (found["compared"] >= required)


def test_counties_are_decided_together_and_reported_apart():
    counties = {
        "Alpine": Findings(200, 150, (2,), {"not_listed": 48}),
        "Butte": Findings(600, 90, (1,), {"not_listed": 9}),
    }
    found = decided(600, counties, CALIFORNIA)
    assert [row["district"] for row in found["strata"]] == ["Alpine", "Butte"]
    assert found["strata"][0]["numbers"] == {"compared": 150}
    assert found["compared"] == 150 + 600 * 91 // 100 - 1 * 6 * 5
    assert found["decision"] == "sufficient"
    assert found["copies"] == 3


def test_a_number_with_a_root_is_written_with_six_places():
    washington = versions("us-wa/initiative-and-referendum")[-1]
    numbers = decided(500, {"": FINDINGS}, washington)["strata"][0]["numbers"]
    assert len(numbers["acceptable_pairs"].split(".")[1]) == 6


def test_too_few_lines_fail_at_the_preliminary_count():
    found = decide_by_preliminary_count(GATED, required=901).arithmetic
    assert (found["decision"], found["compared"]) == ("insufficient", 900)


def test_enough_lines_are_not_enough_to_succeed_at_the_preliminary_count():
    with pytest.raises(OrderError, match="does not decide"):
        decide_by_preliminary_count(GATED, required=900)


def test_the_school_funding_petition_of_2026_stopped_at_the_preliminary_count():
    """124,937 lines against 177,732 (Elections Alberta, February 2026)."""
    found = decide_by_preliminary_count(GateTotals(124_937, {}), 177_732).arithmetic
    assert found["decision"] == "insufficient"


def test_a_decision_without_a_check_is_refused():
    with pytest.raises(OrderError):
        decided(1, {"": Findings(800, 0, (), {})})


def test_a_district_that_was_not_drawn_from_is_not_decided():
    missed = {"A": Findings(700, 70, (), {}), "B": Findings(100, 0, (), {})}
    with pytest.raises(LawError, match="no line of B"):
        decide_by_sample(
            GATED, 100, missed, ALBERTA, (1, DistributionRequirement("d", 1, {"A": 1}, None))
        )


@pytest.mark.parametrize("lines", [799, 801])
def test_lines_that_do_not_add_up_are_refused(lines):
    with pytest.raises(InputError):
        decided(1, {"": Findings(lines, 1, (), {})})
