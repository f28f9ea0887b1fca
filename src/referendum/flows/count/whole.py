"""The returns that an act reads, of all parts, as one."""

import csv
import io
from typing import Any

import polars as pl

from referendum.count import (
    SCHEMAS,
    Rest,
    Said,
    Tables,
    Whole,
    of_one_part,
    put_together,
)
from referendum.record.frames import from_csv, to_csv
from referendum.record.reading import Inputs


def read_whole(inputs: Inputs) -> Whole:
    """Read the returns of all parts that an act reads, put together."""
    found = inputs.memo.get("returns")
    if not isinstance(found, Whole):
        found = inputs.memo["returns"] = _read(inputs.parts("returns"))
    return found


def rows_set_aside(inputs: Inputs) -> list[dict[str, str]]:
    """Give the rows set aside of all parts together, as text."""
    data = to_csv(read_whole(inputs).set_aside)
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def rest_of(whole: Whole) -> Rest:
    """Gather what the returns of a record leave open."""
    returns = whole.returns
    return Rest(
        places=whole.places.drop("status"),
        set_aside=whole.set_aside,
        provisional=whole.said.provisional,
        boxes=returns if whole.said.common_ballot else returns.clear(),
        questions=frozenset(returns["question"]),
    )


def progress_of(whole: Whole) -> dict[str, Any]:
    """Say how far the count has come."""
    between = whole.between.filter(pl.col("ballots").is_null())
    warnings = pl.concat([one.select("explanation") for one in (whole.warnings, between)])
    statuses = dict(whole.places.group_by("status").len().iter_rows())
    return {
        "as_of": whole.said.as_of if whole.places.height else None,
        "expected": whole.places.height,
        "late": statuses.get("late", 0),
        "missing": statuses.get("missing", 0),
        "places": whole.places_counted,
        "provisional": whole.said.provisional,
        "scope": whole.said.scope,
        "set_aside": whole.set_aside.height,
        "unexplained": warnings.get_column("explanation").null_count(),
        "warnings": warnings.height,
    }


def _read(parts: list[Inputs]) -> Whole:
    said = _said([part.parameters("returns") for part in parts])
    tables = Tables(**{name: _joined(parts, name, schema) for name, schema in SCHEMAS.items()})
    return of_one_part(tables, said) if len(parts) == 1 else put_together(tables, said)


def _said(parameters: list[dict[str, Any]]) -> Said:
    """Put together what was said of the parts: more is to come if it is of any."""
    listed = [number for number, one in enumerate(parameters) if one["electors"] == "table"]
    times = [one["as_of"] for one in parameters if one["as_of"] is not None]
    return Said(
        common_ballot=parameters[0]["common_ballot"],
        provisional=any(one["provisional"] for one in parameters),
        as_of=max(times, default=None),
        scope=parameters[0]["scope"],
        listed=listed[0] if listed else None,
    )


def _joined(parts: list[Inputs], name: str, schema: pl.Schema) -> pl.DataFrame:
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
