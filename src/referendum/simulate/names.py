"""Names of many origins: frequent, rare, double, accented."""

from functools import cache
from importlib.resources import files
from io import BytesIO

import numpy as np
import polars as pl

from referendum.simulate.chance import Array, WeightedItems

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
SHARE_WITH_OWN_GIVEN_NAME = {
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
def _name_counts() -> pl.DataFrame:
    data = files("referendum.simulate") / "data" / "name_counts.parquet"
    return pl.read_parquet(BytesIO(data.read_bytes()))


@cache
def _community_names() -> pl.DataFrame:
    data = files("referendum.simulate") / "data" / "community_names.csv"
    return pl.read_csv(BytesIO(data.read_bytes()), infer_schema=False, null_values=None)


@cache
def _surnames(origin: str) -> WeightedItems:
    if origin == GENERAL:
        table = _name_counts().filter(pl.col("sex") == "")
        return WeightedItems(table["name"].to_list(), table["count"].to_numpy())
    names = _community_names().filter((pl.col("origin") == origin) & (pl.col("kind") == "surname"))
    return _weight_names(names)


@cache
def _given_names(origin: str, sex: str, decade: int) -> WeightedItems:
    if origin == GENERAL:
        table = _name_counts().filter((pl.col("sex") == sex) & (pl.col("decade") == decade))
        return WeightedItems(table["name"].to_list(), table["count"].to_numpy())
    names = _community_names().filter((pl.col("origin") == origin) & (pl.col("sex") == sex))
    return _weight_names(names)


def _weight_names(names: pl.DataFrame) -> WeightedItems:
    return WeightedItems(names["name"].to_list(), names["weight"].cast(pl.Float64).to_numpy())


def draw_origins(rng: np.random.Generator, count: int) -> Array:
    """Draw the origin of each household's names."""
    return WeightedItems(list(ORIGINS), list(ORIGINS.values())).draw(rng, count)


def draw_surnames(rng: np.random.Generator, origins: Array) -> Array:
    """Draw a surname for each origin; some general ones are rare, a few are double."""
    names = np.empty(len(origins), dtype=object)
    for origin in ORIGINS:
        chosen = np.flatnonzero(origins == origin)
        names[chosen] = _surnames(origin).draw(rng, len(chosen))
    rare = np.flatnonzero((origins == GENERAL) & (rng.random(len(origins)) < RARE_SHARE))
    ends = _surnames(GENERAL).draw(rng, len(rare))
    names[rare] = [
        _blend_surnames(start, end) for start, end in zip(names[rare], ends, strict=True)
    ]
    double = np.flatnonzero(rng.random(len(origins)) < DOUBLE_SHARE)
    seconds = _surnames(GENERAL).draw(rng, len(double))
    names[double] = [f"{one}-{two}" for one, two in zip(names[double], seconds, strict=True)]
    return names


def draw_given_names(rng: np.random.Generator, origins: Array, sexes: Array, years: Array) -> Array:
    """Draw a given name for each person, as frequent in its decade of birth."""
    own = np.vectorize(SHARE_WITH_OWN_GIVEN_NAME.get, otypes=[float])(origins, 0.0)
    origins = np.where(rng.random(len(origins)) < own, origins, GENERAL)
    decades = np.where(origins == GENERAL, np.clip(years // 10 * 10, 1930, 2000), 0)
    names = np.empty(len(origins), dtype=object)
    for origin in ORIGINS:
        for sex in ("F", "M"):
            group = (origins == origin) & (sexes == sex)
            for decade in np.unique(decades[group]):
                chosen = np.flatnonzero(group & (decades == decade))
                names[chosen] = _given_names(origin, sex, int(decade)).draw(rng, len(chosen))
    return names


def _blend_surnames(start: str, end: str) -> str:
    """Make a rare surname of the first half of one and the second half of another."""
    return start[: (len(start) + 1) // 2] + end[len(end) // 2 :].lower()
