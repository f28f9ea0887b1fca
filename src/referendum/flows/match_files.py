"""Matching of bare files, outside any record."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from referendum.core.errors import InputError
from referendum.core.schemas import ELECTORS, LINES
from referendum.core.tables import Checked, Table, check
from referendum.engines import FileParts, PartsOfList
from referendum.files import write_file
from referendum.flows.frames import to_csv, to_parquet
from referendum.flows.intake import read_raw_table
from referendum.matching import match_lines, match_parts

COLUMNS = (
    "line_id", "elector_id", "probability", "outcome", "repeat_of", "second_best", "margin",
    "listed", "best",
)  # fmt: skip
"""Columns of the table that is written: `repeat_of` is the line that the same person signed first,
`margin` the chance of the best elector less that of the second best, `listed` the chance that
anyone on the list signed, `best` the best elector, however small the chance."""


@dataclass(frozen=True)
class Matching:
    """What came of matching two files.

    Attributes:
        out: the table that was written.
        lines, electors: rows used.
        set_aside: rows of both that could not be used.
        faults: their reasons, and those of cells left empty, by code.
        outcomes: lines by outcome.
        expected: sum of the lines' chances to be of somebody on the list.
    """

    out: str
    lines: int
    electors: int
    set_aside: int
    faults: dict[str, int]
    outcomes: dict[str, int]
    expected: float


ENGINES = ("memory", "parts", "spark")
"""Where the list of electors is worked on: in memory; a part at a time; on a Spark cluster."""


def match_files(
    lines: Path, electors: Path, out: Path, encoding: str = "utf-8", engine: str = "memory"
) -> Matching:
    """Match a table of lines to a list of electors and write a row for each line (`COLUMNS`).

    Args:
        lines: CSV or Parquet (`core.schemas.LINES`).
        electors: CSV or Parquet (`core.schemas.ELECTORS`).
        out: CSV, or Parquet if it is called so.
        encoding: of CSV files.
        engine: one of `ENGINES`; all but the first read the list as UTF-8, in its own order.

    Raises:
        InputError: a file cannot be read, lacks a column, or is one of the two that are read.
    """
    if out.resolve() in {lines.resolve(), electors.resolve()}:
        raise InputError("this file is read, and cannot be written", where=str(out))
    ours = checked(LINES, lines, encoding)
    numbered = with_serials(ours.rows)
    if engine == "memory":
        theirs = checked(ELECTORS, electors, encoding)
        listed = theirs.rows.height, theirs.set_aside.height, theirs.fault_counts()
        matches = match_lines(numbered, theirs.rows)
    else:
        parts = _parts(engine, electors)
        listed = parts.size, parts.set_aside, parts.faults
        matches = match_parts(numbered, parts.run, parts.size)
    found = _by_line_id(numbered, matches)
    write_table(found, out)
    return _summary(found, ours, listed, out)


def _parts(engine: str, electors: Path) -> PartsOfList:
    if engine == "parts":
        return FileParts(electors)
    from referendum.engines.spark import SparkParts  # noqa: PLC0415 - an extra

    return SparkParts(electors)


def _by_line_id(numbered: pl.DataFrame, matches: pl.DataFrame) -> pl.DataFrame:
    names = numbered.select("serial", "line_id")
    firsts = names.rename({"serial": "repeat_of", "line_id": "first"})
    return (
        names.join(matches, on="serial", how="left")
        .join(firsts, on="repeat_of", how="left")
        .sort("serial")
        .with_columns(repeat_of="first")
        .select(COLUMNS)
    )


def _summary(
    found: pl.DataFrame, ours: Checked, listed: tuple[int, int, dict[str, int]], out: Path
) -> Matching:
    size, aside, faults_of_list = listed
    faults = Counter(ours.fault_counts())
    faults.update(faults_of_list)
    return Matching(
        out=str(out),
        lines=found.height,
        electors=size,
        set_aside=ours.set_aside.height + aside,
        faults=dict(sorted(faults.items())),
        outcomes=dict(found.group_by("outcome").len().sort("outcome").iter_rows()),
        expected=float(found.get_column("listed").sum()),
    )


def checked(table: Table, path: Path, encoding: str) -> Checked:
    """Read a table and check it."""
    raw = read_raw_table(path, encoding)
    return check(table, raw.frame, raw.broken)


def with_serials(lines: pl.DataFrame) -> pl.DataFrame:
    """Number lines that are on no record, from 1."""
    return lines.with_row_index("serial", offset=1).cast({"serial": pl.Int64})


def write_table(frame: pl.DataFrame, out: Path) -> None:
    """Write a table: Parquet if it is called so, else CSV."""
    write_file(out, to_parquet(frame) if out.suffix == ".parquet" else to_csv(frame))
