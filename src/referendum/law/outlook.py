"""What can still come of a vote while some of it is not counted: met, not met, or not known yet."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from referendum.law.model import VoteRule
from referendum.law.vote import Condition, Tally, conditions, least, needs_electors, region_weights


@dataclass(frozen=True)
class Left:
    """What is not counted yet of a region or of the whole.

    Attributes:
        ballots: the most that may still come; None where nobody can say.
        listed: electors of the districts of which they are known: the fewest that there are.
    """

    ballots: int | None = 0
    listed: int = 0


@dataclass(frozen=True)
class Outlook:
    """A condition while the count goes on.

    Attributes:
        name: of the condition.
        need: by what is counted; None where the electors are not known.
        have: as far as counted.
        met: whatever is still to come; None while that decides.
        so_far: by what is counted; None where the electors are not known.
    """

    name: str
    need: Fraction | None
    have: Fraction
    met: bool | None
    so_far: bool | None


def outlook(
    rule: VoteRule,
    whole: Tally,
    regions: Mapping[str, Tally],
    left: Left,
    left_in: Mapping[str, Left],
) -> tuple[Outlook, ...]:
    """Say of each condition whether it is met whatever is still to come.

    Args:
        rule: the statute's vote rule.
        whole: the votes counted; `electors` None where they are not known of every district.
        regions: the votes counted by region.
        left: what is not counted yet of the whole.
        left_in: of each region; a region that counts and is not named is wholly to come.
    """
    known = whole
    if whole.electors is None and needs_electors(rule):
        known = replace(whole, electors=max(left.listed, 1))
    tallies = {name: _some_electors(rule, tally) for name, tally in regions.items()}
    return tuple(
        _regional(rule, one, regions, left_in)
        if one.name == "regional_majority"
        else _of_share(rule, one, whole, left)
        for one in conditions(rule, known, tallies)
    )


def majority_in(rule: VoteRule, tally: Tally, left: Left) -> bool | None:
    """Whether a region, or the whole, has the majority whatever is still to come."""
    share, of = rule.majority.value, rule.majority_of.value
    if of == "electors":
        return _of_electors(share, tally.yes, tally.electors, left)
    if left.ballots is None:
        return None
    spoiled = tally.blank if of == "cast" else 0
    counted = tally.yes + tally.no + spoiled
    if _reached(share, tally.yes, counted + left.ballots):
        return True
    return None if _reached(share, tally.yes + left.ballots, counted + left.ballots) else False


def _some_electors(rule: VoteRule, tally: Tally) -> Tally:
    """A region whose electors are not known has no majority that could be counted."""
    lacks = tally.electors is None and rule.majority_of.value == "electors"
    return replace(tally, electors=10**15) if lacks else tally


def _reached(share: str, have: int, base: int) -> bool:
    return base > 0 and have >= least(share, Fraction(base))


def _of_electors(share: str, have: int, electors: int | None, left: Left) -> bool | None:
    if electors is not None and _reached(share, have, electors):
        return True
    if left.ballots is None:
        return None
    fewest = left.listed if electors is None else electors
    return None if _reached(share, have + left.ballots, max(fewest, 1)) else False


def _of_share(rule: VoteRule, one: Condition, whole: Tally, left: Left) -> Outlook:
    if one.name == "majority":
        met = majority_in(rule, whole, left)
        of_electors = rule.majority_of.value == "electors"
    else:
        quorum = rule.turnout if one.name == "turnout" else rule.approval
        met = _of_electors(quorum.value if quorum else "", int(one.have), whole.electors, left)
        of_electors = True
    if of_electors and whole.electors is None:
        return Outlook(one.name, None, one.have, met, None)
    return Outlook(one.name, one.need, one.have, met, one.met)


def _regional(
    rule: VoteRule, one: Condition, regions: Mapping[str, Tally], left_in: Mapping[str, Left]
) -> Outlook:
    weights = region_weights(rule)
    sure, open_ = Fraction(0), Fraction(0)
    for name, weight in weights.items():
        lacking = Tally(0, 0), Left(None)
        tally, left = (regions[name], left_in.get(name, Left())) if name in regions else lacking
        met = majority_in(rule, tally, left)
        sure += weight if met else 0
        open_ += weight if met is None else 0
    met = True if sure >= one.need else None if sure + open_ >= one.need else False
    return Outlook(one.name, one.need, one.have, met, one.met)
