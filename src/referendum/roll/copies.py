"""A copy of the list, with its decoys in the list's own order."""

import polars as pl


def put_together(electors: pl.DataFrame, decoys: pl.DataFrame) -> pl.DataFrame:
    """Put decoys where they stand among electors.

    Args:
        electors: `core.schemas.ELECTORS`, by number.
        decoys: the same columns and `after`: the elector behind whom one stands, or null for one
            that stands where its number does.

    Returns:
        The columns of `electors`.
    """
    behind = pl.coalesce("after", "elector_id")
    rows = pl.concat(
        [
            electors.with_columns(after=pl.lit(None, pl.String), made=pl.lit(0)),
            decoys.select(*electors.columns, "after").with_columns(made=pl.lit(1)),
        ]
    )
    return rows.sort(behind, "made", maintain_order=True).select(electors.columns)
