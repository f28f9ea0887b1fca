"""Names and addresses brought to a form in which equal means equal."""

import csv
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
        people: with the columns of a person in `core.schemas`, and an integer `id`.

    Returns:
        `id`; `given` (first given name), `formal` (its full form if it is a short one), `middle`
        (the other given names), `surname` (joined), `last` and `first_last` (last part of the
        surname, first part of a double one), `postal`, `number`, `street`, `locality`, `phone`.
        Null where there is nothing.
    """
    words = people.select(
        "id",
        given_names=folded("given_names"),
        surnames=folded("surname"),
        postal=_nothing(_letters_and_digits("postal_code")),
        number=_nothing(_letters_and_digits("street_number")),
        street=_nothing(_street()),
        locality=_nothing(folded("locality")),
        phone=_nothing(pl.col("phone").str.replace_all(r"[^0-9]", "").str.tail(10)),
    )
    given = pl.col("given_names").str.extract(r"^(\S+)")
    return words.select(
        "id",
        given=given,
        formal=given.replace(nicknames()),
        middle=pl.col("given_names").str.extract(r"^\S+ (.+)$"),
        surname=_nothing(pl.col("surnames").str.replace_all(" ", "")),
        last=pl.col("surnames").str.extract(r"(\S+)$"),
        first_last=pl.col("surnames").str.extract(r"^(\S+) "),
        postal="postal",
        number="number",
        street="street",
        locality="locality",
        phone="phone",
    )


def _street() -> pl.Expr:
    words = folded("street").str.split(" ")
    return words.list.eval(pl.element().replace(_STREET_WORDS)).list.join(" ")


def _letters_and_digits(column: str) -> pl.Expr:
    return pl.col(column).str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")


def _nothing(text: pl.Expr) -> pl.Expr:
    return pl.when(text != "").then(text)
