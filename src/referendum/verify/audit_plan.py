"""The plan of an audit, worked out again from the vote rule and the returns."""

from typing import Any

from referendum.verify import law
from referendum.verify.audit_assertions import HALF, question_assertions
from referendum.verify.audit_samples import (
    Box,
    boxes_of_returns,
    plan_samples,
    recorded_boxes,
)
from referendum.verify.bundles import Bundle, Bundles
from referendum.verify.kinds import Act
from referendum.verify.petition import require_equal
from referendum.verify.report import Mismatch
from referendum.verify.returned_forms import Return
from referendum.verify.returns import read_returns

METHODS = ("ballot_polling", "batch_comparison", "oneaudit", "card_comparison", "stratified")


def check_plan(act: Act, reads: Bundles, writes: Bundles) -> str:
    """Work out the assertions and samples from the statute and the returns."""
    parameters, plan = act["parameters"], writes["audit_plan"]
    forms = read_returns(reads["returns"])
    boxes = boxes_of_returns(forms)
    _check_choice(parameters, forms, boxes, reads)
    result = reads["result"].document("result.json")
    _check_result(parameters, result)
    outstanding = {one["question"]: one["outstanding"] for one in result["questions"]}
    carried, parts = {}, {}
    for question in parameters["questions"]:
        prove = parameters["prove"].get(question)
        carried[question], parts[question] = question_assertions(question, forms, reads, prove)
    assertions = [one for part in parts.values() for one in part.assertions]
    full_count = [question for question, part in parts.items() if part.full_count]
    samples = plan_samples(parameters, assertions, boxes, reads)
    document = {
        "carried": carried,
        "uncounted": {question: outstanding[question] for question in parameters["questions"]},
        "assertions": [one.as_document() for one in assertions],
        "samples": [one.as_document(boxes) for one in samples],
        "settled": sum(part.canvassed for part in parts.values()),
        "full_count": full_count,
    }
    require_equal(plan.document("audit_plan.json"), document, f"{plan.path}/audit_plan.json")
    counts = {"questions": len(parts), "claims": len(assertions), "full_count": bool(full_count)}
    require_equal(act["facts"], {**counts, "to_draw": [one.name for one in samples]}, "")
    return f"{len(assertions)} claims follow from the rule and the returns"


def _check_choice(
    parameters: dict[str, Any], forms: list[Return], boxes: list[Box], reads: Bundles
) -> None:
    """See that the method, its limit and its strata can be, and that records are there for it."""
    method, questions = parameters.get("method"), parameters.get("questions")
    if method not in METHODS or not 0 < law.exact(parameters.get("risk_limit")) < HALF:
        raise Mismatch("the method or the risk limit is not known")
    asked = {form.key[0] for form in forms}
    if not questions or questions != sorted(set(questions)) or not set(questions) <= asked:
        raise Mismatch("the questions are not those of the returns")
    strata = parameters.get("strata", [])
    kinds = sorted(kind for stratum in strata for kind in stratum)
    present = sorted({box.kind for box in boxes if box.question in questions})
    wrong = len(strata) != 2 or kinds != present or not all(strata)
    if (method == "stratified") != bool(strata) or (strata and wrong):
        raise Mismatch("the strata are not the kinds of vote, in two parts")
    if ("error_rates" in parameters) != ("audit_cards" in reads):
        raise Mismatch("error rates are given without records, or records read without them")
    if "error_rates" in parameters:
        half, whole = (law.exact(rate) for rate in parameters["error_rates"])
        if (
            min(half, whole) < 0
            or half + whole >= 1
            or method in {"ballot_polling", "batch_comparison"}
        ):
            raise Mismatch("the error rates are none, or are of no use to the method")
    if method in {"card_comparison", "stratified"}:
        _check_records(strata or [present], [b for b in boxes if b.question in questions], reads)


def _check_result(parameters: dict[str, Any], result: dict[str, Any]) -> None:
    """See that there is an outcome to audit, and that the plan says where returns are to come."""
    carried = {one["question"]: one["carried"] for one in result["questions"]}
    unknown = [name for name in parameters["questions"] if carried.get(name) is None]
    if unknown:
        raise Mismatch(f"whether {', '.join(unknown)} is carried is not known, and it is audited")
    excluded = [one for one in result["questions"] if one["exclusion"] == "excluded"]
    dependent = {name for one in excluded for name in (one["question"], one["prevails"])}
    if dependent & set(parameters["questions"]):
        raise Mismatch("a question that another excludes is not decided by its own votes alone")
    waiting = bool(result["provisional"] or result["missing"] or result["late"])
    if parameters.get("provisional", False) is not waiting:
        raise Mismatch("returns are to come, and the plan does not say so, or the other way round")


def _check_records(strata: list[list[str]], boxes: list[Box], reads: Bundles) -> None:
    recorded = recorded_boxes(reads)
    for kinds in strata:
        has = {
            (box.question, box.place) in recorded
            for box in boxes
            if box.kind in kinds and box.votes[3]
        }
        if len(has) > 1 or (len(strata) == 1 and has != {True}):
            raise Mismatch("the method needs records that are not there")


def refuse_full_count(plan: Bundle) -> None:
    """Refuse to confirm by a sample what the plan says that only a full count can show."""
    full_count = plan.document("audit_plan.json")["full_count"]
    if full_count:
        raise Mismatch(f"only a full count can show {', '.join(full_count)}, and no sample")


def is_count_complete(plan: Bundle) -> bool:
    """Whether nothing is left uncounted that could turn what was found on the paper."""
    outstanding = plan.document("audit_plan.json")["uncounted"]
    return "provisional" not in plan.manifest["parameters"] and set(outstanding.values()) <= {0}
