"""Comparison of whole batches: error bounds, taints, and the risk that they leave.

For a claim with the assorter A, N cards and the reported mean, batch p can overstate it by at most
u_p = (reported worth of the batch) / (N (mean - 1/2)); what is found is e_p, the same with
reported less audited. U is the sum of the bounds, the taint e_p / u_p. With draws proportional to
the bounds, P = Π (1 - 1/U) / (1 - taint) is a p-value (Kaplan–Markov with MACRO: Stark, "A sharper
discrepancy measure for post-election audits", 2008; "Risk-limiting post-election audits", 2009).
Everything is exact; only a printed risk is rounded, up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, lcm, log, log1p

from referendum.audit.assertions import Assertion
from referendum.audit.assorters import HALF, ONE, ZERO, Assorter
from referendum.audit.samples import Box, Place
from referendum.core.errors import InputError
from referendum.law import Tally


@dataclass(frozen=True)
class Claim:
    """A claim whose batches are compared.

    Attributes:
        assorter: worth of a card.
        mean: as reported, more than 1/2.
        cards: N.
    """

    assorter: Assorter
    mean: Fraction
    cards: int

    @property
    def _room(self) -> Fraction:
        return self.cards * (self.mean - HALF)

    def bound(self, reported: Tally, cards: int) -> Fraction:
        """Give u_p: as if every card of the batch were worth nothing.

        Raises:
            InputError: the claim is not true of the reported votes.
        """
        if self._room <= 0:
            raise InputError("a claim that the reported votes do not meet cannot be audited")
        missing = self.assorter.missing * (cards - reported.cast)
        return (self.assorter.total(reported) + missing) / self._room

    def error(self, reported: Tally, audited: Tally, cards: int) -> Fraction:
        """Give e_p; cards that were not found are worth what is worst for the claim."""
        worth = self.assorter.total(reported) - self.assorter.total(audited)
        missing = (cards - reported.cast) - max(0, cards - audited.cast)
        return (worth + self.assorter.missing * missing) / self._room


@dataclass(frozen=True)
class Batches:
    """Whole boxes, with every claim about the cards in them: they may ask several questions.

    Attributes:
        claims: of each box, the claims about its cards, each with what it reported.
    """

    claims: Mapping[Place, Sequence[tuple[Claim, Box]]]

    @classmethod
    def of(cls, boxes: Iterable[Box], asserted: Iterable[tuple[str, Assertion]]) -> "Batches":
        """Put claims, each with its question, beside the boxes that have returns of it."""
        about: dict[str, list[Claim]] = {}
        for question, one in asserted:
            about.setdefault(question, []).append(Claim(one.assorter, one.mean, one.cards))
        found: dict[Place, list[tuple[Claim, Box]]] = {}
        for box in boxes:
            claims = [(claim, box) for claim in about.get(box.question, [])]
            found.setdefault(box.place, []).extend(claims)
        return cls(found)

    @property
    def bounds(self) -> dict[Place, Fraction]:
        """The largest relative overstatement of each box: the largest over its claims."""
        return {
            place: max((claim.bound(box.tally, box.cards) for claim, box in claims), default=ZERO)
            for place, claims in self.claims.items()
        }

    def risk(self, drawn: Iterable[Place], found: Mapping[tuple[str, Place], Tally]) -> Fraction:
        """Give the risk that all claims share.

        Args:
            drawn: boxes in the order of the draw.
            found: question and box → what was counted by hand, of every box that was drawn.
        """
        bounds, order = self.bounds, list(drawn)
        taints = {}
        for place in set(order):
            error = max(
                claim.error(box.tally, found[box.question, place], box.cards)
                for claim, box in self.claims[place]
            )
            taints[place] = error / bounds[place] if bounds[place] else Fraction(error > 0)
        return macro_risk(sum(bounds.values(), ZERO), [taints[place] for place in order])


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

    A taint of 1 or more says that the batch alone could have made the difference: P is 1 from
    there on. Negative taints count as 0, as Arlo has it: an error the other way buys nothing.
    """
    p = least = ONE
    for taint in taints:
        if taint >= 1:
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
