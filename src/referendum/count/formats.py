"""Foreign column names, as data."""

from dataclasses import dataclass, field

import polars as pl

from referendum.core.errors import InputError


@dataclass(frozen=True)
class Format:
    """How a publisher names the columns of returns and of electors; ours by theirs.

    Attributes:
        publisher: in words.
        returns: our names by theirs.
        electors: our names by theirs.
        sums: our columns that are sums of columns of theirs; a part that is no number is a fault.
        fixed: our columns that the publisher does not have, with their value.
    """

    publisher: str
    returns: dict[str, str]
    electors: dict[str, str]
    sums: dict[str, tuple[str, ...]] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)


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
    "eligendo-referendum": Format(
        "Italy, Ministry of the Interior (Eligendo), municipalities",
        {
            "desc_reg": "region",
            "desc_com": "district",
            "voti_si": "yes",
            "voti_no": "no",
            "votanti_t": "total",
        },
        {"desc_reg": "region", "desc_com": "district", "elettori_t": "electors"},
        sums={"informal": ("sk_bianche", "sk_nulle", "sk_contestate")},
        fixed={"place": "all sections"},
    ),
}
"""Formats that `returns receive` reads, by name."""


def returns_of(raw: pl.DataFrame, columns: Format) -> pl.DataFrame:
    """Give returns with our names, the sums worked out and the fixed columns added.

    Raises:
        InputError: a column that the format has is missing.
    """
    renamed = in_own_words(raw, columns.returns)
    parts = [name for names in columns.sums.values() for name in names]
    missing = [name for name in parts if name not in raw.columns]
    if missing:
        raise InputError(f"the format needs the columns {', '.join(missing)}")
    sums = [
        pl.when(pl.all_horizontal(pl.col(names).cast(pl.Int64, strict=False) >= 0))
        .then(pl.sum_horizontal(pl.col(names).cast(pl.Int64, strict=False)).cast(pl.String))
        .otherwise(pl.concat_str(names, separator=" + ", ignore_nulls=True))
        .alias(ours)
        for ours, names in columns.sums.items()
    ]
    return renamed.with_columns(*sums, **{n: pl.lit(v) for n, v in columns.fixed.items()})


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
