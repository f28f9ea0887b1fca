"""What stands on a record, and what each act rests on, kept up act by act.

The rules are those of section 4 of the specification. An act does not cost more the more there are:
what the parts of a kind come to is gathered when they change, not for each act that reads them all.
"""

import hashlib
from collections.abc import KeysView
from dataclasses import dataclass, field
from functools import cached_property

from referendum.verify.acts import WrittenBundle
from referendum.verify.calls import SeedCalls, latest_standing
from referendum.verify.deliveries import own_lines
from referendum.verify.kinds import KEPT, KINDS, ONE_BASIS, PARTS, TAKEN_UP, Act

Read = dict[str, list[str]]
"""The digests of the bundles that an act reads, by kind."""


class StandingBundles(list[str]):
    """The parts of a kind that stand, which are named once however many acts read them."""

    @cached_property
    def name(self) -> str:
        """What names them together."""
        return _named_together(self)


def name_together(digests: list[str]) -> str:
    """Name bundles that are read together: one by its digest, several by that of their digests."""
    return digests.name if isinstance(digests, StandingBundles) else _named_together(digests)


def _named_together(digests: list[str]) -> str:
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("".join(f"{digest}\n" for digest in digests).encode()).hexdigest()


def _named_again(act: Act) -> list[int]:
    """Give the deliveries whose lines an act says that it has again."""
    named = act["parameters"].get("lines_of") if act["kind"] == "petition.receive" else None
    return [one for one in named if type(one) is int] if isinstance(named, list) else []


@dataclass
class ReadTogether:
    """Bundles that acts read together, one or several.

    Attributes:
        basis: by kind and name of what their acts rest on, the first of these acts.
        latest_acts: of their acts the latest that is of a day, and the latest that is of a time.
        cause_of: the act by whose correction one of them fell; None while all stand.
        readers: the acts that read them and stand.
    """

    basis: dict[tuple[str, str], int] = field(default_factory=dict)
    latest_acts: list[int] = field(default_factory=list)
    cause: int | None = None
    readers: list[int] = field(default_factory=list)


class Standing:
    """The acts so far, the bundles that they wrote, and which of both stand."""

    def __init__(self) -> None:
        self._fallen: dict[int, int] = {}
        self._read: list[Read] = []
        self._bases: list[dict[str, str]] = []
        self._acts_by_kind: dict[str, list[int]] = {}
        self._bundles: dict[str, list[str]] = {}
        self._acts_by_bundle_kind: dict[str, list[int]] = {}
        self._answering: dict[tuple[str, str], list[str]] = {}
        self._untaken: dict[str, set[int]] = {kind: set() for kind in TAKEN_UP}
        self._gathered: dict[str, StandingBundles] = {}
        self._by_name: dict[str, ReadTogether] = {}
        self._read_together_by_writer: dict[int, list[ReadTogether]] = {}
        self._missing: set[int] = set()
        self.calls = SeedCalls(self._fallen)
        self.acts: list[Act] = []
        self.written: dict[str, WrittenBundle] = {}

    def append(self, act: Act) -> None:
        """Take note of a further act: of what it corrects, reads and writes."""
        number = len(self.acts)
        corrected = act["corrects"]
        if corrected is not None and 0 <= corrected < number:
            self._withdraw(corrected, number)
        self._missing -= {corrected, *_named_again(act)}
        read = self.bundles_read(act)
        self.acts.append(act)
        self._read.append(read)
        self._bases.append(self._basis(read))
        self._acts_by_kind.setdefault(act["kind"], []).append(number)
        for read_together in [self.read_together(parts) for parts in read.values()]:
            read_together.readers.append(number)
            if read_together.cause is not None:
                self._withdraw(number, read_together.cause)
        self.calls.add(act, lambda kind: self._writer(read, kind))
        self._mark_taken_up(number, read)
        for bundle in act["writes"]:
            self._append_bundle(bundle, number, read)

    def _mark_taken_up(self, number: int, read: Read) -> None:
        for kind in self._untaken.keys() & read.keys():
            if number not in self._fallen:
                self._untaken[kind] -= {self.written[one].act for one in read[kind]}

    def _append_bundle(self, bundle: Act, number: int, read: Read) -> None:
        kind, digest = bundle["kind"], bundle["digest"]
        self.written.setdefault(digest, WrittenBundle(kind, digest, bundle["sealed"], number))
        self._bundles.setdefault(kind, []).append(digest)
        self._acts_by_bundle_kind.setdefault(kind, []).append(number)
        self._gathered.pop(kind, None)
        for parts in read.values() if PARTS.get(kind) else ():
            if len(parts) == 1:
                self._answering.setdefault((kind, parts[0]), []).append(digest)
        if kind in self._untaken and number not in self._fallen:
            self._untaken[kind].add(number)

    def read_together(self, parts: list[str]) -> ReadTogether:
        """Give what is known of bundles that are read together."""
        name = name_together(parts)
        if name not in self._by_name:
            found = self._by_name[name] = ReadTogether()
            last: dict[bool, int] = {}
            kept = any(self.written[one].kind in KEPT for one in parts)
            for writer in [] if kept else sorted({self.written[one].act for one in parts}):
                self._read_together_by_writer.setdefault(writer, []).append(found)
                found.cause = self._fallen.get(writer, found.cause)
                for pair in self._bases[writer].items():
                    found.basis.setdefault(pair, writer)
                at = self.acts[writer]["at"]
                is_day = len(at) == len("2026-05-02")
                if is_day not in last or at > self.acts[last[is_day]]["at"]:
                    last[is_day] = writer
            found.latest_acts = list(last.values())
        return self._by_name[name]

    def _writer(self, read: Read, kind: str) -> int | None:
        """Give the act that wrote the only bundle of a kind among those that an act reads."""
        parts = read.get(kind, [])
        return self.written[parts[0]].act if len(parts) == 1 else None

    def _withdraw(self, number: int, cause_of: int) -> None:
        """Take note that an act, and all that rests on it, no longer stands."""
        falling = self.acts_falling_with(number)
        self._fallen.update(dict.fromkeys(falling, cause_of))
        self._missing |= self._deliveries(falling)
        for one in falling:
            for read_together in self._read_together_by_writer.get(one, ()):
                read_together.cause = (
                    cause_of if read_together.cause is None else read_together.cause
                )
                read_together.readers = []
        for one in falling:
            for bundle in self.acts[one]["writes"]:
                self._gathered.pop(bundle["kind"], None)
        for kind, untaken in self._untaken.items():
            untaken.difference_update(falling)
            untaken.update(self._released_by(kind, falling))

    def acts_falling_with(self, number: int | None) -> set[int]:
        """Give the acts that fall if one does: it, and all that rest on it and stand still."""
        found: set[int] = set()
        looked: set[int] = set()
        left = [number] if number is not None and 0 <= number < len(self.acts) else []
        while left:
            one = left.pop()
            if one in found or one in self._fallen:
                continue
            found.add(one)
            for read_together in self._read_together_by_writer.get(one, ()):
                if id(read_together) not in looked:
                    looked.add(id(read_together))
                    left += read_together.readers
        return found

    def _released_by(self, kind: str, falling: set[int]) -> set[int]:
        """Give the acts whose parts nothing has taken up any longer once others fall."""
        found: set[int] = set()
        for number in falling:
            for digest in self._read[number].get(kind, ()):
                found.add(self.written[digest].act)
        return {
            one
            for one in found - falling
            if one not in self._fallen and not self._is_read(one, falling)
        }

    def _is_read(self, writer: int, falling: set[int]) -> bool:
        readers = (
            reader
            for read_together in self._read_together_by_writer[writer]
            for reader in read_together.readers
        )
        return any(reader not in self._fallen and reader not in falling for reader in readers)

    def fallen_acts(self) -> KeysView[int]:
        """Numbers of the acts that no longer stand: corrected, or resting on what fell."""
        return self._fallen.keys()

    def cause_of(self, number: int) -> int:
        """Give the act by whose correction an act that no longer stands fell."""
        return self._fallen[number]

    def read_by(self, number: int) -> Read:
        """Give the digests of the bundles that an act reads, by kind."""
        return self._read[number]

    def standing_act(self, kind: str, corrected: int | None = None) -> Act | None:
        """Give the latest act of a kind that stands; as if one had fallen, if that is given."""
        numbers = self._acts_by_kind.get(kind, [])
        number = latest_standing(numbers, self._fallen, self.acts_falling_with(corrected))
        return None if number is None else self.acts[number]

    def standing_acts(self, kind: str) -> list[Act]:
        """Give the acts of a kind that stand, in order."""
        numbers = self._acts_by_kind.get(kind, [])
        return [self.acts[number] for number in numbers if number not in self._fallen]

    def latest(self, kind: str, corrected: int | None = None) -> str | None:
        """Give the digest of the latest bundle of a kind that stands."""
        found = self._standing_bundles(kind, self.acts_falling_with(corrected))
        return found[-1] if found else None

    def deliveries_waiting(self, falling: set[int] | None = None) -> list[Act]:
        """Give the acts whose lines wait to be numbered."""
        return [
            self.acts[self.written[one].act]
            for one in self._standing_bundles("lines_waiting", falling or set())
        ]

    def missing_deliveries(self, corrected: int | None = None) -> set[int]:
        """Give the deliveries that fell with another one and have not come again.

        Args:
            corrected: an act that is taken to be put right just now.
        """
        return (self._missing | self._deliveries(self.acts_falling_with(corrected))) - {corrected}

    def _deliveries(self, numbers: set[int]) -> set[int]:
        """Give those of some acts that brought lines."""
        received = (one for one in numbers if self.acts[one]["kind"] == "petition.receive")
        return {one for one in received if own_lines(self, self.acts[one]) > 0}

    def _standing_bundles(self, kind: str, falling: set[int]) -> list[str]:
        """Give the bundles of a kind that stand, in order: the last alone, unless in parts."""
        if kind in self._untaken:
            numbers = (self._untaken[kind] - falling) | self._released_by(kind, falling)
            writes = (one for number in sorted(numbers) for one in self.acts[number]["writes"])
            return [one["digest"] for one in writes if one["kind"] == kind]
        if kind not in PARTS:
            return self._latest_bundle(kind, falling)
        if kind not in self._gathered:
            stand = filter(self._is_standing_bundle, self._bundles.get(kind, []))
            self._gathered[kind] = StandingBundles(stand)
        found = self._gathered[kind]
        if any(one["kind"] == kind for number in falling for one in self.acts[number]["writes"]):
            return StandingBundles(one for one in found if self.written[one].act not in falling)
        return found

    def _latest_bundle(self, kind: str, falling: set[int]) -> list[str]:
        numbers = self._acts_by_bundle_kind.get(kind, [])
        number = numbers[-1] if kind in KEPT and numbers else None
        if kind not in KEPT:
            number = latest_standing(numbers, self._fallen, falling)
        if number is None:
            return []
        written = (one for one in self.acts[number]["writes"] if one["kind"] == kind)
        return [one["digest"] for one in written][-1:]

    def _is_standing_bundle(self, digest: str) -> bool:
        return self.written[digest].act not in self._fallen

    def bundles_to_read(self, kind: str, beside: Read, falling: set[int]) -> list[str]:
        """Give the bundles of a kind that are to be read beside others."""
        asked = PARTS.get(kind)
        if not asked:
            return self._standing_bundles(kind, falling)
        answers = beside.get(asked, [])
        found = self._answering.get((kind, answers[0]), []) if len(answers) == 1 else []
        return [
            one
            for one in found
            if self._is_standing_bundle(one) and self.written[one].act not in falling
        ]

    def bundles_read(self, act: Act) -> Read:
        """Find what an act names by the digests that it reads, as far as that is known."""
        falling = self.acts_falling_with(act["corrects"])
        kind = KINDS.get(act["kind"])
        bundles_read = [name.rstrip("+?~") for name in kind.reads.split()] if kind else []
        found: Read = {}
        for digest in act["reads"]:
            if digest in self.written:
                found[self.written[digest].kind] = [digest]
                continue
            for name in bundles_read:
                parts = self.bundles_to_read(name, found, falling) if name in PARTS else []
                if parts and name_together(parts) == digest:
                    found[name] = parts
        return found

    def _basis(self, read: Read) -> dict[str, str]:
        """Give, by kind, what an act rests on that reads these bundles."""
        found: dict[str, str] = {}
        for parts in read.values():
            found.update(self.read_together(parts).basis.keys())
        own = {kind: name_together(parts) for kind, parts in read.items()}
        return found | {kind: name for kind, name in own.items() if kind in ONE_BASIS}
