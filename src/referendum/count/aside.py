"""Forms that are set aside: which they are, and the most ballots that each may hold."""

import polars as pl

from referendum.count.tables import KEY, SET_ASIDE

_NUMBER = r"^\d[\d\s,.'\u2019]*$"
_CELLS = ("yes", "no", "informal", "total", "electors")


def identified(raw: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
    """Say of each faulty row which form it is."""
    text = _rows(raw, faults)
    missing = [pl.lit(None, dtype=pl.String).alias(n) for n in KEY if n not in raw.columns]
    text = text.with_columns(*missing).select(
        "row", pl.col(KEY).cast(pl.String).str.strip_chars().replace("", None)
    )
    return (
        faults.join(text, on="row", how="left")
        .with_columns(pl.col("question").fill_null("1"), pl.col("kind").fill_null("all"))
        .select("row", *KEY, "column", "code", "value")
        .sort("row")
    )


def bounded(
    aside: pl.DataFrame, raw: pl.DataFrame, forms: pl.DataFrame, between: pl.DataFrame
) -> pl.DataFrame:
    """Add the most ballots that each form may hold; null where its cells do not say.

    A row without numbers that names no place holds nothing: a blank line, a footer. A form that
    came before may have to give way to this one, unless they are the same.

    Args:
        aside: forms with their faults, names spelled as in `forms`.
        raw: the rows as they came.
        forms: that can be read.
        between: what was found between forms, with `ballots`.
    """
    first = forms.unique(KEY, keep="first").select(
        *KEY, *(pl.col(name).alias(f"first_{name}") for name in ("yes", "no", "total"))
    )
    joined = (
        aside.join(_numbers(raw, aside), on="row", how="left")
        .join(between.select("row", certain="ballots"), on="row", how="left")
        .join(first, on=KEY, how="left", maintain_order="left")
    )
    # What does not add up may be wrong in any cell: the list of electors, if given, bounds it.
    added = pl.col("yes") + pl.col("no") + pl.col("informal").fill_null(0)
    whole = pl.when(pl.col("informal").is_not_null()).then(added)
    most = pl.max_horizontal(pl.coalesce("total", whole, "electors"), added, "electors")
    same = pl.all_horizontal(pl.col(n) == pl.col(f"first_{n}") for n in ("yes", "no", "total"))
    nameless = pl.any_horizontal(pl.col("region", "district", "place").is_null())
    bound = (
        pl.when(pl.col("code").is_in(["sum_of_others", "sum_differs"])).then("certain")
        .when(pl.col("none") & nameless).then(0)
        .when(pl.col("code") == "not_final").then("electors")
        .when((pl.col("code") == "repeated") & same).then(0)
        .when(pl.col("code") == "repeated").then(most + pl.col("first_total"))
        .otherwise(most)
    )  # fmt: skip
    return joined.with_columns(ballots=bound.cast(pl.Int64)).select(SET_ASIDE.names()).sort("row")


def _rows(raw: pl.DataFrame, of: pl.DataFrame) -> pl.DataFrame:
    numbered = raw.drop("row", strict=False).with_row_index("row", offset=1)
    numbered = numbered.cast({"row": pl.Int64})
    return numbered.join(of.select("row").unique(), on="row", how="semi")


def _numbers(raw: pl.DataFrame, aside: pl.DataFrame) -> pl.DataFrame:
    """Read what can be read of the cells of faulty rows; `none` where there is nothing at all."""
    empty = [pl.lit(None, dtype=pl.String).alias(n) for n in _CELLS if n not in raw.columns]
    text = _rows(raw, aside).with_columns(*empty)
    text = text.select("row", pl.col(_CELLS).cast(pl.String).str.strip_chars().replace("", None))
    readable = pl.col(_CELLS).str.contains(_NUMBER)
    whole = pl.col(_CELLS).str.replace(r"\.0+$", "").str.replace_all(r"\D", "")
    return text.select(
        "row",
        pl.all_horizontal(pl.col(_CELLS).is_null()).alias("none"),
        pl.when(readable).then(whole).cast(pl.Int64, strict=False).name.keep(),
    )
