"""Ballot accounts, rules of entry, two entries, several questions, and what is expected."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referendum.count import (
    ACCOUNTS,
    OTHER_CODES,
    PREVIOUS,
    RULES,
    Entry,
    ReferenceData,
    place_statuses,
    reconcile_forms,
)

GOOD = {
    "question": "1", "kind": "ordinary", "region": "R", "district": "D", "place": "Hall",
    "yes": 600, "no": 380, "informal": 20, "total": 1000,
    "electors": 1400, "marked": 1001, "added": 1, "voters": 1002,
    "received": 1200, "unused": 192, "spoiled": 3, "declined": 1, "taken_away": 1, "missing": 3,
    "difference": 0, "blank": 5, "no_initials": 3, "unclear": 6, "several_marks": 4,
    "contested": 0, "other": 2, "entered_by": "A", "explanation": None,
}  # fmt: skip


def forms(*changes, **common):
    rows = [{**GOOD, **common, **change} for change in changes]
    return pl.DataFrame(rows, infer_schema_length=None).cast(pl.String)


def codes(frame, beside=None):
    """Codes of what is set aside, and of the warnings."""
    found = reconcile_forms(Entry(frame), beside or ReferenceData())
    return found.set_aside["code"].to_list(), found.warnings["code"].to_list()


def test_a_full_ballot_account_that_balances_stands_without_a_word():
    found = reconcile_forms(Entry(forms({})))
    assert found.returns.height == 1
    assert found.accounts.columns == ACCOUNTS.schema.names()
    assert (found.set_aside.height, found.warnings.height) == (0, 0)


BREAKING = {
    "does_not_add_up": {"yes": 601},
    "reasons_do_not_add_up": {"unclear": 7},
    "account_does_not_balance": {"unused": 193},
    "voters_do_not_add_up": {"marked": 1000},
    "difference_not_stated": {"voters": 1003, "marked": 1002, "difference": None},
    "difference_is_another": {"voters": 1003, "marked": 1002},
    "difference_not_explained": {"voters": 1003, "marked": 1002, "difference": 1},
    "more_ballots_than_electors": {"electors": 993},
    "many_blank": {"blank": 30, "informal": 45, "yes": 575},
    "many_rejected": {"unclear": 21, "informal": 35, "yes": 585},
    "large_difference": {
        "voters": 1022, "marked": 1021, "difference": 20, "explanation": "seen by the officer"
    },
    "no_ballots": {
        "yes": 0, "no": 0, "informal": 0, "total": 0, "voters": 2, "marked": 1, "unused": 1192,
        "blank": 0, "no_initials": 0, "unclear": 0, "several_marks": 0, "other": 0,
    },
    "no_electors": {"electors": 0, "explanation": "a hospital without a list"},
    "fewer_electors_than_voters": {"electors": 1001},
    "more_ballots_than_voters": {
        "voters": 952, "marked": 951, "difference": -50, "explanation": "under inquiry"
    },
}  # fmt: skip


def test_every_rule_has_a_form_that_breaks_it():
    assert list(BREAKING) == [rule.code for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_form_that_breaks_a_rule_is_set_aside_or_named(rule):
    aside, warned = codes(forms(BREAKING[rule.code]))
    assert rule.code in (aside if rule.level == "error" else warned)
    assert bool(aside) == (rule.level == "error")


@given(
    st.sampled_from([c for c in GOOD if isinstance(GOOD[c], int) and c != "electors"]),
    st.integers(-50, 50).filter(bool),
)
@settings(max_examples=40)
def test_no_single_number_of_a_full_account_can_be_altered_unseen(column, by):
    altered = forms({column: GOOD[column] + by})
    aside, _ = codes(altered)
    assert len(aside) == 1


def test_rules_speak_only_of_numbers_that_are_given():
    bare = forms({}).select("region", "district", "place", "yes", "no", "informal", "total")
    found = reconcile_forms(Entry(bare))
    assert found.returns.select("question", "kind").rows() == [("1", "all")]
    assert found.accounts.is_empty()


def test_informal_ballots_are_added_up_from_the_reasons():
    found = reconcile_forms(Entry(forms({"informal": None})))
    assert found.returns["informal"].to_list() == [20]
    without = forms({"informal": None}).drop("blank", "no_initials", "unclear", "several_marks",
                                             "contested", "other")  # fmt: skip
    assert reconcile_forms(Entry(without)).set_aside["code"].to_list() == ["missing"]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("-1", "negative"),
        ("1e3", "not_a_number"),
        ("99999999999", "out_of_range"),
        ("many", "not_a_number"),
        ("1,5", "not_a_number"),
    ],
)
def test_negative_and_absurd_numbers_are_set_aside_with_what_stood_there(value, code):
    aside = reconcile_forms(Entry(forms({"spoiled": value}))).set_aside
    assert aside.select("column", "code", "value").rows() == [("spoiled", code, value)]


def test_a_place_that_comes_twice_or_is_not_expected_is_set_aside():
    places = pl.DataFrame(
        [{"region": "R", "district": "D", "place": "Hall", "kind": "ordinary", "due": None}],
        schema_overrides={"due": pl.String},
    )
    aside, _ = codes(forms({}, {}, {"place": "Elsewhere"}), ReferenceData(places=places))
    assert aside == ["repeated", "not_expected"]


def test_kinds_of_vote_and_questions_are_forms_of_their_own():
    found = reconcile_forms(Entry(forms({}, {"kind": "advance"}, {"question": "2"})))
    assert found.returns.height == 3


def test_questions_on_a_common_ballot_have_one_account():
    other = {"question": "2", "yes": 601, "no": 379}
    assert codes(forms({}, other), ReferenceData(common_ballot=True))[0] == []
    differing = {**other, "total": 1001, "no": 380, "unused": 191, "voters": 1003, "marked": 1002}
    assert codes(forms({}, differing))[0] == []
    assert (
        codes(forms({}, differing), ReferenceData(common_ballot=True))[0] == ["accounts_differ"] * 2
    )


def entered_again(first, second):
    return reconcile_forms(Entry(first), ReferenceData(second_entry=Entry(second))).set_aside


def test_two_equal_entries_by_different_people_stand():
    assert entered_again(forms({}), forms({"entered_by": "B"})).is_empty()


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ({"entered_by": "A"}, ("entered_by", "same_clerk", "A")),
        ({"entered_by": " a."}, ("entered_by", "same_clerk", "A")),
        ({"entered_by": None}, ("entered_by", "no_clerk", "A")),
        ({"entered_by": "-"}, ("entered_by", "no_clerk", "A")),
        ({"entered_by": "B", "yes": 380, "no": 600}, ("yes", "entries_differ", "600 / 380")),
        ({"entered_by": "B", "spoiled": None}, ("spoiled", "entries_differ", "3 / nothing")),
    ],
)
def test_entries_that_differ_are_set_aside_with_both_numbers(second, told):
    aside = entered_again(forms({}), forms(second))
    assert aside.select("column", "code", "value").rows() == [told]


def test_a_form_that_only_one_entry_has_is_told_from_either_side():
    other = {"place": "School", "entered_by": "B"}
    aside = entered_again(forms({}), forms(other))
    told = aside.select("place", "code").rows()
    assert told == [("Hall", "entered_once"), ("School", "entered_once")]


def place(name, yes, no):
    return {"place": name, "yes": yes, "no": no, "informal": 0, "total": yes + no}


BARE = ["region", "district", "place", "yes", "no", "informal", "total"]


def test_swapped_answers_are_named_with_the_figures_beside():
    rows = [place("A", 200, 800), place("B", 220, 780), place("C", 790, 210)]
    found = reconcile_forms(Entry(forms(*rows).select(BARE))).warnings
    assert found.select("place", "code", "figures").rows() == [
        ("C", "swapped_with_neighbours", "yes 790, no 210; beside yes 420, no 1580")
    ]


def test_swapped_answers_are_named_against_the_last_vote_of_the_place():
    last = pl.DataFrame(
        [{"region": "R", "district": "D", "place": "A", "yes": 750, "no": 250}],
        schema=PREVIOUS.schema,
    )
    found = codes(forms(place("A", 240, 760)).select(BARE), ReferenceData(previous=last))
    assert found == ([], ["swapped_with_previous"])


def test_a_district_with_more_ballots_than_electors_is_named():
    electors = pl.DataFrame(
        {"question": ["*"], "region": ["R"], "district": ["D"], "electors": [1500]}
    )
    rows = forms({}, {"kind": "advance"})
    assert codes(rows, ReferenceData(electors=electors))[1] == ["district_exceeds_electors"]


def test_each_expected_place_is_counted_set_aside_late_or_missing():
    names = ["In", "Faulty", "Late", "Missing", "Half"]
    due = "2026-10-19T22:00:00+00:00"
    places = pl.DataFrame(
        [
            {"region": "R", "district": "D", "place": name, "kind": "ordinary",
             "due": due if name != "Missing" else None}
            for name in names
        ],
        schema_overrides={"due": pl.String},
    )  # fmt: skip
    rows = [{"place": "In"}, {"place": "In", "question": "2"}, {"place": "Faulty", "yes": 1}]
    found = reconcile_forms(Entry(forms(*rows, {"place": "Half"})), ReferenceData(places=places))
    for as_of, late in (("2026-10-19T21:59:59+00:00", "missing"), (due, "late")):
        standing = place_statuses(places, found.returns, found.set_aside, as_of)
        status = dict(standing.select("place", "status").iter_rows())
        assert status == {
            "In": "counted", "Faulty": "set_aside", "Late": late, "Missing": "missing", "Half": late
        }  # fmt: skip


def test_every_code_is_documented_once():
    every = [rule.code for rule in RULES]
    assert len({*every, *OTHER_CODES}) == len(every) + len(OTHER_CODES)
