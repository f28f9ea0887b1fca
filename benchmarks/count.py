"""Reading, reconciling and adding up a million made-up returns."""

import os
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from referendum.count import ELECTORS_BY_DISTRICT, count_result, reconcile
from referendum.flows.intake import read_raw_table
from referendum.law import known, version_on

PLACES, QUESTIONS = 100_000, 10
STATES = np.array(["NSW", "VIC", "QLD", "WA", "SA", "TAS"])


def main() -> None:
    """Measure and print."""
    rule = known(version_on("au/constitution-s128", date(2023, 10, 14)).vote, "a vote")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made-up-returns.csv"
        made_up().write_csv(path)
        before = sum(os.times()[:2])
        raw = read_raw_table(path, "utf-8")
        reconciled = reconcile(raw.frame, raw.broken)
        electors = pl.DataFrame(schema=ELECTORS_BY_DISTRICT.schema)
        result = count_result(reconciled.returns, electors, rule)
        took = sum(os.times()[:2]) - before
    print(
        f"count: {reconciled.returns.height:,} returns read, reconciled and added up"
        f" ({result.totals['total']:,} ballots) in {took:.1f} s of CPU"
    )


def made_up() -> pl.DataFrame:
    """Make up returns; a place's question is a place of its own."""
    rng, rows = np.random.default_rng(1), np.arange(PLACES * QUESTIONS)
    yes, no, informal = (rng.integers(0, most, rows.size) for most in (500, 500, 9))
    return pl.DataFrame({
        "region": STATES[rows % STATES.size],
        "district": np.char.add("D", (rows % 1000).astype(str)),
        "place": np.char.add("P", rows.astype(str)),
        "yes": yes,
        "no": no,
        "informal": informal,
        "total": yes + no + informal,
    })  # fmt: skip


if __name__ == "__main__":
    main()
