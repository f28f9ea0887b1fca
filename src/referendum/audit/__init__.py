"""The audit: claims from the vote rule, tests of them, sizes of samples, draws.

Simulated audits are in `referendum.audit.simulation`, which compiles when it is first used.
"""

from referendum.audit.assertions import WHOLE, Assertion, Claims, Votes, claims
from referendum.audit.assorters import MARKS, Assorter, Mark
from referendum.audit.batches import (
    draws_needed,
    error_bound,
    macro_risk,
    overstatement,
    whole_weights,
)

__all__ = [
    "MARKS",
    "WHOLE",
    "Assertion",
    "Assorter",
    "Claims",
    "Mark",
    "Votes",
    "claims",
    "draws_needed",
    "error_bound",
    "macro_risk",
    "overstatement",
    "whole_weights",
]
