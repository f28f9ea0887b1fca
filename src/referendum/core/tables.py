"""Tables declared once, and checked where they come in from outside.

A faulty cell in a column that may be empty is left empty and counted. A row that lacks a required
value, or repeats a key, is set aside with a coded reason. No row is dropped silently, and no bad
row stops the good ones.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from referendum.core.errors import InputError
from referendum.core.progress import step

LONGEST_TEXT = 500
"""Characters a text cell may hold: no name or address is longer, and a runaway quote is."""


@dataclass(frozen=True)
class Column:
    """One column: its name, type and meaning.

    A row cannot stand without a value in a `required` column. A file cannot be used without an
    `expected` column, though its cells may be empty. `least` and `most` bound integers; a value
    outside is a fault like one that is no number.
    """

    name: str
    type: Literal["text", "integer", "date"]
    meaning: str
    required: bool = False
    expected: bool = False
    least: int | None = None
    most: int | None = None

    @property
    def dtype(self) -> pl.DataType:
        """The polars type of a checked column."""
        return {"text": pl.String(), "integer": pl.Int64(), "date": pl.Date()}[self.type]


@dataclass(frozen=True)
class Table:
    """A table's columns in order, and the columns that together name a row."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def schema(self) -> pl.Schema:
        """Column names and polars types of the checked table."""
        return pl.Schema({column.name: column.dtype for column in self.columns})


@dataclass(frozen=True)
class Checked:
    """What came of checking a table.

    Attributes:
        rows: the good rows, with the table's columns and types, in the order they came.
        numbers: their row numbers (from 1).
        set_aside: the other rows as they came, as text, with `row` (from 1) and `code`.
        faults: one row per fault: `row` (from 1), `column`, `code`.
        unknown_columns: columns that the table does not have; they are left out of `rows`.
    """

    rows: pl.DataFrame
    numbers: pl.Series
    set_aside: pl.DataFrame
    faults: pl.DataFrame
    unknown_columns: tuple[str, ...]

    def fault_counts(self) -> dict[str, int]:
        """How often each fault code occurs, by code; `unknown_column` counts columns."""
        counts = dict(self.faults.group_by("code").len().sort("code").iter_rows())
        if self.unknown_columns:
            counts["unknown_column"] = len(self.unknown_columns)
        return counts


def check(table: Table, raw: pl.DataFrame, broken: Sequence[tuple[int, str]] = ()) -> Checked:
    """Check a frame that came from outside against its table.

    Args:
        table: what the frame should be.
        raw: any number of rows; columns as text, or already of the right type.
        broken: rows (from 1) that could not be read, with the code why: set aside for that.

    Raises:
        InputError: a column that the table needs is missing.
    """
    _require_columns(table, raw)
    numbered = raw.with_row_index("row", offset=1).cast({"row": pl.Int64})
    text = numbered.select("row", *_texts(table, raw))
    typed = text.select("row", *(_as_typed(column) for column in table.columns))
    unread = _unread(broken)
    readable = text.filter(~_among(unread))
    faults = pl.concat(
        [
            unread,
            *(_cell_faults(text, typed, column) for column in table.columns),
            *_row_faults(table, readable),
        ]
    ).sort("row", "column", "code")
    aside = faults.filter(_sets_aside(table)).unique("row", keep="first", maintain_order=True)
    aside = aside.select("row", "code")
    good = typed.filter(~_among(aside))
    kept_raw = numbered.filter(_among(aside)).with_columns(pl.exclude("row").cast(pl.String))
    return Checked(
        rows=good.drop("row"),
        numbers=good.get_column("row"),
        set_aside=kept_raw.join(aside, on="row").select("row", *raw.columns, "code").sort("row"),
        faults=faults,
        unknown_columns=tuple(name for name in raw.columns if name not in table.schema),
    )


def _require_columns(table: Table, raw: pl.DataFrame) -> None:
    needed = [column.name for column in table.columns if column.required or column.expected]
    missing = [name for name in needed if name not in raw.columns]
    if missing:
        raise InputError(
            f"{table.name} needs the column{'s' if len(missing) > 1 else ''} {', '.join(missing)};"
            f" found {', '.join(raw.columns) or 'none'}",
            hint=f"name the columns as in the table `{table.name}` of the documentation",
        )


def _texts(table: Table, raw: pl.DataFrame) -> Iterator[pl.Series | pl.Expr]:
    for number, column in enumerate(table.columns, start=1):
        yield _as_text(column, raw)
        step(f"checking {table.name}", number, len(table.columns))


def _as_text(column: Column, raw: pl.DataFrame) -> pl.Series | pl.Expr:
    if column.name not in raw.columns:
        return pl.lit(None, dtype=pl.String).alias(column.name)
    text = raw.get_column(column.name).cast(pl.String)
    # Control characters are line breaks and form feeds of spreadsheets: they end a word.
    if text.str.contains(r"[^ -~]|  ").any():
        text = text.str.replace_all(r"[\p{C}\s]+", " ")
    text = text.str.strip_chars()
    return text.set(text == "", None)


def _as_typed(column: Column) -> pl.Expr:
    cell = pl.col(column.name)
    if column.type == "integer":
        number = cell.cast(pl.Int64, strict=False)
        low = pl.lit(column.least is None) | (number >= (column.least or 0))
        high = pl.lit(column.most is None) | (number <= (column.most or 0))
        return pl.when(low & high).then(number).alias(column.name)
    if column.type == "date":
        return cell.str.to_date("%Y-%m-%d", strict=False)
    return pl.when(cell.str.len_chars() <= LONGEST_TEXT).then(cell).alias(column.name)


_CELL_FAULT = {"integer": "not_a_number", "date": "not_a_date", "text": "too_long"}


def _cell_faults(text: pl.DataFrame, typed: pl.DataFrame, column: Column) -> pl.DataFrame:
    lost = text.get_column(column.name).is_not_null() & typed.get_column(column.name).is_null()
    return _faults(typed.filter(lost), column.name, _CELL_FAULT[column.type])


def _row_faults(table: Table, text: pl.DataFrame) -> list[pl.DataFrame]:
    missing = [
        _faults(text.filter(pl.col(column.name).is_null()), column.name, "missing")
        for column in table.columns
        if column.required
    ]
    whole = text.drop_nulls(table.key)
    repeated = whole.filter(~pl.struct(table.key).is_first_distinct())
    return [*missing, _faults(repeated, table.key[-1], "repeated")]


def _sets_aside(table: Table) -> pl.Expr:
    required = [column.name for column in table.columns if column.required]
    return (pl.col("column").is_in(["", *required])) | (pl.col("code") == "repeated")


def _among(rows: pl.DataFrame) -> pl.Expr:
    return pl.col("row").is_in(rows.get_column("row").implode())


def _unread(broken: Sequence[tuple[int, str]]) -> pl.DataFrame:
    schema = pl.Schema({"row": pl.Int64, "column": pl.String, "code": pl.String})
    return pl.DataFrame([(row, "", code) for row, code in broken], schema=schema, orient="row")


def _faults(rows: pl.DataFrame, column: str, code: str) -> pl.DataFrame:
    return rows.select("row", column=pl.lit(column), code=pl.lit(code))
