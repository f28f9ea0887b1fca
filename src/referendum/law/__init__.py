"""The law as data: statutes in dated, cited versions, and the calculators that read them.

Calculators are pure and exact, and show their steps with the section beside each. Those that most
rooms need are named here; `calendar`, `cases` and `eligibility` are modules of their own.
"""

from referendum.law.decision import ANSWERS, FINAL, SHAPES, Decided, decide
from referendum.law.distribution import Spread, distribution
from referendum.law.exclusion import Exclusion, exclusions_in, stated
from referendum.law.library import read_statute, statute_bytes, statute_ids, version_on, versions
from referendum.law.model import CERTAINTIES, Statute, Value, VoteRule, known
from referendum.law.outlook import Left, Outlook, majority_in, outlook
from referendum.law.projection import CheckedSample
from referendum.law.sampling import sample_sizes, samples_by_district
from referendum.law.threshold import Requirement, requirement
from referendum.law.vote import (
    CONDITIONS,
    Condition,
    Tally,
    carried_in,
    conditions,
    needs_electors,
    region_weights,
)
from referendum.law.working import Working

__all__ = [
    "ANSWERS",
    "CERTAINTIES",
    "CONDITIONS",
    "FINAL",
    "SHAPES",
    "CheckedSample",
    "Condition",
    "Decided",
    "Exclusion",
    "Left",
    "Outlook",
    "Requirement",
    "Spread",
    "Statute",
    "Tally",
    "Value",
    "VoteRule",
    "Working",
    "carried_in",
    "conditions",
    "decide",
    "distribution",
    "exclusions_in",
    "known",
    "majority_in",
    "needs_electors",
    "outlook",
    "read_statute",
    "region_weights",
    "requirement",
    "sample_sizes",
    "samples_by_district",
    "stated",
    "statute_bytes",
    "statute_ids",
    "version_on",
    "versions",
]
