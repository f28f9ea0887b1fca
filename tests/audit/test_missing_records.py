"""Records of cards that say nothing, were never exported, or come twice: put on the record."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from referendum.core.errors import InputError
from referendum.count import ContestChoice, forms_of_cards, records_of_cards
from referendum.flows.audit import AuditChoice, CardOptions, plan_audit, receive_cards
from referendum.flows.count.cast_vote_records import read_cards
from referendum.flows.count.files import write_forms
from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.record.log import new_signer
from referendum.record.opening import Opening, open_record, statute_on
from referendum.record.stamps import Stamp
from referendum.record.writing import RecordWriter
from referendum.verify import verify

EXAMPLES = Path(__file__).parents[2] / "examples" / "cast-vote-records"
REDACTED = EXAMPLES / "dominion-5.17-redacted"
STAMP = Stamp(at="2024-11-30")


@pytest.fixture
def vote(tmp_path):
    """Open a record with returns; without `forms`, those of the redacted example."""
    holds = []

    def vote(forms=None):
        signer = new_signer("tests.example/missing")
        statute = statute_on("gb/european-union-referendum-act-2015", date(2024, 11, 5))
        opening = Opening("Made up", "Which?", "vote", statute, made_up=True)
        open_record(tmp_path / "record", signer, opening, Stamp(at="2024-11-05"))
        found = read_cards([REDACTED / "CvrExport_1.json"], REDACTED)
        write_forms(
            tmp_path / "forms.csv", forms_of_cards(found.cards, "all") if forms is None else forms
        )
        hold = RecordWriter.hold(tmp_path / "record", lambda _: signer)
        holds.append(hold)
        record = hold.__enter__()
        delivery = ReturnsFiles(tmp_path / "forms.csv", None, "referendum", "made up", False)
        receive_returns(record, delivery, STAMP)
        declare_result(record, STAMP)
        return record

    yield vote
    for hold in holds:
        hold.__exit__(None, None, None)


def receive(record, *paths, **options):
    manifests = REDACTED if any(path.suffix == ".json" for path in paths) else None
    said = CardOptions(**options)
    return receive_cards(record, paths, "utf-8", STAMP, manifests=manifests, options=said)


def test_records_that_say_nothing_are_received_as_missing(vote):
    record, notes = vote(), []
    act = receive(record, REDACTED / "CvrExport_1.json", tell=notes.append)
    assert act.facts == {"cards": 14, "boxes": 1, "missing": 5}
    assert any(note.startswith("cards whose record does not say") for note in notes)
    assert notes[-1] == "records that are missing, each the worst for every claim: 5"
    plan_audit(record, AuditChoice("card_comparison", "0.05", ("MEASURE B",)), STAMP)
    report = verify(str(record.folder))
    assert report.holds, report.failures


def test_a_record_that_may_have_a_question_is_taken_as_the_return_has_it(vote):
    """The withheld record has MEASURE A alone, as the office's own count says."""
    found = read_cards([REDACTED / "CvrExport_1.json"], REDACTED).cards
    withheld = (found["card"] == "5-1-6") & (found["question"] == "MEASURE B")
    record = vote(forms_of_cards(found.filter(~withheld), "all"))
    act = receive(record, REDACTED / "CvrExport_1.json")
    assert act.facts == {"cards": 13, "boxes": 1, "missing": 4}


def cards_of(tmp_path, name="cards.csv"):
    found = read_cards(
        [REDACTED / "CvrExport_1.json"], REDACTED, ContestChoice(leave=("MEASURE B",))
    )
    cards = records_of_cards(found.cards, "all").drop("kind", "certain")
    return cards, tmp_path / name


def forms_of_a():
    found = read_cards(
        [REDACTED / "CvrExport_1.json"], REDACTED, ContestChoice(leave=("MEASURE B",))
    )
    return forms_of_cards(found.cards, "all")


def test_records_that_were_never_exported_are_declared_box_by_box(vote, tmp_path):
    cards, path = cards_of(tmp_path)
    cards.filter(pl.col("card") != 4).write_csv(path)  # the one card with a no
    record = vote(forms_of_a())
    for box, told in (
        ("all,5,1", "does not say how many"),
        ("all,5=1", "does not say how many"),
        ("all,5,1=none", "does not say how many"),
        ("all,5,9=1", "there is no box all, 5, 9"),
        ("all,5,1=2", "2 records are declared missing, and 1 are"),
    ):
        with pytest.raises(InputError, match=told):
            receive(record, path, missing=(box,))
    with pytest.raises(InputError, match="are not what was returned"):
        receive(record, path)
    act = receive(record, path, missing=("all,5,1=1",))
    assert act.facts == {"cards": 7, "boxes": 1, "missing": 4}
    report = verify(str(record.folder))
    assert report.holds, report.failures
    whole, path = cards_of(tmp_path, "whole.csv")
    whole.write_csv(path)
    again = Stamp(at="2024-12-01", corrects=3, reason="a test")
    options = CardOptions(missing=("all,5,1=1",))
    with pytest.raises(InputError, match="1 records are declared missing, and none are"):
        receive_cards(record, [path], "utf-8", again, options=options)


@pytest.mark.parametrize("how", ["declared", "filled"])
def test_a_box_of_which_no_record_was_exported_lacks_all(vote, tmp_path, how):
    cards = cards_of(tmp_path)[0]
    forms, named = forms_of_a(), ["question", "kind", "region", "district", "place"]
    other = forms.select(named).with_columns(place=pl.lit("2"), yes=7, no=2, informal=1, total=10)
    record = vote(pl.concat([forms, other], how="diagonal_relaxed"))
    path, notes = tmp_path / "cards.csv", []
    cards.write_csv(path)
    with pytest.raises(InputError, match="9 records are declared missing, and 10 are"):
        receive(record, path, missing=("all,5,2=9",))
    said = CardOptions(missing=("all,5,2=10",) if how == "declared" else (), tell=notes.append)
    act = receive_cards(record, [path], "utf-8", STAMP, fill=how == "filled", options=said)
    assert act.facts == {"cards": 17, "boxes": 2, "missing": 13}
    assert any("without any record" in note for note in notes) is (how == "filled")
    plan_audit(record, AuditChoice("card_comparison", "0.05"), STAMP)
    report = verify(str(record.folder))
    assert report.holds, report.failures


def test_more_of_a_mark_than_was_returned_is_refused(vote, tmp_path):
    cards, path = cards_of(tmp_path)
    turned = pl.when(pl.col("mark") == "missing").then(pl.lit("yes")).otherwise("mark")
    cards.with_columns(mark=turned).write_csv(path)
    with pytest.raises(InputError, match="yes 5 against 2"):
        receive(vote(forms_of_a()), path)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (pl.when(pl.col("card") == 2).then(1).otherwise("card").alias("card"), "repeated|twice"),
        (pl.lit("5-1-1").alias("imprint"), "imprint"),
    ],
)
@pytest.mark.parametrize("with_question", [True, False])
def test_a_card_or_an_imprint_that_comes_twice_is_refused(
    vote, tmp_path, change, told, with_question
):
    cards, path = cards_of(tmp_path)
    cards = cards.with_columns(change)
    (cards if with_question else cards.drop("question")).write_csv(path)
    with pytest.raises(InputError, match=told):
        receive(vote(forms_of_a()), path)


@pytest.mark.parametrize(
    ("name", "data", "maker"),
    [
        ("cards.csv", "RowNumber,BoxID,BoxPosition,BallotID\n1,1,1,1\n", "Clear Ballot"),
        ("cards.xml", '<Cvr xmlns="http://tempuri.org/CVRDesign.xsd"/>', "Hart"),
        ("cards.xlsx", "PK\x03\x04 xl/workbook.xml", "XLSX, as ES&S"),
        ("cards.json", "RowNumber,BoxID,BoxPosition\n", "Clear Ballot"),
    ],
)
def test_an_export_of_another_maker_is_told_by_its_name(vote, tmp_path, name, data, maker):
    path = tmp_path / name
    path.write_text(data)
    with pytest.raises(InputError, match=maker):
        receive(vote(), path)


def test_questions_are_found_however_they_are_spelt(vote):
    forms = forms_of_a().with_columns(question=pl.lit("Measure A"))
    act = receive(vote(forms), REDACTED / "CvrExport_1.json")
    assert act.facts["cards"] == 7


def test_the_office_says_which_option_is_yes(vote, tmp_path):
    candidates = json.loads((REDACTED / "CandidateManifest.json").read_text())
    for path in REDACTED.glob("*.json"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    for one in candidates["List"]:
        one["Description"] = one["Description"].replace("YES", "Uphold").replace("NO", "Repeal")
    (tmp_path / "CandidateManifest.json").write_text(json.dumps(candidates))
    record, path = vote(), tmp_path / "CvrExport_1.json"
    with pytest.raises(InputError, match=r"MEASURE A .options: 'Uphold', 'Repeal'"):
        receive_cards(record, [path], "utf-8", STAMP, manifests=tmp_path)
    said = CardOptions(ContestChoice(yes=("Uphold",)))
    act = receive_cards(record, [path], "utf-8", STAMP, manifests=tmp_path, options=said)
    assert act.facts["cards"] == 14


@pytest.mark.parametrize(
    "shape", ["dominion-5.2", "dominion-5.10", "dominion-5.17-redacted", "nist-1500-103"]
)
def test_the_records_of_every_shape_add_up_to_its_own_forms(vote, shape):
    folder = EXAMPLES / shape
    files = sorted(path for path in folder.glob("*.json") if "Manifest" not in path.name)
    manifests = folder if (folder / "ContestManifest.json").exists() else None
    found = read_cards(files, manifests).cards
    record = vote(forms_of_cards(found, "all"))
    act = receive_cards(record, files, "utf-8", STAMP, manifests=manifests)
    assert act.facts["cards"] == found.height
    assert act.facts["missing"] == found.filter(pl.col("vote") == "missing").height
    report = verify(str(record.folder))
    assert report.holds, report.failures
