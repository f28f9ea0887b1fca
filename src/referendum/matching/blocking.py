"""Blocking: for each line the electors who share a key with it, in a cascade.

Each key is one equality join. A key that more electors share than `MOST` says too little and is
passed over for that value, so that the work grows with the lines and not with their product with
the list. Selective keys come first; only lines that they leave open meet the wider ones.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from numba import njit, prange

from referendum.matching.model import Candidates
from referendum.matching.people import COLUMNS, People

Array = npt.NDArray[Any]
Pairs = tuple[Array, Array]
"""Rows of lines and of electors."""

Key = tuple[tuple[str, str], ...]
"""Columns of a key: of the line, of the elector."""


def same(*columns: str) -> Key:
    """Make the key of what a line and an elector have alike."""
    return tuple((column, column) for column in columns)


NAME = same("formal", "surname")
NAME_HERE = same("formal", "surname", "locality")
"""Keys of a name: where they are passed over, bearers of the line's name are not looked at."""

DOOR = same("number", "street", "locality")
DOOR_BY_CODE = same("number", "postal")
HOUSE = same("number", "street")
ROAD = same("street", "locality")
LOCALITY, AREA = same("locality"), same("area")
"""Keys of places, by which an address is seen to be on the list or near it."""

FIRST: tuple[Key, ...] = (
    same("surname", "number", "area"),
    same("surname", "postal"),
    same("local"),
)
"""Keys that find eight true links in ten for two pairs a line."""

NEXT: tuple[Key, ...] = (
    NAME,
    NAME_HERE,
    same("formal", "surname", "area"),
    same("formal", "number", "street"),
    same("formal", "postal"),
    same("surname", "street"),
    (("last", "surname"), ("number", "number")),
    (("surname", "last"), ("number", "number")),
    (("surname", "first_last"), ("number", "number")),
    (("surname", "given"), ("given", "surname")),
    (("first_last", "given"), ("given", "surname")),
    (("given", "middle"), ("surname", "surname"), ("area", "area")),
)
"""Keys for lines that the first ones leave open."""

WIDE: tuple[Key, ...] = (
    same("number", "street", "unit", "locality"),
    DOOR,
    DOOR_BY_CODE,
    same("birth", "initial"),
    same("stem", "initial", "area"),
    same("stem", "number"),
    same("street", "locality", "initial"),
)
"""Keys for lines that are open after that."""

MOST = 60
"""Electors that may share a key before it is passed over."""


KEYS: tuple[Key, ...] = (*FIRST, *NEXT, *WIDE)

Over = Mapping[Key, Array]
"""For each key, of which lines more electors share it than are looked at."""


def pairs(lines: People, electors: People, keys: Sequence[Key], over: Over | None = None) -> Pairs:
    """Find the pairs that share any of the keys, as often as they share one.

    Args:
        lines: the lines.
        electors: the list, or the part of it that `over` was counted for.
        keys: some of `KEYS`.
        over: counted on the whole list; by default `electors` are the whole list.
    """
    found = [_sharing(lines, electors, key, None if over is None else over[key]) for key in keys]
    line, elector = (np.concatenate(part) for part in zip(*found, strict=True))
    return line, elector


def counts(lines: People, electors: People, key: Key) -> Array:
    """Give for each line how many electors share the key; no more than `MOST` + 1 are counted."""
    ours, theirs, _ = _keys(lines, electors, key)
    many = pl.Series(theirs).alias("key").value_counts(name="many")
    found = pl.Series(ours).alias("key").to_frame().join(
        many, on="key", how="left", maintain_order="left"
    )  # fmt: skip
    shared: Array = found["many"].fill_null(0).clip(0, MOST + 1).cast(pl.UInt8).to_numpy()
    return np.where(ours == 0, 0, shared)


def _sharing(lines: People, electors: People, key: Key, over: Array | None) -> Pairs:
    ours, theirs, near = _keys(lines, electors, key)
    left = pl.DataFrame({"key": ours}).with_row_index("line").filter(pl.col("key") != 0)
    right = pl.DataFrame({"key": theirs, "elector": near})
    if over is None:
        right = right.filter(pl.len().over("key") <= MOST)
    else:
        left = left.filter(~pl.Series(over[left["line"]]))
    joined = left.join(right, on="key")
    return joined["line"].cast(pl.Int32).to_numpy(), joined["elector"].to_numpy()


def _keys(lines: People, electors: People, key: Key) -> tuple[Array, Array, Array]:
    """Give the key of each line, and those of the list that may be among them, with their rows.

    A table of bits by some digits of the keys of the lines leaves out most of the others.
    """
    ours, theirs = (
        np.array([COLUMNS.index(names[side]) for names in key], dtype=np.int64) for side in (0, 1)
    )
    keys = _key_of_each(lines.table, ours)
    bits = np.zeros(1 << 21, dtype=np.uint8)
    _mark(bits, keys)
    found = _key_of_each(electors.table, theirs)
    near = np.flatnonzero(_marked(bits, found)).astype(np.int32)
    return keys, found[near], near


@njit(cache=True)
def _mark(bits: Array, keys: Array) -> None:
    for key in keys:
        if key:
            bits[(key >> 20) & 0x1FFFFF] |= np.uint8(1 << ((key >> 41) & 7))


@njit(cache=True, parallel=True)
def _marked(bits: Array, keys: Array) -> Array:
    marked = np.zeros(len(keys), dtype=np.bool_)
    for row in prange(len(keys)):
        key = keys[row]
        bit = bits[(key >> 20) & 0x1FFFFF] >> ((key >> 41) & 7) & 1
        marked[row] = key != 0 and bit == 1
    return marked


def mixed(columns: Sequence[Array]) -> Array:
    """Mix codes to one key for each row; 0 where a part is missing (-1)."""
    return _key_of_each(np.stack(columns, axis=1), np.arange(len(columns)))


@njit(cache=True, parallel=True)
def _key_of_each(table: Array, columns: Array) -> Array:
    """Mix some columns of codes to one key. A clash only adds a pair that scores low."""
    keys = np.empty(len(table), dtype=np.uint64)
    for row in prange(len(table)):
        key = np.uint64(0x9E3779B97F4A7C15)
        for column in columns:
            code = table[row, column]
            if code < 0:
                key = np.uint64(0)
                break
            key = (key ^ np.uint64(code + 1)) * np.uint64(0xBF58476D1CE4E5B9)
            key = (key ^ (key >> np.uint64(29))) | np.uint64(1)
        keys[row] = key
    return keys


def grouped(count: int, found: Pairs) -> Candidates:
    """Bring pairs by their lines together, each elector once for a line."""
    return Candidates(*_grouped(count, *found))


@njit(cache=True, parallel=True)
def _grouped(count: int, line: Array, elector: Array) -> Pairs:
    ends = np.zeros(count + 1, dtype=np.int64)
    for one in line:
        ends[one + 1] += 1
    begins = np.cumsum(ends)
    place, electors = begins.copy(), np.empty(len(line), dtype=np.int32)
    for pair in range(len(line)):
        electors[place[line[pair]]] = elector[pair]
        place[line[pair]] += 1
    kept = np.zeros(count + 1, dtype=np.int64)
    for row in prange(count):
        own = electors[begins[row] : begins[row + 1]]
        own.sort()
        distinct = 0
        for at in range(len(own)):
            if at == 0 or own[at] != own[at - 1]:
                own[distinct] = own[at]
                distinct += 1
        kept[row + 1] = distinct
    starts = np.cumsum(kept)
    once = np.empty(starts[-1], dtype=np.int32)
    for row in prange(count):
        many = starts[row + 1] - starts[row]
        once[starts[row] : starts[row + 1]] = electors[begins[row] : begins[row] + many]
    return starts, once
