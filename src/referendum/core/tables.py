"""Tables declared once, and checked where they come in from outside.

A faulty cell in a column that may be empty is left empty and counted. A row that lacks a required
value, or repeats a key, is set aside with a coded reason. No row is dropped silently, and no bad
row stops the good ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from referendum.core.cells import FAULT_SCHEMA, read_cells, tidy_columns
from referendum.core.columns import DEFAULT_READING, Column, ReadingOptions
from referendum.core.errors import InputError
from referendum.core.formulas import notify_of_formulas
from referendum.core.headers import looks_like_header
from referendum.core.names import name_keys, suggest_names
from referendum.core.printing import quantity
from referendum.core.progress import report_progress

__all__ = [
    "DEFAULT_READING",
    "IMPOSSIBLE_DAY",
    "READABLE_CODES",
    "CheckedTable",
    "Column",
    "ReadingOptions",
    "Table",
    "check_table",
    "find_repeated_rows",
    "spell_as_known",
]


@dataclass(frozen=True)
class Table:
    """A table's declaration.

    Attributes:
        name: of the table.
        columns: in order.
        key: the columns that together identify a row.
        any_required: columns of which at least one has a value in every row.
        work_columns: further columns of the list that people fill in, left unread without a word.
        of_people: whether its rows are of single people: then no cell of it stands in an error.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    any_required: tuple[str, ...] = ()
    work_columns: tuple[str, ...] = ()
    of_people: bool = False

    @property
    def schema(self) -> pl.Schema:
        """Names and polars types of the columns of the checked table."""
        return pl.Schema({column.name: column.dtype for column in self.columns})

    def column(self, name: str) -> Column:
        """Give the column of this name."""
        return next(column for column in self.columns if column.name == name)

    def with_column(self, name: str, **changes: object) -> "Table":
        """Give the table with some properties of one column changed.

        For what is known only where the table is read, such as the one question that was asked.
        """
        columns = tuple(
            replace(one, **changes) if one.name == name else one  # type: ignore[arg-type]
            for one in self.columns
        )
        return replace(self, columns=columns)


@dataclass(frozen=True)
class CheckedTable:
    """A table that was checked: its good rows, and what was wrong with the others.

    Attributes:
        rows: the good rows, with the table's columns and types, in the order they came.
        row_numbers: their row numbers (from 1).
        set_aside: the other rows as they came, as text, with `row` (from 1) and `code`;
            columns of theirs with these names become `their_row` and `their_code`.
        faulty_cells: one row per fault: `row` (from 1), `column`, `code`, `value` (of the cell).
        unknown_columns: columns that the table does not have; they are left out of `rows`.
        filled_cells: by column, how many cells were not empty.
        readings: by column, how it was decided to read its cells.
        of_people: whether its rows are of single people.
    """

    rows: pl.DataFrame
    row_numbers: pl.Series
    set_aside: pl.DataFrame
    faulty_cells: pl.DataFrame
    unknown_columns: tuple[str, ...]
    filled_cells: Mapping[str, int] = field(default_factory=dict)
    readings: Mapping[str, str] = field(default_factory=dict)
    of_people: bool = False

    @property
    def empty_columns(self) -> list[str]:
        """The columns of the table whose cells were all empty."""
        return [name for name, count in self.filled_cells.items() if not count]

    def faults_and_columns(self) -> pl.DataFrame:
        """Give the faults, with one without a row for each column that the table does not have."""
        unknown = pl.DataFrame({"column": list(self.unknown_columns)}, schema={"column": pl.String})
        unknown = unknown.with_columns(code=pl.lit("unknown_column"))
        return pl.concat([self.faulty_cells, unknown], how="diagonal")

    @property
    def faults(self) -> pl.DataFrame:
        """One row per fault: `row`, `column`, `code`."""
        return self.faulty_cells.drop("value")

    def unreadable_columns(self) -> pl.Series:
        """Name for each good row the columns whose cells could not be read, with commas; or null.

        A day that can be read and cannot be right, in the future or long past, is given as
        `COLUMN:impossible`.
        """
        impossible = pl.col("code") == IMPOSSIBLE_DAY
        name = pl.when(impossible).then(pl.format("{}:impossible", "column")).otherwise("column")
        cells = (
            self.faulty_cells.filter(~pl.col("code").is_in(READABLE_CODES))
            .group_by("row")
            .agg(unread=name.unique().sort().str.join(","))
        )
        rows = self.row_numbers.alias("row").cast(pl.Int64).to_frame()
        return rows.join(cells, on="row", how="left", maintain_order="left")["unread"]

    def fault_counts(self) -> dict[str, int]:
        """Give how often each fault code occurs, by code; `unknown_column` counts columns."""
        counts = dict(self.faulty_cells.group_by("code").len().sort("code").iter_rows())
        if self.unknown_columns:
            counts["unknown_column"] = len(self.unknown_columns)
        return counts


IMPOSSIBLE_DAY = "day_out_of_range"
"""Code of a day that can be read and cannot be right."""

READABLE_CODES = ("missing", "repeated", "spelt_otherwise", "illegible")
"""Codes of cells that could be read: they hold nothing, or nothing new."""


def check_table(
    table: Table,
    raw: pl.DataFrame,
    broken: Sequence[tuple[int, str]] = (),
    reading: ReadingOptions = DEFAULT_READING,
) -> CheckedTable:
    """Check a frame that came from outside against its table.

    Args:
        table: the table's declaration.
        raw: any number of rows; columns as text, or already of the right type.
        broken: rows (from 1) that could not be read, with the code why; they are set aside.
        reading: how cells are read where they leave a doubt.

    Returns:
        Every row of `raw`, among the good ones or among those set aside.

    Raises:
        InputError: a column that the table needs is missing, or its days can be read in two ways
            and `reading` does not decide.
    """
    _require_columns(table, raw)
    cells = tidy_columns(table.columns, raw)
    typed, faulty, readings = read_cells(table.columns, cells, reading)
    typed, respelt = _unify_spelling(table, typed)
    notify_of_formulas(typed.select(one.name for one in table.columns if one.type == "name"))
    unread = _faults_of_broken_rows(broken)
    found = [unread, *faulty, *respelt, *_row_faults(table, typed, faulty, unread)]
    faults = pl.concat(found).sort("row", "column", "code")
    report_progress(f"checking {table.name}", 1, 1)
    aside = faults.filter(_is_fatal(table)).unique("row", keep="first", maintain_order=True)
    bad = aside.get_column("row")
    numbers = _row_numbers(raw)
    good = ~numbers.is_in(bad.implode())
    return CheckedTable(
        rows=typed if aside.is_empty() else typed.filter(good),
        row_numbers=numbers.filter(good),
        set_aside=_rows_set_aside(raw[bad - 1], aside),
        faulty_cells=_add_cell_values(faults, raw),
        unknown_columns=tuple(
            name
            for name in raw.columns
            if name not in table.schema and name not in table.work_columns
        ),
        filled_cells={name: cells.height - cells[name].null_count() for name in table.schema},
        readings=readings,
        of_people=table.of_people,
    )


def spell_as_known(names: pl.Series, known: pl.Series) -> pl.Series:
    """Spell names as the known names are spelt; a name that is not known stays as it is."""
    spelt = pl.DataFrame({"key": name_keys(known), "name": known}).unique("key", keep="first")
    theirs = pl.DataFrame({"key": name_keys(names)}).join(
        spelt, on="key", how="left", maintain_order="left"
    )
    return theirs["name"].fill_null(names).alias(names.name)


def _row_numbers(rows: pl.DataFrame) -> pl.Series:
    return pl.int_range(1, rows.height + 1, eager=True).alias("row")


def _rows_set_aside(rows: pl.DataFrame, aside: pl.DataFrame) -> pl.DataFrame:
    row, code = aside.select("row", "code").get_columns()
    own = rows.cast(pl.String, strict=False)
    for name in ("row", "code"):
        theirs = f"their_{name}"
        while theirs in own.columns:
            theirs = f"their_{theirs}"
        own = own.rename({name: theirs}, strict=False)
    return pl.DataFrame([row, *own.get_columns(), code])


def _add_cell_values(faults: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """Add the text of each faulty cell, as `value`."""
    concerned = faults.select("row").unique().sort("row")
    columns = [name for name in faults["column"].unique() if name in raw.columns]
    if not columns:
        return faults.with_columns(value=pl.lit(None, pl.String))
    text = raw[concerned["row"] - 1].select(columns).cast(pl.String, strict=False)
    cells = text.with_columns(concerned["row"]).unpivot(
        index="row", variable_name="column", value_name="value"
    )
    return faults.join(cells, on=["row", "column"], how="left", maintain_order="left")


def _require_columns(table: Table, raw: pl.DataFrame) -> None:
    needed = [column.name for column in table.columns if column.required or column.expected]
    missing = [name for name in needed if name not in raw.columns]
    if missing:
        raise InputError(
            f"{table.name} needs the column{'s' if len(missing) > 1 else ''} {', '.join(missing)};"
            f" {_describe_header(missing, table, raw.columns)}",
            hint=f"name the columns as in the table `{table.name}` of the documentation:"
            f" {', '.join(table.schema)}",
        )


def _describe_header(missing: list[str], table: Table, found: list[str]) -> str:
    """Say what the first row has, without quoting it where it may be a person's and no header."""
    header = all(map(looks_like_header, found))
    near = [
        f"{column!r} for {name}"
        for name in missing
        for column in suggest_names(name, found, 1)
        if header and column not in table.schema
    ]
    has = f"the first row has {quantity(len(found), 'cell')}"
    if near:
        return f"{has}, among them {', '.join(near)}"
    known = sum(name in table.schema for name in found)
    if not known:
        return f"no row of headers was found: {has}, of which none is a column of it"
    return f"{has}, of which {known} {'is' if known == 1 else 'are'} a column of it"


def _unify_spelling(table: Table, typed: pl.DataFrame) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Spell each name in its most frequent way, and give the cells that were spelt otherwise."""
    faults = []
    for column in table.columns:
        if column.type != "name" or typed[column.name].n_unique() < 2:
            continue
        names = [*column.distinct_by, column.name]
        distinct = typed.select(names).unique()
        keyed = distinct.select(name_keys(distinct[name]).alias(name) for name in names)
        if keyed.n_unique() == distinct.height:
            continue
        group = [name_keys(typed[name]).alias(name) for name in names]
        spelt = typed.select(pl.col(column.name).alias("spelt")).with_columns(group)
        usual = spelt.group_by([*names, "spelt"], maintain_order=True).len()
        usual = usual.sort("len", descending=True, maintain_order=True).unique(
            names, keep="first", maintain_order=True
        )
        most = spelt.join(
            usual.rename({"spelt": "usual"}), on=names, how="left", nulls_equal=True,
            maintain_order="left",
        )["usual"]  # fmt: skip
        other = (most != typed[column.name]).fill_null(value=False)
        faults.append(_faults_where(other, column.name, "spelt_otherwise"))
        typed = typed.with_columns(most.alias(column.name))
    return typed, faults


def _row_faults(
    table: Table, typed: pl.DataFrame, faulty: Sequence[pl.DataFrame], unread: pl.DataFrame
) -> list[pl.DataFrame]:
    """Find rows that lack a required cell, or repeat the key of an earlier row."""
    readable = ~_row_numbers(typed).is_in(unread["row"].implode())
    known = pl.concat([pl.DataFrame(schema=FAULT_SCHEMA), *faulty])
    missing = []
    for column in table.columns:
        if column.required:
            other = known.filter(pl.col("column") == column.name)["row"]
            empty = readable & typed[column.name].is_null()
            empty &= ~_row_numbers(typed).is_in(other.implode())
            missing.append(_faults_where(empty, column.name, "missing"))
    if table.any_required:
        other = known.filter(pl.col("column").is_in(table.any_required))["row"]
        none = typed.select(pl.all_horizontal(pl.col(table.any_required).is_null())).to_series()
        none &= readable & ~_row_numbers(typed).is_in(other.implode())
        missing.append(_faults_where(none, table.any_required[0], "missing"))
    required = [name for name in table.key if table.column(name).required]
    whole = typed.select(pl.all_horizontal(True, pl.col(required).is_not_null())).to_series()
    whole = readable & whole
    keys = typed.select(table.key).filter(whole)  # names are spelt in one way by now
    repeated = whole.arg_true().filter(find_repeated_rows(keys))
    return [*missing, _faults_at(repeated, table.key[-1], "repeated")]


def find_repeated_rows(keys: pl.DataFrame) -> pl.Series:
    """Say for each row whether an earlier one has the same cells (booleans, in row order)."""
    if keys.hash_rows().n_unique() == keys.height:  # equal keys have equal hashes
        return pl.repeat(value=False, n=keys.height, eager=True)
    return keys.select(~pl.struct(pl.all()).is_first_distinct()).to_series()


def _is_fatal(table: Table) -> pl.Expr:
    required = [column.name for column in table.columns if column.required]
    stays = pl.col("code") == "spelt_otherwise"
    alone = pl.col("code").is_in(["repeated", "missing"])
    return (pl.col("column").is_in(["", *required]) & ~stays) | alone


def _faults_of_broken_rows(broken: Sequence[tuple[int, str]]) -> pl.DataFrame:
    return pl.DataFrame(
        [(row, "", code) for row, code in broken], schema=FAULT_SCHEMA, orient="row"
    )


def _faults_where(at_fault: pl.Series, column: str, code: str) -> pl.DataFrame:
    return _faults_at(at_fault.arg_true(), column, code)


def _faults_at(places: pl.Series, column: str, code: str) -> pl.DataFrame:
    row = (places + 1).cast(pl.Int64).alias("row")
    return row.to_frame().with_columns(column=pl.lit(column), code=pl.lit(code))
