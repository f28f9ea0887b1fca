"""Returns that add up, and the rest set aside with reasons."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from referendum.core.tables import check
from referendum.count.tables import RETURNS

_WHERE = ("region", "district", "place")


@dataclass(frozen=True)
class Reconciled:
    """What came of reconciling.

    Attributes:
        returns: columns of `RETURNS`; every row adds up; ascending by its key.
        set_aside: `row` (from 1), `region`, `district`, `place`, `column`, `code`, `value`, by
            row: one for each return, with the first fault found.
    """

    returns: pl.DataFrame
    set_aside: pl.DataFrame


def reconcile(raw: pl.DataFrame, broken: Sequence[tuple[int, str]] = ()) -> Reconciled:
    """Keep the returns whose parts add up to the total.

    Codes: `missing`, `not_a_number` (also a negative one), `repeated`, `does_not_add_up`, and those
    of rows that could not be read.

    Raises:
        InputError: a column is missing.
    """
    checked = check(RETURNS, raw, broken)
    rows = checked.rows.with_columns(row=checked.numbers)
    adds_up = pl.col("yes") + pl.col("no") + pl.col("informal") == pl.col("total")
    off = rows.filter(~adds_up).select(
        "row", column=pl.lit("total"), code=pl.lit("does_not_add_up")
    )
    faulty = checked.faults.unique("row", keep="first", maintain_order=True)
    return Reconciled(
        returns=rows.filter(adds_up).drop("row").sort(_WHERE),
        set_aside=_told(raw, pl.concat([faulty, off])),
    )


def _told(raw: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
    """Say of each return that is set aside where it is and what stood in the faulty cell."""
    numbered = raw.with_row_index("row", offset=1).cast({"row": pl.Int64})
    faulty = numbered.join(faults.select("row").unique(), on="row", how="semi")
    text = faulty.with_columns(pl.exclude("row").cast(pl.String))
    cells = text.unpivot(index="row", variable_name="column", value_name="value")
    return (
        faults.join(text.select("row", *_WHERE), on="row", how="left")
        .join(cells, on=["row", "column"], how="left")
        .select("row", *_WHERE, "column", "code", "value")
        .sort("row")
    )
