"""What a result does not know: empty bases, missing electors and regions, sums, rows not final."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from forger import Forger
from referendum.cli.main import cli
from referendum.core.errors import InputError, LawError, OrderError
from referendum.count import Entry, OpenReturns, count_result, count_results, reconcile_forms
from referendum.count.tables import ELECTORS_BY_DISTRICT, SET_ASIDE
from referendum.flows.audit import AuditChoice, plan_audit
from referendum.flows.count.files import export_result
from referendum.flows.count.outcome import outcome_lines
from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.law import parse_exclusions, version_on
from referendum.publish.pages import page
from referendum.record.log import new_signer, write_new_key
from referendum.record.opening import Opening, open_record, statute_on
from referendum.record.reading import Record
from referendum.record.stamps import Stamp
from referendum.record.writing import RecordWriter
from referendum.verify import verify

DATA = Path(__file__).parent / "data"
SIGNER = new_signer("tests.example/unsettled")
HEADER = "region,district,place,yes,no,informal,total"
BINDING = ("ca-sk/referendum-and-plebiscite-act", "2024-01-02")
TAIWAN = ("tw/referendum-act", "2021-12-18")
ITALY = ("it/abrogative-referendum", "2025-06-08")
SWISS = ("ch/popular-initiative", "2020-01-02")
PLAIN = ("ch/optional-referendum", "2020-01-02")
AUSTRALIA = ("au/constitution-s128", "1999-11-06")
CANTONS = version_on(SWISS[0], date.fromisoformat(SWISS[1])).vote.regions.value


class Vote:
    """A record of a vote under an act, with files beside it."""

    def __init__(self, folder, act, signer=SIGNER, exclusions=None):
        self.folder, self.at, self.signer = folder, folder / "v", signer
        law = statute_on(act[0], date.fromisoformat(act[1]))
        opening = Opening("V", "Q?", "vote", law, made_up=True, exclusions=exclusions)
        open_record(self.at, signer, opening, Stamp())

    def receive(self, rows, electors=None, **more):
        files = {"returns": rows, "electors": electors, **more}
        paths = {}
        for name, text in files.items():
            if isinstance(text, str):
                paths[name] = self.folder / f"{name}.csv"
                paths[name].write_text(text)
            else:
                paths[name] = text
        paths.setdefault("format", "referendum")
        paths.setdefault("provisional", False)
        paths.setdefault("accept", ("rows",))
        with RecordWriter.hold(self.at, lambda _: self.signer) as record:
            return receive_returns(record, ReturnsFiles(scope="all", **paths), Stamp())

    def declare(self):
        with RecordWriter.hold(self.at, lambda _: self.signer) as record:
            act = declare_result(record, Stamp())
            return act.facts, record.inputs(("result",)).document("result")

    def result(self, rows, electors=None, **more):
        self.receive(rows, electors, **more)
        found = self.declare()
        report = verify(str(self.at), key=str(SIGNER.verifier))
        assert report.holds, [str(one) for one in report.failures]
        return found

    def aside(self):
        data = Record.open(self.at).inputs(("returns",)).data("returns", "set_aside.csv")
        return pl.read_csv(data, infer_schema=False).select("place", "code", "ballots").rows()


@pytest.fixture
def vote(tmp_path):
    return lambda act, exclusions=None: Vote(tmp_path, act, exclusions=exclusions)


def table(*rows, header=HEADER):
    return "\n".join([header, *rows]) + "\n"


def canton_rows(yes, no, names=CANTONS):
    return [f"{name},{name},{name},{yes},{no},0,{yes + no}" for name in names]


# Nothing carries nothing.


def test_no_valid_vote_carries_nothing(vote):
    electors = "region,district,electors\nSK,D,20\n"
    facts, result = vote(BINDING).result(table("SK,D,P,0,0,10,10"), electors)
    assert facts["carried"] is False
    assert result["questions"][0]["conditions"][0] == {
        "name": "majority", "need": 1, "have": 0, "met": False
    }  # fmt: skip
    rule = version_on(BINDING[0], date.fromisoformat(BINDING[1])).vote
    assert "there are no valid votes" in outcome_lines(result, rule)[0]


def test_no_electors_under_a_rule_that_needs_them_is_a_fault(vote):
    made = vote(TAIWAN)
    with pytest.raises(InputError, match="has 0 electors and 1 ballots"):
        made.receive(table("TW,D,P,1,0,0,1"), "region,district,electors\nTW,D,0\n")
    made.receive(table("TW,D,P,0,0,0,0"), "region,district,electors\nTW,D,0\n")
    with pytest.raises(LawError, match="there are 0 of them"):
        made.declare()


@given(st.sampled_from([BINDING, TAIWAN, ITALY, PLAIN]), st.integers(0, 50), st.integers(1, 9))
def test_only_blank_ballots_never_carry(act, blank, electors):
    rule = version_on(act[0], date.fromisoformat(act[1])).vote
    returns, listed = votes_of(0, 0, blank, electors=electors + blank)
    assert count_result(returns, listed, rule).carried is False


def votes_of(yes, no, blank=0, electors=None):
    row = {"question": "1", "kind": "all", "region": "R", "district": "D", "place": "P"}
    numbers = {"yes": yes, "no": no, "informal": blank, "total": yes + no + blank}
    listed = [{"question": "*", "region": "R", "district": "D", "electors": electors}]
    frame = pl.DataFrame(listed if electors is not None else [], ELECTORS_BY_DISTRICT.schema)
    return pl.DataFrame([row | numbers]), frame


# Bases that are not complete.


@pytest.mark.parametrize(
    ("electors", "need"),
    [
        ("IT,D1,100\n", None),  # of D2 nothing is known
        ("IT,D1,100\nIT,d2,100\nIT,D3,1000\n", 601),  # D2 in another spelling; D3 is not in
    ],
)
def test_a_quorum_of_electors_that_are_not_all_known_is_not_known_yet(vote, electors, need):
    rows = table("IT,D1,P,40,0,0,40", "IT,D2,P,40,0,0,40")
    facts, result = vote(ITALY).result(rows, f"region,district,electors\n{electors}")
    assert facts["carried"] is None
    assert result["questions"][0]["conditions"][1]["need"] == need
    assert result["questions"][0]["conditions"][1]["met"] is None


def test_a_quorum_missed_whatever_the_unknown_districts_hold_is_missed(vote):
    rows = table("IT,D1,P,40,0,0,40", "IT,D2,P,40,0,0,40")
    electors = "region,district,electors\nIT,D1,1000\n"
    facts, _ = vote(ITALY).result(rows, electors)
    assert facts["carried"] is False


def test_electors_of_a_district_that_is_spelled_otherwise_are_a_fault(vote):
    rows = table("IT,North Bay,P,40,0,0,40", "IT,D2,P,40,0,0,40")
    electors = "region,district,electors\nIT,Nort Bay,100\nIT,D2,100\n"
    with pytest.raises(InputError, match="North Bay has returns and no electors"):
        vote(ITALY).receive(rows, electors)


def test_electors_come_from_the_returns_where_no_table_gives_them(vote):
    header = f"question,kind,{HEADER},electors"
    rows = table(
        "1,a,TW,D,P,60,20,0,80,200", "1,b,TW,D,P,5,5,0,10,200", "2,a,TW,D,P,40,20,0,60,300",
        "2,b,TW,D,P,5,5,0,10,", header=header,
    )  # fmt: skip
    facts, result = vote(TAIWAN).result(rows)
    assert [one["electors"] for one in result["questions"]] == [200, 300]
    assert facts["carried"] == {"1": True, "2": False}


def test_electors_that_kinds_state_differently_are_not_known(vote):
    header = f"kind,{HEADER},electors"
    rows = table("a,TW,D,P,60,20,0,80,200", "b,TW,D,P,5,5,0,10,900", header=header)
    made = vote(TAIWAN)
    assert made.receive(rows).parameters["electors"] == "none"
    with pytest.raises(LawError, match="electors"):
        made.declare()


def test_a_district_of_more_than_ten_million_electors_is_taken(vote):
    rows = table("TR,Istanbul,Istanbul,4479272,4728318,134000,9341590")
    electors = "region,district,electors\nTR,Istanbul,10529398\nTR,Tunceli,59000\n"
    facts, result = vote(PLAIN).result(rows, electors)
    assert (facts["carried"], result["questions"][0]["outstanding"]) == (False, 59_000)


# Regions.


def test_regions_that_the_act_does_not_know_are_refused_with_the_near_ones(vote):
    with pytest.raises(InputError, match="Kanton AG") as refused:
        vote(SWISS).receive(table(*canton_rows(90, 10, [f"Kanton {n}" for n in CANTONS])))
    assert refused.value.hint == "near: AG"


def test_regions_in_another_spelling_are_those_of_the_act(vote):
    facts, _ = vote(SWISS).result(table(*canton_rows(90, 10, [n.lower() for n in CANTONS])))
    assert facts["carried"] is True


def test_territories_are_known_and_do_not_count(vote):
    states = ["NSW", "VIC", "QLD", "WA", "SA", "TAS"]
    facts, _ = vote(AUSTRALIA).result(table(*canton_rows(60, 40, [*states, "ACT", "NT"])))
    assert facts["carried"] is True


def test_a_result_without_eleven_regions_is_not_known_yet(vote, tmp_path):
    made = vote(SWISS)
    facts, _ = made.result(table(*canton_rows(60, 40, CANTONS[:11])))
    assert facts["carried"] is None
    export_result(Record.open(made.at), tmp_path / "out", None)
    report = json.loads((tmp_path / "out" / "nist-1500-100.json").read_text())
    assert report["Status"] == "unofficial-partial"
    assert page(Record.open(made.at)).answer.word.startswith("Not known yet")


def test_what_regions_have_lost_is_lost_whatever_the_others_say(vote):
    facts, _ = vote(SWISS).result(table(*canton_rows(40, 60, CANTONS[:20])))
    assert facts["carried"] is False


# Rows that are sums.


def test_the_totals_of_states_among_electorates_are_set_aside(vote):
    rows, electors = (DATA / f"{name}.csv" for name in ("au1999", "au1999_electors"))
    facts, result = vote(AUSTRALIA).result(rows.read_text(), electors.read_text())
    one = result["questions"][0]
    assert (one["total"], one["yes"], one["no"]) == (11_785_000, 5_273_024, 6_410_787)
    assert one["electors"] == 12_392_040
    assert (result["set_aside"], facts["carried"]) == (8, False)


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("TOTAL", 2),
        ("Grand Total", 2),
        ("Insgesamt", 2),
        ("合計", 2),
        ("Total D", 2),
        ("All Saints", 3),
    ],
)
def test_a_row_named_as_a_sum_is_none_of_the_places(vote, name, places):
    rows = table("AB,D,P,5,4,0,9", "AB,D,Q,1,2,0,3", f"AB,D,{name},6,6,0,12")
    assert vote(PLAIN).receive(rows).facts["places"] == places


def test_grand_totals_are_sums_of_other_districts_too(vote):
    made = vote(PLAIN)
    act = made.receive(
        table("A,D1,P1,100,90,1,191", "A,D1,P2,50,70,1,121", "A,D1,Total,150,160,2,312",
              "A,D2,P1,10,20,0,30", "A,D2,Grand Total,160,180,2,342")
    )  # fmt: skip
    assert act.facts["total"] == 342
    assert [one[1:] for one in made.aside()] == [("sum_of_others", "0")] * 2


def test_a_named_sum_to_which_the_others_do_not_add_up_leaves_the_difference_open(vote):
    made = vote(PLAIN)
    facts, _ = made.result(
        table("A,D,P,60,40,0,100", "A,D,Q,50,50,0,100", "A,D,Total,160,190,0,350")
    )
    assert made.aside() == [("Total", "sum_differs", "150")]
    assert facts["carried"] is None


def test_a_lone_row_named_as_a_sum_is_asked_about(vote):
    with pytest.raises(InputError, match="a place, or a sum"):
        vote(PLAIN).receive(table("A,D1,P,5,4,0,9", "A,D2,Total,7,7,0,14"))
    vote_by_district = table("A,D1,Total,5,4,0,9", "A,D2,Total,7,7,0,14")
    assert reconcile_forms(Entry(pl.read_csv(vote_by_district.encode()))).returns.height == 2


def test_sums_of_four_levels_told_by_their_codes_are_set_aside():
    """As Taiwan publishes nation, county, town and village in one table."""
    villages = {
        (county, town, village): (county * 7 + town * 3 + village, 5 + village)
        for county in (1, 2)
        for town in (1, 2, 3)
        for village in range(1, 5 if town < 3 else 2)
    }
    sums = {}
    for (county, town, _), (yes, no) in villages.items():
        for code in ((county, town, 0), (county, 0, 0), (0, 0, 0)):
            before = sums.get(code, (0, 0))
            sums[code] = (before[0] + yes, before[1] + no)
    rows = [
        {"region": f"{c:02}", "district": f"{c:02}{t:03}", "place": f"{c:02}-000-{v:04}-{t:03}",
         "yes": yes, "no": no, "informal": 0, "total": yes + no}
        for (c, t, v), (yes, no) in (sums | villages).items()
    ]  # fmt: skip
    found = reconcile_forms(Entry(pl.DataFrame(rows)))
    assert found.returns.height == len(villages)
    assert set(found.set_aside["code"]) == {"sum_of_others"}


def places(numbers, district="D"):
    return [
        {"question": "1", "kind": "all", "region": "R", "district": district, "place": f"P{n:03}",
         "yes": yes, "no": no, "informal": blank, "total": yes + no + blank}
        for n, (yes, no, blank) in enumerate(numbers)
    ]  # fmt: skip


votes = st.tuples(st.integers(20, 5000), st.integers(20, 5000), st.integers(0, 90))


@settings(max_examples=60)
@given(st.lists(st.lists(votes, min_size=3, max_size=8), min_size=1, max_size=5), st.randoms())
def test_sums_without_a_name_are_found_at_every_level(districts, chance):
    rows, whole = [], [0, 0, 0]
    for number, group in enumerate(districts):
        added = tuple(map(sum, zip(*group, strict=True)))
        whole = [a + b for a, b in zip(whole, added, strict=True)]
        rows += places([*group, added], f"D{number}")
    rows += places([tuple(whole)], "everything") if len(districts) > 1 else []
    chance.shuffle(rows)
    found = reconcile_forms(Entry(pl.DataFrame(rows)))
    assert found.returns["total"].sum() == sum(whole)
    assert set(found.set_aside["code"]) == {"sum_of_others"}


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.just(0)), min_size=1, max_size=6)
)
def test_small_numbers_that_happen_to_add_up_stay_and_are_named(numbers):
    found = reconcile_forms(Entry(pl.DataFrame(places(numbers))))
    assert found.returns.height == len(numbers)


def test_two_places_of_which_one_equals_the_other_are_two_places():
    found = reconcile_forms(Entry(pl.DataFrame(places([(50, 40, 1), (50, 40, 1), (0, 0, 0)]))))
    assert (found.returns.height, found.warnings.filter(code="equals_the_others").height) == (3, 0)


# Kinds and spellings.


def test_a_form_of_all_kinds_beside_one_of_a_kind_is_a_fault(vote):
    rows = table("all,A,D,P,60,40,0,100", "postal,A,D,P,10,30,0,40", "all,A,D,Q,9,1,0,10",
                 header=f"kind,{HEADER}")  # fmt: skip
    made = vote(PLAIN)
    assert made.receive(rows).facts == {"places": 1, "set_aside": 2, "warnings": 0, "total": 10}
    assert {one[1] for one in made.aside()} == {"kinds_overlap"}


def test_an_update_under_another_kind_is_a_fault_too(vote):
    made = vote(PLAIN)
    made.receive(table("ordinary,A,D,P,60,40,0,100", header=f"kind,{HEADER}"))
    act = made.receive(table("A,D,P,70,30,0,100", "a,d,Q,1,1,0,2"), update=True)
    assert (act.facts["places"], act.facts["set_aside"], act.facts["total"]) == (1, 2, 2)
    declared, _ = made.declare()
    assert declared["carried"] is None
    assert verify(str(made.at), key=str(SIGNER.verifier)).holds


def test_a_later_file_is_spelled_as_the_first(vote):
    made = vote(PLAIN)
    made.receive(table("A,D1,Pont Élise,60,40,0,100"))
    act = made.receive(table("a,d1,PONT E\u0301LISE,50,50,0,100"), update=True)
    assert act.facts == {"places": 1, "set_aside": 0, "warnings": 0, "total": 100}
    assert made.declare()[0]["yes"] == 50


# Rows that are not final.


def test_a_row_that_is_not_counted_yet_is_no_return(vote):
    header = f"{HEADER},electors,counted,status"
    rows = table(
        "ZG,Zug,1701,811,400,9,1220,3000,true,interim", "ZG,Zug,1702,0,0,0,0,5000,false,interim",
        "ZG,Zug,1703,500,700,2,1202,2500,true,interim",
        "ZG,Zug,1711,unbekannt,unbekannt,unbekannt,unbekannt,unbekannt,false,interim",
        header=header,
    )  # fmt: skip
    made = vote(PLAIN)
    facts, result = made.result(rows)
    assert (facts["carried"], result["provisional"], result["places"]) == (None, True, 2)
    assert made.aside() == [("1702", "not_final", "5000"), ("1711", "not_final", None)]


@pytest.mark.parametrize(
    ("column", "cells", "left"),
    [
        ("final", ("yes", "no"), 1), ("Provisional", ("false", "x"), 1),
        ("ausgezählt", ("ja", "nein"), 1), ("dépouillé", ("oui", "non"), 1),
        ("status", ("final", "unknown"), 1), ("status", ("FINAL", "definitiv"), 2),
    ],
)  # fmt: skip
def test_a_column_that_says_so_in_another_word_is_read(column, cells, left):
    rows = table(
        f"A,D,P,5,4,0,9,{cells[0]}", f"A,D,Q,1,2,0,3,{cells[1]}", header=f"{HEADER},{column}"
    )
    found = reconcile_forms(Entry(pl.read_csv(rows.encode(), infer_schema=False)))
    assert (found.returns.height, found.unread_columns) == (left, ())


def test_a_word_for_the_state_of_the_count_that_is_not_known_stops_the_intake(vote):
    rows = table("A,D,P,5,4,0,9,lunch", header=f"{HEADER},status")
    with pytest.raises(InputError, match=r"'lunch' in row 1: is such a row final\?"):
        vote(PLAIN).receive(rows)


def test_columns_that_were_not_read_are_named(vote):
    rows = table("A,D,P,5,4,0,9,x,y", header=f"{HEADER},weather,officer")
    assert vote(PLAIN).receive(rows).parameters["unread"] == ["officer", "weather"]


# What is set aside could turn it.


@pytest.mark.parametrize(("total", "carried"), [("31", None), ("19", True), ("", True)])
def test_a_result_holds_only_if_what_is_set_aside_cannot_turn_it(vote, total, carried):
    rows = table("A,D,P,60,40,0,100", f"A,D,Q,6,6,0,{total}")
    facts, result = vote(PLAIN).result(rows)
    assert facts["carried"] is carried
    words = outcome_lines(result, None)[-1]
    assert ("cannot turn it" in words) == (carried is True)


def test_the_command_says_what_is_set_aside(tmp_path, monkeypatch):
    signer = write_new_key(tmp_path / "key.pem", "tests.example/command")
    made = Vote(tmp_path, PLAIN, signer)
    made.receive(table("A,D,P,60,40,0,100", "A,D,Q,6,600,0,7"))
    monkeypatch.setenv("REFERENDUM_KEY", str(tmp_path / "key.pem"))
    told = CliRunner().invoke(cli, ["result", str(made.at)]).output
    assert "not known yet; carried so far" in told
    assert "1 row set aside, up to 606 ballots not counted: they could turn it" in " ".join(
        told.split()
    )


def test_the_headline_follows_the_returns_that_were_put_right(vote):
    made = vote(PLAIN)
    made.result(table("A,D,P,60,40,0,100"))
    assert page(Record.open(made.at)).answer.word == "Carried"
    made.receive(table("A,D,P,40,60,0,100"), update=True)
    assert page(Record.open(made.at)).answer.word.startswith("Not settled: put right")


def open_returns(*ballots):
    row = {"row": 1, "question": "1", "kind": "all", "region": "R", "district": "D", "place": "X"}
    told = {"column": "yes", "code": "missing", "value": None, "figures": None}
    return OpenReturns(
        set_aside=pl.DataFrame([row | told | {"ballots": one} for one in ballots], SET_ASIDE)
    )


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 9), st.data())
def test_what_is_settled_stays_so_however_the_rest_votes(yes, no, blank, data):
    act = data.draw(st.sampled_from([BINDING, TAIWAN, ITALY, PLAIN]))
    rule = version_on(act[0], date.fromisoformat(act[1])).vote
    room, electors = data.draw(st.integers(0, 40)), data.draw(st.integers(170, 400))
    returns, listed = votes_of(yes, no, blank, electors)
    found = count_result(returns, listed, rule, open_returns(room)).carried
    more_yes = data.draw(st.integers(0, room))
    more_no = data.draw(st.integers(0, room - more_yes))
    later = count_result(*votes_of(yes + more_yes, no + more_no, blank, electors), rule).carried
    assert found is None or found == later


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 40))
def test_what_is_not_settled_can_go_either_way(yes, no, room):
    rule = version_on(PLAIN[0], date.fromisoformat(PLAIN[1])).vote
    assume(count_result(*votes_of(yes, no), rule, open_returns(room)).carried is None)
    assert count_result(*votes_of(yes + room, no), rule).carried is True
    assert count_result(*votes_of(yes, no + room), rule).carried is False


# Questions that exclude each other.


def three_questions(initiative, counter, tie_break, cantons=CANTONS):
    rows = []
    for name, (yes, no) in {
        "initiative": initiative, "counter": counter, "tie-breaker": tie_break
    }.items():  # fmt: skip
        rows += [f"{name},{row}" for row in canton_rows(yes, no, cantons)]
    return table(*rows, header=f"question,{HEADER}")


STATED = parse_exclusions(["initiative,counter"], ["tie-breaker"])


def test_of_an_initiative_and_its_counter_proposal_the_tie_break_decides(vote):
    rows = three_questions((560, 440), (580, 420), (600, 300))
    facts, result = vote(SWISS, STATED).result(rows)
    assert facts["carried"] == {"initiative": True, "counter": False, "tie-breaker": None}
    roles = {one["question"]: (one["exclusion"], one["prevails"]) for one in result["questions"]}
    assert roles == {
        "initiative": ("free", None), "counter": ("excluded", "initiative"),
        "tie-breaker": ("tie_break", "initiative"),
    }  # fmt: skip


THREE = ((560, 440), (580, 420), (600, 300))


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        (STATED, "counter and initiative (tie-break tie-breaker, a yes to it"),
        ((), "none"),
    ],
)
def test_what_the_opening_says_of_groups_is_told_beside_the_result(vote, groups, said):
    made = vote(SWISS, groups)
    facts, result = made.result(three_questions(*THREE))
    assert facts["carried"]["counter"] is (not groups)
    told = verify(str(made.at))
    words = f"the opening these questions exclude each other: {said}"
    assert any(words in one for one in told.outcome_notes)
    rule = version_on(SWISS[0], date.fromisoformat(SWISS[1])).vote
    lines = outcome_lines(result, rule, groups)
    assert any(f"these exclude each other: {said}" in line for line in lines)


@pytest.mark.parametrize("votes", [THREE, ((40, 60), (58, 42), (30, 70))])
def test_nothing_is_carried_while_nobody_said_what_excludes_what(vote, votes):
    made = vote(SWISS)
    rows = three_questions(*votes).replace("initiative,", "A,").replace("counter,", "B,")
    facts, result = made.result(rows.replace("tie-breaker,", "C,"))
    assert set(facts["carried"].values()) == {None}
    assert {one["exclusion"] for one in result["questions"]} == {"not_stated"}
    words = outcome_lines(result, None)
    assert "not known yet; it was not said which questions exclude each other" in words[0]
    assert "referendum new RECORD --excludes" in words[-1]
    assert page(Record.open(made.at)).answer.word == "0 of 3 questions carried, 3 not known yet"


def test_one_question_alone_excludes_none(vote):
    facts, _ = vote(SWISS).result(table(*canton_rows(60, 40)))
    assert facts["carried"] is True


@pytest.mark.parametrize("act", [SWISS, PLAIN])
def test_names_that_belong_to_others_are_refused_where_nothing_was_said(vote, act):
    made = vote(act)
    with pytest.raises(InputError, match="does not say which exclude each other"):
        made.receive(three_questions(*THREE))


def test_a_question_that_excludes_and_has_no_return_yet_keeps_the_other_open(vote):
    rows = three_questions(*THREE).splitlines()
    rows = "\n".join([one for one in rows if not one.startswith("counter")])
    made = vote(SWISS, STATED)
    with pytest.raises(InputError, match="names the question 'counter'"):
        made.receive(rows)
    facts, _ = made.result(rows, provisional=True)
    assert facts["carried"]["initiative"] is None


def test_questions_are_spelled_as_the_opening_has_them(vote):
    rows = three_questions(*THREE).replace("initiative,", "INITIATIVE,")
    rows = rows.replace("counter", "Cóunter")
    facts, _ = vote(SWISS, STATED).result(rows)
    assert facts["carried"] == {"initiative": True, "counter": False, "tie-breaker": None}


def test_one_that_is_accepted_alone_needs_no_tie_break(vote):
    rows = three_questions((440, 560), (580, 420), (600, 300))
    facts, _ = vote(SWISS, STATED).result(rows)
    assert facts["carried"] == {"initiative": False, "counter": True, "tie-breaker": None}


def test_where_people_and_cantons_differ_the_shares_are_added_up():
    """Article 139b, paragraph 3."""
    rule = version_on(SWISS[0], date.fromisoformat(SWISS[1])).vote
    frames = []
    for name in ("a", "b", "t"):
        for number, canton in enumerate(CANTONS):
            yes, no = (60, 40) if name != "t" else (51, 49) if number < 20 else (10, 900)
            row = {"question": name, "kind": "all", "region": canton, "district": "D", "place": "P"}
            frames.append(row | {"yes": yes, "no": no, "informal": 0, "total": yes + no})
    electors = pl.DataFrame(schema=ELECTORS_BY_DISTRICT.schema)
    found = count_results(
        pl.DataFrame(frames), electors, rule, OpenReturns(), parse_exclusions(["a,b"], ["t"])
    )
    # 1,080 of 7,460 votes are 14%, 17 of 23 cantons 74%: together less than 86% and 26%.
    assert (found["a"].carried, found["b"].carried) == (False, True)


@pytest.mark.parametrize(("yes", "carried"), [(70, True), (50, None)])
def test_the_most_yes_votes_decide_where_the_act_says_so(vote, yes, carried):
    rows = table(f"1,C,D,P,{yes},10,0,{yes + 10}", "2,C,D,P,50,10,0,60", "3,C,D,P,9,1,0,10",
                 header=f"question,{HEADER}")  # fmt: skip
    act = ("us-ca/initiative-and-referendum", "2016-06-01")
    facts, _ = vote(act, parse_exclusions(["1,2"], [])).result(rows)
    assert facts["carried"] == {"1": carried, "2": None if carried is None else False, "3": True}


def test_questions_named_wrongly_are_refused(vote, tmp_path):
    made = vote(SWISS, parse_exclusions(["initiative,countr"], ["tie-breaker"]))
    with pytest.raises(InputError, match="'countr' among those") as refused:
        made.receive(three_questions(*THREE))
    assert "near: counter" in refused.value.hint
    for groups in (["initiative"], ["a,b", "B,c"], ["1,01"], ["a,"]):
        with pytest.raises(InputError, match=r"two or more|named twice"):
            parse_exclusions(groups, [])
    law = statute_on(SWISS[0], date.fromisoformat(SWISS[1]))
    opening = Opening("V", "Q?", "petition", law, made_up=True, exclusions=())
    with pytest.raises(InputError, match="this is a petition"):
        open_record(tmp_path / "p", SIGNER, opening, Stamp())


def test_what_excludes_what_is_not_said_with_the_result(vote):
    told = CliRunner().invoke(cli, ["result", str(vote(SWISS).at), "--excludes", "a,b"])
    assert told.exit_code == 1
    assert "referendum new RECORD --excludes" in told.exception.hint


def test_questions_come_in_natural_order(vote):
    rows = [f"{number},A,D,P,5,4,0,9" for number in (10, 2, 1)]
    _, result = vote(PLAIN).result(table(*rows, header=f"question,{HEADER}"))
    assert [one["question"] for one in result["questions"]] == ["1", "2", "10"]


def test_a_tie_is_named_with_what_the_act_says_of_it(vote):
    _, result = vote(PLAIN).result(table("A,D,P,5,5,0,10"))
    assert "a tie: yes and no have the same number of votes" in outcome_lines(result, None)[0]


# A record that an insider rewrote.


@pytest.mark.parametrize(
    "exclusive",
    [None, STATED, parse_exclusions(["initiative,counter"], []), (), "of others", "of a result"],
)
def test_verify_holds_a_result_to_what_the_opening_says(vote, exclusive):
    made = vote(SWISS, STATED)
    made.result(three_questions(*THREE))
    forger = Forger(made.at)
    groups = [one.to_document() for one in exclusive] if isinstance(exclusive, tuple) else None
    opening = forger.act("record.open")["parameters"]
    del opening["exclusive"]
    if groups is not None:
        opening["exclusive"] = groups
    elif exclusive == "of others":
        opening["exclusive"] = [{"questions": ["x", "y"], "tie_break": None, "yes": None}]
    elif exclusive == "of a result":
        opening["exclusive"] = [one.to_document() for one in STATED]
        forger.act("result")["parameters"] = {"exclusive": []}
    forger.write(made.folder / "forged", SIGNER)
    report = verify(str(made.folder / "forged"), key=str(SIGNER.verifier))
    assert report.holds is (exclusive == STATED), report.failures


@pytest.mark.parametrize(
    "group",
    [
        {"questions": ["initiative", "counter"], "tie_break": None, "yes": None},
        {"questions": ["counter"], "tie_break": None, "yes": None},
        {"questions": ["counter", "initiative"], "tie_break": "tie-breaker", "yes": None},
        {"questions": ["counter", "initiative"], "tie_break": None, "yes": "counter"},
        {"questions": ["counter", "initiative"], "tie_break": "tie-breaker", "yes": "other"},
        {"questions": ["counter", "initiative"], "tie_break": "Counter", "yes": "counter"},
    ],
)
def test_verify_fails_an_opening_that_names_questions_wrongly(vote, group):
    made = vote(SWISS, STATED)
    forger = Forger(made.at)
    forger.act("record.open")["parameters"]["exclusive"] = [group]
    forger.write(made.folder / "forged", SIGNER)
    assert not verify(str(made.folder / "forged"), key=str(SIGNER.verifier)).holds


def test_verify_says_the_outcome_of_every_question(vote):
    made = vote(PLAIN)
    rows = [f"{name},A,D,P,{yes},50,0,{yes + 50}" for name, yes in (("A", 60), ("B", 40))]
    made.result(table(*rows, header=f"question,{HEADER}"))
    report = verify(str(made.at), key=str(SIGNER.verifier))
    assert any("A: carried, B: not carried" in str(one) for one in report.findings)


def test_no_audit_of_its_own_votes_shows_what_another_question_decided(vote):
    made = vote(SWISS, STATED)
    made.result(three_questions((560, 440), (580, 420), (600, 300)))
    for question in ("initiative", "counter"):
        choice = AuditChoice("ballot_polling", "0.05", questions=(question,))
        with (
            RecordWriter.hold(made.at, lambda _: SIGNER) as record,
            pytest.raises(OrderError, match="decided by another question"),
        ):
            plan_audit(record, choice, Stamp())


def test_verify_fails_a_return_that_is_the_sum_of_the_others(vote):
    made = vote(PLAIN)
    made.result(table(*[f"A,D,P{n},{60 + n},{40 + n},0,{100 + 2 * n}" for n in range(4)]))
    forger = Forger(made.at)
    extra = b"1,all,A,D,Q,246,166,0,412\n"
    forger.files("returns")["returns.csv"] += extra
    forger.write(made.folder / "forged", SIGNER)
    report = verify(str(made.folder / "forged"), key=str(SIGNER.verifier))
    assert any("is the sum of the others" in str(one) for one in report.failures)
