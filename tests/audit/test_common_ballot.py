"""A box of a common ballot holds as many ballots for each of the questions that are on it."""

import shutil
from datetime import date

import polars as pl
import pytest
from tests.conftest import opened

from forger import Forger
from referendum.core.errors import InputError
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
from referendum.record.log import new_signer
from referendum.record.stamps import Stamp
from referendum.record.writing import RecordWriter
from referendum.verify import verify

STAMP = Stamp(at="2026-11-01")
ALBERTA = ("ca-ab/citizen-initiative-act", date(2026, 10, 19))
PLACES = [f"P{n}" for n in range(10)]
FOR_A = pl.col("question") == "A"


@pytest.fixture
def planned(tmp_path):
    """Give a vote on two questions, counted and with an audit planned by a method."""

    def planned(method, *, common=True):
        signer = new_signer("tests.example/common")
        made = opened(tmp_path / "record", "vote", signer, ALBERTA)
        path = tmp_path / "returns.csv"
        head = "question,region,district,place,yes,no,informal,total\n"
        path.write_text(
            head + "".join(f"{q},AB,D,{place},60,40,0,100\n" for q in "AB" for place in PLACES)
        )
        delivery = ReturnsFiles(path, None, "referendum", "all", False, common_ballot=common)
        with made.hold() as record:
            receive_returns(record, delivery, STAMP)
            declare_result(record, STAMP)
            plan_audit(record, AuditChoice(method, "0.05"), STAMP)
        return made

    return planned


def counted(rows, of_a, of_b):
    """Give rows of boxes what was counted in each: yes, no, informal."""
    return rows.with_columns(
        pl.when(FOR_A).then(a).otherwise(b).alias(name)
        for name, a, b in zip(("yes", "no", "informal"), of_a, of_b, strict=True)
    )


def receive(record, rows, path):
    rows.write_csv(path)
    return receive_findings(record, path, path, "utf-8", STAMP)


def test_boxes_counted_hold_as_many_ballots_for_each_question(planned, tmp_path):
    made, path = planned("batch_comparison"), tmp_path / "found.csv"
    with made.hold() as record:
        draw_audit(record, "70718264930172283649", {"*": 40}, STAMP)
        with pytest.raises(InputError, match=r"not as many ballots .* 300 of A, 100 of B"):
            receive(record, counted(pull_list(record), (160, 140, 0), (60, 40, 0)), path)
        receive(record, counted(pull_list(record), (160, 140, 0), (60, 40, 200)), path)
        state_risk(record, STAMP)
    report = verify(str(made.folder))
    assert report.holds, report.failures
    forger = Forger(made.folder)
    files = forger.files("audit_findings")
    files["findings.csv"] = files["findings.csv"].replace(b",60,40,200", b",60,40,0", 1)
    forger.write(tmp_path / "forged", made.signer)
    told = [str(one) for one in verify(str(tmp_path / "forged")).failures]
    assert any("not as many ballots" in one for one in told), told


def test_a_full_count_holds_as_many_ballots_for_each_question(planned, tmp_path):
    made, path = planned("batch_comparison"), tmp_path / "full.csv"
    rows = pl.DataFrame(
        [(q, "AB", "D", place) for q in "AB" for place in PLACES],
        schema=["question", "region", "district", "place"],
        orient="row",
    )
    with made.hold() as record:
        counted(rows, (160, 40, 0), (60, 40, 0)).write_csv(path)
        with pytest.raises(InputError, match="200 of A, 100 of B"):
            receive_full_count(record, path, path, "utf-8", STAMP)
        counted(rows, (160, 40, 0), (60, 40, 100)).write_csv(path)
        assert receive_full_count(record, path, path, "utf-8", STAMP).facts["confirmed"] is True
    report = verify(str(made.folder))
    assert report.holds, report.failures
    forger = Forger(made.folder)
    files = forger.files("audit_full_count")
    files["findings.csv"] = files["findings.csv"].replace(b",60,40,100", b",60,40,0", 1)
    forger.write(tmp_path / "forged", made.signer)
    told = [str(one) for one in verify(str(tmp_path / "forged")).failures]
    assert any("not as many ballots" in one for one in told), told


def extra(rows, questions, more):
    """Give rows of cards with as many ballots beyond the return of the first box."""
    place = rows["place"].min()
    added = [(q, "AB", "D", place, 101 + n, "extra") for q in questions for n in range(more)]
    cards = rows.with_columns(mark=pl.lit("yes"))
    names = ["question", "region", "district", "place", "card", "mark"]
    return pl.concat([cards.select(names), pl.DataFrame(added, schema=names, orient="row")])


def test_a_ballot_beyond_a_box_is_there_for_each_question(planned, tmp_path):
    made, path = planned("ballot_polling"), tmp_path / "found.csv"
    with made.hold() as record:
        draw_audit(record, "70718264930172283649", {"A": 60, "B": 2}, STAMP)
        rows = pull_list(record)
        half = shutil.copytree(made.folder, tmp_path / "half")
        receive(record, extra(rows, "AB", 3), path)
        state_risk(record, STAMP)
    with RecordWriter.hold(half, lambda _: made.signer) as record:
        receive(record, extra(rows, "A", 3), path)
        with pytest.raises(InputError, match=r"`extra` ballots .* 3 of A, 0 of B"):
            state_risk(record, STAMP)
    report = verify(str(made.folder))
    assert report.holds, report.failures
    forger = Forger(made.folder)
    files = forger.files("audit_findings")
    kept = [one for one in files["findings.csv"].splitlines() if not one.endswith(b",103,extra")]
    files["findings.csv"] = b"\n".join([*kept, b""])
    forger.write(tmp_path / "forged", made.signer)
    assert verify(str(tmp_path / "forged")).failures
    kept = [one for one in kept if not (one.startswith(b"B") and one.endswith(b"extra"))]
    files["findings.csv"] = b"\n".join([*kept, b""])
    forger.act("audit.findings")["facts"]["examined"] = len(kept) - 1
    forger.write(tmp_path / "forged", made.signer)
    told = [str(one) for one in verify(str(tmp_path / "forged")).failures]
    assert any("not as many ballots" in one for one in told), told


def test_ballots_of_their_own_are_counted_for_each_question_alone(planned, tmp_path):
    made, path = planned("batch_comparison", common=False), tmp_path / "found.csv"
    with made.hold() as record:
        draw_audit(record, "70718264930172283649", {"*": 40}, STAMP)
        receive(record, counted(pull_list(record), (60, 40, 1), (60, 40, 0)), path)
    report = verify(str(made.folder))
    assert report.holds, report.failures
