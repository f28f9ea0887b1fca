"""Search of the list as people type: any words of a person, in any order, misspelt or not.

Each elector is a row of words: of given names, surname, number, street, locality, postal code,
the last seven digits of the telephone, and the day or year of birth. An inverted index gives the
rows of each word. A typed word matches words that begin with it, and words at one typing error from
it, or two if it is long (optimal string alignment distance: Damerau 1964, without moving a letter
twice). The electors that have the rarest of the typed words are looked at, then those of the next
one where nobody fits well, and ordered by how well all words fit.
"""

import re
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from numba import njit

from referendum.core.written_days import possible_days
from referendum.matching.people import factorise, word_bytes
from referendum.matching.standardise import fold_text, letters_and_digits

Array = npt.NDArray[Any]

MAX_WORD_BYTES = 20
"""Bytes of a word that are kept."""

SHORTEST_TO_ERR, SHORTEST_TO_ERR_TWICE = 3, 8
"""Letters of a typed word from which one typing error is forgiven, and from which two are; in a
word of three letters the first must be right."""

MOST_ELECTORS = 15_000
"""Electors that are looked at for one search."""

LEAST_FIT, GOOD_FIT = 0.5, 0.85
"""How well an elector must fit to be given, and to end the search."""

EXACT_WORTH, PREFIX_WORTH, ONE_ERROR_WORTH, TWO_ERRORS_WORTH = 1.0, 0.9, 0.7, 0.5
"""What a word is worth that is typed in full, only begun, with one typing error, with two."""

_QUICK = re.compile(r"^(\d+)([a-z]{2,})$")
"""House number and first letters of the surname, the quick form of offices: 704smi."""

_DAY = re.compile(r"\b(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4})\b")
_YEAR = re.compile(r"^(?:19|20)\d\d$")
_WITHOUT_BLANKS = re.compile("[\u3400-\u9fff\uf900-\ufaff\uac00-\ud7a3]{2,6}")
"""Names in scripts that put no blank between surname and given name: 王小明, 김민수."""

BIRTH_PREFIX = "b"
"""Prefix of a day or year of birth, so that it is not taken for a house number."""

_WORDS_BY_COLUMN = {"given_names": 3, "surname": 3, "street_number": 1, "street": 4, "locality": 3}
"""Columns that are split into words, and how many words of each."""

NAME_WORDS = _WORDS_BY_COLUMN["given_names"] + _WORDS_BY_COLUMN["surname"]


class Index(NamedTuple):
    """The inverted index of a list.

    Attributes:
        words: uint8, the bytes of each word, ascending; zero after its end.
        letters: uint32, for each word, a bit for each letter that it has; 0 for numbers.
        starts: for each word, where its rows begin in `rows`; one more at the end.
        rows: the electors of each word, ascending.
        of_each: for each elector the words it has, -1 where there are fewer.
    """

    words: Array
    letters: Array
    starts: Array
    rows: Array
    of_each: Array


class WordMatches(NamedTuple):
    """The words of an index that match a typed word.

    Attributes:
        low, high: range of the words that begin with it; `high` is the first one after.
        full: whether the first of them is exactly what was typed.
        misspelt: further words, ascending, at one or two typing errors from it.
        worth: what each of these is worth.
    """

    low: int
    high: int
    full: bool
    misspelt: Array
    worth: Array


def build_index(electors: pl.DataFrame) -> Index:
    """Build the index of a list (`core.schemas.ELECTORS`), which gives rows of it."""
    pieces = [
        piece
        for name in _WORDS_BY_COLUMN
        for piece in _split_words(electors[name], _WORDS_BY_COLUMN[name])
    ]
    postal = electors["postal_code"]
    pieces += _apply_rule(postal, lambda raw: [
        letters_and_digits(raw).str.to_lowercase().str.slice(at, 3) for at in (0, 3)
    ])  # fmt: skip
    digits = r"[^0-9]"
    pieces += _apply_rule(
        electors["phone"], lambda raw: [raw.str.replace_all(digits, "").str.tail(7)]
    )
    pieces += _birth_pieces(electors)
    spelt, of_each = _number_words(pieces)
    order = np.argsort(spelt.view(f"S{MAX_WORD_BYTES}").ravel(), kind="stable")
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    of_each = np.where(of_each >= 0, place[of_each], -1).astype(np.int32)
    starts, rows = _postings(of_each, len(order))
    words = spelt[order]
    return Index(words, _letter_bits(words), starts, rows, of_each)


def _birth_pieces(electors: pl.DataFrame) -> list[pl.Series]:
    """Give the word of the day of birth, or of the year where the day is not known."""
    born = pl.coalesce(
        pl.col("birth_date").dt.strftime(f"{BIRTH_PREFIX}%Y%m%d"),
        pl.format(BIRTH_PREFIX + "{}", "birth_year"),
    )
    return [electors.select(born.alias("piece"))["piece"]]


def _split_words(column: pl.Series, count: int) -> list[pl.Series]:
    def rule(raw: pl.Expr) -> list[pl.Expr]:
        parts = fold_text(raw).str.split_exact(" ", count).struct
        return [parts.field(f"field_{place}") for place in range(count)]

    return _apply_rule(column, rule)


def _apply_rule(column: pl.Series, rule: Any) -> list[pl.Series]:  # noqa: ANN401 - a rule of expressions
    """Apply a rule once to each distinct value of a column."""
    place, words = factorise(column)
    frame = words.alias("raw").to_frame()
    pieces = [frame.select(piece.alias("piece"))["piece"] for piece in rule(pl.col("raw"))]
    return [piece.gather(place) for piece in pieces]


def _number_words(pieces: list[pl.Series]) -> tuple[Array, Array]:
    """Give the bytes of the distinct words, and the word of each piece of each elector."""
    every = pl.concat([piece.alias("piece").replace("", None) for piece in pieces])
    number, words = factorise(every)
    number = np.where(every.is_null().to_numpy(), np.int32(-1), number)
    spelt, _ = word_bytes(words.fill_null(""), MAX_WORD_BYTES)
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
def _letter_bits(words: Array) -> Array:
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
    query_words = _parse_query(index, typed)
    if not query_words:
        return np.zeros(0, np.int64), np.zeros(0)
    matches = [_match_word(index, word) for word in query_words]
    row_counts = [_count_rows(index, match) for match in matches]
    rows: Array = np.zeros(0, np.int32)
    for place in sorted(
        (place for place in range(len(query_words)) if row_counts[place]),
        key=row_counts.__getitem__,
    ):
        rows = np.union1d(rows, _matching_rows(index, matches[place]))
        fits, typed_words = np.zeros(len(rows)), np.zeros((len(rows), NAME_WORDS), dtype=np.bool_)
        for match in matches:
            _add_fit(index.of_each, rows, match, fits, typed_words)
        fits /= len(query_words)
        if fits.max(initial=0) >= GOOD_FIT:
            break
    if not len(rows):
        return np.zeros(0, np.int64), np.zeros(0)
    untyped = ((index.of_each[rows, :NAME_WORDS] >= 0) & ~typed_words).sum(axis=1)
    rows, untyped, fits = (part[fits >= LEAST_FIT] for part in (rows, untyped, fits))
    best = np.lexsort([rows, untyped, -fits])[:limit]
    return rows[best].astype(np.int64), fits[best]


def _parse_query(index: Index, typed: str) -> list[bytes]:
    birth_words = [word for day in _DAY.findall(typed) for word in _birth_words(index, day)]
    typed = _WITHOUT_BLANKS.sub(lambda name: _split_name(index, name[0]), _DAY.sub(" ", typed))
    return [*_other_words(index, typed), *birth_words]


def _birth_words(index: Index, day: str) -> list[bytes]:
    """Give the word of a day of birth: of two ways to read it, the one that somebody has."""
    days = possible_days(day)
    words = [] if isinstance(days, str) else [_birth_word(one) for one in days.values()]
    return ([word for word in words if _begins_word(index, word)] or words)[:1]


def _birth_word(day: date) -> bytes:
    return day.strftime(f"{BIRTH_PREFIX}%Y%m%d").encode()


def _begins_word(index: Index, word: bytes) -> bool:
    keys = index.words.view(f"S{MAX_WORD_BYTES}").ravel()
    at = int(np.searchsorted(keys, word))
    return at < len(keys) and bool(keys[at].startswith(word))


def _split_name(index: Index, name: str) -> str:
    """Split a name where both parts are words of the list, the surname first or last."""
    for at in range(1, len(name)):
        parts = [name[:at], name[at:]]
        words = pl.DataFrame({"part": parts}).select(fold_text(pl.col("part"))).to_series()
        if all(_begins_word(index, word.encode()[:MAX_WORD_BYTES]) for word in words):
            return " ".join(parts)
    return name


def _other_words(index: Index, typed: str) -> list[bytes]:
    words = pl.DataFrame({"typed": [typed]}).select(fold_text(pl.col("typed"))).item().split()
    digits = re.sub(r"[^0-9]", "", typed)
    if len(digits) >= 7 and not re.search(r"[A-Za-z]", typed):
        words = [digits[-7:]]
    apart: list[str] = []
    for word in words:
        quick = _QUICK.match(word)
        postal = re.fullmatch(r"([a-z]\d[a-z])(\d[a-z]\d)", word)
        if _YEAR.match(word) and not _begins_word(index, word.encode()):
            word = BIRTH_PREFIX + word  # noqa: PLW2901 - no house number begins like this
        apart += (quick or postal).groups() if quick or postal else [word]  # type: ignore[union-attr]
    return [word.encode()[:MAX_WORD_BYTES] for word in apart]


def _match_word(index: Index, word: bytes) -> WordMatches:
    keys = index.words.view(f"S{MAX_WORD_BYTES}").ravel()
    ends = [b"a", word, word + b"\xff" * (MAX_WORD_BYTES - len(word))]
    first_letter, low, high = (int(end) for end in np.searchsorted(keys, ends))
    errors = (len(word) >= SHORTEST_TO_ERR) + (len(word) >= SHORTEST_TO_ERR_TWICE)
    if word.removeprefix(BIRTH_PREFIX.encode()).isdigit():
        errors = 0
    typed = np.frombuffer(word, dtype=np.uint8)
    letters = int(_letter_bits(typed[None, :])[0])
    misspelt, worth = _find_misspelt(
        index.words[first_letter:], index.letters[first_letter:], typed, letters, errors
    )
    if len(word) == SHORTEST_TO_ERR:
        same_start = index.words[misspelt + first_letter, 0] == word[0]
        misspelt, worth = misspelt[same_start], worth[same_start]
    return WordMatches(low, high, low < high and keys[low] == word, misspelt + first_letter, worth)


@njit(cache=True)
def _find_misspelt(
    words: Array, letters: Array, typed: Array, typed_letters: int, errors: int
) -> tuple[Array, Array]:
    matches, worth = [0][:0], [0.0][:0]
    for word in range(len(words) if errors else 0):
        different, count = letters[word] ^ np.uint32(typed_letters), 0
        while different:
            different &= different - np.uint32(1)
            count += 1
        if count > 2 * errors:
            continue
        distance = _distance(words[word], typed, errors)
        if distance <= errors:
            matches.append(word)
            worth.append(ONE_ERROR_WORTH if distance <= 1 else TWO_ERRORS_WORTH)
    return np.array(matches, dtype=np.int64), np.array(worth)


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


def _count_rows(index: Index, match: WordMatches) -> int:
    starts = index.starts
    errors = starts[match.misspelt + 1] - starts[match.misspelt]
    return int(starts[match.high] - starts[match.low] + errors.sum())


def _matching_rows(index: Index, match: WordMatches) -> Array:
    """Give the rows of the matching words, those of the best words first."""
    prefixed = range(match.low + match.full, match.high)
    best = match.misspelt[np.argsort(-match.worth, kind="stable")]
    parts, count = [np.zeros(0, np.int32)], 0
    for word in (*range(match.low, match.low + match.full), *prefixed, *best.tolist()):
        part = index.rows[index.starts[word] : index.starts[word + 1]]
        parts.append(part[: MOST_ELECTORS - count])
        count += len(parts[-1])
        if count >= MOST_ELECTORS:
            break
    return np.unique(np.concatenate(parts))


@njit(cache=True)
def _add_fit(of_each: Array, rows: Array, match: WordMatches, fits: Array, typed: Array) -> None:
    """Add what a typed word is worth for each row, and mark the words of its name that it fits."""
    for place in range(len(rows)):
        best = 0.0
        words = of_each[rows[place]]
        for at in range(len(words)):
            word, worth = words[at], 0.0
            if match.low <= word < match.high:
                worth = EXACT_WORTH if match.full and word == match.low else PREFIX_WORTH
            elif word >= 0 and len(match.misspelt):
                place_in_misspelt = np.searchsorted(match.misspelt, word)
                if (
                    place_in_misspelt < len(match.misspelt)
                    and match.misspelt[place_in_misspelt] == word
                ):
                    worth = match.worth[place_in_misspelt]
            if worth > 0 and at < NAME_WORDS:
                typed[place, at] = True
            best = max(best, worth)
        fits[place] += best
