"""How fast a list of 2,966,192 made-up electors is searched: `python -m benchmarks roll_search`."""

import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.matching.petitions import Case, made
from referendum.matching.search import build_index, search

SEARCHES = 1_000
LIMIT = 10


def main(size="456k"):
    """Search for the signers of made-up lines, as they are written, in three ways; print."""
    with tempfile.TemporaryDirectory() as folder:
        measure(size, Path(folder))


def measure(size, folder):
    """Measure one size with made-up files in a folder."""
    files = made(Case(size), folder)
    electors = pl.read_parquet(files.electors)
    began = time.perf_counter()
    index = build_index(electors)
    built = time.perf_counter() - began
    megabytes = sum(array.nbytes for array in index) / 1e6
    print(f"{electors.height:,} electors: index built in {built:.1f} s, {megabytes:,.0f} MB")
    for name, asked in searches(files).items():
        spent, found = [], 0
        search(index, "smith")
        for typed, elector in asked:
            began = time.perf_counter()
            rows, _ = search(index, typed, LIMIT)
            spent.append(1000 * (time.perf_counter() - began))
            found += elector in electors["elector_id"].gather(rows).to_list()
        half, most, all_of_them = np.percentile(spent, [50, 95, 100])
        print(
            f"{name}: {half:.1f} ms half of the time, {most:.1f} ms 95 %, at most"
            f" {all_of_them:.1f} ms; the signer is among {LIMIT} for {found / len(asked):.1%}"
        )


def searches(files):
    """Give what is typed for lines of listed electors, and who is meant."""
    truth = pl.read_parquet(files.truth).filter(pl.col("kind") == "valid")
    lines = pl.read_parquet(files.lines).join(truth.select("line_id", "elector_id"), on="line_id")
    drawn = lines.drop_nulls(["surname", "given_names", "street_number", "street"])
    drawn = drawn.sample(SEARCHES, seed=1)
    person = pl.concat_str("surname", "given_names", separator=" ")
    quick = pl.col("street_number") + pl.col("surname").str.to_lowercase().str.head(3)
    door = pl.concat_str("surname", "street_number", "street", separator=" ")
    return {
        name: list(drawn.select(typed, "elector_id").iter_rows())
        for name, typed in (("surname and given names", person), ("704smi", quick),
                            ("surname and address", door))
    }  # fmt: skip
