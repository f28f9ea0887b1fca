"""A forecast from a table of polls: everything that is said of it, from one fit."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from referendum.core.errors import InputError
from referendum.law import VoteRule
from referendum.polls.backtest import recent_undecided
from referendum.polls.baselines import BASELINES
from referendum.polls.chance_of_passing import (
    Assumptions,
    PassingChance,
    chance_of_passing,
    needs_turnout,
)
from referendum.polls.intake import Campaign
from referendum.polls.model import PAST_PRIORS, Fit, fit
from referendum.polls.observations import Observations, to_observations
from referendum.polls.outcome import (
    PAST_CONSTANTS,
    Constants,
    Distribution,
    PathToVote,
    level_distribution,
    result_distribution,
)
from referendum.polls.uncertainty import NextPoll, assess_next_poll, variance_shares

LEANING = 0.85
"""Logit lean that sends 70 of 100 undecided to one side where opinion is even."""


@dataclass(frozen=True)
class Scenario:
    """The forecast under one other assumption."""

    name: str
    result: Distribution
    passing: PassingChance | None


@dataclass(frozen=True)
class Forecast:
    """A forecast of one referendum as of one day.

    Attributes:
        campaign: the referendum.
        as_of: the last day whose polls are used.
        polls: the polls used (`Received.polls`).
        observations: the same as numbers.
        fit: where opinion stands.
        now: the share of yes that the polls give on `as_of`, without end bias.
        result: the share of yes on the day.
        path_to_vote: what lies between the polls and the result.
        passing: P(passes) under the vote rule; None where no rule is given.
        sources: share of the variance by source.
        next_poll: what one more poll would change.
        scenarios: the forecast under other assumptions, this one first.
        averages: by baseline, its share of yes.
        remarks: what a reader must know first, in words.
    """

    campaign: Campaign
    as_of: date
    polls: pl.DataFrame
    observations: Observations
    fit: Fit
    now: Distribution
    result: Distribution
    path_to_vote: PathToVote
    passing: PassingChance | None
    sources: dict[str, float]
    next_poll: NextPoll
    scenarios: tuple[Scenario, ...]
    averages: dict[str, float]
    remarks: tuple[str, ...]

    @property
    def most_votes(self) -> float:
        """P(yes has most votes)."""
        return 1 - self.result.probability_below(0.5)


def forecast(
    polls: pl.DataFrame,
    campaign: Campaign,
    as_of: date,
    rule: VoteRule | None = None,
    assumptions: Assumptions | None = None,
    constants: Constants | None = None,
) -> Forecast:
    """Forecast a referendum from the polls up to a day.

    Args:
        polls: received polls (`Received.polls`); none gives the prior, and says so.
        campaign: the referendum.
        as_of: polls whose last day of asking is later are not used.
        rule: the statute's vote rule.
        assumptions: turnout and regions, where the rule asks for them.
        constants: what past referendums say; those chosen from all of them if not given.

    Raises:
        InputError: `as_of` is not before the day of the vote.
    """
    _require_before_vote(as_of, campaign)
    assumptions = assumptions or Assumptions()
    polls_used = polls.filter(pl.col("field_end") <= as_of)
    observations = to_observations(polls_used)
    until = (as_of - observations.origin).days
    fitted = fit(observations, until, PAST_PRIORS)
    path_to_vote = _path_to_vote(observations, campaign, as_of, constants or PAST_CONSTANTS)
    result = result_distribution(level_distribution(fitted.at_last_poll), path_to_vote)
    return Forecast(
        campaign=campaign,
        as_of=as_of,
        polls=polls_used,
        observations=observations,
        fit=fitted,
        now=level_distribution(fitted.level),
        result=result,
        path_to_vote=path_to_vote,
        passing=chance_of_passing(result, rule, assumptions) if rule else None,
        sources=variance_shares(observations, fitted, path_to_vote, PAST_PRIORS),
        next_poll=assess_next_poll(fitted),
        scenarios=_scenarios(fitted, path_to_vote, rule, assumptions),
        averages=_averages(observations, (campaign.vote_date - as_of).days),
        remarks=_remarks(polls_used, polls.height - polls_used.height, as_of),
    )


def _require_before_vote(as_of: date, campaign: Campaign) -> None:
    if as_of >= campaign.vote_date:
        raise InputError(
            f"the forecast is as of {as_of}, the vote is on {campaign.vote_date}",
            hint="name a day before the vote with --as-of",
        )


def _path_to_vote(
    polls: Observations, campaign: Campaign, as_of: date, constants: Constants
) -> PathToVote:
    days = float((campaign.vote_date - as_of).days)
    if polls.count:
        days = (campaign.vote_date - polls.origin).days - float(polls.days.max())
    return PathToVote(days, recent_undecided(polls), campaign.status_quo, constants)


def _averages(polls: Observations, days_to_go: int) -> dict[str, float]:
    if polls.count == 0:
        return {}
    return {name: make(polls, days_to_go).share for name, (_, make) in BASELINES.items()}


def _scenarios(
    fitted: Fit, path: PathToVote, rule: VoteRule | None, assumptions: Assumptions
) -> tuple[Scenario, ...]:
    """Forecast as it is, and with one assumption at a time changed."""
    variations = [(name, changed, assumptions) for name, changed in _other_paths(path)]
    if rule is not None and needs_turnout(rule):
        variations += [(name, path, other) for name, other in _other_turnouts(assumptions)]
    level = level_distribution(fitted.at_last_poll)
    outcomes = [(name, result_distribution(level, one), other) for name, one, other in variations]
    return tuple(
        Scenario(name, result, chance_of_passing(result, rule, other) if rule else None)
        for name, result, other in outcomes
    )


def _other_paths(path: PathToVote) -> list[tuple[str, PathToVote]]:
    """Give the path to the vote as it is, and with other constants."""
    walk, shift = path.constants.walk, path.constants.shift
    variations = [("as forecast", path)]
    if path.undecided:
        variations += [
            ("7 in 10 undecided go to no", path.with_constants(undecided_lean=-LEANING)),
            ("7 in 10 undecided go to yes", path.with_constants(undecided_lean=LEANING)),
        ]
    variations += [
        ("the campaign moves opinion half as much", path.with_constants(walk=walk / 2)),
        ("the campaign moves opinion twice as much", path.with_constants(walk=walk * 2)),
    ]
    if path.status_quo_sign:
        variations += [
            ("no shift to the status quo", path.with_constants(shift=0.0, drift=0.0)),
            ("3 points more shift to the status quo", path.with_constants(shift=shift + 3)),
            ("3 points of shift the other way", path.with_constants(shift=-3.0)),
        ]
    return variations


def _other_turnouts(assumptions: Assumptions) -> list[tuple[str, Assumptions]]:
    if assumptions.turnout is None:
        return []
    found = []
    for word, sign in (("low", -1), ("high", 1)):
        turnout = float(np.clip(assumptions.turnout + sign * 0.1, 0.02, 0.98))
        other = Assumptions(
            turnout,
            assumptions.turnout_sd,
            assumptions.blank,
            assumptions.leans,
            assumptions.region_sd,
        )
        found.append((f"{word} turnout, {100 * turnout:.0f} per cent", other))
    return found


def _remarks(polls_used: pl.DataFrame, later: int, as_of: date) -> tuple[str, ...]:
    if polls_used.is_empty():
        return ("There is no poll to go by: this is the prior only, and says next to nothing.",)
    remarks = []
    samples = polls_used.get_column("sample").n_unique()
    if samples == 1:
        remarks.append("There is a single poll: most of what follows is the prior.")
    ballot = polls_used.filter(pl.col("wording") == "ballot")
    if ballot.is_empty():
        remarks.append(
            "No poll asked the ballot's own question: how it differs from the questions that were"
            " asked is a guess (a standard deviation of 7 points near one half)."
        )
    elif ballot.height < polls_used.height:
        remarks.append(
            f"{ballot.height} of {polls_used.height} rows asked the ballot's own question; the"
            " others count through effects of their wordings."
        )
    unsized = polls_used.get_column("sample_size").null_count()
    if unsized:
        remarks.append(
            f"For {unsized} of {polls_used.height} rows it is unknown how many were asked; 700 is"
            " taken."
        )
    newest = polls_used.get_column("field_end").max()
    if isinstance(newest, date) and newest < as_of - timedelta(days=30):
        remarks.append(f"The latest poll ended {(as_of - newest).days} days before this forecast.")
    if later:
        remarks.append(f"{later} rows ended after {as_of} and are not used.")
    return tuple(remarks)
