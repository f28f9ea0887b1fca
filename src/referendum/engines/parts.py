"""A list in a file that is read a part at a time, on this machine."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import polars as pl

from referendum.core.errors import InputError
from referendum.core.schemas import ELECTORS
from referendum.core.tables import check
from referendum.matching import ROW

ROWS = 2_000_000
"""Electors that are read at a time: about a gigabyte of memory while they are worked on."""


class Read(NamedTuple):
    """What is seen of one part when it is read.

    Attributes:
        rows, set_aside: electors that can be used, and rows that cannot.
        faults: their reasons, by code.
        ids: hashes of the electors' numbers.
    """

    rows: int
    set_aside: int
    faults: dict[str, int]
    ids: np.ndarray[Any, np.dtype[np.uint64]]


class PartsOfList(Protocol):
    """A list in parts.

    Attributes:
        size: electors that can be used.
        set_aside: rows that cannot.
        faults: their reasons, and those of cells left empty, by code.
    """

    size: int
    set_aside: int
    faults: dict[str, int]

    def run(self, function: Callable[..., Any], more: tuple[Any, ...]) -> list[Any]:
        """Call a function with each part and then `more`, and give what came of each."""
        ...


def part_of(raw: pl.DataFrame, before: int) -> pl.DataFrame:
    """Check a part and number its electors (`row`) after those of earlier parts."""
    rows = check(ELECTORS, raw).rows
    return rows.with_row_index(ROW, offset=before).cast({ROW: pl.Int64})


def seen(raw: pl.DataFrame) -> Read:
    """See what a part holds."""
    found = check(ELECTORS, raw)
    ids = found.rows["elector_id"].hash().to_numpy()
    return Read(found.rows.height, found.set_aside.height, found.fault_counts(), ids)


def summed(reads: list[Read], where: str) -> tuple[int, int, dict[str, int]]:
    """Give the size of a list, its rows set aside and its faults.

    Raises:
        InputError: two parts have an elector's number in common.
    """
    ids = np.sort(np.concatenate([read.ids for read in reads]))
    twice = int((ids[1:] == ids[:-1]).sum())
    if twice:
        raise InputError(
            f"{twice:,} numbers of electors stand twice, far apart",
            where=where,
            hint="mend the list, or use --engine memory, which sets the later ones aside",
        )
    faults: Counter[str] = Counter()
    for read in reads:
        faults.update(read.faults)
    size, aside = sum(read.rows for read in reads), sum(read.set_aside for read in reads)
    return size, aside, dict(sorted(faults.items()))


def sums_before(reads: list[Read]) -> list[int]:
    """Give for each part how many electors earlier parts have."""
    return [int(before) for before in np.cumsum([0, *(read.rows for read in reads)])[:-1]]


class FileParts:
    """The list in a Parquet or CSV file (UTF-8), in the order of the file."""

    def __init__(self, path: Path, rows: int = ROWS) -> None:
        """Read it once, and see what it holds.

        Raises:
            InputError: it cannot be read, or lacks a column, or has an elector twice.
        """
        self._path, self._rows = path, rows
        reads = [seen(raw) for raw in self._raw()]
        self._before = sums_before(reads)
        self.size, self.set_aside, self.faults = summed(reads, str(path))

    def run(self, function: Callable[..., Any], more: tuple[Any, ...]) -> list[Any]:
        """Call a function with each part and then `more`, and give what came of each."""
        return [
            function(part_of(raw, before), *more)
            for raw, before in zip(self._raw(), self._before, strict=True)
        ]

    def _raw(self) -> Iterator[pl.DataFrame]:
        try:
            if self._path.suffix == ".parquet":
                frame = pl.scan_parquet(self._path)
            else:
                frame = pl.scan_csv(self._path, infer_schema=False)
            start = 0
            while True:
                raw = frame.slice(start, self._rows).collect()
                if start and raw.is_empty():
                    return
                yield raw
                start += self._rows
        except (OSError, pl.exceptions.PolarsError) as error:
            raise InputError(f"cannot be read: {error}", where=str(self._path)) from error
