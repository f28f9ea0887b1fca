"""The chain of acts: complete, in order, each resting on what stood when it was done."""

import re
from datetime import UTC, datetime, timedelta

from referendum.verify.acts import Written
from referendum.verify.canonical import encode
from referendum.verify.forms import require_form
from referendum.verify.kinds import (
    KEEPS_SEED,
    KINDS,
    ROUNDS,
    Act,
    Kind,
    chosen,
    leaves_open,
)
from referendum.verify.report import Mismatch
from referendum.verify.seeds import is_made_up

SKEW = timedelta(minutes=10)
"""How far two clocks may differ."""


def _moments(at: str) -> tuple[datetime, datetime]:
    """Give when a time begins and ends; a day begins first at +14:00 and ends last at -12:00."""
    moment = datetime.fromisoformat(at)
    if len(at) > len("2026-05-02"):
        return moment, moment
    moment = moment.replace(tzinfo=UTC)
    return moment - timedelta(hours=14), moment + timedelta(days=1, hours=12)


def is_before(one: str, other: str) -> bool:
    """Whether a step was over before another began."""
    if len(one) == len(other) == len("2026-05-02"):
        return one < other
    return _moments(one)[1] < _moments(other)[0]


class Chain:
    """The acts so far and the bundles that they wrote."""

    def __init__(self, origin: str, key: str) -> None:
        self._origin, self._key = origin, key
        self._now = datetime.now(UTC)
        self._bare: list[str] = []
        self._fallen: dict[int, int] = {}
        self.acts: list[Act] = []
        self.written: dict[str, Written] = {}

    def add(self, act: Act) -> None:
        """Check an act against those before it, and append it."""
        try:
            self._check(act)
        finally:
            self.acts.append(act)
            self._bare.append(re.sub(r"[^0-9a-z]+", "", encode(act).decode().lower()))
            for bundle in act["writes"]:
                one = Written(bundle["kind"], bundle["digest"], bundle["sealed"], act["number"])
                self.written.setdefault(bundle["digest"], one)
            self._fell(act)

    def _fell(self, act: Act) -> None:
        """Take note of what no longer stands after an act."""
        corrected = act["corrects"]
        if corrected is not None and not 0 <= corrected < act["number"]:
            return
        if corrected is not None:
            self._fallen.setdefault(corrected, act["number"])
        for one in self.acts[corrected:] if corrected is not None else [act]:
            read = [self.written[digest].act for digest in one["reads"] if digest in self.written]
            causes = [self._fallen[number] for number in read if number in self._fallen]
            if causes:
                self._fallen.setdefault(one["number"], min(causes))

    def fallen(self) -> set[int]:
        """Numbers of the acts that no longer stand: corrected, or resting on what fell."""
        return set(self._fallen)

    def cause(self, number: int) -> int:
        """Give the act by whose correction an act that no longer stands fell."""
        return self._fallen[number]

    def standing(self, kind: str, before: int | None = None) -> Act | None:
        """Give the latest act of a kind that stands, of those before an act if that is given."""
        acts = (a for a in reversed(self.acts[:before]) if a["number"] not in self._fallen)
        return next((act for act in acts if act["kind"] == kind), None)

    def latest(self, kind: str, before: int | None = None) -> str | None:
        """Give the digest of the latest bundle of a kind that stands."""
        for act in reversed(self.acts[:before]):
            if act["number"] not in self._fallen:
                for bundle in act["writes"]:
                    if bundle["kind"] == kind:
                        return str(bundle["digest"])
        return None

    def _check(self, act: Act) -> None:
        kind = KINDS.get(act["kind"])
        if kind is None:
            raise Mismatch(f"an act of the kind {act['kind'][:40]!r} is not known")
        if act["nature"] != kind.nature:
            raise Mismatch(f"{act['kind']} is {kind.nature}, not {act['nature']}")
        require_form(act)
        if act["number"] == 0:
            self._check_opening(act)
        else:
            self._check_order(act, kind)
        self._check_writes(act, kind)
        if act["number"]:
            self._check_place(act, kind)
            self._check_reads(act, kind)
        self._check_times(act)
        if act["kind"] in ROUNDS:
            self._check_round(act)
        if act["kind"] in ("roll.copy", "roll.alarm"):
            self._check_copies(act)

    def _check_opening(self, act: Act) -> None:
        parameters = act["parameters"]
        if act["corrects"] is not None:
            raise Mismatch("the opening corrects nothing")
        if act["reads"]:
            raise Mismatch("the opening reads nothing")
        if (parameters["origin"], parameters["key"]) != (self._origin, self._key):
            raise Mismatch("origin or key differ from record.json")

    def _check_order(self, act: Act, kind: Kind) -> None:
        before = self.acts[-1]
        if datetime.fromisoformat(act["recorded"]) < datetime.fromisoformat(before["recorded"]):
            raise Mismatch("it was recorded before the act before it")
        if act["statute"] != self.acts[0]["statute"]:
            raise Mismatch("its statute is not that of act 0")
        subject = self.acts[0]["parameters"].get("subject")
        if kind.subject not in ("", subject):
            raise Mismatch(f"{act['kind']} has no place on the record of a {subject}")

    def _check_writes(self, act: Act, kind: Kind) -> None:
        wrote = " ".join(b["kind"] + ("*" if b["sealed"] else "") for b in act["writes"])
        if wrote != kind.writes:
            raise Mismatch(f"it writes {wrote or 'nothing'}, expected {kind.writes}")
        digests = [bundle["digest"] for bundle in act["writes"]]
        for digest in digests:
            if digest in self.written or digests.count(digest) > 1:
                raise Mismatch(f"it writes the bundle {digest[:16]}, which was written before")

    def _check_times(self, act: Act) -> None:
        """See that the act is of no time to come, nor of one before what it rests on."""
        if _moments(act["recorded"])[0] > self._now + SKEW:
            raise Mismatch(f"it was recorded in the future, at {act['recorded']}")
        if is_before(act["recorded"], act["at"]):
            raise Mismatch(f"it is of {act['at']}, after it was recorded")
        for digest in act["reads"]:
            other = self.acts[self.written[digest].act]
            if other["number"] and is_before(act["at"], other["at"]):
                told = f"act {other['number']} ({other['at']})"
                raise Mismatch(f"it is of {act['at']}, before {told}, on which it rests")

        if act["kind"] == "petition.receive":
            self._check_received(act)
        if act["kind"] == "petition.gates":
            of = {self.written[digest].kind: self.written[digest].act for digest in act["reads"]}
            _require_begun(self.acts[of["lines"]], self.acts[of["requirement"]])

    def _check_received(self, act: Act) -> None:
        """See that the petition was issued, and its first day had come, before lines came."""
        issue = self.standing("petition.issue")
        if issue is None:
            raise Mismatch("lines were received, and no petition was issued before")
        if is_before(act["at"], issue["at"]):
            raise Mismatch(f"it is of {act['at']}, before the issue in act {issue['number']}")
        _require_begun(act, issue)

    def _check_place(self, act: Act, kind: Kind) -> None:
        """See that the act corrects what stands, or is a further round where one is open."""
        standing = self.standing(act["kind"])
        number = standing["number"] if standing else None
        if act["kind"] == "risk.plan" and self.standing("risk.draw"):
            raise Mismatch("it was made after the seed was known")
        if act["corrects"] is None and standing is not None and kind.after == act["kind"]:
            return
        if act["corrects"] is None and number is not None and kind.after:
            before = self.standing(kind.after)
            if before is not None and before["number"] > number and leaves_open(before):
                return
        if act["corrects"] != number:
            told = "none" if number is None else f"act {number}"
            raise Mismatch(f"it corrects act {act['corrects']}, standing of its kind: {told}")

    def _earlier_round(self, act: Act) -> Act | None:
        """Give the act whose further round this is, if it is one."""
        goes_on = KINDS[act["kind"]].after
        return self.standing(act["kind"], act["corrects"]) if goes_on else None

    def _check_reads(self, act: Act, kind: Kind) -> None:
        """See that the act reads the latest of each kind that it must read, and no other."""
        unknown = [digest for digest in act["reads"] if digest not in self.written]
        if unknown:
            raise Mismatch(f"it reads the bundle {unknown[0][:16]}, which no earlier act wrote")
        read = [self.written[digest].kind for digest in act["reads"]]
        expected = self._expected(act, kind)
        if read != expected:
            told, wanted = (" ".join(kinds) or "nothing" for kinds in (read, expected))
            raise Mismatch(f"it reads {told}, expected {wanted}")
        for name, digest in zip(read, act["reads"], strict=True):
            if digest != self.latest(name, act["corrects"]):
                writer = self.written[digest].act
                raise Mismatch(f"it reads the {name} of act {writer}, which is not the latest")

    def _expected(self, act: Act, kind: Kind) -> list[str]:
        choice = chosen(act)
        if act["kind"] == "audit.risk":
            plan = self.standing("audit.plan", act["corrects"])
            choice = plan is not None and chosen(plan)
        holds = {
            "+": self._earlier_round(act) is not None,
            "?": self.latest("decoys", act["corrects"]) is not None,
            "~": bool(choice),
        }
        return [name.rstrip("+?~") for name in kind.reads.split() if holds.get(name[-1], True)]

    def _check_round(self, act: Act) -> None:
        """See that a draw is numbered after the one before, and has a seed that it may have."""
        earlier, name = self._earlier_round(act), ROUNDS[act["kind"]]
        number, seed = act["parameters"].get(name), act["parameters"].get("seed")
        last = earlier["parameters"].get(name) if earlier else 0
        right = last + 1 if type(last) is int else 1
        if act["kind"] == "draw":
            right = min(right, 2)
        if type(number) is not int or number != right:
            raise Mismatch(f"its {name} is {number}, expected {right}")
        if earlier and act["kind"] in KEEPS_SEED:
            if seed != earlier["parameters"].get("seed"):
                raise Mismatch("its seed is another than that of the round before")
            return
        if act["kind"] != "draw" or seed is not None:
            self._check_seed(seed)

    def _check_copies(self, act: Act) -> None:
        """See that copies of the list are numbered, are of the list, and alone raise an alarm."""
        if act["kind"] == "roll.alarm":
            matched = self.acts[self.written[act["reads"][0]].act]
            read = [self.written[digest] for digest in matched["reads"]]
            last = [self.acts[one.act]["facts"]["copy"] for one in read if one.kind == "decoys"]
            most = max(last, default=0)
            for copy in act["facts"]["copies"]:
                if not re.fullmatch(r"[1-9][0-9]{0,11}", copy, re.ASCII) or int(copy) > most:
                    raise Mismatch(f"no copy {copy[:40]} was handed out")
            return
        earlier = self.standing("roll.copy", act["corrects"])
        number = earlier["facts"].get("copy", 0) + 1 if earlier else 1
        sealed = self.acts[self.written[act["reads"][0]].act]
        if act["facts"]["copy"] != number:
            raise Mismatch(f"it is copy {act['facts']['copy']}, expected {number}")
        if act["facts"]["electors"] != sealed["facts"].get("electors"):
            raise Mismatch("its electors are not those of the list that was sealed")

    def _check_seed(self, seed: object) -> None:
        """See that a seed cannot be guessed and stands in no earlier act."""
        if not isinstance(seed, str) or not _is_long(seed):
            raise Mismatch("its seed is too short, or has other signs than letters and digits")
        small = seed.lower()
        if is_made_up(small):
            raise Mismatch("its seed is none that was rolled: it repeats itself, counts or is long")
        pieces = {small[end - 12 : end] for end in range(12, len(small) + 1)}
        for number, text in enumerate(self._bare):
            if any(piece in text for piece in pieces):
                raise Mismatch(f"its seed has been known since act {number}")


def _require_begun(received: Act, issue: Act) -> None:
    first = str(issue["parameters"].get("first_day"))
    if is_before(received["at"], first):
        raise Mismatch(f"lines were received on {received['at']}, before the first day, {first}")


def _is_long(seed: str) -> bool:
    """Whether a seed has 64 bits, going by the signs that it has."""
    small = seed.lower()
    for signs, least in (("[0-9]+", 20), ("[0-9a-f]+", 16), ("[0-9a-z]+", 14)):
        if re.fullmatch(signs, small, re.ASCII):
            return len(small) >= least
    return False
