"""Real cases come out by their rules, and a changed figure shows."""

import copy
import json
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from referendum.cli.main import cli
from referendum.core.errors import InputError, LawError
from referendum.law import CheckedSample, decide, requirement, sample_sizes, versions
from referendum.law.cases import reproduce_case, reproduce_thresholds

FILE = Path(__file__).parents[2] / "examples" / "petition-cases" / "cases.json"
CONTENT = json.loads(FILE.read_text())
CASES = {case["id"]: case for case in CONTENT["cases"]}
EXACT = [name for name, case in CASES.items() if reproduce_case(case).exact]
NOT_REPRODUCIBLE = ["ab-forever-canada-2025", "nz-assets-2013-first", "ab-water-not-coal-2026"]


@pytest.mark.parametrize("name", CASES)
def test_what_the_file_claims_of_a_case_holds(name):
    assert reproduce_case(CASES[name]).holds


@pytest.mark.parametrize("table", CONTENT["thresholds"], ids=lambda table: table["id"])
def test_thresholds_come_out_by_the_rounding_that_is_named(table):
    assert reproduce_thresholds(table).holds


def test_ten_cases_are_marked_exact():
    assert len(EXACT) == 10


@pytest.mark.parametrize("name", EXACT)
def test_every_published_number_that_is_worked_out_would_show_a_change(name):
    """A check that cannot fail is none: one more in any printed number must be noticed."""
    worked = [
        one.name for one in reproduce_case(CASES[name]).comparisons if one.computed is not None
    ]
    assert worked
    for published in worked:
        case = copy.deepcopy(CASES[name])
        value = case["published"][published]
        case["published"][published] = "something else" if isinstance(value, str) else value + 1
        assert not reproduce_case(case).holds, published


@pytest.mark.parametrize("name", NOT_REPRODUCIBLE)
def test_what_nobody_can_reproduce_is_shown_as_such(name):
    judged = reproduce_case(CASES[name])
    assert "not_reproducible" in judged.status
    assert any(one.computed is None for one in judged.comparisons)


def test_the_projection_of_colorado_2012_is_one_off_by_the_rule_now_in_use():
    compared = {one.name: one for one in reproduce_case(CASES["co-2012-i46"]).comparisons}
    assert compared["projected_valid"].computed == 85_799
    assert compared["projected_valid"].published == 85_800


def published(method, inputs, **numbers):
    """A case that somebody printed elsewhere."""
    told = {"status": "exact", "steps": []}
    case = {"id": "elsewhere", "measure": "m", "method": method, "inputs": inputs}
    return {
        one.name: one
        for one in reproduce_case(case | {"published": numbers, "reproduce": told}).comparisons
    }


def test_initiative_1351_and_the_handbook_of_riverside_come_out():
    found = published(
        "wa_wac_434_379_010",
        {
            "submitted": 348_072, "sample_size": 10_512, "duplicate_pairs": 9, "required": 246_372,
            "invalid_by_reason": {"not_registered": 737, "signature_pending": 7,
                                  "signature_mismatch": 153},
        },
        rejected_in_sample=906, decision="certified to the ballot",
    )  # fmt: skip
    assert all(one.agrees for one in found.values())
    inputs = {"raw_count": 25_000, "sample_size": 1_250, "valid_in_sample": 900,
              "duplicates_in_sample": 1}  # fmt: skip
    assert published("ca_2ccr_20530", inputs, projected_valid=17_620)["projected_valid"].agrees


def test_the_rate_printed_of_initiative_917_was_of_an_earlier_formula_and_decides_alike():
    """Of 2006: x/n + d k (k - 1) / N, where the rule since then has k squared."""
    found = published(
        "wa_wac_434_379_010",
        {"submitted": 266_006, "sample_size": 10_819, "invalid_by_reason": {"all": 1_377},
         "duplicate_pairs": 24, "required": 224_880},
        rejected_in_sample=1_401, error_rate_pct=17.96, decision="check every line",
    )  # fmt: skip
    assert found["rejected_in_sample"].agrees
    assert found["decision"].agrees
    assert (found["error_rate_pct"].computed, found["error_rate_pct"].agrees) == (18.18, False)
    k = Fraction(266_006, 10_819)
    earlier = Fraction(1_377, 10_819) + 24 * k * (k - 1) / 266_006
    assert round(float(100 * earlier), 2) == 17.96


def test_arizona_and_switzerland_decided_as_they_printed():
    arizona = versions("us-az/initiative-and-referendum")[-1]
    assert requirement(arizona, "statute", 2_376_441).required == 237_645
    assert sample_sizes(arizona, {"": 399_838}) == {"": 19_992}
    sample = CheckedSample(399_838, 19_992, 19_992 - 4_852)
    decided = decide(arizona, {"": sample}, 237_645)
    assert decided.answer == "sufficient"
    swiss = versions("ch/popular-initiative")[-1]
    lines = {"": CheckedSample(100_649, 100_649, 97_537)}
    assert decide(swiss, lines, 100_000).answer == "insufficient"


def test_an_unknown_method_and_a_missing_input_are_named():
    with pytest.raises(LawError, match="guess"):
        reproduce_case({**CASES["co-2012-i82"], "method": "guess"})
    case = copy.deepcopy(CASES["co-2012-i82"])
    del case["inputs"]["sample_size"]
    with pytest.raises(InputError, match="sample_size"):
        reproduce_case(case)


def test_the_command_prints_every_case_and_fails_when_one_comes_out_otherwise(tmp_path):
    done = CliRunner().invoke(cli, ["cases", "run", str(FILE)])
    assert done.exit_code == 0
    assert all(name in done.output for name in CASES)
    assert max(map(len, done.output.splitlines())) <= 80
    assert "[2 CCR 20530 to 20532; read]" in done.output.replace("\n", " ").replace("  ", " ")
    told = CliRunner().invoke(cli, ["cases", "run", str(FILE), "--json"])
    rows = {row["id"]: row for row in json.loads(told.output)}
    assert rows["wa-i1125-2011"]["steps"][0]["cite"] == "WAC 434-379-010"
    changed = copy.deepcopy(CONTENT)
    changed["cases"][0]["published"]["projected_valid"] += 1
    (tmp_path / "changed.json").write_text(json.dumps(changed))
    failed = CliRunner().invoke(cli, ["cases", "run", str(tmp_path / "changed.json")])
    assert isinstance(failed.exception, LawError)
    assert "DIFFERS" in failed.output


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"cases": 1}'])
def test_what_is_no_file_of_cases_is_refused(tmp_path, content):
    (tmp_path / "cases.json").write_text(content)
    done = CliRunner().invoke(cli, ["cases", "run", str(tmp_path / "cases.json")])
    assert isinstance(done.exception, InputError)
