"""How good a forecast was, once the result is known."""

from dataclasses import dataclass

import numpy as np

from referendum.polls.observations import Array, expit
from referendum.polls.outcome import Distribution

INTERVAL_LEVELS = (50, 80, 95)
"""Chances, in per cent, of the central intervals that are reported."""


@dataclass(frozen=True)
class Score:
    """One forecast against one result.

    Attributes:
        log_density: log of the density per point at the result; higher is better.
        crps: continuous ranked probability score in points (Matheson and Winkler 1976); lower is
            better.
        brier: squared difference between P(yes wins) and what happened.
        error: median minus result, in points.
        covered: by level in per cent, whether the central interval holds the result.
        pit: P(Y < result), which is uniform if forecasts are calibrated.
    """

    log_density: float
    crps: float
    brier: float
    error: float
    covered: dict[int, bool]
    pit: float


def score_forecast(forecast: Distribution, result: float) -> Score:
    """Score a forecast of the share of yes against the share that came out."""
    intervals = {level: forecast.interval(level / 100) for level in INTERVAL_LEVELS}
    return Score(
        log_density=float(np.log(max(forecast.density(result), 1e-300))),
        crps=crps(forecast, result),
        brier=(1 - forecast.probability_below(0.5) - float(result > 0.5)) ** 2,
        error=100 * (forecast.quantile(0.5) - result),
        covered={level: low <= result <= high for level, (low, high) in intervals.items()},
        pit=forecast.probability_below(result),
    )


def crps(forecast: Distribution, result: float) -> float:
    """Integrate the squared distance between the distribution function and the step at result."""
    shares: Array = expit(forecast.grid)
    edges = np.concatenate([[0.0], (shares[1:] + shares[:-1]) / 2, [1.0]])
    below = np.append(0.0, np.cumsum(forecast.mass))
    before = np.clip(result - edges[:-1], 0, np.diff(edges))
    after = np.diff(edges) - before
    level = (below[:-1] + below[1:]) / 2
    return float(100 * (before @ level**2 + after @ (1 - level) ** 2))


@dataclass(frozen=True)
class MeanScores:
    """Mean scores of several forecasts; `covered` counts the intervals that hold the result."""

    count: int
    log_density: float
    crps: float
    brier: float
    covered: dict[int, int]


def mean_scores(scores: list[Score]) -> MeanScores:
    """Average the scores of at least one forecast."""
    return MeanScores(
        count=len(scores),
        log_density=float(np.mean([one.log_density for one in scores])),
        crps=float(np.mean([one.crps for one in scores])),
        brier=float(np.mean([one.brier for one in scores])),
        covered={level: sum(one.covered[level] for one in scores) for level in INTERVAL_LEVELS},
    )
