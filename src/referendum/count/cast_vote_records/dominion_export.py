"""The shape of Dominion's JSON export and its manifests, as far as they are read."""

import msgspec

Number = int | str
"""An identifier: published exports put a text in place of some."""


class _Struct(msgspec.Struct, gc=False):
    pass


class Mark(_Struct):
    """A mark, as a machine or a person read it."""

    CandidateId: Number | None
    IsVote: bool | str | None
    Rank: int | None = 1
    PartyId: int | str | None = None
    OutstackConditionIds: list[int] | str | None = None


class CardContest(_Struct):
    """A contest on a card, with its marks."""

    Id: Number | None
    Marks: list[Mark | str | None] | str | None
    Overvotes: int | str | None = None
    Undervotes: int | str | None = None
    OutstackConditionIds: list[int] | str | None = None


class Sheet(_Struct):
    """A card."""

    Contests: list[CardContest | str | None] | str | None
    Id: Number | None = None
    PaperIndex: Number | None = None
    OutstackConditionIds: list[int] | str | None = None


class Version(_Struct):
    """A record before or after adjudication: its cards, or in 5.2 its contests."""

    IsCurrent: bool
    BallotTypeId: Number | None = None
    Cards: list[Sheet | str | None] | str | msgspec.UnsetType | None = msgspec.UNSET
    Contests: list[CardContest | str | None] | str | msgspec.UnsetType | None = msgspec.UNSET


class Session(_Struct):
    """A record: a ballot, or a card of it, with its versions."""

    TabulatorId: Number
    BatchId: Number
    CountingGroupId: Number | None
    Original: Version | str | None
    RecordId: Number | None = None
    Modified: Version | str | msgspec.UnsetType | None = msgspec.UNSET
    ImageMask: str | None = None
    SessionType: str | None = None


class Export(_Struct):
    """An export, as far as it is read."""

    Sessions: list[Session]


class Candidate(_Struct):
    """An option of a contest."""

    Id: int
    Description: str
    ContestId: int
    Type: str | None = None


class ContestEntry(_Struct):
    """A contest."""

    Id: int
    Description: str
    DistrictId: int | None = None
    VoteFor: int | None = None
    NumOfRanks: int | None = None


class ManifestEntry(_Struct):
    """A number and what it stands for."""

    Id: int
    Description: str


class BallotTypeContest(_Struct):
    """A contest on a type of ballot."""

    BallotTypeId: int
    ContestId: int


class CandidateManifest(_Struct):
    """What the numbers of candidates stand for."""

    List: list[Candidate]


class ContestManifest(_Struct):
    """What the numbers of contests stand for."""

    List: list[ContestEntry]


class BallotManifest(_Struct):
    """Which contests stand on which type of ballot."""

    List: list[BallotTypeContest]


class NameManifest(_Struct):
    """What the numbers of counting groups, districts or outstack conditions stand for."""

    List: list[ManifestEntry]
