"""The commands that plan and estimate, and what they say of input that cannot be."""

import json

import pytest
from click.testing import CliRunner

from referendum.cli.main import cli
from referendum.core.errors import ReferendumError

FORECAST = ["forecast", "--lines", "20000", "--required", "15000", "--runs", "20"]
CONTACT = ["contact", "--lines", "900", "--asked", "90", "--required", "500"]
DISTINCT = ["distinct", "--lines", "900", "--drawn", "90"]


def run(*words):
    """Run a command of the group; give its result."""
    return CliRunner().invoke(cli, ["sufficiency", *words])


def test_a_forecast_tells_both_methods_for_every_share():
    result = run(*FORECAST, "--validity", "0.7", "--validity", "0.9", "--json")
    rows = json.loads(result.output)
    assert [row["validity"] for row in rows] == [0.7, 0.9]
    assert rows[1]["polling"]["sufficient"] > 0.9
    assert rows[0]["comparison"]["insufficient"] > 0.9


def test_a_forecast_is_drawn_with_a_curve_of_each_method(tmp_path):
    assert run(*FORECAST, "--plot", str(tmp_path / "p.svg")).exit_code == 0
    assert (tmp_path / "p.svg").read_text().count("<polyline") == 4


def test_another_matcher_can_be_described():
    perfect = ["--outcome", "1:0", "--outcome", "0:1"]
    result = run(*FORECAST, "--validity", "0.8", *perfect, "--json")
    row = json.loads(result.output)[0]
    assert row["comparison"]["mean"] < row["polling"]["mean"]


def test_contact_bounds_take_in_the_silent():
    said = json.loads(run(*CONTACT, "--confirmed", "40", "--denied", "10", "--json").output)
    assert said["silent"] == 40
    assert said["conclusion"] == "rests_on_the_silent"


def test_estimates_of_distinct_signers_have_their_errors():
    said = json.loads(run(*DISTINCT, "--valid", "70", "--copies", "3", "--json").output)
    assert said[0]["name"] == "goodman"
    assert all(one["error"] > 0 for one in said)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([*FORECAST[:4], "30000"], "30,000 signers are required and 20,000 lines stand"),
        ([*FORECAST, "--limits", "0.6", "0.05"], "alpha is 3/5"),
        ([*FORECAST, "--validity", "1.5"], "cannot count"),
        ([*FORECAST, "--outcome", "1"], "is not SHARE:SHARE"),
        ([*FORECAST, "--outcome", "0.5:1"], "do not add up to 1"),
        ([*FORECAST, "--outcome", "2:1", "--outcome", "-1:0"], "do not add up to 1"),
        ([*CONTACT, "--confirmed", "80", "--denied", "20"], "cannot be"),
        ([*DISTINCT, "--valid", "70", "--copies", "90"], "cannot be"),
        (["plan", "nowhere", "--report", "listed"], "is not OUTCOME=SHARE"),
        (["plan", "nowhere", "--tests", "0", "0", "10", "1"], "test lines cannot be"),
    ],
)
def test_impossible_values_are_refused_with_their_reason(words, told):
    result = run(*words)
    assert isinstance(result.exception, ReferendumError), result.output
    assert told in str(result.exception)
    assert result.exception.exit_code != 0


@pytest.mark.parametrize("words", [["--lines", "0"], ["--runs", "0"], ["--required", "0"]])
def test_none_of_nothing_is_asked_for(words):
    assert run(*FORECAST, *words).exit_code == 2
