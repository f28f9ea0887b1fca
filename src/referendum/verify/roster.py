"""Who signed: the officers of a record, act by act, and whose signatures the rule asks for.

The specification is in record.md, section 12.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from referendum.verify.canonical import encode
from referendum.verify.kinds import KINDS, Act
from referendum.verify.names import is_blank, name_key
from referendum.verify.officer_keys import OfficerKey, check_signature, read_officer_key
from referendum.verify.report import Mismatch, Report

OFFICERS = "The officers"

EVERY_KIND = "*"
OFFICER_CHANGES = ("office.appoint", "office.dismiss")

LOOKALIKE_LETTERS = {
    **dict(zip("авекмнорст", "abekmhopct", strict=True)),
    **dict(zip("ухіјѕһԁԛԝѵ", "yxljshdqwv", strict=True)),
    **dict(zip("αβεζηικ", "abezhlk", strict=True)),
    **dict(zip("μνορτυχ", "mvoptyx", strict=True)),
    "0": "o",
    "1": "l",
    "i": "l",
    " ": "",
}
"""Signs of a folded name, and what a hurried reader takes them for."""


def lookalike_key(name: str) -> str:
    """Give what two names have in common that look alike."""
    return "".join(LOOKALIKE_LETTERS.get(sign, sign) for sign in name_key(name))


@dataclass(frozen=True)
class Term:
    """What a name stands for from an act on: role, key and end; no role after a dismissal."""

    begins: int
    role: str = ""
    key: OfficerKey | None = None
    ends: str | None = None


class Officers:
    """The officers so far, and what each act must be signed by."""

    def __init__(self, log_key: bytes) -> None:
        self._log_key = log_key
        self._rule: dict[str, list[list[str]]] = {}
        self._terms: dict[str, list[Term]] = {}
        self._names_by_lookalike_key: dict[str, str] = {}
        self._names_by_public_key: dict[bytes, str] = {}
        self._party_keys: set[bytes] = set()
        self._last_recorded = ""
        self._previous_digest = ""
        self._unsigned_acts: list[int] = []
        self._signatures = 0
        self._acts = 0

    def check(self, act: Act) -> None:
        """Check what an act says of officers, and its signatures; take note of both."""
        unsigned = {name: value for name, value in act.items() if name != "signatures"}
        message = self._previous_digest.encode() + encode(unsigned)
        self._previous_digest = hashlib.sha256(message).hexdigest() + "\n"
        self._acts += 1
        self._apply_changes(act)
        self._check_signatures(act, message)

    def _apply_changes(self, act: Act) -> None:
        parameters = act["parameters"]
        if act["kind"] == "record.open":
            self._open(parameters, act["recorded"])
        elif act["kind"] in OFFICER_CHANGES:
            if not self._rule:
                raise Mismatch("the record was opened without officers, and cannot have them later")
            if act["corrects"] is not None:
                raise Mismatch(f"{act['kind']} corrects nothing")
        if act["kind"] == "office.appoint":
            self._appoint(parameters, act["number"], act["recorded"])
        if act["kind"] == "office.dismiss":
            name = parameters["name"]
            if name not in self._terms or self._terms[name][-1].key is None:
                raise Mismatch(f"it dismisses {name[:60]!r}, who is no officer")
            self._terms[name].append(Term(act["number"]))
        if act["kind"] == "seed.call":
            self._note_parties(parameters.get("keys", {}))
        self._last_recorded = act["recorded"]

    def _note_parties(self, keys: dict[str, str]) -> None:
        """See that no party to a seed has the key of an officer or of the log."""
        for party, line in keys.items():
            key = read_officer_key(line)
            if key.public == self._log_key or key.public in self._names_by_public_key:
                raise Mismatch(f"the key {key.id} of {party[:60]} is that of an officer or the log")
            self._party_keys.add(key.public)

    def _open(self, parameters: dict[str, Any], recorded: str) -> None:
        rule, officers = parameters["rule"], parameters["officers"]
        self._rule = rule
        if bool(rule) != bool(officers):
            raise Mismatch("officers and a rule stand together, or neither does")
        for kind in rule:
            if kind not in KINDS and kind != EVERY_KIND:
                raise Mismatch(f"the rule names {kind[:40]!r}, which is no kind of act")
        for officer in officers:
            if officer["name"] in self._terms:
                raise Mismatch(f"{officer['name'][:60]} is named twice among the officers")
            self._appoint(officer, 0, recorded)
        if rule:
            self._check_rule(rule, [officer["role"] for officer in officers])

    def _check_rule(self, rule: dict[str, list[list[str]]], roles: list[str]) -> None:
        most = max(map(len, rule.values()))
        for kind in OFFICER_CHANGES:
            if len(self._slots(kind)) < max(most, 1):
                raise Mismatch(f"{kind} needs fewer signatures than other acts do")
        for kind in ("record.open", *OFFICER_CHANGES):
            if not _can_fill(self._slots(kind), roles):
                raise Mismatch(f"the first officers cannot sign {kind}")

    def _appoint(self, officer: dict[str, Any], number: int, recorded: str) -> None:
        name, key = officer["name"], read_officer_key(officer["key"])
        if " " in officer["key"].partition(" ")[2]:
            raise Mismatch(f"the key of {name[:60]} has a comment")
        key_of_name = lookalike_key(name)
        if not key_of_name or is_blank(name) or name != name.strip():
            raise Mismatch(f"{name[:60]!r} cannot be an officer's name")
        if self._names_by_lookalike_key.setdefault(key_of_name, name) != name:
            raise Mismatch(
                f"{name[:60]!r} can be taken for {self._names_by_lookalike_key[key_of_name][:60]!r}"
            )
        if self._names_by_public_key.setdefault(key.public, name) != name:
            raise Mismatch(f"the key {key.id} of {name[:60]} is that of another officer")
        if key.public in self._party_keys:
            raise Mismatch(f"the key {key.id} of {name[:60]} is that of a party to a seed")
        if key.public == self._log_key:
            raise Mismatch(f"the key {key.id} of {name[:60]} is that of the log")
        ends = officer.get("until")
        if ends is not None and _has_ended(ends, recorded):
            raise Mismatch(f"the term of {name[:60]} ends before it begins")
        self._terms.setdefault(name, []).append(Term(number, officer["role"], key, ends))

    def _slots(self, kind: str) -> list[list[str]]:
        return self._rule.get(kind, self._rule.get(EVERY_KIND, []))

    def _check_signatures(self, act: Act, message: bytes) -> None:
        slots = self._slots(act["kind"])
        by, signatures = act["by"], act["signatures"]
        if not all(isinstance(text, str) for text in [*by, *signatures]):
            raise Mismatch("names of officers and signatures are texts")
        if len(by) != len(slots) or len(signatures) != len(slots):
            words = f"{len(by)} officers and {len(signatures)} signatures"
            raise Mismatch(f"{act['kind']} needs {len(slots)} signatures; it has {words}")
        if not slots:
            self._unsigned_acts.append(act["number"])
            return
        terms = [self._term(name, act) for name in by]
        for name, term, roles in zip(by, terms, slots, strict=True):
            if term.role not in roles:
                words = f"{name[:60]} ({term.role})"
                raise Mismatch(f"{words} signed where {' or '.join(roles)} had to")
        keys = [term.key for term in terms if term.key]
        if len(set(by)) != len(by) or len({key.public for key in keys}) != len(by):
            raise Mismatch(f"{by[0][:60]} signed for two")
        for key, signature in zip(keys, signatures, strict=True):
            check_signature(key, message, signature)
            self._signatures += 1

    def _term(self, name: str, act: Act) -> Term:
        """Give what a name stood for when an act was recorded."""
        first = max(act["number"], 1)
        terms = (term for term in reversed(self._terms.get(name, [])) if term.begins < first)
        last = next(terms, None)
        if last is None:
            raise Mismatch(f"{name[:60]!r} signed, and was not appointed before")
        if last.key is None:
            raise Mismatch(f"{name[:60]} signed, and was dismissed in act {last.begins}")
        if last.ends is not None and _has_ended(last.ends, act["recorded"]):
            raise Mismatch(f"{name[:60]} signed after the end of the term, {last.ends}")
        return last

    def report_officers(self, report: Report) -> None:
        """Say who the officers are, and which acts none of them signed."""
        if not self._rule:
            words = (
                "the record names no officers: whoever holds the log's key alone could have"
                " written every act, in anybody's name"
            )
            report.add("remark", OFFICERS, words)
            report.outcome_notes.append(f"{words[0].upper()}{words[1:]}.")
            return
        words = f"{self._signatures:,} signatures of officers hold, as the rule of act 0 asks"
        report.add("checked", OFFICERS, words)
        for name, terms in self._terms.items():
            more = f"appointed or dismissed {len(terms)} times, at last " if terms[5:] else ""
            history = "; ".join(map(_term_words, terms[-5:]))
            report.add("checked", OFFICERS, f"{name}: {more}{history}")
        self._report_end(report)
        if self._unsigned_acts:
            acts = ", ".join(map(str, self._unsigned_acts[:20])) + (
                " …" if len(self._unsigned_acts) > 20 else ""
            )
            words = f"no officer signed acts {acts}: they rest on the holder of the log's key alone"
            report.add("remark", OFFICERS, words)
            report.outcome_notes.append(f"{words[0].upper()}{words[1:]}.")

    def _report_end(self, report: Report) -> None:
        """Say where those in office at the last act could sign no appointment."""
        last = (terms[-1] for terms in self._terms.values())
        roles = [
            term.role
            for term in last
            if term.key and not (term.ends and _has_ended(term.ends, self._last_recorded))
        ]
        if not all(_can_fill(self._slots(kind), roles) for kind in OFFICER_CHANGES):
            words = "those in office can sign no appointment: no officer can be named any more"
            report.add("remark", OFFICERS, words)
            report.outcome_notes.append(f"{words[0].upper()}{words[1:]}.")


def _term_words(term: Term) -> str:
    if term.key is None:
        return f"dismissed in act {term.begins}"
    until = f" until {term.ends}" if term.ends else ""
    return f"{term.role}{until}, appointed in act {term.begins}, key {term.key.id}"


def _has_ended(ends: str, moment: str) -> bool:
    return datetime.fromisoformat(ends) <= datetime.fromisoformat(moment)


def _can_fill(slots: list[list[str]], roles: list[str]) -> bool:
    """Whether each slot can have a person of its own."""
    if not slots:
        return True
    return any(
        role in slots[0] and _can_fill(slots[1:], [*roles[:place], *roles[place + 1 :]])
        for place, role in enumerate(roles)
    )
