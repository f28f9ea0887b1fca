"""Polls as numbers: logit shares, their sampling variances, and which rows have what in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from referendum.polls.tables import BALLOT, REFERENCE_POPULATIONS

Array = npt.NDArray[np.float64]

USUAL_SAMPLE = 700
"""People taken to have been asked where a poll does not say (its source rarely shows more)."""

ROUNDING = 1 / 12
"""Variance of a figure printed as a whole per cent, in squared points."""


@dataclass(frozen=True)
class Observations:
    """N polls as numbers, in the order of the table.

    Attributes:
        z: (N,) logit of the decided share, yes / (yes + no).
        sampling_variance: (N,) sampling variance of z.
        rounding: (N,) variance of z from printing whole per cents.
        days: (N,) middle day of asking, in days after `origin`.
        sample: (N,) number of the sample that a row is of.
        undecided: (N,) share of the sample without a side, from 0 to 1; NaN where not known or 0.
        side: (N,) +1, −1 or 0: the side that the sponsor campaigns for.
        groups: by kind of effect (`house`, `mode`, `population`, `wording`): (N,) level of each
            row, None where the row is at the level that has no effect.
        origin: the day that days are counted from.
    """

    z: Array
    sampling_variance: Array
    rounding: Array
    days: Array
    sample: npt.NDArray[np.int64]
    undecided: Array
    side: Array
    groups: dict[str, tuple[str | None, ...]]
    origin: date

    @property
    def count(self) -> int:
        """N."""
        return len(self.z)


def logit(share: Array | float) -> Array:
    """Give ln(p / (1 − p))."""
    share = np.asarray(share, dtype=float)
    return np.asarray(np.log(share) - np.log1p(-share))


def expit(value: Array | float) -> Array:
    """Give the share whose logit is `value`."""
    return np.asarray(1 / (1 + np.exp(-np.asarray(value, dtype=float))))


def to_observations(polls: pl.DataFrame) -> Observations:
    """Turn received polls (`Received.polls`) into numbers."""
    yes, no, undecided = (
        polls.get_column(name).cast(pl.Float64).to_numpy() for name in ("yes", "no", "undecided")
    )
    asked = polls.get_column("sample_size").fill_null(USUAL_SAMPLE).to_numpy()
    share = np.clip(yes / (yes + no), 0.005, 0.995)
    left = np.where(np.isnan(undecided), 100 - yes - no, undecided) / 100
    end = polls.get_column("field_end")
    start = polls.select(pl.coalesce("field_start", "field_end")).to_series()
    first = start.min()
    origin = first if isinstance(first, date) else date(1970, 1, 1)
    return Observations(
        z=logit(share),
        sampling_variance=1 / (asked * (yes + no) / 100 * share * (1 - share)),
        rounding=ROUNDING * (yes**-2.0 + no**-2.0),
        days=_middle_days(start, end, origin),
        sample=polls.get_column("sample").to_numpy(),
        undecided=np.where(left > 0, np.clip(left, 0, 0.9), np.nan),
        side=_sides(polls.get_column("sponsor_side")),
        groups=_groups(polls),
        origin=origin,
    )


def _middle_days(start: pl.Series, end: pl.Series, origin: date) -> Array:
    days = [(one - origin).days for one in (*start, *end)]
    middle: Array = np.array(days, dtype=np.float64).reshape(2, -1).mean(axis=0)
    return middle


def _sides(sides: pl.Series) -> Array:
    return np.array([{"yes": 1.0, "no": -1.0}.get(side or "", 0.0) for side in sides])


def _groups(polls: pl.DataFrame) -> dict[str, tuple[str | None, ...]]:
    return {
        "house": tuple(polls.get_column("pollster")),
        "mode": tuple(polls.get_column("mode")),
        "population": _without_reference(polls.get_column("population"), REFERENCE_POPULATIONS),
        "wording": _without_reference(polls.get_column("wording"), (BALLOT,)),
    }


def _without_reference(levels: pl.Series, reference: Sequence[str]) -> tuple[str | None, ...]:
    return tuple(None if level in reference else level for level in levels)
