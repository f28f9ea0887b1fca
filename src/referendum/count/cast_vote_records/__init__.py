"""Cast vote records by their specification: Dominion's JSON export, and NIST SP 1500-103."""

from referendum.count.cast_vote_records.cards import (
    CARDS,
    CastVoteRecords,
    forms_of_cards,
    records_of_cards,
)
from referendum.count.cast_vote_records.dominion import (
    Manifests,
    combine_manifests,
    dominion_records,
)
from referendum.count.cast_vote_records.dominion_export import (
    BallotManifest,
    CandidateManifest,
    ContestManifest,
    Export,
    NameManifest,
)
from referendum.count.cast_vote_records.json_decoding import decode, to_utf8
from referendum.count.cast_vote_records.nist import Report, nist_records
from referendum.count.cast_vote_records.questions import ContestChoice
from referendum.count.cast_vote_records.vendors import find_unsupported_vendor, refusal_message

__all__ = [
    "CARDS",
    "BallotManifest",
    "CandidateManifest",
    "CastVoteRecords",
    "ContestChoice",
    "ContestManifest",
    "Export",
    "Manifests",
    "NameManifest",
    "Report",
    "combine_manifests",
    "decode",
    "dominion_records",
    "find_unsupported_vendor",
    "forms_of_cards",
    "nist_records",
    "records_of_cards",
    "refusal_message",
    "to_utf8",
]
