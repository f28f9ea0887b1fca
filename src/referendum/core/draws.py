"""Seeded draws that anyone can repeat with a pencil and SHA-256.

The ticket of line 17 under a public seed is the SHA-256 of the text `SEED,17` (UTF-8). The sample
of n is the n lines with the smallest tickets. This is consistent sampling (Rivest, "Consistent
sampling with replacement", 2018, here without replacement): a larger sample contains the smaller
one, and removing a line moves no other.
"""

import hashlib
import heapq
import re
from collections.abc import Iterable
from itertools import pairwise

from referendum.core.errors import InputError

SEED_HINT = "roll dice in public and write down 20 digits or more"

_LENGTHS = {"[0-9]+": 20, "[0-9a-f]+": 16, "[0-9a-z]+": 14}
"""Least length of a seed by the signs that it has: 64 bits."""


_LONGEST, _FEWEST, _RUN, _KNOWN = 100, 3, 11, 12
"""Most characters of a seed; fewest different ones; in a row: those of a run, those once known."""


def require_seed(seed: str, earlier: Iterable[bytes]) -> None:
    """See that a seed is too long to be guessed, and that it was not known before.

    Args:
        seed: letters and digits: 20 digits, 16 hexadecimal digits, or 14 of both.
        earlier: what was public before, act by act.

    Raises:
        InputError: it is short, holds other signs, repeats itself or counts, or a part of it
            stands in what came earlier.
    """
    if not seed.strip():
        raise InputError("the seed is empty", hint=SEED_HINT)
    small = seed.lower()
    lengths = [least for signs, least in _LENGTHS.items() if re.fullmatch(signs, small)]
    if not lengths or len(seed) < lengths[0]:
        raise InputError(
            f"the seed {seed!r} is too short, or has other signs than letters and digits",
            hint=f"{SEED_HINT}; or 16 hexadecimal digits, or 14 letters and digits",
        )
    if len(small) > _LONGEST or not may_be_rolled(small):
        raise InputError(
            f"nobody rolled the seed {seed[:40]!r}: it repeats itself or counts, or is too long",
            hint=SEED_HINT,
        )
    parts = {small[at : at + _KNOWN].encode() for at in range(len(small) - _KNOWN + 1)}
    for number, text in enumerate(earlier):
        bare = _bare(text)
        if any(part in bare for part in parts):
            raise InputError(
                f"the seed has been known since act {number}",
                hint="roll the dice again: whoever knew the seed could have fitted something to it",
            )


def may_be_rolled(small: str) -> bool:
    """Whether a seed is none that dice fall on less often than once in a million times."""
    if len(set(small)) < _FEWEST:
        return False
    if any(small[period:] == small[:-period] for period in range(1, len(small) // 2 + 1)):
        return False
    return not any(_is_run(small[at : at + _RUN]) for at in range(len(small) - _RUN + 1))


def _is_run(part: str) -> bool:
    steps = {
        (int(after) - int(before) + 1) % 10 - 1
        if (before + after).isdigit()
        else ord(after) - ord(before)
        for before, after in pairwise(part)
    }
    return len(steps) == 1 and steps <= {-1, 0, 1}


def _bare(told: bytes) -> bytes:
    """Leave the letters and digits of a text, in small letters: blanks and marks hide no seed."""
    return re.sub(rb"[^0-9a-z]+", b"", told.lower())


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
