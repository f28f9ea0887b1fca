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
from referendum.polls.outcome import BINS, PPM, Distribution, quantile_of
from referendum.polls.reading import reading
from referendum.polls.scores import LEVELS


def document(made: Forecast) -> dict[str, Any]:
    """Give a forecast as `forecast.json`: shares from 0 to 1, numbers as text."""
    used = made.polls
    next_poll = asdict(made.next_poll)
    return {
        "referendum": made.campaign.referendum,
        "vote_date": made.campaign.vote_date.isoformat(),
        "as_of": made.as_of.isoformat(),
        "status_quo": made.campaign.status_quo,
        "polls": used.height,
        "samples": used.get_column("sample").n_unique(),
        "wordings": dict(used.group_by("wording").len().sort("wording").iter_rows()),
        "days_ahead": _text(made.ahead.days, 1),
        "undecided": _text(made.ahead.undecided, 4),
        "now": _spread(made.now),
        "result": _spread(made.result),
        "most_votes": chance_above_half(made.result.parts()),
        "passes": _passes(made),
        "sources": {name: _text(share, 4) for name, share in made.sources.items()},
        "scales": {name: _text(25 * sd, 3) for name, sd in made.fit.scale_means.items()},
        "next_poll": {
            name: value if isinstance(value, int) else _text(value, 4)
            for name, value in next_poll.items()
        },
        "scenarios": [_scenario(one) for one in made.scenarios],
        "averages": {name: _text(share, 4) for name, share in made.averages.items()},
        "constants": {k: _text(v, 3) for k, v in asdict(made.ahead.constants).items()},
        "priors": {name: _text(value, 3) for name, value in asdict(PAST_PRIORS).items()},
        "remarks": list(made.remarks),
        "reading": list(reading(made)),
    }


def tables(made: Forecast) -> dict[str, pl.DataFrame]:
    """Give the tables of a forecast by name: `outcome`, `trend`, `effects`, `weights`."""
    parts = made.result.parts()
    return {
        "outcome": pl.DataFrame({"from_per_mille": range(BINS), "parts_per_million": parts}),
        "trend": _trend(made),
        "effects": _effects(made),
        "weights": _weights(made),
    }


def chance_above_half(parts: list[int]) -> str:
    """Give the chance of more than one half, as text with six places."""
    return _text(sum(parts[BINS // 2 :]) / PPM, 6)


def _spread(distribution: Distribution) -> dict[str, Any]:
    parts = distribution.parts()
    intervals = {
        str(level): [
            quantile_of(parts, (1 - level / 100) / 2),
            quantile_of(parts, (1 + level / 100) / 2),
        ]
        for level in LEVELS
    }
    return {"median": quantile_of(parts, 0.5), "intervals": intervals}


def _passes(made: Forecast) -> dict[str, Any] | None:
    if made.passing is None:
        return None
    chance = made.passing.chance
    return {
        "chance": None if chance is None else _text(chance, 4),
        "rule": made.passing.rule,
        "assumption": made.passing.assumption,
    }


def _scenario(one: Scenario) -> dict[str, Any]:
    parts = one.result.parts()
    chance = one.passing.chance if one.passing else None
    return {
        "name": one.name,
        "median": quantile_of(parts, 0.5),
        "interval_80": [quantile_of(parts, 0.1), quantile_of(parts, 0.9)],
        "most_votes": chance_above_half(parts),
        "passes": None if chance is None else _text(chance, 4),
    }


def _trend(made: Forecast) -> pl.DataFrame:
    origin = made.observations.origin
    rows = []
    for level in made.fit.trend:
        shares = [float(expit(level.mean + z * level.sd)) for z in (0, *_REACHES)]
        day = origin + timedelta(days=round(level.day))
        rows.append([day.isoformat(), *(_text(share, 4) for share in shares)])
    names = ["day", "median"]
    names += [f"{side}_{level}" for level in LEVELS for side in ("low", "high")]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    return frame.unique("day", keep="last", maintain_order=True)


_REACHES = (-0.6745, 0.6745, -1.2816, 1.2816, -1.96, 1.96)
"""Standard deviations of the ends of the intervals of `LEVELS`."""


def _effects(made: Forecast) -> pl.DataFrame:
    names = ["kind", "level", "polls", "points", "sd_points"]
    rows = [
        [one.kind, one.level, str(one.polls), _text(25 * one.mean, 2), _text(25 * one.sd, 2)]
        for one in made.fit.effects
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def _weights(made: Forecast) -> pl.DataFrame:
    used = made.polls
    shares = expit(made.observations.z)
    return pl.DataFrame(
        {
            "poll": used.get_column("poll"),
            "sample": used.get_column("sample"),
            "pollster": used.get_column("pollster"),
            "field_end": used.get_column("field_end"),
            "wording": used.get_column("wording"),
            "share": [_text(float(share), 4) for share in shares],
            "weight": [_text(float(weight), 4) for weight in made.fit.poll_weights],
        }
    )


def _text(number: float, places: int) -> str:
    return f"{number:z.{places}f}"
