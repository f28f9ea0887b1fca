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
    Case,
    compared,
    compared_risk,
    pool_cases,
    pool_mean,
    record_cases,
    recorded,
    stake,
)
from referendum.audit.risk import Look, polling_risk, printed, settled
from referendum.audit.samples import Box, Card, Place, Sample
from referendum.audit.strata import Stratum, strata_risk
from referendum.core.exact import exact_text
from referendum.flows.audit.boxes import PLACE, boxes_of, returns_of, section
from referendum.flows.audit.draw import read_draws
from referendum.flows.audit.findings import read_findings, require_all_found
from referendum.flows.audit.plan import Plan, standing_plan
from referendum.flows.audit.records import read_records
from referendum.law import Tally
from referendum.record.acts import Act
from referendum.record.frames import public_tables
from referendum.record.reading import Inputs
from referendum.record.writing import Derivation, Made, RecordWriter, Stamp

Risk = Fraction | float


@dataclass(frozen=True)
class Evidence:
    """All that a risk follows from.

    Attributes:
        plan: claims and samples.
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
        records = findings.clear() if plan.rates is None else read_records(inputs)
        boxes = boxes_of(returns_of(inputs, plan.questions))
        return cls(plan, boxes, read_draws(inputs), findings, records)

    def drawn(self, sample: Sample) -> pl.DataFrame:
        """Give the draws of a sample, in their order."""
        return self.draws.filter(pl.col("sample") == sample.name)

    def beyond(self, sample: Sample) -> dict[Place, Fraction]:
        """Give what boxes hold beyond their returns, for each card returned."""
        extra = self.findings.filter(
            (pl.col("mark") == EXTRA) & (pl.col("question") == sample.questions[0])
        )
        sizes = {box.place: box.cards for box in sample.of(self.boxes)}
        found = extra.group_by(PLACE).len().iter_rows()
        return {
            tuple(place): Fraction(many, sizes[tuple(place)])
            for *place, many in found
            if tuple(place) in sizes
        }

    def seen(self, sample: Sample) -> list[tuple[Card, Look, Mark | None]]:
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
        beyond = self.beyond(sample)
        return [
            (
                (tuple(place), card),
                Look(mark, beyond.get(tuple(place), Fraction(0))),
                read,
            )
            for *place, card, mark, read in rows.select(*key, "mark", "mark_read").iter_rows()
        ]

    @cached_property
    def recorded(self) -> set[tuple[str, Place]]:
        """Question and box of the cards that have records."""
        rows = self.records.select("question", *PLACE).unique().iter_rows()
        return {(question, tuple(place)) for question, *place in rows}

    def pools(self, sample: Sample) -> list[Box]:
        """Give the boxes of a sample whose cards have no records."""
        own = (box for box in sample.of(self.boxes) if box.cards)
        return [box for box in own if (box.question, box.place) not in self.recorded]


def _polled(evidence: Evidence, sample: Sample) -> list[Risk]:
    looks = [look for _, look, _ in evidence.seen(sample)]
    return [polling_risk(claim, looks) for _, claim in evidence.plan.about(sample)]


def _compared(evidence: Evidence, sample: Sample) -> list[Risk]:
    """Compare cards with their records, and those without one with the mean of their box."""
    pools, seen = evidence.pools(sample), evidence.seen(sample)
    totals = {box.place: (box.tally, box.cards) for box in pools}
    risks: list[Risk] = []
    for _, claim in evidence.plan.about(sample):
        means = {place: pool_mean(claim, *box) for place, box in totals.items()}
        told = [
            (recorded(claim, read) if read else means[place], look)
            for (place, _), look, read in seen
        ]
        cases = pool_cases(claim, totals.values())
        cases += _record_cases(claim, evidence, sample, pools)
        risks.append(compared_risk(claim, told, stake(cases), 0.5 if pools else 0.0))
    return risks


def _record_cases(
    claim: Assertion, evidence: Evidence, sample: Sample, pools: Sequence[Box]
) -> list[Case]:
    rates = evidence.plan.rates
    cards = sum(box.cards for box in sample.of(evidence.boxes)) - sum(box.cards for box in pools)
    return record_cases(claim, cards, rates) if rates and cards else []


def _counted(evidence: Evidence, sample: Sample) -> list[Risk]:
    """Give the risk that the claims of a sample share: boxes are drawn by the largest bound."""
    about = evidence.plan.about(sample)
    batches = Batches.of(sample.of(evidence.boxes), about)
    columns = ("question", *PLACE, "yes", "no", "informal")
    found = {
        (question, tuple(place)): Tally(yes, no, informal)
        for question, *place, yes, no, informal in evidence.findings.select(columns).iter_rows()
    }
    drawn = [tuple(place) for place in evidence.drawn(sample).select(PLACE).iter_rows()]
    risks = batches.risks(drawn, found)
    return [risks[one] for one in about]


MEASURES: dict[str, Callable[[Evidence, Sample], list[Risk]]] = {
    "ballot_polling": _polled,
    "batch_comparison": _counted,
    "oneaudit": _compared,
    "card_comparison": _compared,
}


def _stratified(evidence: Evidence, question: str, claim: Assertion) -> float:
    """Put the samples of the strata of a claim together."""
    samples = [
        one
        for one in evidence.plan.samples
        if question in one.questions and one.scope == claim.scope
    ]
    whole = settled(claim, [look for one in samples for _, look, _ in evidence.seen(one)])
    if whole is not None:
        return whole
    return strata_risk([_stratum(evidence, claim, one) for one in samples])


def _stratum(evidence: Evidence, claim: Assertion, sample: Sample) -> Stratum:
    """Compare the cards of a stratum with their records, or else with the stratum's mean."""
    boxes, pools = sample.of(evidence.boxes), evidence.pools(sample)
    tallies = [box.tally for box in pools]
    pool = (
        Tally(
            sum(one.yes for one in tallies),
            sum(one.no for one in tallies),
            sum(one.blank for one in tallies),
        ),
        sum(box.cards for box in pools),
    )
    mean = pool_mean(claim, *pool)
    cases = pool_cases(claim, [pool] if pools else [])
    cases += _record_cases(claim, evidence, sample, pools)
    x = [
        float(compared(claim, recorded(claim, read) if read else mean, look))
        for _, look, read in evidence.seen(sample)
    ]
    cards, least = sum(box.cards for box in boxes), mean if pools else Fraction(0)
    extra = sum(
        share * box.cards
        for place, share in evidence.beyond(sample).items()
        for box in boxes
        if box.place == place
    )
    unit = 2 * claim.assorter.upper - claim.margin
    upper = (2 * claim.assorter.upper - least) / unit
    below = claim.assorter.beyond * extra / (cards * unit)
    return Stratum(cards, float(upper), cases, x, float(below))


def _risks(evidence: Evidence) -> list[tuple[str, Assertion, Risk]]:
    """Give the risk of every claim, in the order of the plan."""
    plan = evidence.plan
    if plan.method == "stratified":
        return [(q, claim, _stratified(evidence, q, claim)) for q, claim in plan.claims]
    found: dict[tuple[str, str, str], Risk] = {}
    for sample in plan.samples:
        about = plan.about(sample)
        measured = MEASURES[plan.method](evidence, sample)
        for (question, claim), risk in zip(about, measured, strict=True):
            found[question, claim.condition, claim.scope] = risk
    return [(q, claim, found[q, claim.condition, claim.scope]) for q, claim in plan.claims]


def _make(inputs: Inputs, _: Mapping[str, Any]) -> Made:
    evidence = Evidence.read(inputs)
    risks = [
        {
            "question": question,
            "condition": claim.condition,
            "scope": claim.scope,
            "risk": printed(risk),
        }
        for question, claim, risk in _risks(evidence)
    ]
    highest = max((one["risk"] for one in risks), key=Fraction)
    limit = evidence.plan.risk_limit
    number = inputs.parameters("audit_draw")["round"]
    confirmed = evidence.plan.whole and Fraction(highest) <= limit
    facts = {"round": number, "risk": highest, "confirmed": confirmed}
    document = {**facts, "risk_limit": exact_text(limit), "assertions": risks}
    return Made((public_tables("audit_risk", {}, document),), facts)


RISK = Derivation(
    kind="audit.risk",
    section=section,
    make=_make,
)


def state_risk(record: RecordWriter, stamp: Stamp) -> Act:
    """State the risk that the outcome is wrong and the audit would still stop here."""
    with_records = standing_plan(record).rates is not None
    return record.derive(RISK, {"records": True} if with_records else {}, stamp)
