"""Polls: a table of polls, where opinion stands, a forecast, and how good such forecasts were."""

from referendum.polls.backtest import (
    FEWEST,
    HORIZONS,
    MODEL,
    MODEL_TITLE,
    STALEST,
    Backtest,
    Learnt,
    Scored,
    Vote,
    backtest,
)
from referendum.polls.baselines import BASELINES
from referendum.polls.forecast import Forecast, Scenario, forecast
from referendum.polls.intake import Campaign, Received, Side, receive_polls
from referendum.polls.model import PAST_PRIORS, Effect, Fit, Level, Priors, fit
from referendum.polls.observations import Observations, expit, logit, observe
from referendum.polls.outcome import PAST, Ahead, Constants, Distribution, of_level, outcome
from referendum.polls.passing import Assumed, Passing, passing
from referendum.polls.scores import LEVELS, Score, Summary, score, summary
from referendum.polls.tables import FAULTS, POLLS
from referendum.polls.uncertainty import SOURCES, NextPoll

__all__ = [
    "BASELINES",
    "FAULTS",
    "FEWEST",
    "HORIZONS",
    "LEVELS",
    "MODEL",
    "MODEL_TITLE",
    "PAST",
    "PAST_PRIORS",
    "POLLS",
    "SOURCES",
    "STALEST",
    "Ahead",
    "Assumed",
    "Backtest",
    "Campaign",
    "Constants",
    "Distribution",
    "Effect",
    "Fit",
    "Forecast",
    "Learnt",
    "Level",
    "NextPoll",
    "Observations",
    "Passing",
    "Priors",
    "Received",
    "Scenario",
    "Score",
    "Scored",
    "Side",
    "Summary",
    "Vote",
    "backtest",
    "expit",
    "fit",
    "forecast",
    "logit",
    "observe",
    "of_level",
    "outcome",
    "passing",
    "receive_polls",
    "score",
    "summary",
]
