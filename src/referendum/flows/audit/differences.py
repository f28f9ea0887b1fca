"""What was found on the paper that is not what was returned or recorded, item by item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from referendum.audit.assorters import EXTRA, MARKS
from referendum.audit.samples import Box, Sample
from referendum.core.exact import percent
from referendum.flows.audit.boxes import PLACE, VOTES, audited_returns, boxes_of
from referendum.flows.audit.draw import read_draws
from referendum.flows.audit.findings import BOX_FINDINGS, read_findings
from referendum.flows.audit.plan import Plan, inputs_of_plan, standing_plan
from referendum.flows.audit.records import read_records
from referendum.record.frames import from_csv
from referendum.record.reading import Record


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
        text = f"{self.found} for {self.returned}" if self.returned else self.found
        text += "" if self.card is not None else " (yes/no/neither)"
        beyond = {True: f"{self.more:,} more", False: f"{-self.more:,} fewer"}[self.more > 0]
        ballots = f"; {beyond} ballots than returned" if self.more and self.card is None else ""
        return f"{of}{', '.join(self.box)}{card}: {text}{ballots}"


@dataclass(frozen=True)
class Shares:
    """What the cards of a sample show, beside what was reported of all the cards it is of.

    Attributes:
        sample: its name.
        found: cards that show each mark.
        reported: votes, of the same marks.
    """

    sample: str
    found: Mapping[str, int]
    reported: Mapping[str, int]

    def line(self, *, several: bool) -> str:
        """Say it in a line."""
        cells = [
            f"{_WORDS[mark]} {_share(self.found, mark)} (reported {_share(self.reported, mark)})"
            for mark in MARKS
            if self.found[mark] or self.reported[mark]
        ]
        return f"{f'{self.sample}: ' if several else ''}{', '.join(cells)}"


_WORDS = {"yes": "yes", "no": "no", "blank": "neither", "missing": "not found"}


def _share(numbers: Mapping[str, int], mark: str) -> str:
    return percent(Fraction(numbers[mark], sum(numbers.values()) or 1), 1)


def mark_shares(record: Record) -> list[Shares]:
    """Give what was found on the cards of each sample; nothing where they have records."""
    plan = standing_plan(record)
    if (
        plan.counts_boxes
        or plan.error_rates is not None
        or record.standing("audit.findings") is None
    ):
        return []
    inputs = inputs_of_plan(record, "audit_draw", "audit_findings")
    draws, findings = read_draws(inputs), read_findings(inputs, plan)
    boxes = boxes_of(audited_returns(inputs, plan.questions))
    return [_shares(one, draws, findings, one.boxes_among(boxes)) for one in plan.samples]


def _shares(
    sample: Sample, draws: pl.DataFrame, findings: pl.DataFrame, boxes: Sequence[Box]
) -> Shares:
    drawn = draws.filter(pl.col("sample") == sample.name)
    own = findings.filter(pl.col("question") == sample.questions[0])
    marks = drawn.join(own, on=[*PLACE, "card"]).get_column("mark").to_list()
    yes, no = (sum(getattr(box.tally, name) for box in boxes) for name in ("yes", "no"))
    reported = {"yes": yes, "no": no, "missing": 0}
    reported["blank"] = sum(box.cards for box in boxes) - yes - no
    return Shares(sample.name, {mark: marks.count(mark) for mark in MARKS}, reported)


def differences(record: Record) -> list[Difference]:
    """Give what differs in the findings of the audit that stands, in their order."""
    plan = standing_plan(record)
    if record.standing("audit.findings") is None:
        return []
    found = read_findings(inputs_of_plan(record, "audit_findings"), plan)
    return (
        _differing_boxes(record, plan, found)
        if plan.counts_boxes
        else _differing_cards(record, plan, found)
    )


def counted_differences(record: Record) -> list[Difference]:
    """Give what differs in the full count by hand that stands."""
    if record.standing("audit.full_count") is None:
        return []
    plan = standing_plan(record)
    data = record.inputs(("audit_full_count",)).data("audit_full_count", "findings.csv")
    return _differing_boxes(record, plan, from_csv(data, BOX_FINDINGS.schema))


def _differing_boxes(record: Record, plan: Plan, found: pl.DataFrame) -> list[Difference]:
    key = ["question", *PLACE]
    returns = audited_returns(inputs_of_plan(record), plan.questions)
    compared = found.join(
        returns.select(*key, *VOTES, "total"), on=key, suffix="_returned", maintain_order="left"
    )
    differing = compared.filter(
        pl.any_horizontal(pl.col(n) != pl.col(f"{n}_returned") for n in VOTES)
    )
    return [
        Difference(
            row["question"],
            tuple(row[name] for name in PLACE),
            None,
            "/".join(f"{row[f'{name}_returned']:,}" for name in VOTES),
            "/".join(f"{row[name]:,}" for name in VOTES),
            sum(row[name] for name in VOTES) - row["total"],
        )
        for row in differing.iter_rows(named=True)
    ]


def _differing_cards(record: Record, plan: Plan, found: pl.DataFrame) -> list[Difference]:
    key = ["question", *PLACE, "card"]
    if plan.error_rates is None:
        compared = found.with_columns(mark_read=pl.lit(None, pl.String))
    else:
        records = read_records(record.inputs(("audit_cards",))).select(*key, "mark")
        compared = found.join(records, on=key, how="left", suffix="_read", maintain_order="left")
    differing = compared.filter(
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
        for row in differing.iter_rows(named=True)
    ]
