"""A witness over HTTP: what it answers, and what no client can do to it."""

import contextlib
import hashlib
import re
import socket
import threading
import time
import urllib.request

import pytest
from tests.record.witness.growing_logs import GrowingLog, opened_witness, post, served

from referendum.core.errors import BusyError
from referendum.record.log import new_signer
from referendum.record.witness import WitnessServer
from referendum.record.witness.protocol import LARGEST_BODY

LOG = GrowingLog()
QUICK = 0.6
"""Seconds that a request may take in these tests."""


@pytest.fixture
def witness(tmp_path):
    """A witness of the log."""
    with opened_witness(tmp_path / "state", LOG) as one:
        yield one


@pytest.fixture
def server(witness):
    """It, served."""
    with served(witness) as one:
        yield one


@pytest.fixture
def quick(witness):
    """It, served with little patience to four at a time."""
    with served(witness, seconds=QUICK, most=4) as one:
        yield one


def request(body, path="/add-checkpoint", more=""):
    head = f"POST {path} HTTP/1.1\r\nHost: w\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


def connected(server):
    connection = socket.create_connection(server.server_address[:2], timeout=20)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def read_all(connection):
    """Read until the server ends the connection."""
    data = b""
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(65_536):
            data += part
    return data


def statuses(data):
    return re.findall(r"^HTTP/1\.1 ([0-9]{3}) ", data.decode(), flags=re.MULTILINE)


def raw(server, data):
    """Send bytes, say that no more come, and give the statuses of what was answered."""
    with connected(server) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        return statuses(read_all(connection))


def test_a_checkpoint_is_cosigned_and_given_to_whoever_asks(server):
    status, content_type, line = post(server, LOG.body(0, 3))
    assert (status, content_type) == (200, "text/plain; charset=utf-8")
    assert line.startswith("\u2014 witness.example/w ")
    name = hashlib.sha256(LOG.signer.name.encode()).hexdigest()
    with urllib.request.urlopen(f"{server.url}/{name}/checkpoint") as answer:  # noqa: S310
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.read() == LOG.note(3) + line.encode()


def test_refusals_have_their_statuses_and_types(server):
    stranger = GrowingLog(new_signer("other.example/log"))
    assert post(server, stranger.body(0, 3))[0] == 404
    assert post(server, b"x")[0] == 400
    assert post(server, GrowingLog(new_signer(LOG.signer.name)).body(0, 1))[0] == 403
    assert post(server, LOG.body(0, 3))[0] == 200
    assert post(server, LOG.body(0, 5)) == (409, "text/x.tlog.size", "3\n")
    assert post(server, LOG.fork(1).body(3, 5))[0] == 422


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"GET / HTTP/1.1\r\nHost: w\r\n\r\n", ["404"]),
        (b"GET /add-checkpoint HTTP/1.1\r\nHost: w\r\n\r\n", ["404"]),
        (b"GET /" + b"0" * 64 + b"/checkpoint HTTP/1.1\r\nHost: w\r\n\r\n", ["404"]),
        (b"GET /../../etc/passwd HTTP/1.1\r\nHost: w\r\n\r\n", ["404"]),
        (b"PUT /add-checkpoint HTTP/1.1\r\nHost: w\r\n\r\n", ["501"]),
        (b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\n\r\n", ["411"]),
        (b"POST /add-checkpoint HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ["411"]),
        (
            b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
            ["411"],
        ),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: -1\r\n\r\n", ["400"]),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: +5\r\n\r\nold 0", ["400"]),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 0x5\r\n\r\nold 0", ["400"]),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 9\r\n\r\nold 0", ["400"]),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 131073\r\n\r\n", ["413"]),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", ["400"]),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", []),
        (b"\r\n\r\n", []),
        (b"", []),
        (b"GET / HTTP/9.9\r\n\r\n", []),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", ["431"]),
        (b"GET / HTTP/1.1\r\nA: " + b"b" * 70_000 + b"\r\n\r\n", ["431"]),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", ["414"]),
        (b"A" * 1_000_000, ["414"]),
    ],
)
def test_a_hostile_request_is_refused_and_the_next_client_served(server, data, expected):
    answered = raw(server, data)
    assert answered in (expected, [])  # what is not read to its end may be reset before the answer
    assert answered == expected or len(data) > 1_000
    assert post(server, LOG.body(0, 1))[0] == 200


def test_the_largest_body_is_read_and_one_byte_more_is_not(server):
    assert post(server, b" " * LARGEST_BODY)[0] == 400
    assert raw(server, request(b" " * (LARGEST_BODY + 1))) in (["413"], [])


def test_the_body_of_a_get_is_not_taken_for_a_request(server):
    smuggled = request(LOG.body(0, 1))
    head = f"GET / HTTP/1.1\r\nContent-Length: {len(smuggled)}\r\n\r\n".encode()
    assert raw(server, head + smuggled) == ["404"]


def test_a_client_that_asks_before_it_sends_is_let(server):
    body = LOG.body(0, 2)
    whole = request(body, more="Expect: 100-continue\r\n")
    with connected(server) as connection:
        connection.sendall(whole[: -len(body)])
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert connection.recv(1_000).startswith(b"HTTP/1.1 200 ")


def test_one_connection_serves_many_requests_in_turn(server):
    with connected(server) as connection:
        for size in range(1, 20):
            connection.sendall(request(LOG.body(size - 1, size)))
            assert connection.recv(65_536).startswith(b"HTTP/1.1 200 ")


def test_requests_sent_together_are_answered_in_their_order(server):
    bodies = [LOG.body(size - 1, size) for size in range(1, 60)]
    wrong = [LOG.body(0, 2), b"x"]
    data = b"".join(request(body) for body in [*bodies, *wrong])
    data += b"GET / HTTP/1.1\r\n\r\n" + b"POST /add-checkpoint HTTP/1.1\r\n\r\n"
    assert raw(server, data) == ["200"] * 59 + ["409", "400", "404", "411"]


def test_a_client_that_drips_is_cut_off_in_time(quick):
    whole = request(LOG.body(0, 1))
    began = time.monotonic()
    with connected(quick) as connection, contextlib.suppress(ConnectionError):
        for place in range(len(whole)):
            connection.sendall(whole[place : place + 1])
            time.sleep(0.02)
            if time.monotonic() - began > 15:
                break
    assert QUICK * 0.5 < time.monotonic() - began < 15
    assert quick.witness.state.last_cosigned(LOG.signer.name) is None


@pytest.mark.parametrize(
    "sent", [b"", b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 9\r\n\r\n"]
)
def test_a_client_that_falls_silent_is_cut_off(quick, sent):
    with connected(quick) as connection:
        connection.sendall(sent)
        assert read_all(connection) == b""


def test_the_slow_cannot_keep_out_the_quick(witness):
    with served(witness, seconds=60, most=4) as server:
        with contextlib.ExitStack() as stack:
            slow = [stack.enter_context(connected(server)) for _ in range(40)]
            for connection in slow:
                with contextlib.suppress(ConnectionError):
                    connection.sendall(b"POST /add-checkpoint HTTP/1.1\r\n")
            for size in range(1, 6):
                assert post(server, LOG.body(size - 1, size))[0] == 200
        assert len(server.connections._waiting_since) <= 4


def test_connections_that_end_are_forgotten(server):
    for _ in range(20):
        connected(server).close()
        raw(server, b"x\r\n\r\n")
    ends = time.monotonic() + 20
    while server.connections._waiting_since and time.monotonic() < ends:
        time.sleep(0.02)
    assert server.connections._waiting_since == {}


def test_where_all_are_at_work_a_further_one_is_turned_away(tmp_path):
    with opened_witness(tmp_path / "state", LOG) as witness, served(witness, most=2) as server:
        clients = [threading.Thread(target=post, args=(server, LOG.body(0, 1))) for _ in range(2)]
        with witness.state._database_lock:  # nobody gets an answer
            for client in clients:
                client.start()
            ends = time.monotonic() + 20
            while time.monotonic() < ends and (
                list(server.connections._waiting_since.values()) != [None, None]
            ):
                time.sleep(0.02)
            turned_away = raw(server, request(LOG.body(0, 1)))
        for client in clients:
            client.join()
        assert turned_away == []
        assert post(server, LOG.body(1, 2))[0] == 200


def test_a_state_that_cannot_be_written_is_503_and_told(tmp_path):
    faults = []
    with (
        opened_witness(tmp_path / "state", LOG) as witness,
        served(witness, on_fault=faults.append) as server,
    ):
        assert post(server, LOG.body(0, 1))[0] == 200
        witness.state._database.execute("PRAGMA query_only=1")
        assert post(server, LOG.body(1, 2))[0] == 503
        witness.state._database.execute("PRAGMA query_only=0")
        assert post(server, LOG.body(1, 2))[0] == 200
    assert "cannot be used" in str(faults[0])


def test_an_address_that_is_taken_is_told(server):
    with pytest.raises(BusyError, match="cannot be used"):
        WitnessServer(server.server_address[:2], server.witness)


def test_it_answers_over_ipv6_too(witness):
    try:
        server = WitnessServer(("::1", 0), witness)
    except BusyError:
        pytest.skip("this machine has no IPv6: nothing was shown here")
    assert server.url.startswith("http://[::1]:")
    server.server_close()
