"""Seeded draws that anyone can repeat with a pencil and SHA-256.

The ticket of line 17 under a public seed is the SHA-256 of the text `SEED,17` (UTF-8). The sample
of n is the n lines with the smallest tickets. This is consistent sampling (Rivest, "Consistent
sampling with replacement", 2018, here without replacement): a larger sample contains the smaller
one, and removing a line moves no other.
"""

import hashlib
import heapq
from collections.abc import Iterable


def ticket(seed: str, serial: int) -> str:
    """Give the ticket of one serial number: 64 hexadecimal digits.

    By hand: `printf '%s,%s' SEED SERIAL | sha256sum`.
    """
    return hashlib.sha256(f"{seed},{serial}".encode()).hexdigest()


def drawn(seed: str, serials: Iterable[int], size: int) -> list[tuple[str, int]]:
    """Draw `size` of the serials: (ticket, serial) in the order of their tickets."""
    start = hashlib.sha256(f"{seed},".encode())

    def with_ticket(serial: int) -> tuple[str, int]:
        state = start.copy()
        state.update(str(serial).encode())
        return state.hexdigest(), serial

    return heapq.nsmallest(size, map(with_ticket, serials))
