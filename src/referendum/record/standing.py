"""Which acts of a record stand, kept up to date act by act at a cost that does not grow."""

import hashlib
from collections import ChainMap, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import cached_property

from referendum.record.acts import Act, BundleReference
from referendum.record.kinds import KEPT, KINDS, PARTS, READ_ONCE, SHARED_BASIS

Bundles = Mapping[str, tuple[BundleReference, ...]]
"""The bundles that an act reads, by kind, in the order in which it names them."""


class AllParts(tuple[BundleReference, ...]):
    """All parts of a kind that stand; their joint digest is computed once for many acts."""

    @cached_property
    def digest(self) -> str:
        """The digest that names them together."""
        return _joint_digest(self)


def list_digest(bundles: Iterable[BundleReference]) -> str:
    """Name bundles that are read together: one by its digest, several by that of their digests.

    The specification (docs/record.md, section 4) has the form.
    """
    return bundles.digest if isinstance(bundles, AllParts) else _joint_digest(bundles)


def _joint_digest(bundles: Iterable[BundleReference]) -> str:
    digests = [bundle.digest for bundle in bundles]
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("".join(f"{digest}\n" for digest in digests).encode()).hexdigest()


def _rested_on(bundles: Bundles) -> Bundles:
    return {kind: parts for kind, parts in bundles.items() if kind not in KEPT}


@dataclass
class Standing:
    """The acts of a record, which of them stand, and what each rests on.

    Attributes:
        acts: in order.
        causes: for each act that no longer stands, the act by whose correction it fell.
        falls: the acts that no longer stand, in the order in which they fell.
        bases: for each act, by kind, the bundles on which it and what it reads rest.
    """

    acts: list[Act] = field(default_factory=list)
    causes: MutableMapping[int, int] = field(default_factory=dict)
    falls: list[int] = field(default_factory=list)
    bases: list[dict[str, str]] = field(default_factory=list)
    _writers: dict[str, int] = field(default_factory=dict)
    _readers: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    _numbers: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _written: dict[str, list[BundleReference]] = field(default_factory=lambda: defaultdict(list))
    _read: list[dict[str, tuple[BundleReference, ...]]] = field(default_factory=list)
    _draws: dict[str, str] = field(default_factory=dict)
    _unread: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _all: dict[str, AllParts] = field(default_factory=dict)

    @classmethod
    def of(cls, acts: Iterable[Act]) -> "Standing":
        """Find which of these acts stand."""
        made = cls()
        for act in acts:
            made.add(act)
        return made

    def add(self, act: Act) -> None:
        """Add a further act, with what it corrects, reads and writes."""
        number = act.number
        if act.corrects is not None:
            self._withdraw(act.corrects, number)
        bundles = self.named_by(act)
        self.acts.append(act)
        self.bases.append(self.basis(bundles))
        self._read.append(bundles)
        self._numbers[act.kind].append(number)
        for writer in self.writers(_rested_on(bundles)):
            self._readers[writer.number].append(number)
            if writer.number in self.causes:
                self._withdraw(number, self.causes[writer.number])
        for kind in READ_ONCE & bundles.keys():
            if number not in self.causes:
                self._unread[kind].difference_update(
                    self._writers[one.digest] for one in bundles[kind]
                )
        for bundle in act.writes:
            self._writers.setdefault(bundle.digest, number)
            self._written[bundle.kind].append(bundle)
            self._all.pop(bundle.kind, None)
            if bundle.kind in READ_ONCE and number not in self.causes:
                self._unread[bundle.kind].add(number)
            if bundle.kind in {"seed_call", "seed"}:
                self._draws[bundle.digest] = str(act.parameters["for"])

    def without(self, number: int | None) -> "Standing":
        """Give what would stand without an act and all that rests on it; None changes nothing."""
        if number is None or number in self.causes:
            return self
        untaken = defaultdict(set, {kind: set(of) for kind, of in self._unread.items()})
        other = Standing(
            self.acts, ChainMap({}, self.causes), [], self.bases,
            self._writers, self._readers, self._numbers, self._written, self._read, self._draws,
            untaken, dict(self._all),
        )  # fmt: skip
        other._withdraw(number, number)
        return other

    def read_by(self, act: Act) -> Bundles:
        """Give the bundles that an act of this record reads."""
        return self._read[act.number]

    def writer(self, bundle: BundleReference) -> Act:
        """Give the act that wrote a bundle."""
        return self.acts[self._writers[bundle.digest]]

    def readers(self, act: Act) -> list[Act]:
        """Give the acts that read a bundle of an act, in order, whether they stand or not."""
        return [self.acts[number] for number in self._readers.get(act.number, ())]

    def latest(self, kind: str, holds: Callable[[Act], bool] | None = None) -> Act | None:
        """Give the latest standing act of a kind that meets a condition; None if none does."""
        return next(filter(holds, self._standing(kind)), None)

    def stands(self, number: int, kind: str) -> bool:
        """Whether an act of this number and kind is on the record, and stands."""
        known = 0 <= number < len(self.acts) and number not in self.causes
        return known and self.acts[number].kind == kind

    def writers(self, bundles: Bundles) -> list[Act]:
        """Give the acts that wrote these bundles, in order."""
        numbers = {self._writers[one.digest] for parts in bundles.values() for one in parts}
        return [self.acts[number] for number in sorted(numbers)]

    def all_of(self, kind: str) -> list[Act]:
        """Give the acts of a kind that stand, in order."""
        return list(self._standing(kind))[::-1]

    def bundles(
        self, kind: str, beside: Bundles, draw: str | None = None
    ) -> tuple[BundleReference, ...]:
        """Give the bundles of a kind that an act reads which reads those beside it.

        Args:
            kind: of the bundles.
            beside: what the act reads before these.
            draw: the kind of draw that a call for a seed, or a seed, must be for; None for any.

        Returns:
            The latest that stands or, of a kind that comes in parts, all that stand and answer to
            what is read beside them, in order; empty if there is none.
        """
        if kind not in PARTS:
            standing = (
                one
                for one in reversed(self._written[kind])
                if self._stands(one) and (draw is None or self._draws.get(one.digest, draw) == draw)
            )
            return tuple(one for one, _ in zip(standing, range(1), strict=False))
        asked, parts = PARTS[kind], self._standing_parts(kind)
        if asked is None:
            return parts
        wanted = beside.get(asked)
        return tuple(
            one for one in parts if self._read[self._writers[one.digest]].get(asked) == wanted
        )

    def basis(self, bundles: Bundles) -> dict[str, str]:
        """Give, by kind, the bundles on which an act rests that reads these, directly or not.

        Of two of one kind, the one that is read directly is given.
        """
        found: dict[str, str] = {}
        for parts in _rested_on(bundles).values():
            for one in parts:
                found |= self.bases[self._writers[one.digest]]
        direct = {kind: list_digest(parts) for kind, parts in bundles.items() if parts}
        return {**found, **{kind: name for kind, name in direct.items() if kind in SHARED_BASIS}}

    def conflict(self, bundles: Bundles) -> tuple[str, Act] | None:
        """Find a kind of which something that is read rests on other bundles than stand now.

        Returns:
            The kind, and the act that rests on others; None where all agree.
        """
        now = {
            kind: list_digest(parts)
            for kind, parts in bundles.items()
            if kind in SHARED_BASIS and parts
        }
        for act in self.writers(_rested_on(bundles)):
            for kind, name in self.bases[act.number].items():
                if kind in PARTS and kind not in now and (parts := self.bundles(kind, bundles)):
                    now[kind] = list_digest(parts)
                if now.setdefault(kind, name) != name:
                    return kind, act
        return None

    def _stands(self, bundle: BundleReference) -> bool:
        return bundle.kind in KEPT or self._writers[bundle.digest] not in self.causes

    def _standing_parts(self, kind: str) -> tuple[BundleReference, ...]:
        """Give the parts of a kind that stand, in order; they are gathered when they change."""
        if kind in READ_ONCE:
            acts = (self.acts[number] for number in sorted(self._unread[kind]))
            return tuple(one for act in acts for one in act.writes if one.kind == kind)
        if kind not in self._all:
            self._all[kind] = AllParts(filter(self._stands, self._written[kind]))
        return self._all[kind]

    def _standing(self, kind: str) -> Iterator[Act]:
        numbers = reversed(self._numbers[kind])
        return (self.acts[number] for number in numbers if number not in self.causes)

    def _withdraw(self, number: int, cause: int) -> None:
        """Mark an act, and every act that rests on it, as standing no longer."""
        falling = [number]
        while falling:
            one = falling.pop()
            if one not in self.causes:
                self.causes[one] = cause
                self.falls.append(one)
                falling += self._readers[one]
                self._give_back(one)

    def _give_back(self, number: int) -> None:
        """Withdraw what an act that fell wrote, and give back what it alone had read once."""
        if not 0 <= number < len(self.acts):
            return
        for bundle in self.acts[number].writes:
            self._all.pop(bundle.kind, None)
            if bundle.kind in READ_ONCE:
                self._unread[bundle.kind].discard(number)
        for kind in READ_ONCE & self._read[number].keys():
            for writer in (self._writers[one.digest] for one in self._read[number][kind]):
                readers = self._readers[writer]
                if writer not in self.causes and all(one in self.causes for one in readers):
                    self._unread[kind].add(writer)

    def named_by(self, act: Act) -> dict[str, tuple[BundleReference, ...]]:
        """Find the bundles that an act reads, by its digests; unknown digests are left out."""
        found: dict[str, tuple[BundleReference, ...]] = {}
        kinds = KINDS[act.kind].conditions if act.kind in KINDS else ()
        several = [name for name in kinds if name in PARTS]
        for digest in act.reads:
            if digest in self._writers:
                written = self.acts[self._writers[digest]].writes
                one = next(bundle for bundle in written if bundle.digest == digest)
                found[one.kind] = (one,)
                continue
            for kind in several:
                parts = self.bundles(kind, found)
                if list_digest(parts) == digest:
                    found[kind] = parts
        return found
