"""Asking witnesses: who cosigned, who failed and why; the checkpoint is never undone."""

import contextlib
import shutil
import socket
import threading
import time
from contextlib import contextmanager

import pytest
from tests.record.witness.growing_logs import GrowingLog, opened_witness, served

from referendum.core.errors import BusyError, InputError, KeyFault, OrderError
from referendum.record.log import Log, LogWriter, new_signer
from referendum.record.log.tile_log import lock_log
from referendum.record.witness import (
    WitnessAddress,
    ask_witnesses,
    client,
    find_cosignatures,
    new_cosigner,
    put_cosignatures,
    read_witness_address,
)

SIGNER = new_signer("tests.example/log")
KEY = SIGNER.verifier


def append(folder, count):
    """Append entries to the log, which is made the first time."""
    maker = LogWriter.hold if (folder / "checkpoint").exists() else LogWriter.create
    with maker(folder, SIGNER) as log:
        log.append([b"entry %d" % (log.size + number) for number in range(count)])
    return Log.open(folder, KEY)


@contextmanager
def answering(tmp_path, *names):
    """Witnesses of the log, each served, as the addresses at which they are asked."""
    with contextlib.ExitStack() as stack:
        addresses = []
        for name in names:
            cosigner = new_cosigner(name)
            of = opened_witness(tmp_path / name, GrowingLog(SIGNER), cosigner=cosigner)
            server = stack.enter_context(served(stack.enter_context(of)))
            addresses.append(WitnessAddress(server.url, cosigner.verifier))
        yield addresses


@contextmanager
def saying(*parts, pause=0.0, endless=False):
    """A server that says the same to everyone, in parts; the prefix at which it is reached."""
    listening = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve():
        with contextlib.suppress(OSError):
            while not ended.is_set():
                connection, _ = listening.accept()
                threading.Thread(target=say, args=(connection,), daemon=True).start()

    def say(connection):
        with contextlib.suppress(OSError), connection:
            request = connection.makefile("rb")  # read to its end, or the answer may be reset
            while (line := request.readline()).strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            request.read(length)
            for part in parts:
                connection.sendall(part)
                ended.wait(pause)
            while endless and not ended.wait(0.05):
                connection.sendall(b"x")

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        ended.set()
        listening.close()


def http(status, body, more=b""):
    length = b"Content-Length: %d\r\n" % len(body)
    return b"HTTP/1.1 %d X\r\n%s%sConnection: close\r\n\r\n%s" % (status, length, more, body)


def only_answer(log, url, seconds=20.0, key=None):
    key = key or new_cosigner("w.example").verifier
    return ask_witnesses(log, [WitnessAddress(url, key)], seconds)[0]


def test_witnesses_cosign_a_log_that_grows_by_tiles(tmp_path):
    with answering(tmp_path, "a.example", "b.example") as addresses:
        keys = [address.key for address in addresses]
        for count in (1, 254, 1, 1, 300, 5_000):
            log = append(tmp_path / "log", count)
            answers = ask_witnesses(log, addresses)
            assert [answer.failure for answer in answers] == ["", ""]
            note = put_cosignatures(log, KEY, answers)
            assert (tmp_path / "log" / "checkpoint").read_bytes() == note
            assert set(find_cosignatures(note, keys)) == set(keys)
            assert Log.open(tmp_path / "log", KEY).head == log.head


def test_cosignatures_that_are_there_stay_and_those_of_an_earlier_checkpoint_go(tmp_path):
    with answering(tmp_path, "a.example", "b.example") as (a, b):
        log = append(tmp_path / "log", 3)
        put_cosignatures(log, KEY, ask_witnesses(log, [a]))
        log = Log.open(tmp_path / "log", KEY)
        note = put_cosignatures(log, KEY, ask_witnesses(log, [b]))
        assert set(find_cosignatures(note, [a.key, b.key])) == {a.key, b.key}
        log = append(tmp_path / "log", 1)
        assert find_cosignatures(log.checkpoint, [a.key, b.key]) == {}
        note = put_cosignatures(log, KEY, ask_witnesses(log, [a]))
        assert set(find_cosignatures(note, [a.key, b.key])) == {a.key}


def test_acts_that_are_appended_meanwhile_are_not_undone(tmp_path):
    with answering(tmp_path, "a.example") as addresses:
        log = append(tmp_path / "log", 3)
        answers = ask_witnesses(log, addresses)
        later = append(tmp_path / "log", 2)
        with pytest.raises(OrderError, match="appended while"):
            put_cosignatures(log, KEY, answers)
        assert (tmp_path / "log" / "checkpoint").read_bytes() == later.checkpoint


def test_a_writer_is_waited_for_and_at_last_told(tmp_path, monkeypatch):
    with answering(tmp_path, "a.example") as addresses:
        log = append(tmp_path / "log", 3)
        answers = ask_witnesses(log, addresses)
    held, release = threading.Event(), threading.Event()

    def hold():
        with lock_log(log.folder):
            held.set()
            release.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(30)
    monkeypatch.setattr(client, "LOCK_SECONDS", 0.2)
    with pytest.raises(BusyError):
        put_cosignatures(log, KEY, answers)
    assert (log.folder / "checkpoint").read_bytes() == log.checkpoint
    monkeypatch.setattr(client, "LOCK_SECONDS", 30.0)
    threading.Timer(0.2, release.set).start()
    assert put_cosignatures(log, KEY, answers) != log.checkpoint
    holder.join()


def test_asking_and_appending_at_once_never_shortens_the_log(tmp_path):
    folder = tmp_path / "log"
    append(folder, 1)
    stop = threading.Event()
    sizes = []

    def ask(addresses):
        while not stop.is_set():
            log = Log.open(folder, KEY)
            with contextlib.suppress(OrderError):
                put_cosignatures(log, KEY, ask_witnesses(log, addresses))

    with answering(tmp_path, "a.example") as addresses:
        asking = [threading.Thread(target=ask, args=(addresses,)) for _ in range(2)]
        for thread in asking:
            thread.start()
        while len(sizes) < 25:
            with contextlib.suppress(BusyError):
                sizes.append(append(folder, 1).size)
        stop.set()
        for thread in asking:
            thread.join()
    assert sizes == list(range(2, 27))
    assert list(Log.open(folder, KEY).entries()) == [b"entry %d" % number for number in range(26)]


def test_a_copy_that_is_older_than_what_the_witness_saw_is_told(tmp_path):
    with answering(tmp_path, "a.example") as addresses:
        append(tmp_path / "log", 3)
        shutil.copytree(tmp_path / "log", tmp_path / "old")
        log = append(tmp_path / "log", 2)
        ask_witnesses(log, addresses)
        answer = ask_witnesses(Log.open(tmp_path / "old", KEY), addresses)[0]
    assert answer.conflict
    assert "has seen 5 acts of this log, here are 3" in answer.failure


def test_another_history_is_told_of_the_same_size_and_of_a_larger(tmp_path):
    with answering(tmp_path, "a.example") as addresses:
        append(tmp_path / "log", 3)
        shutil.copytree(tmp_path / "log", tmp_path / "other")
        with LogWriter.hold(tmp_path / "other", SIGNER) as other:
            other.append([b"another history"])
        ask_witnesses(append(tmp_path / "log", 1), addresses)
        same = ask_witnesses(Log.open(tmp_path / "other", KEY), addresses)[0]
        with LogWriter.hold(tmp_path / "other", SIGNER) as other:
            other.append([b"and more"])
        larger = ask_witnesses(Log.open(tmp_path / "other", KEY), addresses)[0]
    assert (same.conflict, same.failure) == (True, "it has seen another history of 4 acts")
    assert larger.conflict
    assert "does not find this log to contain what it has seen (422" in larger.failure


@pytest.fixture
def log(tmp_path):
    """A log of three entries."""
    return append(tmp_path / "log", 3)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (http(404, b"no\n"), "does not know this log, or the address is wrong (404: no)"),
        (http(403, b""), "does not take this log's signature (403)"),
        (http(500, b"\x1b[2J" * 9), "it refuses (500"),
        (http(200, b"well signed"), "no cosignature"),
        (http(200, b"\xff\xff"), "no cosignature"),
        (http(200, b""), "no cosignature"),
        (http(200, b"x" * 200_000), "more than 131,072 bytes"),
        (http(409, b"many\n"), "states no size"),
        (http(409, b"-1\n"), "states no size"),
        (http(409, b"9" * 40), "states no size"),
        (http(409, b"0\n"), "it refuses old size 0 and states 0"),
        (http(302, b"", b"Location: http://127.0.0.1:1/\r\n"), "it refuses (302)"),
        (http(307, b"", b"Location: file:///etc/passwd\r\n"), "it refuses (307)"),
        (b"HTTP/1.1 200 X\r\nContent-Length: 99\r\n\r\nshort", "no cosignature"),
        (b"garbage\r\n\r\n", "cannot be reached"),
        (b"", "cannot be reached"),
        (b"HTTP/1.1 200 X\r\n" + b"A: b\r\n" * 300 + b"\r\n", "cannot be reached"),
    ],
)
def test_an_answer_that_is_no_cosignature_is_a_failure_with_its_reason(log, answer, words):
    with saying(answer) as url:
        got = only_answer(log, url)
    assert words in got.failure
    assert (got.line, got.time) == ("", 0)


@pytest.mark.parametrize("text", ["of the same log", "of another size"])
def test_a_cosignature_by_another_key_or_over_another_text_is_no_cosignature(log, text):
    key, other = new_cosigner("w.example"), new_cosigner("w.example")
    if text == "of the same log":
        line, words = other.cosign(log.head.text, 1_800_000_000), "is not signed by w.example"
    else:
        line, words = key.cosign(GrowingLog(SIGNER).checkpoint(9).text, 1), "not over this"
    with saying(http(200, line.encode())) as url:
        assert words in only_answer(log, url, key=key.verifier).failure


def test_further_cosignatures_in_an_answer_are_passed_over(log):
    key, other = new_cosigner("w.example"), new_cosigner("x.example")
    lines = [one.cosign(log.head.text, 1_800_000_000) for one in (other, key)]
    with saying(http(200, "".join(lines).encode())) as url:
        answer = only_answer(log, url, key=key.verifier)
    assert answer.line == lines[1]


def test_sizes_that_change_with_every_answer_are_given_up(log):
    sizes = iter(range(100))
    with saying(b"") as url:
        post = client._post
        try:
            client._post = lambda *_: (409, b"%d\n" % (1 + next(sizes) % 2))
            assert "changed with every request" in only_answer(log, url).failure
        finally:
            client._post = post


def test_the_slow_are_left_behind_and_the_quick_counted(log, tmp_path):
    began = time.monotonic()
    with (
        saying(b"", pause=60) as silent,
        saying(b"HTTP/1.1 200 X\r\nA: ", endless=True) as dripping,
        answering(tmp_path, "a.example") as (quick,),
    ):
        slow = [WitnessAddress(url, new_cosigner("w").verifier) for url in (silent, dripping)]
        answers = ask_witnesses(log, [*slow, quick], seconds=3)
    assert time.monotonic() - began < 20
    assert "no answer" in answers[0].failure or "timed out" in answers[0].failure
    assert "no answer within 3 seconds" in answers[1].failure
    assert answers[2].line


def test_nobody_at_the_address_is_told(log):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert "cannot be reached" in only_answer(log, f"http://127.0.0.1:{port}").failure
    assert "cannot be reached" in only_answer(log, "http://no-such-host.invalid").failure


def test_an_address_has_a_url_and_the_key_of_a_witness():
    key = new_cosigner("w.example/1").verifier
    read = read_witness_address(f"https://w.example/prefix/={key}")
    assert read == WitnessAddress("https://w.example/prefix", key)
    for text in (str(key), f"w.example={key}", f"file:///etc/passwd={key}", f"={key}"):
        with pytest.raises(InputError):
            read_witness_address(text)
    with pytest.raises(KeyFault, match="of a log, not of a witness"):
        read_witness_address(f"https://w.example={KEY}")
