"""The law as data: statutes in dated, cited versions, and the calculators that read them.

Calculators are pure and exact, and give each step with its provision. Those that most rooms need
are named here; `calendar`, `cases` and `eligibility` are modules of their own.
"""

from referendum.law.calculation import CalculationStep
from referendum.law.decision import ANSWERS, FINAL_ANSWERS, SHAPES, Determination, decide
from referendum.law.distribution import DistributionRequirement, check_distribution
from referendum.law.exclusion import Exclusion, exclusions_from_opening, parse_exclusions
from referendum.law.library import read_statute, statute_bytes, statute_ids, version_on, versions
from referendum.law.model import CERTAINTIES, Statute, Value, VoteRule, require_known
from referendum.law.outlook import Outlook, OutstandingVote, condition_outlooks, majority_outlook
from referendum.law.projection import CheckedSample
from referendum.law.sampling import sample_sizes, samples_by_district
from referendum.law.threshold import Requirement, requirement
from referendum.law.vote import (
    CONDITIONS,
    Condition,
    Tally,
    conditions,
    has_majority,
    needs_electors,
    region_weights,
)

__all__ = [
    "ANSWERS",
    "CERTAINTIES",
    "CONDITIONS",
    "FINAL_ANSWERS",
    "SHAPES",
    "CalculationStep",
    "CheckedSample",
    "Condition",
    "Determination",
    "DistributionRequirement",
    "Exclusion",
    "Outlook",
    "OutstandingVote",
    "Requirement",
    "Statute",
    "Tally",
    "Value",
    "VoteRule",
    "check_distribution",
    "condition_outlooks",
    "conditions",
    "decide",
    "exclusions_from_opening",
    "has_majority",
    "majority_outlook",
    "needs_electors",
    "parse_exclusions",
    "read_statute",
    "region_weights",
    "require_known",
    "requirement",
    "sample_sizes",
    "samples_by_district",
    "statute_bytes",
    "statute_ids",
    "version_on",
    "versions",
]
