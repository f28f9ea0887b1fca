"""Write, sync, rename: the order that survives a crash at any moment."""

import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PRIVATE = 0o600
"""Mode of a file that its owner alone may read: one that leads to people."""


def write_file(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Put a whole file in place atomically, synced to the disk with its folder entry.

    The folder must exist. A reader sees the old file or the new one, never a part.
    """
    _replace_file(path, data, mode)
    sync_folder(path.parent)


def write_new_file(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Put a whole file where there is none, synced to the disk: a key, a secret, personal data.

    Raises:
        FileExistsError: something is there already; it stays as it is.
    """
    unfinished = _unfinished_path(path)
    try:
        _write_synced(unfinished, data, mode)
        _place_if_new(unfinished, path, mode)
    finally:
        unfinished.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put files in place, each atomically, by their paths below the folder; sync each folder once.

    Folders are made as needed. All are durable on return; a crash before that may leave some.
    """
    touched = set()
    for name, data in files.items():
        path = folder / name
        touched.update(_make_folders(path.parent))
        _replace_file(path, data)
        touched.add(path.parent)
    for parent in touched:
        sync_folder(parent)


def write_folder(path: Path, files: Mapping[str, bytes], *, private: bool = False) -> None:
    """Put a whole folder of files in place atomically; if it is there already, leave it.

    For content-addressed folders only: an existing folder of that name has the same content.

    Args:
        path: of the folder.
        files: by name.
        private: whether its owner alone may see it, and what lies beside it, whatever the umask.
    """
    if path.exists():
        return
    for parent in _make_folders(path.parent):
        sync_folder(parent)
    if private:
        path.parent.chmod(0o700)
    with whole_folder(path, 0o700 if private else 0o777) as unfinished:
        for name, data in files.items():
            _write_synced(unfinished / name, data, 0o600 if private else 0o644)


@contextmanager
def whole_folder(path: Path, mode: int = 0o777) -> Iterator[Path]:
    """Give a folder to fill, which takes its place at `path` at the end, or not at all.

    Where another process puts the same folder there meanwhile, that one is kept.
    """
    unfinished = _unfinished_path(path)
    unfinished.mkdir(mode=mode)
    try:
        yield unfinished
        sync_folder(unfinished)
        unfinished.rename(path)
        sync_folder(path.parent)
    except OSError:
        if not path.is_dir():
            raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def sync_folder(path: Path) -> None:
    """Sync a folder's entries to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _place_if_new(unfinished: Path, path: Path, mode: int) -> None:
    try:
        os.link(unfinished, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links, such as that of a stick
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
        unfinished.replace(path)


def _replace_file(path: Path, data: bytes, mode: int = 0o644) -> None:
    unfinished = _unfinished_path(path)
    _write_synced(unfinished, data, mode)
    unfinished.replace(path)


def _unfinished_path(path: Path) -> Path:
    """Give a name for a file that is being written, which nobody could have taken beforehand."""
    return path.with_name(f".{path.name[:200]}.{secrets.token_hex(8)}.part")


def _make_folders(path: Path) -> list[Path]:
    """Make a folder with those above it, and give the folders that got a new entry by that."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True)
    return [folder.parent for folder in missing]


def _write_synced(path: Path, data: bytes, mode: int = 0o644) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
