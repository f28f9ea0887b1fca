"""Exact numbers of law: fractions in, integers out, with the rounding named."""

import re
from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor

from referendum.core.errors import LawError


def round_half_up(number: Fraction) -> int:
    """Round to the nearest integer, a half away from zero for positive numbers."""
    return floor(number + Fraction(1, 2))


ROUNDINGS: dict[str, Callable[[Fraction], int]] = {
    "up": ceil,
    "down": floor,
    "nearest": round_half_up,
}
"""The roundings that a statute can name: `up`, `down`, and `nearest`, where a half goes up."""


def round_by_rule(number: Fraction, rounding: str) -> int:
    """Round in the way that the statute names.

    Raises:
        LawError: the rounding is not one of `ROUNDINGS`.
    """
    if rounding not in ROUNDINGS:
        raise LawError(
            f"rounding {rounding!r} is not known", hint=f"use one of {sorted(ROUNDINGS)}"
        )
    return ROUNDINGS[rounding](number)


_EXACT = re.compile(r"-?[0-9]{1,40}(/0*[1-9][0-9]{0,39}|\.[0-9]{1,40})?")
"""An exact number as the record has it: no exponent, which would be a number without end."""


def read_fraction(text: str) -> Fraction:
    """Read an exact share from text: `1/10`, `0.95`, `3`; a part has at most 40 digits.

    Raises:
        LawError: the text is not a number.
    """
    if not isinstance(text, str) or not _EXACT.fullmatch(text):
        raise LawError(f"{str(text)[:60]!r} is not an exact number", hint="write 1/10 or 0.1")
    return Fraction(text)


def exact_text(number: Fraction) -> str:
    """Write an exact number as the record has it: `1/10`, `3`."""
    return str(number)


def percent(number: Fraction, places: int = 2) -> str:
    """Print a share as per cent, rounded half up to `places`: Fraction(1, 8) gives `12.50%`."""
    scaled = round_half_up(number * 100 * 10**places)
    whole, part = divmod(abs(scaled), 10**places)
    sign = "-" if scaled < 0 else ""
    return f"{sign}{whole}.{part:0{places}}%" if places else f"{sign}{whole}%"
