"""Candidates: for each line the electors who share a key with it.

Each key is one equality join, so the work grows with the lines. A key that so many electors share
that it says little (an apartment block, a very frequent name) is passed over.
"""

import polars as pl

from referendum.core.progress import step

MOST_PER_KEY = 60
"""Electors that may share a key before it is passed over."""

_KEYS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("surname", "surname"), ("postal", "postal")),
    (("surname", "surname"), ("number", "number"), ("street", "street")),
    (("formal", "formal"), ("surname", "surname")),
    (("formal", "formal"), ("postal", "postal")),
    (("formal", "formal"), ("number", "number"), ("street", "street")),
    (("postal", "postal"), ("number", "number")),
    (("last", "surname"), ("postal", "postal")),
    (("surname", "last"), ("postal", "postal")),
    (("surname", "first_last"), ("postal", "postal")),
    (("surname", "given"), ("given", "surname")),
    (("phone", "phone"),),
)
"""Keys as pairs of (column of the line, column of the elector)."""


def candidate_pairs(lines: pl.DataFrame, electors: pl.DataFrame) -> pl.DataFrame:
    """Find the pairs that share a key.

    Args:
        lines: keys of the lines (`keys.with_keys`).
        electors: keys of the electors.

    Returns:
        `line`, `elector` (their ids), each pair once, ascending.
    """
    pairs = []
    for number, key in enumerate(_KEYS, start=1):
        pairs.append(_sharing(lines, electors, key))
        step("finding candidates", number, len(_KEYS))
    return pl.concat(pairs).unique().sort("line", "elector")


def _sharing(
    lines: pl.DataFrame, electors: pl.DataFrame, key: tuple[tuple[str, str], ...]
) -> pl.DataFrame:
    ours = lines.select(pl.col("id").alias("line"), _hash([line for line, _ in key])).drop_nulls()
    theirs = electors.select(
        pl.col("id").alias("elector"), _hash([elector for _, elector in key])
    ).drop_nulls()
    theirs = theirs.join(ours.select("key").unique(), on="key", how="semi")
    common = theirs.group_by("key").len().filter(pl.col("len") > MOST_PER_KEY)
    return ours.join(theirs.join(common, on="key", how="anti"), on="key").select("line", "elector")


def _hash(columns: list[str]) -> pl.Expr:
    # A clash of two keys only adds a candidate, which then scores low.
    whole = pl.all_horizontal(pl.col(column).is_not_null() for column in columns)
    return pl.when(whole).then(pl.concat_str(columns, separator="|").hash(seed=0)).alias("key")
