"""The index of a list of electors: built once, kept where only its owner reads, opened at once."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from referendum.core.errors import InputError
from referendum.core.schemas import ELECTORS
from referendum.core.tables import ReadingOptions
from referendum.core.written_days import DayOrder
from referendum.matching.search import Index, build_index, search
from referendum.record.durable import whole_folder
from referendum.record.reading import Record
from referendum.tables.reading import read_checked_table

FORM = "2"
"""Form of the files of an index; another form is another index."""

ANSWER = (
    "elector_id", "given_names", "surname", "birth_year", "unit", "street_number", "street",
    "locality", "postal_code", "phone", "district", "listed_from", "listed_to",
)  # fmt: skip


@dataclass(frozen=True)
class RollIndex:
    """An index that is open, and the list that it is of."""

    index: Index
    electors: pl.DataFrame

    def search(self, typed: str, limit: int = 20) -> list[dict[str, Any]]:
        """Give the electors that fit, best first, each with `fit` (1 if every word fits)."""
        rows, fits = search(self.index, typed, limit)
        found = self.electors.select(ANSWER)[rows].with_columns(fit=pl.Series(fits).round(3))
        return list(found.iter_rows(named=True))


def index_of_file(
    path: Path, folder: Path, encoding: str, dates: DayOrder | None = None
) -> RollIndex:
    """Open the index of a bare list, in a folder of its own in `folder`; build it if need be.

    Raises:
        InputError: the list cannot be read or lacks a column.
    """
    if not path.is_file():
        raise InputError("there is no such file", where=str(path))
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    place = folder / "-".join(filter(None, (digest, FORM, dates)))
    if not place.exists():
        _build(read_checked_table(ELECTORS, path, encoding, ReadingOptions(dates)).rows, place)
    return _open(place)


def index_of_record(record: Path, folder: Path) -> RollIndex:
    """Open the index of a record's sealed list; build it if need be.

    Raises:
        OrderError: no list was sealed.
    """
    inputs = Record.open(record).inputs(("electors",))
    place = folder / f"{inputs.digests[0].removeprefix('sha256:')}-{FORM}"
    if not place.exists():
        _build(inputs.table("electors", "electors.parquet"), place)
    return _open(place)


def _build(electors: pl.DataFrame, place: Path) -> None:
    """Write an index whole or not at all, for its owner's eyes."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with whole_folder(place, mode=0o700) as passing:
        for name, array in build_index(electors)._asdict().items():
            np.save(passing / f"{name}.npy", array)
        electors.write_ipc(passing / "electors.arrow", compression="uncompressed")


def _open(place: Path) -> RollIndex:
    arrays = {name: np.load(place / f"{name}.npy", mmap_mode="r") for name in Index._fields}
    electors = pl.read_ipc(place / "electors.arrow")
    return RollIndex(Index(**arrays), electors)
