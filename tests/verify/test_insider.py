"""What an insider tried who had the log's key, and files that nobody would write."""

import copy
import json
import time
from datetime import date

import polars as pl
import pytest
from tests.conftest import opened

from forger import Forger, check, signed, written
from referendum.core.canonical import canonical_json
from referendum.core.errors import InputError
from referendum.flows.matching.match import match
from referendum.flows.petition.gates import pass_gates
from referendum.flows.petition.issue import Issue, issue_petition
from referendum.flows.petition.receiving import receive_petition
from referendum.flows.roll.seal import seal_roll
from referendum.flows.sufficiency import risk
from referendum.flows.sufficiency.sample import draw_sample
from referendum.publish.pages import page
from referendum.record.log import new_signer
from referendum.record.reading import Record
from referendum.record.stamps import Stamp
from referendum.verify import verify

SIGNER = new_signer("tests.example/insider")
SEED, OTHER = "40711938826450173395", "99887766554433221100"
FIRST = date(2026, 1, 3)


def failures(files):
    """What fails in a record's files, found in good time."""
    begun = time.process_time()
    found = [finding.words for finding in check(files).failures]
    assert time.process_time() - begun < 10
    return found


@pytest.fixture
def forger(petition):
    return Forger(petition.folder)


@pytest.mark.parametrize(
    "name", ["../../../evil.csv", "/etc/evil.csv", "a/evil.csv", "..", "", "evil\0.csv", "Manifest"]
)
def test_a_manifest_names_files_of_its_folder_and_no_other(forger, name):
    number = forger.act("draw")["number"]

    def alter(manifest):
        manifest["files"][0]["name"] = name

    assert failures(forger.build(SIGNER, manifests={number: alter}))


@pytest.mark.parametrize("kind", ["vote.overturn", "", "decide ", "Decide", "result"])
def test_an_act_of_an_unknown_kind_fails(forger, kind):
    forger.acts[-1]["kind"] = kind
    assert failures(forger.build(SIGNER))


@pytest.mark.parametrize("size", [str(2**63 - 1), "9" * 15, "9" * 30, "-1", "08", "8.0", "", "0"])
def test_a_checkpoint_counts_the_acts_that_are_there(forger, size):
    files = forger.build(SIGNER)
    origin, _, root = files["log/checkpoint"].decode().split("\n")[:3]
    files["log/checkpoint"] = signed(SIGNER, f"{origin}\n{size}\n{root}\n")
    assert failures(files)


@pytest.mark.parametrize("member", ["format", "origin", "key", "more"])
def test_a_record_names_itself_once(forger, member):
    files = forger.build(SIGNER)
    head = files["record.json"].decode()
    told = json.dumps(json.loads(head).get(member, "x"))
    files["record.json"] = (head[:-1] + f',"{member}":{told}' + "}").encode()
    assert failures(files)


@pytest.mark.parametrize("filling", [b"\0", b"\xff"])
def test_acts_of_two_hundred_megabytes_are_refused_in_good_time(forger, filling):
    files = forger.build(SIGNER)
    path = next(name for name in files if name.startswith("log/tile/entries/"))
    files[path] += filling * 200_000_000
    assert failures(files)


@pytest.mark.parametrize("used", [SEED, OTHER])
def test_a_seed_that_was_tried_before_is_not_used_once_more(forger, used):
    """Three draws, each in place of the one before; the last takes the seed of an earlier one."""
    first = forger.act("draw")
    forger.acts = forger.acts[: first["number"] + 1]
    first["parameters"]["seed"] = SEED
    for number, seed in enumerate((OTHER, used), first["number"] + 1):
        again = copy.deepcopy(first) | {"corrects": number - 1, "reason": "to be tried again"}
        again["parameters"]["seed"] = seed
        again["writes"][0]["digest"] = f"{number:064}"
        forger.acts.append(again)
    told = failures(forger.build(SIGNER))
    number = first["number"] + (used == OTHER)
    known = f"characters in a row of it, has been known since act {number}"
    assert any(words.endswith(known) for words in told)


def test_a_known_seed_is_not_used_for_lines_received_anew(petition, made_up_files, tmp_path):
    made = petition.copy(tmp_path / "petition")
    known = Record.open(made.folder).standing("draw").parameters["seed"]
    with made.hold() as record:
        lines = record.standing("petition.receive").number
        stamp = Stamp(corrects=lines, reason="a box was found")
        receive_petition(record, made_up_files.lines, made_up_files.sheets, 600, "utf-8", stamp)
        pass_gates(record, Stamp())
        match(record, Stamp())
        with pytest.raises(InputError, match="known since act"):
            draw_sample(record, known, 120, Stamp())
        draw_sample(record, OTHER, 120, Stamp())
    report = verify(str(made.folder))
    assert report.holds, report.failures
    assert any("received again" in words for words in report.outcome_notes)
    forger = Forger(made.folder)
    forger.act("draw", 1)["parameters"]["seed"] = known
    told = " ".join(failures(forger.build(SIGNER)))
    assert "known since act" in told


@pytest.fixture(scope="module")
def planned(petition, tmp_path_factory):
    """A petition with a risk-limiting check that is drawn."""
    made = petition.copy(tmp_path_factory.mktemp("planned") / "petition")
    with made.hold() as record:
        risk.plan(record, risk.RiskPlan(), Stamp())
        risk.draw(record, "41662533516264134452", 20, Stamp())
    return made


@pytest.mark.parametrize("weight", [0, -1, 10**6, 10**12, 10**25, True, None, "2", 1.0])
def test_no_weight_of_a_plan_makes_verify_fail_to_end(planned, weight):
    forger = Forger(planned.folder)
    files = forger.files("risk_plan")
    plan = json.loads(files["risk_plan.json"])
    plan["classes"][0]["weight"] = weight
    files["risk_plan.json"] = written(plan).encode()
    assert failures(forger.build(SIGNER))


@pytest.mark.parametrize("limit", ["1/2", "99/100", "1", "0", "0.999999999"])
def test_a_risk_limit_of_a_half_or_more_fails(audited, limit):
    forger = Forger(audited.folder)
    plan = forger.act("audit.plan")
    plan["parameters"]["risk_limit"] = limit
    for act in forger.acts[plan["number"] + 1 :]:
        for bundle in act["writes"]:
            files = forger.bundles[bundle["digest"]][1]
            if "audit_risk.json" in files:
                told = json.loads(files["audit_risk.json"]) | {"risk_limit": limit}
                files["audit_risk.json"] = canonical_json(told | {"confirmed": True})
                act["facts"]["confirmed"] = True
    found = [one for one in check(forger.build(SIGNER)).failures if one.act == plan["number"]]
    assert any("limit" in one.words for one in found)


def test_a_district_that_was_not_reached_is_not_left_out(made_up_files, tmp_path):
    """Of all districts each must reach its number; one goes from the list of bases."""
    names = sorted(pl.read_parquet(made_up_files.lines)["district"].drop_nulls().unique())
    bases = tmp_path / "districts.csv"
    pl.DataFrame({"district": names, "base": 100}).write_csv(bases)
    law = ("ca-bc/recall-and-initiative-act", date(2026, 1, 2))
    made = opened(tmp_path / "petition", "petition", SIGNER, law)
    with made.hold() as record:
        issue = Issue(
            "initiative", FIRST, FIRST, 1_000, districts=bases, districts_in_all=len(names)
        )
        issue_petition(record, issue, Stamp())
        seal_roll(record, made_up_files.electors, "utf-8", Stamp())
        receive_petition(record, made_up_files.lines, made_up_files.sheets, None, "utf-8", Stamp())
        pass_gates(record, Stamp())
    forger = Forger(made.folder)
    assert failures(forger.build(SIGNER)) == []
    chosen, files = forger.act("petition.issue")["parameters"], forger.files("requirement")
    requirement = json.loads(files["requirement.json"])
    del chosen["districts"][names[0]], requirement["spread"]["minimums"][names[0]]
    chosen["districts_in_all"] -= 1
    requirement["spread"]["need"] -= 1
    files["requirement.json"] = canonical_json(requirement)
    assert failures(forger.build(SIGNER)) == [
        f"lines are of the district {names[0]}, which has no base"
    ]


def test_a_count_by_hand_that_says_otherwise_stands_on_the_page(counted_by_hand):
    answer = page(Record.open(counted_by_hand.folder)).answer
    assert answer.word not in ("Carried", "Not carried")
    assert "by hand" in f"{answer.word} {answer.detail}"
