"""The commands, the notebook, and bad files."""

import json
from pathlib import Path

import poll_notebook
import pytest
from click.testing import CliRunner
from poll_tables import EXAMPLES

from referendum.cli.main import cli
from referendum.core.errors import InputError, ReferendumError

NOTEBOOK = Path(__file__).parents[2] / "docs" / "forecast.ipynb"
HEADER = "pollster,field_end,yes,no,source\n"
ABOUT = ["--referendum", "r", "--vote-date", "2026-10-19", "--as-of", "2026-06-01"]


def run(*arguments):
    """Run a command as a person would and give what it printed."""
    result = CliRunner().invoke(cli, [str(one) for one in arguments])
    if isinstance(result.exception, ReferendumError):
        raise result.exception
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def test_the_notebook_runs_and_prints_what_it_shows(monkeypatch):
    monkeypatch.chdir(NOTEBOOK.parent)
    found = [text.strip() for text in poll_notebook.outputs_of(NOTEBOOK)]
    assert found == [text.strip() for text in poll_notebook.stored(NOTEBOOK)]


def test_a_bare_file_gives_a_forecast_as_json_and_as_files(tmp_path):
    arguments = ["--polls", EXAMPLES / "alberta_independence.csv", "--out", tmp_path / "out"]
    about = ["--referendum", "alberta_independence", *ABOUT[2:]]
    said = json.loads(run("forecast", *arguments, *about, "--json"))
    assert (said["polls"], said["faults"]) == (13, {"share_missing": 8, "undated": 1})
    told = said["forecast"]
    assert told["wordings"]["ballot"] == 1
    assert any("the ballot's own question" in remark for remark in told["remarks"])
    low, high = map(float, told["result"]["intervals"]["95"])
    assert low < 0.3 < high
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"forecast.json", "outcome.csv", "trend.svg", "density.svg", "houses.svg"} <= names
    assert json.loads((tmp_path / "out" / "forecast.json").read_text()) == told


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("", "There is no poll to go by"),
        ("A,2026-05-01,40,50,s\n", "There is a single poll"),
        ("A,2026-05-01,80,50,s\nB,2026-05-01,40,50,s\n", "over_100"),
        ("A,2026-11-01,40,50,s\nB,2026-05-01,40,50,s\n", "on_or_after_vote"),
    ],
)
def test_bad_files_get_a_clear_answer(tmp_path, rows, words):
    (tmp_path / "polls.csv").write_text(HEADER + rows)
    assert words in run("forecast", "--polls", tmp_path / "polls.csv", *ABOUT)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--as-of", "2026-10-19"], "as of 2026-10-19"),
        (["--turnout", "60"], "turnout of 60"),
        (["--lean", "QLD"], "is no lean"),
        (["--statute", "xx/none"], "xx/none"),
    ],
)
def test_impossible_options_are_refused_with_a_hint(tmp_path, more, words):
    (tmp_path / "polls.csv").write_text(HEADER)
    with pytest.raises(ReferendumError, match=words):
        run("forecast", "--polls", tmp_path / "polls.csv", *ABOUT, *more)


def test_a_forecast_of_rows_that_cannot_be_used_is_refused(tmp_path):
    (tmp_path / "polls.csv").write_text(HEADER + "A,2026-05-01,0.4,0.6,s\n")
    with pytest.raises(InputError, match="none of the 1 rows can be used: a_fraction 1"):
        run("forecast", "--polls", tmp_path / "polls.csv", *ABOUT)


def test_a_table_of_one_referendum_needs_no_name(tmp_path):
    (tmp_path / "polls.csv").write_text(HEADER + "A,2026-05-01,40,50,s\n")
    assert "There is a single poll" in run(
        "forecast", "--polls", tmp_path / "polls.csv", *ABOUT[2:]
    )
    rows = ["r,A,2026-05-01,40,50,s\n", "q,A,2026-05-01,40,50,s\n"]
    (tmp_path / "polls.csv").write_text("referendum," + HEADER + "".join(rows))
    with pytest.raises(InputError, match="about 2 referendums"):
        run("forecast", "--polls", tmp_path / "polls.csv", *ABOUT[2:])


def test_a_folder_without_results_is_no_folder_of_past_votes(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        run("polls", "backtest", tmp_path)
