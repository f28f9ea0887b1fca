"""What an act of each kind reads, writes and goes on after: the table of the specification."""

from dataclasses import dataclass
from typing import Any

Act = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """A kind of act.

    Attributes:
        nature: `received` or `derived`.
        subject: whose record it belongs to: `petition`, `vote`, or "" for either.
        reads: kinds of bundles. One with a `+` is read in a further round, one with a `?` where
            such a bundle stands, one with a `~` where the parameters choose so. A `seed.call`
            reads what is drawn from.
        writes: kinds of bundles, sealed ones with a `*`.
        after: the kind after which it is done again; "" where only one act stands.
        in_parts: whether acts of the kind stand side by side.
        deliveries_waiting: what it writes in its place where it `waits`, and then it reads nothing.
    """

    nature: str
    subject: str
    reads: str
    writes: str
    after: str = ""
    in_parts: bool = False
    waiting: str = ""


KINDS: dict[str, Kind] = {
    "record.open": Kind("received", "", "", "statute"),
    "office.appoint": Kind("received", "", "", "", in_parts=True),
    "office.dismiss": Kind("received", "", "", "", in_parts=True),
    "privacy.accept": Kind("received", "", "", "", in_parts=True),
    "petition.issue": Kind("derived", "petition", "statute", "requirement"),
    "roll.seal": Kind("received", "", "", "electors*"),
    "roll.copy": Kind("received", "", "electors decoys?", "decoys*", "roll.copy"),
    "petition.receive": Kind(
        "received", "petition", "lines_waiting?", "lines*", in_parts=True, waiting="lines_waiting*"
    ),
    "petition.gates": Kind(
        "derived",
        "petition",
        "statute requirement lines electors~",
        "gates",
        "petition.receive",
    ),
    "match": Kind(
        "derived",
        "petition",
        "electors decoys? lines gates",
        "matches* outcomes",
        "petition.gates",
    ),
    "roll.alarm": Kind("derived", "petition", "matches outcomes", "alarm", "match"),
    "draw": Kind("derived", "petition", "statute gates outcomes decision+ seed~", "draw", "decide"),
    "checks.receive": Kind("received", "petition", "draw", "checks", in_parts=True),
    "decide": Kind(
        "derived",
        "petition",
        "statute requirement gates outcomes~ draw~ checks~",
        "decision",
        "draw",
    ),
    "risk.plan": Kind("derived", "petition", "requirement outcomes", "risk_plan"),
    "risk.draw": Kind(
        "derived", "petition", "outcomes risk_plan risk+ seed~", "risk_draw", "risk.decide"
    ),
    "risk.checks": Kind(
        "received", "petition", "outcomes risk_plan risk_draw risk?", "risk_checks", in_parts=True
    ),
    "risk.decide": Kind(
        "derived", "petition", "outcomes risk_plan risk_draw risk_checks", "risk", "risk.draw"
    ),
    "returns.receive": Kind("received", "vote", "", "returns", in_parts=True),
    "result": Kind("derived", "vote", "statute returns", "result", "returns.receive"),
    "polls.receive": Kind("received", "vote", "", "polls", in_parts=True),
    "forecast": Kind("derived", "vote", "statute polls", "forecast", "polls.receive"),
    "audit.cards": Kind("received", "vote", "returns", "audit_cards", in_parts=True),
    "audit.plan": Kind("derived", "vote", "statute returns result audit_cards~", "audit_plan"),
    "audit.draw": Kind(
        "derived",
        "vote",
        "statute returns audit_plan audit_draw+ audit_risk+ seed~",
        "audit_draw",
        "audit.risk",
    ),
    "audit.findings": Kind(
        "received",
        "vote",
        "returns audit_plan audit_draw",
        "audit_findings",
        in_parts=True,
    ),
    "audit.risk": Kind(
        "derived",
        "vote",
        "statute returns audit_cards~ audit_plan audit_draw audit_findings",
        "audit_risk",
        "audit.findings",
    ),
    "audit.full_count": Kind("received", "vote", "statute returns audit_plan", "audit_full_count"),
    "seed.call": Kind("received", "", "", "seed_call", in_parts=True),
    "seed.commit": Kind("received", "", "seed_call", "seed_commitment", in_parts=True),
    "seed.reveal": Kind("received", "", "seed_call", "seed_secret", in_parts=True),
    "seed.dice": Kind("received", "", "seed_call", "seed_dice", in_parts=True),
    "seed.close": Kind(
        "derived", "", "seed_call seed_commitment? seed_secret? seed_dice?", "seed", in_parts=True
    ),
}

PARTS: dict[str, str] = {
    "lines": "", "lines_waiting": "", "checks": "draw", "risk_checks": "risk_draw",
    "returns": "",
    "polls": "",
    "audit_cards": "",
    "audit_findings": "audit_plan",
    "seed_commitment": "seed_call",
    "seed_secret": "seed_call",
    "seed_dice": "seed_call",
}  # fmt: skip
"""Kinds of bundles that come in parts, and what their parts answer to; "" where to nothing."""

TAKEN_UP = ("lines_waiting",)
"""Kinds in parts of which those that a standing act has read are not read again."""

KEPT = ("decoys",)
"""Kinds of which the latest bundle is read, whether its act stands or not; nothing rests on it."""

TOO_LATE_AFTER = {"petition.receive": ("draw", "risk.draw", "decide")}
"""Kinds in parts of which no more come while such an act stands."""

ALL_NUMBERED = ("draw", "risk.draw", "decide")
"""Kinds before which every line that came has its number."""

CLOSED_BY = {"checks.receive": ("draw", "decide"), "risk.checks": ("risk_draw", "risk.decide")}
"""Kinds in parts: what they answer to, and the kind of act that reads it after all of them."""

ONE_BASIS = (
    *("requirement", "electors", "lines", "gates", "outcomes", "matches", "risk_plan"),
    *("returns", "result", "audit_cards", "audit_plan"),
)
"""Kinds of bundles of which an act and all that it reads rest on the same."""

ROUNDS = {"draw": "stage", "risk.draw": "round", "audit.draw": "round"}
"""Acts that have a seed, and the parameter that numbers their rounds."""

DRAWN_FROM = {
    "draw": ("gates", "outcomes"),
    "risk.draw": ("outcomes", "risk_plan"),
    "audit.draw": ("audit_plan",),
}
"""What a call for the seed of a draw reads."""

KEEPS_SEED = ("draw", "risk.draw")
"""Draws whose further rounds keep the seed."""

LEAVES_OPEN = {
    "decide": ("decision", ("check_every_line", "draw_second_sample")),
    "risk.decide": ("answer", ("check_more",)),
    "audit.risk": ("confirmed", (False,)),
}
"""Acts that ask for a further round only by some value of a fact."""


def leaves_open(act: Act) -> bool:
    """Whether what goes on after an act may go on."""
    if act["kind"] == "petition.receive":
        return not act["parameters"].get("waits")
    if act["kind"] not in LEAVES_OPEN:
        return True
    name, values = LEAVES_OPEN[act["kind"]]
    return act["facts"].get(name) in values


def reads_by_choice(act: Act) -> bool | None:
    """Whether an act reads the kinds marked `~`, by its parameters; None where they do not say."""
    parameters = act["parameters"]
    if act["kind"] == "decide":
        return bool(parameters.get("method") == "sample")
    if act["kind"] in ROUNDS:
        return parameters.get("called") is True
    if act["kind"] == "petition.gates":
        return bool(parameters.get("single_names"))
    return "error_rates" in parameters if act["kind"] == "audit.plan" else None
