"""Where opinion stands: a random walk under house, mode, population, wording and sponsor effects.

The model (Jackman 2005 and its successors, on the logit scale). Poll i with middle day t_i:

    z_i = x(t_i) + house + mode + population + wording + side + e_i
    e_i ~ N(0, s_i^2 + tau^2)                      rows of one sample share it (see `Kernels`)
    x(t + 1) − x(t) ~ N(0, sigma^2),  x(first day) ~ N(0, 1.5^2)
    house ~ N(0, omega^2);  the other effects have fixed standard deviations
    sigma, omega, tau ~ half-normal

Given sigma, omega and tau everything is Gaussian and is worked out exactly: one Cholesky
factorisation gives the likelihood. The three scales are integrated by Gauss–Legendre quadrature on
a box that is drawn closer around their posterior in three rounds. No sampler, no compiler.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from referendum.polls.observations import Array, Observations

CHUNK = 128
"""Covariance matrices that are factorised at a time."""

NODES_PER_ROUND = (6, 7, 9)
"""Quadrature nodes per scale in each round."""

BOX_REACH = 4.5
"""Half-width of the box around the posterior mean, in posterior standard deviations."""

KEPT_MASS = 0.999
"""Posterior mass of the nodes that are kept for everything but the likelihood."""

TREND_POINTS = 60


@dataclass(frozen=True)
class Priors:
    """Standard deviations of the priors, in logits; the first three are of half-normals.

    The defaults are those of published models of polls: at one half, .04 is a point.
    """

    walk: float = 0.02
    house: float = 0.15
    extra: float = 0.10
    start: float = 1.5
    mode: float = 0.15
    population: float = 0.15
    wording: float = 0.30
    side: float = 0.10


PAST_PRIORS = Priors(walk=0.023, house=0.168, extra=0.098)
"""The priors that `referendum polls backtest` learns from every example with a result."""


@dataclass(frozen=True)
class Effect:
    """An effect after the polls: its kind, level, posterior mean and standard deviation (logit)."""

    kind: str
    level: str
    mean: float
    sd: float
    polls: int


@dataclass(frozen=True)
class Level:
    """The level on one day, as a mixture of K Gaussians on the logit scale.

    Attributes:
        day: in days after the observations' origin.
        weights: (K,) summing to 1.
        means: (K,)
        variances: (K,)
    """

    day: float
    weights: Array
    means: Array
    variances: Array

    @property
    def mean(self) -> float:
        """Posterior mean."""
        return float(self.weights @ self.means)

    @property
    def sd(self) -> float:
        """Posterior standard deviation."""
        spread = self.weights @ (self.variances + (self.means - self.mean) ** 2)
        return float(np.sqrt(spread))


@dataclass(frozen=True)
class Fit:
    """The posterior.

    Attributes:
        scales: (K, 3) walk, house and extra standard deviation of each node kept.
        weights: (K,) posterior mass of each node, summing to 1.
        trend: the level on days from the first poll on; the last one is the day asked for.
        at_last_poll: the level on the middle day of the latest poll.
        effects: one for each level of each kind of effect.
        poll_weights: (N,) what each poll adds to the level asked for, per unit of its own z.
        log_evidence: log marginal likelihood of the polls.
    """

    scales: Array
    weights: Array
    trend: tuple[Level, ...]
    at_last_poll: Level
    effects: tuple[Effect, ...]
    poll_weights: Array
    log_evidence: float

    @property
    def level(self) -> Level:
        """The level on the day asked for."""
        return self.trend[-1]

    @property
    def scale_means(self) -> dict[str, float]:
        """Posterior means of the three scales, in logits."""
        means = self.weights @ self.scales
        return dict(zip(("walk", "house", "extra"), map(float, means), strict=True))


def fit(polls: Observations, until: float, priors: Priors | None = None) -> Fit:
    """Fit the model to polls.

    Args:
        polls: N observations; none leaves the prior.
        until: the day asked for, in days after the polls' origin; not before the latest poll.
        priors: standard deviations of the priors; those learnt from past votes if not given.
    """
    priors = priors or PAST_PRIORS
    kernels = Kernels(polls, priors)
    scales, logs = _quadrature(kernels, priors)
    top = float(logs.max())
    mass = np.exp(logs - top)
    evidence = top + float(np.log(mass.sum()))
    kept = _heaviest_nodes(mass)
    scales, weights = scales[kept], mass[kept] / mass[kept].sum()
    return _posterior(kernels, until, scales, weights, evidence)


class Kernels:
    """Prior covariances of the polls, split by the scale that they depend on."""

    def __init__(self, polls: Observations, priors: Priors) -> None:
        self.polls, self.priors = polls, priors
        self.same_sample = _same_label(polls.sample)
        self.walk = np.minimum.outer(polls.days, polls.days)
        self.house = _same_label(np.array(polls.groups["house"], dtype=object))
        # Rows of one sample are nested: the covariance of their means is the larger one's variance.
        nested = (
            np.minimum.outer(polls.sampling_variance, polls.sampling_variance) * self.same_sample
        )
        self.fixed = priors.start**2 + nested + np.diag(polls.rounding)
        for columns, covariance in self.fixed_effects.values():
            self.fixed = self.fixed + columns @ covariance @ columns.T

    @cached_property
    def fixed_effects(self) -> dict[str, tuple[Array, Array]]:
        """By kind: (N, L) membership and (L, L) prior covariance of effects with a fixed scale.

        Mode effects sum to zero: an error that all modes share belongs to the end bias.
        """
        polls, priors = self.polls, self.priors
        effects = {}
        for kind, sd in (
            ("mode", priors.mode),
            ("population", priors.population),
            ("wording", priors.wording),
        ):
            columns = _indicator_columns(polls.groups[kind])
            count = columns.shape[1]
            covariance = sd**2 * np.eye(count)
            if kind == "mode" and count:
                covariance -= sd**2 / count
            effects[kind] = (columns, covariance)
        effects["side"] = (polls.side[:, None], np.array([[priors.side**2]]))
        return effects

    def covariances(self, scales: Array) -> Array:
        """Give (B, N, N) covariance matrices of the polls for (B, 3) scales."""
        walk, house, extra = (scales[:, place, None, None] ** 2 for place in range(3))
        found: Array = self.fixed + walk * self.walk + house * self.house + extra * self.same_sample
        return found


def _same_label(labels: Array | np.ndarray) -> Array:
    return np.asarray(labels[:, None] == labels[None, :], dtype=float)


def levels_of(labels: tuple[str | None, ...]) -> list[str]:
    """Give the levels that occur, in order; None is no level."""
    return sorted({label for label in labels if label is not None})


def _indicator_columns(labels: tuple[str | None, ...]) -> Array:
    levels = levels_of(labels)
    found = [[float(label == level) for level in levels] for label in labels]
    return np.array(found, dtype=float).reshape(len(labels), len(levels))


def _chunks(scales: Array) -> Iterator[Array]:
    for start in range(0, len(scales), CHUNK):
        yield scales[start : start + CHUNK]


def _quadrature(kernels: Kernels, priors: Priors) -> tuple[Array, Array]:
    """Give (M, 3) nodes and (M,) log of posterior density times quadrature weight."""
    sds = np.array([priors.walk, priors.house, priors.extra])
    low, high = np.zeros(3), 4 * sds
    for count in NODES_PER_ROUND:
        nodes, volumes = _nodes_of_box(low, high, count)
        logs = np.concatenate([_log_likelihood(kernels, chunk) for chunk in _chunks(nodes)])
        logs = logs + volumes - 0.5 * ((nodes / sds) ** 2).sum(axis=1)
        mass = np.exp(logs - logs.max())
        mass /= mass.sum()
        mean = mass @ nodes
        spacing = (high - low) / count
        spread = np.sqrt(mass @ (nodes - mean) ** 2 + (spacing / 4) ** 2)
        low, high = np.maximum(mean - BOX_REACH * spread, 0), mean + BOX_REACH * spread
    # Normalised half-normal priors, so that the evidence of two fits can be compared.
    return nodes, logs - np.log(sds * np.sqrt(np.pi / 2)).sum()


def _nodes_of_box(low: Array, high: Array, count: int) -> tuple[Array, Array]:
    points, weights = np.polynomial.legendre.leggauss(count)
    axes = [lo + (hi - lo) * (points + 1) / 2 for lo, hi in zip(low, high, strict=True)]
    parts = [np.log(weights * (hi - lo) / 2) for lo, hi in zip(low, high, strict=True)]
    nodes = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    volumes = np.stack(np.meshgrid(*parts, indexing="ij"), axis=-1).reshape(-1, 3).sum(axis=1)
    return nodes, volumes


def _log_likelihood(kernels: Kernels, scales: Array) -> Array:
    """Give the (B,) log density of z for (B, 3) scales.

    z is put under the covariance matrix as a further row with a diagonal large enough; its part
    of the Cholesky factor is L⁻¹z.
    """
    z, count = kernels.polls.z, kernels.polls.count
    bordered = np.empty((len(scales), count + 1, count + 1))
    bordered[:, :count, :count] = kernels.covariances(scales)
    bordered[:, count, :count] = bordered[:, :count, count] = z
    bordered[:, count, count] = 1e6 * (1 + z @ z)
    factor = np.linalg.cholesky(bordered)
    diagonal = np.diagonal(factor, axis1=1, axis2=2)[:, :count]
    whitened = factor[:, count, :count]
    found: Array = -np.log(diagonal).sum(axis=1) - 0.5 * (whitened**2).sum(axis=1)
    return found - 0.5 * count * float(np.log(2 * np.pi))


def _heaviest_nodes(mass: Array) -> np.ndarray:
    order = np.argsort(-mass, kind="stable")
    sums = np.cumsum(mass[order])
    enough = int(np.searchsorted(sums, KEPT_MASS * sums[-1])) + 1
    return np.sort(order[:enough])


def _posterior(
    kernels: Kernels, until: float, scales: Array, weights: Array, evidence: float
) -> Fit:
    days = _trend_days(kernels.polls, until)
    parts = [_solve(kernels, days, chunk) for chunk in _chunks(scales)]
    means, variances, at_until = (np.concatenate(part) for part in zip(*parts, strict=True))
    levels = [
        Level(float(day), weights, means[:, place], variances[:, place])
        for place, day in enumerate(days)
    ]
    effects = _effects(kernels, weights, means[:, len(days) :], variances[:, len(days) :])
    return Fit(
        scales=scales,
        weights=weights,
        trend=tuple(levels[1:]),
        at_last_poll=levels[0],
        effects=effects,
        poll_weights=weights @ at_until,
        log_evidence=evidence,
    )


def _trend_days(polls: Observations, until: float) -> Array:
    """Give the day of the latest poll, then days from the first poll to the day asked for."""
    if polls.count == 0:
        return np.array([until, until])
    first, last = float(polls.days.min()), float(polls.days.max())
    return np.concatenate([[last], np.linspace(first, max(until, last), TREND_POINTS)])


def _solve(kernels: Kernels, days: Array, scales: Array) -> tuple[Array, Array, Array]:
    """Give posterior means and variances (B, D + effects), and (B, N) weights on the last day."""
    polls, priors = kernels.polls, kernels.priors
    walk, house = scales[:, 0, None, None] ** 2, scales[:, 1, None, None] ** 2
    batch = len(scales)
    reach = priors.start**2 + walk * np.minimum.outer(polls.days, days)
    houses = house * _indicator_columns(polls.groups["house"])
    others = [columns @ covariance for columns, covariance in kernels.fixed_effects.values()]
    rest = np.broadcast_to(np.hstack(others), (batch, polls.count, sum(o.shape[1] for o in others)))
    cross = np.concatenate([reach, houses, rest], axis=2)
    prior = np.concatenate(
        [
            priors.start**2 + walk[:, 0] * days,
            np.broadcast_to(house[:, 0], (batch, houses.shape[2])),
            np.broadcast_to(
                np.concatenate([np.diag(c) for _, c in kernels.fixed_effects.values()]),
                (batch, rest.shape[2]),
            ),
        ],
        axis=1,
    )
    right = np.concatenate(
        [np.broadcast_to(polls.z[:, None], (batch, polls.count, 1)), cross], axis=2
    )
    solved = np.linalg.solve(kernels.covariances(scales), right)
    means = np.einsum("bnm,bn->bm", cross, solved[:, :, 0])
    explained = (cross * solved[:, :, 1:]).sum(axis=1)
    return means, np.maximum(prior - explained, 1e-12), solved[:, :, len(days)]


def _effects(
    kernels: Kernels, weights: Array, means: Array, variances: Array
) -> tuple[Effect, ...]:
    groups = kernels.polls.groups
    named = [("house", level) for level in levels_of(groups["house"])]
    for kind in ("mode", "population", "wording"):
        named += [(kind, level) for level in levels_of(groups[kind])]
    named.append(("side", "yes"))
    counts = {(kind, level): groups[kind].count(level) for kind, level in named if kind != "side"}
    counts["side", "yes"] = int(np.count_nonzero(kernels.polls.side))
    found = []
    for place, (kind, level) in enumerate(named):
        mean = float(weights @ means[:, place])
        spread = weights @ (variances[:, place] + (means[:, place] - mean) ** 2)
        found.append(Effect(kind, level, mean, float(np.sqrt(spread)), counts[kind, level]))
    # The only mode of all polls has no effect of its own: it is what they have in common.
    return tuple(effect for effect in found if effect.polls and effect.sd > 1e-4)
