"""Who the officers of a record are, act by act: appointed, given new keys, dismissed, expired."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from referendum.core.days import read_time
from referendum.core.errors import InputError, KeyFault, OrderError, RecordError
from referendum.core.lookalikes import lookalike_key
from referendum.record.acts import Act
from referendum.record.log.note import VerifierKey
from referendum.record.officers.keys import OfficerKey
from referendum.record.officers.rule import Rule, fill_slots, signatures_needed, slots_of
from referendum.record.officers.signatures import verify_signature

LONGEST_NAME = 200


@dataclass(frozen=True)
class Appointment:
    """An officer for a time.

    Attributes:
        name: the officer's name.
        role: such as `chief`.
        key: the officer's public key.
        act: number of the act that appointed the officer.
        until: when the appointment ends by itself; None where it does not.
    """

    name: str
    role: str
    key: OfficerKey
    act: int
    until: str | None = None

    def __str__(self) -> str:
        return f"{self.name} ({self.role})"

    def serves(self, number: int, recorded: str) -> bool:
        """Whether the officer may sign an act of this number that is recorded then."""
        ended = self.until is not None and read_time(self.until) <= read_time(recorded)
        return self.act < max(number, 1) and not ended


@dataclass
class Roster:
    """The officers of a record and its rule, kept up act by act.

    Attributes:
        rule: the slots of each kind of act; empty where the record has no officers.
        log_key: the log's own public key, which no officer may have.
        acts: how many acts it knows.
    """

    rule: Rule = field(default_factory=dict)
    log_key: bytes = b""
    acts: int = 0
    _terms: dict[str, list[tuple[int, Appointment | None]]] = field(default_factory=dict)
    _names_by_lookalike_key: dict[str, str] = field(default_factory=dict)
    _keys: dict[bytes, str] = field(default_factory=dict)
    _party_keys: dict[bytes, str] = field(default_factory=dict)

    @classmethod
    def of(cls, *acts: Act) -> "Roster":
        """Work out the officers after these acts."""
        made = cls()
        for act in acts:
            made.add(act)
        return made

    def add(self, act: Act) -> None:
        """Take note of a further act: an opening, an appointment or a dismissal.

        Raises:
            InputError, KeyFault: it does not fit those before it.
        """
        parameters = act.parameters
        if act.kind == "record.open":
            self.rule = parameters["rule"]
            self.log_key = VerifierKey.parse(parameters["key"]).public
            for officer in parameters["officers"]:
                self._appoint(officer, 0, act.recorded)
        elif act.kind == "office.appoint":
            self._appoint(parameters, act.number, act.recorded)
        elif act.kind == "office.dismiss":
            name = self.require_serving(parameters["name"])
            self._terms[name].append((act.number, None))
        elif act.kind == "seed.call":
            self.require_party_keys(parameters.get("keys", {}))
            for party, line in parameters.get("keys", {}).items():
                self._party_keys[OfficerKey.parse(line).public] = party
        self.acts += 1

    def _appoint(self, of: Mapping[str, Any], number: int, recorded: str) -> None:
        key = OfficerKey.parse(of["key"], of["name"])
        self.require_fit(of["name"], key, of.get("until"), recorded)
        if number == 0 and of["name"] in self._terms:
            raise InputError(f"{of['name']} is named twice among the officers")
        one = Appointment(of["name"], of["role"], key, number, of.get("until"))
        self._names_by_lookalike_key[lookalike_key(one.name)] = one.name
        self._keys[key.public] = one.name
        self._terms.setdefault(one.name, []).append((number, one))

    def require_fit(self, name: str, key: OfficerKey, until: str | None, recorded: str) -> None:
        """See that a name and a key may be an officer's of this record.

        Raises:
            InputError: the name is, or looks like, that of another officer, or the term has ended.
            KeyFault: the key is another officer's, or the log's own.
        """
        if name != name.strip() or not lookalike_key(name) or len(name) > LONGEST_NAME:
            raise InputError(
                f"{name[:40]!r} cannot be an officer's name",
                hint=f"1 to {LONGEST_NAME} characters, letters among them, no blank at either end",
            )
        other = self._names_by_lookalike_key.get(lookalike_key(name), name)
        if other != name:
            raise InputError(
                f"{name!r} can be taken for {other!r}, an officer of this record",
                hint="write the name of the same person as before; of another one, in full",
            )
        holder = self._keys.get(key.public, name)
        if holder != name:
            raise KeyFault(f"the key {key.id} is that of {holder}", where=name)
        if party := self._party_keys.get(key.public):
            raise KeyFault(f"the key {key.id} is that of {party}, a party to a seed", where=name)
        if key.public == self.log_key:
            raise KeyFault(
                f"the key {key.id} is that of the log itself",
                where=name,
                hint="an officer's key is the officer's alone; make one: referendum office key",
            )
        if until is not None and read_time(until) <= read_time(recorded):
            raise InputError(f"the term of {name} ends at {until}, before it begins")

    def require_serving(self, name: str) -> str:
        """Give a name back if an officer of that name is appointed and not dismissed.

        Raises:
            OrderError: there is none.
        """
        if name not in self._terms or self._terms[name][-1][1] is None:
            serving = ", ".join(str(one) for one in self.serving()) or "none"
            raise OrderError(f"there is no officer {name!r}", hint=f"the officers are: {serving}")
        return name

    def serving(self) -> list[Appointment]:
        """Give the officers that are appointed and not dismissed, in the order of their names."""
        last = (terms[-1][1] for _, terms in sorted(self._terms.items()))
        return [one for one in last if one is not None]

    def roles_at(self, number: int, recorded: str) -> list[str]:
        """Give the roles of those who may sign an act of this number that is recorded then."""
        return [one.role for one in self.serving() if one.serves(number, recorded)]

    def require_party_keys(self, keys: Mapping[str, str]) -> None:
        """See that no party to a seed has the key of an officer, of all times, or of the log.

        Args:
            keys: public key lines of the parties of a call, by party.

        Raises:
            KeyFault: one has, or a key is none.
        """
        for party, line in keys.items():
            key = OfficerKey.parse(line, where=f"the key of {party}")
            holder = "the log itself" if key.public == self.log_key else self._keys.get(key.public)
            if holder is not None:
                raise KeyFault(
                    f"the key {key.id} is that of {holder}",
                    where=f"the key of {party}",
                    hint="a party signs with a key that is its own alone: ask it for that one",
                )

    def at(self, name: str, number: int) -> Appointment | None:
        """Give the appointment of a name that stands when an act of this number is done.

        The first officers sign the opening act that names them.
        """
        known = (
            one for since, one in reversed(self._terms.get(name, ())) if since < max(number, 1)
        )
        return next(known, None)

    def slots(self, kind: str) -> tuple[tuple[str, ...], ...]:
        """Give the slots of a kind of act."""
        return slots_of(self.rule, kind)

    def signers_of(self, act: Act) -> list[Appointment]:
        """Give the officers who signed an act, as they were appointed then."""
        found = (self.at(name, act.number) for name in act.by)
        return [one for one in found if one is not None]

    def holder(self, key: OfficerKey, number: int, recorded: str) -> Appointment:
        """Give the officer whose key this is, when an act of this number is recorded.

        Raises:
            KeyFault: it is that of none, of one who was dismissed, or whose term has ended, or a
                key that was replaced.
        """
        name = self._keys.get(key.public)
        if name is None:
            known = ", ".join(f"{one} {one.key.id}" for one in self.serving()) or "none"
            raise KeyFault(
                f"the key {key.id} is that of no officer of this record",
                hint=f"the officers are: {known}",
            )
        one = self.require_in_office(name, number, recorded)
        if one.key != key:
            raise KeyFault(f"the key {key.id} of {one} was replaced in act {one.act}")
        return one

    def require_in_office(self, name: str, number: int, recorded: str) -> Appointment:
        """Give the appointment of a name that stands when an act is recorded.

        Raises:
            KeyFault: there was none, or it ended before.
        """
        one = self.at(name, number)
        if one is None:
            terms = [since for since, _ in self._terms.get(name, ()) if since < max(number, 1)]
            words = f"was dismissed in act {terms[-1]}" if terms else "is no officer of this record"
            raise KeyFault(f"{name} {words}", hint="see who is: referendum office list RECORD")
        if not one.serves(number, recorded):
            raise KeyFault(
                f"the term of {one} ended at {one.until}",
                hint="appoint the officer again: referendum office appoint",
            )
        return one

    def choose(self, kind: str, officers: Sequence[Appointment]) -> tuple[Appointment, ...]:
        """Choose who of several officers signs for each slot of a kind of act.

        Raises:
            KeyFault: the slots cannot be filled.
        """
        slots = self.slots(kind)
        distinct = list({one.name: one for one in officers}.values())
        chosen = fill_slots(slots, [one.role for one in distinct])
        if chosen is None:
            there = ", ".join(map(str, distinct)) or "nobody"
            raise KeyFault(
                f"{kind} needs {signatures_needed(slots)}; signing: {there}",
                hint="sign with --sign KEYFILE for each, or pass it on with --prepare FILE.act",
            )
        return tuple(distinct[place] for place in chosen)

    def require_signed(self, act: Act, message: bytes) -> None:
        """See that an act is signed as the rule asks, by officers in office then.

        Raises:
            RecordError: it is not.
        """
        where, slots = f"act {act.number}", self.slots(act.kind)
        if not len(act.by) == len(act.signatures) == len(slots):
            needed = signatures_needed(slots)
            words = f"{act.kind} needs {needed}, and has {len(act.signatures)} of them"
            raise RecordError(words, where=where)
        if len(set(act.by)) != len(act.by):
            raise RecordError(f"{act.by[0]} signed twice", where=where)
        for name, roles, signature in zip(act.by, slots, act.signatures, strict=True):
            try:
                one = self.require_in_office(name, act.number, act.recorded)
            except KeyFault as fault:
                raise RecordError(fault.message, where=where) from fault
            if one.role not in roles:
                words = f"{one} signed where {' or '.join(roles)} was needed"
                raise RecordError(words, where=where)
            verify_signature(one.key, message, signature, where=where)
