"""Where opinion stands: held against a sampler, against plain algebra, and against bad polls."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from poll_tables import received, table

from referendum.polls import (
    PAST_PRIORS,
    Campaign,
    Priors,
    expit,
    fit,
    model,
    receive_polls,
    to_observations,
)
from referendum.polls.baselines import latest_per_house

NUTS = json.loads((Path(__file__).parent / "nuts.json").read_text())


def test_the_exact_posterior_agrees_with_a_sampler_on_the_same_model(scotland):
    """The stored run: `python -m benchmarks._polls_nuts` (PyMC and nutpie, 10,000 draws)."""
    polls, until = scotland
    fitted = fit(polls, until, Priors())
    assert (polls.count, NUTS["divergences"]) == (NUTS["polls"], 0)
    assert fitted.level.mean == pytest.approx(NUTS["level"]["mean"], abs=0.005)
    assert fitted.level.sd == pytest.approx(NUTS["level"]["sd"], rel=0.03)
    for name, mean in fitted.scale_means.items():
        assert mean == pytest.approx(NUTS[name]["mean"], rel=0.05)


@pytest.mark.parametrize("name", ["scotland_2014", "australia_voice_2023", "chile_2020_q1"])
def test_finer_quadrature_changes_nothing(name, monkeypatch):
    polls = to_observations(received(name).polls)
    until = float(polls.days.max())
    usual = fit(polls, until)
    monkeypatch.setattr(model, "NODES_PER_ROUND", (10, 12, 15))
    monkeypatch.setattr(model, "KEPT_MASS", 0.99999)
    finer = fit(polls, until)
    assert usual.level.mean == pytest.approx(finer.level.mean, abs=0.002)
    assert usual.level.sd == pytest.approx(finer.level.sd, rel=0.01)
    assert usual.log_evidence == pytest.approx(finer.log_evidence, abs=0.02)


def test_given_the_scales_the_level_is_that_of_the_joint_gaussian_worked_out_day_by_day():
    """An independent route: precision matrix of every day and house, not covariance of polls."""
    rows = [("A", "2026-05-01", "40", "50"), ("B", "2026-05-06", "45", "45"),
            ("A", "2026-05-11", "43", "48")]  # fmt: skip
    received_ = receive_polls(table(*rows, sample_size="1000"), Campaign("r", date(2026, 6, 1)))
    polls = to_observations(received_.polls)
    walk, house, extra = 0.03, 0.12, 0.05
    days, houses = 16, 2
    size = days + houses
    precision = np.zeros((size, size))
    precision[0, 0] += 1 / Priors().start ** 2
    for day in range(days - 1):
        step = np.zeros(size)
        step[day], step[day + 1] = -1, 1
        precision += np.outer(step, step) / walk**2
    precision[days:, days:] += np.eye(houses) / house**2
    pull = np.zeros(size)
    for z, s2, rounding, day, who in zip(
        polls.z, polls.sampling_variance, polls.rounding, polls.days, (0, 1, 0), strict=True
    ):
        row = np.zeros(size)
        row[int(day)], row[days + who] = 1, 1
        noise = s2 + rounding + extra**2
        precision += np.outer(row, row) / noise
        pull += row * z / noise
    covariance = np.linalg.inv(precision)
    kernels = model.Kernels(polls, Priors())
    means, variances, _ = model._solve(
        kernels, np.array([10.0, 15.0]), np.array([[walk, house, extra]])
    )
    mean = covariance @ pull
    assert means[0, 1] == pytest.approx(mean[15])
    assert variances[0, 1] == pytest.approx(covariance[15, 15])
    assert means[0, 2:4] == pytest.approx(mean[days:])


def test_a_poll_ten_points_off_moves_the_level_by_less_than_a_point():
    usual = received("uk_eu_2016").polls
    odd = usual.with_columns(
        pl.when(pl.col("poll") == 120).then(pl.lit("58")).otherwise("yes").alias("yes"),
        pl.when(pl.col("poll") == 120).then(pl.lit("38")).otherwise("no").alias("no"),
    )
    was, now = (to_observations(one) for one in (usual, odd))
    assert expit(now.z[119]) - expit(was.z[119]) > 0.08
    until = float(was.days.max())
    moved = expit(fit(now, until).level.mean) - expit(fit(was, until).level.mean)
    assert abs(moved) < 0.01


def test_a_house_that_leans_and_polls_twice_as_often_moves_the_level_less_than_the_average():
    """Opinion stands still at 45; one house of five says 51 every time (made up)."""
    chance = np.random.default_rng(11)
    rows = []
    for number, house in enumerate("ABCDE" * 6):
        share = 51 if house == "E" else 45 + chance.normal(0, 1)
        rows.append((house, f"2026-05-{number + 1:02}", f"{share:.1f}", f"{100 - share:.1f}"))
    often = [(*row[:1], row[1].replace("-05-", "-04-"), *row[2:]) for row in rows if row[0] == "E"]
    levels, averages = [], []
    for one in (rows, rows + often):
        campaign = Campaign("r", date(2026, 6, 1))
        polls = to_observations(receive_polls(table(*one, sample_size="1000"), campaign).polls)
        levels.append(float(expit(fit(polls, float(polls.days.max())).level.mean)))
        averages.append(float(expit(polls.z).mean()))
    assert averages[1] - averages[0] > 0.007
    assert abs(levels[1] - levels[0]) < 0.5 * (averages[1] - averages[0])


def test_rows_of_one_sample_are_not_independent_evidence():
    one = table(("A", "2026-05-01", "40", "50"), sample_size="1000")
    two = pl.concat([one, one.with_columns(yes=pl.lit("41"), no=pl.lit("51"))])
    campaign = Campaign("r", date(2026, 6, 1))
    single, double = (to_observations(receive_polls(raw, campaign).polls) for raw in (one, two))
    assert fit(double, 0).level.sd == pytest.approx(fit(single, 0).level.sd, rel=0.02)


def test_the_ballots_question_and_another_are_never_pooled_without_an_effect():
    polls = to_observations(received("alberta_independence").polls)
    fitted = fit(polls, float(polls.days.max()))
    effects = {one.level: one for one in fitted.effects if one.kind == "wording"}
    assert set(effects) == {"leave or stay", "independence", "better off", "would vote to separate"}
    # One sample of May 2026 was asked both: 35/60 and 31/67.
    assert effects["leave or stay"].mean == pytest.approx(-0.23, abs=0.05)


@pytest.mark.parametrize("rows", [[], [("A", "2026-05-01", "40", "50")]])
def test_no_poll_and_a_single_poll_leave_mostly_the_prior(rows):
    polls = to_observations(receive_polls(table(*rows), Campaign("r", date(2026, 6, 1))).polls)
    fitted = fit(polls, 0)
    assert fitted.weights.sum() == pytest.approx(1)
    assert fitted.scale_means["walk"] == pytest.approx(
        PAST_PRIORS.walk * np.sqrt(2 / np.pi), rel=0.02
    )
    if not rows:
        assert fitted.level.sd == pytest.approx(Priors().start, rel=1e-6)


def test_the_average_of_the_latest_polls_is_that_of_each_house_once():
    rows = [("A", "2026-05-01", "10", "90"), ("A", "2026-05-20", "40", "60"),
            ("B", "2026-05-10", "50", "50"), ("C", "2026-04-01", "90", "10")]  # fmt: skip
    polls = to_observations(receive_polls(table(*rows), Campaign("r", date(2026, 6, 1))).polls)
    assert latest_per_house(polls, 1).share == pytest.approx(0.45)
