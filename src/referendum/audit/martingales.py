"""Sequential tests of one sequence of cards: p-values that hold at every card.

Each function takes the values of cards in the order of the draw, in 0 … u, and gives the test
martingale T of the hypothesis that the mean over all cards is at most t. The p-value is
1/max T, at most 1 (Ville's inequality; Stark, "ALPHA: audit that learns from previously
hand-audited ballots", Annals of Applied Statistics 17, 2023; Waudby-Smith and Ramdas, 2024).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from referendum.core.errors import InputError

Floats = NDArray[np.float64]
EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Null:
    """The hypothesis that an audit must reject: the mean of N values in 0 … u is at most t.

    Attributes:
        cards: N; None if cards are drawn with replacement.
        upper: u.
        mean: t.
    """

    cards: int | None = None
    upper: float = 1.0
    mean: float = 0.5

    @property
    def rounding(self) -> float:
        """What a sum of values may be off by; a sum that is nearer to N t is no more than it."""
        return 1e-9 * (self.cards or 0)

    def null_means(self, x: Floats) -> Floats:
        """Give, before each draw, the mean of the cards that are left if the hypothesis holds.

        Raises:
            InputError: more cards than there are, or a value that no card has.
        """
        if x.size == 0:
            raise InputError("a sample of no cards tells nothing")
        if x.min() < 0 or x.max() > self.upper * (1 + 1e-12):
            raise InputError(f"a card is worth 0 to {self.upper}")
        if self.cards is None:
            return np.full(x.size, self.mean)
        if x.size > self.cards:
            raise InputError(f"{x.size} cards drawn of {self.cards}")
        before = np.concatenate(([0.0], np.cumsum(x)[:-1]))
        return (self.cards * self.mean - before) / (self.cards - np.arange(x.size))


def alpha_martingale(x: Floats, null: Null, alternative: Floats) -> Floats:
    """Give the ALPHA martingale for a guess of the mean of the cards left (ALPHA, equation 4)."""
    m, u = null.null_means(x), null.upper
    with np.errstate(all="ignore"):
        steps = (x * alternative / m + (u - x) * (u - alternative) / (u - m)) / u
    return _martingale(steps, x, m, null)


def betting_martingale(x: Floats, null: Null, stake: Floats) -> Floats:
    """Give the betting martingale: the product of 1 + λ (x - m)."""
    m = null.null_means(x)
    return _martingale(1 + stake * (x - m), x, m, null)


def _martingale(steps: Floats, x: Floats, m: Floats, null: Null) -> Floats:
    """Multiply, and settle what is certain: no cards left could make the hypothesis true.

    Where the value left is 0 but for rounding, nothing is settled: equality is no win.
    """
    with np.errstate(all="ignore"):
        terms = _cumulative_product(steps)
    near = null.rounding / (null.cards - np.arange(x.size)) if null.cards else np.zeros(x.size)
    terms[m > null.upper] = 0
    terms[(abs(m) <= near + 2 * EPS) | np.isclose(m, null.upper, rtol=1e-6)] = 1
    terms[np.isclose(terms, 0, atol=2 * EPS)] = 1
    terms[m < -near] = np.inf
    if null.cards is not None and x.sum() > null.cards * null.mean + null.rounding:
        terms[-1] = np.inf
    return terms


def p_value(terms: Floats) -> float:
    """Give 1/max T, at most 1."""
    return min(1.0, 1 / float(np.max(terms)))


def fixed_alternative(x: Floats, null: Null, eta: float) -> Floats:
    """Guess that the mean of all cards is η, so that ALPHA is Wald's SPRT (for u = 1, BRAVO)."""
    guess = Null(null.cards, null.upper, eta).null_means(x)
    return np.clip(guess, 0, null.upper)


def shrink_truncate_alternative(x: Floats, null: Null, eta: float, d: float, c: float) -> Floats:
    """Guess the mean from the sample so far, shrunk towards η with the weight of d cards.

    The guess stays above m + c/√(d + j - 1) and below u (ALPHA, section 2.5.2).
    """
    j = np.arange(x.size)
    before = np.concatenate(([0.0], np.cumsum(x)[:-1]))
    distance = c / np.sqrt(d + j)
    guess = np.maximum((d * eta + before) / (d + j), null.null_means(x) * (1 + EPS) + distance)
    found: Floats = np.minimum(guess, null.upper * (1 - EPS))
    return found


def agrapa_stakes(
    x: Floats, null: Null, first: float, least: float, most: float, grow: float
) -> Floats:
    """Stake by the mean and variance so far: approximate growth-rate adaptive (aGRAPA).

    The stake is at most a part of 1/m that goes from `least` to `most` with the square root of
    the number of cards (Waudby-Smith and Ramdas, section B.3).
    """
    mean, variance = running_mean_and_variance(x)
    m = null.null_means(x)
    with np.errstate(all="ignore"):
        stake = (mean - m) / (variance + (m - mean) ** 2)
    stake = np.concatenate(([first], stake[:-1]))
    part = least + (most - least) * (1 - 1 / (1 + grow * np.sqrt(np.arange(x.size))))
    with np.errstate(all="ignore"):
        return np.maximum(0, np.minimum(part / m, stake))


def running_mean_and_variance(x: Floats) -> tuple[Floats, Floats]:
    """Give the mean and the variance (divisor n) of every beginning of a sequence (Welford)."""
    n = np.arange(1, x.size + 1)
    mean = np.cumsum(x) / n
    before = np.concatenate(([x[0]], mean[:-1]))
    return mean, np.cumsum((x - before) * (x - mean)) / n


def kaplan_markov(x: Floats, null: Null, g: float) -> Floats:
    """Give Kaplan–Markov's product, padded by g; with replacement."""
    return _cumulative_product((x + g) / (null.mean + g))


def kaplan_wald(x: Floats, null: Null, g: float) -> Floats:
    """Give Kaplan–Wald's product, which stakes the part 1 - g; with replacement."""
    return _cumulative_product((1 - g) * x / null.mean + g)


def kaplan_kolmogorov(x: Floats, null: Null, g: float) -> Floats:
    """Give Kaplan–Kolmogorov's product, padded by g."""
    padded = x + g
    if null.cards is None:
        return _cumulative_product(padded / (null.mean + g))
    before: Floats = np.concatenate(([0.0], np.cumsum(padded)[:-1]))
    m: Floats = (null.cards * (null.mean + g) - before) / (null.cards - np.arange(x.size))
    with np.errstate(all="ignore"):
        terms = _cumulative_product(padded / m)
    terms[m < 0] = np.inf
    return terms


def _cumulative_product(steps: Floats) -> Floats:
    return np.asarray(np.cumprod(steps), dtype=np.float64)


def average_martingales(parts: list[tuple[float, Floats]]) -> Floats:
    """Average martingales with weights that sum to 1: again a martingale."""
    total: Floats = np.sum([weight * terms for weight, terms in parts], axis=0)
    return total


def combine_by_fisher(p_values: list[float], tail: Callable[[float, int], float]) -> float:
    """Combine independent p-values by Fisher's method; `tail` gives P(χ² with k degrees > x)."""
    statistic = -2 * float(np.sum(np.log(p_values)))
    return tail(statistic, 2 * len(p_values))


def chi_squared_tail(x: float, degrees: int) -> float:
    """Give P(χ² > x) for an even number of degrees: a Poisson sum."""
    k = np.arange(degrees // 2)
    logs = k * np.log(x / 2) - x / 2 - np.concatenate(([0.0], np.cumsum(np.log(k[1:]))))
    return float(np.exp(logs).sum())
