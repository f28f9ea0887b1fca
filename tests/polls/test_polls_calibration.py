"""Do the intervals hold what they say? On made-up campaigns whose truth is known."""

import pytest

from referendum.simulate.campaigns import make_up_campaign, measure_calibration

COUNT = 150


@pytest.fixture(scope="module")
def found():
    """A sixth of the measurement `python -m benchmarks polls`, which makes up 1,000."""
    return measure_calibration(COUNT, "tests")


@pytest.mark.parametrize("level", [50, 80, 95])
def test_intervals_hold_as_many_results_as_they_say(found, level):
    chance = level / 100
    error = (chance * (1 - chance) / COUNT) ** 0.5
    assert found.coverage[level] == pytest.approx(chance, abs=3 * error)


def test_results_fall_evenly_over_their_forecasts(found):
    assert found.chi_square < 27.9  # one in a thousand, 9 degrees of freedom


def test_a_campaign_is_made_up_the_same_from_the_same_seed():
    one, other = (make_up_campaign("seed", 4) for _ in range(2))
    assert one.polls.equals(other.polls)
    assert one.result == other.result
    assert set(one.polls["source"]) == {"made up"}
    assert make_up_campaign("seed", 5).result != one.result
