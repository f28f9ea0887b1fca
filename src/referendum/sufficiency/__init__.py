"""Sufficiency: is the petition supported by as many electors as the statute requires?

Counts in, a decision with its arithmetic out; the statute's own rule decides, in exact numbers.
"""

from referendum.sufficiency.decision import (
    Decision,
    Findings,
    Gated,
    decide_by_preliminary_count,
    decide_by_sample,
    is_copy,
)

__all__ = [
    "Decision",
    "Findings",
    "Gated",
    "decide_by_preliminary_count",
    "decide_by_sample",
    "is_copy",
]
