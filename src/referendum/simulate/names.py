"""Names of many origins: frequent, rare, double, accented."""

from functools import cache
from importlib.resources import files
from io import BytesIO

import numpy as np
import polars as pl

from referendum.simulate.chance import Array, Weighted

GENERAL = "general"
"""Origin of names drawn from the frequency tables."""

# Rough shares; no census figure.
ORIGINS = {
    GENERAL: 0.66,
    "european": 0.08,
    "south_asian": 0.05,
    "filipino": 0.04,
    "chinese": 0.04,
    "ukrainian": 0.03,
    "french": 0.03,
    "first_nations": 0.02,
    "african": 0.015,
    "arabic": 0.01,
    "latin_american": 0.01,
    "vietnamese": 0.01,
    "metis": 0.005,
}
OWN_GIVEN = {
    "european": 0.25,
    "south_asian": 0.85,
    "filipino": 0.35,
    "chinese": 0.5,
    "ukrainian": 0.25,
    "french": 0.5,
    "first_nations": 0.15,
    "african": 0.7,
    "arabic": 0.85,
    "latin_american": 0.75,
    "vietnamese": 0.6,
    "metis": 0.2,
}
"""Share of people with a given name of their origin; the others bear general ones. Rough, too."""

RARE_SHARE = 0.05
DOUBLE_SHARE = 0.02


@cache
def _counts() -> pl.DataFrame:
    data = files("referendum.simulate") / "data" / "name_counts.parquet"
    return pl.read_parquet(BytesIO(data.read_bytes()))


@cache
def _community() -> pl.DataFrame:
    data = files("referendum.simulate") / "data" / "community_names.csv"
    return pl.read_csv(BytesIO(data.read_bytes()), infer_schema=False, null_values=None)


@cache
def _surnames(origin: str) -> Weighted:
    if origin == GENERAL:
        table = _counts().filter(pl.col("sex") == "")
        return Weighted(table["name"].to_list(), table["count"].to_numpy())
    names = _community().filter((pl.col("origin") == origin) & (pl.col("kind") == "surname"))
    return _weighted(names)


@cache
def _given(origin: str, sex: str, decade: int) -> Weighted:
    if origin == GENERAL:
        table = _counts().filter((pl.col("sex") == sex) & (pl.col("decade") == decade))
        return Weighted(table["name"].to_list(), table["count"].to_numpy())
    names = _community().filter((pl.col("origin") == origin) & (pl.col("sex") == sex))
    return _weighted(names)


def _weighted(names: pl.DataFrame) -> Weighted:
    return Weighted(names["name"].to_list(), names["weight"].cast(pl.Float64).to_numpy())


def draw_origins(chance: np.random.Generator, count: int) -> Array:
    """Draw the origin of each household's names."""
    return Weighted(list(ORIGINS), list(ORIGINS.values())).draw(chance, count)


def draw_surnames(chance: np.random.Generator, origins: Array) -> Array:
    """Draw a surname for each origin; some general ones are rare, a few are double."""
    names = np.empty(len(origins), dtype=object)
    for origin in ORIGINS:
        chosen = np.flatnonzero(origins == origin)
        names[chosen] = _surnames(origin).draw(chance, len(chosen))
    rare = np.flatnonzero((origins == GENERAL) & (chance.random(len(origins)) < RARE_SHARE))
    ends = _surnames(GENERAL).draw(chance, len(rare))
    names[rare] = [_blend(start, end) for start, end in zip(names[rare], ends, strict=True)]
    double = np.flatnonzero(chance.random(len(origins)) < DOUBLE_SHARE)
    seconds = _surnames(GENERAL).draw(chance, len(double))
    names[double] = [f"{one}-{two}" for one, two in zip(names[double], seconds, strict=True)]
    return names


def draw_given(chance: np.random.Generator, origins: Array, sexes: Array, years: Array) -> Array:
    """Draw a given name for each person, as frequent in its decade of birth."""
    own = np.vectorize(OWN_GIVEN.get, otypes=[float])(origins, 0.0)
    origins = np.where(chance.random(len(origins)) < own, origins, GENERAL)
    decades = np.where(origins == GENERAL, np.clip(years // 10 * 10, 1930, 2000), 0)
    names = np.empty(len(origins), dtype=object)
    for origin in ORIGINS:
        for sex in ("F", "M"):
            group = (origins == origin) & (sexes == sex)
            for decade in np.unique(decades[group]):
                chosen = np.flatnonzero(group & (decades == decade))
                names[chosen] = _given(origin, sex, int(decade)).draw(chance, len(chosen))
    return names


def _blend(start: str, end: str) -> str:
    """Make a rare surname of the first half of one and the second half of another."""
    return start[: (len(start) + 1) // 2] + end[len(end) // 2 :].lower()
