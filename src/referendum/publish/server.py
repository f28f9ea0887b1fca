"""A published site shown on this machine, for looking at it; no server for the internet.

Only plain files of the site are given: no link is followed, nothing hidden is shown, no folder is
listed.
"""

import urllib.parse
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path

from referendum.core.errors import RecordError
from referendum.record.plain_files import LARGEST_FILES, read_record_file

SECONDS = 20
"""How long a request may take to come, and an answer to be taken."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


def serve_site(site: Path, port: int) -> ThreadingHTTPServer:
    """Give a server of a site on this machine; port 0 takes any.

    Raises:
        OSError: the port cannot be used.
    """
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(SiteHandler, site.absolute()))
    server.daemon_threads = True
    return server


class SiteHandler(BaseHTTPRequestHandler):
    """Answers with the files of a site."""

    timeout = SECONDS
    server_version = "referendum"
    sys_version = ""

    def __init__(self, site: Path, *of: object) -> None:
        self._site = site
        super().__init__(*of)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer with a file."""
        self._answer(body=True)

    def do_HEAD(self) -> None:
        """Answer with what stands before a file."""
        self._answer(body=False)

    def _answer(self, *, body: bool) -> None:
        if not self._is_asked_here():
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
            return
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path, errors="replace")
        if (self._site / path.strip("/")).is_dir() and not path.endswith("/"):
            self._lead_to(f"{urllib.parse.quote(path)}/")
            return
        name = f"{path}index.html" if path.endswith("/") else path
        try:
            data = self._read(name.removeprefix("/"))
        except (OSError, ValueError, RecordError):
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", type_of(name))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if body:
            self.wfile.write(data)

    def _is_asked_here(self) -> bool:
        """Whether the address is this machine's: a page elsewhere must not read it by a name."""
        host = (self.headers.get("Host") or "").rpartition(":")[0]
        return host in {"127.0.0.1", "localhost"}

    def _lead_to(self, path: str) -> None:
        if path.startswith("//"):
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self.send_response(HTTPStatus.MOVED_PERMANENTLY)
        self.send_header("Location", path)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _read(self, path: str) -> bytes:
        if any(part.startswith(".") for part in path.split("/")):
            raise ValueError("nothing hidden is shown")
        return read_record_file(self._site, path, max(LARGEST_FILES.values()))

    def end_headers(self) -> None:
        """End the head of an answer with what every one has."""
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing of each request."""


def type_of(name: str) -> str:
    """Give the type of a file, as the log's specification (C2SP tlog-tiles) and pages ask for."""
    last = name.rpartition("/")[2]
    if last in {"checkpoint", "pages", "site"} or last.endswith((".csv", ".toml", ".txt")):
        return "text/plain; charset=utf-8"
    if last.endswith((".html", ".css", ".svg")):
        return f"{guess_type(last)[0]}; charset=utf-8"
    return (guess_type(last)[0] if "." in last else None) or "application/octet-stream"
