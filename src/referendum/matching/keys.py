"""Names and addresses brought to a form in which equal means equal."""

import csv
from collections.abc import Callable
from functools import cache
from importlib.resources import files

import polars as pl

# Letters that Unicode does not take apart into a base letter and an accent.
_LETTERS = {
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ð": "d",
    "ı": "i",
}

_STREET_WORDS = {
    "street": "st",
    "avenue": "ave",
    "av": "ave",
    "road": "rd",
    "drive": "dr",
    "crescent": "cres",
    "cr": "cres",
    "boulevard": "blvd",
    "place": "pl",
    "court": "ct",
    "close": "cl",
    "lane": "ln",
    "trail": "tr",
    "highway": "hwy",
    "township": "twp",
    "range": "rge",
    "northwest": "nw",
    "northeast": "ne",
    "southwest": "sw",
    "southeast": "se",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
}


@cache
def nicknames() -> dict[str, str]:
    """Give full names by their short forms."""
    text = (files("referendum.matching") / "data" / "nicknames.csv").read_text("utf-8")
    return {row["nickname"]: row["name"] for row in csv.DictReader(text.splitlines())}


def folded(column: str) -> pl.Expr:
    """Fold a text: lower case, no accents, no apostrophes; other marks end a word."""
    return (
        pl.col(column)
        .str.to_lowercase()
        .str.normalize("NFKD")
        .str.replace_all(r"[\p{M}'’ʼ`.]", "")
        .str.replace_many(_LETTERS)
        .str.replace_all(r"[^\p{L}\p{N}]+", " ")
        .str.strip_chars()
    )


def with_keys(people: pl.DataFrame) -> pl.DataFrame:
    """Give the keys of lines or electors.

    Args:
        people: with the columns of a person in `core.schemas`.

    Returns:
        A row for each: `given` (first given name), `formal` (its full form if it is a short one),
        `middle` (the second given name), `initial`; `surname` (joined), `last` and `first_last`
        (last part of the surname, first part of a double one), `stem` (its first four letters);
        `unit`, `number`, `street`, `postal`, `area` (its first three letters), `locality`, `phone`;
        `birth` (as text), `birth_date`, `birth_year`. Null where there is nothing.
    """
    parts = [
        _of_each(people["given_names"], _given_names),
        _of_each(people["surname"], _surnames),
        _of_each(people["postal_code"], _postal_codes),
        _of_each(
            people["street_number"], lambda: [_nothing(_letters_and_digits()).alias("number")]
        ),
        _of_each(people["unit"], lambda: [_nothing(_letters_and_digits()).alias("unit")]),
        _of_each(people["street"], lambda: [_nothing(_street()).alias("street")]),
        _of_each(people["locality"], lambda: [_nothing(folded("raw")).alias("locality")]),
        people.select(
            phone=_nothing(pl.col("phone").str.replace_all(r"[^0-9]", "").str.tail(10)),
            birth=pl.col("birth_date").dt.to_string("iso"),
            birth_date="birth_date",
            birth_year="birth_year",
        ),
    ]
    return pl.concat(parts, how="horizontal")


def _of_each(column: pl.Series, keys: Callable[[], list[pl.Expr]]) -> pl.DataFrame:
    """Work out keys once for each distinct value of a column, which are few among millions."""
    raw = column.alias("raw").to_frame()
    distinct = raw.unique().with_columns(keys())
    return raw.join(distinct, on="raw", how="left", maintain_order="left", nulls_equal=True).drop(
        "raw"
    )


def _given_names() -> list[pl.Expr]:
    words = folded("raw")
    given = _nothing(words.str.extract(r"^(\S+)"))
    return [
        given.alias("given"),
        given.replace(nicknames()).alias("formal"),
        words.str.extract(r"^\S+ (\S+)").alias("middle"),
        given.str.head(1).alias("initial"),
    ]


def _surnames() -> list[pl.Expr]:
    words = folded("raw")
    joined = _nothing(words.str.replace_all(" ", ""))
    return [
        joined.alias("surname"),
        words.str.extract(r"(\S+)$").alias("last"),
        words.str.extract(r"^(\S+) ").alias("first_last"),
        joined.str.head(4).alias("stem"),
    ]


def _postal_codes() -> list[pl.Expr]:
    postal = _nothing(_letters_and_digits())
    return [postal.alias("postal"), postal.str.head(3).alias("area")]


def _street() -> pl.Expr:
    words = folded("raw").str.split(" ")
    return words.list.eval(pl.element().replace(_STREET_WORDS)).list.join(" ")


def _letters_and_digits() -> pl.Expr:
    return pl.col("raw").str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")


def _nothing(text: pl.Expr) -> pl.Expr:
    return pl.when(text != "").then(text)
