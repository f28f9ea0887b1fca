"""The risk that is left after a round."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import polars as pl

from referendum.audit import Assertion
from referendum.audit.assorters import EXTRA, Mark
from referendum.audit.batches import Batches
from referendum.audit.oneaudit import (
    CountedValue,
    comparison_risk,
    kelly_stake,
    overstatement_value,
    pool_mean,
    pool_values,
    record_values,
    reported_value,
)
from referendum.audit.risk import ManualRecord, format_risk, polling_risk, risk_of_full_sample
from referendum.audit.samples import Box, Card, Place, Sample
from referendum.audit.strata import Stratum, strata_risk
from referendum.core.exact import exact_text
from referendum.flows.audit.boxes import PLACE, audited_returns, boxes_of, section
from referendum.flows.audit.draw import read_draws
from referendum.flows.audit.findings import read_findings, require_all_found
from referendum.flows.audit.plan import Plan, standing_plan
from referendum.flows.audit.records import read_records
from referendum.law import Tally
from referendum.record.acts import Act
from referendum.record.frames import public_tables
from referendum.record.reading import Inputs
from referendum.record.stamps import Stamp
from referendum.record.writing import Derivation, Outputs, RecordWriter

Risk = Fraction | float


@dataclass(frozen=True)
class Evidence:
    """All that a risk follows from.

    Attributes:
        plan: assertions and samples.
        boxes: of the returns, in their order.
        draws: of all rounds, in their order.
        findings: on what was drawn.
        records: of cards; empty where the plan has none.
    """

    plan: Plan
    boxes: Sequence[Box]
    draws: pl.DataFrame
    findings: pl.DataFrame
    records: pl.DataFrame

    @classmethod
    def read(cls, inputs: Inputs) -> "Evidence":
        """Read what stands on the record."""
        plan = Plan.read(inputs)
        findings = read_findings(inputs, plan)
        require_all_found(inputs, plan, findings)
        records = findings.clear() if plan.error_rates is None else read_records(inputs)
        boxes = boxes_of(audited_returns(inputs, plan.questions))
        return cls(plan, boxes, read_draws(inputs), findings, records)

    def drawn(self, sample: Sample) -> pl.DataFrame:
        """Give the draws of a sample, in their order."""
        return self.draws.filter(pl.col("sample") == sample.name)

    def extra_per_card(self, sample: Sample) -> dict[Place, Fraction]:
        """Give what boxes hold beyond their returns, for each card returned."""
        extra = self.findings.filter(
            (pl.col("mark") == EXTRA) & (pl.col("question") == sample.questions[0])
        )
        sizes = {box.place: box.cards for box in sample.boxes_among(self.boxes)}
        found = extra.group_by(PLACE).len().iter_rows()
        return {
            tuple(place): Fraction(number, sizes[tuple(place)])
            for *place, number in found
            if tuple(place) in sizes
        }

    def audited_cards(self, sample: Sample) -> list[tuple[Card, ManualRecord, Mark | None]]:
        """Give the cards of a sample, in order: what is seen of each, and what its record says."""
        own = pl.col("question") == sample.questions[0]
        key = [*PLACE, "card"]
        rows = (
            self.drawn(sample)
            .join(self.findings.filter(own), on=key, how="left", maintain_order="left")
            .join(
                self.records.filter(own), on=key, how="left", maintain_order="left", suffix="_read"
            )
        )
        extra_per_card = self.extra_per_card(sample)
        return [
            (
                (tuple(place), card),
                ManualRecord(mark, extra_per_card.get(tuple(place), Fraction(0))),
                mark_recorded,
            )
            for *place, card, mark, mark_recorded in rows.select(
                *key, "mark", "mark_read"
            ).iter_rows()
        ]

    @cached_property
    def boxes_with_records(self) -> set[tuple[str, Place]]:
        """Question and box of the cards that have records."""
        rows = self.records.select("question", *PLACE).unique().iter_rows()
        return {(question, tuple(place)) for question, *place in rows}

    def pools(self, sample: Sample) -> list[Box]:
        """Give the boxes of a sample whose cards have no records."""
        own = (box for box in sample.boxes_among(self.boxes) if box.cards)
        return [box for box in own if (box.question, box.place) not in self.boxes_with_records]


def _polling_risks(evidence: Evidence, sample: Sample) -> list[Risk]:
    records = [record for _, record, _ in evidence.audited_cards(sample)]
    return [
        polling_risk(assertion, records) for _, assertion in evidence.plan.assertions_of(sample)
    ]


def _comparison_risks(evidence: Evidence, sample: Sample) -> list[Risk]:
    """Compare cards with their records, and those without one with the mean of their box."""
    pools, audited_cards = evidence.pools(sample), evidence.audited_cards(sample)
    totals = {box.place: (box.tally, box.cards) for box in pools}
    risks: list[Risk] = []
    for _, assertion in evidence.plan.assertions_of(sample):
        means = {place: pool_mean(assertion, *box) for place, box in totals.items()}
        reported_and_found = [
            (reported_value(assertion, mark_recorded) if mark_recorded else means[place], record)
            for (place, _), record, mark_recorded in audited_cards
        ]
        counted_values = pool_values(assertion, totals.values())
        counted_values += _record_values(assertion, evidence, sample, pools)
        risks.append(
            comparison_risk(
                assertion, reported_and_found, kelly_stake(counted_values), 0.5 if pools else 0.0
            )
        )
    return risks


def _record_values(
    assertion: Assertion, evidence: Evidence, sample: Sample, pools: Sequence[Box]
) -> list[CountedValue]:
    rates = evidence.plan.error_rates
    cards = sum(box.cards for box in sample.boxes_among(evidence.boxes)) - sum(
        box.cards for box in pools
    )
    return record_values(assertion, cards, rates) if rates and cards else []


def _batch_risks(evidence: Evidence, sample: Sample) -> list[Risk]:
    """Give the risk that the assertions of a sample share: boxes are drawn by the largest bound."""
    about = evidence.plan.assertions_of(sample)
    batches = Batches.from_boxes(sample.boxes_among(evidence.boxes), about)
    columns = ("question", *PLACE, "yes", "no", "informal")
    found = {
        (question, tuple(place)): Tally(yes, no, informal)
        for question, *place, yes, no, informal in evidence.findings.select(columns).iter_rows()
    }
    drawn = [tuple(place) for place in evidence.drawn(sample).select(PLACE).iter_rows()]
    risks = batches.risks(drawn, found)
    return [risks[one] for one in about]


RISK_MEASURES: dict[str, Callable[[Evidence, Sample], list[Risk]]] = {
    "ballot_polling": _polling_risks,
    "batch_comparison": _batch_risks,
    "oneaudit": _comparison_risks,
    "card_comparison": _comparison_risks,
}


def _stratified_risk(evidence: Evidence, question: str, assertion: Assertion) -> float:
    """Put the samples of the strata of an assertion together."""
    samples = [
        one
        for one in evidence.plan.samples
        if question in one.questions and one.scope == assertion.scope
    ]
    whole = risk_of_full_sample(
        assertion, [record for one in samples for _, record, _ in evidence.audited_cards(one)]
    )
    if whole is not None:
        return whole
    return strata_risk([_stratum(evidence, assertion, one) for one in samples])


def _stratum(evidence: Evidence, assertion: Assertion, sample: Sample) -> Stratum:
    """Compare the cards of a stratum with their records, or else with the stratum's mean."""
    boxes, pools = sample.boxes_among(evidence.boxes), evidence.pools(sample)
    tallies = [box.tally for box in pools]
    pool = (
        Tally(
            sum(one.yes for one in tallies),
            sum(one.no for one in tallies),
            sum(one.blank for one in tallies),
        ),
        sum(box.cards for box in pools),
    )
    mean = pool_mean(assertion, *pool)
    counted_values = pool_values(assertion, [pool] if pools else [])
    counted_values += _record_values(assertion, evidence, sample, pools)
    values = [
        float(
            overstatement_value(
                assertion,
                reported_value(assertion, mark_recorded) if mark_recorded else mean,
                record,
            )
        )
        for _, record, mark_recorded in evidence.audited_cards(sample)
    ]
    cards, least = sum(box.cards for box in boxes), mean if pools else Fraction(0)
    extra = sum(
        share * box.cards
        for place, share in evidence.extra_per_card(sample).items()
        for box in boxes
        if box.place == place
    )
    unit = 2 * assertion.assorter.upper - assertion.margin
    upper = (2 * assertion.assorter.upper - least) / unit
    below = assertion.assorter.extra * extra / (cards * unit)
    return Stratum(cards, float(upper), counted_values, values, float(below))


def _risks_of_assertions(evidence: Evidence) -> list[tuple[str, Assertion, Risk]]:
    """Give the risk of every assertion, in the order of the plan."""
    plan = evidence.plan
    if plan.method == "stratified":
        return [
            (q, assertion, _stratified_risk(evidence, q, assertion))
            for q, assertion in plan.assertions
        ]
    found: dict[tuple[str, str, str], Risk] = {}
    for sample in plan.samples:
        about = plan.assertions_of(sample)
        measured = RISK_MEASURES[plan.method](evidence, sample)
        for (question, assertion), risk in zip(about, measured, strict=True):
            found[question, assertion.condition, assertion.scope] = risk
    return [
        (q, assertion, found[q, assertion.condition, assertion.scope])
        for q, assertion in plan.assertions
    ]


def _make_risk(inputs: Inputs, _: Mapping[str, Any]) -> Outputs:
    evidence = Evidence.read(inputs)
    risks = [
        {
            "question": question,
            "condition": assertion.condition,
            "scope": assertion.scope,
            "risk": format_risk(risk),
        }
        for question, assertion, risk in _risks_of_assertions(evidence)
    ]
    highest = max((one["risk"] for one in risks), key=Fraction)
    limit = evidence.plan.risk_limit
    number = inputs.parameters("audit_draw")["round"]
    confirmed = evidence.plan.covers_all_ballots and Fraction(highest) <= limit
    facts = {"round": number, "risk": highest, "confirmed": confirmed}
    document = {**facts, "risk_limit": exact_text(limit), "assertions": risks}
    return Outputs((public_tables("audit_risk", {}, document),), facts)


RISK = Derivation(
    kind="audit.risk",
    section=section,
    make=_make_risk,
)


def state_risk(record: RecordWriter, stamp: Stamp) -> Act:
    """State the risk that the outcome is wrong and the audit would still stop here."""
    with_records = standing_plan(record).error_rates is not None
    return record.derive(RISK, {"records": True} if with_records else {}, stamp)
