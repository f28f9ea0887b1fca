"""Signed notes, checkpoints and keys."""

import base64

import pytest

from referendum.core.errors import KeyFault, RecordError
from referendum.record.log import Checkpoint, VerifierKey, load_signer, new_signer, write_new_key
from referendum.record.log.note import open_note

HEAD = Checkpoint("elections.example/log", 7, bytes(range(32)))


def test_a_signed_checkpoint_opens_and_says_what_was_signed():
    signer = new_signer(HEAD.origin)
    assert Checkpoint.parse(open_note(signer.sign(HEAD), signer.verifier)) == HEAD


def test_a_verifier_key_survives_being_written_down():
    key = new_signer(HEAD.origin).verifier
    assert VerifierKey.parse(str(key)) == key


def test_another_key_of_the_same_name_does_not_open_it():
    note = new_signer(HEAD.origin).sign(HEAD)
    with pytest.raises(RecordError, match="not signed by"):
        open_note(note, new_signer(HEAD.origin).verifier)


def test_no_byte_of_a_note_can_be_changed():
    signer = new_signer(HEAD.origin)
    note = signer.sign(HEAD)
    for place in range(len(note)):
        altered = bytearray(note)
        altered[place] ^= 1
        with pytest.raises(RecordError):
            Checkpoint.parse(open_note(bytes(altered), signer.verifier))


def test_signatures_by_others_are_passed_over():
    signer = new_signer(HEAD.origin)
    other = f"\u2014 witness.example {base64.b64encode(bytes(68)).decode()}\n".encode()
    text, own = signer.sign(HEAD).rsplit(b"\n\n", 1)
    note = text + b"\n\n" + other * 16 + own
    assert Checkpoint.parse(open_note(note, signer.verifier)) == HEAD


@pytest.mark.parametrize(
    "note", [b"", b"\n\n", b"a\n", b"a\n\nb\n", b"\xff\n\n", b"a\x00\n\n\xe2\x80\x94 n AAAAAAA=\n"]
)
def test_what_is_no_note_is_refused(note):
    with pytest.raises(RecordError):
        open_note(note, new_signer("x").verifier)


@pytest.mark.parametrize("text", ["", "a\n1\n", "a\n01\nAAAA\n", "a\n-1\nAAAA\n", "a\n1\nAAAA\n"])
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(RecordError):
        Checkpoint.parse(text)


@pytest.mark.parametrize("text", ["", "name", "name+00000000+AAAA", "name+zz+!!"])
def test_what_is_no_verifier_key_is_refused(text):
    with pytest.raises(KeyFault):
        VerifierKey.parse(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb"])
def test_a_name_that_would_break_a_note_is_refused(name):
    with pytest.raises(KeyFault):
        new_signer(name)


@pytest.mark.parametrize("passphrase", [None, "correct horse"])
def test_a_key_file_is_private_and_gives_the_same_key_again(tmp_path, passphrase):
    signer = write_new_key(tmp_path / "k.pem", "log", passphrase)
    assert (tmp_path / "k.pem").stat().st_mode & 0o777 == 0o600
    assert load_signer(tmp_path / "k.pem", "log", passphrase).verifier == signer.verifier


def test_a_key_file_is_never_overwritten(tmp_path):
    write_new_key(tmp_path / "k.pem", "log")
    with pytest.raises(KeyFault, match="already"):
        write_new_key(tmp_path / "k.pem", "log")


@pytest.mark.parametrize(
    ("protected", "given", "words"),
    [("a", None, "protected by a passphrase"), ("a", "b", "wrong"), (None, "b", "no passphrase")],
)
def test_a_passphrase_that_does_not_fit_is_named(tmp_path, protected, given, words):
    write_new_key(tmp_path / "k.pem", "log", protected)
    with pytest.raises(KeyFault, match=words):
        load_signer(tmp_path / "k.pem", "log", given)


def test_a_missing_or_senseless_key_file_is_named(tmp_path):
    with pytest.raises(KeyFault, match="not here"):
        load_signer(tmp_path / "none.pem", "log")
    (tmp_path / "bad.pem").write_text("hello")
    with pytest.raises(KeyFault, match="not a signing key"):
        load_signer(tmp_path / "bad.pem", "log")
