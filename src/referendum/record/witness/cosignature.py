"""Cosignatures of checkpoints: C2SP tlog-cosignature v1, Ed25519 with a time (type 0x04).

A cosignature says: at this time, this was the largest tree that the witness had seen of this log,
and it is consistent with every smaller one that it cosigned.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from referendum.core.errors import InputError, KeyFault, RecordError
from referendum.record.log.keys import (
    read_key_file,
    read_private_key,
    require_key_name,
    write_private_key,
)
from referendum.record.log.note import (
    COSIGNATURE,
    MOST_SIGNATURES,
    VerifierKey,
    encode_signature,
    signature_line,
    split_note,
)

LATEST_TIME = 2**63 - 1
"""Seconds since 1970 that a cosignature's time may not exceed (tlog-cosignature)."""

_BODY = struct.Struct(">4sQ64s")
"""Key id, time, signature."""

_HEADING = "Key of the witness "


@dataclass(frozen=True)
class Cosigner:
    """A witness's signing key with its name."""

    name: str
    private: Ed25519PrivateKey

    @property
    def verifier(self) -> VerifierKey:
        """The public half, of type 0x04."""
        public = self.private.public_key().public_bytes_raw()
        return VerifierKey(self.name, public, COSIGNATURE)

    def cosign(self, text: str, time: int) -> str:
        """Sign the text of a checkpoint.

        Args:
            text: the note's text, with its last line end.
            time: seconds since 1970, in UTC.

        Returns:
            A signature line.
        """
        if not 0 < time <= LATEST_TIME:
            raise InputError(f"{time} is no time of a cosignature", hint="set the clock right")
        signature = self.private.sign(cosigned_message(text, time))
        return signature_line(self.verifier, struct.pack(">Q", time) + signature)


def cosigned_message(text: str, time: int) -> bytes:
    """Give the bytes that a witness signs (tlog-cosignature, "Ed25519 signed message")."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def verify_cosignature(text: str, body: bytes, key: VerifierKey) -> int:
    """Check a cosignature and give its time, in seconds since 1970.

    Args:
        text: the note's text.
        body: key id, time and signature, as decoded from the signature line.
        key: the witness's key, whose name and id the line bears.

    Raises:
        RecordError: it is not this witness's cosignature of this text.
    """
    if len(body) != _BODY.size:
        raise RecordError(
            f"the cosignature has {len(body)} bytes, not {_BODY.size}", where=key.name
        )
    _, time, signature = _BODY.unpack(body)
    if not 0 < time <= LATEST_TIME:
        raise RecordError(f"{time} is no time of a cosignature", where=key.name)
    try:
        public = Ed25519PublicKey.from_public_bytes(key.public)
        public.verify(signature, cosigned_message(text, time))
    except InvalidSignature as error:
        raise RecordError("the cosignature is not over this checkpoint", where=key.name) from error
    return int(time)


def find_cosignatures(note: bytes, keys: Iterable[VerifierKey]) -> dict[VerifierKey, int]:
    """Give the witnesses among `keys` that cosigned a checkpoint, each with its latest time.

    Signatures by other keys are passed over, also where they share a name or an id with one.

    Raises:
        RecordError: the note is malformed, or a cosignature by one of the keys is wrong.
    """
    known = {(key.name, key.id): key for key in keys}
    text, signatures = split_note(note, "checkpoint")
    found: dict[VerifierKey, int] = {}
    for name, body in signatures:
        if key := known.get((name, body[:4])):
            found[key] = max(found.get(key, 0), verify_cosignature(text, body, key))
    return found


def add_cosignatures(note: bytes, lines: Iterable[str]) -> bytes:
    """Add signature lines to a checkpoint; the log's own stay first.

    A new cosignature takes the place of an older one by the same key.

    Raises:
        RecordError: the note is malformed, or would have more signatures than readers take.
    """
    text, own = split_note(note, "checkpoint")
    merged = {(name, body[:4]): encode_signature(name, body) for name, body in own}
    for line in lines:
        name, body = read_signature_line(line)
        merged[name, body[:4]] = encode_signature(name, body)
    if len(merged) > MOST_SIGNATURES:
        raise RecordError(
            f"the checkpoint would have {len(merged)} signatures, readers take {MOST_SIGNATURES}",
            where="log/checkpoint",
            hint="ask fewer witnesses",
        )
    return f"{text}\n{''.join(merged.values())}".encode()


def read_signature_line(line: str) -> tuple[str, bytes]:
    """Give the key name of a signature line, and its key id with the signature.

    Raises:
        RecordError: it is no such line.
    """
    _, signatures = split_note(f"\n\n{line}".encode(), "signature line")
    if len(signatures) != 1:
        raise RecordError("not one signature line", where="signature line")
    return signatures[0]


def new_cosigner(name: str) -> Cosigner:
    """Make a witness's key that is kept nowhere yet.

    Raises:
        KeyFault: the name cannot be that of a key.
    """
    require_key_name(name, "witness")
    return Cosigner(name, Ed25519PrivateKey.generate())


def write_new_cosigner(path: Path, name: str, passphrase: str | None = None) -> Cosigner:
    """Make a witness's key and keep it, below its name, in a new file that only its owner reads.

    Raises:
        KeyFault: the name cannot be that of a key, the file is there already, or cannot be written.
    """
    cosigner = new_cosigner(name)
    heading = f"{_HEADING}{cosigner.verifier}\n"
    write_private_key(path, cosigner.private, passphrase, heading)
    return cosigner


def load_cosigner(path: Path, passphrase: str | None = None) -> Cosigner:
    """Load a witness's key with the name that its file states.

    Raises:
        KeyFault: no file, no witness's key in it, or a passphrase that is missing or wrong.
    """
    hint = (
        "name the file of the witness's own key with --key FILE; only a new witness makes one:"
        " referendum witness key"
    )
    data = read_key_file(path, hint)
    heading, mark, pem = data.partition(b"\n")
    stated = heading.decode(errors="replace")
    if not mark or not stated.startswith(_HEADING):
        raise KeyFault("the file is not the key of a witness", where=str(path), hint=hint)
    verifier = VerifierKey.parse(stated.removeprefix(_HEADING), COSIGNATURE)
    cosigner = Cosigner(verifier.name, read_private_key(pem, path, passphrase))
    if cosigner.verifier != verifier:
        raise KeyFault("the file's first line is that of another key", where=str(path), hint=hint)
    return cosigner
