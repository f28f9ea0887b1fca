"""What a page says of the audit: its claims, its rounds, and the risk against the limit."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any
from urllib.parse import quote

import polars as pl
from markupsafe import Markup

from referendum.audit import WHOLE
from referendum.audit.samples import Sample
from referendum.core.exact import percent, read_fraction
from referendum.flows.audit.boxes import PLACE
from referendum.flows.audit.differences import counted_differences, differences
from referendum.flows.audit.draw import read_draws
from referendum.flows.audit.findings import read_findings
from referendum.flows.audit.plan import Plan, inputs_of_plan
from referendum.flows.audit.records import read_records
from referendum.flows.headline import counts_against, findings_since, is_of_latest_result
from referendum.flows.wording import AUDIT_METHODS
from referendum.law import CONDITIONS, require_known
from referendum.publish.charts import Bar, bars
from referendum.publish.figures import (
    Figure,
    Words,
    count,
    document,
    mark,
    state,
    table,
    trace,
)
from referendum.publish.seeds_section import origin
from referendum.record.acts import Act
from referendum.record.reading import Record

MARKS = ("yes", "no", "blank", "missing")
REACHED_WORDS = {"true": "reached", "false": "not reached"}
MOST_LISTED = 100
"""Differences that a page lists; the findings that are published have them all."""


def audit_section(record: Record) -> dict[str, Any] | None:
    """Gather what the page of an audited vote shows; None where no audit is planned."""
    act = record.standing("audit.plan")
    if act is None:
        return None
    inputs = inputs_of_plan(record)
    plan, planned = Plan.read(inputs), document(record, inputs, "audit_plan")
    rounds = _rounds(record)
    stated = [one for one in rounds if one["risk"] is not None]
    counting = record.standing("audit.full_count")
    risks = _risks(record) if stated else {}
    found = counted_differences(record) if counting else differences(record)
    return {
        "state": _state(record, plan, planned, rounds)
        if is_of_latest_result(record) or (counting and counts_against(record))
        else "earlier",
        "counted": trace(counting.facts, f"{counting.number}/facts") if counting else None,
        "risk": stated[-1]["risk_shown"] if stated else None,
        "lack": plan.uncounted_text,
        "refuted": bool(stated) and stated[-1]["risk"] == 1,
        "limit": _limit(record, plan),
        "method": AUDIT_METHODS[plan.method],
        "counts_boxes": plan.counts_boxes,
        "stratified": plan.method == "stratified",
        "several": len(plan.questions) > 1,
        "shares": len(plan.questions) > 1 and plan.common_ballot and not plan.counts_boxes,
        "full_count": planned["full_count"],
        "settled": planned["settled"],
        "claims": [
            {
                "question": one["question"],
                "condition": CONDITIONS[one["condition"]],
                "scope": "the whole" if one["scope"] == WHOLE else one["scope"],
                "reached": state(one, "reached", REACHED_WORDS),
                "margin": _margin(one["mean"]),
                "cards": one["cards"],
                "risk": risks.get((one["question"], one["condition"], one["scope"])),
            }
            for one in planned["assertions"]
        ],
        "samples": _samples(record, plan, planned) if rounds else [],
        "with_records": plan.error_rates is not None,
        "rounds": rounds,
        "differences": found[:MOST_LISTED],
        "differing": Figure(len(found), "differing()"),
        "by_box": plan.counts_boxes or counting is not None,
        "chart": _chart(stated, plan.risk_limit, _limit(record, plan)),
    }


def audit_words(shown: Mapping[str, Any]) -> str:
    """Say in a line how an audit stands."""
    return {
        "earlier": "the audit is of an earlier result, and says nothing of this one",
        "full_count": "audit: only a full count can show it",
        "counted": "confirmed by a full count by hand",
        "overturned": "a full count by hand says otherwise",
        "counted_in_part": f"not confirmed by a full count by hand yet: {shown['lack']}",
        "uncounted": f"not confirmed by the audit yet: {shown['lack']}",
        "planned": "audit planned",
        "drawn": "audit under way",
        "findings_since": "findings came in since the audit confirmed it",
        "confirmed": f"confirmed by an audit at a risk limit of {shown['limit']}",
        "open": f"not confirmed by the audit yet (risk {shown['risk']}, limit {shown['limit']})",
    }[shown["state"]]


def _limit(record: Record, plan: Plan) -> str:
    act = require_known(record.standing("audit.plan"), "the plan")
    source = f"{act.number}/parameters/risk_limit"
    return mark(source, act.parameters["risk_limit"], percent(plan.risk_limit, 1))


def _margin(mean: Words) -> str:
    """Print the diluted margin of a claim, v = 2 mean - 1."""
    margin = 2 * read_fraction(mean) - 1
    return mark(f"margin({mean.source})", margin, percent(margin, 2))


def _state(
    record: Record, plan: Plan, document: Mapping[str, Any], rounds: list[dict[str, Any]]
) -> str:
    if counting := record.standing("audit.full_count"):
        return _state_counted(record, counting)
    if document["full_count"]:
        return "full_count"
    if not rounds:
        return "planned"
    last = rounds[-1]
    if last["risk"] is None:
        return "drawn"
    if last["confirmed"]:
        return "findings_since" if findings_since(record) else "confirmed"
    return "uncounted" if last["risk"] <= plan.risk_limit else "open"


def _state_counted(record: Record, counting: Act) -> str:
    if counting.facts["confirmed"]:
        return "counted"
    return "overturned" if counts_against(record) else "counted_in_part"


def _rounds(record: Record) -> list[dict[str, Any]]:
    """Give the rounds that stand: seed, what was drawn and examined, and the risk that was left."""
    fallen = record.fallen_acts()
    by_kind: dict[str, dict[int, Any]] = {}
    examined: dict[int, int] = {}
    for act in record.acts:
        if act.number not in fallen and act.kind.startswith("audit.") and "round" in act.facts:
            number = act.facts["round"]
            by_kind.setdefault(act.kind, {})[number] = act
            if act.kind == "audit.findings":
                found = Figure(act.facts["examined"], f"{act.number}/facts/examined")
                examined[number] = examined[number] + found if number in examined else found
    return [
        {
            "round": number,
            "shown": Figure(number, f"{drawing.number}/facts/round"),
            "day": mark(f"{drawing.number}/at", drawing.at, drawing.at[:10]),
            "seed": trace(drawing.parameters["seed"], f"{drawing.number}/parameters/seed"),
            "seed_origin": origin(record, drawing.parameters["seed"]),
            "drawn": Figure(drawing.facts["drawn"], f"{drawing.number}/facts/drawn"),
            "examined": examined.get(number),
            "risk": Fraction(stated.facts["risk"]) if stated else None,
            "risk_shown": _risk_text(Words(stated.facts["risk"], f"{stated.number}/facts/risk"))
            if stated
            else "",
            "confirmed": bool(stated and stated.facts["confirmed"]),
        }
        for number, drawing in sorted(by_kind.get("audit.draw", {}).items())
        for stated in [by_kind.get("audit.risk", {}).get(number)]
    ]


def _risks(record: Record) -> dict[tuple[str, str, str], str]:
    return {
        (one["question"], one["condition"], one["scope"]): _risk_text(one["risk"])
        for one in document(record, record.inputs(("audit_risk",)), "audit_risk")["assertions"]
    }


def _samples(record: Record, plan: Plan, planned: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give each sample: what it is drawn from, how much was drawn, and what that shows."""
    drawing = record.inputs(("audit_draw",))
    draws, listed = read_draws(drawing), table(record, drawing, "audit_draw", "draws.csv")
    if record.standing("audit.findings") is None:
        findings = None
    else:
        findings = read_findings(inputs_of_plan(record, "audit_findings"), plan)
    records = (
        read_records(record.inputs(("audit_cards",))) if plan.error_rates is not None else None
    )
    planned_by_name = {one["name"]: one for one in planned["samples"]}
    return [
        {
            "name": "the whole" if one.name == WHOLE else planned_by_name[one.name]["name"],
            "cards": planned_by_name[one.name]["cards"],
            **_count_marks(
                plan, one, draws.filter(pl.col("sample") == one.name), findings, records
            ),
            "drawn": count(listed, sample=one.name),
        }
        for one in plan.samples
    ]


def _count_marks(
    plan: Plan,
    sample: Sample,
    drawn: pl.DataFrame,
    findings: pl.DataFrame | None,
    records: pl.DataFrame | None,
) -> dict[str, Any]:
    """Count what was drawn for a sample by what it shows, and where the record says otherwise."""
    if plan.counts_boxes or findings is None:
        return {"marks": None, "differ": None}
    of_first_question = pl.col("question") == sample.questions[0]
    key = [*PLACE, "card"]
    seen = drawn.join(findings.filter(of_first_question), on=key, how="inner")
    counts = dict(seen.group_by("mark").len().iter_rows())
    differ = None
    if records is not None:
        beside = seen.join(records.filter(of_first_question), on=key, how="inner", suffix="_read")
        differ = beside.filter(pl.col("mark") != pl.col("mark_read")).height
    return {
        "marks": {name: _count_figure(sample, name, counts.get(name, 0)) for name in MARKS},
        "differ": None if differ is None else _count_figure(sample, "differ", differ),
    }


def _count_figure(sample: Sample, name: str, number: int) -> Figure:
    return Figure(number, f"seen({quote(sample.name, safe='')},{name})")


def _chart(rounds: list[dict[str, Any]], limit: Fraction, shown: str) -> Markup | str:
    """Draw the risk after each round against the limit."""
    if not rounds:
        return ""
    rows = [
        Bar(
            f"round {one['shown']}",
            one["risk"],
            one["risk_shown"],
            "bar" if one["confirmed"] else "bar short",
        )
        for one in rounds
    ]
    title = "Risk that is left after each round, against the risk limit; numbers in the table"
    return bars(title, rows, limit, f"risk limit {shown}")


def _risk_text(risk: Words) -> str:
    """Print a risk, which is a bound, in per cent."""
    least, exact = Fraction(1, 100_000), Fraction(risk)
    text = f"less than {percent(least, 3)}" if exact < least else percent(exact, 2)
    return mark(risk.source, risk, text)
