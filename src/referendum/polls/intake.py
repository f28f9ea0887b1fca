"""Polls as they come: rows that can be used, the rest set aside with coded reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import polars as pl

from referendum.core.tables import DEFAULT_READING, CheckedTable, ReadingOptions, check_table
from referendum.polls.cells import tidy_cells
from referendum.polls.tables import BALLOT, MODES, POLLS

Side = Literal["yes", "no", "none"]

MOST_SUM, LEAST_SUM = 102, 70
"""Per cent that rounded shares may add up to, and that they must where all of them are given."""

LEAST_OF_SIDES = 20
"""Per cent that the two sides must add up to where the undecided are not given."""

MOST_ASKED = 200_000
LONGEST_AGO, LONGEST_FIELD = timedelta(days=8 * 366), timedelta(days=120)

NEAR_WHEN_EXCHANGED, FAR_AS_GIVEN = 0.03, 0.12
"""How near a share must be to that of the others when its sides are exchanged, and how far as it
is, to look exchanged."""

FEWEST_OTHERS = 3
"""Other polls beside which a share can look exchanged."""

_SHARES = ("yes", "no", "undecided")
_SET_ASIDE_COLUMNS = ("row", "pollster", "field_end", "column", "code", "value")


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
class ReceivedPolls:
    """What came of receiving a table of polls.

    Attributes:
        polls: `poll` (from 1), `sample` (from 1: rows of one sample share it), the columns of
            `POLLS` as text and days, `wording` always filled; by `field_end` and house.
        set_aside: `row` (from 1), `pollster`, `field_end`, `column`, `code`, `value`.
        faults: code → count, of set-aside rows and of emptied cells alike.
        unknown_columns: columns that the table does not have.
        empty: columns of the table in which nothing stood.
    """

    polls: pl.DataFrame
    set_aside: pl.DataFrame
    faults: dict[str, int]
    unknown_columns: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()

    @property
    def samples(self) -> int:
        """How many samples the rows are of."""
        return self.polls.get_column("sample").n_unique()


def receive_polls(
    raw: pl.DataFrame,
    campaign: Campaign,
    broken: Sequence[tuple[int, str]] = (),
    reading: ReadingOptions = DEFAULT_READING,
) -> ReceivedPolls:
    """Check a table of polls that came from outside.

    Args:
        raw: any number of rows; the columns of `POLLS`, as text.
        campaign: the referendum that is asked about.
        broken: rows (from 1) that could not be read, with the code why.
        reading: whether day or month comes first, where the columns do not decide.

    Raises:
        InputError: a column that the table needs is missing.
    """
    tidied, notes = tidy_cells(raw, campaign.vote_date)
    checked = check_table(POLLS, tidied, broken, reading)
    rows = checked.rows.with_columns(row=checked.row_numbers)
    faulty = _find_faulty_rows(rows, campaign)
    notes_as_faults = pl.DataFrame(notes, schema=_FAULTS, orient="row")
    faulty_cells = pl.concat([_find_faulty_cells(rows), _faults_of_cells(checked), notes_as_faults])
    set_aside = faulty.unique("row", keep="first", maintain_order=True)
    kept = _empty_faulty_cells(rows.join(set_aside, on="row", how="anti"))
    return ReceivedPolls(
        polls=_number_polls(_classify_wordings(kept, campaign.ballot_question)).select(
            "poll", "sample", *_NAMES
        ),
        set_aside=_describe_set_aside(raw, pl.concat([_faults_of_rows(checked), set_aside])),
        faults=_count_faults(
            [_faults_of_rows(checked), set_aside, faulty_cells, _find_doubtful_rows(kept)],
            checked.unknown_columns,
        ),
        unknown_columns=checked.unknown_columns,
        empty=tuple(checked.empty_columns),
    )


_FAULTS = pl.Schema({"row": pl.Int64, "column": pl.String, "code": pl.String})

_NAMES = [column.name for column in POLLS.columns]


def _number(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Float64, strict=False)


def _find_faulty_rows(rows: pl.DataFrame, campaign: Campaign) -> pl.DataFrame:
    """Give `row`, `column`, `code` of rows that cannot be used, the weightiest reason first."""
    not_shares = [_is_not_a_share(name) for name in _SHARES[:2]]
    both = _number("yes") + _number("no")
    total = both + _number("undecided").fill_null(0)
    least_sum = pl.when(pl.col("undecided").is_null()).then(LEAST_OF_SIDES).otherwise(LEAST_SUM)
    least = pl.min_horizontal(_number("yes"), _number("no"))
    end, vote = pl.col("field_end"), campaign.vote_date
    other = pl.col("referendum").is_not_null() & (pl.col("referendum") != campaign.referendum)
    compared_columns = [name for name in _NAMES if name not in ("source", "note")]
    tests = [
        ("referendum", "other_referendum", other),
        ("yes", "share_missing", pl.col("yes").is_null()),
        ("no", "share_missing", pl.col("no").is_null()),
        ("yes", "not_a_share", not_shares[0]),
        ("no", "not_a_share", not_shares[1]),
        ("yes", "over_100", total > MOST_SUM),
        ("yes", "no_side_taken", least <= 0),
        ("yes", "a_fraction", total <= 2),
        ("yes", "far_under_100", total < least_sum),
        ("field_end", "undated", end.is_null()),
        ("field_start", "dates_reversed", pl.col("field_start") > end),
        ("field_end", "on_or_after_vote", end >= vote),
        ("field_end", "long_ago", end < vote - LONGEST_AGO),
        ("field_start", "long_field", end - pl.col("field_start") > LONGEST_FIELD),
        ("sample_size", "nobody_asked", pl.col("sample_size") == 0),
        ("pollster", "repeated", ~pl.struct(compared_columns).is_first_distinct()),
    ]
    return pl.concat([_faults_where(rows, *test) for test in tests])


def _is_not_a_share(name: str) -> pl.Expr:
    shape = pl.col(name).str.contains(r"^\d{1,3}(\.\d+)?$")
    return pl.col(name).is_not_null() & ~(shape & _number(name).is_between(0, 100))


def _find_faulty_cells(rows: pl.DataFrame) -> pl.DataFrame:
    tests = [
        ("undecided", "not_a_share", _is_not_a_share("undecided")),
        ("sample_size", "too_many_asked", pl.col("sample_size") > MOST_ASKED),
        ("mode", "unknown_mode", ~pl.col("mode").is_in(MODES)),
        ("sponsor_side", "unknown_side", ~pl.col("sponsor_side").is_in(["yes", "no"])),
        ("source", "no_source", pl.col("source").is_null()),
    ]
    return pl.concat([_faults_where(rows, *test) for test in tests])


def _faults_where(rows: pl.DataFrame, column: str, code: str, faulty: pl.Expr) -> pl.DataFrame:
    found = rows.filter(faulty.fill_null(value=False))
    return found.select("row", column=pl.lit(column), code=pl.lit(code))


def _empty_faulty_cells(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(
        pl.when(~_is_not_a_share("undecided")).then("undecided").alias("undecided"),
        pl.when(pl.col("mode").is_in(MODES)).then("mode").alias("mode"),
        pl.when(pl.col("sample_size") <= MOST_ASKED).then("sample_size"),
        pl.when(pl.col("sponsor_side").is_in(["yes", "no"])).then("sponsor_side"),
    )


def _find_doubtful_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Find rows that are used, and that a reader should look at."""
    share_of_yes = pl.col("yes").cast(pl.Float64) / (pl.col("yes").cast(pl.Float64) + _number("no"))
    asked = pl.concat_str("question", "wording", separator="\n", ignore_nulls=True)
    shares = rows.select("row", "pollster", "field_end", share=share_of_yes, asked=asked)
    exchanged = [
        row for row, house, end, share, asked_so in shares.rows()
        for alike in [shares.filter(pl.col("asked") == asked_so)]
        if _looks_exchanged(share, _others(alike, row, end, None))
        and _looks_exchanged(share, _others(alike, row, end, house), fewest=0)
    ]  # fmt: skip
    swapped = [(row, "yes", "swapped_with_others") for row in exchanged]
    overlapping = _faults_where(
        rows, "field_start", "overlapping_waves", _overlaps_earlier_wave(rows)
    )
    return pl.concat([pl.DataFrame(swapped, _FAULTS, orient="row"), overlapping])


def _others(shares: pl.DataFrame, row: int, end: date, house: str | None) -> pl.Series:
    """Give the shares of other polls of about the same days, all of them or those of a house."""
    same_days = (pl.col("field_end") - end).abs() <= timedelta(days=90)
    of_house = pl.lit(value=True) if house is None else pl.col("pollster") == house
    return shares.filter((pl.col("row") != row) & same_days & of_house)["share"]


def _looks_exchanged(share: float, others: pl.Series, fewest: int = FEWEST_OTHERS) -> bool:
    middle = others.median()
    if len(others) < max(fewest, 1) or not isinstance(middle, float):
        return fewest == 0
    return abs(1 - share - middle) <= NEAR_WHEN_EXCHANGED and abs(share - middle) >= FAR_AS_GIVEN


def _overlaps_earlier_wave(rows: pl.DataFrame) -> pl.Expr:
    """Whether a wave of asking begins before an earlier one of its house has ended."""
    same_survey = ("pollster", "mode", "population", "question", "wording")
    waves = rows.select("row", *same_survey, "field_start", "field_end").drop_nulls("field_start")
    both = waves.join(
        waves, on=same_survey, how="inner", nulls_equal=True, suffix="_before"
    ).filter(
        pl.col("field_start_before") < pl.col("field_start"),
        pl.col("field_end_before") >= pl.col("field_start"),
    )
    return pl.col("row").is_in(both["row"].unique().implode())


def _classify_wordings(rows: pl.DataFrame, ballot_question: str | None) -> pl.DataFrame:
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
    ballot_class = (
        pl.when(asked.is_null() | (asked == (ballot or ""))).then(pl.lit(BALLOT)).otherwise(asked)
    )
    return rows.with_columns(wording=pl.coalesce("wording", ballot_class))


def _number_polls(rows: pl.DataFrame) -> pl.DataFrame:
    """Number the polls and the samples: one house, its days and its mode make one sample."""
    rows = rows.sort("field_end", "pollster", "row")
    start = pl.coalesce("field_start", "field_end")
    sample = pl.struct("pollster", start, "field_end", pl.col("mode").fill_null(""))
    return rows.with_columns(sample=sample.rank("dense").cast(pl.Int64)).with_row_index(
        "poll", offset=1
    )


def _faults_of_rows(checked: CheckedTable) -> pl.DataFrame:
    """Give the first fault of each row that the table itself sets aside."""
    faults = checked.faults.join(checked.set_aside.select("row"), on="row", how="semi")
    return faults.unique("row", keep="first", maintain_order=True)


def _faults_of_cells(checked: CheckedTable) -> pl.DataFrame:
    return checked.faults.join(checked.set_aside.select("row"), on="row", how="anti")


def _describe_set_aside(raw: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
    """Say of each row that is set aside whose poll it is and what stood in the faulty cell."""
    text = raw.drop("row", strict=False).cast(pl.String)
    text = text.with_row_index("row", offset=1).cast({"row": pl.Int64})
    cells = text.unpivot(index="row", variable_name="column", value_name="value")
    return (
        faults.join(text.select("row", "pollster", "field_end"), on="row", how="left")
        .join(cells, on=["row", "column"], how="left")
        .select(*_SET_ASIDE_COLUMNS)
        .sort("row")
    )


def _count_faults(faults: list[pl.DataFrame], unknown_columns: tuple[str, ...]) -> dict[str, int]:
    counts = dict(pl.concat(faults).group_by("code").len().sort("code").iter_rows())
    return counts | ({"unknown_column": len(unknown_columns)} if unknown_columns else {})
