"""A fit of 85 polls over 400 days; a forecast of every example; 1,000 made-up campaigns."""

import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import polars as pl

from referendum.polls import Campaign, Observations, fit, receive_polls, to_observations

EXAMPLES = Path(__file__).parents[1] / "examples" / "polls"
VOTES = {"scotland_2014": date(2014, 9, 18), "uk_eu_2016": date(2016, 6, 23)}
T = TypeVar("T")


def main() -> None:
    """Measure and print."""
    for referendum, most, span in (("scotland_2014", 85, 400), ("uk_eu_2016", 130, 400)):
        polls, until = observations_of(referendum, most, span)
        fitted, seconds = timed(lambda polls=polls, until=until: fit(polls, until))
        days = until - float(polls.days.min())
        print(
            f"polls: fit of {polls.count} polls of {referendum} over {days:.0f} days:"
            f" {seconds:.2f} s of CPU; level {fitted.level.mean:.4f}, sd {fitted.level.sd:.4f}"
        )
    campaigns()


def campaigns(count: int = 1_000) -> None:
    """Forecast made-up campaigns and count what the intervals hold."""
    from referendum.simulate.campaigns import measure_calibration  # noqa: PLC0415 - without nutpie

    found, seconds = timed(lambda: measure_calibration(count, "calibration"))
    held = ", ".join(f"{level} %: {share:.1%}" for level, share in found.coverage.items())
    print(f"polls: {count:,} made-up campaigns, {seconds:.0f} s of CPU; held by {held}")
    print(f"  deciles of P(Y < result): {found.deciles}, chi-square {found.chi_square:.1f} (9 df)")
    for low, forecast, happened, cases in found.reliability:
        print(f"  P(most votes) from {low:.1f}: forecast {forecast:.3f}, {happened:.3f} of {cases}")


def observations_of(
    referendum: str, most: int = 1_000, span: int = 10_000
) -> tuple[Observations, float]:
    """Give the latest `most` polls within `span` days, and the eve of the vote."""
    vote = VOTES[referendum]
    raw = pl.read_csv(EXAMPLES / f"{referendum}.csv", infer_schema=False)
    received = receive_polls(raw, Campaign(referendum, vote)).polls
    recent = received.filter(pl.col("field_end") >= vote - timedelta(days=span)).tail(most)
    polls = to_observations(recent)
    return polls, (vote - polls.origin).days - 1


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Give what the work gives, and the user and system seconds that it took."""
    before = sum(os.times()[:2])
    result = work()
    return result, sum(os.times()[:2]) - before


if __name__ == "__main__":
    main()
