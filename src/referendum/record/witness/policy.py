"""Whose cosignatures are enough: a trust policy in the format of C2SP tlog-policy."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from referendum.core.errors import InputError, KeyFault
from referendum.record.log.note import COSIGNATURE, ED25519, VerifierKey

LARGEST_POLICY = 1_000_000
"""Bytes that a policy may have."""

MOST_NAMES = 1_000
"""Logs, witnesses and groups that a policy may define, of each."""

_CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_NUMBER = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)


@dataclass(frozen=True)
class PolicyLog:
    """A log that the policy accepts.

    Attributes:
        key: its verifier key, type 0x01.
        url: where it is found; empty if not stated.
    """

    key: VerifierKey
    url: str


@dataclass(frozen=True)
class PolicyWitness:
    """A witness that the policy knows.

    Attributes:
        name: what the policy calls it; it has no meaning outside the policy.
        key: its verifier key, type 0x04.
        url: the prefix at which it is asked; empty if not stated.
    """

    name: str
    key: VerifierKey
    url: str


@dataclass(frozen=True)
class PolicyGroup:
    """A group, which witnesses a checkpoint if `threshold` of its members do."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass
class Policy:
    """A trust policy.

    Attributes:
        logs: the logs that it accepts; any, if it names none.
        witnesses: by their names in the policy.
        groups: by name, each after the groups that it names.
        quorum: the witness or group that must have cosigned; `none` asks for none.
    """

    logs: list[PolicyLog] = field(default_factory=list)
    witnesses: dict[str, PolicyWitness] = field(default_factory=dict)
    groups: dict[str, PolicyGroup] = field(default_factory=dict)
    quorum: str = ""

    def is_met(self, signed: Collection[VerifierKey]) -> bool:
        """Whether cosignatures by these keys make the quorum."""
        if self.quorum == "none":
            return True
        keys = set(signed)
        met = {name for name, witness in self.witnesses.items() if witness.key in keys}
        for group in self.groups.values():
            if sum(member in met for member in group.members) >= group.threshold:
                met.add(group.name)
        return self.quorum in met


def read_policy(data: bytes, where: str) -> Policy:
    """Read a policy.

    Args:
        data: the file's bytes.
        where: what to call the file in an error.

    Raises:
        InputError: it is no policy; the line is named.
    """
    if len(data) > LARGEST_POLICY:
        raise InputError(
            f"{len(data):,} bytes; a policy has {LARGEST_POLICY:,} at most", where=where
        )
    reader = _Reader(where)
    # Bytes that are no ASCII mean nothing here: two names are one if their bytes are the same.
    for number, line in enumerate(data.split(b"\n"), 1):
        reader.read_line(number, line)
    if not reader.policy.quorum:
        raise InputError(
            "the policy has no quorum line", where=where, hint="end it with: quorum NAME"
        )
    return reader.policy


class _Reader:
    """Reads a policy line by line."""

    def __init__(self, where: str) -> None:
        self.policy = Policy()
        self._file = where
        self._where = where
        self._members: set[str] = set()

    def read_line(self, number: int, line: bytes) -> None:
        self._where = f"{self._file}, line {number}"
        if _CONTROL.search(line):
            hint = "save it as plain text with Unix line ends"
            raise InputError("a control character", where=self._where, hint=hint)
        words = line.decode("utf-8", "surrogateescape").replace("\t", " ").strip(" ").split(" ")
        words = [word for word in words if word]
        if not words or words[0].startswith("#"):
            return
        readers = {
            "log": self._read_log,
            "witness": self._read_witness,
            "group": self._read_group,
            "quorum": self._read_quorum,
        }
        if words[0] not in readers:
            raise self._fault(f"unknown word {words[0]!r}", f"one of: {', '.join(readers)}")
        readers[words[0]](words[1:])

    def _read_log(self, words: list[str]) -> None:
        if len(words) not in {1, 2}:
            raise self._fault("not a log line", "log VERIFIER-KEY [URL]")
        key = self._key(words[0], ED25519)
        if any(key.public == log.key.public for log in self.policy.logs):
            raise self._fault("a log with this public key is named already")
        self._require_room(len(self.policy.logs))
        self.policy.logs.append(PolicyLog(key, "".join(words[1:])))

    def _read_witness(self, words: list[str]) -> None:
        if len(words) not in {2, 3}:
            raise self._fault("not a witness line", "witness NAME VERIFIER-KEY [URL]")
        name = self._new_name(words[0])
        key = self._key(words[1], COSIGNATURE)
        if any(key.public == one.key.public for one in self.policy.witnesses.values()):
            raise self._fault("a witness with this public key is named already")
        self._require_room(len(self.policy.witnesses))
        self.policy.witnesses[name] = PolicyWitness(name, key, "".join(words[2:]))

    def _read_group(self, words: list[str]) -> None:
        if len(words) < 3:
            raise self._fault("not a group line", "group NAME all|any|NUMBER MEMBER...")
        name, members = self._new_name(words[0]), words[2:]
        for member in members:
            self._require_defined(member)
            if member == "none" or member in self._members:
                raise self._fault(f"{member!r} cannot be a member: it is one already, or is none")
            self._members.add(member)
        threshold = {"all": str(len(members)), "any": "1"}.get(words[1], words[1])
        if not _NUMBER.fullmatch(threshold) or int(threshold) > len(members):
            hint = f"all, any, or a number from 1 to {len(members)}"
            raise self._fault(f"{words[1]!r} of {len(members)} members cannot be asked for", hint)
        self._require_room(len(self.policy.groups))
        self.policy.groups[name] = PolicyGroup(name, int(threshold), tuple(members))

    def _read_quorum(self, words: list[str]) -> None:
        if len(words) != 1:
            raise self._fault("not a quorum line", "quorum NAME, or: quorum none")
        if self.policy.quorum:
            raise self._fault("the quorum is stated already")
        if words[0] != "none":
            self._require_defined(words[0])
        self.policy.quorum = words[0]

    def _new_name(self, name: str) -> str:
        if name == "none" or name in self.policy.witnesses or name in self.policy.groups:
            raise self._fault(f"the name {name!r} is taken")
        return name

    def _require_defined(self, name: str) -> None:
        if name not in {"none", *self.policy.witnesses, *self.policy.groups}:
            raise self._fault(f"{name!r} is not defined on a line before this")

    def _require_room(self, count: int) -> None:
        if count >= MOST_NAMES:
            raise self._fault(f"over {MOST_NAMES:,} lines of this kind")

    def _key(self, text: str, kind: bytes) -> VerifierKey:
        try:
            return VerifierKey.parse(text, kind)
        except KeyFault as fault:
            raise InputError(str(fault), where=self._where, hint=fault.hint) from fault

    def _fault(self, message: str, hint: str = "") -> InputError:
        return InputError(message, where=self._where, hint=hint)
