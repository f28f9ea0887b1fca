"""Simulated audits: how many cards an audit takes, by chance from a seed.

The loops are compiled, because a plan needs a thousand audits of a million cards at once. The
chance is SplitMix64 (Steele, Lea and Flood, 2014), so that a seed gives the same on any platform;
it serves plans and tests, never an official draw.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from referendum.audit.assorters import Assorter
from referendum.core.errors import InputError

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class PollingTest:
    """A test by ballot polling: a weighted average of an SPRT and of ALPHA.

    Attributes:
        eta: the assorter's reported mean.
        weight: of the SPRT at the reported mean; the rest is on ALPHA's.
        d: cards that the reported mean weighs in ALPHA's estimate.
    """

    eta: float
    weight: float = 0.5
    d: float = 100.0


@njit(cache=True)
def _splitmix64(state: Any) -> Any:  # noqa: ANN401 - compiled code has machine types
    state = state + np.uint64(0x9E3779B97F4A7C15)
    z = state
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state, z ^ (z >> np.uint64(31))


@njit(cache=True)
def _polling_size(
    counts: Any,  # noqa: ANN401
    values: Any,  # noqa: ANN401
    numbers: tuple[float, ...],
    state: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    """Draw cards without replacement until the average of two martingales reaches the goal."""
    upper, eta, weight, d, goal = numbers
    kinds = counts.size
    left = counts.copy()
    cards = left.sum()
    room = cards * 0.5  # N t - S: what the cards left may be worth under the null hypothesis
    eta_left = cards * eta
    c = (eta - 0.5) / 2
    rounding = 1e-9 * cards  # a sum so near to N t is equal to it: equality is no win
    sum_so_far = 0.0
    one, other = weight, 1 - weight
    for j in range(counts.sum()):
        n = cards - j
        m = room / n
        if room < -rounding:
            return j
        state, word = _splitmix64(state)
        pick = int((word >> np.uint64(11)) * (1.0 / 9007199254740992.0) * n)
        kind = 0
        while kind < kinds - 1 and pick >= left[kind]:
            pick -= left[kind]
            kind += 1
        x = values[kind]
        left[kind] -= 1
        if m >= upper:
            one = other = 0.0
        elif room > rounding:
            if one > 0:
                guess = min(max(eta_left / n, 0.0), upper)
                one *= (x * guess / m + (upper - x) * (upper - guess) / (upper - m)) / upper
            if other > 0:
                guess = max((d * eta + sum_so_far) / (d + j), m + c / np.sqrt(d + j))
                guess = min(guess, upper * (1 - 2.220446049250313e-16))
                other *= (x * guess / m + (upper - x) * (upper - guess) / (upper - m)) / upper
        if one + other >= goal:
            return j + 1
        sum_so_far += x
        room -= x
        eta_left -= x
    return cards + 1 if room >= -rounding else cards


@njit(cache=True)
def _polling_sizes(
    counts: Any,  # noqa: ANN401
    values: Any,  # noqa: ANN401
    numbers: tuple[float, ...],
    seed: Any,  # noqa: ANN401
    runs: int,
) -> Any:  # noqa: ANN401
    found = np.empty(runs, dtype=np.int64)
    state = seed
    for run in range(runs):
        state, word = _splitmix64(state)
        found[run] = _polling_size(counts, values, numbers, word)
    return found


def simulate_polling(
    assorter: Assorter,
    cards: dict[str, int],
    test: PollingTest,
    risk_limit: float,
    *,
    runs: int,
    seed: int,
) -> Counts:
    """Simulate ballot-polling audits.

    Args:
        assorter: of the assertion.
        cards: how many cards truly show each mark (`yes`, `no`, `blank`, `missing`).
        test: the test and the reported mean that it starts from.
        risk_limit: α.
        runs: audits.
        seed: of the chance.

    Returns:
        Cards of each audit when it ended; one more than there are cards where it never did: the
        assertion is false and every card was seen.

    Raises:
        InputError: there are no cards.
    """
    counts = np.array([n for n in cards.values() if n > 0], dtype=np.int64)
    values = [getattr(assorter, mark) for mark, n in cards.items() if n > 0]
    if not counts.size:
        raise InputError("there are no cards to draw")
    floats = np.array([float(value) for value in values])
    numbers = (float(assorter.upper), test.eta, test.weight, test.d, 1 / risk_limit)
    found: Counts = _polling_sizes(counts, floats, numbers, np.uint64(seed), runs)
    return found


@njit(cache=True)
def _comparison_sizes(
    counts: Any,  # noqa: ANN401
    values: Any,  # noqa: ANN401
    stake: float,
    goal: float,
    seed: Any,  # noqa: ANN401
    runs: int,
) -> Any:  # noqa: ANN401
    found = np.empty(runs, dtype=np.int64)
    cards = counts.sum()
    rounding = 1e-9 * cards
    state = seed
    for run in range(runs):
        left = counts.copy()
        room = cards * 0.5
        wealth = 1.0
        found[run] = cards + 1
        for j in range(cards):
            n = cards - j
            m = room / n
            if room < -rounding:
                found[run] = j
                break
            state, word = _splitmix64(state)
            pick = int((word >> np.uint64(11)) * (1.0 / 9007199254740992.0) * n)
            kind = 0
            while kind < counts.size - 1 and pick >= left[kind]:
                pick -= left[kind]
                kind += 1
            left[kind] -= 1
            if room > rounding:
                wealth *= 1 + min(stake, (1 - 1e-12) / m) * (values[kind] - m)
            room -= values[kind]
            if wealth >= goal:
                found[run] = j + 1
                break
    return found


def simulate_comparison(
    values: NDArray[np.float64],
    counts: Counts,
    stake: float,
    risk_limit: float,
    *,
    runs: int,
    seed: int,
) -> Counts:
    """Simulate card-comparison audits with a fixed bet.

    Args:
        values: what a compared card can be worth (the overstatement assorter's values).
        counts: how many cards are truly worth each; the most frequent first is fastest.
        stake: λ of the bet 1 + λ(x - m); see `kelly_stake`.
        risk_limit: α.
        runs: audits.
        seed: of the chance.

    Returns:
        As `poll`.
    """
    found: Counts = _comparison_sizes(counts, values, stake, 1 / risk_limit, np.uint64(seed), runs)
    return found


@njit(cache=True)
def _pooled_comparison_sizes(
    counts: Any,  # noqa: ANN401
    values: Any,  # noqa: ANN401
    stakes: Any,  # noqa: ANN401
    goal: float,
    seed: Any,  # noqa: ANN401
    runs: int,
) -> Any:  # noqa: ANN401
    """Keep the cards that are left in a binary indexed tree (Fenwick, 1994)."""
    found = np.empty(runs, dtype=np.int64)
    kinds, cards = counts.size, counts.sum()
    top = 1
    while 2 * top <= kinds:
        top *= 2
    tree = np.zeros(kinds + 1, dtype=np.int64)
    for kind in range(kinds):
        tree[kind + 1] += counts[kind]
        above = kind + 1 + ((kind + 1) & -(kind + 1))
        if above <= kinds:
            tree[above] += tree[kind + 1]
    rounding = 1e-9 * cards
    state = seed
    for run in range(runs):
        left = tree.copy()
        wealth = np.full(stakes.size, 1 / stakes.size)
        room = cards * 0.5
        found[run] = cards + 1
        for j in range(cards):
            n = cards - j
            if room < -rounding:
                found[run] = j
                break
            state, word = _splitmix64(state)
            pick = int((word >> np.uint64(11)) * (1.0 / 9007199254740992.0) * n)
            kind = _take_card(left, top, pick)
            if room > rounding:
                for one in range(stakes.size):
                    stake = min(stakes[one], (1 - 1e-12) * n / room)
                    wealth[one] *= 1 + stake * (values[kind] - room / n)
            room -= values[kind]
            if wealth.sum() >= goal:
                found[run] = j + 1
                break
    return found


@njit(cache=True)
def _take_card(left: Any, top: int, pick: int) -> int:  # noqa: ANN401
    """Find the kind of a card by its place among those left, and take it out."""
    at, step = 0, top
    while step:
        if at + step < left.size and left[at + step] <= pick:
            at += step
            pick -= left[at]
        step //= 2
    above = at + 1
    while above < left.size:
        left[above] -= 1
        above += above & -above
    return at


def simulate_pooled_comparison(
    values: NDArray[np.float64],
    counts: Counts,
    stakes: NDArray[np.float64],
    risk_limit: float,
    *,
    runs: int,
    seed: int,
) -> Counts:
    """Simulate card-comparison audits of cards of many kinds, such as ONEAudit's pools.

    Args:
        values: what a compared card can be worth.
        counts: how many cards are truly worth each.
        stakes: λ of the bets, on each of which an equal part of the wealth is staked.
        risk_limit: α.
        runs: audits.
        seed: of the chance.

    Returns:
        As `poll`.
    """
    kept = counts > 0
    found: Counts = _pooled_comparison_sizes(
        counts[kept], values[kept], stakes, 1 / risk_limit, np.uint64(seed), runs
    )
    return found
