"""What must be mended and what explained is found, with its figures."""

import json

import polars as pl
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from referendum.cli.main import cli
from referendum.count import ELECTORS_BY_DISTRICT, ENTRY_RULES, compare_entries, warnings

NO_ELECTORS = pl.DataFrame(schema=ELECTORS_BY_DISTRICT.schema)


def frame(*rows):
    names = ("place", "yes", "no", "informal")
    table = pl.DataFrame([dict(zip(names, row, strict=True)) for row in rows])
    return table.select(
        region=pl.lit("N"),
        district=pl.lit("A"),
        place="place",
        yes="yes",
        no="no",
        informal="informal",
        total=pl.col("yes") + pl.col("no") + pl.col("informal"),
    )


USUAL = [(str(i), 300 + i, 100 - i, 2) for i in range(6)]


def codes(found):
    return found.select("place", "code").rows()


def test_usual_returns_need_no_explanation():
    assert warnings(frame(*USUAL), NO_ELECTORS).is_empty()


def test_answers_that_were_exchanged_are_found_by_the_rest_of_the_district():
    found = warnings(frame(*USUAL, ("X", 100, 300, 2)), NO_ELECTORS)
    assert codes(found) == [("X", "swapped")]
    assert found["figures"][0] == "yes 100 of 400, the rest of the district 1815 of 2400"


def test_no_ballots_many_informal_and_more_ballots_than_electors_are_found():
    electors = pl.DataFrame({"region": ["N"], "district": ["A"], "electors": [500]})
    found = warnings(frame(*USUAL, ("E", 0, 0, 0), ("I", 70, 27, 3)), electors)
    assert codes(found) == [
        ("E", "no_ballots"),
        ("I", "many_informal"),
        (None, "more_than_electors"),
    ]
    assert found["figures"][-1] == "2512 ballots, 500 electors"


@given(st.permutations(range(6)))
def test_two_equal_entries_do_not_differ_whatever_their_order(order):
    table = frame(*USUAL)
    assert compare_entries(table, table[list(order)]).is_empty()


def test_entries_that_differ_are_told_number_by_number():
    other = frame(*[(p, y + 1 if p == "2" else y, n, i) for p, y, n, i in USUAL[:-1]])
    found = compare_entries(frame(*USUAL), other)
    assert codes(found) == [("2", "differs"), ("2", "differs"), ("5", "not_entered_twice")]
    assert found["figures"].to_list()[:2] == ["total 402 and 403", "yes 302 and 303"]


def test_the_command_fails_on_errors_and_passes_on_warnings(tmp_path):
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    frame(*USUAL, ("E", 0, 0, 0)).write_csv(first)
    frame(*USUAL).write_csv(second)
    passed = CliRunner().invoke(cli, ["returns", "check", str(first)])
    assert passed.exit_code == 0
    assert "0 errors, 1 warnings" in passed.output
    failed = CliRunner().invoke(
        cli, ["returns", "check", str(first), "--second", str(second), "--json"]
    )
    assert failed.exit_code == 1
    told = json.loads(failed.output)
    assert {one["code"] for one in told} == {"no_ballots", "not_entered_twice"}


def test_every_rule_has_a_level_and_a_meaning():
    assert all(rule.level in {"error", "warning"} and rule.meaning for rule in ENTRY_RULES.values())
