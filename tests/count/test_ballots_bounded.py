"""The most ballots that a form may hold which is set aside: never fewer than it could."""

import json
from datetime import date

import pytest

from forger import Forger
from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.record.log import new_signer
from referendum.record.opening import Opening, open_record, statute_on
from referendum.record.reading import Record
from referendum.record.stamps import Stamp
from referendum.record.writing import RecordWriter
from referendum.verify import verify

HEADER = "region,district,place,yes,no,informal,total\n"
GOOD = "".join(f"R,D,P{number},60,40,0,100\n" for number in range(120))
SIGNER = new_signer("tests.example/bounds")


def counted(folder, text, electors=None):
    """The ballots of each form that was set aside, and the document of the result."""
    law = statute_on("ch/optional-referendum", date(2024, 1, 2))
    open_record(folder / "v", SIGNER, Opening("V", "Q?", "vote", law, made_up=True), Stamp())
    (folder / "returns.csv").write_text(text)
    listed = folder / "electors.csv" if electors else None
    if listed:
        listed.write_text(electors)
    with RecordWriter.hold(folder / "v", lambda _: SIGNER) as held:
        delivery = ReturnsFiles(
            folder / "returns.csv", electors=listed, format="referendum", scope="all",
            provisional=False, accept=("rows",),
        )  # fmt: skip
        receive_returns(held, delivery, Stamp())
        declare_result(held, Stamp())
    assert [one.words for one in verify(str(folder / "v")).failures] == []
    inputs = Record.open(folder / "v").inputs(("returns", "result"))
    aside = inputs.data("returns", "set_aside.csv").decode().splitlines()[1:]
    return [row.rsplit(",", 1)[1] for row in aside], inputs.document("result")


@pytest.mark.parametrize(
    ("row", "ballots"),
    [
        ("R,D,Q,0,9.000,0,9.000", "9000"),
        ("R,D,Q,0,9.000,0,9000", "9000"),
        ("R,D,Q,1,9.00.0,0,9.00.0", "9001"),
        ('R,D,"Q,0,9000,0,9000', ""),
        ('R,D,Q,0,9000,0,"9000', ""),
        ("R,D,Q,0,9000,0,9000,5,5", ""),
        ("R,D,Q,0,9000,0,9000" + "x" * 2_000_000, ""),
        ("R,D,Q,0,9e3,0,12", ""),
        ("R,D,Q,0,-9000,0,0", ""),
        ("R,D,Q,60,40,,", ""),
        ("R,D,Q,,0,9000,7", ""),
        ("R,D,Q,,9000,0,0", ""),
        ("R,D,Q,0,,9000,7", ""),
        ("R,D,Q,5,9000,,7", ""),
        ("R,D,,,,,9000", "9000"),
        ("R;D;Q;0;9000;0;9000,,,,,,", ""),
        ("Source: the office,,,,,,", "0"),
    ],
)
def test_a_form_that_cannot_be_read_is_not_known_to_hold_few(row, ballots, tmp_path):
    found, result = counted(tmp_path, HEADER + GOOD + row + "\n")
    assert found == [ballots]
    assert result["questions"][0]["carried"] is (True if ballots == "0" else None)


def test_a_list_of_electors_of_the_district_bounds_what_cannot_be_read(tmp_path):
    rows = HEADER + GOOD + "R,D,Q,0,9e3,0,9e3\n"
    found, result = counted(tmp_path, rows, "region,district,electors\nR,D,12500\n")
    assert found == [""]
    assert result["questions"][0]["outstanding"] == 500
    assert result["questions"][0]["carried"] is True


def test_a_row_that_names_no_question_may_be_of_any(tmp_path):
    rows = "question," + HEADER + "".join(
        f"{name},{row}\n" for name in "AB" for row in GOOD.splitlines()
    ) + 'A,R,D,"Q,0,9000,0,9000\n'  # fmt: skip
    found, result = counted(tmp_path, rows)
    assert found == [""]
    assert [one["carried"] for one in result["questions"]] == [None, None]
    forged = Forger(tmp_path / "v")
    assert b",*," in forged.files("returns")["set_aside.csv"]
    assert json.loads(forged.files("result")["result.json"])["set_aside"] == 1
