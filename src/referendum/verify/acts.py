"""The acts: complete, in order, each reading only what was written before."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from referendum.verify.canonical import encode, read_object
from referendum.verify.forms import is_day, is_plain, is_time, require_form
from referendum.verify.report import Mismatch

Act = dict[str, Any]

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)

MEMBERS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("kind", "nature", "at", "recorded", "by", "section", "code"), str),
    **dict.fromkeys(("statute", "parameters", "facts"), dict),
    **dict.fromkeys(("reads", "writes"), list),
    "number": int,
    "corrects": (int, type(None)),
    "reason": (str, type(None)),
}


@dataclass(frozen=True)
class Kind:
    """What an act of a kind reads and writes: kinds of bundles, sealed ones with a `*`."""

    nature: str
    reads: tuple[tuple[str, ...], ...]
    writes: tuple[str, ...]


KINDS: dict[str, Kind] = {
    "record.open": Kind("received", ((),), ("statute",)),
    "petition.issue": Kind("derived", (("statute",),), ("requirement",)),
    "roll.seal": Kind("received", ((),), ("electors*",)),
    "petition.receive": Kind("received", ((),), ("lines*",)),
    "petition.gates": Kind("derived", (("statute", "requirement", "lines"),), ("gates",)),
    "roll.copy": Kind("received", (("electors",), ("electors", "decoys")), ("decoys*",)),
    "match": Kind(
        "derived",
        (("electors", "lines", "gates"), ("electors", "decoys", "lines", "gates")),
        ("matches*", "outcomes"),
    ),
    "roll.alarm": Kind("derived", (("matches", "outcomes"),), ("alarm",)),
    "draw": Kind(
        "derived",
        (("statute", "gates", "outcomes"), ("statute", "gates", "outcomes", "decision")),
        ("draw",),
    ),
    "checks.receive": Kind("received", (("draw",),), ("checks",)),
    "decide": Kind(
        "derived",
        (
            ("statute", "requirement", "gates", "outcomes", "draw", "checks"),
            ("statute", "requirement", "gates"),
        ),
        ("decision",),
    ),
    "risk.plan": Kind("derived", (("requirement", "outcomes"),), ("risk_plan",)),
    "risk.draw": Kind(
        "derived",
        (("outcomes", "risk_plan"), ("outcomes", "risk_plan", "risk")),
        ("risk_draw",),
    ),
    "risk.checks": Kind(
        "received",
        (
            ("outcomes", "risk_plan", "risk_draw"),
            ("outcomes", "risk_plan", "risk_draw", "risk"),
        ),
        ("risk_checks",),
    ),
    "risk.decide": Kind(
        "derived", (("outcomes", "risk_plan", "risk_draw", "risk_checks"),), ("risk",)
    ),
    "returns.receive": Kind("received", ((),), ("returns",)),
    "result": Kind("derived", (("statute", "returns"),), ("result",)),
    "polls.receive": Kind("received", ((),), ("polls",)),
    "forecast": Kind("derived", (("statute", "polls"),), ("forecast",)),
    "audit.cards": Kind("received", (("returns",),), ("audit_cards",)),
    "audit.plan": Kind(
        "derived",
        (("statute", "returns", "result"), ("statute", "returns", "result", "audit_cards")),
        ("audit_plan",),
    ),
    "audit.draw": Kind(
        "derived",
        (
            ("statute", "returns", "audit_plan"),
            ("statute", "returns", "audit_plan", "audit_draw", "audit_risk"),
        ),
        ("audit_draw",),
    ),
    "audit.findings": Kind(
        "received",
        (
            ("returns", "audit_plan", "audit_draw"),
            ("returns", "audit_plan", "audit_draw", "audit_findings"),
        ),
        ("audit_findings",),
    ),
    "audit.risk": Kind(
        "derived",
        (
            ("statute", "returns", "audit_plan", "audit_draw", "audit_findings"),
            ("statute", "returns", "audit_cards", "audit_plan", "audit_draw", "audit_findings"),
        ),
        ("audit_risk",),
    ),
    "audit.full_count": Kind(
        "received", (("statute", "returns", "audit_plan"),), ("audit_full_count",)
    ),
}


STEP_BEFORE = {
    "draw": "decide",
    "checks.receive": "draw",
    "decide": "checks.receive",
    "risk.draw": "risk.decide",
    "risk.checks": "risk.draw",
    "risk.decide": "risk.checks",
    "polls.receive": "forecast",
    "forecast": "polls.receive",
    "audit.draw": "audit.risk",
    "audit.findings": "audit.draw",
    "audit.risk": "audit.findings",
}
"""Rounds that begin again: when a decision leaves the petition open, or a risk the audit, and with
every new poll."""


def _is_open(before: Act) -> bool:
    if before["kind"] == "risk.decide":
        return bool(before["facts"].get("answer") == "check_more")
    if before["kind"] == "audit.risk":
        return before["facts"].get("confirmed") is False
    if before["kind"] != "decide":
        return True
    return before["facts"].get("decision") in ("check_every_line", "draw_second_sample")


KEPT_BY = {"draw": "decision", "risk.draw": "risk", "audit.draw": None}
"""Acts with a seed, and what they read where they keep that of the round before."""


def _is_long(seed: str) -> bool:
    """Whether a seed has 64 bits, going by the signs that it has."""
    small = seed.lower()
    for signs, least in (("[0-9]+", 20), ("[0-9a-f]+", 16), ("[0-9a-z]+", 14)):
        if re.fullmatch(signs, small, re.ASCII):
            return len(small) >= least
    return False


@dataclass(frozen=True)
class Written:
    """A bundle that an act wrote."""

    kind: str
    digest: str
    sealed: bool
    act: int


def is_digest(text: str) -> bool:
    """Whether a text can be the digest of a bundle."""
    return _DIGEST.fullmatch(text) is not None


def read_act(entry: bytes, number: int) -> Act:
    """Read an entry as an act and check its form."""
    act = read_object(entry, f"entry {number}", set(MEMBERS))
    for name, types in MEMBERS.items():
        if not isinstance(act[name], types) or isinstance(act[name], bool):
            raise Mismatch(f"{name} has a wrong type")
    if act["number"] != number:
        raise Mismatch(f"it calls itself act {act['number']}")
    if (act["kind"] == "record.open") != (number == 0):
        raise Mismatch("act 0, and no other, opens the record")
    _check_times(act)
    _check_reason(act)
    _check_parts(act)
    return act


def _check_times(act: Act) -> None:
    if not is_time(act["recorded"]):
        raise Mismatch(f"{act['recorded'][:40]!r} is not a time in UTC with its offset")
    if not is_day(act["at"]) and not is_time(act["at"]):
        raise Mismatch(f"{act['at'][:40]!r} is neither a day nor a time in UTC with its offset")


def _check_reason(act: Act) -> None:
    """See that an act says what was wrong with the one that it corrects, and only then."""
    reason = act["reason"]
    if (reason is None) != (act["corrects"] is None):
        raise Mismatch("a reason is given exactly where an act is corrected")
    if reason is None:
        return
    if not reason.strip() or len(reason) > 500 or not is_plain(reason):
        raise Mismatch("its reason is empty, too long, or has control characters")


def _check_parts(act: Act) -> None:
    named = [act["statute"].get("id"), act["statute"].get("version")]
    if set(act["statute"]) != {"id", "version"} or not all(map(is_plain, named)):
        raise Mismatch("the statute is malformed")
    digests = [str(digest) for digest in act["reads"]]
    if act["reads"] != digests or not all(map(_DIGEST.fullmatch, digests)):
        raise Mismatch("reads are malformed")
    if len(set(digests)) != len(digests):
        raise Mismatch("it reads a bundle twice")
    for bundle in act["writes"]:
        if not isinstance(bundle, dict) or set(bundle) != {"kind", "digest", "sealed"}:
            raise Mismatch("writes are malformed")
        good = isinstance(bundle["kind"], str) and isinstance(bundle["sealed"], bool)
        if not good or not _DIGEST.fullmatch(str(bundle["digest"])):
            raise Mismatch("writes are malformed")


class Chain:
    """The acts so far and the bundles that they wrote."""

    def __init__(self, origin: str, key: str) -> None:
        self._origin, self._key = origin, key
        self.acts: list[Act] = []
        self.bare: list[str] = []
        self.written: dict[str, Written] = {}

    def add(self, act: Act) -> None:
        """Check an act against those before it, and append it."""
        try:
            self._check(act)
        finally:
            self.acts.append(act)
            self.bare.append(re.sub(r"[^0-9a-z]+", "", encode(act).decode().lower()))
            for bundle in act["writes"]:
                one = Written(bundle["kind"], bundle["digest"], bundle["sealed"], act["number"])
                self.written.setdefault(bundle["digest"], one)

    def _check(self, act: Act) -> None:
        kind = KINDS.get(act["kind"])
        if kind is None:
            raise Mismatch(f"an act of the kind {act['kind'][:40]!r} is not known")
        if act["nature"] != kind.nature:
            raise Mismatch(f"{act['kind']} is {kind.nature}, not {act['nature']}")
        require_form(act)
        self._check_reads(act, kind)
        wrote = tuple(b["kind"] + ("*" if b["sealed"] else "") for b in act["writes"])
        if wrote != kind.writes:
            raise Mismatch(f"it writes {wrote}, expected {kind.writes}")
        self._check_order(act)
        if act["kind"] in KEPT_BY:
            self._check_seed(act)

    def _check_seed(self, act: Act) -> None:
        """See that a seed cannot be guessed and stands in no earlier act, or is kept as it must."""
        seed = act["parameters"].get("seed")
        if not isinstance(seed, str) or not _is_long(seed):
            raise Mismatch("its seed is too short, or has other signs than letters and digits")
        read = [self.written[digest] for digest in act["reads"]]
        asked = [self.acts[one.act] for one in read if one.kind == KEPT_BY[act["kind"]]]
        if not asked:
            for before, text in enumerate(self.bare):
                if seed.lower() in text:
                    raise Mismatch(f"its seed has been known since act {before}")
            return
        earlier = [self.written[digest] for digest in asked[0]["reads"]]
        drawn = [self.acts[one.act] for one in earlier if one.kind in {"draw", "risk_draw"}]
        if not drawn or drawn[0]["parameters"].get("seed") != seed:
            raise Mismatch("its seed is another than that of the round before")

    def _check_reads(self, act: Act, kind: Kind) -> None:
        unknown = [digest for digest in act["reads"] if digest not in self.written]
        if unknown:
            raise Mismatch(f"it reads the bundle {unknown[0][:16]}, which no earlier act wrote")
        read = tuple(self.written[digest].kind for digest in act["reads"])
        if read not in kind.reads:
            raise Mismatch(f"it reads {read}, expected {kind.reads[0]}")

    def _check_order(self, act: Act) -> None:
        if act["number"] == 0:
            parameters = act["parameters"]
            if (parameters.get("origin"), parameters.get("key")) != (self._origin, self._key):
                raise Mismatch("origin or key differ from record.json")
            return
        before = self.acts[-1]
        if datetime.fromisoformat(act["recorded"]) < datetime.fromisoformat(before["recorded"]):
            raise Mismatch("it was recorded before the act before it")
        if act["statute"] != self.acts[0]["statute"]:
            raise Mismatch("its statute is not that of act 0")
        self._check_correction(act)

    def _check_correction(self, act: Act) -> None:
        fallen = self.fallen()
        standing = self._latest(act["kind"], fallen)
        if act["corrects"] is None and standing is not None:
            if act["kind"] == "roll.copy":
                return
            before = self._latest(STEP_BEFORE.get(act["kind"], ""), fallen)
            if before is not None and before["number"] > standing["number"] and _is_open(before):
                return
        if act["corrects"] != (standing and standing["number"]):
            told = f"it corrects act {act['corrects']}, standing of its kind: "
            raise Mismatch(told + (f"act {standing['number']}" if standing else "none"))

    def _latest(self, kind: str, fallen: set[int]) -> Act | None:
        acts = (act for act in reversed(self.acts) if act["number"] not in fallen)
        return next((act for act in acts if act["kind"] == kind), None)

    def fallen(self) -> set[int]:
        """Numbers of the acts that no longer stand: corrected, or resting on what fell."""
        corrected = {act["corrects"] for act in self.acts}
        fallen: set[int] = set()
        lost: set[str] = set()
        for act in self.acts:
            wrote = {bundle["digest"] for bundle in act["writes"]}
            if act["number"] in corrected or not lost.isdisjoint(act["reads"]):
                fallen.add(act["number"])
                lost |= wrote
            else:
                lost -= wrote
        return fallen
