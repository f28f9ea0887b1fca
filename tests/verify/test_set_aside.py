"""Forms set aside: what they may hold, and why they can be."""

import pytest
from test_one_name import LAW
from tests.conftest import opened

from forger import Forger, check, csv_of, table
from referendum.flows.count import Delivery, receive_returns
from referendum.flows.writing import Stamp
from referendum.journal import new_signer

SIGNER = new_signer("tests.example/set-aside")
FIGURES = "yes 0, no 5000, informal 0, total 5001"
KEY = ["1", "all", "R", "D0", "Q"]


@pytest.fixture(scope="module")
def forger(tmp_path_factory):
    folder = tmp_path_factory.mktemp("set-aside")
    lines = [f"R,D0,P{n},{45 + n},{55 + n},0,{100 + 2 * n}" for n in range(9)]
    text = "\n".join(["region,district,place,yes,no,informal,total", *lines, ""])
    (folder / "returns.csv").write_text(text)
    made = opened(folder / "record", "vote", SIGNER, LAW)
    with made.hold() as record:
        delivery = Delivery(folder / "returns.csv", None, "referendum", "all", provisional=False)
        receive_returns(record, delivery, Stamp())
    return Forger(folder / "record")


def failures(forger, *rows):
    forged = forger.copy()
    files, act = forged.files("returns"), forged.act("returns.receive")
    files["set_aside.csv"] = csv_of([table(files["set_aside.csv"])[0], *rows])
    act["facts"]["set_aside"] = len(rows)
    act["parameters"]["accepted"] = ["rows"]
    return " ".join(finding.words for finding in check(forged.build(SIGNER)).failures)


WRONG = [
    (["10", *KEY, "total", "does_not_add_up", FIGURES, "0"], "more ballots"),
    (["10", *KEY, "total", "does_not_add_up", FIGURES, "5000"], "more ballots"),
    (["10", *KEY, "total", "does_not_add_up", "yes 9, no 9, informal 0, total 2", "2"], "more"),
    (["10", *KEY, "total", "more_ballots_than_electors", "total 700, electors 5", "0"], "more"),
    (["10", *KEY, "", "entered_once", "", "0"], "entered twice"),
    (["10", *KEY, "total", "entries_differ", "5 / 7", "7"], "entered twice"),
    (["10", *KEY, "entered_by", "same_clerk", "Ann", "0"], "entered twice"),
    (["10", *KEY, "place", "not_expected", "Q", "0"], "not expected"),
    (["10", *KEY, "place", "repeated", "Q", "0"], "not there"),
    (["", *KEY, "total", "does_not_add_up", FIGURES, "5001"], "not numbered"),
]


@pytest.mark.parametrize(("row", "words"), WRONG)
def test_a_form_set_aside_for_what_cannot_be_fails(row, words, forger):
    assert words in failures(forger, row)


def test_a_form_set_aside_for_what_can_be_holds(forger):
    good = ["10", *KEY, "total", "does_not_add_up", FIGURES, "5001"]
    again = ["11", *KEY, "place", "repeated", "Q", "0"]
    assert not failures(forger, good)
    assert not failures(forger, good, again)
    assert "not in order" in failures(forger, again, good)
    assert "not in order" in failures(forger, good, ["10", *again[1:]])


def test_a_form_that_gives_reasons_alone_holds_what_they_add_up_to(tmp_path):
    made = opened(tmp_path / "record", "vote", SIGNER, LAW)
    (tmp_path / "r.csv").write_text(
        "region,district,place,yes,no,blank,total\nR,D,P,45,55,3,103\nR,D,Q,45,55,10,101\n"
    )
    with made.hold() as record:
        delivery = Delivery(
            tmp_path / "r.csv", None, "referendum", "all", provisional=False, accept=("rows",)
        )
        receive_returns(record, delivery, Stamp())
    forger = Forger(made.folder)
    assert table(forger.files("returns")["set_aside.csv"])[1][-1] == "110"
    assert check(forger.build(SIGNER)).holds
