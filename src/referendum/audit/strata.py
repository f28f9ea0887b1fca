"""Strata that were sampled separately, put together.

Spertus and Stark, "Sweeter than SUITE: supermartingale stratified union-intersection tests of
elections" (E-Vote-ID 2022): the result is wrong only if the means of the strata are such that the
mean of all is at most 1/2. For every such pair of means the product of the strata's martingales is
a martingale, so the least product over all pairs bounds the risk.
"""

from dataclasses import dataclass

import numpy as np

from referendum.audit.martingales import Floats, Null
from referendum.audit.sizes import kelly
from referendum.core.errors import InputError


@dataclass(frozen=True)
class Stratum:
    """A stratum and its sample.

    Attributes:
        cards: how many cards it has.
        upper: largest value of a card.
        values, shares: what its cards can count for, and their reported shares, shape (k,).
        x: values of the cards drawn, in order, shape (n,).
    """

    cards: int
    upper: float
    values: Floats
    shares: Floats
    x: Floats

    def evidence(self, mean: float, bet_against: float) -> float:
        """Give the martingale at the end against a mean of the stratum; it falls as that rises.

        Args:
            mean: the mean of the null hypothesis.
            bet_against: the mean that the bet is chosen for, the same for all means of a band.
        """
        if not 0 < mean < self.upper or not len(self.x):
            return 1.0
        null = Null(self.cards, self.upper, mean)
        left = null.left(self.x)
        most = np.divide(1, left, out=np.zeros_like(left), where=left > 0)
        stake = np.minimum(self._stake(bet_against), most)
        return float(np.prod(1 + stake * (self.x - left)))

    def _stake(self, against: float) -> float:
        """Give the Kelly stake of the reported shares against a mean; 0 if they are not above."""
        if against <= 0 or float(self.values @ self.shares) <= against:
            return 0.0
        return kelly(self.values / (2 * against), self.shares).stake / (2 * against)


def two_strata(first: Stratum, second: Stratum, bands: int = 200) -> float:
    """Give the p-value that the mean of all cards is at most 1/2, from both samples.

    The means that the first stratum can have are cut into bands. In each the bets are fixed, the
    first stratum is tested against the band's upper end and the second against what the lower end
    leaves it, which is less than any pair of means in the band would give.

    Args:
        first: a stratum with its sample as it is at the end of a round.
        second: the other.
        bands: how many; more are closer and slower.

    Raises:
        InputError: a stratum has no cards.
    """
    if min(first.cards, second.cards) < 1:
        raise InputError("a stratum has no cards")
    share = first.cards / (first.cards + second.cards)
    low = max(0.0, (0.5 - (1 - share) * second.upper) / share)
    high = min(first.upper, 0.5 / share)
    edges = np.linspace(low, high, bands + 1)
    least = float("inf")
    for lower, upper in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        left = (0.5 - share * lower) / (1 - share)
        product = first.evidence(upper, upper) * second.evidence(left, left)
        least = min(least, product)
    return min(1.0, 1 / least) if least > 0 else 1.0
