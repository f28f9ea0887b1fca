"""The petition: issued, received, passed through the gates."""

from referendum.flows.petition.gates import GATING, pass_gates
from referendum.flows.petition.issue import (
    ISSUING,
    Issue,
    issue_petition,
    read_district_bases,
    spread_of,
)
from referendum.flows.petition.receiving import receive_petition

__all__ = [
    "GATING",
    "ISSUING",
    "Issue",
    "issue_petition",
    "pass_gates",
    "read_district_bases",
    "receive_petition",
    "spread_of",
]
