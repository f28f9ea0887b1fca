"""A witness over HTTP: C2SP tlog-witness, `add-checkpoint`, and the checkpoint cosigned last.

The standard library's server, a thread for each connection, with three bounds that it lacks: on the
seconds and bytes of a request as a whole, so that a client that sends a byte now and then is cut
off, and on the number of connections. Where that is reached, the one that has been silent or slow
for longest gives way, so that the slow cannot keep out the quick.
"""

import io
import re
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, cast

from referendum.core.errors import BusyError, ReferendumError
from referendum.record.witness.protocol import LARGEST_BODY, PLAIN, Refusal, Reply
from referendum.record.witness.service import Witness

REQUEST_SECONDS = 10.0
"""For a request to arrive, the wait before its first byte included; and to take its answer."""

MOST_CONNECTIONS = 256
MOST_TOGETHER = 16
"""Requests of one connection that are answered together."""

LARGEST_HEAD = 32_768
"""Bytes of a request's line and headers."""

_LENGTH = re.compile(r"[0-9]{1,9}", re.ASCII)
_NOTHING = Refusal(404, "there is nothing here").reply
_LATEST = re.compile(r"/([0-9a-f]{64})/checkpoint", re.ASCII)


class _BoundedStream(io.RawIOBase):
    """Reads a connection within what is left of a request's seconds and bytes."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__()
        self._connection = connection
        self.wait = True
        self._deadline = 0.0
        self._left = 0

    def allow(self, seconds: float, size: int) -> None:
        """Begin a request."""
        self._deadline = time.monotonic() + seconds
        self._left = size

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - whatever can be written into
        """Read what has come; nothing where the bytes are used up."""
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError("the request took too long")
        self._connection.settimeout(remaining if self.wait else 0)
        view = memoryview(buffer)[: self._left]
        try:
            count = self._connection.recv_into(view) if len(view) else 0
        except BlockingIOError:
            return None
        self._left -= count
        return count


class _Connections:
    """The connections that stand, and since when each has kept the server waiting."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._waiting_since: dict[socket.socket, float | None] = {}

    def admit(self, connection: socket.socket) -> bool:
        """Take a connection in; where there is no room, the one waited for longest is closed."""
        with self._lock:
            if len(self._waiting_since) >= self._most:
                waits = {
                    one: since for one, since in self._waiting_since.items() if since is not None
                }
                if not waits:
                    return False
                slowest = min(waits, key=waits.__getitem__)
                del self._waiting_since[slowest]
                _close_both_ways(slowest)
            self._waiting_since[connection] = time.monotonic()
            return True

    def mark(self, connection: socket.socket, *, waiting: bool) -> None:
        """Say that the server now waits for a request of this connection, or has it."""
        with self._lock:
            if connection in self._waiting_since:
                self._waiting_since[connection] = time.monotonic() if waiting else None

    def forget(self, connection: socket.socket) -> None:
        """Let a connection go."""
        with self._lock:
            self._waiting_since.pop(connection, None)


def _close_both_ways(connection: socket.socket) -> None:
    """End a connection that another thread reads: its read returns at once."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the client was quicker


class WitnessServer(socketserver.ThreadingTCPServer):
    """Serves a witness until `shutdown`.

    Args:
        address: host and port; port 0 takes a free one.
        witness: who answers.
        seconds: for one request to arrive.
        most: connections at a time.
        on_fault: called with what keeps the witness from answering.
    """

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(
        self,
        address: tuple[str, int],
        witness: Witness,
        *,
        seconds: float = REQUEST_SECONDS,
        most: int = MOST_CONNECTIONS,
        on_fault: Callable[[ReferendumError], None] = lambda _: None,
    ) -> None:
        self.witness = witness
        self.seconds = seconds
        self.on_fault = on_fault
        self.connections = _Connections(most)
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        try:
            super().__init__(address, _Handler)
        except (OSError, OverflowError) as error:
            told = getattr(error, "strerror", None) or error
            raise BusyError(
                f"{address[0]}:{address[1]} cannot be used: {told}",
                hint="name another with --listen HOST:PORT",
            ) from error

    @property
    def url(self) -> str:
        """The address at which it answers."""
        host, port = self.socket.getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ANN401, ARG002
        """Take a connection in, if there is room."""
        return self.connections.admit(cast("socket.socket", request))

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401
        """Close a connection."""
        self.connections.forget(cast("socket.socket", request))
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Say nothing of clients that went away; tell of everything else."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    error_content_type = PLAIN
    error_message_format = "%(code)d %(message)s\n"
    server: WitnessServer

    def setup(self) -> None:
        """Read through a bounded stream."""
        super().setup()
        self._stream = _BoundedStream(self.connection)
        self.rfile = self._reader = io.BufferedReader(self._stream)
        self._unanswered: list[Callable[[], Reply]] = []

    def handle(self) -> None:
        """Answer requests until the connection ends."""
        super().handle()
        self._answer()

    def handle_one_request(self) -> None:
        """Take one request, if it comes in time; what comes together is answered together."""
        self.server.connections.mark(self.connection, waiting=True)
        self._stream.allow(self.server.seconds, LARGEST_HEAD + LARGEST_BODY)
        super().handle_one_request()

    def handle_expect_100(self) -> bool:
        """Let a client that asks first send its body."""
        going_on = super().handle_expect_100()
        self.wfile.flush()
        return going_on

    def do_POST(self) -> None:
        """Answer `add-checkpoint`."""
        body = self._read_body()
        if body is None:
            return
        known = self.path == "/add-checkpoint"
        self._unanswered.append(self.server.witness.begin(body) if known else lambda: _NOTHING)
        if len(self._unanswered) >= MOST_TOGETHER or not self._has_more():
            self._answer()

    def do_GET(self) -> None:
        """Answer with the checkpoint of a log."""
        if "Transfer-Encoding" in self.headers or "Content-Length" in self.headers:
            self.close_connection = True  # its body is not read
        match = _LATEST.fullmatch(self.path)
        latest = self.server.witness.latest
        self._unanswered.append(partial(latest, match[1]) if match else lambda: _NOTHING)
        self._answer()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what cannot be taken, after what came before it."""
        self._answer()
        super().send_error(code, message, explain)

    def _has_more(self) -> bool:
        """Whether the client has sent more than what was read."""
        self._stream.wait = False
        try:
            return bool(self._reader.peek(1))
        finally:
            self._stream.wait = True
            self.connection.settimeout(self.server.seconds)

    def _answer(self) -> None:
        """Answer what was asked so far, in its order."""
        work, self._unanswered = self._unanswered, []
        self.server.connections.mark(self.connection, waiting=False)
        replies = [self._reply(one) for one in work]
        self.server.connections.mark(self.connection, waiting=True)
        for reply in replies:
            self._send(reply)

    def _reply(self, work: Callable[[], Reply]) -> Reply:
        try:
            return work()
        except BusyError as error:
            self.server.on_fault(error)
            return Reply(503, "the state cannot be written now\n")
        except ReferendumError as error:
            self.server.on_fault(error)
            return Reply(500, "this witness cannot cosign\n")

    def _read_body(self) -> bytes | None:
        """Read a request's body; where its length cannot be trusted, answer and end."""
        length, fault = self._length()
        body = self.rfile.read(length) if fault is None else b""
        if fault is None and len(body) < length:
            fault = HTTPStatus.BAD_REQUEST
        if fault is not None:
            self.close_connection = True
            self.send_error(fault)
            return None
        return body

    def _length(self) -> tuple[int, HTTPStatus | None]:
        """Give the length of the body, or what is wrong with how it is stated."""
        lengths = self.headers.get_all("Content-Length", [])
        if "Transfer-Encoding" in self.headers or len(lengths) != 1:
            return 0, HTTPStatus.LENGTH_REQUIRED
        if not _LENGTH.fullmatch(lengths[0].strip()):
            return 0, HTTPStatus.BAD_REQUEST
        length = int(lengths[0])
        return length, HTTPStatus.REQUEST_ENTITY_TOO_LARGE if length > LARGEST_BODY else None

    def _send(self, reply: Reply) -> None:
        self.connection.settimeout(self.server.seconds)
        data = reply.body.encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(data)

    def version_string(self) -> str:
        """Give the name of this server, without versions."""
        return "referendum-witness"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing of each request."""
