"""What a witness answers to `add-checkpoint`: C2SP tlog-witness v1.0.0, without input or output."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from referendum.core.errors import RecordError, ReferendumError
from referendum.record.log.merkle import EMPTY_ROOT, HASH_BYTES, ProofError, verify_consistency
from referendum.record.log.note import VerifierKey, decode_base64, encode_signature, split_note

LARGEST_BODY = 131_072
"""Bytes of a request: 63 lines of proof, and 16 signatures of 5 kB, which a reader must take."""

MOST_PROOF_LINES = 63
LARGEST_SIZE = 2**63 - 1
"""Entries that a log may have here."""

PLAIN = "text/plain; charset=utf-8"
SIZE_TYPE = "text/x.tlog.size"

Logs = Mapping[str, Sequence[VerifierKey]]
"""The keys that a witness trusts, by origin."""

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True)
class Tree:
    """A state of a log: how many entries it had, and the root over them."""

    size: int
    root: bytes


EMPTY_TREE = Tree(0, EMPTY_ROOT)


@dataclass(frozen=True)
class Submission:
    """What a client sends to `add-checkpoint`.

    Attributes:
        old: the size from which the proof leads, as the client believes the witness to know it.
        proof: hashes of the consistency proof.
        origin: the log.
        tree: what the checkpoint says.
        text: the checkpoint's text, which is signed.
        signatures: of each signature line the key name, and the key id with the signature.
    """

    old: int
    proof: tuple[bytes, ...]
    origin: str
    tree: Tree
    text: str
    signatures: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class Reply:
    """An answer over HTTP."""

    status: int
    body: str
    content_type: str = PLAIN


class Refusal(ReferendumError):  # noqa: N818 - an answer, not a fault
    """A witness does not cosign.

    Args:
        status: of the HTTP answer.
        message: why.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    @property
    def reply(self) -> Reply:
        """The answer."""
        return Reply(self.status, f"{self.message}\n")


class Conflict(Refusal):
    """The client's old size is not the witness's, or its tree of the same size is another.

    Args:
        message: why.
        size: of the tree that the witness cosigned last.
    """

    def __init__(self, message: str, size: int) -> None:
        super().__init__(409, message)
        self.size = size

    @property
    def reply(self) -> Reply:
        """The answer, which states the size and nothing else."""
        return Reply(self.status, f"{self.size}\n", SIZE_TYPE)


class OtherHistory(Conflict):
    """The log signed two trees of one size."""


def write_submission(old: int, proof: Sequence[bytes], note: bytes) -> bytes:
    """Write the body of a request."""
    lines = [f"old {old}\n", *(f"{base64.b64encode(value).decode()}\n" for value in proof), "\n"]
    return "".join(lines).encode() + note


def read_submission(body: bytes) -> Submission:
    """Read the body of a request.

    Raises:
        Refusal: it is malformed (400).
    """
    if len(body) > LARGEST_BODY:
        raise Refusal(400, f"the body has more than {LARGEST_BODY} bytes")
    head, blank, note = body.partition(b"\n\n")
    lines = head.split(b"\n", MOST_PROOF_LINES + 2)
    if not blank or len(lines) > 1 + MOST_PROOF_LINES:
        raise Refusal(400, f"not an old size, up to {MOST_PROOF_LINES} hashes and a checkpoint")
    word, space, size = lines[0].decode(errors="replace").partition(" ")
    if word != "old" or not space:
        raise Refusal(400, "the first line is not: old SIZE")
    try:
        proof = tuple(_read_hash(line.decode()) for line in lines[1:])
        text, signatures = split_note(note, "checkpoint")
        origin, tree = read_tree(text)
        return Submission(_read_size(size), proof, origin, tree, text, tuple(signatures))
    except (ValueError, RecordError) as error:
        raise Refusal(400, str(error)) from error


def read_tree(text: str) -> tuple[str, Tree]:
    """Read a checkpoint's text (tlog-checkpoint): its origin and tree; extension lines may follow.

    Raises:
        ValueError: it is no checkpoint.
    """
    origin, *lines = text.removesuffix("\n").split("\n")
    if len(lines) < 2 or not all((origin, *lines)):
        raise ValueError("a checkpoint has an origin, a size and a root, and no empty lines")
    return origin, Tree(_read_size(lines[0]), _read_hash(lines[1]))


def require_signature(submission: Submission, logs: Logs) -> bytes:
    """See that a trusted key of the log signed; give the checkpoint with such signatures alone.

    Raises:
        Refusal: the log is not known (404), or not signed by its key (403).
    """
    keys = {(key.name, key.id): key for key in logs.get(submission.origin, ())}
    if not keys:
        raise Refusal(404, "this log is not known here")
    good = []
    for name, body in dict.fromkeys(submission.signatures):
        key = keys.get((name, body[:4]))
        if key is None:
            continue
        try:
            public = Ed25519PublicKey.from_public_bytes(key.public)
            public.verify(body[4:], submission.text.encode())
        except InvalidSignature as error:
            raise Refusal(403, "the log's signature is wrong") from error
        good.append(encode_signature(name, body))
    if not good:
        raise Refusal(403, "not signed by a key that is trusted for this log")
    return f"{submission.text}\n{''.join(good)}".encode()


def require_growth(submission: Submission, known: Tree) -> None:
    """See that the submitted tree contains the one that this witness cosigned last.

    Of another tree of the same size v1.0.0 says 409; drafts of a later version say 422.

    Args:
        submission: whose signature has been checked.
        known: the tree cosigned last; the empty one, if none was.

    Raises:
        Refusal: it is not shown to; 400, 409 or 422.
    """
    old, tree = submission.old, submission.tree
    if old > tree.size:
        raise Refusal(400, f"the old size {old} is above the checkpoint's, {tree.size}")
    if old != known.size:
        raise Conflict(f"the old size is {old}, known here is {known.size}", known.size)
    if old == tree.size and old and tree.root != known.root:
        raise OtherHistory(f"another tree of {old} entries is known here", known.size)
    try:
        verify_consistency(old, tree.size, submission.proof, known.root, tree.root)
    except ProofError as error:
        raise Refusal(422, f"the consistency proof fails: {error.message}") from error


def _read_size(text: str) -> int:
    if not _SIZE.fullmatch(text) or int(text) > LARGEST_SIZE:
        raise ValueError("a size is a decimal number without leading zeros, below 2^63")
    return int(text)


def _read_hash(text: str) -> bytes:
    value = decode_base64(text)
    if len(value) != HASH_BYTES:
        raise ValueError(f"a hash has {HASH_BYTES} bytes")
    return value
