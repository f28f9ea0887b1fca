"""A backtest as it is published: one document, with numbers as text."""

from dataclasses import asdict
from typing import Any

from referendum.polls.backtest import (
    HORIZONS,
    MODEL,
    MODEL_TITLE,
    Backtest,
    PastEstimates,
    ScoredForecast,
)
from referendum.polls.baselines import BASELINES
from referendum.polls.model import Priors
from referendum.polls.outcome import Constants
from referendum.polls.scores import mean_scores

TITLES = {MODEL: MODEL_TITLE, **{name: title for name, (title, _) in BASELINES.items()}}
"""By forecast, what it is."""


def backtest_document(backtest: Backtest) -> dict[str, Any]:
    """Give the scores of every forecast, their means, and the constants that were chosen."""
    return {
        "from_all": _estimates_document(backtest.from_all),
        "learnt": {name: _estimates_document(one) for name, one in backtest.estimates.items()},
        "summary": [
            found
            for horizon in HORIZONS
            for forecast in TITLES
            if (found := _mean_scores_document(backtest, horizon, forecast)) is not None
        ],
        "forecasts": [_forecast_document(one) for one in backtest.forecasts],
    }


def _estimates_document(estimates: PastEstimates) -> dict[str, dict[str, str]]:
    return {"priors": _texts(estimates.priors), "constants": _texts(estimates.constants)}


def _texts(values: Priors | Constants) -> dict[str, str]:
    return {name: f"{value:.3f}" for name, value in asdict(values).items()}


def _mean_scores_document(backtest: Backtest, horizon: int, forecast: str) -> dict[str, Any] | None:
    scores = [
        one.score
        for one in backtest.forecasts
        if (one.horizon, one.forecast) == (horizon, forecast)
    ]
    if not scores:
        return None
    found = mean_scores(scores)
    return {
        "days": horizon,
        "forecast": forecast,
        "title": TITLES[forecast],
        "count": found.count,
        "log_density": f"{found.log_density:.2f}",
        "crps": f"{found.crps:.2f}",
        "brier": f"{found.brier:.3f}",
        "held": {str(level): count for level, count in found.covered.items()},
    }


def _forecast_document(one: ScoredForecast) -> dict[str, Any]:
    return {
        "referendum": one.referendum,
        "days": one.horizon,
        "forecast": one.forecast,
        "median": f"{one.median:.4f}",
        "result": f"{one.result:.4f}",
        "error": f"{one.score.error:.2f}",
        "log_density": f"{one.score.log_density:.2f}",
        "crps": f"{one.score.crps:.2f}",
        "pit": f"{one.score.pit:.4f}",
        "held": {str(level): held for level, held in one.score.covered.items()},
    }
