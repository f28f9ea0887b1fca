"""Recalibration: posteriors corrected by the results of checks.

With few checks the log-odds are shifted and scaled (Platt 1999), with a prior for leaving them as
they are that weighs as much as `PRIOR_CHECKS` checks. From `ISOTONIC_FROM` checks on, a line gets
the share found listed among lines of like posterior, never falling as the posterior rises (isotonic
regression by pooling adjacent violators: Ayer et al. 1955).
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from referendum.core.errors import InputError

Array = npt.NDArray[Any]

ISOTONIC_FROM = 1_000
PRIOR_CHECKS = 10.0
FEWEST_CHECKS = 20
"""Checks below which nothing is recalibrated."""

NEWTON_STEPS = 50
CLIP = 1e-4
"""Distance from 0 and from 1 to which posteriors are clipped before their log-odds are taken."""


def recalibrate(posteriors: Array, checked: Array, listed: Array, weights: Array) -> Array:
    """Recalibrate the posteriors of all lines by checks of some.

    Args:
        posteriors: of all lines, that the signer is on the list.
        checked: rows of the lines that were checked, drawn at random.
        listed: whether the signer of each of them was found on the list.
        weights: one over the probability with which each was drawn.

    Raises:
        InputError: there are fewer than `FEWEST_CHECKS` checks.
    """
    if len(checked) < FEWEST_CHECKS:
        raise InputError(
            f"{len(checked)} checks are too few to recalibrate the chances",
            hint=f"check {FEWEST_CHECKS} lines or more, drawn at random",
        )
    weights = weights * len(weights) / weights.sum()
    if len(checked) < ISOTONIC_FROM:
        return _platt(posteriors, posteriors[checked], listed, weights)
    return _isotonic(posteriors, posteriors[checked], listed, weights)


def _platt(posteriors: Array, claimed: Array, listed: Array, weights: Array) -> Array:
    """Fit listed ~ a + b log-odds by Newton's method, with a near 0 and b near 1."""
    design = np.stack([np.ones(len(claimed)), _log_odds(claimed)], axis=1)
    prior = np.array([0.0, 1.0])
    coefficients = prior.copy()
    for _ in range(NEWTON_STEPS):
        predicted = 1 / (1 + np.exp(-design @ coefficients))
        gradient = design.T @ (weights * (listed - predicted)) - PRIOR_CHECKS * (
            coefficients - prior
        )
        hessian = (
            design * (weights * predicted * (1 - predicted))[:, None]
        ).T @ design + PRIOR_CHECKS * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        coefficients += step
        if np.abs(step).max() < 1e-9:
            break
    recalibrated: Array = 1 / (
        1 + np.exp(-(coefficients[0] + coefficients[1] * _log_odds(posteriors)))
    )
    return recalibrated


def _log_odds(posteriors: Array) -> Array:
    clipped = np.clip(posteriors, CLIP, 1 - CLIP)
    odds: Array = np.log(clipped / (1 - clipped))
    return odds


def _isotonic(posteriors: Array, claimed: Array, listed: Array, weights: Array) -> Array:
    order = np.argsort(claimed, kind="stable")
    means: list[float] = []
    sizes: list[float] = []
    ends: list[float] = []
    for at, mean, size in zip(claimed[order], listed[order], weights[order], strict=True):
        means.append(float(mean))
        sizes.append(float(size))
        ends.append(float(at))
        while len(means) > 1 and means[-2] >= means[-1]:
            total = sizes[-2] + sizes[-1]
            means[-2:] = [(means[-2] * sizes[-2] + means[-1] * sizes[-1]) / total]
            sizes[-2:] = [total]
            ends[-2:] = [ends[-1]]
    recalibrated: Array = np.array(means)[
        np.minimum(np.searchsorted(np.array(ends), posteriors), len(means) - 1)
    ]
    return recalibrated
