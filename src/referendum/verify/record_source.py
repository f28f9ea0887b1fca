"""Where a record is read from: a folder, or an address on the web.

Whoever made the record may mean harm, so nothing is read beyond a bound that the format sets, and
nothing that lies outside of the record.
"""

import re
from pathlib import Path
from typing import Protocol

from referendum.verify.checkpoint import LARGEST_RECORD_JSON
from referendum.verify.folder import Folder
from referendum.verify.report import Mismatch
from referendum.verify.web import Web


class Source(Protocol):
    """Gives the files of a record by their paths."""

    def read(self, path: str, most: int) -> bytes:
        """Read a file of at most so many bytes.

        Raises:
            Missing: there is none, or it cannot be read.
            Mismatch: it is larger, or no plain file of the record.
        """

    def names(self, path: str) -> list[str] | None:
        """List a folder without dot files; None where folders cannot be listed.

        Raises:
            Mismatch: it is a link, or lists more than a record can have.
        """

    def outer(self) -> "Source":
        """Give what is around it: the site of a record."""


class SourceBelow:
    """A folder below a source."""

    def __init__(self, source: Source, folder: str) -> None:
        self._source, self._folder = source, folder

    def read(self, path: str, most: int) -> bytes:
        """Read a file below the folder, of at most so many bytes."""
        try:
            return self._source.read(f"{self._folder}/{path}", most)
        except Mismatch as mismatch:
            raise type(mismatch)(mismatch.words, path) from mismatch

    def names(self, path: str) -> list[str] | None:
        """List a folder below it."""
        return self._source.names(f"{self._folder}/{path}".rstrip("/"))

    def outer(self) -> Source:
        """Give the source that it is below of."""
        return self._source


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


def records_below(source: Source) -> list[str]:
    """Name the folders of a source in which records lie; none where folders cannot be listed."""
    found = []
    for name in (source.names("") or [])[:100]:
        try:
            source.read(f"{name}/record.json", LARGEST_RECORD_JSON)
        except Mismatch:
            continue
        found.append(name)
    return found
