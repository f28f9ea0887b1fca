"""Lines and sheets as they are taken: what a gate cannot know of them is marked, not held empty."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from referendum.core.errors import InputError
from referendum.core.names import id_keys
from referendum.core.tables import CheckedTable
from referendum.petition import cells_of, columns_of
from referendum.tables.acceptance import require_accepted
from referendum.tables.requirements import notify_of_similar_ids, require_gate_columns


@dataclass(frozen=True)
class Taken:
    """What the office takes of lines and sheets.

    Attributes:
        codes: the gates of the statute.
        accept: columns, or `rows`, that it accepts as they are.
    """

    codes: Sequence[str]
    accept: Sequence[str]

    def lines(
        self, checked: CheckedTable, path: Path, *, with_sheets: bool
    ) -> tuple[pl.DataFrame, list[str]]:
        """Give the lines with their `unread` cells, and what had to be accepted."""
        cells, turned = cells_of(self.codes, "line"), columns_of(self.codes, "line")
        if with_sheets and columns_of(self.codes, "sheet"):
            cells, turned = [*cells, "sheet_id"], [*turned, ("sheet_id",)]
        had = require_accepted(checked, self.accept, path, needed=cells)
        empty = require_gate_columns(checked, turned, self.accept, path)
        return _unread(checked, empty), sorted({*had, *empty})

    def sheets(self, checked: CheckedTable, path: Path) -> tuple[pl.DataFrame, list[str]]:
        """Give the sheets with their `unread` cells, and what had to be accepted."""
        notify_of_similar_ids(checked.rows["sheet_id"])
        cells, turned = cells_of(self.codes, "sheet"), columns_of(self.codes, "sheet")
        had = require_accepted(checked, self.accept, path, needed=cells)
        empty = require_gate_columns(checked, turned, self.accept, path)
        rows = _unread(checked, empty)
        if "sheet_not_issued" not in self.codes or "issued" in empty:
            return rows, sorted({*had, *empty})
        read = pl.col("unread").str.split(",").list.contains("issued").fill_null(value=False)
        blank = rows.select(pl.col("issued").is_null() & ~read).to_series()
        if not blank.any():
            return rows, sorted({*had, *empty})
        if "issued" not in self.accept:
            sheet = rows.filter(blank)["sheet_id"][0]
            raise InputError(
                f"of {blank.sum():,} sheets, {sheet} among them, it is not known whether the office"
                " issued them: issued is blank",
                where=str(path),
                hint="write yes or no of each; to sign it as it is: --accept issued",
            )
        marked = pl.when(blank).then(_joined("unread", "issued")).otherwise("unread")
        return rows.with_columns(unread=marked), sorted({*had, *empty, "issued"})


def _unread(checked: CheckedTable, empty: Sequence[str]) -> pl.DataFrame:
    rows = checked.rows.with_columns(checked.unreadable_columns())
    return rows.with_columns(unread=_joined("unread", *empty)) if empty else rows


def _joined(column: str, *names: str) -> pl.Expr:
    words = [pl.lit(name) for name in names]
    return pl.concat_str([pl.col(column), *words], separator=",", ignore_nulls=True)


def with_sheets_spelt(lines: CheckedTable, sheets: CheckedTable, path: Path) -> CheckedTable:
    """Write the numbers of sheets on lines as the table of sheets does.

    They may differ in case, blanks, leading zeros and the like (`core.names.id_keys`); such a cell
    counts as `spelt_otherwise`.

    Raises:
        InputError: a number fits several sheets.
    """
    own = lines.rows["sheet_id"]
    printed = sheets.rows["sheet_id"]
    other = own.is_not_null() & ~own.is_in(printed.implode())
    if not other.any():
        return lines
    known = pl.DataFrame({"key": id_keys(printed), "printed": printed})
    several = known.group_by("key").agg(pl.col("printed").first(), sheets=pl.len())
    found = pl.DataFrame({"own": own, "key": id_keys(own)}).join(
        several, on="key", how="left", maintain_order="left"
    )
    if (open_ones := found.filter(other & (pl.col("sheets") > 1))).height:
        raise InputError(
            f"{open_ones.height:,} lines are of a sheet that could be one of several, such as"
            f" {open_ones['own'][0]!r}, which differs from them in case, blanks or zeros alone",
            where=str(path),
            hint="write the number of each sheet on its lines as in the table of sheets",
        )
    changed = other & found["sheets"].is_not_null()
    spelt = found.select(pl.when(changed).then("printed").otherwise("own")).to_series()
    faults = lines.row_numbers.filter(changed).cast(pl.Int64).alias("row").to_frame()
    faults = faults.with_columns(
        column=pl.lit("sheet_id"), code=pl.lit("spelt_otherwise"), value=own.filter(changed)
    )
    return replace(
        lines,
        rows=lines.rows.with_columns(spelt.alias("sheet_id")),
        faulty_cells=pl.concat([lines.faulty_cells, faults]).sort("row", "column", "code"),
    )
