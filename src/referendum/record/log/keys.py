"""Signing keys: Ed25519, in PKCS#8 PEM files outside every record."""

from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from referendum.core.errors import KeyFault
from referendum.record.durable import write_new_file
from referendum.record.log.note import LOG_NAME, Checkpoint, VerifierKey, signature_line
from referendum.record.plain_files import read_key_bytes

LARGEST_KEY = 10_000
"""Bytes of a key file."""


@dataclass(frozen=True)
class Signer:
    """A log's signing key with its name."""

    name: str
    private: Ed25519PrivateKey

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(self.name, self.private.public_key().public_bytes_raw())

    def sign(self, checkpoint: Checkpoint) -> bytes:
        """Give the checkpoint as a signed note."""
        return self.sign_text(checkpoint.text)

    def sign_text(self, text: str) -> bytes:
        """Give lines of text, the last one ended too, as a signed note (C2SP signed-note)."""
        signature = self.private.sign(text.encode())
        return f"{text}\n{signature_line(self.verifier, signature)}".encode()


def new_signer(name: str) -> Signer:
    """Make a key that is kept nowhere yet.

    Raises:
        KeyFault: the name cannot be that of a log.
    """
    require_key_name(name, "log")
    return Signer(name, Ed25519PrivateKey.generate())


def require_key_name(name: str, of: str) -> None:
    """Insist that a name can be that of the key of a log or a witness.

    Raises:
        KeyFault: it cannot.
    """
    if not LOG_NAME.fullmatch(name):
        hint = "a URL without https://, in ASCII letters, without blanks or plus signs"
        raise KeyFault(f"{name!r} cannot name a {of}", hint=hint)


def write_new_key(path: Path, name: str, passphrase: str | None = None) -> Signer:
    """Make a key and keep it in a new file that only its owner can read.

    Raises:
        KeyFault: the file is there already, or cannot be written.
    """
    signer = new_signer(name)
    write_private_key(path, signer.private, passphrase)
    return signer


def write_private_key(
    path: Path, private: Ed25519PrivateKey, passphrase: str | None = None, heading: str = ""
) -> None:
    """Keep a key in a new file that only its owner can read, below a heading of plain lines.

    Raises:
        KeyFault: the file is there already, or cannot be written.
    """
    encryption: KeySerializationEncryption = NoEncryption()
    if passphrase:
        encryption = BestAvailableEncryption(passphrase.encode())
    data = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    try:
        write_new_file(path, heading.encode() + data)
    except FileExistsError as error:
        hint = (
            "a key is never overwritten; if it is the key of this name, go on with it; only for"
            " another name, name another file with --out"
        )
        raise KeyFault("there is a file here already", where=str(path), hint=hint) from error
    except OSError as error:
        raise KeyFault(f"cannot be written: {error.strerror}", where=str(path)) from error


def load_signer(path: Path, name: str, passphrase: str | None = None) -> Signer:
    """Load a key for the log of this name; the file holds no name.

    Raises:
        KeyFault: no file, no Ed25519 key in it, or a passphrase that is missing or wrong.
    """
    hint = (
        "name its file with --key FILE; only if no record of this name has been opened yet, make"
        f" one with: referendum key new --origin {name}"
    )
    return Signer(name, read_private_key(read_key_file(path, hint), path, passphrase))


def read_key_file(path: Path, hint: str) -> bytes:
    """Read a key file.

    Raises:
        KeyFault: it is not there; the hint says how to make one.
    """
    try:
        data = read_key_bytes(path, LARGEST_KEY)
    except OSError as error:
        words = "the signing key is not here" if not path.exists() else str(error.strerror)
        raise KeyFault(words, where=str(path), hint=hint) from error
    if len(data) > LARGEST_KEY:
        raise KeyFault("too large for a key", where=str(path), hint=hint)
    return data


def read_private_key(data: bytes, path: Path, passphrase: str | None) -> Ed25519PrivateKey:
    """Read the PEM of a key file.

    Raises:
        KeyFault: no Ed25519 key in it, or a passphrase that is missing or wrong.
    """
    try:
        private = load_pem_private_key(data, passphrase.encode() if passphrase else None)
    except TypeError as error:
        raise _passphrase_fault(path, given=bool(passphrase)) from error
    except ValueError as error:
        wrong = "the passphrase is wrong, or the file is not a key"
        fault = wrong if passphrase else "the file is not a signing key"
        raise KeyFault(fault, where=str(path)) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyFault("the key is not an Ed25519 key", where=str(path))
    return private


def _passphrase_fault(path: Path, *, given: bool) -> KeyFault:
    if given:
        return KeyFault("the key has no passphrase, and one was given", where=str(path))
    hint = "set REFERENDUM_PASSPHRASE or answer when asked"
    return KeyFault("the key is protected by a passphrase", where=str(path), hint=hint)
