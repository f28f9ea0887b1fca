"""A claim that is wrong only for what was not returned is confirmed within the risk limit.

Ten thousand runs of each are in `python -m benchmarks audit_faults`.
"""

import numpy as np
import pytest
from benchmarks.audit_faults import ALPHA, CLAIMS, FAULTS, METHODS, cases

RUNS = 250
CASES = {(name, fault): case for name, fault, case in cases()}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_claim_is_confirmed_no_more_often_than_the_risk_limit(fault, method):
    """Three standard errors above the limit, at most, over all kinds of claim together."""
    of = [CASES[name, fault] for name in CLAIMS if (name, fault) in CASES]
    if method == "strata":
        of = of[:2]
    shares = [METHODS[method](case, RUNS, np.random.default_rng(7)) for case in of]
    error = np.sqrt(ALPHA * (1 - ALPHA) / (RUNS * len(shares)))
    assert np.mean(shares) <= ALPHA + 3 * error
    assert max(shares) <= ALPHA + 4.5 * np.sqrt(ALPHA * (1 - ALPHA) / RUNS)


def test_only_a_share_of_the_electors_cannot_be_made_wrong_by_more_ballots():
    without = {name for name in CLAIMS if (name, "ballots beyond the returns") not in CASES}
    assert without == {"share of the electors, reached", "turnout, reached"}
    assert len(CASES) == len(CLAIMS) * len(FAULTS) - 2
