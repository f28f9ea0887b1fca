"""A whole made-up petition: electors, sheets, lines and the truth, written as streams."""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from referendum.core.errors import InputError
from referendum.core.progress import report_progress
from referendum.core.schemas import LINES, SHEETS
from referendum.simulate.births import write_births
from referendum.simulate.chance import Array, random_stream
from referendum.simulate.corruption import QUALITY, corrupt_lines
from referendum.simulate.electors import draw_chunk
from referendum.simulate.signers import FINDINGS, draw_signers

ELECTORS_AT_ONCE = 100_000
LINES_ON_A_SHEET = 7

MADE_UP = {"made_up": "yes: simulated people and signatures; nobody in this file is real"}


@dataclass(frozen=True)
class PetitionPlan:
    """What to make up.

    Attributes:
        electors: size of the list.
        lines: signature lines.
        seed: same seed, same people.
        first_day, last_day: of signing.
        birth: what the sheet asks of the day of birth (`births.BIRTH`); the list has it always.
        errors: how often things go wrong (`corruption.ERRORS`).
        error_model: how they do (`corruption.MODELS`).
    """

    electors: int
    lines: int
    seed: str
    first_day: date
    last_day: date
    birth: str = "none"
    errors: str = "normal"
    error_model: str = "handwriting"


@dataclass(frozen=True)
class PetitionFiles:
    """Where the files of a made-up petition lie."""

    electors: Path
    lines: Path
    sheets: Path
    truth: Path


def simulate_petition(plan: PetitionPlan, folder: Path) -> PetitionFiles:
    """Make up a petition in a folder.

    The list of electors is made and written in chunks, so that memory does not grow with it.

    Raises:
        InputError: more lines are asked for than the electors could sign, or signing ends before
            it begins.
    """
    if plan.lines > plan.electors * 0.55:
        raise InputError(
            f"{plan.lines:,} lines need more than {plan.electors:,} electors",
            hint="at most 55 lines for 100 electors",
        )
    if plan.last_day < plan.first_day:
        raise InputError(f"the last day, {plan.last_day}, is before the first, {plan.first_day}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "MADE-UP.txt").write_text(
        f"The files in this folder are made up from the seed {plan.seed!r}.\n"
        "Nobody in them is real.\n"
    )
    files = PetitionFiles(
        *(folder / f"made-up-{name}.parquet" for name in ("electors", "lines", "sheets", "truth"))
    )
    intended = _write_electors(plan, files.electors)
    lines, sheets, truth = _fill_sheets(plan, intended)
    for frame, path in ((lines, files.lines), (sheets, files.sheets), (truth, files.truth)):
        frame.write_parquet(path, metadata=MADE_UP)
    return files


def perfect_findings(truth: Path, line_ids: Iterable[str], *, copies: bool = False) -> pl.DataFrame:
    """Give the findings of a checker who makes no errors: `line_id`, `finding`.

    Args:
        truth: the made-up petition's file of truth.
        line_ids: the lines asked about.
        copies: whether repeats count only among these lines: then the first of an elector's is
            valid, the next `copy_2`, and so on; else every line but the very first is `repeat`.
    """
    asked = pl.DataFrame({"line_id": list(line_ids)}, schema={"line_id": pl.String})
    known = pl.read_parquet(truth, columns=["line_id", "repeat_of", "finding"])
    found = asked.join(known, on="line_id", how="left", maintain_order="left")
    if not copies:
        return found.select("line_id", "finding")
    firsts = known.select(person="line_id", of_person="finding")
    copy_number = pl.int_range(1, pl.len() + 1).over("person")
    counted = (
        found.with_columns(person=pl.coalesce("repeat_of", "line_id"))
        .join(firsts, on="person", how="left", maintain_order="left")
        .with_columns(nth=copy_number)
    )
    again = (pl.col("of_person") == "valid") & (pl.col("nth") > 1)
    finding = pl.when(again).then(pl.format("copy_{}", "nth")).otherwise("of_person")
    return counted.select("line_id", finding=finding)


def _write_electors(plan: PetitionPlan, path: Path) -> pl.DataFrame:
    """Write the list and give what the signers intend to write."""
    starts = range(0, plan.electors, ELECTORS_AT_ONCE)
    intended: list[pl.DataFrame] = []
    so_far = 0
    with tempfile.TemporaryDirectory(dir=path.parent) as parts:
        for number, start in enumerate(starts):
            count = min(ELECTORS_AT_ONCE, plan.electors - start)
            chunk = draw_chunk(plan.seed, number, start + 1, count)
            chunk.electors.write_parquet(Path(parts) / f"{number:05}.parquet")
            share = plan.lines * (start + count) // plan.electors - so_far
            signers = draw_signers(plan.seed, number, chunk, share)
            intended.append(signers.with_columns(pl.col("again") + so_far))
            so_far += share
            report_progress("making up electors", start + count, plan.electors)
        pl.scan_parquet(Path(parts) / "*.parquet").sink_parquet(
            path, metadata=MADE_UP, maintain_order=True
        )
    return pl.concat(intended).with_row_index("person")


def _fill_sheets(
    plan: PetitionPlan, intended: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Put the lines on sheets, key them, and keep the truth."""
    rng = random_stream(plan.seed, "sheets")
    placed = intended[_sheet_order(rng, intended)]
    count = placed.height
    sheet = np.arange(count) // LINES_ON_A_SHEET
    sheets = _sheets(plan, rng, int(sheet[-1]) + 1)
    quality = pl.Series(rng.choice(list(QUALITY), len(sheets), p=[0.4, 0.45, 0.15]))[sheet]
    keyed = corrupt_lines(placed, quality, rng, plan.error_model, plan.errors)
    births = random_stream(plan.seed, "births on sheets")
    keyed = write_births(keyed, quality, births, plan.birth, plan.errors)
    sheet_ids = sheets["sheet_id"][sheet]
    line_no = np.arange(count) % LINES_ON_A_SHEET + 1
    keyed = keyed.with_columns(
        line_id=pl.Series([f"{s}-{n}" for s, n in zip(sheet_ids, line_no, strict=True)]),
        sheet_id=sheet_ids,
        line_no=pl.Series(line_no),
        canvasser_id=sheets["canvasser_id"][sheet],
        signed_on=_signing_days(plan, rng, sheets["first_signed"].to_numpy()[sheet]),
    )
    lines = keyed.select(LINES.schema.names()).cast(LINES.schema)
    return lines, sheets.select(SHEETS.schema.names()).cast(SHEETS.schema), _truth(keyed)


def _sheet_order(rng: np.random.Generator, intended: pl.DataFrame) -> Array:
    """Keep neighbours together; strangers and repeats come in anywhere, repeats after the first."""
    count = intended.height
    place = np.arange(count, dtype=float)
    loose = ~intended["kind"].is_in(["valid", "moved"]).to_numpy()
    place[loose] = rng.random(loose.sum()) * count
    again = intended["again"].to_numpy()
    repeats = np.flatnonzero(~np.isnan(again))
    first = place[again[repeats].astype(int)]
    place[repeats] = first + (count - first) * rng.random(len(repeats))
    return np.argsort(place, kind="stable")


def _sheets(plan: PetitionPlan, rng: np.random.Generator, count: int) -> pl.DataFrame:
    """Make up the sheets: few large canvassers and many small ones, some without an affidavit."""
    sizes = np.maximum(1, rng.lognormal(1.5, 1.0, count)).astype(int)
    canvasser = np.repeat(np.arange(count), sizes)[:count]
    days = (plan.last_day - plan.first_day).days
    first = np.datetime64(plan.first_day) + np.sort(rng.integers(0, max(days, 1), count))
    sworn = np.where(rng.random(count) < 0.997, np.datetime64(plan.last_day), np.datetime64("NaT"))
    return pl.DataFrame(
        {
            "sheet_id": [f"S{number:06}" for number in range(1, count + 1)],
            "issued": np.where(rng.random(count) < 0.998, "yes", "no").tolist(),
            "canvasser_id": [f"C{number + 1:05}" for number in canvasser],
            "affidavit_on": sworn,
            "first_signed": first,
        }
    )


def _signing_days(plan: PetitionPlan, rng: np.random.Generator, first: Array) -> pl.Series:
    """Write days as people do: mostly right, sometimes none, too early, too late or in 2206."""
    day = np.minimum(first + rng.integers(0, 2, len(first)), np.datetime64(plan.last_day))
    slip = rng.random(len(first))
    before = np.datetime64(plan.first_day) - rng.integers(1, 20, len(first))
    after = np.datetime64(plan.last_day) + rng.integers(1, 6, len(first))
    far = day + np.timedelta64(180 * 365 + 44, "D")
    none = np.datetime64("NaT")
    cases = [slip < 0.008, slip < 0.010, slip < 0.013, slip < 0.0135]
    return pl.Series(np.select(cases, [np.full(len(first), none), before, after, far], day)).cast(
        pl.Date
    )


def _truth(keyed: pl.DataFrame) -> pl.DataFrame:
    """Give for each line who signed, what is true of it, and what went wrong on the way."""
    ids = keyed.select(pl.col("person").cast(pl.Int64).alias("again"), repeat_of="line_id")
    return keyed.join(ids, on="again", how="left", maintain_order="left").select(
        "line_id",
        "elector_id",
        "kind",
        "repeat_of",
        "corruptions",
        name_origin="origin",
        finding=pl.col("kind").replace_strict(FINDINGS),
    )
