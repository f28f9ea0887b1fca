"""The headline of a record: what stands, in a word or two (docs/record.md, section 15)."""

from collections.abc import Mapping, Sequence
from typing import Any

from referendum.flows.count.outcome import OUTCOMES, outcome_word
from referendum.law import FINAL_ANSWERS
from referendum.record.acts import Act
from referendum.record.reading import Inputs, Record


def headline(record: Record) -> str:
    """Say in a word or two what stands on a record."""
    if decision := record.standing("decide"):
        answer = str(decision.facts["decision"])
        return answer.capitalize() if answer in FINAL_ANSWERS else "Not decided yet"
    kinds = {act.kind for act in record.acts}
    if "decide" in kinds:
        return "Not decided: an answer was withdrawn"
    if record.standing("result"):
        recount = ", and a recount is open" if districts_to_recount(record) else ""
        return reason_unsettled(record) or f"{_outcome(questions_of_result(record))}{recount}"
    if "result" in kinds:
        return "Not settled: put right after a result was declared"
    return "In progress"


def reason_unsettled(record: Record) -> str:
    """Say why the result that stands settles nothing; empty where it does, or none stands."""
    if returns_since(record):
        return "Not settled: returns came in since the result"
    if counts_against(record):
        return "Not settled: a count by hand says otherwise"
    count = record.standing("audit.full_count")
    if count and not count.facts["confirmed"] and is_of_latest_result(record):
        return "Not settled: ballots are not counted yet"
    if findings_since(record):
        return "Not settled: findings came in since the audit confirmed the result"
    return ""


def counts_against(record: Record) -> list[Act]:
    """Give the counts by hand that say otherwise than was reported, and were not answered.

    A count is answered where it, or returns that it read, are put right, or a later one of all its
    questions confirms the result. A plan or a result that is put right answers none.
    """
    counts = [act for act in record.acts if act.kind == "audit.full_count"]
    questions = {act.number: questions_counted(record, act) for act in counts}
    confirming = [
        act for act in counts if act.facts["confirmed"] and act.number not in record.causes()
    ]
    return [
        act
        for act in counts
        if any(one["carried"] != one["reported"] for one in questions[act.number].values())
        and not _was_put_right(record, act)
        and not any(
            later.number > act.number
            and questions[act.number].keys() <= questions[later.number].keys()
            for later in confirming
        )
    ]


def _was_put_right(record: Record, count: Act) -> bool:
    """Whether a count by hand, or returns that it read, were put right."""
    read = record.standings.read_by(count)["returns"]
    if any(act.number in record.causes() for act in record.standings.writers({"returns": read})):
        return True
    return any(act.corrects == count.number for act in record.acts)


def questions_counted(record: Record, count: Act) -> Mapping[str, Any]:
    """Give what a count by hand says of each question."""
    inputs = Inputs(record.bundles, {"audit_full_count": tuple(count.writes)})
    questions: dict[str, Any] = inputs.document("audit_full_count")["questions"]
    return questions


def findings_since(record: Record) -> list[Act]:
    """Give the acts by which findings came in after the risk that confirms the result."""
    risk = record.standing("audit.risk")
    if risk is None or not risk.facts["confirmed"] or not is_of_latest_result(record):
        return []
    if record.standing("audit.full_count"):
        return []
    bundles_read = {one.digest for one in record.standings.read_by(risk)["audit_findings"]}
    parts = record.standings.all_of("audit.findings")
    return [act for act in parts if act.writes[0].digest not in bundles_read]


def districts_to_recount(record: Record) -> int:
    """Count the districts, question by question, whose recount under the rule is open."""
    result, count = record.standing("result"), record.standing("audit.full_count")
    if result is None or result.parameters.get("recounted"):
        return 0
    if count and count.facts["confirmed"] and is_of_latest_result(record):
        return 0
    return sum(one["recounts"] or 0 for one in questions_of_result(record))


def returns_since(record: Record) -> list[Act]:
    """Give the acts by which returns came in after the result that stands."""
    result = record.standing("result")
    if result is None:
        return []
    bundles_read = {one.digest for one in record.standings.read_by(result)["returns"]}
    parts = record.standings.all_of("returns.receive")
    return [act for act in parts if act.writes[0].digest not in bundles_read]


def is_of_latest_result(record: Record) -> bool:
    """Whether the plan that stands is of the result that stands, and not of an earlier one."""
    plan, result = record.standing("audit.plan"), record.standing("result")
    if plan is None or result is None:
        return False
    return record.standings.read_by(plan)["result"] == tuple(result.writes)


def questions_of_result(record: Record) -> Sequence[Mapping[str, Any]]:
    """Read the questions of the result that stands."""
    questions: list[dict[str, Any]] = record.inputs(("result",)).document("result")["questions"]
    return questions


def _outcome(questions: Sequence[Mapping[str, Any]]) -> str:
    if len(questions) > 1:
        return _outcome_of_several(questions)
    (one,) = questions
    so_far = "" if one["so_far"] is None else f", {OUTCOMES[one['so_far']]} so far"
    return f"{outcome_word(one).capitalize()}{so_far if one['carried'] is None else ''}"


def _outcome_of_several(questions: Sequence[Mapping[str, Any]]) -> str:
    proposals = [one for one in questions if one["exclusion"] != "tie_break"]
    carried = sum(one["carried"] is True for one in proposals)
    open_ = sum(one["carried"] is None for one in proposals)
    words = f"{carried} of {len(proposals)} questions carried"
    return f"{words}, {open_} not known yet" if open_ else words
