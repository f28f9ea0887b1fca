"""Open a record: its log, its statute, its first act."""

import os
import shutil
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal

import msgspec

from referendum.core.canonical import canonical_json
from referendum.core.errors import InputError, LawError, OrderError
from referendum.law import Exclusion, read_statute, statute_bytes, version_on
from referendum.record.acts import Act, StatuteVersion
from referendum.record.bundles import Draft
from referendum.record.durable import sync_folder, write_file
from referendum.record.log import LogWriter, Signer
from referendum.record.reading import FORMAT, RecordInfo
from referendum.record.writing import Made, RecordWriter, Stamp


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
    """

    title: str
    question: str
    subject: Literal["petition", "vote"]
    statute: StatuteVersion
    made_up: bool
    exclusions: tuple[Exclusion, ...] | None = None


def statute_on(statute_id: str, day: date) -> StatuteVersion:
    """Name the version of an act that applied on a day."""
    statute = version_on(statute_id, day)
    return StatuteVersion(statute.id, statute.version)


def open_record(folder: Path, signer: Signer, opening: Opening, stamp: Stamp) -> Act:
    """Make a new record whose only act is its opening, whole or not at all.

    Raises:
        OrderError: something lies at `folder` already.
        LawError: the statute or its version is not known, or has no rule for a vote.
        InputError: questions of a petition are said to exclude each other.
    """
    if opening.subject != "vote" and opening.exclusions is not None:
        raise InputError(
            "questions exclude each other in a vote, and this is a petition",
            hint="--subject vote, or no --excludes",
        )
    if folder.exists():
        raise OrderError(
            "there is something here already", where=str(folder), hint="name a new folder"
        )
    law = statute_bytes(opening.statute.id, opening.statute.version)
    if opening.subject == "vote" and read_statute(law).vote is None:
        raise LawError(
            "the act does not say how a vote is decided",
            where=opening.statute.id,
            hint="the acts that do have `vote` beside them in: referendum law list",
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    passing = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    shutil.rmtree(passing, ignore_errors=True)
    try:
        act = _build(passing, signer, opening, law, stamp)
        passing.rename(folder)
    finally:
        shutil.rmtree(passing, ignore_errors=True)
    sync_folder(folder.parent)
    return act


def _build(folder: Path, signer: Signer, opening: Opening, law: bytes, stamp: Stamp) -> Act:
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
    }
    made = Made((Draft("statute", sealed=False, files={"statute.toml": law}, rows={}),), {})
    folder.mkdir()
    write_file(folder / "record.json", canonical_json(msgspec.to_builtins(info)))
    with LogWriter.create(folder / "log", signer) as log:
        writer = RecordWriter(folder, info, log)
        named = replace(stamp, by=stamp.by or signer.name)
        return writer.begin(made, parameters, named, opening.statute)
