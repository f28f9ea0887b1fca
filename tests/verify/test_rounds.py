"""Draws, rounds and corrections as an insider would bend them: each fails, and at its act."""

import pytest

from forger import Forger
from referendum.core.draws import require_seed
from referendum.core.errors import InputError
from referendum.verify import verify

SEED = "73501962408817395526"


def failures(forger, made, folder):
    """What `verify` finds wrong with a record that an insider wrote again."""
    forger.write(folder, made.signer)
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
    assert "too short" in words_at(failures(forger, petition, tmp_path / "forged"), draw)


@pytest.mark.parametrize("seed", [SEED, "0123456789abcdef", "DEADBEEF01234567", "correcthorse42"])
def test_a_seed_of_64_bits_is_taken(seed):
    require_seed(seed, [b'{"title":"a petition of 2026"}'])


SPELLINGS = [str, "seed: {}".format, " ".join, "-".join, "9{}9".format]


@pytest.mark.parametrize("spell", SPELLINGS)
@pytest.mark.parametrize("place", ["title", "note", "by", "section"])
@pytest.mark.parametrize("name", ["petition", "audited"])
def test_a_seed_that_stands_in_any_earlier_act_fails(name, spell, place, request, tmp_path):
    made = request.getfixturevalue(name)
    forger = Forger(made.folder)
    draw = number_of(forger, "draw" if name == "petition" else "audit.draw")
    text = spell(forger.acts[draw]["parameters"]["seed"])
    part = forger.acts[1] if place in {"by", "section"} else forger.acts[0]["parameters"]
    part[place] = text
    found = failures(forger, made, tmp_path / "forged")
    assert "known since act" in words_at(found, draw)


def test_a_seed_in_capitals_is_the_same_seed():
    with pytest.raises(InputError, match="act 1"):
        require_seed("0123456789ABCDEF", [b"{}", b'{"title":"0123 4567 89ab cdef"}'])


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
