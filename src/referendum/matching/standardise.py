"""Standardisation: names and addresses in a form in which equal means equal.

Each rule works on the distinct values of one column, which are few among millions of rows.
"""

import csv
from functools import cache
from importlib.resources import files

import polars as pl
from nicknames import NickNamer

from referendum.core.names import UNDECOMPOSED_LETTERS
from referendum.core.words import are_illegible, are_no_given_names

_TYPES = {
    "street": "st", "avenue": "ave", "av": "ave", "road": "rd", "drive": "dr", "crescent": "cres",
    "cr": "cres", "boulevard": "blvd", "boul": "blvd", "place": "pl", "court": "ct", "close": "cl",
    "lane": "ln", "trail": "tr", "highway": "hwy", "township": "twp", "range": "rge", "way": "way",
    "terrace": "terr", "circle": "cir", "square": "sq", "gate": "gt", "parkway": "pky",
    "str": "st", "crs": "cres", "tce": "terr", "ter": "terr", "trl": "tr", "heights": "hts",
    "gardens": "gdns", "common": "cm", "crt": "ct", "pkwy": "pky", "crossing": "xing",
    "alley": "aly", "junction": "jct", "plaza": "plz",
}  # fmt: skip
_QUADRANTS = {
    "northwest": "nw", "northeast": "ne", "southwest": "sw", "southeast": "se", "north": "n",
    "south": "s", "east": "e", "west": "w",
}  # fmt: skip
_STREET_WORDS = {**_TYPES, **_QUADRANTS}
_TYPE_PATTERN = "|".join(sorted({*_TYPES, *_TYPES.values()}))
_QUADRANT_PATTERN = "|".join(sorted({*_QUADRANTS.values()}))

_SUFFIXES = {
    "jr": 1, "junior": 1, "jnr": 1, "fils": 1, "filho": 1, "hijo": 1,
    "sr": 2, "senior": 2, "snr": 2, "pere": 2, "ii": 3, "2nd": 3, "iii": 4, "3rd": 4,
    "neto": 4, "iv": 5, "4th": 5, "sobrinho": 6,
}  # fmt: skip
"""Words after a name that tell a father from a son of the same name; synonyms share a number."""
_SUFFIX_PATTERN = rf" ({'|'.join(_SUFFIXES)})$"

_UNIT_BEFORE = r"^#?(\w+)\s*[-/]\s*(\d+\w?)$"
"""A house number with the unit before it, as Canada Post writes it: 401-4600."""
_UNIT_AFTER = r"(?i)\s(?:#|apt|apartment|unit|suite|ste)\.?\s*(\w+)$"
_NUMBER_BEFORE = r"(?i)^#?(?:(\w+)\s*-\s*)?(\d+[a-z]?) (\S.*)$"


@cache
def nicknames() -> dict[str, str]:
    """Give full names by their short forms, of several languages, as compiled for this project."""
    text = (files("referendum.matching") / "data" / "nicknames.csv").read_text("utf-8")
    return {row["nickname"]: row["name"] for row in csv.DictReader(text.splitlines())}


@cache
def short_forms() -> pl.DataFrame:
    """Give pairs of a name (`name`) and its short form (`short`): the library's and our own."""
    known = NickNamer.default_lookup().items()
    pairs = [(name, short) for name, all_short in known for short in all_short]
    pairs += [(name, short) for short, name in nicknames().items()]
    return pl.DataFrame(sorted(set(pairs)), schema=["name", "short"], orient="row")


def fold_text(text: pl.Expr) -> pl.Expr:
    """Fold a text: lower case, no accents, no apostrophes; other marks end a word."""
    return text.str.to_lowercase().map_batches(_fold_series, return_dtype=pl.String())


def _fold_series(text: pl.Series) -> pl.Series:
    """Fold the few texts that hold more than letters a to z, digits and single blanks."""
    odd = text.str.contains(r"[^a-z0-9 ]|  |^ | $").arg_true()
    plain = (
        text.gather(odd)
        .str.normalize("NFKD")
        .str.replace_all(r"[\p{M}'’ʼ`.]", "")
        .str.replace_many(UNDECOMPOSED_LETTERS)
        .str.replace_all(r"[^\p{L}\p{N}]+", " ")
        .str.strip_chars()
    )
    return text.scatter(odd, plain)


def given_names(raw: pl.Expr) -> list[pl.Expr]:
    """Give `given` (the first), `formal` (its full form, if it is short), `middle`, `initial`.

    `given_suffix` is a number for a suffix, such as Jr, that tells a father from a son.
    """
    legible = fold_text(pl.when(~are_no_given_names(raw)).then(raw))
    words = _strip_suffix(legible).str.split_exact(" ", 2).struct
    given = _null_if_empty(words.field("field_0"))
    return [
        given.alias("given"),
        given.replace(nicknames()).alias("formal"),
        words.field("field_1").alias("middle"),
        given.str.head(1).alias("initial"),
        _suffix_number(legible).alias("given_suffix"),
    ]


def surnames(raw: pl.Expr) -> list[pl.Expr]:
    """Give `surname` (joined), `last` and `first_last` (parts of a double one), `stem`.

    `surname_suffix` is as `given_suffix` is.
    """
    legible = fold_text(pl.when(~are_illegible(raw)).then(raw))
    words = _strip_suffix(legible)
    joined = _null_if_empty(words.str.replace_all(" ", ""))
    return [
        joined.alias("surname"),
        words.str.extract(r"(\S+)$").alias("last"),
        words.str.extract(r"^(\S+) ").alias("first_last"),
        joined.str.head(4).alias("stem"),
        _suffix_number(legible).alias("surname_suffix"),
    ]


def _strip_suffix(words: pl.Expr) -> pl.Expr:
    return words.str.replace(_SUFFIX_PATTERN, "")


def _suffix_number(words: pl.Expr) -> pl.Expr:
    return words.str.extract(_SUFFIX_PATTERN, 1).replace_strict(
        _SUFFIXES, default=0, return_dtype=pl.Int8
    )


def house_numbers(raw: pl.Expr) -> list[pl.Expr]:
    """Give `number`, and `unit_before` it where one stands there."""
    before = raw.str.extract(_UNIT_BEFORE, 1)
    number = pl.coalesce(raw.str.extract(_UNIT_BEFORE, 2), raw)
    return [
        letters_and_digits(number).alias("number"),
        letters_and_digits(before).alias("unit_before"),
    ]


def units(raw: pl.Expr) -> list[pl.Expr]:
    """Give `unit`, the number of a flat."""
    return [letters_and_digits(raw.str.replace(r"(?i)^(?:apt|unit|suite|ste)\b", "")).alias("unit")]


def streets(raw: pl.Expr) -> list[pl.Expr]:
    """Give `street`, its `core` without type and quadrant, and what else may stand with it.

    `unit_after` stands at its end. `house` and `unit_house` stand before it, if a number does that
    is not the street's own, and then `rest` is the street; they count where no house number is
    given elsewhere.
    """
    street = raw.str.replace(_UNIT_AFTER, "")
    words = _street_words(street)
    rest = _street_words(street.str.extract(_NUMBER_BEFORE, 3))
    own = rest.str.contains(rf"^(?:{_TYPE_PATTERN}|{_QUADRANT_PATTERN})\b")
    house = pl.when(~own).then(letters_and_digits(street.str.extract(_NUMBER_BEFORE, 2)))
    return [
        words.alias("street"),
        _street_core(words).alias("core"),
        letters_and_digits(raw.str.extract(_UNIT_AFTER, 1)).alias("unit_after"),
        house.alias("house"),
        letters_and_digits(street.str.extract(_NUMBER_BEFORE, 1)).alias("unit_house"),
        pl.when(house.is_not_null()).then(rest).alias("rest"),
        pl.when(house.is_not_null()).then(_street_core(rest)).alias("rest_core"),
    ]


def _street_words(raw: pl.Expr) -> pl.Expr:
    words = fold_text(raw).str.replace(r"\b([ns]) ([ew])\b", "${1}${2}")
    words = words.str.replace_all(r"\b(\d+)(?:st|nd|rd|th)\b", "${1}")
    known = words.str.split(" ").list.eval(pl.element().replace(_STREET_WORDS))
    return _null_if_empty(known.list.join(" "))


def _street_core(words: pl.Expr) -> pl.Expr:
    return words.str.replace(rf"(?: (?:{_TYPE_PATTERN}|{_QUADRANT_PATTERN}))+$", "")


def localities(raw: pl.Expr) -> list[pl.Expr]:
    """Give `locality`, folded."""
    return [_null_if_empty(fold_text(raw)).alias("locality")]


def postal_codes(raw: pl.Expr) -> list[pl.Expr]:
    """Give `postal`, null if it is only the first three letters, and these as `area`."""
    postal = letters_and_digits(raw)
    return [
        pl.when(postal.str.len_bytes() > 3).then(postal).alias("postal"),
        postal.str.head(3).alias("area"),
    ]


def phones(raw: pl.Expr) -> list[pl.Expr]:
    """Give `phone` (the number that ten digits make) and `local` (that of the last seven)."""
    digits = raw.str.replace_all(r"[^0-9]", "").str.tail(10)
    length, number = digits.str.len_bytes(), digits.cast(pl.Int64, strict=False)
    return [
        pl.when(length == 10).then(number).alias("phone"),
        pl.when(length >= 7).then(number % 10_000_000).alias("local"),
    ]


def births(raw: pl.Expr) -> list[pl.Expr]:
    """Give `birth`, the date as it is."""
    return [raw.alias("birth")]


STANDARDISERS = {
    "given_names": given_names,
    "surname": surnames,
    "street_number": house_numbers,
    "unit": units,
    "street": streets,
    "locality": localities,
    "postal_code": postal_codes,
    "phone": phones,
    "birth_date": births,
}
"""The rule that derives the codes of each column of a person in `core.schemas`."""


def letters_and_digits(text: pl.Expr) -> pl.Expr:
    """Give upper-case letters and digits alone; null where there are none."""
    return _null_if_empty(text.str.to_uppercase().str.replace_all(r"[^A-Z0-9]", ""))


def _null_if_empty(text: pl.Expr) -> pl.Expr:
    return pl.when(text != "").then(text)
