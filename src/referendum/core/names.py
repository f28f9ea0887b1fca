"""Names of places, districts, regions, options and questions: when two spellings are one name.

Nobody knows whether `St. John's` and `st johns` are two polling places; counted as two, one of
them is counted twice. So spellings that differ only in case, blanks, Unicode form, accents or
punctuation are one name here. Digits that something parts stay apart: `1-2` is not `12`.
"""

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

LETTERS = {
    "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i",
}  # fmt: skip
"""Letters that Unicode does not take apart into a base letter and an accent."""

_ACCENT = re.compile("[\u0300-\u036f]")


def name_key(name: str) -> str:
    """Give what two spellings of one name have in common.

    Compatibility form without accents, lower case, letters and digits alone; one blank stays
    between two digits where anything but a letter parts them.
    """
    text = _ACCENT.sub("", unicodedata.normalize("NFKD", name.lower()))
    text = "".join(LETTERS.get(letter, letter) for letter in text.lower())
    # Vowel signs of Indic scripts are marks, not punctuation: they are kept apart from what goes.
    kept = "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in text)
    words = kept.split()
    parts = [
        f" {word}" if before[-1:].isdigit() and word[0].isdigit() else word
        for before, word in zip(["", *words], words, strict=False)
    ]
    return "".join(parts)


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
