"""How alike a line and an elector are, as levels: one small number for each part of a person.

Compiled with Numba; each pair is compared by itself, so the result does not depend on threads.
Jaro-Winkler: Winkler 1990, with a prefix of four letters weighing a tenth each.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, prange

from referendum.matching.people import Names, People

Array = npt.NDArray[Any]

GIVEN = (
    "missing", "equal", "nickname", "second name used", "initial", "nearly equal", "similar",
    "different", "swapped with surname",
)  # fmt: skip
SURNAME = ("missing", "equal", "part of double", "nearly equal", "similar", "different", "swapped")
MIDDLE = ("missing", "equal", "same initial", "different")
ADDRESS = (
    "missing", "equal", "number and street equal", "number and postal code equal",
    "number equal, street similar", "postal code or street equal", "locality equal", "different",
)  # fmt: skip
PHONE = ("missing", "equal", "different")
BIRTH = ("missing", "equal", "one part of the date differs", "different")

PARTS = {
    "given": GIVEN,
    "surname": SURNAME,
    "middle": MIDDLE,
    "address": ADDRESS,
    "phone": PHONE,
    "birth": BIRTH,
}
"""Parts of a person that are compared, and the names of their levels."""


def levels(lines: People, electors: People, names: Names, pairs: tuple[Array, Array]) -> Array:
    """Compare pairs.

    Args:
        lines: the lines.
        electors: the electors.
        names: the dictionary of both.
        pairs: row of the line, row of the elector.

    Returns:
        uint8, a row for each pair, a column for each of `PARTS`.
    """
    births = (lines.birth, lines.year, electors.birth, electors.year)
    result: Array = _levels(
        *pairs, lines.table, electors.table, *births, names.letters, names.lengths, names.streets,
        names.street_lengths,
    )  # fmt: skip
    return result


@njit(cache=True, parallel=True)
def _levels(  # noqa: PLR0913, PLR0917 - numba takes arrays one by one
    line: Array,
    elector: Array,
    ours: Array,
    theirs: Array,
    birth_l: Array,
    year_l: Array,
    birth_e: Array,
    year_e: Array,
    letters: Array,
    lengths: Array,
    streets: Array,
    street_lengths: Array,
) -> Array:
    found = np.zeros((len(line), 6), dtype=np.uint8)
    for pair in prange(len(line)):
        i, j = line[pair], elector[pair]
        a, b = ours[i], theirs[j]
        given = _given(a, b, letters, lengths)
        surname = _surname(a, b, letters, lengths)
        if given >= 6 and surname >= 4 and _swapped(a, b, letters, lengths):
            given, surname = 8, 6
        found[pair, 0] = given
        found[pair, 1] = surname
        found[pair, 2] = _middle(a, b, letters)
        found[pair, 3] = _address(a, b, streets, street_lengths)
        found[pair, 4] = 0 if a[11] < 0 or b[11] < 0 else 1 if a[11] == b[11] else 2
        found[pair, 5] = _birth(birth_l[i], year_l[i], birth_e[j], year_e[j])
    return found


@njit(cache=True)
def _given(a: Array, b: Array, letters: Array, lengths: Array) -> int:
    if a[0] < 0 or b[0] < 0:
        return 0
    if a[0] == b[0]:
        return 1
    if a[1] == b[1]:
        return 2
    if a[0] == b[2] or (a[2] >= 0 and a[2] == b[0]):
        return 3
    one_letter = lengths[a[0]] == 1 or lengths[b[0]] == 1
    if one_letter and letters[a[0], 0] == letters[b[0], 0]:
        return 4
    alike = max(_alike(a[0], b[0], letters, lengths), _alike(a[1], b[1], letters, lengths))
    return 5 if alike >= 0.90 else 6 if alike >= 0.78 else 7


@njit(cache=True)
def _surname(a: Array, b: Array, letters: Array, lengths: Array) -> int:
    if a[3] < 0 or b[3] < 0:
        return 0
    if a[3] == b[3]:
        return 1
    part = a[3] == b[4] or a[3] == b[5] or a[4] == b[3] or (a[5] >= 0 and a[5] == b[3])
    if part:
        return 2
    alike = _alike(a[3], b[3], letters, lengths)
    return 3 if alike >= 0.92 else 4 if alike >= 0.80 else 5


@njit(cache=True)
def _swapped(a: Array, b: Array, letters: Array, lengths: Array) -> bool:
    if a[0] < 0 or b[0] < 0 or a[3] < 0 or b[3] < 0:
        return False
    if _alike(a[0], b[3], letters, lengths) < 0.92:
        return False
    return a[5] == b[0] or _alike(a[3], b[0], letters, lengths) >= 0.92


@njit(cache=True)
def _middle(a: Array, b: Array, letters: Array) -> int:
    if a[2] < 0 or b[2] < 0:
        return 0
    if a[2] == b[2]:
        return 1
    return 2 if letters[a[2], 0] == letters[b[2], 0] else 3


@njit(cache=True)
def _address(a: Array, b: Array, streets: Array, street_lengths: Array) -> int:
    known = a[7] >= 0 or a[8] >= 0 or a[9] >= 0
    if not known:
        return 0
    street = a[8] >= 0 and a[8] == b[8]
    # A box or a land location has no number: its street says it all.
    number = (a[7] >= 0 and a[7] == b[7]) or (street and a[7] < 0 and b[7] < 0)
    postal = a[9] >= 0 and a[9] == b[9]
    locality = a[10] >= 0 and a[10] == b[10]
    here = postal or locality or a[9] < 0 or a[10] < 0
    if number and street and here:
        return 1 if a[6] == b[6] else 2
    if number and postal:
        return 3
    known = number and here and a[8] >= 0 and b[8] >= 0
    if known and _alike(a[8], b[8], streets, street_lengths) >= 0.88:
        return 4
    if postal or (street and locality):
        return 5
    return 6 if locality else 7


@njit(cache=True)
def _birth(birth_a: int, year_a: int, birth_b: int, year_b: int) -> int:
    if year_a == 0 or year_b == 0:
        return 0
    if birth_a == -999_999 or birth_b == -999_999:
        return 1 if year_a == year_b else 3
    if birth_a == birth_b:
        return 1
    near = year_a == year_b or abs(birth_a - birth_b) % 365 <= 4
    return 2 if near else 3


@njit(cache=True)
def _alike(one: int, other: int, letters: Array, lengths: Array) -> float:
    """Jaro-Winkler similarity of two words of the dictionary."""
    m, n = lengths[one], lengths[other]
    if m == 0 or n == 0:
        return 0.0
    reach = max(max(m, n) // 2 - 1, 0)
    used_a = np.zeros(24, dtype=np.bool_)
    used_b = np.zeros(24, dtype=np.bool_)
    common = 0
    for i in range(m):
        for j in range(max(0, i - reach), min(n, i + reach + 1)):
            if not used_b[j] and letters[one, i] == letters[other, j]:
                used_a[i] = True
                used_b[j] = True
                common += 1
                break
    if common == 0:
        return 0.0
    moved, j = 0, 0
    for i in range(m):
        if used_a[i]:
            while not used_b[j]:
                j += 1
            moved += letters[one, i] != letters[other, j]
            j += 1
    jaro = (common / m + common / n + (common - moved // 2) / common) / 3
    prefix = 0
    while prefix < min(4, m, n) and letters[one, prefix] == letters[other, prefix]:
        prefix += 1
    return float(jaro + prefix * 0.1 * (1 - jaro))
