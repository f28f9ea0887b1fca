"""What a record tells of few people: groups that are small, versions that differ by little."""

from referendum.flows.privacy.findings import (
    Finding,
    accept_findings,
    acts_published_in,
    find_disclosures,
    require_nothing_open,
)

__all__ = [
    "Finding",
    "accept_findings",
    "acts_published_in",
    "find_disclosures",
    "require_nothing_open",
]
