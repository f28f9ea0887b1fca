"""Published values of audits come out, and a changed figure shows."""

import copy
import csv
import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from referendum.audit.cases import judge_audit
from referendum.audit.sizes import Discrepancies, super_simple_size
from referendum.cli.cases import _rows
from referendum.cli.main import cli
from referendum.core.errors import InputError, LawError

FOLDER = Path(__file__).parents[2] / "examples" / "audit-cases"
CASES = {case["id"]: case for case in json.loads((FOLDER / "cases.json").read_text())["cases"]}
EXACT = [
    name
    for name, case in CASES.items()
    if case["determinism"].startswith("exact") and case["kind"] != "sample_size_table"
]
COLORADO = ["co2023_coordinated_rla_contests_round2", "co2024_general_rla_contests_round3"]


def tables(name):
    return _rows(FOLDER / f"{name}.gz")


def test_the_file_has_114_cases_of_which_105_are_exact():
    assert (len(CASES), len(EXACT)) == (114, 105)


@pytest.mark.parametrize("name", EXACT)
def test_a_case_that_is_marked_exact_comes_out(name):
    judged = judge_audit(CASES[name], tables)
    assert judged.exact
    assert judged.holds, judged.comparisons


@pytest.mark.parametrize(
    "name", [name for name in EXACT if not name.startswith(("macro-ga", "bravo-exact"))]
)
def test_a_changed_figure_of_a_case_shows(name):
    case = copy.deepcopy(CASES[name])
    expected = case["expected"]
    if isinstance(expected, dict):
        first = next(iter(expected))
        expected[first] = changed(expected[first])
    else:
        case["expected"] = changed(expected)
    assert not judge_audit(case, tables).holds


def test_a_changed_mean_of_a_stopping_time_shows():
    case = copy.deepcopy(CASES["bravo-exact-0.65"])
    case["expected"]["mean"] += 1
    assert not judge_audit(case, tables).holds


def changed(value):
    if isinstance(value, list):
        return [*value[:-1], changed(value[-1])]
    if isinstance(value, str):
        return value + "1"
    return 1 if value is None else value + 1


@pytest.mark.parametrize("table", COLORADO)
def test_every_official_sample_size_of_colorado_comes_out(table):
    with gzip.open(FOLDER / f"{table}.csv.gz", "rt", newline="") as text:
        rows = list(csv.DictReader(text))
    assert len(rows) == {COLORADO[0]: 686, COLORADO[1]: 725}[table]
    for row in rows:
        assert colorado_size(row) == int(row["optimistic_samples_to_audit"]), row["contest_name"]


def colorado_size(row):
    margin = int(row["min_margin"]) / max(1, int(row["ballot_card_count"]))
    if margin == 0:
        return 0
    names = ("one_vote_over", "two_vote_over", "one_vote_under", "two_vote_under")
    found = Discrepancies(*(int(row[f"{name}_count"]) for name in names))
    return super_simple_size(float(row["risk_limit"]), margin, found, float(row["gamma"]))


def test_what_is_simulated_is_listed_and_not_claimed():
    judged = judge_audit(CASES["optimum-table"], tables)
    assert not judged.exact
    assert judged.comparisons == ()


def test_an_unknown_method_and_a_missing_input_are_named():
    with pytest.raises(LawError, match="guess"):
        judge_audit({**CASES["km-p-1"], "method": "guess"}, tables)
    case = copy.deepcopy(CASES["km-p-1"])
    del case["inputs"]["n"]
    with pytest.raises(InputError, match="'n'"):
        judge_audit(case, tables)


def test_the_command_works_out_cases_and_misses_a_table(tmp_path):
    some = [CASES[name] for name in ("km-p-1", "sampler-rivest-01", "optimum-table")]
    (tmp_path / "cases.json").write_text(json.dumps({"cases": some}))
    done = CliRunner().invoke(cli, ["cases", "run", str(tmp_path / "cases.json")])
    assert done.exit_code == 0, done.exception
    assert "3 cases; all 2 that are marked exact come out" in done.output
    (tmp_path / "cases.json").write_text(json.dumps({"cases": [CASES["macro-ga2026-senate"]]}))
    failed = CliRunner().invoke(cli, ["cases", "run", str(tmp_path / "cases.json")])
    assert isinstance(failed.exception, InputError)
