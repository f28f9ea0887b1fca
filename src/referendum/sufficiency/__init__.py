"""Sufficiency: is the petition supported by as many electors as the statute requires?

Counts in, a decision with its arithmetic out; the statute's own rule decides, in exact numbers.
Beside it `measure` gives the risk that either decision is wrong, check by check. What needs a
compiler (`engine`, `planning`) is imported by its own name.
"""

from referendum.sufficiency.checkers import TestLines, looked_at_twice
from referendum.sufficiency.decision import (
    Decision,
    Findings,
    Gated,
    decide_by_preliminary_count,
    decide_by_sample,
    is_copy,
)
from referendum.sufficiency.design import (
    Design,
    Errors,
    LineClass,
    classes_by_report,
    classes_of,
    pooled,
    weight_of,
)
from referendum.sufficiency.findings import COPIES, REASONS
from referendum.sufficiency.risk import Check, Risk, measure

__all__ = [
    "COPIES",
    "REASONS",
    "Check",
    "Decision",
    "Design",
    "Errors",
    "Findings",
    "Gated",
    "LineClass",
    "Risk",
    "TestLines",
    "classes_by_report",
    "classes_of",
    "decide_by_preliminary_count",
    "decide_by_sample",
    "is_copy",
    "looked_at_twice",
    "measure",
    "pooled",
    "weight_of",
]
