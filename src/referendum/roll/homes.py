"""Who lives with whom on a list of electors, and where on its streets a house stands empty."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

ADDRESS = ("unit", "street_number", "street", "locality", "postal_code")

LARGEST = 8
"""An address of more electors holds several households, told apart by surname."""

END = 0
"""Stands for the distance from the last house of a street to the next."""


@dataclass(frozen=True)
class Slot:
    """A place where nobody of the list lives.

    Attributes:
        beside: rows of the electors at the address before; all but the number is theirs.
        column: `street_number` or `unit`.
        number: the free one.
    """

    beside: tuple[int, ...]
    column: str
    number: str


class Homes:
    """The households of a list.

    Attributes:
        of: for each elector the number of the household.
        members: for each household the rows of its members.
    """

    def __init__(self, electors: pl.DataFrame) -> None:
        """Find them."""
        address = electors.select(ADDRESS).with_columns(
            crowd=pl.len().over(ADDRESS), surname=electors["surname"]
        )
        home = address.with_columns(
            surname=pl.when(pl.col("crowd") > LARGEST).then("surname"), crowd=None
        )
        self.of = home.select(pl.struct(pl.all()).rank("dense") - 1).to_series().to_numpy()
        order = np.argsort(self.of, kind="stable")
        cuts = np.flatnonzero(np.diff(self.of[order])) + 1
        self.members: list[list[int]] = [one.tolist() for one in np.split(order, cuts)]
        self.in_crowd = (address["crowd"] > LARGEST).to_numpy()

    def others(self, row: int) -> list[int]:
        """Give those who live with an elector."""
        return [one for one in self.members[self.of[row]] if one != row]


class Streets:
    """The runs of house numbers, and of units, of a list; which numbers are free between them."""

    def __init__(self, electors: pl.DataFrame, rng: np.random.Generator) -> None:
        """Find the runs.

        Args:
            electors: `core.schemas.ELECTORS`.
            rng: random numbers.
        """
        self.steps: dict[int, tuple[int, int]] = {}
        patterns: Counter[tuple[str, int, int]] = Counter()
        runs = [*_runs(electors, "street_number"), *_runs(electors, "unit")]
        for column, numbers in runs:
            last = len(numbers) - 1
            for at, (number, rows) in enumerate(numbers):
                before = number - numbers[at - 1][0] if at else END
                after = numbers[at + 1][0] - number if at < last else END
                patterns[column, before, after] += 1
                for row in rows:
                    self.steps[row] = (before, after)
        self.columns = {row: column for column, run in runs for _, rows in run for row in rows}
        self._slots: dict[tuple[str, int, int], list[Slot]] = defaultdict(list)
        for column, numbers in runs:
            self._find(column, numbers, patterns)
        for slots in self._slots.values():
            rng.shuffle(slots)

    def like(self, row: int) -> list[Slot]:
        """Give free addresses with the distances to the next ones that an elector's has."""
        pattern = self.columns.get(row, ""), *self.steps.get(row, (END, END))
        return self._slots.get(pattern, [])

    def _find(
        self,
        column: str,
        numbers: list[tuple[int, list[int]]],
        patterns: Counter[tuple[str, int, int]],
    ) -> None:
        """Find one free number in each place of a run where others have the same distances."""
        if len(numbers) < 3:
            return
        steps = [after - before for (before, _), (after, _) in pairwise(numbers)]
        step = int(np.gcd.reduce(steps))
        for (number, rows), width in zip(numbers, steps, strict=False):
            fitting = [
                away for away in range(step, width, step) if patterns[column, away, width - away]
            ]
            for away in fitting[:1] if width > 40 * step else fitting:
                slot = Slot(tuple(rows), column, str(number + away))
                self._slots[column, away, width - away].append(slot)
        number, rows = numbers[-1]
        usual = Counter(steps).most_common(1)[0][0]
        self._slots[column, usual, END].append(Slot(tuple(rows), column, str(number + usual)))


def _runs(electors: pl.DataFrame, column: str) -> list[tuple[str, list[tuple[int, list[int]]]]]:
    """Give the whole numbers of each run in order, each with the rows that have it."""
    within = {
        "street_number": ("street", "locality", "postal_code"),
        "unit": ("street_number", "street", "locality", "postal_code"),
    }[column]
    whole = (
        electors.with_row_index("row")
        .filter(pl.col(column).str.contains(r"^[1-9][0-9]{0,8}$"))
        .with_columns(pl.col(column).cast(pl.Int64).alias("number"))
        .group_by(*within, "number", maintain_order=True)
        .agg("row")
        .sort("number")
        .group_by(*within, maintain_order=True)
        .agg("number", "row")
    )
    runs: list[tuple[str, list[tuple[int, list[int]]]]] = []
    frame: Any = whole.select("number", "row").iter_rows()
    for numbers, rows in frame:
        runs.append((column, list(zip(numbers, rows, strict=True))))
    return runs
