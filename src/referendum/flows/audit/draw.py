"""Cards or boxes drawn for a round, and the list by which they are pulled."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from referendum.audit import WHOLE, integer_weights
from referendum.audit.batches import Batches
from referendum.audit.samplers import draw_by_weight
from referendum.audit.samples import Box, Card, Place, Sample, SampleRequest, draw_cards
from referendum.core.errors import InputError, OrderError
from referendum.flows.audit.boxes import PLACE, VOTES, audited_returns, boxes_of, section
from referendum.flows.audit.plan import Plan, inputs_of_plan
from referendum.flows.audit.records import read_records
from referendum.record.acts import Act
from referendum.record.frames import from_csv, public_tables
from referendum.record.reading import Inputs, Record
from referendum.record.stamps import Stamp
from referendum.record.writing import Derivation, Outputs, RecordWriter

DRAWS = pl.Schema(
    {
        "round": pl.Int64,
        "sample": pl.String,
        "draw": pl.Int64,
        **dict.fromkeys(PLACE, pl.String),
        "card": pl.Int64,
    }
)


MOST_DRAWN = 1_000_000
"""Draws of a sample in a round."""


def read_draws(inputs: Inputs) -> pl.DataFrame:
    """Read the draws of all rounds so far, in their order: columns of `DRAWS`."""
    return from_csv(inputs.data("audit_draw", "draws.csv"), DRAWS)


def _make_draw(inputs: Inputs, parameters: Mapping[str, Any]) -> Outputs:
    plan, later = Plan.read(inputs), parameters["round"] > 1
    boxes = boxes_of(audited_returns(inputs, plan.questions))
    earlier = read_draws(inputs) if later else pl.DataFrame(schema=DRAWS)
    seeds = inputs.document("audit_draw")["seeds"] if later else []
    drawn = (_draw_boxes if plan.counts_boxes else _draw_cards)(plan, boxes, parameters, earlier)
    rows = [
        (parameters["round"], sample.name, number, *place, card)
        for sample in plan.samples
        for number, (place, card) in enumerate(drawn[sample.name], start=1)
    ]
    new_draws = pl.DataFrame(rows, schema=DRAWS, orient="row")
    document = {"seeds": [*seeds, parameters["seed"]]}
    facts = {"round": parameters["round"], "drawn": new_draws.height}
    tables = {"draws": pl.concat([earlier, new_draws])}
    return Outputs((public_tables("audit_draw", tables, document),), facts)


def _draw_cards(
    plan: Plan, boxes: Sequence[Box], parameters: Mapping[str, Any], earlier: pl.DataFrame
) -> dict[str, list[Card]]:
    """Draw single cards without replacement; samples of one sequence share what they can."""
    sequences: dict[str, list[Sample]] = {}
    for sample in plan.samples:
        sequences.setdefault(plan.sequence(sample), []).append(sample)
    drawn: dict[str, list[Card]] = {}
    for sequence, samples in sequences.items():
        requests = [
            SampleRequest(
                one, parameters["sizes"][one.name], _cards_drawn_before(earlier, one.name)
            )
            for one in samples
        ]
        found = draw_cards(f"{parameters['seed']},{sequence}", boxes, requests)
        drawn |= {one.name: cards for one, cards in zip(samples, found, strict=True)}
    return drawn


def _cards_drawn_before(earlier: pl.DataFrame, name: str) -> list[Card]:
    rows = earlier.filter(pl.col("sample") == name).select(*PLACE, "card").iter_rows()
    return [((region, district, place), card) for region, district, place, card in rows]


def _draw_boxes(
    plan: Plan, boxes: Sequence[Box], parameters: Mapping[str, Any], _: pl.DataFrame
) -> dict[str, list[tuple[Place, None]]]:
    """Draw boxes by their error bounds, with replacement."""
    drawn = {}
    for sample in plan.samples:
        bounds = Batches.from_boxes(sample.boxes_among(boxes), plan.assertions_of(sample)).bounds
        if parameters["sizes"][sample.name] > MOST_DRAWN:
            raise InputError(
                f"more than {MOST_DRAWN:,} boxes are drawn",
                hint="count by hand with: referendum audit full-count",
            )
        places, seed = list(bounds), f"{parameters['seed']},{plan.sequence(sample)}"
        picks = draw_by_weight(
            seed, integer_weights(list(bounds.values())), parameters["sizes"][sample.name]
        )
        drawn[sample.name] = [(places[pick], None) for pick in picks]
    return drawn


AUDIT_DRAWING = Derivation(
    kind="audit.draw",
    section=section,
    make=_make_draw,
)


def draw_audit(
    record: RecordWriter, seed: str | None, sizes: Mapping[str, int], stamp: Stamp
) -> Act:
    """Draw a round: boxes or cards, by a public seed that nobody knew when the plan was made.

    Args:
        record: the record.
        seed: public, where it is typed, and fresh for every round; None where a call has made one.
        sizes: draws by the name of the sample; what is given for `*` counts for all others.
        stamp: of the act.

    Raises:
        InputError: the seed is short or known; a sample that is named is not of the
            plan, or has no size.
        OrderError: nothing of the plan can be shown by a sample.
    """
    inputs = inputs_of_plan(record)
    plan = Plan.read(inputs)
    if not plan.samples or plan.full_count:
        raise OrderError("no sample shows this outcome", hint=plan.advice_without_sample)
    earlier = record.standing("audit.draw", corrects=stamp.corrects)
    number = earlier.parameters["round"] + 1 if earlier else 1
    record.require_allowed("audit.draw", stamp)
    seed_parameters = record.seed("audit.draw", seed, stamp)
    parameters = {**seed_parameters, "sizes": _sizes(plan, sizes), "round": number}
    return record.derive(AUDIT_DRAWING, parameters, stamp)


def is_exhausted(record: Record) -> bool:
    """Whether every card, or every box that could be wrong, was drawn in some round."""
    inputs = inputs_of_plan(record, "audit_draw")
    plan, draws = Plan.read(inputs), read_draws(inputs)
    boxes = boxes_of(audited_returns(inputs, plan.questions))
    for sample in plan.samples:
        drawn = draws.filter(pl.col("sample") == sample.name)
        if plan.counts_boxes:
            bounds = Batches.from_boxes(
                sample.boxes_among(boxes), plan.assertions_of(sample)
            ).bounds
            places = {tuple(place) for place in drawn.select(PLACE).iter_rows()}
            if not {place for place, bound in bounds.items() if bound} <= places:
                return False
        elif drawn.height < sum(box.cards for box in sample.boxes_among(boxes)):
            return False
    return True


def _sizes(plan: Plan, sizes: Mapping[str, int]) -> dict[str, int]:
    names = [one.name for one in plan.samples]
    found = {name: sizes.get(name, sizes.get(WHOLE, 0)) for name in names}
    unknown = sorted(set(sizes) - {*names, WHOLE})
    if unknown or min(found.values()) < 1:
        raise InputError(
            f"sizes are given for {', '.join(sorted(sizes))}; the samples are {', '.join(names)}",
            hint="--size N for every sample, --size NAME=N for one",
        )
    return found


def items_drawn(inputs: Inputs, plan: Plan) -> pl.DataFrame:
    """Give what every round asks to be looked at: `round`, `question`, and box, and card.

    A box that was drawn is counted for every question that it has returns of.
    """
    asked = [(one.name, question) for one in plan.samples for question in one.questions]
    samples = pl.DataFrame(asked, schema=["sample", "question"], orient="row")
    key = ["question", *PLACE, *["card"] * (not plan.counts_boxes)]
    items = read_draws(inputs).join(samples, on="sample", maintain_order="left")
    if plan.counts_boxes:
        returned = audited_returns(inputs, plan.questions).select("question", *PLACE)
        items = items.join(returned, on=["question", *PLACE], how="semi", maintain_order="left")
    return items.group_by(key, maintain_order=True).agg(pl.col("round").min())


def pull_list(record: Record) -> pl.DataFrame:
    """Give the list of this round by box: what to take out and look at, for which question.

    A row for each finding that is asked for; `pull_form` has the columns to fill in.

    Returns:
        `region`, `district`, `place`, `card`, `question`, and `imprint` where cards have records;
        without `card` where boxes are counted.
    """
    inputs = inputs_of_plan(record, "audit_draw")
    plan, number = Plan.read(inputs), inputs.parameters("audit_draw")["round"]
    new_draws = items_drawn(inputs, plan).filter(pl.col("round") == number).drop("round")
    order = [*PLACE, *["card"] * (not plan.counts_boxes), "question"]
    if plan.error_rates is not None:
        known = read_records(record.inputs(("audit_cards",))).select(*order, "imprint")
        new_draws = new_draws.join(known, on=order, how="left")
        order.append("imprint")
    return new_draws.select(order).sort(order)


def pull_form(record: Record) -> pl.DataFrame:
    """Give the list of this round as a form: with what each box returned, and columns to fill in.

    Returns:
        `pull_list`, `returned` (ballots), and empty `mark`, or `yes`, `no` and `informal`.
    """
    inputs = inputs_of_plan(record)
    plan, listed = Plan.read(inputs), pull_list(record)
    key = ["question", *PLACE]
    returned = audited_returns(inputs, plan.questions).select(*key, returned="total")
    empty = VOTES if plan.counts_boxes else ("mark",)
    return listed.join(returned, on=key, how="left", maintain_order="left").with_columns(
        pl.lit(None, pl.String).alias(name) for name in empty
    )
