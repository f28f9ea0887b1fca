"""A hardware token in software, and SSHSIG composed by hand, of any form that one likes."""

import base64
import hashlib
from dataclasses import dataclass, field
from struct import pack

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

TYPE = b"sk-ssh-ed25519@openssh.com"


def private_key(seed: bytes) -> Ed25519PrivateKey:
    """A private key that is the same every time."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed).digest())


def strings(*parts: bytes) -> bytes:
    """Each with its length before it."""
    return b"".join(pack(">I", len(part)) + part for part in parts)


def to_be_signed(message, namespace=b"referendum-act@referendum", reserved=b"", hashed=b"sha512"):
    """What is signed in place of a message."""
    digest = hashlib.new(hashed.decode(), message).digest()
    return b"SSHSIG" + strings(namespace, reserved, hashed, digest)


def armor(blob: bytes, width: int = 70) -> str:
    """Wrap a blob as a signature."""
    text = base64.b64encode(blob).decode()
    lines = [text[place : place + width] for place in range(0, len(text), width)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----\n"])


def blob_of(signature: str) -> bytes:
    """Unwrap a signature."""
    return base64.b64decode("".join(signature.split("\n")[1:-2]))


def sshsig(
    key: bytes,
    body: bytes,
    *,
    magic=b"SSHSIG",
    version=1,
    namespace=b"referendum-act@referendum",
    reserved=b"",
    hashed=b"sha512",
    more=b"",
) -> bytes:
    """Compose the blob of a signature."""
    return magic + pack(">I", version) + strings(key, namespace, reserved, hashed, body) + more


@dataclass
class EmulatedToken:
    """A key that never leaves its token."""

    application: bytes = b"ssh:"
    private: Ed25519PrivateKey = field(default_factory=lambda: private_key(b"token"))
    counter: int = 0

    @property
    def blob(self) -> bytes:
        return strings(TYPE, self.private.public_key().public_bytes_raw(), self.application)

    @property
    def line(self) -> str:
        return f"{TYPE.decode()} {base64.b64encode(self.blob).decode()}"

    def body(self, data: bytes, flags: int = 1) -> bytes:
        """Sign data as FIDO does: with the application, the flags and a counter."""
        self.counter += 1
        use = pack(">BI", flags, self.counter)
        application = hashlib.sha256(self.application).digest()
        signature = self.private.sign(application + use + hashlib.sha256(data).digest())
        return strings(TYPE, signature) + use

    def sign(self, message: bytes, flags: int = 1) -> str:
        return armor(sshsig(self.blob, self.body(to_be_signed(message), flags)))
