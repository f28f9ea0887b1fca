"""The audit: planned from the returns, drawn, examined, and its risk stated, round by round.

What it would cost is in `referendum.flows.audit.cost`, which compiles when it is first used.
"""

from referendum.flows.audit.differences import counted_differences, differences, shares
from referendum.flows.audit.draw import AUDIT_DRAWING, draw_audit, nothing_left, pull_form, pulls
from referendum.flows.audit.findings import BATCHES, CARDS, receive_findings
from referendum.flows.audit.full_count import receive_full_count
from referendum.flows.audit.plan import METHODS, PLANNING, Choice, plan_audit, standing_plan
from referendum.flows.audit.records import RECORDS, CardOptions, receive_cards
from referendum.flows.audit.risk import RISK, state_risk
from referendum.flows.audit.sizes import suggested_sizes

__all__ = [
    "AUDIT_DRAWING",
    "BATCHES",
    "CARDS",
    "METHODS",
    "PLANNING",
    "RECORDS",
    "RISK",
    "CardOptions",
    "Choice",
    "counted_differences",
    "differences",
    "draw_audit",
    "nothing_left",
    "plan_audit",
    "pull_form",
    "pulls",
    "receive_cards",
    "receive_findings",
    "receive_full_count",
    "shares",
    "standing_plan",
    "state_risk",
    "suggested_sizes",
]
