"""How much of the uncertainty comes from what, and what one more poll would change.

With weights w the estimate of the level is Σ w_i z_i, so its error is a sum of independent parts:
the houses', the wordings', the samples', and opinion's own movement since each poll. At the
posterior means of the scales their variances add up; they are then scaled to the posterior
variance, which also holds that the scales are not known.
"""

from dataclasses import dataclass

import numpy as np

from referendum.polls.model import Fit, Kernels, Level, Priors
from referendum.polls.observations import Observations
from referendum.polls.outcome import (
    Distribution,
    PathToVote,
    Stage,
    add_campaign,
    add_end_bias,
    add_undecided,
    level_distribution,
)

SOURCES = {
    "sampling": "chance in who was asked",
    "extra": "errors of single polls beyond chance",
    "house": "leanings of houses",
    "question": "wordings, populations, modes and sponsors",
    "movement": "movement of opinion between and since the polls",
    "campaign": "the campaign that remains",
    "end_bias": "error that all polls share on the day",
    "undecided": "those who have no side yet",
}
"""Sources of uncertainty, in words."""

_STAGES: dict[str, Stage] = {
    "campaign": add_campaign,
    "end_bias": add_end_bias,
    "undecided": add_undecided,
}


def variance_shares(
    polls: Observations, fitted: Fit, path: PathToVote, priors: Priors
) -> dict[str, float]:
    """Give the share of the variance of the result (on the logit scale) by source, in all 1."""
    found = _variances_of_level(polls, fitted, priors)
    distribution: Distribution = level_distribution(fitted.at_last_poll)
    total = sum(found.values())
    found = {name: part * distribution.logit_variance / total for name, part in found.items()}
    for name, stage in _STAGES.items():
        before = distribution.logit_variance
        distribution = stage(distribution, path)
        found[name] = max(distribution.logit_variance - before, 0.0)
    total_variance = sum(found.values())
    return {name: found[name] / total_variance for name in SOURCES}


def _variances_of_level(polls: Observations, fitted: Fit, priors: Priors) -> dict[str, float]:
    if polls.count == 0:
        return {"sampling": 0.0, "extra": 0.0, "house": 0.0, "question": 0.0, "movement": 1.0}
    kernels, weights = Kernels(polls, priors), fitted.poll_weights
    squares = fitted.weights @ fitted.scales**2
    last = float(polls.days.max())
    days_since = last - np.maximum.outer(polls.days, polls.days)
    nested = np.minimum.outer(
        polls.sampling_variance, polls.sampling_variance
    ) * kernels.same_sample + np.diag(polls.rounding)
    questions = sum(
        columns @ covariance @ columns.T for columns, covariance in kernels.fixed_effects.values()
    )
    start = priors.start**2 * (1 - weights.sum()) ** 2
    return {
        "sampling": float(weights @ nested @ weights),
        "extra": float(squares[2] * (weights @ kernels.same_sample @ weights)),
        "house": float(squares[1] * (weights @ kernels.house @ weights)),
        "question": float(weights @ questions @ weights),
        "movement": float(squares[0] * (weights @ days_since @ weights) + start),
    }


@dataclass(frozen=True)
class NextPoll:
    """What one more poll would change, from a house not seen before, on the day asked for.

    Attributes:
        asked: size of the sample.
        sd_before: standard deviation of the level, in logits.
        sd_after: the same with the poll.
        gain: by how much the level moves for each point that the poll differs from it.
    """

    asked: int
    sd_before: float
    sd_after: float
    gain: float


def assess_next_poll(fitted: Fit, asked: int = 1_000) -> NextPoll:
    """Add one poll on the ballot's question, at the level that is expected of it."""
    level: Level = fitted.level
    share = 1 / (1 + np.exp(-level.mean))
    noise = 1 / (asked * share * (1 - share)) + (fitted.scales[:, 1:] ** 2).sum(axis=1)
    gains = level.variances / (level.variances + noise)
    after = Level(level.day, level.weights, level.means, level.variances * (1 - gains))
    return NextPoll(asked, level.sd, after.sd, float(level.weights @ gains))
