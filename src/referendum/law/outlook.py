"""Which conditions of a vote are settled already, whatever the votes still to be counted say."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from referendum.law.model import VoteRule
from referendum.law.vote import (
    Condition,
    Tally,
    conditions,
    least_majority,
    needs_electors,
    region_weights,
)


@dataclass(frozen=True)
class OutstandingVote:
    """Votes of a region, or of the whole, that are not counted yet.

    Attributes:
        ballots: the most that may still come; None where nobody can say.
        listed: electors of the districts whose number is known: a lower bound of all electors.
    """

    ballots: int | None = 0
    listed: int = 0


@dataclass(frozen=True)
class Outlook:
    """How a condition stands while the count goes on.

    Attributes:
        name: of the condition.
        need: what meets it, by the votes counted; None where the electors are not known.
        have: what is counted so far.
        met: whether it is met whatever is still to come; None while that decides.
        met_so_far: whether the votes counted meet it; None where the electors are not known.
    """

    name: str
    need: Fraction | None
    have: Fraction
    met: bool | None
    met_so_far: bool | None


def condition_outlooks(
    rule: VoteRule,
    whole: Tally,
    regions: Mapping[str, Tally],
    outstanding: OutstandingVote,
    outstanding_by_region: Mapping[str, OutstandingVote],
) -> tuple[Outlook, ...]:
    """Say how each condition stands, and whether the votes still to come can change it.

    Args:
        rule: the statute's vote rule.
        whole: the votes counted; `electors` None where they are not known of every district.
        regions: the votes counted by region.
        outstanding: what is not counted yet of the whole.
        outstanding_by_region: the same by region; of a region that is not named all is to come.
    """
    with_electors = whole
    if whole.electors is None and needs_electors(rule):
        with_electors = replace(whole, electors=max(outstanding.listed, 1))
    tallies = {name: _assume_electors(rule, tally) for name, tally in regions.items()}
    return tuple(
        _regional_outlook(rule, condition, regions, outstanding_by_region)
        if condition.name == "regional_majority"
        else _share_outlook(rule, condition, whole, outstanding)
        for condition in conditions(rule, with_electors, tallies)
    )


def majority_outlook(rule: VoteRule, tally: Tally, outstanding: OutstandingVote) -> bool | None:
    """Say whether a region, or the whole, has a majority whatever is still to come, if known."""
    share, of = rule.majority.value, rule.majority_of.value
    if of == "electors":
        return _elector_share_outlook(share, tally.yes, tally.electors, outstanding)
    if outstanding.ballots is None:
        return None
    spoiled = tally.blank if of == "cast" else 0
    counted = tally.yes + tally.no + spoiled
    if _reaches(share, tally.yes, counted + outstanding.ballots):
        return True
    return (
        None
        if _reaches(share, tally.yes + outstanding.ballots, counted + outstanding.ballots)
        else False
    )


def _assume_electors(rule: VoteRule, tally: Tally) -> Tally:
    """Put a number that no majority reaches in the place of electors that are not known."""
    lacks = tally.electors is None and rule.majority_of.value == "electors"
    return replace(tally, electors=10**15) if lacks else tally


def _reaches(share: str, have: int, base: int) -> bool:
    return base > 0 and have >= least_majority(share, Fraction(base))


def _elector_share_outlook(
    share: str, have: int, electors: int | None, outstanding: OutstandingVote
) -> bool | None:
    if electors is not None and _reaches(share, have, electors):
        return True
    if outstanding.ballots is None:
        return None
    fewest = outstanding.listed if electors is None else electors
    return None if _reaches(share, have + outstanding.ballots, max(fewest, 1)) else False


def _share_outlook(
    rule: VoteRule, condition: Condition, whole: Tally, outstanding: OutstandingVote
) -> Outlook:
    if condition.name == "majority":
        met = majority_outlook(rule, whole, outstanding)
        of_electors = rule.majority_of.value == "electors"
    else:
        quorum = rule.turnout if condition.name == "turnout" else rule.approval
        met = _elector_share_outlook(
            quorum.value if quorum else "", int(condition.have), whole.electors, outstanding
        )
        of_electors = True
    if of_electors and whole.electors is None:
        return Outlook(condition.name, None, condition.have, met, None)
    return Outlook(condition.name, condition.need, condition.have, met, condition.met)


def _regional_outlook(
    rule: VoteRule,
    condition: Condition,
    regions: Mapping[str, Tally],
    outstanding_by_region: Mapping[str, OutstandingVote],
) -> Outlook:
    weights = region_weights(rule)
    certain, undecided = Fraction(0), Fraction(0)
    for name, weight in weights.items():
        lacking = Tally(0, 0), OutstandingVote(None)
        tally, outstanding = (
            (regions[name], outstanding_by_region.get(name, OutstandingVote()))
            if name in regions
            else lacking
        )
        met = majority_outlook(rule, tally, outstanding)
        certain += weight if met else 0
        undecided += weight if met is None else 0
    met = (
        True
        if certain >= condition.need
        else None
        if certain + undecided >= condition.need
        else False
    )
    return Outlook(condition.name, condition.need, condition.have, met, condition.met)
