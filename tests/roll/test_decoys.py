"""Decoys: nobody, different in each copy, and told by the copy that a petition was made from."""

from contextlib import contextmanager
from datetime import date

import polars as pl
import pytest

from forger import Forger, check, csv_of, table
from referendum.core.errors import InputError
from referendum.core.schemas import ELECTORS
from referendum.flows.derivations import DERIVATIONS
from referendum.flows.matching.match import match
from referendum.flows.matching.review import explain_record
from referendum.flows.petition.gates import pass_gates
from referendum.flows.petition.issue import Issue, issue_petition
from referendum.flows.petition.receiving import receive_petition
from referendum.flows.roll.copies import DECOYS_SCHEMA, hand_out_copy, raise_alarm
from referendum.flows.roll.seal import seal_roll
from referendum.publish import publish
from referendum.record.log import new_signer
from referendum.record.opening import Opening, open_record, statute_on
from referendum.record.replay import replay
from referendum.record.stamps import Stamp
from referendum.record.writing import RecordWriter
from referendum.roll import make_decoys
from referendum.verify import verify

FIRST = date(2026, 1, 3)
NONE = pl.DataFrame(schema=DECOYS_SCHEMA)
PARTIES = ("the proponent", "the opponent")


@pytest.fixture(scope="module")
def electors(made_up_files):
    return pl.read_parquet(made_up_files.electors)


def test_no_decoy_is_anyone_on_the_list_or_another_decoy(electors):
    first = make_decoys(electors, NONE, 50, 1, seed=7)
    second = make_decoys(electors, first, 50, 2, seed=8)
    both = pl.concat([first, second])
    assert both["copy"].to_list() == [1] * 50 + [2] * 50
    for what in (
        ["elector_id"],
        ["given_names", "surname"],
        ["street_number", "street", "locality"],
    ):
        assert both.join(electors, on=what, how="semi", nulls_equal=True).is_empty()
        assert both.select(what).is_unique().all()


def test_a_decoy_looks_like_an_elector(electors):
    made = make_decoys(electors, NONE, 50, 1, seed=7)
    assert made.drop("copy").schema == ELECTORS.schema
    lived_in = electors.select("street", "locality", "postal_code", "district")
    assert made.join(lived_in, on=lived_in.columns, how="anti", nulls_equal=True).is_empty()
    assert set(made["given_names"]) <= set(electors["given_names"])
    assert set(made["surname"]) <= set(electors["surname"])
    assert made["elector_id"].str.len_chars().is_in(electors["elector_id"].str.len_chars()).all()


def test_one_seed_makes_the_same_decoys(electors):
    assert make_decoys(electors, NONE, 20, 1, 7).equals(make_decoys(electors, NONE, 20, 1, 7))


@pytest.mark.parametrize("listed", [0, 30])
def test_decoys_cannot_hide_on_a_short_list(electors, listed):
    with pytest.raises(InputError, match="cannot hide"):
        make_decoys(electors.head(listed), NONE, 5, 1, 7)


def test_a_list_numbered_without_gaps_hides_no_decoy_and_says_so(electors):
    count = min(electors.height, 1000)
    numbers = pl.Series("elector_id", [str(n) for n in range(count)])
    with pytest.raises(InputError, match="few gaps or none"):
        make_decoys(electors.head(count).with_columns(numbers), NONE, 10, 1, 7)


@contextmanager
def sealed(folder, electors):
    """Hold a petition that is issued, its list of electors sealed."""
    signer = new_signer("tests.example/decoys")
    statute = statute_on("ca-ab/citizen-initiative-act", date(2026, 1, 2))
    open_record(folder, signer, Opening("T", "Q?", "petition", statute, True), Stamp())
    with RecordWriter.hold(folder, lambda _: signer) as record:
        issue_petition(record, Issue("policy", FIRST, FIRST, base_value=1000), Stamp())
        seal_roll(record, electors, "utf-8", Stamp())
        yield record


def test_a_line_made_from_a_copy_raises_the_alarm(tmp_path, made_up_files, electors):
    folder = tmp_path / "petition"
    with sealed(folder, made_up_files.electors) as record:
        copies = [tmp_path / "one.parquet", tmp_path / "two.csv"]
        for party, out in zip(PARTIES, copies, strict=True):
            hand_out_copy(record, party, 10, out, Stamp())
        with pytest.raises(InputError, match="something here already"):
            hand_out_copy(record, "anyone", 10, copies[0], Stamp())
        copy = pl.read_csv(copies[1], infer_schema=False)
        decoy = copy.join(electors, on="elector_id", how="anti")
        assert decoy.height == 10
        lines = with_lines_of(decoy[:3], made_up_files.lines, tmp_path)
        receive_petition(record, lines, made_up_files.sheets, None, "utf-8", Stamp())
        pass_gates(record, Stamp())
        matched = match(record, Stamp())
        alarm = raise_alarm(record, Stamp())
        assert alarm is not None
        assert alarm.facts == {"lines": 3, "copies": {"2": 3}}
        assert matched.facts["standing"] == sum(
            matched.facts[name] for name in ("listed", "not_listed", "unsure", "repeats")
        )
        assert not [one for one in replay(record, DERIVATIONS) if one.differences]
    (why,) = explain_record(folder, ["decoy-0"])
    assert "(decoy of copy 2) signed" in why.words
    publish([folder], tmp_path / "site")
    report = verify(str(tmp_path / "site" / "petition"))
    assert report.holds, report.failures
    site = b"".join(file.read_bytes() for file in (tmp_path / "site").rglob("*") if file.is_file())
    assert PARTIES[1].encode() in site
    assert decoy["elector_id"][0].encode() not in site
    for number in ("2", "99", "0", "3", "02"):
        forger = Forger(folder)
        alarmed = table(forger.files("alarm")["alarm.csv"])
        for row in alarmed[1:]:
            row[1] = number
        forger.files("alarm")["alarm.csv"] = csv_of(alarmed)
        forger.act("roll.alarm")["facts"]["copies"] = {number: 3}
        told = check(forger.build(new_signer("tests.example/decoys")))
        assert told.holds == (number == "2"), number


def with_lines_of(decoys, lines, folder):
    """Write the made-up lines with three more, copied from decoys."""
    found = pl.read_parquet(lines)
    person = ("given_names", "surname", "street_number", "street", "locality", "postal_code")
    copied = found[: decoys.height].with_columns(
        *(decoys[name] for name in person),
        phone=pl.lit(None, pl.String),
        unit=pl.lit(None, pl.String),
        line_id=pl.Series([f"decoy-{n}" for n in range(decoys.height)]),
        line_no=pl.lit(99, pl.Int64),
    )
    out = folder / "lines.parquet"
    pl.concat([found, copied]).write_parquet(out)
    return out


def test_an_alarm_is_raised_again_when_more_lines_come(tmp_path, made_up_files, electors):
    with sealed(tmp_path / "petition", made_up_files.electors) as record:
        hand_out_copy(record, PARTIES[0], 10, tmp_path / "copy.csv", Stamp())
        copy = pl.read_csv(tmp_path / "copy.csv", infer_schema=False)
        decoy = copy.join(electors, on="elector_id", how="anti")
        lines = pl.read_parquet(with_lines_of(decoy[:3], made_up_files.lines, tmp_path))
        late = lines.tail(3).with_columns(
            pl.format("late-{}", "line_id").alias("line_id"), sheet_id=pl.lit("late")
        )
        sheet = pl.read_parquet(made_up_files.sheets).head(1)
        sheet.with_columns(sheet_id=pl.lit("late")).write_parquet(tmp_path / "sheet.parquet")
        for table_of, sheets, alone in (
            (lines.head(400).vstack(lines.tail(1)), made_up_files.sheets, None),
            (late, tmp_path / "sheet.parquet", "the last sheet"),
        ):
            table_of.write_parquet(tmp_path / "these.parquet")
            paths = tmp_path / "these.parquet", sheets
            receive_petition(record, *paths, None, "utf-8", Stamp(), number_alone=alone)
            pass_gates(record, Stamp())
            match(record, Stamp())
            alarm = raise_alarm(record, Stamp())
        assert alarm.facts == {"lines": 4, "copies": {"1": 4}}
        assert len(record.standings.all_of("roll.alarm")) == 2
    report = verify(str(tmp_path / "petition"))
    assert report.holds, report.failures


def test_a_copy_that_the_record_does_not_know_is_not_left_behind(
    tmp_path, made_up_files, monkeypatch
):
    with sealed(tmp_path / "petition", made_up_files.electors) as record:
        monkeypatch.setattr(record.bundles.__class__, "put", full_disk)
        with pytest.raises(OSError, match="No space"):
            hand_out_copy(record, "the proponent", 10, tmp_path / "copy.csv", Stamp())
    assert not (tmp_path / "copy.csv").exists()


def full_disk(*_):
    raise OSError(28, "No space left on device")


def test_without_copies_there_is_no_alarm(petition, tmp_path):
    with petition.copy(tmp_path / "own").hold() as record:
        assert raise_alarm(record, Stamp()) is None
