"""Rows that figures of pages count: each table is read through once for the columns asked of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from referendum.verify.bundles import Bundle
from referendum.verify.report import Mismatch

MOST_ROWS = 100_000_000
"""Rows and different values that are looked at for all pages of a record."""

MOST_KEPT = 100_000
"""Different values of some columns that are kept, so that the table is read once for them."""

Values = tuple[Any, ...]


class Table:
    """A table of a bundle: read through for what is counted, kept once one of its rows is asked."""

    def __init__(self, bundle: Bundle, name: str) -> None:
        self._bundle, self._name = bundle, name
        self._columns = bundle.columns(name)
        self._rows: list[list[str]] | None = None

    def cells(self, columns: Sequence[str]) -> Iterator[Values]:
        """Give the cells of some columns, row by row."""
        places = [self._columns.index(name) for name in columns]
        for row in self._bundle.rows(self._name, self._columns):
            yield tuple(row[place] for place in places)

    def row(self, number: int) -> dict[str, str]:
        """Give a row, from 1."""
        if self._rows is None:
            self._rows = list(self._bundle.rows(self._name, self._columns))
        if not 1 <= number <= len(self._rows):
            raise Mismatch(f"there is no row {number}")
        return dict(zip(self._columns, self._rows[number - 1], strict=True))


class RowCounts:
    """How many rows have which values, of all tables and lists that figures count."""

    def __init__(self) -> None:
        self._left = MOST_ROWS
        self._counts: dict[tuple[str, Values], Counter[Values]] = {}

    def count(
        self,
        path: str,
        columns: Sequence[str],
        cells: Iterable[Values],
        has: Callable[[Values], bool],
    ) -> int:
        """Count rows.

        Args:
            path: of the table or list.
            columns: that are asked for.
            cells: their values, row by row; read only where they are not known yet.
            has: whether a row with these values counts.
        """
        asked = (path, tuple(columns))
        counts = self._counts.get(asked)
        if counts is None:
            counts = Counter(self._billed(cells))
            if len(counts) <= MOST_KEPT:
                self._counts[asked] = counts
        return sum(counts[values] for values in self._billed(counts) if has(values))

    def _billed(self, values: Iterable[Values]) -> Iterator[Values]:
        for one in values:
            self._left -= max(1, len(one))
            if self._left < 0:
                raise Mismatch(f"the pages count more than {MOST_ROWS:,} rows in all")
            yield one
