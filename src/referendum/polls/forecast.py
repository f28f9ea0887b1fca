"""A forecast from a table of polls: everything that is said of it, from one fit."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from referendum.core.errors import InputError
from referendum.law import VoteRule
from referendum.polls.backtest import recent_undecided
from referendum.polls.baselines import BASELINES
from referendum.polls.intake import Campaign
from referendum.polls.model import PAST_PRIORS, Fit, fit
from referendum.polls.observations import Observations, observe
from referendum.polls.outcome import PAST, Ahead, Constants, Distribution, of_level, outcome
from referendum.polls.passing import Assumed, Passing, asks_turnout, passing
from referendum.polls.uncertainty import NextPoll, next_poll, sources

LEANING = 0.85
"""Logit lean that sends 70 of 100 undecided to one side where opinion is even."""


@dataclass(frozen=True)
class Scenario:
    """The forecast under one other assumption."""

    name: str
    result: Distribution
    passing: Passing | None


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
        ahead: what lies between.
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
    ahead: Ahead
    passing: Passing | None
    sources: dict[str, float]
    next_poll: NextPoll
    scenarios: tuple[Scenario, ...]
    averages: dict[str, float]
    remarks: tuple[str, ...]

    @property
    def most_votes(self) -> float:
        """P(yes has most votes)."""
        return 1 - self.result.below(0.5)


def forecast(
    polls: pl.DataFrame,
    campaign: Campaign,
    as_of: date,
    rule: VoteRule | None = None,
    assumed: Assumed | None = None,
    constants: Constants | None = None,
) -> Forecast:
    """Forecast a referendum from the polls up to a day.

    Args:
        polls: received polls (`Received.polls`); none gives the prior, and says so.
        campaign: the referendum.
        as_of: polls whose last day of asking is later are not used.
        rule: the statute's vote rule.
        assumed: turnout and regions, where the rule asks for them.
        constants: what past referendums say; those chosen from all of them if not given.

    Raises:
        InputError: `as_of` is not before the day of the vote.
    """
    if as_of >= campaign.vote_date:
        raise InputError(
            f"the forecast is as of {as_of}, the vote is on {campaign.vote_date}",
            hint="name a day before the vote with --as-of",
        )
    assumed = assumed or Assumed()
    used = polls.filter(pl.col("field_end") <= as_of)
    numbers = observe(used)
    until = (as_of - numbers.origin).days
    fitted = fit(numbers, until, PAST_PRIORS)
    ahead = _ahead(numbers, campaign, as_of, constants or PAST)
    result = outcome(of_level(fitted.at_last_poll), ahead)
    return Forecast(
        campaign=campaign,
        as_of=as_of,
        polls=used,
        observations=numbers,
        fit=fitted,
        now=of_level(fitted.level),
        result=result,
        ahead=ahead,
        passing=passing(result, rule, assumed) if rule else None,
        sources=sources(numbers, fitted, ahead, PAST_PRIORS),
        next_poll=next_poll(fitted),
        scenarios=_scenarios(fitted, ahead, rule, assumed),
        averages=_averages(numbers, (campaign.vote_date - as_of).days),
        remarks=_remarks(used, polls.height - used.height, as_of),
    )


def _ahead(polls: Observations, campaign: Campaign, as_of: date, constants: Constants) -> Ahead:
    days = float((campaign.vote_date - as_of).days)
    if polls.count:
        days = (campaign.vote_date - polls.origin).days - float(polls.days.max())
    return Ahead(days, recent_undecided(polls), campaign.status_quo, constants)


def _averages(polls: Observations, days_to_go: int) -> dict[str, float]:
    if polls.count == 0:
        return {}
    return {name: make(polls, days_to_go).share for name, (_, make) in BASELINES.items()}


def _scenarios(
    fitted: Fit, ahead: Ahead, rule: VoteRule | None, assumed: Assumed
) -> tuple[Scenario, ...]:
    """Vary one assumption at a time."""
    walk, shift = ahead.constants.walk, ahead.constants.shift
    changed = [("as forecast", ahead, assumed)]
    if ahead.undecided:
        changed += [
            ("7 in 10 undecided go to no", ahead.but(undecided_lean=-LEANING), assumed),
            ("7 in 10 undecided go to yes", ahead.but(undecided_lean=LEANING), assumed),
        ]
    changed += [
        ("the campaign moves opinion half as much", ahead.but(walk=walk / 2), assumed),
        ("the campaign moves opinion twice as much", ahead.but(walk=walk * 2), assumed),
    ]
    if ahead.toward:
        changed += [
            ("no shift to the status quo", ahead.but(shift=0.0, drift=0.0), assumed),
            ("3 points more shift to the status quo", ahead.but(shift=shift + 3), assumed),
            ("3 points of shift the other way", ahead.but(shift=-3.0), assumed),
        ]
    if rule is not None and asks_turnout(rule):
        changed += [(name, ahead, other) for name, other in _other_turnouts(assumed)]
    level = of_level(fitted.at_last_poll)
    made = [(name, outcome(level, one), other) for name, one, other in changed]
    return tuple(
        Scenario(name, result, passing(result, rule, other) if rule else None)
        for name, result, other in made
    )


def _other_turnouts(assumed: Assumed) -> list[tuple[str, Assumed]]:
    if assumed.turnout is None:
        return []
    found = []
    for word, sign in (("low", -1), ("high", 1)):
        turnout = float(np.clip(assumed.turnout + sign * 0.1, 0.02, 0.98))
        other = Assumed(
            turnout, assumed.turnout_sd, assumed.blank, assumed.leans, assumed.region_sd
        )
        found.append((f"{word} turnout, {100 * turnout:.0f} per cent", other))
    return found


def _remarks(used: pl.DataFrame, later: int, as_of: date) -> tuple[str, ...]:
    if used.is_empty():
        return ("There is no poll to go by: this is the prior only, and says next to nothing.",)
    said = []
    samples = used.get_column("sample").n_unique()
    if samples == 1:
        said.append("There is a single poll: most of what follows is the prior.")
    ballot = used.filter(pl.col("wording") == "ballot")
    if ballot.is_empty():
        said.append(
            "No poll asked the ballot's own question: how it differs from the questions that were"
            " asked is a guess (a standard deviation of 7 points near one half)."
        )
    elif ballot.height < used.height:
        said.append(
            f"{ballot.height} of {used.height} rows asked the ballot's own question; the others"
            " count through effects of their wordings."
        )
    unsized = used.get_column("sample_size").null_count()
    if unsized:
        said.append(
            f"For {unsized} of {used.height} rows it is unknown how many were asked; 700 is taken."
        )
    newest = used.get_column("field_end").max()
    if isinstance(newest, date) and newest < as_of - timedelta(days=30):
        said.append(f"The latest poll ended {(as_of - newest).days} days before this forecast.")
    if later:
        said.append(f"{later} rows ended after {as_of} and are not used.")
    return tuple(said)
