"""Cast vote records as machines write them, put on the record and audited card by card."""

import json
import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from referendum.core.errors import InputError
from referendum.flows.audit import (
    AuditChoice,
    draw_audit,
    plan_audit,
    pull_list,
    receive_cards,
    receive_findings,
    state_risk,
)
from referendum.flows.count.cast_vote_records import cards_to_forms
from referendum.flows.count.files import write_forms
from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.flows.derivations import DERIVATIONS
from referendum.record.log import new_signer
from referendum.record.opening import Opening, open_record, statute_on
from referendum.record.reading import Record
from referendum.record.replay import replay
from referendum.record.stamps import Stamp
from referendum.record.writing import RecordWriter
from referendum.verify import verify

DATA = Path(__file__).parents[1] / "count" / "data"
EXPORT = DATA / "CvrExport_15.json"
EU_REFERENDUM = "gb/european-union-referendum-act-2015"
STAMP = Stamp(at="2024-11-30")


@pytest.fixture
def san_francisco(tmp_path):
    """The returns of ten cards of San Francisco, under a rule of a simple majority."""
    signer = new_signer("tests.example/san-francisco")
    statute = statute_on(EU_REFERENDUM, date(2024, 11, 5))
    opening = Opening("An excerpt", "Which measures?", "vote", statute, made_up=False)
    open_record(tmp_path / "record", signer, opening, Stamp(at="2024-11-05"))
    forms = tmp_path / "forms.csv"
    write_forms(forms, cards_to_forms([EXPORT], DATA, "San Francisco"))
    with RecordWriter.hold(tmp_path / "record", lambda _: signer) as record:
        receive_returns(record, ReturnsFiles(forms, None, "referendum", "an excerpt", False), STAMP)
        declare_result(record, STAMP)
        yield record


def test_cards_of_a_dominion_export_are_compared_with_the_paper(san_francisco, tmp_path):
    record = san_francisco
    options = {"manifests": DATA, "region": "San Francisco"}
    receive_cards(record, [EXPORT], "utf-8", STAMP, **options)
    questions = ("MEASURE C", "PROPOSITION 35")
    plan = plan_audit(record, AuditChoice("card_comparison", "0.25", questions), STAMP)
    assert plan.facts["to_draw"] == list(questions)
    draw_audit(record, "14142135623730950488", {"MEASURE C": 4, "PROPOSITION 35": 10}, STAMP)
    pulled = pull_list(record)
    # Each card is found by what the machine called it: its device, batch, record and card.
    assert pulled["imprint"].str.starts_with("11-8-").all()
    assert pulled.filter(pl.col("question") == "MEASURE C")["imprint"].n_unique() == 4
    marks = votes_of_the_file()
    shown = [marks[row["question"], row["imprint"]] for row in pulled.iter_rows(named=True)]
    for name in ("first.csv", "second.csv"):
        pulled.with_columns(mark=pl.Series(shown)).write_csv(tmp_path / name)
    receive_findings(record, tmp_path / "first.csv", tmp_path / "second.csv", "utf-8", STAMP)
    risk = state_risk(record, STAMP)
    assert risk.facts["confirmed"] is True
    report = verify(str(record.folder))
    assert report.holds, report.failures
    assert not [one for one in replay(Record.open(record.folder), DERIVATIONS) if one.differences]


def votes_of_the_file():
    """Read the file a second time, without the reader."""
    candidates = {
        one["Id"]: one["Description"].lower().split()[-1]
        for one in json.loads((DATA / "CandidateManifest.json").read_text())["List"]
    }
    contests = json.loads((DATA / "ContestManifest.json").read_text())["List"]
    titles = {one["Id"]: one["Description"] for one in contests}
    marks = {}
    for session in json.loads(EXPORT.read_text())["Sessions"]:
        # RecordId is hidden, and the image has the number that is printed on the card.
        number = int(re.search(r"_(\d+)\*", session["ImageMask"])[1])
        for card in session.get("Modified", session["Original"])["Cards"]:
            for contest in card["Contests"]:
                votes = [m["CandidateId"] for m in contest["Marks"] if m["IsVote"]]
                mark = candidates.get(votes[0]) if len(votes) == 1 else "blank"
                marks[titles.get(contest["Id"]), f"11-8-{number}"] = mark
    return marks


def test_a_file_cut_in_half_is_refused(san_francisco, tmp_path):
    half = tmp_path / "CvrExport_15.json"
    half.write_text(EXPORT.read_text()[: len(EXPORT.read_text()) // 2])
    with pytest.raises(InputError):
        receive_cards(san_francisco, [half], "utf-8", STAMP, manifests=DATA)


def test_records_of_another_region_are_refused(san_francisco):
    with pytest.raises(InputError, match="not what was returned"):
        receive_cards(san_francisco, [EXPORT], "utf-8", STAMP, manifests=DATA, region="Marin")


def test_records_of_no_question_that_was_asked_are_refused(san_francisco, tmp_path):
    report = {
        "Election": [{"Contest": [{
            "@type": "CVR.BallotMeasureContest", "@id": "c", "Name": "Another",
            "ContestSelection": [{"@id": "y", "Selection": "Yes"}, {"@id": "n", "Selection": "No"}],
        }]}],
        "CVR": [],
    }  # fmt: skip
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report))
    with pytest.raises(InputError, match="no card"):
        receive_cards(san_francisco, [path], "utf-8", STAMP)
