"""A forecast as it is published: a document and tables, with numbers as text.

Every headline number follows from the published density `outcome.csv`, which holds whole
millionths: whoever has the file can work them out again exactly.
"""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import polars as pl

from referendum.polls.forecast import Forecast, Scenario
from referendum.polls.model import PAST_PRIORS
from referendum.polls.observations import expit
from referendum.polls.outcome import BINS, PPM, Distribution, quantile_text
from referendum.polls.scores import INTERVAL_LEVELS
from referendum.polls.summary import summarise


def forecast_document(forecast: Forecast) -> dict[str, Any]:
    """Give a forecast as `forecast.json`: shares from 0 to 1, numbers as text."""
    polls_used = forecast.polls
    next_poll = asdict(forecast.next_poll)
    return {
        "referendum": forecast.campaign.referendum,
        "vote_date": forecast.campaign.vote_date.isoformat(),
        "as_of": forecast.as_of.isoformat(),
        "status_quo": forecast.campaign.status_quo,
        "polls": polls_used.height,
        "samples": polls_used.get_column("sample").n_unique(),
        "wordings": dict(polls_used.group_by("wording").len().sort("wording").iter_rows()),
        "days_ahead": _text(forecast.path_to_vote.days, 1),
        "undecided": _text(forecast.path_to_vote.undecided, 4),
        "now": _interval_document(forecast.now),
        "result": _interval_document(forecast.result),
        "most_votes": chance_above_half(forecast.result.parts_per_million()),
        "passes": _passing_document(forecast),
        "sources": {name: _text(share, 4) for name, share in forecast.sources.items()},
        "scales": {name: _text(25 * sd, 3) for name, sd in forecast.fit.scale_means.items()},
        "next_poll": {
            name: value if isinstance(value, int) else _text(value, 4)
            for name, value in next_poll.items()
        },
        "scenarios": [_scenario_document(one) for one in forecast.scenarios],
        "averages": {name: _text(share, 4) for name, share in forecast.averages.items()},
        "constants": {k: _text(v, 3) for k, v in asdict(forecast.path_to_vote.constants).items()},
        "priors": {name: _text(value, 3) for name, value in asdict(PAST_PRIORS).items()},
        "remarks": list(forecast.remarks),
        "reading": list(summarise(forecast)),
    }


def forecast_tables(forecast: Forecast) -> dict[str, pl.DataFrame]:
    """Give the tables of a forecast by name: `outcome`, `trend`, `effects`, `weights`."""
    parts = forecast.result.parts_per_million()
    return {
        "outcome": pl.DataFrame({"from_per_mille": range(BINS), "parts_per_million": parts}),
        "trend": _trend(forecast),
        "effects": _effects(forecast),
        "weights": _weights(forecast),
    }


def chance_above_half(parts: list[int]) -> str:
    """Give the chance of more than one half, as text with six places."""
    return _text(sum(parts[BINS // 2 :]) / PPM, 6)


def _interval_document(distribution: Distribution) -> dict[str, Any]:
    parts = distribution.parts_per_million()
    intervals = {
        str(level): [
            quantile_text(parts, (1 - level / 100) / 2),
            quantile_text(parts, (1 + level / 100) / 2),
        ]
        for level in INTERVAL_LEVELS
    }
    return {"median": quantile_text(parts, 0.5), "intervals": intervals}


def _passing_document(forecast: Forecast) -> dict[str, Any] | None:
    if forecast.passing is None:
        return None
    chance = forecast.passing.chance
    return {
        "chance": None if chance is None else _text(chance, 4),
        "rule": forecast.passing.rule,
        "assumption": forecast.passing.assumption,
    }


def _scenario_document(one: Scenario) -> dict[str, Any]:
    parts = one.result.parts_per_million()
    chance = one.passing.chance if one.passing else None
    return {
        "name": one.name,
        "median": quantile_text(parts, 0.5),
        "interval_80": [quantile_text(parts, 0.1), quantile_text(parts, 0.9)],
        "most_votes": chance_above_half(parts),
        "passes": None if chance is None else _text(chance, 4),
    }


def _trend(forecast: Forecast) -> pl.DataFrame:
    origin = forecast.observations.origin
    rows = []
    for level in forecast.fit.trend:
        shares = [float(expit(level.mean + z * level.sd)) for z in (0, *_INTERVAL_ENDS)]
        day = origin + timedelta(days=round(level.day))
        rows.append([day.isoformat(), *(_text(share, 4) for share in shares)])
    names = ["day", "median"]
    names += [f"{side}_{level}" for level in INTERVAL_LEVELS for side in ("low", "high")]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    return frame.unique("day", keep="last", maintain_order=True)


_INTERVAL_ENDS = (-0.6745, 0.6745, -1.2816, 1.2816, -1.96, 1.96)
"""Standard deviations of the ends of the intervals of `LEVELS`."""


def _effects(forecast: Forecast) -> pl.DataFrame:
    names = ["kind", "level", "polls", "points", "sd_points"]
    rows = [
        [one.kind, one.level, str(one.polls), _text(25 * one.mean, 2), _text(25 * one.sd, 2)]
        for one in forecast.fit.effects
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def _weights(forecast: Forecast) -> pl.DataFrame:
    polls_used = forecast.polls
    shares = expit(forecast.observations.z)
    return pl.DataFrame(
        {
            "poll": polls_used.get_column("poll"),
            "sample": polls_used.get_column("sample"),
            "pollster": polls_used.get_column("pollster"),
            "field_end": polls_used.get_column("field_end"),
            "wording": polls_used.get_column("wording"),
            "share": [_text(float(share), 4) for share in shares],
            "weight": [_text(float(weight), 4) for weight in forecast.fit.poll_weights],
        }
    )


def _text(number: float, places: int) -> str:
    return f"{number:z.{places}f}"
