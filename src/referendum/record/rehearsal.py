"""What a step would sign, and what would follow: done on a copy that nobody keeps."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import polars as pl

from referendum.core.canonical import canonical_json
from referendum.record.commands import COMMANDS
from referendum.record.log import new_signer
from referendum.record.reading import Record
from referendum.record.signing_plan import SigningPlan
from referendum.record.table_faults import FAULT_FILES, faults_of
from referendum.record.writing import RecordWriter

NEXT_COMMANDS = {
    "roll.seal": f"{COMMANDS['petition.receive']}, or {COMMANDS['match']}",
    "petition.receive": f"{COMMANDS['petition.receive']}, with the next delivery",
    "petition.gates": COMMANDS["match"],
    "checks.receive": COMMANDS["decide"],
    "risk.checks": COMMANDS["risk.decide"],
    "returns.receive": COMMANDS["result"],
    "polls.receive": COMMANDS["forecast"],
    "audit.cards": COMMANDS["audit.plan"],
    "audit.findings": COMMANDS["audit.risk"],
    "audit.full_count": "publish",
}
"""What is done next after a received act."""

ROWS_NAMED = 5
"""Rows that are named of each kind of fault."""


@contextmanager
def rehearse(folder: Path) -> Iterator[RecordWriter]:
    """Hold a private copy of a record for writing, under a key of its own; it goes afterwards.

    Bundles and tiles are linked, not copied: what is there is never changed. Nothing that the
    copy's key signs can be taken for the record's.

    Raises:
        RecordError: the folder is no record.
    """
    original = Record.open(folder)
    with TemporaryDirectory(prefix=".rehearsal-", dir=folder.resolve().parent) as place:
        copy = Path(place) / folder.resolve().name
        shutil.copytree(
            folder,
            copy,
            copy_function=_link,
            ignore=lambda _, names: [n for n in names if n[0] == "."],
        )
        signer = new_signer(original.info.origin)
        info = msgspec.structs.replace(original.info, key=str(signer.verifier))
        _overwrite(copy / "record.json", canonical_json(msgspec.to_builtins(info)))
        _overwrite(copy / "log" / "checkpoint", signer.sign(original.log.head))
        with RecordWriter.hold(copy, lambda _: signer) as record:
            record.signing = SigningPlan(when="never")
            yield record


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copy2(source, target)


def _overwrite(path: Path, data: bytes) -> None:
    path.unlink()
    path.write_bytes(data)


def consequences(record: RecordWriter, before: int, fallen: set[int]) -> list[str]:
    """Say what the acts from number `before` on would bring about.

    Args:
        record: the copy, after the step.
        before: acts that there were.
        fallen: those of them that had fallen already.
    """
    sentences = [line for act in record.acts[before:] for line in _reading_words(act.parameters)]
    written = {bundle.kind for act in record.acts[before:] for bundle in act.writes}
    for table, files in FAULT_FILES.items():
        if {files.bundle, f"{files.bundle}_waiting"} & written:
            sentences += _rows_by_code(record, table, before)
    falls = sorted(number for number in record.fallen_acts() - fallen if number < before)
    sentences += [f"act {number} would fall: {record.acts[number].kind}" for number in falls]
    steps = [NEXT_COMMANDS[act.kind] for act in record.acts[before:] if act.kind in NEXT_COMMANDS]
    return sentences + [f"next step: referendum {step}" for step in steps[-1:]]


def _reading_words(parameters: Mapping[str, Any]) -> list[str]:
    """Say how cells were read that did not say it themselves, and what is accepted."""
    words = {"dmy": "the day first", "mdy": "the month first"}
    read = [
        f"{column} is read with {words.get(how, how.replace('_', ' '))}"
        for column, how in parameters.get("readings", {}).items()
    ]
    return read + [f"accepted as it is: {name}" for name in parameters.get("accepted", [])]


def _rows_by_code(record: RecordWriter, table: str, before: int) -> list[str]:
    """Name some rows of each kind of fault, by number alone; of parts those of the new acts."""
    found = faults_of(record, table).drop_nulls("row")
    if "act" in found.columns:
        found = found.filter(pl.col("act") >= before)
    sentences = []
    for (code, column), rows in found.group_by("code", "column", maintain_order=True):
        numbers = ", ".join(map(str, rows["row"].head(ROWS_NAMED)))
        more = " …" if rows.height > ROWS_NAMED else ""
        sentences.append(
            f"{table}, {column or 'whole rows'}, {code}: {rows.height:,} (rows {numbers}{more})"
        )
    return sentences
