"""Cards compared with what was reported of them: their record, or the mean of their box.

A card that shows a and was reported as r has the value B = (u - r + a)/(2 u - v), u the assorter's
bound and v the assertion's margin; the assertion is true exactly when the mean of B over all cards
is more than 1/2 (SHANGRLA, section 3.2). Where a box has no records of its cards, r is the mean
that its totals give (Stark, "ONEAudit", 2023): that takes fewer cards than ballot polling the more
the boxes differ from each other.

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
from referendum.audit.risk import SUFFICIENT_WEALTH, ManualRecord, risk_of_full_sample
from referendum.law import Tally

HALVINGS = 40
LARGEST_STAKE = 63 / 64
"""Largest part of the wealth that is bet, so that no single card can end it."""


def pool_mean(assertion: Assertion, tally: Tally, cards: int) -> Fraction:
    """Give the mean value of the cards of a box as reported; 0 for a box of none."""
    return assertion.assorter.total(tally) / cards if cards else ZERO


def reported_value(assertion: Assertion, mark: Mark) -> Fraction:
    """Give the value that a card's record reports; one that is missing hides the worst, u."""
    return assertion.assorter.upper if mark == "missing" else assertion.assorter.value(mark)


def overstatement_value(assertion: Assertion, reported: Fraction, record: ManualRecord) -> Fraction:
    """Give B, the value of a card of which something was reported: by its record, or its box."""
    upper = assertion.assorter.upper
    return (upper - reported + record.value_for(assertion)) / (2 * upper - assertion.margin)


@dataclass(frozen=True)
class ErrorRates:
    """Shares of the records that are wrong, as declared before the draw.

    Attributes:
        half: overstate the assertion by half of u, such as a blank that was read as a vote.
        whole: by all of u, such as a no that was read as a yes.
    """

    half: Fraction
    whole: Fraction


CountedValue = tuple[float, Fraction]
"""How many cards, and their B, if what was reported is right."""


def pool_values(assertion: Assertion, boxes: Iterable[tuple[Tally, int]]) -> list[CountedValue]:
    """Give the cases of boxes without records.

    Args:
        assertion: about the boxes.
        boxes: votes and cards of each, in the order of the returns.
    """
    counted_values: list[CountedValue] = []
    for tally, cards in boxes:
        mean = pool_mean(assertion, tally, cards)
        marks_shown: tuple[tuple[Mark, int], ...] = (
            ("yes", tally.yes),
            ("no", tally.no),
            ("blank", cards - tally.yes - tally.no),
        )
        counted_values += [
            (float(n), overstatement_value(assertion, mean, ManualRecord(mark)))
            for mark, n in marks_shown
            if n
        ]
    return counted_values


def record_values(assertion: Assertion, cards: int, rates: ErrorRates) -> list[CountedValue]:
    """Give the cases of cards that have records, at the error rates that are declared."""
    upper = assertion.assorter.upper
    below = 2 * upper - assertion.margin
    shares = (
        (1 - rates.half - rates.whole, upper),
        (rates.half, upper / 2),
        (rates.whole, ZERO),
    )
    return [(float(cards * share), value / below) for share, value in shares if cards * share]


def kelly_stake(counted_values: Iterable[CountedValue], null: float = 0.5) -> float:
    """Give Kelly's stake on B - null, at most 63/64 of what ruins: the growth's slope halved to."""
    differences = [(n, float(b) - null) for n, b in counted_values]
    low, high = 0.0, LARGEST_STAKE / null
    if _growth_slope(differences, 0.0) <= 0:
        return low
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _growth_slope(differences, middle) > 0 else (low, middle)
    return low


def _growth_slope(counted_values: Sequence[tuple[float, float]], bet: float) -> float:
    slope = 0.0
    for cards, difference in counted_values:
        slope += cards * difference / (1 + bet * difference)
    return slope


def comparison_risk(
    assertion: Assertion, drawn: Sequence[tuple[Fraction, ManualRecord]], bet: float, hedge: float
) -> float:
    """Give the smallest p-value along the cards of an assertion's scope, in the order of the draw.

    Args:
        assertion: whose N cards they are drawn from, without replacement.
        drawn: of each card, the value that was reported of it (or the mean of its box), and what
            was seen.
        bet: from `stake`.
        hedge: part of the wealth that is bet at half of it: 1/2, or 0 where all have records.

    Returns:
        0 or 1 once every card was looked at; 1 where boxes hold so many ballots beyond their
        returns that the wealth would be less than nothing.
    """
    whole_sample = risk_of_full_sample(assertion, [record for _, record in drawn])
    if whole_sample is not None:
        return whole_sample
    wealth, sum_so_far, best = [1 - hedge, hedge], 0.0, 1.0
    for j, (reported, record) in enumerate(drawn):
        x = float(overstatement_value(assertion, reported, record))
        m = (assertion.cards / 2 - sum_so_far) / (assertion.cards - j)
        if m > 0:
            factors = [1 + min(part, 1 / m) * (x - m) for part in (bet, bet / 2)]
            if min(factors) < 0:
                return 1.0
            wealth = [part * factor for part, factor in zip(wealth, factors, strict=True)]
            best = max(best, wealth[0] + wealth[1])
        if best >= SUFFICIENT_WEALTH:
            break
        sum_so_far += x
    return 1 / best
