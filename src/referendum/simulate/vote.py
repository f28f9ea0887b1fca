"""A made-up vote: every card and what it shows, the returns, and the records of machines."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from referendum.core.errors import InputError
from referendum.simulate.chance import random_stream

REGION = "Made-up region"
DISTRICTS = 5
POSTAL_SHARE = 0.2
"""Share of the ballots that came by post, and were read by a machine."""
BLANK_SHARE = 0.015
SPREAD_OF_PLACES = 0.45
"""Standard deviation between places, of the logarithm of the odds of yes."""
PLACE_COLUMNS = ["region", "district", "place"]
MARKS = ("yes", "no", "blank")
VOTE_COUNTS = [
    (pl.col("mark") == mark).sum().alias(name)
    for mark, name in zip(MARKS, ("yes", "no", "informal"), strict=True)
]


@dataclass(frozen=True)
class VotePlan:
    """What to make up.

    Attributes:
        places: polling places, each with a box of ordinary votes and one of postal votes.
        ballots: cards, each with all questions.
        questions: name → share of yes among the valid votes.
        seed: same seed, same votes.
        misread: share of the postal cards whose record says something else than the card.
        swapped: boxes of ordinary votes whose returns have yes and no exchanged.
    """

    places: int = 60
    ballots: int = 30_000
    questions: Mapping[str, float] = field(default_factory=lambda: {"1": 0.56, "2": 0.46})
    seed: str = "1"
    misread: float = 0.0005
    swapped: int = 0


@dataclass(frozen=True)
class VoteFiles:
    """Where the files of a made-up vote lie."""

    returns: Path
    records: Path
    truth: Path


def simulate_vote(plan: VotePlan, folder: Path) -> VoteFiles:
    """Make up a vote in a folder.

    Raises:
        InputError: there are fewer ballots than boxes, or a share is none.
    """
    if plan.ballots < 10 * plan.places or not plan.questions:
        raise InputError(
            f"{plan.ballots:,} ballots are too few for {plan.places:,} places",
            hint="at least 10 for each",
        )
    shares_are_some = all(0 < share < 1 for share in plan.questions.values())
    if not shares_are_some or not 0 <= plan.misread < 1:
        raise InputError("a share is not between 0 and 1")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "MADE-UP.txt").write_text(
        f"The votes in this folder are made up from the seed {plan.seed!r}.\n"
    )
    cards = pl.concat([_cards(plan, name, share) for name, share in plan.questions.items()])
    postal = cards.filter(pl.col("kind") == "postal").with_columns(mark="read")
    returned = pl.concat([cards.filter(pl.col("kind") != "postal"), postal])
    files = VoteFiles(
        folder / "made-up-returns.csv",
        folder / "made-up-records.csv",
        folder / "made-up-truth.parquet",
    )
    _returns(plan, returned).write_csv(files.returns)
    key = ["question", *PLACE_COLUMNS, "card"]
    postal.with_columns(place=_box_name()).select(*key, "mark").write_csv(files.records)
    cards.with_columns(place=_box_name()).select(*key, "mark").write_parquet(files.truth)
    return files


def _box_name() -> pl.Expr:
    return pl.format("{} ({})", "place", "kind")


def _cards(plan: VotePlan, question: str, share: float) -> pl.DataFrame:
    """Make up what every card shows of a question, and what a machine reads of it."""
    boxes = random_stream(plan.seed, "boxes")
    weights = boxes.lognormal(0, 0.6, plan.places)
    sizes = boxes.multinomial(plan.ballots - 4 * plan.places, weights / weights.sum()) + 4
    by_post = np.maximum(1, boxes.binomial(sizes, POSTAL_SHARE))
    rng = random_stream(plan.seed, "question", question)
    lean = np.log(share / (1 - share)) + rng.normal(0, SPREAD_OF_PLACES, plan.places)
    lean += np.log(share / (1 - share)) - np.log(_odds_of_yes(lean, sizes))
    frames = []
    for place in range(plan.places):
        named = {"region": REGION, "district": f"District {place % DISTRICTS + 1}"}
        for kind, n in (
            ("ordinary", int(sizes[place] - by_post[place])),
            ("postal", int(by_post[place])),
        ):
            yes = rng.random(n) < 1 / (1 + np.exp(-lean[place]))
            mark = np.where(rng.random(n) < BLANK_SHARE, 2, np.where(yes, 0, 1))
            misread = rng.random(n) < plan.misread
            read = np.where(misread, (mark + rng.integers(1, 3, n)) % 3, mark)
            frames.append(
                pl.DataFrame({
                    "question": question, "kind": kind, **named,
                    "place": f"Place {place + 1:03}", "card": np.arange(1, n + 1),
                    "mark": np.take(MARKS, mark), "read": np.take(MARKS, read),
                })
            )  # fmt: skip
    return pl.concat(frames)


def _odds_of_yes(lean: np.ndarray, sizes: np.ndarray) -> float:
    """Give the odds of yes over all places, by their size."""
    share = float(np.average(1 / (1 + np.exp(-lean)), weights=sizes))
    return share / (1 - share)


def _returns(plan: VotePlan, cards: pl.DataFrame) -> pl.DataFrame:
    """Add up the boxes; some returns have yes and no exchanged."""
    key = ["question", "kind", *PLACE_COLUMNS]
    forms = cards.group_by(key).agg(*VOTE_COUNTS, total=pl.len()).sort(key)
    boxes = (
        forms.filter(pl.col("kind") == "ordinary")
        .select(PLACE_COLUMNS)
        .unique()
        .sort(PLACE_COLUMNS)
    )
    wrong = random_stream(plan.seed, "swapped").permutation(boxes.height)[: plan.swapped]
    swapped = boxes[sorted(wrong.tolist())].with_columns(kind=pl.lit("ordinary"), swap=True)
    joined = forms.join(swapped, on=["kind", *PLACE_COLUMNS], how="left", maintain_order="left")
    swap = pl.col("swap").fill_null(value=False)
    return joined.with_columns(
        yes=pl.when(swap).then("no").otherwise("yes"),
        no=pl.when(swap).then("yes").otherwise("no"),
    ).drop("swap")


def perfect_interpretations(truth: Path, drawn: pl.DataFrame) -> pl.DataFrame:
    """Interpret the paper as someone does who makes no errors.

    Args:
        truth: of a made-up vote.
        drawn: the list of an audit's draw: `question`, `region`, `district`, `place`, and `card`
            where single cards are looked at.

    Returns:
        The list with `mark`, or with `yes`, `no` and `informal` counted.
    """
    cards = pl.read_parquet(truth).with_columns(pl.col("question").cast(pl.String))
    drawn = drawn.drop("mark", "yes", "no", "informal", strict=False).with_columns(
        pl.col("question").cast(pl.String)
    )
    key = ["question", *PLACE_COLUMNS]
    if "card" in drawn.columns:
        drawn = drawn.with_columns(pl.col("card").cast(pl.Int64))
        found = drawn.join(cards, on=[*key, "card"], how="left", maintain_order="left")
        return found.with_columns(pl.col("mark").fill_null("missing"))
    counts = cards.group_by(key).agg(VOTE_COUNTS)
    return drawn.join(counts, on=key, how="left", maintain_order="left")
