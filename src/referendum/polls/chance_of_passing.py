"""P(passes): the forecast held against each condition of the statute's vote rule."""

import math
from dataclasses import dataclass, field
from fractions import Fraction
from statistics import NormalDist

import msgspec
import numpy as np

from referendum.core.errors import InputError
from referendum.law import Tally, VoteRule, conditions
from referendum.law.vote import least_majority
from referendum.polls.observations import Array, expit, logit
from referendum.polls.outcome import BINS, Distribution

ELECTORS = 10_000_000
"""Electors of the vote on which the law's conditions are tried; only shares matter."""


TURNOUT_STRATA = 50
"""Turnouts that are tried; an even number, so that none stands on the middle of a quorum."""


@dataclass(frozen=True)
class Assumptions:
    """What polls do not say and a vote rule may ask.

    Attributes:
        turnout: ballots cast among the electors, 0 to 1; None where nothing is assumed.
        turnout_sd: how sure that is, as a standard deviation.
        blank: share of the ballots that count for neither.
        leans: by region, how far it leans to yes beyond the whole, in points.
        region_sd: how far a region's lean may be off, in points.
    """

    turnout: float | None = None
    turnout_sd: float = 0.05
    blank: float = 0.01
    leans: dict[str, float] = field(default_factory=dict)
    region_sd: float = 4.0

    def __post_init__(self) -> None:
        """Refuse shares that are none."""
        if self.turnout is not None and not 0 < self.turnout < 1:
            raise InputError(f"a turnout of {self.turnout} is not between 0 and 1")
        if not 0 <= self.blank < 1:
            raise InputError(f"a share of blank ballots of {self.blank} is not from 0 to 1")


@dataclass(frozen=True)
class PassingChance:
    """The chance that a proposal is carried.

    Attributes:
        chance: P(every condition is met); None where the rule asks what nothing is assumed of.
        rule: the provision.
        assumption: what is assumed, in words.
    """

    chance: float | None
    rule: str
    assumption: str


def chance_of_passing(
    result: Distribution, rule: VoteRule, assumptions: Assumptions
) -> PassingChance:
    """Work out the chance that every condition of a vote rule is met.

    Turnout is independent of the result; regions are independent of each other given the whole.

    Args:
        result: of the share of yes among the formal votes.
        rule: the statute's vote rule.
        assumptions: turnout, blank ballots, leans of the regions.
    """
    if needs_turnout(rule) and assumptions.turnout is None:
        words = "the rule asks how many electors vote, and no turnout is assumed"
        return PassingChance(None, rule.cite, words)
    carried = _chance_of_regions(result.grid, rule, assumptions) if rule.regions else 1.0
    weighted = Distribution(result.grid, result.mass * carried)
    whole = msgspec.structs.replace(rule, regions=None, half_regions=None, regional_majority=None)
    chance = 0.0
    for turnout, weight in _turnouts(rule, assumptions):
        needed = _least_share(whole, turnout, assumptions.blank)
        above = weighted.mass.sum() - weighted.probability_below(needed) if needed < 1 else 0.0
        chance += weight * above
    return PassingChance(
        float(np.clip(chance, 0, 1)), rule.cite, _assumption_words(rule, assumptions)
    )


def needs_turnout(rule: VoteRule) -> bool:
    """Whether a condition of the rule is a share of the electors."""
    of_electors = rule.majority_of.value == "electors"
    return of_electors or rule.turnout is not None or rule.approval is not None


def _turnouts(rule: VoteRule, assumptions: Assumptions) -> list[tuple[float, float]]:
    """Equally likely turnouts with their weights: Gaussian on the logit scale."""
    if assumptions.turnout is None or not needs_turnout(rule):
        return [(0.6, 1.0)]
    spread = assumptions.turnout_sd / (assumptions.turnout * (1 - assumptions.turnout))
    normal = NormalDist(float(logit(assumptions.turnout)), spread)
    middles = [(number + 0.5) / TURNOUT_STRATA for number in range(TURNOUT_STRATA)]
    return [(float(expit(normal.inv_cdf(middle))), 1 / TURNOUT_STRATA) for middle in middles]


def _least_share(rule: VoteRule, turnout: float, blank: float) -> float:
    """Give the smallest share of yes that meets the conditions, to a tenth of a point; else 1."""
    low, high = 0, BINS
    while low < high:
        middle = (low + high) // 2
        if _is_met(rule, middle, turnout, blank):
            high = middle
        else:
            low = middle + 1
    # Exactly one half is not more than half, but on a continuous share it has no chance.
    exact = low - 1 if low and _is_met_with_one_more(rule, low - 1, turnout, blank) else low
    return exact / BINS


def _is_met(rule: VoteRule, bins: int, turnout: float, blank: float, more: int = 0) -> bool:
    cast = round(ELECTORS * turnout)
    formal = round(cast * (1 - blank))
    yes = min(formal, int(Fraction(bins, BINS) * formal) + more)
    tally = Tally(yes, formal - yes, cast - formal, ELECTORS)
    return all(condition.met for condition in conditions(rule, tally))


def _is_met_with_one_more(rule: VoteRule, bins: int, turnout: float, blank: float) -> bool:
    return _is_met(rule, bins, turnout, blank, more=1)


def _chance_of_regions(grid: Array, rule: VoteRule, assumptions: Assumptions) -> Array:
    """Give P(enough regions have a majority) at each logit share of the whole."""
    if rule.regions is None or rule.regional_majority is None:
        return np.ones_like(grid)
    halves = set(rule.half_regions.value) if rule.half_regions else set()
    unit = Fraction(1, 2) if halves else Fraction(1)
    sizes = [int(Fraction(1, 2 if name in halves else 1) / unit) for name in rule.regions.value]
    need = least_majority(rule.regional_majority.value, sum(sizes) * unit, unit) / unit
    # Leans are small: a point is .04 logit near one half, where the majority is decided.
    carried = np.zeros((sum(sizes) + 1, len(grid)))
    carried[0] = 1.0
    for name, size in zip(rule.regions.value, sizes, strict=True):
        offsets = (grid + 0.04 * assumptions.leans.get(name, 0.0)) / (0.04 * assumptions.region_sd)
        chance = np.array([0.5 * (1 + math.erf(offset / math.sqrt(2))) for offset in offsets])
        shifted = np.zeros_like(carried)
        shifted[size:] = carried[:-size]
        carried = carried * (1 - chance) + shifted * chance
    enough_regions: Array = carried[int(need) :].sum(axis=0)
    return enough_regions


def _assumption_words(rule: VoteRule, assumptions: Assumptions) -> str:
    parts = []
    if needs_turnout(rule) and assumptions.turnout is not None:
        parts.append(
            f"turnout {100 * assumptions.turnout:g} per cent of the electors, give or take"
            f" {100 * assumptions.turnout_sd:g} points (one standard deviation)"
        )
    if rule.regions is not None:
        known = ", ".join(f"{name} {lean:+g}" for name, lean in sorted(assumptions.leans.items()))
        leans = f"leans in points: {known}" if known else "no region leans more than another"
        parts.append(f"{leans}; each may be off by {assumptions.region_sd:g} points")
    return "; ".join(parts) or "the rule asks nothing but the votes"
