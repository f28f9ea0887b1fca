"""A short reading of a forecast in plain words, made from its numbers and from nothing else."""

from collections.abc import Iterator

from referendum.polls.forecast import Forecast
from referendum.polls.outcome import quantile_of
from referendum.polls.uncertainty import SOURCES


def reading(made: Forecast) -> Iterator[str]:
    """Tell a forecast in a few sentences: what is likely, how sure, why not surer."""
    if made.polls.is_empty():
        yield made.remarks[0]
        return
    parts = made.result.parts()
    ends = [quantile_of(parts, part) for part in (0.5, 0.1, 0.9, 0.025, 0.975)]
    middle, low, high, wide_low, wide_high = map(_percent, map(float, ends))
    days = (made.campaign.vote_date - made.as_of).days
    yield (
        f"From {made.polls.get_column('sample').n_unique()} samples up to {made.as_of}, {days}"
        f" day{'s' * (days != 1)} before the vote: yes {middle} of"
        " those who take a side, as the middle of what may come out."
    )
    yield (
        f"In 4 of 5 such cases yes would end between {low} and {high}, in 19 of 20 between"
        f" {wide_low} and {wide_high}."
    )
    most = made.most_votes
    yield f"Yes has most votes with a chance of {chance(most)}: {_word(most)}."
    if made.passing is not None and made.passing.chance is not None:
        yield (
            f"It passes under {made.passing.rule} with a chance of {chance(made.passing.chance)};"
            f" assumed: {made.passing.assumption}."
        )
    elif made.passing is not None:
        rule, why = made.passing.rule, made.passing.assumption
        yield f"Whether it passes under {rule} is left open: {why}."
    first, second = sorted(made.sources, key=lambda name: -made.sources[name])[:2]
    yield (
        f"Most of the uncertainty comes from {SOURCES[first]} ({_percent(made.sources[first])} of"
        f" the variance), then from {SOURCES[second]} ({_percent(made.sources[second])})."
    )
    chances = [1 - one.result.below(0.5) for one in made.scenarios]
    yield (
        f"Under the other assumptions listed the chance of most votes runs from"
        f" {chance(min(chances))} to {chance(max(chances))}."
    )


def chance(value: float) -> str:
    """Write a chance so that it claims no more than it knows."""
    if value < 0.005:
        return "under 1 in 200"
    if value > 0.995:
        return "over 199 in 200"
    return f"{100 * value:.0f} in 100"


_WORDS = (
    (0.05, "very unlikely"),
    (0.25, "unlikely"),
    (0.4, "less likely than not"),
    (0.6, "open"),
    (0.75, "more likely than not"),
    (0.95, "likely"),
)


def _word(value: float) -> str:
    return next((word for most, word in _WORDS if value < most), "very likely")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
