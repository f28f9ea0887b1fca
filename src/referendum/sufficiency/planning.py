"""Planning: how many checks it will take, before the first one and while they are made."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import exp, log

import numpy as np

from referendum.core.errors import InputError
from referendum.sufficiency.design import Design
from referendum.sufficiency.engine import Runs, lines_of, simulate
from referendum.sufficiency.risk import PRIOR, Check


@dataclass(frozen=True)
class Forecast:
    """Checks that a petition is expected to take, from simulated runs.

    Attributes:
        mean: checks on average, those made already not counted.
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


def expected_valid(design: Design, valid: int) -> list[tuple[int, int]]:
    """Spread M valid lines over the classes as their reports have it: (lines, valid) of each.

    The odds of every report are multiplied by one number, so that the total comes out.

    Raises:
        InputError: more lines are valid than there are.
    """
    if not 0 <= valid <= design.lines:
        raise InputError(f"{valid:,} of {design.lines:,} lines cannot be valid")
    low, high = -40.0, 40.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if sum(_counts(design, middle)) > valid else (middle, high)
    counts = _counts(design, low)
    for place in range(len(counts)):
        most = design.classes[place].lines
        counts[place] = min(most, counts[place] + valid - sum(counts))
    return [(one.lines, count) for one, count in zip(design.classes, counts, strict=True)]


def _counts(design: Design, shift: float) -> list[int]:
    return [
        round(one.lines / (1 + exp(-_logit(float(one.report)) - shift))) for one in design.classes
    ]


def _logit(share: float) -> float:
    kept = min(max(share, 1e-6), 1 - 1e-6)
    return log(kept / (1 - kept))


def forecast(design: Design, valid: int, *, runs: int = 400, seed: int = 1) -> Forecast:
    """Forecast the checks for a petition of which `valid` lines count."""
    done = simulate(design, lines_of(expected_valid(design, valid)), runs, seed)
    return _forecast(done, 0)


def forecast_more(
    design: Design, checks: Sequence[Check], *, runs: int = 400, seed: int = 1
) -> Forecast:
    """Forecast the further checks, if the lines left are as those checked so far.

    The share of a class is what was found in it, with its report counted as 10 lines.
    """
    codes = np.array([2 * one.of + int(one.valid) for one in checks], np.uint8)
    found = []
    for place, one in enumerate(design.classes):
        mine = codes[codes >> 1 == place]
        left = one.lines - len(mine)
        share = (PRIOR * float(one.report) + int((mine & 1).sum())) / (PRIOR + len(mine))
        found.append((left, round(left * share)))
    done = simulate(design, lines_of(found), runs, seed, checked=codes)
    return _forecast(done, len(checks))


def _forecast(done: Runs, made: int) -> Forecast:
    return Forecast(
        float(done.checks.mean()) - made,
        int(np.quantile(done.checks, 0.9)) - made,
        done.share("sufficient"),
        done.share("insufficient"),
    )
