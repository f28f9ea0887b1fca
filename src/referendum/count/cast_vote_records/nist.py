"""Cast vote record reports of NIST SP 1500-103 version 1 in JSON.

What counts is `IsAllocable` alone where it is given, else `HasIndication`; statuses that contradict
it are faults. Values outside the lists of the specification are faults.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import msgspec

from referendum.core.errors import InputError
from referendum.count.cast_vote_records.cards import (
    MARK_NOTES,
    Card,
    CastVoteRecords,
    Register,
    Vote,
    assemble_records,
    format_notes,
    vote_from_marks,
)
from referendum.count.cast_vote_records.json_decoding import clean_name
from referendum.count.cast_vote_records.questions import (
    Contest,
    ContestChoice,
    Meaning,
    Option,
    Questions,
    choose_questions,
    require_understood,
)

_ReportType = Literal[
    "adjudicated", "aggregated", "originating-device-export", "other", "rcv-round"
]
_Indication = Literal["yes", "no", "unknown"]
_ContestStatus = Literal["invalidated-rules", "not-indicated", "other", "overvoted", "undervoted"]
_SelectionStatus = Literal["generated-rules", "invalidated-rules", "needs-adjudication", "other"]
_PositionStatus = Literal["adjudicated", "generated-rules", "invalidated-rules", "other"]
_CvrStatus = Literal["needs-adjudication", "other"]
_SnapshotType = Literal["interpreted", "modified", "original"]


class _Struct(msgspec.Struct, gc=False):
    pass


class _Position(_Struct):
    HasIndication: _Indication
    NumberVotes: int | None = None
    IsAllocable: _Indication | None = None
    FractionalVotes: str | float | None = None
    Rank: int | None = None
    Status: list[_PositionStatus] | None = None
    CVRWriteIn: dict[str, object] | None = None


class _Selection(_Struct):
    SelectionPosition: list[_Position] | None = None
    ContestSelectionId: str | None = None
    Rank: int | None = None
    Status: list[_SelectionStatus] | None = None
    TotalFractionalVotes: str | float | None = None
    TotalNumberVotes: int | None = None


class _CvrContest(_Struct):
    ContestId: str
    CVRContestSelection: list[_Selection] | None = None
    Status: list[_ContestStatus] | None = None
    OtherStatus: str | None = None
    Overvotes: int | None = None


class _Snapshot(_Struct):
    id_: str = msgspec.field(name="@id")
    Type: _SnapshotType | None = None
    Status: list[_CvrStatus] | None = None
    OtherStatus: str | None = None
    CVRContest: list[_CvrContest] | None = None


class _Cvr(_Struct):
    CurrentSnapshotId: str
    CVRSnapshot: list[_Snapshot]
    BallotAuditId: str | None = None
    BallotPrePrintedId: str | None = None
    BallotSheetId: str | None = None
    BallotStyleId: str | None = None
    BatchId: str | None = None
    BatchSequenceId: int | None = None
    CreatingDeviceId: str | None = None
    UniqueId: str | None = None


class _Option(_Struct):
    id_: str = msgspec.field(name="@id")
    type_: str | None = msgspec.field(name="@type", default=None)
    Selection: str | None = None
    IsWriteIn: bool | None = None


class _Contest(_Struct):
    id_: str = msgspec.field(name="@id")
    type_: Literal[
        "CVR.BallotMeasureContest", "CVR.CandidateContest", "CVR.Contest", "CVR.PartyContest",
        "CVR.RetentionContest",
    ] = msgspec.field(name="@type")  # fmt: skip
    ContestSelection: list[_Option]
    Name: str | None = None
    VoteVariation: (
        Literal[
            "approval", "borda", "cumulative", "majority", "n-of-m", "other", "plurality",
            "proportional", "range", "rcv", "super-majority",
        ]
        | None
    ) = None  # fmt: skip


class _Election(_Struct):
    Contest: list[_Contest]


class Report(_Struct):
    """A report, as far as it is read."""

    Election: list[_Election]
    CVR: list[_Cvr] | None = None
    ReportType: list[_ReportType] | None = None
    OtherReportType: str | None = None
    Version: Literal["1.0.0"] | None = None


_TEST = re.compile(r"\btest|logic (and|&) accuracy|\bl ?& ?a\b", re.IGNORECASE)


def nist_records(reports: Iterable[tuple[str, Report]], choice: ContestChoice) -> CastVoteRecords:
    """Read the cards of reports.

    Of each record the snapshot that `CurrentSnapshotId` names counts. A card is called by its
    `BallotAuditId`, which is printed on it as it is scanned, else by its `BallotPrePrintedId`, else
    by its `UniqueId`.

    Args:
        reports: each with its name.
        choice: what the office says of contests.

    Raises:
        InputError: a report is of a test, a record cannot be read, comes twice, or has a question
            that is not understood.
    """
    contests_declared: dict[str, tuple[Contest, str]] = {}
    records_by_report: list[tuple[str, Sequence[_Cvr]]] = []
    for name, report in reports:
        _require_votes(report, name)
        for contest in _contests(report, name):
            known, where = contests_declared.setdefault(contest.id, (contest, name))
            if known != contest:
                raise InputError(
                    f"contest {contest.id} is another one than in {where}",
                    where=name,
                    hint="read reports of different elections one by one",
                )
        records_by_report.append((name, report.CVR or ()))
    contests = {id_: contest for id_, (contest, _) in contests_declared.items()}
    reader = _Reader(contests, choose_questions(contests, choice))
    cards = [
        reader.card_of(record, f"{name}, record {number}")
        for name, records in records_by_report
        for number, record in enumerate(records, start=1)
    ]
    require_understood(reader.questions, reader.on_cards)
    return assemble_records(_distinguish_names(cards), reader.questions, reader.notes())


def _distinguish_names(cards: Sequence[Card]) -> Sequence[Card]:
    """Call cards by their device too where devices number their records alike."""
    devices: dict[str | None, set[str]] = {}
    for card in cards:
        devices.setdefault(card.name, set()).add(card.device)
    alike = {name for name, found in devices.items() if name and len(found) > 1}
    return [
        replace(card, name=f"{card.device}-{card.name}") if card.name in alike else card
        for card in cards
    ]


def _require_votes(report: Report, name: str) -> None:
    types = report.ReportType or []
    other = report.OtherReportType or ""
    if _TEST.search(other):
        raise InputError(
            f"this is a report of a test ({other}), not of votes",
            where=name,
            hint="export the records of the vote",
        )
    if "rcv-round" in types:
        raise InputError(
            "this is a report of a round of ranked choice, not of votes as they were cast",
            where=name,
            hint="export the cast vote records themselves",
        )


def _contests(report: Report, name: str) -> Iterator[Contest]:
    entered: set[str] = set()
    for election in report.Election:
        for one in election.Contest:
            options = [
                Option(o.id_, clean_name(o.Selection or "", o.id_), o.IsWriteIn is True)
                for o in one.ContestSelection
            ]
            ids = {option.id for option in options}
            if one.id_ in entered or len(ids) < len(options):
                raise InputError(f"contest {one.id_} or an option of it stands twice", where=name)
            entered.add(one.id_)
            is_measure = one.type_ == "CVR.BallotMeasureContest" or (
                one.type_ == "CVR.Contest" and all(o.Selection for o in one.ContestSelection)
            )
            title = clean_name(one.Name or "", one.id_)
            is_ranked = one.VoteVariation == "rcv"
            kind: Literal["measure", "candidates"] = "measure" if is_measure else "candidates"
            yield Contest(one.id_, title, tuple(options), kind, is_ranked=is_ranked)


@dataclass
class _Reader:
    """Reads records one after another, and gathers what a person has to know."""

    contests: Mapping[str, Contest]
    questions: Questions
    register: Register = field(default_factory=Register)
    on_cards: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)

    def card_of(self, record: _Cvr, where: str) -> Card:
        """Read one record: one sheet of a ballot."""
        snapshot = _current_snapshot(record, where)
        self.counts["waiting"] += "needs-adjudication" in (snapshot.Status or ())
        self.counts["other status"] += "other" in (snapshot.Status or ())
        votes: dict[str, Vote | None] = {}
        for contest in snapshot.CVRContest or ():
            id_ = contest.ContestId
            if id_ not in self.contests:
                raise InputError(f"contest {id_} is not one of the report", where=where)
            if id_ in votes:
                raise InputError(f"contest {id_} comes twice in one snapshot", where=where)
            self.on_cards.add(id_)
            meanings = self.questions.meanings.get(id_)
            votes[id_] = None if meanings is None else self._vote(contest, meanings, where)
        device, batch = clean_name(record.CreatingDeviceId or ""), clean_name(record.BatchId or "")
        self._register(record, device, batch, votes, where)
        return Card(
            where=where,
            kind="all",
            device=device,
            batch=batch,
            name=record.BallotAuditId or record.BallotPrePrintedId or record.UniqueId,
            number=record.BatchSequenceId,
            style=record.BallotStyleId or "",
            sheet=record.BallotSheetId or "",
            votes=votes,
        )

    def _register(
        self, record: _Cvr, device: str, batch: str, votes: Iterable[str], where: str
    ) -> None:
        """Enter a record by every name that it has.

        `BallotPrePrintedId` and the place in the batch are of a ballot, whose sheets are records
        of their own: they may come again with other contests.
        """
        if record.UniqueId:
            self.register.enter(
                ("unique", device, record.UniqueId), f"UniqueId {record.UniqueId}", where
            )
        if record.BallotAuditId:
            self.register.enter(
                ("audit", record.BallotAuditId), f"BallotAuditId {record.BallotAuditId}", where
            )
        of_ballot = (
            ("BallotPrePrintedId", record.BallotPrePrintedId or "", ""),
            ("BatchSequenceId", str(record.BatchSequenceId or ""), f"{device}\n{batch}"),
        )
        for what, name, box in of_ballot:
            for id_ in votes if name else ():
                self.register.enter(
                    (what, box, name, id_), f"contest {id_} of the ballot with {what} {name}", where
                )

    def _vote(self, contest: _CvrContest, meanings: Mapping[str, Meaning], where: str) -> Vote:
        status = contest.Status or ()
        selections = contest.CVRContestSelection or ()
        names = [one.ContestSelectionId for one in selections if one.ContestSelectionId]
        if len(set(names)) < len(names):
            raise InputError(f"an option of {contest.ContestId} comes twice", where=where)
        marks = [mark for one in selections for mark in self._marks(one, meanings, where)]
        self.counts["ranked"] += any(rank > 1 for _, _, rank in marks)
        self.counts["other status"] += "other" in status
        if "overvoted" in status or (contest.Overvotes or 0) > 0:
            return "several"
        if "invalidated-rules" in status:
            self.counts["void"] += 1
            return "other"
        if marks and "not-indicated" in status:
            raise InputError(
                f"contest {contest.ContestId} is called not-indicated and has a vote", where=where
            )
        vote = vote_from_marks(marks)
        self.counts["write-in"] += vote == "other"
        return vote

    def _marks(
        self, selection: _Selection, meanings: Mapping[str, Meaning], where: str
    ) -> Iterator[tuple[str, Meaning, int]]:
        option = selection.ContestSelectionId
        if option is not None and option not in meanings:
            raise InputError(f"option {option} is not one of its contest", where=where)
        status = selection.Status or ()
        self.counts["waiting"] += "needs-adjudication" in status
        self.counts["other status"] += "other" in status
        allocable = [one for one in selection.SelectionPosition or () if self._is_vote(one, where)]
        if "invalidated-rules" in status:
            if any(one.IsAllocable == "yes" for one in allocable):
                raise InputError(f"option {option} is invalidated and allocable", where=where)
            return
        if allocable and selection.TotalNumberVotes not in {None, 1, len(allocable)}:
            raise InputError(
                f"option {option} has {selection.TotalNumberVotes} votes in all and"
                f" {len(allocable)} marks that count",
                where=where,
            )
        for one in allocable:
            rank = one.Rank or selection.Rank or 1
            yield (
                (option, meanings[option], rank)
                if option is not None and one.CVRWriteIn is None
                else ("write-in", "other", rank)
            )

    def _is_vote(self, position: _Position, where: str) -> bool:
        """Whether a mark counts, by `IsAllocable`, or where that is not given by itself."""
        invalid = "invalidated-rules" in (position.Status or ())
        self.counts["waiting"] += "unknown" in {position.HasIndication, position.IsAllocable}
        if position.IsAllocable == "yes" and (invalid or position.HasIndication == "no"):
            raise InputError(
                "a position is allocable and "
                + ("invalidated" if invalid else "without an indication"),
                where=where,
                hint="export the records again; IsAllocable says whether a mark counts",
            )
        counts = (position.IsAllocable or position.HasIndication) == "yes" and not invalid
        fraction = position.FractionalVotes
        if counts and (position.NumberVotes not in {None, 0, 1} or fraction not in {None, "", 0}):
            raise InputError(
                f"a position has {position.NumberVotes} votes"
                f"{f' and {fraction}' if fraction else ''}; an answer is one vote or none",
                where=where,
            )
        return counts and position.NumberVotes != 0

    def notes(self) -> Iterator[str]:
        """Say what a person has to know."""
        yield from format_notes(self.counts, _NOTES)
        yield from self.questions.notes_on_others(self.on_cards)


_NOTES = {
    "waiting": "marks or records that wait for adjudication: {:,}; what is unknown is no vote",
    "other status": "statuses that are `other`: {:,}; such records are read like the rest",
    "void": "votes not counted, for the report calls the contest invalidated: {:,}",
    **MARK_NOTES,
}


def _current_snapshot(record: _Cvr, where: str) -> _Snapshot:
    named = [one for one in record.CVRSnapshot if one.id_ == record.CurrentSnapshotId]
    if len(named) != 1:
        raise InputError(
            f"CurrentSnapshotId {record.CurrentSnapshotId!r} names"
            f" {'no snapshot' if not named else 'several snapshots'} of the record",
            where=where,
            hint="export the report again",
        )
    return named[0]
