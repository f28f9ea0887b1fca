"""Officers' keys and signatures, read and checked from their specification (record.md, section 12).

A signature is checked by composing, from the key, the purpose and the few bytes that may differ
from one signature to the next, the one text that it can have.
"""

import base64
import hashlib
import re
import struct
import unicodedata
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from referendum.verify.checkpoint import FIELD_PRIME, SMALL_ORDER
from referendum.verify.report import Mismatch

ACTS = "referendum-act@referendum"
"""The namespace of signatures under acts."""

COMMITMENTS = "referendum-commitment@referendum"
"""The namespace of signatures of parties under their commitments to secrets."""

_LINE = re.compile(
    r"(?P<type>ssh-ed25519|sk-ssh-ed25519@openssh\.com) (?P<blob>[A-Za-z0-9+/]+={0,2})"
    r"( (?P<comment>.{1,100}))?",
    re.ASCII,
)
_TOKEN_TYPE = "sk-ssh-ed25519@openssh.com"  # noqa: S105 - the name of a type of key
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_NEEDED_FLAG, _ALLOWED_FLAGS = 0b0000_0001, 0b0001_1101


@dataclass(frozen=True)
class OfficerKey:
    """An officer's public key: its bytes, and the application of one in a hardware token."""

    type: str
    public: bytes
    application: str | None

    @property
    def blob(self) -> bytes:
        """Compose the binary form."""
        parts = [self.type.encode(), self.public]
        if self.application is not None:
            parts.append(self.application.encode())
        return _ssh_strings(*parts)

    @property
    def id(self) -> str:
        """Give the fingerprint as OpenSSH prints it."""
        digest = base64.b64encode(hashlib.sha256(self.blob).digest())
        return f"SHA256:{digest.decode()[:43]}"


def _ssh_strings(*parts: bytes) -> bytes:
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def read_officer_key(line: str, file: str = "") -> OfficerKey:
    """Read a public key line."""
    match = _LINE.fullmatch(line) if len(line) <= 1_000 else None
    if match is None:
        raise Mismatch("not the line of an Ed25519 key, or of one in a hardware token", file)
    comment = match["comment"] or ""
    shown = all(unicodedata.category(sign) not in _UNPRINTABLE for sign in comment)
    if not shown or comment.strip() != comment:
        raise Mismatch("the comment of a key cannot be shown", file)
    try:
        blob = base64.b64decode(match["blob"], validate=True)
    except ValueError as error:
        raise Mismatch("an officer's key is not base64", file) from error
    key = _key_of_blob(match["type"], blob)
    if key is None or base64.b64encode(blob).decode() != match["blob"]:
        raise Mismatch("an officer's key is not written as OpenSSH writes it", file)
    y = int.from_bytes(key.public, "little") % 2**255
    if y >= FIELD_PRIME or y in SMALL_ORDER:
        raise Mismatch("an officer's key is of a kind under which anybody can sign", file)
    return key


def _key_of_blob(kind: str, blob: bytes) -> OfficerKey | None:
    """Find the key whose binary form this is, if it is that of one."""
    start = 4 + len(kind) + 4
    public, rest = blob[start : start + 32], blob[start + 32 :]
    application = None
    if kind == _TOKEN_TYPE:
        application = rest[4:].decode("latin-1")
        if not re.fullmatch(r"ssh:[\x21-\x7e]{0,100}", application):
            return None
    key = OfficerKey(kind, public, application)
    return key if len(public) == 32 and key.blob == blob else None


def check_signature(
    key: OfficerKey, message: bytes, text: str, purpose: str = ACTS, file: str = ""
) -> None:
    """Check an SSHSIG by a key over a message for a purpose."""
    tail = 64
    if key.application is not None:
        tail += 5
    blob = _decode_armor(text, file)
    varying = blob[-tail:]
    signature, use = varying[:64], varying[64:]
    if _signature_text(key, purpose, signature, use) != text:
        words = f"not an SSHSIG by {key.id} for {purpose} in the form that ssh-keygen gives it"
        raise Mismatch(words, file)
    signed = b"SSHSIG" + _ssh_strings(
        purpose.encode(), b"", b"sha512", hashlib.sha512(message).digest()
    )
    if key.application is not None:
        if not use[0] & _NEEDED_FLAG:
            raise Mismatch(f"nobody touched the token that holds {key.id}", file)
        if use[0] | _ALLOWED_FLAGS != _ALLOWED_FLAGS:
            raise Mismatch(f"the token that holds {key.id} says what is not known", file)
        application = hashlib.sha256(key.application.encode()).digest()
        signed = application + use + hashlib.sha256(signed).digest()
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, signed)
    except (InvalidSignature, ValueError) as error:
        raise Mismatch(f"the signature by {key.id} is wrong", file) from error


def _decode_armor(text: str, file: str) -> bytes:
    """Decode what stands between the first line of a signature and the last."""
    lines = text.split("\n") if len(text) <= 2_000 else []
    try:
        return base64.b64decode("".join(lines[1:-2]), validate=True)
    except ValueError as error:
        raise Mismatch("a signature is not base64", file) from error


def _signature_text(key: OfficerKey, purpose: str, signature: bytes, use: bytes) -> str:
    """Compose the text of a signature (PROTOCOL.sshsig, sections 1 and 2)."""
    proper = _ssh_strings(key.type.encode(), signature) + use
    parts = _ssh_strings(key.blob, purpose.encode(), b"", b"sha512", proper)
    body = base64.b64encode(b"SSHSIG" + struct.pack(">I", 1) + parts).decode()
    middle = re.sub(r"(.{70})", r"\1\n", body)
    end = "" if middle.endswith("\n") else "\n"
    return f"-----BEGIN SSH SIGNATURE-----\n{middle}{end}-----END SSH SIGNATURE-----\n"
