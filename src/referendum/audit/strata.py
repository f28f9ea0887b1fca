"""Strata that are sampled separately, put together.

The result is wrong only if the means of the strata are such that the mean of all is at most 1/2.
For every such pair of means the product of the strata's martingales is a martingale, so the least
product over all pairs bounds the risk (Spertus and Stark, "Sweeter than SUITE: supermartingale
stratified union-intersection tests of elections", E-Vote-ID 2022). The cards of a stratum are
compared with their records, or, where it has none, with the stratum's own mean: which is polling.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from referendum.audit.oneaudit import CountedValue, kelly_stake

BANDS = 200
"""Into how many bands the means that the first stratum can have are cut; more are closer."""


@dataclass(frozen=True)
class Stratum:
    """A stratum and its sample.

    Attributes:
        cards: N of the stratum.
        upper: the largest B that a card of it can have.
        counted_values: how many of its cards have which B, if what was reported is right.
        values: B of the cards drawn, in the order of the draw.
        below_zero: how far the mean of B can lie below 0, for the ballots that boxes hold beyond
            their returns.
    """

    cards: int
    upper: float
    counted_values: Sequence[CountedValue]
    values: Sequence[float]
    below_zero: float = 0.0

    def martingale(self, null: float) -> float:
        """Give the martingale at the end against a mean of the stratum; it falls as that rises.

        The stake is Kelly's against that mean, fixed before the draw. Nothing is bet where what
        was seen leaves no room for the mean; nothing is left where the wealth would be less.
        """
        if not 0 < null < self.upper:
            return 1.0
        bet = kelly_stake(self.counted_values, null)
        wealth, sum_so_far = 1.0, 0.0
        for j, value in enumerate(self.values if bet else ()):
            m = (self.cards * null - sum_so_far) / (self.cards - j)
            if m > 0:
                factor = 1 + min(bet, 1 / m) * (value - m)
                if factor < 0:
                    return 0.0
                wealth *= factor
            sum_so_far += value
        return wealth


def strata_risk(strata: Sequence[Stratum], bands: int = BANDS) -> float:
    """Give the p-value that the mean of all cards is at most 1/2.

    Args:
        strata: one or two, of at least one card each, with their samples as they are at the end of
            a round.
        bands: how many.
    """
    if len(strata) == 1:
        least = strata[0].martingale(0.5)
    else:
        first, second = strata
        least = _least_product(first, second, bands)
    return min(1.0, 1 / least) if least > 0 else 1.0


def _least_product(first: Stratum, second: Stratum, bands: int) -> float:
    """Give the least product of the martingales over all pairs of means, or less.

    In each band the first stratum is tested against the band's upper end and the second against
    what the lower end leaves it, which is less than any pair of means in the band would give.
    """
    total = first.cards + second.cards
    share, rest = first.cards / total, second.cards / total
    low = max(-first.below_zero, (0.5 - rest * second.upper) / share)
    high = min(first.upper, (0.5 + rest * second.below_zero) / share)
    width = (high - low) / bands
    return min(
        first.martingale(low + (band + 1) * width)
        * second.martingale((0.5 - share * (low + band * width)) / rest)
        for band in range(bands)
    )
