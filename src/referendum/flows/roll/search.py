"""The search index of a list of electors: built once, kept where only its owner can read it."""

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

INDEX_FORMAT = "2"
"""Format of an index's files; an index in another format is built again."""

ANSWER_COLUMNS = (
    "elector_id", "given_names", "surname", "birth_year", "unit", "street_number", "street",
    "locality", "postal_code", "phone", "district", "listed_from", "listed_to",
)  # fmt: skip


@dataclass(frozen=True)
class RollIndex:
    """A search index, with the list that it was built from."""

    index: Index
    electors: pl.DataFrame

    def search(self, typed: str, limit: int = 20) -> list[dict[str, Any]]:
        """Give the electors that fit, the best first.

        Args:
            typed: words of a name and an address, in any order.
            limit: most electors that are given.

        Returns:
            For each elector the columns of `ANSWER_COLUMNS`, and `fit` (1 if every word fits).
        """
        rows, fits = search(self.index, typed, limit)
        found = self.electors.select(ANSWER_COLUMNS)[rows].with_columns(
            fit=pl.Series(fits).round(3)
        )
        return list(found.iter_rows(named=True))


def open_file_index(
    path: Path, folder: Path, encoding: str, dates: DayOrder | None = None
) -> RollIndex:
    """Open the index of a bare list, kept in its own folder in `folder`; build it if need be.

    Raises:
        InputError: the list cannot be read, or lacks a column.
    """
    if not path.is_file():
        raise InputError("there is no such file", where=str(path))
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    place = folder / "-".join(filter(None, (digest, INDEX_FORMAT, dates)))
    if not place.exists():
        _write_index(
            read_checked_table(ELECTORS, path, encoding, ReadingOptions(dates)).rows, place
        )
    return _open_index(place)


def open_record_index(record: Path, folder: Path) -> RollIndex:
    """Open the index of a record's sealed list; build it if need be.

    Raises:
        OrderError: no list was sealed.
    """
    inputs = Record.open(record).inputs(("electors",))
    place = folder / f"{inputs.digests[0].removeprefix('sha256:')}-{INDEX_FORMAT}"
    if not place.exists():
        _write_index(inputs.table("electors", "electors.parquet"), place)
    return _open_index(place)


def _write_index(electors: pl.DataFrame, place: Path) -> None:
    """Write an index whole or not at all, for its owner alone to read."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with whole_folder(place, mode=0o700) as unfinished:
        for name, array in build_index(electors)._asdict().items():
            np.save(unfinished / f"{name}.npy", array)
        electors.write_ipc(unfinished / "electors.arrow", compression="uncompressed")


def _open_index(place: Path) -> RollIndex:
    arrays = {name: np.load(place / f"{name}.npy", mmap_mode="r") for name in Index._fields}
    electors = pl.read_ipc(place / "electors.arrow")
    return RollIndex(Index(**arrays), electors)
