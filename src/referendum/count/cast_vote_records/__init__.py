"""Cast vote records by their specification: Dominion's JSON export, and NIST SP 1500-103."""

from referendum.count.cast_vote_records.cards import (
    CARDS,
    CastVoteRecords,
    forms_of_cards,
    records_of_cards,
)
from referendum.count.cast_vote_records.dominion import Manifests, dominion_records, manifests_of
from referendum.count.cast_vote_records.dominion_export import (
    BallotManifest,
    CandidateManifest,
    ContestManifest,
    Export,
    NameManifest,
)
from referendum.count.cast_vote_records.makers import foreign_maker, refusal_of
from referendum.count.cast_vote_records.nist import Report, nist_records
from referendum.count.cast_vote_records.questions import Choice
from referendum.count.cast_vote_records.reading import decode, utf8_of

__all__ = [
    "CARDS",
    "BallotManifest",
    "CandidateManifest",
    "CastVoteRecords",
    "Choice",
    "ContestManifest",
    "Export",
    "Manifests",
    "NameManifest",
    "Report",
    "decode",
    "dominion_records",
    "foreign_maker",
    "forms_of_cards",
    "manifests_of",
    "nist_records",
    "records_of_cards",
    "refusal_of",
    "utf8_of",
]
