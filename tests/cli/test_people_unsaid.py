"""What people send: no cell of theirs stands in an error, and no formula in a worksheet."""

import polars as pl
import pytest
from click.testing import CliRunner
from tests.cli.test_cli import ORIGIN, file, key, opening, petition_record, run, vote_record

from referendum.cli.main import cli, main
from referendum.core.columns import Column
from referendum.core.errors import InputError, KeyFault, ReferendumError
from referendum.core.formulas import sheet_bytes
from referendum.core.progress import listen_to_notices
from referendum.core.tables import Table
from referendum.record.log import new_signer
from referendum.tables.reading import read_checked_table, read_raw_table

__all__ = ["key", "petition_record", "vote_record"]

PERSON = "E00000003,Catherine Sarah,Shevchenko,1986,1986-07-05,4905,54 Avenue NW,7808439477"
CELLS = [cell for cell in PERSON.split(",") if len(cell) > 4]

TABLES = {
    "no header": f"{PERSON}\n{PERSON.replace('3', '4')}\n",
    "a header below a title": f"{PERSON}\nelector_id,line_id,given_names,surname\n{PERSON}\n",
    "two rows of one number": "elector_id,line_id,surname,given_names,birth_date\n"
    + "E00000003,E00000003,Shevchenko,Catherine Sarah,1986-07-05\n" * 2,
    "numbers alike": "elector_id,line_id,surname\nE00000003,E00000003,Shevchenko\n"
    "e00000003,e00000003,Shevchenko\n",
    "columns slipped": f"elector_id,line_id,given_names,surname,birth_date\n{PERSON}\n",
    "days of a spreadsheet": "elector_id,line_id,surname,birth_date\n1,1,Shevchenko,31598\n",
    "bad quotes": f'elector_id,line_id,surname\n1,1,"{PERSON}\n',
    "parted by semicolons": PERSON.replace(",", ";") + "\n",
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize(
    "command", ["roll seal", "petition receive --number-alone few"], ids=["roll", "lines"]
)
def test_no_cell_of_a_person_is_said(command, name, petition_record, tmp_path):
    path = file(tmp_path, TABLES[name])
    result = CliRunner().invoke(cli, [*command.split(), str(petition_record), str(path)])
    error = result.exception
    said = result.output
    if isinstance(error, ReferendumError):
        said += f"{error} {error.hint}"
    else:
        assert result.exit_code == 0, error
    assert not [cell for cell in CELLS if cell in said]


def test_that_no_header_was_found_is_said(petition_record, tmp_path):
    with pytest.raises(InputError, match="no row of headers was found"):
        run("roll", "seal", petition_record, file(tmp_path, TABLES["no header"]))


def test_a_worksheet_runs_no_formula_and_comes_back_as_it_was(tmp_path):
    cells = ["=1+1", "+49 30", "-5", "@SUM(1)", "'=quoted", "'t Hooft", "x", "", None, "''-y"]
    path = tmp_path / "sheet.csv"
    path.write_bytes(sheet_bytes(pl.DataFrame({"id": range(10), "note": cells})))
    written = read_raw_table(path).frame["note"]
    assert not [cell for cell in written if cell and cell[0] in "=+-@\t\r"]
    columns = (Column("id", "integer", "", required=True), Column("note", "text", ""))
    back = read_checked_table(Table("notes", columns, ("id",)), path).rows["note"]
    assert back.to_list() == [cell or None for cell in cells]


def test_a_public_name_like_a_formula_is_told(vote_record, tmp_path):
    row = "region,district,place,yes,no,informal,total\nNSW,A,=HYPERLINK(1),1,2,3,6\n"
    said = []
    with listen_to_notices(said.append):
        run("returns", "receive", vote_record, file(tmp_path, row), "--dry-run")
    assert any("1 cell of place may be taken for a formula" in sentence for sentence in said)


STEERING = ["\x1b[2J", "\u202egnp", "\x9b2J", "a\nb", "", " ", "\u2066", "\u2028"]


@pytest.mark.parametrize("text", STEERING)
@pytest.mark.parametrize("option", ["--title", "--question", "--office"])
def test_a_text_that_steers_or_is_empty_opens_no_record(option, text, key, tmp_path):
    assert key.exists()
    if (option, text) == ("--office", ""):
        return  # the log's name is taken
    words = opening("petition", "ca-ab/citizen-initiative-act", "2025-12-22")
    words = [*words, "--office", "o"]
    words[words.index(option) + 1] = text
    with pytest.raises(InputError):
        run("new", tmp_path / "record", *words)
    assert not (tmp_path / "record").exists()


@pytest.mark.parametrize("origin", [*STEERING, "a b", "a+b", "e.example/é"])
def test_no_log_is_called_by_what_steers_or_is_empty(origin):
    with pytest.raises(KeyFault):
        new_signer(origin)


@pytest.mark.parametrize("claimed", ["-5", "9" * 30])
def test_nobody_claims_less_than_nothing(claimed, petition_record, tmp_path):
    path = file(tmp_path, "line_id,given_names,surname,street\nL1,Ada,Cardinal,Main St\n")
    with pytest.raises(InputError):
        run("petition", "receive", petition_record, path, "--claimed", claimed)


def test_what_click_says_of_arguments_steers_nothing(monkeypatch, capsys):
    for words in (["--\x1b[2J"], ["\u202elog"], ["log", "r", "\x1b[2J"]):
        monkeypatch.setattr("sys.argv", ["referendum", *words])
        with pytest.raises(SystemExit):
            main()
        said = "".join(capsys.readouterr())
        assert "\x1b" not in said
        assert "\u202e" not in said
    assert ORIGIN
