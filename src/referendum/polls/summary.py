"""A short reading of a forecast in plain words, made from its numbers and from nothing else."""

from collections.abc import Iterator

from referendum.polls.forecast import Forecast
from referendum.polls.outcome import quantile_text
from referendum.polls.uncertainty import SOURCES


def summarise(forecast: Forecast) -> Iterator[str]:
    """Tell a forecast in a few sentences: what is likely, how sure, why not surer."""
    if forecast.polls.is_empty():
        yield forecast.remarks[0]
        return
    parts = forecast.result.parts_per_million()
    ends = [quantile_text(parts, part) for part in (0.5, 0.1, 0.9, 0.025, 0.975)]
    middle, low, high, wide_low, wide_high = map(_percent, map(float, ends))
    days = (forecast.campaign.vote_date - forecast.as_of).days
    yield (
        f"From {forecast.polls.get_column('sample').n_unique()} samples up to {forecast.as_of},"
        f" {days} day{'s' * (days != 1)} before the vote: yes {middle} of"
        " those who take a side, as the middle of what may come out."
    )
    yield (
        f"In 4 of 5 such cases yes would end between {low} and {high}, in 19 of 20 between"
        f" {wide_low} and {wide_high}."
    )
    most = forecast.most_votes
    yield f"Yes has most votes with a chance of {chance_words(most)}: {_likelihood_word(most)}."
    passing = forecast.passing
    if passing is not None and passing.chance is not None:
        yield (
            f"It passes under {passing.rule} with a chance of {chance_words(passing.chance)};"
            f" assumed: {passing.assumption}."
        )
    elif passing is not None:
        yield f"Whether it passes under {passing.rule} is left open: {passing.assumption}."
    sources = forecast.sources
    first, second = sorted(sources, key=lambda name: -sources[name])[:2]
    yield (
        f"Most of the uncertainty comes from {SOURCES[first]} ({_percent(sources[first])} of"
        f" the variance), then from {SOURCES[second]} ({_percent(sources[second])})."
    )
    chances = [1 - one.result.probability_below(0.5) for one in forecast.scenarios]
    yield (
        f"Under the other assumptions listed the chance of most votes runs from"
        f" {chance_words(min(chances))} to {chance_words(max(chances))}."
    )


def chance_words(value: float) -> str:
    """Write a chance so that it claims no more than it knows."""
    if value < 0.005:
        return "under 1 in 200"
    if value > 0.995:
        return "over 199 in 200"
    return f"{100 * value:.0f} in 100"


_LIKELIHOOD_WORDS = (
    (0.05, "very unlikely"),
    (0.25, "unlikely"),
    (0.4, "less likely than not"),
    (0.6, "open"),
    (0.75, "more likely than not"),
    (0.95, "likely"),
)


def _likelihood_word(value: float) -> str:
    return next((word for most, word in _LIKELIHOOD_WORDS if value < most), "very likely")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
