"""What `sufficiency forecast` and `sufficiency outlook` work out and print."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from referendum.core.exact import percent, round_half_up
from referendum.core.progress import report_progress
from referendum.flows.sufficiency.risk import DEFAULT_LINE_REPORT, read_checks_so_far
from referendum.publish.curves import Curve, curves
from referendum.record.reading import Record
from referendum.sufficiency.planning import (
    POLLING,
    CheckForecast,
    CheckPlan,
    Matcher,
    forecast_checks,
    forecast_further_checks,
)

STEPS = (-12, -8, -5, -3, -2, -1, 1, 2, 3, 5, 8, 12, 20)
"""Usual distances of the true share from the required one, in per cent of the lines."""


@dataclass(frozen=True)
class Row:
    """Forecasts for one true share."""

    validity: Fraction
    polling: CheckForecast
    comparison: CheckForecast

    def as_dict(self) -> dict[str, Any]:
        """Give the numbers by name."""
        return {
            "validity": float(self.validity),
            "polling": self.polling.as_dict(),
            "comparison": self.comparison.as_dict(),
        }


def forecasts(
    question: CheckPlan, matcher: Matcher, validities: Sequence[Fraction], runs: int
) -> list[Row]:
    """Forecast the checks by both methods for every true share."""
    at = Fraction(question.required, question.lines)
    shares = list(validities) or [
        share for steps in STEPS if 0 < (share := at + Fraction(steps, 100)) < 1
    ]
    guess, rows = Fraction(DEFAULT_LINE_REPORT), []
    for number, share in enumerate(shares, start=1):
        valid = round_half_up(share * question.lines)
        polling, comparison = (
            forecast_checks(*question.design(one, valid, guess), runs=runs)
            for one in (POLLING, matcher)
        )
        rows.append(Row(share, polling, comparison))
        report_progress("simulating checks", number, len(shares))
    return rows


def table(rows: Sequence[Row]) -> str:
    """Write forecasts as a table."""
    head = (
        "true share    lines alone          with matching        sufficient\n"
        "of valid      mean      9 of 10    mean      9 of 10    in\n"
    )
    return head + "\n".join(
        f"{percent(row.validity, 2):>10}"
        f"{row.polling.mean:>10,.0f}{row.polling.ninth:>11,}"
        f"{row.comparison.mean:>10,.0f}{row.comparison.ninth:>11,}"
        f"{row.comparison.sufficient:>9.0%}"
        for row in rows
    )


def drawn(rows: Sequence[Row], question: CheckPlan) -> str:
    """Draw the forecasts over the true share."""

    def points(of: str, what: str) -> tuple[tuple[float, float], ...]:
        return tuple((float(row.validity), float(getattr(getattr(row, of), what))) for row in rows)

    shown = [
        Curve("lines alone, mean", points("polling", "mean"), "6 4"),
        Curve("lines alone, 9 of 10", points("polling", "ninth"), "2 3"),
        Curve("with matching, mean", points("comparison", "mean"), ""),
        Curve("with matching, 9 of 10", points("comparison", "ninth"), "10 3 2 3"),
    ]
    title = (
        f"Checks until decided: {question.lines:,} lines, {question.required:,} required,"
        f" risk limits {percent(question.alpha, 1)} and {percent(question.beta, 1)}"
    )
    at = question.required / question.lines
    return str(curves(title, shown, at, f"required {at:.1%}"))


def outlook(folder: Path, runs: int) -> CheckForecast:
    """Forecast the further checks of a record from those made so far."""
    design, checks = read_checks_so_far(Record.open(folder))
    return forecast_further_checks(design, checks, runs=runs)
