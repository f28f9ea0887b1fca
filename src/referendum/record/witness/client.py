"""Ask witnesses to cosign a log's present checkpoint, and put their cosignatures into it."""

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from referendum.core.errors import InputError, OrderError, RecordError
from referendum.core.progress import report_progress
from referendum.record.durable import write_file
from referendum.record.log.note import (
    COSIGNATURE,
    VerifierKey,
    encode_signature,
    open_note,
    split_note,
)
from referendum.record.log.tile_log import CHECKPOINT, Log, lock_log
from referendum.record.plain_files import LARGEST_NOTE, read_record_file
from referendum.record.witness.cosignature import (
    add_cosignatures,
    verify_cosignature,
)
from referendum.record.witness.protocol import write_submission
from referendum.record.witness.service import Witness

ANSWER_SECONDS = 30.0
"""For one witness to answer, all its requests together."""

LARGEST_ANSWER = 131_072
MOST_ATTEMPTS = 5
"""Requests to one witness: others may be asking it to cosign the same log meanwhile."""

LOCK_SECONDS = 60.0
"""Seconds to wait for a writer that holds the record."""


@dataclass(frozen=True)
class WitnessAddress:
    """Where a witness is asked, and by which key its answer is known.

    Attributes:
        url: its submission prefix; `/add-checkpoint` is added.
        key: its verifier key, type 0x04.
    """

    url: str
    key: VerifierKey


@dataclass(frozen=True)
class Answer:
    """What came of asking a witness.

    Attributes:
        witness: who was asked.
        line: its signature line; empty if it did not cosign.
        time: of the cosignature, in seconds since 1970; 0 if there is none.
        failure: why it did not cosign; empty if it did.
        conflict: whether it has seen what this log does not contain.
    """

    witness: WitnessAddress
    line: str = ""
    time: int = 0
    failure: str = ""
    conflict: bool = False


class _Failure(Exception):  # noqa: N818 - becomes an answer, not an error
    """A witness does not cosign, and why."""

    def __init__(self, words: str, *, conflict: bool = False) -> None:
        super().__init__(words)
        self.conflict = conflict


def read_witness_address(text: str) -> WitnessAddress:
    """Read `URL=VERIFIER-KEY`.

    Raises:
        InputError: it is not that.
        KeyFault: the key is not that of a witness.
    """
    url, mark, key = text.partition("=")
    if not mark:
        raise InputError(f"{text!r} names no key", hint="--witness URL=VERIFIER-KEY")
    return WitnessAddress(require_url(url), VerifierKey.parse(key, COSIGNATURE))


def require_url(url: str) -> str:
    """Give the address of a witness without a slash at its end.

    Raises:
        InputError: it is no http address.
    """
    if not url.startswith(("http://", "https://")):
        raise InputError(f"{url!r} is no address", hint="http://HOST:PORT or https://…")
    return url.rstrip("/")


def ask_witnesses(
    log: Log, witnesses: Sequence[WitnessAddress], seconds: float = ANSWER_SECONDS
) -> list[Answer]:
    """Ask witnesses, all at once, to cosign the checkpoint of a log; a slow one holds up no other.

    Args:
        log: as its checkpoint has it.
        witnesses: whom to ask.
        seconds: for each to answer.

    Returns:
        For each what came of it, in the order given.
    """
    ends = time.monotonic() + seconds
    answers: dict[WitnessAddress, Answer] = {}
    threads = []
    for one in dict.fromkeys(witnesses):
        # Not waited for beyond its time: a name that is looked up for minutes cannot be stopped.
        thread = threading.Thread(target=_ask, args=(log, one, ends, answers), daemon=True)
        thread.start()
        threads.append(thread)
    for number, thread in enumerate(threads, 1):
        thread.join(max(0.0, ends - time.monotonic()))
        report_progress("witnesses asked", number, len(threads))
    late = f"no answer within {seconds:g} seconds"
    return [answers.get(one) or Answer(one, failure=late) for one in witnesses]


def put_cosignatures(log: Log, verifier: VerifierKey, answers: Sequence[Answer]) -> bytes:
    """Put cosignatures into the log's checkpoint, if it still is the one that they are over.

    Waits for a writer that holds the log, and never undoes what it appended.

    Raises:
        OrderError: the log has grown meanwhile; its checkpoint stays as it is.
        BusyError: a writer holds it for too long.
    """
    lines = [answer.line for answer in answers if answer.line]
    path = log.folder / CHECKPOINT
    with lock_log(log.folder, LOCK_SECONDS):
        present = read_record_file(log.folder, CHECKPOINT, LARGEST_NOTE)
        if open_note(present, verifier) != log.head.text:
            raise OrderError(
                "acts were appended while witnesses were asked",
                where=str(path),
                hint="ask again: the cosignatures are over the checkpoint before",
            )
        note = add_cosignatures(present, lines)
        if note != present:
            write_file(path, note)
    return note


def _ask(
    log: Log, witness: WitnessAddress, ends: float, answers: dict[WitnessAddress, Answer]
) -> None:
    try:
        answer = _submit(log, witness, lambda body: _post(witness.url, body, ends))
    except _Failure as failure:
        answer = Answer(witness, failure=str(failure), conflict=failure.conflict)
    except (RecordError, OSError) as error:
        answer = Answer(witness, failure=str(error))
    answers[witness] = answer


def ask_in_process(log: Log, witness: Witness) -> Answer:
    """Ask a witness that runs in this very program to cosign the checkpoint of a log."""

    def post(body: bytes) -> tuple[int, bytes]:
        reply = witness.add_checkpoint(body)
        return reply.status, reply.body.encode()

    address = WitnessAddress("", witness.cosigner.verifier)
    try:
        return _submit(log, address, post)
    except _Failure as failure:
        return Answer(address, failure=str(failure), conflict=failure.conflict)


def _submit(
    log: Log, witness: WitnessAddress, post: Callable[[bytes], tuple[int, bytes]]
) -> Answer:
    """Ask one witness, from the size that it says it knows."""
    old = 0
    for _ in range(MOST_ATTEMPTS):
        note = log.checkpoint
        body = write_submission(old, log.consistency_proof(old), note)
        status, answer = post(body)
        if status == 200:
            return _read_cosignature(log.head.text, witness, answer)
        if status != 409:
            raise _refusal(status, answer)
        known = _read_known_size(answer)
        if known == old == 0:
            raise _Failure("it refuses old size 0 and states 0")
        if known == old:
            raise _Failure(f"it has seen another history of {known:,} acts", conflict=True)
        if known > log.size:
            words = f"it has seen {known:,} acts of this log, here are {log.size:,}"
            raise _Failure(f"{words}: this is an older copy, or another history", conflict=True)
        old = known
    raise _Failure("what it knows changed with every request")


def _post(url: str, body: bytes, ends: float) -> tuple[int, bytes]:
    request = urllib.request.Request(  # noqa: S310 - http(s) only, see require_url
        f"{url}/add-checkpoint",
        data=body,
        headers={"Content-Type": "text/plain; charset=utf-8", "User-Agent": "referendum"},
    )
    remaining = ends - time.monotonic()
    if remaining <= 0:
        raise _Failure("no answer in time")
    try:
        with _OPENER.open(request, timeout=remaining) as response:
            return response.status, _read_bounded(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _read_bounded(error)
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise _Failure(f"cannot be reached: {reason}") from error


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Follows no answer that names another address."""

    def redirect_request(self, *_: Any) -> None:  # noqa: ANN401
        """Give no request to make instead."""


_OPENER = urllib.request.build_opener(_NoRedirects)


def _read_bounded(response: Any) -> bytes:  # noqa: ANN401 - an answer or an error, both readable
    data: bytes = response.read(LARGEST_ANSWER + 1)
    if len(data) > LARGEST_ANSWER:
        raise _Failure(f"its answer has more than {LARGEST_ANSWER:,} bytes")
    return data


def _read_known_size(answer: bytes) -> int:
    text = answer.decode(errors="replace")
    digits = text.removesuffix("\n")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 19):
        raise _Failure(f"it says 409 and states no size: {text[:80]!r}")
    return int(digits)


def _refusal(status: int, answer: bytes) -> _Failure:
    words = answer.decode(errors="replace").strip().partition("\n")[0][:120]
    known = {
        403: "it does not take this log's signature",
        404: "it does not know this log, or the address is wrong",
        422: "it does not find this log to contain what it has seen",
    }
    words_of_status = known.get(status, "it refuses")
    return _Failure(
        f"{words_of_status} ({status}{f': {words}' if words else ''})", conflict=status == 422
    )


def _read_cosignature(text: str, witness: WitnessAddress, answer: bytes) -> Answer:
    """Take the witness's own cosignature from its answer; by other keys are passed over."""
    try:
        _, signatures = split_note(f"\n\n{answer.decode()}".encode(), "its answer")
    except (UnicodeDecodeError, RecordError) as error:
        raise _Failure("its answer is no cosignature") from error
    for name, body in signatures:
        if (name, body[:4]) == (witness.key.name, witness.key.id):
            moment = verify_cosignature(text, body, witness.key)
            return Answer(witness, line=encode_signature(name, body), time=moment)
    raise _Failure(f"its answer is not signed by {witness.key.name}+{witness.key.id.hex()}")
