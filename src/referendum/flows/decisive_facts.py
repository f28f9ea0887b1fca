"""The facts of an act that decide, in a short phrase: for lists in which acts are looked over."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from referendum.core.exact import percent
from referendum.core.printing import quantity
from referendum.flows.count.outcome import OUTCOMES
from referendum.flows.wording import (
    DRAW_WORDS,
    RISK_ANSWERS,
    compared_words,
)
from referendum.law import ANSWERS
from referendum.record.acts import Act

Members = Mapping[str, Any]


def decisive_facts(act: Act) -> str:
    """Say in a phrase what an act says that decides; empty where its title says it all."""
    phrase = _PHRASES.get(act.kind)
    return phrase(act.parameters, act.facts) if phrase else ""


def answer_words(act: Act) -> str:
    """Give the answer of a decision or a result, question by question where there are several."""
    if act.kind == "decide":
        return ANSWERS[act.facts["decision"]]
    carried = act.facts["carried"]
    if not isinstance(carried, dict):
        return OUTCOMES[carried]
    return ", ".join(f"{name}: {OUTCOMES[one]}" for name, one in carried.items())


def _percent(share: str, places: int) -> str:
    return percent(Fraction(share), places)


def _opening_phrase(parameters: Members, _: Members) -> str:
    officers = len(parameters["officers"])
    return quantity(officers, "officer") if officers else "no officers"


def _received_phrase(parameters: Members, facts: Members) -> str:
    waits = ", which wait for their numbers" if parameters.get("waits") else ""
    return f"{quantity(facts['lines'], 'line')}{waits}"


def _matching_phrase(_: Members, facts: Members) -> str:
    return (
        f"{facts['listed']:,} listed, {facts['not_listed']:,} not listed,"
        f" {facts['unsure']:,} unsure, {facts['repeats']:,} repeats"
    )


def _decision_phrase(_: Members, facts: Members) -> str:
    needed = f"{compared_words(facts['compared'])} against {facts['required']:,} required"
    return f"{ANSWERS[facts['decision']]}; {needed}"


def _result_phrase(_: Members, facts: Members) -> str:
    if isinstance(facts["carried"], dict):
        return ", ".join(
            f"{name}: {OUTCOMES[carried]} ({facts['yes'][name]:,} to {facts['no'][name]:,})"
            for name, carried in facts["carried"].items()
        )
    return f"{OUTCOMES[facts['carried']]}; {facts['yes']:,} yes, {facts['no']:,} no"


def _forecast_phrase(parameters: Members, facts: Members) -> str:
    return f"as of {parameters['as_of']}: yes {_percent(facts['median'], 1)} in the middle"


def _plan_phrase(parameters: Members, facts: Members) -> str:
    method = parameters["method"].replace("_", " ").replace("oneaudit", "ONEAudit")
    whole = "; only a full count can show it" if facts["full_count"] else ""
    return f"{method}, risk limit {_percent(parameters['risk_limit'], 1)}{whole}"


def _risk_phrase(_: Members, facts: Members) -> str:
    confirmed = "confirmed" if facts["confirmed"] else "not confirmed"
    return f"round {facts['round']}: risk {_percent(facts['risk'], 2)}, {confirmed}"


def _full_count_phrase(_: Members, facts: Members) -> str:
    confirmed = "outcome confirmed" if facts["confirmed"] else "outcome not confirmed"
    return f"{facts['differ']:,} of {facts['counted']:,} boxes differ; {confirmed}"


def _call_phrase(parameters: Members, _: Members) -> str:
    makers = ", ".join([*parameters["parties"], *(["dice"] if parameters["dice"] else [])])
    return f"for {DRAW_WORDS[parameters['for']]}, by {makers}; until {parameters['until']}"


def _seed_phrase(_: Members, facts: Members) -> str:
    lacking = [*facts["withheld"], *facts["absent"]]
    without = f"; without {', '.join(lacking)}" if lacking else ""
    return f"{quantity(len(facts['revealed']), 'secret')} revealed{without}"


_PHRASES: Mapping[str, Callable[[Members, Members], str]] = {
    "record.open": _opening_phrase,
    "office.appoint": lambda parameters, _: f"{parameters['name']}, {parameters['role']}",
    "office.dismiss": lambda parameters, _: f"{parameters['name']}, because: {parameters['cause']}",
    "privacy.accept": lambda parameters, _: (
        f"{quantity(len(parameters['findings']), 'finding')}, because: {parameters['cause']}"
    ),
    "petition.issue": lambda _, facts: (
        f"{facts['required']:,} signatures required, to be signed by {facts['last_day']}"
    ),
    "roll.seal": lambda _, facts: quantity(facts["electors"], "elector"),
    "roll.copy": lambda parameters, facts: f"copy {facts['copy']}, for {parameters['for']}",
    "roll.alarm": lambda _, facts: quantity(facts["lines"], "line"),
    "petition.receive": _received_phrase,
    "petition.gates": lambda _, facts: f"{facts['standing']:,} of {facts['lines']:,} stand",
    "match": _matching_phrase,
    "draw": lambda _, facts: f"{facts['drawn']:,} of {facts['universe']:,} lines",
    "checks.receive": lambda _, facts: f"{facts['valid']:,} of {facts['checked']:,} valid",
    "decide": _decision_phrase,
    "risk.plan": lambda parameters, _: (
        f"risk limits {_percent(parameters['alpha'], 1)} and {_percent(parameters['beta'], 1)}"
    ),
    "risk.draw": lambda parameters, facts: f"round {parameters['round']}: {facts['drawn']:,} lines",
    "risk.checks": lambda _, facts: f"{facts['valid']:,} of {facts['checked']:,} valid",
    "risk.decide": lambda _, facts: RISK_ANSWERS[facts["answer"]],
    "returns.receive": lambda _, facts: (
        f"{quantity(facts['places'], 'place')}, {quantity(facts['total'], 'ballot')}"
    ),
    "result": _result_phrase,
    "polls.receive": lambda _, facts: (
        f"{quantity(facts['polls'], 'row')} of {quantity(facts['samples'], 'sample')}"
    ),
    "forecast": _forecast_phrase,
    "audit.cards": lambda _, facts: quantity(facts["cards"], "record"),
    "audit.plan": _plan_phrase,
    "audit.draw": lambda _, facts: f"round {facts['round']}: {facts['drawn']:,} drawn",
    "audit.findings": lambda _, facts: f"round {facts['round']}: {facts['examined']:,} examined",
    "audit.risk": _risk_phrase,
    "audit.full_count": _full_count_phrase,
    "seed.call": _call_phrase,
    "seed.commit": lambda parameters, _: parameters["party"],
    "seed.reveal": lambda parameters, _: parameters["party"],
    "seed.dice": lambda parameters, _: f"{parameters['digits']}, rolled by {parameters['by']}",
    "seed.close": _seed_phrase,
}  # fmt: skip
