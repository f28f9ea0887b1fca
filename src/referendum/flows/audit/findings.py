"""What two people found on the paper, received."""

from pathlib import Path

import polars as pl

from referendum.audit.assorters import MARKS
from referendum.core.errors import InputError
from referendum.core.tables import Column, Table
from referendum.flows.audit.boxes import (
    CARD,
    OF_BOX,
    PLACE,
    of_one_question,
    require_marks,
    vote_rule,
)
from referendum.flows.audit.draw import items_drawn
from referendum.flows.audit.plan import Plan
from referendum.flows.frames import from_csv, public_tables
from referendum.flows.intake import read_whole_table
from referendum.flows.record import Inputs
from referendum.flows.writing import Made, RecordWriter, Stamp
from referendum.journal import Act

CARDS = Table(
    "findings on cards",
    (
        *OF_BOX,
        CARD,
        Column("mark", "text", "`yes`, `no`, `blank` or `missing`", required=True),
    ),
    key=("question", *PLACE, "card"),
)
BATCHES = Table(
    "findings on boxes",
    (
        *OF_BOX,
        Column("yes", "integer", "counted by hand", required=True, least=0),
        Column("no", "integer", "counted by hand", required=True, least=0),
        Column("informal", "integer", "counted by hand", required=True, least=0),
    ),
    key=("question", *PLACE),
)


def findings_table(plan: Plan) -> Table:
    """Give the table of findings that a plan asks for."""
    return BATCHES if plan.counts_boxes else CARDS


def read_findings(inputs: Inputs, plan: Plan) -> pl.DataFrame:
    """Read the findings of all rounds so far."""
    return from_csv(inputs.data("audit_findings", "findings.csv"), findings_table(plan).schema)


def receive_findings(
    record: RecordWriter, first: Path, second: Path, encoding: str, stamp: Stamp
) -> Act:
    """Receive what two people found, each in a file of their own, on what this round drew.

    Raises:
        InputError: the two differ, an item that was drawn lacks a finding, or another has one.
    """
    record.allow("audit.findings", stamp)
    inputs = record.inputs(("returns", "audit_plan", "audit_draw"))
    plan, number = Plan.read(inputs), inputs.parameters("audit_draw")["round"]
    table = findings_table(plan)
    one = read_both(table, (first, second), encoding, plan)
    if table is CARDS:
        require_marks(one, MARKS, str(first))
    if number == 1:
        earlier = pl.DataFrame(schema=table.schema)
    else:
        earlier = read_findings(record.inputs(("audit_findings",)), plan)
    items = items_drawn(inputs, plan).join(earlier, on=table.key, how="anti")
    require_items(items, one, table, first)
    found = pl.concat([earlier, one]).sort(table.key)
    facts = {"round": number, "examined": one.height}
    made = Made((public_tables("audit_findings", {"findings": found}),), facts)
    kinds = ("returns", "audit_plan", "audit_draw", *["audit_findings"] * (number > 1))
    cite = vote_rule(record.inputs(("statute",)).statute()).cite
    return record.receive(
        "audit.findings", made, {}, stamp, section=cite, inputs=record.inputs(kinds)
    )


def read_both(table: Table, paths: tuple[Path, Path], encoding: str, plan: Plan) -> pl.DataFrame:
    """Read what two people found, each in a file.

    Raises:
        InputError: the two differ.
    """
    hint = "each of the two files needs one good row for every item"
    first, second = (
        of_one_question(read_whole_table(table, path, encoding, hint), plan.questions)
        for path in paths
    )
    _require_equal(first, second, table, paths[1])
    return first.sort(table.key)


def _require_equal(one: pl.DataFrame, two: pl.DataFrame, table: Table, path: Path) -> None:
    """Two people must have found the same: a difference is settled on the paper, not here."""
    differ = pl.concat([one.join(two, on=one.columns, how="anti"),
                        two.join(one, on=one.columns, how="anti")])  # fmt: skip
    if differ.height:
        where = ", ".join(str(cell) for cell in differ.select(table.key).row(0))
        raise InputError(
            f"the two findings differ in {differ.height} rows, the first is {where}",
            where=str(path),
            hint="look at the paper again, both together",
        )


def require_items(drawn: pl.DataFrame, found: pl.DataFrame, table: Table, path: Path) -> None:
    """See that what was asked for has a finding, and nothing else has.

    Raises:
        InputError: an item lacks a finding, or one was not asked for.
    """
    missing = drawn.join(found, on=table.key, how="anti").sort(table.key)
    strangers = found.join(drawn, on=table.key, how="anti").sort(table.key)
    for rows, what, hint in (
        (missing, "are asked for and have no finding", "a card that is not there is `missing`"),
        (
            strangers,
            "have a finding and are not asked for",
            "nothing is added to what is asked for",
        ),
    ):
        if rows.height:
            where = ", ".join(str(cell) for cell in rows.select(table.key).row(0))
            raise InputError(f"{rows.height} {what}: {where}", where=str(path), hint=hint)
