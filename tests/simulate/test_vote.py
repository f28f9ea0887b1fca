"""A made-up vote: its files agree with each other, and its audit finds what is wrong in it."""

import polars as pl
import pytest

from referendum.core.errors import InputError
from referendum.simulate import VotePlan, perfect_interpretations, simulate_vote

KEY = ["question", "region", "district", "place"]


def sums(cards):
    marks = [(pl.col("mark") == mark).sum().alias(mark) for mark in ("yes", "no", "blank")]
    return cards.group_by(KEY).agg(*marks, total=pl.len()).sort(KEY)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return simulate_vote(VotePlan(places=20, ballots=4_000), tmp_path_factory.mktemp("vote"))


def returned(files):
    forms = pl.read_csv(files.returns, infer_schema_length=0)
    numbers = pl.col("yes", "no", "informal", "total").cast(pl.UInt32)
    named = forms.with_columns(numbers, place=pl.format("{} ({})", "place", "kind"))
    told = named.drop("kind").rename({"informal": "blank"})
    return told.select(*KEY, "yes", "no", "blank", "total").sort(KEY)


def test_every_question_stands_on_every_card(files):
    cards = pl.read_parquet(files.truth)
    sizes = cards.group_by("question").len()
    assert sizes["len"].to_list() == [4_000, 4_000]
    assert cards.select(*KEY, "card").is_duplicated().sum() == 0
    shares = cards.filter(pl.col("mark") != "blank").group_by("question").agg(
        (pl.col("mark") == "yes").mean().alias("yes")
    ).sort("question")  # fmt: skip
    assert shares["yes"].to_list() == pytest.approx([0.56, 0.46], abs=0.03)


def test_ordinary_returns_are_the_truth_and_postal_ones_the_records(files):
    told = returned(files)
    truth = sums(pl.read_parquet(files.truth))
    records = sums(pl.read_csv(files.records, infer_schema_length=0))
    ordinary = pl.col("place").str.ends_with("(ordinary)")
    assert told.filter(ordinary).equals(truth.filter(ordinary))
    assert told.filter(~ordinary).equals(records)


def test_swapped_boxes_have_yes_and_no_exchanged(tmp_path):
    right = simulate_vote(VotePlan(places=20, ballots=4_000), tmp_path / "right")
    wrong = simulate_vote(VotePlan(places=20, ballots=4_000, swapped=3), tmp_path / "wrong")
    one, other = returned(right), returned(wrong)
    differ = one.join(other, on=one.columns, how="anti")
    assert differ["place"].n_unique() == 3
    assert pl.read_parquet(right.truth).equals(pl.read_parquet(wrong.truth))
    beside = differ.join(other, on=KEY)
    assert beside["yes"].to_list() == beside["no_right"].to_list()


def test_the_same_seed_makes_the_same_votes(files, tmp_path):
    again = simulate_vote(VotePlan(places=20, ballots=4_000), tmp_path)
    assert again.returns.read_bytes() == files.returns.read_bytes()
    assert (tmp_path / "MADE-UP.txt").exists()


def test_a_look_at_the_paper_gives_what_it_shows(files):
    cards = pl.read_parquet(files.truth)
    asked = cards.sample(50, seed=1).drop("mark")
    found = perfect_interpretations(files.truth, asked.cast(pl.String))
    beside = found.join(cards, on=[*KEY, "card"])
    assert beside.height == 50
    assert beside["mark_right"].to_list() == beside["mark"].to_list()
    boxes = perfect_interpretations(files.truth, asked.select(KEY).unique())
    counted = boxes.join(sums(cards), on=KEY)
    assert counted["yes"].to_list() == counted["yes_right"].to_list()
    beyond = asked.head(1).with_columns(card=pl.lit(10_000))
    assert perfect_interpretations(files.truth, beyond)["mark"].to_list() == ["missing"]


@pytest.mark.parametrize(
    "plan",
    [
        VotePlan(places=500, ballots=4_000),
        VotePlan(questions={}),
        VotePlan(questions={"1": 1.2}),
        VotePlan(misread=1.0),
    ],
)
def test_plans_that_cannot_be_are_refused(plan, tmp_path):
    with pytest.raises(InputError):
        simulate_vote(plan, tmp_path)
