"""Records on which a seed is made: a vote whose audit is planned, a petition that is matched."""

import pytest
from ceremonies import make_seed

from referendum.flows.audit import AuditChoice, draw_audit, plan_audit
from referendum.flows.matching.match import match
from referendum.flows.petition.gates import pass_gates
from referendum.flows.petition.receiving import receive_petition
from referendum.flows.roll.seal import seal_roll
from referendum.record.stamps import Stamp
from referendum.simulate import VotePlan, simulate_vote


@pytest.fixture(scope="session")
def planned(counted_vote, tmp_path_factory):
    """A vote whose audit is planned, before any draw."""
    folder = tmp_path_factory.mktemp("planned")
    files = simulate_vote(VotePlan(places=6, ballots=300, questions={"A": 0.6}), folder / "files")
    made = counted_vote(folder / "vote", files.returns)
    with made.hold() as record:
        plan_audit(record, AuditChoice("ballot_polling", "0.05"), Stamp())
    return made


@pytest.fixture(scope="session")
def sown(planned, tmp_path_factory):
    """A vote of which the first round of the audit is drawn by a seed that was called for."""
    made = planned.copy(tmp_path_factory.mktemp("sown") / "vote")
    with made.hold() as record:
        make_seed(record, "audit.draw")
        draw_audit(record, None, {"*": 5}, Stamp())
    return made


@pytest.fixture(scope="session")
def matched(issued, made_up_files, tmp_path_factory):
    """A petition whose lines are matched, before any draw."""
    made = issued.copy(tmp_path_factory.mktemp("matched") / "petition")
    with made.hold() as record:
        seal_roll(record, made_up_files.electors, "utf-8", Stamp())
        receive_petition(record, made_up_files.lines, made_up_files.sheets, 600, "utf-8", Stamp())
        pass_gates(record, Stamp())
        match(record, Stamp())
    return made
