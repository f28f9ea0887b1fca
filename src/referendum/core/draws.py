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

_LEAST_LENGTHS = {"[0-9]+": 20, "[0-9a-f]+": 16, "[0-9a-z]+": 14}
"""Least length of a seed by its alphabet, so that it is worth 64 bits or more."""


_LONGEST_SEED, _FEWEST_CHARACTERS, _RUN_LENGTH, _KNOWN_LENGTH = 100, 3, 11, 12
"""Of a seed: most characters; fewest different ones; length of a run (digits or letters that repeat
or count) that is refused; length of a part that must not have been public before."""


def require_seed(seed: str, earlier: Iterable[bytes]) -> None:
    """Require that a seed is too long to be guessed, and that it was not known before.

    Args:
        seed: letters and digits: 20 digits, 16 hexadecimal digits, or 14 of both.
        earlier: the bytes that were public before, act by act.

    Raises:
        InputError: it is short, holds other characters, repeats itself or counts, or a part of it
            was public earlier.
    """
    if not seed.strip():
        raise InputError("the seed is empty", hint=SEED_HINT)
    lower = seed.lower()
    lengths = [least for alphabet, least in _LEAST_LENGTHS.items() if re.fullmatch(alphabet, lower)]
    if not lengths or len(seed) < lengths[0]:
        raise InputError(
            f"the seed {seed!r} is too short, or has other signs than letters and digits",
            hint=f"{SEED_HINT}; or 16 hexadecimal digits, or 14 letters and digits",
        )
    if len(lower) > _LONGEST_SEED or not is_plausible_roll(lower):
        raise InputError(
            f"nobody rolled the seed {seed[:40]!r}: it repeats itself or counts, or is too long",
            hint=SEED_HINT,
        )
    parts = {
        lower[start : start + _KNOWN_LENGTH].encode()
        for start in range(len(lower) - _KNOWN_LENGTH + 1)
    }
    for number, text in enumerate(earlier):
        known = _letters_and_digits(text)
        if any(part in known for part in parts):
            raise InputError(
                f"the seed, or {_KNOWN_LENGTH} characters in a row of it, has been known since act"
                f" {number}",
                hint="roll the dice again: whoever knew the seed could have fitted something to it",
            )


def is_plausible_roll(seed: str) -> bool:
    """Whether a seed in small letters neither repeats itself nor counts.

    Dice show one that does less often than once in a million times.
    """
    if len(set(seed)) < _FEWEST_CHARACTERS:
        return False
    if any(seed[period:] == seed[:-period] for period in range(1, len(seed) // 2 + 1)):
        return False
    return not any(
        _is_run(seed[start : start + _RUN_LENGTH]) for start in range(len(seed) - _RUN_LENGTH + 1)
    )


def _is_run(part: str) -> bool:
    steps = {
        (int(after) - int(before) + 1) % 10 - 1
        if (before + after).isdigit()
        else ord(after) - ord(before)
        for before, after in pairwise(part)
    }
    return len(steps) == 1 and steps <= {-1, 0, 1}


def _letters_and_digits(text: bytes) -> bytes:
    """Keep the letters and digits of a text, in small letters: blanks and marks hide no seed."""
    return re.sub(rb"[^0-9a-z]+", b"", text.lower())


def ticket(seed: str, item: int | str) -> str:
    """Give the ticket of one item, usually a serial number, as 64 hexadecimal digits.

    By hand: `printf '%s,%s' SEED ITEM | sha256sum`.
    """
    return hashlib.sha256(f"{seed},{item}".encode()).hexdigest()


def draw(seed: str, serials: Iterable[int], size: int) -> list[tuple[str, int]]:
    """Draw `size` of the serials; give (ticket, serial) in the order of the tickets."""
    return heapq.nsmallest(size, ((ticket(seed, serial), serial) for serial in serials))


def draw_weighted(
    seed: str, weights: Iterable[tuple[int, int]], size: int
) -> list[tuple[str, int]]:
    """Draw `size` of (serial, weight); give (ticket, serial) in the order of the tickets.

    A line of weight 3 has three tickets, of which the smallest counts: those of line 17 are the
    SHA-256 of `SEED,17`, `SEED,17,2` and `SEED,17,3`. Of the lines that are left, each is the next
    with a chance in proportion to its weight (successive sampling). With weights of 1 this is
    `draw`.
    """
    return heapq.nsmallest(
        size, ((_smallest_ticket(seed, serial, weight), serial) for serial, weight in weights)
    )


def _smallest_ticket(seed: str, serial: int, weight: int) -> str:
    further = (ticket(seed, f"{serial},{number}") for number in range(2, weight + 1))
    return min((ticket(seed, serial), *further))
