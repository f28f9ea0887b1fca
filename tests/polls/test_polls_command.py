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


DAYS = ("1 Sep 2026", "10 Sep 2026", "20 Sep 2026")
FIGURES = ((1010, 44, 46, 10), (800, 45, 47, 8), (1002, 47, 46, 7))
LATE = ["--vote-date", "2026-10-19", "--as-of", "2026-10-10"]


def three_polls(folder, name, row):
    """Write three polls as one newsroom or another would."""
    rows = (
        row(day, house, *figures)
        for day, house, figures in zip(DAYS, ("YouGov", "Ipsos", "Leger"), FIGURES, strict=True)
    )
    path = folder / name / "polls.csv"
    path.parent.mkdir()
    path.write_text(
        "field_end,pollster,sample_size,yes,no,undecided\n" + "".join(f"{one}\n" for one in rows)
    )
    return path


def test_per_cent_signs_and_days_in_words_change_no_forecast(tmp_path):
    iso = {day: f"2026-09-{int(day.split()[0]):02}" for day in DAYS}
    told = [
        json.loads(run("forecast", "--polls", path, *LATE, "--json"))
        for path in (
            three_polls(tmp_path, "iso", lambda day, *more: ",".join(map(str, (iso[day], *more)))),
            three_polls(tmp_path, "words", lambda *cells: ",".join(map(str, cells))),
            three_polls(
                tmp_path,
                "signs",
                lambda day, house, size, *shares: (
                    f"{day},{house},{size}," + ",".join(f"{share}%" for share in shares)
                ),
            ),
        )
    ]
    assert told[0]["polls"] == 3
    assert told[0] == told[1] == told[2]


def test_a_share_that_leaves_forty_per_cent_unsaid_moves_no_forecast(tmp_path):
    path = three_polls(tmp_path, "typo", lambda *cells: ",".join(map(str, cells)))
    right = json.loads(run("forecast", "--polls", path, *LATE, "--json"))
    path.write_text(path.read_text().replace(",45,47,8", ",4.5,47,8"))
    typed = json.loads(run("forecast", "--polls", path, *LATE, "--json"))
    assert (typed["polls"], typed["faults"]) == (2, {"far_under_100": 1, "no_source": 3})
    middles = [float(one["forecast"]["now"]["median"]) for one in (right, typed)]
    assert abs(middles[0] - middles[1]) < 0.01


PRINTED = """\
field_start,field_end,pollster,sample_size,yes,no,undecided,mode,source
28 Aug 2023,30 Aug 2023,House A,"1,512",38,53,9,Online,x
2023-09-01,2023-09-04,House B[a],"1,239",41[b],50,9,online,x
2023-09-05,2023-09-07,House C,1 006,42.5,57.5,–,online,x
2023-09-08,2023-09-10,House D,~2000,43,57,—,online,x
2023-09-11,2023-09-13,House E,N/A,39,54,7,IVR,x
2023-09-14,2023-09-16,House F,"1,040","38,5","54,5",7,phone,x
2023-09-17,2023-09-19,House G,1200,38½,54½,7,telephone,x
2023-09-20,2023-09-22,House H,1200,<40,>55,5,telephone,x
2023-09-23,2023-09-25,House I,1200.0,38.0,54.0,8.0,telephone,x
2023-09-26,2023-09-28,House J,1200,0.38,0.54,0.08,telephone,x
2023-09-26,2023-09-28,House K,1200,54,38,8,telephone,x
2023-09-29,2023-10-01,House L / Daily Post,800–900,39,53,8,telephone,x
2023-10-02,2023-10-03,House M,1200,39-41,50-52,8,telephone,x
2023-10-04,2023-10-06,House N,1200,39,53,8,telephone,x
2023-10-04,2023-10-06,House N,1200,42,58,,telephone,x
"""


@pytest.mark.parametrize("ends", ["\n", "\r"])
def test_a_table_as_an_encyclopedia_prints_it_is_read_or_told_row_by_row(tmp_path, ends):
    path = tmp_path / "polls.csv"
    path.write_bytes(PRINTED.replace("\n", ends).encode())
    about = ["--vote-date", "2023-10-14", "--as-of", "2023-10-10"]
    told = json.loads(run("forecast", "--polls", path, *about, "--json"))
    assert told["polls"] == 12
    assert told["faults"] == {
        "a_fraction": 1, "a_range": 1, "not_a_share": 2, "swapped_with_others": 1
    }  # fmt: skip
    remarks = " ".join(told["forecast"]["remarks"])
    assert "For 2 of 12 rows it is unknown how many were asked" in remarks


def test_every_code_is_told_with_its_meaning_and_chances_only_of_a_rule(tmp_path):
    path = tmp_path / "polls.csv"
    path.write_text(
        "field_end,pollster,yes,no,mode,sample_size,Lead,source\n"
        "2026-09-01,A,44,46,x,many,2,s\n,A,44,46,online,5,2,s\n3/4/26,B,44,46,online,5,2,s\n"
    )
    said = run("forecast", "--polls", path, *LATE)
    assert "1  two_digit_year: the year is not written out" in said
    assert "1  not_a_number: the number cannot be read" in said
    assert "1  unknown_column: a column that the table does not have: not read" in said
    assert "see the documentation" not in said
    assert "passes" not in said
    rule = ["--statute", "ca-ab/citizen-initiative-act"]
    assert "passes" in run("forecast", "--polls", path, *LATE, *rule)
