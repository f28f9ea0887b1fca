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

PLACES = 9
WEIGHT_OF_REPORT = 100
"""d: cards that the reported mean weighs in ALPHA's estimate."""
ENOUGH = 1e9
"""A martingale that has come so far gives a risk that is 0 to the printed places, rounded up."""


def printed(risk: Fraction | float) -> str:
    """Write a risk with nine places, rounded up."""
    exact = Fraction(risk)
    scaled = -(-exact.numerator * 10**PLACES // exact.denominator)
    whole, part = divmod(scaled, 10**PLACES)
    return f"{whole}.{part:0{PLACES}}"


@dataclass(frozen=True)
class Look:
    """A card that was drawn and looked at.

    Attributes:
        mark: what it shows.
        beyond: ballots that its box holds beyond the cards returned, for each of these.
    """

    mark: Mark
    beyond: Fraction = ZERO

    def worth(self, claim: Assertion) -> Fraction:
        """Give its worth to a claim; it carries its part of what its box holds beyond the return.

        Those ballots are taken as the worst for the claim. So the sum of these worths over the N
        cards is more than N/2 only if the claim is true of all ballots that there are.
        """
        return claim.assorter.of(self.mark) - claim.assorter.beyond * self.beyond


def settled(claim: Assertion, looks: Sequence[Look]) -> float | None:
    """Give 0 or 1 where every card of a claim was looked at: it is shown, or refuted."""
    if len(looks) < claim.cards:
        return None
    beside = sum((look.worth(claim) for look in looks), ZERO) - claim.cards * HALF
    marks = Counter(look.mark for look in looks)
    shown = claim.is_shown(beside, Tally(marks["yes"], marks["no"], marks["blank"]))
    return 0.0 if shown else 1.0


def polling_risk(claim: Assertion, looks: Sequence[Look]) -> float:
    """Give the smallest p-value along the cards of a claim's scope, in the order of the draw.

    Half on Wald's SPRT at the reported mean, half on ALPHA with d = 100, without replacement; see
    `martingales.fixed_mean` and `martingales.shrink_truncate`. Nothing is bet where the worth of
    the cards that are left is exactly what the null hypothesis leaves; 0 once it is less, if no box
    holds more than it returned. Boxes that hold so many more that the wealth would be less than
    nothing leave a risk of 1.
    """
    whole_sample = settled(claim, looks)
    if whole_sample is not None:
        return whole_sample
    worths = [look.worth(claim) for look in looks]
    least = [claim.assorter.of(mark) for mark in MARKS]
    unit = lcm(*(worth.denominator for worth in (*least, *worths)))
    upper = max(int(worth * unit) for worth in least) / unit
    away = (float(claim.mean) - 0.5) / 2
    p, q = claim.mean.numerator, claim.mean.denominator
    d, sure = WEIGHT_OF_REPORT, not any(look.beyond for look in looks)
    seen, one, other, best = 0, 0.5, 0.5, 1.0
    for j, whole in enumerate(int(worth * unit) for worth in worths):
        left = claim.cards - j
        room = claim.cards * unit - 2 * seen
        if room < 0 and sure:
            return 0.0
        if room > 0:
            x, m = whole / unit, room / (2 * unit * left)
            hoped = (claim.cards * p * unit - q * seen) / (q * unit * left)
            guess = (d * p * unit + q * seen) / (q * unit * (d + j))
            guess = max(guess, m + away / sqrt(d + j))
            factors = (
                _factor(x, m, min(max(hoped, 0.0), upper), upper),
                _factor(x, m, min(guess, upper), upper),
            )
            if min(factors) < 0:
                return 1.0
            one, other = one * factors[0], other * factors[1]
            best = max(best, one + other)
        if best >= ENOUGH:
            break
        seen += whole
    return 0.0 if sure and claim.cards * unit < 2 * seen else 1 / best


def _factor(x: float, m: float, guess: float, upper: float) -> float:
    """Give what a card multiplies the martingale by; nothing is left where m is u or more."""
    if m >= upper:
        return 0.0
    return (x * guess / m + (upper - x) * (upper - guess) / (upper - m)) / upper
