"""Paper that nobody counted could turn what was found: no audit confirms before it is counted."""

import json
import shutil
from datetime import date

import polars as pl
import pytest
from click.testing import CliRunner
from tests.conftest import opened

from forger import Forger
from referendum.cli.audit_text import cost_lines
from referendum.cli.main import cli
from referendum.flows.audit import (
    AuditChoice,
    draw_audit,
    is_exhausted,
    mark_shares,
    plan_audit,
    pull_list,
    receive_findings,
    receive_full_count,
    standing_plan,
    state_risk,
)
from referendum.flows.audit.cost import cost_audits
from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.publish import publish
from referendum.record.log import new_signer, write_new_key
from referendum.record.reading import Record
from referendum.record.stamps import Stamp
from referendum.verify import verify

STAMP = Stamp(at="2026-11-01")
ALBERTA = ("ca-ab/citizen-initiative-act", date(2026, 10, 19))
HEAD = "region,district,place,yes,no,informal,total\n"
TEN = "".join(f"AB,D,P{n},60,40,0,100\n" for n in range(10))
ASIDE = "AB,D,PX,0,100,0,110\n"
SEED = "70718264930172283649"


def returned(folder, rows, electors=None, *, provisional=False, signer=None):
    """A vote of ten boxes, counted, with a result."""
    made = opened(
        folder / "record", "vote", signer or new_signer("tests.example/uncounted"), ALBERTA
    )
    path = folder / "returns.csv"
    path.write_text(HEAD + rows)
    listed = None
    if electors:
        listed = folder / "electors.csv"
        listed.write_text(f"region,district,electors\nAB,D,{electors}\n")
    delivery = ReturnsFiles(path, listed, "referendum", "all", provisional, accept=("rows",))
    with made.hold() as record:
        receive_returns(record, delivery, STAMP)
        declare_result(record, STAMP)
    return made


def found(record, path, **shown):
    """Write what was found of all that was drawn."""
    rows = pull_list(record).with_columns(**{name: pl.lit(value) for name, value in shown.items()})
    rows.write_csv(path)
    return receive_findings(record, path, path, "utf-8", STAMP)


BOXES = {"yes": 54, "no": 46, "informal": 0}


@pytest.mark.parametrize(
    ("rows", "electors", "provisional", "method", "size", "shown", "lack"),
    [
        (TEN + ASIDE, None, False, "batch_comparison", 60, BOXES, "110 ballots"),
        (TEN + ASIDE, None, False, "ballot_polling", 1000, {"mark": "yes"}, "110 ballots"),
        (TEN, 1050, True, "ballot_polling", 1000, {"mark": "yes"}, "50 ballots"),
        (TEN, 1000, True, "batch_comparison", 60, BOXES, "still to come"),
    ],
)
def test_nothing_is_confirmed_while_ballots_are_not_counted(
    tmp_path, rows, electors, provisional, method, size, shown, lack
):
    made = returned(tmp_path, rows, electors, provisional=provisional)
    with made.hold() as record:
        plan_audit(record, AuditChoice(method, "0.05", provisional=provisional), STAMP)
        draw_audit(record, SEED, {"*": size}, STAMP)
        found(record, tmp_path / "found.csv", **shown)
        risk = state_risk(record, STAMP)
        assert lack in standing_plan(record).uncounted_text
        assert is_exhausted(record)
    assert risk.facts["risk"] == "0.000000000"
    assert risk.facts["confirmed"] is False
    report = verify(str(made.folder))
    assert report.holds, report.failures
    publish([made.folder], tmp_path / "site")
    assert lack in (tmp_path / "site/record/index.html").read_text()
    forger = Forger(made.folder)
    forger.act("audit.risk")["facts"]["confirmed"] = True
    files = forger.files("audit_risk")
    files["audit_risk.json"] = files["audit_risk.json"].replace(b"false", b"true")
    forger.write(tmp_path / "forged", made.signer)
    assert not verify(str(tmp_path / "forged")).holds


def by_hand(made, folder, **votes):
    with made.hold() as record:
        plan_audit(record, AuditChoice("batch_comparison", "0.05"), STAMP)
        path = folder / "full.csv"
        path.write_text("region,district,place,yes,no,informal\n" + "".join(
            f"AB,D,P{n},{votes['yes']},{votes['no']},0\n" for n in range(10)
        ))  # fmt: skip
        return receive_full_count(record, path, path, "utf-8", STAMP)


def test_a_full_count_confirms_only_if_everything_was_counted(tmp_path):
    for name, rows, confirmed in (("all", TEN, True), ("aside", TEN + ASIDE, False)):
        folder = tmp_path / name
        folder.mkdir()
        made = returned(folder, rows)
        assert by_hand(made, folder, yes=54, no=46).facts["confirmed"] is confirmed
        report = verify(str(made.folder))
        assert report.holds, report.failures
        told = " ".join(report.outcome)
        assert ("ballots are not counted yet" in told) is not confirmed
        assert "otherwise" not in told
        publish([made.folder], folder / "site")
        page = (folder / "site/record/index.html").read_text()
        assert ("A full count by hand confirms" in page) is confirmed
        assert ("Not confirmed: up to 110 ballots" in page) is not confirmed
        assert ("Not settled: ballots are not counted yet" in page) is not confirmed
    shutil.rmtree(tmp_path / "aside")
    (tmp_path / "aside").mkdir()
    turned = returned(tmp_path / "aside", TEN + ASIDE)
    by_hand(turned, tmp_path / "aside", yes=46, no=54)
    assert "otherwise" in " ".join(verify(str(turned.folder)).outcome)


def test_a_plan_that_hides_what_is_not_counted_fails(tmp_path):
    made = returned(tmp_path, TEN + ASIDE)
    with made.hold() as record:
        plan_audit(record, AuditChoice("batch_comparison", "0.05"), STAMP)
    forger = Forger(made.folder)
    files = forger.files("audit_plan")
    document = json.loads(files["audit_plan.json"])
    assert document["uncounted"] == {"1": 110}
    files["audit_plan.json"] = files["audit_plan.json"].replace(b"110", b"0")
    forger.write(tmp_path / "forged", made.signer)
    assert not verify(str(tmp_path / "forged")).holds


def test_the_commands_say_what_is_not_counted_and_what_is_left_to_do(tmp_path):
    key = tmp_path / "key.pem"
    signer = write_new_key(key, "tests.example/uncounted")
    made = returned(tmp_path, TEN + ASIDE, signer=signer)
    record, path = str(made.folder), str(tmp_path / "one.csv")

    def run(*words):
        done = CliRunner().invoke(cli, ["audit", *words, "--key", str(key)])
        assert done.exit_code == 0, done.output
        return " ".join(done.output.split())

    lacking = "up to 110 ballots are not counted yet: nothing is confirmed before they are"
    assert lacking in run("plan", record, "--method", "ballot_polling")
    run("draw", record, "--seed", SEED, "--size", "20", "--pull-list", path)
    pl.read_csv(path).with_columns(mark=pl.lit("no")).write_csv(path)
    shutil.copy(path, tmp_path / "two.csv")
    people = ("--person", "Ann", "--person", "Bob")
    said = run("findings", record, path, str(tmp_path / "two.csv"), *people)
    assert "yes 0.0% (reported 60.0%), no 100.0% (reported 40.0%)" in said
    assert "something else" not in said
    said = run("risk", record)
    assert "least so far" in said
    assert "next: referendum audit draw" in said
    run("draw", record, "--seed", "16093877301246558914", "--size", "980", "--pull-list", path)
    pl.read_csv(path).with_columns(mark=pl.lit("no")).write_csv(path)
    shutil.copy(path, tmp_path / "two.csv")
    run("findings", record, path, str(tmp_path / "two.csv"))
    said = run("risk", record)
    assert "next: nothing is left to draw; referendum audit full-count" in said
    (tmp_path / "full.csv").write_text("region,district,place,yes,no,informal\n" + "".join(
        f"AB,D,P{n},60,40,0\n" for n in range(10)
    ))  # fmt: skip
    shutil.copy(tmp_path / "full.csv", tmp_path / "copy.csv")
    said = run(
        "full-count", record, str(tmp_path / "full.csv"), str(tmp_path / "copy.csv"), *people
    )
    assert lacking in said
    assert "outcome confirmed: no" in said
    acts = {act.kind: act.parameters for act in Record.open(made.folder).acts}
    assert acts["audit.full_count"]["people"] == ["Ann", "Bob"]
    assert verify(record).holds


def test_shares_are_told_where_cards_have_no_records(tmp_path):
    made = returned(tmp_path, TEN)
    with made.hold() as record:
        plan_audit(record, AuditChoice("batch_comparison", "0.05"), STAMP)
        assert mark_shares(record) == []


def test_what_an_audit_costs_is_said_with_what_is_not_counted(tmp_path):
    made = returned(tmp_path, TEN + ASIDE)
    lines = " ".join(cost_lines(cost_audits(made.folder, "0.05", runs=20)))
    assert "Not counted yet: up to 110 ballots are not counted yet, and no audit looks" in lines
    (tmp_path / "more").mkdir()
    made = returned(tmp_path / "more", TEN, provisional=True)
    lines = " ".join(cost_lines(cost_audits(made.folder, "0.05", runs=20)))
    assert "how many ballots are not counted yet is not known; whether it is carried is" in lines
    (tmp_path / "whole").mkdir()
    made = returned(tmp_path / "whole", TEN)
    assert cost_audits(made.folder, "0.05", runs=20).uncounted == ()
