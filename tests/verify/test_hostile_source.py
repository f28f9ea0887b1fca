"""Folders and hosts that mean harm: each stops at a bound, in words, and never hangs."""

import os
import threading
import time
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest

from forger import Forger
from referendum.record.log import new_signer
from referendum.verify import tree, web
from referendum.verify import verify as verify_record
from referendum.verify.folder import Folder
from referendum.verify.record_source import open_source
from referendum.verify.report import Mismatch, Missing
from referendum.verify.web import Web

SIGNER = new_signer("tests.example/hostile")


@pytest.fixture
def folder(tmp_path):
    """A folder with a file and a folder, and a secret beside it."""
    inner = tmp_path / "record"
    (inner / "log").mkdir(parents=True)
    (inner / "record.json").write_bytes(b"{}")
    (tmp_path / "secret.txt").write_text("secret")
    return inner


def read(folder, path, most=100):
    """Read a file of a folder."""
    return Folder(folder).read(path, most)


def test_plain_files_below_the_folder_are_read(folder):
    assert read(folder, "record.json", 2) == b"{}"
    assert Folder(folder).names("") == ["log", "record.json"]
    assert Folder(folder).names("log") == Folder(folder).names("nowhere") == []
    assert Folder(folder).names("record.json") == []
    with pytest.raises(Missing, match="No such file"):
        read(folder, "log/checkpoint")


@pytest.mark.parametrize("path", ["../secret.txt", "log/../record.json", "/etc/hostname", "./log"])
def test_no_path_leads_out_of_the_folder(folder, path):
    with pytest.raises(Mismatch, match="leads out of the record"):
        read(folder, path)


def test_no_link_is_followed(folder):
    (folder / "link").symlink_to(folder.parent / "secret.txt")
    (folder / "loop").symlink_to(folder)
    (folder / "nothing").symlink_to("/nowhere")
    for path in ("link", "loop/record.json", "nothing", "loop"):
        with pytest.raises(Mismatch, match="links are not followed") as caught:
            read(folder, path)
        assert not isinstance(caught.value, Missing)
    with pytest.raises(Mismatch, match="links are not followed"):
        Folder(folder).names("loop")


def test_the_folder_itself_may_be_a_link(folder):
    (folder.parent / "here").symlink_to(folder)
    assert read(folder.parent / "here", "record.json") == b"{}"


def test_pipes_devices_and_folders_are_no_files(folder):
    os.mkfifo(folder / "pipe")
    for path in ("pipe", "log"):
        with pytest.raises(Mismatch, match="no plain file"):
            read(folder, path)


def test_no_file_is_read_beyond_its_bound(folder):
    with (folder / "large").open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(Mismatch, match="1,000,000,000,000 bytes; there can be 100"):
        read(folder, "large")


def test_a_record_with_a_pipe_or_loops_in_it_fails_in_words(published_copy):
    for place, harm, words in (
        ("log/checkpoint", os.mkfifo, "no plain file"),
        ("log/tile/9", lambda path: path.symlink_to("."), "links are not followed"),
        ("log/tile/0/deep", make_deep, "deeper"),
    ):
        folder = published_copy()
        path = folder / place
        path.unlink(missing_ok=True)
        harm(path)
        report = verify_record(str(folder))
        assert words in " ".join(finding.words for finding in report.failures)


def make_deep(path):
    """Make folders in folders, many."""
    (path / "/".join(["a"] * 30)).mkdir(parents=True)


@pytest.fixture
def published_copy(vote, tmp_path):
    """Gives copies of a small record's published files."""
    forger, copies = Forger(vote.folder), iter(range(100))

    def copy():
        folder = tmp_path / str(next(copies))
        for name, data in forger.build(SIGNER).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return folder

    return copy


def test_a_log_of_more_acts_than_a_record_can_have_is_not_read():
    with pytest.raises(Mismatch, match=r"1,000,000,000,000 acts; there can be 1,000,000"):
        tree.read_entries(Folder("/nowhere"), 10**12)


@contextmanager
def host(answer):
    """A host that answers each request as told; gives its address."""

    class Handler(StreamRequestHandler):
        def handle(self):
            while self.rfile.readline().strip():
                pass
            try:
                answer(self.wfile)
            except OSError:
                return

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def plain(body, length=None):
    """An answer with a body."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body) if length is None else length}\r\n\r\n"
    return lambda wfile: wfile.write(head.encode() + body)


def says(data):
    """An answer of just these bytes."""
    return lambda wfile: wfile.write(data)


def endless(wfile):
    """A body that has no end."""
    wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        wfile.write(b"x" * 100_000)


def drip(wfile):
    """A byte now and then."""
    wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n")
    for _ in range(50):
        wfile.write(b"x")
        wfile.flush()
        time.sleep(0.2)


def drip_heads(wfile):
    """A head that comes letter by letter."""
    wfile.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(100):
        wfile.write(b"X")
        wfile.flush()
        time.sleep(0.1)


def test_a_file_is_fetched():
    with host(plain(b"{}")) as address:
        assert Web(address).read("record.json", 2) == b"{}"
        assert Web(address).names("") is None


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (plain(b"xyz"), "more than 2 bytes"),
        (endless, "more than 2 bytes"),
        (plain(b"x", 2), "cannot be fetched: IncompleteRead"),
        (says(b"HTTP/1.1 404 Gone\r\nContent-Length: 0\r\n\r\n"), "the host says 404"),
        (says(b"HELLO\r\n"), "cannot be fetched: "),
        (says(b""), "cannot be fetched: "),
        (says(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000), "cannot be fetched: "),
        (says(b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 200 + b"\r\n"), "cannot be fetched: "),
        (
            says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
            "cannot be fetched: ",
        ),
        (
            says(b"HTTP/1.1 302 Go\r\nLocation: http://elsewhere.example/\r\n\r\n"),
            "leads elsewhere",
        ),
        (says(b"HTTP/1.1 302 Go\r\nLocation: file:///etc/hostname\r\n\r\n"), "cannot be fetched"),
        (says(b"HTTP/1.1 302 Go\r\nLocation: /again\r\n\r\n"), "cannot be fetched"),
        (says(b"HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:abc/\r\n\r\n"), "cannot be fetched"),
    ],
)
def test_whatever_a_host_does_is_said_in_words(answer, words):
    with host(answer) as address, pytest.raises(Mismatch) as caught:
        Web(address).read("record.json", 2)
    assert words in caught.value.words


@pytest.mark.parametrize("answer", [drip, drip_heads])
def test_a_host_that_drips_is_given_up(answer, monkeypatch):
    monkeypatch.setattr(web, "BYTES_A_SECOND", 10**9)
    with host(answer) as address:
        slow, began = Web(address, seconds=0.3), time.monotonic()
        for _ in range(web.MOST_SLOW_FILES):
            with pytest.raises(Mismatch, match="took longer than"):
                slow.read("record.json", 100)
        with pytest.raises(Mismatch, match="answers too slowly"):
            slow.read("record.json", 100)
        assert time.monotonic() - began < 5


def test_a_record_on_the_web_is_checked_as_in_a_folder(published_copy):
    folder = published_copy()
    quiet = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    with ThreadingTCPServer(("127.0.0.1", 0), partial(quiet, directory=str(folder))) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        report = verify_record(f"http://127.0.0.1:{server.server_address[1]}/record.json")
        server.shutdown()
    assert report.holds, report.failures
    assert isinstance(open_source("http://a.example/"), Web)
