"""Simulated petitions, many at once: the tests of `risk` in floating point, compiled.

A simulated petition is an array of lines, each with its class and whether it would be found valid.
Lines are drawn one after the other without replacement, with chances in proportion to the weights
of those that are left (a partial Fisher-Yates shuffle with rejection), until a risk comes down to
its limit. `replay` gives the wealths on a given sequence, to hold against `risk.measure`.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from referendum.core.errors import InputError
from referendum.sufficiency.design import Design
from referendum.sufficiency.risk import FRACTIONS, HALVINGS, LARGEST, PRIOR, STAKES

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

Bettors = Literal["mixture", "reported", "learned"]

_STAKES: dict[str, tuple[float, ...]] = {
    "mixture": tuple(stake / sum(STAKES) for stake in STAKES),
    "reported": (1.0, *[0.0] * (len(STAKES) - 1)),
    "learned": (0.0, 1.0, *[0.0] * (len(STAKES) - 2)),
}
_FIXED = np.array([0.0, 0.0, *map(float, FRACTIONS)])
_LARGEST = float(LARGEST)
_PRIOR = float(PRIOR)
_MARKET = np.array([0] + [1] * (len(STAKES) - 1))
ANSWERS = ("check_more", "sufficient", "insufficient")


class _Test(NamedTuple):
    """A design in numbers."""

    reports: Floats  # class
    weights: Integers  # class
    lines: Integers  # class
    rooms: Integers  # side
    limits: Floats  # side: wealth that decides
    stakes: Floats  # bettor


class _State(NamedTuple):
    """Both gamblers at work; axes: side (2), market (2), class (C), bettor (B)."""

    prior: Floats  # side, class
    reports: Floats  # side, market, class
    expected: Floats  # side, market
    steepest: Floats  # side, market
    fractions: Floats  # side, bettor
    wealth: Floats  # side, bettor
    room: Integers  # side
    hits: Integers  # side, class
    left: Integers  # class
    seen: Integers  # class


@dataclass(frozen=True)
class Runs:
    """What came of simulated petitions.

    Attributes:
        answers: of each run, a place in `ANSWERS`.
        checks: of each run, lines checked when it was decided, or when it was stopped.
    """

    answers: NDArray[np.int8]
    checks: Integers

    def share(self, answer: str) -> float:
        """Share of the runs with an answer."""
        return float(np.mean(self.answers == ANSWERS.index(answer)))


def lines_of(found: list[tuple[int, int]]) -> NDArray[np.uint8]:
    """Lay out the lines of a petition from (lines, valid) of each class: 2 class + valid each."""
    parts = [
        np.repeat(np.array([2 * of + 1, 2 * of], np.uint8), [valid, lines - valid])
        for of, (lines, valid) in enumerate(found)
    ]
    return np.concatenate(parts)


def simulate(
    design: Design,
    lines: NDArray[np.uint8],
    runs: int,
    seed: int,
    *,
    checked: NDArray[np.uint8] | None = None,
    bettors: Bettors = "mixture",
    at_most: int | None = None,
    workers: int = 2,
) -> Runs:
    """Simulate the check of one petition many times.

    Args:
        design: classes, requirement, risk limits.
        lines: shape (N,), 2 class + valid of each line not yet checked, as `lines_of` has them.
        runs: simulated checks.
        seed: of the chance numbers (splitmix64), which nothing official rests on.
        checked: the same of lines checked so far, in order, with which every run begins.
        bettors: the mixture of `risk`, or one of its first two bettors alone.
        at_most: checks after which a run is stopped undecided; none if None.
        workers: threads.

    Raises:
        InputError: the lines are not those of the design.
    """
    begun = np.zeros(0, np.uint8) if checked is None else checked
    counts = np.bincount(np.concatenate([lines, begun]) >> 1, minlength=len(design.classes))
    if list(counts) != [one.lines for one in design.classes]:
        raise InputError("the lines are not those of the design's classes")
    test = _test(design, bettors)
    most = min(design.lines, at_most or design.lines)
    shares = [runs // workers + (number < runs % workers) for number in range(workers)]

    def part(number: int) -> tuple[NDArray[np.int8], Integers]:
        start = (seed * 1_000_003 + number) % 2**63
        found: tuple[NDArray[np.int8], Integers] = _simulate(
            test, lines.copy(), begun, most, shares[number], start
        )
        return found

    with ThreadPoolExecutor(workers) as pool:
        answers, checks = zip(*pool.map(part, range(workers)), strict=True)
    return Runs(np.concatenate(answers), np.concatenate(checks))


def replay(design: Design, checked: NDArray[np.uint8]) -> tuple[float, float]:
    """Give the largest wealth of each side on one sequence of checked lines, 2 class + valid."""
    most = _replay(_test(design, "mixture"), checked)
    return float(most[0]), float(most[1])


def _test(design: Design, bettors: Bettors) -> _Test:
    return _Test(
        np.array([float(one.report) for one in design.classes]),
        np.array([one.weight for one in design.classes]),
        np.array([one.lines for one in design.classes]),
        np.array([design.accepted_at - 1, design.lines - design.refused_below]),
        np.array([1 / float(design.alpha), 1 / float(design.beta)]),
        np.array(_STAKES[bettors]),
    )


@njit(cache=True, nogil=True)
def _opened(test: _Test) -> _State:
    classes, bettors = len(test.reports), len(test.stakes)
    state = _State(
        np.empty((2, classes)), np.empty((2, 2, classes)), np.empty((2, 2)), np.empty((2, 2)),
        np.empty((2, bettors)), np.empty((2, bettors)), test.rooms.copy(),
        np.zeros((2, classes), np.int64), test.lines.copy(), np.zeros(classes, np.int64),
    )  # fmt: skip
    state.prior[0] = test.reports
    state.prior[1] = 1 - test.reports
    for side in range(2):
        state.wealth[side] = test.stakes
        state.fractions[side] = _FIXED
    return state


@njit(cache=True, nogil=True)
def _settle(state: _State, weights: Integers, mass: int) -> None:
    for side in range(2):
        for of in range(len(weights)):
            state.reports[side, 0, of] = state.prior[side, of]
            state.reports[side, 1, of] = (_PRIOR * state.prior[side, of] + state.hits[side, of]) / (
                _PRIOR + state.seen[of]
            )
        for market in range(2):
            expected, steepest = 0.0, 0.0
            for of in range(len(weights)):
                report = state.reports[side, market, of]
                expected += report * state.left[of]
                if state.left[of] > 0:
                    steepest = max(steepest, report / weights[of])
            state.expected[side, market] = expected
            state.steepest[side, market] = steepest
            state.fractions[side, market] = _best(state, side, market, weights, mass)


@njit(cache=True, nogil=True)
def _best(state: _State, side: int, market: int, weights: Integers, mass: int) -> float:
    low, high = 0.0, _LARGEST
    if state.room[side] <= 0 or _slope(state, side, market, weights, mass, 0.0) <= 0:
        return 0.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _slope(state, side, market, weights, mass, middle) > 0:
            low = middle
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def _slope(
    state: _State, side: int, market: int, weights: Integers, mass: int, fraction: float
) -> float:
    surplus = state.expected[side, market] - state.room[side]
    loss = state.steepest[side, market] * mass - surplus
    total = 0.0
    for of in range(len(weights)):
        report = state.reports[side, market, of]
        low = (surplus - report * mass / weights[of]) / loss
        high = low + mass / weights[of] / loss
        chance = weights[of] * state.left[of] / mass
        gains = report * high / (1 + fraction * high)
        total += chance * (gains + (1 - report) * low / (1 + fraction * low))
    return total


@njit(cache=True, nogil=True)
def _bet(state: _State, side: int, of: int, hit: int, weights: Integers, mass: int) -> float:
    """Draw a line of a class: change the side's wealths, give their sum."""
    for market in range(2):
        surplus = state.expected[side, market] - state.room[side]
        loss = state.steepest[side, market] * mass - surplus
        payoff = (hit - state.reports[side, market, of]) * mass / weights[of] + surplus
        for bettor in range(len(_MARKET)):
            if _MARKET[bettor] == market:
                gain = state.fractions[side, bettor] * payoff / loss
                state.wealth[side, bettor] *= 1 + gain
    return float(state.wealth[side].sum())


@njit(cache=True, nogil=True)
def _draw(
    state: _State, of: int, valid: int, weights: Integers, mass: int, lines: int
) -> tuple[float, float]:
    """Check a line: give both wealths after it."""
    wealth = np.zeros(2)
    for side in range(2):
        hit = valid if side == 0 else 1 - valid
        if 0 < state.room[side] < lines:
            wealth[side] = _bet(state, side, of, hit, weights, mass)
        state.room[side] -= hit
        state.hits[side, of] += hit
        for market in range(2):
            state.expected[side, market] -= state.reports[side, market, of]
        if state.room[side] < 0:
            wealth[side] = np.inf
    state.left[of] -= 1
    state.seen[of] += 1
    return wealth[0], wealth[1]


@njit(cache=True, nogil=True)
def _replay(test: _Test, checked: NDArray[np.uint8]) -> Floats:
    state = _opened(test)
    most = np.ones(2)
    mass, settled = (test.weights * test.lines).sum(), 0
    for number, code in enumerate(checked):
        if number >= settled:
            settled = number + 1 + number // 16
            _settle(state, test.weights, mass)
        of, left = code >> 1, test.lines.sum() - number
        first, second = _draw(state, of, code & 1, test.weights, mass, left)
        most[0], most[1] = max(most[0], first), max(most[1], second)
        mass -= test.weights[of]
    return most


@njit(cache=True, nogil=True)
def _simulate(
    test: _Test,
    codes: NDArray[np.uint8],
    begun: NDArray[np.uint8],
    most: int,
    runs: int,
    seed: int,
) -> tuple[NDArray[np.int8], Integers]:
    weights, first_mass = test.weights, (test.weights * test.lines).sum()
    answers, checks = np.zeros(runs, np.int8), np.zeros(runs, np.int64)
    chance = np.array([seed], np.uint64)
    total, start = len(codes) + len(begun), len(begun)
    for run in range(runs):
        state = _opened(test)
        mass, settled, checked, answer = first_mass, 0, 0, 0
        while checked < most and answer == 0:
            if checked >= settled:
                settled = checked + 1 + checked // 16
                _settle(state, weights, mass)
            if checked < start:
                code = begun[checked]
            else:
                place = _pick(codes, weights, checked - start, chance)
                # What was drawn moves to the front: the lines that are left stay behind it.
                code = codes[place]
                codes[place], codes[checked - start] = codes[checked - start], code
            of = code >> 1
            first, second = _draw(state, of, code & 1, weights, mass, total - checked)
            mass -= weights[of]
            checked += 1
            answer = 1 if first >= test.limits[0] else 2 if second >= test.limits[1] else 0
        answers[run], checks[run] = answer, checked
    return answers, checks


@njit(cache=True, nogil=True)
def _pick(
    codes: NDArray[np.uint8], weights: Integers, checked: int, chance: NDArray[np.uint64]
) -> int:
    """Choose one of the lines that are left, with chances in proportion to their weights."""
    heaviest = weights.max()
    while True:
        place = checked + _below(chance, len(codes) - checked)
        weight = weights[codes[place] >> 1]
        if weight == heaviest or _below(chance, heaviest) < weight:
            return place


@njit(cache=True, nogil=True)
def _below(chance: NDArray[np.uint64], bound: int) -> int:
    """Give a whole number from 0 to bound - 1 (splitmix64, Steele, Lea and Flood 2014)."""
    chance[0] += np.uint64(0x9E3779B97F4A7C15)
    mixed = chance[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed = mixed ^ (mixed >> np.uint64(31))
    return int(((mixed >> np.uint64(32)) * np.uint64(bound)) >> np.uint64(32))
