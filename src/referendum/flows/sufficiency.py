"""Draw, checks, decision."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from referendum.core.draws import draw
from referendum.core.errors import InputError
from referendum.core.exact import fraction
from referendum.core.tables import Column, Table, check
from referendum.flows.frames import from_csv, from_parquet, public_tables
from referendum.flows.intake import read_raw_table
from referendum.flows.record import Inputs
from referendum.flows.writing import Derivation, Made, RecordWriter, Stamp
from referendum.journal import Act
from referendum.law import Statute, known
from referendum.sufficiency import (
    Decision,
    Gated,
    Rule,
    Sample,
    decide_by_preliminary_count,
    decide_by_sample,
)

OUTCOMES = pl.Schema({"serial": pl.Int64, "outcome": pl.String})
GATES = pl.Schema({"serial": pl.Int64, "gate": pl.String})
DRAW = pl.Schema({"place": pl.Int64, "serial": pl.Int64, "ticket": pl.String})
CHECKS = pl.Schema({"serial": pl.Int64, "finding": pl.String})

FINDINGS = Table(
    "checks",
    (
        Column("line_id", "text", "the office's number of the line", required=True),
        Column("finding", "text", "`valid`, or the code of the reason why not", required=True),
    ),
    key=("line_id",),
)


def _draw(inputs: Inputs, parameters: Mapping[str, Any]) -> Made:
    outcomes = from_csv(inputs.data("outcomes", "outcomes.csv"), OUTCOMES)
    universe = outcomes.filter(pl.col("outcome") != "repeat").get_column("serial")
    tickets = draw(str(parameters["seed"]), universe, int(parameters["size"]))
    frame = pl.DataFrame(
        [(place, serial, ticket) for place, (ticket, serial) in enumerate(tickets, start=1)],
        schema=DRAW,
        orient="row",
    )
    facts = {"universe": universe.len(), "drawn": frame.height}
    return Made((public_tables("draw", {"draw": frame}),), facts)


def _sampling_section(statute: Statute, _: Mapping[str, Any]) -> str:
    return known(statute.sampling, "sampling").method.cite


def _deciding_section(statute: Statute, parameters: Mapping[str, Any]) -> str:
    if parameters["method"] == "sample":
        return _sampling_section(statute, parameters)
    gates = known(statute.gates, "gates")
    return known(gates.preliminary_count, "a preliminary count").cite


DRAWING = Derivation(
    kind="draw",
    reads=lambda _: ("outcomes",),
    section=_sampling_section,
    make=_draw,
)


def draw_sample(record: RecordWriter, seed: str, size: int, stamp: Stamp) -> Act:
    """Draw lines for checking by a public seed.

    Raises:
        InputError: the seed is empty or the size is not positive.
    """
    if not seed.strip():
        raise InputError("the seed is empty", hint="roll dice in public and write down the digits")
    if size < 1:
        raise InputError(f"a sample of {size} cannot be drawn", hint="--size takes 1 or more")
    return record.derive(DRAWING, {"seed": seed, "size": size}, stamp)


def worksheet(record: RecordWriter) -> pl.DataFrame:
    """Give the office's list of the drawn lines: which sheet and line each drawn number is.

    Returns:
        `place`, `serial`, `line_id`, `sheet_id`, `line_no`, in the order of the draw. This leads to
        people: it stays in the office.
    """
    inputs = record.inputs(("draw", "lines"))
    drawn = from_csv(inputs.data("draw", "draw.csv"), DRAW)
    lines = from_parquet(inputs.data("lines", "lines.parquet"))
    return drawn.join(
        lines.select("serial", "line_id", "sheet_id", "line_no"), on="serial", how="left"
    ).drop("ticket")


def receive_checks(record: RecordWriter, path: Path, encoding: str, stamp: Stamp) -> Act:
    """Receive the checkers' findings on the drawn lines.

    Raises:
        InputError: a row is faulty, a drawn line has no finding, or another line has one.
    """
    record.allow("checks.receive", stamp)
    raw = read_raw_table(path, encoding)
    checked = check(FINDINGS, raw.frame, raw.broken)
    if not checked.set_aside.is_empty():
        row, code = checked.set_aside.select("row", "code").row(0)
        raise InputError(
            f"{checked.set_aside.height} rows cannot be used; the first is row {row}: {code}",
            where=str(path),
            hint="every drawn line needs exactly one finding",
        )
    _require_codes(checked.rows.get_column("finding").str.to_lowercase(), path)
    drawn = worksheet(record)
    _same_lines(set(drawn.get_column("line_id")), set(checked.rows.get_column("line_id")), path)
    findings = (
        checked.rows.join(drawn, on="line_id")
        .select("serial", pl.col("finding").str.to_lowercase())
        .sort("serial")
    )
    counts = _counts(findings, "finding")
    valid = counts.pop("valid", 0)
    made = Made(
        (public_tables("checks", {"checks": findings}),),
        {"checked": findings.height, "valid": valid, "invalid": counts},
    )
    section = _sampling_section(record.inputs(("statute",)).statute(), {})
    return record.receive(
        "checks.receive", made, {}, stamp, section=section, inputs=record.inputs(("draw",))
    )


def _require_codes(findings: pl.Series, path: Path) -> None:
    odd = findings.filter(~findings.str.contains(r"^[a-z][a-z0-9_]*$"))
    if odd.len():
        raise InputError(
            f"the finding {odd[0]!r} is not a code",
            where=str(path),
            hint="`valid`, or a reason in letters, digits and underscores, such as not_listed",
        )


def _same_lines(drawn: set[str], found: set[str], path: Path) -> None:
    if missing := sorted(drawn - found):
        raise InputError(
            f"{len(missing)} drawn lines have no finding, {missing[0]} among them",
            where=str(path),
            hint="check every drawn line; the worksheet lists them",
        )
    if strangers := sorted(found - drawn):
        raise InputError(
            f"{len(strangers)} lines with a finding were not drawn, {strangers[0]} among them",
            where=str(path),
            hint="only drawn lines count; choosing lines would spoil the sample",
        )


def _decide(inputs: Inputs, parameters: Mapping[str, Any]) -> Made:
    gates = from_csv(inputs.data("gates", "gates.csv"), GATES)
    gated = Gated(gates.height, _counts(gates.drop_nulls("gate"), "gate"))
    required = int(inputs.document("requirement")["required"])
    if parameters["method"] == "preliminary_count":
        decision = decide_by_preliminary_count(gated, required)
    else:
        decision = _by_sample(inputs, gated, required)
    facts = {
        "decision": decision.arithmetic["decision"],
        "compared": decision.compared,
        "required": decision.required,
    }
    return Made((public_tables("decision", {}, decision.arithmetic),), facts)


def _by_sample(inputs: Inputs, gated: Gated, required: int) -> Decision:
    outcomes = from_csv(inputs.data("outcomes", "outcomes.csv"), OUTCOMES)
    checks = from_csv(inputs.data("checks", "checks.csv"), CHECKS)
    repeats = outcomes.filter(pl.col("outcome") == "repeat").height
    findings = _counts(checks, "finding")
    sample = Sample(repeats, findings.pop("valid", 0), findings)
    return decide_by_sample(gated, sample, _rule(inputs.statute()), required)


def _rule(statute: Statute) -> Rule:
    decision = known(statute.decision, "the decision rule")
    sampling = known(statute.sampling, "sampling")
    return Rule(decision.rule.value, decision.rounding.value, fraction(sampling.confidence.value))


def _counts(frame: pl.DataFrame, column: str) -> dict[str, int]:
    return dict(frame.group_by(column).len().sort(column).iter_rows())


_BY_SAMPLE = ("statute", "requirement", "gates", "outcomes", "draw", "checks")
_BY_PRELIMINARY_COUNT = ("statute", "requirement", "gates")

DECIDING = Derivation(
    kind="decide",
    reads=lambda p: _BY_SAMPLE if p["method"] == "sample" else _BY_PRELIMINARY_COUNT,
    section=_deciding_section,
    make=_decide,
)


def decide(record: RecordWriter, method: str, stamp: Stamp) -> Act:
    """Decide whether the petition is sufficient, by `sample` or by `preliminary_count`."""
    return record.derive(DECIDING, {"method": method}, stamp)
