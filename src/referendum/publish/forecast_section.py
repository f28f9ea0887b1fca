"""What is shown of a forecast: its charts, its tables, and the scores of past ones beside it."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from importlib import resources
from typing import Any

from markupsafe import Markup

from referendum.polls import HORIZONS, MODEL
from referendum.polls.summary import chance_words
from referendum.polls.uncertainty import SOURCES
from referendum.publish import poll_charts
from referendum.publish.figures import Words, count, mark

Rows = Sequence[Mapping[str, str]]


def scores() -> dict[str, Any]:
    """Give the scores of past referendums as `referendum polls backtest --json` wrote them."""
    text = resources.files("referendum.publish").joinpath("poll_scores.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def charts(told: Mapping[str, Any], tables: Mapping[str, Rows]) -> dict[str, Markup]:
    """Draw the charts of a forecast by name.

    Args:
        told: `forecast.json`.
        tables: `outcome`, `trend`, `effects` and `weights`, as rows of text.
    """
    found = {"density": poll_charts.density(tables["outcome"], _chance(told["most_votes"]))}
    if told["polls"]:
        vote = date.fromisoformat(told["vote_date"])
        intervals = told["result"]["intervals"]
        found["trend"] = poll_charts.trend(tables["weights"], tables["trend"], intervals, vote)
        found["houses"] = poll_charts.effects(tables["effects"])
        if any(row["kind"] != "house" for row in tables["effects"]):
            kinds = ("mode", "population", "wording", "side")
            found["questions"] = poll_charts.effects(tables["effects"], kinds)
    return found


def _chance(share: Any) -> str:  # noqa: ANN401
    """Write a chance, with its source where it has one."""
    text = chance_words(float(share))
    return mark(share.source, share, text) if isinstance(share, Words) else text


def calibration(found: Mapping[str, Any]) -> Markup:
    """Draw where past results fell in this model's forecasts."""
    model = [one for one in found["forecasts"] if one["forecast"] == MODEL]
    pits = {days: [float(one["pit"]) for one in model if one["days"] == days] for days in HORIZONS}
    return poll_charts.calibration({days: values for days, values in pits.items() if values})


def view(told: Mapping[str, Any], tables: Mapping[str, Rows]) -> dict[str, Any]:
    """Gather what the page shows of a forecast."""
    past = scores()
    return {
        **told,
        "charts": charts(told, tables),
        "effects": tables["effects"],
        "polls_used": count(tables["weights"]),
        "weights": sorted(tables["weights"], key=lambda row: -abs(float(row["weight"]))),
        "source_names": SOURCES,
        "chance": _chance(told["most_votes"]),
        "chances": _chance,
        "past": past,
        "calibration": calibration(past),
    }
