"""The timeline of a page: every act as it is told, with those who signed and what it wrote."""

from dataclasses import dataclass

import msgspec

from referendum.flows.wording import (
    FACT_WORDS,
    act_title,
    day_recorded_later,
    fact_texts,
    officer_words,
    seed_lines,
)
from referendum.publish.figures import Figure, Words, facts_of, mark, source_of, trace
from referendum.record.acts import Act, BundleReference
from referendum.record.officers import Appointment, OfficerKey
from referendum.record.reading import Record

KIND_TITLES = {
    "statute": "The statute, as data",
    "requirement": "What is required",
    "gates": "Each line and the gate that it failed",
    "outcomes": "Each standing line and what matching says",
    "draw": "The drawn lines",
    "checks": "What the checkers found",
    "decision": "The decision",
    "risk_plan": "The plan of the risk-limiting check",
    "risk_draw": "The lines drawn for the risk-limiting check",
    "risk_checks": "What its checkers found",
    "risk": "The risk of either decision",
    "returns": "The returns of polling places",
    "result": "The result",
    "audit_cards": "The records of single cards",
    "audit_plan": "The plan of the audit",
    "audit_draw": "The cards or boxes drawn for the audit",
    "audit_findings": "What was found on the paper",
    "audit_risk": "The risk that the audit leaves",
    "audit_full_count": "The count of every box by hand",
    "polls": "The polls",
    "forecast": "The forecast",
    "electors": "The list of electors",
    "lines": "The signature lines",
    "lines_waiting": "Signature lines that wait for their numbers",
    "matches": "Which line matches which elector",
    "seed_call": "The call for a seed",
    "seed_commitment": "A party's commitment to its secret",
    "seed_secret": "A party's secret",
    "seed_dice": "What the dice showed",
    "seed": "The text of the seed",
}


@dataclass(frozen=True)
class File:
    """A published file."""

    path: str
    name: str
    rows: int | None
    size: int
    sha256: str


@dataclass(frozen=True)
class BundleView:
    """A bundle as the page lists it."""

    title: str
    digest: str
    sealed: bool
    act: int
    files: tuple[File, ...]


@dataclass(frozen=True)
class SignerView:
    """An officer who signed an act: name, role then, and the key's fingerprint."""

    name: str
    role: str
    key: str


@dataclass(frozen=True)
class ActView:
    """An act as the timeline tells it."""

    number: int
    title: str
    day: str
    recorded: str | None
    signers: tuple[SignerView, ...]
    officers: tuple[str, ...]
    section: str
    said: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    bundles: tuple[BundleView, ...]
    fallen: bool
    corrects: int | None
    reason: str | None
    overtaken: int | None = None
    note: str = ""


def day_of(act: Act) -> str:
    """Give the day of an act, with its source."""
    return mark(f"{act.number}/at", act.at, act.at[:10])


def _day_recorded_later(act: Act) -> str | None:
    """Give the day on which an act was recorded, with its source, where it is another one."""
    day = day_recorded_later(act)
    return mark(f"{act.number}/recorded", act.recorded, day) if day else None


def number_of(act: Act) -> Figure:
    """Give the number of an act, with its source."""
    return Figure(act.number, f"{act.number}/number")


def reason_of(act: Act) -> str:
    """Give the reason of a correction, with its source."""
    return f"{Words(str(act.reason), f'{act.number}/reason')}"


def answer_of(act: Act) -> str:
    """Give what a decision or a result says, with its source."""
    said = facts_of(act, FACT_WORDS)
    answers = {name: text for name, text in said.items() if name in {"decision", "carried"}}
    return "; ".join(f"{label}: {text}" for label, text in fact_texts(answers))


OVERTAKEN_KINDS = ("petition.gates", "match", "roll.alarm")
"""Kinds that are done again when more has come: the earlier ones stand, and the latest counts."""


def _overtaking_act(record: Record, act: Act) -> int | None:
    latest = record.standing(act.kind) if act.kind in OVERTAKEN_KINDS else None
    return number_of(latest) if latest is not None and latest.number > act.number else None


def _note(act: Act) -> str:
    """Say what is unusual about a delivery."""
    if act.kind != "petition.receive":
        return ""
    if act.parameters.get("waits"):
        return "So few lines wait, and are numbered together with a later delivery."
    why = act.parameters.get("numbered_alone")
    return f"These lines were numbered alone, because: {why}" if why else ""


def _signer(record: Record, officer: Appointment, name: str) -> SignerView:
    """Give an officer, with the sources in the act that appointed this one."""
    source = f"{officer.act}/parameters"
    if "officers" in record.acts[officer.act].parameters:
        named = record.acts[officer.act].parameters["officers"]
        source += f"/officers/{[one['name'] for one in named].index(officer.name)}"
    key = mark(f"fingerprint({source}/key)", officer.key.id, officer.key.id)
    return SignerView(name, Words(officer.role, f"{source}/role"), key)


def _fingerprint(key: str) -> str:
    """Print the fingerprint of an officer's key, with its source."""
    shown = OfficerKey.parse(key).id
    return mark(f"fingerprint({source_of(key)})", shown, shown)


def show_act(record: Record, act: Act, fallen: bool) -> ActView:
    """Give an act as the timeline tells it, each value with its source."""
    traced = trace(act.parameters, f"{act.number}/parameters")
    said = msgspec.structs.replace(act, parameters=traced)
    return ActView(
        number=number_of(act),
        title=act_title(act),
        day=day_of(act),
        recorded=_day_recorded_later(act),
        signers=tuple(
            _signer(record, one, Words(one.name, f"{act.number}/by/{place}"))
            for place, one in enumerate(record.signers(act))
        ),
        officers=tuple(officer_words(said, _fingerprint)),
        section=Words(act.section, f"{act.number}/section"),
        said=tuple(seed_lines(said)),
        facts=tuple(fact_texts(facts_of(act, FACT_WORDS))),
        bundles=tuple(_bundle(record, act, bundle) for bundle in act.writes),
        fallen=fallen,
        corrects=trace(act.corrects, f"{act.number}/corrects"),
        reason=trace(act.reason, f"{act.number}/reason"),
        overtaken=None if fallen else _overtaking_act(record, act),
        note=_note(said),
    )


def _bundle(record: Record, act: Act, bundle: BundleReference) -> BundleView:
    files: tuple[File, ...] = ()
    source = f"{act.number}/{bundle.kind}"
    if not bundle.sealed:
        folder = f"bundles/public/{bundle.digest}"
        manifest = record.bundles.manifest(bundle.digest, sealed=False)
        listed = trace(
            [
                {"rows": one.rows, "bytes": one.bytes, "sha256": one.sha256}
                for one in manifest.files
            ],
            f"{source}/manifest.json/files",
        )
        files = tuple(
            File(f"{folder}/{one.name}", one.name, row["rows"], row["bytes"], row["sha256"])
            for one, row in zip(manifest.files, listed, strict=True)
        )
    title = KIND_TITLES.get(bundle.kind, bundle.kind)
    digest = Words(bundle.digest, f"{source}/digest")
    return BundleView(title, digest, bundle.sealed, number_of(act), files)
