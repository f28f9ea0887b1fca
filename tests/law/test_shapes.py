"""What follows from checked lines: every shape of decision, with and without districts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referendum.core.errors import LawError
from referendum.law import SHAPES, CheckedSample, DistributionRequirement, decide, versions
from referendum.law.decision import apply_decision_rule
from referendum.law.model import DecisionRule, Value

ORDER = ["insufficient", "draw_second_sample", "check_every_line", "sufficient"]


def value(inner):
    return Value(inner, "made up for a test", "general")


def band(fails_below="95/100", passes_at="110/100"):
    return DecisionRule(
        shape=value("dead_band"), fails_below=value(fails_below), passes_at=value(passes_at)
    )


RULES = {shape: DecisionRule(shape=value(shape)) for shape in SHAPES if shape != "dead_band"}
RULES["dead_band"] = band()


@pytest.mark.parametrize("shape", SHAPES)
@given(st.integers(0, 2_000), st.integers(1, 1_000), st.booleans())
def test_a_decision_never_worsens_when_one_more_is_valid(shape, compared, required, second):
    less, more = (
        apply_decision_rule(RULES[shape], number, required, second=second)
        for number in (compared, compared + 1)
    )
    assert ORDER.index(less) <= ORDER.index(more)


@pytest.mark.parametrize("shape", SHAPES)
@given(st.integers(0, 2_000), st.integers(1, 1_000))
def test_a_decision_never_betters_when_one_more_is_required(shape, compared, required):
    easier, harder = (
        apply_decision_rule(RULES[shape], compared, number) for number in (required, required + 1)
    )
    assert ORDER.index(harder) <= ORDER.index(easier)


@pytest.mark.parametrize(
    ("shape", "below"),
    [
        ("full_count", "insufficient"),
        ("acceptance", "check_every_line"),
        ("two_samples", "draw_second_sample"),
        ("upper_bound", "insufficient"),
        ("lower_bound", "insufficient"),
        ("point", "insufficient"),
    ],
)
def test_what_follows_below_the_requirement(shape, below):
    assert apply_decision_rule(RULES[shape], 99, 100) == below
    assert apply_decision_rule(RULES[shape], 100, 100) == "sufficient"


def test_oregon_rejects_only_after_two_samples():
    assert apply_decision_rule(RULES["two_samples"], 99, 100, second=True) == "insufficient"


@pytest.mark.parametrize(
    ("compared", "found"),
    [
        (949, "insufficient"),
        (950, "check_every_line"),
        (1_099, "check_every_line"),
        (1_100, "sufficient"),
    ],
)
def test_california_fails_below_95_and_passes_at_110_per_cent(compared, found):
    rule = versions("us-ca/initiative-and-referendum")[-1].decision
    assert apply_decision_rule(rule, compared, 1_000) == found


def test_a_band_that_fails_at_its_cut_off_includes_it():
    rule = DecisionRule(
        shape=value("dead_band"), fails_at=value("90/100"), passes_at=value("110/100")
    )
    assert apply_decision_rule(rule, 900, 1_000) == "insufficient"
    assert apply_decision_rule(rule, 901, 1_000) == "check_every_line"


def test_a_band_without_cut_offs_is_not_known():
    with pytest.raises(LawError, match="not known"):
        apply_decision_rule(DecisionRule(shape=value("dead_band")), 1, 1)


def california():
    return versions("us-ca/initiative-and-referendum")[-1]


def test_districts_are_summed_and_every_line_of_all_ends_the_band():
    whole = {"A": CheckedSample(300, 300, 200), "B": CheckedSample(400, 400, 330)}
    decided = decide(california(), whole, 530)
    assert (decided.answer, decided.compared) == ("sufficient", 530)
    assert decide(california(), whole, 531).answer == "insufficient"


def test_a_sample_in_one_district_leaves_the_band_to_the_whole():
    mixed = {"A": CheckedSample(300, 300, 200), "B": CheckedSample(4_000, 500, 400)}
    decided = decide(california(), mixed, 3_300)
    assert decided.compared == 200 + 3_200
    assert decided.answer == "check_every_line"


SPREAD = DistributionRequirement("district", 2, {"A": 100, "B": 100, "C": 100}, None)


def british_columbia():
    return versions("ca-bc/recall-and-initiative-act")[-1]


@pytest.mark.parametrize(
    ("valid", "found", "reached"),
    [
        ((100, 100, 0), "sufficient", 2),
        ((100, 99, 1), "insufficient", 1),
        ((200, 0, 0), "insufficient", 1),
    ],
)
def test_enough_districts_must_reach_their_own_number(valid, found, reached):
    samples = {
        name: CheckedSample(300, 300, number) for name, number in zip("ABC", valid, strict=True)
    }
    decided = decide(british_columbia(), samples, 200, SPREAD)
    assert (decided.answer, decided.reached) == (found, reached)


def test_a_district_without_a_line_reaches_nothing():
    samples = {"A": CheckedSample(900, 900, 900)}
    assert decide(british_columbia(), samples, 200, SPREAD).answer == "insufficient"


def test_districts_that_are_not_those_of_the_rule_decide_nothing():
    with pytest.raises(LawError, match="no line is of a district"):
        decide(british_columbia(), {"Z": CheckedSample(300, 300, 300)}, 200, SPREAD)


def test_a_cap_counts_no_more_of_a_district():
    capped = DistributionRequirement("county", 0, {}, 50)
    samples = {"A": CheckedSample(300, 300, 300), "B": CheckedSample(300, 300, 40)}
    decided = decide(british_columbia(), samples, 91, capped)
    assert (decided.compared, decided.answer) == (90, "insufficient")


def test_a_sample_of_the_whole_says_nothing_of_districts():
    samples = {"A": CheckedSample(300, 100, 90), "B": CheckedSample(300, 100, 90)}
    alberta = versions("ca-ab/citizen-initiative-act")[0]
    with pytest.raises(LawError, match="not known"):
        decide(alberta, samples, 100, SPREAD)


@given(st.integers(1, 60), st.integers(0, 60), st.integers(1, 70))
def test_alberta_passes_exactly_when_the_lower_bound_reaches(drawn, valid, required):
    statute = versions("ca-ab/citizen-initiative-act")[-1]
    sample = CheckedSample(70, drawn, min(valid, drawn))
    decided = decide(statute, {"": sample}, required)
    assert (decided.answer == "sufficient") == (decided.compared >= required)


def test_every_step_names_its_section_where_it_has_one():
    sample = CheckedSample(24_034, 722, 514, (2,))
    steps = decide(california(), {"": sample}, 15_000).steps
    assert {step.cite for step in steps} >= {"2 CCR 20530 to 20532", "Elections Code"}
    assert steps[-1].text.startswith("15,028 reaches 15,000")
