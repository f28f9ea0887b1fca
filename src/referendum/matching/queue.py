"""Clerical review: uncertain lines, in the order in which looking at one saves most errors."""

import polars as pl

LEAST_DOUBT = 0.05
"""Probability from which, and up to whose complement, a line is uncertain."""


def review_queue(matches: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Order the lines that people should look at.

    A line counts as what it more probably is; `doubt` is the probability that this is wrong, and so
    the errors that a look at it saves. After those come lines of which it is only open which of two
    namesakes signed (`who`), which matters where both did. Lines of equal doubt are ordered by
    sheet. That the most uncertain lines were looked at proves nothing about the rest: a decision
    needs a sample.

    Args:
        matches: a row for each line, as `match_lines` gives it, with `line_id`.
        lines: `core.schemas.LINES`.

    Returns:
        `place` (from 1), `line_id`, `sheet_id`, `line_no`, `doubt`, `who`, `listed`, `best`,
        `second_best`, `margin`, and what to search for before "not on the list" is said: `by_name`,
        `by_address`, `by_phone` (null where the line has none).
    """
    asked = matches.with_columns(
        doubt=pl.min_horizontal("listed", 1 - pl.col("listed")).round(4),
        who=pl.min_horizontal("probability", 1 - pl.col("probability")).round(4),
    ).filter((pl.col("doubt") >= LEAST_DOUBT) | (pl.col("who") >= LEAST_DOUBT))
    order = ("doubt", "who", "sheet_id", "line_no", "line_id")
    return (
        asked.join(lines, on="line_id", how="left", maintain_order="left")
        .sort(order, descending=[True, True, False, False, False])
        .with_row_index("place", offset=1)
        .select(
            *("place", "line_id", "sheet_id", "line_no", "doubt", "who", "listed", "best"),
            *("second_best", "margin"),
            by_name=_join_columns("surname", "given_names"),
            by_address=_join_columns("street_number", "street", "locality"),
            by_phone="phone",
        )
    )


def _join_columns(*columns: str) -> pl.Expr:
    text = pl.concat_str(columns, separator=" ", ignore_nulls=True)
    return pl.when(text != "").then(text)
