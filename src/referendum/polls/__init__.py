"""Polls: a table of polls, where opinion stands, a forecast, and how good such forecasts were."""

from referendum.polls.backtest import (
    FEWEST_SAMPLES,
    HORIZONS,
    LONGEST_SINCE_POLL,
    MODEL,
    MODEL_TITLE,
    Backtest,
    PastEstimates,
    PastVote,
    ScoredForecast,
    backtest,
)
from referendum.polls.baselines import BASELINES
from referendum.polls.chance_of_passing import Assumptions, PassingChance, chance_of_passing
from referendum.polls.forecast import Forecast, Scenario, forecast
from referendum.polls.intake import Campaign, ReceivedPolls, Side, receive_polls
from referendum.polls.model import PAST_PRIORS, Effect, Fit, Level, Priors, fit
from referendum.polls.observations import Observations, expit, logit, to_observations
from referendum.polls.outcome import (
    PAST_CONSTANTS,
    Constants,
    Distribution,
    PathToVote,
    level_distribution,
    result_distribution,
)
from referendum.polls.scores import INTERVAL_LEVELS, MeanScores, Score, mean_scores, score_forecast
from referendum.polls.tables import FAULTS, POLLS
from referendum.polls.uncertainty import SOURCES, NextPoll

__all__ = [
    "BASELINES",
    "FAULTS",
    "FEWEST_SAMPLES",
    "HORIZONS",
    "INTERVAL_LEVELS",
    "LONGEST_SINCE_POLL",
    "MODEL",
    "MODEL_TITLE",
    "PAST_CONSTANTS",
    "PAST_PRIORS",
    "POLLS",
    "SOURCES",
    "Assumptions",
    "Backtest",
    "Campaign",
    "Constants",
    "Distribution",
    "Effect",
    "Fit",
    "Forecast",
    "Level",
    "MeanScores",
    "NextPoll",
    "Observations",
    "PassingChance",
    "PastEstimates",
    "PastVote",
    "PathToVote",
    "Priors",
    "ReceivedPolls",
    "Scenario",
    "Score",
    "ScoredForecast",
    "Side",
    "backtest",
    "chance_of_passing",
    "expit",
    "fit",
    "forecast",
    "level_distribution",
    "logit",
    "mean_scores",
    "receive_polls",
    "result_distribution",
    "score_forecast",
    "to_observations",
]
