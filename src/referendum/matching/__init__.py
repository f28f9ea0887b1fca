"""Matching: lines to electors, and lines to each other."""

from referendum.matching.calibrate import calibrated
from referendum.matching.explain import Candidate, Explanation, Weight, explain
from referendum.matching.match import match_lines
from referendum.matching.parts import ROW, match_parts
from referendum.matching.queue import review_queue
from referendum.matching.standing import Rule, with_standing

__all__ = [
    "ROW",
    "Candidate",
    "Explanation",
    "Rule",
    "Weight",
    "calibrated",
    "explain",
    "match_lines",
    "match_parts",
    "review_queue",
    "with_standing",
]
