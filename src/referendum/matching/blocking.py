"""Blocking: for each line the electors who share a blocking key with it, in a cascade.

Each key is one equality join. A value of a key that more than `FREQUENCY_CAP` electors share says
too little and is capped, that is, passed over, so that the work grows with the lines and not with
the product of lines and list. Selective keys come first; only lines that they leave open meet the
wider ones.
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
CandidatePairs = tuple[Array, Array]
"""Rows of lines and rows of electors, pair by pair."""

BlockingKey = tuple[tuple[str, str], ...]
"""Pairs of columns that must be equal: one of the line, one of the elector."""


def equality_key(*columns: str) -> BlockingKey:
    """Make the blocking key of columns that a line and an elector have in common."""
    return tuple((column, column) for column in columns)


NAME_KEY = equality_key("formal", "surname")
NAME_LOCALITY_KEY = equality_key("formal", "surname", "locality")
"""Keys of a name: where they are capped, bearers of the line's name are not compared."""

DOOR_KEY = equality_key("number", "street", "locality")
DOOR_POSTAL_KEY = equality_key("number", "postal")
HOUSE_KEY = equality_key("number", "street")
ROAD_KEY = equality_key("street", "locality")
LOCALITY_KEY, AREA_KEY = equality_key("locality"), equality_key("area")
"""Keys of places, which show whether an address is on the list or near one that is."""

SELECTIVE_KEYS: tuple[BlockingKey, ...] = (
    equality_key("surname", "number", "area"),
    equality_key("surname", "postal"),
    equality_key("local"),
)
"""Keys that find eight of ten true links at two pairs a line."""

FURTHER_KEYS: tuple[BlockingKey, ...] = (
    NAME_KEY,
    NAME_LOCALITY_KEY,
    equality_key("formal", "surname", "area"),
    equality_key("formal", "number", "street"),
    equality_key("formal", "postal"),
    equality_key("surname", "street"),
    (("last", "surname"), ("number", "number")),
    (("surname", "last"), ("number", "number")),
    (("surname", "first_last"), ("number", "number")),
    (("surname", "given"), ("given", "surname")),
    (("first_last", "given"), ("given", "surname")),
    (("given", "middle"), ("surname", "surname"), ("area", "area")),
)
"""Keys for lines that the selective ones leave open."""

WIDE_KEYS: tuple[BlockingKey, ...] = (
    equality_key("number", "street", "unit", "locality"),
    DOOR_KEY,
    DOOR_POSTAL_KEY,
    equality_key("birth", "initial"),
    equality_key("stem", "initial", "area"),
    equality_key("stem", "number"),
    equality_key("street", "locality", "initial"),
)
"""Keys for lines that are still open after those."""

FREQUENCY_CAP = 60
"""Most electors that may share a value of a key before it is capped."""


BLOCKING_KEYS: tuple[BlockingKey, ...] = (*SELECTIVE_KEYS, *FURTHER_KEYS, *WIDE_KEYS)

CappedLines = Mapping[BlockingKey, Array]
"""For each key, whether each line's value of it is capped."""


def find_candidate_pairs(
    lines: People, electors: People, keys: Sequence[BlockingKey], capped: CappedLines | None = None
) -> CandidatePairs:
    """Find the candidate pairs: those that share any of the keys, once for each key they share.

    Args:
        lines: the lines.
        electors: the list, or the part of it that `capped` was counted for.
        keys: some of `BLOCKING_KEYS`.
        capped: counted on the whole list; by default `electors` are the whole list.
    """
    by_key = [
        _join_on_key(lines, electors, key, None if capped is None else capped[key]) for key in keys
    ]
    line, elector = (np.concatenate(part) for part in zip(*by_key, strict=True))
    return line, elector


def count_key_sharers(lines: People, electors: People, key: BlockingKey) -> Array:
    """Count for each line the electors who share the key, up to `FREQUENCY_CAP` + 1."""
    line_keys, elector_keys, _ = _key_values(lines, electors, key)
    sharers = pl.Series(elector_keys).alias("key").value_counts(name="sharers")
    joined = pl.Series(line_keys).alias("key").to_frame().join(
        sharers, on="key", how="left", maintain_order="left"
    )  # fmt: skip
    shared: Array = (
        joined["sharers"].fill_null(0).clip(0, FREQUENCY_CAP + 1).cast(pl.UInt8).to_numpy()
    )
    return np.where(line_keys == 0, 0, shared)


def _join_on_key(
    lines: People, electors: People, key: BlockingKey, capped: Array | None
) -> CandidatePairs:
    line_keys, elector_keys, elector_rows = _key_values(lines, electors, key)
    left = pl.DataFrame({"key": line_keys}).with_row_index("line").filter(pl.col("key") != 0)
    right = pl.DataFrame({"key": elector_keys, "elector": elector_rows})
    if capped is None:
        right = right.filter(pl.len().over("key") <= FREQUENCY_CAP)
    else:
        left = left.filter(~pl.Series(capped[left["line"]]))
    joined = left.join(right, on="key")
    return joined["line"].cast(pl.Int32).to_numpy(), joined["elector"].to_numpy()


def _key_values(lines: People, electors: People, key: BlockingKey) -> tuple[Array, Array, Array]:
    """Give the key of each line, and those of the list that may be among them, with their rows.

    A bit table over some digits of the lines' keys rules out most of the other electors.
    """
    line_columns, elector_columns = (
        np.array([COLUMNS.index(names[side]) for names in key], dtype=np.int64) for side in (0, 1)
    )
    line_keys = _mix_rows(lines.table, line_columns)
    bits = np.zeros(1 << 21, dtype=np.uint8)
    _set_bits(bits, line_keys)
    elector_keys = _mix_rows(electors.table, elector_columns)
    rows = np.flatnonzero(_test_bits(bits, elector_keys)).astype(np.int32)
    return line_keys, elector_keys[rows], rows


@njit(cache=True)
def _set_bits(bits: Array, keys: Array) -> None:
    for key in keys:
        if key:
            bits[(key >> 20) & 0x1FFFFF] |= np.uint8(1 << ((key >> 41) & 7))


@njit(cache=True, parallel=True)
def _test_bits(bits: Array, keys: Array) -> Array:
    is_set = np.zeros(len(keys), dtype=np.bool_)
    for row in prange(len(keys)):
        key = keys[row]
        bit = bits[(key >> 20) & 0x1FFFFF] >> ((key >> 41) & 7) & 1
        is_set[row] = key != 0 and bit == 1
    return is_set


def mix_codes(columns: Sequence[Array]) -> Array:
    """Mix codes into one key for each row; 0 where a part is missing (-1)."""
    return _mix_rows(np.stack(columns, axis=1), np.arange(len(columns)))


@njit(cache=True, parallel=True)
def _mix_rows(table: Array, columns: Array) -> Array:
    """Mix some columns of codes into one key. A clash only adds a pair that scores low."""
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


def group_by_line(count: int, pairs: CandidatePairs) -> Candidates:
    """Group candidate pairs by line, each elector once for a line."""
    return Candidates(*_group_by_line(count, *pairs))


@njit(cache=True, parallel=True)
def _group_by_line(count: int, line: Array, elector: Array) -> CandidatePairs:
    ends = np.zeros(count + 1, dtype=np.int64)
    for owner in line:
        ends[owner + 1] += 1
    begins = np.cumsum(ends)
    next_place, electors = begins.copy(), np.empty(len(line), dtype=np.int32)
    for pair in range(len(line)):
        electors[next_place[line[pair]]] = elector[pair]
        next_place[line[pair]] += 1
    distinct_counts = np.zeros(count + 1, dtype=np.int64)
    for row in prange(count):
        own = electors[begins[row] : begins[row + 1]]
        own.sort()
        distinct = 0
        for at in range(len(own)):
            if at == 0 or own[at] != own[at - 1]:
                own[distinct] = own[at]
                distinct += 1
        distinct_counts[row + 1] = distinct
    starts = np.cumsum(distinct_counts)
    unique_electors = np.empty(starts[-1], dtype=np.int32)
    for row in prange(count):
        size = starts[row + 1] - starts[row]
        unique_electors[starts[row] : starts[row + 1]] = electors[begins[row] : begins[row] + size]
    return starts, unique_electors
