"""The headline of a record, and `data.json`, worked out from its acts (section 15)."""

from typing import Any

from referendum.verify.bundles import Bundles
from referendum.verify.chain import Chain
from referendum.verify.kinds import Act

FORMAT = "referendum-page/1"

DECIDED = {"sufficient": "Sufficient", "insufficient": "Insufficient"}
CARRIED = {True: "carried", False: "not carried", None: "not known yet"}


def page_data(chain: Chain, bundles: Bundles) -> dict[str, Any]:
    """Give what `data.json` must be."""
    opening, fallen = chain.acts[0]["parameters"], chain.fallen_acts()
    members = ("number", "kind", "at", "recorded", "facts")
    return {
        "format": FORMAT,
        **{name: opening[name] for name in ("title", "question", "subject", "made_up")},
        "state": headline(chain, bundles),
        "updated": chain.acts[-1]["recorded"],
        "acts": [
            {**{name: act[name] for name in members}, "stands": act["number"] not in fallen}
            for act in chain.acts
        ],
    }


def headline(chain: Chain, bundles: Bundles) -> str:
    """Say in words what stands."""
    if decision := chain.standing_act("decide"):
        return DECIDED.get(decision["facts"]["decision"], "Not decided yet")
    kinds = {act["kind"] for act in chain.acts}
    if "decide" in kinds:
        return "Not decided: an answer was withdrawn"
    if result := chain.standing_act("result"):
        if returns_since(chain, result):
            return "Not settled: returns came in since the result"
        recount = ", and a recount is open" if districts_to_recount(chain, bundles) else ""
        return _reason_unsettled(chain, bundles) or f"{_outcome(result, bundles)}{recount}"
    return (
        "Not settled: put right after a result was declared" if "result" in kinds else "In progress"
    )


def returns_since(chain: Chain, result: Act) -> list[Act]:
    """Give the acts by which returns came in after a result that stands."""
    bundles_read = set(chain.read_by(result["number"]).get("returns", []))
    parts = chain.standing_acts("returns.receive")
    return [
        one for one in parts if not bundles_read & {bundle["digest"] for bundle in one["writes"]}
    ]


def is_audited(chain: Chain) -> bool:
    """Whether the audit that stands, if there is one, is of the result that stands."""
    plan, result = chain.standing_act("audit.plan"), chain.standing_act("result")
    if plan is None or result is None:
        return False
    own = [one["digest"] for one in result["writes"]]
    return chain.read_by(plan["number"]).get("result") == own


def counts_against(chain: Chain, bundles: Bundles) -> list[Act]:
    """Give the counts by hand that say otherwise than was reported, and were not answered.

    A plan or a result that is put right answers no count: the paper stays what it is.
    """
    counts = [act for act in chain.acts if act["kind"] == "audit.full_count"]
    questions = {act["number"]: _counted(act, bundles) for act in counts}
    return [
        act
        for act in counts
        if any(one["carried"] != one["reported"] for one in questions[act["number"]].values())
        and not _was_put_right(chain, act)
        and not any(
            later["number"] > act["number"]
            and later["number"] not in chain.fallen_acts()
            and later["facts"]["confirmed"]
            and questions[act["number"]].keys() <= questions[later["number"]].keys()
            for later in counts
        )
    ]


def _was_put_right(chain: Chain, count: Act) -> bool:
    """Whether a count by hand, or returns that it read, were put right."""
    returns = chain.read_by(count["number"]).get("returns", [])
    if any(chain.written[one].act in chain.fallen_acts() for one in returns):
        return True
    return any(act["corrects"] == count["number"] for act in chain.acts)


def _counted(count: Act, bundles: Bundles) -> dict[str, Any]:
    document = bundles[count["writes"][0]["digest"]].document("audit_full_count.json")
    questions: dict[str, Any] = document["questions"]
    return questions


def findings_since(chain: Chain) -> list[Act]:
    """Give the acts by which findings came in after the risk that confirms the result."""
    risk = chain.standing_act("audit.risk")
    if risk is None or not risk["facts"]["confirmed"] or not is_audited(chain):
        return []
    if chain.standing_act("audit.full_count"):
        return []
    had = set(chain.read_by(risk["number"]).get("audit_findings", []))
    parts = chain.standing_acts("audit.findings")
    return [one for one in parts if not had & {bundle["digest"] for bundle in one["writes"]}]


def _reason_unsettled(chain: Chain, bundles: Bundles) -> str:
    """Say why what was found on the paper leaves a result open; empty where it does not."""
    if counts_against(chain, bundles):
        return "Not settled: a count by hand says otherwise"
    count = chain.standing_act("audit.full_count")
    if count and not count["facts"]["confirmed"] and is_audited(chain):
        return "Not settled: ballots are not counted yet"
    if findings_since(chain):
        return "Not settled: findings came in since the audit confirmed the result"
    return ""


def districts_to_recount(chain: Chain, bundles: Bundles) -> int:
    """Count the districts, question by question, whose recount under the rule is open."""
    result, count = chain.standing_act("result"), chain.standing_act("audit.full_count")
    if result is None or "recounted" in result["parameters"]:
        return 0
    if count and count["facts"]["confirmed"] and is_audited(chain):
        return 0
    return sum(one["recounts"] or 0 for one in _questions(result, bundles))


def _questions(result: Act, bundles: Bundles) -> list[dict[str, Any]]:
    digest = next(one["digest"] for one in result["writes"] if one["kind"] == "result")
    questions: list[dict[str, Any]] = bundles[digest].document("result.json")["questions"]
    return questions


def _outcome(result: Act, bundles: Bundles) -> str:
    questions = _questions(result, bundles)
    if len(questions) > 1:
        return _outcome_of_several(questions)
    (one,) = questions
    if one["exclusion"] == "tie_break":
        return "Decides between others"
    so_far = one["carried"] is None and one["so_far"] is not None
    return CARRIED[one["carried"]].capitalize() + (
        f", {CARRIED[one['so_far']]} so far" if so_far else ""
    )


def _outcome_of_several(questions: list[dict[str, Any]]) -> str:
    proposals = [one for one in questions if one["exclusion"] != "tie_break"]
    carried = sum(one["carried"] is True for one in proposals)
    left = sum(one["carried"] is None for one in proposals)
    words = f"{carried} of {len(proposals)} questions carried"
    return f"{words}, {left} not known yet" if left else words
