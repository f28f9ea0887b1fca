"""From where opinion stands to the result: campaign, end bias, undecided; a density, no draws.

    logit(Y) = x(latest poll) + campaign + end bias + undecided
    campaign ~ N(−drift · H, H · walk² + H² · drift_sd²)      H = days from latest poll to vote
    end bias ~ −shift + scale · Student-t(5)

toward the status quo where one side is it. The undecided share u of the last samples votes at a
rate rho ~ Beta(6, 4), and breaks for yes with a share B: logit(B) − logit(share) ~ N(0, break²).
Every step is a convolution or a push-forward on a grid of logits, so the same polls give the same
density, without a seed.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

import numpy as np

from referendum.polls.intake import Side
from referendum.polls.model import Level
from referendum.polls.observations import Array, expit, logit

GRID_REACH = 7.0
GRID_STEP = 0.005
COARSE_STEP = 0.02
"""Step of the grid where thousands of forecasts are scored to choose constants."""

PPM = 1_000_000
BINS = 1_000
"""Bins of a tenth of a point in a published density."""


@dataclass(frozen=True)
class Constants:
    """What past referendums say of the time between the polls and the result; points, days.

    Attributes:
        walk: standard deviation of the campaign's movement, in points per square root of a day.
        walk_log_sd: how sure that is, as a log standard deviation.
        drift: mean movement to the status quo, in points per day.
        drift_sd: its standard deviation from one referendum to the next.
        shift: mean shift to the status quo between the last polls and the vote, in points.
        scale: scale of the end bias (Student-t with 5 degrees of freedom), in points.
        undecided_break: standard deviation of the undecided's logit share around proportional.
        undecided_lean: its mean, positive toward yes.
    """

    walk: float = 1.0
    walk_log_sd: float = 0.4
    drift: float = 0.02
    drift_sd: float = 0.03
    shift: float = 1.0
    scale: float = 3.5
    undecided_break: float = 0.5
    undecided_lean: float = 0.0


PAST_CONSTANTS = Constants(walk=0.8)
"""The constants that `referendum polls backtest` chooses from every example with a result."""


@dataclass(frozen=True)
class Distribution:
    """A distribution of a share, as mass on a grid of logits."""

    grid: Array
    mass: Array

    def probability_below(self, share: float) -> float:
        """Give P(Y < share)."""
        if not 0 < share < 1:
            return float(share >= 1)
        return float(np.interp(float(logit(share)), *self._edges))

    def quantile(self, chance: float) -> float:
        """Give the share that Y is below with this chance."""
        points, sums = self._edges
        return float(expit(np.interp(chance, sums, points)))

    def interval(self, chance: float) -> tuple[float, float]:
        """Give the central interval that holds Y with this chance."""
        return self.quantile((1 - chance) / 2), self.quantile((1 + chance) / 2)

    def density(self, share: float) -> float:
        """Give the density per point at a share."""
        place = float(logit(share))
        per_logit = np.interp(place, self.grid, self.mass) / (self.grid[1] - self.grid[0])
        return float(per_logit / (share * (1 - share)) / 100)

    @property
    def mean(self) -> float:
        """Mean share."""
        return float(self.mass @ expit(self.grid))

    @property
    def logit_variance(self) -> float:
        """Variance of the logit share."""
        mean = float(self.mass @ self.grid)
        return float(self.mass @ (self.grid - mean) ** 2)

    def parts_per_million(self, bins: int = BINS) -> list[int]:
        """Give the mass of equal bins of the share in millionths that add up to one exactly."""
        edges = np.array([self.probability_below(place / bins) for place in range(bins + 1)])
        exact = np.diff(edges) * PPM / (edges[-1] - edges[0])
        whole = np.floor(exact).astype(int)
        left = PPM - int(whole.sum())
        whole[np.argsort(whole - exact, kind="stable")[:left]] += 1
        return [int(part) for part in whole]

    @cached_property
    def _edges(self) -> tuple[Array, Array]:
        step = self.grid[1] - self.grid[0]
        points = np.append(self.grid - step / 2, self.grid[-1] + step / 2)
        return points, np.append(0.0, np.cumsum(self.mass))


def quantile_text(parts_per_million: list[int], chance: float) -> str:
    """Give the least upper edge of a bin up to which at least this chance lies, as text.

    Args:
        parts_per_million: by bin, as `Distribution.parts_per_million` gives them.
        chance: from 0 to 1.
    """
    needed = round(chance * PPM)
    place = next(
        number for number, total in enumerate(accumulate(parts_per_million)) if total >= needed
    )
    return f"{(place + 1) / len(parts_per_million):.3f}"


def level_distribution(level: Level, step: float = GRID_STEP) -> Distribution:
    """Give the distribution of the share at a level, as the polls have it."""
    places = np.arange(-round(GRID_REACH / step), round(GRID_REACH / step) + 1, dtype=np.float64)
    grid: Array = places * step
    sds = np.sqrt(level.variances)
    mass = np.zeros_like(grid)
    for weight, mean, sd in zip(level.weights, level.means, sds, strict=True):
        mass += weight * _gaussian_mass(grid, mean, max(sd, step / 2))
    return Distribution(grid, mass / mass.sum())


@dataclass(frozen=True)
class PathToVote:
    """What lies between the latest poll and the result.

    Attributes:
        days: H, from the middle day of the latest poll to the vote.
        undecided: share of the last samples without a side, 0 to 1.
        status_quo: side that keeps things as they are.
        constants: what past referendums say.
    """

    days: float
    undecided: float
    status_quo: Side
    constants: Constants

    def with_constants(self, **changes: float) -> "PathToVote":
        """Give the same with other constants."""
        return replace(self, constants=replace(self.constants, **changes))

    @property
    def status_quo_sign(self) -> float:
        """The direction of the status quo: −1 where it is no, +1 where it is yes, else 0."""
        return {"no": -1.0, "yes": 1.0, "none": 0.0}[self.status_quo]


Stage = Callable[[Distribution, PathToVote], Distribution]


def result_distribution(level: Distribution, path: PathToVote) -> Distribution:
    """Give the distribution of the result."""
    for stage in (add_campaign, add_end_bias, add_undecided):
        level = stage(level, path)
    return level


def add_campaign(level: Distribution, path: PathToVote) -> Distribution:
    """Let the campaign that remains move opinion."""
    constants, unit = path.constants, _logits_per_point(level)
    nodes, weights = _gauss_hermite(7)
    walks = constants.walk * np.exp(constants.walk_log_sd * nodes)
    sds = np.sqrt(path.days * walks**2 + (path.days * constants.drift_sd) ** 2) * unit
    mean = path.status_quo_sign * constants.drift * path.days * unit
    kernel = sum(
        weight * _gaussian_mass(level.grid, mean, sd)
        for weight, sd in zip(weights, sds, strict=True)
    )
    return _convolve(level, np.asarray(kernel))


def add_end_bias(level: Distribution, path: PathToVote) -> Distribution:
    """Let polls be wrong together on the day, as they have been."""
    constants, unit = path.constants, _logits_per_point(level)
    offsets = level.grid - path.status_quo_sign * constants.shift * unit
    kernel = (1 + (offsets / (constants.scale * unit)) ** 2 / 5) ** -3
    return _convolve(level, kernel)


def add_undecided(level: Distribution, path: PathToVote) -> Distribution:
    """Let those who have no side yet vote or stay at home, and break as they will."""
    if path.undecided <= 0:
        return level
    nodes, weights = _gauss_hermite(7)
    share = expit(level.grid)
    mass = np.zeros_like(level.mass)
    constants = path.constants
    for rate in _turnout_of_undecided():
        joining = path.undecided * rate / (1 - path.undecided + path.undecided * rate)
        for node, weight in zip(nodes, weights, strict=True):
            lean = constants.undecided_lean + constants.undecided_break * node
            final = (1 - joining) * share + joining * expit(level.grid + lean)
            _add_moved_mass(mass, level, logit(final), weight / UNDECIDED_STRATA)
    return Distribution(level.grid, mass / mass.sum())


UNDECIDED_STRATA = 5


def _turnout_of_undecided() -> Array:
    """Means of equally likely strata of Beta(6, 4)."""
    points = (np.arange(4_000) + 0.5) / 4_000
    density = points**5 * (1 - points) ** 3
    strata = np.minimum(np.cumsum(density) / density.sum() * UNDECIDED_STRATA, UNDECIDED_STRATA - 1)
    place = strata.astype(int)
    sums = np.bincount(place, density * points, UNDECIDED_STRATA)
    return np.asarray(sums / np.bincount(place, density, UNDECIDED_STRATA))


def _add_moved_mass(mass: Array, level: Distribution, to: Array, weight: float) -> None:
    """Add the level's mass, moved to other logits, each between the two nearest grid points."""
    step = level.grid[1] - level.grid[0]
    place = np.clip((to - level.grid[0]) / step, 0, len(level.grid) - 1.001)
    low = place.astype(int)
    part = place - low
    moved = level.mass * weight
    mass += np.bincount(low, moved * (1 - part), len(mass))
    mass += np.bincount(low + 1, moved * part, len(mass))


def _logits_per_point(level: Distribution) -> float:
    share = float(np.clip(level.mean, 0.1, 0.9))
    return 1 / (100 * share * (1 - share))


def _gauss_hermite(count: int) -> tuple[Array, Array]:
    nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    return nodes, weights / math.sqrt(2 * math.pi)


def _gaussian_mass(grid: Array, mean: float, sd: float) -> Array:
    """Give the mass of a Gaussian on the points of a grid."""
    step = grid[1] - grid[0]
    found: Array = np.exp(-0.5 * ((grid - mean) / max(sd, step / 2)) ** 2)
    found /= found.sum()
    return found


def _convolve(level: Distribution, kernel: Array) -> Distribution:
    """Convolve with a kernel on the same grid; what would leave the grid stays at its ends."""
    full = np.convolve(level.mass, kernel / kernel.sum())
    half = len(level.grid) // 2
    mass = full[half : half + len(level.grid)].copy()
    mass[0] += full[:half].sum()
    mass[-1] += full[half + len(level.grid) :].sum()
    return Distribution(level.grid, np.maximum(mass, 0))
