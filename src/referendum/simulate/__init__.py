"""Made-up petitions and votes with known truth, from a seed; every file says that it is made up."""

from referendum.simulate.births import BIRTH, BIRTH_RATES
from referendum.simulate.corruption import ERRORS, MODELS
from referendum.simulate.petition import (
    PetitionFiles,
    PetitionPlan,
    perfect_findings,
    simulate_petition,
)
from referendum.simulate.vote import VoteFiles, VotePlan, perfect_interpretations, simulate_vote

__all__ = [
    "BIRTH",
    "BIRTH_RATES",
    "ERRORS",
    "MODELS",
    "PetitionFiles",
    "PetitionPlan",
    "VoteFiles",
    "VotePlan",
    "perfect_findings",
    "perfect_interpretations",
    "simulate_petition",
    "simulate_vote",
]
