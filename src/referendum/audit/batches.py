"""Comparison of whole batches: error bounds, taints, and the risk that they leave.

For a claim with the assorter A, N cards and the reported mean, batch p can overstate it by at most
u_p = (reported worth of the batch) / (N (mean - 1/2)); what is found is e_p, the same with
reported less audited, and with what each ballot beyond the batch's cards takes away from the claim
(`Assorter.beyond`). The claim is true exactly when all e_p add up to less than 1. U is the sum of
the bounds, the taint e_p / u_p. With draws proportional to the bounds, P = Π (1 - 1/U) /
(1 - taint) is a p-value (Kaplan–Markov with MACRO: Stark, "A sharper discrepancy measure for
post-election audits", 2008; "Risk-limiting post-election audits", 2009). A batch that holds so many
more ballots than it returned that its error is more than its bound shows that the bounds are
wrong: the risk is 1. Once every batch that has a bound was counted, there is no risk: the claim is
shown or refuted.
Everything is exact; only a printed risk is rounded, up.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from math import ceil, lcm, log, log1p

from referendum.audit.assertions import Assertion
from referendum.audit.assorters import HALF, ONE, ZERO
from referendum.audit.samples import Box, Place
from referendum.core.errors import InputError
from referendum.law import Tally

About = tuple[str, Assertion]
"""A claim, and the question whose cards it is about."""


def error_bound(claim: Assertion, reported: Tally) -> Fraction:
    """Give u_p: as if every card of the batch were worth nothing.

    Raises:
        InputError: the claim is not true of the reported votes.
    """
    if claim.mean <= HALF:
        raise InputError("a claim that the reported votes do not meet cannot be audited")
    return claim.assorter.total(reported) / (claim.cards * (claim.mean - HALF))


def overstatement(claim: Assertion, reported: Tally, audited: Tally, cards: int) -> Fraction:
    """Give e_p; cards that were not found are worth what is worst for the claim: nothing."""
    worth = claim.assorter.total(reported) - claim.assorter.total(audited)
    beyond = claim.assorter.beyond * max(0, audited.cast - cards)
    return (worth + beyond) / (claim.cards * (claim.mean - HALF))


@dataclass(frozen=True)
class Batches:
    """Whole boxes, with every claim about the cards in them: they may ask several questions.

    Attributes:
        claims: of each box, the claims about its cards, each with what it reported.
    """

    claims: Mapping[Place, Sequence[tuple[About, Box]]]

    @classmethod
    def of(cls, boxes: Iterable[Box], asserted: Iterable[About]) -> "Batches":
        """Put claims, each with its question, beside the boxes that have returns of it."""
        about: dict[str, list[About]] = {}
        for question, one in asserted:
            about.setdefault(question, []).append((question, one))
        found: dict[Place, list[tuple[About, Box]]] = {}
        for box in boxes:
            claims = [(one, box) for one in about.get(box.question, [])]
            found.setdefault(box.place, []).extend(claims)
        return cls(found)

    @property
    def bounds(self) -> dict[Place, Fraction]:
        """The largest relative overstatement of each box: the largest over its claims."""
        return {
            place: max((error_bound(claim, box.tally) for (_, claim), box in parts), default=ZERO)
            for place, parts in self.claims.items()
        }

    def risks(
        self, drawn: Iterable[Place], found: Mapping[tuple[str, Place], Tally]
    ) -> dict[About, Fraction]:
        """Give the risk of each claim: all share it, until every box was counted.

        Args:
            drawn: boxes in the order of the draw.
            found: question and box → what was counted by hand, of every box that was drawn.
        """
        bounds, order = self.bounds, list(drawn)
        errors = {
            place: [
                (one, overstatement(one[1], box.tally, found[box.question, place], box.cards))
                for one, box in self.claims[place]
            ]
            for place in set(order)
        }
        sums = {one: ZERO for parts in self.claims.values() for one, _ in parts}
        if all(place in errors for place, bound in bounds.items() if bound):
            for one, error in chain.from_iterable(errors.values()):
                sums[one] += error
            hands = self._by_hand(found, set(errors))
            return {
                one: ZERO if one[1].is_shown(1 - total, hands[one]) else ONE
                for one, total in sums.items()
            }
        taints = {
            place: max(error for _, error in parts) / bounds[place]
            for place, parts in errors.items()
        }
        total = sum(bounds.values(), ZERO)
        return dict.fromkeys(sums, macro_risk(total, [taints[place] for place in order]))

    def _by_hand(
        self, found: Mapping[tuple[str, Place], Tally], counted: AbstractSet[Place]
    ) -> dict[About, Tally]:
        """Add up what was counted of the cards of each claim."""
        hands: dict[About, Tally] = {}
        for place in counted:
            for one, box in self.claims[place]:
                had, more = hands.get(one, Tally(0, 0, 0)), found[box.question, place]
                yes, no = had.yes + more.yes, had.no + more.no
                hands[one] = Tally(yes, no, had.blank + more.blank)
        return hands


def whole_weights(bounds: Sequence[Fraction]) -> list[int]:
    """Give whole numbers in the proportion of exact bounds."""
    common = lcm(*(bound.denominator for bound in bounds)) if bounds else 1
    return [int(bound * common) for bound in bounds]


def draws_needed(risk_limit: Fraction, total_bound: Fraction) -> int:
    """Give the draws after which P is at most the risk limit if nothing is found.

    Raises:
        InputError: the bounds leave no room for an error that changes the outcome.
    """
    if total_bound <= 1:
        raise InputError(f"U = {float(total_bound):.4f}: no error can change the outcome")
    return ceil(log(risk_limit) / log1p(-1 / float(total_bound)))


def macro_risk(total_bound: Fraction, taints: Iterable[Fraction]) -> Fraction:
    """Give the smallest P along the draws, at most 1; exact.

    A taint of 1 says that the batch alone could have made the difference: P is 1 from there on. A
    taint of more than 1 says that the bounds are no bounds: the risk is 1. Negative taints count as
    0, as Arlo has it: an error the other way buys nothing.
    """
    p = least = ONE
    order = list(taints)
    if max(order, default=ZERO) > 1:
        return ONE
    for taint in order:
        if taint == 1:
            break
        p *= (1 - 1 / total_bound) / (1 - max(ZERO, taint))
        least = min(least, p)
    return least


@dataclass(frozen=True)
class Pair:
    """One winner and one loser of a contest with many candidates, as Arlo compares batches."""

    winner: str
    loser: str
    margin: int

    def bound(self, reported: dict[str, int], cards: int) -> Fraction:
        """Give u_p of this pair: (v_w - v_l + cards) / V."""
        return Fraction(reported[self.winner] - reported[self.loser] + cards, self.margin)

    def error(self, reported: dict[str, int], audited: dict[str, int]) -> Fraction:
        """Give e_p of this pair."""
        found = audited[self.winner] - audited[self.loser]
        return Fraction(reported[self.winner] - reported[self.loser] - found, self.margin)


@dataclass(frozen=True)
class NoMajority:
    """No candidate has a share of the valid votes: a runoff follows. As Arlo compares batches.

    Arlo asserts it of each of the two who go on to the runoff.
    """

    leader: str
    margin: int

    def bound(self, reported: dict[str, int], cards: int) -> Fraction:
        """Give u_p: (others - leader + cards) / V."""
        return Fraction(_others(reported, self.leader) + cards, self.margin)

    def error(self, reported: dict[str, int], audited: dict[str, int]) -> Fraction:
        """Give e_p."""
        found = _others(audited, self.leader)
        return Fraction(_others(reported, self.leader) - found, self.margin)


def _others(votes: dict[str, int], leader: str) -> int:
    """Give how many more votes the others have than one candidate."""
    return sum(votes.values()) - 2 * votes[leader]


def runoff_claims(totals: dict[str, int]) -> "list[Pair | NoMajority]":
    """Give what must hold for a runoff between the first two, as Arlo asserts it."""
    valid = sum(totals.values())
    first_two = sorted(totals, key=lambda name: -totals[name])[:2]
    return [
        *pairs(totals, 2),
        *(NoMajority(name, valid - 2 * totals[name]) for name in first_two),
    ]


def pairs(totals: dict[str, int], winners: int) -> list[Pair]:
    """Give every pair of a winner and a loser of a contest."""
    order = sorted(totals, key=lambda name: -totals[name])
    return [
        Pair(winner, loser, totals[winner] - totals[loser])
        for winner in order[:winners]
        for loser in order[winners:]
    ]
