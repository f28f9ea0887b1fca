"""Audits by simulation: speed, cards beside the optimum, and wrong certifications in hostile runs.

SHANGRLA=/path/to/SHANGRLA times its published function on one audit too, and prints the ratio.
"""

import os
import sys
import time
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from referendum.audit import WHOLE, Assertion
from referendum.audit.assorters import (
    HALF,
    Assorter,
    Mark,
    cards_present,
    share_of_cards,
    share_of_valid,
)
from referendum.audit.batches import error_bound, overstatement
from referendum.audit.oneaudit import ErrorRates, kelly_stake, pool_mean, pool_values, record_values
from referendum.audit.oneaudit import overstatement_value as compared_card
from referendum.audit.risk import ManualRecord
from referendum.audit.simulation import (
    PollingTest,
    simulate_comparison,
    simulate_polling,
    simulate_pooled_comparison,
)
from referendum.audit.sizes import comparison_bet
from referendum.audit.strata import BANDS, Stratum, strata_risk
from referendum.law import Tally

ALPHA = 0.05
CARDS = 1_000_000
HOSTILE_RUNS = 10_000
MAJORITY = share_of_valid(HALF, reached=True)
THREE_FIFTHS = Fraction(3, 5)
FEW = ErrorRates(Fraction(1, 1000), Fraction(1, 10_000))
DRAWS = 400
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
    simulate_polling(MAJORITY, {"yes": 6, "no": 4}, PollingTest(0.55), ALPHA, runs=1, seed=1)
    simulate_comparison(np.array([0.6, 0.0]), np.array([9, 1]), 1.0, ALPHA, runs=1, seed=1)
    speed()
    efficiency()
    hostile()


def speed() -> None:
    """Time a thousand audits of a million cards at a margin of 1%."""
    cards = {"yes": 505_000, "no": 495_000}
    found, took = timed(
        simulate_polling, MAJORITY, cards, PollingTest(0.505), ALPHA, runs=1000, seed=7
    )
    print(f"audit: 1,000 polling audits of {CARDS:,} cards at 1%: {took:.2f} s of CPU,")
    print(f"  mean {found.mean():,.0f} cards")
    worths, counts, stake = compared(0.01)
    found, took = timed(simulate_comparison, worths, counts, stake, ALPHA, runs=1000, seed=7)
    print(f"  1,000 card comparisons: {took:.2f} s, mean {found.mean():,.0f} cards")
    if path := os.environ.get("SHANGRLA"):
        shangrla(path)


def compared(margin: float) -> tuple[Any, Any, float]:
    """Give worths, counts and best stake with one-vote errors of 0.1% and two-vote of 0.01%."""
    exact = 1 / (2 - margin)
    worths = np.array([exact, exact / 2, 0.0])
    return worths, np.array([998_900, 1_000, 100]), comparison_bet(margin, 0.001, 0.0001).stake


def shangrla(path: str) -> None:
    """Time SHANGRLA's ALPHA on one sequence of a million cards, beside ours on the like audits."""
    sys.path.insert(0, path)
    from shangrla.core.NonnegMean import NonnegMean  # noqa: PLC0415 - only where it is given

    x = np.random.default_rng(1).permutation(np.repeat([1.0, 0.0], [505_000, 495_000]))
    test = NonnegMean(N=CARDS, u=1, t=1 / 2, eta=0.505, d=100, estim=NonnegMean.shrink_trunc)
    _, theirs = timed(test.alpha_mart, x)
    cards = {"yes": 505_000, "no": 495_000}
    _, ours = timed(
        simulate_polling, MAJORITY, cards, PollingTest(0.505, 0.0), ALPHA, runs=1000, seed=7
    )
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
            simulate_polling(MAJORITY, cards, test, ALPHA, runs=4000, seed=11).mean()
            for test in (PollingTest(eta, 1.0), PollingTest(eta), PollingTest(eta + margin / 4))
        ]
        worths, counts, stake = compared(margin)
        single = simulate_comparison(worths, counts, stake, ALPHA, runs=4000, seed=11).mean()
        bound = comparison_bet(margin, 0.001, 0.0001).size(ALPHA)
        print(
            f"  {margin:>6.0%} {means[0]:>13,.0f} {means[1]:>9,.0f} {means[1] / means[0]:>7.2f}"
            f" {means[2]:>20,.0f} {means[2] / means[0]:>7.2f} {single:>11,.0f} {bound:>7,.0f}"
        )


Pairs = dict[tuple[Mark, Mark], int]
"""Cards by what was reported of them and what they show."""

STRATA: dict[str, tuple[Assorter, tuple[tuple[Pairs, bool], ...]]] = {
    "majority, both polled, one stratum is wrong, a tie": (
        MAJORITY,
        (
            ({("yes", "yes"): 180, ("no", "no"): 120}, False),
            ({("yes", "yes"): 70, ("yes", "no"): 60, ("no", "no"): 70}, False),
        ),
    ),
    "majority, records of one stratum hide the tie": (
        MAJORITY,
        (
            ({("yes", "yes"): 130, ("yes", "no"): 40, ("no", "no"): 130}, True),
            ({("yes", "yes"): 120, ("no", "no"): 80}, False),
        ),
    ),
    "majority, the stratum without records hides it": (
        MAJORITY,
        (
            ({("yes", "yes"): 165, ("no", "no"): 135}, True),
            ({("yes", "yes"): 85, ("yes", "no"): 55, ("no", "no"): 60}, False),
        ),
    ),
    "3/5 claimed missed, exactly met": (
        share_of_valid(THREE_FIFTHS, reached=False),
        (
            ({("yes", "yes"): 150, ("no", "yes"): 20, ("no", "no"): 130}, True),
            ({("yes", "yes"): 100, ("no", "yes"): 30, ("no", "no"): 70}, False),
        ),
    ),
}  # fmt: skip
"""Rule, and the cards of two strata, with records or without: the truth is exactly one half."""
BATCHES: dict[str, tuple[Assorter, Boxes, Boxes]] = {
    "majority, a tie in a few wrong boxes": (
        MAJORITY, ((30, 20, 0),) * 40, (*((10, 40, 0),) * 10, *((30, 20, 0),) * 30),
    ),
    "majority, every box is a little wrong": (MAJORITY, ((30, 20, 0),) * 40, ((25, 25, 0),) * 40),
    "majority, a few boxes are all wrong": (
        MAJORITY, ((28, 22, 0),) * 56, (*((0, 50, 0),) * 6, *((28, 22, 0),) * 50),
    ),
    "3/5 claimed missed, exactly met": (
        share_of_valid(THREE_FIFTHS, reached=False),
        ((25, 20, 5),) * 40,
        (*((33, 12, 5),) * 10, *((25, 20, 5),) * 30),
    ),
    "half of the ballots cast, exactly": (
        share_of_cards(HALF, reached=True), ((30, 15, 5),) * 40, ((25, 20, 5),) * 40,
    ),
}  # fmt: skip
"""Rule, what boxes reported, and what is true: exactly one half."""

RECORDED: dict[str, tuple[Assorter, tuple[tuple[Pairs, bool], ...]]] = {
    "records: majority, blanks were read as yes": (
        MAJORITY,
        (({("yes", "yes"): 400, ("yes", "blank"): 150, ("no", "no"): 400, ("blank", "blank"): 50},
          True),),
    ),
    "records: 3/5 claimed reached, exactly met": (
        share_of_valid(THREE_FIFTHS, reached=True),
        (({("yes", "yes"): 480, ("yes", "no"): 80, ("no", "no"): 240, ("blank", "blank"): 200},
          True),),
    ),
    "records: 3/5 claimed missed, exactly met": (
        share_of_valid(THREE_FIFTHS, reached=False),
        (({("yes", "yes"): 440, ("no", "yes"): 40, ("no", "no"): 320, ("blank", "blank"): 200},
          True),),
    ),
    "records: half of the ballots cast, exactly": (
        share_of_cards(HALF, reached=True),
        (({("yes", "yes"): 500, ("yes", "blank"): 60, ("no", "no"): 440}, True),),
    ),
    "records of half of the boxes, the others hide a tie": (
        MAJORITY,
        (
            ({("yes", "yes"): 300, ("no", "no"): 200}, True),
            ({("yes", "yes"): 200, ("yes", "no"): 90, ("no", "no"): 210}, False),
        ),
    ),
    "records of half of the boxes hide a tie": (
        MAJORITY,
        (
            ({("yes", "yes"): 200, ("yes", "no"): 60, ("no", "no"): 240}, True),
            ({("yes", "yes"): 300, ("no", "no"): 200}, False),
        ),
    ),
}  # fmt: skip
"""Rule, and the cards of boxes with records or without: the truth is exactly one half."""

ROUNDS = (20, 40, 80, 120, 160)
"""Cards of each stratum after each round; a wrong outcome counts as certified after any."""


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
                simulate_polling(
                    assorter, cards, PollingTest(0.55, w), ALPHA, runs=HOSTILE_RUNS, seed=2026
                )
                <= 1000
            )
            for w in TESTS.values()
        ]
        told = ", ".join(f"{test} {share:.2%}" for test, share in zip(TESTS, shares, strict=True))
        print(f"    {name}: {told}")
    print(f"    three regions, two true and one a tie: average {regions():.2%}")
    print(f"    card comparison, two-vote errors that make a tie: {overstated():.2%}")
    for name, case in POOLS.items():
        print(f"    ONEAudit, {name}: {pooled(*case):.2%}")
    for name, (assorter, boxes) in RECORDED.items():
        print(f"    {name}: {recorded(assorter, boxes):.2%}")
    for name, (assorter, reported, true) in BATCHES.items():
        print(f"    boxes: {name}: {counted(assorter, reported, true):.2%}")
    for name, (assorter, strata) in STRATA.items():
        print(f"    stratified, {name}: {stratified(assorter, strata):.2%}")


def regions() -> float:
    """Claim three regions, each by its own cards; the outcome is certified if all three are."""
    parts = [{"yes": 560, "no": 440}, {"yes": 540, "no": 460}, {"yes": 500, "no": 500}]
    done = [
        simulate_polling(MAJORITY, cards, PollingTest(0.55), ALPHA, runs=HOSTILE_RUNS, seed=seed)
        <= 1000
        for seed, cards in enumerate(parts, start=1)
    ]
    return float(np.mean(np.logical_and.reduce(done)))


def overstated() -> float:
    """Report 10% where there is a tie: one card in twenty overstates by two votes."""
    exact = 1 / (2 - 0.1)
    worths, counts = np.array([exact, 0.0]), np.array([950, 50])
    stake = comparison_bet(0.1, 0.001, 0.0001).stake
    found = simulate_comparison(worths, counts, stake, ALPHA, runs=HOSTILE_RUNS, seed=2026)
    return float(np.mean(found <= counts.sum()))


def claim_of(assorter: Assorter, reported: Boxes) -> Assertion:
    """Make the claim that follows from what boxes reported."""
    cards = sum(map(sum, reported))
    mean = sum(assorter.total(Tally(*votes)) for votes in reported) / Fraction(cards)
    return Assertion("majority", WHOLE, True, assorter, cards, mean)


def require_half(assorter: Assorter, true: Boxes) -> None:
    """See that a hostile truth is exactly one half."""
    if claim_of(assorter, true).mean != HALF:
        raise ValueError("the truth is not exactly one half")


def counted(assorter: Assorter, reported: Boxes, true: Boxes) -> float:
    """Draw boxes by their bounds, with replacement, until P is at the limit or the draws end."""
    require_half(assorter, true)
    claim = claim_of(assorter, reported)
    pairs = [
        (Tally(*told), Tally(*found), sum(told)) for told, found in zip(reported, true, strict=True)
    ]
    bounds = np.array([float(error_bound(claim, told)) for told, _, _ in pairs])
    taints = np.array([float(overstatement(claim, *pair)) for pair in pairs]) / bounds
    steps = np.full(len(pairs), np.inf)
    steps[taints < 1] = -np.log1p(-np.maximum(taints[taints < 1], 0)) + np.log1p(-1 / bounds.sum())
    chance = np.random.default_rng(2026)
    picks = chance.choice(len(pairs), (HOSTILE_RUNS, DRAWS), p=bounds / bounds.sum())
    return float(np.mean(np.cumsum(steps[picks], axis=1).min(axis=1) <= np.log(ALPHA)))


def recorded(assorter: Assorter, boxes: tuple[tuple[Pairs, bool], ...]) -> float:
    """Compare cards with their records, or with the mean of their box where it has none."""
    reported, true = (tuple(votes_of(pairs, side) for pairs, _ in boxes) for side in (0, 1))
    require_half(assorter, true)
    claim = claim_of(assorter, reported)
    pools = [
        (Tally(*votes), sum(votes))
        for votes, (_, records) in zip(reported, boxes, strict=True)
        if not records
    ]
    cards = claim.cards - sum(total for _, total in pools)
    bet = kelly_stake(
        pool_values(claim, pools) + (record_values(claim, cards, FEW) if cards else [])
    )
    worths = [
        float(compared_card(
            claim,
            assorter.value(read) if records else pool_mean(claim, Tally(*votes), sum(votes)),
            ManualRecord(shown),
        ))
        for votes, (pairs, records) in zip(reported, boxes, strict=True)
        for read, shown in pairs
    ]  # fmt: skip
    counts = [n for pairs, _ in boxes for n in pairs.values()]
    found = simulate_pooled_comparison(
        np.array(worths), np.array(counts), np.array([bet, bet / 2] if pools else [bet]), ALPHA,
        runs=HOSTILE_RUNS, seed=2026,
    )  # fmt: skip
    return float(np.mean(found <= claim.cards))


def votes_of(pairs: Pairs, side: int) -> tuple[int, int, int]:
    """Add up cards by what was reported of them (0), or by what they show (1)."""
    yes, no, blank = (
        sum(n for pair, n in pairs.items() if pair[side] == mark) for mark in ("yes", "no", "blank")
    )
    return yes, no, blank


def pooled(assorter: Assorter, reported: Boxes, true: Boxes) -> float:
    """Compare cards with what their boxes reported, where the truth is exactly one half."""
    require_half(assorter, true)
    claim = claim_of(assorter, reported)
    boxes = [(Tally(*box), sum(box)) for box in reported]
    worths = [
        float(compared_card(claim, pool_mean(claim, *box), ManualRecord(mark)))
        for box in boxes
        for mark in ("yes", "no", "blank")
    ]
    bet = kelly_stake(pool_values(claim, boxes))
    found = simulate_pooled_comparison(
        np.array(worths), np.array(true).ravel(), np.array([bet, bet / 2]), ALPHA,
        runs=HOSTILE_RUNS, seed=2026,
    )  # fmt: skip
    return float(np.mean(found <= claim.cards))


def stratified(assorter: Assorter, strata: tuple[tuple[Pairs, bool], ...]) -> float:
    """Draw two strata in rounds and put them together after each."""
    reported, true = (tuple(votes_of(pairs, side) for pairs, _ in strata) for side in (0, 1))
    require_half(assorter, true)
    claim = claim_of(assorter, reported)
    chance = np.random.default_rng(2026)
    parts = [Drawn.of(claim, pairs, chance, records=records) for pairs, records in strata]
    first, second = (one.stratum for one in parts)
    share = first.cards / claim.cards
    low = max(0.0, (0.5 - (1 - share) * second.upper) / share)
    width = (min(first.upper, 0.5 / share) - low) / BANDS
    least = np.full((HOSTILE_RUNS, len(ROUNDS)), np.inf)
    for band in range(BANDS):
        nulls = low + (band + 1) * width, (0.5 - share * (low + band * width)) / (1 - share)
        products = [one.martingale(null) for one, null in zip(parts, nulls, strict=True)]
        least = np.minimum(least, products[0] * products[1])
    one = [replace(part.stratum, values=part.x[0, : ROUNDS[-1]].tolist()) for part in parts]
    if not np.isclose(strata_risk(one), 1 / max(1.0, least[0, -1])):
        raise ValueError("the many audits at once are not those that are done one by one")
    return float(np.mean((least >= 1 / ALPHA).any(axis=1)))


@dataclass(frozen=True)
class Drawn:
    """A stratum, and B of the cards of many audits of it, in the order of their draw."""

    stratum: Stratum
    x: Any

    @classmethod
    def of(cls, claim: Assertion, pairs: Pairs, chance: Any, *, records: bool) -> "Drawn":
        """Draw the cards of a stratum."""
        votes = votes_of(pairs, 0)
        tally, cards = Tally(*votes), sum(votes)
        mean = Fraction(0) if records else pool_mean(claim, tally, cards)
        cases = (
            record_values(claim, cards, FEW) if records else pool_values(claim, [(tally, cards)])
        )
        worths = [
            float(
                compared_card(
                    claim, claim.assorter.value(read) if records else mean, ManualRecord(shown)
                )
            )
            for read, shown in pairs
        ]
        own = np.repeat(worths, list(pairs.values()))
        x = chance.permuted(np.tile(own, (HOSTILE_RUNS, 1)), axis=1)
        u = claim.assorter.upper
        upper = float((2 * u - mean) / (2 * u - claim.margin))
        return cls(Stratum(cards, upper, cases, ()), x)

    def martingale(self, null: float) -> Any:
        """Give the martingale of each audit after each round."""
        wealth, seen = np.ones(HOSTILE_RUNS), np.zeros(HOSTILE_RUNS)
        found = np.ones((HOSTILE_RUNS, len(ROUNDS)))
        bet = (
            kelly_stake(self.stratum.counted_values, null) if 0 < null < self.stratum.upper else 0.0
        )
        for j in range(ROUNDS[-1] if bet else 0):
            m = (self.stratum.cards * null - seen) / (self.stratum.cards - j)
            most = np.minimum(bet, 1 / np.where(m > 0, m, 1.0))
            wealth *= np.where(m > 0, 1 + most * (self.x[:, j] - m), 1.0)
            seen += self.x[:, j]
            if j + 1 in ROUNDS:
                found[:, ROUNDS.index(j + 1)] = wealth
        return found


def timed(work: Any, *args: Any, **more: Any) -> tuple[Any, float]:
    """Give what the work gives, and the seconds of CPU that it took."""
    before = time.process_time()
    result = work(*args, **more)
    return result, time.process_time() - before


if __name__ == "__main__":
    main()
