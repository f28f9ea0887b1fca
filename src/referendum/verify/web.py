"""A record at an address whose host may mean harm: each answer has a bound, and a time."""

import copy
import http.client
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable

from referendum.verify.report import Mismatch, Missing

SECONDS, BYTES_A_SECOND = 30.0, 100_000
"""What one file may take: so long, and longer by its largest size at this speed."""

SECONDS_IN_TOTAL = 3_600.0
MOST_SLOW_FILES = 3
"""So many files that took too long, and nothing more is asked for."""

_READ = 1 << 16


class Web:
    """A record at an address.

    Attributes:
        seconds: what one file may take, before its size counts.
    """

    def __init__(self, address: str, seconds: float = SECONDS) -> None:
        self._address = address.rstrip("/") + "/"
        self._opener = urllib.request.build_opener(_SameHostRedirects())
        self._opener.addheaders = [("User-Agent", "referendum")]
        self._end = time.monotonic() + SECONDS_IN_TOTAL
        self._slow = 0
        self.seconds = seconds

    def read(self, path: str, most: int) -> bytes:
        """Fetch a file below the address, of at most so many bytes."""
        if self._slow >= MOST_SLOW_FILES or time.monotonic() > self._end:
            raise Mismatch("not fetched: the host answers too slowly", path)
        address = urllib.parse.urljoin(self._address, urllib.parse.quote(path))
        seconds = self.seconds + most / BYTES_A_SECOND
        seconds = min(seconds, self._end - time.monotonic())
        answer = _do_within(seconds, lambda: self._fetch(address, path, most))
        if answer is None:
            self._slow += 1
            raise Mismatch(f"the host took longer than {seconds:.0f} seconds", path)
        if isinstance(answer, Mismatch):
            raise answer
        return answer

    def names(self, path: str) -> list[str] | None:  # noqa: ARG002
        """Give nothing: the web lists no folders."""
        return None

    def outer(self) -> "Web":
        """Give the address around it; what was slow there is slow here."""
        outer = copy.copy(self)
        outer._address = urllib.parse.urljoin(self._address, "..")  # noqa: SLF001 - its own
        return outer

    def _fetch(self, address: str, path: str, most: int) -> bytes | Mismatch:
        """Fetch a file; what goes wrong is given, since it happens in another thread."""
        try:
            with self._opener.open(address, timeout=self.seconds) as answer:
                data = _read(answer, most)
        except urllib.error.HTTPError as error:
            error.close()
            return Missing(f"the file cannot be fetched: the host says {error.code}", path)
        except Exception as error:  # noqa: BLE001 - whatever a host makes go wrong
            said = str(getattr(error, "reason", "") or error) or type(error).__name__
            return Missing(f"the file cannot be fetched: {said[:200]}", path)
        if len(data) > most:
            return Mismatch(f"the file has more than {most:,} bytes: so large is none here", path)
        return data


def _read(answer: http.client.HTTPResponse, most: int) -> bytes:
    """Read an answer whole, or one byte more than it may have."""
    parts: list[bytes] = []
    size = 0
    while size <= most:
        part = answer.read(min(_READ, most + 1 - size))
        if not part:
            if answer.length:
                raise http.client.IncompleteRead(b"".join(parts), answer.length)
            break
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def _do_within(seconds: float, work: Callable[[], bytes | Mismatch]) -> bytes | Mismatch | None:
    """Do a piece of work in a thread of its own; None if it is not done in time.

    A host that sends a byte now and then keeps every limit of the socket: only the whole can have
    one. The thread that is left behind ends with the program.
    """
    done: list[bytes | Mismatch] = []
    worker = threading.Thread(target=lambda: done.append(work()), daemon=True)
    worker.start()
    worker.join(seconds)
    return done[0] if done else None


class _SameHostRedirects(urllib.request.HTTPRedirectHandler):
    """Follows an answer that leads elsewhere only on the same host, or there from http to https."""

    max_redirections = 5

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: object,
        code: int,
        msg: str,
        headers: object,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Refuse what leads to another host or from https to http."""
        here, there = urllib.parse.urlsplit(req.full_url), urllib.parse.urlsplit(newurl)
        same = (here.scheme, here.netloc) == (there.scheme, there.netloc)
        safer = (here.scheme, there.scheme) == ("http", "https") and (
            here.hostname == there.hostname
        )
        if not same and not safer:
            raise ValueError(f"it leads elsewhere, to {newurl[:100]}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]
