"""Rows that are no place, nearly sums, and names in look-alike letters are told by name."""

import pytest
from click.testing import CliRunner
from test_unsettled import HEADER, PLAIN, SIGNER, Vote, table

from forger import Forger
from referendum.cli.main import cli
from referendum.publish.pages import page
from referendum.record.log import write_new_key
from referendum.record.reading import Record
from referendum.verify import verify

GOOD = [f"R,D,P{number},{600 + number},{400 + number},0,{1000 + 2 * number}" for number in range(9)]
FOUR = ["R,D,A,100,80,2,182", "R,D,B,200,150,3,353", "R,D,C,60,70,1,131"]


def warned(made):
    rows = Record.open(made.at).inputs(("returns",)).records("returns", "warnings.csv")
    return [(row["place"], row["code"], row["figures"]) for row in rows]


@pytest.fixture
def command(tmp_path):
    signer = write_new_key(tmp_path / "key.pem", "tests.example/near")
    made = Vote(tmp_path, PLAIN, signer)

    def run(rows, *more):
        (tmp_path / "rows.csv").write_text(rows)
        key = ["--key", str(tmp_path / "key.pem")]
        told = CliRunner().invoke(
            cli, ["returns", "receive", str(made.at), str(tmp_path / "rows.csv"), *key, *more]
        )
        then = CliRunner().invoke(cli, ["result", str(made.at), *key])
        return " ".join(told.output.split()), " ".join(then.output.split()), made

    return run


@pytest.mark.parametrize("footer", ["Page 3 of 7", "Stand: 19.10.2026 18:00"])
def test_the_row_that_keeps_a_result_open_is_named(command, footer):
    received, declared, made = command(table(*GOOD, f"{footer},,,,,,"), "--accept", "rows")
    for told in (received, declared):
        assert f"row 10 ({footer}) names no place: how many ballots it holds is not known" in told
        assert "take the row out of the file" in told
        assert "returns receive RECORD FORMS --corrects ACT --reason TEXT" in told
    shown = page(Record.open(made.at)).result["open_rows"]
    assert shown[0].startswith(f"row 10 ({footer})")


def test_a_footer_of_words_alone_is_not_told(command):
    received, declared, _ = command(table(*GOOD, "Source: the office,,,,,,"), "--accept", "rows")
    assert "names no place" not in received + declared


@pytest.mark.parametrize(
    ("row", "figures"),
    [
        ("R,D,X,360,300,6,666", []),  # a sum: set aside
        ("R,D,X,361,300,6,667", ["yes 361, no 300, total 667; others yes 360, no 300, total 666"]),
        ("R,D,X,358,300,6,664", ["yes 358, no 300, total 664; others yes 360, no 300, total 666"]),
        ("R,D,X,364,300,6,670", []),
    ],
)
def test_a_row_that_is_nearly_the_sum_of_the_others_is_told(tmp_path, row, figures):
    made = Vote(tmp_path, PLAIN)
    made.result(table(*FOUR, row))
    told = [("X", "nearly_the_others", one) for one in figures]
    assert [one for one in warned(made) if one[1] == "nearly_the_others"] == told


def test_it_is_told_on_the_command_line(command):
    received, _, _ = command(table(*FOUR, "R,D,X,361,300,6,667"))
    assert "warning: R, D, X is nearly the sum of the others: yes 361, no 300" in received


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("Kent", "\u041aent"), ["place \u041aent", "place Kent"]),
        (("Oslo", "\u039fsl\u043e"), ["place \u039fsl\u043e", "place Oslo"]),
        (("Kent", "Kant"), []),
    ],
)
def test_places_in_look_alike_letters_are_told(tmp_path, names, told):
    made = Vote(tmp_path, PLAIN)
    made.result(table(*GOOD, *(f"R,D,{name},60,40,0,100" for name in names)))
    found = [one for one in warned(made) if one[1] == "looks_alike"]
    assert found == [(name, "looks_alike", words) for name, words in zip(names, told, strict=False)]


def test_districts_and_regions_in_look_alike_letters_are_told(command):
    rows = ["R,D,P,60,40,0,100", "R,\u0420,P,60,40,0,100", "R,P,P,61,40,0,101",
            "\u0410a,D,P,60,40,0,100", "Aa,D,P,62,40,0,102"]  # fmt: skip
    received, _, made = command(table(*rows, header=HEADER))
    assert "warning: R, P, all looks the same as \u0420" in received
    assert "warning: Aa, all, all looks the same as \u0410a" in received
    assert verify(str(made.at)).holds


def test_verify_fails_where_such_a_warning_is_left_out(tmp_path):
    made = Vote(tmp_path, PLAIN)
    made.result(table(*GOOD, "R,D,Kent,60,40,0,100", "R,D,\u041aent,60,40,0,100"))
    forger = Forger(made.at)
    files = forger.files("returns")
    lines = files["warnings.csv"].decode().splitlines(keepends=True)
    files["warnings.csv"] = "".join(one for one in lines if "alike" not in one).encode()
    forger.act("returns.receive")["facts"]["warnings"] = len(lines) - 3
    forger.write(made.folder / "forged", SIGNER)
    assert not verify(str(made.folder / "forged"), key=str(SIGNER.verifier)).holds
