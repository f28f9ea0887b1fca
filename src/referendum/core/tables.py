"""Tables declared once, and checked where they come in from outside.

A faulty cell in a column that may be empty is left empty and counted. A row that lacks a required
value, or repeats a key, is set aside with a coded reason. No row is dropped silently, and no bad
row stops the good ones.
"""

from collections.abc import Sequence
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
        set_aside: the other rows as they came, as text, with `row` (from 1) and `code`;
            columns of theirs with these names become `their_row` and `their_code`.
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
    cells = _cells(table, raw)
    typed = cells.select(_as_typed(column, cells[column.name]) for column in table.columns)
    unread = _unread(broken)
    faults = pl.concat(
        [
            unread,
            *(_cell_faults(cells, typed, column) for column in table.columns),
            *_row_faults(table, cells, unread),
        ]
    ).sort("row", "column", "code")
    step(f"checking {table.name}", 1, 1)
    aside = faults.filter(_sets_aside(table)).unique("row", keep="first", maintain_order=True)
    bad = aside.get_column("row")
    numbers = _numbers(raw)
    good = ~numbers.is_in(bad.implode())
    return Checked(
        rows=typed if aside.is_empty() else typed.filter(good),
        numbers=numbers.filter(good),
        set_aside=_set_aside(raw[bad - 1], aside),
        faults=faults,
        unknown_columns=tuple(name for name in raw.columns if name not in table.schema),
    )


def _numbers(rows: pl.DataFrame) -> pl.Series:
    return pl.int_range(1, rows.height + 1, eager=True).alias("row")


def _set_aside(rows: pl.DataFrame, aside: pl.DataFrame) -> pl.DataFrame:
    row, code = aside.select("row", "code").get_columns()
    own = rows.cast(pl.String).rename({"row": "their_row", "code": "their_code"}, strict=False)
    return pl.DataFrame([row, *own.get_columns(), code])


def _require_columns(table: Table, raw: pl.DataFrame) -> None:
    needed = [column.name for column in table.columns if column.required or column.expected]
    missing = [name for name in needed if name not in raw.columns]
    if missing:
        raise InputError(
            f"{table.name} needs the column{'s' if len(missing) > 1 else ''} {', '.join(missing)};"
            f" found {', '.join(raw.columns) or 'none'}",
            hint=f"name the columns as in the table `{table.name}` of the documentation",
        )


_UNTIDY = r"\p{C}|[^\S ]|\s\s|^\s|\s$|^$"
"""Control characters are line breaks and form feeds of spreadsheets: they end a word."""


def _cells(table: Table, raw: pl.DataFrame) -> pl.DataFrame:
    """Give a table's columns as tidy text, or as they are where they have their type already."""
    given = raw.select(
        pl.lit(None, column.dtype).alias(column.name)
        if column.name not in raw.columns
        else pl.col(column.name)
        if raw.schema[column.name] == column.dtype
        else pl.col(column.name).cast(pl.String)
        for column in table.columns
    )
    text = pl.col(pl.String)
    untidy = given.select(text.str.contains(_UNTIDY).any())
    names = [name for name in untidy.columns if untidy[name].item()]
    tidied = pl.col(names).str.replace_all(r"[\p{C}\s]+", " ").str.strip_chars()
    return given.with_columns(pl.when(tidied != "").then(tidied).name.keep())


def _as_typed(column: Column, cells: pl.Series) -> pl.Expr:
    cell = pl.col(column.name)
    if column.type == "integer":
        number = cell.cast(pl.Int64, strict=False)
        low = pl.lit(column.least is None) | (number >= (column.least or 0))
        high = pl.lit(column.most is None) | (number <= (column.most or 0))
        return pl.when(low & high).then(number).alias(column.name)
    if column.type == "date":
        return cell if cells.dtype == pl.Date else cell.str.to_date("%Y-%m-%d", strict=False)
    if not (cells.str.len_bytes() > LONGEST_TEXT).any():
        return cell
    return pl.when(cell.str.len_chars() <= LONGEST_TEXT).then(cell).alias(column.name)


_CELL_FAULT = {"integer": "not_a_number", "date": "not_a_date", "text": "too_long"}


def _cell_faults(cells: pl.DataFrame, typed: pl.DataFrame, column: Column) -> pl.DataFrame:
    lost = cells[column.name].is_not_null() & typed[column.name].is_null()
    return _faults(lost, column.name, _CELL_FAULT[column.type])


def _row_faults(table: Table, cells: pl.DataFrame, unread: pl.DataFrame) -> list[pl.DataFrame]:
    readable = ~_numbers(cells).is_in(unread["row"].implode())
    missing = [
        _faults(readable & cells[column.name].is_null(), column.name, "missing")
        for column in table.columns
        if column.required
    ]
    whole = readable & cells.select(pl.all_horizontal(pl.col(table.key).is_not_null())).to_series()
    keys = cells.select(table.key).filter(whole)
    if keys.hash_rows().n_unique() == keys.height:  # equal keys have equal hashes
        return missing
    first = keys.select(pl.struct(table.key).is_first_distinct()).to_series()
    repeated = whole.arg_true().filter(~first)
    return [*missing, _faults_at(repeated, table.key[-1], "repeated")]


def _sets_aside(table: Table) -> pl.Expr:
    required = [column.name for column in table.columns if column.required]
    return (pl.col("column").is_in(["", *required])) | (pl.col("code") == "repeated")


def _unread(broken: Sequence[tuple[int, str]]) -> pl.DataFrame:
    schema = pl.Schema({"row": pl.Int64, "column": pl.String, "code": pl.String})
    return pl.DataFrame([(row, "", code) for row, code in broken], schema=schema, orient="row")


def _faults(at_fault: pl.Series, column: str, code: str) -> pl.DataFrame:
    return _faults_at(at_fault.arg_true(), column, code)


def _faults_at(places: pl.Series, column: str, code: str) -> pl.DataFrame:
    row = (places + 1).cast(pl.Int64).alias("row")
    return row.to_frame().with_columns(column=pl.lit(column), code=pl.lit(code))
