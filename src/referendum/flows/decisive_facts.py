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
    held,
)
from referendum.law import ANSWERS
from referendum.record.acts import Act

Said = Mapping[str, Any]


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


def _opening(said: Said, _: Said) -> str:
    officers = len(said["officers"])
    return quantity(officers, "officer") if officers else "no officers"


def _received(said: Said, facts: Said) -> str:
    waits = ", which wait for their numbers" if said.get("waits") else ""
    return f"{quantity(facts['lines'], 'line')}{waits}"


def _matched(_: Said, facts: Said) -> str:
    return (
        f"{facts['listed']:,} listed, {facts['not_listed']:,} not listed,"
        f" {facts['unsure']:,} unsure, {facts['repeats']:,} repeats"
    )


def _decided(_: Said, facts: Said) -> str:
    needed = f"{held(facts['compared'])} against {facts['required']:,} required"
    return f"{ANSWERS[facts['decision']]}; {needed}"


def _declared(_: Said, facts: Said) -> str:
    if isinstance(facts["carried"], dict):
        return ", ".join(
            f"{name}: {OUTCOMES[carried]} ({facts['yes'][name]:,} to {facts['no'][name]:,})"
            for name, carried in facts["carried"].items()
        )
    return f"{OUTCOMES[facts['carried']]}; {facts['yes']:,} yes, {facts['no']:,} no"


def _forecast(said: Said, facts: Said) -> str:
    return f"as of {said['as_of']}: yes {_percent(facts['median'], 1)} in the middle"


def _planned(said: Said, facts: Said) -> str:
    method = said["method"].replace("_", " ").replace("oneaudit", "ONEAudit")
    whole = "; only a full count can show it" if facts["full_count"] else ""
    return f"{method}, risk limit {_percent(said['risk_limit'], 1)}{whole}"


def _risk(_: Said, facts: Said) -> str:
    confirmed = "confirmed" if facts["confirmed"] else "not confirmed"
    return f"round {facts['round']}: risk {_percent(facts['risk'], 2)}, {confirmed}"


def _counted(_: Said, facts: Said) -> str:
    confirmed = "outcome confirmed" if facts["confirmed"] else "outcome not confirmed"
    return f"{facts['differ']:,} of {facts['counted']:,} boxes differ; {confirmed}"


def _called(said: Said, _: Said) -> str:
    makers = ", ".join([*said["parties"], *(["dice"] if said["dice"] else [])])
    return f"for {DRAW_WORDS[said['for']]}, by {makers}; until {said['until']}"


def _made(_: Said, facts: Said) -> str:
    lacking = [*facts["withheld"], *facts["absent"]]
    without = f"; without {', '.join(lacking)}" if lacking else ""
    return f"{quantity(len(facts['revealed']), 'secret')} revealed{without}"


_PHRASES: Mapping[str, Callable[[Said, Said], str]] = {
    "record.open": _opening,
    "office.appoint": lambda said, _: f"{said['name']}, {said['role']}",
    "office.dismiss": lambda said, _: f"{said['name']}, because: {said['cause']}",
    "privacy.accept": lambda said, _: (
        f"{quantity(len(said['findings']), 'finding')}, because: {said['cause']}"
    ),
    "petition.issue": lambda _, facts: (
        f"{facts['required']:,} signatures required, to be signed by {facts['last_day']}"
    ),
    "roll.seal": lambda _, facts: quantity(facts["electors"], "elector"),
    "roll.copy": lambda said, facts: f"copy {facts['copy']}, for {said['for']}",
    "roll.alarm": lambda _, facts: quantity(facts["lines"], "line"),
    "petition.receive": _received,
    "petition.gates": lambda _, facts: f"{facts['standing']:,} of {facts['lines']:,} stand",
    "match": _matched,
    "draw": lambda _, facts: f"{facts['drawn']:,} of {facts['universe']:,} lines",
    "checks.receive": lambda _, facts: f"{facts['valid']:,} of {facts['checked']:,} valid",
    "decide": _decided,
    "risk.plan": lambda said, _: (
        f"risk limits {_percent(said['alpha'], 1)} and {_percent(said['beta'], 1)}"
    ),
    "risk.draw": lambda said, facts: f"round {said['round']}: {facts['drawn']:,} lines",
    "risk.checks": lambda _, facts: f"{facts['valid']:,} of {facts['checked']:,} valid",
    "risk.decide": lambda _, facts: RISK_ANSWERS[facts["answer"]],
    "returns.receive": lambda _, facts: (
        f"{quantity(facts['places'], 'place')}, {quantity(facts['total'], 'ballot')}"
    ),
    "result": _declared,
    "polls.receive": lambda _, facts: (
        f"{quantity(facts['polls'], 'row')} of {quantity(facts['samples'], 'sample')}"
    ),
    "forecast": _forecast,
    "audit.cards": lambda _, facts: quantity(facts["cards"], "record"),
    "audit.plan": _planned,
    "audit.draw": lambda _, facts: f"round {facts['round']}: {facts['drawn']:,} drawn",
    "audit.findings": lambda _, facts: f"round {facts['round']}: {facts['examined']:,} examined",
    "audit.risk": _risk,
    "audit.full_count": _counted,
    "seed.call": _called,
    "seed.commit": lambda said, _: said["party"],
    "seed.reveal": lambda said, _: said["party"],
    "seed.dice": lambda said, _: f"{said['digits']}, rolled by {said['by']}",
    "seed.close": _made,
}  # fmt: skip
