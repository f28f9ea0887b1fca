"""Forms on a record: two entries, several questions, a count during the night, and its check."""

import re
from datetime import date

import pytest

from forger import Forger
from referendum.core.errors import InputError, LawError, OrderError
from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.flows.derivations import DERIVATIONS
from referendum.publish import publish
from referendum.record.log import new_signer
from referendum.record.opening import Opening, open_record, statute_on
from referendum.record.reading import Record
from referendum.record.replay import replay
from referendum.record.stamps import Stamp
from referendum.verify import verify

HEADER = (
    "question,kind,region,district,place,yes,no,informal,total,voters,received,unused,spoiled,"
    "difference,blank,entered_by,explanation\n"
)
FIRST = (
    f"{HEADER}"
    "1,ordinary,NSW,North,Hall,60,40,2,102,103,150,46,2,1,2,A,one voter left\n"
    "2,ordinary,NSW,North,Hall,51,51,0,102,103,150,46,2,1,0,A,one voter left\n"
    "1,postal,NSW,North,Hall,18,12,0,30,,,,,,,A,\n"
    "2,postal,NSW,North,Hall,15,15,0,30,,,,,,,A,\n"
    "1,ordinary,VIC,East,Church,70,30,0,100,,,,,,,A,\n"
    "2,ordinary,VIC,East,Church,30,70,0,100,,,,,,,A,\n"
)
SECOND = FIRST.replace(",A,", ",B,").replace("VIC,East,Church,70,30", "VIC,East,Church,30,70")
EXPECTED = (
    "region,district,place,kind,due\n"
    "NSW,North,Hall,ordinary,2026-10-19T22:00:00-06:00\n"
    "NSW,North,Hall,postal,\n"
    "VIC,East,Church,ordinary,2026-10-19T22:00:00-06:00\n"
    "QLD,West,School,ordinary,2026-10-19T20:00:00-06:00\n"
    "ACT,Centre,Library,ordinary,\n"
)
PREVIOUS = "region,district,place,yes,no\nQLD,West,School,20,80\n"
NIGHT = Stamp(at="2026-10-19T21:00:00-06:00")


@pytest.fixture
def made(new_vote):
    """A vote just opened, with its files beside it."""
    made = new_vote(new_signer("tests.example/forms"))
    for name, text in {
        "first": FIRST, "second": SECOND, "expected": EXPECTED, "previous": PREVIOUS
    }.items():  # fmt: skip
        (made.folder.parent / f"{name}.csv").write_text(text)
    return made


def delivery(made, name="first", **more):
    folder = made.folder.parent
    return ReturnsFiles(
        folder / f"{name}.csv", None, "referendum", "all", provisional=True, accept=["rows"], **more
    )


def first_night(made):
    folder = made.folder.parent
    full = delivery(
        made,
        second=folder / "second.csv",
        places=folder / "expected.csv",
        previous=folder / "previous.csv",
        common_ballot=True,
    )
    with made.hold() as record:
        receive_returns(record, full, NIGHT)
        return declare_result(record, NIGHT), record.inputs(("result",)).document("result")


def holds(made):
    report = verify(str(made.folder), key=str(made.signer.verifier))
    return report.holds, [str(one) for one in report.failures]


def test_two_questions_entered_twice_are_counted_as_far_as_they_agree(made):
    act, result = first_night(made)
    assert act.facts["yes"] == {"1": 78, "2": 96}
    assert act.facts["carried"] == {"1": None, "2": None}
    assert [one["tie"] for one in result["questions"]] == [False, False]
    progress = {name: result[name] for name in ("expected", "late", "missing", "set_aside")}
    assert progress == {"expected": 5, "late": 1, "missing": 1, "set_aside": 1}
    assert (result["warnings"], result["unexplained"]) == (0, 0)
    assert holds(made) == (True, [])


def test_mended_and_further_forms_are_laid_over_those_that_stand(made):
    first_night(made)
    more = (
        f"{HEADER}1,ordinary,VIC,East,Church,30,70,0,100,,,,,,,,\n"
        "1,ordinary,QLD,West,School,80,20,0,100,,,,,,,,\n"
        "2,ordinary,QLD,West,School,50,50,0,100,,,,,,,,\n"
    )
    (made.folder.parent / "more.csv").write_text(more)
    with made.hold() as record:
        act = receive_returns(record, delivery(made, "more", update=True), NIGHT)
        assert act.corrects == 1
        assert act.facts["set_aside"] == 0
        assert act.facts["warnings"] == 1  # the school fits its last vote only when swapped
        declared = declare_result(record, NIGHT)
        assert declared.facts["yes"] == {"1": 60 + 18 + 30 + 80, "2": 51 + 15 + 30 + 50}
        result = record.inputs(("result",)).document("result")
    assert (result["missing"], result["late"], result["unexplained"]) == (1, 0, 1)
    assert holds(made) == (True, [])
    assert all(one.differences == () for one in replay(Record.open(made.folder), DERIVATIONS))


def test_a_form_entered_again_wrongly_is_no_longer_counted(made):
    first_night(made)
    wrong = f"{HEADER}1,postal,NSW,North,Hall,19,12,0,30,,,,,,,,\n"
    (made.folder.parent / "wrong.csv").write_text(wrong)
    with made.hold() as record:
        receive_returns(record, delivery(made, "wrong", update=True), NIGHT)
        assert declare_result(record, NIGHT).facts["yes"]["1"] == 60
    assert holds(made) == (True, [])


def test_a_mended_form_that_is_at_odds_with_the_other_question_sets_both_aside(made):
    first_night(made)
    alone = f"{HEADER}1,postal,NSW,North,Hall,19,12,0,31,,,,,,,,\n"
    (made.folder.parent / "alone.csv").write_text(alone)
    with made.hold() as record:
        receive_returns(record, delivery(made, "alone", update=True), NIGHT)
        aside = record.inputs(("returns",)).data("returns", "set_aside.csv").decode()
        assert aside.count("accounts_differ") == 2
        assert declare_result(record, NIGHT).facts["yes"] == {"1": 60, "2": 51 + 30}
    assert holds(made) == (True, [])


def test_the_page_of_a_night_says_what_is_outstanding(made, tmp_path):
    first_night(made)
    publish([made.folder], tmp_path / "site")
    html = (tmp_path / "site" / made.folder.name / "index.html").read_text()
    html = re.sub(r"</?data\b[^>]*>", "", html)
    for words in ("0 of 2 questions carried, 2 not known yet", "Returns are outstanding", "late",
                  "entries_differ", "Question 2", "Votes by kind"):  # fmt: skip
        assert words in html


def test_nothing_to_count_is_said_before_a_result_is_declared(made):
    (made.folder.parent / "none.csv").write_text(f"{HEADER}1,all,NSW,North,Hall,1,1,1,1,,,,,,,,\n")
    with made.hold() as record:
        receive_returns(record, delivery(made, "none"), NIGHT)
        with pytest.raises(InputError, match="nothing to count"):
            declare_result(record, NIGHT)


def test_an_update_needs_returns_that_stand(made):
    with made.hold() as record, pytest.raises(OrderError, match="no returns yet"):
        receive_returns(record, delivery(made, update=True), NIGHT)


FORGED = {
    "accounts": ["received", "voters", "unused", "spoiled", "difference", "blank"],
    "places": ["status"],
    "warnings": ["place", "code"],
    "kinds": ["kind", "yes", "total"],
}


@pytest.mark.parametrize("table", FORGED)
def test_a_cell_of_the_new_tables_changed_by_an_insider_is_found(made, tmp_path, table):
    first_night(made)
    swapped = "".join(f"{n},ordinary,QLD,West,School,80,20,0,100,,,,,,,,\n" for n in (1, 2))
    (made.folder.parent / "swapped.csv").write_text(HEADER + swapped)
    with made.hold() as record:
        receive_returns(record, delivery(made, "swapped", update=True), NIGHT)
        declare_result(record, NIGHT)
    publish([made.folder], tmp_path / "site")
    source = tmp_path / "site" / made.folder.name
    for column in FORGED[table]:
        forger = Forger(source)
        files = next(
            one for _, one in reversed(forger.bundles.values())
            if f"{table}.csv" in one and one[f"{table}.csv"].count(b"\n") > 1
        )  # fmt: skip
        header, first, *rest = files[f"{table}.csv"].decode().splitlines()
        cells = first.split(",")
        place = header.split(",").index(column)
        cells[place] = str(int(cells[place]) + 1) if cells[place].isdigit() else "other"
        files[f"{table}.csv"] = "\n".join([header, ",".join(cells), *rest, ""]).encode()
        forger.write(tmp_path / "forged", made.signer)
        report = verify(str(tmp_path / "forged"), key=str(made.signer.verifier))
        assert not report.holds, (table, column)


def test_no_vote_is_opened_under_an_act_without_a_vote_rule(tmp_path):
    law = statute_on("us-wa/initiative-and-referendum", date(2026, 1, 2))
    opening = Opening("A vote", "Shall it?", "vote", law, made_up=True)
    with pytest.raises(LawError, match="how a vote is decided") as refused:
        open_record(tmp_path / "v", new_signer("tests.example/v"), opening, Stamp())
    assert "referendum law list" in refused.value.hint
    assert not (tmp_path / "v").exists()
