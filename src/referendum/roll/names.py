"""Made-up names, days and the like that are as rare among those of a list as its own are.

A value that a list has c times is met by a new member as often as by those who are there: among
those who share theirs with c − 1 others, one in so many (Good 1953). So a made-up member takes the
rarity of a real one: a value that c − 1 have, or a new one where c is 1.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Generic, TypeVar

import numpy as np

V = TypeVar("V", bound=Hashable)

COMMON = 10
"""From so many bearers on one more or less tells nothing: the value itself is taken."""


class Rarity(Generic[V]):
    """How often each value of a list occurs."""

    def __init__(self, values: Sequence[V | None], new: Callable[[V], V | None]) -> None:
        """Count values.

        Args:
            values: of the list; None counts for nothing.
            new: makes up a value that the list has not, in the manner of one that it has.
        """
        self.counts = Counter(one for one in values if one is not None)
        self._new = new
        self._having: dict[int, list[V]] = defaultdict(list)
        for value, count in self.counts.items():
            if count <= COMMON:
                self._having[count].append(value)

    def like(
        self, value: V, rng: np.random.Generator, near: Callable[[V], float] | None = None
    ) -> V | None:
        """Give a value that is as rare, once it is added, as this one is.

        Args:
            value: of a member of the list.
            rng: random numbers.
            near: the less it gives, the better a value fits; asked of 25 drawn ones.
        """
        count = self.counts[value]
        if count > COMMON:
            return value
        if count <= 1:
            return self._new(value)
        having = self._having.get(count - 1) or [value]
        drawn = [having[at] for at in rng.integers(0, len(having), 25 if near else 1)]
        best: V = min(drawn, key=near) if near else drawn[0]
        return best


class Coinage:
    """New names in the manner of a list's: two put together, or one with a letter changed."""

    def __init__(self, names: Sequence[str], rng: np.random.Generator) -> None:
        """Take up the names of a list."""
        self._known = set(names)
        self._rng = rng
        self._at: dict[tuple[str, int], list[str]] = defaultdict(list)
        self._threes: Counter[str] = Counter()
        for name in sorted(self._known):
            self._threes.update(_threes(name))
            for at in range(1, len(name) - 1):
                self._at[name[at : at + 2], at].append(name)

    def new(self, name: str) -> str | None:
        """Make up a name as long as this one, and as odd in how its letters follow each other.

        Returns:
            None if none can be made.
        """
        odd = sum(self._threes[three] <= 1 for three in _threes(name))
        best: tuple[float, str] | None = None
        for made in (*self._put_together(name), *self._changed(name)):
            if made not in self._known:
                unseen = sum(not self._threes[three] for three in _threes(made))
                best = min(best or (99.0, ""), (abs(unseen - odd) + self._rng.random(), made))
        if best is None:
            return None
        self._known.add(best[1])
        return best[1]

    def _put_together(self, name: str) -> Iterator[str]:
        """Begin as another name does that has two letters at the same place."""
        for cut in range(1, len(name) - 1):
            others = self._at.get((name[cut : cut + 2], cut), ())
            for at in self._rng.integers(0, max(len(others), 1), 4) if others else ():
                yield others[at][:cut] + name[cut:]

    def _changed(self, name: str) -> Iterator[str]:
        """Change a letter into another of its kind."""
        for at in self._rng.integers(1, max(len(name), 2), 8):
            kind = next((one for one in _LETTERS if name[at : at + 1] in one), "") if name else ""
            if kind:
                letter = kind[int(self._rng.integers(len(kind)))]
                yield name[:at] + letter + name[at + 1 :]


_LETTERS = ("aeiou", "bdgptkc", "lrmn", "fvwszh")


def _threes(name: str) -> list[str]:
    framed = f"^{name}$"
    return [framed[at : at + 3] for at in range(len(framed) - 2)]
