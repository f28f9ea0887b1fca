"""Days of birth: drawn, and written with the slips that dates suffer."""

from datetime import date

import numpy as np
import polars as pl

from referendum.simulate.chance import Array
from referendum.simulate.corruption import rates_at_level, sheet_factor
from referendum.simulate.slips import Rng

BIRTH = ("none", "year", "date")
"""What the sheet asks for."""

BIRTH_RATES = {
    "birth_day_and_month": 0.01,
    "birth_digit": 0.012,
    "birth_year_off": 0.006,
    "no_birth": 0.015,
}
"""Chances on a normal sheet: day and month swapped, one digit wrong, the year off by one or ten,
none written or legible. Rates are judgement; a slip that gives an impossible date is undone."""


def draw_birth_dates(rng: Rng, years: Array) -> Array:
    """Draw a day in each year."""
    starts = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    dates: Array = starts + rng.integers(0, 365, len(years)).astype("timedelta64[D]")
    return dates


def write_births(
    intended: pl.DataFrame, quality: pl.Series, rng: Rng, asked_for: str, errors: str
) -> pl.DataFrame:
    """Write and key the days of birth.

    Args:
        intended: lines with `birth_date` and `corruptions`.
        quality: of each line's sheet.
        rng: generator of random numbers.
        asked_for: one of `BIRTH`.
        errors: one of `corruption.ERRORS`.

    Returns:
        The lines with `birth_date`, `birth_year` as keyed and their slips in `corruptions`.
    """
    empty = {"birth_date": pl.lit(None, dtype=pl.Date), "birth_year": pl.lit(None, dtype=pl.Int32)}
    if asked_for == "none":
        return intended.with_columns(**empty)
    rates = rates_at_level(list(BIRTH_RATES.values()), errors)
    drawn = rng.random((intended.height, len(BIRTH_RATES)))
    happens = drawn < rates * sheet_factor(quality)[:, None]
    births, slips = intended["birth_date"].to_list(), intended["corruptions"].to_list()
    names = list(BIRTH_RATES)
    for row, kind in np.argwhere(happens):
        before = births[row]
        births[row] = before and _apply_slip(before, names[kind], rng)
        seen = births[row] != before and (
            asked_for == "date" or _year(births[row]) != _year(before)
        )
        slips[row] = "+".join(filter(None, [slips[row], names[kind] * seen]))
    written = intended.with_columns(
        birth_date=pl.Series(births, dtype=pl.Date), corruptions=pl.Series(slips, dtype=pl.String)
    ).with_columns(birth_year=pl.lit(None, dtype=pl.Int32))
    if asked_for == "date":
        return written
    return written.with_columns(
        birth_year=pl.col("birth_date").dt.year(), birth_date=empty["birth_date"]
    )


def _year(birth: date | None) -> int | None:
    return birth.year if birth else None


def _apply_slip(birth: date, slip: str, rng: Rng) -> date | None:
    if slip == "no_birth":
        return None
    if slip == "birth_day_and_month":
        return birth.replace(month=birth.day, day=birth.month) if birth.day <= 12 else birth
    if slip == "birth_digit":
        digits = list(f"{birth:%Y%m%d}")
        digits[int(rng.integers(2, 8))] = str(rng.integers(10))
        text = "".join(digits)
    else:
        text = f"{birth.year + int(rng.choice([-10, -1, 1, 10])):04}{birth:%m%d}"
    try:
        return date.fromisoformat(text)
    except ValueError:
        return birth
