"""Signatures of officers: SSHSIG, as `ssh-keygen -Y sign` writes them, and in no other way.

Of each signature there is one text: what `ssh-keygen` would write again from the same bytes. So a
signature on the record cannot be put into another form. Sources: PROTOCOL.sshsig and PROTOCOL.u2f
of OpenSSH; RFC 8032 (Ed25519).
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from referendum.core.errors import RecordError
from referendum.record.officers.keys import TOKEN, OfficerKey, OfficerSigner
from referendum.record.officers.ssh_wire import BlobReader, string

ACT_NAMESPACE = "referendum-act@referendum"
"""What a signature under an act is for; one made for anything else is none."""

COMMITMENT_NAMESPACE = "referendum-commitment@referendum"
"""What a signature of a party under its commitment to a secret is for."""

LONGEST_SIGNATURE = 2_000
"""Characters of a signature's text."""

_MAGIC, _VERSION, _HASH = b"SSHSIG", 1, b"sha512"
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----\n"
_WIDTH = 70
"""Of the base64 between them; PROTOCOL.sshsig says 76, and all versions of ssh-keygen write 70."""

_PRESENT, _VERIFIED = 0x01, 0x04
_FLAGS = _PRESENT | _VERIFIED | 0x08 | 0x10
"""Flags of a token (WebAuthn, 6.1): user present, user verified, key can be or is backed up. The
others would say that more was signed than SSHSIG has room for, or have no meaning yet."""


@dataclass(frozen=True)
class TokenUse:
    """How a hardware token was used to sign.

    Attributes:
        counter: how many times it has signed, as it says; some always say 0.
        user_verified: whether it asked for a PIN or a finger; a touch it always asked for.
    """

    counter: int
    user_verified: bool


def sign_message(signer: OfficerSigner, message: bytes, namespace: str = ACT_NAMESPACE) -> str:
    """Sign bytes; give the text that `ssh-keygen -Y sign -n NAMESPACE` gives."""
    signature = signer.private.sign(_signed_data(message, namespace))
    return _armor(signer.key, namespace, string(signer.key.type.encode()) + string(signature))


def verify_signature(
    key: OfficerKey,
    message: bytes,
    signature: str,
    namespace: str = ACT_NAMESPACE,
    where: str = "signature",
) -> TokenUse | None:
    """Check that a signature is by this key, over these bytes, for this purpose.

    Returns:
        How the token was used, for a key in a token; else None.

    Raises:
        RecordError: it is not, or is not written as `ssh-keygen` writes it.
    """
    try:
        body = _body(key, signature, namespace)
        signed, token = _signed(key, body, _signed_data(message, namespace))
    except ValueError as error:
        raise RecordError(f"not a signature by {key.id}: {error}", where=where) from error
    bare = BlobReader(body)
    bare.string()
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(bare.string(), signed)
    except InvalidSignature as error:
        raise RecordError(
            f"the signature by {key.id} is wrong: it is not over these bytes", where=where
        ) from error
    return token


def _body(key: OfficerKey, text: str, namespace: str) -> bytes:
    """Read a signature's text down to the signature proper (PROTOCOL.sshsig, sections 1 and 2)."""
    inner = text.removeprefix(_BEGIN).removesuffix(_END)
    if len(text) > LONGEST_SIGNATURE or len(inner) != len(text) - len(_BEGIN) - len(_END):
        raise ValueError("it is no text that begins and ends as a signature of ssh-keygen")
    try:
        blob = BlobReader(base64.b64decode(inner.replace("\n", ""), validate=True))
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if blob.take(len(_MAGIC)) != _MAGIC or blob.number() != _VERSION:
        raise ValueError("not an SSHSIG of version 1")
    if blob.string() != key.blob:
        raise ValueError("another key signed")
    purpose = blob.string()
    if purpose != namespace.encode():
        raise ValueError(f"its namespace is {purpose[:60]!r}, not {namespace}")
    if blob.string():
        raise ValueError("something stands where nothing may")
    hashed = blob.string()
    if hashed != _HASH:
        raise ValueError(f"the bytes were hashed with {hashed[:20]!r}, not sha512")
    body = blob.string()
    blob.end()
    if _armor(key, namespace, body) != text:
        raise ValueError("not written as ssh-keygen writes it")
    return body


def _signed(key: OfficerKey, body: bytes, data: bytes) -> tuple[bytes, TokenUse | None]:
    """Give what the key itself signed: the data, or what a token makes of it (PROTOCOL.u2f)."""
    blob = BlobReader(body)
    if blob.string() != key.type.encode():
        raise ValueError("another type of key signed")
    if len(blob.string()) != 64:
        raise ValueError("an Ed25519 signature has 64 bytes")
    if key.type != TOKEN:
        blob.end()
        return data, None
    use = blob.take(5)
    blob.end()
    flags = use[0]
    if not flags & _PRESENT:
        raise ValueError("nobody touched the token")
    if flags & ~_FLAGS:
        raise ValueError(f"the token's flags are {flags:#04x}")
    application = hashlib.sha256(key.application.encode()).digest()
    token = TokenUse(int.from_bytes(use[1:], "big"), bool(flags & _VERIFIED))
    return application + use + hashlib.sha256(data).digest(), token


def _signed_data(message: bytes, namespace: str) -> bytes:
    """Give the data that is signed in place of a message (PROTOCOL.sshsig, section 3)."""
    digest = hashlib.sha512(message).digest()
    return _MAGIC + b"".join(map(string, (namespace.encode(), b"", _HASH, digest)))


def _armor(key: OfficerKey, namespace: str, body: bytes) -> str:
    """Write a signature as `ssh-keygen` does."""
    parts = (key.blob, namespace.encode(), b"", _HASH, body)
    blob = _MAGIC + _VERSION.to_bytes(4, "big") + b"".join(map(string, parts))
    encoded = base64.b64encode(blob).decode()
    lines = (encoded[place : place + _WIDTH] for place in range(0, len(encoded), _WIDTH))
    return _BEGIN + "".join(f"{line}\n" for line in lines) + _END
