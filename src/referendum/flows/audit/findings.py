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
    BOX_COLUMNS,
    CARD_COLUMN,
    PLACE,
    VOTES,
    audited_returns,
    of_one_question,
    require_distinct,
    require_marks,
    require_not_in_other_parts,
    vote_rule,
)
from referendum.flows.audit.draw import items_drawn
from referendum.flows.audit.plan import Plan
from referendum.record.acts import Act
from referendum.record.frames import from_csv, public_tables
from referendum.record.reading import Inputs
from referendum.record.stamps import Stamp
from referendum.record.writing import Outputs, RecordWriter
from referendum.tables.reading import read_whole_table

MOST_SHOWN = 10
"""Differences between two people that are named one by one."""

CARD_FINDINGS = Table(
    "findings on cards",
    (
        *BOX_COLUMNS,
        CARD_COLUMN,
        Column("mark", "text", "`yes`, `no`, `blank`, `missing` or `extra`", required=True),
    ),
    key=("question", *PLACE, "card"),
    work_columns=("imprint", "returned"),
)
BOX_FINDINGS = Table(
    "findings on boxes",
    (
        *BOX_COLUMNS,
        Column("yes", "integer", "counted by hand", required=True, least=0),
        Column("no", "integer", "counted by hand", required=True, least=0),
        Column("informal", "integer", "counted by hand", required=True, least=0),
    ),
    key=("question", *PLACE),
    work_columns=("returned",),
)


def findings_table(plan: Plan) -> Table:
    """Give the table of findings that a plan asks for."""
    return BOX_FINDINGS if plan.counts_boxes else CARD_FINDINGS


def read_findings(inputs: Inputs, plan: Plan) -> pl.DataFrame:
    """Read the findings of all parts and rounds so far."""
    table = findings_table(plan)
    parts = [
        from_csv(part.data("audit_findings", "findings.csv"), table.schema)
        for part in inputs.parts("audit_findings")
    ]
    return pl.concat(parts).sort(table.key)


def receive_findings(
    record: RecordWriter,
    first: Path,
    second: Path,
    encoding: str,
    stamp: Stamp,
    people: Sequence[str] = (),
) -> Act:
    """Receive what two people found, each in a file of their own, on what was drawn, or a part.

    Args:
        record: the record.
        first: what one of them found.
        second: what the other did.
        encoding: of CSV files.
        stamp: of the act.
        people: the names of the two, if they are to stand on the record.

    Raises:
        InputError: the two differ or are one person; an item that was not drawn has a finding, or
            one that was found before, by another act that stands.
    """
    record.require_allowed("audit.findings", stamp)
    inputs = record.find_inputs("audit.findings", {}, stamp)
    plan, number = Plan.read(inputs), inputs.parameters("audit_draw")["round"]
    table = findings_table(plan)
    agreed = read_two_files(table, (first, second), encoding, plan)
    if agreed.is_empty():
        hint = "receive findings when there is one or more"
        raise InputError("there is no finding in these files", where=str(first), hint=hint)
    if table is CARD_FINDINGS:
        require_marks(agreed, (*MARKS, EXTRA), str(first))
    earlier = _findings_of_others(record, inputs, stamp, plan)
    require_not_in_other_parts(agreed, earlier, table.key, "found", str(first))
    items = items_drawn(inputs, plan)
    extra_ballots = (
        agreed.filter(pl.col("mark") == EXTRA) if table is CARD_FINDINGS else agreed.clear()
    )
    without_extra = agreed.join(extra_ballots, on=table.key, how="anti")
    require_items(items.join(without_extra, on=table.key, how="semi"), without_extra, table, first)
    known = earlier.drop("act")
    if extra_ballots.height:
        before = known.filter(pl.col("mark") == EXTRA)
        _require_extra_ballots(pl.concat([before, extra_ballots]), inputs, plan, str(first))
    if plan.counts_boxes:
        require_one_total(pl.concat([known, agreed]), plan, str(first))
    facts = {"round": number, "examined": agreed.height}
    bundle = Outputs((public_tables("audit_findings", {"findings": agreed}),), facts)
    cite = vote_rule(record.inputs(("statute",)).statute()).cite
    parameters = people_parameter(people)
    return record.receive("audit.findings", bundle, parameters, stamp, section=cite, inputs=inputs)


def _findings_of_others(
    record: RecordWriter, inputs: Inputs, stamp: Stamp, plan: Plan
) -> pl.DataFrame:
    """Read what the other parts that stand found, each row with its `act`."""
    standing = record.standings.without(stamp.corrects)
    bundles = standing.bundles("audit_findings", inputs.bundles)
    table = findings_table(plan)
    parts = Inputs(record.bundles, {"audit_findings": bundles}).parts("audit_findings")
    return pl.concat(
        [
            pl.DataFrame(schema=pl.Schema([*table.schema.items(), ("act", pl.Int64())])),
            *(
                from_csv(part.data("audit_findings", "findings.csv"), table.schema).with_columns(
                    act=pl.lit(act.number, pl.Int64)
                )
                for part in parts
                for act in record.standings.writers(part.bundles)
            ),
        ]
    )


def require_all_found(inputs: Inputs, plan: Plan, found: pl.DataFrame) -> None:
    """See that everything that was drawn has a finding, and each box as many ballots for each.

    Raises:
        InputError: an item lacks one; or a box of a common ballot has more ballots for a question.
    """
    table = findings_table(plan)
    items = items_drawn(inputs, plan)
    missing = items.join(found, on=table.key, how="anti").sort(table.key)
    if missing.height:
        first = ", ".join(str(cell) for cell in missing.select(table.key).row(0))
        raise InputError(
            f"{missing.height:,} of the {items.height:,} that were drawn have no finding: {first}",
            hint="look at them, and receive what was found: referendum audit findings",
        )
    if plan.counts_boxes:
        require_one_total(found, plan, "the findings")
        return
    extra_ballots = found.filter(pl.col("mark") == EXTRA)
    if extra_ballots.height:
        _require_extra_ballots(extra_ballots, inputs, plan, "the findings", whole=True)


def people_parameter(names: Sequence[str]) -> dict[str, Any]:
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


def _require_extra_ballots(
    extra_ballots: pl.DataFrame, inputs: Inputs, plan: Plan, where: str, *, whole: bool = False
) -> None:
    """See that ballots beyond a box's cards are numbered on, in boxes that were opened.

    With `whole`, the findings are all there, and a ballot is there for each question that is on it.

    Raises:
        InputError: a number is not the next one, or nothing was drawn from the box.
    """
    key = ["question", *PLACE]
    box = PLACE if plan.common_ballot else key
    returned = audited_returns(inputs, plan.questions).select(*key, "total")
    opened = returned.select(key).join(items_drawn(inputs, plan), on=box, how="semi")
    if plan.common_ballot and whole:
        _require_equal_extra(extra_ballots, opened, where)
    found = extra_ballots.group_by(key).agg(
        first=pl.col("card").min(), last=pl.col("card").max(), many=pl.len().cast(pl.Int64)
    )
    differing = (
        found.join(opened.join(returned, on=key), on=key, how="left")
        .filter(
            pl.col("total").is_null()
            | (pl.col("first") != pl.col("total") + 1)
            | (pl.col("last") != pl.col("total") + pl.col("many"))
        )
        .sort(key)
    )
    if differing.height:
        row = differing.row(0, named=True)
        raise InputError(
            f"the ballots beyond the return of {row['place']} are not numbered on from its"
            f" {row['total']} cards"
            if row["total"] is not None
            else f"nothing was drawn from {row['place']}: no ballot of it is asked for",
            where=where,
            hint="an `extra` ballot has the next number after the cards of its box",
        )


def _require_equal_extra(extra_ballots: pl.DataFrame, opened: pl.DataFrame, where: str) -> None:
    """See that a ballot beyond the cards of a box is there for every question that is on it."""
    key = ["question", *PLACE]
    number = extra_ballots.group_by(key).agg(more=pl.len())
    boxes = opened.join(extra_ballots, on=PLACE, how="semi").join(number, on=key, how="left")
    _refuse_unequal(
        boxes.with_columns(pl.col("more").fill_null(0)), "more", "`extra` ballots", where
    )


def require_one_total(found: pl.DataFrame, plan: Plan, where: str) -> None:
    """See that a box of a common ballot holds as many ballots for each question.

    Args:
        found: `question`, box and votes, of every question that the box has returns of.
        plan: of the audit.
        where: of the findings.

    Raises:
        InputError: it holds more for one than for another.
    """
    if plan.common_ballot:
        counted = found.with_columns(total=pl.sum_horizontal(VOTES))
        _refuse_unequal(counted, "total", "ballots", where)


def _refuse_unequal(boxes: pl.DataFrame, number: str, what: str, where: str) -> None:
    differing = boxes.filter(pl.col(number).n_unique().over(PLACE) > 1).sort(*PLACE, "question")
    if differing.height:
        box = differing[0, "place"]
        first = differing.filter(
            pl.all_horizontal(pl.col(name) == differing[0, name] for name in PLACE)
        )
        of = ", ".join(f"{n:,} of {q}" for q, n in first.select("question", number).iter_rows())
        raise InputError(
            f"{box} has not as many {what} for each question: {of}",
            where=where,
            hint="the questions stand on one ballot: look at the box again; who left a question"
            " empty is `informal`, or a card that is `blank`",
        )


def read_two_files(
    table: Table, paths: tuple[Path, Path], encoding: str, plan: Plan
) -> pl.DataFrame:
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
        require_distinct(found, table.key, str(path))
    _require_equal(first, second, table, paths[1])
    return first.sort(table.key)


def _require_equal(agreed: pl.DataFrame, two: pl.DataFrame, table: Table, path: Path) -> None:
    """Two people must have found the same: a difference is settled on the paper, not here."""
    values = [name for name in agreed.columns if name not in table.key]
    both = agreed.join(two, on=table.key, how="full", suffix="_second", coalesce=True).sort(
        table.key
    )
    differing = both.filter(
        pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_second")) for name in values)
    )
    if differing.height:
        rows = [
            _describe_difference(row, table.key, values)
            for row in differing.head(MOST_SHOWN).iter_rows(named=True)
        ]
        more = (
            f"; and {differing.height - MOST_SHOWN} more" if differing.height > MOST_SHOWN else ""
        )
        raise InputError(
            f"the two findings differ on {differing.height}: {'; '.join(rows)}{more}",
            where=str(path),
            hint="look at the paper again, both together",
        )


def _describe_difference(row: Mapping[str, Any], key: Sequence[str], values: Sequence[str]) -> str:
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
    not_asked = found.join(asked if also is None else also, on=table.key, how="anti")
    hint_missing = "a card that is not there is `missing`"
    if table is BOX_FINDINGS:
        hint_missing = "a box that is not found is a row of 0 yes, 0 no and 0 informal"
    if asked.height and missing.height == asked.height and found.height:
        raise InputError(
            "no row of it is of what was asked for: is it the file of another round or record?",
            where=str(path),
            hint="name the files that were filled in for what was drawn last",
        )
    for rows, what, hint in (
        (missing, "are asked for and have no finding", hint_missing),
        (
            not_asked.sort(table.key),
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
