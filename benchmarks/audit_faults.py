"""Wrong outcomes confirmed where the paper is not what was returned: more, fewer, or no ballots.

Every claim is made wrong by as little as can be, by one fault alone: ballots that boxes hold beyond
their returns, cards that are not found, whole boxes that are not found, or some of each. Every
method then audits it many times; an audit that is at the limit after any draw has confirmed it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np

from referendum.audit import WHOLE, Assertion, error_bound, overstatement
from referendum.audit.assorters import (
    HALF,
    ONE,
    ZERO,
    Assorter,
    Mark,
    cards_present,
    share_of_cards,
    share_of_valid,
)
from referendum.audit.batches import macro_risk
from referendum.audit.oneaudit import (
    ErrorRates,
    comparison_risk,
    kelly_stake,
    overstatement_value,
    pool_mean,
    pool_values,
    record_values,
)
from referendum.audit.risk import ManualRecord, polling_risk
from referendum.audit.strata import BANDS, Stratum, strata_risk
from referendum.law import Tally

ALPHA = 0.05
RUNS = 10_000
DRAWS = 300
ROUNDS = (20, 40)
"""Cards of each stratum after each round."""
FEW = ErrorRates(Fraction(1, 1000), Fraction(1, 10_000))
THREE_FIFTHS = Fraction(3, 5)

Votes = tuple[int, int, int]
CLAIMS: dict[str, tuple[Assorter, Votes, Votes]] = {
    "majority, reached": (share_of_valid(HALF, reached=True), (30, 15, 5), (26, 20, 4)),
    "majority, not reached": (share_of_valid(HALF, reached=False), (15, 30, 5), (20, 26, 4)),
    "3/5 of the valid votes, reached": (
        share_of_valid(THREE_FIFTHS, reached=True), (36, 10, 4), (32, 14, 4),
    ),
    "3/5 of the valid votes, not reached": (
        share_of_valid(THREE_FIFTHS, reached=False), (25, 20, 5), (20, 25, 5),
    ),
    "half of the ballots cast, reached": (
        share_of_cards(HALF, reached=True), (32, 13, 5), (28, 17, 5),
    ),
    "half of the ballots cast, not reached": (
        share_of_cards(HALF, reached=False), (18, 27, 5), (22, 23, 5),
    ),
    "share of the electors, reached": (
        replace(share_of_cards(HALF, reached=True), extra=ZERO), (32, 13, 5), (28, 17, 5),
    ),
    "share of the electors, not reached": (
        replace(share_of_cards(HALF, reached=False), extra=ONE), (18, 27, 5), (22, 23, 5),
    ),
    "turnout, reached": (
        replace(cards_present(Fraction(4, 5)), extra=ZERO), (30, 15, 5), (26, 20, 4),
    ),
}  # fmt: skip
"""Assorter, and what the odd and the even ones of 40 boxes of 50 cards returned."""
BOXES = 40
SIZE = 50
MARKS: tuple[Mark, ...] = ("yes", "no", "blank")


@dataclass
class Box:
    """What a box returned, and what is in it.

    Attributes:
        returned: votes.
        shown: how many cards that were read as one mark show which.
        extra: ballots beyond its cards, the worst for the claim.
    """

    returned: Votes
    shown: dict[tuple[Mark, Mark], int]
    extra: int = 0

    @property
    def tally(self) -> Tally:
        """What it returned."""
        return Tally(*self.returned)

    @property
    def looks(self) -> dict[tuple[Mark, Mark], ManualRecord]:
        """How its cards look."""
        return {pair: ManualRecord(pair[1], Fraction(self.extra, SIZE)) for pair in self.shown}


def reported(votes: tuple[Votes, Votes]) -> list[Box]:
    """Give the boxes as they were returned."""
    return [
        Box(votes[n % 2], {(mark, mark): votes[n % 2][k] for k, mark in enumerate(MARKS)})
        for n in range(BOXES)
    ]


def claim_of(assorter: Assorter, boxes: list[Box]) -> Assertion:
    """Make the claim that follows from what boxes returned."""
    total = sum((assorter.total(box.tally) for box in boxes), ZERO)
    return Assertion("majority", WHOLE, True, assorter, BOXES * SIZE, total / (BOXES * SIZE))


def add_ballots(claim: Assertion, boxes: list[Box], loss: Fraction) -> None:
    """Put ballots beyond the returns into every fourth box, until so much is lost."""
    needed = ceil(loss / claim.assorter.extra)
    each, more = divmod(needed, BOXES // 4)
    for place, box in enumerate(boxes[::4]):
        box.extra += each + (place < more)


def lose_cards(claim: Assertion, boxes: list[Box], loss: Fraction) -> None:
    """Lose the best cards of all boxes in turn, until so much is lost."""
    order = sorted(MARKS, key=lambda mark: -claim.assorter.value(mark))
    for mark in order:
        for _ in range(SIZE):
            for box in boxes:
                if loss > 0 and box.shown.get((mark, mark), 0):
                    box.shown[mark, mark] -= 1
                    box.shown[mark, "missing"] = box.shown.get((mark, "missing"), 0) + 1
                    loss -= claim.assorter.value(mark)


def lose_boxes(claim: Assertion, boxes: list[Box], loss: Fraction) -> None:
    """Lose whole boxes, and cards of one more, until so much is lost."""
    for box in boxes[::2]:
        lost = min(loss, claim.assorter.total(box.tally))
        lose_cards(claim, [box], lost)
        loss -= lost


def some_of_each(claim: Assertion, boxes: list[Box], loss: Fraction) -> None:
    """Put ballots into some boxes and lose cards of others."""
    half = loss / 2
    if claim.assorter.extra:
        add_ballots(claim, boxes, half)
    lose_cards(claim, boxes[1::2], half if claim.assorter.extra else loss)


FAULTS: dict[str, Callable[[Assertion, list[Box], Fraction], None]] = {
    "ballots beyond the returns": add_ballots,
    "cards that are not found": lose_cards,
    "boxes that are not found": lose_boxes,
    "some of each": some_of_each,
}


@dataclass(frozen=True)
class Case:
    """A claim that is wrong, and the kinds of card that there are.

    Attributes:
        claim: as it follows from the returns.
        boxes: as they are.
    """

    claim: Assertion
    boxes: list[Box]

    @property
    def kinds(self) -> list[tuple[Box, Mark, ManualRecord, int]]:
        """Give box, record, look and number of every kind of card."""
        return [
            (box, pair[0], look, box.shown[pair])
            for box in self.boxes
            for pair, look in box.looks.items()
            if box.shown[pair]
        ]


def cases() -> Iterator[tuple[str, str, Case]]:
    """Give every claim with every fault that can make it wrong."""
    for name, (assorter, *votes) in CLAIMS.items():
        for fault, damage in FAULTS.items():
            boxes = reported((votes[0], votes[1]))
            claim = claim_of(assorter, boxes)
            if not assorter.extra and damage is add_ballots:
                continue  # more ballots do not make a share of the electors less
            damage(claim, boxes, claim.cards * (claim.mean - HALF))
            case = Case(claim, boxes)
            if sum(look.value_for(claim) * n for _, _, look, n in case.kinds) > claim.cards * HALF:
                raise ValueError(f"{name}, {fault}: the claim is not wrong")
            yield name, fault, case


def draws(counts: list[int], size: int, runs: int, chance: Any) -> Any:
    """Draw cards of these kinds without replacement, many times: the kind of each card drawn."""
    kinds = np.repeat(np.arange(len(counts), dtype=np.int16), counts)
    return np.array([chance.choice(kinds, size, replace=False) for _ in range(runs)])


def require_same(found: float, of_product: float) -> None:
    """See that many audits at once are those that are done one by one."""
    if not np.isclose(found, of_product, rtol=1e-6):
        raise ValueError(f"{found} is not {of_product}")


def polled(case: Case, runs: int, chance: Any) -> float:
    """Poll cards; give how often the wrong claim is confirmed."""
    claim, kinds = case.claim, case.kinds
    drawn = draws([n for *_, n in kinds], DRAWS, runs, chance)
    looks = [look for _, _, look, _ in kinds]
    worths = np.array([float(look.value_for(claim)) for look in looks])
    sure = not any(box.extra for box in case.boxes)
    upper, mean, c = float(claim.assorter.upper), float(claim.mean), (float(claim.mean) - 0.5) / 2
    wealth, seen, best = np.full((2, runs), 0.5), np.zeros(runs), np.ones(runs)
    refuted, confirmed = np.zeros(runs, bool), np.zeros(runs, bool)
    for j in range(DRAWS):
        x, left = worths[drawn[:, j]], claim.cards - j
        room = claim.cards / 2 - seen
        m = room / left
        open_ = room > 1e-9
        guesses = (
            np.clip((claim.cards * mean - seen) / left, 0, upper),
            np.minimum(
                np.maximum((100 * mean + seen) / (100 + j), m + c / np.sqrt(100 + j)), upper
            ),
        )
        for k, guess in enumerate(guesses):
            with np.errstate(all="ignore"):
                factor = (x * guess / m + (upper - x) * (upper - guess) / (upper - m)) / upper
            factor = np.where(open_, np.where(m >= upper, 0.0, factor), 1.0)
            refuted |= factor < 0
            wealth[k] *= factor
        best = np.where(open_, np.maximum(best, wealth.sum(axis=0)), best)
        confirmed |= (best >= 1 / ALPHA) & ~refuted
        confirmed |= (room < -1e-9) & sure
        seen += x
    first = polling_risk(claim, [looks[kind] for kind in drawn[0]])
    require_same(1.0 if refuted[0] else 1 / best[0], first)
    return float(confirmed.mean())


def compared_cards(case: Case, runs: int, chance: Any, *, records: bool) -> float:
    """Compare cards with their records, or with the means of their boxes."""
    claim, kinds = case.claim, case.kinds
    drawn = draws([n for *_, n in kinds], DRAWS, runs, chance)
    told = [
        claim.assorter.value(read) if records else pool_mean(claim, box.tally, SIZE)
        for box, read, _, _ in kinds
    ]
    looks = [look for _, _, look, _ in kinds]
    worths = np.array(
        [float(overstatement_value(claim, r, look)) for r, look in zip(told, looks, strict=True)]
    )
    pools = [] if records else [(box.tally, SIZE) for box in case.boxes]
    bet = kelly_stake(
        record_values(claim, claim.cards, FEW) if records else pool_values(claim, pools)
    )
    hedge = 0.0 if records else 0.5
    wealth = np.array([[1 - hedge] * runs, [hedge] * runs])
    seen, best = np.zeros(runs), np.ones(runs)
    refuted, confirmed = np.zeros(runs, bool), np.zeros(runs, bool)
    for j in range(DRAWS):
        x, m = worths[drawn[:, j]], (claim.cards / 2 - seen) / (claim.cards - j)
        for k, one in enumerate((bet, bet / 2)):
            most = np.minimum(one, 1 / np.where(m > 0, m, 1.0))
            factor = np.where(m > 0, 1 + most * (x - m), 1.0)
            refuted |= factor < 0
            wealth[k] *= factor
        best = np.maximum(best, wealth.sum(axis=0))
        confirmed |= (best >= 1 / ALPHA) & ~refuted
        seen += x
    first = [(told[kind], looks[kind]) for kind in drawn[0]]
    require_same(1.0 if refuted[0] else 1 / best[0], comparison_risk(claim, first, bet, hedge))
    return float(confirmed.mean())


def counted(case: Case, runs: int, chance: Any) -> float:
    """Draw boxes by their bounds, and count them; ballots beyond are the worst for the claim."""
    claim = case.claim
    worst: Mark = min(MARKS, key=claim.assorter.value)
    bounds = [error_bound(claim, box.tally) for box in case.boxes]
    found = [
        {mark: sum(n for pair, n in box.shown.items() if pair[1] == mark) for mark in MARKS}
        for box in case.boxes
    ]
    for votes, box in zip(found, case.boxes, strict=True):
        votes[worst] += box.extra
    taints = [
        overstatement(claim, box.tally, Tally(votes["yes"], votes["no"], votes["blank"]), SIZE)
        / bound
        for box, votes, bound in zip(case.boxes, found, bounds, strict=True)
    ]
    floats, total = np.array(taints, dtype=float), sum(bounds, ZERO)
    chances = np.array(bounds, dtype=float)
    drawn = chance.choice(BOXES, (runs, DRAWS), p=chances / chances.sum())
    with np.errstate(divide="ignore"):
        steps = np.log1p(-1 / float(total)) - np.log1p(-np.clip(floats, 0, 1))
    steps[floats > 1] = np.inf
    paths = np.cumsum(steps[drawn], axis=1)
    refuted = np.maximum.accumulate(floats[drawn] > 1, axis=1)
    confirmed = ((paths <= np.log(ALPHA)) & ~refuted).any(axis=1)
    require_same(
        1.0 if refuted[0].any() else float(np.exp(min(0.0, paths[0].min()))),
        float(macro_risk(total, [taints[place] for place in drawn[0]])),
    )
    return float(confirmed.mean())


def stratified(case: Case, runs: int, chance: Any) -> float:
    """Draw two strata of half of the boxes each, the first without records and the second with."""
    claim, middle = case.claim, BOXES // 2
    parts = [_stratum(claim, case.boxes[:middle], runs, chance, records=False),
             _stratum(claim, case.boxes[middle:], runs, chance, records=True)]  # fmt: skip
    (first, _), (second, _) = parts
    low = max(-first.below_zero, (0.5 - 0.5 * second.upper) / 0.5)
    width = (min(first.upper, (0.5 + 0.5 * second.below_zero) / 0.5) - low) / BANDS
    least = np.full((runs, len(ROUNDS)), np.inf)
    for band in range(BANDS):
        one = _evidence(*parts[0], low + (band + 1) * width)
        least = np.minimum(
            least, one * _evidence(*parts[1], (0.5 - 0.5 * (low + band * width)) / 0.5)
        )
    single = [replace(stratum, values=x[0].tolist()) for stratum, x in parts]
    require_same(1 / max(1.0, least[0, -1]), strata_risk(single))
    return float((least >= 1 / ALPHA).any(axis=1).mean())


def _stratum(
    claim: Assertion, boxes: list[Box], runs: int, chance: Any, *, records: bool
) -> tuple[Stratum, Any]:
    """Give a stratum, and B of the cards of many audits of it."""
    kinds, cards = Case(claim, boxes).kinds, len(boxes) * SIZE
    votes = [sum(box.returned[k] for box in boxes) for k in range(3)]
    pool = Tally(votes[0], votes[1], votes[2])
    mean = ZERO if records else pool_mean(claim, pool, cards)
    worths = [
        float(overstatement_value(claim, claim.assorter.value(read) if records else mean, look))
        for _, read, look, _ in kinds
    ]
    unit = 2 * claim.assorter.upper - claim.margin
    cases = record_values(claim, cards, FEW) if records else pool_values(claim, [(pool, cards)])
    below = claim.assorter.extra * sum(box.extra for box in boxes) / (cards * unit)
    upper = (2 * claim.assorter.upper - mean) / unit
    drawn = draws([n for *_, n in kinds], ROUNDS[-1], runs, chance)
    return Stratum(cards, float(upper), cases, (), float(below)), np.array(worths)[drawn]


def _evidence(stratum: Stratum, x: Any, null: float) -> Any:
    """Give the martingale of each audit after each round."""
    runs = len(x)
    wealth, seen, found = np.ones(runs), np.zeros(runs), np.ones((runs, len(ROUNDS)))
    bet = kelly_stake(stratum.counted_values, null) if 0 < null < stratum.upper else 0.0
    for j in range(ROUNDS[-1] if bet else 0):
        m = (stratum.cards * null - seen) / (stratum.cards - j)
        most = np.minimum(bet, 1 / np.where(m > 0, m, 1.0))
        wealth *= np.maximum(np.where(m > 0, 1 + most * (x[:, j] - m), 1.0), 0.0)
        seen += x[:, j]
        if j + 1 in ROUNDS:
            found[:, ROUNDS.index(j + 1)] = wealth
    return found


METHODS: dict[str, Callable[[Case, int, Any], float]] = {
    "polling": polled,
    "batches": counted,
    "ONEAudit": lambda case, runs, chance: compared_cards(case, runs, chance, records=False),
    "records": lambda case, runs, chance: compared_cards(case, runs, chance, records=True),
    "strata": stratified,
}


def main() -> None:
    """Print how often each wrong claim is confirmed, by fault and method."""
    print(f"audit: wrong claims confirmed in {RUNS:,} runs, limit {ALPHA:.0%}")
    for name, fault, case in cases():
        chance = np.random.default_rng(2026)
        shares = [f"{method} {audit(case, RUNS, chance):.2%}" for method, audit in METHODS.items()]
        print(f"  {name}; {fault}: {', '.join(shares)}", flush=True)


if __name__ == "__main__":
    main()
