"""A search of the list as a person types: any words of a person, in any order, misspelt or not.

Each elector is a row of words: of given names, surname, number, street, locality, postal code, the
last seven digits of the telephone, and the day or year of birth. Each word has the rows that it
stands in. A word that is typed means words that it begins, or that one typing error is between it
and them, or two if it is long (optimal string alignment distance: Damerau 1964, without a letter
being moved twice). The electors that have the rarest of the typed words are looked at, and those of
the next one where nobody fits well, and ordered by how well all fit.
"""

import re
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from numba import njit

from referendum.core.calendar_days import days_of
from referendum.matching.keys import folded, letters_and_digits
from referendum.matching.people import distinct, letters

Array = npt.NDArray[Any]

LONGEST = 20
"""Bytes of a word that are kept."""

SHORTEST_TO_ERR, SHORTEST_TO_ERR_TWICE = 3, 8
"""Letters of a typed word from which one typing error is forgiven, and from which two are; of three
letters the first must be right."""

LOOKED_AT = 15_000
"""Electors that are looked at for one search."""

LEAST, WELL = 0.5, 0.85
"""What an elector must be worth to be given, and to be looked no further for."""

EXACT, BEGUN, ONE_ERROR, TWO_ERRORS = 1.0, 0.9, 0.7, 0.5
"""What a word is worth that is typed in full, begun, with one typing error, with two."""

_QUICK = re.compile(r"^(\d+)([a-z]{2,})$")
"""House number and first letters of the surname, the quick form of offices: 704smi."""

_DAY = re.compile(r"\b(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4})\b")
_YEAR = re.compile(r"^(?:19|20)\d\d$")
_WITHOUT_BLANKS = re.compile("[\u3400-\u9fff\uf900-\ufaff\uac00-\ud7a3]{2,6}")
"""Names of scripts that part surname and given name by nothing: 王小明, 김민수."""

BORN = "b"
"""What stands before a day or year of birth, so that it is no number of a house."""

_COLUMNS = {"given_names": 3, "surname": 3, "street_number": 1, "street": 4, "locality": 3}
"""Columns that are taken apart into words, and how many words of each."""

NAME_WORDS = _COLUMNS["given_names"] + _COLUMNS["surname"]


class Index(NamedTuple):
    """The words of a list.

    Attributes:
        words: uint8, the bytes of each word, ascending; zero after its end.
        letters: uint32, for each word, a bit for each letter that it has; 0 for numbers.
        starts: for each word, where its rows begin in `rows`; one more at the end.
        rows: the electors of each word, ascending.
        of_each: for each elector the words it has, -1 where there are less.
    """

    words: Array
    letters: Array
    starts: Array
    rows: Array
    of_each: Array


class Meant(NamedTuple):
    """The words of an index that a typed word may mean.

    Attributes:
        low, high: words that it begins, from and to before.
        full: whether the first of them is just what was typed.
        misspelt: others, ascending, that a typing error or two is between.
        worth: what each of these is worth.
    """

    low: int
    high: int
    full: bool
    misspelt: Array
    worth: Array


def index_of(electors: pl.DataFrame) -> Index:
    """Make the index of a list (`core.schemas.ELECTORS`); results are rows of it."""
    pieces = [piece for name in _COLUMNS for piece in _pieces(electors[name], _COLUMNS[name])]
    postal = electors["postal_code"]
    pieces += _each(postal, lambda raw: [
        letters_and_digits(raw).str.to_lowercase().str.slice(at, 3) for at in (0, 3)
    ])  # fmt: skip
    digits = r"[^0-9]"
    pieces += _each(electors["phone"], lambda raw: [raw.str.replace_all(digits, "").str.tail(7)])
    pieces += _births(electors)
    spelt, of_each = _numbered_words(pieces)
    order = np.argsort(spelt.view(f"S{LONGEST}").ravel(), kind="stable")
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    of_each = np.where(of_each >= 0, place[of_each], -1).astype(np.int32)
    starts, rows = _postings(of_each, len(order))
    words = spelt[order]
    return Index(words, _letters_of(words), starts, rows, of_each)


def _births(electors: pl.DataFrame) -> list[pl.Series]:
    """Give the word of the day of birth, or else of the year."""
    born = pl.coalesce(
        pl.col("birth_date").dt.strftime(f"{BORN}%Y%m%d"), pl.format(BORN + "{}", "birth_year")
    )
    return [electors.select(born.alias("piece"))["piece"]]


def _pieces(column: pl.Series, many: int) -> list[pl.Series]:
    def rule(raw: pl.Expr) -> list[pl.Expr]:
        parts = folded(raw).str.split_exact(" ", many).struct
        return [parts.field(f"field_{place}") for place in range(many)]

    return _each(column, rule)


def _each(column: pl.Series, rule: Any) -> list[pl.Series]:  # noqa: ANN401 - a rule of expressions
    """Work rules out once for each distinct value of a column."""
    place, words = distinct(column)
    frame = words.alias("raw").to_frame()
    pieces = [frame.select(piece.alias("piece"))["piece"] for piece in rule(pl.col("raw"))]
    return [piece.gather(place) for piece in pieces]


def _numbered_words(pieces: list[pl.Series]) -> tuple[Array, Array]:
    """Give the bytes of the distinct words, and the word of each piece of each elector."""
    every = pl.concat([piece.alias("piece").replace("", None) for piece in pieces])
    number, words = distinct(every)
    number = np.where(every.is_null().to_numpy(), np.int32(-1), number)
    spelt, _ = letters(words.fill_null(""), LONGEST)
    return spelt, number.reshape(len(pieces), -1).T


@njit(cache=True)
def _postings(of_each: Array, words: int) -> tuple[Array, Array]:
    ends = np.zeros(words + 1, dtype=np.int64)
    for row in range(len(of_each)):
        for word in of_each[row]:
            if word >= 0:
                ends[word + 1] += 1
    starts = np.cumsum(ends)
    place, rows = starts.copy(), np.empty(starts[-1], dtype=np.int32)
    for row in range(len(of_each)):
        for word in of_each[row]:
            if word >= 0:
                rows[place[word]] = row
                place[word] += 1
    return starts, rows


@njit(cache=True)
def _letters_of(words: Array) -> Array:
    letters = np.zeros(len(words), dtype=np.uint32)
    for word in range(len(words)):
        for letter in words[word]:
            if letter > 57:  # the digits come before the letters
                letters[word] |= np.uint32(1 << (letter & 31))
    return letters


def search(index: Index, typed: str, limit: int = 20) -> tuple[Array, Array]:
    """Search the list.

    Args:
        index: of the list.
        typed: words of a person, in any order; the last may be only begun.
        limit: electors to give.

    Returns:
        Rows of the list, best first, and what each is worth: 1 if every word fits exactly.
    """
    asked = _words_of(index, typed)
    if not asked:
        return np.zeros(0, np.int64), np.zeros(0)
    meant = [_meant(index, word) for word in asked]
    many = [_rows_of(index, one) for one in meant]
    rows: Array = np.zeros(0, np.int32)
    for place in sorted(
        (place for place in range(len(asked)) if many[place]), key=many.__getitem__
    ):
        rows = np.union1d(rows, _rows(index, meant[place]))
        fits, typed_words = np.zeros(len(rows)), np.zeros((len(rows), NAME_WORDS), dtype=np.bool_)
        for one in meant:
            _fit(index.of_each, rows, one, fits, typed_words)
        fits /= len(asked)
        if fits.max(initial=0) >= WELL:
            break
    if not len(rows):
        return np.zeros(0, np.int64), np.zeros(0)
    untyped = ((index.of_each[rows, :NAME_WORDS] >= 0) & ~typed_words).sum(axis=1)
    rows, untyped, fits = (part[fits >= LEAST] for part in (rows, untyped, fits))
    best = np.lexsort([rows, untyped, -fits])[:limit]
    return rows[best].astype(np.int64), fits[best]


def _words_of(index: Index, typed: str) -> list[bytes]:
    born = [word for day in _DAY.findall(typed) for word in _birth_words(index, day)]
    typed = _WITHOUT_BLANKS.sub(lambda name: _parted(index, name[0]), _DAY.sub(" ", typed))
    return [*_other_words(index, typed), *born]


def _birth_words(index: Index, day: str) -> list[bytes]:
    """Give the word of a day of birth: the one that somebody has, if it can be read in two ways."""
    days = days_of(day)
    words = [] if isinstance(days, str) else [_birth_word(one) for one in days.values()]
    return ([word for word in words if _is_begun(index, word)] or words)[:1]


def _birth_word(day: date) -> bytes:
    return day.strftime(f"{BORN}%Y%m%d").encode()


def _is_begun(index: Index, word: bytes) -> bool:
    keys = index.words.view(f"S{LONGEST}").ravel()
    at = int(np.searchsorted(keys, word))
    return at < len(keys) and bool(keys[at].startswith(word))


def _parted(index: Index, name: str) -> str:
    """Part a name where both parts are words of the list, the surname first or last."""
    for at in range(1, len(name)):
        parts = [name[:at], name[at:]]
        words = pl.DataFrame({"part": parts}).select(folded(pl.col("part"))).to_series()
        if all(_is_begun(index, word.encode()[:LONGEST]) for word in words):
            return " ".join(parts)
    return name


def _other_words(index: Index, typed: str) -> list[bytes]:
    words = pl.DataFrame({"typed": [typed]}).select(folded(pl.col("typed"))).item().split()
    digits = re.sub(r"[^0-9]", "", typed)
    if len(digits) >= 7 and not re.search(r"[A-Za-z]", typed):
        words = [digits[-7:]]
    apart: list[str] = []
    for word in words:
        quick = _QUICK.match(word)
        postal = re.fullmatch(r"([a-z]\d[a-z])(\d[a-z]\d)", word)
        if _YEAR.match(word) and not _is_begun(index, word.encode()):
            word = BORN + word  # noqa: PLW2901 - no number of a house begins so
        apart += (quick or postal).groups() if quick or postal else [word]  # type: ignore[union-attr]
    return [word.encode()[:LONGEST] for word in apart]


def _meant(index: Index, word: bytes) -> Meant:
    keys = index.words.view(f"S{LONGEST}").ravel()
    ends = [b"a", word, word + b"\xff" * (LONGEST - len(word))]
    first_letter, low, high = (int(end) for end in np.searchsorted(keys, ends))
    errors = (len(word) >= SHORTEST_TO_ERR) + (len(word) >= SHORTEST_TO_ERR_TWICE)
    if word.removeprefix(BORN.encode()).isdigit():
        errors = 0
    typed = np.frombuffer(word, dtype=np.uint8)
    letters = int(_letters_of(typed[None, :])[0])
    misspelt, worth = _misspelt(
        index.words[first_letter:], index.letters[first_letter:], typed, letters, errors
    )
    if len(word) == SHORTEST_TO_ERR:
        alike = index.words[misspelt + first_letter, 0] == word[0]
        misspelt, worth = misspelt[alike], worth[alike]
    return Meant(low, high, low < high and keys[low] == word, misspelt + first_letter, worth)


@njit(cache=True)
def _misspelt(
    words: Array, letters: Array, typed: Array, typed_letters: int, errors: int
) -> tuple[Array, Array]:
    found, worth = [0][:0], [0.0][:0]
    for word in range(len(words) if errors else 0):
        different, count = letters[word] ^ np.uint32(typed_letters), 0
        while different:
            different &= different - np.uint32(1)
            count += 1
        if count > 2 * errors:
            continue
        wrong = _distance(words[word], typed, errors)
        if wrong <= errors:
            found.append(word)
            worth.append(ONE_ERROR if wrong <= 1 else TWO_ERRORS)
    return np.array(found, dtype=np.int64), np.array(worth)


@njit(cache=True)
def _distance(word: Array, typed: Array, most: int) -> int:
    """Give the optimal string alignment distance, or more than `most` if it is more."""
    m, n = 0, len(typed)
    while m < len(word) and word[m] != 0:
        m += 1
    if abs(m - n) > most:
        return most + 1
    before, row, last = np.zeros(n + 1, np.int64), np.arange(n + 1), np.zeros(n + 1, np.int64)
    for i in range(1, m + 1):
        before, last = last, row.copy()
        row[0] = i
        for j in range(1, n + 1):
            change = word[i - 1] != typed[j - 1]
            row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + change)
            if i > 1 and j > 1 and word[i - 1] == typed[j - 2] and word[i - 2] == typed[j - 1]:
                row[j] = min(row[j], before[j - 2] + 1)
        if row.min() > most:
            return most + 1
    return int(row[n])


def _rows_of(index: Index, meant: Meant) -> int:
    starts = index.starts
    errors = starts[meant.misspelt + 1] - starts[meant.misspelt]
    return int(starts[meant.high] - starts[meant.low] + errors.sum())


def _rows(index: Index, meant: Meant) -> Array:
    """Give the rows of the words meant, those of the best words first."""
    begun = range(meant.low + meant.full, meant.high)
    best = meant.misspelt[np.argsort(-meant.worth, kind="stable")]
    parts, many = [np.zeros(0, np.int32)], 0
    for word in (*range(meant.low, meant.low + meant.full), *begun, *best.tolist()):
        part = index.rows[index.starts[word] : index.starts[word + 1]]
        parts.append(part[: LOOKED_AT - many])
        many += len(parts[-1])
        if many >= LOOKED_AT:
            break
    return np.unique(np.concatenate(parts))


@njit(cache=True)
def _fit(of_each: Array, rows: Array, meant: Meant, fits: Array, typed: Array) -> None:
    """Add what the words meant are worth for each row, and mark the words of its name that fit."""
    for place in range(len(rows)):
        best = 0.0
        words = of_each[rows[place]]
        for at in range(len(words)):
            word, worth = words[at], 0.0
            if meant.low <= word < meant.high:
                worth = EXACT if meant.full and word == meant.low else BEGUN
            elif word >= 0 and len(meant.misspelt):
                near = np.searchsorted(meant.misspelt, word)
                if near < len(meant.misspelt) and meant.misspelt[near] == word:
                    worth = meant.worth[near]
            if worth > 0 and at < NAME_WORDS:
                typed[place, at] = True
            best = max(best, worth)
        fits[place] += best
