"""The policy that lies beside the pages (section 15): whom the publisher says it relies on."""

from typing import Any

from referendum.verify.checkpoint import Checkpoint
from referendum.verify.cosignatures import moment_of, witness_times
from referendum.verify.policy import Policy, read_policy
from referendum.verify.report import Report

POLICY = "policy.txt"


def published_policy(data: bytes, checkpoint: Checkpoint) -> dict[str, Any]:
    """Give what a published policy says, with what its witnesses signed, as sources name it."""
    policy = read_policy(data)
    times = witness_times(checkpoint, policy)
    return {
        "witnesses": {
            name: {
                "called": name,
                "name": key.name,
                "time": _time_text(times[name]) if name in times else None,
            }
            for name, key in policy.witnesses.items()
        },
        "groups": {
            name: {"needed": group.needed, "members": list(group.members)}
            for name, group in policy.groups.items()
        },
        "quorum": policy.quorum,
        "met": policy.quorum == "none" or policy.quorum in policy.met(times),
        "remarks": [
            line.strip(" \t#")
            for line in data.decode().split("\n")
            if line.strip(" \t").startswith("#")
        ],
    }


def _time_text(time: int) -> str:
    moment = moment_of(time)
    return f"{time} s" if moment is None else f"{moment:%Y-%m-%dT%H:%M:%S}+00:00"


def report_published_policy(
    report: Report, topic: str, data: bytes, checkpoint: Checkpoint, given: bytes | None
) -> None:
    """Say what a published policy asks for, and that it is no more than a claim.

    Args:
        report: takes the findings.
        topic: whereunder.
        data: the published policy.
        checkpoint: the checkpoint, with the signatures that are not the log's.
        given: the reader's own policy, if there is one.
    """
    if given is not None:
        if given == data:
            words = f"{POLICY} of the publisher is the policy that you gave"
            report.add("checked", topic, words)
        else:
            words = f"{POLICY} of the publisher is another policy than yours, by which was judged"
            report.add("remark", topic, words)
        return
    policy = read_policy(data)
    quorum = _quorum_words(policy, checkpoint)
    words = (
        f"{POLICY} is what the publisher says of its witnesses: {quorum}."
        " It could have named anybody: compare it with keys from the witnesses themselves, and give"
        " --policy with your own"
    )
    report.add("remark", topic, words)


def _quorum_words(policy: Policy, checkpoint: Checkpoint) -> str:
    if policy.quorum == "none":
        return "no witness need sign"
    return policy.describe(policy.quorum, policy.met(witness_times(checkpoint, policy)))
