"""Returns that come in parts: side by side, none twice, and judged together in the result."""

import csv
import io
from datetime import date

import pytest
from click.testing import CliRunner
from tests.conftest import comes_out_again

from forger import Forger, csv_of, table
from referendum.cli.main import cli
from referendum.core.errors import InputError, OrderError
from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.publish.pages import page
from referendum.record.log import new_signer
from referendum.record.opening import Opening, open_record, statute_on
from referendum.record.reading import Record
from referendum.record.stamps import Stamp
from referendum.record.writing import RecordWriter
from referendum.verify import verify

SIGNER = new_signer("tests.example/parts")
HEADER = "region,district,place,yes,no,informal,total\n"
KINDS = "kind,region,district,place,yes,no,informal,total\n"


class Vote:
    """A record of a vote, with a file for each part."""

    def __init__(self, folder):
        self.folder, self.at = folder, folder / "vote"
        law = statute_on("ch/optional-referendum", date(2020, 1, 2))
        opening = Opening("V", "Q?", "vote", law, made_up=True)
        open_record(self.at, SIGNER, opening, Stamp())

    def hold(self):
        return RecordWriter.hold(self.at, lambda _: SIGNER)

    def receive(self, *rows, header=HEADER, corrects=None, **more):
        paths = {"returns": header + "".join(f"{row}\n" for row in rows), **more}
        for name, text in paths.items():
            if isinstance(text, str) and "," in text:
                paths[name] = self.folder / f"{name}.csv"
                paths[name].write_text(text)
        paths = {"electors": None, "scope": None, "provisional": False, "accept": ["rows"], **paths}
        stamp = Stamp(corrects=corrects, reason=None if corrects is None else "a slip")
        with self.hold() as record:
            return receive_returns(record, ReturnsFiles(format="referendum", **paths), stamp)

    def declare(self, corrects=None):
        stamp = Stamp(corrects=corrects, reason=None if corrects is None else "more came in")
        with self.hold() as record:
            act = declare_result(record, stamp)
            inputs = record.inputs(("result",))
            between = inputs.data("result", "between.csv").decode()
            rows = list(csv.DictReader(io.StringIO(between, newline="")))
            return act.facts, inputs.document("result"), rows

    def holds(self):
        return comes_out_again(self.at, SIGNER)


@pytest.fixture
def vote(tmp_path):
    """A vote of which nothing has come in."""
    return Vote(tmp_path)


def test_parts_stand_side_by_side_and_the_result_counts_all(vote):
    first = vote.receive("A,D,P,60,40,0,100")
    second = vote.receive("A,D,Q,12,7,1,20", "B,E,P,7,2,0,9")
    assert (first.facts["total"], second.facts["total"]) == (100, 29)
    facts, result, between = vote.declare()
    assert (facts["yes"], facts["no"], result["places"]) == (79, 49, 3)
    assert not between
    assert vote.holds()


def test_a_result_goes_on_after_a_further_part(vote):
    vote.receive("A,D,P,60,40,0,100")
    vote.declare()
    vote.receive("A,D,Q,10,60,0,70")
    shown = page(Record.open(vote.at))
    assert shown.answer.word == "Not settled: returns came in since the result"
    assert shown.result["since"] == [3]
    assert "returns came in since (act 3;" in verify(str(vote.at)).outcome[0]
    facts, *_ = vote.declare()
    assert facts == {"yes": 70, "no": 100, "carried": False}
    assert not Record.open(vote.at).fallen_acts()
    with pytest.raises(OrderError, match="result has been done in act 4"):
        vote.declare()
    assert page(Record.open(vote.at)).answer.word == "Not carried"
    assert vote.holds()


def test_one_part_is_put_right_and_what_was_derived_from_it_falls(vote):
    vote.receive("A,D,P,60,40,0,100")
    vote.declare()
    vote.receive("A,D,Q,10,60,0,70")
    vote.declare()
    vote.receive("A,D,Q,60,10,0,70", corrects=3)
    record = Record.open(vote.at)
    assert record.fallen_acts() == {3, 4}
    assert record.standing("result").number == 2
    facts, *_ = vote.declare()
    assert (facts["yes"], facts["carried"]) == (120, True)
    assert vote.holds()


def test_what_another_part_has_is_refused(vote):
    vote.receive("A,D,P,60,40,0,100", "A,D,Q,1,2,0,3")
    with pytest.raises(InputError, match="received before: 2 of 2 forms, in act 1"):
        vote.receive("A,D,P,60,40,0,100", "A,D,Q,1,2,0,3")
    with pytest.raises(InputError, match="received before: 1 of 2 forms"):
        vote.receive("a,d,p,61,39,0,100", "A,D,R,1,2,0,3")
    with pytest.raises(InputError, match="received before"):
        vote.receive("A,D,P,61,39,0,111", "A,D,R,1,2,0,3")
    assert len(Record.open(vote.at).acts) == 2


def test_a_part_that_is_put_right_may_not_take_a_form_of_another(vote):
    vote.receive("A,D,P,60,40,0,100")
    vote.receive("A,D,Q,1,2,0,3")
    with pytest.raises(InputError, match="in act 1"):
        vote.receive("A,D,P,60,40,0,100", "A,D,Q,1,2,0,3", corrects=2)
    vote.receive("A,D,Q,3,2,0,5", corrects=2)
    assert vote.declare()[0]["yes"] == 63
    assert vote.holds()


def test_names_are_spelled_as_the_other_parts_spell_them(vote):
    vote.receive("Alberta,St. Paul,Hall 1,60,40,0,100")
    vote.receive("ALBERTA,St Paul,Hall 02,1,2,0,3", "alberta,st. paul,Hall 3,1,2,0,4")
    _, result, _ = vote.declare()
    data = Record.open(vote.at).inputs(("result",)).data("result", "districts.csv").decode()
    assert data.splitlines()[1].startswith("1,Alberta,St. Paul,61,42,103")
    assert result["set_aside"] == 1
    assert vote.holds()


def test_a_form_that_was_set_aside_comes_again_in_a_later_part(vote):
    vote.receive("A,D,P,60,40,0,100", "A,D,Q,1,2,0,30")
    assert vote.declare()[1]["set_aside"] == 1
    vote.receive("A,D,Q,1,2,0,3")
    facts, result, _ = vote.declare()
    assert (facts["carried"], result["set_aside"]) == (True, 0)
    assert vote.holds()


def test_electors_places_and_an_earlier_vote_come_with_one_part(vote):
    electors = "region,district,electors\nA,D,500\nB,E,90\n"
    places = "region,district,place\nA,D,P\nA,D,Q\nB,E,P\n"
    previous = "region,district,place,yes,no\nA,D,P,30,70\n"
    given = {"electors": electors, "places": places, "previous": previous}
    vote.receive("A,D,P,60,40,0,100", **given)
    for name, text in given.items():
        with pytest.raises(InputError, match="came with act 1"):
            vote.receive("A,D,Q,1,2,0,3", **{name: text})
    second = vote.receive("A,D,Q,5,2,0,7", "A,D,Z,5,2,0,7")
    assert (second.facts["set_aside"], second.parameters["as_of"] is None) == (1, False)
    _, result, _ = vote.declare()
    assert (result["expected"], result["missing"], result["questions"][0]["electors"]) == (
        3,
        1,
        590,
    )
    vote.receive("B,E,P,50,40,0,90")
    facts, result, _ = vote.declare()
    assert (result["missing"], facts["carried"], result["questions"][0]["turnout"]) == (
        0, True, "197/590",
    )  # fmt: skip
    assert vote.holds()


def test_a_sum_of_other_parts_is_not_counted_and_could_turn_it(vote):
    vote.receive("A,D,P,60,40,0,100", "A,D,Q,30,25,0,55")
    vote.receive("A,D,R,20,25,1,46")
    assert vote.declare()[0]["carried"] is True
    vote.receive("A,D,All of it,110,90,1,201")
    facts, result, between = vote.declare()
    assert (facts["yes"], facts["carried"], result["set_aside"]) == (110, None, 1)
    assert [(row["place"], row["code"], row["ballots"]) for row in between] == [
        ("All of it", "sum_of_others", "201")
    ]
    assert result["questions"][0]["outstanding"] == 201
    assert page(Record.open(vote.at)).result["between"][0]["place"] == "All of it"
    assert vote.holds()


def test_kinds_beside_all_in_another_part_are_not_counted(vote):
    vote.receive("all,A,D,P,60,40,0,100", "postal,A,D,Q,60,4,0,64", header=KINDS)
    vote.receive("postal,A,D,P,10,4,0,14", header=KINDS)
    facts, _, between = vote.declare()
    assert [(row["kind"], row["place"], row["code"]) for row in between] == [
        ("all", "P", "kinds_overlap"), ("postal", "P", "kinds_overlap"),
    ]  # fmt: skip
    assert (facts["yes"], facts["carried"]) == (60, None)
    assert vote.holds()


def test_electors_of_a_district_are_held_against_all_parts(vote):
    electors = "region,district,electors\nA,D,120\n"
    vote.receive("A,D,P,60,40,0,100", electors=electors)
    vote.receive("A,D,Q,20,30,0,50")
    _, result, between = vote.declare()
    assert [(row["code"], row["figures"]) for row in between] == [
        ("district_exceeds_electors", "total 150, electors 120")
    ]
    assert (result["warnings"], result["unexplained"]) == (1, 1)
    assert vote.holds()


def test_questions_of_a_common_ballot_in_two_parts_have_one_account(vote):
    header = f"question,{HEADER}"
    vote.receive("1,A,D,P,60,40,0,100", "1,A,D,Q,5,4,0,9", header=header, common_ballot=True)
    vote.receive("2,A,D,P,50,40,0,90", "2,A,D,Q,4,5,0,9", header=header)
    _, result, between = vote.declare()
    assert {(row["question"], row["place"], row["code"]) for row in between} == {
        ("1", "P", "accounts_differ"), ("2", "P", "accounts_differ"),
    }  # fmt: skip
    assert [one["total"] for one in result["questions"]] == [9, 9]
    assert vote.holds()


def test_all_parts_are_of_the_same_votes_and_ballots(vote):
    vote.receive("A,D,P,60,40,0,100", scope="ordinary votes")
    with pytest.raises(InputError, match="the other parts are of 'ordinary votes'"):
        vote.receive("A,D,Q,1,2,0,3", scope="all votes")
    with pytest.raises(InputError, match="a ballot of its own"):
        vote.receive("A,D,Q,1,2,0,3", common_ballot=True)
    assert vote.receive("A,D,Q,1,2,0,3").parameters["scope"] == "ordinary votes"


def test_more_is_to_come_while_it_is_of_any_part(vote):
    vote.receive("A,D,P,60,40,0,100", provisional=True)
    vote.receive("A,D,Q,1,2,0,3")
    assert vote.declare()[0]["carried"] is None
    vote.receive("A,D,P,60,40,0,100", corrects=1)
    assert vote.declare()[0]["carried"] is True
    assert vote.holds()


def test_an_update_says_of_which_part_it_is(vote):
    vote.receive("A,D,P,60,40,0,100", "A,D,Q,1,2,0,3")
    vote.receive("A,D,R,5,6,0,11")
    with pytest.raises(InputError, match="the returns have 2 parts"):
        vote.receive("A,D,P,40,60,0,100", update=True)
    vote.receive("A,D,P,40,60,0,100", update=True, corrects=1)
    assert vote.declare()[0]["yes"] == 46
    assert vote.holds()


def test_only_a_part_that_stands_is_put_right(vote):
    vote.receive("A,D,P,60,40,0,100")
    vote.receive("A,D,P,60,41,0,101", corrects=1)
    for number in (0, 1, 7):
        with pytest.raises(OrderError, match=r"no returns\.receive that stands"):
            vote.receive("A,D,P,60,42,0,102", corrects=number)


def test_the_list_of_acts_adds_up_the_parts(vote):
    vote.receive("A,D,P,60,40,0,100", "A,D,Q,1,2,0,3")
    vote.declare()
    vote.receive("A,D,R,5,6,0,11")
    vote.receive("A,D,S,50,60,0,110")
    told = CliRunner().invoke(cli, ["log", str(vote.at)]).output
    assert "returns in 3 parts (acts 1, 3, 4): 224 ballots, 0 warnings" in told


# Forged records.


def forged(vote, alter):
    """Alter a record of two parts and a result, sign it again, and give what verify finds."""
    vote.receive("A,D,P,60,40,0,100", "A,D,Q,30,25,0,55")
    vote.receive("A,D,R,20,25,1,46", "A,E,S,2,1,0,3")
    vote.declare()
    forger = Forger(vote.at)
    alter(forger)
    forger.write(vote.folder / "forged", SIGNER)
    report = verify(str(vote.folder / "forged"))
    assert not report.holds
    return " ".join(str(one) for one in report.failures)


def part(forger, number):
    """The files of a part, to be changed in place."""
    return next(
        files for manifest, files in forger.bundles.values() if manifest["number"] == number
    )


def change(forger, number, name, alter):
    """Change the rows of a table of a part."""
    files = part(forger, number)
    rows = table(files[name])
    alter(rows)
    files[name] = csv_of(rows)


def test_a_form_in_two_parts_fails(vote):
    def alter(forger):
        change(forger, 2, "returns.csv", lambda rows: rows[1].__setitem__(4, "P"))

    assert "the form of 1, all, A, D, P is in act 1 too" in forged(vote, alter)


def test_a_form_in_two_parts_under_another_spelling_fails(vote):
    def alter(forger):
        change(forger, 2, "returns.csv", lambda rows: rows[1].__setitem__(4, "p."))

    assert "is in act 1 too" in forged(vote, alter)


def test_another_spelling_of_a_district_fails(vote):
    def alter(forger):
        change(forger, 2, "returns.csv", lambda rows: rows[1].__setitem__(3, "D."))

    assert "'D.' is 'D' in act 1: they are one name" in forged(vote, alter)


def test_parts_of_other_votes_fail(vote):
    def alter(forger):
        forger.act("returns.receive", 1)["parameters"]["scope"] = "other votes"

    assert "its scope is another than that of act 1" in forged(vote, alter)


def test_electors_in_two_parts_fail(vote):
    def alter(forger):
        for number in (1, 2):
            forger.act("returns.receive", number - 1)["parameters"]["electors"] = "table"
            rows = [["question", "region", "district", "electors"], ["*", "A", "D", "900"]]
            part(forger, number)["electors.csv"] = csv_of(rows)

    assert "electors came with act 1" in forged(vote, alter)


def test_a_result_of_one_part_alone_fails(vote):
    def alter(forger):
        act = forger.act("result")
        act["reads"][1] = forger.act("returns.receive")["writes"][0]["digest"]

    assert "returns" in forged(vote, alter)


def test_what_is_found_between_parts_may_not_be_left_out_or_made_up(vote):
    def alter(forger):
        row = ["1", "all", "A", "D", "P", "sum_of_others", "yes 60, no 40, total 100", "100", ""]
        files = forger.files("result")
        files["between.csv"] = csv_of([*table(files["between.csv"]), row])

    assert "between.csv" in forged(vote, alter)


def test_a_sum_in_a_part_of_its_own_is_worked_out_again(vote):
    vote.receive("A,D,P,60,40,0,100", "A,D,Q,30,25,0,55", "A,D,R,20,25,1,46")
    vote.receive("A,D,T,110,90,1,201")
    vote.declare()
    forger = Forger(vote.at)
    files = forger.files("result")
    files["between.csv"] = csv_of(table(files["between.csv"])[:1])
    forger.write(vote.folder / "forged", SIGNER)
    report = verify(str(vote.folder / "forged"))
    assert "between.csv" in " ".join(str(one) for one in report.failures)
