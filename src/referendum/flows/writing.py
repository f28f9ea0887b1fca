"""A record on disk, written: one holder at a time, one act after the other."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

import referendum
from referendum.core.days import read_date, read_time, utc_text
from referendum.core.errors import KeyFault, OrderError
from referendum.evidence import Draft, seal_draft
from referendum.flows.record import Inputs, Record, read_acts, read_info
from referendum.journal import Act, LogWriter, Signer, StatuteVersion, Written, encode_act
from referendum.law import Statute

CODE = f"referendum {referendum.__version__}"


def now() -> datetime:
    """Give the time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Stamp:
    """Who did a step, when, and under which section, as given; None takes the usual one.

    Attributes:
        by: office or role; usually that of the opening act.
        at: day or time of the step; usually now.
        section: section of the statute; usually the one that the stage's rule cites.
        corrects: number of the act that this one puts right.
    """

    by: str | None = None
    at: str | None = None
    section: str | None = None
    corrects: int | None = None

    def again(self) -> "Stamp":
        """Give the stamp of a second act of the same step, which corrects nothing itself."""
        return replace(self, section=None, corrects=None)


@dataclass(frozen=True)
class Made:
    """What a step made: drafts of bundles, and the facts that it states in public."""

    drafts: tuple[Draft, ...]
    facts: dict[str, Any]


@dataclass(frozen=True)
class Derivation:
    """A derived act: what it reads, under which section, and the pure function that makes it.

    Attributes:
        kind: the kind of act.
        reads: kinds of bundles read, in order, for given parameters.
        section: the statute's citation for this step.
        make: from inputs and parameters alone, so that it comes out the same again.
    """

    kind: str
    reads: Callable[[Mapping[str, Any]], tuple[str, ...]]
    section: Callable[[Statute], str]
    make: Callable[[Inputs, Mapping[str, Any]], Made]


@dataclass(frozen=True)
class Terms:
    """What the opening act fixes for all later ones."""

    statute: StatuteVersion
    made_up: bool
    by: str

    @classmethod
    def of(cls, opening: Act) -> "Terms":
        """Read the terms from act 0."""
        return cls(opening.statute, bool(opening.parameters["made_up"]), opening.by)


@dataclass
class RecordWriter(Record):
    """A record, open for one writer; a second one is refused."""

    log: LogWriter
    clock: Callable[[], datetime] = now

    @classmethod
    @contextmanager
    def hold(cls, folder: Path, signer: Callable[[str], Signer]) -> Iterator["RecordWriter"]:
        """Hold a record for writing.

        Args:
            folder: the record.
            signer: gives the signing key for an origin.

        Raises:
            BusyError: another process holds it.
            KeyFault: the key is not the record's.
        """
        info = read_info(folder)
        key = signer(info.origin)
        if str(key.verifier) != info.key:
            raise KeyFault(
                f"this key is {key.verifier}, the record's is {info.key}",
                where=str(folder),
                hint="give the record's own key with --key",
            )
        with LogWriter.hold(folder / "log", key) as log:
            yield cls(folder, info, log, read_acts(log))

    def receive(
        self,
        kind: str,
        made: Made,
        parameters: dict[str, Any],
        stamp: Stamp,
        *,
        section: str,
        inputs: Inputs | None = None,
    ) -> Act:
        """Append a received act with the bundles that it brings in, and those it answers to."""
        self._refuse_second(kind, stamp)
        return self._append(kind, "received", made, parameters, stamp, section, inputs)

    def derive(self, derivation: Derivation, parameters: dict[str, Any], stamp: Stamp) -> Act:
        """Do a derived act: read its inputs, make its bundles, append it."""
        self._refuse_second(derivation.kind, stamp)
        inputs = self.inputs(derivation.reads(parameters))
        made = derivation.make(inputs, parameters)
        section = derivation.section(self.inputs(("statute",)).statute())
        return self._append(derivation.kind, "derived", made, parameters, stamp, section, inputs)

    def begin(
        self, made: Made, parameters: dict[str, Any], stamp: Stamp, *, section: str, terms: Terms
    ) -> Act:
        """Append the opening act of an empty record."""
        return self._append(
            "record.open", "received", made, parameters, stamp, section, None, terms
        )

    def _refuse_second(self, kind: str, stamp: Stamp) -> None:
        earlier = self.standing(kind)
        if stamp.corrects is None and earlier is not None:
            raise OrderError(
                f"{kind} has been done in act {earlier.number}",
                where=str(self.folder),
                hint=f"to put it right, do it again with --corrects {earlier.number}",
            )
        if stamp.corrects is not None and (earlier is None or earlier.number != stamp.corrects):
            standing = f"act {earlier.number}" if earlier else "none"
            raise OrderError(
                f"act {stamp.corrects} is not the standing {kind} (that is {standing})",
                where=str(self.folder),
                hint="see the acts with: referendum log",
            )

    def _append(
        self,
        kind: str,
        nature: Literal["received", "derived"],
        made: Made,
        parameters: dict[str, Any],
        stamp: Stamp,
        section: str,
        inputs: Inputs | None,
        terms: Terms | None = None,
    ) -> Act:
        terms = terms or Terms.of(self.opening)
        parents = inputs.digests if inputs else ()
        writes = []
        for draft in made.drafts:
            bundle = seal_draft(
                draft,
                act=kind,
                statute=msgspec.to_builtins(terms.statute),
                parameters=parameters,
                parents=parents,
                made_up=terms.made_up,
                nonce=nonce_for(draft, inputs),
                code=CODE,
            )
            self.bundles.put(bundle)
            writes.append(Written(draft.kind, bundle.digest, draft.sealed))
        act = Act(
            number=len(self.acts),
            kind=kind,
            nature=nature,
            at=_moment(stamp.at, self.clock()),
            recorded=self._recorded(),
            by=stamp.by or terms.by,
            section=stamp.section or section,
            statute=terms.statute,
            parameters=parameters,
            reads=parents,
            writes=tuple(writes),
            facts=made.facts,
            corrects=stamp.corrects,
            code=CODE,
        )
        self.log.append([encode_act(act)])
        self.acts.append(act)
        return act

    def _recorded(self) -> str:
        # A clock that was set back must not make the record's times run backwards.
        earlier = [read_time(act.recorded) for act in self.acts[-1:]]
        return utc_text(max([self.clock(), *earlier]))


def nonce_for(draft: Draft, inputs: Inputs | None) -> str | None:
    """Give the nonce of a draft: none if public, derived from its parents', or fresh."""
    if not draft.sealed or draft.nonce:
        return draft.nonce
    return inputs.derived_nonce(draft.kind) if inputs else secrets.token_hex(32)


def _moment(at: str | None, moment: datetime) -> str:
    if at is None:
        return utc_text(moment)
    if len(at) == len("2026-05-02"):
        return read_date(at, "--at").isoformat()
    return utc_text(read_time(at, "--at"))
