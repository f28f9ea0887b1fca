"""Made-up petitions with known truth, from a seed; every file says that it is made up."""

from referendum.simulate.petition import Files, Plan, perfect_findings, simulate_petition

__all__ = ["Files", "Plan", "perfect_findings", "simulate_petition"]
