"""The matching of bare files, outside any record."""

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
from referendum.record.durable import PRIVATE, write_file
from referendum.record.frames import encode_by_suffix
from referendum.tables.reading import read_checked_table
from referendum.tables.requirements import notify_of_unread_columns, require_no_misnamed_columns

MATCH_COLUMNS = (
    "line_id", "elector_id", "probability", "outcome", "repeat_of", "second_best", "margin",
    "listed", "best",
)  # fmt: skip
"""Columns of the table that is written. `repeat_of` is the line that the same person signed first,
`margin` the posterior of the best elector less that of the second best, `listed` the probability
that anyone on the list signed, and `best` the best elector, however small the posterior."""


@dataclass(frozen=True)
class MatchSummary:
    """The summary of matching two files.

    Attributes:
        out: the table that was written.
        lines, electors: number of rows used.
        set_aside: number of rows of both that could not be used.
        faults: number of faults by code, of rows set aside and of cells left empty.
        outcomes: number of lines by outcome.
        expected: expected number of lines that somebody on the list signed.
        signers: the same without repeats, so the expected number of electors who signed.
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
"""How the list of electors is matched: in memory, a part at a time, or on a Spark cluster."""


@dataclass(frozen=True)
class StatuteChoice:
    """The statute under which bare files are matched, and the days that it may ask for.

    Attributes:
        law: id of the statute.
        days: the days of the issue, the delivery and the election, as far as they are known, by
            `issue`, `delivery` and `election`.
        as_of: the day on which a signer must be listed, where the statute does not say.
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
    statute: StatuteChoice | None = None,
    *,
    electors_encoding: str | None = None,
    dates: DayOrder | None = None,
    accept: Sequence[str] = (),
) -> MatchSummary:
    """Match a table of lines to a list of electors; write a row for each line (`MATCH_COLUMNS`).

    Args:
        lines: CSV or Parquet (`core.schemas.LINES`).
        electors: CSV or Parquet (`core.schemas.ELECTORS`).
        out: the table to write, Parquet if it is called so, else CSV.
        encoding: of CSV files.
        engine: one of `ENGINES`; all but the first read the list as UTF-8, in its own order.
        statute: whose rules decide repeats and outcomes; in memory only.
        electors_encoding: of the list, if it is another.
        dates: whether day or month comes first, where columns leave it open; in memory only.
        accept: columns that are left empty though the file may have them under another name.

    Raises:
        InputError: a file cannot be read or lacks a column, or `out` is one that is read.
        LawError: the statute is not known, or does not say on which day a signer must be listed.
    """
    if out.resolve() in {lines.resolve(), electors.resolve()}:
        raise InputError("this file is read, and cannot be written", where=str(out))
    checked = read_checked_table(LINES, lines, encoding, ReadingOptions(dates))
    require_no_misnamed_columns(checked.unknown_columns, checked.empty_columns, accept, lines)
    numbered = number_lines_from_one(checked.rows)
    rules = None if statute is None else _read_matching_rules(statute, numbered)
    if engine == "memory":
        own = electors_encoding or encoding
        roll = read_checked_table(ELECTORS, electors, own, ReadingOptions(dates))
        require_no_misnamed_columns(roll.unknown_columns, roll.empty_columns, accept, electors)
        matches, list_counts = _match_in_memory(numbered, roll, rules)
    elif rules is not None:
        raise InputError("--law needs the list in memory", hint="leave out --engine")
    else:
        _require_header(electors, accept)
        matches, list_counts = _match_in_parts(numbered, _list_parts(engine, electors))
    return _write_matches(_name_lines_by_id(numbered, matches), checked, list_counts, out)


_ListCounts = tuple[int, int, dict[str, int]]
"""Of a list of electors: rows used, rows set aside, faults by code."""


def _match_in_memory(
    lines: pl.DataFrame, electors: CheckedTable, rules: "_MatchingRules | None"
) -> tuple[pl.DataFrame, _ListCounts]:
    counts = electors.rows.height, electors.set_aside.height, electors.fault_counts()
    keep_none = rules is not None and rules.keep_none
    matches = match_lines(lines, electors.rows, keep_none=keep_none)
    if rules is not None:
        matches = apply_listing_rule(matches, lines, electors.rows, rules.listing)
    return matches, counts


def _match_in_parts(lines: pl.DataFrame, parts: ListParts) -> tuple[pl.DataFrame, _ListCounts]:
    return match_parts(lines, parts.run, parts.size), (parts.size, parts.set_aside, parts.faults)


@dataclass(frozen=True)
class _MatchingRules:
    listing: ListingRule
    keep_none: bool


def _read_matching_rules(choice: StatuteChoice, lines: pl.DataFrame) -> _MatchingRules:
    """Read what the statute says of the day, the district and repeats."""
    signed = lines["signed_on"].max()
    day = choice.days.get("delivery") or (signed if isinstance(signed, date) else None)
    statute = version_on(choice.law, day) if day else versions(choice.law)[-1]
    collection = statute.collection
    said = collection.as_of if collection is not None else None
    as_of = choice.as_of or (said.value if said is not None else None)
    if as_of is None:
        raise LawError(
            "the act as it stands here does not say on which day a signer must be listed",
            where=choice.law,
            hint="say it: --as-of signing, issue, delivery or election",
        )
    if as_of != "signing" and as_of not in choice.days:
        raise InputError(f"the day of {as_of} is asked for", hint=f"give --{as_of}-day")
    day_of = pl.col("signed_on") if as_of == "signing" else pl.lit(choice.days[as_of])
    own = collection.own_district if collection is not None else None
    return _MatchingRules(
        ListingRule(day_of, own_district=own is not None and own.value),
        keep_none=statute.repeats is not None and statute.repeats.rule.value == "keep_none",
    )


def _list_parts(engine: str, electors: Path) -> ListParts:
    if engine == "parts":
        return FileParts(electors)
    from referendum.engines.spark import SparkParts  # noqa: PLC0415 - an extra

    return SparkParts(electors)


def _require_header(electors: Path, accept: Sequence[str]) -> None:
    """Require that no column of a list that is read in parts seems meant for one that it lacks."""
    if not electors.is_file():  # a folder of files on a cluster
        return
    parquet = electors.suffix == ".parquet"
    scan = pl.scan_parquet(electors) if parquet else pl.scan_csv(electors, infer_schema=False)
    names = scan.collect_schema().names()
    unknown = [name for name in names if name not in ELECTORS.schema]
    notify_of_unread_columns(unknown, ELECTORS.name)
    absent = [name for name in ELECTORS.schema if name not in names]
    require_no_misnamed_columns(unknown, absent, accept, electors)


def _name_lines_by_id(numbered: pl.DataFrame, matches: pl.DataFrame) -> pl.DataFrame:
    names = numbered.select("serial", "line_id")
    firsts = names.rename({"serial": "repeat_of", "line_id": "first"})
    return (
        names.join(matches, on="serial", how="left")
        .join(firsts, on="repeat_of", how="left")
        .sort("serial")
        .with_columns(repeat_of="first")
        .select(MATCH_COLUMNS)
    )


def _write_matches(
    matches: pl.DataFrame, lines: CheckedTable, list_counts: _ListCounts, out: Path
) -> MatchSummary:
    """Write the table of matches, and summarise it."""
    write_table(matches, out)
    size, set_aside, list_faults = list_counts
    faults = Counter(lines.fault_counts())
    faults.update(list_faults)
    return MatchSummary(
        out=str(out),
        lines=matches.height,
        electors=size,
        set_aside=lines.set_aside.height + set_aside,
        faults=dict(sorted(faults.items())),
        outcomes=dict(matches.group_by("outcome").len().sort("outcome").iter_rows()),
        expected=float(matches.get_column("listed").sum()),
        signers=float(matches.filter(pl.col("outcome") != "repeat").get_column("listed").sum()),
    )


def number_lines_from_one(lines: pl.DataFrame) -> pl.DataFrame:
    """Number lines that are on no record, from 1 (`serial`, Int64)."""
    return lines.with_row_index("serial", offset=1).cast({"serial": pl.Int64})


def write_table(frame: pl.DataFrame, out: Path) -> None:
    """Write a table for its owner alone: Parquet if it is called so, else CSV."""
    write_file(out, encode_by_suffix(out, frame), PRIVATE)
