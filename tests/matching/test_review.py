"""What people do with matches: explanations, the review queue, recalibration by checks."""

import json
from datetime import date

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from referendum.cli.main import cli
from referendum.core.errors import InputError
from referendum.matching import explain, match_lines, recalibrate, review_queue
from referendum.publish.waterfall import waterfall
from referendum.simulate import PetitionPlan, simulate_petition

PLAN = PetitionPlan(4_000, 800, "review", date(2026, 1, 3), date(2026, 5, 2))


@pytest.fixture(scope="module")
def petition(tmp_path_factory):
    return simulate_petition(PLAN, tmp_path_factory.mktemp("petition"))


@pytest.fixture(scope="module")
def frames(petition):
    lines = pl.read_parquet(petition.lines).with_row_index("serial", offset=1)
    return lines.cast({"serial": pl.Int64}), pl.read_parquet(petition.electors)


@pytest.fixture(scope="module")
def matches(frames):
    lines, electors = frames
    return match_lines(lines, electors).with_columns(line_id=lines["line_id"])


def test_an_explanation_gives_the_chances_that_matching_gave(frames, matches):
    asked = matches["line_id"].to_list()[::40]
    explained = explain(*frames, asked)
    for one, row in zip(explained, matches[::40].iter_rows(named=True), strict=True):
        assert one.listed == pytest.approx(row["listed"], abs=0.002)
        assert one.listed + one.relatives + one.nobody == pytest.approx(1)
        if row["elector_id"]:
            assert one.words == f"elector {row['elector_id']} signed"


def test_weights_add_up_to_the_log_odds(frames, matches):
    asked = matches.filter(pl.col("best").is_not_null())["line_id"].to_list()[:40]
    for one in explain(*frames, asked):
        for candidate in one.candidates:
            assert sum(weight.bits for weight in candidate.weights) == pytest.approx(
                candidate.total, abs=1e-6
            )


def test_a_line_that_was_not_matched_cannot_be_explained(frames):
    with pytest.raises(InputError, match="no line Z was matched"):
        explain(*frames, ["Z"])


def test_the_waterfall_draws_every_weight(frames, matches):
    (one,) = explain(*frames, [matches.filter(pl.col("best").is_not_null())["line_id"][0]])
    drawn = waterfall(one, one.candidates[0])
    assert drawn.count("<rect") == len(one.candidates[0].weights) + 2
    assert all(weight.words in drawn for weight in one.candidates[0].weights)


def test_the_queue_has_every_uncertain_line_once_most_doubtful_first(frames, matches):
    queue = review_queue(matches, frames[0])
    listed, best = pl.col("listed"), pl.col("probability")
    uncertain = matches.filter(listed.is_between(0.05, 0.95) | best.is_between(0.05, 0.95))
    assert sorted(queue["line_id"]) == sorted(uncertain["line_id"])
    assert queue["doubt"].is_sorted(descending=True)
    assert queue["by_name"].null_count() < queue.height


chances = st.lists(st.floats(0, 1), min_size=30, max_size=60)


@given(chances, st.booleans(), st.integers(0, 2**32 - 1))
def test_recalibrated_posteriors_are_probabilities_and_keep_their_order(claimed, many, seed):
    claims = np.array(claimed)
    rows = np.arange(len(claims)).repeat(40 if many else 1)
    right = (np.random.default_rng(seed).random(len(rows)) < claims[rows]).astype(float)
    recalibrated = recalibrate(claims, rows, right, np.ones(len(rows)))
    assert ((recalibrated >= 0) & (recalibrated <= 1)).all()
    assert (np.diff(recalibrated[np.argsort(claims)]) >= -1e-12).all()


@pytest.mark.parametrize("checks", [200, 4_000])
def test_checks_put_a_biased_total_right(checks):
    # 30 petitions whose chances are claimed too low: their log-odds are halved and moved by one.
    before, after = [], []
    for seed in range(30):
        chance = np.random.default_rng(seed)
        true = chance.beta(3, 0.6, 20_000)
        odds = np.log(true / (1 - true + 1e-9) + 1e-9)
        claimed = 1 / (1 + np.exp(-(odds / 2 - 1)))
        came_true = chance.random(20_000) < true
        rows = chance.choice(20_000, checks, replace=False)
        recalibrated = recalibrate(claimed, rows, came_true[rows].astype(float), np.ones(checks))
        before.append(abs(claimed.mean() - true.mean()))
        after.append(abs(recalibrated.mean() - true.mean()))
    assert np.mean(after) < 0.25 * np.mean(before)


def test_few_checks_are_refused():
    with pytest.raises(InputError, match="too few"):
        recalibrate(np.full(50, 0.5), np.arange(19), np.ones(19), np.ones(19))


def run(*args):
    return CliRunner().invoke(cli, ["match", *map(str, args)])


@pytest.fixture(scope="module")
def matched(petition, tmp_path_factory):
    out = tmp_path_factory.mktemp("matched") / "matches.csv"
    done = run("--lines", petition.lines, "--electors", petition.electors, "--out", out)
    assert done.exit_code == 0, done.output
    return out


def test_the_commands_explain_queue_and_recalibrate(petition, matched, tmp_path):
    lines = ("--lines", petition.lines)
    found = pl.read_csv(matched, infer_schema_length=None)
    line_id = found.filter(pl.col("best").is_not_null())["line_id"][0]
    plot = tmp_path / "plot.svg"
    told = run("explain", line_id, *lines, "--electors", petition.electors, "--plot", plot)
    assert f"line {line_id}: " in told.output
    assert plot.read_text().startswith("<svg")
    as_json = run("explain", line_id, *lines, "--electors", petition.electors, "--json")
    assert json.loads(as_json.output)[0]["line_id"] == line_id
    queue = tmp_path / "queue.csv"
    assert "uncertain lines" in run("queue", "--matches", matched, *lines, "--out", queue).output
    checks = tmp_path / "checks.csv"
    truth = pl.read_parquet(petition.truth).sample(100, seed=1)
    said = pl.when(pl.col("elector_id").is_null()).then(pl.lit("no")).otherwise(pl.lit("yes"))
    truth.select("line_id", listed=said).write_csv(checks)
    out = tmp_path / "right.csv"
    done = run("calibrate", "--matches", matched, "--checks", checks, "--out", out, "--json")
    assert abs(json.loads(done.output)["calibrated"] / truth_listed(petition) - 1) < 0.05
    assert "calibrated" in pl.read_csv(out, infer_schema_length=None).columns


def truth_listed(petition):
    return pl.read_parquet(petition.truth)["elector_id"].drop_nulls().len()


@pytest.mark.parametrize("cells", ["Z,yes,1", "S000001-1,maybe,1", "S000001-1,yes,0"])
def test_a_check_that_cannot_be_used_is_named_by_its_row(matched, tmp_path, cells):
    checks = tmp_path / "checks.csv"
    checks.write_text(f"line_id,listed,drawn\n{cells}\n")
    done = run("calibrate", "--matches", matched, "--checks", checks, "--out", tmp_path / "o.csv")
    assert isinstance(done.exception, InputError)
    assert "rows 1" in done.exception.message
    assert cells.split(",")[0] not in done.exception.message


def test_options_that_do_not_go_together_are_refused(petition, tmp_path):
    assert run("explain", "S000001-1", "--lines", petition.lines).exit_code == 2
    assert run("queue", "--out", tmp_path / "q.csv").exit_code == 2
    wrong = run("queue", "--matches", petition.lines, "--lines", petition.lines,
                "--out", tmp_path / "q.csv")  # fmt: skip
    assert "no table of matches" in str(wrong.exception)
