"""Signs that turn, break or end writing stand in no cell of a public table."""

from datetime import date

import polars as pl
import pytest
from tests.machine.small_records import Small

from forger import Forger, check, csv_of, table
from referendum.core.errors import InputError
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.record.frames import public_tables
from referendum.record.stamps import Stamp

HEAD = "question,region,district,place,yes,no,informal,total\n"
SIGNS = ["\u202e", "\u2066", "\u200f", "\u061c", "\x00", "\x1b[31m", "\n", "\r", "\u2028", "\x85"]


def receive(made, place):
    path = made.tables / "returns.csv"
    path.write_text(f'{HEAD}A,R,D,"{place}",60,40,0,100\n', encoding="utf-8", newline="")
    files = ReturnsFiles(path, None, "referendum", "all", False, common_ballot=False)
    with made.hold() as record:
        return receive_returns(record, files, Stamp())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    law = ("ca-ab/citizen-initiative-act", date(2026, 10, 19))
    return Small.opened(tmp_path_factory.mktemp("signs"), "vote", *law, "A?")


@pytest.fixture(scope="module")
def forger(made, tmp_path_factory):
    copy = made.copy(tmp_path_factory.mktemp("forged"))
    receive(copy, "Town Hall")
    return Forger(copy.folder)


@pytest.mark.parametrize("sign", SIGNS)
def test_a_forged_name_with_such_a_sign_fails(sign, forger, made):
    forged = forger.copy()
    files = forged.files("returns")
    rows = table(files["returns.csv"])
    rows[1][4] = f"Town {sign}Hall"
    files["returns.csv"] = csv_of(rows)
    told = [one.words for one in check(forged.build(made.signer)).failures]
    assert any("in a cell" in words or "lines do not end" in words for words in told), told


@pytest.mark.parametrize("sign", SIGNS)
def test_no_such_sign_comes_in(sign, made, tmp_path):
    copy = made.copy(tmp_path)
    try:
        receive(copy, f"Town {sign}Hall")
    except InputError:
        return
    rows = table(Forger(copy.folder).files("returns")["returns.csv"])
    assert sign not in rows[1][4]


@pytest.mark.parametrize("place", ["Hall\x00", "\x00", "\x00Hall"])
def test_a_name_with_a_nul_is_no_name(place, made, tmp_path):
    with pytest.raises(InputError, match="set aside"):
        receive(made.copy(tmp_path), place)


def test_no_table_with_such_a_sign_is_written():
    with pytest.raises(InputError, match="mark of direction"):
        public_tables("polls", {"polls": pl.DataFrame({"note": ["\u202eseY"]})})
    aside = pl.DataFrame({"value": ["\u202eseY", "a\u2028b", "a\x00"]})
    files = public_tables("polls", {"set_aside": aside}).files
    assert files["set_aside.csv"] == b"value\n seY\na b\na \n"
