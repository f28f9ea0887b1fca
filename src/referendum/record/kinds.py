"""The kinds of acts: to which record each belongs, what it reads, and after what it is done again.

The table is that of the record's specification (docs/record.md, section 4).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from referendum.law import FINAL_ANSWERS
from referendum.record.acts import Act


@dataclass(frozen=True)
class Case:
    """The circumstances that decide which bundles an act reads, where its kind leaves it open.

    Attributes:
        parameters: of the act.
        further: whether an act of its kind stands, so that this is a further round.
        stands: tells whether a bundle of some kind stands.
        answers: kinds of the bundles that answer to the call for a seed which the act reads.
    """

    parameters: Mapping[str, Any]
    further: bool
    stands: Callable[[str], bool]
    answers: frozenset[str] = frozenset()


Condition = Callable[[Case], bool]


def _is_further_round(case: Case) -> bool:
    return case.further


def _has_decoys(case: Case) -> bool:
    return case.stands("decoys")


def _takes_waiting_lines(case: Case) -> bool:
    return not case.parameters.get("waits") and case.stands("lines_waiting")


def _has_measured_risk(case: Case) -> bool:
    return case.stands("risk")


def _is_by_sample(case: Case) -> bool:
    return bool(case.parameters["method"] == "sample")


def _plans_on_records(case: Case) -> bool:
    return "error_rates" in case.parameters


def _uses_single_names(case: Case) -> bool:
    return bool(case.parameters.get("single_names"))


def _uses_card_records(case: Case) -> bool:
    return bool(case.parameters.get("records"))


def _takes_called_seed(case: Case) -> bool:
    return bool(case.parameters.get("called"))


def _is_for_draw(*kinds: str) -> Condition:
    return lambda case: case.parameters["for"] in kinds


def _has_answers(kind: str) -> tuple[str, Condition]:
    return kind, lambda case: kind in case.answers


@dataclass(frozen=True)
class Kind:
    """A kind of act.

    Attributes:
        subject: the subject of the records that have it; None for either.
        reads: kinds of bundles, in order, with the condition under which each is read, if any.
        after: the kind of act after which it is done again; None where only one act stands.
        in_parts: whether acts of the kind stand side by side, each a part of the whole.
    """

    subject: Literal["petition", "vote"] | None
    reads: tuple[str | tuple[str, Condition], ...] = ()
    after: str | None = None
    in_parts: bool = False

    @property
    def conditions(self) -> dict[str, Condition | None]:
        """By kind of bundle that acts of this kind may read, the condition, if any."""
        return dict((one, None) if isinstance(one, str) else one for one in self.reads)

    def reads_in(self, case: Case) -> tuple[str, ...]:
        """Give the kinds of bundles that an act reads in a given case."""
        conditions = self.conditions.items()
        return tuple(kind for kind, holds in conditions if holds is None or holds(case))


_SAMPLE_BUNDLES = tuple((kind, _is_by_sample) for kind in ("outcomes", "draw", "checks"))

KINDS: dict[str, Kind] = {
    "record.open": Kind(None),
    "office.appoint": Kind(None, in_parts=True),
    "office.dismiss": Kind(None, in_parts=True),
    "privacy.accept": Kind(None, in_parts=True),
    "petition.issue": Kind("petition", ("statute",)),
    "roll.seal": Kind(None),
    "roll.copy": Kind(None, ("electors", ("decoys", _has_decoys)), after="roll.copy"),
    "petition.receive": Kind("petition", (("lines_waiting", _takes_waiting_lines),), in_parts=True),
    "petition.gates": Kind(
        "petition",
        ("statute", "requirement", "lines", ("electors", _uses_single_names)),
        after="petition.receive",
    ),
    "match": Kind(
        "petition", ("electors", ("decoys", _has_decoys), "lines", "gates"), after="petition.gates"
    ),
    "roll.alarm": Kind("petition", ("matches", "outcomes"), after="match"),
    "draw": Kind(
        "petition",
        (
            "statute",
            "gates",
            "outcomes",
            ("decision", _is_further_round),
            ("seed", _takes_called_seed),
        ),
        after="decide",
    ),
    "checks.receive": Kind("petition", ("draw",), in_parts=True),
    "decide": Kind("petition", ("statute", "requirement", "gates", *_SAMPLE_BUNDLES), after="draw"),
    "risk.plan": Kind("petition", ("requirement", "outcomes")),
    "risk.draw": Kind(
        "petition",
        ("outcomes", "risk_plan", ("risk", _is_further_round), ("seed", _takes_called_seed)),
        after="risk.decide",
    ),
    "risk.checks": Kind(
        "petition",
        ("outcomes", "risk_plan", "risk_draw", ("risk", _has_measured_risk)),
        in_parts=True,
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
        "vote", ("statute", "returns", "result", ("audit_cards", _plans_on_records))
    ),
    "audit.draw": Kind(
        "vote",
        (
            *("statute", "returns", "audit_plan"),
            *(
                ("audit_draw", _is_further_round),
                ("audit_risk", _is_further_round),
                ("seed", _takes_called_seed),
            ),
        ),
        after="audit.risk",
    ),
    "audit.findings": Kind("vote", ("returns", "audit_plan", "audit_draw"), in_parts=True),
    "audit.risk": Kind(
        "vote",
        (
            *("statute", "returns", ("audit_cards", _uses_card_records)),
            *("audit_plan", "audit_draw", "audit_findings"),
        ),
        after="audit.findings",
    ),
    "audit.full_count": Kind("vote", ("statute", "returns", "audit_plan")),
    "seed.call": Kind(
        None,
        (
            *(("gates", _is_for_draw("draw")), ("outcomes", _is_for_draw("draw", "risk.draw"))),
            *(("risk_plan", _is_for_draw("risk.draw")), ("audit_plan", _is_for_draw("audit.draw"))),
        ),
        in_parts=True,
    ),
    "seed.commit": Kind(None, ("seed_call",), in_parts=True),
    "seed.reveal": Kind(None, ("seed_call",), in_parts=True),
    "seed.dice": Kind(None, ("seed_call",), in_parts=True),
    "seed.close": Kind(
        None,
        ("seed_call", *map(_has_answers, ("seed_commitment", "seed_secret", "seed_dice"))),
        in_parts=True,
    ),
}


PARTS: dict[str, str | None] = {
    "lines": None, "lines_waiting": None, "checks": "draw", "risk_checks": "risk_draw",
    "returns": None, "polls": None, "audit_cards": None, "audit_findings": "audit_plan",
    **dict.fromkeys(("seed_commitment", "seed_secret", "seed_dice"), "seed_call"),
}  # fmt: skip
"""Kinds of bundles that come in parts, each with the kind of bundle that its parts answer to."""

READ_ONCE = frozenset({"lines_waiting"})
"""Kinds of bundles in parts that are read once only: what a standing act has read is left out."""

CLOSED_BY = {"petition.receive": ("draw", "risk.draw", "decide")}
"""Kinds of acts in parts, each with the kinds that end them: while one stands, no part comes."""

AFTER_NUMBERING = frozenset({"draw", "risk.draw", "decide"})
"""Kinds of acts that must wait until every line has its public number."""

CLOSED_BY_DECISION = {
    "checks.receive": ("draw", "decide"),
    "risk.checks": ("risk_draw", "risk.decide"),
}
"""Kinds of acts that answer to a bundle, each with that bundle and the kind that ends them."""

KEPT = frozenset({"decoys"})
"""Kinds of bundles of what left the office for good: the latest counts, be it that its act fell.

Who reads one does not rest on it.
"""

SHARED_BASIS = frozenset(
    {
        *("requirement", "electors", "lines", "gates", "outcomes", "matches", "risk_plan"),
        *("returns", "result", "audit_cards", "audit_plan"),
    }
)
"""Kinds of bundles of which an act, and all that it reads, must rest on the same one."""


def asks_for_more(act: Act) -> bool:
    """Whether an act, such as an open decision, asks for a further round."""
    if act.kind == "decide":
        return act.facts["decision"] not in FINAL_ANSWERS
    if act.kind == "petition.receive":
        return not act.parameters.get("waits")
    if act.kind == "risk.decide":
        return bool(act.facts["answer"] == "check_more")
    if act.kind == "audit.risk":
        return act.facts["confirmed"] is False
    return True
