"""The risk that is left after a sample, so that any program comes to the same digits.

Batches are exact. Cards are taken in IEEE double arithmetic with +, -, ×, ÷ and √ alone, on sums
that are kept as whole numbers, in the order of the record's specification: no platform differs.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm, sqrt

from referendum.audit.assertions import Assertion
from referendum.audit.assorters import HALF, MARKS, ZERO, Mark
from referendum.law import Tally

DECIMALS = 9
WEIGHT_OF_REPORT = 100
"""d: cards that the reported mean weighs in ALPHA's estimate."""
SUFFICIENT_WEALTH = 1e9
"""A martingale that has come so far gives a risk that is 0 to the printed places, rounded up."""


def format_risk(risk: Fraction | float) -> str:
    """Write a risk with nine places, rounded up."""
    exact = Fraction(risk)
    scaled = -(-exact.numerator * 10**DECIMALS // exact.denominator)
    whole, part = divmod(scaled, 10**DECIMALS)
    return f"{whole}.{part:0{DECIMALS}}"


@dataclass(frozen=True)
class ManualRecord:
    """A card that was drawn and looked at.

    Attributes:
        mark: what it shows.
        extra_per_card: ballots that its box holds beyond the cards returned, for each of these.
    """

    mark: Mark
    extra_per_card: Fraction = ZERO

    def value_for(self, assertion: Assertion) -> Fraction:
        """Give the assorter's value of the card, less its part of the extra ballots of its box.

        Those ballots are taken as the worst for the assertion. So the sum of these values over the
        N cards is more than N/2 only if the assertion is true of all ballots that there are.
        """
        return assertion.assorter.value(self.mark) - assertion.assorter.extra * self.extra_per_card


def risk_of_full_sample(assertion: Assertion, records: Sequence[ManualRecord]) -> float | None:
    """Give 0 or 1 where every card of an assertion was looked at: it is shown, or refuted."""
    if len(records) < assertion.cards:
        return None
    excess = sum((record.value_for(assertion) for record in records), ZERO) - assertion.cards * HALF
    marks = Counter(record.mark for record in records)
    is_shown = assertion.is_shown(excess, Tally(marks["yes"], marks["no"], marks["blank"]))
    return 0.0 if is_shown else 1.0


def polling_risk(assertion: Assertion, records: Sequence[ManualRecord]) -> float:
    """Give the smallest p-value along the cards of an assertion's scope, in the order of the draw.

    Half on Wald's SPRT at the reported mean, half on ALPHA with d = 100, without replacement; see
    `martingales.fixed_alternative` and `martingales.shrink_truncate_alternative`. Nothing is bet
    where the value of the cards that are left is exactly what the null hypothesis leaves; 0 once it
    is less, if no box holds more than it returned. Boxes that hold so many more that the wealth
    would be less than nothing leave a risk of 1.
    """
    whole_sample = risk_of_full_sample(assertion, records)
    if whole_sample is not None:
        return whole_sample
    values = [record.value_for(assertion) for record in records]
    values_of_marks = [assertion.assorter.value(mark) for mark in MARKS]
    unit = lcm(*(value.denominator for value in (*values_of_marks, *values)))
    upper = max(int(value * unit) for value in values_of_marks) / unit
    away = (float(assertion.mean) - 0.5) / 2
    p, q = assertion.mean.numerator, assertion.mean.denominator
    d, is_bounded = WEIGHT_OF_REPORT, not any(record.extra_per_card for record in records)
    sum_so_far, fixed_wealth, shrunk_wealth, best = 0, 0.5, 0.5, 1.0
    for j, whole in enumerate(int(value * unit) for value in values):
        cards_left = assertion.cards - j
        room = assertion.cards * unit - 2 * sum_so_far
        if room < 0 and is_bounded:
            return 0.0
        if room > 0:
            x, m = whole / unit, room / (2 * unit * cards_left)
            fixed_guess = (assertion.cards * p * unit - q * sum_so_far) / (q * unit * cards_left)
            guess = (d * p * unit + q * sum_so_far) / (q * unit * (d + j))
            guess = max(guess, m + away / sqrt(d + j))
            factors = (
                _factor(x, m, min(max(fixed_guess, 0.0), upper), upper),
                _factor(x, m, min(guess, upper), upper),
            )
            if min(factors) < 0:
                return 1.0
            fixed_wealth, shrunk_wealth = fixed_wealth * factors[0], shrunk_wealth * factors[1]
            best = max(best, fixed_wealth + shrunk_wealth)
        if best >= SUFFICIENT_WEALTH:
            break
        sum_so_far += whole
    return 0.0 if is_bounded and assertion.cards * unit < 2 * sum_so_far else 1 / best


def _factor(x: float, m: float, guess: float, upper: float) -> float:
    """Give what a card multiplies the martingale by; nothing is left where m is u or more."""
    if m >= upper:
        return 0.0
    return (x * guess / m + (upper - x) * (upper - guess) / (upper - m)) / upper
