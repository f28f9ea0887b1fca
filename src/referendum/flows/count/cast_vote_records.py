"""Files of cast vote records, told apart by what is in them, read card by card."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
import polars as pl

from referendum.core.errors import InputError
from referendum.count.cast_vote_records import (
    BallotManifest,
    CandidateManifest,
    CastVoteRecords,
    ContestChoice,
    ContestManifest,
    Export,
    Manifests,
    NameManifest,
    Report,
    combine_manifests,
    decode,
    dominion_records,
    find_unsupported_vendor,
    forms_of_cards,
    nist_records,
    refusal_message,
    to_utf8,
)
from referendum.tables.given_files import LARGEST_TABLE, read_given_file

T = TypeVar("T")

_DOMINION = "Dominion CVR export"
_NIST = "cast vote record report of NIST SP 1500-103"


class _Members(msgspec.Struct):
    """What tells the two formats apart."""

    Sessions: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    Election: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    CVR: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


def read_cards(
    files: Sequence[Path], manifests: Path | None = None, choice: ContestChoice | None = None
) -> CastVoteRecords:
    """Read cast vote records, NIST SP 1500-103 or Dominion JSON, card by card.

    Args:
        files: reports of the same kind.
        manifests: folder of Dominion's contest, candidate and counting group manifests; None for
            NIST reports.
        choice: which options say yes, and which questions are left out.

    Raises:
        InputError: a file is missing, cut off, named twice, or not what it should be.
    """
    chosen = choice or ContestChoice()
    try:
        if manifests is None:
            return nist_records(_reports(files), chosen)
        return dominion_records(_exports(files), _manifests(manifests), chosen)
    except InputError as error:
        more = f" and {len(files) - 3} more" if len(files) > 3 else ""
        where = error.where or ", ".join(map(str, files[:3])) + more
        raise InputError(error.message, where=where, hint=error.hint) from error


def cards_to_forms(
    files: Sequence[Path],
    manifests: Path | None,
    region: str,
    choice: ContestChoice | None = None,
) -> pl.DataFrame:
    """Read cast vote records and add them up to forms, which say this as region."""
    return forms_of_cards(read_cards(files, manifests, choice).cards, region)


def require_no_foreign_export(path: Path) -> None:
    """Refuse an export of a maker whose files are not read, by the maker's name.

    Raises:
        InputError: it is such an export.
    """
    if vendor := find_unsupported_vendor(read_given_file(path, LARGEST_TABLE)):
        message, hint = refusal_message(vendor)
        raise InputError(message, where=str(path), hint=hint)


def _reports(files: Sequence[Path]) -> Iterator[tuple[str, Report]]:
    for path, data in _each_once(files):
        members = _decoded(path, data, _Members, _NIST)
        if members.Sessions is not msgspec.UNSET:
            raise InputError(
                f"this is an export of Dominion, not a {_NIST}",
                where=str(path),
                hint="name the folder of its manifests: --manifests",
            )
        yield str(path), _decoded(path, data, Report, _NIST)


def _exports(files: Sequence[Path]) -> Iterator[tuple[str, Export]]:
    for path, data in _each_once(files):
        members = _decoded(path, data, _Members, _DOMINION)
        if members.Sessions is msgspec.UNSET and members.Election is not msgspec.UNSET:
            raise InputError(
                f"this is a {_NIST}, not a {_DOMINION}",
                where=str(path),
                hint="it has no manifests: leave --manifests out",
            )
        yield str(path), _decoded(path, data, Export, _DOMINION)


def _each_once(files: Sequence[Path]) -> Iterator[tuple[Path, bytes]]:
    """Give the contents of files, none of which is another's copy."""
    digests: dict[bytes, Path] = {}
    for path in files:
        data = read_given_file(path, LARGEST_TABLE)
        digest = hashlib.sha256(data).digest()
        if digest in digests:
            raise InputError(
                f"the same file as {digests[digest]}", where=str(path), hint="name each file once"
            )
        digests[digest] = path
        yield path, data


def _manifests(folder: Path) -> Manifests:
    def manifest(name: str, shape: type[T]) -> T:
        path = folder / f"{name}Manifest.json"
        return _decoded(
            path, read_given_file(path, LARGEST_TABLE), shape, f"Dominion manifest of {name}"
        )

    def if_there(name: str, shape: type[T]) -> T | None:
        return manifest(name, shape) if (folder / f"{name}Manifest.json").exists() else None

    try:
        return combine_manifests(
            manifest("Contest", ContestManifest),
            manifest("Candidate", CandidateManifest),
            manifest("CountingGroup", NameManifest),
            if_there("OutstackCondition", NameManifest),
            if_there("District", NameManifest),
            if_there("BallotTypeContest", BallotManifest),
        )
    except InputError as error:
        raise InputError(
            error.message, where=error.where or str(folder), hint=error.hint
        ) from error


def _decoded(path: Path, data: bytes, shape: type[T], what: str) -> T:
    if vendor := find_unsupported_vendor(data):
        message, hint = refusal_message(vendor)
        raise InputError(message, where=str(path), hint=hint)
    try:
        return decode(to_utf8(data), shape)
    except InputError as error:
        message = error.message
        if not message.startswith("not JSON"):
            message = f"not a {what}: {message}"
        where = f"{path}, {error.where}" if error.where else str(path)
        raise InputError(message, where=where, hint=error.hint) from error

    except ValueError as error:
        raise InputError("no file can be called so", where=repr(str(path))) from error
