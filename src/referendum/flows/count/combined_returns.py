"""The returns that an act reads, of all parts, as one."""

import csv
import io
from typing import Any

import polars as pl

from referendum.count import (
    SCHEMAS,
    CombinedReturns,
    Declaration,
    OpenReturns,
    Tables,
    combine_parts,
    take_only_part,
)
from referendum.record.frames import from_csv, to_csv
from referendum.record.reading import Inputs


def read_combined_returns(inputs: Inputs) -> CombinedReturns:
    """Read the returns of all parts that an act reads, put together."""
    combined = inputs.memo.get("returns")
    if not isinstance(combined, CombinedReturns):
        combined = inputs.memo["returns"] = _combine(inputs.parts("returns"))
    return combined


def set_aside_rows(inputs: Inputs) -> list[dict[str, str]]:
    """Give the rows set aside of all parts together, as text."""
    data = to_csv(read_combined_returns(inputs).set_aside)
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def open_returns(combined: CombinedReturns) -> OpenReturns:
    """Gather what the returns of a record leave open."""
    returns = combined.returns
    return OpenReturns(
        places=combined.places.drop("status"),
        set_aside=combined.set_aside,
        provisional=combined.declaration.provisional,
        boxes=returns if combined.declaration.common_ballot else returns.clear(),
        questions=frozenset(returns["question"]),
    )


def progress_of(combined: CombinedReturns) -> dict[str, Any]:
    """Say how far the count has come."""
    between = combined.between.filter(pl.col("ballots").is_null())
    warnings = pl.concat([one.select("explanation") for one in (combined.warnings, between)])
    statuses = dict(combined.places.group_by("status").len().iter_rows())
    return {
        "as_of": combined.declaration.as_of if combined.places.height else None,
        "expected": combined.places.height,
        "late": statuses.get("late", 0),
        "missing": statuses.get("missing", 0),
        "places": combined.places_counted,
        "provisional": combined.declaration.provisional,
        "scope": combined.declaration.scope,
        "set_aside": combined.set_aside.height,
        "unexplained": warnings.get_column("explanation").null_count(),
        "warnings": warnings.height,
    }


def _combine(parts: list[Inputs]) -> CombinedReturns:
    declaration = _declaration([part.parameters("returns") for part in parts])
    tables = Tables(
        **{name: _read_table_of_parts(parts, name, schema) for name, schema in SCHEMAS.items()}
    )
    return (
        take_only_part(tables, declaration)
        if len(parts) == 1
        else combine_parts(tables, declaration)
    )


def _declaration(parameters: list[dict[str, Any]]) -> Declaration:
    """Put together what was said of the parts: more is to come if it is of any."""
    electors_part = [number for number, one in enumerate(parameters) if one["electors"] == "table"]
    times = [one["as_of"] for one in parameters if one["as_of"] is not None]
    return Declaration(
        common_ballot=parameters[0]["common_ballot"],
        provisional=any(one["provisional"] for one in parameters),
        as_of=max(times, default=None),
        scope=parameters[0]["scope"],
        electors_part=electors_part[0] if electors_part else None,
    )


def _read_table_of_parts(parts: list[Inputs], name: str, schema: pl.Schema) -> pl.DataFrame:
    """Read a table of all parts at once: each has the same first line, and ends with a line end."""
    head, rows, numbers = b"", [], []
    for number, part in enumerate(parts):
        count = part.rows("returns", f"{name}.csv")
        if count or not head:
            head, _, body = part.data("returns", f"{name}.csv").partition(b"\n")
            rows.append(body)
            numbers += [number] * count
    frame = from_csv(b"\n".join([head, b"".join(rows)]), schema)
    return frame.with_columns(part=pl.Series(numbers, dtype=pl.Int64))
