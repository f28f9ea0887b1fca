"""`referendum witness`: from a key to a cosigned record, as people would do it."""

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from referendum.cli.main import cli
from referendum.core.errors import InputError, KeyFault, OrderError, ReferendumError
from referendum.record.log import Log, new_signer
from referendum.verify import verify


def run(*arguments, code=0):
    result = CliRunner().invoke(cli, [str(one) for one in arguments])
    if isinstance(result.exception, ReferendumError):
        raise result.exception
    assert result.exit_code == code, (result.output, result.exception)
    return result.output


def new_witness(folder, name):
    """Make a key; give its file and its verifier key."""
    said = json.loads(
        run("witness", "key", "--name", name, "--out", folder / f"{name}.pem", "--json")
    )
    return said["file"], said["verifier_key"]


@contextmanager
def serving(key_file, state, *logs, environment=None):
    """A witness in a process of its own; gives its address and the process."""
    program = "from referendum.cli.main import main; main()"
    command = ["witness", "serve", "--key", key_file, "--state", str(state), "--json"]
    command += ["--listen", "127.0.0.1:0", *(word for log in logs for word in ("--log", str(log)))]
    process = subprocess.Popen(
        [sys.executable, "-c", program, *command],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
    )
    try:
        yield json.loads(process.stdout.readline())["url"], process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        process.stdout.close()


def test_two_witnesses_cosign_a_record_and_refuse_another_history(vote, tmp_path):
    record = vote.copy(tmp_path / "vote")
    key = record.signer.verifier
    (one_file, one), (two_file, two) = (new_witness(tmp_path, name) for name in ("one", "two"))
    with (
        serving(one_file, tmp_path / "s1", key) as (one_url, one_process),
        serving(two_file, tmp_path / "s2", key) as (two_url, _),
    ):
        policy = tmp_path / "policy"
        policy.write_text(
            f"log {key}\nwitness one {one} {one_url}\nwitness two {two} {two_url}\n"
            "group both all one two\nquorum both\n"
        )
        said = json.loads(run("witness", "ask", record.folder, "--policy", policy, "--json"))
        assert (said["cosigned"], said["quorum_met"]) == (2, True)
        assert verify(str(record.folder), policy=policy.read_bytes()).holds
        shutil.copytree(record.folder, tmp_path / "fork")
        with record.hold() as writer:
            writer.log.append([b"one history"])
        with type(record)(tmp_path / "fork", record.signer).hold() as writer:
            writer.log.append([b"another history"])
        output = run("witness", "ask", record.folder, "--witness", f"{one_url}={one}")
        assert "1 of 1 cosigned the checkpoint of" in output
        output = run("witness", "ask", tmp_path / "fork", "--policy", policy, code=1)
        assert "one did not cosign: it has seen another history" in output
        assert "the policy's quorum is not met" in output
        assert "compare before you publish" in output
        told = json.loads(one_process.stdout.readline())
        assert (told["event"], told["origin"]) == ("refused", key.name)
        fork = Log.open(tmp_path / "fork" / "log", key)
        assert Path(told["file"]).read_bytes() == record.signer.sign(fork.head)


def test_a_witness_that_is_not_there_fails_the_command_with_its_reason(vote, tmp_path):
    record = vote.copy(tmp_path / "vote")
    _, key = new_witness(tmp_path, "one")
    output = run("witness", "ask", record.folder, "--witness", f"http://127.0.0.1:9={key}", code=1)
    assert "one did not cosign: cannot be reached" in output
    assert "0 of 1 cosigned" in output


def test_a_policy_without_addresses_asks_nobody(vote, tmp_path):
    _, key = new_witness(tmp_path, "one")
    policy = tmp_path / "policy"
    policy.write_text(f"witness one {key}\nquorum one\n")
    with pytest.raises(InputError, match="no witness to ask"):
        run("witness", "ask", vote.folder, "--policy", policy)
    with pytest.raises(InputError, match="no witness to ask"):
        run("witness", "ask", vote.folder)


def test_a_key_with_a_passphrase_is_opened_by_it(vote, tmp_path, monkeypatch):
    monkeypatch.setenv("REFERENDUM_PASSPHRASE", "correct horse")
    path = tmp_path / "one.pem"
    run("witness", "key", "--name", "one", "--out", path, "--passphrase")
    assert b"ENCRYPTED" in path.read_bytes()
    with serving(str(path), tmp_path / "s", vote.signer.verifier) as (url, _):
        assert url.startswith("http://127.0.0.1:")
    monkeypatch.delenv("REFERENDUM_PASSPHRASE")
    with pytest.raises(KeyFault, match="protected by a passphrase"):
        run(*serve_words(path, tmp_path / "s", vote.signer.verifier))


def serve_words(key_file, state, *logs, listen="127.0.0.1:0"):
    words = ["witness", "serve", "--key", key_file, "--state", state, "--listen", listen]
    return [*words, *(word for log in logs for word in ("--log", log))]


def test_a_key_never_begins_a_second_state(vote, tmp_path):
    key_file, _ = new_witness(tmp_path, "one")
    with serving(key_file, tmp_path / "s", vote.signer.verifier):
        pass
    with pytest.raises(OrderError, match="another state"):
        run(*serve_words(key_file, tmp_path / "mistyped", vote.signer.verifier))
    assert not (tmp_path / "mistyped").exists()


@pytest.mark.parametrize("listen", ["", "8380", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:99999"])
def test_an_address_that_is_none_is_refused(vote, tmp_path, listen):
    key_file, _ = new_witness(tmp_path, "one")
    with pytest.raises(InputError, match="no address to listen at"):
        run(*serve_words(key_file, tmp_path / "s", vote.signer.verifier, listen=listen))


def test_keys_of_the_wrong_kind_are_refused(vote, tmp_path):
    key_file, key = new_witness(tmp_path, "one")
    with pytest.raises(KeyFault, match="of a witness, not of a log"):
        run(*serve_words(key_file, tmp_path / "s", key))
    log = new_signer("log.example").verifier
    with pytest.raises(KeyFault, match="of a log, not of a witness"):
        run("witness", "ask", vote.folder, "--witness", f"http://127.0.0.1:9={log}")
    with pytest.raises(KeyFault, match="already"):
        run("witness", "key", "--name", "one", "--out", key_file)
