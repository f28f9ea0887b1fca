"""The law as data: statutes in dated, cited versions, and the calculators that read them."""

from referendum.law.library import read_statute, statute_bytes, statute_ids, version_on, versions
from referendum.law.model import CERTAINTIES, Statute, Value, VoteRule, known
from referendum.law.threshold import Requirement, requirement

__all__ = [
    "CERTAINTIES",
    "Requirement",
    "Statute",
    "Value",
    "VoteRule",
    "known",
    "read_statute",
    "requirement",
    "statute_bytes",
    "statute_ids",
    "version_on",
    "versions",
]
