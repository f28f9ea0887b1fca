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
from referendum.polls.baselines import BASELINES, latest_of_each
from referendum.polls.intake import Campaign
from referendum.polls.model import Fit, Priors, fit
from referendum.polls.observations import Array, Observations, observe
from referendum.polls.outcome import COARSE, Ahead, Constants, Distribution, of_level, outcome
from referendum.polls.scores import Score, score

HORIZONS = (90, 60, 30, 7, 1)
"""Days before the vote on which forecasts are scored."""

FEWEST = 3
STALEST = 60
"""A referendum is scored where it has so many samples, the latest not older than so many days."""

MODEL = "model"
MODEL_TITLE = "this model"

CHOICES = {
    "walk": (0.6, 0.8, 1.0, 1.25, 1.6, 2.0),
    "drift": (0.0, 0.02, 0.04),
    "shift": (0.0, 1.0, 2.0),
    "scale": (2.0, 2.5, 3.0, 3.5, 4.25, 5.0),
}
"""Values that the constants are chosen from."""


@dataclass(frozen=True)
class Vote:
    """A referendum whose result is known: its polls (`Received.polls`) and the share of yes."""

    campaign: Campaign
    polls: pl.DataFrame
    result: float


@dataclass(frozen=True)
class Case:
    """One referendum on one day: what was known of it, fitted."""

    vote: Vote
    horizon: int
    seen: Observations
    fit: Fit
    days: float

    def ahead(self, constants: Constants) -> Ahead:
        """What lies between the latest poll and the result."""
        return Ahead(
            self.days, recent_undecided(self.seen), self.vote.campaign.status_quo, constants
        )


@dataclass(frozen=True)
class Learnt:
    """What past referendums say: of polls, and of the time between the polls and the result."""

    priors: Priors
    constants: Constants


@dataclass(frozen=True)
class Scored:
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

    scored: tuple[Scored, ...]
    learnt: Mapping[str, Learnt]
    from_all: Learnt


def seen_by(polls: pl.DataFrame, campaign: Campaign, horizon: int) -> pl.DataFrame:
    """Give the polls whose last day of asking is at least `horizon` days before the vote."""
    return polls.filter(pl.col("field_end") <= campaign.vote_date - timedelta(days=horizon))


def recent_undecided(polls: Observations) -> float:
    """Mean undecided share of the latest poll of each house, where it is known; else 0."""
    shares = polls.undecided[latest_of_each(polls)] if polls.count else np.array([])
    known = shares[~np.isnan(shares)]
    return float(known.mean()) if known.size else 0.0


def cases_of(votes: Sequence[Vote]) -> list[Case]:
    """Fit every referendum on every horizon on which it can be scored, with the usual priors."""
    cases = []
    for number, (vote, horizon) in enumerate(product(votes, HORIZONS), start=1):
        seen = seen_by(vote.polls, vote.campaign, horizon)
        if _can_be_scored(seen, vote.campaign, horizon):
            polls = observe(seen)
            end = (vote.campaign.vote_date - polls.origin).days
            fitted = fit(polls, end - horizon, Priors())
            cases.append(Case(vote, horizon, polls, fitted, end - float(polls.days.max())))
        report_progress("fitting past votes", number, len(votes) * len(HORIZONS))
    return cases


def _can_be_scored(seen: pl.DataFrame, campaign: Campaign, horizon: int) -> bool:
    if seen.get_column("sample").n_unique() < FEWEST:
        return False
    oldest = campaign.vote_date - timedelta(days=horizon + STALEST)
    return not seen.filter(pl.col("field_end") >= oldest).is_empty()


def backtest(votes: Sequence[Vote]) -> Backtest:
    """Forecast past referendums on every horizon, each with what the others teach."""
    cases = cases_of(votes)
    table = _log_densities(cases)
    names = [vote.campaign.referendum for vote in votes]
    learnt = {name: _learnt(cases, table, without=name) for name in names}
    scored: list[Scored] = []
    for number, case in enumerate(cases, start=1):
        scored += _scored(case, learnt[case.vote.campaign.referendum])
        report_progress("scoring past votes", number, len(cases))
    return Backtest(tuple(scored), learnt, _learnt(cases, table, without=None))


def _learnt(cases: Sequence[Case], table: Array, without: str | None) -> Learnt:
    return Learnt(_priors(cases, without), _chosen(cases, table, without))


def _priors(cases: Sequence[Case], without: str | None) -> Priors:
    """Learn the scales of the half-normals: root mean square of the scales of the other votes."""
    last = {case.vote.campaign.referendum: case for case in cases}
    fits = [case.fit for name, case in last.items() if name != without]
    usual = Priors()
    squares = [np.array([usual.walk, usual.house, usual.extra]) ** 2]
    squares += [one.weights @ one.scales**2 for one in fits]
    walk, house, extra = np.sqrt(np.mean(squares, axis=0))
    return replace(
        usual,
        walk=round(float(walk), 3),
        house=round(float(house), 3),
        extra=round(float(extra), 3),
    )


def _scored(case: Case, learnt: Learnt) -> Iterator[Scored]:
    name = case.vote.campaign.referendum
    fitted = fit(case.seen, case.fit.level.day, learnt.priors)
    level = of_level(fitted.at_last_poll)
    forecasts: dict[str, Distribution] = {MODEL: outcome(level, case.ahead(learnt.constants))}
    for baseline, (_, make) in BASELINES.items():
        forecasts[baseline] = make(case.seen, case.horizon).distribution
    for forecast, made in forecasts.items():
        found = score(made, case.vote.result)
        yield Scored(name, case.horizon, forecast, made.quantile(0.5), case.vote.result, found)


def _settings() -> list[Constants]:
    return [
        replace(Constants(), **dict(zip(CHOICES, values, strict=True)))
        for values in product(*CHOICES.values())
    ]


def _log_densities(cases: Sequence[Case]) -> Array:
    """Give the (settings, cases) log density of each result under each setting of constants."""
    settings = _settings()
    table = np.empty((len(settings), len(cases)))
    for place, case in enumerate(cases):
        level = of_level(case.fit.at_last_poll, COARSE)
        for row, constants in enumerate(settings):
            made = outcome(level, case.ahead(constants))
            table[row, place] = np.log(max(made.density(case.vote.result), 1e-300))
        report_progress("choosing constants", place + 1, len(cases))
    return table


def _chosen(cases: Sequence[Case], table: Array, without: str | None) -> Constants:
    """Choose the most probable setting given the referendums other than one."""
    names = [case.vote.campaign.referendum for case in cases]
    others = sorted(set(names) - {without})
    settings = _settings()
    logs = np.array([_log_prior(one) for one in settings])
    for other in others:
        own = [place for place, name in enumerate(names) if name == other]
        logs += table[:, own].mean(axis=1)
    return settings[int(np.argmax(logs))]


def _log_prior(constants: Constants) -> float:
    usual = Constants()
    parts = (
        np.log(constants.walk / usual.walk) / usual.walk_log_sd,
        (constants.drift - usual.drift) / usual.drift_sd,
        (constants.shift - usual.shift) / 1.0,
        np.log(constants.scale / usual.scale) / 0.3,
    )
    return float(-0.5 * sum(part**2 for part in parts))
