"""The least product along a row of fractions, as far as its nine places need."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction

from referendum.verify.report import Mismatch

_DIGITS, _LARGEST = 80, 10**15
_FLOOR = Context(_DIGITS, ROUND_FLOOR, Emin=-_LARGEST, Emax=_LARGEST)
_CEILING = Context(_DIGITS, ROUND_CEILING, Emin=-_LARGEST, Emax=_LARGEST)

NINE_PLACES = Decimal("0.000000001")

MOST_EXACT = 20_000
"""Factors that are multiplied exactly, where rounding cannot tell the ninth place."""


def least_product(factors: Sequence[Fraction]) -> Fraction:
    """Give the smallest of 1 and the products of the first factors, right to nine places upwards.

    Every product lies between two decimals, one rounded down and one up, so a long row costs no
    more than its length; where the two give other ninth places, fractions are multiplied.
    """
    low = high = least_low = least_high = Decimal(1)
    rounded = {one: (_rounded(_FLOOR, one), _rounded(_CEILING, one)) for one in set(factors)}
    for factor in factors:
        down, up = rounded[factor]
        low, high = _FLOOR.multiply(low, down), _CEILING.multiply(high, up)
        least_low, least_high = min(least_low, low), min(least_high, high)
        if least_high < NINE_PLACES:
            return Fraction(least_high)
    if _nine_places(least_low) == _nine_places(least_high):
        return Fraction(least_high)
    if len(factors) > MOST_EXACT:
        raise Mismatch("the risk is so near to nine places that it cannot be rounded here")
    product = least = Fraction(1)
    for factor in factors:
        product *= factor
        least = min(least, product)
    return least


def _rounded(context: Context, number: Fraction) -> Decimal:
    parts = Decimal(number.numerator), Decimal(number.denominator)
    return context.divide(*parts)


def _nine_places(number: Decimal) -> Decimal:
    return number.quantize(NINE_PLACES, ROUND_CEILING)
