"""A place counted twice under another spelling, and texts that say nothing."""

from dataclasses import replace
from datetime import date

import pytest
from tests.conftest import opened

from forger import Forger, check, csv_of, table
from referendum.core.errors import InputError
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.record.log import new_signer
from referendum.record.stamps import Stamp
from referendum.verify import verify

LAW = ("ca-ab/citizen-initiative-act", date(2026, 10, 19))
SIGNS = [".", "\u200b", "-", "\u3164", "\ufe0f", "\u02bc", "\u20dd", "\u2800", "\u115f", "\uffa0"]
TABLES = {"returns": 4, "set_aside": 5, "places": 2, "electors": 2, "previous": 2}
KEY = ["1", "all", "R", "D0", "School"]
ROWS = {
    "returns": [*KEY, "300", "10", "0", "310"],
    "set_aside": ["99", *KEY, "total", "not_a_number", "text", "", ""],
    "places": ["R", "D0", "School", "all", "", "counted"],
    "electors": ["*", "R", "D0", "900"],
    "previous": ["R", "D0", "School", "300", "10"],
}


@pytest.fixture(scope="module")
def signer():
    return new_signer("tests.example/one-name")


@pytest.fixture(scope="module")
def forger(signer, tmp_path_factory):
    folder = tmp_path_factory.mktemp("one-name")
    names = ("School", "Hall", "Church", "Library")
    lines = [f"R,D0,{name},{45 + n},{55 + n},0,{100 + 2 * n}" for n, name in enumerate(names)]
    text = "\n".join(["region,district,place,yes,no,informal,total", *lines, ""])
    (folder / "returns.csv").write_text(text)
    made = opened(folder / "record", "vote", signer, LAW)
    with made.hold() as record:
        delivery = ReturnsFiles(
            folder / "returns.csv", None, "referendum", "all", provisional=False
        )
        receive_returns(record, delivery, Stamp())
    return Forger(folder / "record")


def failures(forger, signer):
    return " ".join(finding.words for finding in check(forger.build(signer)).failures)


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("name", TABLES)
def test_a_name_in_a_second_spelling_fails(name, sign, forger, signer):
    forged = forger.copy()
    row = list(ROWS[name])
    row[TABLES[name]] += sign
    rows = table(forged.files("returns")[f"{name}.csv"])
    forged.files("returns")[f"{name}.csv"] = csv_of([rows[0], *sorted([*rows[1:], row])])
    if name == "places":
        forged.act("returns.receive")["parameters"]["as_of"] = "2023-10-14T18:00:00+00:00"
    assert "are one name" in failures(forged, signer)
    assert "are one name" not in failures(forger, signer)


@pytest.mark.parametrize("text", ["\u3164", "\u2800\u200b", " \u2060", "\ufe0f"])
def test_a_text_that_shows_nothing_is_refused(text, forger, signer, tmp_path):
    for change in (
        lambda acts: acts[0].update(by=[text]),
        lambda acts: acts[0]["parameters"].update(office=text),
        lambda acts: acts[0]["parameters"].update(title=text),
        lambda acts: acts[1]["parameters"].update(scope=text),
        lambda acts: acts[1]["parameters"].update(unread=["x", text]),
        lambda acts: acts[1].update(corrects=0, reason=text),
    ):
        forged = forger.copy()
        change(forged.acts)
        assert failures(forged, signer)
    made = opened(tmp_path / "record", "vote", signer, LAW)
    (tmp_path / "r.csv").write_text(
        "region,district,place,yes,no,informal,total,electors,explanation\n"
        f"R,D,A,1,1,0,2,9,\nR,D,{text},50,1,0,51,60,\nR,D,B,50,1,0,51,4,{text}\n"
    )
    with made.hold() as record:
        delivery = ReturnsFiles(
            tmp_path / "r.csv", None, "referendum", text, provisional=False, accept=("rows",)
        )
        with pytest.raises(InputError, match="scope"):
            receive_returns(record, delivery, Stamp())
        with pytest.raises(InputError, match="not said"):
            receive_returns(record, delivery, Stamp(corrects=0, reason=text))
        delivery = replace(delivery, scope="all")
        assert receive_returns(record, delivery, Stamp()).facts["set_aside"] == 2
    assert verify(str(tmp_path / "record")).holds
