"""From the level to the result, to the vote rule, and to scores: against simulation and algebra."""

import math
from datetime import date
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referendum.law import version_on
from referendum.polls import (
    Assumptions,
    Constants,
    Distribution,
    Level,
    PathToVote,
    chance_of_passing,
    expit,
    level_distribution,
    logit,
    result_distribution,
    score_forecast,
)
from referendum.polls.outcome import PPM, quantile_text
from referendum.polls.scores import crps

S128 = version_on("au/constitution-s128", date(2023, 10, 14)).vote
ALBERTA = version_on("ca-ab/citizen-initiative-act", date(2026, 6, 1)).vote


def level(mean, sd=0.1):
    return level_distribution(Level(0.0, np.ones(1), np.array([mean]), np.array([sd**2])))


levels = st.builds(level, st.floats(-2.5, 2.5), st.floats(0.01, 1.0))
aheads = st.builds(
    PathToVote,
    st.floats(0.5, 200),
    st.sampled_from([0.0, 0.05, 0.3]),
    st.sampled_from(["yes", "no", "none"]),
    st.just(Constants()),
)


@settings(max_examples=30)
@given(levels, aheads)
def test_mass_is_kept_and_intervals_lie_within_each_other(start, ahead):
    made = result_distribution(start, ahead)
    assert made.mass.sum() == pytest.approx(1, abs=1e-9)
    assert (made.mass >= 0).all()
    ends = [made.interval(chance) for chance in (0.5, 0.8, 0.95)]
    assert ends[2][0] <= ends[1][0] <= ends[0][0] <= ends[0][1] <= ends[1][1] <= ends[2][1]
    parts = made.parts_per_million()
    assert (sum(parts), min(parts) >= 0, len(parts)) == (PPM, True, 1_000)
    assert float(quantile_text(parts, 0.5)) == pytest.approx(made.quantile(0.5), abs=0.0011)


@settings(max_examples=15)
@given(st.floats(-1, 1), st.sampled_from([0.0, 0.2]), st.floats(1, 90))
def test_yes_and_no_exchanged_give_the_mirror_image(mean, undecided, days):
    one = result_distribution(level(mean), PathToVote(days, undecided, "no", Constants()))
    other = result_distribution(level(-mean), PathToVote(days, undecided, "yes", Constants()))
    assert one.mass == pytest.approx(other.mass[::-1], abs=1e-9)


def test_the_density_is_that_of_a_simulation_of_the_same_equations():
    chance, count = np.random.default_rng(7), 400_000
    constants = Constants()
    days, left, mean, sd = 40.0, 0.2, -0.3, 0.12
    start = level(mean, sd)
    share = start.mean
    unit = 1 / (100 * share * (1 - share))
    x = chance.normal(mean, sd, count)
    walk = constants.walk * np.exp(constants.walk_log_sd * chance.normal(size=count))
    x += unit * walk * np.sqrt(days) * chance.normal(size=count)
    x -= unit * days * chance.normal(constants.drift, constants.drift_sd, count)
    x += unit * (constants.scale * chance.standard_t(5, count) - constants.shift)
    rate = chance.beta(6, 4, count)
    joining = left * rate / (1 - left + left * rate)
    broken = expit(x + constants.undecided_break * chance.normal(size=count))
    simulated = (1 - joining) * expit(x) + joining * broken
    made = result_distribution(start, PathToVote(days, left, "no", constants))
    for quantile in (0.025, 0.1, 0.5, 0.9, 0.975):
        found = float(np.quantile(simulated, quantile))
        assert made.quantile(quantile) == pytest.approx(found, abs=0.002)
    assert 1 - made.probability_below(0.5) == pytest.approx(
        float((simulated > 0.5).mean()), abs=0.003
    )


def test_by_a_plain_majority_passing_is_having_most_votes():
    made = result_distribution(level(-0.1), PathToVote(10, 0.1, "no", Constants()))
    found = chance_of_passing(made, ALBERTA, Assumptions())
    assert found.chance == pytest.approx(1 - made.probability_below(0.5), abs=1e-9)


def test_a_double_majority_passes_as_often_as_in_a_simulation():
    chance, count = np.random.default_rng(3), 200_000
    made = level(0.05, 0.2)
    leans = {"QLD": -5.0, "WA": -4.0, "VIC": 3.0}
    found = chance_of_passing(made, S128, Assumptions(leans=leans, region_sd=4.0)).chance
    whole = chance.normal(0.05, 0.2, count)
    carried = sum(
        (whole + 0.04 * leans.get(name, 0.0) + chance.normal(0, 0.16, count) > 0).astype(int)
        for name in S128.regions.value
    )
    assert found == pytest.approx(float(((whole > 0) & (carried >= 4)).mean()), abs=0.005)


def test_a_rule_with_a_quorum_needs_a_turnout_and_follows_it():
    """Italy: most of the electors must vote."""
    rule = version_on("it/abrogative-referendum", date(2020, 1, 1)).vote
    made = level(0.4, 0.1)
    assert chance_of_passing(made, rule, Assumptions()).chance is None
    chances = [
        chance_of_passing(made, rule, Assumptions(turnout=t)).chance for t in (0.2, 0.5, 0.9)
    ]
    assert chances[0] < 0.01 < chances[1] < chances[2]
    assert chances[1] == pytest.approx(0.5, abs=0.1)
    assert chances[2] == pytest.approx(1 - made.probability_below(0.5), abs=0.01)


@settings(max_examples=15)
@given(st.floats(-1.5, 1.5), st.floats(0.05, 0.5), st.floats(0.05, 0.95))
def test_crps_is_that_of_its_definition(mean, sd, result):
    made = level(mean, sd)
    shares = (np.arange(4_000) + 0.5) / 4_000
    below = np.array([made.probability_below(share) for share in shares])
    by_definition = float(100 * ((below - (shares >= result)) ** 2).mean())
    assert crps(made, result) == pytest.approx(by_definition, abs=0.03)


def test_a_score_is_what_its_parts_say():
    made = level(0.0, 0.2)
    found = score_forecast(made, 0.55)
    normal = NormalDist(0.0, 0.2)
    place = float(logit(0.55))
    density = normal.pdf(place) / (0.55 * 0.45) / 100
    assert found.log_density == pytest.approx(math.log(density), abs=0.001)
    assert found.pit == pytest.approx(normal.cdf(place), abs=0.001)
    assert found.brier == pytest.approx(0.25, abs=0.001)
    assert found.covered == {50: False, 80: True, 95: True}
    assert found.error == pytest.approx(-5, abs=0.01)


def test_a_distribution_knows_its_ends():
    made = Distribution(np.array([-1.0, 0.0, 1.0]), np.array([0.25, 0.5, 0.25]))
    assert (made.probability_below(0), made.probability_below(1), made.probability_below(0.5)) == (
        0,
        1,
        0.5,
    )
