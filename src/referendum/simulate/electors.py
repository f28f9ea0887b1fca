"""Made-up electors, household by household."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from referendum.core.schemas import ELECTORS
from referendum.simulate.births import draw_birth_dates
from referendum.simulate.chance import Array, random_stream
from referendum.simulate.names import draw_given_names, draw_origins, draw_surnames
from referendum.simulate.places import draw_addresses

HOUSEHOLD_SIZES = (0.28, 0.37, 0.17, 0.13, 0.05)
"""Shares of households with one to five electors."""

YOUNGEST = 2007
"""Latest year of birth of somebody who is 18 in 2026."""

_AREA_CODES = np.array(["403", "587", "780", "825"])


@dataclass(frozen=True)
class ElectorChunk:
    """Electors of a number of whole households.

    Attributes:
        electors: `core.schemas.ELECTORS`.
        hidden: for each elector `household`, `origin`, `sex`; not part of any list.
    """

    electors: pl.DataFrame
    hidden: pl.DataFrame


def draw_chunk(seed: str, number: int, first: int, count: int) -> ElectorChunk:
    """Make up `count` electors, numbered from `first`; the same for the same seed and number."""
    rng = random_stream(seed, "electors", number)
    household, role = _households(rng, count)
    homes = int(household[-1]) + 1
    origins = draw_origins(rng, homes)[household]
    sexes, years = _sexes(rng, household, role), _years(rng, household, role)
    given = _given_names(rng, origins, sexes, years, role)
    addresses = draw_addresses(rng, homes)[household]
    electors = pl.DataFrame(
        {
            "elector_id": [f"E{number:08}" for number in range(first, first + count)],
            "given_names": given.tolist(),
            "surname": _surnames(rng, origins, household, role).tolist(),
            "birth_year": years,
            "birth_date": draw_birth_dates(rng, years),
            "phone": _phones(rng, household),
            "listed_from": _random_days(rng, count, "2005-01-01", 7600),
        }
    ).with_columns(addresses.get_columns())
    electors = electors.with_columns(listed_to=pl.lit(None, dtype=pl.Date))
    hidden = pl.DataFrame(
        {"household": household, "origin": origins.tolist(), "sex": sexes.tolist()}
    )
    return ElectorChunk(electors.select(ELECTORS.schema.names()).cast(ELECTORS.schema), hidden)


def _households(rng: np.random.Generator, count: int) -> tuple[Array, Array]:
    """Give each elector's household and place in it (0 head, 1 partner, 2 and more children)."""
    sizes = 1 + rng.choice(len(HOUSEHOLD_SIZES), count, p=HOUSEHOLD_SIZES)
    household = np.repeat(np.arange(count), sizes)[:count]
    role = np.arange(count) - np.repeat(np.cumsum(sizes) - sizes, sizes)[:count]
    return household, role


def _sexes(rng: np.random.Generator, household: Array, role: Array) -> Array:
    sexes = np.where(rng.random(len(role)) < 0.5, "F", "M").astype(object)
    partners = np.flatnonzero((role == 1) & (rng.random(len(role)) < 0.96))
    heads = sexes[np.searchsorted(household, household[partners])]
    sexes[partners] = np.where(heads == "F", "M", "F")
    return sexes


def _years(rng: np.random.Generator, household: Array, role: Array) -> Array:
    head = rng.integers(1932, YOUNGEST - 3, household[-1] + 1)[household]
    partner = head + rng.integers(-6, 7, len(role))
    child = head + rng.integers(20, 38, len(role))
    years = np.select([role == 0, role == 1], [head, partner], child)
    # Someone too young to be a child on the list is another adult of the household.
    return np.where(years > YOUNGEST, rng.integers(1950, YOUNGEST, len(role)), years)


def _given_names(
    rng: np.random.Generator, origins: Array, sexes: Array, years: Array, role: Array
) -> Array:
    first = draw_given_names(rng, origins, sexes, years)
    heads = np.maximum.accumulate(np.where(role == 0, np.arange(len(role)), 0))
    named_after = (role >= 2) & (sexes == sexes[heads]) & (rng.random(len(role)) < 0.035)
    first = np.where(named_after, first[heads], first)
    second = draw_given_names(rng, origins, sexes, years)
    has_second = rng.random(len(role)) < 0.7
    return np.where(has_second, first + " " + second, first)


def _surnames(rng: np.random.Generator, origins: Array, household: Array, role: Array) -> Array:
    heads = np.searchsorted(household, household)
    own = draw_surnames(rng, origins)
    shares = np.select([role == 0, role == 1], [1.0, 0.8], 0.9)
    return np.where(rng.random(len(role)) < shares, own[heads], own)


def _phones(rng: np.random.Generator, household: Array) -> list[str | None]:
    heads = np.searchsorted(household, household)
    shared = rng.random(len(household)) < 0.3
    area, digits = (
        rng.integers(0, 4, len(household)),
        rng.integers(0, 10_000_000, len(household)),
    )
    chosen = np.where(shared, heads, np.arange(len(household)))
    known = rng.random(len(household)) < 0.52
    return [
        f"{_AREA_CODES[area[who]]}{digits[who]:07}" if has else None
        for who, has in zip(chosen, known, strict=True)
    ]


def _random_days(rng: np.random.Generator, count: int, first: str, span: int) -> Array:
    return np.datetime64(first) + rng.integers(0, span, count).astype("timedelta64[D]")
