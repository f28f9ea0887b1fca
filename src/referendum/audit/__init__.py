"""The audit: assertions from the vote rule, tests of them, sizes of samples, draws.

Simulated audits are in `referendum.audit.simulation`, which compiles when it is first used.
"""

from referendum.audit.assertions import (
    WHOLE,
    Assertion,
    OutcomeAssertions,
    Votes,
    assertions_of_outcome,
)
from referendum.audit.assorters import MARKS, Assorter, Mark
from referendum.audit.batches import (
    draws_needed,
    error_bound,
    integer_weights,
    macro_risk,
    overstatement,
)

__all__ = [
    "MARKS",
    "WHOLE",
    "Assertion",
    "Assorter",
    "Mark",
    "OutcomeAssertions",
    "Votes",
    "assertions_of_outcome",
    "draws_needed",
    "error_bound",
    "integer_weights",
    "macro_risk",
    "overstatement",
]
