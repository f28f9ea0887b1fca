"""Every derived act: the pure function that makes it, by kind."""

from referendum.flows import audit
from referendum.flows.count.result import COUNTING
from referendum.flows.matching.match import MATCHING
from referendum.flows.petition.gates import GATING
from referendum.flows.petition.issue import ISSUING
from referendum.flows.polls import FORECASTING
from referendum.flows.roll.copies import ALARM
from referendum.flows.seeds import MAKE_SEED
from referendum.flows.sufficiency import risk
from referendum.flows.sufficiency.sample import DECIDING, DRAWING
from referendum.record.writing import Derivation

DERIVATIONS: dict[str, Derivation] = {
    derivation.kind: derivation
    for derivation in (
        *(ISSUING, GATING, MATCHING, ALARM, DRAWING, DECIDING, COUNTING, FORECASTING),
        *(risk.PLANNING, risk.DRAWING, risk.DECIDING),
        *(audit.PLANNING, audit.AUDIT_DRAWING, audit.RISK),
        MAKE_SEED,
    )
}
