"""Matching: record linkage of lines with electors, and of lines with each other."""

from referendum.matching.explain import Candidate, Explanation, MatchWeight, explain
from referendum.matching.listing import ListingRule, apply_listing_rule
from referendum.matching.match import match_lines
from referendum.matching.parts import ROW, match_parts
from referendum.matching.queue import review_queue
from referendum.matching.recalibration import recalibrate

__all__ = [
    "ROW",
    "Candidate",
    "Explanation",
    "ListingRule",
    "MatchWeight",
    "apply_listing_rule",
    "explain",
    "match_lines",
    "match_parts",
    "recalibrate",
    "review_queue",
]
