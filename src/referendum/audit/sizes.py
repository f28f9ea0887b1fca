"""How many cards: closed forms and exact distributions of the classical methods."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, exp, floor, inf, log, log1p, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from referendum.core.errors import InputError

GAMMA = 1.03905
"""γ of the super-simple method, as Colorado and Arlo use it."""


@dataclass(frozen=True)
class Discrepancies:
    """Cards by what their record overstates the margin by: one or two votes, over or under."""

    one_over: float = 0
    two_over: float = 0
    one_under: float = 0
    two_under: float = 0

    def log_factors(self, gamma: float) -> float:
        """Give ln of the factors that they put on the p-value, with the sign reversed."""
        return (
            self.one_over * log1p(-1 / (2 * gamma))
            + self.two_over * log1p(-1 / gamma)
            + self.one_under * log1p(1 / (2 * gamma))
            + self.two_under * log1p(1 / gamma)
        )


def super_simple_risk(n: int, margin: float, found: Discrepancies, gamma: float = GAMMA) -> float:
    """Give Kaplan–Markov's p-value of n compared cards (Stark, "Super-simple", 2010, eq. 9)."""
    return min(1.0, exp(n * log1p(-margin / (2 * gamma)) - found.log_factors(gamma)))


def super_simple_size(
    risk_limit: float, margin: float, found: Discrepancies, gamma: float = GAMMA
) -> int:
    """Give the cards that suffice with these discrepancies (Lindeman and Stark, 2012, eq. 2).

    Never fewer than there are discrepancies.
    """
    size = ceil(-2 * gamma * (log(risk_limit) + found.log_factors(gamma)) / margin)
    number_found = found.one_over + found.two_over + found.one_under + found.two_under
    return max(size, ceil(number_found))


def super_simple_expected_size(
    risk_limit: float, margin: float, rates: Discrepancies, gamma: float = GAMMA
) -> int | None:
    """Give the cards that suffice if discrepancies come at these rates per card; None if never.

    The size at which the expected logarithm of the p-value is that of the risk limit.
    """
    per_card = rates.log_factors(gamma) - log1p(-margin / (2 * gamma))
    return None if per_card <= 0 else ceil(-log(risk_limit) / per_card)


def bravo_mean_size(risk_limit: float, winner: float, loser: float) -> int:
    """Give BRAVO's average sample number by Wald's approximation, rounded up.

    `winner` and `loser` are shares of all cards (Lindeman, Stark and Yates, 2012, eq. 5).
    """
    share = winner / (winner + loser)
    up, down = log(2 * share), log(2 - 2 * share)
    return ceil((log(1 / risk_limit) + up / 2) / (winner * up + loser * down))


def bravo_chance(risk_limit: float, winner: float, loser: float, cards: int) -> float:
    """Give the chance that BRAVO is done in one round of so many cards, by the normal curve."""
    share, n = winner / (winner + loser), cards * (winner + loser)
    up, down = log(2 * share), log(2 - 2 * share)
    needed = (log(1 / risk_limit) - down * n) / (up - down)
    return NormalDist().cdf((n * share - needed) / sqrt(n * share * (1 - share)))


def bravo_round_size(risk_limit: float, winner: float, loser: float, chance: float) -> int:
    """Give a first round that ends BRAVO with some chance if the report is right (Lindeman).

    The quadratic of the normal approximation, then up to the first size whose binomial quantile
    is enough, then diluted by the other cards.
    """
    share = winner / (winner + loser)
    up, down = log(2 * share), log(2 - 2 * share)
    need = log(1 / risk_limit)
    z = NormalDist().inv_cdf(chance)
    f, g = need / (up - down), down / (up - down) + share
    b = z * z * share * (1 - share) + 2 * f * g
    root = sqrt(max(0.0, b * b - 4 * g * g * f * f))
    size = floor((b + root if chance > 0.5 else b - root) / (2 * g * g))
    while _binomial_quantile(1 - chance, size, share) * (up - down) + size * down <= need:
        size += 1
    return ceil(size / (Fraction(winner) + Fraction(loser)))


def _binomial_quantile(chance: float, n: int, share: float) -> int:
    return int(np.searchsorted(np.cumsum(binomial_probabilities(n, share)), chance))


def binomial_probabilities(n: int, share: float) -> NDArray[np.float64]:
    """Give P(X = 0 … n) of a binomial, by its recurrence from the mode outwards."""
    k = np.arange(1, n + 1)
    log_factors = np.concatenate(([0.0], np.cumsum(np.log((n - k + 1) / k * share / (1 - share)))))
    weights: NDArray[np.float64] = np.exp(log_factors - log_factors.max())
    weights /= weights.sum()
    return weights


@dataclass(frozen=True)
class StoppingTime:
    """When a sequential test stops: quantiles and mean of the number of cards."""

    quantiles: dict[float, int]
    mean: float


def bravo_stopping_time(
    risk_limit: float, share: float, levels: tuple[float, ...] = (0.25, 0.5, 0.75, 0.9, 0.99)
) -> StoppingTime:
    """Work out exactly when BRAVO stops, card by card, with replacement, if the report is right.

    Dynamic programming over the votes for the winner, until 1e-9 of the chance is left.

    Raises:
        InputError: the share is not between 1/2 and 1.
    """
    if not 0.5 < share < 1:
        raise InputError(f"a winner's share of {share} is not between 1/2 and 1")
    up, down, need = log(2 * share), log(2 - 2 * share), log(1 / risk_limit)
    probabilities = np.ones(1)
    low = 0  # votes for the winner at alive[0]
    n, left, mean, done = 0, 1.0, 0.0, 0.0
    found: dict[float, int] = {}
    while left > 1e-9:
        n += 1
        mean += left
        probabilities = np.append(probabilities * (1 - share), 0.0) + np.append(
            0.0, probabilities * share
        )
        stop = ceil((need - n * down) / (up - down) - 1e-12) - low
        if stop < probabilities.size:
            done += float(probabilities[max(stop, 0) :].sum())
            probabilities = probabilities[: max(stop, 0)]
        trim = int(np.searchsorted(np.cumsum(probabilities), 1e-16))
        probabilities, low = probabilities[trim:], low + trim
        left = float(probabilities.sum())
        found.update({level: n for level in levels if level not in found and done >= level})
    return StoppingTime(found, mean)


@dataclass(frozen=True)
class MinervaRound:
    """What Minerva says after a round: its risk, and the least votes that would end the audit."""

    risk: float
    least: int | None


def run_minerva(
    risk_limit: float, share: float, rounds: list[tuple[int, int]]
) -> list[MinervaRound]:
    """Run Minerva over rounds of a contest of two, each drawn with fresh randomness.

    After each round the chance of as many votes or more for the winner, and of no earlier stop,
    is divided by the same for a tie; the audit stops when that is 1/risk limit (Zagórski,
    McClearn, Morin, McBurnett and Vora, "Minerva", USENIX Security 2021, definition 2).

    Args:
        risk_limit: α.
        share: of the winner among the votes for the two, as reported.
        rounds: (votes for the two, votes for the winner) of each round by itself.
    """
    one = tie = np.ones(1)
    total, rounds_run = 0, []
    for size, winner in rounds:
        total += winner
        one, tie = (
            np.convolve(one, binomial_probabilities(size, share)),
            np.convolve(tie, binomial_probabilities(size, 0.5)),
        )
        tails = one[::-1].cumsum()[::-1], tie[::-1].cumsum()[::-1]
        with np.errstate(all="ignore"):
            ratio = np.where(tails[1] > 0, tails[0] / tails[1], inf)
        enough = np.flatnonzero(ratio >= 1 / risk_limit)
        least = int(enough[0]) if enough.size else None
        rounds_run.append(MinervaRound(min(1.0, 1 / max(float(ratio[total]), 1e-300)), least))
        if least is not None:
            one[least:], tie[least:] = 0, 0
    return rounds_run


def minerva_first_round(
    risk_limit: float, winner: int, loser: int, cards: int, chance: float
) -> int:
    """Give a first round that ends Minerva with some chance if the report is right.

    The chance does not rise evenly with the size, so which size is found depends on the search: it
    is halved between 1 and 10,000 votes for the two, or 10,000 and 20,000, and so on, as r2b2 and
    Arlo do it; then diluted by the other cards.

    Args:
        risk_limit: α.
        winner: votes for the winner.
        loser: for the loser.
        cards: all that are drawn from.
        chance: that the round ends the audit.

    Raises:
        InputError: the two are equal, or no round of ten million votes would do.
    """
    if not winner > loser:
        raise InputError("a tie has no round that shows it", hint="count every ballot")
    share, low, high = winner / (winner + loser), 1, 10_000
    while _minerva_chance(risk_limit, share, high) < chance:
        low, high = high, 2 * high
        if high > 10**7:
            raise InputError("no round of ten million votes shows so narrow a margin")
    while high - low > 1:
        half = (low + high) // 2
        enough = _minerva_chance(risk_limit, share, half) >= chance
        low, high = (low, half) if enough else (half, high)
    return ceil(Fraction(high * cards, winner + loser))


def _minerva_chance(risk_limit: float, share: float, size: int) -> float:
    """Give the chance that a first round of so many votes for the two ends Minerva."""
    if share == 1:
        return 1.0 if 0.5**size <= risk_limit else 0.0
    one, tie = (binomial_probabilities(size, p)[::-1].cumsum()[::-1] for p in (share, 0.5))
    enough = np.flatnonzero(risk_limit * one >= tie)
    return float(one[enough[0]]) if enough.size else 0.0


@dataclass(frozen=True)
class Kelly:
    """The best fixed bet on compared cards with known error rates.

    Attributes:
        stake: λ of the bet 1 + λ(B - 1/2), B the value of a compared card.
        growth: mean growth of ln of the martingale per card.
    """

    stake: float
    growth: float

    def size(self, risk_limit: float) -> float:
        """Give the mean cards until the martingale reaches 1/α: a bound that no bet beats."""
        return log(1 / risk_limit) / self.growth


def kelly_bet(values: NDArray[np.float64], chances: NDArray[np.float64]) -> Kelly:
    """Find the stake that grows fastest, by bisection on the derivative of the mean growth.

    Raises:
        InputError: the mean value is not above 1/2: no bet grows.
    """
    values, chances = values[chances > 0], chances[chances > 0]
    differences = values - 0.5
    if float(chances @ differences) <= 0:
        raise InputError("with these error rates the claim is not true: no bet grows")
    low, high = 0.0, 2.0 - 1e-12
    for _ in range(100):
        stake = (low + high) / 2
        rising = float(chances @ (differences / (1 + stake * differences))) > 0
        low, high = (stake, high) if rising else (low, stake)
    return Kelly(low, float(chances @ np.log1p(low * differences)))


def comparison_bet(margin: float, one_over: float = 0.0, two_over: float = 0.0) -> Kelly:
    """Give the best bet of a two-option comparison with these error rates (COBRA, section 4)."""
    exact = 1 / (2 - margin)
    values = np.array([exact, exact / 2, 0.0])
    return kelly_bet(values, np.array([1 - one_over - two_over, one_over, two_over]))
