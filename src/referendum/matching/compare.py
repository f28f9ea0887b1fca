"""How alike a line and an elector are, as levels: one small number for each part of a person.

Compiled with Numba; each pair is compared by itself, so the result does not depend on threads.
Jaro-Winkler: Winkler 1990, with a prefix of four letters weighing a tenth each.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, prange

from referendum.matching.people import (
    CORE,
    FIRST_LAST,
    FORMAL,
    GIVEN,
    LAST,
    LOCAL,
    LOCALITY,
    MIDDLE,
    NEVER,
    NUMBER,
    PHONE,
    POSTAL,
    STREET,
    SURNAME,
    UNIT,
    Names,
    People,
)

Array = npt.NDArray[Any]

PARTS = {
    "given": (
        "missing", "equal", "nickname", "second name used", "initial", "nearly equal", "similar",
        "different", "swapped with surname", "nearly equal, a name of its own",
        "similar, a name of its own", "different, a name of its own",
        "none, as on the list", "initial of the second name, or nearly equal to it",
    ),
    "surname": (
        "missing", "equal", "part of double", "nearly equal", "similar", "different", "swapped",
        "nearly equal, a name of its own", "similar, a name of its own",
        "different, a name of its own",
    ),
    "middle": ("missing", "equal", "same initial", "different"),
    "address": (
        "missing", "equal", "number and street equal", "number and postal code equal",
        "number equal, street similar", "postal code or street equal", "locality equal",
        "different",
    ),
    "phone": ("missing", "equal", "nearly equal", "different"),
    "birth": ("missing", "equal", "one part of the date differs", "different"),
}  # fmt: skip
"""Parts of a person that are compared, and the names of their levels."""

SINGLE, SECOND, DIFFERENT = 12, 13, 11
"""Levels of the given name: of people of one name; like a second name; another person's."""

ADDRESS, ELSEWHERE = 3, 5
"""Place of the address among `PARTS`, and the first of its levels that is another address."""

MOST_LEVELS = max(len(levels) for levels in PARTS.values())


@njit(cache=True, parallel=True)
def levels(line: Array, elector: Array, lines: People, electors: People, names: Names) -> Array:
    """Compare pairs.

    Args:
        line: row of the line, of each pair.
        elector: row of the elector.
        lines: the lines.
        electors: the electors.
        names: the dictionaries of both.

    Returns:
        uint8, a row for each pair, a column for each of `PARTS`.
    """
    found = np.zeros((len(line), 6), dtype=np.uint8)
    for pair in prange(len(line)):
        of_pair = compare(line[pair], elector[pair], lines, electors, names)
        for part in range(6):
            found[pair, part] = of_pair[part]
    return found


@njit(cache=True)
def compare(
    line: int, elector: int, lines: People, electors: People, names: Names
) -> tuple[int, int, int, int, int, int]:
    """Compare one line with one elector: the level of each of `PARTS`."""
    a, b = lines.table[line], electors.table[elector]
    given, surname, word = _given(a, b, names), _surname(a, b, names), a[SURNAME]
    if b[GIVEN] < 0:
        if b[SURNAME] < 0:
            given, surname = DIFFERENT, 9
        elif a[GIVEN] < 0 or (a[SURNAME] < 0 and a[MIDDLE] < 0):
            word = max(word, a[GIVEN])
            given, surname = SINGLE, _single(word, b[SURNAME], names)
    if 6 <= given <= DIFFERENT and surname >= 4 and _swapped(a, b, names):
        given, surname = 8, 6
    # Who misspells a name seldom hits upon another that people bear.
    if 5 <= given <= 7 and names.given[a[GIVEN]] > names.own:
        given += 4
    if 3 <= surname <= 5 and names.surname[word] > names.own:
        surname += 4
    middle = _middle(a, b, names.letters)
    one, other = lines.suffix[line], electors.suffix[elector]
    # Junior and III are father and son, who may share their other names. That both are Junior says
    # what a second name would, and a second name says less if only one is.
    if one > 0 and other > 0 and one != other:
        given, middle = DIFFERENT, 0
    elif one == other and one > 0:
        middle = max(middle, 1)
    elif one != other and middle == 1:
        middle = 2
    phone = _phone(a, b, lines.phone[line], electors.phone[elector])
    birth = _birth(
        lines.birth[line], lines.year[line], electors.birth[elector], electors.year[elector]
    )
    return given, surname, middle, _address(a, b, names), phone, birth


@njit(cache=True)
def _given(a: Array, b: Array, names: Names) -> int:  # noqa: PLR0911 - a level after the other
    letters, lengths = names.letters, names.lengths
    one, other = a[GIVEN], b[GIVEN]
    if one < 0 or other < 0:
        return 0
    if one == other:
        return 1
    if a[FORMAL] == b[FORMAL] or _is_short(names, one, other):
        return 2
    if one == b[MIDDLE] or (a[MIDDLE] >= 0 and a[MIDDLE] == other):
        return 3
    if lengths[one] == 1 or lengths[other] == 1:
        if letters[one, 0] == letters[other, 0]:
            return 4
        second = lengths[one] == 1 and b[MIDDLE] >= 0
        return SECOND if second and letters[one, 0] == letters[b[MIDDLE], 0] else DIFFERENT
    alike = _alike(one, other, letters, lengths, 0.78)
    if a[FORMAL] != one or b[FORMAL] != other:
        alike = max(alike, _alike(a[FORMAL], b[FORMAL], letters, lengths, 0.78))
    if alike < 0.90 and b[MIDDLE] >= 0:
        second = _alike(one, b[MIDDLE], letters, lengths, 0.90)
        if second >= 0.90 or _is_short(names, one, b[MIDDLE]):
            return SECOND
    return 5 if alike >= 0.90 else 6 if alike >= 0.78 else 7


@njit(cache=True)
def _surname(a: Array, b: Array, names: Names) -> int:
    one, other = a[SURNAME], b[SURNAME]
    if one < 0 or other < 0:
        return 0
    if one == other:
        return 1
    theirs = one == b[LAST] or one == b[FIRST_LAST]
    if theirs or a[LAST] == other or (a[FIRST_LAST] >= 0 and a[FIRST_LAST] == other):
        return 2
    return _single(one, other, names)


@njit(cache=True)
def _single(one: int, other: int, names: Names) -> int:
    """Compare two words as surnames."""
    if one < 0 or one == other:
        return 1 if one >= 0 else 0
    alike = _alike(one, other, names.letters, names.lengths, 0.80)
    return 3 if alike >= 0.92 else 4 if alike >= 0.80 else 5


@njit(cache=True)
def _is_short(names: Names, one: int, other: int) -> bool:
    """Say whether one name is a short form of the other."""
    if not (names.shortened[one] and names.shortened[other]):
        return False
    pair = np.int64(one) << 32 | np.int64(other)
    at = np.searchsorted(names.short, pair)
    return bool(at < len(names.short) and names.short[at] == pair)


@njit(cache=True)
def _swapped(a: Array, b: Array, names: Names) -> bool:
    """Say whether the elector's surname is written as given name, and a given name as surname."""
    letters, lengths = names.letters, names.lengths
    if a[GIVEN] < 0 or b[GIVEN] < 0 or a[SURNAME] < 0 or b[SURNAME] < 0:
        return False
    part = a[GIVEN] == b[LAST] or a[GIVEN] == b[FIRST_LAST]
    if not part and _alike(a[GIVEN], b[SURNAME], letters, lengths, 0.92) < 0.92:
        return False
    last = a[SURNAME] if a[FIRST_LAST] < 0 else a[FIRST_LAST]
    if last in (b[GIVEN], b[MIDDLE]) or _is_short(names, last, b[GIVEN]):
        return True
    initial = lengths[last] == 1 and letters[last, 0] == letters[b[GIVEN], 0]
    return bool(initial or _alike(a[SURNAME], b[GIVEN], letters, lengths, 0.92) >= 0.92)


@njit(cache=True)
def _middle(a: Array, b: Array, letters: Array) -> int:
    one, other = a[MIDDLE], b[MIDDLE]
    if one < 0 or other < 0:
        return 0
    if one == other:
        return 1
    return 2 if letters[one, 0] == letters[other, 0] else 3


@njit(cache=True)
def _address(a: Array, b: Array, names: Names) -> int:
    if a[NUMBER] < 0 and a[STREET] < 0 and a[POSTAL] < 0:
        return 0
    street = a[STREET] >= 0 and a[STREET] == b[STREET]
    # A box or a land location has no number: its street says it all.
    no_number = a[NUMBER] < 0 and b[NUMBER] < 0
    equal = a[NUMBER] >= 0 and a[NUMBER] == b[NUMBER]
    turned = a[UNIT] >= 0 and a[UNIT] == b[NUMBER] and a[NUMBER] == b[UNIT]
    number = equal or turned or (street and no_number)
    postal = a[POSTAL] >= 0 and a[POSTAL] == b[POSTAL]
    locality = a[LOCALITY] >= 0 and a[LOCALITY] == b[LOCALITY]
    here = postal or locality or a[POSTAL] < 0 or a[LOCALITY] < 0
    if number and street and here:
        return 1 if turned or a[UNIT] == b[UNIT] else 2
    if number and postal:
        return 3
    if (equal or turned) and here and a[STREET] >= 0 and b[STREET] >= 0:
        core = a[CORE] == b[CORE]
        if core or _alike(a[STREET], b[STREET], names.streets, names.street_lengths, 0.88) >= 0.88:
            return 4
    if postal or (street and locality):
        return 5
    return 6 if locality else 7


@njit(cache=True)
def _phone(a: Array, b: Array, one: int, other: int) -> int:
    if a[LOCAL] < 0 or b[LOCAL] < 0:
        return 0
    if a[PHONE] >= 0 and a[PHONE] == b[PHONE]:
        return 1
    if a[LOCAL] == b[LOCAL]:
        return 2
    if one < 0 or other < 0:
        return 3
    wrong = 0
    for _ in range(10):
        wrong += one % 10 != other % 10
        one, other = one // 10, other // 10
    return 2 if wrong <= 2 else 3


@njit(cache=True)
def _birth(birth_a: int, year_a: int, birth_b: int, year_b: int) -> int:
    if year_a == 0 or year_b == 0:
        return 0
    if NEVER in (birth_a, birth_b):
        return 1 if year_a == year_b else 3
    if birth_a == birth_b:
        return 1
    near = year_a == year_b or abs(birth_a - birth_b) % 365 <= 4
    return 2 if near else 3


@njit(cache=True)
def _alike(one: int, other: int, letters: Array, lengths: Array, least: float) -> float:
    """Jaro-Winkler similarity of two words of a dictionary; 0 if it is less than `least`."""
    m, n = lengths[one], lengths[other]
    if m == 0 or n == 0:
        return 0.0
    a, b = letters[one], letters[other]
    prefix = 0
    while prefix < min(4, m, n) and a[prefix] == b[prefix]:
        prefix += 1
    most = _occurring(a[:m], b[:n])
    bound = (most / m + min(most, n) / n + 1) / 3
    if bound + prefix * 0.1 * (1 - bound) < least:
        return 0.0
    jaro = _jaro(a[:m], b[:n])
    alike = jaro + prefix * 0.1 * (1 - jaro)
    return float(alike) if alike >= least else 0.0


@njit(cache=True)
def _occurring(a: Array, b: Array) -> int:
    """Count the letters of one word that occur in the other: no more are common to both."""
    occurring, most = np.uint32(0), 0
    for letter in b:
        occurring |= np.uint32(1 << (letter & 31))
    for letter in a:
        most += occurring >> (letter & 31) & 1
    return most


@njit(cache=True)
def _jaro(a: Array, b: Array) -> float:
    m, n = len(a), len(b)
    reach = max(max(m, n) // 2 - 1, 0)
    used_a, used_b = np.uint32(0), np.uint32(0)
    common = 0
    for i in range(m):
        for j in range(max(0, i - reach), min(n, i + reach + 1)):
            if not used_b >> j & 1 and a[i] == b[j]:
                used_a |= np.uint32(1 << i)
                used_b |= np.uint32(1 << j)
                common += 1
                break
    if common == 0:
        return 0.0
    moved, j = 0, 0
    for i in range(m):
        if used_a >> i & 1:
            while not used_b >> j & 1:
                j += 1
            moved += a[i] != b[j]
            j += 1
    return float((common / m + common / n + (common - moved // 2) / common) / 3)
