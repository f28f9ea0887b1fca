"""What the office must accept by name before a faulty table becomes official."""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from referendum.core.errors import InputError
from referendum.core.printing import quantity
from referendum.core.tables import (
    IMPOSSIBLE_DAY,
    READABLE_CODES,
    CheckedTable,
)
from referendum.tables.requirements import require_no_misnamed_columns


def require_whole_table(checked: CheckedTable, path: Path, hint: str) -> pl.DataFrame:
    """Give the rows of a table in which every row and every cell must be usable.

    Raises:
        InputError: a row or a cell cannot be used; `hint` says why every one is needed.
    """
    require_no_misnamed_columns(checked.unknown_columns, checked.empty_columns, None, path)
    faults = checked.faulty_cells.filter(pl.col("code") != "spelt_otherwise")
    if not faults.is_empty():
        row, column, code, value = faults.row(0)
        content = "" if value is None or checked.of_people else f" ({_quote_briefly(value)})"
        day_hint = spreadsheet_day_hint({"code": code, "value": value})
        count = faults.get_column("row").n_unique()
        raise InputError(
            f"{quantity(count, 'row')} cannot be used; the first is row {row},"
            f" {column or 'the whole row'}: {code}{content}",
            where=str(path),
            hint=day_hint or hint,
        )
    return checked.rows


def _quote_briefly(value: str) -> str:
    return repr(value if len(value) <= 40 else f"{value[:40]}…")


MOST_FAULTY, MOST_SET_ASIDE = Fraction(5, 100), Fraction(1, 100)
"""Shares of a column's cells, and of a table's rows, that may be faulty without being accepted."""


ACCEPT_ROWS = "rows"
"""What the office accepts, in place of a column's name, where more rows are set aside."""


def reading_parameters(checked: Sequence[CheckedTable], accepted: Sequence[str]) -> dict[str, Any]:
    """Give the act's parameters on how tables were read: `accepted` and `readings`, if any."""
    readings = {name: how for table in checked for name, how in table.readings.items()}
    return {
        **({"accepted": sorted(set(accepted))} if accepted else {}),
        **({"readings": readings} if readings else {}),
    }


def require_accepted(
    checked: CheckedTable, accepted: Sequence[str], path: Path, *, needed: Sequence[str] = ()
) -> list[str]:
    """Require that the office accepts a table of which much cannot be read.

    Args:
        checked: the table.
        accepted: names of columns, or `rows`, that the office accepts as they are.
        path: the table's file, for the error.
        needed: columns of which even a single unreadable cell must be accepted.

    Returns:
        What had to be accepted, for the act's parameters.

    Raises:
        InputError: more than 5 per cent of the filled cells of a column are faulty, or more than 1
            per cent of the rows are set aside, and that is not accepted.
    """
    unreadable = checked.faulty_cells.filter(
        ~pl.col("code").is_in(READABLE_CODES) & (pl.col("column") != "")
    )
    needed_acceptance = require_no_misnamed_columns(
        checked.unknown_columns, checked.empty_columns, accepted, path
    )
    for column, count in unreadable.group_by("column", maintain_order=True).len().iter_rows():
        share = Fraction(count, max(checked.filled_cells.get(column, 0), 1))
        cells = unreadable.filter(pl.col("column") == column)
        every_cell_matters = column in needed and not (cells["code"] == IMPOSSIBLE_DAY).all()
        if share > MOST_FAULTY or every_cell_matters:
            first = cells.row(0, named=True)
            _refuse_unless_accepted(
                column,
                accepted,
                f"{quantity(count, 'cell')} of {column} cannot be read"
                f" ({float(share):.1%}); the first is in row {first['row']}: {first['code']}",
                path,
                spreadsheet_day_hint(first),
            )
            needed_acceptance.append(column)
    needed_acceptance += require_few_rows_set_aside(
        checked.set_aside, checked.rows.height, accepted, path
    )
    return sorted(set(needed_acceptance))


def require_few_rows_set_aside(
    aside: pl.DataFrame, kept: int, accepted: Sequence[str], path: Path, mend: str | None = None
) -> list[str]:
    """Require that the office accepts it if many rows are set aside.

    Args:
        aside: the rows set aside, with `row` and `code`.
        kept: number of the other rows.
        accepted: what the office accepts as it is.
        path: the table's file, for the error.
        mend: how to mend the file, for the hint.

    Returns:
        `rows`, if that had to be accepted.

    Raises:
        InputError: more than 1 per cent of the rows are set aside, and that is not accepted.
    """
    whole = aside.height + kept
    if aside.height <= MOST_SET_ASIDE * whole:
        return []
    first = aside.row(0, named=True)
    _refuse_unless_accepted(
        ACCEPT_ROWS,
        accepted,
        f"{quantity(aside.height, 'row')} of {whole:,} would be set aside;"
        f" the first is row {first['row']}: {first['code']}",
        path,
        mend,
    )
    return [ACCEPT_ROWS]


def _refuse_unless_accepted(
    name: str, accepted: Sequence[str], message: str, path: Path, mend: str | None = None
) -> None:
    if name not in accepted:
        advice = mend or "mend the file, or name its --encoding or --dates"
        raise InputError(
            message,
            where=str(path),
            hint=f"{advice}; to sign it as it is, and have that recorded: --accept {name}",
        )


def spreadsheet_day_hint(fault: Mapping[str, Any]) -> str | None:
    """Say how to mend a column of days for which a spreadsheet wrote its own serial numbers."""
    if fault["code"] == "not_a_date" and re.fullmatch(
        r"[1-6]\d{4}([.,]\d+)?", fault["value"] or ""
    ):
        return (
            "this is a spreadsheet's number of a day: format the column as a day"
            " (yyyy-mm-dd) and save it again"
        )
    return None
