"""Seeded draws that anyone can repeat with a pencil and SHA-256.

The ticket of line 17 under a public seed is the SHA-256 of the text `SEED,17` (UTF-8). The sample
of n is the n lines with the smallest tickets. This is consistent sampling (Rivest, "Consistent
sampling with replacement", 2018, here without replacement): a larger sample contains the smaller
one, and removing a line moves no other.
"""

import hashlib
import heapq
from collections.abc import Iterable


def ticket(seed: str, item: int | str) -> str:
    """Give the ticket of one item, mostly a serial number: 64 hexadecimal digits.

    By hand: `printf '%s,%s' SEED ITEM | sha256sum`.
    """
    return hashlib.sha256(f"{seed},{item}".encode()).hexdigest()


def draw(seed: str, serials: Iterable[int], size: int) -> list[tuple[str, int]]:
    """Draw `size` of the serials: (ticket, serial) in the order of their tickets."""
    return heapq.nsmallest(size, ((ticket(seed, serial), serial) for serial in serials))


def weighted_draw(
    seed: str, weights: Iterable[tuple[int, int]], size: int
) -> list[tuple[str, int]]:
    """Draw `size` of (serial, weight): a line of weight 3 has three tickets, its smallest counts.

    The tickets of line 17 are the SHA-256 of `SEED,17`, `SEED,17,2`, `SEED,17,3`. Among the lines
    that are left, each is next with a chance in proportion to its weight (successive sampling), and
    with weights of 1 this is `draw`.
    """
    return heapq.nsmallest(size, ((_least(seed, one, weight), one) for one, weight in weights))


def _least(seed: str, serial: int, weight: int) -> str:
    more = (ticket(seed, f"{serial},{number}") for number in range(2, weight + 1))
    return min((ticket(seed, serial), *more))
