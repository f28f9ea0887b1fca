"""Bias, spread and stated error of the estimators of distinct signers, at usual sample sizes."""

import os

import numpy as np

from referendum.law import CheckedSample
from referendum.sufficiency.distinct import ESTIMATORS, estimate_distinct_signers

LINES, ONCE, TWICE, THRICE = 300_000, 253_400, 5_000, 200
SIGNERS = ONCE + TWICE + THRICE


def main() -> None:
    """Sample a petition of 300,000 lines and print."""
    runs = int(os.environ.get("RUNS", "300"))
    electors = np.arange(1, SIGNERS + 1)
    lines = np.concatenate([electors, electors[: TWICE + THRICE], electors[:THRICE]])
    signers = np.zeros(LINES, np.int64)
    signers[: len(lines)] = lines
    chance = np.random.default_rng(3)
    print("| share drawn | estimator | bias | spread | error that it states |")
    print("| --- | --- | --- | --- | --- |")
    for drawn in (9_000, 15_000, 27_273, 30_000):
        found = [estimate_distinct_signers(_sampled(chance, signers, drawn)) for _ in range(runs)]
        for place, name in enumerate(ESTIMATORS):
            values = np.array([one[place].value for one in found])
            stated = np.sqrt(np.mean([one[place].error ** 2 for one in found]))
            print(
                f"| {drawn / LINES:.1%} | {name} | {values.mean() - SIGNERS:+,.0f}"
                f" | {values.std(ddof=1):,.0f} | {stated:,.0f} |",
                flush=True,
            )


def _sampled(chance: np.random.Generator, signers: np.ndarray, drawn: int) -> CheckedSample:
    seen = chance.choice(signers, drawn, replace=False)
    _, times = np.unique(seen[seen > 0], return_counts=True)
    copies = tuple(int((times >= j).sum()) for j in range(2, int(times.max()) + 1))
    return CheckedSample(len(signers), drawn, len(times), copies)
