"""Officers' keys: their lines, their files, and what OpenSSH says of both."""

import base64
import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from emulated_token import EmulatedToken, private_key, strings

from referendum.core.errors import KeyFault
from referendum.record.officers import (
    OfficerKey,
    OfficerSigner,
    load_officer_key,
    load_officer_signer,
    write_new_officer_key,
)
from referendum.verify.officer_keys import read_officer_key
from referendum.verify.report import Mismatch

SIGNER = OfficerSigner(private_key(b"officer"), "Chief officer")
LINE = str(SIGNER.key)
FIELD = 2**255 - 19
ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826


@pytest.fixture(scope="module")
def ssh_keygen():
    """The program."""
    path = shutil.which("ssh-keygen")
    if path is None:
        pytest.skip("ssh-keygen is not installed (Debian: openssh-client): keys are not compared")
    return path


@pytest.fixture
def locked(tmp_path):
    """A key file with a passphrase, and its signer."""
    pytest.importorskip("bcrypt", reason="bcrypt is not installed: no key file has a passphrase")
    path = tmp_path / "officer"
    return path, write_new_officer_key(path, "correct horse", "Clerk")


def both_refuse(line):
    """Neither reader takes a line for a key."""
    with pytest.raises(KeyFault):
        OfficerKey.parse(line)
    with pytest.raises(Mismatch):
        read_officer_key(line)


@pytest.mark.parametrize(
    "line",
    [LINE, SIGNER.key.line, EmulatedToken().line + " token 1"],
    ids=["comment", "bare", "token"],
)
def test_a_key_survives_being_written_down(line):
    key = OfficerKey.parse(line)
    assert str(key) == line
    twin = read_officer_key(line)
    assert (twin.type, twin.public, twin.blob, twin.id) == (key.type, key.public, key.blob, key.id)
    assert (twin.application or "") == key.application


def test_a_comment_is_no_part_of_a_key():
    bare, other = OfficerKey.parse(SIGNER.key.line), OfficerKey.parse(f"{SIGNER.key.line} x")
    assert bare == other == SIGNER.key
    assert bare.id == other.id


def test_a_token_of_another_application_is_another_key():
    token = EmulatedToken()
    other = EmulatedToken(b"ssh:referendum", token.private)
    keys = [OfficerKey.parse(one.line) for one in (token, other)]
    plain = OfficerKey(keys[0].public)
    assert len({key.id for key in (*keys, plain)}) == 3


def odd_lines():
    kind, encoded, *_ = LINE.split(" ")
    public, token = SIGNER.key.public, EmulatedToken()
    yield from (
        "",
        " ",
        kind,
        f"{kind} ",
        f"{kind} AAAA",
        f"{kind}  {encoded}",
        f" {kind} {encoded}",
    )
    yield from (f"{kind} {encoded} ", f"{kind} {encoded}  x", f"{kind} {encoded} x ")
    yield from (
        f"{kind}\t{encoded}",
        f"{kind} {encoded}\tx",
        LINE + "\n",
        LINE + "\r",
        LINE + "\x00",
    )
    yield from (f"{LINE}\nssh-rsa AAAA", f"{kind} {encoded} \u202ex", f"{kind} {encoded} \x1b[2J")
    yield from (f"{kind} {encoded}=", f"{kind} {encoded}====", f"{kind} {encoded[:-1]}")
    yield from (f"{kind} {encoded} {'x' * 101}", f"{kind} {encoded[:20]}\n{encoded[20:]}")
    yield from (
        f"{kind.upper()} {encoded}",
        f"no-pty {LINE}",
        f"# {LINE}",
        encoded,
        "\ufeff" + LINE,
    )
    yield f"{token.line.split(' ')[0]} {encoded}"
    yield f"{kind} {token.line.split(' ')[1]}"
    yield token.line.replace("sk-ssh-ed25519@", "sk-ecdsa-sha2-nistp256@")
    # The last sign of this base64 has two bits that no byte uses.
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    plain = base64.b64encode(OfficerKey.parse(token.line).blob).decode()
    body, pad = plain.rstrip("="), plain.count("=")
    yield f"{token.line.split(' ')[0]} {body[:-1]}{last[last.index(body[-1]) + 1]}{'=' * pad}"
    for blob in (
        strings(b"ssh-ed25519", public[:31]),
        strings(b"ssh-ed25519", public + b"\x00"),
        strings(b"ssh-ed25519", public, b""),
        strings(b"ssh-ed25519", public) + b"\x00",
        strings(b"ssh-ed25519", public)[:-1],
        strings(b"ssh-ed25518", public),
        b"\xff\xff\xff\xff" + strings(b"ssh-ed25519", public),
        b"",
    ):
        yield f"ssh-ed25519 {base64.b64encode(blob).decode()}"
    for application in (
        b"",
        b"https://example.org",
        b"ssh",
        b"ssh:\n",
        b"ssh:\xff",
        b"ssh:" + b"x" * 101,
    ):
        yield EmulatedToken(application).line


@pytest.mark.parametrize("line", list(odd_lines()), ids=repr)
def test_what_is_no_key_of_an_officer_is_refused(line):
    both_refuse(line)


@pytest.mark.parametrize("sign_of_x", [0, 1])
@pytest.mark.parametrize(
    "y", [0, 1, FIELD - 1, ORDER_8, FIELD - ORDER_8, FIELD, FIELD + 1, FIELD + 3, 2**255 - 1]
)
@pytest.mark.parametrize("token", [False, True])
def test_keys_under_which_anybody_can_sign_are_refused(y, sign_of_x, token):
    public = (y + (sign_of_x << 255)).to_bytes(32, "little")
    both_refuse(OfficerKey(public, "ssh:" if token else "").line)


def test_the_fingerprint_is_that_of_openssh(ssh_keygen, tmp_path):
    for line in (LINE, EmulatedToken().line):
        (tmp_path / "key.pub").write_text(line + "\n")
        printed = subprocess.run(
            [ssh_keygen, "-l", "-f", tmp_path / "key.pub"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert OfficerKey.parse(line).id in printed.stdout.split(" ")


def test_a_key_file_of_openssh_is_loaded(ssh_keygen, tmp_path):
    path = tmp_path / "made"
    subprocess.run(
        [ssh_keygen, "-q", "-t", "ed25519", "-N", "", "-C", "a b", "-f", path], check=True
    )
    key = load_officer_key(tmp_path / "made.pub")
    assert load_officer_signer(path).key == key
    assert key.comment == "a b"


def test_a_key_file_of_openssh_with_a_passphrase_is_loaded(ssh_keygen, tmp_path):
    pytest.importorskip("bcrypt", reason="bcrypt is not installed: no key file has a passphrase")
    path = tmp_path / "made"
    subprocess.run([ssh_keygen, "-q", "-t", "ed25519", "-N", "päss", "-f", path], check=True)
    assert load_officer_signer(path, "päss").key == load_officer_key(tmp_path / "made.pub")


def test_openssh_opens_a_key_file_of_ours(ssh_keygen, locked):
    path, signer = locked
    printed = subprocess.run(
        [ssh_keygen, "-y", "-P", "correct horse", "-f", path],
        capture_output=True,
        text=True,
        check=True,
    )
    assert OfficerKey.parse(printed.stdout.strip()) == signer.key


def test_a_key_file_is_private_and_gives_the_same_key_again(locked):
    path, signer = locked
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_officer_signer(path, "correct horse").key == signer.key
    public = load_officer_key(path.with_name("officer.pub"))
    assert (public, public.comment) == (signer.key, "Clerk")


@pytest.mark.parametrize(("given", "words"), [(None, "none was given"), ("wrong", "wrong")])
def test_a_passphrase_that_does_not_fit_is_said(locked, given, words):
    with pytest.raises(KeyFault, match=words):
        load_officer_signer(locked[0], given)


def test_neither_file_of_a_key_is_ever_overwritten(locked):
    path, _ = locked
    files = (path, path.with_name("officer.pub"))
    for kept, lost in (files, files[::-1]):
        before = kept.read_bytes()
        gone = lost.rename(path.with_name("elsewhere"))
        with pytest.raises(KeyFault, match="already"):
            write_new_officer_key(path, "again")
        assert kept.read_bytes() == before
        assert not lost.exists()
        gone.rename(lost)


def unlocked(tmp_path, private):
    """Write a private key without a passphrase."""
    path = tmp_path / "unlocked"
    path.touch(mode=0o600)
    path.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    return path


def test_a_passphrase_too_many_is_said(tmp_path):
    path = unlocked(tmp_path, SIGNER.private)
    assert load_officer_signer(path).key == SIGNER.key
    with pytest.raises(KeyFault, match="no passphrase"):
        load_officer_signer(path, "x")


def test_a_private_key_that_others_can_read_is_refused(tmp_path):
    path = unlocked(tmp_path, SIGNER.private)
    path.chmod(0o640)
    with pytest.raises(KeyFault, match="others can read"):
        load_officer_signer(path)


def test_a_private_key_of_another_kind_is_refused(tmp_path):
    with pytest.raises(KeyFault, match="not an Ed25519 key"):
        load_officer_signer(unlocked(tmp_path, generate_private_key(SECP256R1())))


def test_a_key_in_a_token_is_sent_to_openssh(tmp_path):
    token = EmulatedToken()
    inner = (
        b"\x00" * 8
        + token.blob
        + b"\x01"
        + strings(b"handle", b"", b"comment")
        + bytes(range(1, 8))
    )
    inner += bytes(range(1, 9))[: -len(inner) % 8]
    data = b"openssh-key-v1\x00" + strings(b"none", b"none", b"") + b"\x00\x00\x00\x01"
    body = base64.encodebytes(data + strings(token.blob, inner)).decode()
    path = tmp_path / "token"
    path.touch(mode=0o600)
    path.write_text(
        f"-----BEGIN OPENSSH PRIVATE KEY-----\n{body}-----END OPENSSH PRIVATE KEY-----\n"
    )
    with pytest.raises(KeyFault) as caught:
        load_officer_signer(path)
    assert "ssh-keygen -Y sign -n referendum-act@referendum" in caught.value.hint


def test_files_that_are_no_keys_are_named(tmp_path):
    for load in (load_officer_key, load_officer_signer):
        with pytest.raises(KeyFault, match="cannot be read"):
            load(tmp_path / "none")
        with pytest.raises(KeyFault, match="cannot be read"):
            load(tmp_path)
    path = tmp_path / "bad"
    for content in (b"", b"hello", b"\xff\xfe", b"x" * 20_000):
        path.write_bytes(content)
        path.chmod(0o600)
        for load in (load_officer_key, load_officer_signer):
            with pytest.raises(KeyFault):
                load(path)
    with pytest.raises(KeyFault, match="show it to nobody"):
        load_officer_key(unlocked(tmp_path, SIGNER.private))


def test_a_key_is_not_made_without_a_passphrase_or_where_nothing_can_be_written(tmp_path):
    with pytest.raises(KeyFault, match="needs a passphrase"):
        write_new_officer_key(tmp_path / "key", "")
    with pytest.raises(KeyFault):
        write_new_officer_key(tmp_path / "none" / "key", "secret")
    assert list(tmp_path.iterdir()) == []
