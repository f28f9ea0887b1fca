"""Petitions under several statutes, from issue to decision, on made-up lines; each one verified."""

import csv
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from referendum.core.errors import InputError, LawError, OrderError
from referendum.flows.derivations import DERIVATIONS
from referendum.flows.matching.match import match
from referendum.flows.petition.gates import pass_gates
from referendum.flows.petition.issue import Issue, issue_petition
from referendum.flows.petition.receiving import receive_petition
from referendum.flows.roll.seal import seal_roll
from referendum.flows.sufficiency.sample import decide, draw_sample, receive_checks, worksheet
from referendum.publish import publish
from referendum.record.log import new_signer
from referendum.record.opening import Opening, open_record, statute_on
from referendum.record.replay import replay
from referendum.record.stamps import Stamp
from referendum.record.writing import RecordWriter
from referendum.simulate import PetitionPlan, perfect_findings, simulate_petition
from referendum.verify import verify

SEED = "40711938826450173395"
FIRST, LAST = date(2026, 1, 3), date(2026, 5, 2)


@dataclass
class Petition:
    """A petition that is received and matched, under some statute."""

    folder: Path
    signer: object
    files: object

    def hold(self):
        return RecordWriter.hold(self.folder, lambda _: self.signer)

    def round(self, size=None, *, copies=True):
        """Draw, check without error, decide; give the act of the decision."""
        with self.hold() as record:
            draw_sample(record, SEED, size, Stamp())
            drawn = worksheet(record).get_column("line_id")
            findings = self.folder.parent / "findings.csv"
            perfect_findings(self.files.truth, drawn, copies=copies).write_csv(findings)
            receive_checks(record, findings, "utf-8", Stamp())
            return decide(record, "sample", Stamp())

    def holds(self, site):
        """Publish, verify and replay; give the report."""
        publish([self.folder], site)
        report = verify(str(site / self.folder.name))
        assert report.holds, report.failures
        with self.hold() as record:
            assert not [one for one in replay(record, DERIVATIONS) if one.differences]
        return report


@pytest.fixture
def received(tmp_path, made_up_files):
    """Gives a petition under a statute, up to matching."""

    def make(statute: str, kind: str, files=made_up_files, **issue) -> Petition:
        folder = tmp_path / "petition"
        signer = new_signer("tests.example/statute")
        opening = Opening("T", "Q?", "petition", statute_on(statute, date(2026, 1, 2)), True)
        open_record(folder, signer, opening, Stamp())
        made = Petition(folder, signer, files)
        with made.hold() as record:
            issue_petition(record, Issue(kind, FIRST, FIRST, **issue), Stamp())
            seal_roll(record, files.electors, "utf-8", Stamp())
            receive_petition(record, files.lines, files.sheets, None, "utf-8", Stamp())
            pass_gates(record, Stamp())
            match(record, Stamp())
        return made

    return make


def truth(files):
    """Distinct listed electors who signed."""
    known = pl.read_parquet(files.truth)
    return known.filter(pl.col("finding") == "valid").height


def test_a_washington_petition_with_signatures_to_spare_is_accepted_by_its_sample(
    received, tmp_path
):
    made = received(
        "us-wa/initiative-and-referendum", "initiative", base_value=2_000, last_day=LAST
    )
    decision = made.round(300)
    assert decision.facts["decision"] == "sufficient"
    assert decision.facts["required"] == 160
    made.holds(tmp_path / "site")


def test_a_washington_sample_that_does_not_accept_leads_to_a_check_of_every_line(
    received, tmp_path
):
    made = received(
        "us-wa/initiative-and-referendum", "initiative", base_value=6_200, last_day=LAST
    )
    first = made.round()
    assert first.facts["decision"] == "check_every_line"
    with made.hold() as record, pytest.raises(OrderError, match="every line"):
        draw_sample(record, SEED, 400, Stamp())
    last = made.round("all")
    assert last.facts["decision"] == "sufficient"
    assert 496 <= last.facts["compared"] <= truth(made.files)
    made.holds(tmp_path / "site")
    with made.hold() as record, pytest.raises(OrderError, match="has been done"):
        draw_sample(record, SEED, "all", Stamp())


def test_a_california_petition_is_sampled_and_projected_by_county(received, tmp_path):
    """Every county of this small petition has fewer than 500 lines, so each is checked whole."""
    made = received("us-ca/initiative-and-referendum", "statute", base_value=9_000)
    decision = made.round()
    assert decision.facts["decision"] == "sufficient"
    with made.hold() as record:
        document = record.inputs(("decision",)).document("decision")
    assert len(document["strata"]) > 5
    assert {row["drawn"] == row["lines"] for row in document["strata"]} == {True}
    assert document["compared"] == sum(row["numbers"]["compared"] for row in document["strata"])
    made.holds(tmp_path / "site")


def test_a_new_zealand_petition_lapses_only_below_its_upper_bound(received, tmp_path):
    made = received("nz/citizens-initiated-referenda-act", "referendum", base_value=5_200)
    decision = made.round(200)
    assert decision.facts["decision"] == "sufficient"
    made.holds(tmp_path / "site")


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A made-up petition of 24,000 lines whose districts are put together to five counties."""
    folder = tmp_path_factory.mktemp("large")
    files = simulate_petition(PetitionPlan(60_000, 24_000, "large", FIRST, LAST), folder)
    lines = pl.read_parquet(files.lines)
    county = pl.format("County {}", pl.col("line_id").hash(seed=1) % 5)
    lines.with_columns(district=county).write_parquet(files.lines)
    electors = pl.read_parquet(files.electors).with_row_index()
    known = pl.when(pl.col("index") < 5).then(pl.format("County {}", "index")).otherwise("district")
    electors.with_columns(district=known).drop("index").write_parquet(files.electors)
    return files


def test_a_california_petition_in_the_band_is_projected_by_county_and_then_checked_whole(
    received, large, tmp_path
):
    made = received("us-ca/initiative-and-referendum", "statute", large, base_value=400_000)
    first = made.round()
    assert first.facts["decision"] == "check_every_line"
    with made.hold() as record:
        document = record.inputs(("decision",)).document("decision")
    assert len(document["strata"]) == 5
    assert all(row["drawn"] == max(500, -(-row["lines"] * 3 // 100)) for row in document["strata"])
    assert all("factor_A" in row["numbers"] for row in document["strata"])
    assert abs(document["compared"] - truth(large)) < 0.08 * truth(large)
    last = made.round("all")
    assert last.facts["decision"] in {"sufficient", "insufficient"}
    assert abs(last.facts["compared"] - truth(large)) < 0.03 * truth(large)
    made.holds(tmp_path / "site")


def test_an_oregon_petition_is_rejected_only_after_two_samples(received, large, tmp_path):
    made = received("us-or/initiative-and-referendum", "statute", large, base_value=398_000)
    first = made.round()
    assert first.facts["decision"] == "draw_second_sample"
    second = made.round()
    with made.hold() as record:
        document = record.inputs(("decision",)).document("decision")
    assert document["stage"] == 2
    assert document["drawn"] == -(-document["universe"] * 5 // 100)
    assert second.facts["decision"] == "insufficient"
    made.holds(tmp_path / "site")


def districts_of(files):
    lines = pl.read_parquet(files.lines)
    return sorted(lines.get_column("district").drop_nulls().unique())


def write_districts(path, names, base):
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["district", "base"])
        writer.writerows((name, base) for name in names)
    return path


@pytest.mark.parametrize(("base", "answer"), [(20_000, "sufficient"), (60_000, "insufficient")])
def test_british_columbia_needs_a_tenth_in_every_district(received, large, tmp_path, base, answer):
    file = write_districts(tmp_path / "districts.csv", districts_of(large), base)
    made = received(
        "ca-bc/recall-and-initiative-act", "initiative", large, base_value=1_000, districts=file,
        districts_in_all=5,
    )  # fmt: skip
    decision = made.round(copies=False)
    assert decision.facts["decision"] == answer
    with made.hold() as record:
        document = record.inputs(("decision",)).document("decision")
    assert document["need"] == 5
    assert (document["reached"] == 5) == (answer == "sufficient")
    made.holds(tmp_path / "site")


def test_a_petition_keeps_the_version_that_it_was_opened_under(received, tmp_path):
    made = received("ca-ab/citizen-initiative-act", "policy", base_value=1_000)
    with made.hold() as record:
        statute = record.inputs(("statute",)).statute()
        assert statute.version == "2025-12-11"
        assert record.inputs(("requirement",)).document("requirement")["window"] == "120 days"
        with pytest.raises(LawError, match="no size"):
            draw_sample(record, SEED, None, Stamp())
    made.round(100, copies=False)
    made.holds(tmp_path / "site")


def test_a_last_day_is_given_where_the_law_has_no_window_and_only_there(received):
    with pytest.raises(LawError, match="length of time"):
        received("us-wa/initiative-and-referendum", "initiative", base_value=2_000)


def test_a_last_day_cannot_replace_the_window_of_the_law(received):
    with pytest.raises(LawError, match="120 days"):
        received("ca-ab/citizen-initiative-act", "policy", base_value=100, last_day=LAST)


def test_a_table_of_districts_with_a_fault_is_refused(received, tmp_path):
    file = tmp_path / "districts.csv"
    file.write_text("district,base\nA,10\nA,20\nB,many\n")
    with pytest.raises(InputError, match="row 2"):
        received("ca-bc/recall-and-initiative-act", "initiative", base_value=1, districts=file)


def test_a_district_that_is_left_out_of_the_bases_is_no_way_around_it(received, tmp_path):
    file = tmp_path / "districts.csv"
    file.write_text("district,base\nCounty 0,10\n")
    with pytest.raises(InputError, match="without a base"):
        received(
            "ca-bc/recall-and-initiative-act", "initiative", base_value=1_000, districts=file,
            districts_in_all=1,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("act", "rows", "more", "words"),
    [
        ("ca-bc/recall-and-initiative-act", "", {}, "names no district"),
        ("ca-bc/recall-and-initiative-act", "A,10\n", {}, "does not say how many"),
        ("ca-bc/recall-and-initiative-act", "A,10\n", {"districts_in_all": 87}, "87 are stated"),
        ("us-fl/initiative-and-referendum", "A,10\n", {"last_day": LAST}, "statute has 28"),
        ("us-wy/initiative-and-referendum", "A,10\n", {"last_day": LAST}, "statute has 23"),
        ("us-mo/initiative-and-referendum", "", {"last_day": LAST}, "names no district"),
    ],
)
def test_a_rule_of_districts_is_not_dropped_by_a_short_table(
    received, tmp_path, act, rows, more, words
):
    file = tmp_path / "districts.csv"
    file.write_text("district,base\n" + rows)
    kind = "statute" if act.startswith("us-mo") else "initiative"
    with pytest.raises(InputError, match=words):
        received(act, kind, base_value=1_000, districts=file, **more)


def test_no_petition_requires_nothing(received):
    with pytest.raises(InputError, match="0 signatures would be required"):
        received("ca-ab/citizen-initiative-act", "policy", base_value=4)


def test_a_petition_is_not_issued_after_it_is_signed(issued, tmp_path):
    with (
        issued.copy(tmp_path / "issued").hold() as record,
        pytest.raises(InputError, match="signed"),
    ):
        issue_petition(record, Issue("policy", LAST, FIRST), Stamp())


def test_a_second_stage_keeps_its_seed(received):
    made = received(
        "us-wa/initiative-and-referendum", "initiative", base_value=6_200, last_day=LAST
    )
    made.round()
    with made.hold() as record, pytest.raises(InputError, match="seed"):
        draw_sample(record, "58240617733905184629", "all", Stamp())


def test_a_first_draw_can_still_be_put_right_after_an_open_decision(received, tmp_path):
    made = received(
        "us-wa/initiative-and-referendum", "initiative", base_value=6_200, last_day=LAST
    )
    made.round()
    with made.hold() as record:
        first = record.standing("draw")
        act = draw_sample(
            record,
            "61052374980146339275",
            50,
            Stamp(corrects=first.number, reason="a die fell off the table"),
        )
        assert act.parameters["stage"] == 1
        assert record.standing("decide") is None
    made.holds(tmp_path / "site")


def test_the_page_of_an_open_decision_says_that_it_is_open(received, tmp_path):
    made = received(
        "us-wa/initiative-and-referendum", "initiative", base_value=6_200, last_day=LAST
    )
    made.round()
    made.holds(tmp_path / "site")
    page = (tmp_path / "site" / "petition" / "index.html").read_text()
    assert "Not decided yet" in page
    assert "every line must be checked" in re.sub(r"\s+", " ", page)
