"""A record on disk, read: its acts in order, and the bundles that stand."""

import csv
import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

import msgspec

from referendum.core.canonical import read_canonical_json, sha256_hex
from referendum.core.errors import InputError, KeyFault, OrderError, RecordError
from referendum.law import Statute, read_statute
from referendum.record.act_schemas import require_schema
from referendum.record.acts import Act, BundleReference, act_message, decode_act
from referendum.record.bundles import BundleStore, Manifest
from referendum.record.commands import command_that_writes
from referendum.record.kinds import KINDS, PARTS
from referendum.record.log import Log, VerifierKey
from referendum.record.officers import Appointment, Roster
from referendum.record.plain_files import LARGEST_HEAD, read_record_file
from referendum.record.standing import Bundles, Standing, list_digest

if TYPE_CHECKING:
    import polars as pl

FORMAT = "referendum-record/2"

FORMAT_1_WORDS = (
    "this record is of format 1; this program reads format 2; use referendum 0.x to check it"
)


class RecordInfo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file `record.json`: which log this is, and its key."""

    format: str
    origin: str
    key: str


class Inputs:
    """The bundles that an act reads, by kind."""

    def __init__(self, store: BundleStore, bundles: Bundles) -> None:
        self.store = store
        self.bundles = bundles
        self.memo: dict[str, object] = {}

    @property
    def digests(self) -> tuple[str, ...]:
        """Digests of the bundles, in the order in which the act names them."""
        return tuple(list_digest(parts) for parts in self.bundles.values())

    def parts(self, kind: str) -> list["Inputs"]:
        """Give the parts of a kind, each by itself, in the order in which they came."""
        return [Inputs(self.store, {kind: (one,)}) for one in self.bundles[kind]]

    def tables(self, kind: str, name: str) -> list[bytes]:
        """Read a file of every part of a kind, in the order in which they came."""
        return [part.data(kind, name) for part in self.parts(kind)]

    def table(self, kind: str, name: str) -> "pl.DataFrame":
        """Read a sealed table: the rows of all parts of a kind, in the order in which they came."""
        import polars as pl  # noqa: PLC0415 - commands that read no table do without

        frames = [
            self.store.table(one.digest, name, sealed=one.sealed) for one in self.bundles[kind]
        ]
        return frames[0] if len(frames) == 1 else pl.concat(frames, how="vertical_relaxed")

    def data(self, kind: str, name: str) -> bytes:
        """Read one file of the only bundle of this kind, checked against its digest."""
        bundle = self._single_bundle(kind)
        return self.store.read(bundle.digest, name, sealed=bundle.sealed)

    def records(self, kind: str, name: str) -> list[dict[str, str]]:
        """Read a table of the bundle of this kind, as text."""
        text = io.StringIO(self.data(kind, name).decode(), newline="")
        return list(csv.DictReader(text))

    def has(self, kind: str, name: str) -> bool:
        """Whether the bundle of this kind has a file of this name."""
        return any(file.name == name for file in self._manifest(kind).files)

    def parameters(self, kind: str) -> dict[str, Any]:
        """Give the parameters of the act that wrote the bundle of this kind."""
        return self._manifest(kind).parameters

    def answers_to(self, kind: str) -> str:
        """Give the digest of the bundle that the only part of a kind answers to."""
        manifest = self._manifest(kind)
        place = list(KINDS[manifest.act].conditions).index(str(PARTS[kind]))
        return manifest.parents[place]

    def rows(self, kind: str, name: str) -> int:
        """Give how many data rows a file of the bundle of this kind has."""
        return next(file.rows or 0 for file in self._manifest(kind).files if file.name == name)

    def document(self, kind: str) -> dict[str, Any]:
        """Read the JSON document of a bundle, which is named after its kind."""
        document: dict[str, Any] = read_canonical_json(self.data(kind, f"{kind}.json"), kind)
        return document

    def statute(self) -> Statute:
        """Read the statute that the record runs under."""
        return _read_statute(self.data("statute", "statute.toml"))

    def _single_bundle(self, kind: str) -> BundleReference:
        (bundle,) = self.bundles[kind]
        return bundle

    def _manifest(self, kind: str) -> Manifest:
        bundle = self._single_bundle(kind)
        return self.store.manifest(bundle.digest, sealed=bundle.sealed)

    def derived_nonce(self, kind: str) -> str:
        """Give the nonce of a sealed bundle of this kind that is derived from these inputs."""
        nonces = [
            str(self.store.manifest(bundle.digest, sealed=True).nonce)
            for parts in self.bundles.values()
            for bundle in parts
            if bundle.sealed
        ]
        return hashlib.sha256(",".join([kind, *nonces]).encode()).hexdigest()


@lru_cache(maxsize=8)
def _read_statute(data: bytes) -> Statute:
    """Read a statute file once, however many acts ask for it."""
    return read_statute(data)


class PartsIndex(Protocol):
    """What is known of the parts of a kind that stand."""

    def add(self, number: int, inputs: Inputs) -> None:
        """Take note of the part that an act brought in."""

    def drop(self, number: int) -> None:
        """Take note that the part of an act no longer stands."""


P = TypeVar("P", bound=PartsIndex)
T = TypeVar("T")


@dataclass
class _FollowedIndex:
    """An index over parts, and how far it has come."""

    index: PartsIndex
    acts: int = 0
    falls: int = 0
    known: set[int] = field(default_factory=set)

    def catch_up(self, record: "Record", kind: str) -> None:
        """Take note of the acts done, and those fallen, since."""
        falls = record.standings.falls
        for number in falls[self.falls :]:
            if number in self.known:
                self.known.remove(number)
                self.index.drop(number)
        self.falls = len(falls)
        for act in record.acts[self.acts :]:
            bundle = act.bundle(kind)
            if bundle is not None and act.number not in record.standings.causes:
                self.known.add(act.number)
                self.index.add(act.number, Inputs(record.bundles, {kind: (bundle,)}))
        self.acts = len(record.acts)


@dataclass
class Record:
    """A record, open for reading."""

    folder: Path
    info: RecordInfo
    log: Log
    standings: Standing = field(default_factory=Standing)
    _roster: Roster = field(default_factory=Roster)
    _history: tuple[int, str | None] = (0, None)
    _followed: dict[str, "_FollowedIndex"] = field(default_factory=dict)
    _computed: dict[str, tuple[object, object]] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path) -> "Record":
        """Open a record; writers are not disturbed and do not disturb.

        Raises:
            RecordError: the folder is no record, or its log is not what its key signed.
        """
        info = read_info(folder)
        log = Log.open(folder / "log", VerifierKey.parse(info.key))
        return cls(folder, info, log, Standing.of(read_acts(log)))

    @property
    def acts(self) -> list[Act]:
        """The acts, in order."""
        return self.standings.acts

    @property
    def bundles(self) -> BundleStore:
        """The record's bundles."""
        return BundleStore(self.folder / "bundles")

    @property
    def opening(self) -> Act:
        """Act 0."""
        return self.acts[0]

    @property
    def made_up(self) -> bool:
        """Whether the people or votes of this record are made up."""
        return bool(self.opening.parameters["made_up"])

    @property
    def roster(self) -> Roster:
        """The officers, as the acts so far have them.

        Raises:
            RecordError: an act appoints one who cannot be.
        """
        for act in self.acts[self._roster.acts :]:
            try:
                self._roster.add(act)
            except (InputError, KeyFault, OrderError) as error:
                raise RecordError(str(error), where=f"act {act.number}") from error
        return self._roster

    def signers(self, act: Act) -> list[Appointment]:
        """Give the officers who signed an act, as they were appointed then."""
        return self.roster.signers_of(act)

    @property
    def history(self) -> str | None:
        """Digest of what officers sign of the latest act, and so of all acts; None before any."""
        known, digest = self._history
        for entry in self.log.entries(known):
            digest = sha256_hex(act_message(digest, entry))
            known += 1
        self._history = known, digest
        return digest

    def require_signed(self) -> None:
        """Check every officer's signature, as the rule of the record asks for them.

        Raises:
            RecordError: one lacks or does not hold.
        """
        before = None
        for act, entry in zip(self.acts, self.log.entries(), strict=True):
            signed = act_message(before, entry)
            self.roster.require_signed(act, signed)
            before = sha256_hex(signed)

    def fallen_acts(self) -> set[int]:
        """Numbers of the acts that no longer stand: corrected, or resting on one corrected."""
        return set(self.standings.causes)

    def causes(self) -> Mapping[int, int]:
        """Give, for each act that no longer stands, the act by whose correction it fell."""
        return self.standings.causes

    def standing(self, kind: str, *, corrects: int | None = None) -> Act | None:
        """The latest act of this kind that stands; without act `corrects`, if that is given."""
        return self.standings.without(corrects).latest(kind)

    def inputs(
        self, kinds: tuple[str, ...], *, corrects: int | None = None, draw: str | None = None
    ) -> Inputs:
        """Find the bundles of each kind that stand; without act `corrects`, if that is given.

        Args:
            kinds: of the bundles.
            corrects: number of the act without which they stand.
            draw: the kind of draw that a call for a seed, or a seed, must be for; None for any.

        Raises:
            OrderError: one of them has not been written yet.
        """
        standing = self.standings.without(corrects)
        bundles: dict[str, tuple[BundleReference, ...]] = {}
        for kind in kinds:
            bundles[kind] = standing.bundles(kind, bundles, draw)
            if not bundles[kind]:
                raise OrderError(
                    f"the record has no {kind} yet",
                    where=str(self.folder),
                    hint=f"first do: referendum {command_that_writes(kind)} {self.folder}",
                )
        return Inputs(self.bundles, bundles)

    def inputs_of(self, act: Act) -> Inputs:
        """Find the bundles that an act of this record read."""
        return Inputs(self.bundles, self.standings.read_by(act))

    def inputs_and_outputs(self, kind: str) -> Inputs:
        """Find the bundles that the latest standing act of a kind read, and those that it wrote.

        Raises:
            OrderError: none stands.
        """
        act = self.standing(kind)
        if act is None:
            raise OrderError(f"the record has no {kind} yet", where=str(self.folder))
        wrote = {bundle.kind: (bundle,) for bundle in act.writes}
        return Inputs(self.bundles, {**self.standings.read_by(act), **wrote})

    def follow(self, kind: str, make: Callable[[], P]) -> P:
        """Give an index over the parts of a kind that stand, brought up to date.

        It is made once and kept up act by act, so that an act does not cost more the more stand.

        Args:
            kind: of the bundles.
            make: makes an empty index.
        """
        if kind not in self._followed:
            self._followed[kind] = _FollowedIndex(make())
        followed = self._followed[kind]
        followed.catch_up(self, kind)
        return cast("P", followed.index)

    def compute_once(self, name: str, of: object, make: Callable[[], T]) -> T:
        """Give what was made last under a name; it is made anew where it is of something else.

        Args:
            name: of what is made.
            of: what it is made of, such as digests of bundles.
            make: makes it.
        """
        if name not in self._computed or self._computed[name][0] != of:
            self._computed[name] = of, make()
        return cast("T", self._computed[name][1])


def read_info(folder: Path) -> RecordInfo:
    """Read `record.json`.

    Raises:
        RecordError: it is missing or not what it should be.
    """
    path = folder / "record.json"
    try:
        data = read_record_file(folder, path.name, LARGEST_HEAD)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise RecordError(
            "this is not a record: it has no record.json",
            where=str(folder),
            hint=_nearby_records(folder),
        ) from error
    try:
        header = read_canonical_json(data, str(path))
        _require_format(header, path)
        info = msgspec.convert(header, RecordInfo)
    except (InputError, msgspec.ValidationError) as error:
        raise RecordError(f"not a record's head: {error}", where=str(path)) from error
    return info


def _require_format(header: object, path: Path) -> None:
    """Refuse a record of another format before anything else of its head is looked at."""
    found = header.get("format") if isinstance(header, dict) else None
    if found == "referendum-record/1":
        raise RecordError(FORMAT_1_WORDS, where=str(path))
    if isinstance(found, str) and found != FORMAT:
        raise RecordError(
            f"this record has the format {found[:40]!r}; this program reads {FORMAT!r}",
            where=str(path),
            hint="use the program that wrote it: its acts name it",
        )


def _nearby_records(folder: Path) -> str:
    """Name the records that lie beside or below what is no record."""
    near = folder if folder.is_dir() else folder.parent
    found = sorted(
        path.parent
        for path in [near / "record.json", *near.glob("*/record.json")]
        if path.is_file()
    )
    if found:
        return f"name the folder of a record: {', '.join(map(str, found[:5]))}"
    return "name the folder of a record; none is made by this command"


def read_acts(log: Log) -> list[Act]:
    """Read every act of a log.

    Raises:
        RecordError: an entry is not an act, or says what its kind may not say.
    """
    acts = [decode_act(entry, number) for number, entry in enumerate(log.entries())]
    if not acts or acts[0].kind != "record.open":
        raise RecordError("the first act does not open the record", where="act 0")
    for act in acts:
        try:
            require_schema(act)
        except InputError as error:
            raise RecordError(error.message, where=error.where) from error
        if len(act.by) != len(act.signatures):
            words = f"{len(act.by)} officers are named, and {len(act.signatures)} signed"
            raise RecordError(words, where=f"act {act.number}")
    return acts


def is_published(folder: Path) -> bool:
    """Whether a record is a published copy, beside which pages lie: nobody writes on it."""
    return (folder / "pages.json").is_file()
