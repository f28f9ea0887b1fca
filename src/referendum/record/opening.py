"""Open a record: its log, its statute, its first act."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

import msgspec

from referendum.core.canonical import canonical_json
from referendum.core.errors import InputError, LawError, OrderError
from referendum.law import Exclusion, read_statute, statute_bytes, version_on
from referendum.record.acts import Act, StatuteVersion
from referendum.record.bundles import Draft
from referendum.record.durable import sync_folder, write_file
from referendum.record.kinds import KINDS
from referendum.record.log import LogWriter, Signer
from referendum.record.officers import USUAL_RULE, OfficerKey, require_rule
from referendum.record.officers.rule import Rule
from referendum.record.reading import FORMAT, RecordInfo
from referendum.record.signing_plan import SigningPlan
from referendum.record.stamps import Stamp
from referendum.record.writing import Outputs, RecordWriter


@dataclass(frozen=True)
class Officer:
    """One of the first officers of a record."""

    name: str
    role: str
    key: OfficerKey


@dataclass(frozen=True)
class Opening:
    """What a record is about.

    Attributes:
        title: short name of the petition or vote.
        question: the question as put.
        subject: `petition` or `vote`.
        statute: the law and the version that it runs under.
        made_up: whether its people or votes are made up.
        exclusions: questions of a vote that exclude each other; None if nothing is said of it.
        office: who keeps the record; the log's name if not given.
        officers: the first officers; none in a record without officers.
        rule: who signs which kinds of acts; the usual one if there are officers and none is given.
        smallest_group: fewest people of whom what is published tells of none; 10 if None.
    """

    title: str
    question: str
    subject: Literal["petition", "vote"]
    statute: StatuteVersion
    made_up: bool
    exclusions: tuple[Exclusion, ...] | None = None
    office: str | None = None
    officers: tuple[Officer, ...] = ()
    rule: Rule = field(default_factory=dict)
    smallest_group: int | None = None


def statute_on(statute_id: str, day: date) -> StatuteVersion:
    """Name the version of an act that applied on a day."""
    statute = version_on(statute_id, day)
    return StatuteVersion(statute.id, statute.version)


def open_record(
    folder: Path, signer: Signer, opening: Opening, stamp: Stamp, signing: SigningPlan | None = None
) -> Act:
    """Make a new record whose only act is its opening, whole or not at all.

    Raises:
        KeyFault: the officers whose signatures it needs do not sign.
        OrderError: something lies at `folder` already.
        LawError: the statute or its version is not known, or has no rule for a vote.
        InputError: questions of a petition are said to exclude each other.
    """
    if opening.subject != "vote" and opening.exclusions is not None:
        raise InputError(
            "questions exclude each other in a vote, and this is a petition",
            hint="--subject vote, or no --excludes",
        )
    require_no_folder(folder)
    law = statute_bytes(opening.statute.id, opening.statute.version)
    if opening.subject == "vote" and read_statute(law).vote is None:
        raise LawError(
            "the act does not say how a vote is decided",
            where=opening.statute.id,
            hint="the acts that do have `vote` beside them in: referendum law list",
        )
    info = RecordInfo(FORMAT, signer.name, str(signer.verifier))
    with new_record(folder, info) as passing:
        return _begin(passing, signer, opening, law, stamp, signing or SigningPlan())


def require_no_folder(folder: Path) -> None:
    """See that nothing lies where a record is to be.

    Raises:
        OrderError: something does.
    """
    if folder.exists():
        found = (folder / "record.json").is_file()
        hint = f"see what comes next on it: referendum status {folder}" if found else "name another"
        raise OrderError("there is something here already", where=str(folder), hint=hint)


@contextmanager
def new_record(folder: Path, info: RecordInfo) -> Iterator[Path]:
    """Give a passing folder in which a record is begun; it is put in place when all went well.

    Raises:
        OrderError: something lies at `folder` already.
    """
    require_no_folder(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    passing = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    shutil.rmtree(passing, ignore_errors=True)
    try:
        passing.mkdir()
        write_file(passing / "record.json", canonical_json(msgspec.to_builtins(info)))
        yield passing
        passing.rename(folder)
    finally:
        shutil.rmtree(passing, ignore_errors=True)
    sync_folder(folder.parent)


def rule_of(opening: Opening) -> dict[str, Any]:
    """Give the rule of a record: who signs which kinds of acts.

    Raises:
        InputError: it cannot be kept, or there is one and nobody to keep it.
    """
    if not opening.officers:
        if opening.rule:
            raise InputError(
                "a rule says who signs, and no officer is named",
                hint="name them with --officer ROLE NAME KEYFILE",
            )
        return {}
    rule = opening.rule or USUAL_RULE
    require_rule(rule, KINDS, [one.role for one in opening.officers])
    return {kind: [list(roles) for roles in slots] for kind, slots in rule.items()}


def _begin(
    folder: Path, signer: Signer, opening: Opening, law: bytes, stamp: Stamp, signing: SigningPlan
) -> Act:
    info = RecordInfo(FORMAT, signer.name, str(signer.verifier))
    parameters = {
        "title": opening.title,
        "question": opening.question,
        "subject": opening.subject,
        "origin": info.origin,
        "key": info.key,
        "made_up": opening.made_up,
        **(
            {}
            if opening.exclusions is None
            else {"exclusive": [one.to_document() for one in opening.exclusions]}
        ),
        "office": opening.office or info.origin,
        "officers": [
            {"name": one.name, "role": one.role, "key": one.key.line} for one in opening.officers
        ],
        "rule": rule_of(opening),
        **({} if opening.smallest_group is None else {"smallest_group": opening.smallest_group}),
    }
    outputs = Outputs((Draft("statute", sealed=False, files={"statute.toml": law}, rows={}),), {})
    with LogWriter.create(folder / "log", signer) as log:
        writer = RecordWriter(folder, info, log, signing=signing)
        return writer.append_opening(outputs, parameters, stamp, opening.statute)
