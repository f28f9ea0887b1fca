"""Lines that came or were signed before the petition could be signed; acts before their law."""

from datetime import date

import pytest
from tests.conftest import opened

from forger import Forger
from referendum.core.errors import InputError
from referendum.core.progress import listen_to_notices
from referendum.flows.petition.gates import pass_gates
from referendum.flows.petition.issue import Issue, issue_petition
from referendum.flows.petition.receiving import receive_petition
from referendum.record.log import new_signer
from referendum.record.stamps import Stamp
from referendum.verify import verify

WASHINGTON = ("us-wa/initiative-and-referendum", date(2026, 1, 2))


def issued_on(folder, day, first, stamp, law=None):
    """A petition that is issued on a day, to be signed from another."""
    made = opened(folder, "petition", new_signer("tests.example/early"), law)
    last = date(2026, 7, 3) if law == WASHINGTON else None
    kind = "initiative" if law == WASHINGTON else "constitutional"
    with made.hold() as record:
        issue_petition(record, Issue(kind, day, first, base_value=400, last_day=last), stamp)
    return made


def keyed(tmp_path, *days):
    path = tmp_path / "lines.csv"
    rows = [f"{n},S1,Day{n},Ada,Elm St,{day}" for n, day in enumerate(days)]
    path.write_text("\n".join(["line_id,sheet_id,surname,given_names,street,signed_on", *rows]))
    return path


def receive(record, path, at):
    return receive_petition(record, path, None, None, "utf-8", Stamp(at=at), number_alone="few")


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-01-01", "before the petition was issued"),
        ("2026-02-02", "the first day of signing"),
        ("2026-02-01T10:00:00+00:00", "the first day of signing"),
    ],
)
def test_lines_are_not_received_before_the_first_day_of_signing(at, words, tmp_path):
    first = date(2026, 2, 3)
    made = issued_on(tmp_path / "r", date(2026, 1, 2), first, Stamp(at="2026-01-02"))
    path = keyed(tmp_path, "2025-12-31")
    with made.hold() as record:
        with pytest.raises(InputError, match=words) as caught:
            receive(record, path, at)
        assert "--at" in caught.value.hint
        assert record.acts[-1].kind == "petition.issue"
        receive(record, path, "2026-02-03")
        pass_gates(record, Stamp(at="2026-02-04"))
    assert verify(str(made.folder)).holds


def test_an_issue_put_right_leaves_no_lines_from_before_its_first_day(tmp_path):
    made = issued_on(tmp_path / "r", date(2026, 1, 2), date(2026, 1, 3), Stamp(at="2026-01-02"))
    with made.hold() as record:
        receive(record, keyed(tmp_path, "2026-01-04"), "2026-01-05")
        pass_gates(record, Stamp(at="2026-01-05"))
        later = Issue("constitutional", date(2026, 1, 2), date(2026, 2, 3), base_value=400)
        issue_petition(record, later, Stamp(at="2026-01-06", corrects=1, reason="the wrong month"))
        with pytest.raises(InputError, match="the first day of signing"):
            pass_gates(record, Stamp(at="2026-03-01"))
    assert verify(str(made.folder)).holds


def failed(forger, made, folder):
    """What `verify` finds wrong, by the kind of act."""
    forger.write(folder, made.signer)
    report = verify(str(folder))
    kinds = {number: act["kind"] for number, act in enumerate(forger.acts)}
    return {(kinds[finding.act], finding.words) for finding in report.failures}


def test_verify_fails_lines_from_before_the_first_day(petition, tmp_path):
    forger = Forger(petition.folder)
    for act in forger.acts:
        act["at"] = "2026-01-02"
    found = failed(forger, petition, tmp_path / "forged")
    assert {kind for kind, words in found if "before the first day" in words} == {
        "petition.receive", "petition.gates",
    }  # fmt: skip


def test_verify_fails_lines_from_before_the_issue(petition, tmp_path):
    forger = Forger(petition.folder)
    forger.act("petition.receive")["at"] = "2026-05-04"
    found = failed(forger, petition, tmp_path / "forged")
    assert ("petition.receive",) in {
        (kind,) for kind, words in found if "before the issue" in words
    }


def test_verify_fails_lines_of_a_petition_that_nobody_issued(petition, tmp_path):
    forger = Forger(petition.folder)
    forger.acts = [act for act in forger.acts if act["kind"] in ("record.open", "petition.receive")]
    forger.bundles = {
        name: two for name, two in forger.bundles.items() if two[0]["kind"] == "statute"
    }
    found = failed(forger, petition, tmp_path / "forged")
    assert any("no petition was issued" in words for _, words in found)


@pytest.mark.parametrize("law", [None, WASHINGTON])
def test_lines_signed_before_the_first_day_are_set_aside_under_every_act(law, tmp_path):
    day = date(2026, 1, 3)
    made = issued_on(tmp_path / "r", day, day, Stamp(at="2026-01-03"), law)
    with made.hold() as record:
        receive(record, keyed(tmp_path, "2026-01-02", "2026-01-03", "2025-12-31"), "2026-05-04")
        gates = pass_gates(record, Stamp(at="2026-05-04"))
    assert gates.facts["rejected"] == {"before_window": 2}
    assert verify(str(made.folder)).holds


def test_an_act_before_its_law_is_told(tmp_path):
    notes = []
    with listen_to_notices(notes.append):
        made = issued_on(tmp_path / "r", date(2020, 1, 2), date(2026, 1, 3), Stamp(at="2025-12-30"))
    assert [note[:26] for note in notes] == ["act 1 is of 2020-01-02, an"]
    report = verify(str(made.folder))
    assert report.holds
    told = [
        words for words in report.outcome_notes if "from which the statute is in force" in words
    ]
    assert len(told) == 1
    assert "the day of issue in act 1" in told[0]


def test_every_act_before_its_law_is_told(petition, tmp_path):
    assert not any("in force:" in words for words in verify(str(petition.folder)).outcome_notes)
    forger = Forger(petition.folder)
    for act in forger.acts[:3]:
        act["at"] = "2019-05-05"
    forger.write(tmp_path / "forged", petition.signer)
    told = " ".join(verify(str(tmp_path / "forged")).outcome_notes)
    assert "act 0, act 1, act 2" in told
