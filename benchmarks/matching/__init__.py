"""Matching made-up petitions to their lists of electors: this project beside its peers.

`python -m benchmarks.matching --help` has the settings; `python -m benchmarks matching` runs this
project alone at the smallest size.
"""

import os
import platform
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CalledProcessError

import polars as pl

from benchmarks.matching.measures import measure
from benchmarks.matching.petitions import (
    ELECTORS_OF_ALBERTA,
    LINES_OF_2025,
    WINDOW,
    Case,
    made,
    ready_roll,
)
from benchmarks.matching.report import Results, Row, markdown
from benchmarks.matching.tools import TOOLS, Tool, run

__all__ = ["ELECTORS_OF_ALBERTA", "LINES_OF_2025", "WINDOW", "main", "ready_roll", "run_all"]


def main() -> None:
    """Measure this project alone at the smallest size, and print."""
    with tempfile.TemporaryDirectory() as folder:
        print(markdown(run_all([Case("50k")], (), Path(folder), "python -m benchmarks matching")))


def cases(
    sizes: Sequence[str], births: Sequence[str], errors: Sequence[str], models: Sequence[str]
) -> list[Case]:
    """Give the cases: the first settings at every size, the others, one at a time, at the first."""
    first = Case(sizes[0], births[0], errors[0], models[0])
    return [
        *(replace(first, size=size) for size in sizes),
        *(replace(first, errors=one) for one in errors[1:]),
        *(replace(first, error_model=one) for one in models[1:]),
        *(replace(first, birth=one) for one in births[1:]),
    ]


def run_all(asked: Sequence[Case], peers: Sequence[str], folder: Path, command: str) -> Results:
    """Run this project and the peers named on every case, one process after the other.

    Args:
        asked: the cases.
        peers: names of peers (`tools.TOOLS`).
        folder: where made-up files and answers go; files there from before are used again.
        command: that is being run.
    """
    _warm(folder)
    rows, failures = [], []
    for case in asked:
        files = made(case, folder)
        truth = pl.read_parquet(files.truth)
        for tool in TOOLS:
            if not _runs(tool, case, peers):
                continue
            options = ("--birth", case.birth) if tool.peer else ()
            out = folder / case.name / f"{tool.name}.parquet"
            try:
                cost = run(replace(tool, command=(*tool.command, *options)), files, out)
            except CalledProcessError as error:
                if not tool.peer:
                    raise
                failures.append(f"{tool.name} on {case.name} ({error.returncode})")
                continue
            measures = measure(pl.read_parquet(out), truth)
            rows.append(Row(case, tool.name, cost, measures))
            print(f"{case.name}: {tool.name}: {cost.cpu:.1f} s, F1 {measures.f1:.4f}", flush=True)
    day = datetime.now(UTC).date().isoformat()
    return Results(command, day, machine(), rows, failures)


def _runs(tool: Tool, case: Case, peers: Sequence[str]) -> bool:
    asked = not tool.peer or tool.peer in peers
    return asked and (not tool.sizes or case.size in tool.sizes)


def _warm(folder: Path) -> None:
    """Match a small petition once, so that compiled code lies in its cache as after a first use."""
    case = Case("2k")
    run(TOOLS[0], made(case, folder), folder / case.name / "answers.parquet")


def machine() -> str:
    """Say on what is being measured."""
    python = f"Python {platform.python_version()}, polars {pl.__version__}"
    return f"a machine with {os.cpu_count()} cores, {python}"
