"""Forms that are set aside: which they are, and the most ballots that each may hold."""

from collections.abc import Sequence

import polars as pl

from referendum.core.names import BLANK
from referendum.count.tables import EVERY_QUESTION, KEY, SET_ASIDE

_NUMBER = r"^\d[\d\s,.'\u2019]*$"
_DECIMALS = r"^(\d+)[.,](?:0{1,2}|0{4,})$"
"""A number and zeros after its one mark, other than three: those may be thousands."""

UNREAD = ("row_too_long", "broken_quotes", "too_many_cells")
"""Codes of rows of which no cell is known, not even the question."""

_MOST_DIGITS = 15

_CELLS = ("yes", "no", "informal", "total", "electors")


def identified(raw: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
    """Say of each faulty row which form it is."""
    text = _rows(raw, faults)
    missing = [pl.lit(None, dtype=pl.String).alias(n) for n in KEY if n not in raw.columns]
    names = pl.col(KEY).cast(pl.String).str.strip_chars()
    seen = ~names.str.contains(f"^{BLANK}*$")
    text = text.with_columns(*missing).select("row", pl.when(seen).then(names).name.keep())
    return (
        faults.join(text, on="row", how="left")
        .with_columns(
            pl.when(pl.col("code").is_in(UNREAD) & pl.lit("question" in raw.columns))
            .then(pl.lit(EVERY_QUESTION))
            .otherwise(pl.col("question").fill_null("1"))
            .alias("question"),
            pl.col("kind").fill_null("all"),
        )
        .select("row", *KEY, "column", "code", "value")
        .sort("row")
    )


def bounded(
    aside: pl.DataFrame,
    raw: pl.DataFrame,
    forms: pl.DataFrame,
    between: pl.DataFrame,
    second: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Add the most ballots that each form may hold; null where its cells do not say.

    What cannot be read is not known. A blank row, or one that names no place and has no digit,
    holds nothing: an empty line, a footer. A form that came before may have to give way to this
    one, unless they are the same.

    Args:
        aside: forms with their faults, names spelled as in `forms`.
        raw: the rows as they came.
        forms: that can be read.
        between: what was found between forms, with `ballots`.
        second: the forms of a second entry.
    """
    concerned = aside.select(KEY).unique()
    forms = forms.join(concerned, on=KEY, how="semi", maintain_order="left")
    first = forms.unique(KEY, keep="first", maintain_order=True).select(
        *KEY, *(pl.col(name).alias(f"first_{name}") for name in ("yes", "no", "total"))
    )
    again = forms.clear() if second is None else second.join(concerned, on=KEY, how="semi")
    again = again.unique(KEY, keep="first", maintain_order=True)
    joined = (
        aside.join(_numbers(raw, aside), on="row", how="left")
        .join(between.select("row", certain="ballots"), on="row", how="left")
        .join(first, on=KEY, how="left", maintain_order="left")
        .join(again.select(*KEY, again="total"), on=KEY, how="left", maintain_order="left")
        .join(forms.select("row", of_reasons="informal"), on="row", how="left")
        .with_columns(pl.coalesce("informal", "of_reasons").alias("informal"))
    )
    cells = [
        pl.when(f"lost_{name}")
        .then(pl.lit(f"{name} ?"))
        .otherwise(pl.format("{} {}", pl.lit(name), name))
        for name in _CELLS
    ]
    figures = figures_of([*cells, pl.format("second {}", "again")])
    unread = pl.col("code").is_in(UNREAD)
    joined = joined.with_columns(figures=pl.when(~unread).then(figures).replace("", None))
    # What does not add up may be wrong in any cell: the list of electors, if given, bounds it.
    votes = ("yes", "no", "informal")
    added = pl.sum_horizontal(votes)
    lacking = pl.any_horizontal(pl.col(votes).is_null())
    known = pl.coalesce("total", pl.when(~lacking).then(added), "electors")
    shifted = lacking & (added > pl.col("total")).fill_null(value=False)
    most = pl.when(known.is_not_null() & pl.col("legible") & ~shifted).then(
        pl.max_horizontal(known, added, "electors", "again")
    )
    same = pl.all_horizontal(pl.col(n) == pl.col(f"first_{n}") for n in ("yes", "no", "total"))
    nowhere = pl.col("blank") | (pl.col("place").is_null() & ~pl.col("digit"))
    bound = (
        pl.when(unread).then(None)
        .when(pl.col("code").is_in(["sum_of_others", "sum_differs"])).then("certain")
        .when(nowhere).then(0)
        .when(pl.col("code") == "not_final").then("electors")
        .when((pl.col("code") == "repeated") & same).then(0)
        .when(pl.col("code") == "repeated").then(most + pl.col("first_total"))
        .otherwise(most)
    )  # fmt: skip
    return joined.with_columns(ballots=bound.cast(pl.Int64)).select(SET_ASIDE.names()).sort("row")


def figures_of(numbers: Sequence[pl.Expr] = ()) -> pl.Expr:
    """Write the numbers of a form as `figures` has them: its cells, or texts in their place."""
    cells = numbers or [pl.format("{} {}", pl.lit(name), name) for name in _CELLS]
    return pl.concat_str(cells, separator=", ", ignore_nulls=True)


def _rows(raw: pl.DataFrame, of: pl.DataFrame) -> pl.DataFrame:
    numbered = raw.drop("row", strict=False).with_row_index("row", offset=1)
    numbered = numbered.cast({"row": pl.Int64})
    return numbered.join(of.select("row").unique(), on="row", how="semi")


def _numbers(raw: pl.DataFrame, aside: pl.DataFrame) -> pl.DataFrame:
    """Read what can be read of the numbers of faulty rows, the largest way.

    `legible` says whether all of the votes that are there can be read; `blank` that nothing stands
    in the row at all; `digit` that any cell has one.
    """
    rows = _rows(raw, aside)
    cells = pl.col(raw.drop("row", strict=False).columns).cast(pl.String).str.strip_chars()
    empty = [pl.lit(None, dtype=pl.String).alias(n) for n in _CELLS if n not in raw.columns]
    says = rows.select(
        "row",
        blank=pl.all_horizontal(cells.replace("", None).is_null()),
        digit=pl.any_horizontal(cells.str.contains(r"\d").fill_null(value=False)),
    )
    text = rows.with_columns(*empty)
    text = text.select("row", pl.col(_CELLS).cast(pl.String).str.strip_chars().replace("", None))
    readable = pl.col(_CELLS).str.contains(_NUMBER)
    whole = pl.col(_CELLS).str.replace(_DECIMALS, "$1").str.replace_all(r"\D", "")
    short = whole.str.len_chars() <= _MOST_DIGITS
    read = text.select(
        "row", pl.when(readable & short).then(whole).cast(pl.Int64, strict=False).name.keep()
    )
    lost = [
        (text[name].is_not_null() & read[name].is_null()).alias(f"lost_{name}") for name in _CELLS
    ]
    legible = pl.select(~pl.any_horizontal(lost[:4])).to_series()
    return read.with_columns(*lost, legible=legible).join(says, on="row", how="left")
