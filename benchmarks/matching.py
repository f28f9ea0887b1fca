"""Matching a made-up petition to its list of electors, beside the truth it was made from."""

import os
import resource
import tempfile
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import polars as pl

from referendum.core.schemas import ELECTORS, LINES, SHEETS
from referendum.core.tables import check
from referendum.matching import match_lines
from referendum.petition import GATES, gate_lines, number_lines
from referendum.roll import normalise_electors
from referendum.simulate import Files, Plan, simulate_petition

ELECTORS_OF_ALBERTA = 2_966_192
LINES_OF_2025 = 301_062
WINDOW = (date(2026, 1, 3), date(2026, 5, 2))
STRANGERS = ["relative", "new_at_address", "not_listed", "outside"]

Result = TypeVar("Result")


def main() -> None:
    """Measure and print."""
    scale = Fraction(os.environ.get("SCALE", "1/20"))
    plan = Plan(int(ELECTORS_OF_ALBERTA * scale), int(LINES_OF_2025 * scale), "bench", *WINDOW)
    with tempfile.TemporaryDirectory() as folder:
        # In a process of its own, so that its memory is not counted.
        maker = get_context("spawn").Process(target=simulate_petition, args=(plan, Path(folder)))
        maker.start()
        maker.join()
        names = ("electors", "lines", "sheets", "truth")
        files = Files(*(Path(folder) / f"made-up-{name}.parquet" for name in names))
        electors, on_roll = timed(lambda: ready_roll(files.electors))
        lines, at_gates = timed(lambda: standing_lines(files))
        matches, matching = timed(lambda: match_lines(lines, electors))
        truth = pl.read_parquet(files.truth)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"matching: {plan.lines:,} lines, {lines.height:,} of them standing, to"
        f" {plan.electors:,} electors: {on_roll:.1f} s of CPU to check and normalise the list,"
        f" {at_gates:.1f} s to check and gate the lines, {matching:.1f} s to match;"
        f" peak memory {peak:.2f} GiB"
    )
    report(lines.select("serial", "line_id").join(matches, on="serial").join(truth, on="line_id"))


def ready_roll(path: Path) -> pl.DataFrame:
    """Check and normalise the list of electors."""
    return normalise_electors(check(ELECTORS, pl.read_parquet(path)).rows)


def standing_lines(files: Files) -> pl.DataFrame:
    """Check and number the lines, and keep those that pass every gate."""
    lines = number_lines(check(LINES, pl.read_parquet(files.lines)).rows, "00" * 32)
    sheets = check(SHEETS, pl.read_parquet(files.sheets)).rows
    # Made-up lines bear no date of birth.
    applied = tuple(code for code in GATES if code != "birth_missing")
    gates = gate_lines(lines, sheets, applied, WINDOW)
    return lines.join(gates.filter(pl.col("gate").is_null()), on="serial", how="semi")


def report(judged: pl.DataFrame) -> None:
    """Print what the matches are worth beside the truth."""
    called = judged.filter((pl.col("outcome") == "listed") & pl.col("elector_id").is_not_null())
    right = called.filter(pl.col("elector_id") == pl.col("elector_id_right"))
    print(
        f"  called listed and an elector named, elector right: {share(right.height, called.height)}"
    )
    for kinds in (["valid", "moved"], ["valid"], ["moved"]):
        tell(judged, kinds, ["listed", "unsure", "not_listed", "repeat"])
    for kind in STRANGERS:
        tell(judged, [kind], ["listed", "unsure"])
    # A pair is one person's where both lines have one true elector, whichever was signed first.
    signed = judged.select(repeat_of="serial", signer_of_first="elector_id_right")
    repeats = judged.filter(pl.col("outcome") == "repeat").join(signed, on="repeat_of")
    found = repeats.filter(pl.col("elector_id_right") == pl.col("signer_of_first")).height
    signers = judged["elector_id_right"].drop_nulls()
    print(f"  repeats found: {share(found, signers.len() - signers.n_unique())}")
    print(f"  false repeats: {share(repeats.height - found, judged.height)}")


def tell(judged: pl.DataFrame, kinds: list[str], outcomes: list[str]) -> None:
    """Print how the lines of some kinds came out."""
    of_kind = judged.filter(pl.col("kind").is_in(kinds))
    parts = [
        f"{outcome} {share((of_kind['outcome'] == outcome).sum(), of_kind.height)}"
        for outcome in outcomes
    ]
    print(f"  truly {' or '.join(kinds)}: {'; '.join(parts)}")


def share(part: int, whole: int) -> str:
    """Write a share with the numbers that it is of."""
    return f"{part / max(whole, 1):.2%} ({part:,} of {whole:,})"


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """Give what the work gives, and the user and system seconds that it took."""
    before = sum(os.times()[:2])
    result = work()
    return result, sum(os.times()[:2]) - before


if __name__ == "__main__":
    main()
