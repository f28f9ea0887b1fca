"""Findings and records of cards that come in parts; audits of a result that was overtaken."""

from datetime import date

import polars as pl
import pytest
from tests.conftest import comes_out_again

from forger import Forger, csv_of, table
from referendum.core.errors import InputError, OrderError
from referendum.flows.audit import (
    AuditChoice,
    draw_audit,
    plan_audit,
    pull_list,
    receive_cards,
    receive_findings,
    state_risk,
)
from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.publish.pages import page
from referendum.record.log import new_signer
from referendum.record.opening import Opening, open_record, statute_on
from referendum.record.reading import Record
from referendum.record.stamps import Stamp
from referendum.record.writing import RecordWriter
from referendum.verify import verify

SIGNER = new_signer("tests.example/audit-in-parts")
HEAD = "region,district,place,yes,no,informal,total\n"
FIRST = f"{HEAD}A,D,P,60,20,0,80\nA,D,Q,50,12,0,62\n"
LATER = f"{HEAD}A,E,R,7,31,0,38\n"
SEED = "73501962408817395526"


class Audited:
    """A vote whose returns are in, and files beside it."""

    def __init__(self, folder):
        self.folder, self.at = folder, folder / "vote"
        law = statute_on("ch/optional-referendum", date(2020, 1, 2))
        open_record(self.at, SIGNER, Opening("V", "Q?", "vote", law, made_up=True), Stamp())

    def hold(self):
        return RecordWriter.hold(self.at, lambda _: SIGNER)

    def write(self, text):
        path = self.folder / "table.csv"
        path.write_text(text)
        return path

    def receive(self, text):
        delivery = ReturnsFiles(self.write(text), None, "referendum", None, provisional=False)
        with self.hold() as record:
            receive_returns(record, delivery, Stamp())
            return declare_result(record, Stamp())

    def find(self, rows, stamp=None):
        first, second = self.folder / "first.csv", self.folder / "second.csv"
        for path in (first, second):
            rows.write_csv(path)
        with self.hold() as record:
            return receive_findings(record, first, second, "utf-8", stamp or Stamp())

    def records(self, place, marks, imprint="i"):
        rows = [f"A,D,{place},{n},{m},{imprint}{n}" for n, m in enumerate(marks, start=1)]
        path = self.write("\n".join(["region,district,place,card,mark,imprint", *rows, ""]))
        with self.hold() as record:
            return receive_cards(record, [path], "utf-8", Stamp())

    def words(self, forger):
        forger.write(self.folder / "forged", SIGNER)
        return " ".join(str(one) for one in verify(str(self.folder / "forged")).failures)

    def holds(self):
        return comes_out_again(self.at, SIGNER)


@pytest.fixture
def made(tmp_path):
    """A vote with a result."""
    made = Audited(tmp_path)
    made.receive(FIRST)
    return made


def drawn(made, size=12):
    """Plan and draw, and give the list with what was returned as marks."""
    with made.hold() as record:
        plan_audit(record, AuditChoice("ballot_polling", "0.05"), Stamp())
        draw_audit(record, SEED, {"*": size}, Stamp())
        return pull_list(record).with_columns(mark=pl.lit("yes"))


def test_findings_come_in_parts_and_the_risk_waits_for_all(made):
    rows = drawn(made)
    assert made.find(rows[:5]).facts == {"round": 1, "examined": 5}
    with made.hold() as record, pytest.raises(InputError, match=r"7 of the 12 .* have no finding"):
        state_risk(record, Stamp())
    with pytest.raises(InputError, match="2 of 9 were found before, in act 5"):
        made.find(rows[3:])
    made.find(rows[5:])
    with made.hold() as record:
        state_risk(record, Stamp())
    shown = page(Record.open(made.at)).audit["rounds"][0]
    assert (shown["drawn"], shown["examined"]) == (12, 12)
    assert made.holds()


def test_one_part_of_the_findings_is_put_right(made):
    rows = drawn(made)
    made.find(rows[:5])
    made.find(rows[5:])
    with made.hold() as record:
        first = state_risk(record, Stamp()).facts["risk"]
    other = rows[:5].with_columns(mark=pl.lit("no"))
    made.find(other, Stamp(corrects=5, reason="read again"))
    assert Record.open(made.at).fallen_acts() == {5, 7}
    with made.hold() as record:
        assert state_risk(record, Stamp()).facts["risk"] > first
    assert made.holds()


def test_a_further_round_reads_the_findings_of_all(made):
    made.find(drawn(made, 4))
    with made.hold() as record:
        assert state_risk(record, Stamp()).facts["confirmed"] is False
        draw_audit(record, "40613985227190463857", {"*": 20}, Stamp())
        rows = pull_list(record).with_columns(mark=pl.lit("yes"))
    made.find(rows[:9])
    made.find(rows[9:])
    with made.hold() as record:
        state_risk(record, Stamp())
    assert [one["examined"] for one in page(Record.open(made.at)).audit["rounds"]] == [4, 20]
    assert made.holds()


def test_forged_findings_fail(made):
    rows = drawn(made)
    made.find(rows[:5])
    made.find(rows[5:])
    with made.hold() as record:
        state_risk(record, Stamp())
    forger = Forger(made.at)
    one, two = (
        act["writes"][0]["digest"] for act in forger.acts if act["kind"] == "audit.findings"
    )
    first, second = (table(forger.bundles[digest][1]["findings.csv"]) for digest in (one, two))
    for name, changed, words in (
        ("twice", sorted([*second[1:], first[1]], key=lambda row: (row[3], int(row[4]))), "too"),
        ("lacking", second[2:], "have no finding"),
    ):
        other = forger.copy()
        other.bundles[two][1]["findings.csv"] = csv_of([second[0], *changed])
        other.act("audit.findings", 1)["facts"]["examined"] = len(changed)
        assert words in made.words(other), name


def test_records_of_cards_come_box_by_box(made):
    marks = {"P": ["yes"] * 60 + ["no"] * 20, "Q": ["yes"] * 50 + ["no"] * 12}
    made.records("P", marks["P"])
    with pytest.raises(InputError, match="1 of 1 were recorded before, in act 3"):
        made.records("P", marks["P"])
    with pytest.raises(InputError, match="the imprint 'i1' stands on 2 cards"):
        made.records("Q", marks["Q"])
    made.records("Q", marks["Q"], imprint="j")
    with made.hold() as record:
        plan_audit(record, AuditChoice("card_comparison", "0.05"), Stamp())
    assert made.holds()
    forger = Forger(made.at)
    one, two = (act["writes"][0]["digest"] for act in forger.acts if act["kind"] == "audit.cards")
    files = forger.bundles[two][1]
    prints = forger.copy()
    prints.bundles[two] = (
        forger.bundles[two][0],
        {"cards.csv": files["cards.csv"].replace(b",j", b",i")},
    )
    assert "the imprint i1 stands in act 3 too" in made.words(prints)
    forger.bundles[two] = (forger.bundles[two][0], dict(forger.bundles[one][1]))
    forger.act("audit.cards", 1)["facts"] = dict(forger.act("audit.cards")["facts"])
    assert "P has records in act 3 too" in made.words(forger)


def test_an_audit_of_an_earlier_result_says_nothing_of_the_later_one(made):
    rows = drawn(made, 100)
    made.find(rows)
    with made.hold() as record:
        assert state_risk(record, Stamp()).facts["confirmed"]
    assert "confirmed by an audit" in page(Record.open(made.at)).answer.detail
    made.receive(LATER)
    shown = page(Record.open(made.at))
    assert shown.audit["state"] == "earlier"
    assert "the audit is of an earlier result, and says nothing of this one" in shown.answer.detail
    assert "confirmed" not in shown.answer.detail
    report = verify(str(made.at), key=str(SIGNER.verifier))
    assert (
        "planned in act 3 is of an earlier result, and says nothing of this one"
        in (report.outcome[0])
    )
    with made.hold() as record:
        plan_audit(
            record,
            AuditChoice("ballot_polling", "0.05"),
            Stamp(corrects=3, reason="returns came in"),
        )
    assert page(Record.open(made.at)).audit["state"] == "planned"
    assert made.holds()


def test_nothing_is_drawn_for_a_plan_of_earlier_returns(made):
    with made.hold() as record:
        plan_audit(record, AuditChoice("ballot_polling", "0.05"), Stamp())
    made.receive(LATER)
    with (
        made.hold() as record,
        pytest.raises(OrderError, match="does not know all the returns that stand now"),
    ):
        draw_audit(record, SEED, {"*": 20}, Stamp())
