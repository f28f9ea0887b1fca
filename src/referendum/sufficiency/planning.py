"""Planning: how many checks it will take, before the first one and while they go on."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction

import numpy as np

from referendum.core.errors import InputError
from referendum.sufficiency.design import Design, LineClass, polling_class, sampling_weight
from referendum.sufficiency.risk import PRIOR_LINES, Check
from referendum.sufficiency.simulation import SimulatedChecks, lay_out_lines, simulate_checks


@dataclass(frozen=True)
class CheckForecast:
    """How many checks a petition is expected to take, from simulated runs.

    Attributes:
        mean: checks on average, without those made already.
        ninth: 90th percentile.
        sufficient: share of the runs that end so.
        insufficient: share of the runs that end so.
    """

    mean: float
    ninth: int
    sufficient: float
    insufficient: float

    def as_dict(self) -> dict[str, float]:
        """Give the numbers by name."""
        return asdict(self)


@dataclass(frozen=True)
class Matcher:
    """The quality of a matcher: how often it gives each outcome.

    Attributes:
        counting: of the lines that count, the share with each outcome; they add up to 1.
        others: of the lines that do not count, the same.

    Raises:
        InputError: the shares do not add up to 1.
    """

    counting: tuple[Fraction, ...]
    others: tuple[Fraction, ...]

    def __post_init__(self) -> None:
        """Refuse impossible shares."""
        both = (self.counting, self.others)
        whole = all(sum(shares) == 1 and min(shares) >= 0 for shares in both)
        if len(self.counting) != len(self.others) or not whole:
            raise InputError(
                "the shares of the outcomes do not add up to 1, of the lines that count and of"
                " those that do not"
            )

    def lines_by_outcome(self, counting: int, others: int) -> list[tuple[int, int]]:
        """Give (lines, those that count) by outcome, of a petition."""
        hits, misses = _apportion(counting, self.counting), _apportion(others, self.others)
        return [(hit + miss, hit) for hit, miss in zip(hits, misses, strict=True)]

    def report(self, outcome: int, guess: Fraction) -> Fraction:
        """Give the share of lines with an outcome that count, if `guess` of all do (Bayes)."""
        hit, miss = guess * self.counting[outcome], (1 - guess) * self.others[outcome]
        return Fraction(round(100 * hit / (hit + miss)), 100) if hit + miss else guess


POLLING = Matcher((Fraction(1),), (Fraction(1),))
"""No matcher: every line has one outcome."""

OWN_MATCHER = Matcher(
    tuple(Fraction(part, 25_929) for part in (23_758, 1_648, 517, 6)),
    tuple(Fraction(part, 2_865) for part in (71, 822, 1_322, 650)),
)
"""This project's own, on made-up people: listed, unsure, not_listed, repeat.

Measured by `python -m benchmarks sufficiency.matcher`; of one elector's lines the one kept counts.
"""


def _apportion(total: int, shares: Sequence[Fraction]) -> list[int]:
    parts = [int(total * share) for share in shares]
    parts[0] += total - sum(parts)
    return parts


@dataclass(frozen=True)
class CheckPlan:
    """A petition to plan for: N, R, and both risk limits.

    Raises:
        InputError: they are not those of a check.
    """

    lines: int
    required: int
    alpha: Fraction
    beta: Fraction

    def __post_init__(self) -> None:
        """Refuse what no check can decide."""
        Design(polling_class(self.lines, Fraction(1, 2)), self.required, self.alpha, self.beta)

    def design(
        self, matcher: Matcher, valid: int, guess: Fraction
    ) -> tuple[Design, list[tuple[int, int]]]:
        """Give the design and (lines, valid) of its classes, if `valid` lines count.

        Raises:
            InputError: more lines count than there are.
        """
        if not 0 <= valid <= self.lines:
            raise InputError(f"{valid:,} of {self.lines:,} lines cannot count")
        by_outcome = matcher.lines_by_outcome(valid, self.lines - valid)
        classes = tuple(
            LineClass(
                f"outcome {place}",
                lines,
                report,
                sampling_weight(report) if len(by_outcome) > 1 else 1,
            )
            for place, (lines, _) in enumerate(by_outcome)
            for report in [matcher.report(place, guess)]
        )
        return Design(classes, self.required, self.alpha, self.beta), by_outcome


def forecast_checks(
    design: Design, lines_by_class: Sequence[tuple[int, int]], *, runs: int = 400, seed: int = 1
) -> CheckForecast:
    """Forecast the checks for a petition with (lines, valid) in each class."""
    return _summarise(simulate_checks(design, lay_out_lines(list(lines_by_class)), runs, seed), 0)


def forecast_further_checks(
    design: Design, checks: Sequence[Check], *, runs: int = 400, seed: int = 1
) -> CheckForecast:
    """Forecast the further checks, if the lines left are as those checked so far.

    The share of a class is what was found in it, with its report counted as 10 lines.
    """
    codes = np.array([2 * one.line_class + int(one.valid) for one in checks], np.uint8)
    remaining_by_class = []
    for place, one in enumerate(design.classes):
        codes_of_class = codes[codes >> 1 == place]
        left = one.lines - len(codes_of_class)
        share = (PRIOR_LINES * float(one.report) + int((codes_of_class & 1).sum())) / (
            PRIOR_LINES + len(codes_of_class)
        )
        remaining_by_class.append((left, round(left * share)))
    simulated = simulate_checks(
        design, lay_out_lines(remaining_by_class), runs, seed, checked=codes
    )
    return _summarise(simulated, len(checks))


def _summarise(simulated: SimulatedChecks, checks_made: int) -> CheckForecast:
    further = np.maximum(simulated.checks - checks_made, 0)
    return CheckForecast(
        float(further.mean()),
        int(np.quantile(further, 0.9)),
        simulated.share("sufficient"),
        simulated.share("insufficient"),
    )
