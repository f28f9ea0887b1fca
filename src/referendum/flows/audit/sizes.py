"""About how much each sample of a plan takes, so that a first round can be chosen."""

from collections.abc import Sequence
from math import ceil, log, log1p

from referendum.audit import Assertion, draws_needed
from referendum.audit.assorters import HALF, ZERO
from referendum.audit.batches import Batches
from referendum.audit.oneaudit import Case, pool_cases, record_cases, stake
from referendum.audit.samples import Box, Sample
from referendum.flows.audit.boxes import PLACE, boxes_of, returns_of
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
    boxes = boxes_of(returns_of(inputs, plan.questions))
    recorded: set[tuple[str, ...]] = set()
    if plan.rates is not None:
        cards = read_records(record.inputs(("audit_cards",)))
        recorded = set(cards.select("question", *PLACE).unique().iter_rows())
    return {one.name: _size(plan, one, one.of(boxes), recorded) for one in plan.samples}


def _size(plan: Plan, sample: Sample, boxes: Sequence[Box], recorded: set[tuple[str, ...]]) -> int:
    about = plan.about(sample)
    if plan.counts_boxes:
        total = sum(Batches.of(boxes, about).bounds.values(), ZERO)
        return draws_needed(plan.risk_limit, total)
    pools = [box for box in boxes if (box.question, *box.place) not in recorded]
    cards = sum(box.cards for box in boxes)
    growth = min(_growth(plan, claim, boxes, pools) for _, claim in about)
    needed = -log(plan.risk_limit) / growth if growth > 0 else float(cards)
    return min(cards, ceil(needed))


def _growth(plan: Plan, claim: Assertion, boxes: Sequence[Box], pools: Sequence[Box]) -> float:
    """Give how much ln of the wealth grows with a card, on average, if the report is right."""
    told = [(box.tally, box.cards) for box in pools]
    if plan.method in {"ballot_polling", "stratified"} and told:
        told = [_joined(pools)]
    cases: list[Case] = pool_cases(claim, told)
    cards = sum(box.cards for box in boxes) - sum(total for _, total in told)
    if plan.rates is not None and cards:
        cases += record_cases(claim, cards, plan.rates)
    bet, many = stake(cases), sum(n for n, _ in cases)
    return sum(n * log1p(bet * float(b - HALF)) for n, b in cases) / many if many else 0.0


def _joined(boxes: Sequence[Box]) -> tuple[Tally, int]:
    """Take boxes as one."""
    tallies = [box.tally for box in boxes]
    votes = (sum(getattr(one, name) for one in tallies) for name in ("yes", "no", "blank"))
    return Tally(*votes), sum(box.cards for box in boxes)
