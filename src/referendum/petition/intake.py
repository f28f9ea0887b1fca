"""Lines get the public number under which they are drawn and reported."""

import polars as pl

from referendum.core.draws import ticket

FEWEST = 200
"""Lines that are numbered together: among fewer, a number tells much of whose line it is."""


def number_lines(lines: pl.DataFrame, nonce: str, first: int = 1) -> pl.DataFrame:
    """Number lines on from `first`, in an order that only the holder of the nonce can know.

    A number in the order of the sheets would tell everyone who signed on a sheet which outcomes
    belong to their neighbours.

    Args:
        lines: a checked table of lines (`core.schemas.LINES`).
        nonce: 64 hexadecimal digits, secret.
        first: the number of the first one.

    Returns:
        The lines with `serial` as first column, ascending.
    """
    order = [ticket(nonce, line_id) for line_id in lines.get_column("line_id")]
    return (
        lines.with_columns(pl.Series("ticket", order, dtype=pl.String))
        .sort("ticket")
        .drop("ticket")
        .with_row_index("serial", offset=first)
        .with_columns(pl.col("serial").cast(pl.Int64))
    )
