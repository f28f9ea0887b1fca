"""Forms set aside: what they may hold, and why they can be."""

import pytest
from test_one_name import LAW
from tests.conftest import opened

from forger import Forger, check, csv_of, table
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.record.log import new_signer
from referendum.record.stamps import Stamp

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
        delivery = ReturnsFiles(
            folder / "returns.csv", None, "referendum", "all", provisional=False
        )
        receive_returns(record, delivery, Stamp())
    return Forger(folder / "record")


def failures(forger, *rows):
    forged = forger.copy()
    files, act = forged.files("returns"), forged.act("returns.receive")
    files["set_aside.csv"] = csv_of([table(files["set_aside.csv"])[0], *rows])
    act["facts"]["set_aside"] = len(rows)
    act["parameters"]["accepted"] = ["rows"]
    return " ".join(finding.words for finding in check(forged.build(SIGNER)).failures)


KEY_OF = {"repeated": ["1", "all", "R", "D0", "P0"]}
SEEN = {"does_not_add_up": FIGURES, "repeated": "yes 45, no 55, informal 0, total 100"}


def row(code, ballots, figures=None, value="", column="total", number="10", key=None):
    found = SEEN.get(code, "") if figures is None else figures
    value = value or (FIGURES if code == "does_not_add_up" else "")
    return [number, *(key or KEY_OF.get(code, KEY)), column, code, value, found, ballots]


WRONG = [
    (row("not_a_number", "50", "yes ?, no 1", "Carol 403-555-0197", "yes"), "told as it came"),
    (row("does_not_add_up", "0"), "by its own numbers"),
    (row("does_not_add_up", "5000"), "by its own numbers"),
    (row("does_not_add_up", "", ""), "not those that are stated"),
    (row("does_not_add_up", "9", "yes 0, no 9, informal 0, total 9"), "not those that are stated"),
    (row("more_ballots_than_electors", "0", "total 700, electors 5", "total 700, electors 5"),
     "by its own numbers"),
    (row("entered_once", "0", "total 0"), "entered twice"),
    (row("entries_differ", "7", "yes 5, no 0, informal 0, total 5, second 7"), "entered twice"),
    (row("same_clerk", ""), "entered twice"),
    (row("not_expected", "9", "total 9"), "not expected"),
    (row("repeated", "0", "yes 0, no 0, informal 0, total 0", key=KEY), "not there"),
    (["", *row("does_not_add_up", "5001")[1:]], "not numbered"),
    (row("not_final", "0", "yes 45, no 55, informal 0, total 100"), "by its own numbers"),
    (row("not_final", "0", "yes 0, no 0, informal 0, total 0, electors 900"), "own numbers"),
    (row("not_final", "100", "total 100"), "by its own numbers"),
    (row("sum_of_others", "0", "yes 900, no 9, informal 0, total 909"), "more than all others"),
    (row("sum_of_others", "9", "yes 5, no 4, informal 0, total 9"), "more than all others"),
    (row("sum_differs", "0", "yes 900, no 9, informal 0, total 909"), "by its own numbers"),
    (row("missing", "0", "no 5, informal 0, total 90"), "by its own numbers"),
    (row("missing", "0", ""), "by its own numbers"),
    (row("missing", "7", "no 0, informal 9000, total 7", column="yes"), "by its own numbers"),
    (row("missing", "9000", "no 9000, informal 0, total 0", column="yes"), "by its own numbers"),
    (row("missing", "0", "", key=["1", "all", "R", "Page 3 of 7", ""]), "by its own numbers"),
    (row("repeated", "0", "yes 44, no 55, informal 0, total 99"), "by its own numbers"),
    (row("repeated", "99", "yes 44, no 55, informal 0, total 99"), "by its own numbers"),
    (row("repeated", "100"), "by its own numbers"),
    (row("not_a_number", "9", "yes 4, no 4, informal 1, total 9", "text 0", "yes"), "is no number"),
    (row("not_a_number", "9", "yes ?, no 4, informal 1, total 9", "text 0", "yes"), "own numbers"),
    (row("too_many_cells", "9", "total 9"), "could not be read"),
    (row("too_many_cells", "9", ""), "by its own numbers"),
    (row("missing", "9", "total 9, yes 4"), "no figures"),
    (row("missing", "9", "total nine"), "no figures"),
    (row("kinds_overlap", "8", "yes 4, no 4, informal 1, total 9"), "by its own numbers"),
    (row("negative", "9", "yes 4, no 4, informal 1, total 9", "-4", "yes"), "is no number"),
]  # fmt: skip
RIGHT = [
    row("does_not_add_up", "5001"), row("not_final", "", "total 9"),
    row("not_final", "900", "total 9, electors 900"), row("missing", "90", "no 5, total 90"),
    row("sum_of_others", "0", "yes 90, no 110, informal 0, total 200"),
    row("missing", "0", "", key=["1", "all", "Source: the office", "", ""]),
    row("missing", "", "", key=["1", "all", "R", "Page 3 of 7", ""]),
    row("repeated", "0"), row("repeated", "199", "yes 44, no 55, informal 0, total 99"),
    row("not_a_number", "", "yes ?, no 4, informal 1, total 9", "text 0", "yes"),
    row("too_many_cells", "", ""), row("kinds_overlap", "20", "yes 4, no 4, informal 1, total 9,"
                                       " electors 20"),
]  # fmt: skip


@pytest.mark.parametrize("row", RIGHT)
def test_ballots_that_come_out_of_the_figures_hold(row, forger):
    assert not failures(forger, row)


@pytest.mark.parametrize(("row", "words"), WRONG)
def test_a_form_set_aside_for_what_cannot_be_fails(row, words, forger):
    assert words in failures(forger, row)


def test_a_form_set_aside_for_what_can_be_holds(forger):
    good = row("does_not_add_up", "5001")
    again = row("repeated", "0", FIGURES, number="11", key=KEY)
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
        delivery = ReturnsFiles(
            tmp_path / "r.csv", None, "referendum", "all", provisional=False, accept=("rows",)
        )
        receive_returns(record, delivery, Stamp())
    forger = Forger(made.folder)
    assert table(forger.files("returns")["set_aside.csv"])[1][-1] == "110"
    assert check(forger.build(SIGNER)).holds
