"""Officers at the command line: keys, signatures at once, signatures on two machines."""

import json
import os
import pty
import re
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner

from officers_made import RETURNS
from referendum.cli.main import cli
from referendum.core.errors import InputError, KeyFault, OrderError, RecordError
from referendum.record.officers import keys as officer_keys
from referendum.record.officers import write_new_officer_key
from referendum.record.reading import Record
from referendum.verify import verify

ORIGIN = "tests.example/office"
ROLES = {"ada": ("chief", "Ada Lund"), "bo": ("deputy", "Bo Ek"), "cy": ("returning", "Cy Moe")}


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """Key files of three officers and of a stranger, with passphrases."""
    folder = tmp_path_factory.mktemp("keys")
    with pytest.MonkeyPatch.context() as quick:
        quick.setattr(officer_keys, "_ROUNDS", 1)
        for name in (*ROLES, "eve"):
            write_new_officer_key(folder / name, f"secret of {name}")
    return folder


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a command in its own home."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for name in (*ROLES, "eve"):
        monkeypatch.setenv(name.upper(), f"secret of {name}")

    def command(*words):
        done = CliRunner().invoke(cli, [str(word) for word in words])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.output

    return command


def signing(keys, *names):
    """The options by which officers sign."""
    files = [word for name in names for word in ("--sign", keys / name)]
    return [*files, *(w for name in names for w in ("--passphrase-from", f"env:{name.upper()}"))]


def opening(keys):
    """The options of an opening with three officers."""
    officers = [
        word for name, of in ROLES.items() for word in ("--officer", *of, keys / f"{name}.pub")
    ]
    told = ("--title", "t", "--question", "q", "--subject", "vote", "--origin", ORIGIN)
    law = ("--statute", "au/constitution-s128", "--on", "2023-10-14", "--made-up")
    return [*told, *law, *officers]


@pytest.fixture
def vote(run, keys, tmp_path):
    """A vote whose returns came in."""
    run("key", "new", "--origin", ORIGIN)
    run("new", "vote", *opening(keys), "--office", "Test office", *signing(keys, "ada", "bo"))
    (tmp_path / "returns.csv").write_text(RETURNS)
    run("returns", "receive", "vote", "returns.csv", "--scope", "all", *signing(keys, "cy"))
    return tmp_path / "vote"


def test_commands_are_signed_at_once(run, keys, vote):
    out = run("result", "vote", *signing(keys, "ada", "bo"))
    assert "signed by Ada Lund (chief), key SHA256:" in " ".join(out.split())
    assert out.count("signed by") == 2
    assert "signed by Cy Moe (returning)" in run("log", "vote")
    assert "Bo Ek" in run("log", "vote", 2)
    assert verify(str(vote)).holds


def test_a_lacking_signature_is_named_before_any_work(run, keys, vote):
    with pytest.raises(KeyFault, match="a signature by chief and a signature by deputy"):
        run("result", "vote", *signing(keys, "ada"))
    with pytest.raises(KeyFault, match="of no officer of this record"):
        run("result", "vote", *signing(keys, "ada", "eve"))
    with pytest.raises(KeyFault, match="none was given") as refused:
        run("result", "vote", "--sign", keys / "ada")
    assert "--passphrase-from" in refused.value.hint
    with pytest.raises(KeyFault, match="passphrase is wrong"):
        run("result", "vote", "--sign", keys / "ada", "--passphrase-from", "env:BO")
    with pytest.raises(KeyFault, match="not there"):
        run("result", "vote", "--sign", keys / "ada", "--passphrase-from", "env:NOBODY")
    assert len(Record.open(vote).acts) == 2


def test_a_passphrase_comes_from_a_file(run, keys, vote, tmp_path):
    (tmp_path / "p").write_text("secret of ada\n")
    given = ("--sign", keys / "ada", "--passphrase-from", f"file:{tmp_path / 'p'}")
    run("roll", "seal", "vote", electors(tmp_path), *given)
    assert Record.open(vote).acts[-1].by == ("Ada Lund",)


def electors(folder):
    """A small list of electors."""
    (folder / "electors.csv").write_text("elector_id,given_names,surname\n1,Ann,Lee\n2,Bo,Li\n")
    return folder / "electors.csv"


def test_a_passphrase_is_asked_for_on_a_terminal(keys, vote):
    main, other = pty.openpty()
    program = "from referendum.cli.main import main; main()"
    words = [
        sys.executable,
        "-c",
        program,
        "result",
        vote,
        "--sign",
        keys / "ada",
        "--sign",
        keys / "bo",
    ]
    with subprocess.Popen(words, stdin=other, stdout=other, stderr=other, start_new_session=True):
        os.close(other)
        said = b""
        for secret in (b"secret of ada\n", b"secret of bo\n"):
            while b"Passphrase of" not in said:
                said += os.read(main, 1_000)
            said = b""
            os.write(main, secret)
        try:
            while True:
                said += os.read(main, 1_000)
        except OSError:
            pass
    assert b"signed by Bo Ek (deputy)" in said


def test_two_people_sign_on_two_machines_and_one_with_ssh_keygen(run, keys, vote, tmp_path):
    out = run("result", "vote", "--prepare", "result.act")
    assert "Nothing is recorded yet" in out
    assert "to be signed by Bo Ek (deputy)" in out
    assert "  signed by" not in out
    assert len(Record.open(vote).acts) == 2
    away = tmp_path / "away"
    away.mkdir()
    shutil.move(tmp_path / "result.act", away / "result.act")
    file = away / "result.act"
    with pytest.raises(KeyFault, match="not signed yet by Ada Lund, Bo Ek"):
        run("act", "append", "vote", file)
    assert "to be signed by Ada Lund (chief)" in run("act", "show", file, "--record", "vote")
    assert "still to sign: Bo Ek" in run("act", "sign", file, *signing(keys, "ada"))
    with pytest.raises(KeyFault, match="of nobody who has still to sign: Bo Ek"):
        run("act", "sign", file, *signing(keys, "ada"))
    with pytest.raises(KeyFault, match="of nobody who has still to sign"):
        run("act", "sign", file, *signing(keys, "eve"))
    sign_with_openssh(run, keys, file)
    shutil.move(file, tmp_path / "result.act")
    out = run("act", "append", "vote", "result.act")
    assert out.count("signed by") == 2
    assert verify(str(vote)).holds
    with pytest.raises(OrderError, match="is on the record already, in act 2"):
        run("act", "append", "vote", "result.act")


def sign_with_openssh(run, keys, file):
    """Sign as deputy with ssh-keygen, or with the key file where it is not installed."""
    program = shutil.which("ssh-keygen")
    if program is None:
        run("act", "sign", file, *signing(keys, "bo"))
        return
    run("act", "bytes", file)
    data = file.with_suffix(".2.bytes")
    bare = file.parent / "bo"
    shutil.copy(keys / "bo", bare)
    quiet = {"capture_output": True}
    subprocess.run([program, "-p", "-P", "secret of bo", "-N", "", "-f", bare], check=True, **quiet)
    name = "referendum-act@referendum"
    subprocess.run([program, "-Y", "sign", "-n", name, "-f", bare, data], check=True, **quiet)
    out = run("act", "sign", file, "--signature", f"{data}.sig")
    assert "all have signed" in out


@pytest.mark.usefixtures("vote")
def test_what_was_prepared_goes_on_from_one_history_alone(run, keys, tmp_path):
    run("result", "vote", "--prepare", "result.act")
    run("roll", "seal", "vote", electors(tmp_path), *signing(keys, "ada"))
    with pytest.raises(InputError, match="do not go on from this record"):
        run("act", "sign", "result.act", "--record", "vote", *signing(keys, "ada"))
    for name in ("ada", "bo"):
        run("act", "sign", "result.act", *signing(keys, name))
    with pytest.raises(OrderError, match="has grown"):
        run("act", "append", "vote", "result.act")
    with pytest.raises(InputError, match="something here already"):
        run("result", "vote", "--prepare", "result.act")
    with pytest.raises(InputError, match=r"the ending \.act"):
        run("result", "vote", "--prepare", "result.json")


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value["acts"][0]["facts"].update(yes=61),
        lambda value: value["acts"][0].update(section="another"),
        lambda value: value["signatories"][0][0].update(signature=value["signatories"][0][1]),
    ],
)
def test_a_file_that_was_changed_is_refused(run, keys, vote, change, tmp_path):
    run("result", "vote", "--prepare", "result.act")
    for name in ("ada", "bo"):
        run("act", "sign", "result.act", *signing(keys, name))
    value = json.loads((tmp_path / "result.act").read_bytes())
    change(value)
    (tmp_path / "result.act").write_text(
        json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    )
    with pytest.raises((InputError, RecordError)):
        run("act", "append", "vote", "result.act")
    assert len(Record.open(vote).acts) == 2


def test_a_bundle_that_was_changed_is_refused(run, keys, vote, tmp_path):
    run("result", "vote", "--prepare", "result.act")
    for name in ("ada", "bo"):
        run("act", "sign", "result.act", *signing(keys, name))
    (file,) = (tmp_path / "result").rglob("result.json")
    file.write_bytes(file.read_bytes().replace(b"60", b"61"))
    with pytest.raises(RecordError, match="was changed"):
        run("act", "append", "vote", "result.act")
    shutil.rmtree(tmp_path / "result")
    with pytest.raises(RecordError, match="not here"):
        run("act", "append", "vote", "result.act")
    assert len(Record.open(vote).acts) == 2


def test_who_will_sign_is_asked_for_where_it_is_not_clear(run, keys, vote):
    given = ("--name", "Eve Po", "--role", "deputy", "--officer-key", keys / "eve.pub")
    run("office", "appoint", "vote", *given, *signing(keys, "ada", "bo"))
    with pytest.raises(KeyFault, match="it is not said who will sign result"):
        run("result", "vote", "--prepare", "result.act")
    run("result", "vote", "--prepare", "result.act", "--by", "Ada Lund", "--by", "Eve Po")
    for name in ("ada", "eve"):
        run("act", "sign", "result.act", *signing(keys, name))
    assert "Eve Po" in run("act", "append", "vote", "result.act")
    assert verify(str(vote)).holds


def test_an_opening_is_signed_on_two_machines(run, keys, tmp_path):
    run("key", "new", "--origin", ORIGIN)
    run("new", "vote", *opening(keys), "--prepare", "open.act")
    assert not (tmp_path / "vote").exists()
    for name in ("ada", "bo"):
        run("act", "sign", "open.act", *signing(keys, name))
    run("act", "append", "vote", "open.act")
    assert verify(str(tmp_path / "vote")).holds


@pytest.mark.usefixtures("vote")
def test_officers_come_and_go(run, keys):
    given = ("--name", "Eve Po", "--role", "returning", "--officer-key", keys / "eve.pub")
    two = signing(keys, "ada", "bo")
    out = run("office", "appoint", "vote", *given, "--until", "2099-12-31", *two)
    assert "Eve Po, returning, until 2100-01-01T00:00:00+00:00, key SHA256:" in " ".join(
        out.split()
    )
    assert "Eve Po, returning, until 2100" in run("office", "list", "vote")
    run("office", "dismiss", "vote", "--name", "Eve Po", "--cause", "Left", *two)
    assert "Eve Po" not in run("office", "list", "vote")
    listed = json.loads(run("office", "list", "vote", "--json"))
    assert {one["name"] for one in listed["officers"]} == {"Ada Lund", "Bo Ek", "Cy Moe"}
    assert "Eve Po, because: Left" in run("log", "vote", 3)


def test_a_key_is_made(run, monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET", "horse")
    out = run("office", "key", tmp_path / "di", "--comment", "Di", "--passphrase-env", "SECRET")
    assert "fingerprint: SHA256:" in out
    assert (tmp_path / "di.pub").read_text().endswith(" Di\n")


@pytest.mark.parametrize(
    "words",
    [
        ("--prepare", "a.act", "--sign", "x"),
        ("--by", "Ada Lund"),
        ("--passphrase-from", "env:X"),
    ],
)
def test_options_that_do_not_go_together_are_refused(vote, words):
    done = CliRunner().invoke(cli, ["result", str(vote), *words])
    assert done.exit_code == 2


def test_a_record_without_officers_is_said_loudly(run, tmp_path):
    run("key", "new", "--origin", ORIGIN)
    told = ("--title", "t", "--question", "q", "--subject", "vote", "--origin", ORIGIN)
    law = ("--statute", "au/constitution-s128", "--on", "2023-10-14", "--made-up")
    assert "has no officers and can have none later" in " ".join(
        run("new", "bare", *told, *law).split()
    )
    assert "signed by no officer" in run("log", "bare", 0)
    run("publish", "bare", "site")
    page = (tmp_path / "site" / "bare" / "index.html").read_text()
    assert "Signed by no officer." in page
    with pytest.raises(OrderError, match="opened without officers"):
        run("office", "dismiss", "bare", "--name", "Ada", "--cause", "x")


def test_a_page_names_who_signed(run, keys, vote, tmp_path):
    run("result", "vote", *signing(keys, "ada", "bo"))
    run("publish", "vote", "site")
    page = (tmp_path / "site" / "vote" / "index.html").read_text()
    page = re.sub(r"</?data\b[^>]*>", "", page)
    key = Record.open(vote).roster.at("Bo Ek", 2).key.id
    assert f"Signed by Bo Ek, deputy (key <code>{key}</code>)" in page
    assert "Signed by no officer." not in page


def test_the_list_of_acts_names_who_signed_and_what_decides(run, keys, vote):
    run(
        "office",
        "dismiss",
        vote,
        "--name",
        "Cy Moe",
        "--cause",
        "Left",
        *signing(keys, "ada", "bo"),
    )
    told = run("log", vote)
    assert max(map(len, told.splitlines())) <= 80
    words = " ".join(told.split())
    assert "Record opened: 3 officers signed by Ada Lund (chief), Bo Ek (deputy)" in words
    assert "Returns received: 1 place, " in words
    assert "Officer dismissed: Cy Moe, because: Left signed by Ada Lund (chief), Bo Ek" in words
