"""The example tables of polls, and small ones written by hand."""

from datetime import date
from pathlib import Path

import polars as pl

from referendum.polls import Campaign, receive_polls

EXAMPLES = Path(__file__).parents[2] / "examples" / "polls"
VOTES = {
    "uk_eu_2016": (date(2016, 6, 23), "no"),
    "scotland_2014": (date(2014, 9, 18), "no"),
    "australia_voice_2023": (date(2023, 10, 14), "no"),
    "nz_cannabis_2020": (date(2020, 10, 17), "no"),
    "chile_2020_q1": (date(2020, 10, 25), "no"),
    "chile_2020_q2": (date(2020, 10, 25), "none"),
    "quebec_1995": (date(1995, 10, 30), "no"),
    "alberta_independence": (date(2026, 10, 19), "no"),
}


def raw_of(name):
    """The table as it is shipped."""
    return pl.read_csv(EXAMPLES / f"{name}.csv", infer_schema=False)


def campaign_of(name):
    """What the table is about."""
    return Campaign(name, *VOTES[name])


def received(name):
    """The table, received."""
    return receive_polls(raw_of(name), campaign_of(name))


def table(*rows, **columns):
    """A small table from outside: each row is (pollster, field_end, yes, no) and more by name."""
    names = ("pollster", "field_end", "yes", "no")
    made = [dict(zip(names, row, strict=True)) for row in rows]
    frame = pl.DataFrame(made, schema=dict.fromkeys(names, pl.String))
    return frame.with_columns(**{name: pl.lit(value) for name, value in columns.items()})
