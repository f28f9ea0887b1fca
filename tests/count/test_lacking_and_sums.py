"""Rows that would be counted twice, and boxes of which a form is not there."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from test_unsettled import HEADER, ITALY, PLAIN, Vote, table

from referendum.core.errors import InputError, LawError
from referendum.core.tables import check_table
from referendum.count import FORMATS, FORMS, Entry, reconcile_forms, to_forms
from referendum.count.subtotals import find_subtotals
from referendum.law import parse_exclusions
from referendum.record.reading import Record
from referendum.tables.reading import read_raw_table
from referendum.verify.report import Mismatch
from referendum.verify.returned_forms import Return, check_faults_between_forms

EXAMPLES = Path(__file__).parents[2] / "examples"
ASKED = "question,region,district,place,yes,no,informal,total"


@pytest.mark.parametrize("more", [(), ("A,A,D,P3,30,60,0,100", "B,A,E,P,6,4,0,10")])
def test_a_box_of_a_common_ballot_without_a_form_of_a_question_is_open(tmp_path, more):
    rows = table(
        "A,A,D,P1,60,40,0,100", "B,A,D,P1,60,40,0,100", "A,A,D,P2,60,40,0,100",
        *(["A,A,E,P,6,4,0,10", *more] if more else []),
        header=ASKED,
    )  # fmt: skip
    facts, result = Vote(tmp_path, PLAIN).result(rows, common_ballot=True)
    # P3 has a form set aside of A and none of B.
    assert [one["outstanding"] for one in result["questions"]] == ([100, 200] if more else [0, 100])
    assert facts["carried"]["B"] is None


def test_questions_of_their_own_boxes_need_no_form_of_each_other(tmp_path):
    rows = table("A,A,D,P1,60,40,0,100", "B,A,D,P1,60,40,0,100", "A,A,D,P2,60,40,0,100",
                 header=ASKED)  # fmt: skip
    facts, _ = Vote(tmp_path, PLAIN).result(rows)
    assert facts["carried"] == {"A": True, "B": True}


def found(text):
    one = reconcile_forms(Entry(pl.read_csv(text.encode(), infer_schema=False)))
    return dict(one.set_aside.select("row", "code").iter_rows())


A = "A,D1,P1,1200,1000,5,2205"
B = "A,D1,P2,1310,900,7,2217"
C = "A,D1,P3,800,1411,9,2220"
D = "A,D1,P4,701,1800,9,2510"
AB, CD = "2510,1900,12,4422", "1501,3211,18,4730"


@pytest.mark.parametrize(
    ("rows", "sums"),
    [
        ([A, B, f"A,D1,Zone A,{AB}", C, D, f"A,D1,Zone B,{CD}"], {3, 6}),
        ([f"A,D1,Zone A,{AB}", A, B, f"A,D1,Zone B,{CD}", C, D], {1, 4}),
        ([A, B, f"A,North,x,{AB}", C, D, f"A,South,x,{CD}"], {3, 6}),
        ([A, B, f"A,D1,Zone A,{AB}", C, D, f"A,D1,Zone B,{CD}", "A,D1,TOTAL,4011,5111,30,9152"],
         {3, 6, 7}),
        ([A, B, C, "A,D1,P9,3310,3311,0,6621"], {4}),
        ([A, "A,D1,Zone A subtotal,1200,1000,5,2205", B, C, D], {2}),
        ([A, B, C, "A,D1,P9,3310,3312,21,6643"], set()),
    ],
)  # fmt: skip
def test_sums_of_the_rows_beside_them_are_set_aside(rows, sums):
    assert found(table(*rows)) == dict.fromkeys(sorted(sums), "sum_of_others")


def test_a_subtotal_of_what_is_not_known_is_open():
    assert found(table(A, B, C, "A,D1,Zone A subtotal,900,800,0,1700")) == {4: "sum_differs"}
    assert found(table(A, B, C, "A,D1,Bray-sur-Somme,900,800,0,1700")) == {}


@pytest.mark.parametrize("column", ["kind", "question"])
def test_a_kind_or_question_that_is_the_sum_of_the_others_is_none(column):
    rows = [
        "x,A,D1,P1,1200,1000,5,2205", "x,A,D1,P2,1210,1009,5,2224", "x,A,D1,P3,10,9,5,24",
        "y,A,D1,P1,300,400,5,705", "y,A,D1,P2,310,450,5,765", "y,A,D1,P3,40,40,5,85",
        "both,A,D1,P1,1500,1400,10,2910", "both,A,D1,P2,1520,1459,10,2989",
        "both,A,D1,P3,50,50,10,110",
    ]  # fmt: skip
    text = table(*rows, header=f"{column},{HEADER}")
    assert found(text) == {7: "sum_of_others", 8: "sum_of_others", 9: "sum_differs"}


def test_a_sum_that_faulty_forms_hid_is_found_by_both_programs(tmp_path):
    rows = [
        f"{kind},A,D,{place},{yes},{no},{informal},{yes + no}"
        for place, informal, both in (("P", 0, 150), ("Q", 0, 150), ("R", 9, 120), ("S", 9, 120))
        for kind, yes, no in (("x", 120, 100), ("y", 30, 40), ("both", both, 140))
    ]
    _, result = Vote(tmp_path, PLAIN).result(table(*rows, header=f"kind,{HEADER}"))
    assert result["set_aside"] == 8


def test_real_returns_have_no_sums_beside_them_in_any_order():
    frame = read_raw_table(EXAMPLES / "au-voice-2023" / "polling_places.csv.gz").frame
    forms = check_table(FORMS, to_forms(FORMATS["aec-referendum"], frame))
    rows = forms.rows.with_columns(row=forms.row_numbers, question=pl.lit("1"))
    chance = np.random.default_rng(20231014)
    named = pl.Series([], dtype=pl.Int64)
    for order in (np.arange(rows.height), *(chance.permutation(rows.height) for _ in range(20))):
        mixed = rows[order].with_columns(row=pl.int_range(1, rows.height + 1))
        assert find_subtotals(mixed, named).is_empty()


@pytest.mark.parametrize("number", [10, 200])
def test_electors_for_one_question_and_for_all_are_refused(tmp_path, number):
    rows = table("1,A,D,P,60,40,1,101", "2,A,D,P,60,40,1,101", header=ASKED)
    electors = f"question,region,district,electors\n1,A,D,{number}\n,A,D,200\n"
    with pytest.raises(InputError, match="given twice: for question 1, and for every question"):
        Vote(tmp_path, PLAIN).receive(rows, electors)


def test_verify_finds_a_kind_that_is_the_sum_of_the_others():
    rows = [("x", 120, 100), ("y", 30, 40), ("both", 150, 140)]
    forms = [
        Return(("1", kind, "A", "D", place), {"yes": yes, "no": no, "total": yes + no}, "")
        for place in ("P", "Q", "R")
        for kind, yes, no in rows[: 2 if place == "R" else 3]
    ]
    with pytest.raises(Mismatch, match="the kind both is the sum of the others"):
        check_faults_between_forms(forms, "")
    check_faults_between_forms([form for form in forms if form.key[1] != "both"], "")


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("percent_reporting", ("100", "40")), ("precinctsReporting", ("3", "1")),
        ("note", ("", "recount asked")), ("Bemerkung", ("Nachzählung", "")), ("stav", ("1", "2")),
        ("completed_at", ("19:05", "")), ("備註", ("甲", "乙")),
    ],
)  # fmt: skip
def test_a_column_that_may_say_so_stops_the_intake_unless_accepted(tmp_path, column, cells):
    rows = table(
        *(f"A,D,{place},5,4,0,9,{cell}" for place, cell in zip("PQ", cells, strict=True)),
        header=f"{HEADER},{column}",
    )
    made = Vote(tmp_path, PLAIN)
    with pytest.raises(InputError, match="may say whether a row is final"):
        made.receive(rows)
    assert made.receive(rows, accept=(column,)).parameters["accepted"] == [column]


@pytest.mark.parametrize(
    ("column", "cells"),
    [("result_type", ("final", "preliminary")), ("return_type", ("final", "estimate")),
     ("explanation", ("", "not counted yet"))],
)  # fmt: skip
def test_a_column_that_says_so_in_known_words_is_read(column, cells):
    rows = [f"A,D,P,5,4,0,9,{cells[0]}", f"A,D,Q,0,0,0,0,{cells[1]}"]
    assert found(table(*rows, header=f"{HEADER},{column}")) == {2: "not_final"}


def test_names_that_differ_only_by_zeros_before_a_number_are_one_name(tmp_path):
    rows = table("A,001,P1,1200,1000,5,2205", "A,1,P1,700,1300,5,2005", "A,1,P02,100,102,0,202",
                 "A,1,P20,100,102,0,202", "A,10,P1,100,102,0,202")  # fmt: skip
    facts, result = Vote(tmp_path, PLAIN).result(rows)
    assert (result["set_aside"], facts["yes"], facts["carried"]) == (1, 1500, None)


def warned(made):
    data = Record.open(made.at).inputs(("returns",)).data("returns", "warnings.csv")
    return pl.read_csv(data, infer_schema=False).select("place", "code", "figures").rows()


@pytest.mark.parametrize(
    ("times", "doubtful"),
    [(("9:00", "20:00", "21h30"), True), (("19:00", "20:00", "Hall"), False),
     (("21:00", "20:00", "19:00"), False), (("P19", "P20", "P21"), False)],
)  # fmt: skip
def test_running_totals_are_doubted(tmp_path, times, doubtful):
    votes = ("1200,1000,5,2205", "2510,1900,12,4422", "3310,3311,21,6642")
    made = Vote(tmp_path, PLAIN)
    made.result(table(*(f"A,D,{time},{one}" for time, one in zip(times, votes, strict=True))))
    told = ("all", "running_totals", "yes 3310, no 3311, total 6642")
    assert warned(made) == ([told] if doubtful else [])


@pytest.mark.parametrize(
    ("listed", "provisional", "differs"),
    [(300, False, False), (310, False, True), (290, False, True), (310, True, False)],
)
def test_electors_of_forms_and_table_that_differ_are_told(tmp_path, listed, provisional, differs):
    rows = table("A,D,P,60,40,0,100,200", "A,D,Q,6,4,0,10,100", header=f"{HEADER},electors")
    made = Vote(tmp_path, PLAIN)
    electors = f"region,district,electors\nA,D,{listed}\n"
    made.result(rows, electors, provisional=provisional)
    told = [("all", "electors_differ", f"electors {listed}, on the forms 300")]
    assert warned(made) == (told if differs else [])


def test_electors_that_differ_between_kinds_of_a_place_are_told(tmp_path):
    rows = table("x,A,D,P,60,40,0,100,200", "y,A,D,P,6,4,0,10,90",
                 header=f"kind,{HEADER},electors")  # fmt: skip
    made = Vote(tmp_path, PLAIN)
    made.result(rows)
    assert warned(made) == [("P", "electors_of_place_differ", "electors 90, 200")]


def test_a_tie_break_by_its_name_is_never_a_proposal(tmp_path):
    names = ("Initiative", "Gegenvorschlag", "Stichfrage")
    made = Vote(tmp_path, PLAIN, exclusions=parse_exclusions(["Initiative,Gegenvorschlag"], []))
    with pytest.raises(InputError, match="'Stichfrage' is a tie-break by its name"):
        made.receive(table(*(f"{name},A,D,P,60,40,0,100" for name in names), header=ASKED))


def test_electors_of_one_question_are_said_to_lack_for_the_other(tmp_path):
    rows = table("1,A,D,P,60,40,1,101", "2,A,D,P,60,40,1,101", header=ASKED)
    made = Vote(tmp_path, ITALY)
    made.receive(rows, "question,region,district,electors\n1,A,D,200\n")
    with pytest.raises(LawError, match="is not known of question 2"):
        made.declare()
