"""Decoys: fictitious electors in a copy of the list, which show whose copy was used.

Each is made up from the list itself, so that nothing tells it from an elector: a given name of one,
a surname of another, and a house number that nobody has on a street that somebody lives on.
"""

import numpy as np
import polars as pl

from referendum.core.errors import InputError

TRIES_PER_DECOY = 50
"""Candidates that are made up for each decoy that is wanted; those not fit are dropped."""

HOUSES_AWAY = 40
"""How many houses away from an existing one a decoy's house number may be."""


def make_decoys(
    electors: pl.DataFrame, earlier_decoys: pl.DataFrame, count: int, copy: int, seed: int
) -> pl.DataFrame:
    """Make up electors for one copy.

    Args:
        electors: `core.schemas.ELECTORS`.
        earlier_decoys: decoys of earlier copies, with `copy`.
        count: how many.
        copy: number of the copy.
        seed: secret.

    Returns:
        The columns of `electors`, and `copy`. No decoy has the name of an elector or of another
        decoy, nor a number or an address that anyone has.

    Raises:
        InputError: the list is too short to hide that many.
    """
    rng = np.random.default_rng(seed)
    homes = electors.filter(pl.col("street_number").str.contains(r"^\d+$"))
    if not homes.height or count * 20 > electors.height:
        raise InputError(
            f"{count:,} decoys cannot hide among {electors.height:,} electors",
            hint="at most one for twenty electors, and some electors with house numbers",
        )
    decoys = _make_up(electors, homes, count * TRIES_PER_DECOY, rng).with_columns(copy=pl.lit(copy))
    existing = pl.concat([electors, earlier_decoys.drop("copy")])
    for columns in _UNIQUE_COLUMNS:
        decoys = decoys.join(
            existing.select(columns),
            on=columns,
            how="anti",
            nulls_equal=True,
            maintain_order="left",
        ).unique(columns, keep="first", maintain_order=True)
        if decoys.height < count:
            why, hint = _TOO_FEW[columns[0]]
            raise InputError(f"only {decoys.height:,} decoys could be made up: {why}", hint=hint)
    return decoys.head(count).cast({"copy": pl.Int64})


def _make_up(
    electors: pl.DataFrame, homes: pl.DataFrame, count: int, rng: np.random.Generator
) -> pl.DataFrame:
    hosts, given, surnames, ids = (
        frame[rng.integers(0, frame.height, count)]
        for frame in (homes, electors, electors, electors)
    )
    away = pl.Series(rng.integers(-HOUSES_AWAY, HOUSES_AWAY + 1, count) * 2)
    days = pl.Series(rng.integers(1, 29, count))
    number = hosts["street_number"].cast(pl.Int64) + away
    birth = (given["birth_date"].cast(pl.Int32) + days).cast(pl.Int32).cast(pl.Date)
    year = birth.dt.year().cast(pl.Int64).zip_with(birth.is_not_null(), given["birth_year"])
    none = pl.lit(None, pl.String)
    decoys = hosts.with_columns(
        elector_id=_make_up_numbers(ids["elector_id"], rng),
        given_names=given["given_names"],
        surname=surnames["surname"],
        birth_year=year,
        birth_date=birth,
        unit=none,
        street_number=number.cast(pl.String),
        phone=none,
    )
    return decoys.filter(number > 0)


_UNIQUE_COLUMNS = (
    ("elector_id",), ("given_names", "surname"), ("street_number", "street", "locality"),
)  # fmt: skip
"""Columns that no decoy has in common with anyone."""

_TOO_FEW = {
    "elector_id": (
        "the list numbers its electors with few gaps or none, so a new number would stand out",
        "seal a list whose numbers have gaps",
    ),
    "given_names": (
        "most names that could be put together are somebody's",
        "ask for fewer decoys, or give a list of more different names",
    ),
    "street_number": (
        f"most house numbers within {2 * HOUSES_AWAY} of a house are somebody's",
        "ask for fewer decoys",
    ),
}
"""For each of `_UNIQUE_COLUMNS`, by its first: why too few decoys are left, and what helps."""


def _make_up_numbers(ids: pl.Series, rng: np.random.Generator) -> pl.Series:
    """Make up numbers of the same form: every digit after the first is drawn at random."""
    digits = rng.integers(0, 10, (len(ids), 40))
    texts = [
        text[:1]
        + "".join(
            str(digits[row, at % 40]) if letter.isdigit() else letter
            for at, letter in enumerate(text[1:])
        )
        for row, text in enumerate(ids)
    ]
    return pl.Series("elector_id", texts)
