"""Made-up campaigns from the model's own prior, to test whether its intervals are calibrated."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from referendum.core.progress import report_progress
from referendum.polls import (
    INTERVAL_LEVELS,
    PAST_CONSTANTS,
    PAST_PRIORS,
    Campaign,
    Distribution,
    PathToVote,
    Score,
    expit,
    fit,
    level_distribution,
    receive_polls,
    result_distribution,
    score_forecast,
    to_observations,
)
from referendum.simulate.chance import random_stream

VOTE_DAY = date(2030, 6, 1)
DAYS = 150
HOUSES = 5
CAMPAIGN = Campaign("made-up", VOTE_DAY)
MODES = ("online", "telephone")


@dataclass(frozen=True)
class MadeUpCampaign:
    """A made-up campaign: its polls as a table from outside, and its result."""

    polls: pl.DataFrame
    result: float


@dataclass(frozen=True)
class Calibration:
    """How well forecasts of made-up campaigns are calibrated.

    Attributes:
        count: how many.
        coverage: by level in per cent, the share of intervals that held the result.
        deciles: how often P(Y < result) fell into each tenth.
        chi_square: of the deciles against evenness, 9 degrees of freedom.
        reliability: for P(most votes) in fifths: lower end, mean forecast, share that happened,
            cases.
    """

    count: int
    coverage: dict[int, float]
    deciles: tuple[int, ...]
    chi_square: float
    reliability: tuple[tuple[float, float, float, int], ...]


def make_up_campaign(seed: str, number: int) -> MadeUpCampaign:
    """Draw scales, effects, opinion day by day, polls and result from the prior."""
    rng = random_stream(seed, "campaign", number)
    priors = PAST_PRIORS
    walk, house, extra = np.abs(rng.normal(0, [priors.walk, priors.house, priors.extra]))
    opinion = rng.normal(0, priors.start) + walk * np.append(0, np.cumsum(rng.normal(size=DAYS)))
    leans = rng.normal(0, house, HOUSES)
    contrast = rng.normal(0, priors.mode / np.sqrt(2))
    rows = []
    until = int(rng.choice([1, 7, 30, 60]))
    count = int(rng.integers(8, 16))
    days = np.sort(rng.choice(DAYS - until + 1, count, replace=False))
    # The walk begins on the day of the first poll, as in the model.
    path = opinion - opinion[days[0]] + opinion[0]
    for day in days:
        who, how = int(rng.integers(HOUSES)), int(rng.integers(2))
        asked = int(rng.integers(500, 2_000))
        place = path[day] + leans[who] + contrast * (1 - 2 * how) + rng.normal(0, extra)
        yes = rng.binomial(asked, float(expit(place))) / asked
        rows.append(_row(who, int(day), asked, how, float(np.clip(yes, 0.001, 0.999))))
    polls = pl.DataFrame(rows)
    return MadeUpCampaign(polls, _result(rng, float(path[days[-1]]), DAYS - int(days[-1])))


def _row(who: int, day: int, asked: int, how: int, yes: float) -> dict[str, str]:
    return {
        "referendum": CAMPAIGN.referendum,
        "pollster": f"House {who}",
        "field_end": (VOTE_DAY - timedelta(days=DAYS - day)).isoformat(),
        "sample_size": str(asked),
        "mode": MODES[how],
        "yes": f"{100 * yes:.2f}",
        "no": f"{100 * (1 - yes):.2f}",
        "source": "made up",
    }


def _result(rng: np.random.Generator, last: float, days: int) -> float:
    """Let the campaign end and the polls be wrong, as the constants have it."""
    share = float(np.clip(expit(last), 0.1, 0.9))
    unit = 1 / (100 * share * (1 - share))
    walk = PAST_CONSTANTS.walk * np.exp(PAST_CONSTANTS.walk_log_sd * rng.normal())
    drift = rng.normal(PAST_CONSTANTS.drift, PAST_CONSTANTS.drift_sd) * days
    moved = rng.normal(0, walk * np.sqrt(days)) - drift
    missed = PAST_CONSTANTS.scale * rng.standard_t(5) - PAST_CONSTANTS.shift
    return float(expit(last + unit * (moved + missed)))


def forecast_campaign(campaign: MadeUpCampaign) -> Distribution:
    """Forecast a made-up campaign from its polls alone."""
    received = receive_polls(campaign.polls, CAMPAIGN).polls
    polls = to_observations(received)
    end = (VOTE_DAY - polls.origin).days
    level = fit(polls, float(polls.days.max())).at_last_poll
    ahead = PathToVote(end - float(polls.days.max()), 0.0, CAMPAIGN.status_quo, PAST_CONSTANTS)
    return result_distribution(level_distribution(level), ahead)


def measure_calibration(count: int, seed: str) -> Calibration:
    """Forecast `count` made-up campaigns and compare the forecasts with the results."""
    scores: list[Score] = []
    chances, won = [], []
    for number in range(count):
        campaign = make_up_campaign(seed, number)
        forecast = forecast_campaign(campaign)
        scores.append(score_forecast(forecast, campaign.result))
        chances.append(1 - forecast.probability_below(0.5))
        won.append(float(campaign.result > 0.5))
        report_progress("made-up campaigns", number + 1, count)
    deciles = np.histogram([one.pit for one in scores], bins=10, range=(0, 1))[0]
    return Calibration(
        count=count,
        coverage={
            level: float(np.mean([one.covered[level] for one in scores]))
            for level in INTERVAL_LEVELS
        },
        deciles=tuple(map(int, deciles)),
        chi_square=float(((deciles - count / 10) ** 2 / (count / 10)).sum()),
        reliability=_reliability(np.array(chances), np.array(won)),
    )


def _reliability(
    chances: np.ndarray, won: np.ndarray
) -> tuple[tuple[float, float, float, int], ...]:
    fifth = np.minimum((chances * 5).astype(int), 4)
    return tuple(
        (
            place / 5,
            float(chances[fifth == place].mean()),
            float(won[fifth == place].mean()),
            int((fifth == place).sum()),
        )
        for place in range(5)
        if (fifth == place).any()
    )
