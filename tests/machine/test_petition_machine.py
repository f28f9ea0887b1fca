"""Petitions in every order of acts: each step is refused in words, or everything holds after it."""

import functools
import shutil
import tempfile
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from seed_rules import CallsForSeeds
from small_records import (
    AGAIN,
    FIRST,
    STATUTES,
    Small,
    electors,
    lines,
    refusal,
    seed,
    sheets,
    stamp,
    without_law_pages,
)

from referendum.cli import forecasting
from referendum.flows.audit import AuditChoice, plan_audit
from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.flows.matching import review as match_review
from referendum.flows.matching.match import match
from referendum.flows.petition.gates import pass_gates
from referendum.flows.petition.issue import Issue, issue_petition
from referendum.flows.petition.receiving import receive_petition
from referendum.flows.roll import copies as roll_copy
from referendum.flows.roll.seal import seal_roll
from referendum.flows.sufficiency import risk, risk_checks
from referendum.flows.sufficiency import sample as sufficiency
from referendum.record.reading import Inputs
from referendum.record.stamps import Stamp

CODES = ["valid", "valid", "valid", "not_listed", "not_resident", "copy_2", "illegible"]
SIZES = st.sampled_from([None, 3, 10, 30, "all"])
SEEDS = st.integers(1, 4)
PARTS = st.sampled_from(["all", "left", "left", "left", "half"])
CHANCE = st.randoms(use_true_random=False)


@functools.cache
def prepared(statute: str, state: str) -> Small:
    """Give a petition under a statute that is opened, issued, received or matched."""
    act, day, proposal, base, last = STATUTES[statute]
    folder = Path(tempfile.mkdtemp(prefix=f"petition-{statute}-{state}-"))
    if state == "opened":
        return Small.opened(folder, "petition", act, day, "Shall it be?")
    earlier = {"issued": "opened", "received": "issued", "matched": "received"}[state]
    made = prepared(statute, earlier).copy(folder)
    with made.hold() as record:
        if state == "issued":
            places = made.write([{"district": f"District {n}", "base": base} for n in range(3)])
            districts = places if statute == "columbia" else None
            in_all = 3 if districts else None
            issue = Issue(proposal, FIRST, FIRST, base, last, districts, districts_in_all=in_all)
            issue_petition(record, issue, Stamp())
        elif state == "received":
            seal_roll(record, made.write(electors()), "utf-8", Stamp())
            tables = made.write(lines()), made.write(sheets())
            receive_petition(record, *tables, 40, "utf-8", Stamp(), number_alone="few")
            pass_gates(record, Stamp())
        else:
            match(record, Stamp())
    made.check()
    return made


class Petitions(CallsForSeeds, RuleBasedStateMachine):
    """Every act of a petition at any time, rightly and wrongly."""

    @initialize(
        statute=st.sampled_from(sorted(STATUTES)),
        state=st.sampled_from(["opened", "issued", "received", "matched", "matched", "matched"]),
    )
    def begin(self, statute, state):
        self.statute = statute
        self.folder = Path(tempfile.mkdtemp(prefix="machine-"))
        self.made = prepared(statute, state).copy(self.folder)

    def teardown(self):
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)

    def do(self, kind, again, step):
        self.made.act(lambda record: step(record, stamp(record, kind, again)))

    @rule(again=AGAIN, base=st.sampled_from([0, 1, 60, 400, 10**9]), districts=st.booleans())
    def issue(self, again, base, districts):
        _, _, proposal, _, last = STATUTES[self.statute]
        rows = [{"district": f"District {n}", "base": base} for n in range(3)]
        file = self.made.write(rows) if districts else None
        issue = Issue(proposal, FIRST, FIRST, base, last, file)
        self.do("petition.issue", again, lambda *args: issue_petition(args[0], issue, args[1]))

    @rule(again=AGAIN, count=st.sampled_from([0, 1, 30, 60]))
    def seal(self, again, count):
        file = self.made.write(electors().head(count))
        self.do("roll.seal", again, lambda *args: seal_roll(args[0], file, "utf-8", args[1]))

    @rule(
        again=AGAIN,
        count=st.sampled_from([0, 1, 12, 40]),
        with_sheets=st.booleans(),
        name=st.sampled_from(["", "b", "c", "d"]),
        alone=st.sampled_from([None, "few", "few"]),
    )
    def receive(self, again, count, with_sheets, name, alone):
        """A delivery of lines and sheets that came before, or of others, or of those that wait."""
        named = [pl.format(name + "{}", "sheet_id").alias("sheet_id")]
        other = pl.format(name + "{}", "line_id").alias("line_id")
        file = self.made.write(lines().head(count).with_columns(other, *named))
        beside = self.made.write(sheets().with_columns(named)) if with_sheets else None

        def step(record, at):
            tables = (file, beside) if count else (None, None)
            receive_petition(record, *tables, count, "utf-8", at, number_alone=alone)

        self.do("petition.receive", again, step)

    @rule(again=AGAIN)
    def gates(self, again):
        self.do("petition.gates", again, pass_gates)

    @rule(again=AGAIN)
    def match_lines(self, again):
        self.do("match", again, match)

    @rule(again=AGAIN, decoys=st.sampled_from([1, 3]))
    def hand_out(self, again, decoys):
        self.made.written += 1
        out = self.folder / f"copy-{self.made.written}.csv"

        def step(record, at):
            roll_copy.hand_out_copy(record, "a party", decoys, out, at, renumber=True)

        self.do("roll.copy", again, step)

    @rule(again=AGAIN)
    def alarm(self, again):
        self.do("roll.alarm", again, roll_copy.raise_alarm)

    @rule(again=AGAIN, number=SEEDS, size=SIZES)
    def draw(self, again, number, size):
        def step(record, at):
            sufficiency.draw_sample(record, self.seed(record, number), size, at)

        self.do("draw", again, step)

    @rule(again=AGAIN, chance=CHANCE, part=PARTS)
    def check_lines(self, again, chance, part):
        def step(record, at):
            drawn = self.some(record, ("draw", "checks"), sufficiency.worksheet(record), part)
            rows = [{"line_id": one, "finding": chance.choice(CODES)} for one in drawn]
            file = self.made.write(rows or {"line_id": [], "finding": []})
            sufficiency.receive_checks(record, file, "utf-8", at)

        self.do("checks.receive", again, step)

    @rule(again=AGAIN, method=st.sampled_from(["sample", "sample", "preliminary_count"]))
    def decide(self, again, method):
        def step(record, at):
            sufficiency.decide(record, method, at)

        self.do("decide", again, step)

    @rule(
        again=AGAIN,
        method=st.sampled_from(["comparison", "polling"]),
        limit=st.sampled_from(["0.05", "1/3"]),
        tests=st.booleans(),
    )
    def plan_risk(self, again, method, limit, tests):
        lines_known = risk.TestLines((30, 0), (30, 1), Fraction(1, 100)) if tests else None
        planned = risk.RiskPlan(limit, limit, method, tests=lines_known)
        self.do("risk.plan", again, lambda *args: risk.plan(args[0], planned, args[1]))

    @rule(again=AGAIN, number=SEEDS, size=st.sampled_from([1, 8, 20, 33, 40]))
    def draw_risk(self, again, number, size):
        def step(record, at):
            risk.draw(record, self.seed(record, number), size, at)

        self.do("risk.draw", again, step)

    @rule(again=AGAIN, chance=CHANCE, part=PARTS)
    def check_risk(self, again, chance, part):
        def step(record, at):
            kinds = "risk_draw", "risk_checks"
            drawn = self.some(record, kinds, risk_checks.worksheet(record), part)
            found = [(one, chance.choice(CODES[:5])) for one in drawn]
            rows = [{"line_id": one, "first": code, "second": code} for one, code in found]
            file = self.made.write(rows or {"line_id": [], "first": [], "second": []})
            risk_checks.receive_checks(record, file, "utf-8", at)

        self.do("risk.checks", again, step)

    @rule(again=AGAIN)
    def decide_risk(self, again):
        self.do("risk.decide", again, risk.decide)

    @rule(step=st.sampled_from([declare_result, pass_gates, match, risk.decide]))
    def act_at_once(self, step):
        self.made.act(lambda record: step(record, Stamp()))

    @rule(which=st.sampled_from(["returns", "audit"]))
    def act_of_a_vote(self, which):
        row = {"region": "A", "district": "B", "place": "C", "yes": 3, "no": 1, "informal": 0}
        file = self.made.write([{**row, "total": 4}])

        def step(record):
            if which == "returns":
                receive_returns(
                    record, ReturnsFiles(file, None, "referendum", "all", False), Stamp()
                )
            else:
                plan_audit(record, AuditChoice("ballot_polling", "0.05"), Stamp())

        assert not self.made.act(step)

    @rule(which=st.sampled_from(["queue", "explain", "worksheet", "line worksheet", "outlook"]))
    def read(self, which):
        """What the office reads of its own record says in words what it lacks."""
        self.made.written += 1
        out = self.folder / f"read-{self.made.written}.csv"
        folder = self.made.folder
        refusal(
            {
                "queue": lambda: match_review.queue_record(folder, out),
                "explain": lambda: match_review.explain_record(folder, ("l1",)),
                "worksheet": lambda: sufficiency.worksheet(self.made.open()),
                "line worksheet": lambda: risk_checks.worksheet(self.made.open()),
                "outlook": lambda: forecasting.outlook(folder, 5),
            }[which]
        )

    def some(self, record, kinds, sheet, part):
        """Give some of the drawn lines: all, those not yet found, or half of these."""
        drawn, found = kinds
        parts = record.standings.bundles(found, record.inputs((drawn,)).bundles)
        tables = Inputs(record.bundles, {found: parts}).tables(found, f"{found}.csv")
        known = {row.split(",")[0] for one in tables for row in one.decode().split()[1:]}
        lines = [(one, str(serial)) for one, serial in sheet.select("line_id", "serial").rows()]
        left = [one for one, serial in lines if part == "all" or serial not in known]
        return left[: len(left) // 2] if part == "half" else left

    def seed(self, record, number):
        """Keep the seed of an open round as often as not, or give none: one was called for."""
        if number == 4:
            return None
        before = [act for act in record.acts if act.kind in {"draw", "risk.draw"}]
        if before and number > 2:
            return str(before[-1].parameters["seed"])
        return seed(100 * len(record.acts) + number)


@pytest.mark.parametrize("steps", [12])
def test_a_petition_bears_every_order_of_acts(steps, monkeypatch):
    without_law_pages(monkeypatch)
    run_state_machine_as_test(
        Petitions,
        settings=settings(max_examples=12, stateful_step_count=steps, phases=[Phase.generate]),
    )


@pytest.mark.soak
def test_many_petitions_bear_every_order_of_acts(monkeypatch):
    without_law_pages(monkeypatch)
    run_state_machine_as_test(
        Petitions, settings=settings(max_examples=2_000, stateful_step_count=30)
    )
