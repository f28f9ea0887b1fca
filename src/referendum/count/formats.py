"""Foreign column names, as data."""

from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from referendum.core.errors import InputError


@dataclass(frozen=True)
class Format:
    """How a publisher names the columns of returns and of electors; ours by theirs.

    Attributes:
        publisher: who, and what it publishes.
        returns: columns of forms.
        electors: columns of electors.
        electors_by: whether electors come by district, or by place and are added up.
        fallback_column: the column whose text names region, district and place where they are
            empty.
    """

    publisher: str
    returns: dict[str, str] = field(default_factory=dict)
    electors: dict[str, str] = field(default_factory=dict)
    electors_by: Literal["district", "place"] = "district"
    fallback_column: str | None = None


_ITALY = {"desc_reg": "region", "desc_prov": "district", "desc_com": "place"}

FORMATS: dict[str, Format] = {
    "referendum": Format("this project: the columns of the tables themselves"),
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
    "eligendo-referendum": Format(
        "Italy, Ministry of the Interior, Eligendo, municipalities (as flattened by onData)",
        {
            **_ITALY,
            "quesito_cod": "question",
            "elettori_t": "electors",
            "votanti_t": "total",
            "sk_bianche": "blank",
            "sk_nulle": "other",
            "sk_contestate": "contested",
            "voti_si": "yes",
            "voti_no": "no",
        },
        {**_ITALY, "elettori_t": "electors"},
        electors_by="place",
        fallback_column="area",
    ),
}
"""Formats that `returns receive` reads, by name."""


def to_forms(format_: Format, raw: pl.DataFrame) -> pl.DataFrame:
    """Give the rows of a publisher as forms.

    Raises:
        InputError: a column that the format has is missing.
    """
    return _fill_places(format_, rename_columns(raw, format_.returns))


def to_electors(format_: Format, raw: pl.DataFrame) -> pl.DataFrame:
    """Give the rows of a publisher as electors, by district or by place.

    Raises:
        InputError: a column that the format has is missing.
    """
    return _fill_places(format_, rename_columns(raw, format_.electors))


def _fill_places(format_: Format, rows: pl.DataFrame) -> pl.DataFrame:
    if format_.fallback_column is None:
        return rows
    return rows.with_columns(
        pl.col("region", "district", "place")
        .replace("", None)
        .fill_null(pl.col(format_.fallback_column))
    )


def rename_columns(raw: pl.DataFrame, names: dict[str, str]) -> pl.DataFrame:
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
