"""The risk-limiting check: its plan, its draws, and the risk of either decision after each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from typing import Any, Literal

import polars as pl

from referendum.core.draws import draw_weighted
from referendum.core.errors import InputError, LawError, OrderError
from referendum.core.exact import exact_text, read_fraction, round_half_up
from referendum.flows.petition.fallen import left_out_parameters
from referendum.flows.sufficiency.sample import OUTCOMES_SCHEMA, require_every_finding
from referendum.law import Statute
from referendum.record.acts import Act
from referendum.record.frames import from_csv, public_tables
from referendum.record.reading import Inputs, Record
from referendum.record.stamps import Stamp
from referendum.record.writing import Derivation, Outputs, RecordWriter
from referendum.sufficiency import (
    Check,
    Design,
    LineClass,
    Risk,
    TestLines,
    classes_by_outcome,
    measure_risk,
    polling_class,
)

Method = Literal["comparison", "polling"]

DEFAULT_REPORTS: dict[str, str] = {
    "listed": "0.99",
    "unsure": "0.6",
    "not_listed": "0.1",
    "repeat": "0.01",
}
"""By outcome of matching, the share of lines that count: as measured on made-up people, rounded.

It is a first guess, which the checks correct: a wrong one costs checks, but adds no risk.
"""

DEFAULT_LINE_REPORT = "0.85"
"""Share of all lines that count, where the outcomes of matching are not used."""

_NINE_PLACES = Decimal("0.000000001")

RISK_DRAW_SCHEMA = pl.Schema({"place": pl.Int64, "serial": pl.Int64, "ticket": pl.String})
RISK_CHECKS_SCHEMA = pl.Schema(
    {"serial": pl.Int64, "first": pl.String, "second": pl.String, "finding": pl.String}
)

_RISK_INPUTS = ("outcomes", "risk_plan", "risk_draw", "risk_checks")


@dataclass(frozen=True)
class RiskPlan:
    """The office's choices for the check, made before the seed is known.

    Attributes:
        alpha: risk limit of "sufficient", as exact text.
        beta: risk limit of "insufficient", likewise.
        method: `comparison` uses the outcomes of matching; `polling` only the checks.
        weighted: whether uncertain lines are drawn more often.
        reports: shares of lines that count, by outcome or under `line`, in place of the defaults.
        second: share of the lines found valid that a second checker looks at, as exact text.
        tests: test lines that bound the checkers' errors; None to take checkers as perfect.
    """

    alpha: str = "0.05"
    beta: str = "0.05"
    method: Method = "comparison"
    weighted: bool = True
    reports: Mapping[str, str] | None = None
    second: str = "1/10"
    tests: TestLines | None = None

    def parameters(self) -> dict[str, Any]:
        """Give the choices as parameters of the act.

        Raises:
            InputError: there is no such outcome as a report names.
            LawError: a share is not an exact number.
        """
        defaults = DEFAULT_REPORTS if self.method == "comparison" else {"line": DEFAULT_LINE_REPORT}
        given = dict(self.reports or {})
        if unknown := sorted(set(given) - set(defaults)):
            raise InputError(f"no line is {unknown[0]}", hint=f"reports: {', '.join(defaults)}")
        reports = {
            name: exact_text(read_fraction(text)) for name, text in {**defaults, **given}.items()
        }
        tests = self.tests and {
            "invalid": list(self.tests.invalid),
            "valid": list(self.tests.valid),
            "doubt": exact_text(self.tests.doubt),
        }
        return {
            "alpha": exact_text(read_fraction(self.alpha)),
            "beta": exact_text(read_fraction(self.beta)),
            "method": self.method,
            "weighted": self.weighted and self.method == "comparison",
            "reports": reports,
            "second": exact_text(read_fraction(self.second)),
            "tests": tests,
        }


def _plan(inputs: Inputs, parameters: Mapping[str, Any]) -> Outputs:
    issued = inputs.document("requirement")
    if issued["spread"] is not None:
        raise LawError(
            f"the statute asks for numbers of every {issued['spread']['unit']}, and the"
            " risk-limiting check is of the whole",
            hint="check and decide by the statute's rule alone",
        )
    outcomes = from_csv(inputs.data("outcomes", "outcomes.csv"), OUTCOMES_SCHEMA)
    design = _make_design(parameters, outcomes, int(issued["required"]))
    document = {
        "universe": design.lines,
        "required": design.required,
        "accepted_at": design.accepted_at,
        "refused_below": design.refused_below,
        "alpha": exact_text(design.alpha),
        "beta": exact_text(design.beta),
        "false_accepts": exact_text(design.errors.false_accepts),
        "false_rejects": exact_text(design.errors.false_rejects),
        "classes": [
            {
                "name": line_class.name,
                "lines": line_class.lines,
                "report": exact_text(line_class.report),
                "weight": line_class.weight,
            }
            for line_class in design.classes
        ],
    }
    facts = {
        "universe": design.lines,
        "required": design.required,
        "alpha": parameters["alpha"],
        "beta": parameters["beta"],
    }
    return Outputs((public_tables("risk_plan", {}, document),), facts)


def _make_design(parameters: Mapping[str, Any], outcomes: pl.DataFrame, required: int) -> Design:
    reports = {name: read_fraction(text) for name, text in parameters["reports"].items()}
    if parameters["method"] == "polling":
        classes = polling_class(outcomes.height, reports["line"])
    else:
        lines = dict(outcomes.group_by("outcome").len().iter_rows())
        classes = classes_by_outcome(lines, reports, weighted=parameters["weighted"])
    tests, doubt = parameters["tests"], Fraction(0)
    design = Design(
        classes, required, read_fraction(parameters["alpha"]), read_fraction(parameters["beta"])
    )
    if tests is None:
        return design
    doubt = read_fraction(tests["doubt"])
    errors = TestLines(tuple(tests["invalid"]), tuple(tests["valid"]), doubt).bounds()
    # The chance that the bounds are too low is part of the risk.
    return Design(classes, required, design.alpha - doubt, design.beta - doubt, errors)


def _read_design(inputs: Inputs) -> Design:
    """Read the design that the plan fixed."""
    return _make_design(
        inputs.parameters("risk_plan"),
        from_csv(inputs.data("outcomes", "outcomes.csv"), OUTCOMES_SCHEMA),
        int(inputs.document("risk_plan")["required"]),
    )


def _classes_of_lines(inputs: Inputs, design: Design) -> pl.DataFrame:
    """Give every line's class and weight: `serial`, `of` (place in the design), `weight`."""
    outcomes = from_csv(inputs.data("outcomes", "outcomes.csv"), OUTCOMES_SCHEMA)
    if inputs.parameters("risk_plan")["method"] == "polling":
        outcomes = outcomes.with_columns(outcome=pl.lit("line"))
    rows = [
        (line_class.name, place, line_class.weight)
        for place, line_class in enumerate(design.classes)
    ]
    classes = pl.DataFrame(rows, schema=["outcome", "of", "weight"], orient="row")
    return outcomes.join(classes, on="outcome").sort("serial")


def _draw(inputs: Inputs, parameters: Mapping[str, Any]) -> Outputs:
    design = _read_design(inputs)
    lines = _classes_of_lines(inputs, design).select("serial", "weight")
    rows = draw_weighted(parameters["seed"], lines.iter_rows(), parameters["size"])
    numbered = [(place, serial, ticket) for place, (ticket, serial) in enumerate(rows, start=1)]
    drawn = pl.DataFrame(numbered, schema=RISK_DRAW_SCHEMA, orient="row")
    facts = {"universe": design.lines, "drawn": drawn.height}
    return Outputs((public_tables("risk_draw", {"risk_draw": drawn}),), facts)


SECTION = "beside the statute: no section asks for a risk-limiting check"


def _section(_: Statute, __: Mapping[str, Any]) -> str:
    return SECTION


PLANNING = Derivation(kind="risk.plan", section=_section, make=_plan)

DRAWING = Derivation(
    kind="risk.draw",
    section=_section,
    make=_draw,
)


def plan(record: RecordWriter, planned: RiskPlan, stamp: Stamp) -> Act:
    """Fix the plan of the risk-limiting check, before its seed is known.

    Raises:
        LawError: the statute has a requirement on districts.
        InputError: a risk limit, a report or a number of test lines is impossible.
        OrderError: a draw stands, so its seed is known.
    """
    record.require_allowed("risk.plan", stamp)
    if earlier := record.standing("risk.draw"):
        raise OrderError(
            f"the seed has been known since act {earlier.number}",
            hint="go on with the plan that stands: one made after the seed could be fitted to it",
        )
    return record.derive(PLANNING, planned.parameters(), stamp)


def draw(
    record: RecordWriter, seed: str | None, size: int, stamp: Stamp, left_out: str | None = None
) -> Act:
    """Draw lines, or further lines: a larger draw contains the smaller one.

    Args:
        record: the record.
        seed: the seed, if it is typed; None if a call has made one. Further rounds keep it.
        size: number of lines, those of earlier rounds included.
        stamp: of the act.
        left_out: why lines of deliveries that fell are left out; None where none are missing.

    Raises:
        InputError: the seed is short, known or another than before, or the size is impossible.
        OrderError: the check is decided, or lines are missing.
    """
    before = undecided_round(record, stamp)
    record.require_allowed("risk.draw", stamp)
    without = left_out_parameters(record, stamp, left_out)
    universe = record.inputs(("risk_plan",)).document("risk_plan")["universe"]
    least, kept = 1, None
    if before:
        earlier = record.inputs(("risk",), corrects=stamp.corrects).document("risk")
        least, kept = earlier["checked"] + 1, earlier["seed"]
    said = record.seed("risk.draw", seed, stamp, kept)
    if not least <= size <= universe:
        raise InputError(
            f"a draw of {size:,} lines in all cannot be",
            hint=f"--size takes {least:,} to {universe:,}",
        )
    parameters = {**said, "size": size, "round": before + 1, **without}
    return record.derive(DRAWING, parameters, stamp)


def undecided_round(record: RecordWriter, stamp: Stamp) -> int:
    """Give the number of the last round that was measured and decided nothing; 0 if there is none.

    Raises:
        OrderError: the check is decided.
    """
    acts = record.standings.without(stamp.corrects).all_of("risk.decide")
    if not acts:
        return 0
    if acts[-1].facts["answer"] != "check_more":
        raise OrderError(
            f"act {acts[-1].number} decides: {acts[-1].facts['answer']}",
            hint="nothing more needs to be drawn",
        )
    return int(record.inputs_of(acts[-1]).parameters("risk_draw")["round"])


def read_findings(inputs: Inputs) -> pl.DataFrame:
    """Read the findings of all parts on drawn lines, ascending by `serial`."""
    tables = inputs.tables("risk_checks", "risk_checks.csv")
    return pl.concat([from_csv(data, RISK_CHECKS_SCHEMA) for data in tables]).sort("serial")


def read_checks_so_far(record: Record) -> tuple[Design, list[Check]]:
    """Give the design of a record's risk-limiting check, and its findings in drawn order."""
    return _read_checks(record.inputs(_RISK_INPUTS))


def _read_checks(inputs: Inputs) -> tuple[Design, list[Check]]:
    design = _read_design(inputs)
    drawn = from_csv(inputs.data("risk_draw", "risk_draw.csv"), RISK_DRAW_SCHEMA)
    findings = read_findings(inputs)
    require_every_finding(drawn["serial"], findings["serial"], "sufficiency checks")
    found = (
        drawn.join(_classes_of_lines(inputs, design), on="serial")
        .join(findings, on="serial")
        .sort("place")
        .select("of", valid=pl.col("finding") == "valid")
    )
    return design, [Check(of, valid) for of, valid in found.iter_rows()]


def _decide(inputs: Inputs, _: Mapping[str, Any]) -> Outputs:
    design, checks = _read_checks(inputs)
    risk = measure_risk(design, checks)
    document = {
        "universe": design.lines,
        "required": design.required,
        "seed": inputs.parameters("risk_draw")["seed"],
        "checked": risk.checked,
        "valid": risk.valid,
        "classes": [
            {"name": line_class.name, "lines": line_class.lines, "checked": checked, "valid": valid}
            for line_class, (checked, valid) in zip(design.classes, risk.by_class, strict=True)
        ],
        "found": "".join(str(int(check.valid)) for check in checks),
        "estimate": _estimate(design.classes, risk),
        "risk_sufficient": risk_text(risk.sufficient),
        "risk_insufficient": risk_text(risk.insufficient),
        "answer": risk.answer,
        "decided_at": risk.decided_at,
    }
    names = ("answer", "checked", "valid", "estimate", "risk_sufficient", "risk_insufficient")
    return Outputs((public_tables("risk", {}, document),), {name: document[name] for name in names})


def _estimate(classes: Sequence[LineClass], risk: Risk) -> int | None:
    """Estimate the number of valid lines: over the classes, lines times the share found valid.

    None while a class has no checked line.
    """
    if any(checked == 0 for checked, _ in risk.by_class):
        return None
    return round_half_up(
        sum(
            (
                Fraction(line_class.lines * valid, checked)
                for line_class, (checked, valid) in zip(classes, risk.by_class, strict=True)
            ),
            Fraction(0),
        )
    )


def risk_text(risk: Decimal) -> str:
    """Write a risk as the record has it: nine decimals, rounded half to even."""
    with localcontext(prec=50):
        return f"{risk.quantize(_NINE_PLACES, ROUND_HALF_EVEN):f}"


DECIDING = Derivation(
    kind="risk.decide",
    section=_section,
    make=_decide,
)


def decide(record: RecordWriter, stamp: Stamp) -> Act:
    """Measure the risk of either decision after the checks so far, and append the act."""
    return record.derive(DECIDING, {}, stamp)
