"""The risk that is left after a sample, so that any program comes to the same digits.

Batches are exact. Cards are taken in IEEE double arithmetic with +, -, ×, ÷ and √ alone, on sums
that are kept as whole numbers, in the order of the record's specification: no platform differs.
"""

from collections.abc import Iterable
from fractions import Fraction
from math import lcm, sqrt

from referendum.audit.assertions import Assertion
from referendum.audit.assorters import MARKS, Mark

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


def polling_risk(claim: Assertion, marks: Iterable[Mark]) -> float:
    """Give the smallest p-value along the cards of a claim's scope, in the order of the draw.

    Half on Wald's SPRT at the reported mean, half on ALPHA with d = 100, without replacement; see
    `martingales.fixed_mean` and `martingales.shrink_truncate`. Nothing is bet where the worth of
    the cards that are left is exactly what the null hypothesis leaves; 0 once it is less.
    """
    worth = claim.assorter
    unit = lcm(*(worth.of(mark).denominator for mark in MARKS))
    whole = {mark: int(worth.of(mark) * unit) for mark in MARKS}
    upper = max(whole.values()) / unit
    p, q = claim.mean.numerator, claim.mean.denominator
    away = (float(claim.mean) - 0.5) / 2
    seen, one, other, best = 0, 0.5, 0.5, 1.0
    for j, mark in enumerate(marks):
        left = claim.cards - j
        room = claim.cards * unit - 2 * seen
        if room < 0:
            return 0.0
        if room > 0:
            x, m = whole[mark] / unit, room / (2 * unit * left)
            hoped = (claim.cards * p * unit - q * seen) / (q * unit * left)
            d = WEIGHT_OF_REPORT
            guess = (d * p * unit + q * seen) / (q * unit * (d + j))
            guess = max(guess, m + away / sqrt(d + j))
            one *= _factor(x, m, min(max(hoped, 0.0), upper), upper)
            other *= _factor(x, m, min(guess, upper), upper)
            best = max(best, one + other)
        if best >= ENOUGH:
            break
        seen += whole[mark]
    return 0.0 if claim.cards * unit < 2 * seen else 1 / best


def _factor(x: float, m: float, guess: float, upper: float) -> float:
    """Give what a card multiplies the martingale by; nothing is left where m is u or more."""
    if m >= upper:
        return 0.0
    return (x * guess / m + (upper - x) * (upper - guess) / (upper - m)) / upper
