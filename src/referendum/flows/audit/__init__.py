"""The audit: planned from the returns, drawn, examined, and its risk stated, round by round.

What it would cost is in `referendum.flows.audit.cost`, which compiles when it is first used.
"""

from referendum.flows.audit.differences import counted_differences, differences, mark_shares
from referendum.flows.audit.draw import (
    AUDIT_DRAWING,
    draw_audit,
    is_exhausted,
    pull_form,
    pull_list,
)
from referendum.flows.audit.findings import BOX_FINDINGS, CARD_FINDINGS, receive_findings
from referendum.flows.audit.full_count import receive_full_count
from referendum.flows.audit.plan import METHODS, PLANNING, AuditChoice, plan_audit, standing_plan
from referendum.flows.audit.records import CARD_RECORDS, CardOptions, receive_cards
from referendum.flows.audit.risk import RISK, state_risk
from referendum.flows.audit.sizes import suggested_sizes

__all__ = [
    "AUDIT_DRAWING",
    "BOX_FINDINGS",
    "CARD_FINDINGS",
    "CARD_RECORDS",
    "METHODS",
    "PLANNING",
    "RISK",
    "AuditChoice",
    "CardOptions",
    "counted_differences",
    "differences",
    "draw_audit",
    "is_exhausted",
    "mark_shares",
    "plan_audit",
    "pull_form",
    "pull_list",
    "receive_cards",
    "receive_findings",
    "receive_full_count",
    "standing_plan",
    "state_risk",
    "suggested_sizes",
]
