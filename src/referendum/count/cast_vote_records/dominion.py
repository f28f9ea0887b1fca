"""Dominion's JSON export of cast vote records: `CvrExport_*.json` and its manifests.

Versions 5.2 (contests directly in a version of the record) and later (contests on cards).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from referendum.core.errors import InputError
from referendum.core.names import name_key
from referendum.core.words import may_be_nothing
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
from referendum.count.cast_vote_records.dominion_export import (
    BallotManifest,
    CandidateManifest,
    CardContest,
    ContestManifest,
    Export,
    Mark,
    NameManifest,
    Number,
    Session,
    Sheet,
    Version,
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

_CONDITIONS = {
    0: "Ambiguous", 1: "Writein", 2: "BlankBallot", 4: "Undervote", 5: "Overvote",
    6: "BlankContest", 7: "InvalidContest", 9: "OvervotedRanking", 10: "InconsistentRcvOrdering",
    11: "SkippedRanking", 12: "DuplicatedRcvCandidate", 13: "UnvotedRcvContest",
    14: "UnusedRanking",
}  # fmt: skip
"""Outstack conditions of the versions 5.10 and 5.17, where no manifest is given."""

_NOT_COUNTED = re.compile("invalid|void|reject|spoil|cancel|quarantin")
_EMPTY = {"blankballot", "undervote", "blankcontest", "unvotedrcvcontest"}
_OVERVOTE = "overvote"
VOTE_SESSION = "ScannedVote"
"""The type of a session that is a vote; any other may be a test, or a ballot that was spoiled."""

_HIDDEN = re.compile("redact|withh[eo]ld|suppress|conceal|confidential|protected", re.IGNORECASE)
_IMAGE = re.compile(r"(\d+)_(\d+)_(\d+)_?(?:\*|\.|$)")


@dataclass(frozen=True)
class Manifests:
    """What the numbers of an export stand for.

    Attributes:
        contests: by number, as text.
        groups: counting group number → its description.
        conditions: outstack condition number → key of its description.
        styles: type of ballot → the contests on it, where the export says.
    """

    contests: Mapping[str, Contest]
    groups: Mapping[int, str]
    conditions: Mapping[int, str]
    styles: Mapping[str, set[str]]


def combine_manifests(
    contests: ContestManifest,
    candidates: CandidateManifest,
    groups: NameManifest,
    conditions: NameManifest | None = None,
    districts: NameManifest | None = None,
    ballots: BallotManifest | None = None,
) -> Manifests:
    """Put the manifests of an export together.

    Raises:
        InputError: an identifier comes twice.
    """
    for what, ids in (
        ("contest", [one.Id for one in contests.List]),
        ("candidate", [(one.ContestId, one.Id) for one in candidates.List]),
    ):
        if twice := [id_ for id_, times in Counter(ids).items() if times > 1]:
            raise InputError(f"the {what} {twice[0]} stands twice in its manifest")
    district_names = (
        {one.Id: clean_name(one.Description, str(one.Id)) for one in districts.List}
        if districts
        else {}
    )
    options = _options(candidates)
    contests_declared = [
        Contest(
            id=str(one.Id),
            title=clean_name(one.Description, str(one.Id)),
            options=tuple(options.get(one.Id, ())),
            kind="candidates" if (one.VoteFor or 1) > 1 else "open",
            district=district_names.get(one.DistrictId, "") if one.DistrictId is not None else "",
            is_ranked=(one.NumOfRanks or 0) > 1,
        )
        for one in contests.List
    ]
    condition_names = (
        {one.Id: one.Description for one in conditions.List} if conditions else _CONDITIONS
    )
    styles: dict[str, set[str]] = {}
    for entry in ballots.List if ballots else ():
        styles.setdefault(str(entry.BallotTypeId), set()).add(str(entry.ContestId))
    return Manifests(
        {one.id: one for one in contests_declared},
        {one.Id: clean_name(one.Description, str(one.Id)) for one in groups.List},
        {id_: name_key(text) for id_, text in condition_names.items()},
        styles,
    )


def _options(candidates: CandidateManifest) -> dict[int, list[Option]]:
    options: dict[int, list[Option]] = {}
    for one in candidates.List:
        is_write_in = "writein" in (one.Type or "").lower()
        option = Option(str(one.Id), clean_name(one.Description, str(one.Id)), is_write_in)
        options.setdefault(one.ContestId, []).append(option)
    return options


def dominion_records(
    exports: Iterable[tuple[str, Export]], manifests: Manifests, choice: ContestChoice
) -> CastVoteRecords:
    """Read the cards of exports, by the manifests that belong to them.

    Of a record that was adjudicated the current version counts. A card is called as it is printed
    on it: tabulator, batch and record. Where the number of the record is hidden it is taken from
    the name of its image; where that is hidden too the card is numbered apart, with an X.

    Args:
        exports: each with its name.
        manifests: of all.
        choice: what the office says of contests.

    Raises:
        InputError: a record cannot be read, comes twice, or has a question not understood.
    """
    reader = _Reader(manifests, choose_questions(manifests.contests, choice))
    cards = [
        card
        for name, export in exports
        for number, session in enumerate(export.Sessions, start=1)
        for card in reader.cards_of(session, f"{name}, record {number}")
    ]
    require_understood(reader.questions, reader.on_cards, reader.candidate_contests)
    return assemble_records(cards, reader.questions, reader.notes(), manifests.styles)


@dataclass
class _Reader:
    """Reads records one after another, and gathers what a person has to know."""

    manifests: Manifests
    questions: Questions
    register: Register = field(default_factory=Register)
    on_cards: set[str] = field(default_factory=set)
    candidate_contests: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    hidden: Counter[tuple[str, str]] = field(default_factory=Counter)

    def cards_of(self, session: Session, where: str) -> Iterator[Card]:
        """Give the cards of a record."""
        device, batch = clean_name(str(session.TabulatorId)), clean_name(str(session.BatchId))
        if _HIDDEN.search(f"{device} {batch}"):
            raise InputError(
                "the batch of the record is hidden, so that its card can be put nowhere",
                where=where,
                hint="leave the record out, and declare it with: referendum audit cards --missing",
            )
        number, name = self._number_and_name(session, device, batch, where)
        kind = self._kind(session.CountingGroupId)
        if (session.SessionType or VOTE_SESSION) != VOTE_SESSION:
            raise InputError(
                f"a record of the type {session.SessionType!r} is not known to be a vote",
                where=where,
                hint=f"export the records of type {VOTE_SESSION} alone, without tests and spoiled"
                " ballots",
            )
        version = _current_version(session, where)
        style = _text(version.BallotTypeId) if version else ""
        held: set[str] = set()
        sheets: set[str] = set()
        for sheet in _sheets(version, where):
            votes: dict[str, Vote | None] = {}
            whole = self._read_contests(sheet, votes, where) if sheet else False
            if twice := held & votes.keys():
                raise InputError(f"contest {min(twice)} stands on two cards", where=where)
            held |= votes.keys()
            paper = _text(sheet.PaperIndex) if sheet else ""
            if sheet and (id_ := _text(sheet.Id)):
                if id_ in sheets:
                    raise InputError(f"card {id_} comes twice", where=where)
                sheets.add(id_)
            yield Card(where, kind, device, batch, name, number, style, paper, votes, whole)
        self.on_cards |= held

    def _number_and_name(
        self, session: Session, device: str, batch: str, where: str
    ) -> tuple[int | None, str]:
        number = _record_number(session)
        if number is None:
            self.hidden[device, batch] += 1
            self.counts["hidden"] += 1
            return None, f"{device}-{batch}-X-{self.hidden[device, batch]}"
        self.counts["imaged"] += not isinstance(session.RecordId, int)
        name = f"{device}-{batch}-{number}"
        self.register.enter((device, batch, str(number)), f"the record {name}", where)
        return number, name

    def _kind(self, group: Number | None) -> str:
        kind = self.manifests.groups.get(group) if isinstance(group, int) else None
        self.counts["group"] += kind is None
        return kind or "all"

    def _read_contests(self, sheet: Sheet, votes: dict[str, Vote | None], where: str) -> bool:
        """Read the contests of a card; false where some of them are redacted."""
        contests = _list_or_redacted(sheet.Contests, "Contests", where)
        whole = bool(contests)
        for contest in contests:
            if not isinstance(contest, CardContest) or not isinstance(contest.Id, int):
                whole = False
                continue
            id_ = str(contest.Id)
            if id_ not in self.manifests.contests:
                raise InputError(
                    f"contest {id_} is not in the manifest of contests",
                    where=where,
                    hint="name the folder of the manifests that belong to the export: --manifests",
                )
            if id_ in votes:
                raise InputError(f"contest {id_} comes twice on one card", where=where)
            meanings = self.questions.meanings.get(id_)
            is_void = self._is_void(sheet.OutstackConditionIds, where)
            votes[id_] = self._vote(contest, meanings, where, is_void=is_void)
        return whole

    def _vote(
        self,
        contest: CardContest,
        meanings: Mapping[str, Meaning] | None,
        where: str,
        *,
        is_void: bool,
    ) -> Vote | None:
        marks = _list_or_redacted(contest.Marks, "Marks", where)
        if meanings is None:
            if any(isinstance(one, Mark) and isinstance(one.PartyId, int) and one.PartyId > 0
                   for one in marks):  # fmt: skip
                self.candidate_contests.add(str(contest.Id))
            return None
        conditions = self._conditions(contest.OutstackConditionIds, where)
        if is_void or any(_NOT_COUNTED.search(one) for one in conditions):
            self.counts["void"] += 1
            return "other"
        if not _states_marks(contest, marks, conditions):
            return "missing"
        counted = [self._counted_mark(one, contest, meanings, where)
                   for one in marks if isinstance(one, Mark) and one.IsVote]  # fmt: skip
        self.counts["ranked"] += any(rank > 1 for _, _, rank in counted)
        overvotes = contest.Overvotes if isinstance(contest.Overvotes, int) else 0
        if overvotes > 0 or _OVERVOTE in conditions:
            return "several"
        vote = vote_from_marks(counted)
        self.counts["write-in"] += vote == "other"
        return vote

    def _counted_mark(
        self, mark: Mark, contest: CardContest, meanings: Mapping[str, Meaning], where: str
    ) -> tuple[str, Meaning, int]:
        option = str(mark.CandidateId)
        if option not in meanings:
            raise InputError(
                f"candidate {option} is not in the manifest as one of contest {contest.Id}",
                where=where,
                hint="name the folder of the manifests that belong to the export: --manifests",
            )
        return option, meanings[option], mark.Rank or 1

    def _is_void(self, ids: list[int] | str | None, where: str) -> bool:
        return any(_NOT_COUNTED.search(one) for one in self._conditions(ids, where))

    def _conditions(self, ids: list[int] | str | None, where: str) -> list[str]:
        known = self.manifests.conditions
        found = ids if isinstance(ids, list) else []
        if unknown := [id_ for id_ in found if id_ not in known]:
            raise InputError(
                f"the outstack condition {unknown[0]} is not known",
                where=where,
                hint="put OutstackConditionManifest.json of the export into the folder of"
                " --manifests",
            )
        return [known[id_] for id_ in found]

    def notes(self) -> Iterator[str]:
        """Say what a person has to know."""
        yield from format_notes(self.counts, _NOTES)
        yield from self.questions.notes_on_others(self.on_cards)


_NOTES = {
    "hidden": "records that hide their number: {:,}; they are called by an X and counted apart,"
    " which is not printed on the cards",
    "imaged": "records that hide their number: {:,}; it is taken from the name of their image",
    "group": "records of a counting group that is not in the manifest: {:,}; their kind is `all`",
    "void": "votes not counted, for the export calls the contest invalid: {:,}",
    **MARK_NOTES,
}


def _current_version(session: Session, where: str) -> Version | None:
    """Give the version of a record that counts; None where it is redacted."""
    modified = None if session.Modified is msgspec.UNSET else session.Modified
    versions = [("Original", session.Original), ("Modified", modified)]
    for name, version in versions:
        if isinstance(version, str):
            _require_redacted(version, name, where)
    current = [one for _, one in versions if isinstance(one, Version) and one.IsCurrent]
    if len(current) == 1:
        return current[0]
    if current or (isinstance(session.Original, Version) and not isinstance(modified, str)):
        raise InputError(
            "both versions of the record are called current"
            if current
            else "no version of the record is called current",
            where=where,
            hint="export the records again after adjudication",
        )
    return None


def _sheets(version: Version | None, where: str) -> Sequence[Sheet | None]:
    """Give the cards of a version; None in place of one that is redacted."""
    if version is None:
        return [None]
    if version.Cards is msgspec.UNSET:
        if version.Contests is msgspec.UNSET:
            raise InputError("neither Cards nor Contests is there", where=where)
        return [Sheet(version.Contests)]
    cards = _list_or_redacted(version.Cards, "Cards", where)
    return [one if isinstance(one, Sheet) else None for one in cards] or [None]


def _list_or_redacted(
    value: Sequence[object] | str | None, member: str, where: str
) -> Sequence[object]:
    """Give a list; an empty one where it is redacted."""
    if isinstance(value, str):
        _require_redacted(value, member, where)
    found = value if isinstance(value, list) else []
    for one in found:
        if isinstance(one, str):
            _require_redacted(one, member, where)
    return found


def _require_redacted(text: str, member: str, where: str) -> None:
    if not (may_be_nothing(text) or _HIDDEN.search(text)):
        raise InputError(f"{member}: expected a list, found the text {text[:40]!r}", where=where)


def _states_marks(contest: CardContest, marks: Sequence[object], conditions: Sequence[str]) -> bool:
    """Whether a record says how a contest was marked.

    Marks are hidden as a text or as nothing; or the list is empty although the record does not
    say either that a vote is lacking.
    """
    if not isinstance(contest.Marks, list):
        return False
    if any(
        not isinstance(one, Mark)
        or not isinstance(one.IsVote, bool)
        or not isinstance(one.CandidateId, int)
        for one in marks
    ):
        return False
    counts = (contest.Undervotes, contest.Overvotes)
    if marks or counts == (None, None) or not _EMPTY.isdisjoint(conditions):
        return True
    return any(isinstance(one, int) and one > 0 for one in counts)


def _record_number(session: Session) -> int | None:
    if isinstance(session.RecordId, int):
        return session.RecordId
    if isinstance(session.RecordId, str) and session.RecordId.strip().isdecimal():
        return int(session.RecordId)
    ids = [_text(session.TabulatorId), _text(session.BatchId)]
    if image := _IMAGE.search(session.ImageMask or ""):
        tabulator, batch, number = map(int, image.groups())
        if [str(tabulator), str(batch)] == ids:
            return number
    return None


def _text(number: Number | None) -> str:
    return "" if number is None else str(number).strip()
