"""Cosignatures: the bytes of the specification, and what is refused."""

import base64
import hashlib
import stat
import struct

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from tests.record.witness.growing_logs import GrowingLog

from referendum.core.errors import InputError, KeyFault, RecordError
from referendum.record.log import VerifierKey, new_signer, write_new_key
from referendum.record.log.note import COSIGNATURE, MOST_SIGNATURES, open_note, split_note
from referendum.record.witness import (
    add_cosignatures,
    find_cosignatures,
    load_cosigner,
    new_cosigner,
    verify_cosignature,
    write_new_cosigner,
)

LOG = GrowingLog()
TEXT = LOG.checkpoint(5).text
TIME = 1_679_315_147
COSIGNER = new_cosigner("witness.example/w1")
LINE = COSIGNER.cosign(TEXT, TIME)


def body_of(line):
    return split_note(f"\n\n{line}".encode(), "line")[1][0][1]


def test_a_cosignature_has_the_bytes_that_the_specification_names():
    dash, name, encoded = LINE[:-1].split(" ")
    body = base64.b64decode(encoded)
    public = COSIGNER.private.public_key().public_bytes_raw()
    assert (dash, name, LINE[-1]) == ("\u2014", "witness.example/w1", "\n")
    assert body[:4] == hashlib.sha256(b"witness.example/w1\n\x04" + public).digest()[:4]
    assert struct.unpack(">Q", body[4:12]) == (TIME,)
    message = f"cosignature/v1\ntime {TIME}\n{TEXT}".encode()
    Ed25519PublicKey.from_public_bytes(public).verify(body[12:], message)
    assert len(body) == 4 + 8 + 64


def test_the_specifications_own_example_has_this_shape():
    line = (
        "\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dl"
        "rDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )
    body = body_of(line)
    assert len(body) == 76
    assert struct.unpack(">Q", body[4:12]) == (1_679_315_147,)


def test_a_cosignature_verifies_and_gives_its_time():
    assert verify_cosignature(TEXT, body_of(LINE), COSIGNER.verifier) == TIME


@pytest.mark.parametrize("place", range(4, 76, 7))
def test_no_byte_of_a_cosignature_can_be_changed(place):
    altered = bytearray(body_of(LINE))
    altered[place] ^= 1
    with pytest.raises(RecordError):
        verify_cosignature(TEXT, bytes(altered), COSIGNER.verifier)


@pytest.mark.parametrize("size", [4, 6])
def test_a_cosignature_over_another_size_is_refused(size):
    with pytest.raises(RecordError, match="not over this checkpoint"):
        verify_cosignature(LOG.checkpoint(size).text, body_of(LINE), COSIGNER.verifier)


@pytest.mark.parametrize("length", [4, 12, 68, 75, 77])
def test_a_cosignature_of_another_length_is_refused(length):
    body = (body_of(LINE) + bytes(9))[:length]
    with pytest.raises(RecordError, match="bytes"):
        verify_cosignature(TEXT, body, COSIGNER.verifier)


@pytest.mark.parametrize("time", [0, -1, 2**63])
def test_no_cosignature_is_made_at_a_time_that_cannot_be(time):
    with pytest.raises(InputError):
        COSIGNER.cosign(TEXT, time)


def test_cosignatures_stand_behind_the_logs_own_signature_which_still_opens():
    other = new_cosigner("other.example/w2")
    note = add_cosignatures(LOG.note(5), [LINE, other.cosign(TEXT, TIME + 1)])
    assert open_note(note, LOG.signer.verifier) == TEXT
    assert find_cosignatures(note, [COSIGNER.verifier, other.verifier]) == {
        COSIGNER.verifier: TIME,
        other.verifier: TIME + 1,
    }
    assert note.startswith(LOG.note(5))


def test_a_new_cosignature_takes_the_place_of_the_same_witnesss_older_one():
    note = add_cosignatures(
        add_cosignatures(LOG.note(5), [LINE]), [COSIGNER.cosign(TEXT, TIME + 9)]
    )
    assert len(split_note(note, "note")[1]) == 2
    assert find_cosignatures(note, [COSIGNER.verifier]) == {COSIGNER.verifier: TIME + 9}


def test_strangers_and_namesakes_are_passed_over():
    namesake = new_cosigner(COSIGNER.name)
    lookalike = new_cosigner("w1tness.example/w1")
    lines = [namesake.cosign(TEXT, TIME), lookalike.cosign(TEXT, TIME)]
    note = add_cosignatures(LOG.note(5), lines)
    assert find_cosignatures(note, [COSIGNER.verifier]) == {}


def test_a_wrong_cosignature_by_a_known_key_spoils_the_note():
    note = add_cosignatures(LOG.note(5), [COSIGNER.cosign(LOG.checkpoint(4).text, TIME)])
    with pytest.raises(RecordError, match="not over this checkpoint"):
        find_cosignatures(note, [COSIGNER.verifier])


def test_no_more_signatures_are_added_than_readers_take():
    lines = [new_cosigner(f"w{number}").cosign(TEXT, TIME) for number in range(MOST_SIGNATURES)]
    assert len(split_note(add_cosignatures(LOG.note(5), lines[1:]), "note")[1]) == MOST_SIGNATURES
    with pytest.raises(RecordError, match="readers take"):
        add_cosignatures(LOG.note(5), lines)


def test_a_witnesss_key_is_written_down_and_read_back():
    assert VerifierKey.parse(str(COSIGNER.verifier), COSIGNATURE) == COSIGNER.verifier


def test_the_key_of_a_log_is_not_taken_for_that_of_a_witness_nor_the_other_way_round():
    with pytest.raises(KeyFault, match="the key of a log, not of a witness"):
        VerifierKey.parse(str(LOG.signer.verifier), COSIGNATURE)
    with pytest.raises(KeyFault, match="the key of a witness, not of a log"):
        VerifierKey.parse(str(COSIGNER.verifier))


@pytest.mark.parametrize("passphrase", [None, "correct horse"])
def test_a_key_file_keeps_name_and_key_and_is_its_owners_alone(tmp_path, passphrase):
    path = tmp_path / "key.pem"
    made = write_new_cosigner(path, "witness.example/w", passphrase)
    assert load_cosigner(path, passphrase).verifier == made.verifier
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(KeyFault, match="already"):
        write_new_cosigner(path, "witness.example/w")


def test_a_passphrase_is_asked_for_and_must_be_right(tmp_path):
    path = tmp_path / "key.pem"
    write_new_cosigner(path, "witness.example/w", "correct horse")
    with pytest.raises(KeyFault, match="protected by a passphrase"):
        load_cosigner(path)
    with pytest.raises(KeyFault, match="passphrase is wrong"):
        load_cosigner(path, "battery staple")


def test_a_logs_key_and_a_renamed_key_are_no_witnesss_key(tmp_path):
    write_new_key(tmp_path / "log.pem", "log.example")
    with pytest.raises(KeyFault, match="not the key of a witness"):
        load_cosigner(tmp_path / "log.pem")
    made = write_new_cosigner(tmp_path / "key.pem", "witness.example/w")
    renamed = (tmp_path / "key.pem").read_bytes().replace(b"witness.example/w", b"newspaper.org/w")
    (tmp_path / "key.pem").write_bytes(renamed)
    with pytest.raises(KeyFault, match="by its bytes"):
        load_cosigner(tmp_path / "key.pem")
    other = str(new_cosigner("witness.example/w").verifier).encode()
    swapped = renamed.replace(renamed.split(b"\n")[0], b"Key of the witness " + other)
    (tmp_path / "key.pem").write_bytes(swapped)
    with pytest.raises(KeyFault, match="another key"):
        load_cosigner(tmp_path / "key.pem")
    assert made.name == "witness.example/w"


@pytest.mark.parametrize("name", ["", "a b", "a+b", "wıtness.example", "x" * 256, "a\nb"])
def test_a_name_that_could_be_taken_for_another_is_refused(name):
    with pytest.raises(KeyFault, match="cannot name a witness"):
        new_cosigner(name)


def test_a_log_signs_nothing_that_counts_as_a_cosignature():
    signer = new_signer(COSIGNER.name)
    note = add_cosignatures(LOG.note(5), [signer.sign(LOG.checkpoint(5)).decode().split("\n\n")[1]])
    key = VerifierKey(signer.name, signer.verifier.public, COSIGNATURE)
    assert find_cosignatures(note, [key]) == {}
