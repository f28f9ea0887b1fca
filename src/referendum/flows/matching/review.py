"""Matches explained, queued for clerical review, and recalibrated by checks."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from referendum.core.errors import InputError
from referendum.core.schemas import ELECTORS, LINES
from referendum.core.tables import Column, ReadingOptions, Table
from referendum.core.written_days import DayOrder
from referendum.flows.matching.files import number_lines_from_one, write_table
from referendum.flows.matching.match import standing_lines
from referendum.flows.roll.copies import Pool
from referendum.matching import Explanation, explain, recalibrate, review_queue
from referendum.record.reading import Record
from referendum.tables.reading import read_checked_table, read_raw_table, read_whole_table

MATCH_CHECKS = Table(
    "match_checks",
    (
        Column("line_id", "text", "the office's number of the line", required=True),
        Column("listed", "text", "`yes` if the signer is on the list, else `no`", required=True),
        Column("drawn", "text", "chance with which the line was drawn; 1 if not given"),
    ),
    key=("line_id",),
    of_people=True,
)


def explain_files(
    lines: Path,
    electors: Path,
    line_ids: Sequence[str],
    encodings: tuple[str, str],
    dates: DayOrder | None = None,
) -> list[Explanation]:
    """Explain the matching of some lines of a bare table; see `matching.explain`."""
    reading = ReadingOptions(dates)
    checked_lines = read_checked_table(LINES, lines, encodings[0], reading)
    checked_electors = read_checked_table(ELECTORS, electors, encodings[1], reading)
    return explain(number_lines_from_one(checked_lines.rows), checked_electors.rows, line_ids)


def explain_record(folder: Path, line_ids: Sequence[str]) -> list[Explanation]:
    """Explain the matching of some lines of a record, for a holder of its sealed bundles."""
    record = Record.open(folder)
    inputs = record.inputs(("electors", "lines", "gates", "matches"))
    electors = inputs.table("electors", "electors.parquet")
    if inputs.parameters("matches").get("decoys"):
        # Matching also compared lines with decoys; here their ids tell them from electors.
        pool = Pool.of(record.inputs_and_outputs("match"))
        electors = pl.concat([electors, _decoys_by_copies(pool)])
    return explain(standing_lines(inputs), electors, line_ids)


def _decoys_by_copies(pool: Pool) -> pl.DataFrame:
    """Give decoys as electors, each called after the copies that have it."""
    copies = pool.dealt.group_by("elector_id").agg(pl.col("copy").sort().cast(pl.String))
    names = pl.col("copy").list.join(" and ").fill_null("none")
    return (
        pool.decoys.join(copies, on="elector_id", how="left", maintain_order="left")
        .with_columns(elector_id=pl.format("{} (decoy of copy {})", "elector_id", names))
        .select(ELECTORS.schema.names())
    )


def queue_files(
    matches: Path, lines: Path, out: Path, encoding: str, dates: DayOrder | None = None
) -> int:
    """Write the review queue of a table of matches, and give its length."""
    checked = read_checked_table(LINES, lines, encoding, ReadingOptions(dates))
    queue = review_queue(_read_matches(matches, encoding), checked.rows)
    write_table(queue, out)
    return queue.height


def queue_record(folder: Path, out: Path) -> int:
    """Write the review queue of a record, for a holder of its sealed bundles."""
    inputs = Record.open(folder).inputs(("lines", "gates", "matches"))
    lines, matches = standing_lines(inputs), inputs.table("matches", "matches.parquet")
    named = matches.join(lines.select("serial", "line_id"), on="serial", how="left")
    queue = review_queue(named, lines)
    write_table(queue, out)
    return queue.height


def recalibrate_files(matches: Path, checks: Path, out: Path, encoding: str) -> tuple[float, float]:
    """Write matches with `calibrated`: the posterior `listed`, recalibrated by checks.

    Returns:
        The sum of the posteriors before and after.

    Raises:
        InputError: a check is of a line that was not matched, is not yes or no, or was drawn with
            an impossible chance; or there are too few checks.
    """
    table = _read_matches(matches, encoding)
    rows = read_whole_table(MATCH_CHECKS, checks, encoding, "every checked line needs one good row")
    places = table.with_row_index("place").select("line_id", "place")
    checked = rows.with_row_index("row", 1).join(
        places, on="line_id", how="left", maintain_order="left"
    )
    inclusion = checked["drawn"].fill_null("1").cast(pl.Float64, strict=False)
    bad = checked.filter(
        pl.col("place").is_null()
        | ~pl.col("listed").is_in(["yes", "no"])
        | ~inclusion.is_between(0, 1, closed="right").fill_null(value=False)
    )
    if not bad.is_empty():
        first = ", ".join(map(str, bad["row"].head(10)))
        raise InputError(
            f"{bad.height} of {checked.height} checks cannot be used; the first are rows {first}",
            where=str(checks),
            hint="of matched lines, with listed yes or no, and drawn more than 0 and at most 1",
        )
    posteriors = table["listed"].to_numpy()
    recalibrated = recalibrate(
        posteriors,
        checked["place"].to_numpy(),
        (checked["listed"] == "yes").cast(pl.Float64).to_numpy(),
        1 / inclusion.to_numpy(),
    )
    write_table(table.with_columns(calibrated=pl.Series(np.round(recalibrated, 4))), out)
    return float(posteriors.sum()), float(recalibrated.sum())


def _read_matches(path: Path, encoding: str) -> pl.DataFrame:
    frame = read_raw_table(path, encoding).frame
    needed = ("line_id", "listed", "probability", "margin", "best", "second_best")
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise InputError(
            f"this is no table of matches: it lacks {', '.join(missing)}",
            where=str(path),
            hint="make one with: referendum match --lines … --electors … --out …",
        )
    return frame.cast(dict.fromkeys(("listed", "probability", "margin"), pl.Float64))
