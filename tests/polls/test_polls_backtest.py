"""Past referendums, forecast as they would have been; constants chosen without them."""

import json
import sys
from dataclasses import asdict, replace
from importlib import resources

import pytest
from poll_tables import EXAMPLES

from referendum.flows.polls import read_past_votes
from referendum.polls import (
    HORIZONS,
    MODEL,
    PAST_CONSTANTS,
    PAST_PRIORS,
    Constants,
    PastEstimates,
    Priors,
    backtest,
)

SCORES = json.loads(resources.files("referendum.publish").joinpath("poll_scores.json").read_text())
MODULE = sys.modules["referendum.polls.backtest"]
FEW = {"walk": (0.6, 1.0, 2.0), "drift": (0.02,), "shift": (1.0,), "scale": (2.0, 3.5)}


@pytest.fixture
def small(monkeypatch):
    """Three referendums with few polls, few constants to choose from, one horizon."""
    monkeypatch.setattr(MODULE, "CONSTANT_GRID", FEW)
    monkeypatch.setattr(MODULE, "HORIZONS", (7,))
    votes, _ = read_past_votes(EXAMPLES)
    names = {"australia_voice_2023", "nz_cannabis_2020", "chile_2020_q1"}
    return [vote for vote in votes if vote.campaign.referendum in names]


def test_the_scores_that_are_published_are_of_the_tables_and_constants_that_are_shipped():
    """Otherwise: referendum polls backtest examples/polls --json > .../poll_scores.json."""
    _, digest = read_past_votes(EXAMPLES)
    assert SCORES["tables"] == digest
    assert SCORES["from_all"] == {
        "priors": {name: f"{value:.3f}" for name, value in asdict(PAST_PRIORS).items()},
        "constants": {name: f"{value:.3f}" for name, value in asdict(PAST_CONSTANTS).items()},
    }


def test_a_referendums_constants_do_not_depend_on_its_own_result(small):
    usual = backtest(small)
    for place, vote in enumerate(small):
        other = [*small[:place], replace(vote, result=0.999), *small[place + 1 :]]
        name = vote.campaign.referendum
        assert backtest(other).estimates[name] == usual.estimates[name]
    wild = [replace(vote, result=0.9 if vote.result < 0.5 else 0.1) for vote in small]
    assert backtest(wild).from_all != usual.from_all


def test_a_small_part_of_the_published_scores_comes_out_again(small):
    """With the constants that the whole backtest chose."""
    cases = MODULE.fit_cases(small)
    published = {
        one["referendum"]: one
        for one in SCORES["forecasts"]
        if (one["days"], one["forecast"]) == (7, MODEL)
    }
    for case in cases:
        name = case.vote.campaign.referendum
        priors, constants = (
            {key: float(value) for key, value in SCORES["learnt"][name][part].items()}
            for part in ("priors", "constants")
        )
        made = next(
            MODULE._score_forecasts(case, PastEstimates(Priors(**priors), Constants(**constants)))
        )
        assert f"{made.score.log_density:.2f}" == published[name]["log_density"]
        assert f"{made.score.crps:.2f}" == published[name]["crps"]
        assert f"{made.median:.4f}" == published[name]["median"]


def test_what_must_be_reached_on_the_given_referendums_is_reached():
    """Mean log density per point and CRPS of the shipped scores, constants left one out."""
    model = {one["days"]: one for one in SCORES["summary"] if one["forecast"] == MODEL}
    assert set(model) == set(HORIZONS)
    least = {1: -3.2, 30: -3.8, 60: -4.1, 90: -4.2}
    assert all(float(model[days]["log_density"]) >= bound for days, bound in least.items())
    assert float(model[1]["crps"]) <= 3.0
