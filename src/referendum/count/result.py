"""The result: totals, turnout, and each condition of the vote rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from referendum.core.exact import as_text
from referendum.law import Condition, Tally, VoteRule, carried_in, conditions

_COUNTS = ("yes", "no", "formal", "informal", "total")


@dataclass(frozen=True)
class Result:
    """The result of one question.

    Attributes:
        totals: `yes`, `no`, `formal`, `informal`, `total`, and `electors` (None if not known).
        conditions: those of the vote rule, in its order.
        regions: `region`, `counts` (for the regional majority), the totals, `electors`, `carried`.
        districts: `region`, `district`, the totals, `electors`, `recount` (whether the rule has its
            ballots counted again; null where it says nothing of that).
        kinds: `kind`, the totals.
    """

    totals: dict[str, int | None]
    conditions: tuple[Condition, ...]
    regions: pl.DataFrame
    districts: pl.DataFrame
    kinds: pl.DataFrame

    @property
    def carried(self) -> bool:
        """Whether every condition is met."""
        return all(condition.met for condition in self.conditions)

    @property
    def tie(self) -> bool:
        """Whether both answers have the same number of votes: no sample can tell, count again."""
        return self.totals["yes"] == self.totals["no"]

    @property
    def recounts(self) -> int | None:
        """Districts whose ballots the rule has counted again; None where it says nothing of it."""
        asked = self.districts.get_column("recount")
        return None if asked.has_nulls() else int(asked.sum())

    @property
    def turnout(self) -> str | None:
        """Ballots of these returns per elector, exact, where the electors are known."""
        total, electors = self.totals["total"], self.totals["electors"]
        return as_text(Fraction(total or 0, electors)) if electors else None

    def document(self) -> dict[str, Any]:
        """Give the numbers as `result.json` has them."""
        conditions = [
            {"name": one.name, "need": _plain(one.need), "have": _plain(one.have), "met": one.met}
            for one in self.conditions
        ]
        return {
            **self.totals,
            "turnout": self.turnout,
            "conditions": conditions,
            "carried": self.carried,
            "recounts": self.recounts,
            "tie": self.tie,
        }


def count_results(
    returns: pl.DataFrame, electors: pl.DataFrame, rule: VoteRule
) -> dict[str, Result]:
    """Count the result of every question, in the order of their names.

    Args:
        returns: reconciled returns (`count.RETURNS`).
        electors: `region`, `district`, `electors`; empty where not known.
        rule: the statute's vote rule.

    Raises:
        LawError: the rule needs the number of electors, and it is not known.
    """
    parts = returns.partition_by("question", as_dict=True)
    return {str(name): count_result(parts[name,], electors, rule) for (name,) in sorted(parts)}


def count_result(returns: pl.DataFrame, electors: pl.DataFrame, rule: VoteRule) -> Result:
    """Count the result of one question of two answers; see `count_results`."""
    counted = returns.with_columns(formal=pl.col("yes") + pl.col("no"))
    margin = rule.recount_margin.value if rule.recount_margin else None
    close = (pl.col("yes") - pl.col("no")).abs() <= pl.lit(margin, dtype=pl.Int64)
    districts = _summed(counted, electors, ["region", "district"]).with_columns(recount=close)
    sums = _summed(counted, electors, ["region"])
    tallies = {row["region"]: _tally(row) for row in sums.iter_rows(named=True)}
    regions = _regions(sums, tallies, rule)
    totals = {name: int(regions.get_column(name).sum()) for name in _COUNTS}
    known = int(electors.get_column("electors").sum()) if electors.height else None
    whole = {**totals, "electors": known}
    kinds = counted.group_by("kind").agg(pl.col(_COUNTS).sum()).sort("kind")
    met = conditions(rule, _tally(whole), tallies)
    return Result(whole, met, regions, districts, kinds)


def _tally(row: Mapping[str, int | None]) -> Tally:
    return Tally(row["yes"] or 0, row["no"] or 0, row["informal"] or 0, row["electors"])


def _summed(counted: pl.DataFrame, electors: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    sums = counted.group_by(by).agg(pl.col(name).sum() for name in _COUNTS)
    listed = electors.group_by(by).agg(pl.col("electors").sum())
    return sums.join(listed, on=by, how="left").sort(by)


def _regions(sums: pl.DataFrame, tallies: Mapping[str, Tally], rule: VoteRule) -> pl.DataFrame:
    counting = rule.regions.value if rule.regions else []
    carried = [carried_in(rule, tallies[name]) for name in sums.get_column("region")]
    return sums.select(
        "region",
        pl.col("region").is_in(counting).alias("counts"),
        *_COUNTS,
        "electors",
        carried=pl.Series(carried, dtype=pl.Boolean),
    )


def _plain(number: Fraction) -> int | str:
    return number.numerator if number.denominator == 1 else as_text(number)
