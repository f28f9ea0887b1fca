"""Lines and sheets as the office takes them; cells that gates could not judge are `unread`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from referendum.core.errors import InputError
from referendum.core.names import id_keys
from referendum.core.tables import CheckedTable, spell_as_known
from referendum.petition import gate_columns, required_cells
from referendum.tables.acceptance import require_accepted
from referendum.tables.requirements import notify_of_similar_ids, require_gate_columns


@dataclass(frozen=True)
class GateRequirements:
    """What the gates require of the tables of lines and sheets, and what the office accepts.

    Attributes:
        codes: the gates of the statute.
        accept: columns, or `rows`, that the office accepts as they are.
    """

    codes: Sequence[str]
    accept: Sequence[str]

    def lines(
        self, checked: CheckedTable, path: Path, *, with_sheets: bool
    ) -> tuple[pl.DataFrame, list[str]]:
        """Give the lines with the names of their `unread` cells, and what had to be accepted."""
        cells, groups = required_cells(self.codes, "line"), gate_columns(self.codes, "line")
        if with_sheets and gate_columns(self.codes, "sheet"):
            cells, groups = [*cells, "sheet_id"], [*groups, ("sheet_id",)]
        accepted = require_accepted(checked, self.accept, path, needed=cells)
        empty = require_gate_columns(checked, groups, self.accept, path)
        return _mark_unread_cells(checked, empty), sorted({*accepted, *empty})

    def sheets(self, checked: CheckedTable, path: Path) -> tuple[pl.DataFrame, list[str]]:
        """Give the sheets with the names of their `unread` cells, and what had to be accepted."""
        notify_of_similar_ids(checked.rows["sheet_id"])
        cells, groups = required_cells(self.codes, "sheet"), gate_columns(self.codes, "sheet")
        accepted = require_accepted(checked, self.accept, path, needed=cells)
        empty = require_gate_columns(checked, groups, self.accept, path)
        rows = _mark_unread_cells(checked, empty)
        if "sheet_not_issued" not in self.codes or "issued" in empty:
            return rows, sorted({*accepted, *empty})
        unreadable = pl.col("unread").str.split(",").list.contains("issued")
        is_blank = pl.col("issued").is_null() & ~unreadable.fill_null(value=False)
        blank = rows.select(is_blank).to_series()
        if not blank.any():
            return rows, sorted({*accepted, *empty})
        if "issued" not in self.accept:
            first = checked.row_numbers.filter(blank)[0]
            raise InputError(
                f"of {blank.sum():,} sheets it is not known whether the office issued them: issued"
                f" is blank; the first is row {first}",
                where=str(path),
                hint="write yes or no of each; to sign it as it is: --accept issued",
            )
        marked = pl.when(blank).then(_join_names("unread", "issued")).otherwise("unread")
        return rows.with_columns(unread=marked), sorted({*accepted, *empty, "issued"})


def hold_districts(checked: CheckedTable, known: pl.Series) -> CheckedTable:
    """Empty the cells of districts that are not on a list, and count each as a fault.

    A district becomes public under the number of its line, and another cell of the line may have
    slipped into its column. Without a list only what cannot be a name is found.

    Args:
        checked: lines.
        known: names of the districts (String); empty if no list of them is known.
    """
    written = checked.rows["district"]
    if known.is_empty():
        strange = written.str.contains(_NO_NAME).fill_null(value=False)
        spelt = written
    else:
        spelt = spell_as_known(written, known)
        strange = spelt.is_not_null() & ~spelt.is_in(known.implode())
    if not strange.any():
        return replace(checked, rows=checked.rows.with_columns(spelt.alias("district")))
    faults = checked.row_numbers.filter(strange).cast(pl.Int64).alias("row").to_frame()
    faults = faults.with_columns(
        column=pl.lit("district"), code=pl.lit("not_a_code"), value=written.filter(strange)
    )
    held = pl.DataFrame({"strange": strange, "spelt": spelt})
    kept = held.select(pl.when(~pl.col("strange")).then("spelt").alias("district")).to_series()
    return replace(
        checked,
        rows=checked.rows.with_columns(kept),
        faulty_cells=pl.concat([checked.faulty_cells, faults]).sort("row", "column", "code"),
    )


_NO_NAME = r"[0-9]{4}|[@<>=|;]|^[-+]|^.{61}"
"""What no name of a district has: a long number, signs of addresses and formulas, great length."""


def _mark_unread_cells(checked: CheckedTable, empty: Sequence[str]) -> pl.DataFrame:
    rows = checked.rows.with_columns(checked.unreadable_columns())
    return rows.with_columns(unread=_join_names("unread", *empty)) if empty else rows


def _join_names(column: str, *names: str) -> pl.Expr:
    words = [pl.lit(name) for name in names]
    return pl.concat_str([pl.col(column), *words], separator=",", ignore_nulls=True)


def respell_sheet_ids(lines: CheckedTable, sheets: CheckedTable, path: Path) -> CheckedTable:
    """Spell the numbers of sheets on lines as the table of sheets does.

    Forms of one number may differ in case, blanks, leading zeros and the like
    (`core.names.id_keys`); a cell that is changed counts as `spelt_otherwise`.

    Raises:
        InputError: a number fits several sheets.
    """
    own = lines.rows["sheet_id"]
    printed = sheets.rows["sheet_id"]
    unknown = own.is_not_null() & ~own.is_in(printed.implode())
    if not unknown.any():
        return lines
    known = pl.DataFrame({"key": id_keys(printed), "printed": printed})
    sheets_by_key = known.group_by("key").agg(pl.col("printed").first(), sheets=pl.len())
    found = pl.DataFrame({"own": own, "key": id_keys(own)}).join(
        sheets_by_key, on="key", how="left", maintain_order="left"
    )
    if (ambiguous := found.filter(unknown & (pl.col("sheets") > 1))).height:
        first = lines.row_numbers.filter(unknown & (found["sheets"] > 1).fill_null(value=False))[0]
        raise InputError(
            f"{ambiguous.height:,} lines, the first in row {first}, are of a sheet that could be"
            " one of several, which differ in case, blanks or zeros alone",
            where=str(path),
            hint="write the number of each sheet on its lines as in the table of sheets",
        )
    changed = unknown & found["sheets"].is_not_null()
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
