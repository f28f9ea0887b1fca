"""Officers' keys: Ed25519, in a file with a passphrase or in a hardware token.

Both are written as OpenSSH writes them, so that an officer may sign with `ssh-keygen -Y sign`, an
agent or a token. Sources: RFC 8709 (Ed25519 in SSH); PROTOCOL.key and PROTOCOL.u2f of OpenSSH.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PrivateFormat,
    load_ssh_private_key,
)

from referendum.core.errors import KeyFault
from referendum.core.printing import printable_text
from referendum.record.durable import write_new_file
from referendum.record.log.note import is_weak
from referendum.record.officers.ssh_wire import BlobReader, string
from referendum.record.plain_files import read_key_bytes

KEY_FILE, TOKEN = "ssh-ed25519", "sk-ssh-ed25519@openssh.com"
"""The two types of keys."""

LONGEST_LINE, LONGEST_COMMENT, LONGEST_FILE = 1_000, 100, 10_000
"""Characters of a key's line and comment; bytes of a file that is read as a key."""

_APPLICATION = re.compile(r"ssh:[!-~]{0,100}", re.ASCII)
"""What OpenSSH lets a token sign for; the address of a web site is none."""

_ROUNDS = 24
"""Of bcrypt over a passphrase, as in OpenSSH 10: a good half of a second."""

_MAKE = "make one with: ssh-keygen -t ed25519, or -t ed25519-sk for a token"

_FIND = "name the officer's own key file, as FILE or FILE.pub: another key is no officer's"


@dataclass(frozen=True)
class OfficerKey:
    """An officer's public key.

    Attributes:
        public: 32 bytes of the Ed25519 public key.
        application: of a key in a hardware token, what it signs for, mostly `ssh:`; else empty.
        comment: whose key it is, as its owner says; no part of the key.
    """

    public: bytes
    application: str = ""
    comment: str = field(default="", compare=False)

    @property
    def type(self) -> str:
        """The type as OpenSSH names it."""
        return TOKEN if self.application else KEY_FILE

    @property
    def blob(self) -> bytes:
        """The key in OpenSSH's binary form."""
        application = string(self.application.encode()) if self.application else b""
        return string(self.type.encode()) + string(self.public) + application

    @property
    def id(self) -> str:
        """The fingerprint: `SHA256:` and 43 characters, as `ssh-keygen -l` prints it."""
        digest = hashlib.sha256(self.blob).digest()
        return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")

    @property
    def line(self) -> str:
        """The line that names the key, without a comment."""
        return f"{self.type} {base64.b64encode(self.blob).decode()}"

    def __str__(self) -> str:
        return f"{self.line} {self.comment}" if self.comment else self.line

    @classmethod
    def parse(cls, line: str, where: str = "") -> "OfficerKey":
        """Read a public key line such as `ssh-ed25519 AAAAC3Nz… name`.

        Raises:
            KeyFault: it is no such line, is written otherwise than OpenSSH writes it, or anybody
                could sign under the key.
        """
        kind, _, rest = line[: LONGEST_LINE + 1].partition(" ")
        encoded, blank, comment = rest.partition(" ")
        if kind not in (KEY_FILE, TOKEN):
            words = f"{kind[:40]!r} is no type of key that an officer can have"
            raise KeyFault(words, where=where, hint=_MAKE)
        try:
            public, application = _split_blob(base64.b64decode(encoded, validate=True), kind)
        except (ValueError, binascii.Error) as error:
            raise KeyFault("not a public key line", where=where, hint=_FIND) from error
        if is_weak(public):
            raise KeyFault("under this key anybody can sign", where=where, hint=_MAKE)
        key = cls(public, application, comment)
        # Bits that no byte uses, and lengths, must not make a second line of the same key.
        if key.line != f"{kind} {encoded}" or bool(blank) != bool(comment) or len(line) > 1_000:
            raise KeyFault("not written as OpenSSH writes a key", where=where, hint=_MAKE)
        _require_comment(comment, where)
        return key


def _split_blob(blob: bytes, kind: str) -> tuple[bytes, str]:
    """Take a key's blob apart: public key and application."""
    reader = BlobReader(blob)
    if reader.string() != kind.encode():
        raise ValueError("another type")
    public = reader.string()
    application = reader.string().decode("ascii") if kind == TOKEN else ""
    reader.end()
    if len(public) != 32 or (kind == TOKEN and not _APPLICATION.fullmatch(application)):
        raise ValueError("not an Ed25519 key")
    return public, application


def _require_comment(comment: str, where: str) -> None:
    is_unprintable = (
        comment != comment.strip() or "\n" in comment or printable_text(comment) != comment
    )
    if is_unprintable or len(comment) > LONGEST_COMMENT:
        hint = f"leave it out, or use at most {LONGEST_COMMENT} letters, signs and blanks"
        raise KeyFault("the key's comment cannot be shown", where=where, hint=hint)


@dataclass(frozen=True)
class OfficerSigner:
    """An officer's private key, unlocked."""

    private: Ed25519PrivateKey
    comment: str = ""

    @property
    def key(self) -> OfficerKey:
        """The public half."""
        return OfficerKey(self.private.public_key().public_bytes_raw(), comment=self.comment)


def new_officer_signer(comment: str = "") -> OfficerSigner:
    """Make a key that is kept nowhere yet."""
    _require_comment(comment, "")
    return OfficerSigner(Ed25519PrivateKey.generate(), comment)


def write_new_officer_key(path: Path, passphrase: str, comment: str = "") -> OfficerSigner:
    """Make a key; keep it in a new file that only its owner can read, and the public line beside.

    The public line is in the file of the same name with `.pub`. Both are as `ssh-keygen` makes
    them.

    Raises:
        KeyFault: no passphrase is given, one of the files is there already, or cannot be written.
    """
    if not passphrase:
        hint = "an officer's key file is of no use to a thief only if it has one"
        raise KeyFault("the key needs a passphrase", where=str(path), hint=hint)
    public = public_path(path)
    if public.exists():
        raise _exists_fault(public)
    if path.exists():
        signer = _reopen_unfinished_key(path, passphrase, comment)
    else:
        signer = new_officer_signer(comment)
        _write_new(path, _encrypt(signer, passphrase, path), 0o600)
    _write_new(public, f"{signer.key}\n".encode(), 0o644)
    return signer


def _reopen_unfinished_key(path: Path, passphrase: str, comment: str) -> OfficerSigner:
    """Give the key of which the public line was not written any more, to whoever can open it."""
    try:
        private = load_officer_signer(path, passphrase).private
    except KeyFault as error:
        raise _exists_fault(path) from error
    return OfficerSigner(private, comment)


def _encrypt(signer: OfficerSigner, passphrase: str, path: Path) -> bytes:
    builder = PrivateFormat.OpenSSH.encryption_builder().kdf_rounds(_ROUNDS)
    try:
        locked = builder.build(passphrase.encode())
        return signer.private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, locked)
    except UnsupportedAlgorithm as error:
        raise _not_supported(path, error) from error


def public_path(path: Path) -> Path:
    """Where the public line of a private key lies: the same name with `.pub`."""
    return path.with_name(f"{path.name}.pub")


def load_officer_key(path: Path) -> OfficerKey:
    """Load a public key from a file of one line.

    Raises:
        KeyFault: no file, or not a public key.
    """
    try:
        text = _read_key_file(path).decode()
    except UnicodeDecodeError as error:
        raise KeyFault("not a public key line", where=str(path), hint=_FIND) from error
    if "PRIVATE KEY" in text:
        hint = f"the public key is in the file {public_path(path).name}"
        raise KeyFault("this is a private key: show it to nobody", where=str(path), hint=hint)
    return OfficerKey.parse(text.removesuffix("\n").removesuffix("\r"), str(path))


def load_officer_signer(path: Path, passphrase: str | None = None) -> OfficerSigner:
    """Load a private key in OpenSSH's format.

    Raises:
        KeyFault: no file, one that others can read, no Ed25519 key in it, or a passphrase that is
            missing or wrong.
    """
    data = _read_key_file(path)
    if path.stat().st_mode & 0o077:
        hint = f"keep it to yourself: chmod 600 {path}"
        raise KeyFault("others can read or change this private key", where=str(path), hint=hint)
    try:
        private = load_ssh_private_key(data, passphrase.encode() if passphrase else None)
    except TypeError as error:
        raise _passphrase_fault(path, given=bool(passphrase)) from error
    except UnsupportedAlgorithm as error:
        raise _not_supported(path, error) from error
    except ValueError as error:
        wrong = "the passphrase is wrong, or the file is damaged"
        fault = wrong if passphrase else "not a private key in OpenSSH's format"
        raise KeyFault(fault, where=str(path)) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyFault("the key is not an Ed25519 key", where=str(path), hint=_MAKE)
    return OfficerSigner(private)


def _read_key_file(path: Path) -> bytes:
    try:
        data = read_key_bytes(path, LONGEST_FILE)
    except OSError as error:
        words = f"the key cannot be read: {error.strerror}"
        raise KeyFault(words, where=str(path), hint=_FIND) from error
    if len(data) > LONGEST_FILE:
        raise KeyFault("too large for a key", where=str(path), hint=_FIND)
    return data


def _write_new(path: Path, data: bytes, mode: int) -> None:
    try:
        write_new_file(path, data, mode)
    except FileExistsError as error:
        raise _exists_fault(path) from error
    except OSError as error:
        raise KeyFault(f"cannot be written: {error.strerror}", where=str(path)) from error


def _exists_fault(path: Path) -> KeyFault:
    hint = (
        "a key is never overwritten; if it is the officer's, go on with it: a second key signs"
        " nothing before it is appointed; for another officer, name another file"
    )
    return KeyFault("there is a file here already", where=str(path), hint=hint)


def _passphrase_fault(path: Path, *, given: bool) -> KeyFault:
    if given:
        return KeyFault("the key has no passphrase, and one was given", where=str(path))
    return KeyFault("the key is protected by a passphrase, and none was given", where=str(path))


def _not_supported(path: Path, error: UnsupportedAlgorithm) -> KeyFault:
    if "bcrypt" in str(error):
        hint = "install it: pip install bcrypt"
        words = "keys with a passphrase need the package bcrypt, which is not here"
        return KeyFault(words, where=str(path), hint=hint)
    hint = (
        "a key in a token signs with: ssh-keygen -Y sign -n referendum-act@referendum -f KEY FILE"
    )
    return KeyFault(f"cannot be unlocked here: {error}", where=str(path), hint=hint)
