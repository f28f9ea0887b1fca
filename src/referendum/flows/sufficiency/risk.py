"""The risk-limiting check: plan, draw, and the risk of either decision after the checks so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from typing import Any, Literal

import polars as pl

from referendum.core.draws import draw_weighted
from referendum.core.errors import InputError, LawError, OrderError
from referendum.core.exact import exact_text, read_fraction, round_half_up
from referendum.flows.sufficiency.sample import OUTCOMES, require_all
from referendum.law import Statute
from referendum.record.acts import Act
from referendum.record.frames import from_csv, public_tables
from referendum.record.reading import Inputs, Record
from referendum.record.writing import Derivation, Made, RecordWriter, Stamp
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

REPORTS: dict[str, str] = {
    "listed": "0.99",
    "unsure": "0.6",
    "not_listed": "0.1",
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
        reports = {
            name: exact_text(read_fraction(text)) for name, text in {**usual, **given}.items()
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
        "alpha": exact_text(design.alpha),
        "beta": exact_text(design.beta),
        "false_accepts": exact_text(design.errors.false_accepts),
        "false_rejects": exact_text(design.errors.false_rejects),
        "classes": [
            {
                "name": one.name,
                "lines": one.lines,
                "report": exact_text(one.report),
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
    rows = draw_weighted(parameters["seed"], lines.iter_rows(), parameters["size"])
    numbered = [(place, serial, ticket) for place, (ticket, serial) in enumerate(rows, start=1)]
    drawn = pl.DataFrame(numbered, schema=DRAWN, orient="row")
    facts = {"universe": design.lines, "drawn": drawn.height}
    return Made((public_tables("risk_draw", {"risk_draw": drawn}),), facts)


SECTION = "beside the statute: no section asks for a risk-limiting check"


def _section(_: Statute, __: Mapping[str, Any]) -> str:
    return SECTION


PLANNING = Derivation(kind="risk.plan", section=_section, make=_plan)

DRAWING = Derivation(
    kind="risk.draw",
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


def draw(record: RecordWriter, seed: str | None, size: int, stamp: Stamp) -> Act:
    """Draw lines, or more lines: a larger draw contains the smaller one.

    Args:
        record: the record.
        seed: public, where it is typed; further rounds keep it; None where a call has made one.
        size: lines in all.
        stamp: of the act.

    Raises:
        InputError: a short or known seed, another than before, or a size that cannot be.
    """
    before = open_round(record, stamp)
    record.allow("risk.draw", stamp)
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
    parameters = {**said, "size": size, "round": before + 1}
    return record.derive(DRAWING, parameters, stamp)


def open_round(record: RecordWriter, stamp: Stamp) -> int:
    """Give the number of the round that stands measured and undecided before this act; 0 if none.

    Raises:
        OrderError: it is decided.
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
    """Read what checkers found on drawn lines over all parts, ascending by `serial`."""
    tables = inputs.tables("risk_checks", "risk_checks.csv")
    return pl.concat([from_csv(data, FOUND) for data in tables]).sort("serial")


def checks_so_far(record: Record) -> tuple[Design, list[Check]]:
    """Give the design of a record's risk-limiting check, and its findings in drawn order."""
    return _checks(record.inputs(_MEASURED))


def _checks(inputs: Inputs) -> tuple[Design, list[Check]]:
    design = _read_design(inputs)
    drawn = from_csv(inputs.data("risk_draw", "risk_draw.csv"), DRAWN)
    findings = read_findings(inputs)
    require_all(drawn["serial"], findings["serial"], "sufficiency checks")
    found = (
        drawn.join(_class_of(inputs, design), on="serial")
        .join(findings, on="serial")
        .sort("place")
        .select("of", valid=pl.col("finding") == "valid")
    )
    return design, [Check(of, valid) for of, valid in found.iter_rows()]


def _decide(inputs: Inputs, _: Mapping[str, Any]) -> Made:
    design, checks = _checks(inputs)
    risk = measure_risk(design, checks)
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
    return round_half_up(
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
    section=_section,
    make=_decide,
)


def decide(record: RecordWriter, stamp: Stamp) -> Act:
    """Measure the risk of either decision after the checks so far, and record it."""
    return record.derive(DECIDING, {}, stamp)
