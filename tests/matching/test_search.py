"""The list searched as a person types."""

import json
from datetime import date

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from referendum.cli.main import cli
from referendum.core.schemas import ELECTORS
from referendum.matching.search import build_index, search

PEOPLE = [
    ("E0", "John Paul", "Smith", "704", "Maple Street NW", "Calgary", "T2P1A1", "403-555-1234"),
    ("E1", "Jane", "Smithson", "704", "Maple Street NW", "Calgary", "T2P1A1", None),
    ("E2", "José", "O'Brien-Côté", "12A", "8 Avenue", "Edmonton", "T5J2R7", "7805559876"),
    ("E3", "Marguerite", "Lafontaine", None, "RR 2 Site 3", "Cold Lake", None, None),
    ("E4", "Олександр", "Шевченко", "9", "1 Avenue", "Vegreville", "T9C1A1", None),
    ("E5", "Wei", "Li", "704", "Oak Drive", "Calgary", "T2P1A2", None),
]
COLUMNS = (
    "elector_id", "given_names", "surname", "street_number", "street", "locality", "postal_code",
    "phone",
)  # fmt: skip


def a_list(people):
    return pl.DataFrame(
        [dict(zip(COLUMNS, person, strict=True)) for person in people], schema=ELECTORS.schema
    )


LISTED = a_list(PEOPLE)
INDEX = build_index(LISTED)


def found(typed, index=INDEX, electors=LISTED):
    rows, _ = search(index, typed)
    return electors["elector_id"].gather(rows).to_list()


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("smith", "E0"),
        ("SMITH john", "E0"),
        ("smithson jane", "E1"),
        ("704smiths", "E1"),
        ("obrien cote", "E2"),
        ("o'brien", "E2"),
        ("Lafontane", "E3"),
        ("lafontiane marguerit", "E3"),
        ("Шевченко", "E4"),
        ("шев", "E4"),
        ("li wei", "E5"),
        ("403 555 1234", "E0"),
        ("(780) 555-9876", "E2"),
        ("t5j 2r7", "E2"),
        ("T5J2R7", "E2"),
        ("calgary oak", "E5"),
        ("cold lake", "E3"),
        ("smth jhon maple", "E0"),
    ],
)
def test_what_is_typed_finds_whom_it_means(typed, first):
    assert found(typed)[0] == first


@pytest.mark.parametrize("typed", ["", "   ", "!?", "xyzzy", "999999", "99smi"])
def test_what_means_nobody_finds_nobody(typed):
    assert found(typed) == []


def test_a_surname_begun_finds_all_who_have_it():
    assert set(found("smi")) == {"E0", "E1"}
    assert set(found("704smi")) == {"E0", "E1"}


letters = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=12)
people = st.lists(st.tuples(letters, letters), min_size=1, max_size=30)


@settings(max_examples=30, deadline=None)
@given(people, st.data())
def test_an_elector_is_found_by_a_name_with_one_typing_error(names, data):
    listed = a_list(
        [(f"E{n}", *name, None, None, None, None, None) for n, name in enumerate(names)]
    )
    given_name, surname = data.draw(st.sampled_from(names))
    at = data.draw(st.integers(0, len(surname) - 1))
    wrong = surname[:at] + data.draw(st.sampled_from("abcxyz")) + surname[at + 1 :]
    index = build_index(listed)
    rows, fits = search(index, f"{given_name} {wrong}", limit=100)
    same = [n for n, name in enumerate(names) if name == (given_name, surname)]
    assert set(same) <= set(rows.tolist())
    assert (fits <= 1).all()
    assert sorted(fits, reverse=True) == fits.tolist()


def test_four_hundred_people_at_one_address_are_given_up_to_the_limit():
    crowd = a_list(
        [
            (f"E{n:03}", "Ann", f"Brown{n}", "1", "Long Hall", "Banff", "T1L1A1", None)
            for n in range(400)
        ]
    )
    index = build_index(crowd)
    assert len(search(index, "1 long hall", limit=25)[0]) == 25
    assert found("brown399", index, crowd)[0] == "E399"


def test_a_list_of_nobody_can_be_searched():
    assert found("smith", build_index(LISTED[:0]), LISTED[:0]) == []


def run(*args, **more):
    return CliRunner().invoke(cli, ["roll", "search", *map(str, args)], **more)


def test_the_command_builds_the_index_once_and_opens_it_again(tmp_path):
    listed, indexes = tmp_path / "electors.csv", tmp_path / "indexes"
    LISTED.write_csv(listed)
    options = ("--electors", listed, "--index", indexes)
    assert "E0" in run("704smi", *options).output
    (built,) = indexes.iterdir()
    assert built.stat().st_mode & 0o077 == 0
    before = {file.name: file.stat().st_mtime_ns for file in built.iterdir()}
    assert json.loads(run("smith", "jane", "--json", *options).output)[0]["elector_id"] == "E1"
    assert {file.name: file.stat().st_mtime_ns for file in built.iterdir()} == before
    asked = run(*options, "--limit", "1", input="li wei\nnobody here\n").output
    assert "E5" in asked
    assert "nobody" in asked


def test_another_list_has_another_index(tmp_path):
    listed, indexes = tmp_path / "electors.csv", tmp_path / "indexes"
    options = ("--electors", listed, "--index", indexes)
    LISTED[:1].write_csv(listed)
    assert "nobody" in run("li", *options).output
    LISTED.write_csv(listed)
    assert "E5" in run("li", *options).output


def test_a_list_that_is_not_there_and_two_lists_are_refused(tmp_path):
    missing = run("smith", "--electors", tmp_path / "none.csv")
    assert "no such file" in str(missing.exception)
    assert run("smith").exit_code == 2


BORN_PEOPLE = [
    {"elector_id": "B0", "given_names": "Petra", "surname": "Dorn", "birth_date": date(1980, 2, 3)},
    {"elector_id": "B1", "given_names": "Karl", "surname": "Dorn", "birth_date": date(1990, 1, 2)},
    {"elector_id": "B2", "given_names": "Ida", "surname": "Hunt", "birth_year": 1990},
    {"elector_id": "B3", "given_names": "小明", "surname": "王"},
    {"elector_id": "B4", "given_names": "민수", "surname": "김"},
    {"elector_id": "B5", "given_names": "Harty", "surname": "Kras"},
    {"elector_id": "B6", "given_names": "Anna", "surname": "Krsnik"},
]
BORN_LIST = pl.DataFrame(
    [{"street_number": "12", **person} for person in BORN_PEOPLE], schema=ELECTORS.schema
)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("1980-02-03", "B0"), ("03.02.1980 12", "B0"), ("3/2/1980 dorn", "B0"),
        ("1990-01-02 12", "B1"), ("dorn 1990", "B1"), ("hunt 1990", "B2"), ("王小明", "B3"),
        ("王 小明", "B3"), ("김민수", "B4"), ("Hnt", "B2"), ("Krs Harty", "B5"), ("小明王", "B3"),
    ],
)  # fmt: skip
def test_days_of_birth_names_without_blanks_and_short_misspelt_ones_are_found(typed, first):
    assert found(typed, build_index(BORN_LIST), BORN_LIST)[:1] == [first]
