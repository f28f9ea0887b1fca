"""Returns as spreadsheets and authorities write them, down to the declared result."""

from dataclasses import dataclass

import polars as pl
import pytest
from test_unsettled import BINDING, HEADER, ITALY, PLAIN, TAIWAN, Vote, table

from referendum.core.errors import InputError, LawError
from referendum.count import ChoiceColumns
from referendum.flows.count.files import batches_to_forms
from referendum.flows.count.outcome import outcome_lines
from referendum.law import parse_exclusions
from referendum.publish.pages import page
from referendum.record.reading import Record

ALBERTA = ("ca-ab/citizen-initiative-act", "2026-10-19")


@dataclass
class Declared:
    """What a vote came to."""

    carried: bool | None
    counted: tuple[int, int, int, int]  # places, yes, no, ballots
    aside: list[tuple[str, ...]]
    lines: list[str]
    word: str


@pytest.fixture
def declare(tmp_path):
    def declare(rows, act=ALBERTA, electors=None, **more):
        made = Vote(tmp_path, act)
        facts, result = made.result(rows, electors, **more)
        one = result["questions"][0]
        counted = (result["places"], one["yes"], one["no"], one["total"])
        rule = Record.open(made.at).inputs(("statute",)).statute().vote
        word = page(Record.open(made.at)).answer.word
        return Declared(facts["carried"], counted, made.aside(), outcome_lines(result, rule), word)

    return declare


THOUSANDS = table('X,Y,P1,"1,234","2,000",6,"3,240"', "X,Y,P2,100,90,2,192", "X,Y,P3,100,90,2,193")


def test_thousands_marks_set_no_place_aside_and_turn_no_headline(declare, tmp_path):
    with pytest.raises(InputError, match=r"1 row of 3 would be set aside.*does_not_add_up"):
        Vote(tmp_path / "strict", ALBERTA).receive(THOUSANDS, accept=())
    found = declare(THOUSANDS)
    assert (found.carried, found.word) == (False, "Not carried")
    assert found.counted == (2, 1_334, 2_090, 3_432)
    assert found.aside == [("P3", "does_not_add_up", "193")]
    assert "2 places counted, 1 row set aside, up to 193 ballots not counted" in found.lines[-1]
    assert "cannot turn it" in found.lines[-1]


def test_what_a_spreadsheet_puts_around_numbers_is_taken_off_and_formulas_are_none(declare):
    found = declare(
        table(
            '="R",="D",="001","=""120""","=""80""","=""5""","=""205"""',
            '="R",="D",="002",="100",="90",="2",="192"',
            "R,D,003,'100,'90,'2,'192", "R,D,4,100,90,2,192", "R,D,04,100,90,2,192",
            "R,D,005,100 ,  90,2,192", "R,D,006,#REF!,90,2,192", "R,D,007,1E+2,90,2,192",
        )
    )  # fmt: skip
    assert found.counted == (5, 520, 440, 973)
    assert [one[:2] for one in found.aside] == [
        ("4", "repeated"), ("006", "not_a_number"), ("007", "not_a_number")
    ]  # fmt: skip
    assert found.carried is None


def test_blank_rows_and_a_source_below_hold_no_ballot(declare):
    found = declare(
        table("R,D,P1,100,90,2,192", ",,,,,,", "", "R,D,P2,100,90,2,192", "Source: office,,,,,,")
    )
    assert (found.carried, found.counted) == (True, (2, 200, 180, 384))
    assert "no ballot of them is left to count" in found.lines[-1]


def test_rows_above_the_header_are_told_from_it(tmp_path):
    rows = table("Results of the referendum,,,,,,", ",,,,,,", HEADER, "R,D,P1,100,90,2,192")
    with pytest.raises(InputError) as told:
        Vote(tmp_path, ALBERTA).receive(rows.split("\n", 1)[1])
    assert told.value.hint == "row 3 looks like the header: delete the rows above it"


@pytest.mark.parametrize("name", ['"Town\nHall"', "P\x002"])
def test_a_name_over_two_lines_or_with_signs_that_are_no_text_is_none(declare, name):
    found = declare(table("R,D,P1,100,90,2,192", f"R,D,{name},100,90,2,192"))
    assert found.counted[0] == 1
    assert [one[1] for one in found.aside] == ["control_character"]


def test_floats_of_a_statistics_program_are_whole_numbers(tmp_path):
    path = tmp_path / "returns.parquet"
    numbers = {"yes": [5.0, 6.0], "no": [1.0, 2.0], "informal": [0.0, None], "total": [6.0, 8.0]}
    names = {"region": ["AB"] * 2, "district": ["D"] * 2, "place": ["P", "Q"]}
    pl.DataFrame(names | numbers).write_parquet(path)
    made = Vote(tmp_path, ALBERTA)
    made.receive(path)
    facts, result = made.declare()
    assert (result["places"], facts["yes"]) == (1, 5)
    assert made.aside() == [("Q", "missing", "8")]


def test_a_table_of_one_vote_a_row_is_refused_by_its_columns(tmp_path):
    rows = "county,office,district,party,candidate,votes\nAlameda,51,,,Yes,388254\n"
    with pytest.raises(InputError, match="returns needs the columns region, place, yes, no, total"):
        Vote(tmp_path, ALBERTA).receive(rows)


@pytest.mark.parametrize("ends", ["\r", "\r\n", "\n"])
def test_any_line_end_ends_a_return(declare, tmp_path, ends):
    path = tmp_path / "mac.csv"
    path.write_bytes(table("R,D,P1,100,90,2,192", "R,D,P2,1,2,0,3").replace("\n", ends).encode())
    assert declare(path).counted == (2, 101, 92, 195)


def test_batches_are_read_with_their_thousands_marks_and_an_empty_one_is_named(tmp_path):
    ballots, votes = tmp_path / "manifest.csv", tmp_path / "totals.csv"
    manifest = "Container,Tabulator,Batch Name,Number of Ballots\n"
    manifest += 'C1,T1,B1,"1,200"\nC1,T2,B2, 300 \nC2,T1,B3,{}\n'
    votes.write_text("Batch Name,Yes,No,Write-in\nB1,700,450,10\nB2,150,140,\nB3,10,5,0\n")
    columns = ChoiceColumns("Yes", ("No",), ("Write-in",))
    ballots.write_text(manifest.format(""))
    with pytest.raises(InputError, match="Number of Ballots: missing"):
        batches_to_forms(ballots, votes, columns, "all")
    ballots.write_text(manifest.format("15"))
    votes.write_text(votes.read_text().replace("140,\n", "140,0\n"))
    found = batches_to_forms(ballots, votes, columns, "all")
    assert found.forms["total"].to_list() == [1_200, 300, 15]


# Votes that were held.


HELD = """\
question,region,district,place,yes,no,informal,total,electors
7,TW,TW,TW,7955753,2109157,0,10064910,19757411
8,TW,TW,TW,7599267,2346316,0,9945583,19757725
9,TW,TW,TW,7791856,2231425,0,10023281,19757364
10,TW,TW,TW,7658008,2907429,0,10565437,19756380
11,TW,TW,TW,7083379,3419624,0,10503003,19757483
12,TW,TW,TW,6401748,4072471,0,10474219,19757195
13,TW,TW,TW,4763086,5774556,0,10537642,19756902
14,TW,TW,TW,3382286,6949697,0,10331983,19757836
15,TW,TW,TW,3507665,6805171,0,10312836,19757415
16,TW,TW,TW,5895560,4014215,0,9909775,19756432
17,TW,TW,TW,3804689,4262517,0,8067206,19825361
18,TW,TW,TW,3936386,4131371,0,8067757,19825190
19,TW,TW,TW,3951677,4120243,0,8071920,19825861
20,TW,TW,TW,3901171,4163464,0,8064635,19826070
"""
"""Taiwan's national referendums of 2018 and 2021, after its Central Election Commission; electors
are worked out from its percentages."""


def test_fourteen_votes_of_taiwan_come_out_as_declared_by_the_electors_of_each_return(tmp_path):
    facts, result = Vote(tmp_path, TAIWAN).result(HELD)
    carried = {name for name, one in facts["carried"].items() if one}
    assert carried == {"7", "8", "9", "10", "11", "12", "16"}
    assert [one["question"] for one in result["questions"]] == [str(n) for n in range(7, 21)]
    assert sum(one["total"] for one in result["questions"]) == 134_940_187


@pytest.mark.parametrize(
    ("electors", "carried", "words"),
    [
        (20_002_091, False, "but approval by the electors needed 5,000,523 and had 4,341,432"),
        (17_365_728, True, "formal votes (74.17%)"),
    ],
)
def test_a_district_of_twenty_million_electors_is_taken(declare, electors, carried, words):
    listed = f"region,district,electors\nTW,D,{electors}\n"
    found = declare(table("TW,D,P,4341432,1511693,40000,5893125"), TAIWAN, listed)
    assert found.carried is carried
    assert found.lines[0].endswith(words)


def test_reasons_of_rejection_and_electors_of_an_area_are_read_together(declare):
    header = f"{HEADER},electors,voters,no_initials,several_marks,unclear,blank"
    rows = table(
        "East,Peterborough,Peterborough,53216,34176,77,87469,120892,,0,32,7,38",
        "East,Luton,Luton,47773,36708,135,84616,127612,,0,85,0,50",
        header=header,
    )
    found = declare(rows, electors="region,district,electors\nEast,Peterborough,120892\n"
                    "East,Luton,127612\n")  # fmt: skip
    assert (found.counted, found.aside) == ((2, 100_989, 70_884, 172_085), [])


def test_most_votes_without_most_states_are_not_carried_and_it_is_said_why(declare):
    yes = {"NSW": 90, "VIC": 90, "QLD": 60, "WA": 40, "SA": 40, "TAS": 40}
    rows = [f"{name},{name},{name},{one},{100 - one},0,100" for name, one in yes.items()]
    found = declare(table(*rows), ("au/constitution-s128", "2023-10-14"))
    assert (found.carried, found.word) == (False, "Not carried")
    words = "(60.00%), but majority of the regions needed 4 and had 3"
    assert found.lines[0] == f"not carried; Yes 360 of 600 formal votes {words}"


# Nothing, of nobody.


def test_no_ballot_at_all_carries_nothing(declare):
    found = declare(table("SK,D,P,0,0,0,0"), BINDING, "region,district,electors\nSK,D,20\n")
    assert found.carried is False


def test_no_electors_and_no_ballots_are_no_base(tmp_path):
    made = Vote(tmp_path, BINDING)
    made.receive(table("SK,D,P,0,0,0,0"), "region,district,electors\nSK,D,0\n")
    with pytest.raises(LawError, match="there are 0 of them"):
        made.declare()


def test_no_district_has_ballots_and_no_electors(tmp_path):
    rows = table("IT,D1,P,40,0,0,40", "IT,D2,P,40,0,0,40")
    with pytest.raises(InputError, match="D1, IT has 0 electors and 40 ballots"):
        Vote(tmp_path, ITALY).receive(rows, "region,district,electors\nIT,D1,0\nIT,D2,0\n")


def test_a_tie_break_beside_two_proposals_declares_none_of_one_region(tmp_path):
    swiss = ("ch/popular-initiative", "2020-01-02")
    rows = table(
        "initiative,ZH,Zürich,Zürich,560,440,0,1000", "counter,ZH,Zürich,Zürich,580,420,0,1000",
        "tie-breaker,ZH,Zürich,Zürich,600,300,100,1000", header=f"question,{HEADER}",
    )  # fmt: skip
    with pytest.raises(InputError, match="does not say which exclude each other"):
        Vote(tmp_path / "unsaid", swiss).receive(rows)
    groups = parse_exclusions(["initiative,counter"], ["tie-breaker"])
    facts, _ = Vote(tmp_path, swiss, exclusions=groups).result(rows)
    assert set(facts["carried"].values()) == {None}


def test_a_plain_majority_of_one_is_one(declare):
    found = declare(table("AB,D,P,501,500,0,1001", "AB,D,Z,0,0,0,0"), PLAIN)
    assert (found.carried, found.counted[1:3]) == (True, (501, 500))
