"""Blocking: for each line the electors who share a key with it, in a cascade.

Each key is one equality join. A key that more electors share than `MOST` says too little and is
passed over for that value, so that the work grows with the lines and not with their product with
the list. Selective keys come first; only lines that they leave open meet the wider ones.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from numba import njit, prange

from referendum.matching.people import People

Array = npt.NDArray[Any]

Key = tuple[tuple[str, str], ...]
"""Columns of a key: of the line, of the elector."""


def _same(*columns: str) -> Key:
    return tuple((column, column) for column in columns)


FIRST: tuple[Key, ...] = (
    _same("surname", "number", "area"),
    _same("surname", "postal"),
    _same("phone"),
)
"""Keys that find eight true links in ten for two pairs a line."""

NEXT: tuple[Key, ...] = (
    _same("formal", "surname"),
    _same("formal", "surname", "locality"),
    _same("formal", "surname", "area"),
    _same("formal", "number", "street"),
    _same("formal", "postal"),
    _same("surname", "street"),
    (("last", "surname"), ("number", "number")),
    (("surname", "last"), ("number", "number")),
    (("surname", "first_last"), ("number", "number")),
    (("surname", "given"), ("given", "surname")),
    (("first_last", "given"), ("given", "surname")),
    (("given", "middle"), ("surname", "surname"), ("area", "area")),
)
"""Keys for lines that the first ones leave open."""

WIDE: tuple[Key, ...] = (
    _same("number", "street", "unit", "locality"),
    _same("number", "postal"),
    _same("birth", "initial"),
    _same("stem", "initial", "area"),
    _same("stem", "number"),
    _same("street", "locality", "initial"),
)
"""Keys for lines that are open after that."""

SMALL_LIST = 100_000
"""Electors up to whom it does not pay to leave out beforehand those whom no line can mean."""

MOST = 60
"""Electors that may share a key before it is passed over."""


def pairs(lines: People, electors: People, keys: Sequence[Key]) -> Array:
    """Find the pairs that share any of the keys.

    Returns:
        int64, row of the line shifted by 32 bits plus row of the elector, once each, ascending.
    """
    return distinct(*(_sharing(lines, electors, key) for key in keys))


def distinct(*parts: Array) -> Array:
    """Give the distinct numbers of some arrays, ascending; np.unique hashes, far more slowly."""
    packed = np.sort(np.concatenate(parts))
    first = np.ones(len(packed), dtype=bool)
    np.not_equal(packed[1:], packed[:-1], out=first[1:])
    different: Array = packed[first]
    return different


def _sharing(lines: People, electors: People, key: Key) -> Array:
    ours = _mixed([lines[name] for name, _ in key])
    theirs = _mixed([electors[name] for _, name in key])
    near = np.flatnonzero(_may_be_among(ours, theirs) & (theirs != 0)).astype(np.int64)
    left = pl.DataFrame({"key": ours}).with_row_index("line").filter(pl.col("key") != 0)
    right = pl.DataFrame({"key": theirs[near], "elector": near})
    right = right.filter(pl.len().over("key") <= MOST)
    joined = left.join(right, on="key")
    line: Array = joined["line"].to_numpy().astype(np.int64)
    packed: Array = (line << 32) | joined["elector"].to_numpy()
    return packed


def _may_be_among(ours: Array, theirs: Array) -> Array:
    """Say which keys of the list may occur on lines: a table of bits by the lowest digits."""
    if len(theirs) < SMALL_LIST:
        return np.ones(len(theirs), dtype=bool)
    mask = np.uint64((1 << 24) - 1)
    seen = np.zeros(1 << 24, dtype=bool)
    seen[(ours >> np.uint64(20)) & mask] = True
    among: Array = seen[(theirs >> np.uint64(20)) & mask]
    return among


def _mixed(columns: Sequence[Array]) -> Array:
    """Mix codes to one key; 0 where a part is missing. A clash only adds a pair that scores low."""
    mixed = np.full(len(columns[0]), 0x9E3779B97F4A7C15, dtype=np.uint64)
    for codes in columns:
        _mix(mixed, np.ascontiguousarray(codes))
    return mixed


@njit(cache=True, parallel=True)
def _mix(mixed: Array, codes: Array) -> None:
    for row in prange(len(mixed)):
        if codes[row] < 0 or mixed[row] == 0:
            mixed[row] = 0
        else:
            one = (mixed[row] ^ np.uint64(codes[row] + 1)) * np.uint64(0xBF58476D1CE4E5B9)
            mixed[row] = (one ^ (one >> np.uint64(29))) | np.uint64(1)
