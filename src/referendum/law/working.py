"""Arithmetic that shows itself: each line of a calculation with the section beside it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from referendum.law.model import Value

Number = int | Fraction | Decimal


@dataclass(frozen=True)
class Working:
    """One line of a calculation.

    Attributes:
        text: the arithmetic or finding.
        cite: the provision under which it is done; empty if none was read.
        certainty: how sure that is (`CERTAINTIES`); empty with an empty cite.
    """

    text: str
    cite: str = ""
    certainty: str = ""


def by(value: Value[Any] | None, text: str) -> Working:
    """Write a line done under a value of law."""
    return Working(text, value.cite, value.certainty) if value else Working(text)


def all_by(value: Value[Any] | None, texts: Iterable[str]) -> tuple[Working, ...]:
    """Write several lines done under one value of law."""
    return tuple(by(value, text) for text in texts)


def shown(number: Fraction | int, places: int = 2) -> str:
    """Print a number of a calculation: whole ones without places."""
    whole = Fraction(number).denominator == 1
    return f"{int(number):,}" if whole else f"{float(number):,.{places}f}"


@dataclass(frozen=True)
class Worked:
    """What a rule gives.

    Attributes:
        numbers: by name, exact or to 50 digits.
        steps: the arithmetic, line by line.
        decision: the rule's own word for what follows; empty if it only estimates.
    """

    numbers: Mapping[str, Number]
    steps: tuple[Working, ...] = ()
    decision: str = ""
