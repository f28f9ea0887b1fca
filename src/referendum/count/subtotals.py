"""Sums of rows that stand together in a file: subtotals, whatever they are called."""

from collections.abc import Iterator

import polars as pl

FEWEST_VOTES = 20
"""Votes, for and against, from which equal numbers of three and more rows are no accident."""

FEWEST_VOTES_OF_TWO_ROWS = 100
"""The same of two rows, or where the total of the sum leaves out what counts for neither."""

_VOTES = ("yes", "no", "total")
_SUBTOTALS = pl.Schema(dict.fromkeys(("row", *_VOTES, "first", "last"), pl.Int64))


def find_subtotals(forms: pl.DataFrame, named_rows: pl.Series) -> pl.DataFrame:
    """Find rows that are the sums of the rows right before them, or right after.

    Args:
        forms: with `row`, the place in the file.
        named_rows: numbers of the rows that are named as sums: of these one row is enough, and
            any number of votes.

    Returns:
        `row`, yes, no and total, with `first` and `last`, the rows of the file that they sum.
    """
    found = [pl.DataFrame(schema=_SUBTOTALS)]
    rows = forms.select("row", "question", *_VOTES).sort("question", "row")
    while True:
        sums = pl.concat(list(_sums_before_or_after(rows, named_rows))).unique(
            "row", maintain_order=True
        )
        if sums.is_empty():
            return pl.concat(found)
        found.append(sums)
        rows = rows.join(sums, on="row", how="anti", maintain_order="left")


def _sums_before_or_after(ordered: pl.DataFrame, named_rows: pl.Series) -> Iterator[pl.DataFrame]:
    yield _sums_before(ordered, named_rows)
    after = _sums_before(ordered.reverse(), named_rows)
    yield after.select("row", *_VOTES, first="last", last="first")


def _sums_before(rows: pl.DataFrame, named_rows: pl.Series) -> pl.DataFrame:
    """Find rows that are sums of those before: what came before them less themselves came once."""
    is_named = pl.col("row").is_in(named_rows.implode())
    likely_rows = _likely_sums(rows, is_named)
    if not likely_rows.any():
        return pl.DataFrame(schema=_SUBTOTALS)
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
    ends = rows.filter(likely_rows).join(before.drop("question"), on="row", maintain_order="left")
    ends = ends.with_columns(
        yes_then=pl.col("sum_yes") - pl.col("yes"), no_then=pl.col("sum_no") - pl.col("no")
    )
    key = ["question", "yes_then", "no_then"]
    matching_starts = starts.join(ends, on=key, how="semi")
    pairs = ends.join(matching_starts, on=key, maintain_order="left")
    sums = pairs.filter(_is_sum(is_named))
    return sums.unique("row", maintain_order=True).select(_SUBTOTALS.names())


def _likely_sums(rows: pl.DataFrame, is_named: pl.Expr) -> pl.Series:
    """Say of each row whether it can be a sum: of two rows or more, it holds the last two."""
    holds_last_two = pl.all_horizontal(
        (pl.col(name) >= pl.col(name).shift(1) + pl.col(name).shift(2)) for name in ("yes", "no")
    )
    likely = holds_last_two & (pl.min_horizontal("yes", "no") >= FEWEST_VOTES)
    likely = likely & (pl.col("question") == pl.col("question").shift(2))
    likely = likely | (is_named & (pl.col("question") == pl.col("question").shift(1)))
    return rows.select(likely.fill_null(value=False)).to_series()


def _is_sum(is_named: pl.Expr) -> pl.Expr:
    """Whether the rows between a start and an end add up to the end, and not by accident."""
    rows_added = pl.col("full") - pl.col("fuller")
    total_adds_up = pl.col("total") == pl.col("sum_total") - pl.col("total_then")
    total_is_formal = pl.col("total") == pl.col("yes") + pl.col("no")
    of_many = total_adds_up & (rows_added > 2)
    least = pl.when(of_many).then(FEWEST_VOTES).otherwise(FEWEST_VOTES_OF_TWO_ROWS)
    is_no_accident = (rows_added >= 2) & (pl.min_horizontal("yes", "no") >= least)
    return (total_adds_up | total_is_formal) & (is_no_accident | (is_named & (rows_added >= 1)))
