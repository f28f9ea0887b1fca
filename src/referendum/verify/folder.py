"""A record in a folder that somebody else may have made: no link is followed, no device is read."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from referendum.verify.report import Mismatch, Missing

MOST_NAMES = 1_000_000
"""Names that one folder of a record may list: it has as many bundles as acts, and some more."""

_FOLDER = os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY
_FILE = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
"""Without waiting: to open a pipe would wait for somebody who writes into it."""


class Folder:
    """A record in a folder; only the folder itself may be a link."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str, most: int) -> bytes:
        """Read a plain file below the folder, of at most so many bytes."""
        with self._opened(path, _FILE) as handle:
            state = os.fstat(handle)
            if not stat.S_ISREG(state.st_mode):
                raise Mismatch("this is no plain file", path)
            if state.st_size > most:
                words = f"the file has {state.st_size:,} bytes; there can be {most:,} at most"
                raise Mismatch(words, path)
            with os.fdopen(os.dup(handle), "rb") as file:
                return file.read(state.st_size)

    def names(self, path: str) -> list[str] | None:
        """List a folder; one that is not there, and a file, have no names in them."""
        try:
            with self._opened(path, _FOLDER | os.O_NOFOLLOW) as handle, os.scandir(handle) as items:
                found = []
                for item in items:
                    found.append(item.name)
                    if len(found) > MOST_NAMES:
                        raise Mismatch(f"more than {MOST_NAMES:,} files lie here", path)
        except Missing:
            return []
        return sorted(name for name in found if not name.startswith("."))

    def outer(self) -> "Folder":
        """Give the folder around it."""
        return Folder(self._root.absolute().parent)

    @contextmanager
    def _opened(self, path: str, flags: int) -> Iterator[int]:
        """Open what lies below the folder, going from folder to folder."""
        handles: list[int] = []
        try:
            handles.append(os.open(self._root, _FOLDER))
            parts = path.split("/") if path else []
            for part in parts[:-1]:
                handles.append(_open_below(part, _FOLDER | os.O_NOFOLLOW, handles[-1]))
            if parts:
                handles.append(_open_below(parts[-1], flags, handles[-1]))
            yield handles[-1]
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise Mismatch("a link lies here: links are not followed", path) from error
            raise Missing(f"the file cannot be read: {error.strerror}", path) from error
        finally:
            for handle in handles:
                os.close(handle)


def _open_below(name: str, flags: int, folder: int) -> int:
    """Open what lies in a folder; of a link in place of a folder say that it is one."""
    if name in {"", ".", ".."}:
        raise Mismatch("this leads out of the record", name)
    try:
        return os.open(name, flags, dir_fd=folder)
    except NotADirectoryError as error:
        if stat.S_ISLNK(os.lstat(name, dir_fd=folder).st_mode):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from error
        raise
