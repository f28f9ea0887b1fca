"""Numbers that size a loop, what the office must accept, and names of boxes."""

import time

import pytest
from test_one_name import LAW
from tests.conftest import opened

from forger import Forger, check, csv_of, table
from referendum.core.errors import InputError
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.record.log import new_signer
from referendum.record.stamps import Stamp
from referendum.sufficiency.decision import Findings
from referendum.verify import verify
from referendum.verify.projection import _round_to_places
from referendum.verify.report import Mismatch

SIGNER = new_signer("tests.example/sizes")
HEAD = "region,district,kind,place,yes,no,informal,total\n"


def failures(forger):
    begun = time.monotonic()
    found = " ".join(finding.words for finding in check(forger.build(SIGNER)).failures)
    assert time.monotonic() - begun < 20
    return found


@pytest.mark.parametrize("size", [10**6 + 1, 10**9, 10**12])
@pytest.mark.parametrize("which", [0, 1])
def test_a_draw_is_as_large_as_its_table(size, which, audited):
    forger = Forger(audited.folder)
    sizes = forger.act("audit.draw", which)["parameters"]["sizes"]
    sizes[min(sizes)] = size
    assert "as the sizes say" in failures(forger)


@pytest.mark.parametrize("number", ["99999999999", "999999999999999999999", "4"])
def test_no_line_is_one_of_more_of_its_elector_than_were_drawn(number):
    with pytest.raises(InputError, match="among 3"):
        Findings.count(10, ["valid", "not_listed", f"copy_{number}"])


@pytest.mark.parametrize("places", [10**9, 31, -1, "3", True])
def test_a_statute_rounds_to_few_places(places, monkeypatch):
    monkeypatch.setattr("referendum.verify.law.optional", lambda *_: places)
    with pytest.raises(Mismatch, match="rounds to"):
        _round_to_places(None, "rate_places", 1)


def test_forms_set_aside_were_accepted(vote):
    forger = Forger(vote.folder)
    del forger.act("returns.receive")["parameters"]["accepted"]
    assert "not accepted" in failures(forger)


def test_a_match_keeps_none_where_the_statute_does(petition):
    forger = Forger(petition.folder)
    forger.act("match")["parameters"]["repeats"] = "keep_none"
    assert "as the statute has it" in failures(forger)


def test_two_boxes_have_two_names(tmp_path):
    made = opened(tmp_path / "record", "vote", SIGNER, LAW)
    path = tmp_path / "returns.csv"
    delivery = ReturnsFiles(path, None, "referendum", "all", provisional=False)
    good = "R,D,a,X,30,40,0,70\nR,D,b,X (c),10,30,0,40\n"
    with made.hold() as record:
        path.write_text(f"{HEAD}{good}R,D,a) (b,X,11,12,0,23\nR,D,b,X (a),1,2,0,3\n")
        with pytest.raises(InputError, match="boxes"):
            receive_returns(record, delivery, Stamp())
        path.write_text(HEAD + good)
        receive_returns(record, delivery, Stamp())
    assert verify(str(made.folder)).holds
    forger = Forger(made.folder)
    rows = table(forger.files("returns")["returns.csv"])
    more = [["1", "a) (b", "R", "D", "X", "11", "12", "0", "23"]]
    more += [["1", "b", "R", "D", "X (a)", "1", "2", "0", "3"]]
    forger.files("returns")["returns.csv"] = csv_of([rows[0], *sorted([*rows[1:], *more])])
    assert "two boxes" in failures(forger)
