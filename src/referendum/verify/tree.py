"""The log's tree, worked out again from the entries and compared with every tile."""

import hashlib
import re

from referendum.verify.record_source import Source
from referendum.verify.report import Mismatch

MOST_ACTS, LARGEST_LOG = 1_000_000, 1_000_000_000
"""Acts of a record, and bytes of them all (record.md, section 3)."""

LARGEST_ENTRY, LARGEST_TILE = 65_535, 256 * 32
DEEPEST = 10
"""Parts of the longest path of a tile."""

Hashes = list[bytes]

_TILE = re.compile(
    r"log/tile/(?P<level>entries|[1-5]?[0-9]|6[0-3])/"
    r"(?P<index>(x[0-9]{3}/){0,6}[0-9]{3})(\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


def read_entries(source: Source, size: int) -> list[bytes]:
    """Read all entries from the entry bundles."""
    if size > MOST_ACTS:
        raise Mismatch(f"the log has {size:,} acts; there can be {MOST_ACTS:,} at most")
    entries: list[bytes] = []
    left = LARGEST_LOG
    for index in range(-(-size // 256)):
        count = min(256, size - index * 256)
        path = tile_path("entries", index, count)
        data = source.read(path, min(count * (2 + LARGEST_ENTRY), left))
        left -= len(data)
        entries += _split_entries(data, count, path)
    return entries


def _split_entries(data: bytes, count: int, path: str) -> list[bytes]:
    entries, place = [], 0
    for _ in range(count):
        length = int.from_bytes(data[place : place + 2], "big")
        entry = data[place + 2 : place + 2 + length]
        if len(data) < place + 2 or len(entry) != length:
            raise Mismatch("the entry bundle is cut off", path)
        entries.append(entry)
        place += 2 + length
    if place != len(data):
        raise Mismatch(f"{len(data) - place} bytes too many after {count} entries", path)
    return entries


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def tree_root(leaves: Hashes) -> bytes:
    """Hash leaves into the root (RFC 9162, section 2.1.1), by folding equal subtrees."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    stack: list[tuple[int, bytes]] = []
    for value in leaves:
        height, node = 0, value
        while stack and stack[-1][0] == height:
            node = _parent_hash(stack.pop()[1], node)
            height += 1
        stack.append((height, node))
    node = stack.pop()[1]
    while stack:
        node = _parent_hash(stack.pop()[1], node)
    return node


def check_tiles(source: Source, leaves: Hashes) -> int:
    """Compare every hash tile with what the leaves give; give how many there are."""
    tiles, level, row = 0, 0, leaves
    while row:
        for index in range(-(-len(row) // 256)):
            hashes = row[index * 256 : index * 256 + 256]
            path = tile_path(str(level), index, len(hashes))
            if source.read(path, LARGEST_TILE) != b"".join(hashes):
                raise Mismatch("the tile is not what the entries give", path)
            tiles += 1
        row = [tree_root(row[place : place + 256]) for place in range(0, len(row) - 255, 256)]
        level += 1
    return tiles


def check_partial_tiles(source: Source, entries: list[bytes], leaves: Hashes) -> tuple[int, int]:
    """Compare the partial tiles of earlier sizes; count them, and those beyond the log."""
    rows = [leaves]
    while len(rows[-1]) >= 256:
        row = rows[-1]
        rows.append(
            [tree_root(row[place : place + 256]) for place in range(0, len(row) - 255, 256)]
        )
    checked = beyond = 0
    for path in _files_below(source, "log/tile"):
        match = _TILE.fullmatch(path)
        if match is None:
            raise Mismatch("this is no file of a log", path)
        level, index = match["level"], int(match["index"].replace("x", "").replace("/", ""))
        row = entries if level == "entries" else rows[int(level)] if int(level) < len(rows) else []
        width = int(match["width"] or 256)
        if path != tile_path(level, index, width):
            raise Mismatch("this is not how a tile is named", path)
        part = row[index * 256 : index * 256 + width]
        if len(part) < width:
            beyond += 1
            continue
        framed = (len(entry).to_bytes(2, "big") + entry for entry in part)
        whole = b"".join(framed if level == "entries" else part)
        if source.read(path, len(whole)) != whole:
            raise Mismatch("the tile of an earlier size is not what the entries give", path)
        checked += 1
    return checked, beyond


def _files_below(source: Source, folder: str) -> list[str]:
    """List the files below a folder; none where folders cannot be listed."""
    found = []
    if folder.count("/") >= DEEPEST:
        raise Mismatch("folders lie deeper here than those of a log", folder)
    for name in source.names(folder) or []:
        inner = _files_below(source, f"{folder}/{name}")
        found += inner or [f"{folder}/{name}"]
    return found


def tile_path(level: str, index: int, count: int) -> str:
    """Give the path of a tile below the record."""
    digits = f"{index:03}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[place : place + 3] for place in range(0, len(digits), 3)]
    name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return f"log/tile/{level}/{name}" + ("" if count == 256 else f".p/{count}")


def _parent_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
