"""Draws, rounds and corrections as an insider would bend them: each fails, and at its act."""

import copy
import json
import random
from datetime import date
from unittest import mock

import polars as pl
import pytest
from tests.conftest import opened

from forger import Forger, csv_of, table
from referendum.core.canonical import canonical_json
from referendum.core.draws import require_seed
from referendum.core.errors import InputError
from referendum.flows.matching.match import match
from referendum.flows.petition.gates import pass_gates
from referendum.flows.petition.issue import Issue, issue_petition
from referendum.flows.petition.receiving import receive_petition
from referendum.flows.polls import PollTable, make_forecast, receive_poll_table
from referendum.flows.roll.copies import hand_out_copy
from referendum.flows.roll.seal import seal_roll
from referendum.flows.sufficiency import risk, risk_checks
from referendum.flows.sufficiency.sample import decide, draw_sample, receive_checks, worksheet
from referendum.polls import Assumptions, Campaign
from referendum.record.log import new_signer
from referendum.record.reading import Record
from referendum.record.stamps import Stamp
from referendum.simulate import perfect_findings
from referendum.verify import verify

POLLS = """\
field_end,pollster,yes,no,source
2023-09-01,A,44,46,x
2023-09-20,B,42,48,x
2023-10-02,A,41,50,x
"""

SEED = "73501962408817395526"


def failures(forger, made, folder, *, once=False):
    """What `verify` finds wrong with a record that an insider wrote again."""
    forger.write(folder, made.signer, once=once)
    report = verify(str(folder), key=str(made.signer.verifier))
    return {(finding.act, finding.words) for finding in report.failures}


def words_at(found, act):
    return " ".join(words for number, words in found if number == act)


def number_of(forger, kind):
    return next(act["number"] for act in forger.acts if act["kind"] == kind)


@pytest.mark.parametrize(
    "seed",
    [
        "",
        " ",
        "1",
        "4711",
        SEED[:19],
        "0123456789abcde",
        "abcdefghijk42",
        f"{SEED} ",
        "1" * 19 + "ä",
    ],
)
def test_a_seed_without_64_bits_is_refused(seed, petition, tmp_path):
    with pytest.raises(InputError, match="seed"):
        require_seed(seed, [])
    forger = Forger(petition.folder)
    draw = number_of(forger, "draw")
    forger.acts[draw]["parameters"]["seed"] = seed
    assert "seed is" in words_at(failures(forger, petition, tmp_path / "forged"), draw)


@pytest.mark.parametrize("seed", [SEED, "012345f789abcdef", "DEADBEEF01234567", "correcthorse42"])
def test_a_seed_of_64_bits_is_taken(seed):
    require_seed(seed, [b'{"title":"a petition of 2026"}'])


ROLLED = [
    "1" * 20, "0" * 24, "a" * 16, "12" * 10, "123" * 7, "4711" * 5, "12345678901234567890",
    "98765432109876543210", "73501901234567890173", "abcdefghijklmnop", "7350196240" * 2,
    "73501962408817395526" * 6,
]  # fmt: skip


@pytest.mark.parametrize("seed", ROLLED)
def test_a_seed_that_nobody_rolled_is_refused(seed, petition, tmp_path):
    with pytest.raises(InputError, match="seed"):
        require_seed(seed, [])
    forger = Forger(petition.folder)
    draw = number_of(forger, "draw")
    forger.acts[draw]["parameters"]["seed"] = seed
    assert "none that was rolled" in words_at(failures(forger, petition, tmp_path / "forged"), draw)


@pytest.mark.parametrize(
    "seed", [f"000{SEED}", f"{SEED}00", f"{SEED[:12]}48151623", f"481516{SEED[8:]}42"]
)
def test_a_seed_of_a_part_that_was_known_is_refused(seed, petition, tmp_path):
    with pytest.raises(InputError, match="known since act 0"):
        require_seed(seed, [SEED.encode()])
    forger = Forger(petition.folder)
    draw = number_of(forger, "draw")
    forger.acts[0]["parameters"]["title"] = SEED
    forger.acts[draw]["parameters"]["seed"] = seed
    assert "known since act" in words_at(failures(forger, petition, tmp_path / "forged"), draw)


def test_dice_are_hardly_ever_refused():
    dice = random.Random(20_260_502)  # noqa: S311
    for sides in ("0123456789", "123456"):
        for _ in range(20_000):
            require_seed("".join(dice.choices(sides, k=20)), [])


SPELLINGS = [
    (str, "title"),
    ("seed: {}".format, "office"),
    (" ".join, "question"),
    ("-".join, "section"),
]


@pytest.mark.parametrize(("spell", "place"), SPELLINGS)
@pytest.mark.parametrize("name", ["petition", "audited"])
def test_a_seed_that_stands_in_any_earlier_act_fails(name, spell, place, request, tmp_path):
    made = request.getfixturevalue(name)
    forger = Forger(made.folder)
    draw = number_of(forger, "draw" if name == "petition" else "audit.draw")
    text = spell(forger.acts[draw]["parameters"]["seed"])
    part = forger.acts[1] if place == "section" else forger.acts[0]["parameters"]
    part[place] = text
    found = failures(forger, made, tmp_path / "forged")
    assert "known since act" in words_at(found, draw)


def test_a_seed_in_capitals_is_the_same_seed():
    with pytest.raises(InputError, match="act 1"):
        require_seed("0123456089ABCDEF", [b"{}", b'{"title":"0123 4560 89ab cdef"}'])


REASONS = [None, "", "  ", "x" * 501, "two\nlines", "\x1b[2J", "right\u202eleft", "end\u2028"]


@pytest.mark.parametrize("reason", REASONS)
def test_a_correction_says_why(reason, petition, tmp_path):
    forger = Forger(petition.folder)
    last = len(forger.acts) - 1
    forger.acts[last] |= {"corrects": last - 1, "reason": reason}
    forger.write(tmp_path / "forged", petition.signer)
    report = verify(str(tmp_path / "forged"))
    assert any("reason" in finding.words for finding in report.failures if finding.act == last)


def test_a_reason_without_a_correction_fails(petition, tmp_path):
    forger = Forger(petition.folder)
    forger.acts[1]["reason"] = "no reason at all"
    assert "reason" in words_at(failures(forger, petition, tmp_path / "forged"), 1)


LAW = ("us-wa/initiative-and-referendum", date(2026, 1, 2))
FIRST, LAST = date(2026, 1, 3), date(2026, 5, 2)


@pytest.fixture(scope="module")
def in_rounds(made_up_files, tmp_path_factory):
    """A petition of two stages, with copies of the list, and a risk-limiting check in rounds."""
    folder = tmp_path_factory.mktemp("rounds")
    made = opened(folder / "in-rounds", "petition", new_signer("tests.example/rounds"), LAW)
    # Which lines are drawn follows from the nonce of their bundle: it is the same each time.
    same = mock.patch("secrets.token_hex", lambda size: "a7" * size)
    with same, made.hold() as record:
        issue = Issue("initiative", FIRST, FIRST, base_value=6_200, last_day=LAST)
        issue_petition(record, issue, Stamp())
        seal_roll(record, made_up_files.electors, "utf-8", Stamp())
        for party in ("yes", "no"):
            hand_out_copy(record, party, 10, folder / f"{party}.parquet", Stamp(), renumber=True)
        receive_petition(record, made_up_files.lines, made_up_files.sheets, 600, "utf-8", Stamp())
        pass_gates(record, Stamp())
        match(record, Stamp())
        risk.plan(record, risk.RiskPlan(), Stamp())
        for size in (None, "all"):
            draw_sample(record, SEED, size, Stamp())
            _find(made_up_files, worksheet(record), folder)
            receive_checks(record, folder / "found.csv", "utf-8", Stamp())
            decide(record, "sample", Stamp())
        for size in (6, 12, 40):
            risk.draw(record, "41662533516264134452", size, Stamp())
            _find(made_up_files, risk_checks.worksheet(record), folder, "first")
            risk_checks.receive_checks(record, folder / "found.csv", "utf-8", Stamp())
            risk.decide(record, Stamp())
    return made


def _find(files, sheet, folder, column="finding"):
    found = perfect_findings(files.truth, sheet["line_id"], copies=column == "finding")
    found = found.rename({"finding": column})
    if column == "first":
        found = found.with_columns(second="first")
    found.write_csv(folder / "found.csv")


@pytest.fixture(scope="module")
def polled(tmp_path_factory):
    """A vote with polls and forecasts, twice each."""
    made = opened(
        tmp_path_factory.mktemp("polled") / "polled", "vote", new_signer("tests.example/p")
    )
    campaign = Campaign("voice", date(2023, 10, 14), "no")
    head, *rows = POLLS.splitlines(keepends=True)
    with made.hold() as record:
        for day, own in ((4, rows[:2]), (9, rows[2:])):
            (made.folder.parent / "polls.csv").write_text("".join([head, *own]))
            receive_poll_table(
                record, PollTable(made.folder.parent / "polls.csv", campaign), Stamp()
            )
            make_forecast(record, date(2023, 10, day), Assumptions(), Stamp())
    return made


RECORDS = ["petition", "vote", "audited", "counted_by_hand", "in_rounds", "polled"]


@pytest.fixture(params=RECORDS)
def made(request):
    """Each of the records."""
    return request.getfixturevalue(request.param)


def test_the_records_hold(made):
    report = verify(str(made.folder))
    assert report.holds, report.failures


def wrote(forger):
    """Kind and act of every bundle."""
    return {
        bundle["digest"]: (bundle["kind"], act["number"])
        for act in forger.acts
        for bundle in act["writes"]
    }


def read_in(forger):
    """Kind and latest act of every bundle, and of those that are read together."""
    kinds = wrote(forger)
    together = {digest: kinds[parts[-1]] for digest, parts in forger.together.items()}
    return {**kinds, **together}


def test_an_act_that_does_not_read_the_latest_fails(made, tmp_path):
    tried = 0
    kinds = wrote(Forger(made.folder))
    together = read_in(Forger(made.folder))
    for act in Record.open(made.folder).acts:
        for place, digest in enumerate(act.reads):
            kind, writer = together[digest]
            for older, (same, earlier) in kinds.items():
                if same == kind and earlier < writer:
                    forger = Forger(made.folder)
                    reads = list(act.reads)
                    reads[place] = older
                    forger.acts[act.number]["reads"] = reads
                    found = failures(forger, made, tmp_path / "forged")
                    assert "is not the latest" in words_at(found, act.number)
                    tried += 1
    if made.folder.name in {"in-rounds", "audited", "polled"}:
        assert tried


def test_an_act_that_leaves_out_or_adds_what_it_reads_fails(made, tmp_path):
    acts = Record.open(made.folder).acts
    for act in acts:
        changes = [
            list(act.reads[:place] + act.reads[place + 1 :]) for place in range(len(act.reads))
        ]
        changes += [[*act.reads, bundle.digest] for bundle in acts[act.number - 1].writes]
        for reads in changes:
            forger = Forger(made.folder)
            forger.acts[act.number]["reads"] = reads
            found = failures(forger, made, tmp_path / "forged")
            assert "it reads" in words_at(found, act.number) or act.number == 0


FURTHER = {"decision", "risk", "audit_draw", "audit_risk"}
GOES_ON = ["draw", "risk.draw", "risk.checks", "audit.draw"]


@pytest.mark.parametrize("kind", GOES_ON)
def test_a_further_round_that_begins_again_fails(kind, request, tmp_path):
    """A bad round is not forgotten by calling the next one the first, under a new seed."""
    made = request.getfixturevalue("audited" if kind.startswith("audit") else "in_rounds")
    forger = Forger(made.folder)
    kinds = read_in(forger)
    own = [act["number"] for act in forger.acts if act["kind"] == kind]
    assert len(own) > 1
    act = forger.acts[own[1]]
    act["reads"] = [digest for digest in act["reads"] if kinds[digest][0] not in FURTHER]
    act["parameters"] |= {name: 1 for name in ("round", "stage") if name in act["parameters"]}
    if "seed" in act["parameters"]:
        act["parameters"]["seed"] = "99887766554433221100"
    found = failures(forger, made, tmp_path / "forged")
    assert "it reads" in words_at(found, own[1])


@pytest.mark.parametrize("kind", ["draw", "risk.draw", "audit.draw"])
@pytest.mark.parametrize("number", [0, 1, 3, 7, "2", True, None])
def test_a_round_is_numbered_after_the_one_before(kind, number, request, tmp_path):
    made = request.getfixturevalue("audited" if kind.startswith("audit") else "in_rounds")
    forger = Forger(made.folder)
    own = [act["number"] for act in forger.acts if act["kind"] == kind]
    name = "stage" if kind == "draw" else "round"
    forger.acts[own[1]]["parameters"][name] = number
    found = failures(forger, made, tmp_path / "forged")
    assert f" {name} is" in words_at(found, own[1])


@pytest.mark.parametrize("kind", ["draw", "risk.draw"])
def test_a_further_draw_keeps_its_seed(kind, in_rounds, tmp_path):
    forger = Forger(in_rounds.folder)
    own = [act["number"] for act in forger.acts if act["kind"] == kind]
    forger.acts[own[1]]["parameters"]["seed"] = "99887766554433221100"
    found = failures(forger, in_rounds, tmp_path / "forged")
    assert "another than that of the round before" in words_at(found, own[1])


def test_a_round_of_an_audit_has_a_seed_of_its_own(audited, tmp_path):
    forger = Forger(audited.folder)
    own = [act["number"] for act in forger.acts if act["kind"] == "audit.draw"]
    forger.acts[own[1]]["parameters"]["seed"] = forger.acts[own[0]]["parameters"]["seed"]
    found = failures(forger, audited, tmp_path / "forged")
    assert "known since act" in words_at(found, own[1])


@pytest.mark.parametrize("size", [20, None, 400])
def test_no_sample_is_drawn_where_every_line_is_asked_for(size, in_rounds, tmp_path):
    forger = Forger(in_rounds.folder)
    own = [act["number"] for act in forger.acts if act["kind"] == "draw"]
    forger.acts[own[1]]["parameters"]["size"] = size
    found = failures(forger, in_rounds, tmp_path / "forged")
    assert "asks for every line" in words_at(found, own[1])


def test_a_risk_is_not_planned_anew_once_its_seed_is_known(in_rounds, tmp_path):
    forger = Forger(in_rounds.folder)
    plan = copy.deepcopy(forger.acts[number_of(forger, "risk.plan")])
    plan |= {"corrects": plan["number"], "reason": "another limit", "writes": []}
    plan["recorded"] = forger.acts[-1]["recorded"]
    forger.acts.append(plan)
    found = failures(forger, in_rounds, tmp_path / "forged")
    assert any(number == len(forger.acts) - 1 for number, _ in found)


def test_a_bundle_is_written_once(made, tmp_path):
    """An act that is put right writes a bundle of its own, whose manifest is held against it."""
    for number, act in enumerate(Forger(made.folder).acts[1:], start=1):
        if act["corrects"] is not None:
            continue
        forger = Forger(made.folder)
        again = copy.deepcopy(forger.acts[number])
        again |= {"corrects": number, "reason": "nothing was wrong"}
        again["recorded"] = again["at"] = forger.acts[-1]["recorded"]
        forger.acts.append(again)
        found = failures(forger, made, tmp_path / "forged", once=True)
        assert words_at(found, len(forger.acts) - 1)


@pytest.mark.parametrize(("one", "other"), [("petition", "vote"), ("vote", "petition")])
def test_an_act_of_the_other_subject_has_no_place(one, other, request, tmp_path):
    made, strange = (request.getfixturevalue(name) for name in (one, other))
    forger, from_there = Forger(made.folder), Forger(strange.folder)
    first = len(forger.acts)
    opening, here = (one.acts[0]["writes"][0]["digest"] for one in (from_there, forger))
    for act in from_there.acts[1:]:
        reads = [here if digest == opening else digest for digest in act["reads"]]
        act |= {"reads": reads, "statute": forger.acts[0]["statute"]}
        act["recorded"] = forger.acts[-1]["recorded"]
        forger.acts.append(act)
    forger.bundles |= from_there.bundles
    found = failures(forger, made, tmp_path / "forged")
    for number, act in enumerate(forger.acts):
        if number >= first and act["kind"] != "roll.seal":
            assert "no place on the record of a" in words_at(found, number)


@pytest.mark.parametrize("subject", ["petition", "vote", "poll", "", None, 1])
def test_the_subject_of_a_record_is_the_one_of_its_acts(subject, made, tmp_path):
    forger = Forger(made.folder)
    if forger.acts[0]["parameters"]["subject"] != subject:
        forger.acts[0]["parameters"]["subject"] = subject
        assert failures(forger, made, tmp_path / "forged")


OPENINGS = [
    {"corrects": 0, "reason": "nothing stands"},
    {"parameters": {"title": None}},
    {"parameters": {"made_up": "perhaps"}},
    {"parameters": {"note": "one more"}},
]


@pytest.mark.parametrize("change", OPENINGS)
def test_an_opening_has_its_members(change, petition, tmp_path):
    forger = Forger(petition.folder)
    opening = forger.acts[0]
    opening["parameters"] |= change.pop("parameters", {})
    opening |= change
    assert words_at(failures(forger, petition, tmp_path / "forged"), 0)


@pytest.mark.parametrize("name", ["title", "question", "subject", "made_up"])
def test_an_opening_lacks_none_of_its_members(name, petition, tmp_path):
    forger = Forger(petition.folder)
    del forger.acts[0]["parameters"][name]
    forger.write(tmp_path / "forged", petition.signer)
    assert not verify(str(tmp_path / "forged")).holds


def test_an_act_dated_before_what_it_rests_on_fails(made, tmp_path):
    for number, act in enumerate(Forger(made.folder).acts):
        kinds = read_in(Forger(made.folder))
        writers = {writer for kind, writer in (kinds[digest] for digest in act["reads"])}
        if not writers - {0}:
            continue
        forger = Forger(made.folder)
        forger.acts[number]["at"] = "2020-01-01"
        found = failures(forger, made, tmp_path / "forged")
        assert "on which it rests" in words_at(found, number)


@pytest.mark.parametrize("at", ["2099-01-01", "2099-01-01T00:00:00+00:00"])
def test_an_act_of_a_day_to_come_fails(at, petition, tmp_path):
    forger = Forger(petition.folder)
    forger.acts[3]["at"] = at
    found = failures(forger, petition, tmp_path / "forged")
    assert "after it was recorded" in words_at(found, 3)
    with (
        petition.copy(tmp_path / "copy").hold() as record,
        pytest.raises(InputError, match="future"),
    ):
        decide_again(record, at)


def decide_again(record, at):
    number = record.standing("decide").number
    decide(record, "sample", Stamp(at=at, corrects=number, reason="to be tried"))


def test_a_checkpoint_from_the_future_fails(petition, tmp_path):
    forger = Forger(petition.folder)
    for act in forger.acts:
        act["recorded"] = "2099-01-01T00:00:00+00:00"
    found = failures(forger, petition, tmp_path / "forged")
    assert "recorded in the future" in words_at(found, 0)


def test_a_step_is_not_done_before_what_it_rests_on(petition, tmp_path):
    made = petition.copy(tmp_path / "copy")
    with made.hold() as record, pytest.raises(InputError, match="on which this step rests"):
        decide_again(record, "2020-05-01")


def change_issue(forger, **days):
    forger.act("petition.issue")["parameters"].update(days)
    document = json.loads(forger.files("requirement")["requirement.json"]) | days
    forger.files("requirement")["requirement.json"] = canonical_json(document)


@pytest.mark.parametrize("day", ["2027-01-02", "2026-01-04", "2026-W01-5", "20260102", "soon"])
def test_a_petition_is_issued_before_it_is_signed(day, petition, tmp_path):
    forger = Forger(petition.folder)
    change_issue(forger, issued_on=day)
    assert failures(forger, petition, tmp_path / "forged")


def test_gates_of_sheets_are_applied_exactly_where_sheets_were_received(petition, tmp_path):
    forger = Forger(petition.folder)
    forger.act("petition.receive")["facts"]["sheets"] = 0
    found = failures(forger, petition, tmp_path / "forged")
    assert "not applied" in words_at(found, number_of(forger, "petition.gates"))
    forger = Forger(petition.folder)
    forger.act("petition.gates")["facts"]["not_applied"] = ["sheet_not_issued"]
    found = failures(forger, petition, tmp_path / "forged")
    assert "not applied" in words_at(found, number_of(forger, "petition.gates"))


def test_a_preliminary_count_needs_a_statute_that_has_one(in_rounds, tmp_path):
    forger = Forger(in_rounds.folder)
    first = number_of(forger, "decide")
    decision = forger.acts[first]
    decision |= {"parameters": {"method": "preliminary_count"}, "reads": decision["reads"][:3]}
    del forger.acts[first + 1 :]
    found = failures(forger, in_rounds, tmp_path / "forged")
    assert "no preliminary count" in words_at(found, first)


def test_matching_takes_the_decoys_of_copies_that_were_handed_out(in_rounds, tmp_path):
    forger = Forger(in_rounds.folder)
    matched = forger.act("match")
    del matched["reads"][1]
    del matched["parameters"]["decoys"]
    found = failures(forger, in_rounds, tmp_path / "forged")
    assert "expected electors decoys" in words_at(found, number_of(forger, "match"))


@pytest.mark.parametrize(("name", "value"), [("copy", 7), ("copy", 1), ("electors", 12)])
def test_a_copy_is_numbered_and_of_the_sealed_list(name, value, in_rounds, tmp_path):
    forger = Forger(in_rounds.folder)
    second = forger.act("roll.copy", 1)
    second["facts"][name] = value
    found = failures(forger, in_rounds, tmp_path / "forged")
    assert words_at(found, number_of(forger, "roll.copy") + 1)


KEPT = [("valid", "not_listed"), ("not_listed", "valid"), ("valid", "duplicate")]


@pytest.mark.parametrize(("old", "new"), KEPT)
def test_a_line_checked_before_keeps_its_finding(old, new, in_rounds, made_up_files, tmp_path):
    forger = Forger(in_rounds.folder)
    bundles = [act["writes"][0]["digest"] for act in forger.acts if act["kind"] == "checks.receive"]
    first, second = (table(forger.bundles[name][1]["checks.csv"]) for name in bundles)
    serial = next(row[0] for row in first[1:] if row[1] == old)
    for row in second:
        row[1] = new if row[0] == serial else row[1]
    forger.bundles[bundles[1]][1]["checks.csv"] = csv_of(second)
    found = failures(forger, in_rounds, tmp_path / "forged")
    last = [act["number"] for act in forger.acts if act["kind"] == "checks.receive"][-1]
    assert f"line {serial} is another" in words_at(found, last)
    made = in_rounds.copy(tmp_path / "written")
    with made.hold() as record:
        listed = worksheet(record)
        _find(made_up_files, listed, tmp_path)
        line = listed.filter(pl.col("serial") == int(serial))["line_id"][0]
        rows = table((tmp_path / "found.csv").read_bytes())
        rows = [[name, new if name == line else code] for name, code in rows]
        (tmp_path / "found.csv").write_bytes(csv_of(rows))
        stamp = Stamp(corrects=last, reason="checked again")
        with pytest.raises(InputError, match="in the round before"):
            receive_checks(record, tmp_path / "found.csv", "utf-8", stamp)


@pytest.mark.parametrize(("old", "new"), KEPT)
def test_a_risk_limiting_check_keeps_what_the_round_before_found(old, new, in_rounds, tmp_path):
    forger = Forger(in_rounds.folder)
    acts = [act for act in forger.acts if act["kind"] == "risk.checks"]
    first, second = (
        table(forger.bundles[act["writes"][0]["digest"]][1]["risk_checks.csv"]) for act in acts[:2]
    )
    serial = next((row[0] for row in first[1:] if row[3] == old), first[1][0])
    for row in second[1:]:
        if row[0] == serial:
            row[1:] = [new, new, new]
            acts[1]["facts"]["valid"] += (new == "valid") - (old == "valid")
    forger.bundles[acts[1]["writes"][0]["digest"]][1]["risk_checks.csv"] = csv_of(second)
    found = failures(forger, in_rounds, tmp_path / "forged")
    assert "another than in the round before" in words_at(found, acts[1]["number"])


@pytest.mark.parametrize("place", ["title", "question"])
def test_the_seed_of_a_risk_limiting_check_was_not_known_before(place, in_rounds, tmp_path):
    forger = Forger(in_rounds.folder)
    drawn = number_of(forger, "risk.draw")
    forger.acts[0]["parameters"][place] = f"no {forger.acts[drawn]['parameters']['seed']}"
    found = failures(forger, in_rounds, tmp_path / "forged")
    assert "known since act 0" in words_at(found, drawn)
