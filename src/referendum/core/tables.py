"""Tables declared once, and checked where they come in from outside.

A faulty cell in a column that may be empty is left empty and counted. A row that lacks a required
value, or repeats a key, is set aside with a coded reason. No row is dropped silently, and no bad
row stops the good ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from referendum.core.cells import FAULTY, read_cells, tidy
from referendum.core.columns import AS_WRITTEN, Column, Reading
from referendum.core.errors import InputError
from referendum.core.names import name_keys, near_names
from referendum.core.printing import quantity
from referendum.core.progress import step

__all__ = [
    "AS_WRITTEN",
    "IMPOSSIBLE",
    "READ",
    "Checked",
    "Column",
    "Reading",
    "Table",
    "as_spelt",
    "check",
    "come_again",
]


@dataclass(frozen=True)
class Table:
    """A table's columns in order, and the columns that together name a row.

    A row cannot stand without a value in any column of `one_of`.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    one_of: tuple[str, ...] = ()

    @property
    def schema(self) -> pl.Schema:
        """Column names and polars types of the checked table."""
        return pl.Schema({column.name: column.dtype for column in self.columns})

    def column(self, name: str) -> Column:
        """Give the column of a name."""
        return next(column for column in self.columns if column.name == name)

    def with_column(self, name: str, **changes: object) -> "Table":
        """Give the table with other properties of a column: its default, its closed list of codes.

        What is known only where the table is read, such as the one question that was asked.
        """
        columns = tuple(
            replace(one, **changes) if one.name == name else one  # type: ignore[arg-type]
            for one in self.columns
        )
        return replace(self, columns=columns)


@dataclass(frozen=True)
class Checked:
    """What came of checking a table.

    Attributes:
        rows: the good rows, with the table's columns and types, in the order they came.
        numbers: their row numbers (from 1).
        set_aside: the other rows as they came, as text, with `row` (from 1) and `code`;
            columns of theirs with these names become `their_row` and `their_code`.
        faulty: one row per fault: `row` (from 1), `column`, `code`, `value` (what stood there).
        unknown_columns: columns that the table does not have; they are left out of `rows`.
        filled: by column, how many cells were not empty.
        readings: by column, what was decided of how its cells are read.
    """

    rows: pl.DataFrame
    numbers: pl.Series
    set_aside: pl.DataFrame
    faulty: pl.DataFrame
    unknown_columns: tuple[str, ...]
    filled: Mapping[str, int] = field(default_factory=dict)
    readings: Mapping[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> list[str]:
        """The columns of the table in which nothing stood."""
        return [name for name, count in self.filled.items() if not count]

    def faults_and_columns(self) -> pl.DataFrame:
        """Give the faults, and one of no row for each column that the table does not have."""
        unknown = pl.DataFrame({"column": list(self.unknown_columns)}, schema={"column": pl.String})
        unknown = unknown.with_columns(code=pl.lit("unknown_column"))
        return pl.concat([self.faulty, unknown], how="diagonal")

    @property
    def faults(self) -> pl.DataFrame:
        """One row per fault: `row`, `column`, `code`."""
        return self.faulty.drop("value")

    def unread(self) -> pl.Series:
        """Name for each good row the columns of its cells that could not be read, else null.

        A day that was read and cannot be, in the future or long past, is `COLUMN:impossible`.
        """
        impossible = pl.col("code") == IMPOSSIBLE
        name = pl.when(impossible).then(pl.format("{}:impossible", "column")).otherwise("column")
        cells = (
            self.faulty.filter(~pl.col("code").is_in(READ))
            .group_by("row")
            .agg(unread=name.unique().sort().str.join(","))
        )
        rows = self.numbers.alias("row").cast(pl.Int64).to_frame()
        return rows.join(cells, on="row", how="left", maintain_order="left")["unread"]

    def fault_counts(self) -> dict[str, int]:
        """How often each fault code occurs, by code; `unknown_column` counts columns."""
        counts = dict(self.faulty.group_by("code").len().sort("code").iter_rows())
        if self.unknown_columns:
            counts["unknown_column"] = len(self.unknown_columns)
        return counts


IMPOSSIBLE = "day_out_of_range"
"""Code of a day that was read and cannot be."""

READ = ("missing", "repeated", "spelt_otherwise", "illegible")
"""Codes of cells that were read: there is nothing, or nothing new, in them."""


def check(
    table: Table,
    raw: pl.DataFrame,
    broken: Sequence[tuple[int, str]] = (),
    reading: Reading = AS_WRITTEN,
) -> Checked:
    """Check a frame that came from outside against its table.

    Args:
        table: what the frame should be.
        raw: any number of rows; columns as text, or already of the right type.
        broken: rows (from 1) that could not be read, with the code why: set aside for that.
        reading: how cells are read that do not say it themselves.

    Raises:
        InputError: a column that the table needs is missing, or cannot be read without `reading`.
    """
    _require_columns(table, raw)
    cells = tidy(table.columns, raw)
    typed, faulty, readings = read_cells(table.columns, cells, reading)
    typed, respelt = _one_spelling(table, typed)
    unread = _unread(broken)
    found = [unread, *faulty, *respelt, *_row_faults(table, typed, faulty, unread)]
    faults = pl.concat(found).sort("row", "column", "code")
    step(f"checking {table.name}", 1, 1)
    aside = faults.filter(_sets_aside(table)).unique("row", keep="first", maintain_order=True)
    bad = aside.get_column("row")
    numbers = _numbers(raw)
    good = ~numbers.is_in(bad.implode())
    return Checked(
        rows=typed if aside.is_empty() else typed.filter(good),
        numbers=numbers.filter(good),
        set_aside=_set_aside(raw[bad - 1], aside),
        faulty=_with_values(faults, raw),
        unknown_columns=tuple(name for name in raw.columns if name not in table.schema),
        filled={name: cells.height - cells[name].null_count() for name in table.schema},
        readings=readings,
    )


def as_spelt(names: pl.Series, known: pl.Series) -> pl.Series:
    """Spell names as they are known; a name that is not known stays as it is."""
    spelt = pl.DataFrame({"key": name_keys(known), "name": known}).unique("key", keep="first")
    theirs = pl.DataFrame({"key": name_keys(names)}).join(
        spelt, on="key", how="left", maintain_order="left"
    )
    return theirs["name"].fill_null(names).alias(names.name)


def _numbers(rows: pl.DataFrame) -> pl.Series:
    return pl.int_range(1, rows.height + 1, eager=True).alias("row")


def _set_aside(rows: pl.DataFrame, aside: pl.DataFrame) -> pl.DataFrame:
    row, code = aside.select("row", "code").get_columns()
    own = rows.cast(pl.String, strict=False)
    for name in ("row", "code"):
        theirs = f"their_{name}"
        while theirs in own.columns:
            theirs = f"their_{theirs}"
        own = own.rename({name: theirs}, strict=False)
    return pl.DataFrame([row, *own.get_columns(), code])


def _with_values(faults: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """Say what stood in each faulty cell."""
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
            f" {_near(missing, table, raw.columns)}",
            hint=f"name the columns as in the table `{table.name}` of the documentation:"
            f" {', '.join(table.schema)}",
        )


def _near(missing: list[str], table: Table, found: list[str]) -> str:
    """Say what the first row has. Where it is no header it is a person, and is not repeated."""
    header = all(len(one) < 40 and one[:1].isalpha() and _digits(one) < 2 for one in found)
    near = [
        f"{one!r} for {name}"
        for name in missing
        for one in near_names(name, found, 1)
        if header and one not in table.schema
    ]
    has = f"the first row has {quantity(len(found), 'cell')}"
    if near:
        return f"{has}, among them {', '.join(near)}"
    known = sum(name in table.schema for name in found)
    return f"{has}, of which {known or 'none'} {'is' if known == 1 else 'are'} a column of it"


def _digits(text: str) -> int:
    return sum(letter.isdigit() for letter in text)


def _one_spelling(table: Table, typed: pl.DataFrame) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Spell a name in one way, the most frequent one, and say where it was spelt otherwise."""
    faults = []
    for column in table.columns:
        if column.type != "name" or typed[column.name].n_unique() < 2:
            continue
        names = [*column.within, column.name]
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
        faults.append(_faults(other, column.name, "spelt_otherwise"))
        typed = typed.with_columns(most.alias(column.name))
    return typed, faults


def _row_faults(
    table: Table, typed: pl.DataFrame, faulty: Sequence[pl.DataFrame], unread: pl.DataFrame
) -> list[pl.DataFrame]:
    """Find rows that lack a required cell or say again what an earlier row says."""
    readable = ~_numbers(typed).is_in(unread["row"].implode())
    known = pl.concat([pl.DataFrame(schema=FAULTY), *faulty])
    missing = []
    for column in table.columns:
        if column.required:
            other = known.filter(pl.col("column") == column.name)["row"]
            empty = readable & typed[column.name].is_null()
            empty &= ~_numbers(typed).is_in(other.implode())
            missing.append(_faults(empty, column.name, "missing"))
    if table.one_of:
        other = known.filter(pl.col("column").is_in(table.one_of))["row"]
        none = typed.select(pl.all_horizontal(pl.col(table.one_of).is_null())).to_series()
        none &= readable & ~_numbers(typed).is_in(other.implode())
        missing.append(_faults(none, table.one_of[0], "missing"))
    required = [name for name in table.key if table.column(name).required]
    whole = typed.select(pl.all_horizontal(True, pl.col(required).is_not_null())).to_series()
    whole = readable & whole
    keys = typed.select(table.key).filter(whole)  # names are spelt in one way by now
    repeated = whole.arg_true().filter(come_again(keys))
    return [*missing, _faults_at(repeated, table.key[-1], "repeated")]


def come_again(keys: pl.DataFrame) -> pl.Series:
    """Say of each row whether an earlier one has the same cells."""
    if keys.hash_rows().n_unique() == keys.height:  # equal keys have equal hashes
        return pl.repeat(value=False, n=keys.height, eager=True)
    return keys.select(~pl.struct(pl.all()).is_first_distinct()).to_series()


def _sets_aside(table: Table) -> pl.Expr:
    required = [column.name for column in table.columns if column.required]
    stays = pl.col("code") == "spelt_otherwise"
    alone = pl.col("code").is_in(["repeated", "missing"])
    return (pl.col("column").is_in(["", *required]) & ~stays) | alone


def _unread(broken: Sequence[tuple[int, str]]) -> pl.DataFrame:
    return pl.DataFrame([(row, "", code) for row, code in broken], schema=FAULTY, orient="row")


def _faults(at_fault: pl.Series, column: str, code: str) -> pl.DataFrame:
    return _faults_at(at_fault.arg_true(), column, code)


def _faults_at(places: pl.Series, column: str, code: str) -> pl.DataFrame:
    row = (places + 1).cast(pl.Int64).alias("row")
    return row.to_frame().with_columns(column=pl.lit(column), code=pl.lit(code))
