"""The chance that a proposal passes, worked out again from the published density.

The density is of bins of a tenth of a point, the program's own is finer: the two agree to a point
or two, which is enough to find a chance that was put in the place of another.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import erf, exp, log, sqrt
from statistics import NormalDist
from typing import Any

from referendum.verify import law
from referendum.verify.bundles import Bundle

STRATA = 50
POINT = 0.04
"""A point as a part of a logit, near one half."""


def needs_electors(statute: Bundle) -> bool:
    """Whether a condition of the rule is a share of the electors."""
    quorum = law.has(statute, "vote", "turnout") or law.has(statute, "vote", "approval")
    return quorum or law.value(statute, "vote", "majority_of") == "electors"


def assumption_text(statute: Bundle, choices: Mapping[str, Any]) -> str:
    """Give what is assumed, in the words of the forecast."""
    parts = []
    if needs_electors(statute):
        if choices["turnout"] is None:
            return "the rule asks how many electors vote, and no turnout is assumed"
        turnout, around = float(choices["turnout"]), float(choices["turnout_sd"])
        parts.append(
            f"turnout {100 * turnout:g} per cent of the electors, give or take"
            f" {100 * around:g} points (one standard deviation)"
        )
    if law.has(statute, "vote", "regions"):
        leans = sorted(choices["leans"].items())
        known = ", ".join(f"{name} {float(lean):+g}" for name, lean in leans)
        leans_text = f"leans in points: {known}" if known else "no region leans more than another"
        parts.append(f"{leans_text}; each may be off by {float(choices['region_sd']):g} points")
    return "; ".join(parts) or "the rule asks nothing but the votes"


def chance_of(statute: Bundle, choices: Mapping[str, Any], parts: Sequence[int]) -> float:
    """Give the chance that every condition is met, for a density in millionths by bin."""
    weighted_bins = [
        part * _chance_of_regions(statute, choices, (place + 0.5) / len(parts)) if part else 0.0
        for place, part in enumerate(parts)
    ]
    turnouts = _turnouts(statute, choices)
    chance = sum(
        _weight_above(weighted_bins, _least_share(statute, choices, turnout))
        for turnout in turnouts
    )
    return chance / len(turnouts) / sum(parts)


def _weight_above(weighted_bins: Sequence[float], share: float) -> float:
    """Add up what lies above a share, of the bin in which it lies the part above."""
    place = int(share * len(weighted_bins))
    if place >= len(weighted_bins):
        return 0.0
    return weighted_bins[place] * (place + 1 - share * len(weighted_bins)) + sum(
        weighted_bins[place + 1 :]
    )


def _turnouts(statute: Bundle, choices: Mapping[str, Any]) -> list[float]:
    if choices["turnout"] is None or not needs_electors(statute):
        return [0.6]
    turnout = float(choices["turnout"])
    spread = float(choices["turnout_sd"]) / (turnout * (1 - turnout))
    if spread <= 0:
        return [turnout]
    normal = NormalDist(log(turnout / (1 - turnout)), spread)
    middles = (normal.inv_cdf((number + 0.5) / STRATA) for number in range(STRATA))
    return [1 / (1 + exp(-middle)) for middle in middles]


def _least_share(statute: Bundle, choices: Mapping[str, Any], turnout: float) -> float:
    """Give the share of the formal votes from which the conditions on the whole are met."""
    formal = 1 - float(choices["blank"])
    base = {"formal": 1.0, "cast": formal, "electors": turnout * formal}
    share = float(_share(statute, "majority"))
    least_number = share / base[str(law.value(statute, "vote", "majority_of"))]
    if law.has(statute, "vote", "approval"):
        least_number = max(least_number, float(_share(statute, "approval")) / (turnout * formal))
    if law.has(statute, "vote", "turnout") and turnout < _share(statute, "turnout"):
        return 1.0
    return min(least_number, 1.0)


def _share(statute: Bundle, name: str) -> Fraction:
    return law.exact(str(law.value(statute, "vote", name)).split()[-1])


def _chance_of_regions(statute: Bundle, choices: Mapping[str, Any], share: float) -> float:
    """Give the chance that enough regions have a majority, at a share of the whole."""
    names = law.optional(statute, "vote", "regions")
    if names is None:
        return 1.0
    halves = law.optional(statute, "vote", "half_regions") or []
    sizes = [1 if name in halves or not halves else 2 for name in names]
    unit = Fraction(1, 2) if halves else Fraction(1)
    majority = law.value(statute, "vote", "regional_majority")
    need = int(law.least_number(majority, sum(sizes) * unit, unit) / unit)
    around, place = POINT * float(choices["region_sd"]), log(share / (1 - share))
    carried = [1.0] + [0.0] * sum(sizes)
    for name, size in zip(names, sizes, strict=True):
        offset = place + POINT * float(choices["leans"].get(name, 0))
        chance = 0.5 * (1 + erf(offset / around / sqrt(2))) if around else float(offset > 0)
        moved = [0.0] * size + carried[: len(carried) - size]
        carried = [
            one * (1 - chance) + other * chance for one, other in zip(carried, moved, strict=True)
        ]
    return sum(carried[need:])
