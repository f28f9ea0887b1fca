"""Calculations that show their steps, each with the provision under which it is done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from referendum.law.model import Value

Number = int | Fraction | Decimal


@dataclass(frozen=True)
class CalculationStep:
    """One step of a calculation.

    Attributes:
        text: the arithmetic or finding.
        cite: the provision under which it is done; empty if none was read.
        certainty: how sure that is (`CERTAINTIES`); empty with an empty cite.
    """

    text: str
    cite: str = ""
    certainty: str = ""


def cite_step(value: Value[Any] | None, text: str) -> CalculationStep:
    """Make a step that is done under a value of law."""
    return CalculationStep(text, value.cite, value.certainty) if value else CalculationStep(text)


def cite_steps(value: Value[Any] | None, texts: Iterable[str]) -> tuple[CalculationStep, ...]:
    """Make several steps that are done under one value of law."""
    return tuple(cite_step(value, text) for text in texts)


def number_text(number: Fraction | int, places: int = 2) -> str:
    """Print a number of a calculation: whole ones without places."""
    whole = Fraction(number).denominator == 1
    return f"{int(number):,}" if whole else f"{float(number):,.{places}f}"


@dataclass(frozen=True)
class Calculation:
    """What a rule gives, with the arithmetic that led to it.

    Attributes:
        numbers: by name, exact or to 50 digits.
        steps: the arithmetic.
        decision: the rule's own word for what follows; empty if it only estimates.
    """

    numbers: Mapping[str, Number]
    steps: tuple[CalculationStep, ...] = ()
    decision: str = ""
