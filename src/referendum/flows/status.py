"""Where a record is: what stands, what was withdrawn, what comes next and who does it, by when."""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from referendum.core.printing import quantity
from referendum.flows.call_steps import NextStep
from referendum.flows.decisive_facts import answer_words, decisive_facts
from referendum.flows.due_days import DueDay, due_days
from referendum.flows.headline import headline
from referendum.flows.next_steps import is_of_what_stands, next_steps
from referendum.flows.petition.totals import standing_deliveries
from referendum.flows.wording import DRAW_WORDS, act_title, number_ranges, sums_of_parts
from referendum.law import Statute, read_statute
from referendum.record.acts import Act
from referendum.record.kinds import KINDS
from referendum.record.officers.rule import OFFICE_ACTS, fill_slots
from referendum.record.reading import Record, is_published
from referendum.record.seed_calls import SEED_ACTS, AnsweredCall

OVERTAKEN_KINDS = ("petition.gates", "match", "roll.alarm", "result", "forecast")
"""Kinds that are done again when more has come: the earlier ones stand, and the latest counts."""


@dataclass(frozen=True)
class StandingEntry:
    """What stands of a kind, or of a call for a seed.

    Attributes:
        acts: their numbers.
        kind: of the acts.
        day: of the latest.
        recorded: the day on which the latest was recorded.
        by: who signed them.
        words: what they are, and the facts that decide.
    """

    acts: tuple[int, ...]
    kind: str
    day: str
    recorded: str
    by: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class Withdrawal:
    """An act that was put right, with what fell with it.

    Attributes:
        act: number of the act that put it right.
        reason: what was wrong.
        fallen: numbers of the acts that no longer stand for it.
        answers: the decisions and results among them, in words.
    """

    act: int
    reason: str
    fallen: tuple[int, ...]
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Task:
    """A next step, with who does it.

    Attributes:
        step: what is done.
        signatures: for each signature that it needs, the roles of which one signs.
        command: the whole command, with the record's own folder in it.
        signable: whether those in office now can give all signatures.
    """

    step: NextStep
    signatures: tuple[tuple[str, ...], ...]
    command: str
    signable: bool


@dataclass(frozen=True)
class Status:
    """Where a record is.

    Attributes:
        headline: what stands, in a word or two.
        standing: what stands, in the order of the latest act of each.
        withdrawn: what was put right, and why.
        officers: who serves.
        tasks: what comes next.
        due: what is due when.
        published: whether the record is a published copy, on which nothing is done.
    """

    headline: str
    standing: tuple[StandingEntry, ...]
    withdrawn: tuple[Withdrawal, ...]
    officers: tuple[str, ...]
    tasks: tuple[Task, ...]
    due: tuple[DueDay, ...]
    published: bool

    def as_document(self) -> dict[str, Any]:
        """Give it for a program."""
        document: dict[str, Any] = msgspec.to_builtins(self)
        document["tasks"] = [
            {
                "stage": one.step.stage,
                "words": one.step.words,
                "due": one.step.due,
                "kinds": list(one.step.kinds),
                "signatures": [list(roles) for roles in one.signatures],
                "command": one.command,
                "signable": one.signable,
            }
            for one in self.tasks
        ]
        return document


def status_of(record: Record, now: str) -> Status:
    """Work out where a record is.

    Args:
        record: an office's, or a published one.
        now: a time (ISO 8601).
    """
    statute = _statute(record)
    published = is_published(record.folder)
    return Status(
        headline(record),
        tuple(_standing_entries(record)),
        tuple(_withdrawals(record)),
        tuple(_officers(record, now)),
        tuple(_task(record, step, published, now) for step in next_steps(record, statute, now)),
        tuple(due_days(record, statute)),
        published,
    )


def _statute(record: Record) -> Statute:
    (bundle,) = record.opening.writes
    return read_statute(record.bundles.read(bundle.digest, "statute.toml", sealed=False))


def _officers(record: Record, now: str) -> list[str]:
    """Name the officers who are appointed, and say whose term has ended."""
    return [
        str(one) if one.serves(len(record.acts), now) else f"{one}, until {one.until}: over"
        for one in record.roster.serving()
    ]


def _task(record: Record, step: NextStep, published: bool, now: str) -> Task:
    slots = max((record.roster.slots(kind) for kind in step.kinds), key=len)
    folder = "RECORD" if published else shlex.quote(str(record.folder))
    signed = " --sign KEYFILE" * len(slots)
    command = f"referendum {step.command.replace('RECORD', folder, 1)}{signed}"
    roles = record.roster.roles_at(len(record.acts), now)
    signable = all(fill_slots(record.roster.slots(kind), roles) is not None for kind in step.kinds)
    return Task(step, slots, command, signable)


def _standing_entries(record: Record) -> list[StandingEntry]:
    found = [
        _entry_of_kind(record, acts)
        for kind in KINDS
        if kind not in {*SEED_ACTS, *OFFICE_ACTS}
        if (acts := record.standings.all_of(kind))
    ]
    found = [_with_totals(record, one) for one in found]
    found += [_entry_of_call(record, act) for act in record.standings.all_of("seed.call")]
    return sorted(found, key=lambda one: one.acts[-1])


def _is_behind(record: Record, act: Act) -> bool:
    """Whether more has come since of what an act read that is done again then."""
    read = record.standings.read_by(act)
    return act.kind in OVERTAKEN_KINDS and any(
        read[kind] != record.standings.bundles(kind, {})
        for kind in ("lines", "gates", "returns", "polls")
        if kind in read
    )


def _entry_of_kind(record: Record, acts: Sequence[Act]) -> StandingEntry:
    """Tell the acts of a kind that stand: the parts together, or the latest, which counts."""
    last, numbers = acts[-1], tuple(act.number for act in acts)
    facts = decisive_facts(last)
    if len(acts) > 1 and KINDS[last.kind].in_parts:
        facts = f"{quantity(len(acts), 'part')}; {sums_of_parts(acts) or facts}"
    elif len(acts) > 1:
        how = "overtaken" if last.kind in OVERTAKEN_KINDS else "earlier"
        facts += f" ({how}: act{'s' * (len(acts) > 2)} {number_ranges(numbers[:-1])})"
    facts += "; more has come since" * _is_behind(record, last)
    words = f"{act_title(last)}: {facts}" if facts else act_title(last)
    by = _names(act if KINDS[last.kind].in_parts else last for act in acts)
    return StandingEntry(numbers, last.kind, last.at[:10], last.recorded[:10], by, words)


def _with_totals(record: Record, one: StandingEntry) -> StandingEntry:
    """Tell the deliveries together, each line once; and of a match whether lines came since."""
    if one.kind == "petition.receive" and (came := standing_deliveries(record)):
        return replace(one, words=f"{act_title(came.acts[-1])}: {came.words}")
    if one.kind == "match" and not is_of_what_stands(record, record.acts[one.acts[-1]], "gates"):
        return replace(one, words=f"{one.words}; overtaken: the lines have changed since")
    return one


def _names(acts: Iterable[Act]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for act in acts for name in act.by))


def _entry_of_call(record: Record, act: Act) -> StandingEntry:
    """Tell a call for a seed with all that was answered to it."""
    call = AnsweredCall.of(record.standings, act)
    answers = [*call.commitments.values(), *call.reveals.values(), call.dice, call.close]
    acts = [act, *(one for one in answers if one is not None)]
    acts.sort(key=lambda one: one.number)
    parties = len(call.call.parties)
    if call.draw is not None:
        how = f"made, and taken in act {call.draw.number}"
        how += ", which no longer stands" * (call.draw.number in record.fallen_acts())
    elif not is_of_what_stands(record, act):
        how = "of what stood before: no draw can take it"
    elif call.close is not None:
        how = "made, and not taken yet"
    else:
        answered = (
            f"{len(call.commitments)} of {parties} committed, {len(call.reveals)} revealed"
            if parties
            else "no parties"
        )
        how = f"open until {call.call.until}: {answered}"
    words = f"Seed for {DRAW_WORDS[act.parameters['for']]}: {how}"
    last = acts[-1]
    numbers = tuple(one.number for one in acts)
    return StandingEntry(numbers, act.kind, last.at[:10], last.recorded[:10], _names(acts), words)


def _withdrawals(record: Record) -> list[Withdrawal]:
    """Gather what was put right, by the act that did so."""
    by_cause: dict[int, list[Act]] = {}
    for number, cause in sorted(record.causes().items()):
        by_cause.setdefault(cause, []).append(record.acts[number])
    return [
        Withdrawal(
            cause,
            str(record.acts[cause].reason),
            tuple(act.number for act in fallen),
            tuple(
                f"act {act.number} of {act.at[:10]} had said “{answer_words(act)}”"
                for act in fallen
                if act.kind in {"decide", "result"}
            ),
        )
        for cause, fallen in sorted(by_cause.items())
    ]
