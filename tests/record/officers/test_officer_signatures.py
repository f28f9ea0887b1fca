"""Officers' signatures: both verifiers, OpenSSH, every changed byte, every odd form."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from emulated_token import (
    EmulatedToken,
    armor,
    blob_of,
    private_key,
    sshsig,
    strings,
    to_be_signed,
)
from hypothesis import given
from hypothesis import strategies as st

from referendum.core.errors import KeyFault, RecordError
from referendum.record.officers import (
    ACT_NAMESPACE,
    OfficerKey,
    OfficerSigner,
    load_officer_signer,
    new_officer_signer,
    sign_message,
    verify_signature,
    write_new_officer_key,
)
from referendum.record.officers.signatures import LONGEST_SIGNATURE
from referendum.verify.officer_keys import check_signature, read_officer_key
from referendum.verify.report import Mismatch

MESSAGE = b'{"kind":"decide","number":7}'
SIGNER, TOKEN = OfficerSigner(private_key(b"officer")), EmulatedToken()
KEY = SIGNER.key.blob
KEYS = {"file": SIGNER.key.line, "token": TOKEN.line}
TEXTS = {"file": sign_message(SIGNER, MESSAGE), "token": TOKEN.sign(MESSAGE)}
VECTORS = json.loads((Path(__file__).parent / "vectors/openssh_signatures.json").read_text())
ORDER = 2**252 + 27742317777372353535851937790883648493
"""Of the base point (RFC 8032, section 5.1)."""


def holds(line, message, text, namespace=ACT_NAMESPACE):
    """Whether a signature holds; both verifiers must say the same."""
    answers = []
    try:
        verify_signature(OfficerKey.parse(line), message, text, namespace)
        answers.append(True)
    except (KeyFault, RecordError):
        answers.append(False)
    try:
        check_signature(read_officer_key(line), message, text, namespace)
        answers.append(True)
    except Mismatch:
        answers.append(False)
    assert answers[0] == answers[1], (line, text)
    return answers[0]


@pytest.fixture(scope="module")
def ssh_keygen():
    """The program."""
    path = shutil.which("ssh-keygen")
    if path is None:
        pytest.skip(
            "ssh-keygen is not installed (Debian: openssh-client): no signature is compared"
        )
    return path


def openssh_accepts(ssh_keygen, folder, line, message, text, namespace=ACT_NAMESPACE):
    """Whether `ssh-keygen -Y verify` accepts a signature."""
    (folder / "signers").write_text(f"officer {line}\n")
    (folder / "message.sig").write_text(text)
    command = [ssh_keygen, "-Y", "verify", "-f", folder / "signers", "-I", "officer"]
    command += ["-n", namespace, "-s", folder / "message.sig"]
    return subprocess.run(command, input=message, capture_output=True, check=False).returncode == 0


def openssh_signs(ssh_keygen, key, message, *options, environment=None):
    """Give the signature that `ssh-keygen -Y sign` makes."""
    path = key.with_name("message")
    path.write_bytes(message)
    path.with_name("message.sig").unlink(missing_ok=True)
    command = [ssh_keygen, "-Y", "sign", "-n", ACT_NAMESPACE, "-f", key, *options, path]
    subprocess.run(command, env=environment, capture_output=True, check=True)
    return path.with_name("message.sig").read_text()


@given(st.binary())
def test_a_signature_is_over_its_message_alone(message):
    text = sign_message(SIGNER, message)
    assert holds(KEYS["file"], message, text)
    assert not holds(KEYS["file"], message + b" ", text)
    assert not holds(new_officer_signer().key.line, message, text)


def test_a_signature_is_for_its_purpose_alone():
    text = sign_message(SIGNER, MESSAGE, "referendum-seed@referendum")
    assert holds(KEYS["file"], MESSAGE, text, "referendum-seed@referendum")
    assert not holds(KEYS["file"], MESSAGE, text)


@pytest.mark.parametrize("case", VECTORS["signatures"], ids=["file", "token"])
def test_signatures_of_openssh_hold(case):
    message, namespace = VECTORS["message"].encode(), VECTORS["namespace"]
    assert holds(case["key"], message, case["signature"], namespace)
    assert not holds(case["key"], message + b".", case["signature"], namespace)
    assert not holds(case["key"], message, case["signature"])


def test_a_key_file_signs_to_the_byte_as_openssh_does(ssh_keygen, tmp_path):
    key = tmp_path / "key"
    subprocess.run([ssh_keygen, "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    signer = load_officer_signer(key)
    for message in (b"", MESSAGE, bytes(range(256)) * 300):
        assert openssh_signs(ssh_keygen, key, message) == sign_message(signer, message)


def test_a_key_file_of_ours_signs_with_openssh(ssh_keygen, tmp_path):
    pytest.importorskip("bcrypt", reason="bcrypt is not installed: no key file has a passphrase")
    signer = write_new_officer_key(tmp_path / "key", "correct horse")
    answer = tmp_path / "answer"
    answer.write_text("#!/bin/sh\necho correct horse\n")
    answer.chmod(0o700)
    asked = {"SSH_ASKPASS": str(answer), "SSH_ASKPASS_REQUIRE": "force"}
    text = openssh_signs(ssh_keygen, tmp_path / "key", MESSAGE, environment={**os.environ, **asked})
    assert text == sign_message(signer, MESSAGE)


@pytest.mark.parametrize("kind", ["file", "token"])
def test_openssh_accepts_what_we_accept(ssh_keygen, tmp_path, kind):
    assert openssh_accepts(ssh_keygen, tmp_path, KEYS[kind], MESSAGE, TEXTS[kind])
    assert not openssh_accepts(ssh_keygen, tmp_path, KEYS[kind], b"else", TEXTS[kind])
    assert not openssh_accepts(ssh_keygen, tmp_path, KEYS[kind], MESSAGE, TEXTS[kind], "file")


def test_the_shorter_hash_that_openssh_offers_is_refused(ssh_keygen, tmp_path):
    key = tmp_path / "key"
    subprocess.run([ssh_keygen, "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    text = openssh_signs(ssh_keygen, key, MESSAGE, "-O", "hashalg=sha256")
    line = load_officer_signer(key).key.line
    assert openssh_accepts(ssh_keygen, tmp_path, line, MESSAGE, text)
    assert not holds(line, MESSAGE, text)
    with pytest.raises(RecordError, match="not sha512"):
        verify_signature(OfficerKey.parse(line), MESSAGE, text)


def test_a_token_tells_how_it_was_used():
    token = EmulatedToken(counter=76)
    key = OfficerKey.parse(token.line)
    use = verify_signature(key, MESSAGE, token.sign(MESSAGE, 0x01))
    assert (use.counter, use.user_verified) == (77, False)
    use = verify_signature(key, MESSAGE, token.sign(MESSAGE, 0x05))
    assert (use.counter, use.user_verified) == (78, True)
    assert verify_signature(SIGNER.key, MESSAGE, TEXTS["file"]) is None


def test_of_all_flags_of_a_token_those_count_that_say_somebody_was_there():
    accepted = [
        flags for flags in range(256) if holds(TOKEN.line, MESSAGE, TOKEN.sign(MESSAGE, flags))
    ]
    assert accepted == [0x01, 0x05, 0x09, 0x0D, 0x11, 0x15, 0x19, 0x1D]


@pytest.mark.parametrize("kind", ["file", "token"])
def test_no_character_of_a_signature_can_be_changed_left_out_or_added(kind):
    text = TEXTS[kind]
    assert holds(KEYS[kind], MESSAGE, text)
    for place, sign in enumerate(text):
        others = {chr(ord(sign) ^ 1), chr(ord(sign) ^ 0x20), chr(ord(sign) | 0x80), " ", ""}
        for other in sorted(others - {sign}):
            assert not holds(KEYS[kind], MESSAGE, text[:place] + other + text[place + 1 :])
        for other in ("A", "\n", "\r", " ", "="):
            changed = text[:place] + other + text[place:]
            assert not holds(KEYS[kind], MESSAGE, changed), (place, other)


@pytest.mark.parametrize("kind", ["file", "token"])
def test_no_bit_of_a_signature_can_be_changed(kind):
    blob = blob_of(TEXTS[kind])
    assert armor(blob) == TEXTS[kind]
    for place in range(len(blob)):
        for bit in range(8):
            changed = bytearray(blob)
            changed[place] ^= 1 << bit
            assert not holds(KEYS[kind], MESSAGE, armor(bytes(changed)))


@pytest.mark.parametrize("kind", ["file", "token"])
def test_no_bit_of_a_key_can_be_changed(kind):
    blob = OfficerKey.parse(KEYS[kind]).blob
    signature = blob_of(TEXTS[kind])
    for place in range(len(blob)):
        for bit in range(8):
            changed = bytearray(blob)
            changed[place] ^= 1 << bit
            line = f"{KEYS[kind].split(' ')[0]} {_base64(bytes(changed))}"
            assert not holds(line, MESSAGE, TEXTS[kind])
            # Nor with the changed key in the signature.
            assert not holds(line, MESSAGE, armor(signature.replace(blob, bytes(changed))))


def _base64(data):
    return armor(data, 10_000).split("\n")[1]


def bodies():
    """Give for each kind of key: its blob, and what signs data with it."""
    yield "file", SIGNER.key.blob, lambda data: strings(b"ssh-ed25519", SIGNER.private.sign(data))
    yield "token", TOKEN.blob, TOKEN.body


def odd_armor(blob):
    """Other texts of one blob: (name, text)."""
    good, end = armor(blob), "-----END SSH SIGNATURE-----\n"
    yield from (("empty", ""), ("no end", good.removesuffix(end)), ("twice", good * 2))
    yield from (("no last line end", good[:-1]), ("two line ends", good + "\n"))
    yield from (("text before", "\n" + good), ("of Windows", good.replace("\n", "\r\n")))
    yield "empty line", good.replace("-----\n", "-----\n\n", 1)
    yield "a message", good.replace("SIGNATURE", "MESSAGE")
    for width in (64, 69, 71, 76, 10_000):
        yield f"lines of {width}", armor(blob, width)


def odd_blobs(key, body):
    """Blobs that are no SSHSIG of version 1, or of more or less: (name, blob)."""
    data = to_be_signed(MESSAGE)
    good = sshsig(key, body(data))
    yield from (("bytes after", good + b"\x00"), ("cut off", good[:-1]), ("nothing in it", b""))
    yield from (("magic alone", b"SSHSIG"), ("long", good + bytes(LONGEST_SIGNATURE)))
    yield "another magic", sshsig(key, body(data), magic=b"SSHSIH")
    for version in (0, 2, 2**32 - 1):
        yield f"version {version}", sshsig(key, body(data), version=version)
    yield "without SSHSIG", sshsig(key, body(MESSAGE))
    yield "another key inside", sshsig(new_officer_signer().key.blob, body(data))
    yield "the other key inside", sshsig(TOKEN.blob if key != TOKEN.blob else KEY, body(data))
    yield "more in the proper signature", sshsig(key, body(data) + b"\x00")
    yield "nothing in the proper signature", sshsig(key, b"")


def odd_members(key, body):
    """Blobs with other members, signed so or not: (name, blob)."""
    data = to_be_signed(MESSAGE)
    for name in (b"", b"file", b"referendum-act@referendum\x00", b"referendum-act@REFERENDUM"):
        named = body(to_be_signed(MESSAGE, name))
        yield f"namespace {name}", sshsig(key, named, namespace=name)
        yield f"namespace {name} outside", sshsig(key, body(data), namespace=name)
        yield f"namespace {name} inside", sshsig(key, named)
    filled = body(to_be_signed(MESSAGE, reserved=b"x"))
    yield "reserved", sshsig(key, filled, reserved=b"x")
    yield "reserved outside", sshsig(key, body(data), reserved=b"x")
    for name in (b"sha256", b"sha1", b"sha3_512", b"blake2b"):
        yield (
            f"hashed by {name}",
            sshsig(key, body(to_be_signed(MESSAGE, hashed=name)), hashed=name),
        )
        yield f"named {name}", sshsig(key, body(data), hashed=name)


def odd_proper(key, body):
    """Blobs whose proper signature is of another form: (name, blob)."""
    proper = body(to_be_signed(MESSAGE))
    begin = 8 + key[3]
    name, signature, use = proper[4 : begin - 4], proper[begin : begin + 64], proper[begin + 64 :]
    more = (int.from_bytes(signature[32:], "little") + ORDER).to_bytes(32, "little")
    neutral = (1).to_bytes(32, "little")
    for words, named, changed in (
        ("short", name, signature[:63]),
        ("long", name, signature + b"\x00"),
        ("another type named", b"ssh-rsa", signature),
        ("S plus the order", name, signature[:32] + more),
        ("R and S of nothing", name, bytes(64)),
        ("R neutral", name, neutral + bytes(32)),
    ):
        yield words, sshsig(key, strings(named, changed) + use)


def odd_signatures():
    """Signatures of another form, each by the right key over the right bytes."""
    for kind, key, body in bodies():
        for name, text in odd_armor(sshsig(key, body(to_be_signed(MESSAGE)))):
            yield pytest.param(kind, text, id=f"{kind}, {name}")
        for make in (odd_blobs, odd_members, odd_proper):
            for name, blob in make(key, body):
                yield pytest.param(kind, armor(blob), id=f"{kind}, {name}")
    data = to_be_signed(MESSAGE)
    plain = strings(b"ssh-ed25519", TOKEN.private.sign(data))
    site = EmulatedToken(b"https://example.org", TOKEN.private)
    yield pytest.param("token", armor(sshsig(TOKEN.blob, plain)), id="token's key, no token")
    yield pytest.param("token", armor(sshsig(TOKEN.blob, site.body(data))), id="for a web site")


@pytest.mark.parametrize(("kind", "text"), list(odd_signatures()))
def test_signatures_of_another_form_are_refused(kind, text):
    assert holds(KEYS[kind], MESSAGE, TEXTS[kind])
    assert not holds(KEYS[kind], MESSAGE, text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hello", "begins and ends"),
        (armor(sshsig(SIGNER.key.blob, b"", namespace=b"file")), "its namespace is b'file'"),
        (armor(sshsig(TOKEN.blob, b"")), "another key signed"),
        (armor(blob_of(TEXTS["file"]), 76), "not written as ssh-keygen"),
        (sign_message(SIGNER, b"else"), "not over these bytes"),
    ],
    ids=["text", "namespace", "key", "lines", "message"],
)
def test_what_is_wrong_with_a_signature_is_said(text, words):
    with pytest.raises(RecordError, match=words):
        verify_signature(SIGNER.key, MESSAGE, text, where="act 7")


def test_nobody_touched_the_token():
    with pytest.raises(RecordError, match="nobody touched"):
        verify_signature(OfficerKey.parse(TOKEN.line), MESSAGE, TOKEN.sign(MESSAGE, 0))


@given(st.text(max_size=500))
def test_any_text_is_refused_in_words(text):
    assert not holds(KEYS["file"], MESSAGE, text)
    assert not holds(KEYS["token"], MESSAGE, f"-----BEGIN SSH SIGNATURE-----\n{text}")
    assert not holds(text, MESSAGE, TEXTS["file"])
    assert not holds(f"ssh-ed25519 {text}", MESSAGE, TEXTS["file"])


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_in_words(data):
    assert not holds(KEYS["file"], MESSAGE, armor(data))
    assert not holds(KEYS["token"], MESSAGE, armor(b"SSHSIG\x00\x00\x00\x01" + data))
    assert not holds(f"ssh-ed25519 {_base64(data)}", MESSAGE, TEXTS["file"])
