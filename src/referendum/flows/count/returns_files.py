"""The files in which a part of the returns comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from referendum.core.tables import Table
from referendum.count import FORMATS, Entry, to_forms
from referendum.tables.reading import read_raw_table, read_whole_table


@dataclass(frozen=True)
class ReturnsFiles:
    """The files of one part of the returns, and what the office says of them.

    Attributes:
        returns: the forms' numbers.
        electors: electors by district, where known.
        format: how the columns are named (`count.FORMATS`).
        scope: which votes these are, in words; None: as the other parts say, or all votes.
        provisional: whether more returns or corrections are to come.
        encoding: of CSV files.
        second: the same forms, entered again by other people.
        places: the places whose returns are expected.
        previous: an earlier vote by place.
        common_ballot: whether all questions stand on one ballot.
        update: whether the forms are put over those of the part that is put right, not in the
            place of all of them.
        accept: `rows` where forms may be set aside though they are many; columns that by their
            names may say how far a row is counted, and do not.
    """

    returns: Path
    electors: Path | None
    format: str
    scope: str | None
    provisional: bool
    encoding: str = "utf-8"
    second: Path | None = None
    places: Path | None = None
    previous: Path | None = None
    common_ballot: bool = False
    update: bool = False
    accept: Sequence[str] = ()


def read_entry(path: Path, files: ReturnsFiles) -> Entry:
    """Read one entry of the forms from its file.

    Raises:
        InputError: the file cannot be read, or lacks a column of its format.
    """
    raw = read_raw_table(path, files.encoding)
    return Entry(to_forms(FORMATS[files.format], raw.frame), raw.broken, files.accept)


def read_given_table(
    path: Path | None, table: Table, files: ReturnsFiles, before: pl.DataFrame
) -> pl.DataFrame:
    """Read a table of which every row is needed, or give the one that came before."""
    if path is None:
        return before
    return read_whole_table(table, path, files.encoding, "every row of this table is needed")
