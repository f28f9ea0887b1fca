"""Risk and effort of the risk-limiting check, on petitions of the record books.

`RUNS=10000 python -m benchmarks sufficiency` gives the tables of docs/sufficiency.md; with
`STOP=137881 ONLY=Washington` the nulls of one petition are checked to the last line.
"""

import os
import time
from fractions import Fraction

import numpy as np

from benchmarks.sufficiency.petitions import (
    PETITIONS,
    Petition,
    careless,
    comparison,
    liar,
    polling,
)
from referendum.law import CheckedSample, decide, versions
from referendum.sufficiency import CheckerErrors
from referendum.sufficiency.simulation import SimulatedChecks, lay_out_lines, simulate_checks

ERROR = Fraction(1, 100)

STOP = int(os.environ.get("STOP", "10000"))
"""Checks after which a simulated office counts every line instead."""

ONLY = os.environ.get("ONLY", "")
"""Beginning of the names of the petitions to simulate nulls of, alone."""


def main() -> None:
    """Simulate and print."""
    runs = int(os.environ.get("RUNS", "500"))
    if not ONLY:
        speed(runs)
        effort(runs)
        statutes(runs)
    risk(runs)


def speed(runs: int) -> None:
    """Time simulated petitions of 450,000 lines, 92 % of them valid, 67 % required."""
    shaped = Petition("speed", 450_000, 414_000, 301_500, "", 0)
    design, found = comparison(shaped, shaped.valid)
    lines = lay_out_lines(found)
    simulate_checks(design, lines, 2, 1)
    clock, cpu = time.perf_counter(), time.process_time()
    done = simulate_checks(design, lines, runs, 1)
    print(
        f"speed: {runs:,} petitions of 450,000 lines: {time.perf_counter() - clock:.2f} s,"
        f" {time.process_time() - cpu:.2f} s of CPU, {done.checks.mean():.0f} checks on average"
    )


def effort(runs: int) -> None:
    """Print the checks that each method takes where the petition is as it was."""
    print("| petition | method | runs | sufficient | insufficient | mean | 90th percentile |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for petition in PETITIONS:
        for name, (design, found), bettors in (
            ("polling, reported share alone", polling(petition, petition.valid), "reported"),
            ("polling, ALPHA alone", polling(petition, petition.valid), "learned"),
            ("polling, mixture", polling(petition, petition.valid), "mixture"),
            (
                "comparison, uniform",
                comparison(petition, petition.valid, weighted=False),
                "mixture",
            ),
            ("comparison, weighted", comparison(petition, petition.valid), "mixture"),
            ("comparison, a lying matcher", liar(petition, petition.valid, hides=True), "mixture"),
        ):
            # A wrong guess, held on to, sends nearly every run to the last line.
            times = max(runs // 50, 20) if bettors == "reported" else runs
            done = simulate_checks(design, lay_out_lines(found), times, 7, bettors=bettors)
            print(
                f"| {petition.name} | {name} | {times:,} | {done.share('sufficient'):.2%}"
                f" | {done.share('insufficient'):.2%} | {done.checks.mean():,.0f}"
                f" | {np.quantile(done.checks, 0.9):,.0f} |",
                flush=True,
            )


def statutes(runs: int) -> None:
    """Print how often the statute's own sample decides wrongly, where the truth is near R."""
    print("| petition | the statute's sample | true valid | sufficient | insufficient | open |")
    print("| --- | --- | --- | --- | --- | --- |")
    chance = np.random.default_rng(11)
    for petition in PETITIONS:
        for valid in (petition.valid, petition.required - 1, petition.required):
            seen = chance.hypergeometric(valid, petition.lines - valid, petition.sample, runs)
            numbers, counts = np.unique(seen, return_counts=True)
            answers = [_statutory(petition, int(number)) for number in numbers]
            shares = {
                answer: sum(c for a, c in zip(answers, counts, strict=True) if a == answer) / runs
                for answer in {*answers, "sufficient", "insufficient"}
            }
            left = max(1 - shares["sufficient"] - shares["insufficient"], 0.0)
            print(
                f"| {petition.name} | {petition.sample:,} | {valid:,} | {shares['sufficient']:.2%}"
                f" | {shares['insufficient']:.2%} | {left:.2%} |",
                flush=True,
            )


def _statutory(petition: Petition, valid: int) -> str:
    statute = versions(petition.statute)[-1]
    sample = CheckedSample(petition.lines, petition.sample, valid)
    return decide(statute, {"": sample}, petition.required).answer


def risk(runs: int) -> None:
    """Print how often a decision is wrong at M = R - 1 and at M = R."""
    print("| petition | lines reported by | true valid | wrong | of | exact upper bound (97.5 %) |")
    print("| --- | --- | --- | --- | --- | --- |")
    for petition in PETITIONS:
        if petition.name.endswith("60 % valid") or not petition.name.startswith(ONLY):
            continue
        for valid, wrong, hides in (
            (petition.required - 1, "sufficient", True),
            (petition.required, "insufficient", False),
        ):
            one_way = (
                CheckerErrors(ERROR, Fraction(0)) if hides else CheckerErrors(Fraction(0), ERROR)
            )
            for name, (design, found) in (
                ("nobody (polling)", polling(petition, valid)),
                ("the matcher", comparison(petition, valid)),
                ("a matcher that lies", liar(petition, valid, hides=hides)),
                ("nobody; checkers err in 1 %, declared", careless(petition, valid, one_way)),
            ):
                lines = lay_out_lines(found)
                done = simulate_checks(design, lines, runs, 3, at_most=STOP)
                _tell(petition, name, valid, wrong, done)


def _tell(petition: Petition, name: str, valid: int, wrong: str, done: SimulatedChecks) -> None:
    times, runs = round(done.share(wrong) * len(done.answers)), len(done.answers)
    print(
        f"| {petition.name} | {name} | {valid:,} | {times} {wrong} | {runs:,}"
        f" | {float(upper_bound(times, runs)):.2%} |",
        flush=True,
    )


def upper_bound(times: int, runs: int, doubt: Fraction = Fraction(1, 40)) -> Fraction:
    """Give the exact upper bound of a share (Clopper and Pearson 1934), to 1/10,000."""
    low, high = times * 10_000 // runs, 10_000
    while low < high:
        middle = (low + high) // 2
        if _at_most(times, runs, middle / 10_000) <= doubt:
            high = middle
        else:
            low = middle + 1
    return Fraction(high, 10_000)


def _at_most(times: int, runs: int, share: float) -> float:
    if not 0 < share < 1:
        return 1.0 if share <= 0 else 0.0
    logs = [
        _log_comb(runs, hit) + hit * np.log(share) + (runs - hit) * np.log1p(-share)
        for hit in range(times + 1)
    ]
    return float(np.exp(logs).sum())


def _log_comb(runs: int, hit: int) -> float:
    numbers = np.arange(1, hit + 1)
    return float(np.log((runs - hit + numbers) / numbers).sum())
