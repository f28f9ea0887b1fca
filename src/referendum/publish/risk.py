"""What a page says of the risk-limiting check, beside the statute's answer."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from referendum.core.exact import percent
from referendum.flows.sufficiency.risk import FIRST_GUESS
from referendum.flows.sufficiency.sample import DRAW, read_checks
from referendum.flows.wording import RISK_ANSWERS
from referendum.law import FINAL_ANSWERS
from referendum.publish.seeds import origin
from referendum.record.frames import from_csv
from referendum.record.reading import Record
from referendum.sufficiency import Check, Design, measure_risk, polling_class

LEAST = Fraction(1, 10_000)

USUAL = Fraction(1, 20)
"""Risk limit by which the statute's own sample is judged where no check was planned."""


def risk_checked(record: Record) -> dict[str, Any] | None:
    """Gather what the page shows of the risk-limiting check; None where none is measured."""
    if record.standing("risk.decide") is None:
        return None
    fallen = record.fallen()
    acts = [a for a in record.acts if a.kind == "risk.decide" and a.number not in fallen]
    inputs = record.inputs(("risk_plan", "risk"))
    plan, found = inputs.document("risk_plan"), inputs.document("risk")
    chosen = inputs.parameters("risk_plan")
    return {
        **found,
        "seed_origin": origin(record, found["seed"]),
        "plan": plan,
        "chosen": chosen,
        "alpha": percent(Fraction(chosen["alpha"]), 1),
        "beta": percent(Fraction(chosen["beta"]), 1),
        "accepts": percent(Fraction(plan["false_accepts"])),
        "rejects": percent(Fraction(plan["false_rejects"])),
        "words": RISK_ANSWERS[found["answer"]],
        "rounds": [
            {
                "checked": act.facts["checked"],
                "valid": act.facts["valid"],
                "risks": [
                    _shown(Fraction(act.facts[name]))
                    for name in ("risk_sufficient", "risk_insufficient")
                ],
            }
            for act in acts
        ],
        "perfect": chosen["tests"] is None,
        "weighted": any(one["weight"] > 1 for one in plan["classes"]),
    }


def own_sample(record: Record, decision: Mapping[str, Any]) -> dict[str, Any] | None:
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
    order = from_csv(inputs.data("draw", "draw.csv"), DRAW)
    found = read_checks(inputs)
    codes = order.join(found, on="serial").sort("place")["finding"]
    design = Design(polling_class(universe, Fraction(FIRST_GUESS)), required, USUAL, USUAL)
    risk = measure_risk(design, [Check(0, code == "valid") for code in codes])
    wrong = Fraction(risk.sufficient if answer == "sufficient" else risk.insufficient)
    return {
        "answer": answer,
        "risk": f"at most {percent(Fraction(wrong), 2)}" if wrong >= LEAST else _shown(wrong),
        "weak": wrong > USUAL,
        "limit": percent(USUAL, 0),
        "drawn": decision["drawn"],
    }


def _shown(risk: Fraction) -> str:
    """Print a risk, which is a bound."""
    return f"less than {percent(LEAST, 2)}" if 0 < risk < LEAST else percent(risk, 2)
