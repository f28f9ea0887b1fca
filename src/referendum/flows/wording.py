"""Acts in words: one place that names every fact, for the command line and the pages."""

import textwrap
from collections.abc import Mapping
from typing import Any

from referendum.journal import Act, Written
from referendum.law import ANSWERS

ACT_TITLES: dict[str, str] = {
    "record.open": "Record opened",
    "petition.issue": "Petition issued",
    "roll.seal": "List of electors sealed",
    "petition.receive": "Petition received",
    "petition.gates": "Lines passed through the gates",
    "match": "Lines matched to the list of electors",
    "draw": "Sample drawn",
    "checks.receive": "Checks received",
    "decide": "Sufficiency decided",
    "returns.receive": "Returns received",
    "result": "Result declared",
    "polls.receive": "Polls received",
    "forecast": "Forecast made",
}
"""What each kind of act is called."""

FACT_LABELS: dict[str, str] = {
    "required": "signatures required",
    "last_day": "last day of signing",
    "electors": "electors",
    "lines": "lines",
    "sheets": "sheets",
    "standing": "lines standing",
    "rejected": "lines rejected, by gate",
    "not_applied": "gates not applied (no table of sheets)",
    "listed": "matched to an elector",
    "not_listed": "no elector found",
    "unsure": "left to people",
    "repeats": "repeats of an earlier line",
    "universe": "lines that could be drawn",
    "drawn": "lines drawn",
    "checked": "lines checked",
    "valid": "found valid",
    "invalid": "found invalid, by reason",
    "decision": "decision",
    "compared": "number held against the requirement",
    "places": "polling places that add up",
    "total": "ballots",
    "set_aside": "rows set aside",
    "faults": "faults by code",
    "yes": "yes",
    "no": "no",
    "carried": "carried",
    "polls": "rows of polls",
    "samples": "samples",
    "median": "share of yes, middle of the forecast",
    "most_votes": "chance that yes has most votes",
    "passes": "chance of passing under the vote rule",
}
"""What each fact is called."""


def act_title(act: Act) -> str:
    """Name an act for a reader."""
    return ACT_TITLES.get(act.kind, act.kind)


def fact_texts(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give each fact's label and value for a reader, in the labels' order, without empty groups."""
    return [
        (label, _text(ANSWERS.get(facts[name], "") if name == "decision" else facts[name]))
        for name, label in FACT_LABELS.items()
        if facts.get(name) not in (None, {}, [])
    ]


def act_lines(act: Act) -> list[str]:
    """Tell an act in lines of at most 80 columns: what, when, by whom, and what came of it."""
    where = f", {act.section}" if act.section else ""
    signed = _wrapped([f"{act.at}, {act.by}{where}"], 80)
    return [f"act {act.number}  {act_title(act)}", *signed, *outcome_lines(act)]


def outcome_lines(act: Act, width: int = 80) -> list[str]:
    """Tell what came of an act: its facts and its bundles."""
    facts = [f"{label}: {text}" for label, text in fact_texts(act.facts)]
    bundles = [f"{_seal(one)} bundle {one.kind}  {one.digest[:16]}…" for one in act.writes]
    return _wrapped([*facts, *bundles], width)


def _wrapped(texts: list[str], width: int) -> list[str]:
    wrap = textwrap.TextWrapper(width, initial_indent="  ", subsequent_indent="    ")
    return [line for text in texts for line in wrap.wrap(text)]


def _seal(bundle: Written) -> str:
    return "sealed" if bundle.sealed else "public"


def _text(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, dict):
        return ", ".join(
            f"{name.replace('_', ' ')} {_text(inner)}" for name, inner in value.items()
        )
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return str(value)
