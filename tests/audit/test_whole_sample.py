"""A sample that is the whole says what a full count says, of every kind of claim and on a tie."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_claims import rule

from referendum.audit import Votes, assertions_of_outcome
from referendum.audit.assorters import HALF
from referendum.audit.batches import Batches
from referendum.audit.oneaudit import comparison_risk
from referendum.audit.risk import ManualRecord, polling_risk
from referendum.audit.samples import Box
from referendum.law import Tally, conditions
from referendum.verify.audit_assertions import Assertion
from referendum.verify.audit_risk import _risk_of_full_sample

SHARES = ("more than 1/2", "at least 1/2", "at least 3/5", "more than 1/3", "at least 1/3")
RULES = [
    *(rule(share, of) for of in ("formal", "cast", "electors") for share in SHARES),
    *(rule(**{name: share}) for name in ("turnout", "approval") for share in SHARES),
    *(
        rule(share, regions=["R"], regional_majority="more than 1/2")
        for share in ("more than 1/2", "at least 3/5")
    ),
]
small = st.integers(0, 6)
MARKS = ("yes", "no", "blank")


def met(law, tally, name):
    regions = {"R": tally} if law.regions else None
    return next(one.met for one in conditions(law, tally, regions) if one.name == name)


def claims_on(law, votes, electors):
    """The claims of each condition of a result, each alone, that a sample can show."""
    tally = Tally(*votes, electors)
    regions = {"R": tally} if law.regions else None
    found = conditions(law, tally, regions)
    counted = Votes(tally, tally.cast)
    for one in found:
        part = assertions_of_outcome(law, (one,), counted, {"R": counted} if law.regions else {})
        if not part.full_count:
            for claim in part.assertions:
                yield claim, one


def by_verify(claim, votes):
    worths = (claim.assorter.yes, claim.assorter.no, claim.assorter.blank, Fraction(0))
    named = ("1", claim.condition, claim.scope, claim.reached)
    same = Assertion(*named, worths, claim.cards, claim.mean, claim.assorter.extra, claim.equality)
    return _risk_of_full_sample(same, same.total(*votes) - same.cards * HALF, votes)


def settled_all_ways(claim, reported, votes):
    looks = [
        ManualRecord(mark) for mark, number in zip(MARKS, votes, strict=True) for _ in range(number)
    ]
    box = Box("1", "all", ("R", "D", "P"), Tally(*reported), sum(reported))
    batches = Batches.from_boxes([box], [("1", claim)])
    counted = batches.risks([box.place], {("1", box.place): Tally(*votes)})
    return {
        polling_risk(claim, looks),
        comparison_risk(claim, [(claim.mean, look) for look in looks], 0.5, 0.5),
        counted["1", claim],
        by_verify(claim, votes),
    }


@pytest.mark.parametrize("law", RULES)
@settings(max_examples=150, deadline=None)
@given(st.tuples(small, small, small), st.integers(1, 12), st.data())
def test_the_whole_agrees_with_a_full_count(law, reported, electors, data):
    cards = sum(reported)
    if not cards:
        return
    yes = data.draw(st.integers(0, cards))
    no = data.draw(st.integers(0, cards - yes))
    votes = (yes, no, cards - yes - no)
    for claim, condition in claims_on(law, reported, electors):
        by_hand = met(law, Tally(*votes, electors), condition.name)
        expected = 0 if by_hand is condition.met else 1
        assert settled_all_ways(claim, reported, votes) == {expected}, (claim, votes)


@pytest.mark.parametrize(
    ("share", "reported", "votes", "risk"),
    [
        ("more than 1/2", (7, 3, 0), (5, 5, 0), 1),
        ("more than 1/2", (3, 7, 0), (5, 5, 0), 0),
        ("at least 1/2", (7, 3, 0), (5, 5, 0), 0),
        ("at least 1/2", (3, 7, 0), (5, 5, 0), 1),
        ("at least 3/5", (7, 3, 0), (6, 4, 0), 0),
        ("at least 3/5", (7, 3, 0), (3, 2, 5), 0),
        ("at least 3/5", (7, 3, 0), (0, 0, 10), 1),
        ("more than 1/2", (3, 7, 0), (0, 0, 10), 0),
    ],
)
def test_what_is_met_exactly_is_settled_as_the_act_has_it(share, reported, votes, risk):
    ((claim, _),) = claims_on(rule(share), reported, None)
    assert settled_all_ways(claim, reported, votes) == {risk}
