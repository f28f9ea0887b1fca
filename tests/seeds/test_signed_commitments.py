"""Parties that sign their commitments with keys that the call names."""

import json
from pathlib import Path

import pytest
from ceremonies import DICE, PARTIES, ROLLED, call, called, reveal_all, secret_of
from click.testing import CliRunner
from test_forged_seeds import settle

from forger import Forger, check
from officers_made import officer_signer
from referendum.cli.main import cli
from referendum.core.canonical import canonical_json
from referendum.core.errors import InputError, KeyFault, RecordError
from referendum.core.seeds import commitment_message, make_commitment
from referendum.flows.seeds import call_seed, close_call, commit, roll_dice
from referendum.record.log import new_signer
from referendum.record.officers import COMMITMENT_NAMESPACE, sign_message, write_new_officer_key
from referendum.record.stamps import Stamp

AUDIT = "audit.draw"
OFFICE, YES, NO = PARTIES
SIGNERS = {YES: officer_signer("Yes campaign"), NO: officer_signer("No campaign")}
KEYS = {party: signer.key.line for party, signer in SIGNERS.items()}
SIGNER = new_signer("tests.example/parties")


def digest_of(record, party):
    """A party's commitment to its secret."""
    secret = bytes.fromhex(secret_of(party, AUDIT))
    return make_commitment(called(record, AUDIT), party, secret)


def signature(record, party, signer=None, commitment=None):
    """What a party signs with its commitment."""
    message = commitment_message(
        called(record, AUDIT), party, commitment or digest_of(record, party)
    )
    return sign_message(signer or SIGNERS[party], message, COMMITMENT_NAMESPACE)


def call_with_keys(record, keys=None):
    """Call the usual parties, two of them with keys."""
    until = "2099-01-01T00:00:00+00:00"
    return call_seed(record, AUDIT, PARTIES, until, DICE, Stamp(), keys=keys or KEYS)


@pytest.fixture(scope="module")
def signed(planned, tmp_path_factory):
    """A vote whose audit's seed was made by parties, two of which signed."""
    made = planned.copy(tmp_path_factory.mktemp("signed") / "vote")
    with made.hold() as record:
        call_with_keys(record)
        for party in PARTIES:
            by_key = signature(record, party) if party in KEYS else None
            commit(record, None, party, digest_of(record, party), Stamp(), signature=by_key)
        reveal_all(record, AUDIT)
        roll_dice(record, None, ROLLED, Stamp())
        close_call(record, None, Stamp())
    return made


def test_a_party_whose_key_is_named_commits_by_its_signature_alone(planned, tmp_path):
    with planned.copy(tmp_path / "vote").hold() as record:
        call_with_keys(record)
        digest = digest_of(record, YES)
        with pytest.raises(KeyFault, match="signs its commitment with the key"):
            commit(record, None, YES, digest, Stamp())
        for wrong in (
            signature(record, YES, SIGNERS[NO]),
            signature(record, YES, commitment="ab" * 32),
            sign_message(SIGNERS[YES], digest.encode(), COMMITMENT_NAMESPACE),
        ):
            with pytest.raises(RecordError, match="the commitment of Yes campaign"):
                commit(record, None, YES, digest, Stamp(), signature=wrong)
        by_key = signature(record, OFFICE, SIGNERS[YES])
        with pytest.raises(InputError, match="the call names no key of Elections office"):
            commit(record, None, OFFICE, digest_of(record, OFFICE), Stamp(), signature=by_key)
        commit(record, None, YES, digest, Stamp(), signature=signature(record, YES))


def test_keys_are_those_of_parties_that_are_called_one_each(planned, tmp_path):
    with planned.copy(tmp_path / "vote").hold() as record:
        with pytest.raises(InputError, match="is not called"):
            call_with_keys(record, {"Observers": KEYS[YES]})
        with pytest.raises(InputError, match="Yes campaign and No campaign have one key"):
            call_with_keys(record, {YES: KEYS[YES], NO: KEYS[YES]})
        with pytest.raises((InputError, KeyFault)):
            call_with_keys(record, {YES: "ssh-ed25519 AAAA"})


def failures(forger):
    """What fails in a record."""
    return " ".join(finding.words for finding in check(forger.build(SIGNER)).failures)


def commitments(forger):
    """The acts of commitments, by party."""
    acts = (act for act in forger.acts if act["kind"] == "seed.commit")
    return {act["parameters"]["party"]: act["parameters"] for act in acts}


def of_kind(forger, kind):
    """The only act of a kind."""
    return next(act for act in forger.acts if act["kind"] == kind)


def test_who_holds_the_key_of_the_log_cannot_commit_in_the_name_of_a_party(signed):
    assert failures(Forger(signed.folder)) == ""
    changed = Forger(signed.folder)
    commitments(changed)[YES]["commitment"] = "ab" * 32
    settle(changed)
    assert "the signature by SHA256:" in failures(changed)
    unsigned = Forger(signed.folder)
    del commitments(unsigned)[YES]["signature"]
    settle(unsigned)
    assert "Yes campaign did not sign its commitment" in failures(unsigned)
    unnamed = Forger(signed.folder)
    del of_kind(unnamed, "seed.call")["parameters"]["keys"][YES]
    settle(unnamed)
    assert "the call names no key of it" in failures(unnamed)
    twice = Forger(signed.folder)
    of_kind(twice, "seed.call")["parameters"]["keys"][NO] = KEYS[YES]
    settle(twice)
    assert "two parties of a call have one key" in failures(twice)


def run(*words):
    """Run a command that succeeds, and give what it prints."""
    result = CliRunner().invoke(cli, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_party_signs_on_its_own_machine(planned, tmp_path, monkeypatch):
    made, key, out = planned.copy(tmp_path / "vote"), tmp_path / "yes", tmp_path / "secret.txt"
    monkeypatch.setenv("WORD", "a passphrase")
    public = write_new_officer_key(key, "a passphrase").key
    with made.hold() as record:
        call_with_keys(record, {YES: public.line})
        document = called(record, AUDIT).document
        (tmp_path / "call.json").write_bytes(canonical_json(document))
    asked = ("seed", "secret", tmp_path / "call.json", "--party", YES, "--out", out, "--json")
    told = json.loads(run(*asked, "--sign", key, "--passphrase-from", "env:WORD"))
    assert f"\n{YES}\n{told['commitment']}\n" in Path(told["to_sign"]).read_text()
    text = Path(f"{told['to_sign']}.sig").read_text()
    with made.hold() as record:
        act = commit(record, None, YES, told["commitment"], Stamp(), signature=text)
    assert act.parameters["signature"] == text


def test_a_call_without_keys_is_what_it_was(planned, tmp_path):
    with planned.copy(tmp_path / "vote").hold() as record:
        call(record, AUDIT)
        assert "keys" not in called(record, AUDIT).document
