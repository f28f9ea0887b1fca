"""Rows and cells of a list of electors, as decoys are made up from them."""

from collections import defaultdict
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from referendum.roll.names import Rarity

Row = dict[str, Any]


class Phones:
    """Telephone numbers: how many digits those of one place share."""

    def __init__(self, phones: list[str | None], rng: np.random.Generator) -> None:
        self.rng = rng
        self.known = {one for one in phones if one}
        self.kept = 0
        for kept in range(1, 9):
            starts = [one[:kept] for one in self.known]
            counts = Rarity(starts, lambda _: None).counts
            if not starts or sum(1 for n in counts.values() if n == 1) > 0.03 * len(starts):
                break
            self.kept = kept

    def new(self, like: str) -> str:
        """Make up a number that begins as another does, and is nobody's."""
        while True:
            digits = self.rng.integers(0, 10, max(len(like) - self.kept, 4))
            made = (like[: self.kept] + "".join(map(str, digits)))[: max(len(like), 1)]
            if made not in self.known:
                self.known.add(made)
                return made


class Rows:
    """The rows of a list, each as an object once it is asked for."""

    def __init__(self, electors: pl.DataFrame) -> None:
        self._electors = electors
        self._known: dict[int, Row] = {}

    def __len__(self) -> int:
        return self._electors.height

    def __getitem__(self, row: int) -> Row:
        if row not in self._known:
            self._known[row] = self._electors.row(row, named=True)
        return self._known[row]


def index_rows(values: list[Any], rows: list[int]) -> dict[Any, list[int]]:
    """Give the rows that have each value."""
    found: dict[Any, list[int]] = defaultdict(list)
    for row in rows:
        found[values[row]].append(row)
    return found


def first_name(names: str | None) -> str | None:
    """Give the first of given names."""
    return names.split(" ", 1)[0] if names else None


def further_names(names: str | None) -> str | None:
    """Give the given names after the first; None where there is none."""
    return names.split(" ", 1)[1] if names and " " in names else None


def in_year(day: date, year: int) -> date:
    """Give the same day of another year."""
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def keeps_to_weekdays(days: list[date | None]) -> bool:
    """Whether days stand on some days of the week far more than on others."""
    known = [day.weekday() for day in days if day is not None]
    counts = np.bincount(known, minlength=7)
    return len(known) >= 50 and counts.min() * 3 < counts.max()
