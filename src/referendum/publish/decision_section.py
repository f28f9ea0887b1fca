"""What a page says of a decision: its numbers, and the arithmetic done again from them."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from markupsafe import Markup

from referendum.flows.petition.issue import read_distribution
from referendum.flows.wording import compared_words
from referendum.law import (
    ANSWERS,
    FINAL_ANSWERS,
    SHAPES,
    CalculationStep,
    CheckedSample,
    Statute,
    check_distribution,
    decide,
    require_known,
    requirement,
)
from referendum.petition import GATES, UNREADABLE_CODES, Gate, all_gates
from referendum.publish.charts import Bar, bars
from referendum.publish.figures import document, state, sum_of, trace
from referendum.publish.seeds_section import origin
from referendum.record.reading import Record

FORMULAS = {
    "every_line": "every line is counted",
    "expansion": "lines × share valid",
    "expansion_less_pairs": "lines × share valid, less k (k − 1) for each further copy",
    "both_deductions": "what failed is deducted as lines and again as a share",
    "acceptance": "largest requirement that the sample would accept",
    "assumed_repeats": "lines × (share valid − margin − assumed repeats)",
    "pairs_with_error": "upper bound of the pair estimator",
    "exact_bound": "exact lower bound",
    "interval": "upper end of the interval",
}
"""What each formula holds against the requirement, in words."""


def decision_section(record: Record, statute: Statute) -> dict[str, Any] | None:
    """Gather what the page of a decided petition shows; None where nothing is decided."""
    if record.standing("decide") is None:
        return None
    inputs = record.inputs(("decision", "requirement"))
    decision, issued = (document(record, inputs, kind) for kind in ("decision", "requirement"))
    drawing = record.standing("draw") if decision["method"] == "sample" else None
    issuing = require_known(record.standing("petition.issue"), "the issue").parameters
    needed = requirement(statute, issued["proposal"], issuing["base_value"], issuing["districts"])
    shown = {
        **decision,
        "source": decision.source,
        "issued": issued,
        "needed": needed.steps,
        "open": decision["decision"] not in FINAL_ANSWERS,
        "words": state(decision, "decision", ANSWERS),
        "seed": trace(drawing.parameters["seed"], f"{drawing.number}/parameters/seed")
        if drawing
        else None,
        "seed_origin": origin(record, drawing.parameters["seed"] if drawing else None),
        "gates": [
            (code, gate.meaning, decision["rejected"][code])
            for code, gate in _gates(statute).items()
            if code in decision["rejected"]
        ],
        "rejected_in_all": sum_of(decision["rejected"].values()),
        "chart": _chart(decision),
    }
    return shown | (_by_sample(statute, decision, issued) if drawing else {})


def _gates(statute: Statute) -> dict[str, Gate]:
    order = require_known(statute.gates, "gates").order.value
    return {code: GATES[code] for code in all_gates(order)} | UNREADABLE_CODES


def _by_sample(
    statute: Statute, decision: Mapping[str, Any], issued: Mapping[str, Any]
) -> dict[str, Any]:
    samples = {
        row["district"]: CheckedSample(
            row["lines"], row["drawn"], row["valid"], tuple(row["copies"])
        )
        for row in decision["strata"]
    }
    spread = read_distribution(issued)
    second = decision["stage"] == 2
    again = decide(statute, samples, decision["required"], spread, second=second)
    valid = {one.name: one.compared for one in again.strata}
    spreading = check_distribution(spread, valid) if spread else None
    steps: tuple[CalculationStep, ...] = (*again.steps, *(spreading.steps if spreading else ()))
    shape = SHAPES[decision["shape"]]
    rule = require_known(statute.decision, "how it is decided").shape
    every = decision["drawn"] == decision["universe"]
    return {
        "steps": steps,
        "rows": again.strata if len(again.strata) > 1 else (),
        "short": dict(spreading.short) if spreading else {},
        "shape_words": shape.words,
        "error": SHAPES["full_count"].error if every else shape.error,
        "formula_words": FORMULAS["every_line" if every else decision["formula"]],
        "rule": rule,
        "all_matched": require_known(statute.repeats, "repeats").found.value == "all_lines",
        "every_line": every,
    }


def comparison_words(decision: Mapping[str, Any]) -> str:
    """Say what is held against the requirement, and how it came to be."""
    number = compared_words(decision["compared"])
    if decision["method"] == "preliminary_count":
        return f"{number} lines at the preliminary count"
    if decision["every_line"]:
        return f"{number} signatures, every line checked"
    return f"{number} by the sample ({decision['formula_words']})"


def _chart(decision: Mapping[str, Any]) -> Markup:
    steps = [("received", decision["lines"]), ("standing", decision["standing"])]
    if decision["method"] == "sample":
        if decision["repeats"]:
            steps.append(("distinct", decision["universe"]))
        steps.append(("compared", decision["compared"]))
    required = decision["required"]
    rows = [
        Bar(
            label,
            Fraction(max(count, 0)),
            f"{count:,}",
            "bar" if count >= required else "bar short",
        )
        for label, count in steps
    ]
    title = "Lines at each step against the number required; the numbers are in the tables below"
    return bars(title, rows, Fraction(required), f"{required:,} required")
