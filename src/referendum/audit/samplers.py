"""Draws by SHA-256 that other tools also make, so that their audits can be repeated here."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

import numpy as np


def sha256_number(text: str) -> int:
    """Give SHA-256 of a text (UTF-8) as a number below 2^256."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")


def rivest_numbers(seed: str, low: int, high: int) -> Iterator[int]:
    """Draw whole numbers from low … high with replacement (Rivest's sampler).

    The i-th is low + SHA-256(`SEED,i`) mod (high - low + 1), i from 1.
    """
    i = 0
    while True:
        i += 1
        yield low + sha256_number(f"{seed},{i}") % (high - low + 1)


def take_distinct(picks: Iterable[int], size: int, taken: Iterable[int] = ()) -> list[int]:
    """Take the first `size` picks that are new; there must be as many."""
    drawn_before = set(taken)
    found: list[int] = []
    for pick in picks if size else ():
        if pick not in drawn_before:
            drawn_before.add(pick)
            found.append(pick)
            if len(found) == size:
                break
    return found


def draw_by_weight(seed: str, weights: Sequence[int], size: int, first: int = 1) -> list[int]:
    """Draw places by weight, with replacement: probability proportional to an error bound.

    The i-th draw is the first place whose cumulative weight is more than SHA-256(`SEED,i`) mod W,
    W the sum of all. Weights are whole numbers, so any program can repeat it.

    Args:
        seed: public.
        weights: one for each place; not negative, and not all 0.
        size: draws.
        first: number of the first draw.
    """
    ends = np.cumsum(np.array(weights, dtype=object))
    total = int(ends[-1])
    hits = [sha256_number(f"{seed},{i}") % total for i in range(first, first + size)]
    return [int(np.searchsorted(ends, hit, side="right")) for hit in hits]


def fraction_ticket(item: str, seed: str) -> str:
    """Give the ticket of an item as Rivest's consistent sampler has it: a decimal fraction.

    The digits are those of SHA-256(SHA-256(seed) in hexadecimal followed by the item), reversed.
    """
    hashed = hashlib.sha256(seed.encode()).hexdigest()
    return "0." + f"{sha256_number(hashed + item):064d}"[::-1]


def next_ticket(ticket: str) -> str:
    """Give the ticket of an item's next turn, when it is drawn with replacement."""
    kept = _after_nines(ticket)
    i = 0
    later = "0."
    while later <= ticket + "0":
        i += 1
        later = ticket[:kept] + f"{sha256_number(f'{ticket}:{i}'):064d}"[::-1]
    return later


def trim_ticket(ticket: str, digits: int) -> str:
    """Cut a ticket to some digits after its leading nines, as it is printed."""
    return ticket[: _after_nines(ticket) + digits]


def _after_nines(ticket: str) -> int:
    """Give the place of the first digit that is no nine."""
    return next(i for i, digit in enumerate(ticket + "0") if i > 1 and digit < "9")


def draw_arlo_batches(seed: str, weights: Sequence[float], size: int) -> list[int]:
    """Draw batches by weight as Arlo does: NumPy's `default_rng(SHA-256(seed)).choice`.

    This repeats published audits; NumPy's generator is no official draw of this project.
    """
    generator = np.random.default_rng(sha256_number(seed))
    return [int(one) for one in generator.choice(len(weights), size, p=np.array(weights))]
