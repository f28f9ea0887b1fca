"""The head of a record: `record.json`, the key, the signed checkpoint."""

import base64
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from referendum.verify.canonical import read_object
from referendum.verify.report import Mismatch

CHECKPOINT = "log/checkpoint"
LARGEST_RECORD_JSON, LARGEST_NOTE = 10_000, 100_000
"""Bytes of `record.json`, and of a checkpoint or another signed note (record.md, section 3)."""

ORIGIN = re.compile(r"[!-*,-~]{1,255}", re.ASCII)
"""Printable ASCII without blanks and plus signs."""

FIELD_PRIME = 2**255 - 19
_OF_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
SMALL_ORDER = {0, 1, FIELD_PRIME - 1, _OF_ORDER_8, FIELD_PRIME - _OF_ORDER_8}
"""Of the points of small order, under which anybody can sign: the y coordinates."""

MOST_SIGNATURES = 100

LOG, COSIGNER = 0x01, 0x04
"""Signature types: of a log, of a witness."""

KEY_HOLDERS = {LOG: "a log", COSIGNER: "a witness"}


@dataclass(frozen=True)
class Key:
    """The Ed25519 key of a log or a witness, with its name."""

    name: str
    id: bytes
    public: bytes


FORMAT_1_WORDS = (
    "this record is of format 1; this program reads format 2; use referendum 0.x to check it"
)


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint says, and who else signed it.

    Attributes:
        origin: the log.
        size: number of its acts.
        root: of its tree.
        text: what is signed.
        other_signatures: those that are not the log's, each by its name, and its key id with what
            follows.
    """

    origin: str
    size: int
    root: bytes
    text: str = ""
    other_signatures: tuple[tuple[str, bytes], ...] = ()


class NotSigned(Mismatch):
    """A note is not signed by the key that is asked for."""


def read_record_json(data: bytes) -> tuple[str, str]:
    """Read `record.json`: origin and key."""
    checkpoint = read_object(data, "record.json", {"format", "origin", "key"})
    if checkpoint["format"] == "referendum-record/1":
        raise Mismatch(FORMAT_1_WORDS, "record.json")
    if checkpoint["format"] != "referendum-record/2":
        raise Mismatch(f"format {str(checkpoint['format'])[:40]!r} is not known", "record.json")
    if not isinstance(checkpoint["origin"], str) or not isinstance(checkpoint["key"], str):
        raise Mismatch("origin and key must be texts", "record.json")
    return checkpoint["origin"], checkpoint["key"]


def read_key(text: str, kind: int = LOG, file: str = "record.json") -> Key:
    """Read a verifier key (C2SP signed-note) of a log or, where `kind` says so, of a witness."""
    match = re.fullmatch(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", text, re.ASCII)
    if not match:
        raise Mismatch("the key is not a verifier key", file)
    if not ORIGIN.fullmatch(match[1]):
        words = "the log's name has other than printable ASCII characters, or over 255"
        raise Mismatch(words, file)
    body = _base64(match[3], file)
    expected = hashlib.sha256(match[1].encode() + b"\n" + body).digest()[:4]
    if body[0] != kind and body[0] in KEY_HOLDERS:
        raise Mismatch(
            f"this is the key of {KEY_HOLDERS[body[0]]}, not of {KEY_HOLDERS[kind]}", file
        )
    if len(body) != 33 or body[0] != kind:
        raise Mismatch("the key is not an Ed25519 key", file)
    if expected.hex() != match[2]:
        raise Mismatch("the key's digits are not those of its bytes", file)
    _require_strong(body[1:], file)
    return Key(match[1], expected, body[1:])


def _require_strong(public: bytes, file: str) -> None:
    """Refuse a point of small order, and one that is not written in the one way."""
    y = int.from_bytes(public, "little") & (2**255 - 1)
    if y >= FIELD_PRIME or y in SMALL_ORDER:
        raise Mismatch("the key is of a kind under which anybody can sign", file)


def read_checkpoint(note: bytes, key: Key, file: str = CHECKPOINT) -> Checkpoint:
    """Check a signed checkpoint and read what it says."""
    text, others = _open_note(note, key, file)
    return _read_checkpoint_text(text, key, file, others)


def read_note(note: bytes, key: Key, file: str) -> str:
    """Check a signed note and give its text."""
    return _open_note(note, key, file)[0]


def _open_note(note: bytes, key: Key, file: str) -> tuple[str, tuple[tuple[str, bytes], ...]]:
    """Check a log's signature of a note; give the text and the signatures by others."""
    text, lines = _split_note(note, file)
    signed, others = False, []
    for line in lines:
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014" or not ORIGIN.fullmatch(parts[1]):
            raise Mismatch("a signature line is malformed", file)
        body = _base64(parts[2], file)
        if len(body) < 5:
            raise Mismatch("a signature line is malformed", file)
        if parts[1] == key.name and body[:4] == key.id:
            _verify_signature(key, body[4:], text, file)
            signed = True
        else:
            others.append((parts[1], body))
    if not signed:
        raise NotSigned(f"not signed by the key {key.name}+{key.id.hex()}", file)
    return text, tuple(others)


def _split_note(note: bytes, file: str) -> tuple[str, list[str]]:
    try:
        whole = note.decode()
    except UnicodeDecodeError as error:
        raise Mismatch("not UTF-8", file) from error
    cut = whole.rfind("\n\n")
    if cut < 0 or not whole.endswith("\n") or re.search(r"[\x00-\x09\x0b-\x1f]", whole):
        raise Mismatch("not a signed note", file)
    lines = whole[cut + 2 : -1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise Mismatch(f"more than {MOST_SIGNATURES} signatures", file)
    return whole[: cut + 1], lines


def _verify_signature(key: Key, signature: bytes, text: str, file: str) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
    except (InvalidSignature, ValueError) as error:
        raise Mismatch("the signature is wrong", file) from error


def _read_checkpoint_text(
    text: str, key: Key, file: str, others: tuple[tuple[str, bytes], ...]
) -> Checkpoint:
    lines = text.split("\n")
    if len(lines) != 4 or not re.fullmatch(r"0|[1-9][0-9]{0,15}", lines[1], re.ASCII):
        raise Mismatch("the checkpoint is not three lines: origin, size, root", file)
    root = _base64(lines[2], file)
    if len(root) != 32:
        raise Mismatch("the root has not 32 bytes", file)
    if lines[0] != key.name:
        raise Mismatch(f"origin {lines[0]!r}, but the key's name is {key.name!r}", file)
    return Checkpoint(lines[0], int(lines[1]), root, text, others)


def _base64(text: str, file: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Mismatch("not base64", file) from error
    if base64.b64encode(data).decode() != text:
        raise Mismatch("not the canonical base64", file)
    return data
