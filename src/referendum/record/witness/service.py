"""A witness: what it answers, from its key, the logs that it knows and what it has seen."""

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from referendum.record.log.note import VerifierKey
from referendum.record.witness.cosignature import Cosigner
from referendum.record.witness.protocol import (
    EMPTY_TREE,
    Logs,
    OtherHistory,
    Refusal,
    Reply,
    Submission,
    read_submission,
    require_growth,
    require_signature,
)
from referendum.record.witness.state import Change, CosignedCheckpoint, WitnessState


def logs_by_origin(keys: Iterable[VerifierKey]) -> Logs:
    """Sort the keys of logs by origin; one log may have several."""
    logs: dict[str, list[VerifierKey]] = {}
    for key in dict.fromkeys(keys):
        logs.setdefault(key.name, []).append(key)
    return logs


@dataclass
class Witness:
    """A witness.

    Attributes:
        cosigner: its key.
        logs: the keys that it trusts, by origin.
        state: what it has cosigned.
        on_evidence: called with the origin of a log that signed what cannot be cosigned, and the
            file that keeps it; None where it could not be kept.
        clock: seconds since 1970, in UTC.
    """

    cosigner: Cosigner
    logs: Logs
    state: WitnessState
    on_evidence: Callable[[str, Path | None], None] = lambda _origin, _path: None
    clock: Callable[[], float] = time.time
    _origins: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Know the logs by the hashes of their origins too."""
        self._origins = {hashlib.sha256(one.encode()).hexdigest(): one for one in self.logs}

    def add_checkpoint(self, body: bytes) -> Reply:
        """Answer a request to cosign (C2SP tlog-witness, `add-checkpoint`).

        Raises:
            BusyError: what would be cosigned cannot be kept.
        """
        return self.begin(body)()

    def begin(self, body: bytes) -> Callable[[], Reply]:
        """Take a request to cosign; what is given waits for the disk, and gives the answer.

        So a client that sends further requests before the answer to the first one shares a sync.
        """
        try:
            submission = read_submission(body)
            note = require_signature(submission, self.logs)
        except Refusal as refusal:
            reply = refusal.reply
            return lambda: reply
        task = self.state.begin(submission.origin, self._change(submission, note))

        def finish() -> Reply:
            try:
                return Reply(200, self.state.finish(task))
            except Refusal as refusal:
                if refusal.status == 422 or isinstance(refusal, OtherHistory):
                    self._keep_evidence(submission.origin, note)
                return refusal.reply

        return finish

    def latest(self, origin_hash: str) -> Reply:
        """Give the checkpoint of a log that was cosigned last, with the cosignature.

        Args:
            origin_hash: SHA-256 of the log's origin, in lower-case hexadecimal digits.
        """
        origin = self._origins.get(origin_hash)
        seen = self.state.last_cosigned(origin) if origin is not None else None
        if seen is None:
            return Refusal(404, "no checkpoint of such a log was cosigned here").reply
        return Reply(200, seen.note.decode())

    def _change(self, submission: Submission, note: bytes) -> Change[str]:
        def change(seen: CosignedCheckpoint | None) -> tuple[CosignedCheckpoint, str]:
            require_growth(submission, seen.tree if seen else EMPTY_TREE)
            # A clock that was set back must not make later cosignatures look like earlier ones.
            now = max(int(self.clock()), seen.time if seen else 0)
            line = self.cosigner.cosign(submission.text, now)
            return CosignedCheckpoint(submission.tree, now, note + line.encode()), line

        return change

    def _keep_evidence(self, origin: str, note: bytes) -> None:
        try:
            path = self.state.keep_evidence(origin, note)
        except OSError:
            self.on_evidence(origin, None)
            return
        if path is not None:
            self.on_evidence(origin, path)
