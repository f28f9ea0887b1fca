"""What a page says of the risk-limiting check, beside the statute's answer."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from referendum.core.exact import percent
from referendum.flows.sufficiency.risk import DEFAULT_LINE_REPORT, risk_text
from referendum.flows.sufficiency.sample import DRAW_SCHEMA, read_checks
from referendum.flows.wording import RISK_ANSWERS
from referendum.law import FINAL_ANSWERS
from referendum.publish.figures import Words, document, mark, percentage, state, trace
from referendum.publish.seeds_section import origin
from referendum.record.frames import from_csv
from referendum.record.reading import Record
from referendum.sufficiency import Check, Design, measure_risk, polling_class

LEAST = Fraction(1, 10_000)

USUAL = Fraction(1, 20)
"""Risk limit by which the statute's own sample is judged where no check was planned."""


def risk_section(record: Record) -> dict[str, Any] | None:
    """Gather what the page shows of the risk-limiting check; None where none is measured."""
    if record.standing("risk.decide") is None:
        return None
    fallen = record.fallen_acts()
    acts = [a for a in record.acts if a.kind == "risk.decide" and a.number not in fallen]
    inputs = record.inputs(("risk_plan", "risk"))
    plan, found = (document(record, inputs, kind) for kind in ("risk_plan", "risk"))
    planned = record.standings.writer(inputs.bundles["risk_plan"][0])
    chosen = trace(planned.parameters, f"{planned.number}/parameters")
    return {
        **found,
        "seed_origin": origin(record, found["seed"]),
        "plan": plan,
        "chosen": chosen,
        "alpha": percentage(chosen["alpha"], 1),
        "beta": percentage(chosen["beta"], 1),
        "accepts": percentage(plan["false_accepts"], 2),
        "rejects": percentage(plan["false_rejects"], 2),
        "words": state(found, "answer", RISK_ANSWERS),
        "rounds": [
            {
                "checked": told["checked"],
                "valid": told["valid"],
                "risks": [
                    _risk_text(told[name]) for name in ("risk_sufficient", "risk_insufficient")
                ],
            }
            for act in acts
            for told in [trace(act.facts, f"{act.number}/facts")]
        ],
        "perfect": chosen["tests"] is None,
        "weighted": any(one["weight"] > 1 for one in plan["classes"]),
    }


def sample_risk(record: Record, decision: Mapping[str, Any]) -> dict[str, Any] | None:
    """Measure the risk that the statute's answer is wrong, by the statute's own sample.

    None where it was not drawn from the whole, where repeats were looked for in the sample alone,
    where every line was checked, or where nothing is decided.
    """
    answer, required = decision["decision"], int(decision["required"])
    if answer not in FINAL_ANSWERS or decision["method"] != "sample" or decision["every_line"]:
        return None
    universe = int(decision["universe"])
    if len(decision["strata"]) != 1 or not decision["all_matched"] or not 1 <= required <= universe:
        return None
    inputs = record.inputs(("draw", "checks"))
    order = from_csv(inputs.data("draw", "draw.csv"), DRAW_SCHEMA)
    found = read_checks(inputs)
    codes = order.join(found, on="serial").sort("place")["finding"]
    design = Design(polling_class(universe, Fraction(DEFAULT_LINE_REPORT)), required, USUAL, USUAL)
    risk = measure_risk(design, [Check(0, code == "valid") for code in codes])
    wrong = Words(
        risk_text(risk.sufficient if answer == "sufficient" else risk.insufficient),
        f"risk({''.join(answer)})",
    )
    small = mark(wrong.source, wrong, f"less than {percent(LEAST, 2)}")
    return {
        "answer": answer,
        "shown": mark(f"{decision['source']}/decision", answer, answer),
        "risk": small if Fraction(wrong) < LEAST else f"at most {_risk_text(wrong)}",
        "weak": Fraction(wrong) > USUAL,
        "limit": percent(USUAL, 0),
        "drawn": decision["drawn"],
    }


def _risk_text(risk: Fraction | Words) -> str:
    """Print a risk, which is a bound."""
    exact = Fraction(risk)
    text = f"less than {percent(LEAST, 2)}" if 0 < exact < LEAST else percent(exact, 2)
    return mark(risk.source, risk, text) if isinstance(risk, Words) else text
