"""The public numbers of lines, under which they are drawn and reported."""

import polars as pl

from referendum.core.draws import ticket

FEWEST_NUMBERED = 200
"""Fewest lines that are numbered together: among fewer, a number says much on whose line it is."""


def number_lines(lines: pl.DataFrame, nonce: str, first: int = 1) -> pl.DataFrame:
    """Number lines from `first` on, in an order that only the holder of the nonce can know.

    Numbers in the order of the sheets would tell everyone who signed on a sheet which outcomes
    belong to their neighbours.

    Args:
        lines: a checked table of lines (`core.schemas.LINES`).
        nonce: 64 hexadecimal digits, secret.
        first: the first number.

    Returns:
        The lines with `serial` (Int64) as first column, ascending.
    """
    tickets = [ticket(nonce, line_id) for line_id in lines.get_column("line_id")]
    return (
        lines.with_columns(pl.Series("ticket", tickets, dtype=pl.String))
        .sort("ticket")
        .drop("ticket")
        .with_row_index("serial", offset=first)
        .with_columns(pl.col("serial").cast(pl.Int64))
    )
