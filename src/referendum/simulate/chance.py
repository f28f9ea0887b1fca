"""Random numbers from a seed, in streams that are independent of each other."""

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def random_stream(seed: str, *place: str | int) -> np.random.Generator:
    """Give the stream of random numbers for one place in the work: same seed, same numbers."""
    text = "/".join([seed, *map(str, place)])
    digest = hashlib.sha256(text.encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


class WeightedItems:
    """Items that are drawn with probabilities in proportion to their weights."""

    def __init__(self, items: list[str], weights: Array | list[float]) -> None:
        self._items = np.array(items, dtype=object)
        self._sums = np.cumsum(np.asarray(weights, dtype=float))

    def draw(self, rng: np.random.Generator, count: int) -> Array:
        """Draw `count` items with replacement."""
        drawn: Array = self._items[np.searchsorted(self._sums, rng.random(count) * self._sums[-1])]
        return drawn
