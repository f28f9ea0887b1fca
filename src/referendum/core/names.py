"""Names of places, districts, regions, options and questions: when two spellings are one name.

Nobody knows whether `St. John's` and `st johns` are two polling places; counted as two, one of
them is counted twice. So spellings that differ only in case, blanks, Unicode form, accents or
punctuation are one name here. Digits that something parts stay apart: `1-2` is not `12`.
"""

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

LETTERS = {
    "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe", "þ": "th",
    "ð": "d", "ı": "i",
}  # fmt: skip
"""Letters that Unicode does not take apart into a base letter and an accent."""

_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U00016fe4\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Signs of which nothing is seen: what Unicode calls default ignorable, and a filler."""

_HIDDEN = re.compile(f"[{_UNSEEN}]")

_REPEATED = "\u0e46\u0ec6\u3005\u3031-\u3035\u303b\u309d\u309e\u30fc-\u30fe"
"""Modifier letters that are read: signs that a letter is long or comes again."""

_READ = re.compile(f"[{_REPEATED}]")

_ACCENT_FREE = frozenset((0, 6, 7, 8, 9, *range(84, 133)))
"""Combining classes of marks that are no accents: vowel signs, nuktas, sounds of kana, viramas."""


def name_key(name: str) -> str:
    """Give what two spellings of one name have in common.

    Compatibility form without accents, case folded, letters and digits alone; one blank stays
    between two digits where anything but a letter parts them.
    """
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    words = "".join(map(_folded, text)).split()
    parts = [
        f" {word}" if _is_digit(before[-1:]) and _is_digit(word[0]) else word
        for before, word in zip(["", *words], words, strict=False)
    ]
    return "".join(parts)


def _is_digit(sign: str) -> bool:
    return sign.isascii() and sign.isdigit()


@lru_cache(maxsize=20_000)
def _folded(sign: str) -> str:
    """Give what stays of a sign: nothing of one that is not seen, a blank for one that parts."""
    if sign in LETTERS:
        return LETTERS[sign]
    kind = unicodedata.category(sign)
    if _HIDDEN.match(sign) or kind in {"Cf", "Me"}:
        return ""
    if kind[0] == "M":
        return sign if unicodedata.combining(sign) in _ACCENT_FREE else ""
    if kind == "Nd":
        return str(unicodedata.decimal(sign))
    if kind == "Lm" or sign == "\ua78c":
        return sign if _READ.match(sign) else " "
    return sign if kind[0] in "LN" else " "


def is_blank(text: str) -> bool:
    """Whether nothing of a text is seen: it holds blanks, controls and hidden signs alone."""
    if text.isascii() and text.isprintable():
        return not text.strip()
    return not any(
        unicodedata.category(sign)[0] not in "ZC" and not _HIDDEN.match(sign) and sign != "\u2800"
        for sign in text
    )


BLANK = r"[\p{Z}\p{C}\x{2800}" + _UNSEEN + "]"
"""A sign of which nothing is seen, for expressions on columns; see `is_blank`."""


def name_keys(names: "pl.Series") -> "pl.Series":
    """Give the `name_key` of each name of a column; nulls stay."""
    # The law is read without polars.
    import polars as pl  # noqa: PLC0415

    distinct = names.unique().drop_nulls()
    # Plain letters are folded by polars, a hundred times as fast; the others one by one.
    words = distinct.str.to_lowercase().str.replace_all("[^a-z0-9]+", " ").str.strip_chars()
    plain = words.str.replace_all("([a-z]) ", "$1").str.replace_all(" ([a-z])", "$1")
    others = distinct.str.contains("[^\x00-\x7f]").arg_true()
    folded = pl.Series([name_key(name) for name in distinct.gather(others)], dtype=pl.String)
    keys = plain.scatter(others, folded)
    return names.replace_strict(distinct, keys, default=None, return_dtype=pl.String)


def letters_of(cells: "pl.Expr") -> "pl.Expr":
    """Fold texts about as `name_key` does, by expressions alone: for every name on a long list."""
    plain = cells.str.normalize("NFKD").str.to_lowercase()
    spelt = plain.str.replace_many(list(LETTERS), list(LETTERS.values()))
    return spelt.str.replace_all(r"[^\p{L}\p{N}]", "")


def near_names(name: str, known: list[str], most: int = 3) -> list[str]:
    """Give the known names that a name may be meant for, the nearest first."""
    # difflib is loaded only where somebody has to be helped.
    from difflib import get_close_matches  # noqa: PLC0415

    keys = {name_key(one): one for one in known}
    words = [keys[key] for key in map(name_key, re.split(r"\W+", name)) if key in keys]
    close = [keys[key] for key in get_close_matches(name_key(name), list(keys), most, 0.6)]
    return list(dict.fromkeys([*words, *close]))[:most]


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Give what puts names in the order that people expect: question 2 before question 10."""
    parts = re.split(r"([0-9]{1,18})", name)
    return tuple(
        (0, int(part), "") if number % 2 else (1, 0, part) for number, part in enumerate(parts)
    )


def id_keys(ids: "pl.Series") -> "pl.Series":
    """Give what two forms of one number of a sheet, line or elector have in common.

    They may differ in case, blanks, leading zeros, width of the digits, and `.0` at the end.
    """
    # The law is read without polars.
    import polars as pl  # noqa: PLC0415

    frame = ids.rename("id").to_frame()
    plain = pl.col("id").str.normalize("NFKC").str.to_lowercase().str.replace_all(r"\s+", "")
    whole = plain.str.replace(r"^(.*\d)\.0+$", "$1")
    return frame.select(whole.str.replace_all(r"(^|[^0-9.])0+([0-9])", "$1$2")).to_series()
