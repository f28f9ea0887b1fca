"""Matching: lines to electors, and lines to each other."""

from referendum.matching.match import match_lines

__all__ = ["match_lines"]
