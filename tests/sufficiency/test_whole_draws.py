"""Draws of every line need no seed; what is less than nothing is said so."""

import pytest

from forger import Forger, csv_of, table
from referendum.core.errors import ReferendumError
from referendum.flows.derivations import DERIVATIONS
from referendum.flows.sufficiency.sample import decide, draw_sample, receive_checks, worksheet
from referendum.flows.wording import act_lines
from referendum.law import CheckedSample, versions
from referendum.law.projection import project
from referendum.publish.pages import page
from referendum.record.reading import Record
from referendum.record.replay import replay
from referendum.record.stamps import Stamp
from referendum.simulate import perfect_findings
from referendum.verify import verify


@pytest.fixture(scope="module")
def whole(petition, made_up_files, tmp_path_factory):
    """The petition of the tests, of which every line is drawn without a seed."""
    made = petition.copy(tmp_path_factory.mktemp("whole") / "petition")
    findings = made.folder.parent / "findings.csv"
    with made.hold() as record:
        number = record.standing("draw").number
        again = Stamp(corrects=number, reason="the office checks every line")
        for size in (None, 100):
            with pytest.raises(ReferendumError):
                draw_sample(record, None, size, again)
        act = draw_sample(record, None, "all", again)
        assert act.parameters == {"seed": None, "size": "all", "stage": 1}
        drawn = worksheet(record)
        assert drawn["serial"].to_list() == sorted(drawn["serial"])
        perfect_findings(made_up_files.truth, drawn["line_id"]).write_csv(findings)
        receive_checks(record, findings, "utf-8", Stamp())
        decide(record, "sample", Stamp())
    return made


def failures(forger, made, folder):
    forger.write(folder, made.signer)
    return " ".join(finding.words for finding in verify(str(folder)).failures)


def test_a_draw_of_every_line_needs_no_seed(whole):
    report = verify(str(whole.folder))
    assert report.holds, report.failures
    assert any("needs no seed" in finding.words for finding in report.findings)
    record = Record.open(whole.folder)
    assert not [one for one in replay(record, DERIVATIONS) if one.differences]
    assert page(record).decision["every_line"]


def test_a_sample_without_a_seed_fails(petition, whole, tmp_path):
    forger = Forger(petition.folder)
    forger.act("draw")["parameters"]["seed"] = None
    for manifest, _ in forger.bundles.values():
        if manifest["kind"] == "draw":
            manifest["parameters"]["seed"] = None
    assert "there is no seed" in failures(forger, petition, tmp_path / "sample")
    forger = Forger(whole.folder)
    files = list(forger.bundles.values())
    draws = next(own for manifest, own in files if manifest["act"] == "draw" and len(
        table(own["draw.csv"])) > 200)  # fmt: skip
    rows = table(draws["draw.csv"])
    draws["draw.csv"] = csv_of([rows[0], *rows[2:]])
    assert "not those of the seed" in failures(forger, whole, tmp_path / "short")


def test_no_other_draw_goes_without_a_seed(audited, tmp_path):
    forger = Forger(audited.folder)
    forger.act("audit.draw")["parameters"]["seed"] = None
    assert "seed" in failures(forger, audited, tmp_path / "forged")


def test_a_number_below_nothing_is_said_in_words(petition):
    decided = Record.open(petition.folder).standing("decide")
    decided.facts["compared"] = -1_923
    told = " ".join(" ".join(act_lines(decided)).split())
    assert "nothing (the rule takes off 1,923 more than the lines give)" in told
    assert "-1,923" not in told


def test_a_sample_that_accepts_nothing_says_so():
    rule = versions("us-wa/initiative-and-referendum")[-1].projection
    worked = project(rule, CheckedSample(10_000, 300, 100, (40,)), 9_000)
    told = " ".join(step.text for step in worked.steps)
    assert worked.numbers["compared"] < 0
    assert "no requirement at all" in told
    assert "no pair could be borne" in told
    assert "none is acceptable" in told
    assert "-" not in told.replace("k^2", "")
