"""Files of other systems: cast vote records, batches, and the report for others."""

import csv
import json
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from jsonschema import Draft4Validator

from referendum.core.errors import InputError
from referendum.count import Entry, reconcile_forms
from referendum.flows.count.cast_vote_records import cards_to_forms
from referendum.flows.count.files import export_result, write_forms
from referendum.record.reading import Record

DATA = Path(__file__).parent / "data"
EXPORT = DATA / "CvrExport_15.json"
SCHEMA = Draft4Validator(json.loads((DATA / "nist-1500-100-v2.json").read_text()))


def test_a_dominion_export_adds_up_to_what_a_plain_reading_of_the_file_gives():
    """Counted here a second time, mark by mark, without the reader."""
    candidates = {
        one["Id"]: one["Description"].lower().split()[-1]
        for one in json.loads((DATA / "CandidateManifest.json").read_text())["List"]
    }
    contests = json.loads((DATA / "ContestManifest.json").read_text())["List"]
    measures = ("MEASURE", "PROPOSITION")
    titles = {
        one["Id"]: one["Description"] for one in contests if one["Description"].startswith(measures)
    }
    counted = Counter()
    for session in json.loads(EXPORT.read_text())["Sessions"]:
        for card in session.get("Modified", session["Original"])["Cards"]:
            for contest in card["Contests"]:
                if contest["Id"] in titles:
                    marks = [m["CandidateId"] for m in contest["Marks"] if m["IsVote"]]
                    vote = candidates[marks[0]] if len(marks) == 1 else "neither"
                    counted[titles[contest["Id"]], vote] += 1
    forms = cards_to_forms([EXPORT], DATA, "San Francisco")
    assert forms["question"].n_unique() == 25
    assert forms.select("region", "district", "place").unique().rows() == [
        ("San Francisco", "11", "8")
    ]
    for name, yes, no, informal in forms.select("question", "yes", "no", "informal").rows():
        assert (yes, no, informal) == tuple(
            counted[name, vote] for vote in ("yes", "no", "neither")
        )
    assert reconcile_forms(Entry(forms)).set_aside.is_empty()


@pytest.mark.parametrize("part", [0.1, 0.5, 0.999])
def test_a_cvr_file_cut_off_is_refused_by_name(tmp_path, part):
    text = EXPORT.read_text()
    cut = tmp_path / "cut.json"
    cut.write_text(text[: int(len(text) * part)])
    with pytest.raises(InputError, match="cut off") as caught:
        cards_to_forms([EXPORT, cut], DATA, "all")
    assert caught.value.where == str(cut)


@pytest.mark.parametrize("text", ["[]", "{}", '{"Sessions": [{}]}', '{"Sessions": 1}', "7"])
@pytest.mark.parametrize("manifests", [DATA, None])
def test_another_file_is_refused_as_not_that_format(tmp_path, text, manifests):
    other = tmp_path / "other.json"
    other.write_text(text)
    with pytest.raises(InputError, match="not a"):
        cards_to_forms([other], manifests, "all")


@pytest.fixture
def exported(vote, tmp_path):
    names = export_result(Record.open(vote.folder), tmp_path / "out", "2023-10-14")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    return tmp_path / "out"


def test_every_column_of_an_export_is_in_its_dictionary(exported):
    rows = {path.name: path.read_text().splitlines() for path in exported.glob("*.csv")}
    dictionary = csv.DictReader(rows.pop("dictionary.csv"))
    described = {(row["file"], row["column"]) for row in dictionary}
    found = {(name, column) for name, lines in rows.items() for column in lines[0].split(",")}
    assert found == described


def nodes(value):
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


def test_a_nist_report_is_valid_by_the_schema_of_the_standard(exported):
    report = json.loads((exported / "nist-1500-100.json").read_text())
    SCHEMA.validate(report)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda report: report.pop("Issuer"),
        lambda report: report.update(Status="final"),
        lambda report: report["GpUnit"][0].update(Type="province"),
        lambda report: report["Election"][0]["Contest"][0].pop("Name"),
        lambda report: report["Election"][0]["BallotCounts"][0].update(BallotsCast="many"),
    ],
)
def test_the_schema_refuses_what_is_not_a_report(exported, spoil):
    report = json.loads((exported / "nist-1500-100.json").read_text())
    spoil(report)
    assert not SCHEMA.is_valid(report)


def test_every_reference_of_a_nist_report_leads_to_one_unit(exported):
    report = json.loads((exported / "nist-1500-100.json").read_text())
    ids = [node["@id"] for node in nodes(report) if "@id" in node]
    assert len(ids) == len(set(ids))
    units = {unit["@id"] for unit in report["GpUnit"]}
    for node in nodes(report):
        for name in ("GpUnitId", "ElectionDistrictId", "ElectionScopeId"):
            assert node.get(name, "whole") in units
        assert set(node.get("ComposingGpUnitIds", [])) <= units
        if "Type" in node:
            assert (node["Type"] == "other") == ("OtherType" in node)


def test_the_votes_of_places_and_regions_in_a_nist_report_add_up_to_the_whole(exported):
    report = json.loads((exported / "nist-1500-100.json").read_text())
    result = json.loads((exported / "result.json").read_text())["questions"][0]
    (contest,) = report["Election"][0]["Contest"]
    for selection, answer in zip(contest["ContestSelection"], ("yes", "no"), strict=True):
        by_level = Counter()
        for count in selection["VoteCounts"]:
            by_level[count["GpUnitId"][0]] += count["Count"]
        assert set(by_level.values()) == {result[answer]}
        assert set(by_level) == {"w", "r", "p"}
    cast = sum(one["BallotsCast"] for one in report["Election"][0]["BallotCounts"])
    assert cast == result["total"]


def test_forms_written_are_forms_read(tmp_path):
    forms = cards_to_forms([EXPORT], DATA, "all")
    write_forms(tmp_path / "deep" / "forms.csv", forms)
    raw = pl.read_csv(tmp_path / "deep" / "forms.csv", infer_schema=False)
    assert reconcile_forms(Entry(raw)).returns.height == forms.height
