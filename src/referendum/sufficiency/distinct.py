"""Estimators of distinct signers from a sample in which alone repeats are known.

Needed where lines are not keyed in full, so that repeats outside the sample stay unseen. Notation:
N lines, n drawn, q = n/N, k = N/n; e_j electors seen exactly j times among the valid lines drawn, y
valid lines drawn, v electors seen. What this costs beside matching every line: docs/sufficiency.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import comb, log1p, prod, sqrt

from referendum.law import CheckedSample


@dataclass(frozen=True)
class Estimate:
    """An estimate of M, distinct valid signers.

    Attributes:
        name: of the estimator.
        value: the estimate.
        error: its standard error; that of a biased estimator does not hold its bias.
    """

    name: str
    value: float
    error: float


Frequencies = dict[int, float]
_Estimator = Callable[[int, int, Frequencies], float]


def _goodman(lines: int, drawn: int, frequencies: Frequencies) -> float:
    """Goodman 1949, Annals of Mathematical Statistics 20: the only unbiased one.

    Sum of a_j e_j, a_j = 1 - (-1)^j (N - n + j - 1)_j / (n)_j with falling factorials.
    """
    return sum(_goodman_weight(lines, drawn, j) * number for j, number in frequencies.items())


def _goodman_weight(lines: int, drawn: int, times: int) -> float:
    above = prod(lines - drawn + times - 1 - step for step in range(times))
    sign = -1 if times % 2 else 1
    return 1 - sign * above / prod(drawn - step for step in range(times))


def _pairs(lines: int, drawn: int, frequencies: Frequencies) -> float:
    """The pair estimator k y - k (k - 1) times the pairs found, if nobody signed more than twice.

    High by the share n/N of the pairs there are, low by one for everyone who signed three times.
    """
    k = lines / drawn
    return sum((k * j - k * (k - 1) * comb(j, 2)) * number for j, number in frequencies.items())


def _pairs_squared(lines: int, drawn: int, frequencies: Frequencies) -> float:
    """The same with k^2, as Washington publishes it: low by one for everyone who signed thrice."""
    k = lines / drawn
    return sum((k * j - k * k * comb(j, 2)) * number for j, number in frequencies.items())


def _haas_stokes(lines: int, drawn: int, frequencies: Frequencies) -> float:
    """The second-order jackknife D_uj2 of Haas and Stokes, JASA 93 (1998), on the valid lines.

    With y valid lines drawn for their n, and k y for their N.
    """
    q = drawn / lines
    valid = sum(j * number for j, number in frequencies.items())
    electors, once = sum(frequencies.values()), frequencies.get(1, 0.0)
    if not valid or q == 1:
        return electors
    shrunk = 1 - (1 - q) * once / valid
    first = electors / shrunk
    repeated = sum(j * (j - 1) * number for j, number in frequencies.items())
    spread = max(0.0, first / valid**2 * repeated + first * q / valid - 1)
    return (electors - once * (1 - q) * log1p(-q) * spread / q) / shrunk


ESTIMATORS: dict[str, _Estimator] = {
    "goodman": _goodman,
    "pairs k (k - 1)": _pairs,
    "pairs k^2": _pairs_squared,
    "haas-stokes": _haas_stokes,
}
"""Every estimator by name."""


def estimate_distinct_signers(sample: CheckedSample) -> list[Estimate]:
    """Estimate the distinct valid signers by every estimator.

    The variance is that of sampling each line by chance q, made conditional on n lines drawn: with
    g_j the derivative by e_j and G = sum g_j e_j, it is sum g_j^2 e_j - G^2/M - (sum j g_j e_j -
    y G/M)^2 / (n (1 - q)). For repeats of nobody that is the textbook N^2 p (1 - p)(1 - q)/n. At
    small q it rests on the few pairs that the sample happens to hold.
    """
    frequencies = {j: float(number) for j, number in sample.frequencies.items() if number}
    return [
        Estimate(name, value, sqrt(max(0.0, _variance(sample, frequencies, estimator, value))))
        for name, estimator in ESTIMATORS.items()
        for value in [estimator(sample.lines, sample.drawn, frequencies)]
    ]


def _variance(
    sample: CheckedSample, frequencies: Frequencies, estimator: _Estimator, value: float
) -> float:
    if sample.drawn == sample.lines or value <= 0:
        return 0.0
    slopes = {j: _derivative(sample, frequencies, estimator, j) for j in frequencies}
    total = sum(slopes[j] * number for j, number in frequencies.items())
    squares = sum(slopes[j] ** 2 * number for j, number in frequencies.items())
    weighted = sum(j * slopes[j] * number for j, number in frequencies.items())
    with_drawn = weighted - sample.valid_lines * total / value
    free = sample.drawn * (1 - sample.drawn / sample.lines)
    return squares - total**2 / value - with_drawn**2 / free


def _derivative(
    sample: CheckedSample, frequencies: Frequencies, estimator: _Estimator, times: int
) -> float:
    high, low = (
        estimator(sample.lines, sample.drawn, {**frequencies, times: frequencies[times] + change})
        for change in (0.5, -0.5)
    )
    return high - low
