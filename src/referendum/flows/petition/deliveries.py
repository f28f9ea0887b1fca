"""Deliveries: lines come in several, side by side; what was received before may not come again."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from referendum.core.errors import InputError
from referendum.record.reading import Inputs
from referendum.record.writing import RecordWriter, Stamp


def lines_waiting(record: RecordWriter, stamp: Stamp) -> list[Inputs]:
    """Give the lines that wait to be numbered, delivery by delivery."""
    parts = record.standings.without(stamp.corrects).bundles("lines_waiting", {})
    return [Inputs(record.bundles, {"lines_waiting": (one,)}) for one in parts]


def require_new(
    record: RecordWriter, stamp: Stamp, lines: pl.DataFrame, sheets: pl.DataFrame, path: Path
) -> None:
    """See that no line and no sheet has come in another delivery that stands.

    Raises:
        InputError: one has.
    """
    own = {"line": lines["line_id"], "sheet": _sheets_of(lines, sheets)}
    standing = record.standings.without(stamp.corrects)
    for kind in ("lines", "lines_waiting"):
        for part in standing.bundles(kind, {}):
            inputs = Inputs(record.bundles, {kind: (part,)})
            theirs = inputs.table(kind, "lines.parquet")
            before = {
                "line": theirs["line_id"],
                "sheet": _sheets_of(theirs, inputs.table(kind, "sheets.parquet")),
            }
            _require_apart(own, before, standing.writer(part).number, path)


def _require_apart(
    own: Mapping[str, pl.Series], before: Mapping[str, pl.Series], act: int, path: Path
) -> None:
    for what, series in own.items():
        again = series.filter(series.is_in(before[what].implode()))
        if len(again):
            raise InputError(
                f"{len(again):,} {what}s have come in act {act} already, {what} {again.min()!r}"
                " among them",
                where=str(path),
                hint=f"leave them out; if this file is to take the place of that delivery:"
                f" --corrects {act} --reason 'what was wrong'",
            )


def _sheets_of(lines: pl.DataFrame, sheets: pl.DataFrame) -> pl.Series:
    return pl.concat([lines["sheet_id"], sheets["sheet_id"]]).drop_nulls().unique()


def require_sheets_alike(
    record: RecordWriter, stamp: Stamp, sheets: pl.DataFrame, path: Path
) -> None:
    """See that all deliveries have a table of sheets, or none has.

    Raises:
        InputError: this one is unlike the others: sheet gates would hold for some lines only.
    """
    for act in record.standings.without(stamp.corrects).all_of("petition.receive"):
        had = act.facts["sheets"] > 0
        if act.facts["lines"] and had != (sheets.height > 0):
            word = "has a table of sheets, and this one has none" if had else (
                "has no table of sheets, and this one has"
            )  # fmt: skip
            raise InputError(
                f"the delivery of act {act.number} {word}",
                where=str(path),
                hint="give --sheets with every delivery, or with none; a delivery that lacks it is"
                f" put right with --corrects {act.number}",
            )


def fault_counts(kept: Mapping[str, pl.DataFrame]) -> dict[str, int]:
    """Count the faults of a delivery's tables, by code."""
    counted = (kept[name].group_by("code").len() for name in ("faults", "sheets_faults"))
    return sum_counts(*(dict(one.iter_rows()) for one in counted))


def sum_counts(*counts: Mapping[str, int]) -> dict[str, int]:
    """Add up counts, by code."""
    codes: Sequence[str] = sorted({code for count in counts for code in count})
    return {code: sum(count.get(code, 0) for count in counts) for code in codes}
