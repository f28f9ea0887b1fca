"""Comparison of whole batches: error bounds, taints, and the risk that they leave.

For an assertion with the assorter A, N cards and the reported mean, batch p can overstate it by at
most u_p = (reported value of the batch) / (N (mean - 1/2)); what is found is e_p, the same with
reported less audited, and with what each ballot beyond the batch's cards takes away from the
assertion (`Assorter.extra`). The assertion is true exactly when all e_p add up to less than 1. U
is the sum of the bounds, the taint e_p / u_p. With draws proportional to the bounds, P = Π (1 -
1/U) / (1 - taint) is a p-value (Kaplan–Markov with MACRO: Stark, "A sharper discrepancy measure for
post-election audits", 2008; "Risk-limiting post-election audits", 2009). A batch that holds so many
more ballots than it returned that its error is more than its bound shows that the bounds are wrong:
the risk is 1. Once every batch that has a bound was counted, there is no risk: the assertion is
shown or refuted. Everything is exact; only a printed risk is rounded, up.
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

QuestionAssertion = tuple[str, Assertion]
"""An assertion, and the question whose cards it is about."""


def error_bound(assertion: Assertion, reported: Tally) -> Fraction:
    """Give u_p: as if every card of the batch had the value 0.

    Raises:
        InputError: the assertion is not true of the reported votes.
    """
    if assertion.mean <= HALF:
        raise InputError("a claim that the reported votes do not meet cannot be audited")
    return assertion.assorter.total(reported) / (assertion.cards * (assertion.mean - HALF))


def overstatement(assertion: Assertion, reported: Tally, audited: Tally, cards: int) -> Fraction:
    """Give e_p; cards that were not found have the worst value for the assertion: 0."""
    value = assertion.assorter.total(reported) - assertion.assorter.total(audited)
    extra = assertion.assorter.extra * max(0, audited.cast - cards)
    return (value + extra) / (assertion.cards * (assertion.mean - HALF))


@dataclass(frozen=True)
class Batches:
    """Whole boxes, with every assertion about the cards in them: they may ask several questions.

    Attributes:
        assertions: of each box, the assertions about its cards, each with what it reported.
    """

    assertions: Mapping[Place, Sequence[tuple[QuestionAssertion, Box]]]

    @classmethod
    def from_boxes(cls, boxes: Iterable[Box], assertions: Iterable[QuestionAssertion]) -> "Batches":
        """Put assertions, each with its question, beside the boxes that have returns of it."""
        by_question: dict[str, list[QuestionAssertion]] = {}
        for question, assertion in assertions:
            by_question.setdefault(question, []).append((question, assertion))
        found: dict[Place, list[tuple[QuestionAssertion, Box]]] = {}
        for box in boxes:
            own = [(about, box) for about in by_question.get(box.question, [])]
            found.setdefault(box.place, []).extend(own)
        return cls(found)

    @property
    def bounds(self) -> dict[Place, Fraction]:
        """The largest relative overstatement of each box: the largest over its assertions."""
        return {
            place: max(
                (error_bound(assertion, box.tally) for (_, assertion), box in parts), default=ZERO
            )
            for place, parts in self.assertions.items()
        }

    def risks(
        self, drawn: Iterable[Place], found: Mapping[tuple[str, Place], Tally]
    ) -> dict[QuestionAssertion, Fraction]:
        """Give the risk of each assertion: all share it, until every box was counted.

        Args:
            drawn: boxes in the order of the draw.
            found: question and box → what was counted by hand, of every box that was drawn.
        """
        bounds, order = self.bounds, list(drawn)
        errors = {
            place: [
                (about, overstatement(about[1], box.tally, found[box.question, place], box.cards))
                for about, box in self.assertions[place]
            ]
            for place in set(order)
        }
        sums = {about: ZERO for parts in self.assertions.values() for about, _ in parts}
        if all(place in errors for place, bound in bounds.items() if bound):
            for about, error in chain.from_iterable(errors.values()):
                sums[about] += error
            hands = self._by_hand(found, set(errors))
            return {
                about: ZERO if about[1].is_shown(1 - total, hands[about]) else ONE
                for about, total in sums.items()
            }
        taints = {
            place: max(error for _, error in parts) / bounds[place]
            for place, parts in errors.items()
        }
        total = sum(bounds.values(), ZERO)
        return dict.fromkeys(sums, macro_risk(total, [taints[place] for place in order]))

    def _by_hand(
        self, found: Mapping[tuple[str, Place], Tally], counted: AbstractSet[Place]
    ) -> dict[QuestionAssertion, Tally]:
        """Add up what was counted of the cards of each assertion."""
        hands: dict[QuestionAssertion, Tally] = {}
        for place in counted:
            for about, box in self.assertions[place]:
                before, more = hands.get(about, Tally(0, 0, 0)), found[box.question, place]
                yes, no = before.yes + more.yes, before.no + more.no
                hands[about] = Tally(yes, no, before.blank + more.blank)
        return hands


def integer_weights(bounds: Sequence[Fraction]) -> list[int]:
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
class WinnerLoserPair:
    """One winner and one loser of a contest with many candidates, as Arlo compares batches."""

    winner: str
    loser: str
    margin: int

    def error_bound(self, reported: dict[str, int], cards: int) -> Fraction:
        """Give u_p of this pair: (v_w - v_l + cards) / V."""
        return Fraction(reported[self.winner] - reported[self.loser] + cards, self.margin)

    def overstatement(self, reported: dict[str, int], audited: dict[str, int]) -> Fraction:
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

    def error_bound(self, reported: dict[str, int], cards: int) -> Fraction:
        """Give u_p: (others - leader + cards) / V."""
        return Fraction(_lead_of_others(reported, self.leader) + cards, self.margin)

    def overstatement(self, reported: dict[str, int], audited: dict[str, int]) -> Fraction:
        """Give e_p."""
        found = _lead_of_others(audited, self.leader)
        return Fraction(_lead_of_others(reported, self.leader) - found, self.margin)


def _lead_of_others(votes: dict[str, int], leader: str) -> int:
    """Give how many more votes the others have than one candidate."""
    return sum(votes.values()) - 2 * votes[leader]


def runoff_assertions(totals: dict[str, int]) -> "list[WinnerLoserPair | NoMajority]":
    """Give what must hold for a runoff between the first two, as Arlo asserts it."""
    valid = sum(totals.values())
    first_two = sorted(totals, key=lambda name: -totals[name])[:2]
    return [
        *winner_loser_pairs(totals, 2),
        *(NoMajority(name, valid - 2 * totals[name]) for name in first_two),
    ]


def winner_loser_pairs(totals: dict[str, int], winners: int) -> list[WinnerLoserPair]:
    """Give every pair of a winner and a loser of a contest."""
    order = sorted(totals, key=lambda name: -totals[name])
    return [
        WinnerLoserPair(winner, loser, totals[winner] - totals[loser])
        for winner in order[:winners]
        for loser in order[winners:]
    ]
