"""Forecasts of referendums whose results are known, as they would have been made at the time.

What is learnt from past referendums is learnt without the one that is forecast: the prior scales of
walk, house effects and extra error from the polls of the others; the constants between polls and
result, the most probable ones of a small table, from their results. The literature counts as one
referendum more. A referendum counts once, however many days before the vote it is forecast on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product

import numpy as np
import polars as pl

from referendum.core.progress import report_progress
from referendum.polls.baselines import BASELINES, latest_rows_per_house
from referendum.polls.intake import Campaign
from referendum.polls.model import Fit, Priors, fit
from referendum.polls.observations import Array, Observations, to_observations
from referendum.polls.outcome import (
    COARSE_STEP,
    Constants,
    Distribution,
    PathToVote,
    level_distribution,
    result_distribution,
)
from referendum.polls.scores import Score, score_forecast

HORIZONS = (90, 60, 30, 7, 1)
"""Days before the vote on which forecasts are scored."""

FEWEST_SAMPLES = 3
LONGEST_SINCE_POLL = 60
"""A referendum is scored where it has so many samples, the latest not older than so many days."""

MODEL = "model"
MODEL_TITLE = "this model"

CONSTANT_GRID = {
    "walk": (0.6, 0.8, 1.0, 1.25, 1.6, 2.0),
    "drift": (0.0, 0.02, 0.04),
    "shift": (0.0, 1.0, 2.0),
    "scale": (2.0, 2.5, 3.0, 3.5, 4.25, 5.0),
}
"""Values that the constants are chosen from."""


@dataclass(frozen=True)
class PastVote:
    """A referendum whose result is known: its polls (`Received.polls`) and the share of yes."""

    campaign: Campaign
    polls: pl.DataFrame
    result: float


@dataclass(frozen=True)
class BacktestCase:
    """One referendum on one day: what was known of it, fitted."""

    vote: PastVote
    horizon: int
    known_polls: Observations
    fit: Fit
    days: float

    def path_to_vote(self, constants: Constants) -> PathToVote:
        """What lies between the latest poll and the result."""
        return PathToVote(
            self.days, recent_undecided(self.known_polls), self.vote.campaign.status_quo, constants
        )


@dataclass(frozen=True)
class PastEstimates:
    """What past referendums say: of polls, and of the time between the polls and the result."""

    priors: Priors
    constants: Constants


@dataclass(frozen=True)
class ScoredForecast:
    """The score of one forecast: `forecast` is `model` or the name of a baseline."""

    referendum: str
    horizon: int
    forecast: str
    median: float
    result: float
    score: Score


@dataclass(frozen=True)
class Backtest:
    """All scores; what was learnt for each referendum without it; and what from all."""

    forecasts: tuple[ScoredForecast, ...]
    estimates: Mapping[str, PastEstimates]
    from_all: PastEstimates


def polls_known_before(polls: pl.DataFrame, campaign: Campaign, horizon: int) -> pl.DataFrame:
    """Give the polls whose last day of asking is at least `horizon` days before the vote."""
    return polls.filter(pl.col("field_end") <= campaign.vote_date - timedelta(days=horizon))


def recent_undecided(polls: Observations) -> float:
    """Mean undecided share of the latest poll of each house, where it is known; else 0."""
    shares = polls.undecided[latest_rows_per_house(polls)] if polls.count else np.array([])
    known = shares[~np.isnan(shares)]
    return float(known.mean()) if known.size else 0.0


def fit_cases(votes: Sequence[PastVote]) -> list[BacktestCase]:
    """Fit every referendum on every horizon on which it can be scored, with the usual priors."""
    cases = []
    for number, (vote, horizon) in enumerate(product(votes, HORIZONS), start=1):
        known_polls = polls_known_before(vote.polls, vote.campaign, horizon)
        if _can_be_scored(known_polls, vote.campaign, horizon):
            polls = to_observations(known_polls)
            end = (vote.campaign.vote_date - polls.origin).days
            fitted = fit(polls, end - horizon, Priors())
            cases.append(BacktestCase(vote, horizon, polls, fitted, end - float(polls.days.max())))
        report_progress("fitting past votes", number, len(votes) * len(HORIZONS))
    return cases


def _can_be_scored(known_polls: pl.DataFrame, campaign: Campaign, horizon: int) -> bool:
    if known_polls.get_column("sample").n_unique() < FEWEST_SAMPLES:
        return False
    oldest = campaign.vote_date - timedelta(days=horizon + LONGEST_SINCE_POLL)
    return not known_polls.filter(pl.col("field_end") >= oldest).is_empty()


def backtest(votes: Sequence[PastVote]) -> Backtest:
    """Forecast past referendums on every horizon, each with what the others teach."""
    cases = fit_cases(votes)
    table = _log_densities(cases)
    names = [vote.campaign.referendum for vote in votes]
    estimates = {name: _estimate_without(cases, table, without=name) for name in names}
    forecasts: list[ScoredForecast] = []
    for number, case in enumerate(cases, start=1):
        forecasts += _score_forecasts(case, estimates[case.vote.campaign.referendum])
        report_progress("scoring past votes", number, len(cases))
    return Backtest(tuple(forecasts), estimates, _estimate_without(cases, table, without=None))


def _estimate_without(
    cases: Sequence[BacktestCase], table: Array, without: str | None
) -> PastEstimates:
    return PastEstimates(_priors(cases, without), _choose_constants(cases, table, without))


def _priors(cases: Sequence[BacktestCase], without: str | None) -> Priors:
    """Learn the scales of the half-normals: root mean square of the scales of the other votes."""
    last = {case.vote.campaign.referendum: case for case in cases}
    fits = [case.fit for name, case in last.items() if name != without]
    defaults = Priors()
    squares = [np.array([defaults.walk, defaults.house, defaults.extra]) ** 2]
    squares += [one.weights @ one.scales**2 for one in fits]
    walk, house, extra = np.sqrt(np.mean(squares, axis=0))
    return replace(
        defaults,
        walk=round(float(walk), 3),
        house=round(float(house), 3),
        extra=round(float(extra), 3),
    )


def _score_forecasts(case: BacktestCase, estimates: PastEstimates) -> Iterator[ScoredForecast]:
    name = case.vote.campaign.referendum
    fitted = fit(case.known_polls, case.fit.level.day, estimates.priors)
    level = level_distribution(fitted.at_last_poll)
    forecasts: dict[str, Distribution] = {
        MODEL: result_distribution(level, case.path_to_vote(estimates.constants))
    }
    for baseline, (_, make) in BASELINES.items():
        forecasts[baseline] = make(case.known_polls, case.horizon).distribution
    for forecast, distribution in forecasts.items():
        found = score_forecast(distribution, case.vote.result)
        yield ScoredForecast(
            name, case.horizon, forecast, distribution.quantile(0.5), case.vote.result, found
        )


def _grid_of_constants() -> list[Constants]:
    return [
        replace(Constants(), **dict(zip(CONSTANT_GRID, values, strict=True)))
        for values in product(*CONSTANT_GRID.values())
    ]


def _log_densities(cases: Sequence[BacktestCase]) -> Array:
    """Give the (settings, cases) log density of each result under each setting of constants."""
    settings = _grid_of_constants()
    table = np.empty((len(settings), len(cases)))
    for place, case in enumerate(cases):
        level = level_distribution(case.fit.at_last_poll, COARSE_STEP)
        for row, constants in enumerate(settings):
            distribution = result_distribution(level, case.path_to_vote(constants))
            table[row, place] = np.log(max(distribution.density(case.vote.result), 1e-300))
        report_progress("choosing constants", place + 1, len(cases))
    return table


def _choose_constants(
    cases: Sequence[BacktestCase], table: Array, without: str | None
) -> Constants:
    """Choose the most probable setting given the referendums other than one."""
    names = [case.vote.campaign.referendum for case in cases]
    others = sorted(set(names) - {without})
    settings = _grid_of_constants()
    logs = np.array([_log_prior(one) for one in settings])
    for other in others:
        own = [place for place, name in enumerate(names) if name == other]
        logs += table[:, own].mean(axis=1)
    return settings[int(np.argmax(logs))]


def _log_prior(constants: Constants) -> float:
    defaults = Constants()
    parts = (
        np.log(constants.walk / defaults.walk) / defaults.walk_log_sd,
        (constants.drift - defaults.drift) / defaults.drift_sd,
        (constants.shift - defaults.shift) / 1.0,
        np.log(constants.scale / defaults.scale) / 0.3,
    )
    return float(-0.5 * sum(part**2 for part in parts))
