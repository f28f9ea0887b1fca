"""What a page says of witnesses: who they are by the publisher's policy, and when each signed."""

from datetime import UTC, datetime
from typing import Any

from referendum.core.errors import InputError
from referendum.publish.figures import Row, mark, state, trace
from referendum.record.log.note import VerifierKey
from referendum.record.reading import Record
from referendum.record.witness import Policy, find_cosignatures, read_policy

POLICY = "policy.txt"


def require_publishable(data: bytes, where: str, keys: list[str]) -> None:
    """Insist that a policy can be shown beside records, and accepts their logs.

    Args:
        data: the policy.
        where: what to call it in an error.
        keys: verifier keys of the records' logs.

    Raises:
        InputError: it is no policy, has what cannot be printed, or accepts other logs only.
    """
    policy = read_policy(data, where)
    try:
        lines = data.decode().split("\n")
    except UnicodeDecodeError as error:
        raise InputError("the policy is not UTF-8", where=where) from error
    for number, line in enumerate(lines, 1):
        if not line.replace("\t", " ").isprintable():
            raise InputError("signs that cannot be printed", where=f"{where}, line {number}")
    accepted = {str(log.key) for log in policy.logs}
    if accepted and (other := [key for key in keys if key not in accepted]):
        hint = f"add a line: log {other[0]}"
        raise InputError("the policy does not accept the log of the record", where=where, hint=hint)


def witnesses_section(record: Record, data: bytes | None) -> dict[str, Any] | None:
    """Gather what the page shows of witnesses; None where no policy is published."""
    if data is None:
        return None
    policy = read_policy(data, POLICY)
    said: Row = trace(_as_document(record, policy, data), "policy")
    group = said["groups"].get(policy.quorum)
    plain = group is not None and all(name in policy.witnesses for name in group["members"])
    return {
        "witnesses": [
            {"name": one["called"], "key": one["name"], "time": _minute(one)}
            for one in said["witnesses"].values()
        ],
        "group": group if plain else None,
        "quorum": said["quorum"],
        "none": policy.quorum == "none",
        "met": state(said, "met"),
        "remarks": said["remarks"],
    }


def is_quorum_met(record: Record, data: bytes) -> bool:
    """Whether the witnesses that a policy asks for have signed the head of a record's log."""
    policy = read_policy(data, POLICY)
    keys = [one.key for one in policy.witnesses.values()]
    return policy.is_met(find_cosignatures(record.log.checkpoint, keys))


def _as_document(record: Record, policy: Policy, data: bytes) -> dict[str, Any]:
    """Give the policy with what its witnesses signed, as section 15 of the specification has it."""
    keys = [one.key for one in policy.witnesses.values()]
    times = find_cosignatures(record.log.checkpoint, keys)
    return {
        "witnesses": {
            name: {"called": name, "name": one.key.name, "time": _time_text(times, one.key)}
            for name, one in policy.witnesses.items()
        },
        "groups": {
            one.name: {"needed": one.threshold, "members": list(one.members)}
            for one in policy.groups.values()
        },
        "quorum": policy.quorum,
        "met": policy.is_met(times),
        "remarks": [
            line.strip(" \t#")
            for line in data.decode().split("\n")
            if line.strip(" \t").startswith("#")
        ],
    }


def _time_text(times: dict[VerifierKey, int], key: VerifierKey) -> str | None:
    if key not in times:
        return None
    try:
        moment = datetime.fromtimestamp(times[key], UTC)
    except (OverflowError, ValueError, OSError):
        return f"{times[key]} s"
    return f"{moment:%Y-%m-%dT%H:%M:%S}+00:00"


def _minute(witness: Row) -> str:
    """Print when a witness signed; empty where it did not."""
    time = witness["time"]
    if time is None:
        return ""
    text = "".join(time)
    shown = f"{text[:10]} {text[11:16]} UTC" if text.endswith("+00:00") else text
    return mark(time.source, text, shown)
