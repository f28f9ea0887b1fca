"""Small records that many tests start from: a petition decided and a vote counted."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, settings

from referendum.flows.audit import (
    AuditChoice,
    draw_audit,
    plan_audit,
    pull_list,
    receive_cards,
    receive_findings,
    receive_full_count,
    state_risk,
)
from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.flows.derivations import DERIVATIONS
from referendum.flows.matching.match import match
from referendum.flows.petition.gates import pass_gates
from referendum.flows.petition.issue import Issue, issue_petition
from referendum.flows.petition.receiving import receive_petition
from referendum.flows.roll.seal import seal_roll
from referendum.flows.sufficiency.sample import decide, draw_sample, receive_checks, worksheet
from referendum.record.log import Signer, new_signer
from referendum.record.opening import Opening, open_record, statute_on
from referendum.record.reading import Record
from referendum.record.replay import replay
from referendum.record.stamps import Stamp
from referendum.record.writing import RecordWriter
from referendum.simulate import (
    PetitionFiles,
    PetitionPlan,
    VotePlan,
    perfect_findings,
    perfect_interpretations,
    simulate_petition,
    simulate_vote,
)
from referendum.verify import verify

TOO_SLOW = [HealthCheck.too_slow]
settings.register_profile(
    "house", deadline=None, suppress_health_check=TOO_SLOW, derandomize=True, database=None
)
settings.register_profile("soak", deadline=None, suppress_health_check=TOO_SLOW)
settings.load_profile("house")

CIA = "ca-ab/citizen-initiative-act"
S128 = "au/constitution-s128"
PLAN = PetitionPlan(
    electors=3_000,
    lines=600,
    seed="tests",
    first_day=date(2026, 1, 3),
    last_day=date(2026, 5, 2),
)

RETURNS = """\
region,district,place,yes,no,informal,total
NSW,North,School,60,40,2,102
NSW,North,Hall,10,20,0,30
NSW,South,School,5,6,1,12
VIC,East,Church,70,30,0,100
QLD,West,Hall,1,99,0,100
ACT,Centre,Library,80,20,3,103
ACT,Centre,Hall,80,20,3,999
"""
ELECTORS = """\
region,district,electors
NSW,North,200
NSW,South,20
VIC,East,150
QLD,West,140
ACT,Centre,150
"""


@dataclass
class Made:
    """A record on disk with the key that signs it."""

    folder: Path
    signer: Signer

    def hold(self):
        """Hold it for writing."""
        return RecordWriter.hold(self.folder, lambda _: self.signer)

    def copy(self, folder: Path) -> "Made":
        """Copy it, to do something to the copy."""
        shutil.copytree(self.folder, folder)
        return Made(folder, self.signer)


class Shared(Made):
    """A record that many tests read: to be copied by a test that does something to it."""

    def hold(self):
        """Refuse to hold it for writing."""
        raise TypeError("this record is shared by tests: do it to a copy of it")


def comes_out_again(folder: Path, signer: Signer) -> bool:
    """Verify a record and run it again; fail with what does not come out."""
    report = verify(str(folder), key=str(signer.verifier))
    assert report.holds, [str(one) for one in report.failures]
    results = replay(Record.open(folder), DERIVATIONS, lambda _: None)
    assert not [one for one in results if one.differences]
    return True


GO_PATH = Path("/usr/share/gocode")


def build_go(source: Path, folder: Path, lost: str) -> Path:
    """Build a Go program on the package x/mod; skip, saying what is lost, where there is none."""
    if shutil.which("go") is None or not (GO_PATH / "src/golang.org/x/mod/sumdb").exists():
        pytest.skip(f"Go or its package x/mod is not installed: {lost}")
    program = folder / source.stem
    environment = {
        **os.environ,
        "GO111MODULE": "off",
        "GOPATH": str(GO_PATH),
        "GOCACHE": str(folder / "cache"),
    }
    subprocess.run(["go", "build", "-o", program, source], env=environment, check=True)
    return program


LAW = {"petition": (CIA, date(2025, 12, 22)), "vote": (S128, date(2023, 10, 14))}


def opened(folder: Path, subject: str, signer: Signer, law: tuple[str, date] | None = None) -> Made:
    """Open a record, under a usual law of its subject if none is named."""
    statute = law or LAW[subject]
    question = f"What of <b>{subject}</b> & co.?"
    opening = Opening(
        f"A {subject} for tests", question, subject, statute_on(*statute), made_up=True
    )
    open_record(folder, signer, opening, Stamp())
    return Made(folder, signer)


@pytest.fixture(scope="session")
def made_up_files(tmp_path_factory) -> PetitionFiles:
    """A made-up petition."""
    return simulate_petition(PLAN, tmp_path_factory.mktemp("made-up"))


@pytest.fixture(scope="session")
def issued(tmp_path_factory) -> Made:
    """A petition that is issued, and nothing more."""
    folder = tmp_path_factory.mktemp("i") / "petition"
    made = opened(folder, "petition", new_signer("tests.example/petition"))
    with made.hold() as record:
        issue = Issue("constitutional", date(2026, 1, 2), date(2026, 1, 3), base_value=4_000)
        issue_petition(record, issue, Stamp())
    return Shared(made.folder, made.signer)


@pytest.fixture(scope="session")
def petition(issued, made_up_files, tmp_path_factory) -> Made:
    """A petition from issue to decision."""
    made = issued.copy(tmp_path_factory.mktemp("p") / "petition")
    findings = made.folder.parent / "findings.csv"
    with made.hold() as record:
        seal_roll(record, made_up_files.electors, "utf-8", Stamp())
        receive_petition(record, made_up_files.lines, made_up_files.sheets, 600, "utf-8", Stamp())
        pass_gates(record, Stamp())
        match(record, Stamp())
        draw_sample(record, "73501962408817395526", 120, Stamp())
        drawn = worksheet(record).get_column("line_id")
        perfect_findings(made_up_files.truth, drawn).write_csv(findings)
        receive_checks(record, findings, "utf-8", Stamp())
        decide(record, "sample", Stamp())
    return Shared(made.folder, made.signer)


@pytest.fixture(scope="session")
def new_vote(tmp_path_factory):
    """Gives a vote just opened, under a key, with its files of returns and electors beside it."""

    def make(signer: Signer) -> Made:
        folder = tmp_path_factory.mktemp("v")
        (folder / "returns.csv").write_text(RETURNS)
        (folder / "electors.csv").write_text(ELECTORS)
        return opened(folder / "vote", "vote", signer)

    return make


@pytest.fixture(scope="session")
def vote(new_vote) -> Made:
    """A vote from returns to result; one return does not add up."""
    made = new_vote(new_signer("tests.example/vote"))
    folder = made.folder.parent
    files = (folder / "returns.csv", folder / "electors.csv")
    delivery = ReturnsFiles(*files, "referendum", "all", provisional=False, accept=("rows",))
    with made.hold() as record:
        receive_returns(record, delivery, Stamp())
        declare_result(record, Stamp())
    return Shared(made.folder, made.signer)


@pytest.fixture(scope="session")
def counted_vote():
    """Gives a made-up vote on a common ballot, counted under Alberta's rule."""

    def make(folder: Path, returns: Path) -> Made:
        law = (CIA, date(2026, 10, 19))
        made = opened(folder, "vote", new_signer("tests.example/counted"), law)
        delivery = ReturnsFiles(returns, None, "referendum", "all votes", False, common_ballot=True)
        with made.hold() as record:
            receive_returns(record, delivery, Stamp(at="2026-04-20"))
            declare_result(record, Stamp(at="2026-04-20"))
        return made

    return make


@pytest.fixture(scope="session")
def audited(counted_vote, tmp_path_factory) -> Made:
    """A made-up vote on two questions, audited in two rounds, and at last counted by hand."""
    folder = tmp_path_factory.mktemp("audited")
    plan = VotePlan(places=18, ballots=3_000, questions={"A": 0.6, "B": 0.42})
    files = simulate_vote(plan, folder / "files")
    made = counted_vote(folder / "audited", files.returns)
    found = folder / "found.csv"
    with made.hold() as record:
        receive_cards(record, [files.records], "utf-8", Stamp())
        plan_audit(record, AuditChoice("oneaudit", "0.05"), Stamp())
        for seed, size in (("16093877301246558914", 10), ("88240019573316420775", 300)):
            draw_audit(record, seed, {"*": size}, Stamp())
            perfect_interpretations(files.truth, pull_list(record)).write_csv(found)
            receive_findings(record, found, found, "utf-8", Stamp())
            state_risk(record, Stamp())
    return Shared(made.folder, made.signer)


@pytest.fixture(scope="session")
def counted_by_hand(counted_vote, tmp_path_factory) -> Made:
    """A made-up vote whose outcome rests on returns that are wrong, counted by hand."""
    folder = tmp_path_factory.mktemp("by-hand")
    plan = VotePlan(places=6, ballots=300, questions={"A": 0.55}, swapped=6)
    files = simulate_vote(plan, folder / "files")
    made = counted_vote(folder / "counted", files.returns)
    boxes = pl.read_parquet(files.truth).select("question", "region", "district", "place").unique()
    perfect_interpretations(files.truth, boxes).write_csv(folder / "found.csv")
    with made.hold() as record:
        plan_audit(record, AuditChoice("batch_comparison", "0.05"), Stamp())
        found = folder / "found.csv"
        receive_full_count(record, found, found, "utf-8", Stamp())
    return Shared(made.folder, made.signer)
