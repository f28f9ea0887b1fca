"""What an audit must show: the vote rule of a statute turned into assertions about cards.

Carried: every condition of the rule must be shown. Not carried: one condition that failed is
enough, and which one is named before the seed is drawn. Of regions, any set that suffices will do;
those with the widest margins are taken. Whatever cards cannot show, such as equality or a turnout
quorum that was missed, is said in words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from referendum.audit.assorters import (
    HALF,
    ZERO,
    Assorter,
    cards_present,
    share_of_cards,
    share_of_valid,
)
from referendum.core.errors import InputError, LawError
from referendum.core.exact import read_fraction
from referendum.law import Condition, Tally, VoteRule, has_majority

WHOLE = "*"
"""Scope of an assertion about all cards; any other scope is a region."""


@dataclass(frozen=True)
class Assertion:
    """An assertion about the cards of the whole or of a region.

    Attributes:
        condition: of the vote rule: `majority`, `turnout`, `approval`, `regional_majority`.
        scope: `WHOLE`, or the region whose cards it is about.
        reached: whether it asserts that the share was reached, or that it was not.
        assorter: value of a card.
        cards: N, an upper bound on the cards that is trusted.
        mean: of the assorter, as reported.
        equality: whether it is true where the share is met exactly: that it was reached where the
            act says "at least", or that it was not where the act says "more than". No sample but
            the whole can show that.
    """

    condition: str
    scope: str
    reached: bool
    assorter: Assorter
    cards: int
    mean: Fraction
    equality: bool = False

    def is_shown(self, excess: Fraction | int, found: Tally) -> bool:
        """Whether the whole of the cards shows the assertion.

        Args:
            excess: value of all cards less N/2, on any scale.
            found: what they show: where there is no vote, no share was reached.
        """
        if excess:
            return excess > 0
        values = (self.assorter.yes, self.assorter.no, self.assorter.blank)
        votes = zip(values, (found.yes, found.no, found.blank), strict=True)
        voted = any(number and value > HALF for value, number in votes)
        return self.equality if voted else not self.reached

    @property
    def margin(self) -> Fraction:
        """The assorter's margin v = 2 mean - 1: a diluted margin."""
        return 2 * self.mean - 1


@dataclass(frozen=True)
class OutcomeAssertions:
    """What must be shown for a reported outcome.

    Attributes:
        carried: the reported outcome.
        assertions: each must be shown at the risk limit; then the outcome is. May be empty.
        canvass: what rests on the number of cards and of electors alone, in words.
        full_count: why no sample can show it, in words; empty if one can.
    """

    carried: bool
    assertions: tuple[Assertion, ...]
    canvass: tuple[str, ...] = ()
    full_count: str = ""


@dataclass(frozen=True)
class Votes:
    """The reported votes of a scope and the cards that there are.

    Attributes:
        tally: votes and electors.
        cards: N; at least the ballots of the tally.
    """

    tally: Tally
    cards: int


def assertions_of_outcome(
    rule: VoteRule,
    conditions: tuple[Condition, ...],
    whole: Votes,
    regions: Mapping[str, Votes],
    prove: str | None = None,
) -> OutcomeAssertions:
    """Turn a result under a vote rule into assertions.

    Args:
        rule: the statute's vote rule.
        conditions: as the result has them.
        whole: the votes of the whole.
        regions: the votes by region, where regions count.
        prove: which failed condition to show where the proposal was not carried; None takes the
            one that is likely to take the fewest cards: the least sum of 1/v² over its assertions.

    Raises:
        InputError: `prove` is not a condition that failed.
        LawError: the rule needs the number of electors, and it is not known.
    """
    carried = all(one.met for one in conditions)
    to_show = [one for one in conditions if one.met == carried]
    if prove is not None:
        to_show = [one for one in to_show if one.name == prove]
        if carried or not to_show:
            failed = ", ".join(one.name for one in conditions if not one.met) or "none"
            raise InputError(f"{prove!r} did not fail", hint=f"conditions that failed: {failed}")
    parts = [_assert_condition(rule, one, whole, regions) for one in to_show]
    if carried:
        return _join_all(parts)
    return min(parts, key=_polling_cost)


def _join_all(parts: list[OutcomeAssertions]) -> OutcomeAssertions:
    """Join the assertions of conditions that must all be shown."""
    return OutcomeAssertions(
        True,
        tuple(one for part in parts for one in part.assertions),
        tuple(text for part in parts for text in part.canvass),
        "; ".join(part.full_count for part in parts if part.full_count),
    )


def _polling_cost(part: OutcomeAssertions) -> Fraction:
    """Order assertions by the cards that polling would take; a full count comes last."""
    if part.full_count:
        return Fraction(10**30)
    return sum((1 / one.margin**2 for one in part.assertions), Fraction(0))


def _assert_condition(
    rule: VoteRule, condition: Condition, whole: Votes, regions: Mapping[str, Votes]
) -> OutcomeAssertions:
    if condition.name == "majority":
        return _assert_majority(rule, condition.name, WHOLE, whole, reached=condition.met)
    if condition.name == "regional_majority":
        return _assert_regions(rule, condition, regions)
    share = rule.turnout if condition.name == "turnout" else rule.approval
    if share is None:
        raise LawError(f"the rule has no {condition.name}")
    return _assert_share_of_electors(condition.name, share.value, whole, reached=condition.met)


def _assert_majority(
    rule: VoteRule, name: str, scope: str, votes: Votes, *, reached: bool
) -> OutcomeAssertions:
    share = _share(rule.majority.value)
    counted_of = rule.majority_of.value
    if counted_of == "electors":
        return _assert_share_of_electors(
            name, rule.majority.value, votes, reached=reached, scope=scope
        )
    assorter_of = share_of_valid if counted_of == "formal" else share_of_cards
    assorter, equal = (
        assorter_of(share, reached=reached),
        _equality(rule.majority.value, reached=reached),
    )
    return _assert_mean(name, scope, votes, assorter, reached=reached, equal=equal)


def _assert_share_of_electors(
    name: str, share: str, votes: Votes, *, reached: bool, scope: str = WHOLE
) -> OutcomeAssertions:
    electors = votes.tally.electors
    if electors is None:
        raise LawError("the rule is a share of the electors, whose number is not known")
    if votes.cards == 0:
        return OutcomeAssertions(reached, (), (), f"{name}: there are no cards")
    part = _share(share) * electors / votes.cards
    if name == "turnout" and not reached:
        reason = f"{votes.cards:,} cards of {electors:,} electors are no quorum, whatever they show"
        return OutcomeAssertions(reached, (), (reason,))
    if part >= 1 and not reached:
        reason = f"{votes.cards:,} cards are fewer than the {share} of {electors:,} that it takes"
        return OutcomeAssertions(reached, (), (reason,))
    if part >= 1:
        return OutcomeAssertions(reached, (), (), f"{name}: met to the card")
    assorter = cards_present(part) if name == "turnout" else share_of_cards(part, reached=reached)
    beyond = ZERO if reached else assorter.upper  # electors, not cards, are what it is a share of
    equal, assorter = _equality(share, reached=reached), replace(assorter, extra=beyond)
    return _assert_mean(name, scope, votes, assorter, reached=reached, equal=equal)


def _equality(share: str, *, reached: bool) -> bool:
    """Whether a share that is met exactly makes it true: `at least` is reached, `more than` not."""
    return share.startswith("at least") == reached


def _assert_mean(
    name: str, scope: str, votes: Votes, assorter: Assorter, *, reached: bool, equal: bool
) -> OutcomeAssertions:
    where = "the whole" if scope == WHOLE else scope
    if votes.cards == 0:
        return OutcomeAssertions(reached, (), (), f"{name} in {where}: there are no cards")
    mean = assorter.mean(votes.tally, votes.cards)
    if mean <= HALF:
        return OutcomeAssertions(
            reached, (), (), f"{name} in {where}: equality, or too near for any sample"
        )
    assertion = Assertion(name, scope, reached, assorter, votes.cards, mean, equal)
    return OutcomeAssertions(reached, (assertion,))


def _assert_regions(
    rule: VoteRule, condition: Condition, regions: Mapping[str, Votes]
) -> OutcomeAssertions:
    """Take regions from the widest margin down until they suffice."""
    if rule.regions is None:
        raise LawError("the rule names no regions")
    halves = set(rule.half_regions.value) if rule.half_regions else set()
    weights = {name: Fraction(1, 2 if name in halves else 1) for name in rule.regions.value}
    total = sum(weights.values(), Fraction(0))
    unit = Fraction(1, 2) if halves else Fraction(1)
    enough = condition.need if condition.met else total - condition.need + unit
    absent = [name for name in weights if name not in regions]
    shown = Fraction(0) if condition.met else sum((weights[n] for n in absent), Fraction(0))
    parts = {
        name: _assert_majority(rule, condition.name, name, regions[name], reached=condition.met)
        for name in weights
        if name in regions and has_majority(rule, regions[name].tally) == condition.met
    }
    taken: list[OutcomeAssertions] = []
    for name, part in sorted(parts.items(), key=lambda item: (_polling_cost(item[1]), item[0])):
        if shown >= enough:
            break
        taken.append(part)
        shown += weights[name]
    joined = _join_all(taken)
    return OutcomeAssertions(condition.met, joined.assertions, joined.canvass, joined.full_count)


def _share(majority: str) -> Fraction:
    """Read the share of `more than 1/2` or `at least 3/5`: met exactly, only a full count tells."""
    return read_fraction(majority.removeprefix("at ").rpartition(" ")[2])
