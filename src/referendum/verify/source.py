"""Where a record is read from: a folder, or an address on the web."""

import re
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Protocol

from referendum.verify.report import Mismatch

LARGEST_FILE = 2_000_000_000
"""Bytes that one file of a record may have here."""


class Source(Protocol):
    """Gives the files of a record by their paths."""

    def read(self, path: str) -> bytes:
        """Read a file; raises Mismatch where it is missing or unreadable."""

    def names(self, path: str) -> list[str] | None:
        """List a folder without dot files; None where folders cannot be listed."""


class Folder:
    """A record in a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str) -> bytes:
        """Read a file below the folder."""
        try:
            return (self._root / path).read_bytes()
        except OSError as error:
            raise Mismatch(f"the file cannot be read: {error.strerror}", path) from error

    def names(self, path: str) -> list[str] | None:
        """List a folder; one that is not there is empty."""
        folder = self._root / path
        if not folder.is_dir():
            return []
        return sorted(item.name for item in folder.iterdir() if not item.name.startswith("."))


class Web:
    """A record at an address."""

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/") + "/"

    def read(self, path: str) -> bytes:
        """Fetch a file below the address."""
        address = urllib.parse.urljoin(self._address, urllib.parse.quote(path))
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310 - http(s) only
                data: bytes = answer.read(LARGEST_FILE)
                return data
        except (urllib.error.URLError, TimeoutError, ValueError, OSError) as error:
            raise Mismatch(f"the file cannot be fetched: {error}", path) from error

    def names(self, path: str) -> list[str] | None:  # noqa: ARG002
        """Give nothing: the web lists no folders."""
        return None


class Below:
    """A folder below a source."""

    def __init__(self, source: Source, folder: str) -> None:
        self._source, self._folder = source, folder

    def read(self, path: str) -> bytes:
        """Read a file below the folder."""
        try:
            return self._source.read(f"{self._folder}/{path}")
        except Mismatch as mismatch:
            raise Mismatch(mismatch.words, path) from mismatch

    def names(self, path: str) -> list[str] | None:
        """List a folder below it."""
        return self._source.names(f"{self._folder}/{path}".rstrip("/"))


_PAGE = re.compile(r"index\.html?|data\.json|record\.json|site\.json")
"""Files beside the folders of a record, by which it is named too."""


def open_source(source: str) -> Source:
    """Open a folder or an http(s) address; a page stands for the folder that it lies in."""
    if source.startswith(("http://", "https://")):
        cut = source.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0]
        folder, _, last = cut.rpartition("/")
        return Web(folder if last and _PAGE.fullmatch(last) else cut)
    path = Path(source)
    return Folder(path.parent if path.is_file() else path)
