"""Audits by simulation: speed, cards beside the optimum, and wrong certifications in hostile runs.

SHANGRLA=/path/to/SHANGRLA times its published function on one audit too, and prints the ratio.
"""

import os
import sys
import time
from fractions import Fraction
from typing import Any

import numpy as np

from referendum.audit import WHOLE, Assertion
from referendum.audit.assorters import (
    HALF,
    Assorter,
    cards_present,
    share_of_cards,
    share_of_valid,
)
from referendum.audit.oneaudit import compared as compared_card
from referendum.audit.oneaudit import pool_cases, pool_mean, stake
from referendum.audit.simulation import Polling, compare_cards, compare_many, poll
from referendum.audit.sizes import comparison
from referendum.law import Tally

ALPHA = 0.05
CARDS = 1_000_000
HOSTILE_RUNS = 10_000
MAJORITY = share_of_valid(HALF, reached=True)
THREE_FIFTHS = Fraction(3, 5)
TESTS = {"ALPHA d=100": 0.0, "average": 0.5, "SPRT at the report": 1.0}

Boxes = tuple[tuple[int, int, int], ...]
"""Yes, no and blank cards of each box."""

POOLS: dict[str, tuple[Assorter, Boxes, Boxes]] = {
    "majority, one of two boxes is wrong, a tie": (
        MAJORITY, ((450, 50, 0), (200, 300, 0)), ((450, 50, 0), (50, 450, 0)),
    ),
    "majority, both boxes are a little wrong, a tie with blanks": (
        MAJORITY, ((300, 200, 50), (250, 200, 0)), ((275, 225, 50), (200, 250, 0)),
    ),
    "3/5 claimed missed, exactly met": (
        share_of_valid(THREE_FIFTHS, reached=False),
        ((200, 300, 50), (250, 200, 0)),
        ((300, 200, 50), (270, 180, 0)),
    ),
    "half of the ballots cast, exactly": (
        share_of_cards(HALF, reached=True),
        ((400, 50, 50), (300, 150, 50)),
        ((400, 50, 50), (100, 350, 50)),
    ),
}  # fmt: skip
"""Rule, what boxes reported, and what is true: exactly one half."""


def main() -> None:
    """Measure and print."""
    poll(MAJORITY, {"yes": 6, "no": 4}, Polling(0.55), ALPHA, runs=1, seed=1)
    compare_cards(np.array([0.6, 0.0]), np.array([9, 1]), 1.0, ALPHA, runs=1, seed=1)
    speed()
    efficiency()
    hostile()


def speed() -> None:
    """Time a thousand audits of a million cards at a margin of 1%."""
    cards = {"yes": 505_000, "no": 495_000}
    found, took = timed(poll, MAJORITY, cards, Polling(0.505), ALPHA, runs=1000, seed=7)
    print(f"audit: 1,000 polling audits of {CARDS:,} cards at 1%: {took:.2f} s of CPU,")
    print(f"  mean {found.mean():,.0f} cards")
    worths, counts, stake = compared(0.01)
    found, took = timed(compare_cards, worths, counts, stake, ALPHA, runs=1000, seed=7)
    print(f"  1,000 card comparisons: {took:.2f} s, mean {found.mean():,.0f} cards")
    if path := os.environ.get("SHANGRLA"):
        shangrla(path)


def compared(margin: float) -> tuple[Any, Any, float]:
    """Give worths, counts and best stake with one-vote errors of 0.1% and two-vote of 0.01%."""
    exact = 1 / (2 - margin)
    worths = np.array([exact, exact / 2, 0.0])
    return worths, np.array([998_900, 1_000, 100]), comparison(margin, 0.001, 0.0001).stake


def shangrla(path: str) -> None:
    """Time SHANGRLA's ALPHA on one sequence of a million cards, beside ours on the like audits."""
    sys.path.insert(0, path)
    from shangrla.core.NonnegMean import NonnegMean  # noqa: PLC0415 - only where it is given

    x = np.random.default_rng(1).permutation(np.repeat([1.0, 0.0], [505_000, 495_000]))
    test = NonnegMean(N=CARDS, u=1, t=1 / 2, eta=0.505, d=100, estim=NonnegMean.shrink_trunc)
    _, theirs = timed(test.alpha_mart, x)
    cards = {"yes": 505_000, "no": 495_000}
    _, ours = timed(poll, MAJORITY, cards, Polling(0.505, 0.0), ALPHA, runs=1000, seed=7)
    print(f"  SHANGRLA: {theirs:.2f} s for one, {theirs * 1000 / ours:,.0f} times ours")


def efficiency() -> None:
    """Print mean cards beside the oracle, where the report is right and off by half the margin."""
    print(
        "  margin   oracle SPRT   average   ratio   report off by half   ratio   comparison, Kelly"
    )
    for margin in (0.01, 0.02, 0.05, 0.1):
        yes = int(CARDS * (1 + margin) / 2)
        cards, eta = {"yes": yes, "no": CARDS - yes}, (1 + margin) / 2
        means = [
            poll(MAJORITY, cards, test, ALPHA, runs=4000, seed=11).mean()
            for test in (Polling(eta, 1.0), Polling(eta), Polling(eta + margin / 4))
        ]
        worths, counts, stake = compared(margin)
        single = compare_cards(worths, counts, stake, ALPHA, runs=4000, seed=11).mean()
        bound = comparison(margin, 0.001, 0.0001).size(ALPHA)
        print(
            f"  {margin:>6.0%} {means[0]:>13,.0f} {means[1]:>9,.0f} {means[1] / means[0]:>7.2f}"
            f" {means[2]:>20,.0f} {means[2] / means[0]:>7.2f} {single:>11,.0f} {bound:>7,.0f}"
        )


HOSTILE: dict[str, tuple[Assorter, dict[str, int]]] = {
    "majority, a tie with blanks": (MAJORITY, {"yes": 400, "no": 400, "blank": 200}),
    "majority, a tie and 5% missing": (MAJORITY, {"yes": 475, "no": 475, "missing": 50}),
    "3/5 claimed reached, exactly met": (
        share_of_valid(THREE_FIFTHS, reached=True),
        {"yes": 480, "no": 320, "blank": 200},
    ),
    "3/5 claimed missed, exactly met": (
        share_of_valid(THREE_FIFTHS, reached=False),
        {"yes": 480, "no": 320, "blank": 200},
    ),
    "half of the ballots cast, exactly": (
        share_of_cards(HALF, reached=True),
        {"yes": 500, "no": 300, "blank": 200},
    ),
    "approval by 40% missed, exactly met": (
        share_of_cards(Fraction(2, 5), reached=False),
        {"yes": 400, "no": 500, "blank": 100},
    ),
    "turnout quorum, exactly": (
        cards_present(Fraction(7, 10)),
        {"yes": 500, "no": 200, "missing": 300},
    ),
}
"""Outcomes that are wrong by as little as can be, 1,000 cards each."""


def hostile() -> None:
    """Print how often a wrong outcome is certified, by rule and method."""
    print(f"  wrong certifications in {HOSTILE_RUNS:,} runs, limit {ALPHA:.0%}")
    for name, (assorter, cards) in HOSTILE.items():
        shares = [
            np.mean(
                poll(assorter, cards, Polling(0.55, w), ALPHA, runs=HOSTILE_RUNS, seed=2026) <= 1000
            )
            for w in TESTS.values()
        ]
        told = ", ".join(f"{test} {share:.2%}" for test, share in zip(TESTS, shares, strict=True))
        print(f"    {name}: {told}")
    print(f"    three regions, two true and one a tie: average {regions():.2%}")
    print(f"    card comparison, two-vote errors that make a tie: {overstated():.2%}")
    print(f"    batch comparison, a tie in a few wrong boxes: {tainted():.2%}")
    for name, case in POOLS.items():
        print(f"    ONEAudit, {name}: {pooled(*case):.2%}")


def regions() -> float:
    """Claim three regions, each by its own cards; the outcome is certified if all three are."""
    parts = [{"yes": 560, "no": 440}, {"yes": 540, "no": 460}, {"yes": 500, "no": 500}]
    done = [
        poll(MAJORITY, cards, Polling(0.55), ALPHA, runs=HOSTILE_RUNS, seed=seed) <= 1000
        for seed, cards in enumerate(parts, start=1)
    ]
    return float(np.mean(np.logical_and.reduce(done)))


def overstated() -> float:
    """Report 10% where there is a tie: one card in twenty overstates by two votes."""
    exact = 1 / (2 - 0.1)
    worths, counts = np.array([exact, 0.0]), np.array([950, 50])
    stake = comparison(0.1, 0.001, 0.0001).stake
    found = compare_cards(worths, counts, stake, ALPHA, runs=HOSTILE_RUNS, seed=2026)
    return float(np.mean(found <= counts.sum()))


def tainted() -> float:
    """Report 10% where there is a tie, all of it in few boxes that are wrong to the last card.

    U = 1 + 1/v = 11; draws meet a wrong box once in eleven; 32 draws would confirm.
    """
    bound = 1 + 1 / 0.1
    wrong = np.random.default_rng(2026).random((HOSTILE_RUNS, 32)) < 1 / bound
    p = np.where(wrong.any(axis=1), 1.0, (1 - 1 / bound) ** 32)
    return float(np.mean(p <= ALPHA))


def pooled(assorter: Assorter, reported: Boxes, true: Boxes) -> float:
    """Compare cards with what their boxes reported, where the truth is exactly one half."""
    boxes = [(Tally(*box), sum(box)) for box in reported]
    cards = sum(total for _, total in boxes)
    mean = sum(assorter.total(tally) for tally, _ in boxes) / Fraction(cards)
    claim = Assertion("majority", WHOLE, True, assorter, cards, mean)
    worths = [
        float(compared_card(claim, pool_mean(claim, *box), mark))
        for box in boxes
        for mark in ("yes", "no", "blank")
    ]
    bet = stake(pool_cases(claim, boxes))
    found = compare_many(
        np.array(worths), np.array(true).ravel(), np.array([bet, bet / 2]), ALPHA,
        runs=HOSTILE_RUNS, seed=2026,
    )  # fmt: skip
    return float(np.mean(found <= cards))


def timed(work: Any, *args: Any, **more: Any) -> tuple[Any, float]:
    """Give what the work gives, and the seconds of CPU that it took."""
    before = time.process_time()
    result = work(*args, **more)
    return result, time.process_time() - before


if __name__ == "__main__":
    main()
