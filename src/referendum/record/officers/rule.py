"""Which officers sign which kinds of acts: the rule that an opening act states, and the usual one.

A rule gives, for a kind of act, its *slots*: one for each signature, with the roles of which one is
needed. The specification (docs/record.md, section 12) has the form.
"""

from collections.abc import Collection, Mapping, Sequence

from referendum.core.errors import InputError

Slots = Sequence[Sequence[str]]
Rule = Mapping[str, Slots]

EVERY_KIND = "*"
"""What stands in a rule for every kind of act that it does not name."""

MOST_SLOTS = 2

OFFICE_ACTS = ("office.appoint", "office.dismiss")
"""Acts that change who the officers are."""

_LEADING_ROLES = ["chief", "deputy"]

_SOLE_SIGNER_ROLES = {
    **dict.fromkeys(("roll.seal", "roll.copy", "roll.alarm", "match"), "intake"),
    **dict.fromkeys(("petition.receive", "petition.gates"), "intake"),
    **dict.fromkeys(("checks.receive", "risk.checks"), "checker"),
    **dict.fromkeys(("returns.receive", "polls.receive", "forecast", "audit.cards"), "returning"),
    "audit.findings": "auditor",
}
"""The role of those who sign alone, or the chief or a deputy for them."""

USUAL_RULE: dict[str, list[list[str]]] = {
    EVERY_KIND: [["chief"], ["deputy"]],
    **{kind: [_LEADING_ROLES, _LEADING_ROLES] for kind in OFFICE_ACTS},
    **{kind: [[role, *_LEADING_ROLES]] for kind, role in _SOLE_SIGNER_ROLES.items()},
    **{kind: [["intake", "returning", *_LEADING_ROLES]] for kind in ("seed.commit", "seed.reveal")},
    "audit.full_count": [["auditor", "returning"], _LEADING_ROLES],
}
"""The rule where none is given: one signature under what is received, and two, of the chief and a
deputy, under what is decided, drawn, planned, declared or opened."""

USUAL_ROLES = ("chief", "deputy", "intake", "checker", "returning", "auditor")
"""The roles of the usual rule."""


def slots_of(rule: Rule, kind: str) -> tuple[tuple[str, ...], ...]:
    """Give the slots of a kind of act: one for each signature that it needs."""
    slots = rule.get(kind, rule.get(EVERY_KIND, ()))
    return tuple(tuple(roles) for roles in slots)


def require_rule(rule: Rule, kinds: Collection[str], roles: Sequence[str]) -> None:
    """See that a rule can be kept, and that nobody gets round it by appointing others.

    Args:
        rule: slots by kind of act.
        kinds: the kinds of acts that there are.
        roles: of the first officers, one for each.

    Raises:
        InputError: it names another kind, has more than two slots or an empty one, lets officers be
            appointed by fewer people than other acts need, or the first officers cannot fill the
            slots of the opening, an appointment or a dismissal.
    """
    most = 0
    for kind, slots in rule.items():
        if kind != EVERY_KIND and kind not in kinds:
            raise InputError(f"the rule names {kind!r}, which is no kind of act")
        if len(slots) > MOST_SLOTS or not all(slots):
            raise InputError(
                f"the rule of {kind} has more than {MOST_SLOTS} signatures, or one of no role"
            )
        most = max(most, len(slots))
    for kind in OFFICE_ACTS:
        if len(slots_of(rule, kind)) < max(most, 1):
            raise InputError(
                f"the rule lets {kind} be signed by fewer than other acts need",
                hint="whoever appoints officers could then sign all the rest",
            )
    for kind in ("record.open", *OFFICE_ACTS):
        slots = slots_of(rule, kind)
        if not fill_slots(slots, roles):
            raise InputError(
                f"the first officers cannot sign {kind}: it needs {signatures_needed(slots)}",
                hint="name more officers with --officer ROLE NAME KEYFILE, or another --rule",
            )


def is_able(rule: Rule, roles: Sequence[str]) -> bool:
    """Whether people of these roles can sign appointments and dismissals."""
    return all(fill_slots(slots_of(rule, kind), roles) is not None for kind in OFFICE_ACTS)


def fill_slots(slots: Slots, roles: Sequence[str]) -> tuple[int, ...] | None:
    """Choose, for each slot, one of several people by their roles, each at most once.

    Returns:
        The places of those chosen, in the order of the slots, the earliest first; None if the
        slots cannot be filled.
    """
    if not slots:
        return ()
    for place, role in enumerate(roles):
        if role in slots[0]:
            rest = [one if at != place else "" for at, one in enumerate(roles)]
            more = fill_slots(slots[1:], rest)
            if more is not None:
                return (place, *more)
    return None


def signatures_needed(slots: Slots) -> str:
    """Say which signatures are needed, in words."""
    ones = [f"a signature by {' or '.join(roles)}" for roles in slots]
    return " and ".join(ones) or "no signature"
