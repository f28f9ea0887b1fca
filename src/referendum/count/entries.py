"""Two entries of the same forms, by different people, held against each other."""

import polars as pl

from referendum.core.names import name_keys
from referendum.count.set_aside import figures_expression
from referendum.count.tables import FORMS, KEY

_COMPARED = [
    column.name
    for column in FORMS.columns
    if column.name not in {*KEY, "entered_by", "explanation"}
]


def compare_entries(first: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """Compare two entries, form by form and number by number.

    The paper leads: what differs is looked up on the form and entered again. A form that only the
    second entry has is told by `find_forms_only_in_second`.

    Args:
        first: forms with `row`, question and kind filled in.
        second: the same of the second entry; row numbers of its own.

    Returns:
        `row` (of the first entry), `column`, `code`, `value`: the first difference of each form.
    """
    joined = first.join(second, on=KEY, how="left", suffix="_again")
    only_in_first = joined.filter(pl.col("row_again").is_null())
    in_both = joined.filter(pl.col("row_again").is_not_null())
    by = pl.col("entered_by")
    clerk, other_clerk = (name_keys(in_both[name]) for name in ("entered_by", "entered_by_again"))
    unsigned = clerk.fill_null("").eq("") | other_clerk.fill_null("").eq("")
    found = [
        _fault(in_both.filter(unsigned), "entered_by", "no_clerk", by),
        _fault(in_both.filter(~unsigned & (clerk == other_clerk)), "entered_by", "same_clerk", by),
        *(_find_differences(in_both, name) for name in _COMPARED),
        _fault(only_in_first, "place", "entered_once", pl.col("place")),
    ]
    return pl.concat(found)


def find_forms_only_in_second(first: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """Give the forms of the second entry that the first lacks, under its own row numbers."""
    missing = second.join(first, on=KEY, how="anti").sort("row")
    return missing.select(
        "row",
        *KEY,
        column=pl.lit("place"),
        code=pl.lit("entered_once"),
        value=pl.lit("second entry"),
        figures=figures_expression(),
        ballots=pl.max_horizontal("total", "electors"),
    )


def _find_differences(in_both: pl.DataFrame, name: str) -> pl.DataFrame:
    first, second = pl.col(name), pl.col(f"{name}_again")
    both_values = pl.concat_str(
        first.cast(pl.String).fill_null("nothing"),
        pl.lit(" / "),
        second.cast(pl.String).fill_null("nothing"),
    )
    return _fault(in_both.filter(first.ne_missing(second)), name, "entries_differ", both_values)


def _fault(rows: pl.DataFrame, column: str, code: str, value: pl.Expr) -> pl.DataFrame:
    return rows.select("row", column=pl.lit(column), code=pl.lit(code), value=value.cast(pl.String))
