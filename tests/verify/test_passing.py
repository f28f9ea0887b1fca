"""The chance of passing, worked out twice: from the fine density, and from the published bins."""

import numpy as np
import pytest

from referendum.law import statute_bytes, statute_ids, versions
from referendum.polls.chance_of_passing import Assumptions, chance_of_passing
from referendum.polls.outcome import Level, level_distribution
from referendum.verify.bundles import Bundle
from referendum.verify.chance_of_passing import assumption_text, chance_of
from referendum.verify.forecast import TOLERANCE

RULES = [
    (one.id, one.version)
    for name in statute_ids()
    for one in versions(name)
    if one.vote is not None
]


def densities():
    """Narrow and wide ones, on both sides of one half."""
    for mean, sd in ((-0.3, 0.12), (0.05, 0.15), (0.2, 0.3), (0.6, 0.2)):
        weights = np.array([0.5, 0.5])
        yield level_distribution(
            Level(0.0, weights, np.array([mean, mean]), np.array([sd**2, 2 * sd**2]))
        )


ASSUMED = (
    {"turnout": "0.45", "turnout_sd": "0.05", "blank": "0.01", "leans": {}, "region_sd": "4"},
    {"turnout": "0.7", "turnout_sd": "0.02", "blank": "0.03", "leans": {"QLD": "-4", "ZH": "3.5"},
     "region_sd": "2"},
    {"turnout": None, "turnout_sd": "0.05", "blank": "0.01", "leans": {}, "region_sd": "4"},
)  # fmt: skip


@pytest.mark.parametrize(("name", "version"), RULES)
def test_both_programs_agree_on_the_chance_of_passing(name, version):
    rule = next(one.vote for one in versions(name) if one.version == version)
    statute = Bundle("statute", {}, {"statute.toml": statute_bytes(name, version)})
    for chosen in ASSUMED:
        turnout = chosen["turnout"]
        assumed = Assumptions(
            None if turnout is None else float(turnout),
            float(chosen["turnout_sd"]),
            float(chosen["blank"]),
            {region: float(lean) for region, lean in chosen["leans"].items()},
            float(chosen["region_sd"]),
        )
        for density in densities():
            made = chance_of_passing(density, rule, assumed)
            assert assumption_text(statute, chosen) == made.assumption
            if made.chance is not None:
                found = chance_of(statute, chosen, density.parts_per_million())
                assert abs(found - made.chance) < TOLERANCE / 2, (chosen, made.chance, found)
