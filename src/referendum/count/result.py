"""The result: totals, turnout, and each condition of the vote rule."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from referendum.core.exact import as_text
from referendum.law import VoteRule

_COUNTS = ("yes", "no", "formal", "informal", "total")


@dataclass(frozen=True)
class Condition:
    """One condition of the vote rule: what it needs and what there is."""

    name: str
    need: int
    have: int

    @property
    def met(self) -> bool:
        """Whether there is enough."""
        return self.have >= self.need


@dataclass(frozen=True)
class Result:
    """The result of a vote.

    Attributes:
        totals: `yes`, `no`, `formal`, `informal`, `total`, and `electors` (None if not known).
        conditions: those of the vote rule, in its order.
        regions: `region`, `counts` (for the regional majority), the totals, `electors`, `carried`.
        districts: `region`, `district`, the totals, `electors`.
    """

    totals: dict[str, int | None]
    conditions: tuple[Condition, ...]
    regions: pl.DataFrame
    districts: pl.DataFrame

    @property
    def carried(self) -> bool:
        """Whether every condition is met."""
        return all(condition.met for condition in self.conditions)

    @property
    def turnout(self) -> str | None:
        """Ballots of these returns per elector, exact, where the electors are known."""
        total, electors = self.totals["total"], self.totals["electors"]
        return as_text(Fraction(total or 0, electors)) if electors else None

    def document(self) -> dict[str, Any]:
        """Give the numbers as `result.json` has them."""
        conditions = [
            {"name": one.name, "need": one.need, "have": one.have, "met": one.met}
            for one in self.conditions
        ]
        return {
            **self.totals,
            "turnout": self.turnout,
            "conditions": conditions,
            "carried": self.carried,
        }


def count_result(returns: pl.DataFrame, electors: pl.DataFrame, rule: VoteRule) -> Result:
    """Count the result of a yes/no question.

    Args:
        returns: reconciled returns (`count.RETURNS`).
        electors: `region`, `district`, `electors`; empty where not known.
        rule: the statute's vote rule.

    Exactly half is not a majority, in the nation and in a region.
    """
    counted = returns.with_columns(formal=pl.col("yes") + pl.col("no"))
    districts = _summed(counted, electors, ["region", "district"])
    regions = _regions(_summed(counted, electors, ["region"]), rule)
    totals = {name: int(regions.get_column(name).sum()) for name in _COUNTS}
    known = int(electors.get_column("electors").sum()) if electors.height else None
    return Result(
        {**totals, "electors": known}, _conditions(totals, regions, rule), regions, districts
    )


def _summed(counted: pl.DataFrame, electors: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    sums = counted.group_by(by).agg(pl.col(name).sum() for name in _COUNTS)
    listed = electors.group_by(by).agg(pl.col("electors").sum())
    return sums.join(listed, on=by, how="left").sort(by)


def _regions(sums: pl.DataFrame, rule: VoteRule) -> pl.DataFrame:
    counting = rule.regions.value if rule.regions else []
    return sums.select(
        "region",
        pl.col("region").is_in(counting).alias("counts"),
        *_COUNTS,
        "electors",
        carried=pl.col("yes") * 2 > pl.col("formal"),
    )


def _conditions(
    totals: dict[str, int], regions: pl.DataFrame, rule: VoteRule
) -> tuple[Condition, ...]:
    majority = Condition("majority", totals["formal"] // 2 + 1, totals["yes"])
    if rule.regions is None:
        return (majority,)
    carried = regions.filter(pl.col("counts") & pl.col("carried")).height
    return (majority, Condition("regional_majority", len(rule.regions.value) // 2 + 1, carried))
