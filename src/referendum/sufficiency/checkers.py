"""Checkers: a second one where it matters, test lines among the drawn ones, bounds on errors."""

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from math import comb

from referendum.core.errors import InputError
from referendum.sufficiency.design import CheckerErrors

BOUND_STEPS = 10_000
"""Bounds are given in ten-thousandths."""


@dataclass(frozen=True)
class TestLines:
    """What first checkers found on test lines: lines with known answers that they could not tell.

    Attributes:
        invalid: test lines that do not count, and how many of them were found valid.
        valid: test lines that count, and how many of them were found invalid.
        doubt: the chance that either bound is too low, spent from each risk limit.
    """

    __test__ = False

    invalid: tuple[int, int]
    valid: tuple[int, int]
    doubt: Fraction

    def __post_init__(self) -> None:
        """Refuse impossible counts."""
        for lines, wrong in (self.invalid, self.valid):
            if not 0 <= wrong <= lines or lines == 0:
                raise InputError(
                    f"{wrong} wrong findings on {lines} test lines cannot be",
                    hint="give test lines of both kinds, and of each how many were found wrongly",
                )
        if not 0 < self.doubt < Fraction(1, 2):
            raise InputError(f"a doubt of {self.doubt} does not lie between 0 and 1/2")

    def bounds(self) -> CheckerErrors:
        """Bound both rates of error, each wrongly with a chance of at most `doubt`."""
        return CheckerErrors(
            upper_bound(*self.invalid, self.doubt), upper_bound(*self.valid, self.doubt)
        )


def upper_bound(lines: int, wrong: int, doubt: Fraction) -> Fraction:
    """Give the exact one-sided upper bound of a rate, rounded up to a ten-thousandth.

    The smallest p with P(X <= wrong) <= doubt, X binomial (lines, p): Clopper and Pearson,
    Biometrika 26 (1934). Integers only.
    """
    if wrong == lines:
        return Fraction(1)
    low, high = 0, BOUND_STEPS
    while high - low > 1:
        middle = (low + high) // 2
        if _binomial_at_most(lines, wrong, middle) <= doubt:
            high = middle
        else:
            low = middle
    return Fraction(high, BOUND_STEPS)


def _binomial_at_most(lines: int, wrong: int, share: int) -> Fraction:
    ways = sum(
        comb(lines, hit) * share**hit * (BOUND_STEPS - share) ** (lines - hit)
        for hit in range(wrong + 1)
    )
    return Fraction(ways, BOUND_STEPS**lines)


def needs_second_checker(seed: str, serial: int, share: Fraction) -> bool:
    """Whether a line that the first checker found valid goes to a second one all the same.

    Chosen by the public seed, after the first finding is in: SHA-256 of `SEED,SERIAL,second`, read
    as a number below 2^256, is below the share of it.
    """
    number = int(hashlib.sha256(f"{seed},{serial},second".encode()).hexdigest(), 16)
    return number * share.denominator < share.numerator << 256
