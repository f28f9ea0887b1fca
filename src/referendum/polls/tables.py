"""The table of polls, and the words that some of its columns are confined to."""

from referendum.core.tables import Column, Table

MODES = ("online", "telephone", "face-to-face", "mixed", "ivr", "post")
"""How people were asked."""

BALLOT = "ballot"
"""The wording that is the ballot's own question: the level that forecasts refer to."""

REFERENCE_POPULATIONS = ("likely voters", "voters")
"""Populations that stand for those who will vote; any other one has an effect of its own."""

POLLS = Table(
    "polls",
    (
        Column("referendum", "text", "name of the referendum that the figures are about"),
        Column("pollster", "name", "the house that did the poll", required=True),
        Column("sponsor", "text", "who paid for it"),
        Column("sponsor_side", "text", "yes or no if the sponsor campaigns for that side"),
        Column("field_start", "date", "first day of asking"),
        Column("field_end", "date", "last day of asking", expected=True),
        Column("sample_size", "integer", "people asked", least=0),
        Column("mode", "text", "how they were asked: " + ", ".join(MODES)),
        Column("population", "text", "who was asked, such as `likely voters`"),
        Column("question", "text", "what was asked"),
        Column("wording", "text", "class of the question; `ballot` is the ballot's own"),
        Column("yes", "text", "per cent for the change", expected=True),
        Column("no", "text", "per cent against it", expected=True),
        Column("undecided", "text", "per cent without a side"),
        Column("source", "text", "where the figures were read"),
        Column("note", "text", "what a reader must know of the row"),
    ),
    key=(
        "referendum", "pollster", "sponsor", "sponsor_side", "field_start", "field_end",
        "sample_size", "mode", "population", "question", "wording", "yes", "no", "undecided",
    ),
)  # fmt: skip

FAULTS: dict[str, str] = {
    "share_missing": "yes or no is not given: set aside",
    "not_a_share": "no number from 0 to 100: set aside; undecided: emptied",
    "a_fraction": "a share of one; write per cent, 62 for 0.62: set aside",
    "over_100": "yes, no and undecided add up to more than 102: set aside",
    "far_under_100": "yes, no and undecided add up to less than 70: set aside",
    "no_side_taken": "yes or no is 0: set aside",
    "undated": "the last day of asking is not known: set aside",
    "dates_reversed": "asking ended before it began: set aside",
    "on_or_after_vote": "asked on the day of the vote or later: set aside",
    "long_ago": "asking ended more than eight years before the vote: set aside",
    "long_field": "asking took more than 120 days: set aside",
    "nobody_asked": "the sample is of nobody: set aside",
    "too_many_asked": "the sample is of more than 200,000: emptied",
    "a_range": "a range of people asked, no number: emptied",
    "year_assumed": "a day without a year is the last one before the vote: kept",
    "spelt_otherwise": "a house is spelt as it mostly is: kept",
    "swapped_with_others": "yes and no stand as if exchanged, beside other polls: kept",
    "overlapping_waves": "days of asking overlap with another wave of the house: kept",
    "other_referendum": "the figures are about another referendum: set aside",
    "repeated": "the same row came before: set aside",
    "unknown_mode": "the mode is not one of the known ones: emptied",
    "unknown_side": "the sponsor's side is neither yes nor no: emptied",
    "no_source": "no source is given: kept",
}
"""Codes of faults, what each means, and what becomes of the row or cell."""
