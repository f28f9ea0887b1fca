"""Signed notes and checkpoints: C2SP signed-note, tlog-checkpoint; Ed25519 keys only."""

import base64
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from referendum.core.errors import KeyFault, RecordError
from referendum.record.log.merkle import HASH_BYTES

ED25519 = b"\x01"
"""Signature type of a log: plain Ed25519 over the text (C2SP signed-note)."""

COSIGNATURE = b"\x04"
"""Signature type of a witness: Ed25519 with a time (C2SP tlog-cosignature)."""

KEY_HOLDERS = {ED25519: "a log", COSIGNATURE: "a witness"}

DASH = "\u2014 "

LOG_NAME = re.compile(r"[!-*,-~]{1,255}", re.ASCII)
"""Printable ASCII without blanks and plus signs: nothing that looks like something else."""

_FIELD_PRIME = 2**255 - 19
_OF_ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER = {0, 1, _FIELD_PRIME - 1, _OF_ORDER_8, _FIELD_PRIME - _OF_ORDER_8}
"""Of the points of small order, under which anybody can sign: the y coordinates."""

MOST_SIGNATURES = 100

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_BLANK = re.compile(r"\s")


@dataclass(frozen=True)
class VerifierKey:
    """The public key of a log or a witness, with its name.

    Attributes:
        name: the key name; of a log, equal to its origin.
        public: 32 bytes of the Ed25519 public key.
        type: the signature type, `ED25519` or `COSIGNATURE`.
    """

    name: str
    public: bytes
    type: bytes = ED25519

    @property
    def id(self) -> bytes:
        """First four bytes of SHA-256(name, newline, type, key): the hint in a signature line."""
        return hashlib.sha256(self.name.encode() + b"\n" + self.type + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(self.type + self.public).decode()}"

    @classmethod
    def parse(cls, text: str, type: bytes = ED25519) -> "VerifierKey":  # noqa: A002 - C2SP's word
        """Read a verifier key such as `example.org/log+c74f20a3+ARpc2Qcc…`.

        Args:
            text: the key as its owner publishes it.
            type: the signature type that it must have.

        Raises:
            KeyFault: the text is no such key, its parts disagree, or it is of another type.
        """
        try:
            name, digits, encoded = text.split("+", 2)
            body = decode_base64(encoded)
        except ValueError as error:
            raise KeyFault(
                f"{text!r} is not a verifier key", hint="name+hex digits+base64"
            ) from error
        if body[:1] != type and body[:1] in KEY_HOLDERS:
            raise KeyFault(
                f"this is the key of {KEY_HOLDERS[body[:1]]}, not of {KEY_HOLDERS[type]}",
                where=name,
                hint=f"the verifier key of {KEY_HOLDERS[type]} has type 0x{type.hex()}",
            )
        if body[:1] != type or len(body) != 1 + HASH_BYTES:
            raise KeyFault("the verifier key is not an Ed25519 key", where=name)
        if is_weak(body[1:]):
            raise KeyFault("under this verifier key anybody can sign", where=name)
        if not LOG_NAME.fullmatch(name):
            raise KeyFault(f"{name!r} cannot name a key", hint="printable ASCII, without blanks")
        key = cls(name, body[1:], type)
        if key.id.hex() != digits:
            raise KeyFault(
                f"the key's digits are {digits}, by its bytes {key.id.hex()}", where=name
            )
        return key


@dataclass(frozen=True)
class Checkpoint:
    """The head of a log: its origin, the number of its entries, its root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The three lines that are signed (C2SP tlog-checkpoint)."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read the text of a checkpoint: three lines.

        Raises:
            RecordError: it is no checkpoint.
        """
        try:
            origin, size, encoded, rest = text.split("\n")
            root = decode_base64(encoded)
        except ValueError as error:
            raise RecordError("not a checkpoint", where="log/checkpoint") from error
        plain = size.isascii() and size.isdigit() and (size == "0" or not size.startswith("0"))
        if not origin or rest or not plain or len(size) > 16 or len(root) != HASH_BYTES:
            raise RecordError("not a checkpoint", where="log/checkpoint")
        return cls(origin, int(size), root)


def is_weak(public: bytes) -> bool:
    """Whether anybody can sign under an Ed25519 key, or its point is written in a second way."""
    y = int.from_bytes(public, "little") & (2**255 - 1)
    return y >= _FIELD_PRIME or y in _SMALL_ORDER


def signature_line(key: VerifierKey, signature: bytes) -> str:
    """Write a signature line of a note."""
    return encode_signature(key.name, key.id + signature)


def encode_signature(name: str, body: bytes) -> str:
    """Write a signature line from a key name, and a key id with the signature."""
    return f"{DASH}{name} {base64.b64encode(body).decode()}\n"


def open_note(note: bytes, key: VerifierKey) -> str:
    """Check a signed note and give its text. Signatures by other keys are passed over.

    Raises:
        RecordError: the note is malformed, not signed by the key, or the signature is wrong.
    """
    where = "log/checkpoint"
    text, signatures = split_note(note, where)
    for name, body in signatures:
        if (name, body[:4]) != (key.name, key.id):
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(body[4:], text.encode())
        except InvalidSignature as error:
            raise RecordError(f"the signature of {key.name} is wrong", where=where) from error
        return text
    raise RecordError(f"not signed by {key}", where=where)


def split_note(note: bytes, where: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Divide a note into its text and its signatures: key name, and key id with signature.

    Raises:
        RecordError: the note is malformed. No signature is checked.
    """
    try:
        decoded = note.decode()
    except UnicodeDecodeError as error:
        raise RecordError("not a signed note: not UTF-8", where=where) from error
    text, blank, tail = decoded.rpartition("\n\n")
    if (
        not blank
        or _CONTROL.search(decoded)
        or not tail.endswith("\n")
        or tail.count("\n") > MOST_SIGNATURES
    ):
        raise RecordError("not a signed note", where=where)
    return text + "\n", [_signature(line, where) for line in tail[:-1].split("\n")]


def _signature(line: str, where: str) -> tuple[str, bytes]:
    try:
        dash, name, encoded = line.split(" ")
        body = decode_base64(encoded)
    except ValueError as error:
        raise RecordError("not a signature line", where=where) from error
    if dash + " " != DASH or not name or "+" in name or _BLANK.search(name) or len(body) < 5:
        raise RecordError("not a signature line", where=where)
    return name, body


def decode_base64(text: str) -> bytes:
    """Decode base64 that is written in the one canonical way.

    Raises:
        ValueError: it is not.
    """
    data = base64.b64decode(text, validate=True)
    # Bits that no byte uses must not make a second writing of the same note.
    if base64.b64encode(data).decode() != text:
        raise ValueError("not the canonical base64")
    return data
