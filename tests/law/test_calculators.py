"""Distribution, sampling, the vote rule, eligibility: each against cases worked out by hand."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referendum.core.errors import InputError, LawError
from referendum.law import (
    DistributionRequirement,
    Tally,
    check_distribution,
    conditions,
    sample_sizes,
    version_on,
    versions,
)
from referendum.law.eligibility import assess_eligibility
from referendum.law.model import Value, VoteRule
from referendum.law.sampling import sample_size
from referendum.law.vote import least_majority


def value(inner):
    return Value(inner, "made up for a test", "general")


SPREAD = DistributionRequirement("district", 2, {"A": 100, "B": 200, "C": 300}, None)


def test_short_districts_are_named_with_what_they_lack():
    found = check_distribution(SPREAD, {"A": 100, "B": 150, "D": 7})
    assert found.reached == ("A",)
    assert found.short == {"B": 50, "C": 300}
    assert (found.met, found.counted) == (False, 257)


def test_a_cap_cuts_what_one_county_counts_for():
    found = check_distribution(DistributionRequirement("county", 0, {}, 50), {"A": 80, "B": 30})
    assert (found.counted, found.met) == (80, True)


@given(st.dictionaries(st.sampled_from("ABCD"), st.integers(0, 400)), st.sampled_from("ABCD"))
def test_one_more_signature_never_makes_a_distribution_worse(signatures, where):
    more = {**signatures, where: signatures.get(where, 0) + 1}
    before, after = check_distribution(SPREAD, signatures), check_distribution(SPREAD, more)
    assert set(before.reached) <= set(after.reached)
    assert before.met <= after.met


@pytest.mark.parametrize(
    ("lines", "drawn"), [(400, 400), (500, 500), (501, 500), (16_667, 501), (24_034, 722)]
)
def test_a_county_of_california_draws_500_or_3_per_cent_or_all(lines, drawn):
    assert sample_size(versions("us-ca/initiative-and-referendum")[-1].sampling, lines) == drawn


def test_washington_draws_3_per_cent_and_may_draw_more():
    statute = versions("us-wa/initiative-and-referendum")[-1]
    assert sample_sizes(statute, {"": 328_632}) == {"": 9_859}
    assert sample_sizes(statute, {"": 328_632}, 10_012) == {"": 10_012}
    with pytest.raises(LawError, match="9,859"):
        sample_sizes(statute, {"": 328_632}, 9_858)


def test_oregon_draws_a_second_sample_of_5_per_cent_in_all():
    statute = versions("us-or/initiative-and-referendum")[-1]
    assert sample_sizes(statute, {"": 152_127}) == {"": 1_000}
    assert sample_sizes(statute, {"": 152_127}, stage=2) == {"": 7_607}
    assert sample_sizes(statute, {"": 152_127}, stage=2, before={"": 9_000}) == {"": 9_000}
    with pytest.raises(LawError, match="leaves out lines of the first, of 9,000"):
        sample_sizes(statute, {"": 152_127}, 8_000, stage=2, before={"": 9_000})


def test_a_size_that_the_law_leaves_open_is_asked_for():
    alberta = versions("ca-ab/citizen-initiative-act")[-1]
    with pytest.raises(LawError, match="no size"):
        sample_sizes(alberta, {"": 300_000})
    assert sample_sizes(alberta, {"": 300_000}, 2_000) == {"": 2_000}
    assert sample_sizes(alberta, {"": 300}, 2_000) == {"": 300}


def test_a_size_by_district_cannot_be_chosen():
    with pytest.raises(LawError, match="each district"):
        sample_sizes(versions("us-ca/initiative-and-referendum")[-1], {"A": 9, "B": 9}, 5)


def test_where_every_line_is_checked_every_line_is_drawn():
    swiss = versions("ch/popular-initiative")[-1]
    assert sample_sizes(swiss, {"": 120_000}) == {"": 120_000}
    with pytest.raises(LawError, match="every line"):
        sample_sizes(swiss, {"": 120_000}, 500)


@pytest.mark.parametrize(
    ("share", "base", "needed"),
    [
        ("more than 1/2", 100, 51),
        ("more than 1/2", 101, 51),
        ("at least 1/2", 101, 51),
        ("at least 1/2", 100, 50),
        ("at least 3/5", 101, 61),
        ("at least 1/4", 0, 0),
        ("more than 1/2", 0, 1),
    ],
)
def test_more_than_half_and_at_least_half_differ_at_the_half(share, base, needed):
    assert least_majority(share, Fraction(base)) == needed


def rule(of="formal", **more):
    return VoteRule(
        cite="made up for a test",
        majority=value(more.pop("majority", "more than 1/2")),
        majority_of=value(of),
        **{name: value(inner) for name, inner in more.items()},
    )


def met(rule, tally, regions=None):
    return {one.name: one.met for one in conditions(rule, tally, regions)}


@pytest.mark.parametrize(
    ("of", "carried"), [("formal", True), ("cast", False), ("electors", False)]
)
def test_what_the_majority_is_taken_of_can_decide(of, carried):
    tally = Tally(yes=46, no=45, blank=9, electors=100)
    assert met(rule(of), tally) == {"majority": carried}


def test_a_tie_is_no_majority():
    assert met(rule(), Tally(50, 50)) == {"majority": False}


def test_italys_quorum_fails_a_vote_that_too_few_cast():
    italy = versions("it/abrogative-referendum")[-1].vote
    assert met(italy, Tally(40, 10, 0, 100)) == {"majority": True, "turnout": False}
    assert met(italy, Tally(40, 10, 1, 100)) == {"majority": True, "turnout": True}


def test_taiwans_quarter_of_the_electors_must_say_yes():
    taiwan = versions("tw/referendum-act")[-1].vote
    assert met(taiwan, Tally(24, 3, 0, 100))["approval"] is False
    assert met(taiwan, Tally(25, 24, 0, 100)) == {"majority": True, "approval": True}


def swiss(carrying):
    """The 26 cantons, with a majority in the named ones; the people say yes."""
    statute = versions("ch/popular-initiative")[-1].vote
    regions = {
        name: Tally(60, 40) if name in carrying else Tally(40, 60) for name in statute.regions.value
    }
    [_, cantons] = conditions(statute, Tally(60, 40), regions)
    return cantons


def test_switzerland_needs_twelve_of_23_cantons_and_counts_six_as_halves():
    halves = ["OW", "NW", "BS", "BL", "AR", "AI"]
    full = ["ZH", "BE", "LU", "UR", "SZ", "GL", "ZG", "FR", "SO"]
    assert (swiss([*full, *halves]).need, swiss([*full, *halves]).have) == (12, 12)
    assert swiss([*full, *halves]).met
    assert swiss([*full, *halves[:5]]).have == Fraction(23, 2)
    assert not swiss([*full, *halves[:5]]).met


def test_an_unknown_number_of_electors_is_said_to_be_unknown():
    with pytest.raises(LawError, match="not known"):
        conditions(rule(turnout="at least 1/2"), Tally(1, 0))


def test_votes_below_zero_are_refused():
    with pytest.raises(InputError, match="negative"):
        conditions(rule(), Tally(-1, 3))


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 50))
def test_one_more_yes_never_undoes_a_condition(yes, no, blank):
    full = rule("cast", turnout="at least 1/2", approval="at least 1/4")
    before = met(full, Tally(yes, no, blank, 1_200))
    after = met(full, Tally(yes + 1, no, blank, 1_200))
    assert all(after[name] >= was for name, was in before.items())


ALBERTA = version_on("ca-ab/citizen-initiative-act", date(2026, 1, 3))

APPLICANT = {
    "elector": True,
    "citizen": True,
    "adult": True,
    "resident": True,
    "member_of_legislature": False,
    "election_officer": False,
    "barred_as_chief_financial_officer": False,
    "convicted_election_offence": False,
    "years_since_similar_failed": 9,
    "fee_paid": 25_000,
}


def test_an_application_with_every_fact_right_stands():
    found = assess_eligibility(ALBERTA, {"application": APPLICANT})
    assert found.verdict == "stands"
    assert all(test.step.cite for test in found.tests)


@pytest.mark.parametrize(
    ("code", "fact"),
    [
        ("citizen", False),
        ("member_of_legislature", True),
        ("years_since_similar_failed", 4),
        ("fee_paid", 500),
    ],
)
def test_one_wrong_fact_fells_an_application(code, fact):
    found = assess_eligibility(ALBERTA, {"application": {**APPLICANT, code: fact}})
    assert [test.code for test in found.tests if test.verdict == "falls"] == [code]
    assert found.verdict == "falls"


def test_a_silent_fact_is_neither_good_nor_bad():
    facts = {code: fact for code, fact in APPLICANT.items() if code != "adult"}
    assert assess_eligibility(ALBERTA, {"application": facts}).verdict == "not stated"


@pytest.mark.parametrize(
    ("signed", "verdict"),
    [
        (date(2026, 1, 2), "falls"),
        (date(2026, 1, 3), "stands"),
        (date(2026, 5, 2), "stands"),
        (date(2026, 5, 3), "falls"),
    ],
)
def test_a_line_stands_on_the_days_of_the_window(signed, verdict):
    facts = {"application": {"first_day": date(2026, 1, 3)}, "line": {"signed_on": signed}}
    tests = {test.code: test for test in assess_eligibility(ALBERTA, facts).tests}
    assert tests["signed_on"].verdict == verdict


def test_a_fact_that_no_rule_asks_for_is_named():
    found = assess_eligibility(ALBERTA, {"application": {**APPLICANT, "shoe_size": 44}})
    assert found.unknown == ("application.shoe_size",)


@pytest.mark.parametrize(
    "facts",
    [
        {"weather": {}},
        {"application": 3},
        {"application": {"elector": "yes"}},
        {"application": {"years_since_similar_failed": True}},
        {"application": {"fee_paid": "much"}},
    ],
)
def test_facts_of_the_wrong_kind_are_refused(facts):
    with pytest.raises(InputError):
        assess_eligibility(ALBERTA, facts)
