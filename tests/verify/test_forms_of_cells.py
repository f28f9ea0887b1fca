"""Cells of published tables that an insider writes otherwise than they are written: each fails."""

import pytest
from every_kind import RECORDS

from forger import Forger, check, csv_of, table


def test_a_return_is_named_in_full(tmp_path):
    made = RECORDS["vote of questions"](tmp_path)
    forger = Forger(made.folder)
    files = forger.files("returns")
    rows = table(files["returns.csv"])
    put_cell(rows, 1, "place", "")
    files["returns.csv"] = csv_of(rows)
    assert "a row names no" in check(forger.build(made.signer)).failures[0].words


def test_what_was_accepted_is_named_once(vote):
    forger = Forger(vote.folder)
    act = next(one for one in forger.acts if "accepted" in one["parameters"])
    act["parameters"]["accepted"] *= 2
    assert "the parameter accepted is" in check(forger.build(vote.signer)).failures[0].words


@pytest.fixture(scope="module")
def vote(tmp_path_factory):
    return RECORDS["vote in parts"](tmp_path_factory.mktemp("cells"))


def put_cell(rows, row, column, value):
    rows[row][rows[0].index(column)] = value


@pytest.mark.parametrize(
    ("kind", "name", "column", "value", "words"),
    [
        ("returns", "accounts.csv", "explanation", " ", "shows nothing and is not empty"),
        ("polls", "polls.csv", "note", "\u200b", "shows nothing and is not empty"),
        ("polls", "polls.csv", "mode", "online ", "is not one that there is"),
        ("polls", "polls.csv", "sponsor_side", "both", "is not one that there is"),
        ("returns", "places.csv", "kind", "", "a row names no"),
        ("returns", "previous.csv", "district", "", "a row names no"),
        ("forecast", "trend.csv", "day", "2023-09-01 ", "does not ascend"),
    ],
)
def test_a_cell_of_another_form_fails(vote, kind, name, column, value, words):
    forger = Forger(vote.folder)
    bundles = [files for manifest, files in forger.bundles.values() if manifest["kind"] == kind]
    files = next(files for files in bundles if len(table(files[name])) > 1)
    rows = table(files[name])
    put_cell(rows, 1, column, value)
    files[name] = csv_of(rows)
    found = check(forger.build(vote.signer)).failures
    assert words in " ".join(one.words for one in found)
