"""Foreign column names, as data."""

from dataclasses import dataclass

import polars as pl

from referendum.core.errors import InputError


@dataclass(frozen=True)
class Format:
    """How a publisher names the columns of returns and of electors; ours by theirs."""

    publisher: str
    returns: dict[str, str]
    electors: dict[str, str]


FORMATS: dict[str, Format] = {
    "referendum": Format("this project: the columns of the tables themselves", {}, {}),
    "aec-referendum": Format(
        "Australian Electoral Commission, Tally Room, polling places by state",
        {
            "StateAb": "region",
            "DivisionID": "district",
            "PollingPlaceNm": "place",
            "YesVotes": "yes",
            "NoVotes": "no",
            "InformalVotes": "informal",
            "TotalVotes": "total",
        },
        {"StateAb": "region", "DivisionID": "district", "Enrolment": "electors"},
    ),
}
"""Formats that `returns receive` reads, by name."""


def in_own_words(raw: pl.DataFrame, names: dict[str, str]) -> pl.DataFrame:
    """Rename the columns of a publisher; columns that are not named stay as they are.

    Raises:
        InputError: a column that the format has is missing.
    """
    missing = [theirs for theirs in names if theirs not in raw.columns]
    if missing:
        raise InputError(
            f"the format needs the columns {', '.join(missing)}; found {', '.join(raw.columns)}",
            hint=f"formats: {', '.join(FORMATS)}",
        )
    return raw.rename(names)
