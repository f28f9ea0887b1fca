"""People as arrays of codes: equal words have equal codes, and comparing is comparing integers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Codes = npt.NDArray[np.int32]

LONGEST_NAME = 24
"""Bytes of a name that are compared."""

WORDS = ("given", "formal", "middle", "surname", "last", "first_last")
"""Columns whose words are names: they share one dictionary, so that swapped names can be seen."""

PLACES = (
    "unit", "number", "street", "postal", "locality", "phone", "area", "stem", "initial", "birth",
)  # fmt: skip
"""Columns with a dictionary each."""

COLUMNS = (*WORDS, *PLACES)


@dataclass(frozen=True)
class People:
    """Lines or electors, a row each.

    Attributes:
        table: int32, a column for each of `COLUMNS`; -1 where there is nothing.
        birth: days since 1970 of the birth date; -999999 where not known.
        year: year of birth; 0 where not known.
    """

    table: Codes
    birth: Codes
    year: Codes

    def __getitem__(self, column: str) -> Codes:
        return self.table[:, COLUMNS.index(column)]

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.table)


@dataclass(frozen=True)
class Names:
    """The dictionary of names: their bytes, and how long they are."""

    letters: npt.NDArray[np.uint8]
    lengths: Codes
    streets: npt.NDArray[np.uint8]
    street_lengths: Codes


def encode(lines: pl.DataFrame, electors: pl.DataFrame) -> tuple[People, People, Names]:
    """Give codes to the keys of lines and electors (`keys.with_keys`) from common dictionaries."""
    words = _dictionary([frame[name] for frame in (lines, electors) for name in WORDS])
    places = {name: _dictionary([lines[name], electors[name]]) for name in PLACES}
    people = tuple(_people(frame, words, places) for frame in (lines, electors))
    letters, lengths = _bytes(words)
    streets, street_lengths = _bytes(places["street"])
    return people[0], people[1], Names(letters, lengths, streets, street_lengths)


def _dictionary(columns: list[pl.Series]) -> pl.DataFrame:
    """Number the distinct words of some columns."""
    words = pl.concat([column.drop_nulls().unique().alias("word") for column in columns])
    return pl.DataFrame({"word": words.unique()}).with_row_index("code")


def _people(frame: pl.DataFrame, words: pl.DataFrame, places: dict[str, pl.DataFrame]) -> People:
    table = np.empty((frame.height, len(COLUMNS)), dtype=np.int32)
    for place, name in enumerate(COLUMNS):
        table[:, place] = _codes(frame[name], words if name in WORDS else places[name])
    birth = frame["birth_date"].cast(pl.Int32).fill_null(-999_999).to_numpy()
    year = pl.coalesce(pl.col("birth_date").dt.year(), "birth_year").fill_null(0).cast(pl.Int32)
    return People(table, birth, frame.select(year).to_series().to_numpy())


def _codes(column: pl.Series, dictionary: pl.DataFrame) -> Codes:
    if column.null_count() == len(column):
        return np.full(len(column), -1, dtype=np.int32)
    joined = (
        column.alias("word")
        .to_frame()
        .join(dictionary, on="word", how="left", maintain_order="left")
    )
    found: Codes = joined["code"].cast(pl.Int32).fill_null(-1).to_numpy()
    return found


def _bytes(dictionary: pl.DataFrame) -> tuple[npt.NDArray[Any], Codes]:
    words = dictionary["word"].to_list()
    letters = np.zeros((max(len(words), 1), LONGEST_NAME), dtype=np.uint8)
    lengths = np.zeros(max(len(words), 1), dtype=np.int32)
    for place, word in enumerate(words):
        data = word.encode()[:LONGEST_NAME]
        letters[place, : len(data)] = np.frombuffer(data, dtype=np.uint8)
        lengths[place] = len(data)
    return letters, lengths
