"""A reader's trust policy: which logs, which witnesses, and how many of them (C2SP tlog-policy)."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from referendum.verify.checkpoint import COSIGNER, LOG, Key, read_key
from referendum.verify.report import Mismatch

LARGEST = 1_000_000
MOST = 1_000
"""Lines of each kind, here; the specification asks for 32 at least."""

_ALLOWED = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")


@dataclass(frozen=True)
class Group:
    """A group, met if `needed` of its members are."""

    needed: int
    members: tuple[str, ...]


@dataclass
class Policy:
    """A trust policy.

    Attributes:
        logs: the logs that it accepts; any, if it names none.
        witnesses: keys of witnesses, by the policy's names for them.
        groups: by name, in the order in which they are defined.
        quorum: name of the witness or group that must be met; `none` for no cosignature at all.
    """

    logs: list[Key] = field(default_factory=list)
    witnesses: dict[str, Key] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    quorum: str = ""

    def met(self, signed: Collection[str]) -> set[str]:
        """Give the names of witnesses and groups that are met, from the witnesses that signed."""
        met = set(signed)
        for name, group in self.groups.items():
            if len(met.intersection(group.members)) >= group.needed:
                met.add(name)
        return met

    def describe(self, name: str, met: Collection[str]) -> str:
        """Say what a name asks for, and what of it there is."""
        if name in self.witnesses:
            return f"{name}, who {'signed' if name in met else 'did not sign'}"
        group = self.groups[name]
        met_members = [member for member in group.members if member in met]
        asks = f"{name} asks for {group.needed} of {len(group.members)}"
        listed = ", ".join(group.members[:32]) + (" …" if len(group.members) > 32 else "")
        names = f": {', '.join(met_members)}" if met_members else ""
        return f"{asks} ({listed}); there are {len(met_members)}{names}"


def read_policy(data: bytes) -> Policy:
    """Read a policy; a line that breaks its rules is a mismatch that names it."""
    if len(data) > LARGEST:
        raise Mismatch(f"the policy has {len(data):,} bytes; {LARGEST:,} at most are read")
    policy = Policy()
    members: set[str] = set()
    for number, line in enumerate(data.split(b"\n"), 1):
        try:
            _read_line(policy, line, members)
        except Mismatch as mismatch:
            raise Mismatch(f"line {number} of the policy: {mismatch.words}") from mismatch
    if not policy.quorum:
        raise Mismatch("the policy has no quorum line")
    return policy


def _read_line(policy: Policy, line: bytes, members: set[str]) -> None:
    if not _ALLOWED.fullmatch(line):
        raise Mismatch("a control character, or the line ends of another system")
    # Names are bytes, whatever they spell: two are one only if their bytes are.
    parts = [part.decode("utf-8", "surrogateescape") for part in re.split(rb"[ \t]+", line) if part]
    match parts:
        case []:
            return
        case [word, *_] if word.startswith("#"):
            return
        case ["log", key] | ["log", key, _]:
            _add_log(policy, key)
        case ["witness", name, key] | ["witness", name, key, _]:
            _add_witness(policy, name, key)
        case ["group", name, needed, first, *more]:
            _add_group(policy, name, needed, (first, *more), members)
        case ["quorum", name]:
            _set_quorum(policy, name)
        case [word, *_]:
            raise Mismatch(f"{word[:40]!r} with {len(parts) - 1} words after it means nothing here")


def _add_log(policy: Policy, text: str) -> None:
    key = read_key(text, LOG, "the policy")
    if any(key.public == other.public for other in policy.logs):
        raise Mismatch("the key of this log stands on an earlier line")
    policy.logs.append(key)
    _bound(len(policy.logs))


def _add_witness(policy: Policy, name: str, text: str) -> None:
    _require_new(policy, name)
    key = read_key(text, COSIGNER, "the policy")
    if any(key.public == other.public for other in policy.witnesses.values()):
        raise Mismatch("the key of this witness stands on an earlier line")
    policy.witnesses[name] = key
    _bound(len(policy.witnesses))


def _add_group(
    policy: Policy, name: str, needed: str, group: tuple[str, ...], members: set[str]
) -> None:
    _require_new(policy, name)
    for member in group:
        if member not in policy.witnesses and member not in policy.groups:
            raise Mismatch(f"{member[:40]!r} is not defined on an earlier line")
        if member in members:
            raise Mismatch(f"{member[:40]!r} is a member already")
        members.add(member)
    count = {"any": 1, "all": len(group)}.get(needed)
    if count is None:
        if not re.fullmatch(r"[1-9][0-9]{0,3}", needed, re.ASCII) or int(needed) > len(group):
            raise Mismatch(f"{needed[:40]!r} of {len(group)} cannot be asked for")
        count = int(needed)
    policy.groups[name] = Group(count, group)
    _bound(len(policy.groups))


def _set_quorum(policy: Policy, name: str) -> None:
    if policy.quorum:
        raise Mismatch("a quorum stands on an earlier line")
    if name != "none" and name not in policy.witnesses and name not in policy.groups:
        raise Mismatch(f"{name[:40]!r} is not defined on an earlier line")
    policy.quorum = name


def _require_new(policy: Policy, name: str) -> None:
    if name == "none" or name in policy.witnesses or name in policy.groups:
        raise Mismatch(f"the name {name[:40]!r} is taken")


def _bound(count: int) -> None:
    if count > MOST:
        raise Mismatch(f"over {MOST:,} lines of this kind")
