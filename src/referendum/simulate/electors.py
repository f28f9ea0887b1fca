"""Made-up electors, household by household."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from referendum.core.schemas import ELECTORS
from referendum.simulate.births import draw_birth_dates
from referendum.simulate.chance import Array, stream
from referendum.simulate.names import draw_given, draw_origins, draw_surnames
from referendum.simulate.places import draw_addresses

SIZES = (0.28, 0.37, 0.17, 0.13, 0.05)
"""Shares of households with one to five electors."""

YOUNGEST = 2007
"""Latest year of birth of somebody who is 18 in 2026."""

_AREA_CODES = np.array(["403", "587", "780", "825"])


@dataclass(frozen=True)
class Chunk:
    """Electors of a number of whole households.

    Attributes:
        electors: `core.schemas.ELECTORS`.
        hidden: for each elector `household`, `origin`, `sex`; not part of any list.
    """

    electors: pl.DataFrame
    hidden: pl.DataFrame


def draw_chunk(seed: str, number: int, first: int, count: int) -> Chunk:
    """Make up `count` electors, numbered from `first`; the same for the same seed and number."""
    chance = stream(seed, "electors", number)
    household, role = _households(chance, count)
    homes = int(household[-1]) + 1
    origins = draw_origins(chance, homes)[household]
    sexes, years = _sexes(chance, household, role), _years(chance, household, role)
    given = _given_names(chance, origins, sexes, years, role)
    addresses = draw_addresses(chance, homes)[household]
    electors = pl.DataFrame(
        {
            "elector_id": [f"E{number:08}" for number in range(first, first + count)],
            "given_names": given.tolist(),
            "surname": _surnames(chance, origins, household, role).tolist(),
            "birth_year": years,
            "birth_date": draw_birth_dates(chance, years),
            "phone": _phones(chance, household),
            "listed_from": _days(chance, count, "2005-01-01", 7600),
        }
    ).with_columns(addresses.get_columns())
    electors = electors.with_columns(listed_to=pl.lit(None, dtype=pl.Date))
    hidden = pl.DataFrame(
        {"household": household, "origin": origins.tolist(), "sex": sexes.tolist()}
    )
    return Chunk(electors.select(ELECTORS.schema.names()).cast(ELECTORS.schema), hidden)


def _households(chance: np.random.Generator, count: int) -> tuple[Array, Array]:
    """Give each elector's household and place in it (0 head, 1 partner, 2 and more children)."""
    sizes = 1 + chance.choice(len(SIZES), count, p=SIZES)
    household = np.repeat(np.arange(count), sizes)[:count]
    role = np.arange(count) - np.repeat(np.cumsum(sizes) - sizes, sizes)[:count]
    return household, role


def _sexes(chance: np.random.Generator, household: Array, role: Array) -> Array:
    sexes = np.where(chance.random(len(role)) < 0.5, "F", "M").astype(object)
    partners = np.flatnonzero((role == 1) & (chance.random(len(role)) < 0.96))
    heads = sexes[np.searchsorted(household, household[partners])]
    sexes[partners] = np.where(heads == "F", "M", "F")
    return sexes


def _years(chance: np.random.Generator, household: Array, role: Array) -> Array:
    head = chance.integers(1932, YOUNGEST - 3, household[-1] + 1)[household]
    partner = head + chance.integers(-6, 7, len(role))
    child = head + chance.integers(20, 38, len(role))
    years = np.select([role == 0, role == 1], [head, partner], child)
    # Someone too young to be a child on the list is another adult of the household.
    return np.where(years > YOUNGEST, chance.integers(1950, YOUNGEST, len(role)), years)


def _given_names(
    chance: np.random.Generator, origins: Array, sexes: Array, years: Array, role: Array
) -> Array:
    first = draw_given(chance, origins, sexes, years)
    heads = np.maximum.accumulate(np.where(role == 0, np.arange(len(role)), 0))
    named_after = (role >= 2) & (sexes == sexes[heads]) & (chance.random(len(role)) < 0.035)
    first = np.where(named_after, first[heads], first)
    second = draw_given(chance, origins, sexes, years)
    has_second = chance.random(len(role)) < 0.7
    return np.where(has_second, first + " " + second, first)


def _surnames(chance: np.random.Generator, origins: Array, household: Array, role: Array) -> Array:
    heads = np.searchsorted(household, household)
    own = draw_surnames(chance, origins)
    shares = np.select([role == 0, role == 1], [1.0, 0.8], 0.9)
    return np.where(chance.random(len(role)) < shares, own[heads], own)


def _phones(chance: np.random.Generator, household: Array) -> list[str | None]:
    heads = np.searchsorted(household, household)
    shared = chance.random(len(household)) < 0.3
    area, digits = (
        chance.integers(0, 4, len(household)),
        chance.integers(0, 10_000_000, len(household)),
    )
    chosen = np.where(shared, heads, np.arange(len(household)))
    known = chance.random(len(household)) < 0.52
    return [
        f"{_AREA_CODES[area[who]]}{digits[who]:07}" if has else None
        for who, has in zip(chosen, known, strict=True)
    ]


def _days(chance: np.random.Generator, count: int, first: str, span: int) -> Array:
    return np.datetime64(first) + chance.integers(0, span, count).astype("timedelta64[D]")
