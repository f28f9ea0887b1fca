"""Digests of tables over their rows in canonical form: `python -m benchmarks rows`."""

import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.matching.petitions import Case, made
from referendum.core.canonical_rows import digest_rows

ROWS = 300_000


def main(size="456k"):
    """Measure made-up electors, lines and matches; print."""
    with tempfile.TemporaryDirectory() as folder:
        files = made(Case(size), Path(folder))
        electors = pl.read_parquet(files.electors)
        lines = pl.read_parquet(files.lines).head(ROWS)
    for name, table in (
        ("electors", electors),
        ("lines", lines),
        ("matches", matches(lines)),
        ("chances that are all different and tiny", tiny()),
    ):
        began = time.process_time()
        digest_rows(table)
        spent = time.process_time() - began
        print(f"{table.height:,} {name} of {table.width} columns: {spent:.2f} s of CPU")


def matches(lines):
    """Make up what matching says of lines."""
    chance = np.random.default_rng(1).random((3, lines.height)).round(4)
    elector, outcome = pl.col("line_id"), pl.lit("listed")
    return lines.select(
        serial=pl.int_range(pl.len()),
        elector_id=elector,
        **{
            name: pl.Series(chance[n]) for n, name in enumerate(("probability", "listed", "margin"))
        },
        second_best=elector,
        outcome=outcome,
        repeat_of=pl.lit(None, pl.Int64),
        best=elector,
        moved=pl.lit(value=False),
    )


def tiny():
    """Make up the worst of floats."""
    return pl.DataFrame({"chance": np.random.default_rng(2).random(ROWS) * 1e-9})
