"""About how much each sample of a plan takes, so that a first round can be chosen."""

from collections.abc import Sequence
from math import ceil, log, log1p

from referendum.audit import Assertion, draws_needed
from referendum.audit.assorters import HALF, ZERO
from referendum.audit.batches import Batches
from referendum.audit.oneaudit import CountedValue, kelly_stake, pool_values, record_values
from referendum.audit.samples import Box, Sample
from referendum.flows.audit.boxes import PLACE, audited_returns, boxes_of
from referendum.flows.audit.plan import Plan, inputs_of_plan
from referendum.flows.audit.records import read_records
from referendum.law import Tally
from referendum.record.reading import Record


def suggested_sizes(record: Record) -> dict[str, int]:
    """Give the mean size of each sample of the plan that stands, if the report is right.

    Of boxes: the draws after which the risk is at the limit if nothing is found. Of cards: by the
    growth of the logarithm of the wealth (Wald's approximation); what `referendum audit cost`
    simulates is closer.
    """
    inputs = inputs_of_plan(record)
    plan = Plan.read(inputs)
    if plan.full_count:
        return {}
    boxes = boxes_of(audited_returns(inputs, plan.questions))
    boxes_with_records: set[tuple[str, ...]] = set()
    if plan.error_rates is not None:
        cards = read_records(record.inputs(("audit_cards",)))
        boxes_with_records = set(cards.select("question", *PLACE).unique().iter_rows())
    return {
        one.name: _size(plan, one, one.boxes_among(boxes), boxes_with_records)
        for one in plan.samples
    }


def _size(
    plan: Plan, sample: Sample, boxes: Sequence[Box], boxes_with_records: set[tuple[str, ...]]
) -> int:
    assertions = plan.assertions_of(sample)
    if plan.counts_boxes:
        total = sum(Batches.from_boxes(boxes, assertions).bounds.values(), ZERO)
        return draws_needed(plan.risk_limit, total)
    pools = [box for box in boxes if (box.question, *box.place) not in boxes_with_records]
    cards = sum(box.cards for box in boxes)
    growth = min(_growth(plan, assertion, boxes, pools) for _, assertion in assertions)
    needed = -log(plan.risk_limit) / growth if growth > 0 else float(cards)
    return min(cards, ceil(needed))


def _growth(plan: Plan, assertion: Assertion, boxes: Sequence[Box], pools: Sequence[Box]) -> float:
    """Give how much ln of the wealth grows with a card, on average, if the report is right."""
    pooled = [(box.tally, box.cards) for box in pools]
    if plan.method in {"ballot_polling", "stratified"} and pooled:
        pooled = [_as_one_pool(pools)]
    counted_values: list[CountedValue] = pool_values(assertion, pooled)
    cards = sum(box.cards for box in boxes) - sum(total for _, total in pooled)
    if plan.error_rates is not None and cards:
        counted_values += record_values(assertion, cards, plan.error_rates)
    stake_, total_count = kelly_stake(counted_values), sum(n for n, _ in counted_values)
    return (
        sum(n * log1p(stake_ * float(b - HALF)) for n, b in counted_values) / total_count
        if total_count
        else 0.0
    )


def _as_one_pool(boxes: Sequence[Box]) -> tuple[Tally, int]:
    """Take boxes as one."""
    tallies = [box.tally for box in boxes]
    votes = (sum(getattr(one, name) for one in tallies) for name in ("yes", "no", "blank"))
    return Tally(*votes), sum(box.cards for box in boxes)
