"""What pages tell citizens of seeds: who took part, what was dropped, what was typed."""

import html
import re
from datetime import timedelta

import pytest
from ceremonies import PARTIES, ROLLED, call, commit_all, later, make_seed, reveal_all, secret_of

from referendum.flows.audit import draw_audit
from referendum.flows.seeds import close_call, roll_dice
from referendum.publish import publish
from referendum.record.stamps import Stamp
from referendum.verify import verify

AUDIT = "audit.draw"
OFFICE, YES, NO = PARTIES


@pytest.fixture
def shown(tmp_path):
    """Gives the words of a record's page; the published folder holds."""

    def words(made):
        publish([made.folder], tmp_path / "site")
        site = tmp_path / "site" / made.folder.name
        assert verify(str(site)).failures == []
        page = re.sub(r"</?data\b[^>]*>", "", (site / "index.html").read_text())
        text = re.sub(r"<[^>]+>", " ", page)
        return " ".join(html.unescape(text).split())

    return words


def test_a_page_shows_what_each_party_revealed(sown, shown):
    page = shown(sown)
    assert "Where the chance came from" in page
    assert "Nobody chose these seeds" in page
    for party in PARTIES:
        assert f"{party} act" in page
        assert secret_of(party, AUDIT) in page
    assert f"Dice: 20 of 10 sides, rolled by Returning officer. They showed {ROLLED} ." in page
    assert "typed" not in page


def test_a_page_names_who_did_not_reveal_a_secret_and_who_did_not_come(planned, shown, tmp_path):
    made = planned.copy(tmp_path / "vote")
    with made.hold() as record:
        call(record, AUDIT, until=later(seconds=3))
        commit_all(record, AUDIT, [OFFICE, NO])
        reveal_all(record, AUDIT, [OFFICE], without_waiting=True)
        moment = record.clock() + timedelta(seconds=5)
        record.clock = lambda: moment
        roll_dice(record, AUDIT, ROLLED, Stamp())
        close_call(record, AUDIT, Stamp())
    page = shown(made)
    assert "No campaign committed to a secret and did not reveal it. Dice were rolled" in page
    assert "The reveals began before Yes campaign had committed." in page
    told = "\n".join(verify(str(made.folder), key=str(made.signer.verifier)).outcome_notes)
    assert "the reveals began before Yes campaign had committed; it was left out" in told
    assert "Made, and not used yet." in page


def test_a_page_shows_a_call_that_was_dropped_and_a_seed_that_was_typed(planned, shown, tmp_path):
    made = planned.copy(tmp_path / "vote")
    with made.hold() as record:
        draw_audit(record, ROLLED, {"*": 5}, Stamp())
        make_seed(record, AUDIT, "41662533516264134452")
        number = record.standing("seed.call").number
        call(record, AUDIT, stamp=Stamp(corrects=number, reason="the camera failed"))
    page = shown(made)
    assert "typed: it rests on trust in the one who typed it" in page
    assert "This call was dropped after its seed was known." in page
    assert f"dropped after its seed was known (act {number}), because: the camera failed" in page
    assert "Not made yet. Secrets can be revealed until" in page
