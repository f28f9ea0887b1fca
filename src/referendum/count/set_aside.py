"""Forms that are set aside: which they are, and the most ballots that each may hold."""

from collections.abc import Sequence

import polars as pl

from referendum.core.names import BLANK
from referendum.count.tables import EVERY_QUESTION, KEY, SET_ASIDE

_NUMBER = r"^\d[\d\s,.'\u2019]*$"
_DECIMALS = r"^(\d+)[.,](?:0{1,2}|0{4,})$"
"""A number and zeros after its one mark, other than three: those may be thousands."""

UNREADABLE_ROWS = ("row_too_long", "broken_quotes", "too_many_cells")
"""Codes of rows of which no cell is known, not even the question."""

_MOST_DIGITS = 15

_VOTES = ("yes", "no", "total")
_CELLS = ("yes", "no", "informal", "total", "electors")


def identify_forms(raw: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
    """Say of each faulty row which form it is."""
    text = _numbered_rows(raw, faults)
    missing = [pl.lit(None, dtype=pl.String).alias(n) for n in KEY if n not in raw.columns]
    names = pl.col(KEY).cast(pl.String).str.strip_chars()
    is_named = ~names.str.contains(f"^{BLANK}*$")
    text = text.with_columns(*missing).select("row", pl.when(is_named).then(names).name.keep())
    return (
        faults.join(text, on="row", how="left")
        .with_columns(
            pl.when(pl.col("code").is_in(UNREADABLE_ROWS) & pl.lit("question" in raw.columns))
            .then(pl.lit(EVERY_QUESTION))
            .otherwise(pl.col("question").fill_null("1"))
            .alias("question"),
            pl.col("kind").fill_null("all"),
        )
        .select("row", *KEY, "column", "code", "value")
        .sort("row")
    )


CELLS_AS_THEY_CAME = (
    "not_a_number", "negative", "out_of_range", "control_character", "too_long", "not_a_code",
    "not_yes_or_no", "row_too_long", "broken_quotes", "too_many_cells", "not_final",
    "entries_differ",
)  # fmt: skip
"""Codes of which `value` is what stood in the file, or in two of them."""

_NUMBERS = r"^(?:[-+0-9.,'\u{2019}%/ ]|nothing){1,60}$"


def mask_values(set_aside: pl.DataFrame) -> pl.DataFrame:
    """Put `text`, or `text 0` if it has a digit, for each `value` from a file that is no number.

    What stands in a cell by a slip, such as a name and a telephone, does not become public.
    """
    value = pl.col("value")
    is_text = pl.col("code").is_in(CELLS_AS_THEY_CAME) & ~value.str.contains(_NUMBERS)
    mask = pl.when(value.str.contains(r"\d")).then(pl.lit("text 0")).otherwise(pl.lit("text"))
    return set_aside.with_columns(value=pl.when(is_text).then(mask).otherwise(value))


def bound_ballots(
    set_aside: pl.DataFrame,
    raw: pl.DataFrame,
    forms: pl.DataFrame,
    between: pl.DataFrame,
    second_entry: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Add the most ballots that each form may hold; null where its cells do not say.

    What cannot be read is not known. A blank row, or one that names no place and has no digit,
    holds nothing: an empty line, a footer. A form that came before may have to give way to this
    one, unless they are the same.

    Args:
        set_aside: forms with their faults, names spelled as in `forms`.
        raw: the rows as they came.
        forms: that can be read.
        between: what was found between forms, with `ballots`.
        second_entry: the forms as they were entered again.

    Returns:
        The columns of `SET_ASIDE`, by row.
    """
    keys = set_aside.select(KEY).unique()
    forms = forms.join(keys, on=KEY, how="semi", maintain_order="left")
    joined = (
        set_aside.join(_read_numbers(raw, set_aside), on="row", how="left")
        .join(between.select("row", ballots_between="ballots"), on="row", how="left")
        .join(_first_forms(forms), on=KEY, how="left", maintain_order="left")
        .join(_totals_entered_again(second_entry, keys), on=KEY, how="left", maintain_order="left")
        .join(forms.select("row", of_reasons="informal"), on="row", how="left")
        .with_columns(pl.coalesce("informal", "of_reasons").alias("informal"))
    )
    can_be_read = ~pl.col("code").is_in(UNREADABLE_ROWS)
    joined = joined.with_columns(figures=pl.when(can_be_read).then(_figures()).replace("", None))
    bound = pl.when(can_be_read).then(_bound_of_code())
    return joined.with_columns(ballots=bound.cast(pl.Int64)).select(SET_ASIDE.names()).sort("row")


def _first_forms(forms: pl.DataFrame) -> pl.DataFrame:
    """Give the numbers of the form that came first of each key, as `first_yes` and so on."""
    first = forms.unique(KEY, keep="first", maintain_order=True)
    return first.select(*KEY, *(pl.col(name).alias(f"first_{name}") for name in _VOTES))


def _totals_entered_again(second_entry: pl.DataFrame | None, keys: pl.DataFrame) -> pl.DataFrame:
    """Give the total of each form in the second entry, as `again`."""
    if second_entry is None:
        return keys.with_columns(again=pl.lit(None, pl.Int64)).clear()
    entered = second_entry.join(keys, on=KEY, how="semi")
    return entered.unique(KEY, keep="first", maintain_order=True).select(*KEY, again="total")


def _figures() -> pl.Expr:
    """Write the numbers of a row, a question mark for each that cannot be read."""
    cells = [
        pl.when(f"lost_{name}")
        .then(pl.lit(f"{name} ?"))
        .otherwise(pl.format("{} {}", pl.lit(name), name))
        for name in _CELLS
    ]
    return figures_expression([*cells, pl.format("second {}", "again")])


def _bound_of_code() -> pl.Expr:
    """Bound the ballots of a row that can be read, by the fault for which it is set aside."""
    same = pl.all_horizontal(pl.col(name) == pl.col(f"first_{name}") for name in _VOTES)
    names_nothing = pl.col("blank") | (pl.col("place").is_null() & ~pl.col("digit"))
    most = _most_of_cells()
    return (
        pl.when(pl.col("code").is_in(["sum_of_others", "sum_differs"])).then("ballots_between")
        .when(names_nothing).then(0)
        .when(pl.col("code") == "not_final").then("electors")
        .when((pl.col("code") == "repeated") & same).then(0)
        .when(pl.col("code") == "repeated").then(most + pl.col("first_total"))
        .otherwise(most)
    )  # fmt: skip


def _most_of_cells() -> pl.Expr:
    """Give the most ballots that the cells of a row allow; null where they do not say.

    What does not add up may be wrong in any cell: the list of electors, if given, bounds it. Where
    a number is missing and the others are more than the total, cells may stand in wrong columns.
    """
    votes = ("yes", "no", "informal")
    added = pl.sum_horizontal(votes)
    lacks_one = pl.any_horizontal(pl.col(votes).is_null())
    known = pl.coalesce("total", pl.when(~lacks_one).then(added), "electors")
    is_shifted = lacks_one & (added > pl.col("total")).fill_null(value=False)
    return pl.when(known.is_not_null() & pl.col("legible") & ~is_shifted).then(
        pl.max_horizontal(known, added, "electors", "again")
    )


def figures_expression(numbers: Sequence[pl.Expr] = ()) -> pl.Expr:
    """Write the numbers of a form as `figures` has them: its cells, or texts in their place."""
    cells = numbers or [pl.format("{} {}", pl.lit(name), name) for name in _CELLS]
    return pl.concat_str(cells, separator=", ", ignore_nulls=True)


def _numbered_rows(raw: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    numbered = raw.drop("row", strict=False).with_row_index("row", offset=1)
    numbered = numbered.cast({"row": pl.Int64})
    return numbered.join(other.select("row").unique(), on="row", how="semi")


def _read_numbers(raw: pl.DataFrame, set_aside: pl.DataFrame) -> pl.DataFrame:
    """Read what can be read of the numbers of faulty rows, the largest way.

    `legible` says whether all of the votes that are there can be read; `blank` that nothing stands
    in the row at all; `digit` that any cell has one; `lost_yes` and so on, that a cell is not
    empty and cannot be read.
    """
    rows = _numbered_rows(raw, set_aside)
    cells = pl.col(raw.drop("row", strict=False).columns).cast(pl.String).str.strip_chars()
    empty = [pl.lit(None, dtype=pl.String).alias(n) for n in _CELLS if n not in raw.columns]
    contents = rows.select(
        "row",
        blank=pl.all_horizontal(cells.replace("", None).is_null()),
        digit=pl.any_horizontal(cells.str.contains(r"\d").fill_null(value=False)),
    )
    text = rows.with_columns(*empty)
    text = text.select("row", pl.col(_CELLS).cast(pl.String).str.strip_chars().replace("", None))
    is_number = pl.col(_CELLS).str.contains(_NUMBER)
    digits = pl.col(_CELLS).str.replace(_DECIMALS, "$1").str.replace_all(r"\D", "")
    is_short = digits.str.len_chars() <= _MOST_DIGITS
    numbers = text.select(
        "row", pl.when(is_number & is_short).then(digits).cast(pl.Int64, strict=False).name.keep()
    )
    lost = [
        (text[name].is_not_null() & numbers[name].is_null()).alias(f"lost_{name}")
        for name in _CELLS
    ]
    legible = pl.select(~pl.any_horizontal(lost[:4])).to_series()
    return numbers.with_columns(*lost, legible=legible).join(contents, on="row", how="left")
