"""A record that is written: by one holder at a time, one act after the other."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

import referendum
from referendum.core.days import is_before, read_time, utc_text
from referendum.core.draws import require_seed
from referendum.core.errors import InputError, KeyFault, OrderError
from referendum.core.progress import notify
from referendum.law import Statute
from referendum.record.act_schemas import require_schema
from referendum.record.acts import Act, StatuteVersion, act_message, encode_act
from referendum.record.bundles import Draft
from referendum.record.kinds import AFTER_NUMBERING, KINDS, PARTS, Case, asks_for_more
from referendum.record.log import LogWriter, Signer
from referendum.record.officers import Appointment, OfficerSigner, Roster
from referendum.record.officers.rule import OFFICE_ACTS
from referendum.record.parts import refuse_older, require_numbered, require_part_in_time
from referendum.record.reading import Inputs, Record, is_published, read_acts, read_info
from referendum.record.sealing import reference_bundles, seal_bundle
from referendum.record.seed_calls import DRAWS, SEED_ACTS, require_seed_act, unused_call
from referendum.record.signing_plan import SigningPlan
from referendum.record.stamps import Stamp, day_or_utc_time, now, require_reason
from referendum.record.standing import Bundles, Standing

PROGRAM_VERSION = f"referendum {referendum.__version__}"


@dataclass(frozen=True)
class Outputs:
    """What a step made: drafts of its bundles, and the facts that its act states in public."""

    drafts: tuple[Draft, ...]
    facts: dict[str, Any]


@dataclass(frozen=True)
class Derivation:
    """A kind of derived act: the section under which it is done, and its pure function.

    Attributes:
        kind: the kind of act; `kinds.KINDS` says what it reads.
        section: gives the statute's citation for this step, for given parameters.
        make: makes bundles and facts from inputs and parameters alone, so that a replay gives the
            same.
    """

    kind: str
    section: Callable[[Statute, Mapping[str, Any]], str]
    make: Callable[[Inputs, Mapping[str, Any]], Outputs]


@dataclass
class RecordWriter(Record):
    """A record that is open for one writer; a second writer is refused.

    Attributes:
        log: where acts are appended.
        clock: gives the time in UTC.
        signing: the unlocked keys of officers.
        review: is shown each act with what it brings in, before it is signed.
    """

    log: LogWriter
    clock: Callable[[], datetime] = now
    signing: SigningPlan = field(default_factory=SigningPlan)
    review: Callable[["RecordWriter", Act, Outputs], None] | None = None

    @classmethod
    @contextmanager
    def hold(
        cls,
        folder: Path,
        signer: Callable[[str], Signer],
        officers: Sequence[OfficerSigner] = (),
    ) -> Iterator["RecordWriter"]:
        """Hold a record for writing.

        Args:
            folder: the record.
            signer: gives the log's signing key for the record's origin.
            officers: unlocked keys of the officers who sign the acts that are appended.

        Raises:
            BusyError: another process holds it.
            KeyFault: the key is not the record's.
            OrderError: it is a published copy.
        """
        info = read_info(folder)
        if is_published(folder):
            raise OrderError(
                "this is a published copy: an act written here would be a second history",
                where=str(folder),
                hint="name the office's own record, and publish it again: referendum publish",
            )
        key = signer(info.origin)
        if str(key.verifier) != info.key:
            raise KeyFault(
                f"this key is {key.verifier}, the record's is {info.key}",
                where=str(folder),
                hint="give the record's own key with --key",
            )
        with LogWriter.hold(folder / "log", key) as log:
            signing = SigningPlan(tuple(officers))
            yield cls(folder, info, log, Standing.of(read_acts(log)), signing=signing)

    def receive(
        self,
        kind: str,
        outputs: Outputs,
        parameters: dict[str, Any],
        stamp: Stamp,
        *,
        section: str = "",
        inputs: Inputs | None = None,
    ) -> Act:
        """Append a received act.

        Args:
            kind: of the act.
            outputs: the bundles that it brings in, and its facts.
            parameters: of the act.
            stamp: of the act.
            section: of the statute, where the stamp names none.
            inputs: the bundles that it answers to.
        """
        self.require_allowed(kind, stamp)
        act = self._act(kind, "received", parameters, stamp, section, inputs)
        return self._append(act, outputs, inputs)

    def derive(self, derivation: Derivation, parameters: dict[str, Any], stamp: Stamp) -> Act:
        """Read the inputs of a derived act, make its bundles, and append it."""
        self.require_allowed(derivation.kind, stamp)
        inputs = self.find_inputs(derivation.kind, parameters, stamp)
        outputs = derivation.make(inputs, parameters)
        section = derivation.section(self.inputs(("statute",)).statute(), parameters)
        act = self._act(derivation.kind, "derived", parameters, stamp, section, inputs)
        return self._append(act, outputs, inputs)

    def find_inputs(self, kind: str, parameters: Mapping[str, Any], stamp: Stamp) -> Inputs:
        """Find what an act of a kind reads, among what stands without the act that it puts right.

        Raises:
            OrderError: a bundle has not been written yet, two rest on different earlier ones, or
                it is not the act's turn in its call for a seed.
            InputError: the parameters do not fit the call for a seed.
        """
        standing = self.standings.without(stamp.corrects)
        further = KINDS[kind].after is not None and standing.latest(kind) is not None
        draw = kind
        if kind in SEED_ACTS:
            draw = str(parameters["for"])
            self._require_seed_act(kind, parameters, stamp)
        stands = lambda one: bool(standing.bundles(one, {}))  # noqa: E731 - asked by the table
        case = Case(parameters, further, stands, _kinds_of_answers(standing, draw))
        inputs = self.inputs(KINDS[kind].reads_in(case), corrects=stamp.corrects, draw=draw)
        if conflict := standing.conflict(inputs.bundles):
            if conflict[1].kind == "seed.close":
                (called,) = standing.read_by(conflict[1])["seed_call"]
                self._require_current_call(standing.writer(called), stamp)
            refuse_older(kind, *conflict, self.folder, goes_on=self._may_be_done_again(conflict[1]))
        if "seed" in inputs.bundles:
            self._require_later_call(inputs)
        return inputs

    def _require_seed_act(self, kind: str, parameters: Mapping[str, Any], stamp: Stamp) -> None:
        """Require that an act of a call for a seed fits this record, and that it is its turn."""
        draw = str(parameters["for"])
        if draw not in DRAWS:
            raise InputError(f"a seed is called for {', '.join(DRAWS)}, not for {draw[:40]!r}")
        self.require_subject(DRAWS[draw])
        require_seed_act(self.standings, kind, parameters, stamp.corrects, self._recording_time())

    def _require_later_call(self, inputs: Inputs) -> None:
        """Require that all that a draw reads was sealed before its seed was called for."""
        (seed,) = inputs.bundles["seed"]
        close = self.standings.writer(seed)
        call = self.standings.writer(self.standings.read_by(close)["seed_call"][0])
        for kind, parts in inputs.bundles.items():
            for writer in (self.standings.writer(one) for one in parts if kind != "seed"):
                if writer.number > call.number:
                    raise OrderError(
                        f"the seed was called for in act {call.number}, before {writer.kind} of act"
                        f" {writer.number}, on which the draw rests",
                        hint=self._call_again(call),
                    )

    def append_opening(
        self, outputs: Outputs, parameters: dict[str, Any], stamp: Stamp, statute: StatuteVersion
    ) -> Act:
        """Append the opening act of an empty record, which its first officers sign."""
        act = self._act("record.open", "received", parameters, stamp, "", None, statute)
        return self._append(act, outputs, None)

    def require_allowed(self, kind: str, stamp: Stamp) -> None:
        """Require, before any work is done, that an act of this kind can be appended now.

        Raises:
            OrderError: such an act stands and is not corrected, or another act is corrected.
            InputError: an act is corrected, and no reason is given.
            KeyFault: the officers whose signatures it needs do not sign.
        """
        require_reason(stamp)
        self.signers_for(kind)
        if subject := KINDS[kind].subject:
            self.require_subject(subject)
        if kind in OFFICE_ACTS:
            self._require_officers(kind, stamp)
        if KINDS[kind].in_parts:
            self._require_standing_part(kind, stamp)
            require_part_in_time(self.standings.without(stamp.corrects), kind, self.folder)
            return
        if kind in AFTER_NUMBERING:
            require_numbered(self.standings.without(stamp.corrects), kind, self.folder)
        earlier = self.standing(kind)
        standing = earlier.number if earlier else None
        if stamp.corrects is None and earlier and self._may_be_done_again(earlier):
            return
        if stamp.corrects is None and standing is not None:
            raise OrderError(
                f"{kind} has been done in act {standing}",
                where=str(self.folder),
                hint=f"see it with: referendum log {self.folder} {standing}; only if it was wrong,"
                f" do it again with --corrects {standing} --reason 'what was wrong'",
            )
        if stamp.corrects != standing:
            stands = "none stands" if standing is None else f"that is {standing}"
            raise OrderError(
                f"act {stamp.corrects} is not the standing {kind} ({stands})",
                where=str(self.folder),
                hint=f"see the acts with: referendum log {self.folder}",
            )

    def _require_officers(self, kind: str, stamp: Stamp) -> None:
        if not self.roster.rule:
            raise OrderError(
                "this record was opened without officers, and cannot have them later",
                where=str(self.folder),
                hint="go on without: whoever holds its key signs for all; officers are named when a"
                " record is opened, and never afterwards",
            )
        if stamp.corrects is not None:
            raise OrderError(
                f"{kind} corrects nothing: what was signed meanwhile stays signed",
                hint="without --corrects: appoint the officer again, or dismiss the officer",
            )

    def _require_standing_part(self, kind: str, stamp: Stamp) -> None:
        if stamp.corrects is None or self.standings.stands(stamp.corrects, kind):
            return
        stand = ", ".join(str(act.number) for act in self.standings.all_of(kind)) or "none"
        raise OrderError(
            f"act {stamp.corrects} is no {kind} that stands (those are: {stand})",
            where=str(self.folder),
            hint=f"see the acts with: referendum log {self.folder}",
        )

    def signers_for(self, *kinds: str) -> tuple[Appointment, ...]:
        """Choose the officers who sign acts of some kinds; give those of the last.

        Raises:
            KeyFault: they are not all there, or one who signs is not in office.
        """
        chosen: tuple[Appointment, ...] = ()
        for kind in kinds:
            chosen = self.signing.choose(self.roster, kind, len(self.acts), self._recording_time())
        return chosen

    def at(self, stamp: Stamp) -> str:
        """Give the day or time of a step, as its act has it."""
        return day_or_utc_time(stamp.at) if stamp.at else self._recording_time()

    def day(self, stamp: Stamp) -> date:
        """Give the day of a step."""
        return read_time(stamp.at, "--at").date() if stamp.at else self.clock().date()

    def require_subject(self, subject: str) -> None:
        """Refuse a step of a petition on the record of a vote, and the other way round.

        Raises:
            OrderError: the record is about the other.
        """
        found = self.opening.parameters["subject"]
        if found != subject:
            raise OrderError(
                f"this record is of a {found}, the step is of a {subject}",
                where=str(self.folder),
                hint=f"open a record with --subject {subject}",
            )

    def seed(
        self, kind: str, given: str | None, stamp: Stamp, kept: str | None = None
    ) -> dict[str, Any]:
        """Give the parameters of a draw that concern its seed.

        The draw keeps the seed of the draw before; or else it takes that of a call for a seed of
        its kind, which no draw has taken; or else, without a call, one that is typed.

        Args:
            kind: of the draw.
            given: the seed that is typed; None for none.
            stamp: of the draw.
            kept: the seed of the draw before, if the draw keeps it.

        Returns:
            `seed`, and `called` (true) if parties or dice made it.

        Raises:
            InputError: there is no seed, another must be taken, or it is short or known.
            OrderError: a seed is called for, and not made yet.
        """
        if kept is not None:
            if given not in (None, kept):
                raise InputError(
                    f"the seed is {given}, that of the first draw {kept}",
                    hint="a further draw keeps the seed, so that it contains the first",
                )
            return {"seed": kept}
        call = unused_call(self.standings.without(stamp.corrects), kind)
        if call is None:
            if given is None:
                raise InputError(
                    "no seed is given, and none is called for",
                    hint="let parties and dice make one that nobody chooses: referendum seed call"
                    f" {self.folder} --for {kind}; or roll 20 dice in public, and give --seed",
                )
            require_seed(given, self.log.entries())
            return {"seed": given}
        if call.close is None:
            self._require_current_call(call.act, stamp)
            raise OrderError(
                f"a seed is called for in act {call.act.number}, and not made yet",
                hint=f"see what it lacks with: referendum status {self.folder}",
            )
        outputs = call.close.facts["seed"]
        if given not in (None, outputs):
            raise InputError(
                f"a seed is typed, and one was called for in act {call.act.number}",
                hint="leave out --seed: the draw takes the seed that was made",
            )
        return {"seed": outputs, "called": True}

    def _require_current_call(self, call: Act, stamp: Stamp) -> None:
        """Require that a call for a seed is of what stands.

        Raises:
            OrderError: something came since, and the seed could not be taken.
        """
        standing = self.standings.without(stamp.corrects)
        read = standing.read_by(call)
        if any(parts != standing.bundles(kind, {}) for kind, parts in read.items()):
            raise OrderError(
                f"the seed of act {call.number} is of what stood before: no draw can take it",
                hint=self._call_again(call),
            )

    def _call_again(self, call: Act) -> str:
        """Say how a seed is called for again."""
        return (
            f"call again: referendum seed call {self.folder} --for {call.parameters['for']}"
            f" --corrects {call.number} --reason 'why'; everybody is told that it was"
        )

    def is_called(self, kind: str, stamp: Stamp) -> bool:
        """Whether a draw of a kind takes its seed from a call."""
        return unused_call(self.standings.without(stamp.corrects), kind) is not None

    def _may_be_done_again(self, earlier: Act) -> bool:
        """Whether a further act may follow an earlier one of its kind without correcting it."""
        after = KINDS[earlier.kind].after
        if after == earlier.kind:  # such as copies of the list, each for another recipient
            return True
        before = self.standings.all_of(after) if after else []
        return any(act.number > earlier.number and asks_for_more(act) for act in reversed(before))

    def _act(
        self,
        kind: str,
        nature: Literal["received", "derived"],
        parameters: dict[str, Any],
        stamp: Stamp,
        section: str,
        inputs: Inputs | None,
        statute: StatuteVersion | None = None,
    ) -> Act:
        """Compose an act, without its bundles, facts and signatures."""
        recorded = self._recording_time()
        at = day_or_utc_time(stamp.at) if stamp.at else recorded
        reads = inputs.digests if inputs else ()
        self.require_time(at, recorded, inputs.bundles if inputs else {})
        return Act(
            number=len(self.acts),
            kind=kind,
            nature=nature,
            at=at,
            recorded=recorded,
            section=stamp.section or section,
            statute=statute or self.opening.statute,
            parameters=parameters,
            reads=reads,
            writes=(),
            facts={},
            corrects=stamp.corrects,
            reason=stamp.reason,
            code=PROGRAM_VERSION,
            by=(),
            signatures=(),
        )

    def _append(self, act: Act, outputs: Outputs, inputs: Inputs | None) -> Act:
        """Write the bundles, then the act that names them; from then on it counts."""
        opening = self.acts[0] if self.acts else act
        made_up = bool(opening.parameters["made_up"])
        bundles = [seal_bundle(draft, act, inputs, made_up=made_up) for draft in outputs.drafts]
        act = msgspec.structs.replace(act, writes=reference_bundles(bundles), facts=outputs.facts)
        require_schema(act)
        if self.review is not None and self.acts:
            self.review(self, act, outputs)
        act = self._sign_act(act)
        for bundle in bundles:
            self.bundles.put(bundle)
        self.log.append([encode_act(act)])
        self.standings.add(act)
        _notify_if_not_in_force(act, self.inputs(("statute",)).statute())
        return act

    def _sign_act(self, act: Act) -> Act:
        """Have an act signed by the officers whose signatures it needs."""
        roster = self.roster if self.acts else Roster.of(act)
        signers = self.signing.choose(roster, act.kind, act.number, act.recorded)
        act = msgspec.structs.replace(act, by=tuple(one.name for one in signers))
        if not signers:
            return act
        signatures = self.signing.sign(signers, act_message(self.history, encode_act(act)))
        return msgspec.structs.replace(act, signatures=signatures)

    def require_time(self, at: str, recorded: str, read: Bundles) -> None:
        """Require that a step is dated neither in the future nor before an act that it rests on.

        Raises:
            InputError: it is dated so.
        """
        if is_before(recorded, at):
            raise InputError(f"{at} lies in the future", hint="give --at the day of the step")
        for act in self.standings.writers(read):
            if act.number and is_before(at, act.at):
                raise InputError(
                    f"{at} is before act {act.number} ({act.at}), on which this step rests",
                    hint="give --at the day of the step, or put the other act's day right",
                )

    def _recording_time(self) -> str:
        # A clock that was set back must not make the record's times run backwards.
        earlier = [read_time(act.recorded) for act in self.acts[-1:]]
        return utc_text(max([self.clock(), *earlier]))


def _kinds_of_answers(standing: Standing, draw: str) -> frozenset[str]:
    """Give the kinds of bundles that answer to the call for the seed of a kind of draw."""
    call = standing.bundles("seed_call", {}, draw)
    answers = (kind for kind, asked in PARTS.items() if asked == "seed_call")
    return frozenset(
        kind for kind in answers if call and standing.bundles(kind, {"seed_call": call})
    )


def _notify_if_not_in_force(act: Act, statute: Statute) -> None:
    """Give notice if the statute was not in force yet on the day of an act, or of an issue."""
    begins = statute.in_force_from.value.isoformat()
    issued = str(act.parameters["issued_on"]) if act.kind == "petition.issue" else act.at
    for at in dict.fromkeys((act.at, issued)):
        if is_before(at, begins):
            notify(
                f"act {act.number} is of {at}, and version {statute.version} of {statute.id} is in"
                f" force from {begins} only: verify tells everybody; see what applied before with"
                " referendum law list"
            )
