"""The Merkle tree of RFC 6962 / RFC 9162: hashes, proofs, and their checks.

A node is named by its level and index: node (0, i) is leaf i, node (l, i) covers the 2**l leaves
from i * 2**l. Only complete nodes have a name; the root of a tree of any size is put together from
the complete nodes at its right edge.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import reduce

from referendum.core.errors import RecordError

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

Node = Callable[[int, int], bytes]
"""Gives the hash of the complete node at (level, index)."""


class ProofError(RecordError):
    """A proof does not show what it claims to show."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry (RFC 9162, section 2.1.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours into their parent (RFC 9162, section 2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def range_hash(node: Node, first: int, end: int) -> bytes:
    """Hash the subtree over leaves `first` to `end`, where `first` is where a split would begin."""
    return reduce(
        lambda right, left: node_hash(left, right),
        reversed([node(level, index) for level, index in complete_nodes(first, end)]),
    )


def complete_nodes(first: int, end: int) -> list[tuple[int, int]]:
    """Name the complete nodes that together cover leaves `first` to `end`, from the left."""
    nodes = []
    while first < end:
        level = (end - first).bit_length() - 1
        nodes.append((level, first >> level))
        first += 1 << level
    return nodes


def root_hash(node: Node, size: int) -> bytes:
    """Give the root of the tree of the first `size` leaves."""
    return range_hash(node, 0, size) if size else EMPTY_ROOT


def inclusion_proof(node: Node, index: int, size: int) -> list[bytes]:
    """Prove that leaf `index` stands in the tree of `size` leaves (RFC 9162, section 2.1.3.1).

    Raises:
        ProofError: the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ProofError(f"a log of {size} entries has no entry {index}")
    first, end, path = 0, size, []
    while end - first > 1:
        split = first + _largest_power_below(end - first)
        if index < split:
            path.append(range_hash(node, split, end))
            end = split
        else:
            path.append(range_hash(node, first, split))
            first = split
    return path[::-1]


def consistency_proof(node: Node, old: int, size: int) -> list[bytes]:
    """Prove that the tree of `size` leaves begins with that of `old` (RFC 9162, 2.1.4.1).

    Raises:
        ProofError: the old size is not among 0 to `size`.
    """
    if not 0 <= old <= size:
        raise ProofError(f"a log of {size} entries has no earlier state of {old}")
    if old in {0, size}:
        return []
    first, end, path = 0, size, []
    whole = True  # the subtree reached is itself the old tree
    while old != end:
        split = first + _largest_power_below(end - first)
        if old <= split:
            path.append(range_hash(node, split, end))
            end = split
        else:
            path.append(range_hash(node, first, split))
            first, whole = split, False
    return ([] if whole else [range_hash(node, first, end)]) + path[::-1]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check an inclusion proof (RFC 9162, section 2.1.3.2).

    Raises:
        ProofError: it does not lead from the leaf to the root.
    """
    _require_hashes(leaf, root, *proof)
    if not 0 <= index < size:
        raise ProofError(f"a log of {size} entries has no entry {index}")
    place, last, reached = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofError("the proof is too long")
        if place % 2 or place == last:
            reached = node_hash(sibling, reached)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            reached = node_hash(reached, sibling)
        place, last = place >> 1, last >> 1
    if last or reached != root:
        raise ProofError("the proof does not lead to the root")


def verify_consistency(
    old: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes
) -> None:
    """Check a consistency proof (RFC 9162, section 2.1.4.2).

    Raises:
        ProofError: the tree of `size` leaves is not shown to begin with that of `old`.
    """
    _require_hashes(old_root, root, *proof)
    if not 0 <= old <= size:
        raise ProofError(f"a log of {size} entries has no earlier state of {old}")
    if old in {0, size}:
        _verify_trivial(old, size, proof, old_root, root)
        return
    place, last = old - 1, size - 1
    while place % 2:
        place, last = place >> 1, last >> 1
    path = list(proof) if place else [old_root, *proof]
    if not path:
        raise ProofError("the proof is empty")
    old_reached = reached = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofError("the proof is too long")
        if place % 2 or place == last:
            old_reached = node_hash(sibling, old_reached)
            reached = node_hash(sibling, reached)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            reached = node_hash(reached, sibling)
        place, last = place >> 1, last >> 1
    if last or old_reached != old_root or reached != root:
        raise ProofError("the proof does not join the two roots")


def _verify_trivial(
    old: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes
) -> None:
    if proof:
        raise ProofError("no proof is needed here, and one was given")
    if old == 0 and old_root != EMPTY_ROOT:
        raise ProofError("the root of the empty log is another")
    if old == size and old_root != root:
        raise ProofError("two logs of one size have different roots")


def _require_hashes(*hashes: bytes) -> None:
    if any(len(value) != HASH_BYTES for value in hashes):
        raise ProofError(f"a hash has {HASH_BYTES} bytes; one here has not")


def _largest_power_below(number: int) -> int:
    return 1 << ((number - 1).bit_length() - 1)
