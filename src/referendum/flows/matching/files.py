"""Matching of bare files, outside any record."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from referendum.core.errors import InputError, LawError
from referendum.core.schemas import ELECTORS, LINES
from referendum.core.tables import CheckedTable, ReadingOptions
from referendum.core.written_days import DayOrder
from referendum.engines import FileParts, ListParts
from referendum.law import version_on, versions
from referendum.matching import ListingRule, apply_listing_rule, match_lines, match_parts
from referendum.record.durable import write_file
from referendum.record.frames import as_called
from referendum.tables.reading import read_checked_table
from referendum.tables.requirements import notify_of_unread_columns, require_no_misnamed_columns

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
        signers: the same without repeats: how many electors signed, as is to be expected.
    """

    out: str
    lines: int
    electors: int
    set_aside: int
    faults: dict[str, int]
    outcomes: dict[str, int]
    expected: float
    signers: float


ENGINES = ("memory", "parts", "spark")
"""Where the list of electors is worked on: in memory; a part at a time; on a Spark cluster."""


@dataclass(frozen=True)
class Asked:
    """The law that bare files are matched under, and the days that it may ask for.

    Attributes:
        law: id of an act.
        days: day of issue, of delivery or of the election, by `issue`, `delivery`, `election`.
        as_of: which day counts, where the act does not say.
    """

    law: str
    days: Mapping[str, date]
    as_of: str | None = None


def match_files(  # noqa: PLR0913
    lines: Path,
    electors: Path,
    out: Path,
    encoding: str = "utf-8",
    engine: str = "memory",
    asked: Asked | None = None,
    *,
    electors_encoding: str | None = None,
    dates: DayOrder | None = None,
    accept: Sequence[str] = (),
) -> Matching:
    """Match a table of lines to a list of electors and write a row for each line (`COLUMNS`).

    Args:
        lines: CSV or Parquet (`core.schemas.LINES`).
        electors: CSV or Parquet (`core.schemas.ELECTORS`).
        out: CSV, or Parquet if it is called so.
        encoding: of CSV files.
        electors_encoding: of the list, if it is another.
        dates: whether day or month comes first, where the columns do not decide; in memory only.
        accept: columns that are left empty though the file may have them under another name.
        engine: one of `ENGINES`; all but the first read the list as UTF-8, in its own order.
        asked: the law, whose rules give repeats and outcomes; in memory only.

    Raises:
        InputError: a file cannot be read, lacks a column, or is one of the two that are read.
        LawError: the act is not known, or does not say on which day a signer must be listed.
    """
    if out.resolve() in {lines.resolve(), electors.resolve()}:
        raise InputError("this file is read, and cannot be written", where=str(out))
    ours = read_checked_table(LINES, lines, encoding, ReadingOptions(dates))
    require_no_misnamed_columns(ours.unknown_columns, ours.empty_columns, accept, lines)
    numbered = with_serials(ours.rows)
    law = None if asked is None else _law(asked, numbered)
    if engine == "memory":
        own = electors_encoding or encoding
        theirs = read_checked_table(ELECTORS, electors, own, ReadingOptions(dates))
        require_no_misnamed_columns(theirs.unknown_columns, theirs.empty_columns, accept, electors)
        listed = theirs.rows.height, theirs.set_aside.height, theirs.fault_counts()
        matches = match_lines(numbered, theirs.rows, keep_none=law is not None and law.keep_none)
        if law is not None:
            matches = apply_listing_rule(matches, numbered, theirs.rows, law.rule)
    elif law is not None:
        raise InputError("--law needs the list in memory", hint="leave out --engine")
    else:
        parts = _parts(engine, electors)
        _require_header(electors, accept)
        listed = parts.size, parts.set_aside, parts.faults
        matches = match_parts(numbered, parts.run, parts.size)
    found = _by_line_id(numbered, matches)
    write_table(found, out)
    return _summary(found, ours, listed, out)


@dataclass(frozen=True)
class _Law:
    rule: ListingRule
    keep_none: bool


def _law(asked: Asked, lines: pl.DataFrame) -> _Law:
    """Read what an act says of the day, the district and repeats."""
    signed = lines["signed_on"].max()
    day = asked.days.get("delivery") or (signed if isinstance(signed, date) else None)
    statute = version_on(asked.law, day) if day else versions(asked.law)[-1]
    collection = statute.collection
    said = collection.as_of if collection is not None else None
    as_of = asked.as_of or (said.value if said is not None else None)
    if as_of is None:
        raise LawError(
            "the act as it stands here does not say on which day a signer must be listed",
            where=asked.law,
            hint="say it: --as-of signing, issue, delivery or election",
        )
    if as_of != "signing" and as_of not in asked.days:
        raise InputError(f"the day of {as_of} is asked for", hint=f"give --{as_of}-day")
    day_of = pl.col("signed_on") if as_of == "signing" else pl.lit(asked.days[as_of])
    own = collection.own_district if collection is not None else None
    return _Law(
        ListingRule(day_of, own_district=own is not None and own.value),
        keep_none=statute.repeats is not None and statute.repeats.rule.value == "keep_none",
    )


def _parts(engine: str, electors: Path) -> ListParts:
    if engine == "parts":
        return FileParts(electors)
    from referendum.engines.spark import SparkParts  # noqa: PLC0415 - an extra

    return SparkParts(electors)


def _require_header(electors: Path, accept: Sequence[str]) -> None:
    """See that no column of a list that is read in parts is meant for one that it lacks."""
    if not electors.is_file():  # a folder of files on a cluster
        return
    parquet = electors.suffix == ".parquet"
    scan = pl.scan_parquet(electors) if parquet else pl.scan_csv(electors, infer_schema=False)
    names = scan.collect_schema().names()
    unknown = [name for name in names if name not in ELECTORS.schema]
    notify_of_unread_columns(unknown, ELECTORS.name)
    absent = [name for name in ELECTORS.schema if name not in names]
    require_no_misnamed_columns(unknown, absent, accept, electors)


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
    found: pl.DataFrame, ours: CheckedTable, listed: tuple[int, int, dict[str, int]], out: Path
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
        signers=float(found.filter(pl.col("outcome") != "repeat").get_column("listed").sum()),
    )


def with_serials(lines: pl.DataFrame) -> pl.DataFrame:
    """Number lines that are on no record, from 1."""
    return lines.with_row_index("serial", offset=1).cast({"serial": pl.Int64})


def write_table(frame: pl.DataFrame, out: Path) -> None:
    """Write a table: Parquet if it is called so, else CSV."""
    write_file(out, as_called(out, frame))
