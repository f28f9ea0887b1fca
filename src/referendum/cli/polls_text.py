"""Forecasts and scores as lines of text."""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from referendum.polls import SOURCES, ReceivedPolls
from referendum.publish.meanings import meaning


def received_lines(received: ReceivedPolls) -> Iterator[str]:
    """Tell what became of the rows of a table of polls."""
    polls = received.polls.height
    yield f"{polls} rows of {received.samples} samples; {received.set_aside.height} rows set aside"
    for code, count in received.faults.items():
        yield f"  {count:>4}  {code}: {meaning(code, 'poll')}"


def forecast_lines(told: Mapping[str, Any]) -> Iterator[str]:
    """Tell a forecast (`forecast.json`)."""
    yield ""
    yield from wrapped(" ".join(told["reading"]))
    for remark in told["remarks"]:
        yield from wrapped(f"Note: {remark}")
    yield ""
    yield f"{'share of yes':<28}{'middle':>8}  {'50 %':>14}{'80 %':>16}{'95 %':>16}"
    for name, words in (("now", "now, as the polls have it"), ("result", "on the day")):
        yield f"{words:<28}{_percent(told[name]['median']):>8}" + "".join(
            f"{_percent(low):>9} – {_percent(high)}" if level != "50" else
            f"{_percent(low):>8} – {_percent(high)}"
            for level, (low, high) in told[name]["intervals"].items()
        )  # fmt: skip
    yield ""
    scenarios = told["scenarios"]
    by_rule = any(one["passes"] is not None for one in scenarios)
    head = f"{'other assumptions':<44}{'middle':>8}{'most votes':>12}"
    yield head + (f"{'passes':>10}" if by_rule else "")
    for one in scenarios:
        chances = f"{_percent(one['most_votes']):>12}"
        chances += "" if one["passes"] is None else f"{_percent(one['passes']):>10}"
        yield f"{one['name']:<44}{_percent(one['median']):>8}{chances}"
    yield ""
    yield "uncertainty of the day, share of the variance"
    for source, share in told["sources"].items():
        yield f"  {SOURCES[source]:<52}{_percent(share):>8}"


def score_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Tell a backtest."""
    yield (
        f"{'days':>4}  {'forecast':<44}{'n':>3}{'log dens.':>10}{'CRPS':>7}{'Brier':>7}"
        "  held 50/80/95"
    )
    for one in found["summary"]:
        compared_words = "/".join(str(count) for count in one["held"].values())
        yield (
            f"{one['days']:>4}  {one['title']:<44}{one['count']:>3}{one['log_density']:>10}"
            f"{one['crps']:>7}{one['brier']:>7}  {compared_words}"
        )
    yield ""
    yield "learnt without the referendum"
    yield f"  {'':<24}campaign: walk, drift, shift, scale     polls: walk, house, extra"
    for name, one in {**found["learnt"], "from all": found["from_all"]}.items():
        constants = "  ".join(one["constants"][k] for k in ("walk", "drift", "shift", "scale"))
        priors = "  ".join(one["priors"][k] for k in ("walk", "house", "extra"))
        yield f"  {name:<24}{constants:<40}{priors}"


def wrapped(text: str) -> list[str]:
    """Wrap text at 80 columns."""
    return textwrap.wrap(text, 80)


def _percent(share: str) -> str:
    return f"{100 * float(share):.1f}"
