"""Check characters of elector numbers: which rule all numbers of a list keep, learned from them.

A rule is found if every number of the list keeps it: the common ones by name (Verhoeff, Damm), any
sum over the digits by solving for its weights (Luhn, ISBN and other weighted sums, modulo 10, 11, 7
and 97), and any character that the number itself decides by its remainder (modulo 2 to 101, such as
ISO 7064 MOD 97-10, or a table of letters).
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.str_]
"""A character for each number (rows) and place (columns)."""

Rule = Callable[[Rows], list[str]]
"""Gives the check characters of numbers from their other characters; "" where none is known."""

ROWS = 4000
"""How many numbers a rule is learned from and held against."""

_DAMM = np.array(
    [
        [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
        [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
        [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
        [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
        [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
        [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
        [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
        [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
        [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
        [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
    ]
)
_PERMUTATION = np.array(
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
        [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
        [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
        [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
        [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
        [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
        [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ]
)
_INVERSE = np.array([0, 4, 3, 2, 1, 5, 6, 7, 8, 9])


def _dihedral(one: int, other: int) -> int:
    if one < 5:
        return (one + other) % 5 if other < 5 else 5 + (one + other) % 5
    return 5 + (one - other) % 5 if other < 5 else (one - other) % 5


_DIHEDRAL = np.array([[_dihedral(one, other) for other in range(10)] for one in range(10)])


def find_check(rows: Rows) -> tuple[tuple[int, ...], Rule] | None:
    """Find places that the other places decide, and how.

    Args:
        rows: the numbers, all of one length.

    Returns:
        The places (counted from 0, at either end), and the rule; None if there is no such rule.
    """
    sample = rows[np.linspace(0, len(rows) - 1, min(len(rows), ROWS)).astype(int)]
    width = sample.shape[1]
    for places in ((width - 2, width - 1), (width - 1,), (0, 1), (0,)):
        if width <= len(places) + 1:
            continue
        checks = ["".join(row) for row in sample[:, list(places)]]
        rest = np.delete(sample, places, axis=1)
        if len(set(checks)) < 2 or len(np.unique(rest, axis=0)) < len(rest):
            continue
        for learn in (_verhoeff, _damm, _by_remainder, _by_sum):
            rule = learn(rest, checks)
            if rule is not None and rule(rest) == checks:
                return places, rule
    return None


def _digits(rest: Rows) -> npt.NDArray[np.int64] | None:
    """Give the columns of digits, if there is one."""
    columns = [at for at in range(rest.shape[1]) if np.char.isdigit(rest[:, at]).all()]
    return rest[:, columns].astype(np.int64) if columns else None


def _verhoeff(rest: Rows, checks: Sequence[str]) -> Rule | None:  # noqa: ARG001
    def rule(rows: Rows) -> list[str]:
        digits = _digits(rows)
        if digits is None:
            return [""] * len(rows)
        sums = np.zeros(len(digits), np.int64)
        for place, column in enumerate(digits.T[::-1], start=1):
            sums = _DIHEDRAL[sums, _PERMUTATION[place % 8][column]]
        return [str(one) for one in _INVERSE[sums]]

    return rule


def _damm(rest: Rows, checks: Sequence[str]) -> Rule | None:  # noqa: ARG001
    def rule(rows: Rows) -> list[str]:
        digits = _digits(rows)
        if digits is None:
            return [""] * len(rows)
        sums = np.zeros(len(digits), np.int64)
        for column in digits.T:
            sums = _DAMM[sums, column]
        return [str(one) for one in sums]

    return rule


def _by_remainder(rest: Rows, checks: Sequence[str]) -> Rule | None:
    """Find a divisor whose remainder of the number decides the check characters."""
    if _digits(rest) is None:
        return None
    for divisor in range(2, 102):
        if len(rest) < 5 * divisor:
            return None
        table: dict[int, str] = {}
        left = _remainders(rest, divisor)
        if all(table.setdefault(one, check) == check for one, check in zip(left, checks)):  # noqa: B905
            return lambda rows, by=divisor, table=table: [  # type: ignore[misc]
                table.get(one, "") for one in _remainders(rows, by)
            ]
    return None


def _remainders(rows: Rows, divisor: int) -> list[int]:
    digits = _digits(rows)
    left = np.zeros(len(rows), np.int64)
    for column in digits.T if digits is not None else ():
        left = (left * 10 + column) % divisor
    return [int(one) for one in left]


def _by_sum(rest: Rows, checks: Sequence[str]) -> Rule | None:
    """Find a sum, with a term for each character at each place, that decides the check."""
    values = [_value(check) for check in checks]
    alphabets = [sorted(set(column)) for column in rest.T]
    unknown = 1 + sum(len(alphabet) - 1 for alphabet in alphabets)
    if None in values or len(rest) < 2 * unknown + 20:
        return None
    known = np.array(values, dtype=np.int64)
    design = _design(rest, alphabets)
    for primes in ((2, 5), (11,), (7,), (97,)):
        terms = [_solve(design, known % prime, prime) for prime in primes]
        if any(one is None for one in terms):
            continue
        table = dict(zip(_mixed(design, terms, primes), checks, strict=True))  # type: ignore[arg-type]
        return lambda rows, terms=terms, primes=primes, table=table: [  # type: ignore[misc]
            table.get(one, "") for one in _mixed(_design(rows, alphabets), terms, primes)
        ]
    return None


def _value(check: str) -> int | None:
    if check.isdigit():
        return int(check)
    return 10 if check in {"X", "x", "K", "k", "-"} else None


def _design(rows: Rows, alphabets: Sequence[Sequence[str]]) -> npt.NDArray[np.int64]:
    columns = [np.ones(len(rows), np.int64)]
    for column, alphabet in zip(rows.T, alphabets, strict=True):
        columns += [(column == letter).astype(np.int64) for letter in alphabet[1:]]
    return np.stack(columns, axis=1)


def _mixed(
    design: npt.NDArray[np.int64], terms: Sequence[npt.NDArray[np.int64]], primes: Sequence[int]
) -> list[int]:
    """Give each number's sum modulo the primes, as one number."""
    sums = np.zeros(len(design), np.int64)
    for term, prime in zip(terms, primes, strict=True):
        sums = sums * prime + design @ term % prime
    return [int(one) for one in sums]


def _solve(
    design: npt.NDArray[np.int64], known: npt.NDArray[np.int64], prime: int
) -> npt.NDArray[np.int64] | None:
    """Solve linear equations modulo a prime by the first half of them; None if the rest differ."""
    half = (len(design) + 1) // 2
    order = np.argsort(np.arange(len(design)) % 2, kind="stable")
    left = np.column_stack((design, known))[order[:half]] % prime
    pivots: list[int] = []
    for column in range(design.shape[1]):
        rows = np.flatnonzero(left[len(pivots) :, column]) + len(pivots)
        if not len(rows):
            continue
        row = len(pivots)
        left[[row, rows[0]]] = left[[rows[0], row]]
        left[row] = left[row] * pow(int(left[row, column]), -1, prime) % prime
        others = np.flatnonzero(left[:, column])
        others = others[others != row]
        left[others] = (left[others] - np.outer(left[others, column], left[row])) % prime
        pivots.append(column)
        if len(pivots) == half:
            return None
    solution = np.zeros(design.shape[1], np.int64)
    solution[pivots] = left[: len(pivots), -1]
    return solution if ((design @ solution - known) % prime == 0).all() else None
