"""Columns of tables from outside: what each is, and how its cells are to be read."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

from referendum.core.calendar_days import Order


@dataclass(frozen=True)
class Column:
    """One column: its name, type and meaning.

    A row cannot stand without a value in a `required` column. A file cannot be used without an
    `expected` column, though its cells may be empty.

    Attributes:
        name: of the column.
        type: `text`; `name` of a place, district, region, kind or question, of which spellings are
            one by `core.names`; `code`, one of a closed list; `integer`; `date`.
        meaning: for the documentation.
        required, expected: as above.
        least, most: bounds of integers; a number outside is a fault.
        default: what stands in an empty cell.
        within: the columns whose names together tell apart names that are spelt alike.
        codes: the codes of the list.
        yes, no: the codes that words for yes and no stand for (`core.words`).
        ahead: whether a day may lie in the future.
        written: whether it is a person's own entry, for which a keyer may write that nothing was
            legible; columns of one number are one entry.
    """

    name: str
    type: Literal["text", "name", "code", "integer", "date"]
    meaning: str
    required: bool = False
    expected: bool = False
    least: int | None = None
    most: int | None = None
    default: str | None = None
    within: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    yes: str | None = None
    no: str | None = None
    ahead: bool = False
    written: int = 0

    @property
    def dtype(self) -> pl.DataType:
        """The polars type of a checked column."""
        return {"integer": pl.Int64(), "date": pl.Date()}.get(self.type, pl.String())


@dataclass(frozen=True)
class Reading:
    """How the cells of a table are read where they do not say it themselves.

    Attributes:
        order: whether day or month comes first; what the column decides if None.
        day: no day that has been can be later; None where the day is not known.
    """

    order: Order | None = None
    day: date | None = None


AS_WRITTEN = Reading()
"""What the cells themselves say."""
