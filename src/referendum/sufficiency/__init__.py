"""Sufficiency: is the petition supported by as many electors as the statute requires?

Counts in, a decision with its arithmetic out; exact numbers throughout.
"""

from referendum.sufficiency.bounds import lower_bound
from referendum.sufficiency.decision import (
    Decision,
    Gated,
    Rule,
    Sample,
    decide_by_preliminary_count,
    decide_by_sample,
)

__all__ = [
    "Decision",
    "Gated",
    "Rule",
    "Sample",
    "decide_by_preliminary_count",
    "decide_by_sample",
    "lower_bound",
]
