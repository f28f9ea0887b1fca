"""Made-up petitions of several sizes, for every tool the same files."""

from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import polars as pl

from referendum.core.schemas import ELECTORS
from referendum.core.tables import check_table
from referendum.roll import normalise_electors
from referendum.simulate import PetitionFiles, PetitionPlan, simulate_petition

ELECTORS_OF_ALBERTA = 2_966_192
LINES_OF_2025 = 301_062
WINDOW = (date(2026, 1, 3), date(2026, 5, 2))

SIZES = {
    "2k": (2_000, 10_000),
    "50k": (50_000, 300_000),
    "114k": (114_091, 741_548),
    "228k": (228_182, 1_483_096),
    "456k": (456_365, ELECTORS_OF_ALBERTA),
    "913k": (912_730, 5_932_384),
    "1.7M": (1_700_000, 22_000_000),
}
"""Lines and electors by name of the size."""


@dataclass(frozen=True)
class Case:
    """One petition to match: its size by name, what the sheet asks, and how lines go wrong."""

    size: str
    birth: str = "none"
    errors: str = "normal"
    error_model: str = "handwriting"

    @property
    def name(self) -> str:
        """The case as a folder's name."""
        return f"{self.size}-{self.birth}-{self.errors}-{self.error_model}"

    @property
    def plan(self) -> PetitionPlan:
        """What to make up."""
        lines, electors = SIZES[self.size]
        return PetitionPlan(
            electors, lines, "bench", *WINDOW, self.birth, self.errors, self.error_model
        )


def made(case: Case, folder: Path) -> PetitionFiles:
    """Make a case's files in a process of its own, unless they lie there from before."""
    place = folder / case.name
    files = PetitionFiles(
        *(place / f"made-up-{name}.parquet" for name in ("electors", "lines", "sheets", "truth"))
    )
    if not files.truth.exists():
        maker = get_context("spawn").Process(target=simulate_petition, args=(case.plan, place))
        maker.start()
        maker.join()
    return files


def ready_roll(path: Path) -> pl.DataFrame:
    """Check and normalise a list of electors."""
    return normalise_electors(check_table(ELECTORS, pl.read_parquet(path)).rows)
