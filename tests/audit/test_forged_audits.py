"""Audits that an insider forges: what the writer refuses, a checker refuses too."""

from datetime import date

import polars as pl
import pytest
from tests.conftest import opened

from forger import Forger
from referendum.flows.audit import (
    AuditChoice,
    draw_audit,
    plan_audit,
    pull_list,
    receive_findings,
    state_risk,
)
from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.record.log import new_signer
from referendum.record.reading import Inputs
from referendum.record.stamps import Stamp
from referendum.verify import verify

STAMP = Stamp(at="2026-11-01")
ALBERTA = ("ca-ab/citizen-initiative-act", date(2026, 10, 19))


def returned(folder, rows):
    made = opened(folder / "record", "vote", new_signer("tests.example/forged"), ALBERTA)
    path = folder / "returns.csv"
    path.write_text(rows)
    with made.hold() as record:
        receive_returns(
            record, ReturnsFiles(path, None, "referendum", "all", False, common_ballot=True), STAMP
        )
        declare_result(record, STAMP)
    return made


def audit(made, folder, choice, size, **shown):
    """Plan, draw, look and state the risk in one go."""
    with made.hold() as record:
        plan_audit(record, choice, STAMP)
        draw_audit(record, "70718264930172283649", {"*": size}, STAMP)
        path = folder / "found.csv"
        pull_list(record).with_columns(**{k: pl.lit(v) for k, v in shown.items()}).write_csv(path)
        receive_findings(record, path, path, "utf-8", STAMP)
        return state_risk(record, STAMP)


def failures(folder):
    return [str(one) for one in verify(str(folder)).failures]


def test_a_question_that_needs_a_full_count_is_never_confirmed_by_a_sample(tmp_path, monkeypatch):
    head = "question,region,district,place,yes,no,informal,total\n"
    rows = (f"A,R,D,P{n},80,20,0,100\nB,R,D,P{n},50,50,0,100\n" for n in range(6))
    made = returned(tmp_path, head + "".join(rows))
    real = Inputs.document

    def without(self, kind):
        found = real(self, kind)
        return {**found, "full_count": []} if kind == "audit_plan" else found

    with monkeypatch.context() as forged:
        forged.setattr(Inputs, "document", without)
        with made.hold() as record:
            plan_audit(record, AuditChoice("ballot_polling", "0.05"), STAMP)
            draw_audit(record, "70718264930172283649", {"*": 60}, STAMP)
            path = tmp_path / "found.csv"
            pull_list(record).with_columns(mark=pl.lit("yes")).write_csv(path)
            receive_findings(record, path, path, "utf-8", STAMP)
            assert state_risk(record, STAMP).facts["confirmed"] is True
    told = failures(made.folder)
    assert any("only a full count can show B" in one for one in told), told


@pytest.mark.parametrize("number", ["+60", "6_0", " 60", "060", "٦٠", "-60", "60.0", ""])
def test_what_was_counted_is_a_plain_number(tmp_path, number):
    head = "region,district,place,yes,no,informal,total\n"
    made = returned(tmp_path, head + "".join(f"R,D,P{n},60,40,0,100\n" for n in range(20)))
    audit(made, tmp_path, AuditChoice("batch_comparison", "0.05"), 20, yes=60, no=40, informal=0)
    forger = Forger(made.folder)
    files = forger.files("audit_findings")
    files["findings.csv"] = files["findings.csv"].replace(b",60,", f",{number},".encode(), 1)
    forger.write(tmp_path / "forged", made.signer)
    assert failures(tmp_path / "forged")


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: [rows[0], rows[2], rows[1], *rows[3:]],
        lambda rows: [*rows, rows[-1]],
        lambda rows: [*rows[:-1], rows[-1].replace(b",yes", b",Yes")],
        lambda rows: [*rows, b"1,R,D,P9,102,extra"],
        lambda rows: [*rows, b"1,R,D,P9,101,yes"],
    ],
)
def test_findings_on_cards_stand_once_in_order_and_are_of_what_was_drawn(tmp_path, change):
    head = "region,district,place,yes,no,informal,total\n"
    made = returned(tmp_path, head + "".join(f"R,D,P{n},60,40,0,100\n" for n in range(10)))
    audit(made, tmp_path, AuditChoice("ballot_polling", "0.05"), 200, mark="yes")
    forger = Forger(made.folder)
    files = forger.files("audit_findings")
    rows = files["findings.csv"].splitlines()
    files["findings.csv"] = b"\n".join(change(rows)) + b"\n"
    forger.write(tmp_path / "forged", made.signer)
    assert failures(tmp_path / "forged")
