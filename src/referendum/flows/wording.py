"""Acts in words: one place that names every fact, for the command line and the pages."""

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from referendum.core.names import natural_key
from referendum.core.printing import quantity
from referendum.law import ANSWERS
from referendum.record.acts import Act, BundleReference
from referendum.record.officers import Appointment, OfficerKey

ACT_TITLES: dict[str, str] = {
    "record.open": "Record opened",
    "office.appoint": "Officer appointed",
    "office.dismiss": "Officer dismissed",
    "privacy.accept": "Published all the same, though it tells of few people",
    "petition.issue": "Petition issued",
    "roll.seal": "List of electors sealed",
    "petition.receive": "Lines received",
    "petition.gates": "Lines passed through the gates",
    "roll.copy": "Copy of the list of electors handed out",
    "match": "Lines matched to the list of electors",
    "roll.alarm": "Alarm: lines match a decoy of a copy of the list",
    "draw": "Sample drawn",
    "checks.receive": "Checks received",
    "decide": "Sufficiency decided",
    "risk.plan": "Risk-limiting check planned",
    "risk.draw": "Lines drawn for the risk-limiting check",
    "risk.checks": "Checks of the risk-limiting check received",
    "risk.decide": "Risk of either decision measured",
    "returns.receive": "Returns received",
    "result": "Result declared",
    "polls.receive": "Polls received",
    "forecast": "Forecast made",
    "audit.cards": "Records of cards received",
    "audit.plan": "Audit planned",
    "audit.draw": "Audit sample drawn",
    "audit.findings": "Audit findings received",
    "audit.risk": "Risk of the audit stated",
    "audit.full_count": "Every box counted by hand",
    "seed.call": "Parties called to make a seed",
    "seed.commit": "A party committed to its secret",
    "seed.reveal": "A party revealed its secret",
    "seed.dice": "Dice rolled in public",
    "seed.close": "Seed made",
}
"""What each kind of act is called."""

FACT_LABELS: dict[str, str] = {
    "required": "signatures required",
    "last_day": "last day of signing",
    "electors": "electors",
    "copy": "number of the copy",
    "decoys": "decoys in it",
    "digest": "digest of the file",
    "copies": "copies named, each with n: the chance of a false accusation is at most 1 in n",
    "cards": "records of cards",
    "boxes": "boxes whose cards have records",
    "first": "number of the first line",
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
    "drawn": "drawn",
    "checked": "lines checked",
    "valid": "found valid",
    "invalid": "found invalid, by reason",
    "alpha": "risk limit of a wrong “sufficient”",
    "beta": "risk limit of a wrong “insufficient”",
    "looked_at_twice": "looked at by two checkers",
    "differing": "on which the two differed",
    "estimate": "estimate of the signers that count",
    "answer": "answer at these risk limits",
    "risk_sufficient": "risk that “sufficient” is wrong, at most",
    "risk_insufficient": "risk that “insufficient” is wrong, at most",
    "decision": "decision",
    "compared": "number held against the requirement",
    "places": "polling places counted",
    "total": "ballots",
    "set_aside": "rows set aside",
    "warnings": "warnings",
    "faults": "faults by code",
    "yes": "yes",
    "no": "no",
    "carried": "carried",
    "polls": "rows of polls",
    "samples": "samples",
    "median": "share of yes, middle of the forecast",
    "most_votes": "chance that yes has most votes",
    "passes": "chance of passing under the vote rule",
    "questions": "questions",
    "claims": "claims to be shown",
    "to_draw": "samples to draw (* is the whole)",
    "full_count": "only a full count can show it",
    "round": "round of the audit",
    "counted": "boxes counted by hand",
    "differ": "boxes that hold something else than was returned",
    "examined": "cards or boxes examined",
    "risk": "risk left",
    "confirmed": "outcome confirmed",
    "call": "digest of the call",
    "seed": "seed",
    "revealed": "revealed their secrets",
    "withheld": "committed to a secret and did not reveal it",
    "absent": "called, and committed to no secret",
}
"""What each fact is called."""

RISK_ANSWERS = {
    "sufficient": "sufficient",
    "insufficient": "insufficient",
    "check_more": "open: more lines must be checked",
}
"""What can follow from the risk-limiting check."""

AUDIT_METHODS = {
    "ballot_polling": "single cards are drawn and looked at (ballot polling).",
    "batch_comparison": "boxes are drawn and counted by hand (batch comparison).",
    "oneaudit": "single cards are drawn and compared with their records, or else with what their"
    " box reported on average (ONEAudit).",
    "card_comparison": "single cards are drawn and compared with their records (card comparison).",
    "stratified": "kinds of vote are drawn apart, and their samples put together (stratified).",
}
"""How each kind of audit looks at the paper."""

FACT_WORDS: dict[str, Mapping[Any, str]] = {"decision": ANSWERS, "answer": RISK_ANSWERS}
"""What is said for the codes of a fact."""


def compared_words(compared: int) -> str:
    """Say what is held against the requirement: there may be less than nothing."""
    if compared >= 0:
        return f"{compared:,}"
    return f"nothing (the rule takes off {-compared:,} more than the lines give)"


TYPED_SEED = "typed: it rests on trust in the one who typed it"
"""What is said of a seed that no parties and no dice on the record made."""

DRAW_WORDS = {
    "draw": "the sample of lines",
    "risk.draw": "the lines of the risk-limiting check",
    "audit.draw": "the sample of the audit",
}
"""What each kind of draw draws."""

_SEED_LABELS = {
    "for": "for drawing",
    "parties": "parties",
    "until": "reveals end",
    "party": "party",
    "by": "rolled by",
    "commitment": "commitment",
    "secret": "secret",
    "digits": "digits",
}
"""What the acts of a call for a seed say, by parameter."""


def origin_of_seed(act: Act) -> str | None:
    """Say where the seed of a draw comes from; None of an act that has none.

    A further round that keeps the seed of the one before says so.
    """
    if act.parameters.get("seed") is None or act.kind not in DRAW_WORDS:
        return None
    if act.parameters.get("called"):
        return "made by parties or dice on this record"
    number = act.parameters.get("stage", act.parameters.get("round", 1))
    kept = number > 1 and act.kind != "audit.draw"
    return "that of the draw before" if kept else TYPED_SEED


def dice_words(dice: Mapping[str, Any] | None) -> str:
    """Say which dice a call announces."""
    if dice is None:
        return "no dice"
    return f"{dice['rolls']} of {dice['sides']} sides, rolled by {dice['by']}"


def seed_lines(act: Act) -> list[str]:
    """Tell what an act says of a seed: whose it is, and what was said to its call."""
    if origin := origin_of_seed(act):
        return [f"seed: {act.parameters['seed']}, {origin}"]
    if not act.kind.startswith("seed."):
        return []
    parameters = {**act.parameters, "for": DRAW_WORDS[act.parameters["for"]]}
    lines = [
        f"{words}: {_text(parameters[name])}"
        for name, words in _SEED_LABELS.items()
        if name in parameters
    ]
    return [*lines, *([f"dice: {dice_words(parameters['dice'])}"] if "dice" in parameters else [])]


def act_title(act: Act) -> str:
    """Name an act for a reader."""
    return ACT_TITLES.get(act.kind, act.kind)


_KINDS_IN_PARTS = {
    "returns.receive": ("returns", {"total": "ballot", "warnings": "warning"}),
    "polls.receive": ("polls", {"polls": "row"}),
    "audit.cards": ("records of cards", {"cards": "record"}),
    "audit.findings": ("audit findings", {"examined": "finding"}),
}
"""Kinds that come in parts: what they are of, and the facts that add up over the parts."""

_ADDITIVE_FACTS = {
    **{kind: names for kind, (_, names) in _KINDS_IN_PARTS.items()},
    "petition.receive": {"lines": "line"},
    "checks.receive": {"checked": "finding"},
    "risk.checks": {"checked": "finding"},
}
"""Facts that add up over the parts of a kind, also where lists of acts tell them otherwise."""


def parts_lines(acts: Iterable[Act]) -> list[str]:
    """Add up the parts that stand, a line for each kind of which there are several.

    Args:
        acts: that stand, in order.
    """
    of_kind: dict[str, list[Act]] = {}
    for act in acts:
        if act.kind in _KINDS_IN_PARTS:
            of_kind.setdefault(act.kind, []).append(act)
    lines = []
    for kind, parts in of_kind.items():
        what, _ = _KINDS_IN_PARTS[kind]
        if len(parts) > 1:
            numbers = number_ranges([act.number for act in parts])
            lines.append(f"{what} in {len(parts):,} parts (acts {numbers}): {sums_of_parts(parts)}")
    return lines


def sums_of_parts(acts: Sequence[Act]) -> str:
    """Add up what the parts of one kind hold; empty of a kind whose facts do not add up."""
    names = _ADDITIVE_FACTS.get(acts[0].kind, {})
    sums = [quantity(sum(act.facts[name] for act in acts), noun) for name, noun in names.items()]
    return ", ".join(sums)


def number_ranges(numbers: Sequence[int]) -> str:
    """Write ascending numbers, three or more in a row as one range: `4, 6, 7, 9 to 12`."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    ranges = {0: "{0}", 1: "{0}, {1}"}
    return ", ".join(ranges.get(b - a, "{0} to {1}").format(a, b) for a, b in parts)


def fact_texts(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give each fact's label and value for a reader, in the labels' order, without empty groups."""
    return [
        (
            label,
            compared_words(facts[name]) if name == "compared" else _fact_text(name, facts[name]),
        )
        for name, label in FACT_LABELS.items()
        if facts.get(name) not in (None, {}, []) or (name == "carried" and name in facts)
    ]


def _fact_text(name: str, fact: Any) -> str:  # noqa: ANN401
    return _text(FACT_WORDS[name].get(fact, fact) if name in FACT_WORDS else fact)


def day_recorded_later(act: Act) -> str | None:
    """Give the day on which an act was recorded, where it is another than that of the step."""
    day = act.recorded[:10]
    return None if day == act.at[:10] else day


NO_SIGNATURE = "signed by no officer: it rests on the holder of the log's key alone"


def fingerprint(key: str) -> str:
    """Print the fingerprint of an officer's key."""
    return OfficerKey.parse(key).id


def officer_words(act: Act, fingerprint: Callable[[str], str] = fingerprint) -> list[str]:
    """Say whom an act appoints or dismisses, or which findings it accepts, and why.

    Args:
        act: of any kind.
        fingerprint: prints that of a key.
    """
    parameters = act.parameters
    if act.kind == "office.appoint":
        until = f", until {parameters['until']}" if "until" in parameters else ""
        key = fingerprint(parameters["key"])
        return [f"{parameters['name']}, {parameters['role']}{until}, key {key}"]
    if act.kind == "office.dismiss":
        return [f"{parameters['name']}, because: {parameters['cause']}"]
    if act.kind == "privacy.accept":
        return [
            ", ".join(f"{one}" for one in parameters["findings"]),
            f"because: {parameters['cause']}",
        ]
    if act.kind == "record.open":
        return [
            f"officer {one['name']}, {one['role']}, key {fingerprint(one['key'])}"
            for one in parameters["officers"]
        ]
    return []


def signer_words(signers: Sequence[Appointment]) -> list[str]:
    """Say who signed an act, with role and fingerprint."""
    return [f"signed by {one.name} ({one.role}), key {one.key.id}" for one in signers]


def signature_note(act: Act, signers: Sequence[Appointment]) -> list[str]:
    """Say in short who signed an act, and when it was recorded where that was another day."""
    names = ", ".join(map(str, signers))
    day = day_recorded_later(act)
    said = [*([f"signed by {names}"] if names else []), *([f"recorded on {day}"] if day else [])]
    return ["; ".join(said)] if said else []


def act_lines(act: Act, signers: Sequence[Appointment] = ()) -> list[str]:
    """Tell an act in lines of at most 80 columns: what, when, who signed, and what came of it."""
    where = f", {act.section}" if act.section else ""
    later = f" (recorded on {day})" if (day := day_recorded_later(act)) else ""
    signed = wrap_lines([f"{act.at}{later}{where}", *(signer_words(signers) or [NO_SIGNATURE])], 80)
    signed += wrap_lines(officer_words(act), 80)
    right = [] if act.reason is None else [f"puts right act {act.corrects}: {act.reason}"]
    return [
        f"act {act.number}  {act_title(act)}",
        *signed,
        *wrap_lines(right, 80),
        *wrap_lines(seed_lines(act), 80),
        *outcome_lines(act),
    ]


def outcome_lines(act: Act, width: int = 80) -> list[str]:
    """Tell what came of an act: its facts and its bundles."""
    facts = [f"{label}: {text}" for label, text in fact_texts(act.facts)]
    bundles = [f"{_seal(one)} bundle {one.kind}  {one.digest[:16]}…" for one in act.writes]
    return wrap_lines([*facts, *bundles], width)


def wrap_lines(texts: list[str], width: int, indent: int = 2) -> list[str]:
    """Wrap lines that stand under an act."""
    margin = " " * indent
    wrap = textwrap.TextWrapper(width, initial_indent=margin, subsequent_indent=margin + "  ")
    return [line for text in texts for line in wrap.wrap(text)]


def _seal(bundle: BundleReference) -> str:
    return "sealed" if bundle.sealed else "public"


def _text(value: Any) -> str:  # noqa: ANN401
    if value is None:
        return "not known yet"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, dict):
        return ", ".join(
            f"{name.replace('_', ' ')}: {_text(value[name])}"
            for name in sorted(value, key=natural_key)
        )
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return str(value)
