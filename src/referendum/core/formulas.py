"""Cells that a spreadsheet would take for formulas, and run.

On the lists that the office's people open in a spreadsheet such a cell has an apostrophe before it;
where a table comes in, it is taken off again.
"""

import polars as pl

from referendum.core.printing import quantity
from referendum.core.progress import notify

FORMULA = r"^[=+\-@\t\r]"
"""How a cell begins that a spreadsheet takes for a formula."""

_NEEDS_GUARD, _HAS_GUARD = r"^('*[=+\-@\t\r])", r"^'('*[=+\-@\t\r])"


def sheet_bytes(frame: pl.DataFrame) -> bytes:
    """Write a table as CSV for a spreadsheet: formulas with an apostrophe before them."""
    guarded = frame.with_columns(pl.col(pl.String).str.replace(_NEEDS_GUARD, "'${1}"))
    return guarded.write_csv().encode()


def take_off_guards(frame: pl.DataFrame) -> pl.DataFrame:
    """Take off the apostrophes that `sheet_bytes` put before cells."""
    texts = pl.col(pl.String)
    guarded = frame.select(texts.str.starts_with("'").any())
    names = [name for name in guarded.columns if guarded[name].item()]
    return frame.with_columns(pl.col(names).str.replace(_HAS_GUARD, "${1}"))


def notify_of_formulas(names: pl.DataFrame) -> None:
    """Give notice of names that a spreadsheet takes for formulas: names are published as they are.

    Args:
        names: columns of names.
    """
    for column in names.iter_columns():
        count = int(column.str.contains(FORMULA).sum())
        if count:
            notify(
                f"{quantity(count, 'cell')} of {column.name} may be taken for a formula by"
                " spreadsheets (= + - @ at the beginning): they are published as they are"
            )
