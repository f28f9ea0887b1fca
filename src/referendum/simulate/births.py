"""Days of birth: drawn, and written with the slips that days bear."""

from datetime import date

import numpy as np
import polars as pl

from referendum.simulate.chance import Array
from referendum.simulate.corruption import at_level, sheet_factor
from referendum.simulate.slips import Chance

BIRTH = ("none", "year", "date")
"""What the sheet asks for."""

BIRTH_RATES = {
    "birth_day_and_month": 0.01,
    "birth_digit": 0.012,
    "birth_year_off": 0.006,
    "no_birth": 0.015,
}
"""Chances on a normal sheet: day and month swapped, one digit wrong, the year off by one or ten,
none written or legible. Rates are judgement; a slip that gives no day of the calendar is undone."""


def draw_birth_dates(chance: Chance, years: Array) -> Array:
    """Draw a day in each year."""
    starts = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    dates: Array = starts + chance.integers(0, 365, len(years)).astype("timedelta64[D]")
    return dates


def keyed_births(
    meant: pl.DataFrame, quality: pl.Series, chance: Chance, asked: str, errors: str
) -> pl.DataFrame:
    """Write and key the days of birth.

    Args:
        meant: lines with `birth_date` and `corruptions`.
        quality: of each line's sheet.
        chance: where chance comes from.
        asked: one of `BIRTH`.
        errors: one of `corruption.ERRORS`.

    Returns:
        The lines with `birth_date`, `birth_year` as keyed and their slips in `corruptions`.
    """
    none = {"birth_date": pl.lit(None, dtype=pl.Date), "birth_year": pl.lit(None, dtype=pl.Int32)}
    if asked == "none":
        return meant.with_columns(**none)
    rates = at_level(list(BIRTH_RATES.values()), errors)
    drawn = chance.random((meant.height, len(BIRTH_RATES)))
    happens = drawn < rates * sheet_factor(quality)[:, None]
    births, slips = meant["birth_date"].to_list(), meant["corruptions"].to_list()
    names = list(BIRTH_RATES)
    for row, kind in np.argwhere(happens):
        before = births[row]
        births[row] = before and _slipped(before, names[kind], chance)
        seen = births[row] != before and (asked == "date" or _year(births[row]) != _year(before))
        slips[row] = "+".join(filter(None, [slips[row], names[kind] * seen]))
    written = meant.with_columns(
        birth_date=pl.Series(births, dtype=pl.Date), corruptions=pl.Series(slips, dtype=pl.String)
    ).with_columns(birth_year=pl.lit(None, dtype=pl.Int32))
    if asked == "date":
        return written
    return written.with_columns(
        birth_year=pl.col("birth_date").dt.year(), birth_date=none["birth_date"]
    )


def _year(birth: date | None) -> int | None:
    return birth.year if birth else None


def _slipped(birth: date, slip: str, chance: Chance) -> date | None:
    if slip == "no_birth":
        return None
    if slip == "birth_day_and_month":
        return birth.replace(month=birth.day, day=birth.month) if birth.day <= 12 else birth
    if slip == "birth_digit":
        digits = list(f"{birth:%Y%m%d}")
        digits[int(chance.integers(2, 8))] = str(chance.integers(10))
        text = "".join(digits)
    else:
        text = f"{birth.year + int(chance.choice([-10, -1, 1, 10])):04}{birth:%m%d}"
    try:
        return date.fromisoformat(text)
    except ValueError:
        return birth
