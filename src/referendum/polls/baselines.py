"""Averages as they are printed, made into forecasts: what a model must beat.

A baseline sees the same polls on the ballot's own question where there are any. Its forecast is
Gaussian on the logit scale.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from referendum.polls.model import Level
from referendum.polls.observations import Array, Observations, expit, logit
from referendum.polls.outcome import Distribution, level_distribution

LAST_POLLS = 6
WINDOW = 21.0
"""Days before the latest poll within which a house's latest poll counts."""

HISTORICAL = ((1.0, 5.1), (30.0, 5.8), (60.0, 6.5), (90.0, 7.1))
"""Standard deviation in points by days to go, after Fisher and Renwick 2016 (half-widths of their
95 % intervals from 10 on the eve to 14 in March)."""


@dataclass(frozen=True)
class Average:
    """A share and its standard deviation, both from 0 to 1."""

    share: float
    sd: float

    @property
    def distribution(self) -> Distribution:
        """The forecast as a distribution on the logit scale."""
        share = float(np.clip(self.share, 0.01, 0.99))
        variance = (self.sd / (share * (1 - share))) ** 2
        place = np.array([float(logit(share))])
        return level_distribution(Level(0.0, np.ones(1), place, np.array([variance])))


Baseline = Callable[[Observations, float], Average]


def last_six(polls: Observations, days_to_go: float) -> Average:  # noqa: ARG001
    """Average the six latest polls; nothing but their sampling error."""
    chosen = _rows_on_ballot_question(polls)[-LAST_POLLS:]
    return _average_with_sampling_error(polls, chosen)


def latest_per_house(polls: Observations, days_to_go: float) -> Average:  # noqa: ARG001
    """Average the latest poll of each house and mode within three weeks; sampling error only."""
    return _average_with_sampling_error(polls, latest_rows_per_house(polls))


def historical_errors(polls: Observations, days_to_go: float) -> Average:
    """Take the latest of each house, with the errors that such averages have had."""
    share = latest_per_house(polls, days_to_go).share
    days, sds = zip(*HISTORICAL, strict=True)
    return Average(share, float(np.interp(days_to_go, days, sds)) / 100)


def know_nothing(polls: Observations, days_to_go: float) -> Average:  # noqa: ARG001
    """Take one half, give or take fifteen points, whatever the polls say."""
    return Average(0.5, 0.15)


BASELINES: dict[str, tuple[str, Baseline]] = {
    "last_six": ("mean of the last six polls, sampling error", last_six),
    "latest_per_house": ("latest poll of each house, sampling error", latest_per_house),
    "historical_errors": ("latest of each house, historical errors", historical_errors),
    "know_nothing": ("one half, give or take 15 points", know_nothing),
}
"""By name: a title and how it is made."""


def latest_rows_per_house(polls: Observations) -> list[int]:
    """Give the rows of the latest poll of each house and mode within the window."""
    newest: dict[tuple[str | None, str | None], int] = {}
    rows = _rows_on_ballot_question(polls)
    last = max((polls.days[row] for row in rows), default=0.0)
    for row in rows:
        if polls.days[row] >= last - WINDOW:
            newest[polls.groups["house"][row], polls.groups["mode"][row]] = row
    return sorted(newest.values())


def _rows_on_ballot_question(polls: Observations) -> list[int]:
    """Rows on the ballot's question and of the voters, where there are any; a row per sample."""
    rows = list(range(polls.count))
    for kind in ("wording", "population"):
        own = [row for row in rows if polls.groups[kind][row] is None]
        rows = own or rows
    row_of_sample = {int(polls.sample[row]): row for row in rows}
    return sorted(row_of_sample.values(), key=lambda row: (polls.days[row], row))


def _average_with_sampling_error(polls: Observations, rows: list[int]) -> Average:
    if not rows:
        return know_nothing(polls, 0)
    shares: Array = expit(polls.z[rows])
    variance = (polls.sampling_variance[rows] * (shares * (1 - shares)) ** 2).sum() / len(rows) ** 2
    return Average(float(shares.mean()), float(np.sqrt(variance)))
