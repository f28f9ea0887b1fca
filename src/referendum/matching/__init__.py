"""Matching: lines to electors, and lines to each other."""

from referendum.matching.calibrate import calibrated
from referendum.matching.explain import Candidate, Explanation, Weight, explain
from referendum.matching.match import match_lines
from referendum.matching.queue import review_queue

__all__ = [
    "Candidate",
    "Explanation",
    "Weight",
    "calibrated",
    "explain",
    "match_lines",
    "review_queue",
]
