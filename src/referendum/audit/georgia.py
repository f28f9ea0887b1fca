"""Georgia's audit of 2026, repeated from its published files: Arlo's batch comparison.

Two things are Arlo's own and no advice: NumPy's generator draws the batches, and one batch more
than the formula says goes into the first round.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from referendum.audit.batches import (
    NoMajority,
    WinnerLoserPair,
    draws_needed,
    macro_risk,
    runoff_assertions,
    winner_loser_pairs,
)
from referendum.audit.samplers import draw_arlo_batches, fraction_ticket, next_ticket
from referendum.core.errors import InputError

Row = Mapping[str, str]
Key = tuple[str, str]
Votes = dict[str, int]

_PREFIX = {"US Senate - Rep": "senate_rep_", "Governor - Dem": "governor_dem_"}


@dataclass(frozen=True)
class HandCount:
    """A batch, or several counted together, as reported and as counted by hand."""

    ballots: int
    reported: Votes
    audited: Votes


@dataclass(frozen=True)
class ArloReport:
    """The batches of Arlo's final report: contest → key → what was counted."""

    counted: dict[str, dict[Key, HandCount]]

    @classmethod
    def read(cls, rows: Sequence[Row]) -> "ArloReport":
        """Read the last part of the report; each row's cells are under the numbers 0, 1, 2, …."""
        cells = [list(row.values()) for row in rows]
        start = next(i for i, row in enumerate(cells) if row[0] == "Jurisdiction Name")
        names = cells[start]
        counted: dict[str, dict[Key, HandCount]] = {contest: {} for contest in _PREFIX}
        for row in cells[start + 1 :]:
            line = dict(zip(names, row, strict=True))
            for contest in _PREFIX:
                if line[f"Audit Results: {contest}"]:
                    counted[contest].update(_counts_of_line(line, contest))
        return cls(counted)


def _counts_of_line(line: Row, contest: str) -> dict[Key, HandCount]:
    one = HandCount(
        int(line["Ballots in Batch"]),
        _votes(line[f"Reported Results: {contest}"]),
        _votes(line[f"Audit Results: {contest}"]),
    )
    combined = line["Combined Batch"].removeprefix("Combines ")
    members = combined.split(", ") if combined else [line["Batch Name"]]
    return {(line["Jurisdiction Name"], member): one for member in members}


def _votes(text: str) -> Votes:
    """Read `NAME: 12; OTHER: 3`; the order is that of the candidates' columns."""
    parts = [part.rsplit(":", 1) for part in text.split(";")]
    return {name.strip(): int(number) for name, number in parts}


def repeat_contest(
    batches: Sequence[Row],
    report: ArloReport,
    *,
    contest: str,
    seed: str,
    risk_limit: Fraction,
    runoff: bool,
) -> dict[str, Any]:
    """Repeat the draw and the p-value of one contest.

    Args:
        batches: `county`, `batch`, `ballots` and a column for each candidate, in the draw's order.
        report: the hand counts.
        contest: as the report names it.
        seed: the public seed.
        risk_limit: α.
        runoff: whether the outcome is a runoff between the first two.

    Raises:
        InputError: a drawn batch was not counted.
    """
    columns = [name for name in batches[0] if name.startswith(_PREFIX[contest])]
    names = list(next(iter(report.counted[contest].values())).reported)
    votes = [
        {name: int(row[column]) for name, column in zip(names, columns, strict=True)}
        for row in batches
    ]
    totals = {name: sum(one[name] for one in votes) for name in names}
    assertions = runoff_assertions(totals) if runoff else winner_loser_pairs(totals, 1)
    bounds = [
        _bound(assertions, one, int(row["ballots"]))
        for one, row in zip(votes, batches, strict=True)
    ]
    total_bound = sum(bounds, Fraction(0))
    draws = draws_needed(risk_limit, total_bound) + 1
    picks = draw_arlo_batches(seed, [float(bound / total_bound) for bound in bounds], draws)
    keys = [(batches[pick]["county"], batches[pick]["batch"]) for pick in picks]
    p = macro_risk(total_bound, _taints(keys, report.counted[contest], assertions, seed))
    return {
        "U": float(total_bound),
        "first_round_draws": draws,
        "distinct_batches": len(set(keys)),
        "p_value": f"{float(p):.9f}",
        "risk_limit_met": p <= risk_limit,
    }


def _bound(
    assertions: Sequence[WinnerLoserPair | NoMajority], votes: Votes, ballots: int
) -> Fraction:
    return max(one.error_bound(votes, ballots) for one in assertions)


def _taints(
    keys: list[Key],
    counted: dict[Key, HandCount],
    assertions: Sequence[WinnerLoserPair | NoMajority],
    seed: str,
) -> list[Fraction]:
    """Give the taint of each draw, in the order of Arlo's tickets."""
    tickets: dict[Key, str] = {}
    found: list[tuple[str, Fraction]] = []
    for key in keys:
        if key not in counted:
            raise InputError(f"the drawn batch {key} was not counted")
        before = tickets.get(key)
        tickets[key] = next_ticket(before) if before else fraction_ticket(str(key), seed)
        one = counted[key]
        error = max(assertion.overstatement(one.reported, one.audited) for assertion in assertions)
        found.append((tickets[key], error / _bound(assertions, one.reported, one.ballots)))
    return [taint for _, taint in sorted(found)]
