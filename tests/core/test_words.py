"""Words that stand for an answer, and spellings that are one name."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referendum.core.names import name_key, name_keys, suggest_names
from referendum.core.words import (
    NO_WORDS,
    YES_WORDS,
    is_illegible,
    is_sum,
    may_be_nothing,
    read_answer,
    read_truth,
)


@pytest.mark.parametrize(
    ("option", "answer"),
    [
        ("No on A", "no"),
        ("Yes on A", "yes"),
        ("YES / SÍ", "yes"),
        ("YES ", "yes"),
        ("YES/FOR", "yes"),
        ("NO/AGAINST", "no"),
        ("Nein", "no"),
        ("Reject", "no"),
        ("No - against the measure", "no"),
        ("Vote against", "no"),
        ("do not approve", "no"),
        ("Pas d’accord", "no"),
        ("不同意", "no"),
        ("同意", "yes"),
        ("en contra", "no"),
        ("Yes, no more tax", "yes"),
        ("Yes/No", None),
        ("For the repeal: No", None),
        ("Not in favour", "no"),
        ("In favour", "yes"),
        ("Keep it for schools", None),
        ("Write-in", None),
        ("", None),
    ],
)
def test_an_option_says_which_answer_it_is_by_its_words(option, answer):
    assert read_answer(option) == answer


def test_no_word_says_both():
    assert not YES_WORDS & NO_WORDS


def test_cells_that_say_yes_or_no():
    assert [read_truth(cell) for cell in ("Y", "y", "TRUE", "1", "x", "oui")] == [True] * 6
    assert [read_truth(cell) for cell in ("N", "no", "False", "0", "nein")] == [False] * 5
    assert [read_truth(cell) for cell in ("issued", "perhaps", "N/A", "")] == [None] * 4


def test_nothing_legible_is_no_name_and_some_people_are_called_none():
    words = ("*", "?", "-", ".", "[illegible]", "unreadable", "???", "Illisible")
    assert all(is_illegible(word) for word in words)
    words = (*words, "can't read", "Name unreadable", "(keine Angabe)", "niet leesbaar", "判読不能")
    assert all(is_illegible(word) for word in words)
    assert not any(is_illegible(word) for word in ("Blank", "None", "N/A", "Null", "O", "王小明"))
    assert all(may_be_nothing(word) for word in (*words, "N/A", "none", "Blank"))
    assert not may_be_nothing("Smith")


def test_sums_are_known_by_name():
    assert all(is_sum(word) for word in ("TOTAL", "Grand Total", "Insgesamt", "合計", "Összesen"))
    assert not is_sum("Totalville")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("St. John's", "st johns"),
        ("Straße", "STRASSE"),
        ("École", "ECOLE"),
        ("Ｐ１", "p 1"),
        ("İzmir", "izmir"),
        ("Ward 1-2", "WARD 1/2"),
        ("A\u0301ra", "Ára"),
    ],
)
def test_two_spellings_are_one_name(one, other):
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Ward 1-2", "Ward 12"), ("P1", "P2"), ("हिन्दी", "हन्द"), ("02", "2")]
)
def test_other_names_stay_apart(one, other):
    assert name_key(one) != name_key(other)


def test_a_column_is_folded_as_its_names_are():
    names = pl.Series("place", ["P1", None, "p 1", "École"])
    assert name_keys(names).to_list() == ["p1", None, "p1", "ecole"]


@given(st.lists(st.none() | st.text("aZ19 -'.\t_Éßł\u0301", max_size=9)))
def test_a_column_of_any_names_is_folded_as_each_name_is(names):
    keys = [None if name is None else name_key(name) for name in names]
    assert name_keys(pl.Series("place", names, dtype=pl.String)).to_list() == keys


def test_near_names_help_a_person_on():
    assert suggest_names("Kanton ZH", ["ZH", "BE"]) == ["ZH"]
    assert suggest_names("Zurch", ["Zürich", "Bern"]) == ["Zürich"]
    assert suggest_names("nowhere at all", ["ZH"]) == []
