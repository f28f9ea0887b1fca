"""Votes, audits and polls in every order of acts: each step is refused in words, or all holds."""

import functools
import shutil
import tempfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from seed_rules import CallsForSeeds
from small_records import AGAIN, VOTES, Small, refusal, seed, stamp, without_law_pages

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
from referendum.flows.audit.boxes import audited_returns
from referendum.flows.audit.cost import cost_audits
from referendum.flows.audit.plan import Plan
from referendum.flows.count.files import export_result
from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.flows.petition.gates import pass_gates
from referendum.flows.petition.issue import Issue, issue_petition
from referendum.flows.polls import PollTable, make_forecast, receive_poll_table
from referendum.flows.sufficiency.sample import decide, draw_sample
from referendum.polls import Assumptions, Campaign
from referendum.record.stamps import Stamp

METHODS = ["ballot_polling", "batch_comparison", "oneaudit", "card_comparison", "stratified"]
SEEDS = st.integers(1, 4)
CHANCE = st.randoms(use_true_random=False)
LONG = "N" * 500

# Per box: yes, no, informal. A clear vote, a close one, a tie, none valid, nothing at all.
BALLOTS = {
    "clear": (30, 9, 1),
    "lost": (5, 33, 2),
    "close": (20, 19, 1),
    "tie": (15, 15, 0),
    "informal": (0, 0, 7),
    "nothing": (0, 0, 0),
    "single": (1, 0, 0),
}


@functools.cache
def opened(law: str) -> Small:
    """Give a vote that is opened under a law, and nothing more."""
    statute, day, _ = VOTES[law]
    folder = Path(tempfile.mkdtemp(prefix=f"vote-{law}-"))
    made = Small.opened(folder, "vote", statute, day, "A? <i>B</i>?")
    made.check()
    return made


def forms(law: str, shapes: list[str], questions: int, kinds: int, odd: str) -> list[dict]:
    """Make up returns: a box for each region and kind, its ballots by the shapes in turn."""
    rows = []
    for question in range(1, questions + 1):
        for number, region in enumerate(VOTES[law][2]):
            for kind in range(kinds):
                yes, no, informal = BALLOTS[shapes[(number + kind + question) % len(shapes)]]
                rows.append(
                    {
                        "question": f"Q{question}",
                        "kind": ["ordinary", "postal"][kind],
                        "region": region,
                        "district": f"D{number}",
                        "place": LONG if odd == "long" else f"Hall & {number} <",
                        "yes": yes,
                        "no": no,
                        "informal": informal,
                        "total": yes + no + informal,
                    }
                )
    if odd == "sum":
        rows[0]["total"] += 1
    return rows


class Votes(CallsForSeeds, RuleBasedStateMachine):
    """Every act of a vote at any time, rightly and wrongly."""

    @initialize(
        law=st.sampled_from(sorted(VOTES)),
        shapes=st.lists(st.sampled_from(sorted(BALLOTS)), min_size=1, max_size=3),
        questions=st.sampled_from([1, 1, 2]),
        kinds=st.sampled_from([1, 2]),
        common=st.booleans(),
        state=st.sampled_from(["opened", "counted", "counted", "counted"]),
    )
    def begin(self, law, shapes, questions, kinds, common, state):
        self.law, self.common = law, common
        self.shape = (shapes, questions, kinds)
        self.folder = Path(tempfile.mkdtemp(prefix="machine-"))
        self.made = opened(law).copy(self.folder)
        if state == "counted":
            self.receive("no", "", False, True, False, False)
            self.declare("no")

    def teardown(self):
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)

    def do(self, kind, again, step):
        self.made.act(lambda record: step(record, stamp(record, kind, again)))

    @rule(
        again=AGAIN,
        odd=st.sampled_from(["", "", "sum", "long"]),
        update=st.booleans(),
        electors=st.booleans(),
        expected=st.booleans(),
        beside=st.booleans(),
    )
    def receive(self, again, odd, update, electors, expected, beside):
        rows = forms(self.law, *self.shape, odd)
        places = pl.DataFrame(rows)
        listed = places.group_by("region", "district").agg(
            electors=(pl.col("total").max() * 3).cast(pl.Int64)
        )
        named = places.select("region", "district", "place").unique()
        delivery = ReturnsFiles(
            self.made.write(rows),
            self.made.write(listed) if electors else None,
            "referendum",
            "all votes",
            provisional=update,
            second=self.made.write(rows) if beside else None,
            places=self.made.write(named.with_columns(due=pl.lit("2026-10-20T00:00:00Z")))
            if expected
            else None,
            previous=self.made.write(named.with_columns(yes=pl.lit(5), no=pl.lit(9)))
            if beside
            else None,
            common_ballot=self.common,
            update=update,
        )
        self.do("returns.receive", again, lambda *args: receive_returns(args[0], delivery, args[1]))

    @rule(again=AGAIN, shape=st.sampled_from(sorted(BALLOTS)))
    def receive_one_more(self, again, shape):
        """A form that comes later, or once more with other numbers."""
        row = forms(self.law, [shape], 1, 1, "")[:1]
        delivery = ReturnsFiles(
            self.made.write(row), None, "referendum", None, provisional=True, update=True
        )
        self.do("returns.receive", again, lambda *args: receive_returns(args[0], delivery, args[1]))

    @rule(again=AGAIN, shape=st.sampled_from(sorted(BALLOTS)), number=st.integers(1, 3))
    def receive_part(self, again, shape, number):
        """Forms of other places, beside those that stand; or of the same once more."""
        rows = [
            {**row, "place": f"Part {number}"}
            for row in forms(self.law, [shape], self.shape[1], 1, "")[:3]
        ]
        delivery = ReturnsFiles(
            self.made.write(rows), None, "referendum", None, provisional=False, accept=["rows"]
        )
        self.do("returns.receive", again, lambda *args: receive_returns(args[0], delivery, args[1]))

    @rule(again=AGAIN)
    def declare(self, again):
        self.do("result", again, declare_result)

    @rule(again=AGAIN, part=st.sampled_from(["all", "all", "first", "wrong"]))
    def receive_cards(self, again, part):
        def step(record, at):
            returns = audited_returns(record.inputs(("returns",)))
            rows = [
                {**place, "card": number, "mark": mark, "imprint": f"i{number}"}
                for *_, place, ballots in _boxes(returns)
                for number, mark in enumerate(ballots, start=1)
            ]
            if part == "first":
                rows = [row for row in rows if row["place"] == rows[0]["place"]]
            if part == "wrong" and rows:
                rows[0]["mark"] = "no" if rows[0]["mark"] == "yes" else "yes"
            file = self.made.write(rows or {name: [] for name in ("place", "card", "mark")})
            receive_cards(record, [file], "utf-8", at)

        self.do("audit.cards", again, step)

    @rule(
        again=AGAIN,
        method=st.sampled_from(METHODS),
        limit=st.sampled_from(["0.05", "1/2", "1"]),
        one=st.booleans(),
        prove=st.sampled_from([(), ("majority",), ("turnout",), ("approval",), ("regions",)]),
    )
    def plan(self, again, method, limit, one, prove):
        stratum = ("postal",) if method == "stratified" else ()
        choice = AuditChoice(method, limit, ("Q1",) if one else (), prove, stratum)
        self.do("audit.plan", again, lambda *args: plan_audit(args[0], choice, args[1]))

    @rule(again=AGAIN, number=SEEDS, size=st.sampled_from([1, 5, 40, 1000]))
    def draw(self, again, number, size):
        def step(record, at):
            drawn = [act for act in record.acts if act.kind == "audit.draw"]
            used = drawn[-1].parameters["seed"] if drawn and number == 1 else None
            fresh = seed(100 * len(record.acts) + number)
            draw_audit(record, None if number > 2 else used or fresh, {"*": size}, at)

        self.do("audit.draw", again, step)

    @rule(
        again=AGAIN,
        chance=CHANCE,
        found=st.sampled_from(["as returned", "as returned", "otherwise", "lacking", "earlier"]),
    )
    def find(self, again, chance, found):
        def step(record, at):
            asked = pull_list(record)
            if found == "lacking":
                asked = asked.head(asked.height - 1)
            file = self.made.write(self.looked_at(record, asked, chance, found))
            receive_findings(record, file, twice(file), "utf-8", at)

        self.do("audit.findings", again, step)

    @rule(again=AGAIN)
    def state(self, again):
        self.do("audit.risk", again, state_risk)

    @rule(
        again=AGAIN, chance=CHANCE, found=st.sampled_from(["as returned", "otherwise", "lacking"])
    )
    def count_by_hand(self, again, chance, found):
        def step(record, at):
            inputs = record.inputs(("returns", "audit_plan"))
            returns = audited_returns(inputs, Plan.read(inputs).questions)
            boxes = returns.filter(pl.col("total") > 0).select(
                "question", "region", "district", "place"
            )
            file = self.made.write(self.looked_at(record, boxes, chance, found))
            receive_full_count(record, file, twice(file), "utf-8", at)

        self.do("audit.full_count", again, step)

    def looked_at(self, record, asked, chance, found):
        """Fill in a form of findings: as returned, or here and there otherwise."""
        ballots = {
            (question, *place): marks
            for question, place, _, marks in _boxes(audited_returns(record.inputs(("returns",))))
        }
        rows = []
        for row in asked.to_dicts():
            marks = ballots[row["question"], row["region"], row["district"], row["place"]]
            other = found == "otherwise" and chance.random() < 0.4
            if row.get("card"):
                odd = chance.choice(["yes", "no", "blank", "missing"])
                row["mark"] = odd if other else marks[row["card"] - 1]
            else:
                names = {"yes": "yes", "no": "no", "informal": "blank"}
                row |= {name: marks.count(mark) for name, mark in names.items()}
                row["no"] += chance.choice([0, 3, 50]) if other else 0
            rows.append(row)
        columns = [*asked.columns, "mark", "yes", "no", "informal"]
        return rows or {name: [] for name in columns}

    @rule(again=AGAIN, rows=st.integers(0, 4))
    def receive_polls(self, again, rows):
        polls = [
            {
                "pollster": f"House {n % 2}",
                "field_end": f"2026-09-{10 + n}",
                "yes": 44 + n,
                "no": 46,
            }
            for n in range(rows)
        ]
        file = self.made.write(polls or {n: [] for n in ("pollster", "field_end", "yes", "no")})
        table = PollTable(file, Campaign("The vote", date(2026, 10, 19), "no", None))
        self.do("polls.receive", again, lambda *args: receive_poll_table(args[0], table, args[1]))

    @rule(again=AGAIN, day=st.sampled_from([date(2026, 9, 12), date(2026, 10, 1)]))
    def forecast(self, again, day):
        self.do(
            "forecast", again, lambda *args: make_forecast(args[0], day, Assumptions(), args[1])
        )

    @rule(which=st.sampled_from(["gates", "issue", "draw", "decide"]))
    def act_of_a_petition(self, which):
        steps = {
            "gates": lambda record: pass_gates(record, Stamp()),
            "issue": lambda record: issue_petition(
                record,
                Issue("constitutional", date(2026, 1, 2), date(2026, 1, 2), 100),
                Stamp(),
            ),
            "draw": lambda record: draw_sample(record, seed(7), 3, Stamp()),
            "decide": lambda record: decide(record, "sample", Stamp()),
        }
        assert not self.made.act(steps[which])

    @rule(which=st.sampled_from(["cost", "export", "pulls"]))
    def read(self, which):
        """What the office reads of its own record says in words what it lacks."""
        self.made.written += 1
        out = self.folder / f"out-{self.made.written}"
        refusal(
            {
                "cost": lambda: cost_audits(self.made.folder, "0.05", runs=3),
                "export": lambda: export_result(self.made.open(), out, None),
                "pulls": lambda: pull_list(self.made.open()),
            }[which]
        )


def twice(file: Path) -> Path:
    """Write what a second person found, who found the same."""
    return shutil.copy(file, file.with_suffix(".second.csv"))


def _boxes(returns: pl.DataFrame):
    """Give question, place, names and marks of every box, card by card."""
    names = ("question", "region", "district", "place")
    for *key, yes, no, informal in returns.select(*names, "yes", "no", "informal").iter_rows():
        marks = ["yes"] * yes + ["no"] * no + ["blank"] * informal
        yield key[0], tuple(key[1:]), dict(zip(names, key, strict=True)), marks


def test_a_vote_bears_every_order_of_acts(monkeypatch):
    without_law_pages(monkeypatch)
    run_state_machine_as_test(
        Votes, settings=settings(max_examples=12, stateful_step_count=14, phases=[Phase.generate])
    )


@pytest.mark.soak
def test_many_votes_bear_every_order_of_acts(monkeypatch):
    without_law_pages(monkeypatch)
    run_state_machine_as_test(Votes, settings=settings(max_examples=2_000, stateful_step_count=30))
