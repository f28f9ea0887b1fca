"""Sufficiency: is the petition supported by as many electors as the statute requires?

Counts in, a decision with its arithmetic out; the statute's own rule decides, in exact numbers.
Beside it `measure_risk` gives the risk that either decision is wrong, check by check. What needs a
compiler (`simulation`, `planning`) is imported by its own name.
"""

from referendum.sufficiency.checkers import TestLines, needs_second_checker
from referendum.sufficiency.decision import (
    Decision,
    Findings,
    GateTotals,
    decide_by_preliminary_count,
    decide_by_sample,
    is_copy,
)
from referendum.sufficiency.design import (
    CheckerErrors,
    Design,
    LineClass,
    classes_by_outcome,
    classes_by_report,
    polling_class,
    sampling_weight,
)
from referendum.sufficiency.findings import COPIES, REASONS
from referendum.sufficiency.risk import Check, Risk, measure_risk

__all__ = [
    "COPIES",
    "REASONS",
    "Check",
    "CheckerErrors",
    "Decision",
    "Design",
    "Findings",
    "GateTotals",
    "LineClass",
    "Risk",
    "TestLines",
    "classes_by_outcome",
    "classes_by_report",
    "decide_by_preliminary_count",
    "decide_by_sample",
    "is_copy",
    "measure_risk",
    "needs_second_checker",
    "polling_class",
    "sampling_weight",
]
