"""What the project's matcher reports of made-up lines that count and of those that do not."""

import tempfile
from fractions import Fraction
from pathlib import Path

import polars as pl

from benchmarks.matching import ELECTORS_OF_ALBERTA, LINES_OF_2025, WINDOW, ready_roll
from referendum.core.schemas import LINES, SHEETS
from referendum.core.tables import check_table
from referendum.matching import match_lines
from referendum.petition import GATES, gate_lines, number_lines
from referendum.simulate import PetitionPlan, simulate_petition

SCALE = Fraction(1, 10)


def main() -> None:
    """Match and print outcomes by truth; of one elector's lines the one kept counts."""
    plan = PetitionPlan(
        int(ELECTORS_OF_ALBERTA * SCALE), int(LINES_OF_2025 * SCALE), "bench", *WINDOW
    )
    with tempfile.TemporaryDirectory() as folder:
        files = simulate_petition(plan, Path(folder))
        electors = ready_roll(files.electors)
        lines = number_lines(check_table(LINES, pl.read_parquet(files.lines)).rows, "00" * 32)
        sheets = check_table(SHEETS, pl.read_parquet(files.sheets)).rows
        truth = pl.read_parquet(files.truth).select("line_id", signer="elector_id")
    # Made-up lines carry no day of birth: a statute that asks for it would let none stand.
    order = tuple(gate for gate in GATES if gate != "birth_missing")
    gates = gate_lines(lines, sheets, order, WINDOW)
    lines = lines.join(gates.filter(pl.col("gate").is_null()), on="serial", how="semi")
    matched = lines.select("serial", "line_id").join(match_lines(lines, electors), on="serial")
    judged = (
        matched.join(truth, on="line_id")
        .sort(pl.col("outcome") == "repeat", "serial")
        .with_columns(counts=pl.col("signer").is_not_null() & pl.col("signer").is_first_distinct())
    )
    for outcome, counts, number in (
        judged.group_by("outcome", "counts").len().sort("outcome", "counts").iter_rows()
    ):
        print(f"{outcome}: {number:,} lines that {'count' if counts else 'do not count'}")
