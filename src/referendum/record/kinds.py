"""The kinds of acts: on whose record each has its place, what it reads, and what it goes on after.

The table is that of the record's specification (docs/record.md, section 4).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from referendum.law import FINAL_ANSWERS
from referendum.record.acts import Act


@dataclass(frozen=True)
class Case:
    """What decides whether an act reads a bundle of a kind that not every act of its kind reads.

    Attributes:
        parameters: of the act.
        further: whether an act of its kind stands already, and this is a further round.
        stands: whether a bundle of a kind stands.
        answers: kinds of bundles that answer to the call for a seed that the act reads.
    """

    parameters: Mapping[str, Any]
    further: bool
    stands: Callable[[str], bool]
    answers: frozenset[str] = frozenset()


Condition = Callable[[Case], bool]


def _further(case: Case) -> bool:
    return case.further


def _decoys(case: Case) -> bool:
    return case.stands("decoys")


def _taking_up(case: Case) -> bool:
    return not case.parameters.get("waits") and case.stands("lines_waiting")


def _measured(case: Case) -> bool:
    return case.stands("risk")


def _by_sample(case: Case) -> bool:
    return bool(case.parameters["method"] == "sample")


def _planned_on_records(case: Case) -> bool:
    return "error_rates" in case.parameters


def _with_single_names(case: Case) -> bool:
    return bool(case.parameters.get("single_names"))


def _with_records(case: Case) -> bool:
    return bool(case.parameters.get("records"))


def _called(case: Case) -> bool:
    return bool(case.parameters.get("called"))


def _to_draw(*kinds: str) -> Condition:
    return lambda case: case.parameters["for"] in kinds


def _answered(kind: str) -> tuple[str, Condition]:
    return kind, lambda case: kind in case.answers


@dataclass(frozen=True)
class Kind:
    """A kind of act.

    Attributes:
        subject: whose record it belongs to; None for either.
        reads: kinds of bundles, in their order, each with its condition where it has one.
        after: the kind after which it is done again; None where only one act stands.
        in_parts: whether acts of the kind stand side by side, each a part of the whole.
    """

    subject: Literal["petition", "vote"] | None
    reads: tuple[str | tuple[str, Condition], ...] = ()
    after: str | None = None
    in_parts: bool = False

    @property
    def conditions(self) -> dict[str, Condition | None]:
        """The condition of each kind of bundle that acts of the kind read, or may read."""
        return dict((one, None) if isinstance(one, str) else one for one in self.reads)

    def reads_in(self, case: Case) -> tuple[str, ...]:
        """Name the kinds of bundles that an act reads."""
        conditions = self.conditions.items()
        return tuple(kind for kind, holds in conditions if holds is None or holds(case))


_SAMPLED = tuple((kind, _by_sample) for kind in ("outcomes", "draw", "checks"))

KINDS: dict[str, Kind] = {
    "record.open": Kind(None),
    "office.appoint": Kind(None, in_parts=True),
    "office.dismiss": Kind(None, in_parts=True),
    "petition.issue": Kind("petition", ("statute",)),
    "roll.seal": Kind(None),
    "roll.copy": Kind(None, ("electors", ("decoys", _decoys)), after="roll.copy"),
    "petition.receive": Kind("petition", (("lines_waiting", _taking_up),), in_parts=True),
    "petition.gates": Kind(
        "petition",
        ("statute", "requirement", "lines", ("electors", _with_single_names)),
        after="petition.receive",
    ),
    "match": Kind(
        "petition", ("electors", ("decoys", _decoys), "lines", "gates"), after="petition.gates"
    ),
    "roll.alarm": Kind("petition", ("matches", "outcomes"), after="match"),
    "draw": Kind(
        "petition",
        ("statute", "gates", "outcomes", ("decision", _further), ("seed", _called)),
        after="decide",
    ),
    "checks.receive": Kind("petition", ("draw",), in_parts=True),
    "decide": Kind("petition", ("statute", "requirement", "gates", *_SAMPLED), after="draw"),
    "risk.plan": Kind("petition", ("requirement", "outcomes")),
    "risk.draw": Kind(
        "petition",
        ("outcomes", "risk_plan", ("risk", _further), ("seed", _called)),
        after="risk.decide",
    ),
    "risk.checks": Kind(
        "petition", ("outcomes", "risk_plan", "risk_draw", ("risk", _measured)), in_parts=True
    ),
    "risk.decide": Kind(
        "petition", ("outcomes", "risk_plan", "risk_draw", "risk_checks"), after="risk.draw"
    ),
    "returns.receive": Kind("vote", in_parts=True),
    "result": Kind("vote", ("statute", "returns"), after="returns.receive"),
    "polls.receive": Kind("vote", in_parts=True),
    "forecast": Kind("vote", ("statute", "polls"), after="polls.receive"),
    "audit.cards": Kind("vote", ("returns",), in_parts=True),
    "audit.plan": Kind(
        "vote", ("statute", "returns", "result", ("audit_cards", _planned_on_records))
    ),
    "audit.draw": Kind(
        "vote",
        (
            *("statute", "returns", "audit_plan"),
            *(("audit_draw", _further), ("audit_risk", _further), ("seed", _called)),
        ),
        after="audit.risk",
    ),
    "audit.findings": Kind("vote", ("returns", "audit_plan", "audit_draw"), in_parts=True),
    "audit.risk": Kind(
        "vote",
        (
            *("statute", "returns", ("audit_cards", _with_records)),
            *("audit_plan", "audit_draw", "audit_findings"),
        ),
        after="audit.findings",
    ),
    "audit.full_count": Kind("vote", ("statute", "returns", "audit_plan")),
    "seed.call": Kind(
        None,
        (
            *(("gates", _to_draw("draw")), ("outcomes", _to_draw("draw", "risk.draw"))),
            *(("risk_plan", _to_draw("risk.draw")), ("audit_plan", _to_draw("audit.draw"))),
        ),
        in_parts=True,
    ),
    "seed.commit": Kind(None, ("seed_call",), in_parts=True),
    "seed.reveal": Kind(None, ("seed_call",), in_parts=True),
    "seed.dice": Kind(None, ("seed_call",), in_parts=True),
    "seed.close": Kind(
        None,
        ("seed_call", *map(_answered, ("seed_commitment", "seed_secret", "seed_dice"))),
        in_parts=True,
    ),
}


PARTS: dict[str, str | None] = {
    "lines": None, "lines_waiting": None, "checks": "draw", "risk_checks": "risk_draw",
    "returns": None, "polls": None, "audit_cards": None, "audit_findings": "audit_plan",
    **dict.fromkeys(("seed_commitment", "seed_secret", "seed_dice"), "seed_call"),
}  # fmt: skip
"""Kinds of bundles that come in parts, each with the kind that its parts answer to, if any."""

TAKEN_UP = frozenset({"lines_waiting"})
"""Kinds of bundles in parts that are read once: what a standing act has read is left out."""

CLOSED_BY = {"petition.receive": ("draw", "risk.draw", "decide")}
"""Kinds in parts of which no more come while an act of another kind stands."""

ONLY_NUMBERED = frozenset({"draw", "risk.draw", "decide"})
"""Kinds that wait until every line that came has its number."""

ANSWERED = {"checks.receive": ("draw", "decide"), "risk.checks": ("risk_draw", "risk.decide")}
"""Kinds that answer to a bundle, each with that and the act after which no more come for it."""

COHERENT = frozenset(
    {
        *("requirement", "electors", "lines", "gates", "outcomes", "matches", "risk_plan"),
        *("returns", "result", "audit_cards", "audit_plan"),
    }
)
"""Kinds of bundles of which an act, and all that it reads, rests on one and the same."""


def leaves_open(act: Act) -> bool:
    """Whether an act asks for a further round of what goes on after it."""
    if act.kind == "decide":
        return act.facts["decision"] not in FINAL_ANSWERS
    if act.kind == "petition.receive":
        return not act.parameters.get("waits")
    if act.kind == "risk.decide":
        return bool(act.facts["answer"] == "check_more")
    if act.kind == "audit.risk":
        return act.facts["confirmed"] is False
    return True
