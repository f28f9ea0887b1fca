"""The two tables that Arlo reads: the ballot manifest and the candidate totals by batch."""

from collections.abc import Sequence

import polars as pl

from referendum.core.errors import InputError
from referendum.core.tables import Column, Table, check

_BATCH = Column("Batch Name", "text", "name of the batch", required=True)

MANIFEST = Table(
    "ballot manifest",
    (
        Column("Container", "text", "where the batch lies"),
        Column("Tabulator", "text", "which device scanned it"),
        _BATCH,
        Column("Number of Ballots", "integer", "ballots in the batch", required=True, least=0),
    ),
    key=("Batch Name",),
)


def forms_of_batches(
    manifest: pl.DataFrame, totals: pl.DataFrame, yes: str, no: Sequence[str], jurisdiction: str
) -> pl.DataFrame:
    """Join a ballot manifest and the totals by batch to forms.

    Args:
        manifest: `Batch Name`, `Number of Ballots` and maybe `Container` or `Tabulator`, as text.
        totals: `Batch Name` and a column for each choice, as text.
        yes: the column that counts as yes.
        no: the columns that together count as no.
        jurisdiction: what the forms say as region and district.

    Returns:
        A form for each batch of either table; a batch that one of them lacks has no total, or no
        votes, and will be set aside.

    Raises:
        InputError: a column is missing, or a row of either table cannot be used.
    """
    choices = [yes, *no]
    votes = Table(
        "candidate totals by batch",
        (_BATCH, *(Column(name, "integer", "votes", required=True, least=0) for name in choices)),
        key=("Batch Name",),
    )
    ballots = _whole(MANIFEST, manifest).select("Batch Name", total="Number of Ballots")
    rows = _whole(votes, totals).select(
        "Batch Name", yes=pl.col(yes), no=pl.sum_horizontal(pl.col(name) for name in no)
    )
    joined = ballots.join(rows, on="Batch Name", how="full", coalesce=True)
    return joined.select(
        region=pl.lit(jurisdiction),
        district=pl.lit(jurisdiction),
        place="Batch Name",
        yes="yes",
        no="no",
        informal=pl.col("total") - pl.col("yes") - pl.col("no"),
        total="total",
    ).sort("place")


def _whole(table: Table, raw: pl.DataFrame) -> pl.DataFrame:
    checked = check(table, raw)
    if not checked.faults.is_empty():
        row, column, code = checked.faults.row(0)
        raise InputError(
            f"{checked.faults.height} cells cannot be used; the first is {column}: {code}",
            where=f"{table.name}, row {row}",
            hint="mend the file, or export it again",
        )
    return checked.rows
