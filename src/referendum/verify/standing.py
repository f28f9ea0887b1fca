"""What stands on a record, and what each act rests on, kept up act by act.

The rules are those of section 4 of the specification. An act does not cost more the more there are:
what the parts of a kind come to is gathered when they change, not for each act that reads them all.
"""

import hashlib
from collections.abc import KeysView
from dataclasses import dataclass, field
from functools import cached_property

from referendum.verify.acts import Written
from referendum.verify.calls import Calls, latest_standing
from referendum.verify.kinds import KEPT, KINDS, ONE_BASIS, PARTS, TAKEN_UP, Act

Read = dict[str, list[str]]
"""The digests of the bundles that an act reads, by kind."""


class Gathered(list[str]):
    """The parts of a kind that stand, which are named once however many acts read them."""

    @cached_property
    def name(self) -> str:
        """What names them together."""
        return _named_together(self)


def name_together(digests: list[str]) -> str:
    """Name bundles that are read together: one by its digest, several by that of their digests."""
    return digests.name if isinstance(digests, Gathered) else _named_together(digests)


def _named_together(digests: list[str]) -> str:
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("".join(f"{digest}\n" for digest in digests).encode()).hexdigest()


@dataclass
class Together:
    """Bundles that acts read together, one or several.

    Attributes:
        rests: by kind and name of what their acts rest on, the first of these acts.
        last: of their acts the latest that is of a day, and the latest that is of a time.
        cause: the act by whose correction one of them fell; None while all stand.
        readers: the acts that read them and stand.
    """

    rests: dict[tuple[str, str], int] = field(default_factory=dict)
    last: list[int] = field(default_factory=list)
    cause: int | None = None
    readers: list[int] = field(default_factory=list)


class Standing:
    """The acts so far, the bundles that they wrote, and which of both stand."""

    def __init__(self) -> None:
        self._fallen: dict[int, int] = {}
        self._read: list[Read] = []
        self._rests: list[dict[str, str]] = []
        self._of_kind: dict[str, list[int]] = {}
        self._bundles: dict[str, list[str]] = {}
        self._of_bundle: dict[str, list[int]] = {}
        self._answering: dict[tuple[str, str], list[str]] = {}
        self._untaken: dict[str, set[int]] = {kind: set() for kind in TAKEN_UP}
        self._gathered: dict[str, Gathered] = {}
        self._together: dict[str, Together] = {}
        self._of_writer: dict[int, list[Together]] = {}
        self.calls = Calls(self._fallen)
        self.acts: list[Act] = []
        self.written: dict[str, Written] = {}

    def take(self, act: Act) -> None:
        """Take note of a further act: of what it corrects, reads and writes."""
        number = len(self.acts)
        corrected = act["corrects"]
        if corrected is not None and 0 <= corrected < number:
            self._fall(corrected, number)
        read = self.named(act)
        self.acts.append(act)
        self._read.append(read)
        self._rests.append(self._basis(read))
        self._of_kind.setdefault(act["kind"], []).append(number)
        for together in [self.together(parts) for parts in read.values()]:
            together.readers.append(number)
            if together.cause is not None:
                self._fall(number, together.cause)
        self.calls.add(act, lambda kind: self._writer(read, kind))
        self._take_up(number, read)
        for bundle in act["writes"]:
            self._take_written(bundle, number, read)

    def _take_up(self, number: int, read: Read) -> None:
        for kind in self._untaken.keys() & read.keys():
            if number not in self._fallen:
                self._untaken[kind] -= {self.written[one].act for one in read[kind]}

    def _take_written(self, bundle: Act, number: int, read: Read) -> None:
        kind, digest = bundle["kind"], bundle["digest"]
        self.written.setdefault(digest, Written(kind, digest, bundle["sealed"], number))
        self._bundles.setdefault(kind, []).append(digest)
        self._of_bundle.setdefault(kind, []).append(number)
        self._gathered.pop(kind, None)
        for parts in read.values() if PARTS.get(kind) else ():
            if len(parts) == 1:
                self._answering.setdefault((kind, parts[0]), []).append(digest)
        if kind in self._untaken and number not in self._fallen:
            self._untaken[kind].add(number)

    def together(self, parts: list[str]) -> Together:
        """Give what is known of bundles that are read together."""
        name = name_together(parts)
        if name not in self._together:
            found = self._together[name] = Together()
            last: dict[bool, int] = {}
            kept = any(self.written[one].kind in KEPT for one in parts)
            for writer in [] if kept else sorted({self.written[one].act for one in parts}):
                self._of_writer.setdefault(writer, []).append(found)
                found.cause = self._fallen.get(writer, found.cause)
                for pair in self._rests[writer].items():
                    found.rests.setdefault(pair, writer)
                at = self.acts[writer]["at"]
                is_day = len(at) == len("2026-05-02")
                if is_day not in last or at > self.acts[last[is_day]]["at"]:
                    last[is_day] = writer
            found.last = list(last.values())
        return self._together[name]

    def _writer(self, read: Read, kind: str) -> int | None:
        """Give the act that wrote the only bundle of a kind among those that an act reads."""
        parts = read.get(kind, [])
        return self.written[parts[0]].act if len(parts) == 1 else None

    def _fall(self, number: int, cause: int) -> None:
        """Take note that an act, and all that rests on it, no longer stands."""
        falling = self.gone(number)
        self._fallen.update(dict.fromkeys(falling, cause))
        for one in falling:
            for together in self._of_writer.get(one, ()):
                together.cause = cause if together.cause is None else together.cause
                together.readers = []
        for one in falling:
            for bundle in self.acts[one]["writes"]:
                self._gathered.pop(bundle["kind"], None)
        for kind, untaken in self._untaken.items():
            untaken.difference_update(falling)
            untaken.update(self._given_back(kind, falling))

    def gone(self, number: int | None) -> set[int]:
        """Give the acts that fall if one does: it, and all that rest on it and stand still."""
        found: set[int] = set()
        looked: set[int] = set()
        left = [number] if number is not None and 0 <= number < len(self.acts) else []
        while left:
            one = left.pop()
            if one in found or one in self._fallen:
                continue
            found.add(one)
            for together in self._of_writer.get(one, ()):
                if id(together) not in looked:
                    looked.add(id(together))
                    left += together.readers
        return found

    def _given_back(self, kind: str, falling: set[int]) -> set[int]:
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
        readers = (of for together in self._of_writer[writer] for of in together.readers)
        return any(of not in self._fallen and of not in falling for of in readers)

    def fallen(self) -> KeysView[int]:
        """Numbers of the acts that no longer stand: corrected, or resting on what fell."""
        return self._fallen.keys()

    def cause(self, number: int) -> int:
        """Give the act by whose correction an act that no longer stands fell."""
        return self._fallen[number]

    def read_by(self, number: int) -> Read:
        """Give the digests of the bundles that an act reads, by kind."""
        return self._read[number]

    def standing(self, kind: str, corrected: int | None = None) -> Act | None:
        """Give the latest act of a kind that stands; as if one had fallen, if that is given."""
        numbers = self._of_kind.get(kind, [])
        number = latest_standing(numbers, self._fallen, self.gone(corrected))
        return None if number is None else self.acts[number]

    def all_of(self, kind: str) -> list[Act]:
        """Give the acts of a kind that stand, in order."""
        numbers = self._of_kind.get(kind, [])
        return [self.acts[number] for number in numbers if number not in self._fallen]

    def latest(self, kind: str, corrected: int | None = None) -> str | None:
        """Give the digest of the latest bundle of a kind that stands."""
        found = self._all(kind, self.gone(corrected))
        return found[-1] if found else None

    def waiting(self, gone: set[int] | None = None) -> list[Act]:
        """Give the acts whose lines wait to be numbered."""
        return [
            self.acts[self.written[one].act] for one in self._all("lines_waiting", gone or set())
        ]

    def _all(self, kind: str, gone: set[int]) -> list[str]:
        """Give the bundles of a kind that stand, in order: the last alone, unless in parts."""
        if kind in self._untaken:
            numbers = (self._untaken[kind] - gone) | self._given_back(kind, gone)
            writes = (one for number in sorted(numbers) for one in self.acts[number]["writes"])
            return [one["digest"] for one in writes if one["kind"] == kind]
        if kind not in PARTS:
            return self._last(kind, gone)
        if kind not in self._gathered:
            stand = filter(self._stand, self._bundles.get(kind, []))
            self._gathered[kind] = Gathered(stand)
        found = self._gathered[kind]
        if any(one["kind"] == kind for number in gone for one in self.acts[number]["writes"]):
            return Gathered(one for one in found if self.written[one].act not in gone)
        return found

    def _last(self, kind: str, gone: set[int]) -> list[str]:
        numbers = self._of_bundle.get(kind, [])
        number = numbers[-1] if kind in KEPT and numbers else None
        if kind not in KEPT:
            number = latest_standing(numbers, self._fallen, gone)
        if number is None:
            return []
        written = (one for one in self.acts[number]["writes"] if one["kind"] == kind)
        return [one["digest"] for one in written][-1:]

    def _stand(self, digest: str) -> bool:
        return self.written[digest].act not in self._fallen

    def to_read(self, kind: str, beside: Read, gone: set[int]) -> list[str]:
        """Give the bundles of a kind that are to be read beside others."""
        asked = PARTS.get(kind)
        if not asked:
            return self._all(kind, gone)
        answers = beside.get(asked, [])
        found = self._answering.get((kind, answers[0]), []) if len(answers) == 1 else []
        return [one for one in found if self._stand(one) and self.written[one].act not in gone]

    def named(self, act: Act) -> Read:
        """Find what an act names by the digests that it reads, as far as that is known."""
        gone = self.gone(act["corrects"])
        kind = KINDS.get(act["kind"])
        named = [name.rstrip("+?~") for name in kind.reads.split()] if kind else []
        found: Read = {}
        for digest in act["reads"]:
            if digest in self.written:
                found[self.written[digest].kind] = [digest]
                continue
            for name in named:
                parts = self.to_read(name, found, gone) if name in PARTS else []
                if parts and name_together(parts) == digest:
                    found[name] = parts
        return found

    def _basis(self, read: Read) -> dict[str, str]:
        """Give, by kind, what an act rests on that reads these bundles."""
        found: dict[str, str] = {}
        for parts in read.values():
            found.update(self.together(parts).rests.keys())
        own = {kind: name_together(parts) for kind, parts in read.items()}
        return found | {kind: name for kind, name in own.items() if kind in ONE_BASIS}
