"""Acts: what was done, by whom, when, under which section. One entry of the log each."""

from typing import Any, Literal

import msgspec

from referendum.core.canonical import canonical_json, read_canonical_json
from referendum.core.errors import InputError, RecordError

LARGEST_ENTRY = 65_535
"""Bytes that fit in an entry of a C2SP tlog-tiles log (16-bit length)."""


class StatuteVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One version of one act of law."""

    id: str
    version: str


class BundleReference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bundle that an act wrote."""

    kind: str
    digest: str
    sealed: bool


class Act(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One official step, as section 4 of the record's specification (docs/record.md) has it."""

    number: int
    kind: str
    nature: Literal["received", "derived"]
    at: str
    recorded: str
    by: tuple[str, ...]
    section: str
    statute: StatuteVersion
    parameters: dict[str, Any]
    reads: tuple[str, ...]
    writes: tuple[BundleReference, ...]
    facts: dict[str, Any]
    corrects: int | None
    reason: str | None
    code: str
    signatures: tuple[str, ...]

    def bundle(self, kind: str) -> BundleReference | None:
        """The bundle of this kind that the act wrote, if it wrote one."""
        return next((bundle for bundle in self.writes if bundle.kind == kind), None)


def encode_act(act: Act) -> bytes:
    """Give the act's canonical bytes, the entry that goes into the log.

    Raises:
        InputError: the act does not fit into an entry, or holds a float.
    """
    entry = canonical_json(msgspec.to_builtins(act))
    if len(entry) > LARGEST_ENTRY:
        raise InputError(
            f"act {act.kind} has {len(entry):,} bytes, an entry holds {LARGEST_ENTRY:,}",
            hint="put larger material into a bundle",
        )
    return entry


_SIGNATURES = b',"signatures":['


def entry_without_signatures(entry: bytes) -> bytes:
    """Give an act's canonical bytes without the member `signatures`.

    In a text a quote stands behind a backslash and in a signature there is no bracket, so that the
    member can be cut out; after it come `statute` and `writes` alone, which have none of the name.
    """
    start = entry.rfind(_SIGNATURES)
    return entry[:start] + entry[entry.index(b"]", start) + 1 :]


def act_message(before: str | None, entry: bytes) -> bytes:
    """Give what officers sign of an act.

    Args:
        before: digest of what is signed of the act before it, in hexadecimal; None for the first.
        entry: the act's canonical bytes; signatures that it has already are left out.
    """
    return (b"" if before is None else f"{before}\n".encode()) + entry_without_signatures(entry)


def decode_act(entry: bytes, number: int) -> Act:
    """Read an entry of the log.

    Raises:
        RecordError: the entry is not an act, or bears another number.
    """
    where = f"act {number}"
    try:
        act = msgspec.convert(read_canonical_json(entry, where), Act)
    except msgspec.ValidationError as error:
        raise RecordError(f"not an act: {error}", where=where) from error
    if act.number != number:
        raise RecordError(f"the entry calls itself act {act.number}", where=where)
    return act
