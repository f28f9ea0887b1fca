"""The risk-limiting check: plan, draw, checks, and the risk of either decision so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import polars as pl

from referendum.core.draws import weighted_draw
from referendum.core.errors import InputError, LawError, OrderError
from referendum.core.exact import as_text, fraction, half_up
from referendum.core.tables import Column, Table, check
from referendum.flows.frames import from_csv, from_parquet, public_tables
from referendum.flows.intake import read_raw_table
from referendum.flows.record import Inputs, Record
from referendum.flows.sufficiency import OUTCOMES
from referendum.flows.writing import Derivation, Made, RecordWriter, Stamp
from referendum.journal import Act
from referendum.law import Statute
from referendum.sufficiency import (
    Check,
    Design,
    LineClass,
    Risk,
    TestLines,
    classes_of,
    looked_at_twice,
    measure,
    pooled,
)

Method = Literal["comparison", "polling"]

REPORTS: dict[str, str] = {
    "listed": "0.99",
    "unsure": "0.65",
    "not_listed": "0.3",
    "repeat": "0.01",
}
"""Share of lines that count by the outcome of matching: what it was on made-up people, rounded.

A first guess, which the checks correct; a wrong one costs checks and no risk.
"""

FIRST_GUESS = "0.85"
"""Share of all lines that count, where lines are checked alone."""

PLACES = Decimal("0.000000001")

DRAWN = pl.Schema({"place": pl.Int64, "serial": pl.Int64, "ticket": pl.String})
FOUND = pl.Schema(
    {"serial": pl.Int64, "first": pl.String, "second": pl.String, "finding": pl.String}
)

LINE_CHECKS = Table(
    "line_checks",
    (
        Column("line_id", "text", "the office's number of the line", required=True),
        Column("first", "text", "first checker: `valid`, or the code why not", required=True),
        Column("second", "text", "second checker's finding, made without seeing the first"),
        Column("settled", "text", "the finding agreed on where the two differ"),
    ),
    key=("line_id",),
)


_MEASURED = ("outcomes", "risk_plan", "risk_draw", "risk_checks")


@dataclass(frozen=True)
class Planned:
    """What the office chooses before the seed.

    Attributes:
        alpha: risk limit of "sufficient", exact text.
        beta: risk limit of "insufficient".
        method: whether matching's outcomes are used or lines are checked alone.
        weighted: whether uncertain lines are drawn more often.
        reports: shares by outcome, or under `line`; those not given are the usual ones.
        second: share of accepted lines that a second checker looks at.
        tests: test lines by which the checkers' errors are bounded; None takes them as perfect.
    """

    alpha: str = "0.05"
    beta: str = "0.05"
    method: Method = "comparison"
    weighted: bool = True
    reports: Mapping[str, str] | None = None
    second: str = "1/10"
    tests: TestLines | None = None

    def parameters(self) -> dict[str, Any]:
        """Give the choices as the act holds them."""
        usual = REPORTS if self.method == "comparison" else {"line": FIRST_GUESS}
        given = dict(self.reports or {})
        if strange := sorted(set(given) - set(usual)):
            raise InputError(f"no line is {strange[0]}", hint=f"reports: {', '.join(usual)}")
        reports = {name: as_text(fraction(text)) for name, text in {**usual, **given}.items()}
        tests = self.tests and {
            "invalid": list(self.tests.invalid),
            "valid": list(self.tests.valid),
            "doubt": as_text(self.tests.doubt),
        }
        return {
            "alpha": as_text(fraction(self.alpha)),
            "beta": as_text(fraction(self.beta)),
            "method": self.method,
            "weighted": self.weighted and self.method == "comparison",
            "reports": reports,
            "second": as_text(fraction(self.second)),
            "tests": tests,
        }


def _plan(inputs: Inputs, parameters: Mapping[str, Any]) -> Made:
    issued = inputs.document("requirement")
    if issued["spread"] is not None:
        raise LawError(
            f"the statute asks for numbers of every {issued['spread']['unit']}, and the"
            " risk-limiting check is of the whole",
            hint="check and decide by the statute's rule alone",
        )
    outcomes = from_csv(inputs.data("outcomes", "outcomes.csv"), OUTCOMES)
    design = _designed(parameters, outcomes, int(issued["required"]))
    document = {
        "universe": design.lines,
        "required": design.required,
        "accepted_at": design.accepted_at,
        "refused_below": design.refused_below,
        "alpha": as_text(design.alpha),
        "beta": as_text(design.beta),
        "false_accepts": as_text(design.errors.accepts),
        "false_rejects": as_text(design.errors.rejects),
        "classes": [
            {
                "name": one.name,
                "lines": one.lines,
                "report": as_text(one.report),
                "weight": one.weight,
            }
            for one in design.classes
        ],
    }
    facts = {
        "universe": design.lines,
        "required": design.required,
        "alpha": parameters["alpha"],
        "beta": parameters["beta"],
    }
    return Made((public_tables("risk_plan", {}, document),), facts)


def _designed(parameters: Mapping[str, Any], outcomes: pl.DataFrame, required: int) -> Design:
    reports = {name: fraction(text) for name, text in parameters["reports"].items()}
    if parameters["method"] == "polling":
        classes = pooled(outcomes.height, reports["line"])
    else:
        lines = dict(outcomes.group_by("outcome").len().iter_rows())
        classes = classes_of(lines, reports, weighted=parameters["weighted"])
    tests, doubt = parameters["tests"], Fraction(0)
    design = Design(classes, required, fraction(parameters["alpha"]), fraction(parameters["beta"]))
    if tests is None:
        return design
    doubt = fraction(tests["doubt"])
    errors = TestLines(tuple(tests["invalid"]), tuple(tests["valid"]), doubt).bounds()
    # The chance that the bounds are too low is part of the risk.
    return Design(classes, required, design.alpha - doubt, design.beta - doubt, errors)


def _read_design(inputs: Inputs) -> Design:
    """Read the design that the plan fixed."""
    return _designed(
        inputs.parameters("risk_plan"),
        from_csv(inputs.data("outcomes", "outcomes.csv"), OUTCOMES),
        int(inputs.document("risk_plan")["required"]),
    )


def _class_of(inputs: Inputs, design: Design) -> pl.DataFrame:
    """Give the class and weight of every line: `serial`, `of` (place in the design), `weight`."""
    outcomes = from_csv(inputs.data("outcomes", "outcomes.csv"), OUTCOMES)
    if inputs.parameters("risk_plan")["method"] == "polling":
        outcomes = outcomes.with_columns(outcome=pl.lit("line"))
    rows = [(one.name, place, one.weight) for place, one in enumerate(design.classes)]
    classes = pl.DataFrame(rows, schema=["outcome", "of", "weight"], orient="row")
    return outcomes.join(classes, on="outcome").sort("serial")


def _draw(inputs: Inputs, parameters: Mapping[str, Any]) -> Made:
    design = _read_design(inputs)
    lines = _class_of(inputs, design).select("serial", "weight")
    rows = weighted_draw(parameters["seed"], lines.iter_rows(), parameters["size"])
    numbered = [(place, serial, ticket) for place, (ticket, serial) in enumerate(rows, start=1)]
    drawn = pl.DataFrame(numbered, schema=DRAWN, orient="row")
    facts = {"universe": design.lines, "drawn": drawn.height}
    return Made((public_tables("risk_draw", {"risk_draw": drawn}),), facts)


SECTION = "beside the statute: no section asks for a risk-limiting check"


def _section(_: Statute, __: Mapping[str, Any]) -> str:
    return SECTION


PLANNING = Derivation(
    kind="risk.plan", reads=lambda _: ("requirement", "outcomes"), section=_section, make=_plan
)

DRAWING = Derivation(
    kind="risk.draw",
    reads=lambda p: ("outcomes", "risk_plan", *["risk"] * (p["round"] > 1)),
    section=_section,
    make=_draw,
)


def plan(record: RecordWriter, planned: Planned, stamp: Stamp) -> Act:
    """Fix the risk-limiting check before its seed is known.

    Raises:
        LawError: the statute asks of districts.
        InputError: a risk limit, report or test cannot be.
        OrderError: a draw stands already: its seed is known.
    """
    record.allow("risk.plan", stamp)
    if earlier := record.standing("risk.draw"):
        raise OrderError(
            f"the seed has been known since act {earlier.number}",
            hint="a plan made after the seed could be fitted to it; draw anew under a new plan"
            " only with a new seed, on a new record",
        )
    return record.derive(PLANNING, planned.parameters(), stamp)


def draw(record: RecordWriter, seed: str, size: int, stamp: Stamp) -> Act:
    """Draw lines, or more lines: a larger draw contains the smaller one.

    Args:
        record: the record.
        seed: public, rolled after the plan; further rounds keep it.
        size: lines in all.
        stamp: of the act.

    Raises:
        InputError: no seed, another seed than before, or a size that cannot be.
    """
    if not seed.strip():
        raise InputError("the seed is empty", hint="roll dice in public and write down the digits")
    _require_fresh(record, seed)
    before = _open_round(record, stamp)
    universe = record.inputs(("risk_plan",)).document("risk_plan")["universe"]
    least = 1
    if before:
        earlier = record.inputs(("risk",), before=stamp.corrects).document("risk")
        least = earlier["checked"] + 1
        if earlier["seed"] != seed:
            raise InputError(
                f"the seed is {seed}, that of the first round {earlier['seed']}",
                hint="further rounds keep the seed, so that they contain the first",
            )
    if not least <= size <= universe:
        raise InputError(
            f"a draw of {size:,} lines in all cannot be",
            hint=f"--size takes {least:,} to {universe:,}",
        )
    parameters = {"seed": seed, "size": size, "round": before + 1}
    return record.derive(DRAWING, parameters, stamp)


def _require_fresh(record: RecordWriter, seed: str) -> None:
    plan = record.standing("risk.plan")
    known = record.acts[: plan.number if plan else 0]
    if early := next((act for act in known if act.parameters.get("seed") == seed), None):
        raise InputError(
            f"the seed has been known since act {early.number}, before the plan",
            hint="roll the dice after the plan is recorded: an earlier seed could have shaped it",
        )


def _open_round(record: RecordWriter, stamp: Stamp) -> int:
    """Give the number of the round that stands measured and undecided before this act; 0 if none.

    Raises:
        OrderError: it is decided.
    """
    acts = [
        act
        for act in record.acts
        if act.kind == "risk.decide"
        and act.number not in record.fallen()
        and (stamp.corrects is None or act.number < stamp.corrects)
    ]
    if not acts:
        return 0
    if acts[-1].facts["answer"] != "check_more":
        raise OrderError(
            f"act {acts[-1].number} decides: {acts[-1].facts['answer']}",
            hint="nothing more needs to be drawn",
        )
    return int(record.inputs_of(acts[-1]).parameters("risk_draw")["round"])


def worksheet(record: RecordWriter) -> pl.DataFrame:
    """Give the office's list of the drawn lines; it leads to people and stays in the office.

    Returns:
        `place`, `serial`, `line_id`, `sheet_id`, `line_no`, and `same_signer`: the office's numbers
        of other lines that matching ascribes to the same signer, of which one at most counts.
    """
    inputs = record.inputs(("risk_draw", "lines", "matches"))
    drawn = from_csv(inputs.data("risk_draw", "risk_draw.csv"), DRAWN)
    lines = from_parquet(inputs.data("lines", "lines.parquet"))
    lines = lines.select("serial", "line_id", "sheet_id", "line_no")
    signer = from_parquet(inputs.data("matches", "matches.parquet")).select(
        "serial", signer=pl.coalesce("repeat_of", "serial")
    )
    together = lines.join(signer, on="serial").select("line_id", "signer", other="serial")
    others = (
        drawn.select("serial")
        .join(signer, on="serial")
        .join(together, on="signer")
        .filter(pl.col("other") != pl.col("serial"))
        .group_by("serial")
        .agg(same_signer=pl.col("line_id").sort().str.join(" "))
    )
    return (
        drawn.drop("ticket")
        .join(lines, on="serial", how="left")
        .join(others, on="serial", how="left")
        .sort("place")
    )


def receive_checks(record: RecordWriter, path: Path, encoding: str, stamp: Stamp) -> Act:
    """Receive the findings on the drawn lines, those of earlier rounds again among them or not.

    Raises:
        InputError: a drawn line has no finding, another line has one, an earlier finding is
            changed, a second look is missing, or two findings differ and are not settled.
    """
    record.allow("risk.checks", stamp)
    raw = read_raw_table(path, encoding)
    checked = check(LINE_CHECKS, raw.frame, raw.broken)
    if not checked.set_aside.is_empty():
        row, code = checked.set_aside.select("row", "code").row(0)
        raise InputError(
            f"{checked.set_aside.height} rows cannot be used; the first is row {row}: {code}",
            where=str(path),
            hint="every drawn line needs exactly one row",
        )
    kinds = ("outcomes", "risk_plan", "risk_draw")
    further = _open_round(record, stamp) > 0
    inputs = record.inputs((*kinds, *["risk"] * further), before=stamp.corrects)
    drawn = worksheet(record).select("place", "serial", "line_id")
    rows = _with_earlier(record, stamp, _codes(checked.rows, path), drawn, path)
    found = drawn.join(rows, on="line_id").sort("place")
    _require_second_looks(inputs, found, path)
    found = found.with_columns(finding=_settled()).sort("serial")
    if (open_ones := found.filter(pl.col("finding").is_null())).height:
        raise InputError(
            f"the two findings on {open_ones['line_id'][0]} differ and are not settled",
            where=str(path),
            hint="let both checkers look again together, and fill in `settled`",
        )
    table = found.select(FOUND.names())
    facts = {
        "checked": table.height,
        "valid": table.filter(pl.col("finding") == "valid").height,
        "looked_at_twice": table["second"].drop_nulls().len(),
        "differing": table.filter(_valid("first") != _valid("second")).height,
    }
    made = Made((public_tables("risk_checks", {"risk_checks": table}),), facts)
    return record.receive("risk.checks", made, {}, stamp, section=SECTION, inputs=inputs)


def _codes(rows: pl.DataFrame, path: Path) -> pl.DataFrame:
    names = ("first", "second", "settled")
    rows = rows.with_columns(pl.col(names).str.to_lowercase())
    for name in names:
        odd = rows.filter(~pl.col(name).str.contains(r"^[a-z][a-z0-9_]*$"))
        if odd.height:
            raise InputError(
                f"the finding {odd[name][0]!r} is not a code",
                where=str(path),
                hint="`valid`, or a reason in letters, digits and underscores, such as repeat",
            )
    return rows


def _with_earlier(
    record: RecordWriter, stamp: Stamp, rows: pl.DataFrame, drawn: pl.DataFrame, path: Path
) -> pl.DataFrame:
    """Add the findings of earlier rounds, and see that there is one for each drawn line."""
    if _open_round(record, stamp):
        before = record.inputs(("risk_checks",), before=stamp.corrects)
        old = from_csv(before.data("risk_checks", "risk_checks.csv"), FOUND)
        old = old.join(drawn, on="serial").select("line_id", "first", "second", settled="finding")
        again = rows.join(old, on="line_id", suffix="_before")
        changed = again.filter(_valid("settled_before") != (_settled() == "valid"))
        if changed.height:
            raise InputError(
                f"the finding on {changed['line_id'][0]} is another than in the round before",
                where=str(path),
                hint="correct the act that received it, with --corrects",
            )
        rows = pl.concat([old, rows.join(old, on="line_id", how="anti")])
    numbers, wanted = set(rows["line_id"]), set(drawn["line_id"])
    if missing := sorted(wanted - numbers):
        raise InputError(
            f"{len(missing)} drawn lines have no finding, {missing[0]} among them",
            where=str(path),
            hint="check every drawn line; the worksheet lists them",
        )
    if strangers := sorted(numbers - wanted):
        raise InputError(
            f"{len(strangers)} lines with a finding were not drawn, {strangers[0]} among them",
            where=str(path),
            hint="only drawn lines count; choosing lines would spoil the sample",
        )
    return rows


def _valid(column: str) -> pl.Expr:
    return pl.col(column) == "valid"


def _settled() -> pl.Expr:
    """The finding that counts: settled, or the first where the second agrees or is not there."""
    agree = pl.col("second").is_null() | (_valid("first") == _valid("second"))
    return pl.coalesce("settled", pl.when(agree).then("first"))


def _require_second_looks(inputs: Inputs, found: pl.DataFrame, path: Path) -> None:
    seed = inputs.parameters("risk_draw")["seed"]
    share = fraction(inputs.parameters("risk_plan")["second"])
    once = found.filter(pl.col("second").is_null())
    for line, serial, first in once.select("line_id", "serial", "first").iter_rows():
        if first != "valid" or looked_at_twice(seed, serial, share):
            raise InputError(
                f"{line} needs a second checker and has none",
                where=str(path),
                hint="every line found invalid, and the share of the plan of those found valid,"
                " is looked at by a second checker who does not know the first finding",
            )


def checks_so_far(record: Record) -> tuple[Design, list[Check]]:
    """Give the design of a record's risk-limiting check, and its findings in drawn order."""
    return _checks(record.inputs(_MEASURED))


def _checks(inputs: Inputs) -> tuple[Design, list[Check]]:
    design = _read_design(inputs)
    drawn = from_csv(inputs.data("risk_draw", "risk_draw.csv"), DRAWN)
    findings = from_csv(inputs.data("risk_checks", "risk_checks.csv"), FOUND)
    found = (
        drawn.join(_class_of(inputs, design), on="serial")
        .join(findings, on="serial")
        .sort("place")
        .select("of", valid=_valid("finding"))
    )
    return design, [Check(of, valid) for of, valid in found.iter_rows()]


def _decide(inputs: Inputs, _: Mapping[str, Any]) -> Made:
    design, checks = _checks(inputs)
    risk = measure(design, checks)
    document = {
        "universe": design.lines,
        "required": design.required,
        "seed": inputs.parameters("risk_draw")["seed"],
        "checked": risk.checked,
        "valid": risk.valid,
        "classes": [
            {"name": one.name, "lines": one.lines, "checked": checked, "valid": valid}
            for one, (checked, valid) in zip(design.classes, risk.by_class, strict=True)
        ],
        "found": "".join(str(int(one.valid)) for one in checks),
        "estimate": _estimate(design.classes, risk),
        "risk_sufficient": nine_places(risk.sufficient),
        "risk_insufficient": nine_places(risk.insufficient),
        "answer": risk.answer,
        "decided_at": risk.decided_at,
    }
    names = ("answer", "checked", "valid", "estimate", "risk_sufficient", "risk_insufficient")
    return Made((public_tables("risk", {}, document),), {name: document[name] for name in names})


def _estimate(classes: Sequence[LineClass], risk: Risk) -> int | None:
    """Estimate M class by class: lines times the share found valid; None while one is unseen."""
    if any(checked == 0 for checked, _ in risk.by_class):
        return None
    return half_up(
        sum(
            (
                Fraction(one.lines * valid, checked)
                for one, (checked, valid) in zip(classes, risk.by_class, strict=True)
            ),
            Fraction(0),
        )
    )


def nine_places(risk: Decimal) -> str:
    """Write a risk as the record holds it, rounded half even."""
    with localcontext(prec=50):
        return f"{risk.quantize(PLACES, ROUND_HALF_EVEN):f}"


DECIDING = Derivation(
    kind="risk.decide",
    reads=lambda _: _MEASURED,
    section=_section,
    make=_decide,
)


def decide(record: RecordWriter, stamp: Stamp) -> Act:
    """Measure the risk of either decision after the checks so far, and record it."""
    return record.derive(DECIDING, {}, stamp)
