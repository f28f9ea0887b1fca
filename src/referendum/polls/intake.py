"""Polls as they come: rows that can be used, the rest set aside with coded reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

from referendum.core.tables import Checked, check
from referendum.polls.tables import BALLOT, MODES, POLLS

Side = Literal["yes", "no", "none"]

MOST = 102
"""Per cent that rounded shares may add up to."""

_SHARES = ("yes", "no", "undecided")
_TOLD = ("row", "pollster", "field_end", "column", "code", "value")


@dataclass(frozen=True)
class Campaign:
    """The referendum that polls are about.

    Attributes:
        referendum: its name in the table of polls.
        vote_date: day of the vote.
        status_quo: side that keeps things as they are; `none` where neither does.
        ballot_question: text of the column `question` that is the ballot's own, where the table
            has no column `wording`.
    """

    referendum: str
    vote_date: date
    status_quo: Side = "no"
    ballot_question: str | None = None


@dataclass(frozen=True)
class Received:
    """What came of receiving a table of polls.

    Attributes:
        polls: `poll` (from 1), `sample` (from 1: rows of one sample share it), the columns of
            `POLLS` as text and days, `wording` always filled; by `field_end` and house.
        set_aside: `row` (from 1), `pollster`, `field_end`, `column`, `code`, `value`.
        faults: code → count, of set-aside rows and of emptied cells alike.
    """

    polls: pl.DataFrame
    set_aside: pl.DataFrame
    faults: dict[str, int]

    @property
    def samples(self) -> int:
        """How many samples the rows are of."""
        return self.polls.get_column("sample").n_unique()


def receive_polls(
    raw: pl.DataFrame, campaign: Campaign, broken: Sequence[tuple[int, str]] = ()
) -> Received:
    """Check a table of polls that came from outside.

    Args:
        raw: any number of rows; the columns of `POLLS`, as text.
        campaign: the referendum that is asked about.
        broken: rows (from 1) that could not be read, with the code why.

    Raises:
        InputError: a column that the table needs is missing.
    """
    checked = check(POLLS, raw, broken)
    rows = checked.rows.with_columns(row=checked.numbers)
    wrong = _wrong_rows(rows, campaign)
    emptied = pl.concat([_wrong_cells(rows), _cells_of(checked)])
    aside = wrong.unique("row", keep="first", maintain_order=True)
    kept = _emptied(rows.join(aside, on="row", how="anti"))
    return Received(
        polls=_numbered(_worded(kept, campaign.ballot_question)).select("poll", "sample", *_NAMES),
        set_aside=_told(raw, pl.concat([_rows_of(checked), aside])),
        faults=_counted([_rows_of(checked), aside, emptied], checked.unknown_columns),
    )


_NAMES = [column.name for column in POLLS.columns]


def _number(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Float64, strict=False)


def _wrong_rows(rows: pl.DataFrame, campaign: Campaign) -> pl.DataFrame:
    """Give `row`, `column`, `code` of rows that cannot be used, the weightiest reason first."""
    bad = [_is_not_a_share(name) for name in _SHARES[:2]]
    both = _number("yes") + _number("no")
    total = both + _number("undecided").fill_null(0)
    least = pl.min_horizontal(_number("yes"), _number("no"))
    end, vote = pl.col("field_end"), campaign.vote_date
    other = pl.col("referendum").is_not_null() & (pl.col("referendum") != campaign.referendum)
    whole = [name for name in _NAMES if name not in ("source", "note")]
    tests = [
        ("referendum", "other_referendum", other),
        ("yes", "share_missing", pl.col("yes").is_null()),
        ("no", "share_missing", pl.col("no").is_null()),
        ("yes", "not_a_share", bad[0]),
        ("no", "not_a_share", bad[1]),
        ("yes", "over_100", total > MOST),
        ("yes", "no_side_taken", (least <= 0) | (both < 1)),
        ("field_end", "undated", end.is_null()),
        ("field_start", "dates_reversed", pl.col("field_start") > end),
        ("field_end", "on_or_after_vote", end >= vote),
        ("sample_size", "nobody_asked", pl.col("sample_size") == 0),
        ("pollster", "repeated", ~pl.struct(whole).is_first_distinct()),
    ]
    return pl.concat([_found(rows, *test) for test in tests])


def _is_not_a_share(name: str) -> pl.Expr:
    shape = pl.col(name).str.contains(r"^\d{1,3}(\.\d+)?$")
    return pl.col(name).is_not_null() & ~(shape & _number(name).is_between(0, 100))


def _wrong_cells(rows: pl.DataFrame) -> pl.DataFrame:
    tests = [
        ("undecided", "not_a_share", _is_not_a_share("undecided")),
        ("mode", "unknown_mode", ~pl.col("mode").is_in(MODES)),
        ("sponsor_side", "unknown_side", ~pl.col("sponsor_side").is_in(["yes", "no"])),
        ("source", "no_source", pl.col("source").is_null()),
    ]
    return pl.concat([_found(rows, *test) for test in tests])


def _found(rows: pl.DataFrame, column: str, code: str, wrong: pl.Expr) -> pl.DataFrame:
    found = rows.filter(wrong.fill_null(value=False))
    return found.select("row", column=pl.lit(column), code=pl.lit(code))


def _emptied(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(
        pl.when(~_is_not_a_share("undecided")).then("undecided").alias("undecided"),
        pl.when(pl.col("mode").is_in(MODES)).then("mode").alias("mode"),
        pl.when(pl.col("sponsor_side").is_in(["yes", "no"])).then("sponsor_side"),
    )


def _worded(rows: pl.DataFrame, ballot_question: str | None) -> pl.DataFrame:
    """Give every row a class of wording.

    Without a column `wording` the question's own text is the class, so that no two questions are
    pooled unsaid. The ballot's is the one that is named; a single text that all rows share; and
    an empty one, of which nothing else is known.
    """
    asked = pl.col("question").str.to_lowercase()
    texts = rows.get_column("question").drop_nulls().str.to_lowercase().unique()
    ballot = ballot_question.lower() if ballot_question else None
    if ballot is None and texts.len() == 1:
        ballot = texts.item()
    own = pl.when(asked.is_null() | (asked == (ballot or ""))).then(pl.lit(BALLOT)).otherwise(asked)
    return rows.with_columns(wording=pl.coalesce("wording", own))


def _numbered(rows: pl.DataFrame) -> pl.DataFrame:
    """Number the polls and the samples: one house, its days and its mode make one sample."""
    rows = rows.sort("field_end", "pollster", "row")
    start = pl.coalesce("field_start", "field_end")
    sample = pl.struct("pollster", start, "field_end", pl.col("mode").fill_null(""))
    return rows.with_columns(sample=sample.rank("dense").cast(pl.Int64)).with_row_index(
        "poll", offset=1
    )


def _rows_of(checked: Checked) -> pl.DataFrame:
    """Give the first fault of each row that the table itself sets aside."""
    faults = checked.faults.join(checked.set_aside.select("row"), on="row", how="semi")
    return faults.unique("row", keep="first", maintain_order=True)


def _cells_of(checked: Checked) -> pl.DataFrame:
    return checked.faults.join(checked.set_aside.select("row"), on="row", how="anti")


def _told(raw: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
    """Say of each row that is set aside whose poll it is and what stood in the faulty cell."""
    text = raw.drop("row", strict=False).cast(pl.String)
    text = text.with_row_index("row", offset=1).cast({"row": pl.Int64})
    cells = text.unpivot(index="row", variable_name="column", value_name="value")
    return (
        faults.join(text.select("row", "pollster", "field_end"), on="row", how="left")
        .join(cells, on=["row", "column"], how="left")
        .select(*_TOLD)
        .sort("row")
    )


def _counted(faults: list[pl.DataFrame], unknown_columns: tuple[str, ...]) -> dict[str, int]:
    counts = dict(pl.concat(faults).group_by("code").len().sort("code").iter_rows())
    return counts | ({"unknown_column": len(unknown_columns)} if unknown_columns else {})
