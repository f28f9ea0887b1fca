"""Which copy of the list lines were written from: a fingerprinting code that is dealt in decoys.

Decoys come from one secret pool. Each copy gets some of it by chance: of the *scattered* ones few,
so that one who writes from a single copy is soon named; of the *shared* ones half, so that some are
in all copies of several receivers who compare theirs and strike out what differs.

The accuser sees only the decoys that lines were written from, so a decoy that is not seen says
nothing. That makes the code one of marks that can be erased but not made up, as in Tardos (2003),
who scores seen marks alone. Each copy's score is a likelihood ratio (Neyman and Pearson; for such
codes: Laarhoven, "Capacities and Capacity-Achieving Decoders for Various Fingerprinting Games",
2014): of a fraction of the decoys seen having come from this copy, against its decoys having had no
part in it. Of a copy that was not used the score's expectation is at most 1, whatever the others
did, because its decoys were dealt by chance apart from theirs (drawn without replacement, which is
negatively associated: Joag-Dev and Proschan 1983). So it reaches n with a chance of at most 1/n,
however often one looks.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import exp, log

import numpy as np

SCATTERED_PER_DECOY = 20
"""Scattered decoys in the pool for each that a copy gets, where the list has room."""

SHARED_PER_DECOY = 2
"""Shared decoys in the pool for each that a copy gets."""

POOL_SHARE = 10
"""The pool has at most one decoy for so many electors."""

FALSE_ACCUSATION = 1000
"""A copy is named if one that was not used, of all handed out, is with a chance of 1 in so many."""

PARTS = ((1.0, 0.5), (0.9, 0.125), (0.7, 0.125), (0.5, 0.125), (1 / 3, 0.125))
"""Fractions of the decoys seen that may have come from one copy, with their weights."""

LARGEST = 10**12
"""A higher score says no more."""


@dataclass(frozen=True)
class Hand:
    """The decoys of one copy.

    Attributes:
        pools: the scattered and the shared decoys that it could get.
        dealt: those that it got.
    """

    pools: tuple[frozenset[str], frozenset[str]]
    dealt: frozenset[str]


def pool_sizes(decoys: int, electors: int) -> tuple[int, int]:
    """Give how many scattered and how many shared decoys the pool has for copies of so many."""
    shared = decoys // 2
    wanted = SCATTERED_PER_DECOY * (decoys - shared)
    room = max(electors // POOL_SHARE - SHARED_PER_DECOY * shared, 2 * (decoys - shared))
    return min(wanted, room), SHARED_PER_DECOY * shared


def deal(
    scattered: Collection[str], shared: Collection[str], decoys: int, rng: np.random.Generator
) -> Hand:
    """Draw the decoys of a copy.

    Args:
        scattered: decoys of the pool that few copies get.
        shared: decoys of the pool that half of the copies get.
        decoys: how many; at most as many as there are.
        rng: secret random numbers.
    """
    of_shared = min(decoys // 2, len(shared))
    of_shared = max(of_shared, decoys - len(scattered))
    drawn = [
        str(one)
        for pool, count in ((scattered, decoys - of_shared), (shared, of_shared))
        for one in rng.choice(sorted(pool), count, replace=False)
        if count
    ]
    return Hand((frozenset(scattered), frozenset(shared)), frozenset(drawn))


def scores(hands: Mapping[int, Hand], seen: Collection[str]) -> dict[int, int]:
    """Give each copy's score: 1 says nothing, n or more comes by chance once in n at most.

    Args:
        hands: of all copies, by number.
        seen: decoys that lines were written from, or seem to be.
    """
    return {copy: _score(hand, seen) for copy, hand in hands.items()}


def name_copies(hands: Mapping[int, Hand], seen: Collection[str]) -> dict[int, int]:
    """Name the copies that the decoys seen were taken from, as far as that is proved.

    Returns:
        For each named copy n, where the chance that any copy is named that was not used, with a
        score as high as its, is at most 1 in n.
    """
    found = {copy: score // len(hands) for copy, score in scores(hands, seen).items()}
    return {copy: one for copy, one in found.items() if one >= FALSE_ACCUSATION}


def _score(hand: Hand, seen: Collection[str]) -> int:
    total = 0.0
    for part, weight in PARTS:
        ratio = log(weight)
        for pool in hand.pools:
            own = len(pool & hand.dealt)
            here = pool.intersection(seen)
            hits = len(here & hand.dealt)
            misses = len(here) - hits
            if misses and part == 1:
                ratio = -np.inf
                break
            ratio += hits * log(1 - part + part * len(pool) / own) if hits else 0.0
            ratio += misses * log(1 - part) if misses else 0.0
        total += exp(min(ratio, log(LARGEST)))
    return int(min(total, LARGEST))
