"""The statute's check of a sample: the draw, the checkers' findings, the decision."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import polars as pl

from referendum.core.draws import SEED_HINT, draw
from referendum.core.errors import InputError, OrderError
from referendum.core.printing import quantity
from referendum.core.tables import Column, Table
from referendum.flows.petition.fallen import left_out_parameters
from referendum.flows.petition.issue import read_distribution
from referendum.flows.sufficiency.findings_index import other_findings
from referendum.law import FINAL_ANSWERS, Statute, require_known, sample_sizes, samples_by_district
from referendum.petition import GATES as GATE_CODES
from referendum.record.acts import Act
from referendum.record.frames import from_csv, public_tables
from referendum.record.reading import Inputs, Record
from referendum.record.stamps import Stamp
from referendum.record.writing import Derivation, Outputs, RecordWriter
from referendum.sufficiency import (
    COPIES,
    REASONS,
    Decision,
    Findings,
    GateTotals,
    decide_by_preliminary_count,
    decide_by_sample,
)
from referendum.tables.reading import read_whole_table

OUTCOMES_SCHEMA = pl.Schema({"serial": pl.Int64, "outcome": pl.String})
GATES_SCHEMA = pl.Schema({"serial": pl.Int64, "gate": pl.String})
DISTRICTS_SCHEMA = pl.Schema({"serial": pl.Int64, "district": pl.String})
DRAW_SCHEMA = pl.Schema(
    {"place": pl.Int64, "district": pl.String, "serial": pl.Int64, "ticket": pl.String}
)
CHECKS_SCHEMA = pl.Schema({"serial": pl.Int64, "finding": pl.String})

FINDING_CODES = ("valid", *REASONS, *GATE_CODES, *COPIES)
"""The findings that a checker may enter; words for yes count as `valid`."""

CODES_HINT = (
    "write `valid` or the code of the reason why not, no mark such as x; the codes are printed by:"
    " referendum checks codes"
)

FINDINGS = Table(
    "checks",
    (
        Column("line_id", "text", "the office's number of the line", required=True),
        Column(
            "finding", "code", "`valid`, or the code of the reason why not", required=True,
            codes=FINDING_CODES, yes="valid",
        ),
    ),
    key=("line_id",),
    work_columns=("place", "district", "serial", "sheet_id", "line_no", "copy"),
    of_people=True,
)  # fmt: skip


EVERY_LINE = "all"
"""Size of a draw of every line."""


def _draw(inputs: Inputs, parameters: Mapping[str, Any]) -> Outputs:
    statute = inputs.statute()
    universe = _universe(inputs)
    by_district = samples_by_district(statute)
    strata = {"": universe} if not by_district else _split_by_district(universe)
    lines = {name: frame.height for name, frame in strata.items()}
    sizes = _stratum_sizes(
        statute, lines, parameters, _first_stage_sizes(inputs, parameters, by_district)
    )
    rows = [
        (name, serial, ticket)
        for name, frame in strata.items()
        for ticket, serial in _draw_stratum(parameters["seed"], frame["serial"], sizes[name])
    ]
    numbered = [(place, *row) for place, row in enumerate(rows, start=1)]
    drawn = pl.DataFrame(numbered, schema=DRAW_SCHEMA, orient="row")
    facts = {"universe": universe.height, "drawn": drawn.height}
    return Outputs((public_tables("draw", {"draw": drawn}),), facts)


def _first_stage_sizes(
    inputs: Inputs, parameters: Mapping[str, Any], by_district: bool
) -> dict[str, int]:
    """Give the size of the first sample by stratum, for a second one; else nothing."""
    if parameters["stage"] == 1:
        return {}
    decision = inputs.document("decision")
    if not by_district:
        return {"": int(decision["drawn"])}
    return {row["district"]: int(row["drawn"]) for row in decision["strata"]}


def _draw_stratum(seed: str | None, serials: pl.Series, size: int) -> list[tuple[str, int]]:
    """Draw lines of one stratum by their tickets; all, without tickets, where there is no seed.

    Raises:
        InputError: there is no seed, and not every line is to be drawn.
    """
    if seed is not None:
        return draw(seed, serials, size)
    if size < len(serials):
        raise InputError(
            f"{size:,} of {len(serials):,} lines are to be drawn, and no seed is given",
            hint="let parties and dice make it: referendum seed call RECORD --for draw; or"
            f" {SEED_HINT}, and give them with --seed; only --all needs no seed",
        )
    return [("", serial) for serial in serials.sort()]


def _stratum_sizes(
    statute: Statute,
    lines: dict[str, int],
    parameters: Mapping[str, Any],
    before: Mapping[str, int],
) -> dict[str, int]:
    size = parameters["size"]
    if size == EVERY_LINE:
        return lines
    return sample_sizes(statute, lines, size, parameters["stage"], before)


def _universe(inputs: Inputs) -> pl.DataFrame:
    """Give the lines that can be drawn: `serial`, and `district`, empty if nobody asks for it."""
    outcomes = from_csv(inputs.data("outcomes", "outcomes.csv"), OUTCOMES_SCHEMA)
    repeats = require_known(inputs.statute().repeats, "repeats")
    if repeats.found.value == "all_lines":
        outcomes = outcomes.filter(pl.col("outcome") != "repeat")
    if not inputs.has("gates", "districts.csv"):
        return outcomes.select("serial", district=pl.lit(""))
    districts = from_csv(inputs.data("gates", "districts.csv"), DISTRICTS_SCHEMA)
    return outcomes.select("serial").join(districts, on="serial").sort("serial")


def _split_by_district(universe: pl.DataFrame) -> dict[str, pl.DataFrame]:
    parts = universe.partition_by("district", as_dict=True)
    return {str(name): frame for (name,), frame in sorted(parts.items())}


def _sampling_section(statute: Statute, _: Mapping[str, Any]) -> str:
    return require_known(statute.verification, "how lines are checked").method.cite


def _deciding_section(statute: Statute, parameters: Mapping[str, Any]) -> str:
    if parameters["method"] == "sample":
        return _sampling_section(statute, parameters)
    gates = require_known(statute.gates, "gates")
    return require_known(gates.preliminary_count, "a preliminary count").cite


DRAWING = Derivation(
    kind="draw",
    section=_sampling_section,
    make=_draw,
)


def draw_sample(
    record: RecordWriter,
    seed: str | None,
    size: int | Literal["all"] | None,
    stamp: Stamp,
    left_out: str | None = None,
) -> Act:
    """Draw the lines that will be checked, by a public seed.

    Args:
        record: the record; if a decision has left the petition open, this is its second stage.
        seed: the seed, if it is typed; None if a call has made one, or if every line is drawn. A
            second stage keeps the seed of the first, whose lines it draws again.
        size: number of lines, where the statute leaves it to the office; `all` for every line.
        stamp: of the act.
        left_out: why lines of deliveries that fell are left out; None where none are missing.

    Raises:
        InputError: the seed is short, known or another than before, or the size is not positive.
        OrderError: the petition is decided, lines are missing, or every line must be checked.
        LawError: the statute names no size and none is given, or it names a larger one.
    """
    if isinstance(size, int) and size < 1:
        raise InputError(f"a sample of {size} cannot be drawn", hint="--size takes 1 or more")
    record.require_allowed("draw", stamp)
    decision = record.standing("decide", corrects=stamp.corrects)
    if decision and decision.facts["decision"] in FINAL_ANSWERS and stamp.corrects is None:
        raise OrderError(
            f"the petition is decided in act {decision.number}: nothing is drawn any more",
            where=str(record.folder),
            hint="it stands; only if something that it rests on was wrong, put that act right, with"
            " --corrects and --reason: the decision then falls",
        )
    without = left_out_parameters(record, stamp, left_out)
    earlier = record.standing("draw", corrects=stamp.corrects)
    if earlier and size != EVERY_LINE:
        _require_sample(record, stamp)
    kept = earlier.parameters["seed"] if earlier else None
    parameters = {
        **_seed_parameters(record, seed, stamp, kept, first=earlier is None),
        "size": size,
        "stage": 2 if earlier else 1,
        **without,
    }
    return record.derive(DRAWING, parameters, stamp)


def _seed_parameters(
    record: RecordWriter, given: str | None, stamp: Stamp, kept: str | None, *, first: bool
) -> dict[str, Any]:
    """Give the parameters on the seed; a draw of every line needs none unless one is called."""
    if given is None and first and not record.is_called("draw", stamp):
        return {"seed": None}
    return record.seed("draw", given, stamp, kept)


def _require_sample(record: RecordWriter, stamp: Stamp) -> None:
    """Require that the decision before asks for a second sample, not for a check of every line."""
    decision = record.standing("decide", corrects=stamp.corrects)
    if decision and decision.facts["decision"] == "check_every_line":
        raise OrderError(
            f"the decision of act {decision.number} asks for every line",
            hint="draw with --all",
        )


def worksheet(record: Record, *, corrects: int | None = None) -> pl.DataFrame:
    """Give the office's list of the drawn lines, with the sheet and line of each drawn number.

    It leads to people and stays in the office.

    Args:
        record: the record.
        corrects: number of the act that is put right, to see what stood without it.

    Returns:
        `place`, `district`, `serial`, `line_id`, `sheet_id`, `line_no`, in the order of the draw,
        and `copy`: 1 for the first drawn line of a person, according to matching, 2 for the second.
    """
    inputs = record.inputs(("draw", "lines", "matches"), corrects=corrects)
    return record.compute_once("worksheet", inputs.digests, lambda: _worksheet(inputs))


def _worksheet(inputs: Inputs) -> pl.DataFrame:
    drawn = from_csv(inputs.data("draw", "draw.csv"), DRAW_SCHEMA)
    lines = inputs.table("lines", "lines.parquet")
    person = inputs.table("matches", "matches.parquet").select(
        "serial", person=pl.coalesce("repeat_of", "serial")
    )
    copy = pl.int_range(1, pl.len() + 1).over("person")
    return (
        drawn.join(
            lines.select("serial", "line_id", "sheet_id", "line_no"), on="serial", how="left"
        )
        .join(person, on="serial", how="left")
        .sort(pl.col("person") != pl.col("serial"), "serial")
        .with_columns(copy=copy)
        .sort("place")
        .drop("ticket", "person")
    )


def receive_checks(record: RecordWriter, path: Path, encoding: str, stamp: Stamp) -> Act:
    """Receive the checkers' findings on all or some of the drawn lines.

    Raises:
        InputError: a row is faulty, a line was not drawn or has a finding in another act that
            stands, or a finding differs from that of the round before.
    """
    record.require_allowed("checks.receive", stamp)
    hint = f"every line needs exactly one finding; {CODES_HINT}"
    rows = read_whole_table(FINDINGS, path, encoding, hint)
    drawn = worksheet(record, corrects=stamp.corrects)
    inputs = record.find_inputs("checks.receive", {}, stamp)
    found = require_drawn_lines(rows, drawn, path)
    others = other_findings(record, "checks", inputs, stamp)
    others.require_new(found, path)
    if inputs.parameters("draw")["stage"] > 1:
        _require_findings_as_before(record, found, stamp, path)
    findings = found.select("serial", "finding").sort("serial")
    counts = _count_values(findings, "finding")
    together = others.counts() + Counter(counts)
    if together.total() == drawn.height:
        require_copies_in_order(together, str(path))
    valid = counts.pop("valid", 0)
    made = Outputs(
        (public_tables("checks", {"checks": findings}),),
        {"checked": findings.height, "valid": valid, "invalid": counts},
    )
    section = _sampling_section(record.inputs(("statute",)).statute(), {})
    return record.receive("checks.receive", made, {}, stamp, section=section, inputs=inputs)


def require_copies_in_order(counts: Mapping[str, int], where: str) -> None:
    """Require that there are no more third lines of electors than second ones, and so on.

    Args:
        counts: findings by code.
        where: the file, for the error.

    Raises:
        InputError: there are more lines of one number than of the number before.
    """
    before = sum(counts.values()) - sum(counts.get(code, 0) for code in COPIES)
    for code in COPIES:
        if counts.get(code, 0) > before:
            raise InputError(
                f"{code} comes {counts[code]} times, oftener than what comes before it ({before})",
                where=where,
                hint="copy_2 is the second drawn line of an elector, copy_3 the third; number them"
                " in the order of the draw",
            )
        before = counts.get(code, 0)


def _require_findings_as_before(
    record: RecordWriter, found: pl.DataFrame, stamp: Stamp, path: Path
) -> None:
    """Require the finding of the round before, unless a line is now a later one of its elector.

    Raises:
        InputError: a finding is another.
    """
    decision = require_known(
        record.standing("decide", corrects=stamp.corrects), "a decision before"
    )
    old = record.compute_once(
        "checks", decision.number, lambda: read_checks(record.inputs_of(decision))
    )
    both = found.join(old, on="serial", suffix="_before").sort("serial")
    changed = both.filter(pl.col("finding") != pl.col("finding_before"))
    for line, new, was in changed.select("serial", "finding", "finding_before").iter_rows():
        if not 0 < _line_number_of_elector(was) < _line_number_of_elector(new):
            raise InputError(
                f"the finding on the line of serial {line} is {new}, and was {was} in the round"
                " before",
                where=str(path),
                hint="give the finding of the round before; only if that was wrong, put the act"
                " right that received it, with --corrects, --reason and all its lines",
            )


def _line_number_of_elector(finding: str) -> int:
    """Give the place, from 1, that a finding gives a line among its elector's; 0 for none."""
    return COPIES.index(finding) + 2 if finding in COPIES else int(finding in _FIRST_LINE_FINDINGS)


_FIRST_LINE_FINDINGS = ("valid", "duplicate")
"""Findings on lines that may prove to be an elector's further ones when more lines are drawn."""


def require_drawn_lines(rows: pl.DataFrame, drawn: pl.DataFrame, path: Path) -> pl.DataFrame:
    """Require that findings are on drawn lines, and on at least one if any line was drawn.

    Args:
        rows: the findings, with `line_id`.
        drawn: the worksheet.
        path: the file of the findings, for the error.

    Returns:
        The rows, with the columns of the worksheet.

    Raises:
        InputError: a line was not drawn, or there is no finding.
    """
    found = drawn.filter(pl.col("line_id").is_in(rows["line_id"].implode()))
    strangers = (~rows["line_id"].is_in(drawn["line_id"].implode())).arg_true()
    if len(strangers):
        raise InputError(
            f"{quantity(len(strangers), 'line')} with a finding not drawn; the first is number"
            f" {strangers[0] + 1} of the table",
            where=str(path),
            hint="only drawn lines count; choosing lines would spoil the sample",
        )
    if rows.is_empty() and not drawn.is_empty():
        raise InputError(
            f"there is no finding, and {drawn.height} lines were drawn",
            where=str(path),
            hint="the worksheet lists them",
        )
    return rows.join(found, on="line_id")


def read_checks(inputs: Inputs) -> pl.DataFrame:
    """Read the findings of all parts on drawn lines, ascending by `serial`."""
    tables = [from_csv(data, CHECKS_SCHEMA) for data in inputs.tables("checks", "checks.csv")]
    return pl.concat(tables).sort("serial")


def count_lines_without_finding(record: RecordWriter, draw_kind: str, findings_kind: str) -> int:
    """Count the drawn lines on which no finding stands.

    Args:
        record: the record.
        draw_kind: kind of the draw's bundle.
        findings_kind: kind of the bundles of findings, in parts.
    """
    drawn = record.inputs((draw_kind,))
    bundles = record.standings.bundles(findings_kind, drawn.bundles)
    parts = Inputs(record.bundles, {findings_kind: bundles}).parts(findings_kind)
    found = sum(part.rows(findings_kind, f"{findings_kind}.csv") for part in parts)
    return drawn.rows(draw_kind, f"{draw_kind}.csv") - found


def require_every_finding(drawn: pl.Series, found: pl.Series, command: str) -> None:
    """Require that every drawn line has its finding before anything is decided.

    Args:
        drawn: serials of the drawn lines, in the order of the draw.
        found: serials of the lines with a finding.
        command: the command that receives findings, for the hint.

    Raises:
        OrderError: some lines have none.
    """
    lacking = drawn.filter(~drawn.is_in(found.implode()))
    if len(lacking):
        named = ", ".join(map(str, lacking.head(5)))
        raise OrderError(
            f"{len(lacking):,} of {len(drawn):,} drawn lines have no finding yet: lines {named}"
            f"{' …' if len(lacking) > 5 else ''} of the worksheet (serial)",
            hint=f"receive what the checkers found on them with: referendum {command}",
        )


def _decide(inputs: Inputs, parameters: Mapping[str, Any]) -> Outputs:
    gates = from_csv(inputs.data("gates", "gates.csv"), GATES_SCHEMA)
    gated = GateTotals(gates.height, _count_values(gates.drop_nulls("gate"), "gate"))
    issued = inputs.document("requirement")
    if parameters["method"] == "preliminary_count":
        decision = decide_by_preliminary_count(gated, int(issued["required"]))
    else:
        decision = _decide_by_sample(inputs, gated, issued)
    facts = {name: decision.arithmetic[name] for name in ("decision", "compared", "required")}
    return Outputs((public_tables("decision", {}, decision.arithmetic),), facts)


def _decide_by_sample(inputs: Inputs, gated: GateTotals, issued: dict[str, Any]) -> Decision:
    statute, universe = inputs.statute(), _universe(inputs)
    checks = read_checks(inputs)
    drawn = from_csv(inputs.data("draw", "draw.csv"), DRAW_SCHEMA)["serial"]
    require_every_finding(drawn, checks["serial"], "checks receive")
    require_copies_in_order(_count_values(checks, "finding"), "checks")
    found = universe.join(checks, on="serial", how="left")
    findings = {
        name: Findings.count(frame.height, frame["finding"].drop_nulls().to_list())
        for name, frame in _split_by_district(found).items()
    }
    required = (int(issued["required"]), read_distribution(issued))
    stage = inputs.parameters("draw")["stage"]
    repeats = gated.standing - universe.height
    return decide_by_sample(gated, repeats, findings, statute, required, stage=stage)


def _count_values(frame: pl.DataFrame, column: str) -> dict[str, int]:
    return dict(frame.group_by(column).len().sort(column).iter_rows())


DECIDING = Derivation(
    kind="decide",
    section=_deciding_section,
    make=_decide,
)


def decide(record: RecordWriter, method: str, stamp: Stamp, left_out: str | None = None) -> Act:
    """Decide whether the petition is sufficient, by `sample` or by `preliminary_count`.

    Args:
        record: of the petition.
        method: `sample` or `preliminary_count`.
        stamp: of the act.
        left_out: why a count leaves out lines of deliveries that fell; None where none are missing.

    Raises:
        OrderError: a count is made, and lines are missing.
    """
    record.require_allowed("decide", stamp)
    parameters: dict[str, Any] = {"method": method}
    if method == "preliminary_count":
        parameters |= left_out_parameters(record, stamp, left_out)
    elif left_out is not None:
        raise InputError("the draw says what is left out", hint="without --left-out")
    return record.derive(DECIDING, parameters, stamp)
