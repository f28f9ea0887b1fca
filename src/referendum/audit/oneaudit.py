"""ONEAudit: single cards compared with what the box that they lie in reported on average.

A card that shows a in a box whose mean was reported as r is worth B = (u - r + a)/(2 u - v), u the
assorter's bound and v the claim's margin; the claim is true exactly when the mean of B over all
cards is more than 1/2 (SHANGRLA, section 3.2, with the box as pool: Stark, "ONEAudit", 2023).
Totals by box are enough: no record of single cards is needed. It takes fewer cards than ballot
polling the more the boxes differ from each other.

What is bet is fixed before the draw from what was reported: Kelly's stake, at which the wealth
grows fastest if the report is right (Spertus, Glazer and Stark, 2025), with half of the wealth, and
half of the stake with the other half. Numbers are IEEE doubles made with +, -, × and ÷ alone, in
the order of the record's specification, so that any program comes to the same digits.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from referendum.audit.assertions import Assertion
from referendum.audit.assorters import HALF, ZERO, Mark
from referendum.audit.risk import ENOUGH
from referendum.law import Tally

HALVINGS = 40
MOST = 63 / 64
"""Largest part of the wealth that is bet, so that no single card can end it."""


def pool_mean(claim: Assertion, tally: Tally, cards: int) -> Fraction:
    """Give the mean worth of the cards of a box as reported; 0 for a box of none."""
    return claim.assorter.total(tally) / cards if cards else ZERO


def compared(claim: Assertion, reported: Fraction, mark: Mark) -> Fraction:
    """Give B, the worth of a card in a box whose mean was reported."""
    upper = claim.assorter.upper
    return (upper - reported + claim.assorter.of(mark)) / (2 * upper - claim.margin)


def stake(claim: Assertion, boxes: Sequence[tuple[Tally, int]]) -> float:
    """Give Kelly's stake on B - 1/2 if what the boxes reported is right.

    Args:
        claim: about the boxes.
        boxes: votes and cards of each, in the order of the returns.
    """
    cases = []
    for tally, cards in boxes:
        mean = pool_mean(claim, tally, cards)
        shown: tuple[tuple[Mark, int], ...] = (
            ("yes", tally.yes),
            ("no", tally.no),
            ("blank", cards - tally.yes - tally.no),
        )
        cases += [(float(n), float(compared(claim, mean, mark) - HALF)) for mark, n in shown if n]
    return _kelly(cases)


def recorded_stake(claim: Assertion, half: Fraction, whole: Fraction) -> float:
    """Give Kelly's stake where every card has a record, and shares of the records are wrong.

    Args:
        claim: about the cards.
        half: share of the cards whose record overstates the claim by half of u, such as a blank
            that was read as a vote.
        whole: by all of u, such as a no that was read as a yes.
    """
    upper = claim.assorter.upper
    below = 2 * upper - claim.margin
    shares = ((1 - half - whole, upper), (half, upper / 2), (whole, ZERO))
    return _kelly([(float(n), float(b / below - HALF)) for n, b in shares if n])


def _kelly(cases: Sequence[tuple[float, float]]) -> float:
    low, high = 0.0, 2 * MOST
    if _slope(cases, 0.0) <= 0:
        return low
    for _ in range(HALVINGS):
        half = (low + high) / 2
        low, high = (half, high) if _slope(cases, half) > 0 else (low, half)
    return low


def _slope(cases: Sequence[tuple[float, float]], bet: float) -> float:
    slope = 0.0
    for cards, away in cases:
        slope += cards * away / (1 + bet * away)
    return slope


def compared_risk(
    claim: Assertion, drawn: Iterable[tuple[Fraction, Mark]], bet: float, hedge: float
) -> float:
    """Give the smallest p-value along the cards of a claim's scope, in the order of the draw.

    Args:
        claim: whose N cards they are drawn from, without replacement.
        drawn: of each card, the worth that was reported of it (or the mean of its box), and what it
            shows.
        bet: from `stake` or `recorded_stake`.
        hedge: part of the wealth that is bet at half of it: 1/2 for boxes, 0 for records.
    """
    wealth, seen, best = [1 - hedge, hedge], 0.0, 1.0
    for j, (reported, mark) in enumerate(drawn):
        x = float(compared(claim, reported, mark))
        m = (claim.cards / 2 - seen) / (claim.cards - j)
        if m > 0:
            wealth[0] *= 1 + min(bet, 1 / m) * (x - m)
            wealth[1] *= 1 + min(bet / 2, 1 / m) * (x - m)
            best = max(best, wealth[0] + wealth[1])
        if best >= ENOUGH:
            break
        seen += x
    return 1 / best
