"""What each kind of audit of a record would take: simulated, not recorded."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl

from referendum.audit import WHOLE, Assertion, Claim, draws_needed
from referendum.audit.simulation import Polling, poll
from referendum.audit.sizes import Discrepancies, super_simple_size
from referendum.core.exact import fraction
from referendum.flows.audit import boxes_of, claims_of
from referendum.flows.record import Record
from referendum.law import Tally

MINUTES_PER_BOX = 10
MINUTES_PER_CARD = 2
CARDS_PER_HOUR = 600
PEOPLE = 2
"""Usual rates: to fetch and open a box, to find and read one card, to count a whole box, and how
many people do it together."""

RUNS = 1_000
SEED = 20_260_101
PARTS_OF_MARGIN_LOST = 0.1
"""Small errors: the true margin is this much of itself narrower than the reported one."""


@dataclass(frozen=True)
class Cost:
    """What one kind of audit takes for one claim.

    Attributes:
        claim: condition and scope.
        method: kind of audit.
        margin: v.
        cards: cards that people look at: mean if the report is right.
        cards_90: 90th percentile if the report is right.
        cards_small_errors: mean if the true margin is a tenth narrower.
        boxes: boxes that are opened: mean.
        hours: people-hours at the usual rates.
    """

    claim: str
    method: str
    margin: float
    cards: int
    cards_90: int
    cards_small_errors: int
    boxes: int
    hours: int


def audit_costs(folder: Path, risk_limit: str, prove: str | None) -> list[Cost]:
    """Give the costs of every claim and method.

    Raises:
        OrderError: no returns were received.
    """
    inputs = Record.open(folder).inputs(("statute", "returns", "result"))
    returns = boxes_of(inputs)
    limit = fraction(risk_limit)
    return [
        cost
        for one in claims_of(inputs, prove).assertions
        for cost in _costs(
            one,
            returns.filter((pl.col("region") == one.scope) | (one.scope == WHOLE)),
            limit,
        )
    ]


def _costs(one: Assertion, returns: pl.DataFrame, limit: Fraction) -> list[Cost]:
    name = one.condition if one.scope == WHOLE else f"{one.scope}: {one.condition}"
    return [
        _polling(name, one, returns, limit),
        _batches(name, one, returns, limit),
        _cards(name, one, returns, limit),
    ]


def _polling(name: str, one: Assertion, returns: pl.DataFrame, limit: Fraction) -> Cost:
    cards = {mark: int(returns[column].sum()) for mark, column in _COLUMNS.items()}
    test = Polling(float(one.mean))
    right = poll(one.assorter, cards, test, float(limit), runs=RUNS, seed=SEED)
    wrong = poll(one.assorter, _narrower(one, cards), test, float(limit), runs=RUNS, seed=SEED)
    mean = float(np.mean(right))
    return Cost(
        name,
        "ballot polling",
        float(one.margin),
        round(mean),
        round(float(np.quantile(right, 0.9))),
        round(float(np.mean(wrong))),
        boxes := _opened(returns, mean),
        _hours(boxes, mean * MINUTES_PER_CARD / 60),
    )


_COLUMNS = {"yes": "yes", "no": "no", "blank": "informal"}


def _narrower(one: Assertion, cards: dict[str, int]) -> dict[str, int]:
    """Move cards from the best mark to the worst until the margin is a tenth narrower."""
    best = max(cards, key=lambda mark: float(getattr(one.assorter, mark)))
    worst = min(cards, key=lambda mark: float(getattr(one.assorter, mark)))
    apart = float(getattr(one.assorter, best) - getattr(one.assorter, worst))
    if apart == 0:
        return cards
    lost = PARTS_OF_MARGIN_LOST * float(one.mean - Fraction(1, 2)) * one.cards
    moved = min(cards[best], round(lost / apart))
    return {**cards, best: cards[best] - moved, worst: cards[worst] + moved}


def _opened(returns: pl.DataFrame, cards: float) -> int:
    """Give the boxes that a random sample of cards comes from, on average."""
    sizes = returns["total"].to_numpy()
    return round(float(np.sum(1 - (1 - sizes / sizes.sum()) ** cards)))


def _batches(name: str, one: Assertion, returns: pl.DataFrame, limit: Fraction) -> Cost:
    claim = Claim(one.assorter, one.mean, one.cards)
    bounds = np.array([
        float(claim.bound(Tally(row["yes"], row["no"], row["informal"]), row["total"]))
        for row in returns.iter_rows(named=True)
    ])  # fmt: skip
    total = Fraction(sum(bounds))
    sizes = returns["total"].to_numpy()
    draws = draws_needed(limit, total)
    # A tenth of the margin lost, spread evenly over the bounds, taints every draw by so much.
    taint = PARTS_OF_MARGIN_LOST / float(total)
    growth = -np.log1p(-1 / float(total)) + np.log1p(-taint)
    with_errors = int(np.ceil(-np.log(float(limit)) / growth))
    opened = [1 - (1 - bounds / bounds.sum()) ** n for n in (draws, with_errors)]
    counted = [round(float(chance @ sizes)) for chance in opened]
    boxes = round(float(opened[0].sum()))
    margin = float(one.margin)
    hours = _hours(boxes, counted[0] / CARDS_PER_HOUR)
    return Cost(name, "batch comparison", margin, counted[0], counted[0], counted[1], boxes, hours)


def _hours(boxes: int, work: float) -> int:
    """Give people-hours: boxes fetched, and the work on their cards."""
    return round(PEOPLE * (boxes * MINUTES_PER_BOX / 60 + work))


def _cards(name: str, one: Assertion, returns: pl.DataFrame, limit: Fraction) -> Cost:
    """Give the cost of comparing cards with records of single cards, where those exist."""
    margin = float(one.margin / one.assorter.upper)
    n = super_simple_size(float(limit), margin, Discrepancies())
    errors = super_simple_size(float(limit), margin, Discrepancies(one_over=1))
    opened = _opened(returns, n)
    hours = _hours(opened, n * MINUTES_PER_CARD / 60)
    return Cost(name, "card comparison", float(one.margin), n, n, errors, opened, hours)


def cost_lines(costs: list[Cost]) -> list[str]:
    """Tell costs in lines of at most 80 columns, and advise."""
    if not costs:
        return ["no claim is left for a sample: the canvass settles it, or a full count"]
    lines = [
        f"{'claim':<20}{'method':<17}{'margin':>7}{'cards':>9}{'90 %':>9}{'boxes':>7}{'hours':>7}"
    ]
    lines += [
        f"{one.claim[:19]:<20}{one.method:<17}{one.margin:>7.2%}"
        f"{one.cards:>9,}{one.cards_90:>9,}{one.boxes:>7,}{one.hours:>7,}"
        for one in costs
    ]
    sums = {
        method: sum(one.hours for one in costs if one.method == method)
        for method in ("ballot polling", "batch comparison")
    }
    best = min(sums, key=lambda method: sums[method])
    other = max(sums, key=lambda method: sums[method])
    lines += [
        "",
        f"advice without records of cards: {best}, {sums[best]:,} people-hours;",
        f"{other} takes {sums[other]:,}. In polling, cards are pulled one by one; in batch",
        "comparison whole boxes are counted, with no searching. Card comparison needs",
        "a record of every card; its numbers hold if there is one.",
        (
            f"hours: {PEOPLE} people, {MINUTES_PER_BOX} minutes a box, {MINUTES_PER_CARD} minutes"
            f" a card, {CARDS_PER_HOUR} cards counted an hour"
        ),
    ]
    return lines
