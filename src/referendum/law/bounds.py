"""Exact one-sided confidence bound for a count in a finite population."""

from bisect import bisect_left
from fractions import Fraction
from math import comb

from referendum.core.errors import InputError


def lower_bound(universe: int, drawn: int, valid: int, confidence: Fraction) -> int:
    """Give the least number of valid lines that the sample leaves plausible.

    The smallest M with P(X >= valid) > 1 - confidence, where X counts valid lines among `drawn`
    taken without replacement from `universe` lines of which M are valid. The probability that it
    exceeds the true number is at most 1 - confidence, for every universe (inversion of the
    hypergeometric test: Buonaccorsi, "A note on confidence intervals for proportions in finite
    populations", The American Statistician 41, 1987). Integers only, so no rounding enters.

    Raises:
        InputError: the counts cannot be those of a sample, or the confidence is not in (0, 1).
    """
    if not 0 <= valid <= drawn <= universe:
        raise InputError(f"{valid} valid of {drawn} drawn from {universe} lines cannot be")
    if not 0 < confidence < 1:
        raise InputError(f"confidence {confidence} does not lie between 0 and 1")
    all_samples = comb(universe, drawn)
    error_rate = 1 - confidence

    def plausible(number: int) -> bool:
        ways = _ways_of_at_least(valid, number, universe, drawn)
        return ways * error_rate.denominator > all_samples * error_rate.numerator

    candidates = range(valid, universe - (drawn - valid) + 1)
    return candidates[bisect_left(candidates, True, key=plausible)]


def _ways_of_at_least(valid: int, marked: int, universe: int, drawn: int) -> int:
    """Count the samples of `drawn` from `universe` that hold at least `valid` of the `marked`."""
    fewest = max(valid, drawn - (universe - marked))
    most = min(drawn, marked)
    if fewest > most:
        return 0
    ways = comb(marked, fewest) * comb(universe - marked, drawn - fewest)
    total = ways
    for hits in range(fewest, most):
        ways = ways * (marked - hits) * (drawn - hits)
        ways //= (hits + 1) * (universe - marked - drawn + hits + 1)
        total += ways
    return total
