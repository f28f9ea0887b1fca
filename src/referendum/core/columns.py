"""Columns of tables from outside: what each holds, and how its cells are read."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

from referendum.core.written_days import DayOrder


@dataclass(frozen=True)
class Column:
    """One column: its name, type and meaning.

    A row without a value in a `required` column is set aside. A file without an `expected` column
    is refused, though the cells of that column may be empty.

    Attributes:
        name: the column's name.
        type: `text`; `name` of a place, district, region, kind or question, whose spellings are
            unified (`core.names`); `code`, one of a closed list; `integer`; `date`.
        meaning: a phrase for the documentation.
        required, expected: as above.
        least, most: bounds of integers; a number outside is a fault.
        default: the value of an empty cell.
        distinct_by: further columns that tell apart names which are spelt alike.
        codes: the codes of the closed list.
        yes, no: the codes that words for yes and no stand for (`core.words`).
        may_be_future: whether a day may lie in the future.
        entry: number of the person's own entry on the form that the column belongs to, from 1, for
            which a keyer may write that nothing was legible; 0 for none. Columns of one number
            are one entry, such as a name in two parts.
    """

    name: str
    type: Literal["text", "name", "code", "integer", "date"]
    meaning: str
    required: bool = False
    expected: bool = False
    least: int | None = None
    most: int | None = None
    default: str | None = None
    distinct_by: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    yes: str | None = None
    no: str | None = None
    may_be_future: bool = False
    entry: int = 0

    @property
    def dtype(self) -> pl.DataType:
        """The polars type of a checked column."""
        return {"integer": pl.Int64(), "date": pl.Date()}.get(self.type, pl.String())


@dataclass(frozen=True)
class ReadingOptions:
    """How the cells of a table are read where they leave a doubt.

    Attributes:
        day_order: whether the day or the month comes first; None to decide by the column.
        latest_day: the latest day that can lie in the past; None where it is not known.
    """

    day_order: DayOrder | None = None
    latest_day: date | None = None


DEFAULT_READING = ReadingOptions()
"""The cells are read by what they say themselves."""
