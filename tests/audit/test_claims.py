"""Claims follow from the vote rule, in both directions, and are true exactly when it says so."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referendum.audit import (
    WHOLE,
    Assertion,
    Votes,
    assertions_of_outcome,
    error_bound,
    integer_weights,
    macro_risk,
    overstatement,
)
from referendum.audit.assorters import (
    HALF,
    cards_present,
    share_of_cards,
    share_of_valid,
    valid_present,
)
from referendum.audit.batches import Batches
from referendum.audit.samplers import draw_by_weight
from referendum.audit.samples import Box
from referendum.core.errors import InputError
from referendum.law import Tally, Value, VoteRule, conditions, version_on

S128 = version_on("au/constitution-s128", date(2023, 10, 14)).vote
counts = st.tuples(*[st.integers(0, 300)] * 3)
shares = st.fractions(Fraction(1, 10), Fraction(9, 10), max_denominator=20)


def value(what):
    return Value(value=what, cite="made up", certainty="read")


def rule(majority="more than 1/2", of="formal", **more):
    given = {name: value(what) for name, what in more.items()}
    return VoteRule(cite="made up", majority=value(majority), majority_of=value(of), **given)


@given(counts, shares, st.booleans())
def test_a_claim_on_valid_votes_is_true_exactly_when_the_share_is(votes, share, reached):
    tally = Tally(*votes)
    if not tally.cast:
        return
    mean = share_of_valid(share, reached=reached).mean(tally, tally.cast)
    true = tally.yes > share * tally.formal if reached else tally.yes < share * tally.formal
    assert (mean > HALF) == true


@given(counts, shares, st.booleans(), st.integers(0, 50))
def test_a_claim_on_cards_is_true_exactly_when_the_share_is(votes, share, reached, missing):
    tally = Tally(*votes)
    cards = tally.cast + missing
    if not cards:
        return
    mean = share_of_cards(share, reached=reached).mean(tally, cards)
    against = tally.no + tally.blank
    true = tally.yes > share * cards if reached else against > (1 - share) * cards
    assert (mean > HALF) == true


@given(counts, shares, st.integers(0, 300))
def test_a_turnout_quorum_is_met_exactly_when_enough_cards_are_there(votes, share, missing):
    tally = Tally(*votes)
    cards = tally.cast + missing
    if not cards:
        return
    assert (cards_present(share).mean(tally, cards) > HALF) == (tally.cast > share * cards)
    assert (valid_present(share).mean(tally, cards) > HALF) == (tally.formal > share * cards)


def test_blank_ballots_do_not_flip_the_margin_of_a_supermajority():
    mean = share_of_valid(Fraction(3, 5), reached=True).mean(Tally(1000, 500, 500), 2000)
    assert 2 * mean - 1 == Fraction(1, 12)


@given(counts, st.sampled_from(["more than 1/2", "more than 3/5", "at least 3/5"]),
       st.sampled_from(["formal", "cast", "electors"]), st.integers(0, 900))  # fmt: skip
def test_a_claim_never_says_otherwise_than_the_result(votes, majority, of, absent):
    tally = Tally(*votes, electors=sum(votes) + absent)
    if not tally.formal:
        return
    law = rule(majority, of)
    found = conditions(law, tally)
    claimed = assertions_of_outcome(law, found, Votes(tally, tally.cast), {})
    assert claimed.carried == found[0].met
    assert claimed.assertions or claimed.canvass or claimed.full_count
    assert all(one.mean > HALF and one.reached == claimed.carried for one in claimed.assertions)


def test_carried_needs_every_condition_and_failed_needs_one():
    law = rule("more than 3/5", turnout="at least 1/2", approval="at least 1/4")
    passing = Tally(700, 200, 100, electors=1500)
    claimed = assertions_of_outcome(law, conditions(law, passing), Votes(passing, 1000), {})
    assert [one.condition for one in claimed.assertions] == ["majority", "turnout", "approval"]
    failing = Tally(500, 400, 100, electors=1500)
    claimed = assertions_of_outcome(law, conditions(law, failing), Votes(failing, 1000), {})
    assert [one.condition for one in claimed.assertions] == ["majority"]
    with pytest.raises(InputError, match="turnout"):
        assertions_of_outcome(
            law, conditions(law, failing), Votes(failing, 1000), {}, prove="turnout"
        )


def test_a_quorum_that_was_missed_is_settled_by_the_canvass():
    law = rule(turnout="at least 1/2")
    tally = Tally(300, 100, 0, electors=1000)
    claimed = assertions_of_outcome(law, conditions(law, tally), Votes(tally, 400), {})
    assert claimed.assertions == ()
    assert "no quorum" in claimed.canvass[0]


@pytest.mark.parametrize("yes", [500, 600])
def test_equality_is_a_matter_of_a_full_count(yes):
    law = rule("more than 1/2" if yes == 500 else "at least 3/5")
    tally = Tally(yes, 1000 - yes)
    claimed = assertions_of_outcome(law, conditions(law, tally), Votes(tally, 1000), {})
    assert claimed.assertions == ()
    assert "equality" in claimed.full_count


def states(winning):
    names = S128.regions.value
    return {
        name: Tally(600 + i, 400 - i) if name in winning else Tally(400 - i, 600 + i)
        for i, name in enumerate(names)
    }


@pytest.mark.parametrize(("winning", "scopes"), [(6, 5), (5, 5), (4, 5), (3, 3), (0, 1)])
def test_of_the_regions_as_many_are_shown_as_suffice(winning, scopes):
    """Carried: nation and four States. Not carried: the nation alone, or three States."""
    tallies = states(S128.regions.value[:winning])
    # A few more voters elsewhere carry the nation in the case of three States.
    whole = Tally(sum(t.yes for t in tallies.values()) + 90, sum(t.no for t in tallies.values()))
    votes = {name: Votes(tally, tally.cast) for name, tally in tallies.items()}
    claimed = assertions_of_outcome(
        S128, conditions(S128, whole, tallies), Votes(whole, whole.cast), votes
    )
    assert len(claimed.assertions) == scopes
    shown = [one for one in claimed.assertions if one.scope != WHOLE]
    margins = sorted(
        (
            Fraction(abs(tally.yes - tally.no), 1000)
            for tally in tallies.values()
            if (tally.yes > tally.no) == claimed.carried
        ),
        reverse=True,
    )
    assert [one.margin for one in shown] == margins[: len(shown)]


batches = st.lists(counts.filter(any), min_size=2, max_size=8)
KINDS = (
    share_of_valid(HALF, reached=True),
    share_of_valid(Fraction(3, 5), reached=False),
    share_of_cards(HALF, reached=True),
    replace(share_of_cards(Fraction(1, 3), reached=True), extra=Fraction(0)),
    replace(share_of_cards(HALF, reached=False), extra=Fraction(1)),
    replace(cards_present(Fraction(1, 3)), extra=Fraction(0)),
)


def claim_of(assorter, votes, cards):
    mean = assorter.mean(votes, cards)
    return Assertion("majority", WHOLE, True, assorter, cards, mean)


def sum_of(tallies):
    return Tally(*(sum(getattr(one, name) for one in tallies) for name in ("yes", "no", "blank")))


@given(st.sampled_from(KINDS), batches, batches, st.integers(0, 5))
def test_no_error_of_a_batch_is_more_than_its_bound(assorter, reported, audited, missing):
    pairs = [(Tally(*r), Tally(*a)) for r, a in zip(reported, audited, strict=False)]
    whole = sum_of([r for r, _ in pairs])
    cards = whole.cast + missing * len(pairs)
    claim = claim_of(assorter, whole, cards)
    if claim.mean <= HALF:
        return
    for before, after in pairs:
        here = before.cast + missing
        if after.cast <= here:
            assert overstatement(claim, before, after, here) <= error_bound(claim, before)


@given(batches, batches, st.booleans())
def test_errors_add_up_to_less_than_one_exactly_where_the_votes_found_carry_it(
    reported, audited, reached
):
    """More ballots than were returned, anywhere, for a share of the valid votes."""
    share = Fraction(3, 5)
    pairs = [
        (Tally(*r), Tally(a[0], a[1], a[2] + max(0, sum(r) - sum(a))))
        for r, a in zip(reported, audited, strict=False)
    ]
    told, found = (sum_of(list(side)) for side in zip(*pairs, strict=True))
    claim = claim_of(share_of_valid(share, reached=reached), told, told.cast)
    if claim.mean <= HALF:
        return
    total = sum(overstatement(claim, r, a, r.cast) for r, a in pairs)
    valid = found.yes + found.no
    true = found.yes > share * valid if reached else found.yes < share * valid
    assert (total < 1) == true


def test_ballots_beyond_the_return_that_go_to_the_loser_count_as_macro_has_it():
    boxes = [Box("q", "ordinary", ("R", "D", f"P{i}"), Tally(60, 40, 0), 100) for i in range(40)]
    claim = claim_of(share_of_valid(HALF, reached=True), Tally(2400, 1600, 0), 4000)
    batches = Batches.from_boxes(boxes, [("q", claim)])
    found = {("q", box.place): Tally(60, 140, 0) for box in boxes}
    assert overstatement(claim, Tally(60, 40), Tally(60, 140), 100) == Fraction(100, 800)
    assert error_bound(claim, Tally(60, 40)) == Fraction(120, 800)
    for drawn in (boxes[:30], boxes):
        assert batches.risks([box.place for box in drawn], found) == {("q", claim): 1}


def test_a_box_that_holds_more_than_its_bound_allows_says_that_the_bounds_are_none():
    assert macro_risk(Fraction(6), [Fraction(0)] * 20) < Fraction(1, 20)
    assert macro_risk(Fraction(6), [*[Fraction(0)] * 20, Fraction(1)]) < Fraction(1, 20)
    assert macro_risk(Fraction(6), [*[Fraction(0)] * 20, Fraction(101, 100)]) == 1


@pytest.mark.parametrize(("last", "risk"), [(Tally(60, 40), 0), (Tally(0, 100), 0),
                                            (Tally(0, 301), 1), (Tally(0, 0), 0)])  # fmt: skip
def test_every_box_counted_settles_the_claim(last, risk):
    places = [("R", "D", f"P{i}") for i in range(5)]
    boxes = [Box("q", "ordinary", place, Tally(80, 20), 100) for place in places]
    claim = claim_of(share_of_valid(HALF, reached=True), Tally(400, 100), 500)
    found = {("q", place): Tally(80, 20) for place in places} | {("q", places[4]): last}
    assert Batches.from_boxes(boxes, [("q", claim)]).risks(places, found) == {("q", claim): risk}


def test_the_bounds_of_a_plain_majority_sum_to_one_and_one_over_the_margin():
    parts = [Tally(60, 40, 0), Tally(30, 20, 10), Tally(5, 30, 5)]
    claim = claim_of(share_of_valid(HALF, reached=True), Tally(95, 90, 15), 200)
    total = sum(error_bound(claim, part) for part in parts)
    assert total == 1 + 1 / claim.margin


@given(st.lists(st.fractions(0, 1, max_denominator=99), max_size=30))
def test_risk_falls_without_error_and_never_below_what_was_found(taints):
    total = Fraction(20)
    assert macro_risk(total, [Fraction(0)] * len(taints)) <= macro_risk(total, taints) <= 1


@given(st.lists(st.fractions(0, 5, max_denominator=50), min_size=1).filter(any))
def test_weights_keep_the_proportions_of_the_bounds(bounds):
    weights = integer_weights(bounds)
    assert all(w * sum(bounds) == b * sum(weights) for w, b in zip(weights, bounds, strict=True))
    picks = draw_by_weight("seed", weights, 20)
    assert all(weights[pick] > 0 for pick in picks)


def test_draws_by_weight_come_as_often_as_the_weights_say():
    picks = draw_by_weight("seed", [1, 2, 7], 20_000)
    shares = [picks.count(place) / 20_000 for place in range(3)]
    assert shares == pytest.approx([0.1, 0.2, 0.7], abs=0.012)
