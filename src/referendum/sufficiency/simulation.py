"""Simulated checks, many at once: the tests of `risk` in floating point, compiled.

A simulated petition is an array of lines, each with its class and whether it would be found valid.
Lines are drawn one after the other without replacement, with chances in proportion to the weights
of those that are left (a partial Fisher-Yates shuffle with rejection), until a risk comes down to
its limit. `replay_wealth` gives the wealths on a given sequence, to compare with
`risk.measure_risk`.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from referendum.core.errors import InputError
from referendum.sufficiency.design import Design
from referendum.sufficiency.risk import (
    FIXED_FRACTIONS,
    HALVINGS,
    LARGEST_FRACTION,
    PRIOR_LINES,
    STAKES,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

Bettors = Literal["mixture", "reported", "learned"]

_STAKES_OF_BETTORS: dict[str, tuple[float, ...]] = {
    "mixture": tuple(stake / sum(STAKES) for stake in STAKES),
    "reported": (1.0, *[0.0] * (len(STAKES) - 1)),
    "learned": (0.0, 1.0, *[0.0] * (len(STAKES) - 2)),
}
_FIXED_FRACTIONS = np.array([0.0, 0.0, *map(float, FIXED_FRACTIONS)])
_LARGEST = float(LARGEST_FRACTION)
_PRIOR = float(PRIOR_LINES)
_MARKET_OF_BETTOR = np.array([0] + [1] * (len(STAKES) - 1))
ANSWERS = ("check_more", "sufficient", "insufficient")


class _Parameters(NamedTuple):
    """A design as arrays."""

    reports: Floats  # class
    weights: Integers  # class
    lines: Integers  # class
    rooms: Integers  # side
    limits: Floats  # side: wealth that decides
    stakes: Floats  # bettor


class _State(NamedTuple):
    """State of both gamblers; axes: side (2), market (2), class (C), bettor (B)."""

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
class SimulatedChecks:
    """Outcomes of simulated checks.

    Attributes:
        answers: of each run, a place in `ANSWERS`.
        checks: of each run, lines checked when it was decided or stopped.
    """

    answers: NDArray[np.int8]
    checks: Integers

    def share(self, answer: str) -> float:
        """Share of the runs with an answer."""
        return float(np.mean(self.answers == ANSWERS.index(answer)))


def lay_out_lines(classes: list[tuple[int, int]]) -> NDArray[np.uint8]:
    """Lay out the lines of a petition from (lines, valid) of each class: 2 class + valid each."""
    parts = [
        np.repeat(np.array([2 * line_class + 1, 2 * line_class], np.uint8), [valid, lines - valid])
        for line_class, (lines, valid) in enumerate(classes)
    ]
    return np.concatenate(parts)


def simulate_checks(
    design: Design,
    lines: NDArray[np.uint8],
    runs: int,
    seed: int,
    *,
    checked: NDArray[np.uint8] | None = None,
    bettors: Bettors = "mixture",
    at_most: int | None = None,
    workers: int = 2,
) -> SimulatedChecks:
    """Simulate the check of one petition many times.

    Args:
        design: classes, requirement, risk limits.
        lines: shape (N,), 2 class + valid of each line not yet checked, from `lay_out_lines`.
        runs: simulated checks.
        seed: of the random numbers (splitmix64), on which nothing official rests.
        checked: the same of lines checked so far, in order, with which every run begins.
        bettors: the mixture of `risk`, or one of its first two bettors alone.
        at_most: checks after which a run is stopped undecided; none if None.
        workers: threads.

    Raises:
        InputError: the lines are not those of the design.
    """
    already_checked = np.zeros(0, np.uint8) if checked is None else checked
    counts = np.bincount(
        np.concatenate([lines, already_checked]) >> 1, minlength=len(design.classes)
    )
    if list(counts) != [one.lines for one in design.classes]:
        raise InputError("the lines are not those of the design's classes")
    parameters = _parameters(design, bettors)
    max_checks = min(design.lines, at_most or design.lines)
    shares = [runs // workers + (number < runs % workers) for number in range(workers)]

    def run_share(number: int) -> tuple[NDArray[np.int8], Integers]:
        start = (seed * 1_000_003 + number) % 2**63
        found: tuple[NDArray[np.int8], Integers] = _simulate_checks(
            parameters, lines.copy(), already_checked, max_checks, shares[number], start
        )
        return found

    with ThreadPoolExecutor(workers) as pool:
        answers, checks = zip(*pool.map(run_share, range(workers)), strict=True)
    return SimulatedChecks(np.concatenate(answers), np.concatenate(checks))


def replay_wealth(design: Design, checked: NDArray[np.uint8]) -> tuple[float, float]:
    """Give the largest wealth of each side on one sequence of checked lines, 2 class + valid."""
    peaks = _replay(_parameters(design, "mixture"), checked)
    return float(peaks[0]), float(peaks[1])


def _parameters(design: Design, bettors: Bettors) -> _Parameters:
    return _Parameters(
        np.array([float(one.report) for one in design.classes]),
        np.array([one.weight for one in design.classes]),
        np.array([one.lines for one in design.classes]),
        np.array([design.accepted_at - 1, design.lines - design.refused_below]),
        np.array([1 / float(design.alpha), 1 / float(design.beta)]),
        np.array(_STAKES_OF_BETTORS[bettors]),
    )


@njit(cache=True, nogil=True)
def _new_state(parameters: _Parameters) -> _State:
    classes, bettors = len(parameters.reports), len(parameters.stakes)
    state = _State(
        np.empty((2, classes)), np.empty((2, 2, classes)), np.empty((2, 2)), np.empty((2, 2)),
        np.empty((2, bettors)), np.empty((2, bettors)), parameters.rooms.copy(),
        np.zeros((2, classes), np.int64), parameters.lines.copy(), np.zeros(classes, np.int64),
    )  # fmt: skip
    state.prior[0] = parameters.reports
    state.prior[1] = 1 - parameters.reports
    for side in range(2):
        state.wealth[side] = parameters.stakes
        state.fractions[side] = _FIXED_FRACTIONS
    return state


@njit(cache=True, nogil=True)
def _choose_bets(state: _State, weights: Integers, mass: int) -> None:
    for side in range(2):
        for line_class in range(len(weights)):
            state.reports[side, 0, line_class] = state.prior[side, line_class]
            state.reports[side, 1, line_class] = (
                _PRIOR * state.prior[side, line_class] + state.hits[side, line_class]
            ) / (_PRIOR + state.seen[line_class])
        for market in range(2):
            expected, steepest = 0.0, 0.0
            for line_class in range(len(weights)):
                report = state.reports[side, market, line_class]
                expected += report * state.left[line_class]
                if state.left[line_class] > 0:
                    steepest = max(steepest, report / weights[line_class])
            state.expected[side, market] = expected
            state.steepest[side, market] = steepest
            state.fractions[side, market] = _best_fraction(state, side, market, weights, mass)


@njit(cache=True, nogil=True)
def _best_fraction(state: _State, side: int, market: int, weights: Integers, mass: int) -> float:
    low, high = 0.0, _LARGEST
    if state.room[side] <= 0 or _growth_slope(state, side, market, weights, mass, 0.0) <= 0:
        return 0.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _growth_slope(state, side, market, weights, mass, middle) > 0:
            low = middle
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def _growth_slope(
    state: _State, side: int, market: int, weights: Integers, mass: int, fraction: float
) -> float:
    surplus = state.expected[side, market] - state.room[side]
    loss = state.steepest[side, market] * mass - surplus
    total = 0.0
    for line_class in range(len(weights)):
        report = state.reports[side, market, line_class]
        low = (surplus - report * mass / weights[line_class]) / loss
        high = low + mass / weights[line_class] / loss
        chance = weights[line_class] * state.left[line_class] / mass
        gains = report * high / (1 + fraction * high)
        total += chance * (gains + (1 - report) * low / (1 + fraction * low))
    return total


@njit(cache=True, nogil=True)
def _place_bets(
    state: _State, side: int, line_class: int, hit: int, weights: Integers, mass: int
) -> float:
    """Settle the bets of one side on a line: update its wealths and give their sum."""
    for market in range(2):
        surplus = state.expected[side, market] - state.room[side]
        loss = state.steepest[side, market] * mass - surplus
        payoff = (hit - state.reports[side, market, line_class]) * mass / weights[
            line_class
        ] + surplus
        for bettor in range(len(_MARKET_OF_BETTOR)):
            if _MARKET_OF_BETTOR[bettor] == market:
                gain = state.fractions[side, bettor] * payoff / loss
                state.wealth[side, bettor] *= 1 + gain
    return float(state.wealth[side].sum())


@njit(cache=True, nogil=True)
def _check_line(
    state: _State, line_class: int, valid: int, weights: Integers, mass: int, lines: int
) -> tuple[float, float]:
    """Check a line and give the wealth of both sides after it."""
    wealth = np.zeros(2)
    for side in range(2):
        hit = valid if side == 0 else 1 - valid
        if 0 < state.room[side] < lines:
            wealth[side] = _place_bets(state, side, line_class, hit, weights, mass)
        state.room[side] -= hit
        state.hits[side, line_class] += hit
        for market in range(2):
            state.expected[side, market] -= state.reports[side, market, line_class]
        if state.room[side] < 0:
            wealth[side] = np.inf
    state.left[line_class] -= 1
    state.seen[line_class] += 1
    return wealth[0], wealth[1]


@njit(cache=True, nogil=True)
def _replay(parameters: _Parameters, checked: NDArray[np.uint8]) -> Floats:
    state = _new_state(parameters)
    peaks = np.ones(2)
    mass, settled = (parameters.weights * parameters.lines).sum(), 0
    for number, code in enumerate(checked):
        if number >= settled:
            settled = number + 1 + number // 16
            _choose_bets(state, parameters.weights, mass)
        line_class, left = code >> 1, parameters.lines.sum() - number
        first, second = _check_line(state, line_class, code & 1, parameters.weights, mass, left)
        peaks[0], peaks[1] = max(peaks[0], first), max(peaks[1], second)
        mass -= parameters.weights[line_class]
    return peaks


@njit(cache=True, nogil=True)
def _simulate_checks(
    parameters: _Parameters,
    codes: NDArray[np.uint8],
    already_checked: NDArray[np.uint8],
    max_checks: int,
    runs: int,
    seed: int,
) -> tuple[NDArray[np.int8], Integers]:
    weights, first_mass = parameters.weights, (parameters.weights * parameters.lines).sum()
    answers, checks = np.zeros(runs, np.int8), np.zeros(runs, np.int64)
    generator = np.array([seed], np.uint64)
    total, start = len(codes) + len(already_checked), len(already_checked)
    for run in range(runs):
        state = _new_state(parameters)
        mass, settled, checked, answer = first_mass, 0, 0, 0
        while checked < max_checks and answer == 0:
            if checked >= settled:
                settled = checked + 1 + checked // 16
                _choose_bets(state, weights, mass)
            if checked < start:
                code = already_checked[checked]
            else:
                place = _draw_line(codes, weights, checked - start, generator)
                # Drawn lines move to the front; the lines that are left stay behind them.
                code = codes[place]
                codes[place], codes[checked - start] = codes[checked - start], code
            line_class = code >> 1
            first, second = _check_line(state, line_class, code & 1, weights, mass, total - checked)
            mass -= weights[line_class]
            checked += 1
            answer = (
                1 if first >= parameters.limits[0] else 2 if second >= parameters.limits[1] else 0
            )
        answers[run], checks[run] = answer, checked
    return answers, checks


@njit(cache=True, nogil=True)
def _draw_line(
    codes: NDArray[np.uint8], weights: Integers, checked: int, generator: NDArray[np.uint64]
) -> int:
    """Choose one of the lines that are left, with chances in proportion to their weights."""
    heaviest = weights.max()
    while True:
        place = checked + _random_below(generator, len(codes) - checked)
        weight = weights[codes[place] >> 1]
        if weight == heaviest or _random_below(generator, heaviest) < weight:
            return place


@njit(cache=True, nogil=True)
def _random_below(generator: NDArray[np.uint64], bound: int) -> int:
    """Give a whole number from 0 to bound - 1 (splitmix64, Steele, Lea and Flood 2014)."""
    generator[0] += np.uint64(0x9E3779B97F4A7C15)
    mixed = generator[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed = mixed ^ (mixed >> np.uint64(31))
    return int(((mixed >> np.uint64(32)) * np.uint64(bound)) >> np.uint64(32))
