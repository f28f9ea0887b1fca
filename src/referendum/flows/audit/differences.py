"""What was found on the paper that is not what was returned or recorded, item by item."""

from dataclasses import dataclass

import polars as pl

from referendum.audit.assorters import EXTRA
from referendum.flows.audit.boxes import PLACE, VOTES, returns_of
from referendum.flows.audit.findings import BATCHES, read_findings
from referendum.flows.audit.plan import Plan
from referendum.flows.audit.records import read_records
from referendum.flows.frames import from_csv
from referendum.flows.record import Record


@dataclass(frozen=True)
class Difference:
    """A box or card that holds something else than was returned or recorded.

    Attributes:
        question: that it is about.
        box: region, district and place.
        card: its number; None for a whole box.
        returned: votes of a box, or the mark of a card's record; empty where nothing was recorded.
        found: the same, as it was found.
        more: ballots that are there beyond those returned; less than 0 where some are missing.
    """

    question: str
    box: tuple[str, ...]
    card: int | None
    returned: str
    found: str
    more: int

    def line(self, *, several: bool) -> str:
        """Say it in a line."""
        of = f"question {self.question}, " if several else ""
        card = "" if self.card is None else f", card {self.card}"
        told = f"{self.found} for {self.returned}" if self.returned else self.found
        told += "" if self.card is not None else " (yes/no/neither)"
        beyond = {True: f"{self.more:,} more", False: f"{-self.more:,} fewer"}[self.more > 0]
        ballots = f"; {beyond} ballots than returned" if self.more and self.card is None else ""
        return f"{of}{', '.join(self.box)}{card}: {told}{ballots}"


def differences(record: Record) -> list[Difference]:
    """Give what differs in the findings of the audit that stands, in their order."""
    plan = Plan.read(record.inputs(("returns", "audit_plan")))
    if record.standing("audit.findings") is None:
        return []
    found = read_findings(record.inputs(("audit_findings",)), plan)
    return _boxes(record, plan, found) if plan.counts_boxes else _cards(record, plan, found)


def counted_differences(record: Record) -> list[Difference]:
    """Give what differs in the full count by hand that stands."""
    if record.standing("audit.full_count") is None:
        return []
    plan = Plan.read(record.inputs(("returns", "audit_plan")))
    data = record.inputs(("audit_full_count",)).data("audit_full_count", "findings.csv")
    return _boxes(record, plan, from_csv(data, BATCHES.schema))


def _boxes(record: Record, plan: Plan, found: pl.DataFrame) -> list[Difference]:
    key = ["question", *PLACE]
    returns = returns_of(record.inputs(("returns",)), plan.questions)
    beside = found.join(
        returns.select(*key, *VOTES, "total"), on=key, suffix="_told", maintain_order="left"
    )
    odd = beside.filter(pl.any_horizontal(pl.col(n) != pl.col(f"{n}_told") for n in VOTES))
    return [
        Difference(
            row["question"],
            tuple(row[name] for name in PLACE),
            None,
            "/".join(f"{row[f'{name}_told']:,}" for name in VOTES),
            "/".join(f"{row[name]:,}" for name in VOTES),
            sum(row[name] for name in VOTES) - row["total"],
        )
        for row in odd.iter_rows(named=True)
    ]


def _cards(record: Record, plan: Plan, found: pl.DataFrame) -> list[Difference]:
    key = ["question", *PLACE, "card"]
    if plan.rates is None:
        beside = found.with_columns(mark_read=pl.lit(None, pl.String))
    else:
        records = read_records(record.inputs(("audit_cards",))).select(*key, "mark")
        beside = found.join(records, on=key, how="left", suffix="_read", maintain_order="left")
    odd = beside.filter(
        pl.col("mark").is_in([EXTRA, "missing"]) | (pl.col("mark") != pl.col("mark_read"))
    )
    return [
        Difference(
            row["question"],
            tuple(row[name] for name in PLACE),
            row["card"],
            row["mark_read"] or "",
            row["mark"],
            {EXTRA: 1, "missing": -1}.get(row["mark"], 0),
        )
        for row in odd.iter_rows(named=True)
    ]
