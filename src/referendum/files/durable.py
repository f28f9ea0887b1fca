"""Write, sync, rename: the order that survives a crash at any moment."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path


def write_file(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Put a whole file in place atomically, synced to the disk with its folder entry.

    The folder must exist. A reader sees the old file or the new one, never a part.
    """
    passing = path.with_name(f".{path.name}.{os.getpid()}.part")
    _write_synced(passing, data, mode)
    passing.replace(path)
    sync_folder(path.parent)


def write_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Put a whole folder of files in place atomically; if it is there already, leave it.

    For content-addressed folders only: an existing folder of that name has the same content.
    """
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    passing = path.with_name(f".{path.name}.{os.getpid()}.part")
    shutil.rmtree(passing, ignore_errors=True)
    passing.mkdir()
    for name, data in files.items():
        _write_synced(passing / name, data)
    sync_folder(passing)
    passing.rename(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Sync a folder's entries to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_synced(path: Path, data: bytes, mode: int = 0o644) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
