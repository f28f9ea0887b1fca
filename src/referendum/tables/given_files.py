"""Files that a person names: read whole, within a bound, and never waited for."""

import gzip
import os
import stat
import zlib
from io import BytesIO
from pathlib import Path

from referendum.core.errors import InputError

LARGEST_TABLE = 20_000_000_000
LARGEST_TEXT = 50_000_000
"""Bytes of a table, and of a file of settings, cases or keys, that are read."""

_PART = 1 << 20


def read_given_file(path: Path, most: int = LARGEST_TEXT) -> bytes:
    """Read a plain file; a link may lead to it.

    Raises:
        InputError: it cannot be read, is no plain file (a pipe would be waited for), or is larger
            than so many bytes.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError as error:
        raise InputError("there is no such file", where=str(path)) from error
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    try:
        state = os.fstat(handle)
        if stat.S_ISDIR(state.st_mode):
            raise InputError("this is a folder, not a file", where=str(path))
        if not stat.S_ISREG(state.st_mode):
            hint = "write what it holds into a file first"
            raise InputError("this is no plain file", where=str(path), hint=hint)
        if state.st_size > most:
            raise _too_large(path, most)
        with os.fdopen(os.dup(handle), "rb") as file:
            return file.read(state.st_size)
    finally:
        os.close(handle)


def expand_gzip(data: bytes, path: Path, most: int = LARGEST_TABLE) -> bytes:
    """Expand a file compressed with gzip, as far as a bound: a small file can grow without end.

    Raises:
        InputError: it is damaged or cut off, or grows beyond so many bytes.
    """
    parts, size = [], 0
    try:
        with gzip.open(BytesIO(data)) as file:
            while part := file.read(_PART):
                parts.append(part)
                size += len(part)
                if size > most:
                    raise _too_large(path, most)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise InputError(
            f"the compressed file is damaged or cut off: {error}",
            where=str(path),
            hint="copy it again from its source",
        ) from error
    return b"".join(parts)


def _too_large(path: Path, most: int) -> InputError:
    return InputError(
        f"larger than any such file: {most:,} bytes at most are read", where=str(path)
    )
