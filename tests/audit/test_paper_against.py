"""What was found on paper is not got rid of by more returns, another plan, or later findings."""

from datetime import date

import polars as pl
import pytest
from tests.machine.small_records import Small, without_law_pages

from referendum.core.errors import InputError
from referendum.core.seeds import DiceCall
from referendum.flows.audit import (
    AuditChoice,
    draw_audit,
    plan_audit,
    pull_list,
    receive_findings,
    receive_full_count,
    state_risk,
)
from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.flows.headline import headline
from referendum.flows.seeds import call_seed, close_call, roll_dice
from referendum.flows.status import status_of
from referendum.publish.figures import plain
from referendum.publish.pages import page
from referendum.record.stamps import Stamp
from referendum.verify import verify

HEAD = "question,region,district,place,yes,no,informal,total\n"
OTHERWISE = "Not settled: a count by hand says otherwise"
DICE = DiceCall(by="Notary", rolls=20, sides=10)
CHOICE = AuditChoice("ballot_polling", "0.05")


def receive(made, record, rows, corrects=None):
    made.written += 1
    path = made.tables / f"returns-{made.written}.csv"
    path.write_text(HEAD + rows, encoding="utf-8")
    files = ReturnsFiles(path, None, "referendum", "all", False, common_ballot=False)
    reason = None if corrects is None else "the paper says so"
    return receive_returns(record, files, Stamp(corrects=corrects, reason=reason))


def places(yes, no):
    return "".join(f"A,R,D,P{place},{yes},{no},0,{yes + no}\n" for place in range(3))


@pytest.fixture
def made(tmp_path, monkeypatch):
    without_law_pages(monkeypatch)
    law = ("ca-ab/citizen-initiative-act", date(2026, 10, 19))
    made = Small.opened(tmp_path, "vote", *law, "A?")
    with made.hold() as record:
        receive(made, record, places(60, 40))
        declare_result(record, Stamp())
        plan_audit(record, CHOICE, Stamp())
    return made


def count_by_hand(made, record, yes, no, **stamp):
    path = made.write(pl.read_csv((HEAD + places(yes, no)).encode()).drop("total"))
    return receive_full_count(record, path, path, "utf-8", Stamp(**stamp))


def shown(made):
    """The headline by both programs, and what is said first; the record holds."""
    made.check()
    report = verify(str(made.tables / "site" / "record"))
    return headline(made.open()), " ".join([*report.outcome, *report.outcome_notes])


def test_a_count_by_hand_is_not_hidden_by_more_returns(made):
    with made.hold() as record:
        count_by_hand(made, record, 30, 70)
        with pytest.raises(InputError, match="no form"):
            receive(made, record, "")
        receive(made, record, "A,R,D,P9,1,0,0,1\n")
        declare_result(record, Stamp())
    word, told = shown(made)
    assert word == OTHERWISE
    assert "a count by hand says otherwise" in told
    (task,) = [one for one in status_of(made.open(), "2026-10-20").tasks if one.step.due]
    assert "put the returns right" in task.step.words


def test_a_count_by_hand_is_not_hidden_by_another_plan_or_result(made):
    with made.hold() as record:
        count_by_hand(made, record, 30, 70)
        result = record.standing("result").number
        declare_result(record, Stamp(corrects=result, reason="to be done again"))
        plan_audit(record, CHOICE, Stamp())
        assert headline(record) == OTHERWISE
        count_by_hand(made, record, 60, 40)
        assert headline(record).startswith("Carried")
    _, told = shown(made)
    assert "Withdrawn: a count by hand that did not confirm the result" in told
    assert any("count by hand" in plain(words) for words in page(made.open()).withdrawn)


def test_returns_that_are_put_right_answer_a_count(made):
    with made.hold() as record:
        count_by_hand(made, record, 30, 70)
        receive(made, record, places(30, 70), corrects=1)
        declare_result(record, Stamp())
    assert shown(made)[0].startswith("Not carried")


def test_findings_that_come_later_take_the_confirmation_back(made):
    with made.hold() as record:
        draw_audit(record, "70718264930172283649", {"*": 200}, Stamp())
        listed = pull_list(record)
        voted_yes = pl.col("card").cast(pl.Int64) <= 60
        mark = pl.when(voted_yes).then(pl.lit("yes")).otherwise(pl.lit("no"))
        found = made.write(listed.with_columns(mark=mark))
        receive_findings(record, found, found, "utf-8", Stamp())
        assert state_risk(record, Stamp()).facts["confirmed"]
        assert headline(record).startswith("Carried")
        rows = [
            {**listed.row(0, named=True), "place": "P0", "card": str(100 + one), "mark": "extra"}
            for one in range(1, 61)
        ]
        late = made.write(rows)
        receive_findings(record, late, late, "utf-8", Stamp())
    word, told = shown(made)
    assert word == "Not settled: findings came in since the audit confirmed the result"
    assert "findings came in" in told
    assert page(made.open()).audit["state"] == "findings_since"
    assert any(
        one.step.kinds == ("audit.risk",) and one.step.due
        for one in status_of(made.open(), "2026-10-20").tasks
    )
    with made.hold() as record:
        state_risk(record, Stamp())
    assert not shown(made)[0].startswith("Not settled: findings")


def call_and_draw(record, size, digits, **stamp):
    """Draw by a seed of called dice, find half of the cards to be yes, and state the risk."""
    call_seed(record, "audit.draw", [], "2099-01-01T00:00:00+00:00", DICE, Stamp())
    roll_dice(record, None, digits, Stamp())
    close_call(record, None, Stamp())
    return draw_audit(record, None, {"*": size}, Stamp(**stamp)).number


def test_each_round_that_was_drawn_again_is_told_first(made):
    with made.hold() as record:
        first = call_and_draw(record, 3, "70718264930172283649")
        listed = pull_list(record).with_columns(mark=pl.lit("blank"))
        found = made.write(listed)
        receive_findings(record, found, found, "utf-8", Stamp())
        assert not state_risk(record, Stamp()).facts["confirmed"]
        second = call_and_draw(record, 4, "41662533516264134452")
        slip = {"corrects": second, "reason": "a slip"}
        third = call_and_draw(record, 4, "99887766554433221100", **slip)
    _, told = shown(made)
    again = f"Round 2 of the audit was drawn 2 times (acts {second}, {third}), because: a slip"
    let_go = f"gave the seed of act {second}, which was put right"
    assert again in told
    assert let_go in told
    assert f"seed of act {first}" not in told
    words = " ".join(plain(one) for one in page(made.open()).again)
    assert again in words
    assert let_go in words
