"""What is found on the paper beyond what was returned, or twice: named, and never in favour."""

import json
from datetime import date
from itertools import count

import polars as pl
import pytest
from click.testing import CliRunner
from tests.conftest import opened

from referendum.cli.main import cli
from referendum.core.errors import InputError, OrderError, ReferendumError
from referendum.flows.audit import (
    AuditChoice,
    differences,
    draw_audit,
    plan_audit,
    pull_list,
    receive_cards,
    receive_findings,
    receive_full_count,
    state_risk,
)
from referendum.flows.audit.cost import cost_audits
from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.flows.derivations import DERIVATIONS
from referendum.record.log import new_signer
from referendum.record.reading import Record
from referendum.record.replay import replay
from referendum.record.stamps import Stamp
from referendum.verify import verify

STAMP = Stamp(at="2023-11-01")
ALBERTA = ("ca-ab/citizen-initiative-act", date(2026, 10, 19))
FRESH = (str(10**19 + n * 6_364_136_223_846_793_005 % 10**19) for n in count(1))
HEAD = "region,district,place,yes,no,informal,total\n"


def returned(folder, rows, law=ALBERTA, *, common=False):
    """Open a vote and receive what boxes returned."""
    made = opened(folder / "record", "vote", new_signer("tests.example/paper"), law)
    (folder / "returns.csv").write_text(rows)
    delivery = ReturnsFiles(
        folder / "returns.csv", None, "referendum", "all", False, common_ballot=common
    )
    with made.hold() as record:
        receive_returns(record, delivery, STAMP)
        declare_result(record, STAMP)
    return made


def boxes(many, votes):
    return HEAD + "".join(f"AB,D,P{n:02},{votes}\n" for n in range(1, many + 1))


def found(folder, rows):
    """Write what two people found."""
    if isinstance(rows, pl.DataFrame):
        rows = rows.write_csv()
    for name in ("first.csv", "second.csv"):
        (folder / name).write_text(rows)
    return folder / "first.csv", folder / "second.csv"


def holds(made):
    report = verify(str(made.folder))
    assert report.holds, report.failures
    assert not [one for one in replay(Record.open(made.folder), DERIVATIONS) if one.differences]


def test_a_loser_s_ballots_beyond_the_returns_are_not_confirmed(tmp_path):
    made = returned(tmp_path, boxes(40, "60,40,0,100"))
    with made.hold() as record:
        plan_audit(record, AuditChoice("batch_comparison", "0.05"), STAMP)
        draw_audit(record, next(FRESH), {"*": 30}, STAMP)
        rows = pull_list(record).with_columns(yes=60, no=140, informal=0)
        receive_findings(record, *found(tmp_path, rows), "utf-8", STAMP)
        act = state_risk(record, STAMP)
        told = differences(record)
    assert act.facts["risk"] == "1.000000000"
    assert act.facts["confirmed"] is False
    assert len(told) == rows.height
    assert (
        told[0]
        .line(several=False)
        .endswith("60/140/0 for 60/40/0 (yes/no/neither); 100 more ballots than returned")
    )
    holds(made)


@pytest.mark.parametrize(("fifth", "risk"), [("55,45,0", "0"), ("55,845,0", "1"), ("30,70,0", "1")])
def test_every_box_counted_is_as_good_as_a_full_count(tmp_path, fifth, risk):
    made = returned(tmp_path, boxes(5, "55,45,0,100"))
    rows = "region,district,place,yes,no,informal\n" + "".join(
        f"AB,D,P0{n},{fifth if n == 5 else '55,45,0'}\n" for n in range(1, 6)
    )
    with made.hold() as record:
        plan_audit(record, AuditChoice("batch_comparison", "0.05"), STAMP)
        draw_audit(record, next(FRESH), {"*": 60}, STAMP)
        assert pull_list(record).height == 5
        receive_findings(record, *found(tmp_path, rows), "utf-8", STAMP)
        act = state_risk(record, STAMP)
        counting = receive_full_count(record, *found(tmp_path, rows), "utf-8", STAMP)
    assert act.facts["risk"] == f"{risk}.000000000"
    assert act.facts["confirmed"] is counting.facts["confirmed"]
    holds(made)


TWO = "question," + HEAD + "".join(
    f"A,R,D,P{n},60,40,0,100\nB,R,D,P{n},30,70,0,100\n" for n in range(12)
)  # fmt: skip


@pytest.mark.parametrize("common", [True, False])
@pytest.mark.parametrize("method", ["batch_comparison", "ballot_polling"])
def test_ballots_for_a_proposal_that_was_not_carried_count_against_that(tmp_path, method, common):
    """Every box of question B holds a hundred more for the proposal than it returned.

    On a common ballot they are there for question A as well, on which they say nothing.
    """
    made = returned(tmp_path, TWO, common=common)
    with made.hold() as record:
        plan_audit(record, AuditChoice(method, "0.05"), STAMP)
        draw_audit(record, next(FRESH), {"*": 24}, STAMP)
        form, b = pull_list(record), pl.col("question") == "B"
        if method == "batch_comparison":
            rows = form.with_columns(
                yes=pl.when(b).then(130).otherwise(60),
                no=pl.when(b).then(70).otherwise(40),
                informal=pl.when(b | (not common)).then(0).otherwise(100),
            )
        else:
            rows = form.with_columns(mark=pl.when(b).then(pl.lit("no")).otherwise(pl.lit("yes")))
            more = rows.filter(b).unique("place").with_columns(mark=pl.lit("extra"))
            beyond = [more.with_columns(card=pl.lit(101 + n, pl.Int64)) for n in range(100)]
            if common:
                beyond += [one.with_columns(question=pl.lit("A")) for one in beyond]
            rows = pl.concat([rows, *beyond])
        receive_findings(record, *found(tmp_path, rows), "utf-8", STAMP)
        state_risk(record, STAMP)
        told = record.inputs(("audit_risk",)).document("audit_risk")["assertions"]
    risks = {one["question"]: float(one["risk"]) for one in told}
    assert risks["B"] > 0.5
    assert risks["A"] < 0.5 or common
    holds(made)


TOWN = HEAD + "AB,D,P,30,10,0,40\nAB,D,Q,20,10,5,35\n"


@pytest.fixture
def town(tmp_path):
    """Two boxes of 75 cards, of which every one is drawn."""
    made = returned(tmp_path, TOWN)
    with made.hold() as record:
        plan_audit(record, AuditChoice("ballot_polling", "0.05"), STAMP)
        draw_audit(record, next(FRESH), {"*": 75}, STAMP)
    return made


@pytest.mark.parametrize("second", ["yes", "no"])
def test_a_card_with_two_findings_is_refused_whether_the_question_is_named_or_not(
    town, tmp_path, second
):
    with town.hold() as record:
        form = pull_list(record).with_columns(mark=pl.lit("no"))
        twice = pl.concat([form, form.with_columns(mark=pl.lit(second))])
        for rows in (twice, twice.drop("question")):
            with pytest.raises(InputError, match="repeated"):
                receive_findings(record, *found(tmp_path, rows), "utf-8", STAMP)


def as_marked(record, marks):
    form = pull_list(record)
    shown = [marks[place][card - 1] for place, card in form.select("place", "card").iter_rows()]
    return form.with_columns(mark=pl.Series(shown))


@pytest.mark.parametrize(
    ("no", "extra", "risk"), [(10, 0, "0"), (10, 9, "0"), (10, 60, "1"), (25, 0, "1")]
)
def test_every_card_looked_at_settles_it_with_what_boxes_hold_beyond(
    town, tmp_path, no, extra, risk
):
    marks = {
        "P": ["yes"] * (40 - no) + ["no"] * no,
        "Q": ["yes"] * 20 + ["no"] * 10 + ["blank"] * 5,
    }
    with town.hold() as record:
        rows = as_marked(record, marks)
        beyond = rows.head(1).clear().vstack(
            pl.DataFrame(
                [("AB", "D", "P", 41 + n, "1", "extra") for n in range(extra)],
                schema=rows.schema, orient="row",
            )
        )  # fmt: skip
        receive_findings(record, *found(tmp_path, pl.concat([rows, beyond])), "utf-8", STAMP)
        assert state_risk(record, STAMP).facts["risk"] == f"{risk}.000000000"
        assert len([one for one in differences(record) if one.found == "extra"]) == extra
    holds(town)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("AB,D,P,42,extra", "not numbered on from its 40 cards"),
        ("AB,D,P,40,extra", "not numbered on from its 40 cards"),
        ("AB,D,P,41,yes", "not asked for"),
        ("AB,D,Z,1,extra", "nothing was drawn from Z"),
        ("AB,D,P,41,Extra ballot", "not known"),
    ],
)
def test_a_ballot_beyond_a_box_has_the_next_number_and_its_own_mark(town, tmp_path, row, words):
    with town.hold() as record:
        rows = pull_list(record).drop("question").with_columns(mark=pl.lit("yes"))
        text = (
            rows.write_csv().replace("AB,D,P,40,yes\n", "") if ",40,e" in row else rows.write_csv()
        )
        with pytest.raises(InputError, match=words):
            receive_findings(record, *found(tmp_path, f"{text}{row}\n"), "utf-8", STAMP)


@pytest.mark.parametrize("method", ["ballot_polling", "oneaudit", "card_comparison", "stratified"])
def test_ballots_beyond_the_boxes_count_against_the_claim_in_every_method(tmp_path, method):
    """1,200 cards are two to one; boxes that hold half as many again leave a higher risk."""
    kinds = ("ordinary", "postal") if method == "stratified" else ("ordinary",)
    rows = "kind," + HEAD + "".join(
        f"{kind},AB,D,P{n},100,50,0,150\n" for kind in kinds for n in range(8 // len(kinds))
    )  # fmt: skip
    made = returned(tmp_path, rows)
    risks = []
    with made.hold() as record:
        if method == "card_comparison":
            marks = ["yes"] * 100 + ["no"] * 50
            text = "region,district,place,card,mark\n" + "".join(
                f"AB,D,P{n},{card},{mark}\n" for n in range(8) for card, mark in enumerate(marks, 1)
            )
            (tmp_path / "cards.csv").write_text(text)
            receive_cards(record, [tmp_path / "cards.csv"], "utf-8", STAMP)
        plan_audit(
            record,
            AuditChoice(method, "0.05", stratum=("postal",) if method == "stratified" else ()),
            STAMP,
        )
        draw = draw_audit(record, next(FRESH), {"*": 240}, STAMP)
        places = dict.fromkeys(pull_list(record)["place"], ["yes"] * 100 + ["no"] * 50)
        form = as_marked(record, places)
        for many in (0, 70):
            beyond = pl.DataFrame(
                [
                    ("AB", "D", place, 151 + n, "1", "extra")
                    for place in places
                    for n in range(many)
                ],
                schema=form.select(
                    "region", "district", "place", "card", "question", "mark"
                ).schema,
                orient="row",
            )
            both = pl.concat([form.select(beyond.columns), beyond])
            again = (
                None if not many else Stamp(at="2023-11-01", corrects=draw.number + 1, reason="x")
            )
            receive_findings(record, *found(tmp_path, both), "utf-8", again or STAMP)
            risks.append(float(state_risk(record, STAMP).facts["risk"]))
    assert risks[0] <= 0.05 < risks[1]
    holds(made)


FEW = HEAD + "AB,D,P,2,1,0,3\nAB,D,Q,3,1,0,4\n"
CARD_RECORDS = [("P", 1, "yes"), ("P", 2, "yes"), ("P", 3, "no"), ("Q", 1, "yes"), ("Q", 2, "yes"),
           ("Q", 3, "yes"), ("Q", 4, "no")]  # fmt: skip


def records_of(folder, cards, imprints=None):
    rows = ["region,district,place,card,mark,imprint"]
    printed = imprints or [f"i{n}" for n in range(len(cards))]
    rows += [
        f"AB,D,{place},{card},{mark},{one}"
        for (place, card, mark), one in zip(cards, printed, strict=True)
    ]
    path = folder / "cards.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


@pytest.mark.parametrize(
    ("cards", "imprints", "words"),
    [
        ([("P", 1, "yes"), ("P", 1, "yes"), *CARD_RECORDS[2:]], None, "repeated"),
        (CARD_RECORDS, list("aaaabcd"), "the imprint 'a' stands on 4 cards"),
        ([("P", 1, "yes"), ("P", 4, "yes"), *CARD_RECORDS[2:]], None, "last card 4"),
        ([("P", 1, "no"), *CARD_RECORDS[1:]], None, "no 2 against 1"),
        (CARD_RECORDS[1:], None, "total 2 against 3"),
    ],
)
def test_records_stand_for_each_card_once(tmp_path, cards, imprints, words):
    made = returned(tmp_path, FEW)
    path = records_of(tmp_path, cards, imprints)
    with made.hold() as record, pytest.raises(InputError, match=words):
        receive_cards(record, [path], "utf-8", STAMP)


def test_a_record_that_was_never_made_is_declared_and_counts_as_the_worst(tmp_path):
    rows = boxes(4, "100,50,0,150")
    made = returned(tmp_path, rows)
    marks = ["yes"] * 100 + ["no"] * 50
    cards = [(f"P0{n}", card, mark) for n in range(1, 5) for card, mark in enumerate(marks, 1)]
    risks = []
    with made.hold() as record:
        for lost in (0, 40):
            kept = [one for one in cards if lost == 0 or not 100 < one[1] <= 100 + lost]
            path = records_of(tmp_path, kept)
            if lost:
                with pytest.raises(InputError, match="total 110 against 150"):
                    receive_cards(record, [path], "utf-8", Stamp(corrects=3, reason="redacted"))
            stamp = Stamp(at="2023-11-01", corrects=3, reason="redacted") if lost else STAMP
            act = receive_cards(record, [path], "utf-8", stamp, fill=True)
            assert act.facts == {"cards": 600, "boxes": 4, "missing": 4 * lost}
            plan_audit(record, AuditChoice("card_comparison", "0.05"), STAMP)
            draw_audit(record, next(FRESH), {"*": 60}, STAMP)
            form = as_marked(record, {f"P0{n}": marks for n in range(1, 5)})
            receive_findings(record, *found(tmp_path, form), "utf-8", STAMP)
            risks.append(float(state_risk(record, STAMP).facts["risk"]))
    assert risks[0] < 0.05 < risks[1]
    holds(made)


@pytest.mark.parametrize("times", [2, 3])
def test_a_full_count_takes_each_box_once(tmp_path, times):
    made = returned(tmp_path, boxes(40, "60,40,0,100"))
    rows = "region,district,place,yes,no,informal\n" + "".join(
        f"AB,D,P{n:02},{40 + 20 * k},{60 - 20 * k},0\n" for n in range(1, 41) for k in range(times)
    )
    with made.hold() as record:
        plan_audit(record, AuditChoice("batch_comparison", "0.05"), STAMP)
        with pytest.raises(InputError, match="repeated"):
            receive_full_count(record, *found(tmp_path, rows), "utf-8", STAMP)


def test_a_full_count_counts_boxes_once_over_questions_and_may_find_ballots_in_an_empty_one(
    tmp_path,
):
    rows = "question," + HEAD + "".join(
        f"{q},AB,D,P{n},60,40,0,100\n" for q in "AB" for n in range(3)
    ) + "A,AB,D,Empty,0,0,0,0\nB,AB,D,Empty,0,0,0,0\n"  # fmt: skip
    made = returned(tmp_path, rows, common=True)
    hand = "question,region,district,place,yes,no,informal\n" + "".join(
        f"{q},AB,D,P{n},60,{40 + (n == 1)},0\n" for q in "AB" for n in range(3)
    ) + "A,AB,D,Empty,1,0,0\nB,AB,D,Empty,1,0,0\n"  # fmt: skip
    with made.hold() as record:
        plan_audit(record, AuditChoice("batch_comparison", "0.05"), STAMP)
        act = receive_full_count(record, *found(tmp_path, hand), "utf-8", STAMP)
    assert act.facts == {"counted": 4, "differ": 2, "confirmed": True}
    holds(made)


def command(*words):
    return CliRunner().invoke(cli, ["audit", *map(str, words)])


def test_the_commands_say_how_much_to_draw_write_a_form_and_list_what_differs(
    tmp_path, monkeypatch
):
    made = returned(tmp_path, boxes(40, "60,40,0,100"))
    monkeypatch.setattr("referendum.cli.shared.find_signer", lambda *_: made.signer)
    near = command("plan", made.folder, "--method", "polling")
    assert isinstance(near.exception, ReferendumError)
    assert near.exception.hint == "--method ballot_polling"
    planned = command("plan", made.folder, "--method", "batch-comparison")
    assert "    --size 17\n" in planned.output
    asked = command("draw", made.folder, "--seed", next(FRESH))
    assert asked.exception.hint == "about what it takes on average: --size 17"
    form = tmp_path / "form.csv"
    drawn = ("--seed", next(FRESH), "--size", 17, "--pull-list", form)
    assert command("draw", made.folder, *drawn).exit_code == 0
    rows = pl.read_csv(form)
    assert rows.columns[-4:] == ["returned", "yes", "no", "informal"]
    rows = rows.with_columns(yes=50, no=50, informal=0)
    first, second = found(tmp_path, rows)
    one_file = command("findings", made.folder, first, first)
    assert "are one file" in str(one_file.exception)
    alone = command("findings", made.folder, first, second, "--person", "Ann", "--person", "ANN ")
    assert "not two people" in str(alone.exception)
    two = ("--person", "Ann Lee", "--person", "Bo Li")
    told = command("findings", made.folder, first, second, *two)
    assert "AB, D, P0" in told.output
    assert "50/50/0 for 60/40/0" in told.output
    risk = json.loads(command("risk", made.folder, "--json").output)
    assert len(risk["differences"]) == rows.height
    assert risk["differences"][0]["found"] == "50/50/0"
    holds(made)


@pytest.mark.parametrize("electors", [0, 4_100])
def test_an_audit_of_part_of_the_returns_says_so(tmp_path, electors):
    """What may still come can turn the outcome, or cannot: with 100 electors who have not voted."""
    made = opened(tmp_path / "record", "vote", new_signer("tests.example/paper"), ALBERTA)
    (tmp_path / "returns.csv").write_text(boxes(40, "60,40,0,100"))
    listed = tmp_path / "electors.csv" if electors else None
    if listed:
        listed.write_text(f"region,district,electors\nAB,D,{electors}\n")
    delivery = ReturnsFiles(tmp_path / "returns.csv", listed, "referendum", "election day", True)
    with made.hold() as record:
        receive_returns(record, delivery, STAMP)
        declare_result(record, STAMP)
        words = "still to come" if electors else "is not known yet"
        with pytest.raises(OrderError, match=words):
            plan_audit(record, AuditChoice("ballot_polling", "0.05"), STAMP)
        if electors:
            choice = AuditChoice("ballot_polling", "0.05", provisional=True)
            assert plan_audit(record, choice, STAMP).parameters["provisional"] is True
    holds(made)


@pytest.mark.parametrize("limit", ["1/2", "0.99", "0", "1"])
def test_a_risk_limit_is_less_than_a_half(tmp_path, limit):
    made = returned(tmp_path, boxes(4, "60,40,0,100"))
    with made.hold() as record, pytest.raises(InputError, match="not between 0 and 1/2"):
        plan_audit(record, AuditChoice("ballot_polling", limit), STAMP)


def test_a_margin_that_every_sample_ends_at_the_whole_is_counted_in_full(tmp_path):
    made = returned(tmp_path, HEAD + "AB,D,P,501,500,0,1001\nAB,D,Z,0,0,0,0\n")
    advice = cost_audits(made.folder, "0.05", runs=20).recommendation
    assert advice.method == "full count"
    assert "No small sample" in advice.reasons[0]


def test_two_people_who_differ_are_told_cell_by_cell(tmp_path):
    made = returned(tmp_path, boxes(40, "60,40,0,100"))
    with made.hold() as record:
        plan_audit(record, AuditChoice("batch_comparison", "0.05"), STAMP)
        draw_audit(record, next(FRESH), {"*": 5}, STAMP)
        rows = pull_list(record).with_columns(yes=60, no=40, informal=0)
        first, second = found(tmp_path, rows)
        rows[1:].with_columns(
            no=pl.when(pl.col("place") == rows["place"][1]).then(41).otherwise(pl.col("no"))
        ).write_csv(second)
        with pytest.raises(InputError) as told:
            receive_findings(record, first, second, "utf-8", STAMP)
    words = str(told.value)
    assert "differ on 2" in words
    assert f"{rows['place'][0]}: not in the second file" in words
    assert f"{rows['place'][1]}: no 40 and 41" in words
