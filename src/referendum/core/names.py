"""Names of places, districts, regions, options and questions: when two spellings are one name.

If `St. John's` and `st johns` were taken for two polling places, one place would be counted twice.
So spellings that differ only in case, blanks, Unicode form, accents or punctuation are one name.
Digits that something separates stay apart: `1-2` is not `12`.
"""

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

UNDECOMPOSED_LETTERS = {
    "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe", "þ": "th",
    "ð": "d", "ı": "i",
}  # fmt: skip
"""Letters that Unicode does not decompose into a base letter and an accent."""

_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U00016fe4\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Characters that show nothing: what Unicode calls default ignorable, and a filler."""

_INVISIBLE_CHARACTER = re.compile(f"[{_INVISIBLE}]")

_READ_MODIFIERS = "\u0e46\u0ec6\u3005\u3031-\u3035\u303b\u309d\u309e\u30fc-\u30fe"
"""Modifier letters that are read, since they say that a letter is long or is repeated."""

_READ_MODIFIER = re.compile(f"[{_READ_MODIFIERS}]")

_NON_ACCENT_CLASSES = frozenset((0, 6, 7, 8, 9, *range(84, 133)))
"""Combining classes of marks that are no accents: vowel signs, nuktas, kana marks, viramas."""


def name_key(name: str) -> str:
    """Give the key that all spellings of one name share.

    It holds letters and digits alone, in compatibility form (NFKD), case folded and without
    accents; one blank stays between two digits that anything but a letter separates.
    """
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    words = "".join(map(_fold_character, text)).split()
    parts = [
        f" {word}" if _is_digit(before[-1:]) and _is_digit(word[0]) else word
        for before, word in zip(["", *words], words, strict=False)
    ]
    return "".join(parts)


def _is_digit(character: str) -> bool:
    return character.isascii() and character.isdigit()


@lru_cache(maxsize=20_000)
def _fold_character(character: str) -> str:
    """Fold one character: to nothing if it is invisible, to a blank if it separates words."""
    if character in UNDECOMPOSED_LETTERS:
        return UNDECOMPOSED_LETTERS[character]
    kind = unicodedata.category(character)
    if _INVISIBLE_CHARACTER.match(character) or kind in {"Cf", "Me"}:
        return ""
    if kind[0] == "M":
        return character if unicodedata.combining(character) in _NON_ACCENT_CLASSES else ""
    if kind == "Nd":
        return str(unicodedata.decimal(character))
    if kind == "Lm" or character == "\ua78c":
        return character if _READ_MODIFIER.match(character) else " "
    return character if kind[0] in "LN" else " "


def is_blank(text: str) -> bool:
    """Whether a text shows nothing: it holds blanks, controls and invisible characters alone."""
    if text.isascii() and text.isprintable():
        return not text.strip()
    return not any(
        unicodedata.category(character)[0] not in "ZC"
        and not _INVISIBLE_CHARACTER.match(character)
        and character != "\u2800"
        for character in text
    )


BLANK = r"[\p{Z}\p{C}\x{2800}" + _INVISIBLE + "]"
"""Pattern of a character that shows nothing, for expressions on columns; see `is_blank`."""


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


def fold_letters(cells: "pl.Expr") -> "pl.Expr":
    """Fold texts about as `name_key` does, by expressions alone: for every name on a long list."""
    plain = cells.str.normalize("NFKD").str.to_lowercase()
    spelt = plain.str.replace_many(list(UNDECOMPOSED_LETTERS), list(UNDECOMPOSED_LETTERS.values()))
    return spelt.str.replace_all(r"[^\p{L}\p{N}]", "")


def suggest_names(name: str, known: list[str], most: int = 3) -> list[str]:
    """Suggest the known names that a name may be meant for, the nearest first, `most` at most."""
    # difflib is loaded only where somebody has to be helped.
    from difflib import get_close_matches  # noqa: PLC0415

    keys = {name_key(one): one for one in known}
    words = [keys[key] for key in map(name_key, re.split(r"\W+", name)) if key in keys]
    close = [keys[key] for key in get_close_matches(name_key(name), list(keys), most, 0.6)]
    return list(dict.fromkeys([*words, *close]))[:most]


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Give a sort key for the order that people expect: question 2 before question 10."""
    parts = re.split(r"([0-9]{1,18})", name)
    return tuple(
        (0, int(part), "") if number % 2 else (1, 0, part) for number, part in enumerate(parts)
    )


def id_keys(ids: "pl.Series") -> "pl.Series":
    """Give the key that all forms of one number of a sheet, line or elector share.

    Forms may differ in case, blanks, leading zeros, width of the digits, and a final `.0`.
    """
    # The law is read without polars.
    import polars as pl  # noqa: PLC0415

    frame = ids.rename("id").to_frame()
    plain = pl.col("id").str.normalize("NFKC").str.to_lowercase().str.replace_all(r"\s+", "")
    whole = plain.str.replace(r"^(.*\d)\.0+$", "$1")
    return frame.select(whole.str.replace_all(r"(^|[^0-9.])0+([0-9])", "$1$2")).to_series()
