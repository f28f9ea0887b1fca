"""Cards compared with what was reported of them: their record, or the mean of their box.

A card that shows a and was reported as r is worth B = (u - r + a)/(2 u - v), u the assorter's bound
and v the claim's margin; the claim is true exactly when the mean of B over all cards is more than
1/2 (SHANGRLA, section 3.2). Where a box has no records of its cards, r is the mean that its totals
give (Stark, "ONEAudit", 2023): that takes fewer cards than ballot polling the more the boxes differ
from each other.

What is bet is fixed before the draw from what was reported: Kelly's stake, at which the wealth
grows fastest if the report is right (Spertus, Glazer and Stark, 2025). Where boxes have no records,
half of the wealth is bet at half of the stake. Numbers are IEEE doubles made with +, -, × and ÷
alone, in the order of the record's specification, so that any program comes to the same digits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from referendum.audit.assertions import Assertion
from referendum.audit.assorters import ZERO, Mark
from referendum.audit.risk import ENOUGH, Look, settled
from referendum.law import Tally

HALVINGS = 40
MOST = 63 / 64
"""Largest part of the wealth that is bet, so that no single card can end it."""


def pool_mean(claim: Assertion, tally: Tally, cards: int) -> Fraction:
    """Give the mean worth of the cards of a box as reported; 0 for a box of none."""
    return claim.assorter.total(tally) / cards if cards else ZERO


def recorded(claim: Assertion, mark: Mark) -> Fraction:
    """Give the worth that a card's record reports; one that is missing hides the worst, u."""
    return claim.assorter.upper if mark == "missing" else claim.assorter.of(mark)


def compared(claim: Assertion, reported: Fraction, look: Look) -> Fraction:
    """Give B, the worth of a card of which something was reported: by its record, or its box."""
    upper = claim.assorter.upper
    return (upper - reported + look.worth(claim)) / (2 * upper - claim.margin)


@dataclass(frozen=True)
class ErrorRates:
    """Shares of the records that are wrong, as declared before the draw.

    Attributes:
        half: overstate the claim by half of u, such as a blank that was read as a vote.
        whole: by all of u, such as a no that was read as a yes.
    """

    half: Fraction
    whole: Fraction


Case = tuple[float, Fraction]
"""How many cards, and their B, if what was reported is right."""


def pool_cases(claim: Assertion, boxes: Iterable[tuple[Tally, int]]) -> list[Case]:
    """Give the cases of boxes without records.

    Args:
        claim: about the boxes.
        boxes: votes and cards of each, in the order of the returns.
    """
    cases: list[Case] = []
    for tally, cards in boxes:
        mean = pool_mean(claim, tally, cards)
        shown: tuple[tuple[Mark, int], ...] = (
            ("yes", tally.yes),
            ("no", tally.no),
            ("blank", cards - tally.yes - tally.no),
        )
        cases += [(float(n), compared(claim, mean, Look(mark))) for mark, n in shown if n]
    return cases


def record_cases(claim: Assertion, cards: int, rates: ErrorRates) -> list[Case]:
    """Give the cases of cards that have records, at the error rates that are declared."""
    upper = claim.assorter.upper
    below = 2 * upper - claim.margin
    shares = (
        (1 - rates.half - rates.whole, upper),
        (rates.half, upper / 2),
        (rates.whole, ZERO),
    )
    return [(float(cards * share), worth / below) for share, worth in shares if cards * share]


def stake(cases: Iterable[Case], null: float = 0.5) -> float:
    """Give Kelly's stake on B - null, at most 63/64 of what ruins: the growth's slope halved to."""
    apart = [(n, float(b) - null) for n, b in cases]
    low, high = 0.0, MOST / null
    if _slope(apart, 0.0) <= 0:
        return low
    for _ in range(HALVINGS):
        half = (low + high) / 2
        low, high = (half, high) if _slope(apart, half) > 0 else (low, half)
    return low


def _slope(cases: Sequence[tuple[float, float]], bet: float) -> float:
    slope = 0.0
    for cards, away in cases:
        slope += cards * away / (1 + bet * away)
    return slope


def compared_risk(
    claim: Assertion, drawn: Sequence[tuple[Fraction, Look]], bet: float, hedge: float
) -> float:
    """Give the smallest p-value along the cards of a claim's scope, in the order of the draw.

    Args:
        claim: whose N cards they are drawn from, without replacement.
        drawn: of each card, the worth that was reported of it (or the mean of its box), and what
            was seen.
        bet: from `stake`.
        hedge: part of the wealth that is bet at half of it: 1/2, or 0 where all have records.

    Returns:
        0 or 1 once every card was looked at; 1 where boxes hold so many ballots beyond their
        returns that the wealth would be less than nothing.
    """
    whole_sample = settled(claim, [look for _, look in drawn])
    if whole_sample is not None:
        return whole_sample
    wealth, seen, best = [1 - hedge, hedge], 0.0, 1.0
    for j, (reported, look) in enumerate(drawn):
        x = float(compared(claim, reported, look))
        m = (claim.cards / 2 - seen) / (claim.cards - j)
        if m > 0:
            factors = [1 + min(stake, 1 / m) * (x - m) for stake in (bet, bet / 2)]
            if min(factors) < 0:
                return 1.0
            wealth = [part * factor for part, factor in zip(wealth, factors, strict=True)]
            best = max(best, wealth[0] + wealth[1])
        if best >= ENOUGH:
            break
        seen += x
    return 1 / best
