"""Who else saw this history: cosignatures held against a policy (C2SP tlog-cosignature, v1)."""

from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from referendum.verify.checkpoint import CHECKPOINT, Checkpoint, Key
from referendum.verify.policy import Policy
from referendum.verify.report import Mismatch, Report

WITNESSES = "The witnesses"

SKEW = timedelta(minutes=10)
"""By how much two honest clocks may differ here."""

_LOOK_ALIKE = str.maketrans("015i|_.", "olsll--")


def check_cosignatures(
    report: Report, checkpoint: Checkpoint, policy: Policy, recorded: datetime, now: datetime
) -> None:
    """Say which witnesses of the policy signed the checkpoint, and whether they are enough.

    Args:
        report: takes the findings.
        checkpoint: the checkpoint, with the signatures that are not the log's.
        policy: the reader's.
        recorded: when the last act says that it was appended.
        now: by the reader's clock.
    """
    times: dict[str, int] = {}
    known = _by_line(policy)
    for name, body in checkpoint.other_signatures:
        witness = known.get((name, body[:4]))
        if witness is None:
            words = f"not counted: {_unknown_key_words(name, body[:4], policy)}"
            report.add("remark", WITNESSES, words)
            continue
        try:
            time = _read_time(policy.witnesses[witness], body, checkpoint.text)
        except Mismatch as mismatch:
            report.fail(WITNESSES, mismatch)
            continue
        times[witness] = max(time, times.get(witness, 0))
    for witness, time in times.items():
        _report_time(report, policy.witnesses[witness].name, witness, time, (recorded, now))
    _check_quorum(report, policy, times)


def witness_times(checkpoint: Checkpoint, policy: Policy) -> dict[str, int]:
    """Give the witnesses of a policy that signed the checkpoint, each with its latest time."""
    times: dict[str, int] = {}
    known = _by_line(policy)
    for name, body in checkpoint.other_signatures:
        if witness := known.get((name, body[:4])):
            time = _read_time(policy.witnesses[witness], body, checkpoint.text)
            times[witness] = max(time, times.get(witness, 0))
    return times


def _by_line(policy: Policy) -> dict[tuple[str, bytes], str]:
    """Give the policy's names of witnesses by what a signature line has of a key."""
    return {(key.name, key.id): name for name, key in policy.witnesses.items()}


def _read_time(key: Key, body: bytes, text: str) -> int:
    """Check a cosignature; give its time in seconds since 1970."""
    time = int.from_bytes(body[4:12], "big")
    if len(body) != 4 + 8 + 64 or not 0 < time < 2**63:
        raise Mismatch(f"the cosignature of {key.name} is malformed", CHECKPOINT)
    message = f"cosignature/v1\ntime {time}\n{text}".encode()
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(body[12:], message)
    except InvalidSignature as error:
        words = f"the cosignature of {key.name} is over another text than this checkpoint"
        raise Mismatch(words, CHECKPOINT) from error
    return time


def _unknown_key_words(name: str, key_id: bytes, policy: Policy) -> str:
    """Say of a key that the policy does not name what it may be taken for."""
    for key in policy.witnesses.values():
        if name == key.name:
            return f"a signature by another key under the name of {key.name}"
        if key_id == key.id:
            return f"a signature under the name {name}, with the key id of {key.name}"
        if _lookalike_key(name) == _lookalike_key(key.name):
            return f"a signature by {name}, which is not {key.name} and looks like it"
    return f"a signature by {name}, whose key the policy does not name"


def _lookalike_key(name: str) -> str:
    """Give what names that look alike in print have in common."""
    return name.lower().translate(_LOOK_ALIKE)


def _report_time(
    report: Report, key_name: str, witness: str, time: int, clocks: tuple[datetime, datetime]
) -> None:
    recorded, now = clocks
    alias = f" ({witness})" if witness != key_name else ""
    moment = moment_of(time)
    if moment is None or moment > now + SKEW:
        when = f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else f"the year 9999 is past ({time} s)"
        words = f"{key_name}{alias} signed at a time in the future by your clock: {when}"
        report.add("remark", WITNESSES, words)
        return
    words = f"{key_name}{alias} signed this checkpoint at {moment:%Y-%m-%d %H:%M:%S} UTC"
    early = recorded - moment
    if early > SKEW:
        said = f"{words}, before the last act was recorded ({recorded:%Y-%m-%d %H:%M:%S} UTC)"
        report.add("remark", WITNESSES, f"{said}: one of the two clocks is wrong")
        return
    seconds = int(early.total_seconds())
    late = f", by its clock {seconds} s before the last act was recorded" if seconds > 0 else ""
    report.add("checked", WITNESSES, words + late)


def moment_of(time: int) -> datetime | None:
    """Give a time as a date; None beyond the calendar."""
    try:
        return datetime.fromtimestamp(time, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _check_quorum(report: Report, policy: Policy, times: dict[str, int]) -> None:
    if policy.quorum == "none":
        words = "the policy asks for no witness: another history shown to others would not be seen"
        report.add("remark", WITNESSES, words)
        return
    met = policy.met(times)
    needs = policy.describe(policy.quorum, met)
    if policy.quorum not in met:
        unmet = [
            policy.describe(name, met)
            for name in _names_below(policy, policy.quorum)
            if name in policy.groups and name not in met
        ]
        words = "; ".join([f"the quorum of your policy is not met: {needs}", *unmet])
        report.fail(WITNESSES, Mismatch(words, CHECKPOINT))
        return
    report.add("checked", WITNESSES, f"the quorum of your policy is met: {needs}")
    names = ", ".join(sorted(policy.witnesses[name].name for name in times))
    report.outcome_notes.append(
        f"Enough of the witnesses that your policy names signed this very history: {names}."
    )


def _names_below(policy: Policy, top: str) -> list[str]:
    """Give the names below a group, from the top down."""
    found = list(policy.groups[top].members) if top in policy.groups else []
    for name in found:  # the list grows while it is gone through
        found += policy.groups[name].members if name in policy.groups else ()
    return found
