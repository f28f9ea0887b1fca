"""What two people found on the paper, received."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from referendum.audit.assorters import EXTRA, MARKS
from referendum.core.errors import InputError
from referendum.core.names import name_key
from referendum.core.tables import Column, Table
from referendum.flows.audit.boxes import (
    CARD,
    OF_BOX,
    PLACE,
    VOTES,
    of_one_question,
    require_marks,
    require_once,
    returns_of,
    vote_rule,
)
from referendum.flows.audit.draw import items_drawn
from referendum.flows.audit.plan import Plan
from referendum.record.acts import Act
from referendum.record.frames import from_csv, public_tables
from referendum.record.reading import Inputs
from referendum.record.writing import Made, RecordWriter, Stamp
from referendum.tables.intake import read_whole_table

SHOWN = 10
"""Differences between two people that are named one by one."""

CARDS = Table(
    "findings on cards",
    (
        *OF_BOX,
        CARD,
        Column("mark", "text", "`yes`, `no`, `blank`, `missing` or `extra`", required=True),
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
    record: RecordWriter,
    first: Path,
    second: Path,
    encoding: str,
    stamp: Stamp,
    people: Sequence[str] = (),
) -> Act:
    """Receive what two people found, each in a file of their own, on what this round drew.

    Args:
        record: the record.
        first: what one of them found.
        second: what the other did.
        encoding: of CSV files.
        stamp: of the act.
        people: the names of the two, if they are to stand on the record.

    Raises:
        InputError: the two differ or are one person, an item that was drawn lacks a finding, or
            another has one.
    """
    record.allow("audit.findings", stamp)
    inputs = record.reading("audit.findings", {}, stamp)
    plan, number = Plan.read(inputs), inputs.parameters("audit_draw")["round"]
    table = findings_table(plan)
    one = read_both(table, (first, second), encoding, plan)
    if table is CARDS:
        require_marks(one, (*MARKS, EXTRA), str(first))
    earlier = pl.DataFrame(schema=table.schema) if number == 1 else read_findings(inputs, plan)
    items = items_drawn(inputs, plan).join(earlier, on=table.key, how="anti")
    extra = one.filter(pl.col("mark") == EXTRA) if table is CARDS else one.clear()
    require_items(items, one.join(extra, on=table.key, how="anti"), table, first)
    if extra.height:
        before = earlier.filter(pl.col("mark") == EXTRA)
        _require_beyond(pl.concat([before, extra]), inputs, plan, first)
    found = pl.concat([earlier, one]).sort(table.key)
    if plan.counts_boxes:
        require_one_total(found, plan, first)
    facts = {"round": number, "examined": one.height}
    made = Made((public_tables("audit_findings", {"findings": found}),), facts)
    cite = vote_rule(record.inputs(("statute",)).statute()).cite
    parameters = two_people(people)
    return record.receive("audit.findings", made, parameters, stamp, section=cite, inputs=inputs)


def two_people(names: Sequence[str]) -> dict[str, Any]:
    """Give the parameter that names who looked; none if nobody is named.

    Raises:
        InputError: not two are named, or both names are of one person.
    """
    if not names:
        return {}
    tidy = [" ".join(name.split()) for name in names]
    if len(tidy) != 2 or not all(tidy) or name_key(tidy[0]) == name_key(tidy[1]):
        raise InputError(
            f"{' and '.join(map(repr, names))} are not two people",
            hint="--person NAME --person NAME: each looked and wrote a file",
        )
    return {"people": tidy}


def _require_beyond(extra: pl.DataFrame, inputs: Inputs, plan: Plan, path: Path) -> None:
    """See that ballots beyond a box's cards are numbered on, in boxes that were opened.

    Raises:
        InputError: a number is not the next one, or nothing was drawn from the box.
    """
    key = ["question", *PLACE]
    box = PLACE if plan.common_ballot else key
    told = returns_of(inputs, plan.questions).select(*key, "total")
    opened = told.select(key).join(items_drawn(inputs, plan), on=box, how="semi")
    if plan.common_ballot:
        _require_equal_extra(extra, opened, path)
    found = extra.group_by(key).agg(
        first=pl.col("card").min(), last=pl.col("card").max(), many=pl.len().cast(pl.Int64)
    )
    odd = (
        found.join(opened.join(told, on=key), on=key, how="left")
        .filter(
            pl.col("total").is_null()
            | (pl.col("first") != pl.col("total") + 1)
            | (pl.col("last") != pl.col("total") + pl.col("many"))
        )
        .sort(key)
    )
    if odd.height:
        row = odd.row(0, named=True)
        raise InputError(
            f"the ballots beyond the return of {row['place']} are not numbered on from its"
            f" {row['total']} cards"
            if row["total"] is not None
            else f"nothing was drawn from {row['place']}: no ballot of it is asked for",
            where=str(path),
            hint="an `extra` ballot has the next number after the cards of its box",
        )


def _require_equal_extra(extra: pl.DataFrame, opened: pl.DataFrame, path: Path) -> None:
    """See that a ballot beyond the cards of a box is there for every question that is on it."""
    key = ["question", *PLACE]
    number = extra.group_by(key).agg(more=pl.len())
    boxes = opened.join(extra, on=PLACE, how="semi").join(number, on=key, how="left")
    _refuse_unequal(
        boxes.with_columns(pl.col("more").fill_null(0)), "more", "`extra` ballots", path
    )


def require_one_total(found: pl.DataFrame, plan: Plan, path: Path) -> None:
    """See that a box of a common ballot holds as many ballots for each question.

    Args:
        found: `question`, box and votes, of every question that the box has returns of.
        plan: of the audit.
        path: of the findings.

    Raises:
        InputError: it holds more for one than for another.
    """
    if plan.common_ballot:
        counted = found.with_columns(total=pl.sum_horizontal(VOTES))
        _refuse_unequal(counted, "total", "ballots", path)


def _refuse_unequal(boxes: pl.DataFrame, number: str, what: str, path: Path) -> None:
    odd = boxes.filter(pl.col(number).n_unique().over(PLACE) > 1).sort(*PLACE, "question")
    if odd.height:
        box = odd[0, "place"]
        first = odd.filter(pl.all_horizontal(pl.col(name) == odd[0, name] for name in PLACE))
        of = ", ".join(f"{n:,} of {q}" for q, n in first.select("question", number).iter_rows())
        raise InputError(
            f"{box} has not as many {what} for each question: {of}",
            where=str(path),
            hint="the questions stand on one ballot: look at the box again; who left a question"
            " empty is `informal`, or a card that is `blank`",
        )


def read_both(table: Table, paths: tuple[Path, Path], encoding: str, plan: Plan) -> pl.DataFrame:
    """Read what two people found, each in a file.

    Raises:
        InputError: a row is repeated, or the two differ.
    """
    hint = "each of the two files needs one good row for every item"
    first, second = (
        of_one_question(read_whole_table(table, path, encoding, hint), plan.questions)
        for path in paths
    )
    for found, path in zip((first, second), paths, strict=True):
        require_once(found, table.key, str(path))
    _require_equal(first, second, table, paths[1])
    return first.sort(table.key)


def _require_equal(one: pl.DataFrame, two: pl.DataFrame, table: Table, path: Path) -> None:
    """Two people must have found the same: a difference is settled on the paper, not here."""
    values = [name for name in one.columns if name not in table.key]
    both = one.join(two, on=table.key, how="full", suffix="_second", coalesce=True).sort(table.key)
    odd = both.filter(
        pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_second")) for name in values)
    )
    if odd.height:
        rows = [
            _told_apart(row, table.key, values) for row in odd.head(SHOWN).iter_rows(named=True)
        ]
        more = f"; and {odd.height - SHOWN} more" if odd.height > SHOWN else ""
        raise InputError(
            f"the two findings differ on {odd.height}: {'; '.join(rows)}{more}",
            where=str(path),
            hint="look at the paper again, both together",
        )


def _told_apart(row: Mapping[str, Any], key: Sequence[str], values: Sequence[str]) -> str:
    """Say what two people found of one thing, cell by cell."""
    item = ", ".join(str(row[name]) for name in key)
    for side, name in (("first", ""), ("second", "_second")):
        if all(row[f"{value}{name}"] is None for value in values):
            return f"{item}: not in the {side} file"
    cells = [
        f"{name} {row[name]} and {row[f'{name}_second']}"
        for name in values
        if row[name] != row[f"{name}_second"]
    ]
    return f"{item}: {', '.join(cells)}"


def require_items(
    asked: pl.DataFrame,
    found: pl.DataFrame,
    table: Table,
    path: Path,
    *,
    also: pl.DataFrame | None = None,
) -> None:
    """See that what was asked for has a finding, and nothing else has, but what may have one.

    Raises:
        InputError: an item lacks a finding, or one was not asked for.
    """
    missing = asked.join(found, on=table.key, how="anti").sort(table.key)
    strangers = found.join(asked if also is None else also, on=table.key, how="anti")
    gone = "a card that is not there is `missing`"
    if table is BATCHES:
        gone = "a box that is not found is a row of 0 yes, 0 no and 0 informal"
    for rows, what, hint in (
        (missing, "are asked for and have no finding", gone),
        (
            strangers.sort(table.key),
            "have a finding and are not asked for",
            (
                "a ballot beyond the cards of its box is `extra`; a box that was never returned"
                " needs returns: referendum returns receive --corrects"
            ),
        ),
    ):
        if rows.height:
            where = ", ".join(str(cell) for cell in rows.select(table.key).row(0))
            raise InputError(f"{rows.height} {what}: {where}", where=str(path), hint=hint)
