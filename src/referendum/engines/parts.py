"""A list in a file that is read a part at a time, on this machine."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import polars as pl

from referendum.core.errors import InputError
from referendum.core.schemas import ELECTORS
from referendum.core.tables import check_table
from referendum.matching import ROW

ROWS_AT_ONCE = 2_000_000
"""Electors that are read at a time: about a gigabyte of memory while they are processed."""


class PartSummary(NamedTuple):
    """Summary of one part, made when it is first read.

    Attributes:
        rows, set_aside: electors that can be used, and rows that cannot.
        faults: their reasons, by code.
        ids: hashes of the electors' numbers.
    """

    rows: int
    set_aside: int
    faults: dict[str, int]
    ids: np.ndarray[Any, np.dtype[np.uint64]]


class ListParts(Protocol):
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
        """Call a function with each part and the arguments `more`, and give the results."""
        ...


def check_part(raw: pl.DataFrame, before: int) -> pl.DataFrame:
    """Check a part and number its electors (`row`) after those of earlier parts."""
    rows = check_table(ELECTORS, raw).rows
    return rows.with_row_index(ROW, offset=before).cast({ROW: pl.Int64})


def summarise_part(raw: pl.DataFrame) -> PartSummary:
    """Check a part and summarise it."""
    checked = check_table(ELECTORS, raw)
    ids = checked.rows["elector_id"].hash().to_numpy()
    return PartSummary(checked.rows.height, checked.set_aside.height, checked.fault_counts(), ids)


def add_summaries(summaries: list[PartSummary], where: str) -> tuple[int, int, dict[str, int]]:
    """Add up the parts of a list: its size, its rows set aside and its faults.

    Raises:
        InputError: two parts have an elector's number in common.
    """
    ids = np.sort(np.concatenate([summary.ids for summary in summaries]))
    twice = int((ids[1:] == ids[:-1]).sum())
    if twice:
        raise InputError(
            f"{twice:,} numbers of electors stand twice, far apart",
            where=where,
            hint="mend the list, or use --engine memory, which sets the later ones aside",
        )
    faults: Counter[str] = Counter()
    for summary in summaries:
        faults.update(summary.faults)
    size, aside = (
        sum(summary.rows for summary in summaries),
        sum(summary.set_aside for summary in summaries),
    )
    return size, aside, dict(sorted(faults.items()))


def row_offsets(summaries: list[PartSummary]) -> list[int]:
    """Give for each part how many electors earlier parts have."""
    return [int(before) for before in np.cumsum([0, *(summary.rows for summary in summaries)])[:-1]]


class FileParts:
    """The list in a Parquet or CSV file (UTF-8), in the order of the file."""

    def __init__(self, path: Path, rows: int = ROWS_AT_ONCE) -> None:
        """Read the file once and summarise its parts.

        Raises:
            InputError: it cannot be read, or lacks a column, or has an elector twice.
        """
        self._path, self._rows = path, rows
        summaries = [summarise_part(raw) for raw in self._raw()]
        self._before = row_offsets(summaries)
        self.size, self.set_aside, self.faults = add_summaries(summaries, str(path))

    def run(self, function: Callable[..., Any], more: tuple[Any, ...]) -> list[Any]:
        """Call a function with each part and the arguments `more`, and give the results."""
        return [
            function(check_part(raw, before), *more)
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
