"""People as arrays of codes: equal words have equal codes, so that integers are compared."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from numba import njit, prange

from referendum.matching.standardise import STANDARDISERS, short_forms

Codes = npt.NDArray[np.int32]

LONGEST_NAME = 24
"""Bytes of a name that are compared; `compare` marks them in the bits of 32."""

NO_BIRTH_DATE = -999_999
"""Stands for a day of birth that is not known."""

COLUMNS = (
    "given", "formal", "middle", "surname", "last", "first_last",
    "unit", "number", "street", "core", "postal", "locality",
    "phone", "local", "area", "stem", "initial", "birth",
)  # fmt: skip
"""The codes of a person, in their places."""

(
    GIVEN, FORMAL, MIDDLE, SURNAME, LAST, FIRST_LAST, UNIT, NUMBER, STREET, CORE, POSTAL, LOCALITY,
    PHONE, LOCAL,
) = range(14)  # fmt: skip
WIDTH = len(COLUMNS)

_KEY_COLUMNS = (
    *COLUMNS, "unit_before", "unit_after", "house", "rest", "rest_core", "unit_house",
)  # fmt: skip
"""`COLUMNS`, and the keys that fill them where their own is empty."""
UNIT_BEFORE, UNIT_AFTER, HOUSE, REST, REST_CORE, UNIT_HOUSE = range(WIDTH, WIDTH + 6)

_DICTIONARIES = (
    ("given", "formal", "middle", "surname", "last", "first_last"),
    ("number", "unit", "unit_before", "unit_after", "unit_house", "house"),
    ("street", "core", "rest", "rest_core"),
    *((name,) for name in ("postal", "locality", "phone", "local")),
    *((name,) for name in ("area", "stem", "initial", "birth")),
)
"""Keys that share a dictionary, so that a word is recognised in another place."""


class People(NamedTuple):
    """Lines or electors, a row each.

    Attributes:
        table: int32, a column for each of `COLUMNS`; -1 where there is nothing.
        phone: int64, the digits of the telephone; -1 where there is none.
        birth: days since 1970 of the birth date; `NO_BIRTH_DATE` where not known.
        year: year of birth; 0 where not known.
        suffix: number of a suffix of the name, such as Jr; 0 for none.
    """

    table: Codes
    phone: npt.NDArray[np.int64]
    birth: Codes
    year: Codes
    suffix: npt.NDArray[np.int8]

    def column(self, name: str) -> Codes:
        """Give the codes of one of `COLUMNS`."""
        return self.table[:, COLUMNS.index(name)]

    def rows(self, which: npt.NDArray[Any] | slice) -> "People":
        """Give some of the rows."""
        return People(
            self.table[which],
            self.phone[which],
            self.birth[which],
            self.year[which],
            self.suffix[which],
        )


class Names(NamedTuple):
    """The dictionaries of names and of streets.

    Attributes:
        letters, lengths: the bytes of each name, and how many they are.
        streets, street_lengths: the same of streets.
        given, surname: of each name, how many electors bear it as a given name, or as a surname.
        own_count: 1 if those who are compared with electors are electors themselves and count in
            these two, 0 if they are lines.
        has_short_form: of each name, whether it is or has a short form.
        short_forms: pairs of a name and its short form, both ways; ascending, one code shifted by
            32 bits plus the other.
    """

    letters: npt.NDArray[np.uint8]
    lengths: Codes
    streets: npt.NDArray[np.uint8]
    street_lengths: Codes
    given: npt.NDArray[np.int64]
    surname: npt.NDArray[np.int64]
    own_count: int
    has_short_form: npt.NDArray[np.bool_]
    short_forms: npt.NDArray[np.int64]


def encode(
    lines: pl.DataFrame, electors: pl.DataFrame, *, lines_are_electors: bool = False
) -> tuple[People, People, Names]:
    """Encode the standardised columns of lines and electors by common dictionaries.

    Args:
        lines: with the columns of a person in `core.schemas`.
        electors: with the same.
        lines_are_electors: whether the first are electors too.
    """
    places, keys = {}, {}
    # Polars finds numpy at its first use, and two threads that do so at once end with an error.
    pl.Series(np.empty(0))
    with ThreadPoolExecutor() as pool:
        columns = [pl.concat([lines[raw], electors[raw]]).alias("raw") for raw in STANDARDISERS]
        for place, keys_of_column in pool.map(_derive_keys, columns, STANDARDISERS.values()):
            for key in keys_of_column:
                places[key.name], keys[key.name] = place, key
    codes: dict[str, Codes] = {}
    dictionaries = [
        _encode_keys({name: keys[name] for name in group}, codes) for group in _DICTIONARIES
    ]
    phone = keys["phone"].fill_null(-1).to_numpy()[places["phone"]]
    table = _code_table(
        tuple(places[name] for name in _KEY_COLUMNS),
        tuple(codes[name] for name in _KEY_COLUMNS),
        0 if lines_are_electors else lines.height,
    )
    days, years = _birth_numbers(lines, electors)
    everybody = People(table, phone, days, years, _suffixes(keys, places))
    line_people, elector_people = (
        everybody.rows(slice(lines.height)),
        everybody.rows(slice(lines.height, None)),
    )
    words, streets = dictionaries[0], dictionaries[2]
    has_short_form, short_pairs = _find_short_forms(words)
    # A name that has a short form is known to be one, though nobody on a short list may bear it.
    given = _count_bearers(elector_people.column("given"), words) + 2 * has_short_form
    surname = _count_bearers(elector_people.column("surname"), words)
    spelt = (*word_bytes(words, LONGEST_NAME), *word_bytes(streets, LONGEST_NAME))
    return (
        line_people,
        elector_people,
        Names(*spelt, given, surname, 0, has_short_form, short_pairs),
    )


def _birth_numbers(
    lines: pl.DataFrame, electors: pl.DataFrame
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Give everybody's day of birth (since 1970, or `NO_BIRTH_DATE`) and year (0: unknown)."""
    birth = pl.concat([lines["birth_date"], electors["birth_date"]])
    year = pl.concat([lines["birth_year"], electors["birth_year"]])
    days = birth.cast(pl.Int32).fill_null(NO_BIRTH_DATE).to_numpy()
    years = birth.dt.year().cast(pl.Int64).zip_with(birth.is_not_null(), year).fill_null(0)
    return days, years.cast(pl.Int32).to_numpy()


def _suffixes(keys: Mapping[str, pl.Series], places: Mapping[str, Any]) -> npt.NDArray[Any]:
    """Give everybody's suffix, such as `jr`: that of the surname, else that of the given names."""
    suffix, given_suffix = (
        keys[name].fill_null(0).to_numpy()[places[name]]
        for name in ("surname_suffix", "given_suffix")
    )
    either: npt.NDArray[Any] = np.where(suffix > 0, suffix, given_suffix)
    return either


def _count_bearers(codes: Codes, words: pl.Series) -> npt.NDArray[np.int64]:
    return np.bincount(codes[codes >= 0], minlength=max(len(words), 1)).astype(np.int64)


def _find_short_forms(words: pl.Series) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Say which names are or have a short form, and give the pairs of the two (`Names`)."""
    forms = short_forms()
    coded = words.alias("word").to_frame().with_row_index("code").cast({"code": pl.Int64})
    pairs = forms.join(coded.rename({"word": "name", "code": "one"}), on="name")
    pairs = pairs.join(coded.rename({"word": "short", "code": "other"}), on="short")
    one, other = pairs["one"].to_numpy(), pairs["other"].to_numpy()
    has_short_form = words.is_in(pl.concat([forms["name"], forms["short"]]).implode()).to_numpy()
    if not len(words):
        has_short_form = np.zeros(1, dtype=np.bool_)
    return has_short_form, np.sort(np.r_[one << 32 | other, other << 32 | one])


def _derive_keys(
    column: pl.Series, rules: Callable[[pl.Expr], list[pl.Expr]]
) -> tuple[Codes, pl.DataFrame]:
    """Give the place of each row's value among the distinct ones, and the keys of these."""
    place, words = factorise(column)
    return place, words.to_frame().select(rules(pl.col("raw")))


def factorise(column: pl.Series) -> tuple[Codes, pl.Series]:
    """Give the place of each row's value among the distinct values, and these.

    Values are told apart by a hash of 64 bits: among ten million, the probability that two are
    taken for one is 3 in a million.
    """
    place, firsts = number_hashes(column.hash().to_numpy())
    return place, column.gather(firsts)


@njit(cache=True, nogil=True)
def number_hashes(hashes: npt.NDArray[np.uint64]) -> tuple[Codes, Codes]:
    """Number distinct hashes as they come: the number of each row, the row of each number."""
    size = 16
    while size < 2 * len(hashes):
        size *= 2
    mask = np.uint64(size - 1)
    slots = np.full(size, -1, dtype=np.int32)
    number, firsts, count = np.empty(len(hashes), np.int32), np.empty(len(hashes), np.int32), 0
    for row in range(len(hashes)):
        slot = (hashes[row] ^ (hashes[row] >> np.uint64(32))) & mask
        while slots[slot] >= 0 and hashes[firsts[slots[slot]]] != hashes[row]:
            slot = (slot + np.uint64(1)) & mask
        if slots[slot] < 0:
            slots[slot], firsts[count] = count, row
            count += 1
        number[row] = slots[slot]
    return number, firsts[:count]


def _encode_keys(keys: dict[str, pl.Series], codes: dict[str, Codes]) -> pl.Series:
    """Number the words of some keys (into `codes`; -1 for none), and give their dictionary."""
    words = pl.concat([key.alias("word") for key in keys.values()])
    place, dictionary = factorise(words)
    place = np.where(words.is_null().to_numpy(), np.int32(-1), place)
    ends = np.cumsum([len(key) for key in keys.values()])
    codes.update(zip(keys, np.split(place, ends[:-1]), strict=True))
    return dictionary.fill_null("") if dictionary.dtype == pl.String else dictionary


@njit(cache=True)
def _place_single_name(person: Codes, is_elector: bool) -> None:
    """Put the name of a person who has only one, in either column, in the same place.

    A line may have one name because the other was left out; there it is a surname only as `last`.
    """
    if person[SURNAME] >= 0 or person[GIVEN] < 0:
        return
    if person[MIDDLE] < 0:
        person[LAST] = person[GIVEN]
    if is_elector:
        person[LAST] = person[SURNAME] = max(person[LAST], person[MIDDLE])
        if person[MIDDLE] < 0:
            person[GIVEN] = person[FORMAL] = -1
        person[MIDDLE] = -1


@njit(cache=True, parallel=True)
def _code_table(places: tuple[Codes, ...], codes: tuple[Codes, ...], lines: int) -> Codes:
    """Put codes in their places, also those that stand in another column than their own.

    Args:
        places: for each of `_KEY_COLUMNS`, the place of each row's value among the distinct ones.
        codes: for each of `_KEY_COLUMNS`, the code of each distinct value.
        lines: rows that are lines; the others are electors.
    """
    table = np.empty((len(places[0]), WIDTH), dtype=np.int32)
    for row in prange(len(table)):
        for column in range(WIDTH):
            table[row, column] = codes[column][places[column][row]]
        if table[row, GIVEN] < 0 and table[row, FIRST_LAST] >= 0:
            table[row, GIVEN] = table[row, FORMAL] = table[row, FIRST_LAST]
            table[row, SURNAME], table[row, FIRST_LAST] = table[row, LAST], -1
        _place_single_name(table[row], row >= lines)
        for other in (UNIT_BEFORE, UNIT_AFTER):
            if table[row, UNIT] < 0:
                table[row, UNIT] = codes[other][places[other][row]]
        if table[row, NUMBER] < 0:
            house = codes[HOUSE][places[HOUSE][row]]
            if house >= 0:
                table[row, NUMBER] = house
                table[row, STREET] = codes[REST][places[REST][row]]
                table[row, CORE] = codes[REST_CORE][places[REST_CORE][row]]
                if table[row, UNIT] < 0:
                    table[row, UNIT] = codes[UNIT_HOUSE][places[UNIT_HOUSE][row]]
            else:
                table[row, NUMBER] = table[row, UNIT]
                table[row, UNIT] = -1
    return table


def word_bytes(words: pl.Series, longest: int) -> tuple[npt.NDArray[np.uint8], Codes]:
    """Give the first bytes of each word, zero after its end, and how many they are.

    For no words at all it gives one that is empty, so that there is always a row.
    """
    cut = [word.encode()[:longest] for word in words] or [b""]
    data = b"".join(word.ljust(longest, b"\0") for word in cut)
    spelt = np.frombuffer(data, dtype=np.uint8).reshape(len(cut), longest)
    return spelt, np.array([len(word) for word in cut], dtype=np.int32)
