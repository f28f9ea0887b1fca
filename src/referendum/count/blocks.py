"""Sums of rows that stand together in a file: subtotals, whatever they are called."""

from collections.abc import Iterator

import polars as pl

LEAST = 20
"""Votes, for and against, from which equal numbers of three and more rows are no accident."""

FIRM = 100
"""The same of two rows, or where the total of the sum leaves out what counts for neither."""

_VOTES = ("yes", "no", "total")
_FOUND = pl.Schema(dict.fromkeys(("row", *_VOTES, "first", "last"), pl.Int64))


def sums_of_blocks(forms: pl.DataFrame, named: pl.Series) -> pl.DataFrame:
    """Find rows that are the sums of the rows right before them, or right after.

    Args:
        forms: with `row`, the place in the file.
        named: rows that are named as sums, of which one row is enough and every number will do.

    Returns:
        `row`, yes, no and total, with `first` and `last`, the rows of the file that they sum.
    """
    found = [pl.DataFrame(schema=_FOUND)]
    rows = forms.select("row", "question", *_VOTES).sort("question", "row")
    while True:
        sums = pl.concat(list(_both_ways(rows, named))).unique("row", maintain_order=True)
        if sums.is_empty():
            return pl.concat(found)
        found.append(sums)
        rows = rows.join(sums, on="row", how="anti", maintain_order="left")


def _both_ways(ordered: pl.DataFrame, named: pl.Series) -> Iterator[pl.DataFrame]:
    yield _sums_before(ordered, named)
    after = _sums_before(ordered.reverse(), named)
    yield after.select("row", *_VOTES, first="last", last="first")


def _sums_before(rows: pl.DataFrame, named: pl.Series) -> pl.DataFrame:
    """Find rows that are sums of those before: what came before them less themselves came once."""
    is_named = pl.col("row").is_in(named.implode())
    # A sum of two rows or more holds the last two: few rows need to be looked up.
    holds = pl.all_horizontal(
        (pl.col(name) >= pl.col(name).shift(1) + pl.col(name).shift(2)) for name in ("yes", "no")
    )
    likely = holds & (pl.min_horizontal("yes", "no") >= LEAST)
    likely = likely & (pl.col("question") == pl.col("question").shift(2))
    likely = likely | (is_named & (pl.col("question") == pl.col("question").shift(1)))
    chosen = rows.select(likely.fill_null(value=False)).to_series()
    if not chosen.any():
        return pl.DataFrame(schema=_FOUND)
    before = rows.select(
        "row",
        "question",
        last=pl.col("row").shift(1),
        full=(pl.col("total") > 0).cum_sum() - (pl.col("total") > 0),
        **{f"sum_{name}": pl.col(name).cum_sum() - pl.col(name) for name in _VOTES},
    )
    starts = before.select(
        "question",
        first="row",
        fuller="full",
        total_then="sum_total",
        yes_then="sum_yes",
        no_then="sum_no",
    )
    ends = rows.filter(chosen).join(before.drop("question"), on="row", maintain_order="left")
    ends = ends.with_columns(
        yes_then=pl.col("sum_yes") - pl.col("yes"), no_then=pl.col("sum_no") - pl.col("no")
    )
    wanted = starts.join(ends, on=["question", "yes_then", "no_then"], how="semi")
    pairs = ends.join(wanted, on=["question", "yes_then", "no_then"], maintain_order="left")
    size = pl.col("full") - pl.col("fuller")
    whole = pl.col("total") == pl.col("sum_total") - pl.col("total_then")
    formal = pl.col("total") == pl.col("yes") + pl.col("no")
    least = pl.when(whole & (size > 2)).then(LEAST).otherwise(FIRM)
    sure = (size >= 2) & (pl.min_horizontal("yes", "no") >= least)
    kept = pairs.filter((whole | formal) & (sure | (is_named & (size >= 1))))
    return kept.unique("row", maintain_order=True).select(_FOUND.names())
