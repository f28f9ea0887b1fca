"""Comparison of a line with an elector: a comparison level for each part of a person.

Compiled with Numba; each pair is compared on its own, so the result does not depend on threads.
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
    NO_BIRTH_DATE,
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

COMPARISONS = {
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
"""Parts of a person that are compared, and the names of their comparison levels."""

SINGLE_NAME_LEVEL, SECOND_NAME_LEVEL, DIFFERENT_NAME_LEVEL = 12, 13, 11
"""Levels of the given name: of people with a single name; like a second name; another person's."""

ADDRESS_COMPARISON, ELSEWHERE_LEVEL = 3, 5
"""Place of the address among `COMPARISONS`, and its first level that is another address."""

MAX_LEVELS = max(len(levels) for levels in COMPARISONS.values())


@njit(cache=True, parallel=True)
def compare_pairs(
    line: Array, elector: Array, lines: People, electors: People, names: Names
) -> Array:
    """Compare pairs of lines and electors.

    Args:
        line: row of the line, of each pair.
        elector: row of the elector.
        lines: the lines.
        electors: the electors.
        names: the dictionaries of both.

    Returns:
        uint8, a row for each pair, a column for each of `COMPARISONS`.
    """
    levels = np.zeros((len(line), 6), dtype=np.uint8)
    for pair in prange(len(line)):
        pair_levels = compare_pair(line[pair], elector[pair], lines, electors, names)
        for part in range(6):
            levels[pair, part] = pair_levels[part]
    return levels


@njit(cache=True)
def compare_pair(
    line: int, elector: int, lines: People, electors: People, names: Names
) -> tuple[int, int, int, int, int, int]:
    """Compare one line with one elector: the level of each of `COMPARISONS`."""
    a, b = lines.table[line], electors.table[elector]
    given, surname, word = _given_name_level(a, b, names), _surname_level(a, b, names), a[SURNAME]
    if b[GIVEN] < 0:
        if b[SURNAME] < 0:
            given, surname = DIFFERENT_NAME_LEVEL, 9
        elif a[GIVEN] < 0 or (a[SURNAME] < 0 and a[MIDDLE] < 0):
            word = max(word, a[GIVEN])
            given, surname = SINGLE_NAME_LEVEL, _surname_word_level(word, b[SURNAME], names)
    if 6 <= given <= DIFFERENT_NAME_LEVEL and surname >= 4 and _are_names_swapped(a, b, names):
        given, surname = 8, 6
    # Whoever misspells a name seldom writes another that people bear.
    if 5 <= given <= 7 and names.given[a[GIVEN]] > names.own_count:
        given += 4
    if 3 <= surname <= 5 and names.surname[word] > names.own_count:
        surname += 4
    middle = _middle_name_level(a, b, names.letters)
    line_suffix, elector_suffix = lines.suffix[line], electors.suffix[elector]
    # Junior and III are father and son, who may share their other names. That both are Junior says
    # what a second name would, and a second name says less if only one is.
    if line_suffix > 0 and elector_suffix > 0 and line_suffix != elector_suffix:
        given, middle = DIFFERENT_NAME_LEVEL, 0
    elif line_suffix == elector_suffix and line_suffix > 0:
        middle = max(middle, 1)
    elif line_suffix != elector_suffix and middle == 1:
        middle = 2
    phone = _phone_level(a, b, lines.phone[line], electors.phone[elector])
    birth = _birth_level(
        lines.birth[line], lines.year[line], electors.birth[elector], electors.year[elector]
    )
    return given, surname, middle, _address_level(a, b, names), phone, birth


@njit(cache=True)
def _given_name_level(a: Array, b: Array, names: Names) -> int:  # noqa: PLR0911 - a level after the other
    letters, lengths = names.letters, names.lengths
    line_name, elector_name = a[GIVEN], b[GIVEN]
    if line_name < 0 or elector_name < 0:
        return 0
    if line_name == elector_name:
        return 1
    if a[FORMAL] == b[FORMAL] or _is_short_form(names, line_name, elector_name):
        return 2
    if line_name == b[MIDDLE] or (a[MIDDLE] >= 0 and a[MIDDLE] == elector_name):
        return 3
    if lengths[line_name] == 1 or lengths[elector_name] == 1:
        if letters[line_name, 0] == letters[elector_name, 0]:
            return 4
        second = lengths[line_name] == 1 and b[MIDDLE] >= 0
        return (
            SECOND_NAME_LEVEL
            if second and letters[line_name, 0] == letters[b[MIDDLE], 0]
            else DIFFERENT_NAME_LEVEL
        )
    similarity = _jaro_winkler(line_name, elector_name, letters, lengths, 0.78)
    if a[FORMAL] != line_name or b[FORMAL] != elector_name:
        similarity = max(similarity, _jaro_winkler(a[FORMAL], b[FORMAL], letters, lengths, 0.78))
    if similarity < 0.90 and b[MIDDLE] >= 0:
        second = _jaro_winkler(line_name, b[MIDDLE], letters, lengths, 0.90)
        if second >= 0.90 or _is_short_form(names, line_name, b[MIDDLE]):
            return SECOND_NAME_LEVEL
    return 5 if similarity >= 0.90 else 6 if similarity >= 0.78 else 7


@njit(cache=True)
def _surname_level(a: Array, b: Array, names: Names) -> int:
    line_name, elector_name = a[SURNAME], b[SURNAME]
    if line_name < 0 or elector_name < 0:
        return 0
    if line_name == elector_name:
        return 1
    is_elector_part = line_name == b[LAST] or line_name == b[FIRST_LAST]
    if (
        is_elector_part
        or a[LAST] == elector_name
        or (a[FIRST_LAST] >= 0 and a[FIRST_LAST] == elector_name)
    ):
        return 2
    return _surname_word_level(line_name, elector_name, names)


@njit(cache=True)
def _surname_word_level(one: int, other: int, names: Names) -> int:
    """Compare two words as surnames."""
    if one < 0 or one == other:
        return 1 if one >= 0 else 0
    similarity = _jaro_winkler(one, other, names.letters, names.lengths, 0.80)
    return 3 if similarity >= 0.92 else 4 if similarity >= 0.80 else 5


@njit(cache=True)
def _is_short_form(names: Names, one: int, other: int) -> bool:
    """Say whether one name is a short form of the other."""
    if not (names.has_short_form[one] and names.has_short_form[other]):
        return False
    pair = np.int64(one) << 32 | np.int64(other)
    at = np.searchsorted(names.short_forms, pair)
    return bool(at < len(names.short_forms) and names.short_forms[at] == pair)


@njit(cache=True)
def _are_names_swapped(a: Array, b: Array, names: Names) -> bool:
    """Say whether the elector's surname is written as given name, and a given name as surname."""
    letters, lengths = names.letters, names.lengths
    if a[GIVEN] < 0 or b[GIVEN] < 0 or a[SURNAME] < 0 or b[SURNAME] < 0:
        return False
    is_part = a[GIVEN] == b[LAST] or a[GIVEN] == b[FIRST_LAST]
    if not is_part and _jaro_winkler(a[GIVEN], b[SURNAME], letters, lengths, 0.92) < 0.92:
        return False
    last = a[SURNAME] if a[FIRST_LAST] < 0 else a[FIRST_LAST]
    if last in (b[GIVEN], b[MIDDLE]) or _is_short_form(names, last, b[GIVEN]):
        return True
    initial = lengths[last] == 1 and letters[last, 0] == letters[b[GIVEN], 0]
    return bool(initial or _jaro_winkler(a[SURNAME], b[GIVEN], letters, lengths, 0.92) >= 0.92)


@njit(cache=True)
def _middle_name_level(a: Array, b: Array, letters: Array) -> int:
    line_name, elector_name = a[MIDDLE], b[MIDDLE]
    if line_name < 0 or elector_name < 0:
        return 0
    if line_name == elector_name:
        return 1
    return 2 if letters[line_name, 0] == letters[elector_name, 0] else 3


@njit(cache=True)
def _address_level(a: Array, b: Array, names: Names) -> int:
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
    same_place = postal or locality or a[POSTAL] < 0 or a[LOCALITY] < 0
    if number and street and same_place:
        return 1 if turned or a[UNIT] == b[UNIT] else 2
    if number and postal:
        return 3
    if (equal or turned) and same_place and a[STREET] >= 0 and b[STREET] >= 0:
        core = a[CORE] == b[CORE]
        if (
            core
            or _jaro_winkler(a[STREET], b[STREET], names.streets, names.street_lengths, 0.88)
            >= 0.88
        ):
            return 4
    if postal or (street and locality):
        return 5
    return 6 if locality else 7


@njit(cache=True)
def _phone_level(a: Array, b: Array, line_digits: int, elector_digits: int) -> int:
    if a[LOCAL] < 0 or b[LOCAL] < 0:
        return 0
    if a[PHONE] >= 0 and a[PHONE] == b[PHONE]:
        return 1
    if a[LOCAL] == b[LOCAL]:
        return 2
    if line_digits < 0 or elector_digits < 0:
        return 3
    wrong_digits = 0
    for _ in range(10):
        wrong_digits += line_digits % 10 != elector_digits % 10
        line_digits, elector_digits = line_digits // 10, elector_digits // 10
    return 2 if wrong_digits <= 2 else 3


@njit(cache=True)
def _birth_level(birth_a: int, year_a: int, birth_b: int, year_b: int) -> int:
    if year_a == 0 or year_b == 0:
        return 0
    if NO_BIRTH_DATE in (birth_a, birth_b):
        return 1 if year_a == year_b else 3
    if birth_a == birth_b:
        return 1
    is_near = year_a == year_b or abs(birth_a - birth_b) % 365 <= 4
    return 2 if is_near else 3


@njit(cache=True)
def _jaro_winkler(one: int, other: int, letters: Array, lengths: Array, least: float) -> float:
    """Jaro-Winkler similarity of two words of a dictionary; 0 if it is less than `least`."""
    m, n = lengths[one], lengths[other]
    if m == 0 or n == 0:
        return 0.0
    a, b = letters[one], letters[other]
    prefix = 0
    while prefix < min(4, m, n) and a[prefix] == b[prefix]:
        prefix += 1
    shared = _count_shared_letters(a[:m], b[:n])
    bound = (shared / m + min(shared, n) / n + 1) / 3
    if bound + prefix * 0.1 * (1 - bound) < least:
        return 0.0
    jaro = _jaro(a[:m], b[:n])
    similarity = jaro + prefix * 0.1 * (1 - jaro)
    return float(similarity) if similarity >= least else 0.0


@njit(cache=True)
def _count_shared_letters(a: Array, b: Array) -> int:
    """Count the letters of one word that occur in the other: no more are common to both."""
    letter_bits, shared = np.uint32(0), 0
    for letter in b:
        letter_bits |= np.uint32(1 << (letter & 31))
    for letter in a:
        shared += letter_bits >> (letter & 31) & 1
    return shared


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
    transposed, j = 0, 0
    for i in range(m):
        if used_a >> i & 1:
            while not used_b >> j & 1:
                j += 1
            transposed += a[i] != b[j]
            j += 1
    return float((common / m + common / n + (common - transposed // 2) / common) / 3)
