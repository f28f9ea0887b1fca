"""Chances put right by checks, as they come in.

With few checks the log-odds are moved and stretched (Platt 1999), held to what they were by as much
as `HELD` checks; from `MANY` checks on, the share that was right among lines of like chance is
taken, never falling as the chance rises (isotonic regression by pooling adjacent violators: Ayer et
al. 1955).
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from referendum.core.errors import InputError

Array = npt.NDArray[Any]

MANY = 1_000
HELD = 10.0
LEAST = 20
"""Checks below which nothing is put right."""

ROUNDS = 50
EDGE = 1e-4
"""No chance is nearer to 0 or 1 than this before its log-odds are taken."""


def calibrated(chances: Array, checked: Array, right: Array, weights: Array) -> Array:
    """Put chances right.

    Args:
        chances: of all lines.
        checked: rows of the lines that were checked, drawn by chance.
        right: whether each of them was on the list.
        weights: one over the chance with which each was drawn.

    Raises:
        InputError: there are fewer than `LEAST` checks.
    """
    if len(checked) < LEAST:
        raise InputError(
            f"{len(checked)} checks are too few to put chances right",
            hint=f"check {LEAST} lines or more, drawn by chance",
        )
    weights = weights * len(weights) / weights.sum()
    if len(checked) < MANY:
        return _platt(chances, chances[checked], right, weights)
    return _isotonic(chances, chances[checked], right, weights)


def _platt(chances: Array, claimed: Array, right: Array, weights: Array) -> Array:
    """Fit right ~ a + b log-odds by Newton's method, a near 0 and b near 1."""
    x = np.stack([np.ones(len(claimed)), _log_odds(claimed)], axis=1)
    start = np.array([0.0, 1.0])
    fitted = start.copy()
    for _ in range(ROUNDS):
        p = 1 / (1 + np.exp(-x @ fitted))
        slope = x.T @ (weights * (right - p)) - HELD * (fitted - start)
        bend = (x * (weights * p * (1 - p))[:, None]).T @ x + HELD * np.eye(2)
        move = np.linalg.solve(bend, slope)
        fitted += move
        if np.abs(move).max() < 1e-9:
            break
    put_right: Array = 1 / (1 + np.exp(-(fitted[0] + fitted[1] * _log_odds(chances))))
    return put_right


def _log_odds(chances: Array) -> Array:
    inside = np.clip(chances, EDGE, 1 - EDGE)
    odds: Array = np.log(inside / (1 - inside))
    return odds


def _isotonic(chances: Array, claimed: Array, right: Array, weights: Array) -> Array:
    order = np.argsort(claimed, kind="stable")
    means: list[float] = []
    sizes: list[float] = []
    ends: list[float] = []
    for at, mean, size in zip(claimed[order], right[order], weights[order], strict=True):
        means.append(float(mean))
        sizes.append(float(size))
        ends.append(float(at))
        while len(means) > 1 and means[-2] >= means[-1]:
            both = sizes[-2] + sizes[-1]
            means[-2:] = [(means[-2] * sizes[-2] + means[-1] * sizes[-1]) / both]
            sizes[-2:] = [both]
            ends[-2:] = [ends[-1]]
    put_right: Array = np.array(means)[
        np.minimum(np.searchsorted(np.array(ends), chances), len(means) - 1)
    ]
    return put_right
