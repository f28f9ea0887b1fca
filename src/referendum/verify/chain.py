"""The chain of acts: complete, in order, each resting on what stood when it was done."""

import re
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from referendum.verify.act_schemas import require_schema
from referendum.verify.calls import ANSWER_CHECKS, check_seed_act, find_called_seed
from referendum.verify.deliveries import (
    deliveries_of,
    require_delivery,
    require_fallen_received,
)
from referendum.verify.kinds import (
    ALL_NUMBERED,
    CLOSED_BY,
    DRAWN_FROM,
    KEEPS_SEED,
    KINDS,
    ONE_BASIS,
    PARTS,
    ROUNDS,
    TOO_LATE_AFTER,
    Act,
    Kind,
    leaves_open,
    reads_by_choice,
)
from referendum.verify.report import Mismatch
from referendum.verify.seeds import is_patterned
from referendum.verify.standing import Read, Standing, name_together
from referendum.verify.typed_seeds import TypedSeeds

LEAST_PROOF = 1000
"""A copy is named where the chance of a false accusation is at most 1 in so many."""

SKEW = timedelta(minutes=10)
"""How far two clocks may differ."""


def _begin_and_end(at: str) -> tuple[datetime, datetime]:
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
    return _begin_and_end(one)[1] < _begin_and_end(other)[0]


class Chain(Standing):
    """The acts so far, each checked against those before it."""

    def __init__(self, origin: str, key: str) -> None:
        super().__init__()
        self._origin, self._key = origin, key
        self._now = datetime.now(UTC)
        self.typed_seeds = TypedSeeds()
        self._numbered = 0
        self.holders: dict[str, dict[str, int]] = {}

    def add(self, act: Act) -> None:
        """Check an act against those before it, and append it."""
        try:
            self._check(act)
        finally:
            self.append(act)
            self._count_numbered(act)

    def _count_numbered(self, act: Act) -> None:
        """Add the lines that an act numbers to all that were, whether they stand or not."""
        facts = act["facts"]
        if act["kind"] == "petition.receive" and type(facts.get("first")) is int:
            self._numbered += facts["lines"] if type(facts.get("lines")) is int else 0

    def _check(self, act: Act) -> None:
        kind = KINDS.get(act["kind"])
        if kind is None:
            raise Mismatch(f"an act of the kind {act['kind'][:40]!r} is not known")
        if act["nature"] != kind.nature:
            raise Mismatch(f"{act['kind']} is {kind.nature}, not {act['nature']}")
        require_schema(act)
        if act["number"] == 0:
            self._check_opening(act)
        else:
            self._check_order(act, kind)
        self._check_writes(act, kind)
        if act["number"]:
            self._check_correction(act, kind)
            self._check_seeds(act)
            self._check_reads(act, kind)
        self._check_times(act)
        if act["kind"] in ("petition.receive", *ALL_NUMBERED):
            require_fallen_received(act, self.missing_deliveries(act["corrects"]))
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
        expected = kind.waiting if act["parameters"].get("waits") is True else kind.writes
        if wrote != expected:
            raise Mismatch(f"it writes {wrote or 'nothing'}, expected {expected}")
        digests = [bundle["digest"] for bundle in act["writes"]]
        for digest in digests:
            if digest in self.written or digests.count(digest) > 1:
                raise Mismatch(f"it writes the bundle {digest[:16]}, which was written before")

    def _check_times(self, act: Act) -> None:
        """See that the act is of no time to come, nor of one before what it rests on."""
        if _begin_and_end(act["recorded"])[0] > self._now + SKEW:
            raise Mismatch(f"it was recorded in the future, at {act['recorded']}")
        if is_before(act["recorded"], act["at"]):
            raise Mismatch(f"it is of {act['at']}, after it was recorded")
        read = self.bundles_read(act).values()
        for number in sorted(
            one for parts in read for one in self.read_together(parts).latest_acts
        ):
            other = self.acts[number]
            if other["number"] and is_before(act["at"], other["at"]):
                words = f"act {other['number']} ({other['at']})"
                raise Mismatch(f"it is of {act['at']}, before {words}, on which it rests")

        if act["kind"] == "petition.receive":
            self._check_received(act)
        if act["kind"] == "petition.gates":
            named = self.bundles_read(act)
            issue = self.acts[self.written[named["requirement"][0]].act]
            for received in deliveries_of(self, named["lines"]):
                _require_signing_begun(received, issue)

    def _check_received(self, act: Act) -> None:
        """See that the petition was issued, and its first day had come, before lines came."""
        require_delivery(
            act, self._numbered, self.deliveries_waiting(self.acts_falling_with(act["corrects"]))
        )
        issue = self.standing_act("petition.issue")
        if issue is None:
            raise Mismatch("lines were received, and no petition was issued before")
        if is_before(act["at"], issue["at"]):
            raise Mismatch(f"it is of {act['at']}, before the issue in act {issue['number']}")
        _require_signing_begun(act, issue)

    def _check_correction(self, act: Act, kind: Kind) -> None:
        """See that the act corrects what stands, or is done again where it may be."""
        corrected = act["corrects"]
        if act["kind"] == "risk.plan" and self.standing_act("risk.draw"):
            raise Mismatch("it was made after the seed was known")
        if kind.in_parts:
            if corrected is not None and not self._is_standing(corrected, act["kind"]):
                raise Mismatch(
                    f"it corrects act {corrected}, which is none of its kind that stands"
                )
            self._check_open(act)
            return
        if act["kind"] in ALL_NUMBERED and self.latest("lines_waiting", corrected):
            raise Mismatch("lines wait to be numbered, and are left out")
        standing = self.standing_act(act["kind"])
        number = standing["number"] if standing else None
        if corrected is None and standing is not None and kind.after == act["kind"]:
            return
        if corrected is None and number is not None and kind.after:
            later = takewhile(number.__lt__, reversed(self._acts_by_kind.get(kind.after, [])))
            if any(one not in self._fallen and leaves_open(self.acts[one]) for one in later):
                return
        if corrected != number:
            standing_act = "none" if number is None else f"act {number}"
            raise Mismatch(f"it corrects act {corrected}, standing of its kind: {standing_act}")

    def _check_seeds(self, act: Act) -> None:
        """See that an act of a call has its place, and that a draw takes the seed that it must."""
        falling = self.acts_falling_with(act["corrects"])
        if act["kind"] == "seed.call" or act["kind"] in ANSWER_CHECKS:
            subject = self.acts[0]["parameters"].get("subject")
            check_seed_act(self.calls, act, subject, falling)
        elif act["kind"] in ROUNDS:
            read = self.bundles_read(act)
            others = (parts for kind, parts in read.items() if kind != "seed")
            writers = {self.written[parts[-1]].act for parts in others}
            further = self._earlier_round(act) is not None
            find_called_seed(self.calls, act, falling, writers, further=further)

    def _is_standing(self, number: int, kind: str) -> bool:
        known = 0 <= number < len(self.acts) and number not in self._fallen
        return known and self.acts[number]["kind"] == kind

    def _check_open(self, act: Act) -> None:
        """See that what a part answers to has not been decided, or gone by."""
        for closing in TOO_LATE_AFTER.get(act["kind"], ()):
            if too_late := self.standing_act(closing, act["corrects"]):
                raise Mismatch(f"it came after {closing} in act {too_late['number']}")
        if act["kind"] not in CLOSED_BY:
            return
        asked, closing = CLOSED_BY[act["kind"]]
        closed, now = (
            self.standing_act(closing, act["corrects"]),
            self.latest(asked, act["corrects"]),
        )
        if closed and now and self._read[closed["number"]].get(asked) == [now]:
            raise Mismatch(f"it came after act {closed['number']}, which decided by the {asked}")

    def _earlier_round(self, act: Act) -> Act | None:
        """Give the act whose further round this is, if it is one."""
        goes_on = KINDS[act["kind"]].after
        return self.standing_act(act["kind"], act["corrects"]) if goes_on else None

    def _check_reads(self, act: Act, kind: Kind) -> None:
        """See that the act reads what stands of each kind that it must read, and nothing else."""
        falling = self.acts_falling_with(act["corrects"])
        expected: Read = {}
        for name in self._expected_kinds(act, kind):
            expected[name] = self._bundles_of_call(act, name, falling) or self.bundles_to_read(
                name, expected, falling
            )
        names = [name_together(parts) if parts else "" for parts in expected.values()]
        if names != act["reads"]:
            self._raise_wrong_reads(act, expected)
        self._check_basis(expected, falling)

    def _bundles_of_call(self, act: Act, name: str, falling: set[int]) -> list[str]:
        """Give the call that an act answers to, or the seed of the one that a draw takes."""
        if name not in ("seed_call", "seed"):
            return []
        draw = act["parameters"]["for"] if name == "seed_call" else act["kind"]
        call = self.calls.unused_call(draw, falling)
        of = None if call is None else call.act if name == "seed_call" else call.close
        return [one["digest"] for one in of["writes"]] if of else []

    def _raise_wrong_reads(self, act: Act, expected: Read) -> None:
        together = {name_together(parts): kind for kind, parts in expected.items() if parts}
        known = {digest: one.kind for digest, one in self.written.items()}
        read = [together.get(digest) or known.get(digest) or "" for digest in act["reads"]]
        if "" in read:
            digest = act["reads"][read.index("")]
            raise Mismatch(
                f"it reads the bundle {digest[:16]}, which no earlier act wrote, or parts that are"
                " not all that stand"
            )
        if read != list(expected):
            kinds_read, wanted = (" ".join(kinds) or "nothing" for kinds in (read, list(expected)))
            raise Mismatch(f"it reads {kinds_read}, expected {wanted}")
        for name, digest in zip(read, act["reads"], strict=True):
            if not expected[name] or digest != name_together(expected[name]):
                writer = self.written[digest].act
                raise Mismatch(f"it reads the {name} of act {writer}, which is not the latest")

    def _check_basis(self, read: Read, falling: set[int]) -> None:
        """See that the act, and all that it reads, rest on one and the same of each kind."""
        named = {kind: parts for kind, parts in read.items() if kind in ONE_BASIS and parts}
        rests = {kind: name_together(parts) for kind, parts in named.items()}
        for parts in filter(None, read.values()):
            for (kind, name), number in self.read_together(parts).basis.items():
                if (
                    kind in PARTS
                    and kind not in rests
                    and (parts := self._standing_bundles(kind, falling))
                ):
                    rests[kind] = name_together(parts)
                if rests.setdefault(kind, name) != name:
                    raise Mismatch(
                        f"act {number}, which it reads, rests on other {kind} than stand"
                    )

    def _expected_kinds(self, act: Act, kind: Kind) -> list[str]:
        if act["kind"] == "seed.call":
            return list(DRAWN_FROM[act["parameters"]["for"]])
        if kind.waiting and act["parameters"].get("waits") is True:
            return []
        choice = reads_by_choice(act)
        if act["kind"] == "audit.risk":
            plan = self.standing_act("audit.plan", act["corrects"])
            choice = plan is not None and reads_by_choice(plan)
        holds = {
            "+": self._earlier_round(act) is not None,
            "~": bool(choice),
        }
        names = [name for name in kind.reads.split() if holds.get(name[-1], True)]
        return [
            name.rstrip("+?~")
            for name in names
            if not name.endswith("?") or self._has_bundle(act, name.rstrip("?"))
        ]

    def _has_bundle(self, act: Act, kind: str) -> bool:
        """Whether a bundle stands that is read where there is one."""
        falling = self.acts_falling_with(act["corrects"])
        call = (
            self._bundles_of_call(act, "seed_call", falling)
            if PARTS.get(kind) == "seed_call"
            else []
        )
        return bool(self.bundles_to_read(kind, {"seed_call": call}, falling))

    def _check_round(self, act: Act) -> None:
        """See that a draw is numbered after the one before, and has a seed that it may have."""
        earlier, name = self._earlier_round(act), ROUNDS[act["kind"]]
        number, seed = act["parameters"].get(name), act["parameters"].get("seed")
        last = earlier["parameters"].get(name) if earlier else 0
        next_number = last + 1 if type(last) is int else 1
        if act["kind"] == "draw":
            next_number = min(next_number, 2)
        if type(number) is not int or number != next_number:
            raise Mismatch(f"its {name} is {number}, expected {next_number}")
        if earlier and act["kind"] in KEEPS_SEED:
            if seed != earlier["parameters"].get("seed"):
                raise Mismatch("its seed is another than that of the round before")
            return
        called = act["parameters"].get("called") is True
        if not called and (act["kind"] != "draw" or seed is not None):
            self._check_seed(act["number"], seed)

    def _check_copies(self, act: Act) -> None:
        """See that copies of the list are numbered, are of the list, and alone raise an alarm."""
        if act["kind"] == "roll.alarm":
            read = self._read[self.written[act["reads"][0]].act].get("decoys", [])
            last = [self.acts[self.written[one].act]["facts"]["copy"] for one in read]
            most = max(last, default=0)
            for copy, one_in in act["facts"]["copies"].items():
                if not re.fullmatch(r"[1-9][0-9]{0,11}", copy, re.ASCII) or int(copy) > most:
                    raise Mismatch(f"no copy {copy[:40]} was handed out")
                if one_in < LEAST_PROOF:
                    raise Mismatch(f"copy {copy} is named with a chance of error of 1 in {one_in}")
            return
        decoys = self.latest("decoys")
        number = self.acts[self.written[decoys].act]["facts"]["copy"] + 1 if decoys else 1
        sealed = self.acts[self.written[act["reads"][0]].act]
        if act["facts"]["copy"] != number:
            raise Mismatch(f"it is copy {act['facts']['copy']}, expected {number}")
        if act["facts"]["electors"] != sealed["facts"].get("electors"):
            raise Mismatch("its electors are not those of the list that was sealed")

    def _check_seed(self, number: int, seed: object) -> None:
        """See that a seed cannot be guessed; earlier acts are looked through when all are there."""
        if not isinstance(seed, str) or not _has_64_bits(seed):
            raise Mismatch("its seed is too short, or has other signs than letters and digits")
        seed_lower = seed.lower()
        if is_patterned(seed_lower):
            raise Mismatch("its seed is none that was rolled: it repeats itself, counts or is long")
        self.typed_seeds.add(number, seed_lower)


def _require_signing_begun(received: Act, issue: Act) -> None:
    first = str(issue["parameters"].get("first_day"))
    if is_before(received["at"], first):
        raise Mismatch(f"lines were received on {received['at']}, before the first day, {first}")


def _has_64_bits(seed: str) -> bool:
    """Whether a seed has 64 bits, going by the signs that it has."""
    seed_lower = seed.lower()
    for signs, least in (("[0-9]+", 20), ("[0-9a-f]+", 16), ("[0-9a-z]+", 14)):
        if re.fullmatch(signs, seed_lower, re.ASCII):
            return len(seed_lower) >= least
    return False
