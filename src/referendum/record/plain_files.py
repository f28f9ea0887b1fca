"""Files of a record that somebody else may have made: no link is followed, nothing but files read.

Whoever made a record may put a link to a private file in place of a published one, or a pipe that
nobody writes into. Bounds are those of the record's specification (docs/record.md, section 1).
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from referendum.core.errors import RecordError

LARGEST_HEAD, LARGEST_NOTE, LARGEST_MANIFEST = 10_000, 100_000, 500_000
LARGEST_FILES = {"csv": 10**9, "json": 10**8, "toml": 10**6, "txt": 10**6}
"""Bytes of a file of a public bundle, by its ending."""

_FOLDER = os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY
_FILE = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK


def read_record_file(folder: Path, path: str, most: int) -> bytes:
    """Read a plain file below a record's folder, of at most so many bytes.

    Only the folder itself may be a link.

    Raises:
        FileNotFoundError: there is none.
        RecordError: a link or something other than a file lies there, or it is larger.
    """
    where = str(folder / path)
    with _open_below(folder, path, where) as handle:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode):
            raise RecordError("this is no plain file", where=where)
        if state.st_size > most:
            raise RecordError(
                f"the file has {state.st_size:,} bytes; there can be {most:,} at most", where=where
            )
        with os.fdopen(os.dup(handle), "rb") as file:
            return file.read(state.st_size)


def read_key_bytes(path: Path, most: int) -> bytes:
    """Read the file of a key, which a link may lead to; at most one byte more than it can have.

    Raises:
        OSError: it cannot be read, or is no plain file (a pipe would wait for ever).
    """
    handle = os.open(path, _FILE)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "this is no plain file")
        with os.fdopen(os.dup(handle), "rb") as file:
            return file.read(most + 1)
    finally:
        os.close(handle)


@contextmanager
def _open_below(folder: Path, path: str, where: str) -> Iterator[int]:
    """Open what lies below a folder, going from folder to folder."""
    handles: list[int] = []
    try:
        handles.append(os.open(folder, _FOLDER))
        *outer, name = path.split("/")
        for part in outer:
            handles.append(_open_in(part, _FOLDER, handles[-1], where))
        handles.append(_open_in(name, _FILE, handles[-1], where))
        yield handles[-1]
    finally:
        for handle in handles:
            os.close(handle)


def _open_in(name: str, flags: int, folder: int, where: str) -> int:
    if name in {"", ".", ".."}:
        raise RecordError("this leads out of the record", where=where)
    try:
        return os.open(name, flags | os.O_NOFOLLOW, dir_fd=folder)
    except OSError as error:
        link = error.errno == errno.ELOOP or (
            error.errno == errno.ENOTDIR
            and stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
        )
        if link:
            raise RecordError("a link lies here: links are not followed", where=where) from error
        raise
