"""A backtest as it is published: one document, with numbers as text."""

from dataclasses import asdict
from typing import Any

from referendum.polls.backtest import HORIZONS, MODEL, MODEL_TITLE, Backtest, Learnt, Scored
from referendum.polls.baselines import BASELINES
from referendum.polls.model import Priors
from referendum.polls.outcome import Constants
from referendum.polls.scores import summary

TITLES = {MODEL: MODEL_TITLE, **{name: title for name, (title, _) in BASELINES.items()}}
"""By forecast, what it is."""


def report(made: Backtest) -> dict[str, Any]:
    """Give the scores of every forecast, their means, and the constants that were chosen."""
    return {
        "from_all": _learnt(made.from_all),
        "learnt": {name: _learnt(one) for name, one in made.learnt.items()},
        "summary": [
            found
            for horizon in HORIZONS
            for forecast in TITLES
            if (found := _summary(made, horizon, forecast)) is not None
        ],
        "forecasts": [_told(one) for one in made.scored],
    }


def _learnt(learnt: Learnt) -> dict[str, dict[str, str]]:
    return {"priors": _texts(learnt.priors), "constants": _texts(learnt.constants)}


def _texts(values: Priors | Constants) -> dict[str, str]:
    return {name: f"{value:.3f}" for name, value in asdict(values).items()}


def _summary(made: Backtest, horizon: int, forecast: str) -> dict[str, Any] | None:
    scores = [
        one.score for one in made.scored if (one.horizon, one.forecast) == (horizon, forecast)
    ]
    if not scores:
        return None
    found = summary(scores)
    return {
        "days": horizon,
        "forecast": forecast,
        "title": TITLES[forecast],
        "count": found.count,
        "log_density": f"{found.log_density:.2f}",
        "crps": f"{found.crps:.2f}",
        "brier": f"{found.brier:.3f}",
        "held": {str(level): count for level, count in found.held.items()},
    }


def _told(one: Scored) -> dict[str, Any]:
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
        "held": {str(level): held for level, held in one.score.held.items()},
    }
