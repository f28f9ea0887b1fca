"""Tiles and entry bundles: the static files of a C2SP tlog-tiles log."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from referendum.core.errors import InputError, RecordError
from referendum.record.acts import LARGEST_ENTRY
from referendum.record.log.merkle import HASH_BYTES, leaf_hash, node_hash

WIDTH = 256
"""Hashes in a full tile, entries in a full entry bundle."""

ENTRIES = "entries"
"""Stands for the level in the path of an entry bundle."""


def tile_path(level: int | str, index: int, width: int = WIDTH) -> str:
    """Give the path of a tile or, at level `entries`, of an entry bundle.

    `tile/0/x001/x234/067` is full; `tile/0/x001/x234/067.p/5` holds 5.
    """
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03}")
    suffix = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(reversed(groups))}{suffix}"


def tile_width(size: int, level: int, index: int) -> int:
    """Give how many hashes tile `index` at `level` has in a log of `size` entries."""
    return max(0, min(WIDTH, (size >> (8 * level)) - index * WIDTH))


def encode_entries(entries: Iterable[bytes]) -> bytes:
    """Write an entry bundle: each entry after its length, 16 bits, big-endian.

    Raises:
        InputError: an entry is longer than that can say.
    """
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > LARGEST_ENTRY:
            raise InputError(f"an entry of {len(entry):,} bytes; the largest is {LARGEST_ENTRY:,}")
        parts += (struct.pack(">H", len(entry)), entry)
    return b"".join(parts)


def decode_entries(data: bytes, count: int, where: str) -> list[bytes]:
    """Read the first `count` entries of an entry bundle.

    Raises:
        RecordError: it holds fewer.
    """
    entries: list[bytes] = []
    place = 0
    for _ in range(count):
        end = place + 2 + int.from_bytes(data[place : place + 2], "big")
        if end > len(data) or place + 2 > len(data):
            raise RecordError(f"the bundle is cut off after {len(entries)} entries", where=where)
        entries.append(data[place + 2 : end])
        place = end
    return entries


def split_hashes(data: bytes, count: int, where: str) -> list[bytes]:
    """Read a tile of hashes.

    Raises:
        RecordError: it does not hold exactly `count` hashes.
    """
    if len(data) != count * HASH_BYTES:
        raise RecordError(f"{len(data)} bytes, expected {count * HASH_BYTES}", where=where)
    return [data[place : place + HASH_BYTES] for place in range(0, len(data), HASH_BYTES)]


def tile_root(hashes: Sequence[bytes]) -> bytes:
    """Hash a full tile into the one hash that stands for it a level higher."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
    return row[0]


@dataclass
class Edge:
    """The right edge of a growing log: all that appending needs to know.

    Attributes:
        size: entries so far.
        levels: for each level, the hashes of its last, partial tile.
        entries: the entries of the last, partial entry bundle.
    """

    size: int = 0
    levels: list[list[bytes]] = field(default_factory=list)
    entries: list[bytes] = field(default_factory=list)

    def extended(self, entries: Sequence[bytes]) -> tuple["Edge", dict[str, bytes]]:
        """Append entries: give the new edge and the files that it adds, by path."""
        edge = Edge(self.size, [list(level) for level in self.levels], list(self.entries))
        files: dict[str, bytes] = {}
        for entry in entries:
            edge.entries.append(entry)
            edge._push(0, leaf_hash(entry), files)
            edge.size += 1
            if len(edge.entries) == WIDTH:
                index = edge.size // WIDTH - 1
                files[tile_path(ENTRIES, index)] = encode_entries(edge.entries)
                edge.entries.clear()
        files.update(edge._partial_files())
        return edge, files

    def _push(self, level: int, value: bytes, files: dict[str, bytes]) -> None:
        if level == len(self.levels):
            self.levels.append([])
        hashes = self.levels[level]
        hashes.append(value)
        if len(hashes) == WIDTH:
            index = ((self.size + 1) >> (8 * (level + 1))) - 1
            files[tile_path(level, index)] = b"".join(hashes)
            self._push(level + 1, tile_root(hashes), files)
            hashes.clear()

    def _partial_files(self) -> dict[str, bytes]:
        files = {
            tile_path(level, self.size >> (8 * (level + 1)), len(hashes)): b"".join(hashes)
            for level, hashes in enumerate(self.levels)
            if hashes
        }
        if self.entries:
            path = tile_path(ENTRIES, self.size // WIDTH, len(self.entries))
            files[path] = encode_entries(self.entries)
        return files

    def node(self, level: int, index: int) -> bytes:
        """Give a complete node of the right edge, for working out the root."""
        tile_level, height = divmod(level, 8)
        first = (index << height) % WIDTH
        return tile_root(self.levels[tile_level][first : first + (1 << height)])
