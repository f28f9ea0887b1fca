"""Seeds that somebody typed: of none does a piece stand in an earlier act."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from referendum.verify.canonical import encode
from referendum.verify.report import Mismatch

PIECE, BLOCK = 12, 6
"""Characters in a row that are looked for; so many hold a whole block of a text cut into these."""

_OTHER_SIGNS = re.compile(r"[^0-9a-z]+")


class TypedSeeds:
    """The seeds of draws, looked for in all earlier acts at once: in time that grows with these."""

    def __init__(self) -> None:
        self._draws: dict[str, list[int]] = {}
        self._blocks: set[str] = set()
        self._last = 0

    def add(self, number: int, seed: str) -> None:
        """Take note of the seed of an act, in small letters; acts come in order."""
        self._last = number
        for piece in {seed[end - PIECE : end] for end in range(PIECE, len(seed) + 1)}:
            self._draws.setdefault(piece, []).append(number)
        self._blocks |= {seed[end - BLOCK : end] for end in range(BLOCK, len(seed) + 1)}

    def known(self, acts: list[dict[str, Any]]) -> Iterator[tuple[int, Mismatch]]:
        """Give the acts whose seeds stand in earlier ones, each with the first of these."""
        found: dict[int, int] = {}
        for number, act in enumerate(acts[: self._last]):
            for draw in self._later_draws(number, act):
                found.setdefault(draw, number)
        for draw, number in sorted(found.items()):
            words = "its seed, or 12 characters in a row of it, has been known since act"
            yield draw, Mismatch(f"{words} {number}")

    def _later_draws(self, number: int, act: dict[str, Any]) -> Iterable[int]:
        """Give the later acts of whose seeds a piece stands here; no piece is looked for again."""
        text = _OTHER_SIGNS.sub("", encode(act).decode().lower())
        for place in range(0, len(text) - BLOCK + 1, BLOCK):
            if text[place : place + BLOCK] in self._blocks:
                for begin in range(max(0, place + BLOCK - PIECE), place + 1):
                    draws = self._draws.pop(text[begin : begin + PIECE], ())
                    yield from (draw for draw in draws if draw > number)
