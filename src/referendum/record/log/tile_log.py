"""The log on disk: readers that never wait, one writer that survives a crash at any moment."""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from filelock import FileLock, Timeout

from referendum.core.errors import BusyError, OrderError, RecordError
from referendum.record.durable import write_file, write_files
from referendum.record.log import merkle
from referendum.record.log.keys import Signer
from referendum.record.log.note import Checkpoint, VerifierKey, open_note
from referendum.record.log.tiles import (
    ENTRIES,
    WIDTH,
    Edge,
    decode_entries,
    split_hashes,
    tile_path,
    tile_root,
    tile_width,
)
from referendum.record.plain_files import LARGEST_NOTE, read_record_file

LARGEST_ENTRIES = WIDTH * (2 + 65_535)
"""Bytes of an entry bundle."""

DEEPEST = 9
"""Folders on the way to a tile."""

CHECKPOINT = "checkpoint"
LOCK = ".lock"


@dataclass
class Log:
    """A log as its checkpoint has it; entries appended since are not seen.

    Attributes:
        folder: where `checkpoint` and `tile` lie.
        checkpoint: the signed note.
        head: what it says.
    """

    folder: Path
    checkpoint: bytes
    head: Checkpoint

    @classmethod
    def open(cls, folder: Path, verifier: VerifierKey) -> "Log":
        """Open a log for reading.

        Raises:
            RecordError: there is none, or its checkpoint is not signed by the key for its origin.
        """
        note, head = _read_checkpoint(folder, verifier)
        return cls(folder, note, head)

    @property
    def size(self) -> int:
        """Number of entries."""
        return self.head.size

    @property
    def root(self) -> bytes:
        """Root of the tree, 32 bytes."""
        return self.head.root

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Give the entries from `start` up to, not including, `stop`."""
        stop = self.size if stop is None else min(stop, self.size)
        for index in range(start // WIDTH, -(-stop // WIDTH)):
            first = index * WIDTH
            entries = _read_entries(self.folder, self.size, index)
            yield from entries[max(start - first, 0) : stop - first]

    def files(self) -> list[str]:
        """Name the tiles and entry bundles that this log and its earlier states have, by path."""
        return sorted(set(_files_below(self.folder)) & _paths_up_to(self.size))

    def read_file(self, path: str) -> bytes:
        """Read a tile or entry bundle that `files` names.

        Raises:
            RecordError: it is missing, is no plain file, or is too large.
        """
        return _read(self.folder, path, LARGEST_ENTRIES)

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """Prove that an entry stands in the log of `size` entries (all, if not given)."""
        return merkle.inclusion_proof(self._node(), index, self._require_size(size))

    def consistency_proof(self, old: int, size: int | None = None) -> list[bytes]:
        """Prove that the log of `size` entries (all, if not given) begins with that of `old`."""
        return merkle.consistency_proof(self._node(), old, self._require_size(size))

    def root_at(self, size: int) -> bytes:
        """Work out the root that the log had at an earlier size."""
        return merkle.root_hash(self._node(), self._require_size(size))

    def _require_size(self, size: int | None) -> int:
        if size is not None and size > self.size:
            raise merkle.ProofError(f"the log has {self.size} entries, not {size}")
        return self.size if size is None else size

    def _node(self) -> merkle.Node:
        @lru_cache(maxsize=512)
        def tile(level: int, index: int) -> list[bytes]:
            return _read_tile(self.folder, self.size, level, index)

        def node(level: int, index: int) -> bytes:
            tile_level, height = divmod(level, 8)
            tile_index, first = divmod(index << height, WIDTH)
            return tile_root(tile(tile_level, tile_index)[first : first + (1 << height)])

        return node


@dataclass
class LogWriter(Log):
    """A log held by the one process that may append to it."""

    signer: Signer
    edge: Edge

    @classmethod
    @contextmanager
    def create(cls, folder: Path, signer: Signer) -> Iterator["LogWriter"]:
        """Make an empty log and hold it.

        Raises:
            OrderError: there is a log here already.
        """
        folder.mkdir(parents=True, exist_ok=True)
        with lock_log(folder):
            if (folder / CHECKPOINT).exists():
                raise OrderError("there is a log here already", where=str(folder))
            head = Checkpoint(signer.name, 0, merkle.EMPTY_ROOT)
            note = signer.sign(head)
            write_file(folder / CHECKPOINT, note)
            yield cls(folder, note, head, signer, Edge())

    @classmethod
    @contextmanager
    def hold(cls, folder: Path, signer: Signer) -> Iterator["LogWriter"]:
        """Hold a log for appending; what a cut-off writer left beyond the checkpoint is ignored.

        Raises:
            BusyError: another process holds it.
            RecordError: the files at the right edge do not give the signed root.
        """
        if not folder.is_dir():
            raise RecordError("there is no log here", where=str(folder))
        with lock_log(folder):
            note, head = _read_checkpoint(folder, signer.verifier)
            edge = _read_edge(folder, head.size)
            if merkle.root_hash(edge.node, head.size) != head.root:
                raise RecordError("the tiles do not give the signed root", where=str(folder))
            yield cls(folder, note, head, signer, edge)

    def append(self, entries: Sequence[bytes]) -> int:
        """Append entries durably, and give the number of the first.

        Tiles come first and the checkpoint last, so that a crash in between changes nothing.

        Raises:
            InputError: an entry is too large; nothing is appended.
        """
        first = self.size
        if not entries:
            return first
        edge, files = self.edge.extended(entries)
        write_files(self.folder, files)
        head = Checkpoint(self.head.origin, edge.size, merkle.root_hash(edge.node, edge.size))
        note = self.signer.sign(head)
        write_file(self.folder / CHECKPOINT, note)
        self.edge, self.head, self.checkpoint = edge, head, note
        self._drop_partial(path for path in files if ".p/" not in path)
        return first

    def _drop_partial(self, full: Iterable[str]) -> None:
        """Remove the partial tiles that a full one now stands for, as tlog-tiles allows."""
        for path in full:
            shutil.rmtree(self.folder / f"{path}.p", ignore_errors=True)


def _paths_up_to(size: int) -> set[str]:
    paths: set[str] = set()
    for smaller in range(1, size + 1):
        level, count = 0, smaller
        while count:
            last, width = divmod(count - 1, WIDTH)
            names = (0, ENTRIES) if level == 0 else (level,)
            paths.update(tile_path(name, last, width + 1) for name in names)
            level, count = level + 1, count // WIDTH
    return paths


@contextmanager
def lock_log(folder: Path, wait: float = 0) -> Iterator[None]:
    """Keep every other writer away from a log.

    Args:
        folder: where `checkpoint` lies.
        wait: seconds to wait for a writer that holds it now.

    Raises:
        BusyError: another process still holds it after that.
    """
    lock = FileLock(folder / LOCK, timeout=wait)
    try:
        lock.acquire()
    except Timeout as error:
        raise BusyError(
            "another process is writing to this log",
            where=str(folder),
            hint="wait until it is done; reading is possible meanwhile",
        ) from error
    try:
        yield
    finally:
        lock.release()


def _files_below(folder: Path) -> Iterator[str]:
    """Name the files that lie where tiles do; links are not followed."""
    for place, inner, names in os.walk(folder / "tile"):
        depth = len(Path(place).relative_to(folder).parts)
        if depth > DEEPEST:
            inner.clear()
        for name in names:
            yield (Path(place) / name).relative_to(folder).as_posix()


def _read_checkpoint(folder: Path, verifier: VerifierKey) -> tuple[bytes, Checkpoint]:
    path = folder / CHECKPOINT
    note = _read(folder, CHECKPOINT, LARGEST_NOTE)
    head = Checkpoint.parse(open_note(note, verifier))
    if head.origin != verifier.name:
        raise RecordError(f"origin {head.origin}, expected {verifier.name}", where=str(path))
    return note, head


def _read_edge(folder: Path, size: int) -> Edge:
    levels = []
    for level in range(max(1, -(-size.bit_length() // 8)) if size else 0):
        index = size >> (8 * (level + 1))
        levels.append(_read_tile(folder, size, level, index))
    entries = _read_entries(folder, size, size // WIDTH)
    return Edge(size, levels, entries)


def _read_tile(folder: Path, size: int, level: int, index: int) -> list[bytes]:
    width = tile_width(size, level, index)
    if width == 0:
        return []
    data, where = _read_wide(folder, level, index, width)
    return split_hashes(data[: width * merkle.HASH_BYTES], width, where)


def _read_entries(folder: Path, size: int, index: int) -> list[bytes]:
    width = tile_width(size, 0, index)
    if width == 0:
        return []
    data, where = _read_wide(folder, ENTRIES, index, width)
    return decode_entries(data, width, where)


def _read_wide(folder: Path, level: int | str, index: int, width: int) -> tuple[bytes, str]:
    """Read a partial tile or, where the log has grown since, the full one that holds it."""
    path = tile_path(level, index, width)
    if not (folder / path).exists():
        path = tile_path(level, index)
    most = LARGEST_ENTRIES if level == ENTRIES else WIDTH * merkle.HASH_BYTES
    return _read(folder, path, most), str(folder / path)


def _read(folder: Path, path: str, most: int) -> bytes:
    try:
        return read_record_file(folder.parent, f"{folder.name}/{path}", most)
    except FileNotFoundError as error:
        raise RecordError("a file of the log is missing", where=str(folder / path)) from error
