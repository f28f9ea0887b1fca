"""Returns of 100,000 polling places and 10 questions: read, reconciled, rolled up and decided."""

import os
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from referendum.core.days import read_date
from referendum.count import ELECTORS_BY_DISTRICT, Entry, count_results, reconcile_forms
from referendum.law import version_on
from referendum.tables.reading import read_raw_table

PLACES = 100_000
QUESTIONS = 10
SEED = 20231014


def main() -> None:
    """Measure and print."""
    rule = version_on("au/constitution-s128", read_date("2023-10-14")).vote
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "returns.csv"
        made_up().write_csv(path)
        wall, before = time.perf_counter(), sum(os.times()[:2])
        raw = read_raw_table(path)
        read = time.perf_counter()
        reconciled = reconcile_forms(Entry(raw.frame, raw.broken))
        checked = time.perf_counter()
        electors = pl.DataFrame(schema=ELECTORS_BY_DISTRICT.schema)
        results = count_results(reconciled.returns, electors, rule)
        done, cpu = time.perf_counter(), sum(os.times()[:2]) - before
    print(
        f"count: {raw.frame.height:,} returns: read {read - wall:.2f} s, reconciled"
        f" {checked - read:.2f} s, {len(results)} results {done - checked:.2f} s;"
        f" together {done - wall:.2f} s, {cpu:.2f} s of CPU;"
        f" {reconciled.set_aside.height:,} set aside, {reconciled.warnings.height:,} warnings"
    )


def made_up() -> pl.DataFrame:
    """Make up returns; one in a thousand does not add up."""
    chance = np.random.default_rng(SEED)
    size = PLACES * QUESTIONS
    place = np.repeat(np.arange(PLACES), QUESTIONS)
    yes, no = chance.binomial(600, 0.48, size), chance.binomial(600, 0.5, size)
    informal = chance.poisson(6, size)
    total = yes + no + informal + (chance.random(size) < 0.001)
    states = np.array(["NSW", "VIC", "QLD", "WA", "SA", "TAS"])
    return pl.DataFrame(
        {
            "question": np.char.add("Q", (np.arange(size) % QUESTIONS).astype(str)),
            "region": states[place % 6],
            "district": np.char.add("District ", (place % 150).astype(str)),
            "place": np.char.add("Polling place ", place.astype(str)),
            "yes": yes,
            "no": no,
            "informal": informal,
            "total": total,
        }
    )


if __name__ == "__main__":
    main()
