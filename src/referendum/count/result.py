"""The result: totals, turnout, and each condition of the vote rule."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import polars as pl

from referendum.core.errors import LawError
from referendum.core.exact import exact_text
from referendum.core.names import natural_key
from referendum.count.exclusion import FREE, ExclusionOutcome, exclusion_outcomes
from referendum.count.outstanding_vote import OpenReturns, OutstandingVotes, bound_outstanding_votes
from referendum.count.tables import EVERY_QUESTION
from referendum.law import (
    Condition,
    Exclusion,
    Outlook,
    Tally,
    VoteRule,
    condition_outlooks,
    conditions,
    majority_outlook,
    needs_electors,
)

_COUNTS = ("yes", "no", "formal", "informal", "total")

NOTHING_OPEN = OpenReturns()


@dataclass(frozen=True)
class Result:
    """The result of one question.

    Attributes:
        totals: `yes`, `no`, `formal`, `informal`, `total`, and `electors` (None if not known of
            every district).
        rule: the vote rule.
        outlooks: its conditions, in its order, as far as they are settled.
        outstanding: what is not counted yet.
        regions: `region`, `counts` (for the regional majority), the totals, `electors`, `carried`
            (null while it is not known).
        districts: `region`, `district`, the totals, `electors`, `recount` (whether the rule has its
            ballots counted again; null where it says nothing of that).
        kinds: `kind`, the totals.
        exclusion: how it stands among questions that exclude each other.
    """

    totals: dict[str, int | None]
    rule: VoteRule
    outlooks: tuple[Outlook, ...]
    outstanding: OutstandingVotes
    regions: pl.DataFrame
    districts: pl.DataFrame
    kinds: pl.DataFrame
    exclusion: ExclusionOutcome = FREE

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions by what is counted.

        Raises:
            LawError: the rule needs the number of electors, and it is not known.
        """
        return conditions(self.rule, _tally(self.totals), self.tallies)

    @property
    def tallies(self) -> dict[str, Tally]:
        """The votes by region."""
        return {row["region"]: _tally(row) for row in self.regions.iter_rows(named=True)}

    @property
    def accepted(self) -> bool | None:
        """Whether every condition is met; None while what is still to come decides."""
        return _all_met(one.met for one in self.outlooks)

    @property
    def accepted_so_far(self) -> bool | None:
        """Whether every condition is met by what is counted; None where electors lack."""
        return _all_met(one.met_so_far for one in self.outlooks)

    @property
    def carried(self) -> bool | None:
        """Whether the question is carried; None while that is not known."""
        if self.exclusion.role == "free":
            return self.accepted
        return False if self.exclusion.role == "excluded" else None

    @property
    def is_tie(self) -> bool:
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
        return exact_text(Fraction(total or 0, electors)) if electors else None

    def document(self) -> dict[str, Any]:
        """Give the numbers as `result.json` has them."""
        found = [
            {
                "name": one.name,
                "need": None if one.need is None else _number_or_text(one.need),
                "have": _number_or_text(one.have),
                "met": one.met,
            }
            for one in self.outlooks
        ]
        return {
            **self.totals,
            "turnout": self.turnout,
            "conditions": [] if self.exclusion.role == "tie_break" else found,
            "accepted": None if self.exclusion.role == "tie_break" else self.accepted,
            "so_far": None if self.exclusion.role == "tie_break" else self.accepted_so_far,
            "carried": self.carried,
            "exclusion": self.exclusion.role,
            "prevails": self.exclusion.prevails,
            "outstanding": self.outstanding.whole.ballots,
            "recounts": self.recounts,
            "tie": self.is_tie,
        }


def count_results(
    returns: pl.DataFrame,
    electors: pl.DataFrame,
    rule: VoteRule,
    open_returns: OpenReturns = NOTHING_OPEN,
    exclusions: tuple[Exclusion, ...] | None = (),
) -> dict[str, Result]:
    """Count the result of every question, in the natural order of their names.

    Args:
        returns: reconciled returns (`count.RETURNS`).
        electors: columns of `count.ELECTORS_BY_DISTRICT`; empty where not known.
        rule: the statute's vote rule.
        open_returns: what the returns leave open.
        exclusions: questions that exclude each other; None where nobody said.

    Raises:
        LawError: the rule needs the number of electors, and it is not known of any district, or 0.
    """
    parts = returns.partition_by("question", as_dict=True)
    names = sorted((str(name) for (name,) in parts), key=natural_key)
    found = {name: count_result(parts[name,], electors, rule, open_returns) for name in names}
    outcomes = exclusion_outcomes(rule, exclusions, found)
    return {name: replace(one, exclusion=outcomes[name]) for name, one in found.items()}


def count_result(
    returns: pl.DataFrame,
    electors: pl.DataFrame,
    rule: VoteRule,
    open_returns: OpenReturns = NOTHING_OPEN,
) -> Result:
    """Count the result of one question of two answers; see `count_results`."""
    question = returns.item(0, "question")
    own_electors = _of_question(electors, question)
    _require_electors(own_electors, rule, "" if electors.is_empty() else f" of question {question}")
    counted = returns.with_columns(formal=pl.col("yes") + pl.col("no"))
    outstanding = bound_outstanding_votes(returns, own_electors, rule, open_returns)
    margin = rule.recount_margin.value if rule.recount_margin else None
    close = (pl.col("yes") - pl.col("no")).abs() <= pl.lit(margin, dtype=pl.Int64)
    districts = _sum_votes(counted, own_electors, ["region", "district"]).with_columns(
        recount=close
    )
    regions = _regions(counted, own_electors, rule, outstanding)
    totals = {name: int(regions.get_column(name).sum()) for name in _COUNTS}
    known = outstanding.whole.listed if outstanding.has_all_electors else None
    whole = {**totals, "electors": known}
    kinds = counted.group_by("kind").agg(pl.col(_COUNTS).sum()).sort("kind")
    tallies = {row["region"]: _tally(row) for row in regions.iter_rows(named=True)}
    outlooks = condition_outlooks(
        rule, _tally(whole), tallies, outstanding.whole, outstanding.regions
    )
    return Result(whole, rule, outlooks, outstanding, regions, districts, kinds)


def _of_question(electors: pl.DataFrame, question: str) -> pl.DataFrame:
    of = pl.col("question").fill_null(EVERY_QUESTION)
    return electors.filter(of.is_in([question, EVERY_QUESTION]))


def _require_electors(own_electors: pl.DataFrame, rule: VoteRule, of: str) -> None:
    if not needs_electors(rule):
        return
    if own_electors.is_empty():
        raise LawError(
            f"the rule is a share of the electors, whose number is not known{of}",
            hint="give the electors by district with a further part of the returns, or put one"
            " right that lacks them: returns receive … --electors FILE",
        )
    if own_electors.get_column("electors").sum() == 0:
        raise LawError(
            f"the rule is a share of the electors, and there are 0 of them{of}",
            hint="put the part right that brought them: returns receive … --electors FILE"
            " --corrects ACT --reason 'what was wrong', with all its forms",
        )


def _tally(row: Mapping[str, int | None]) -> Tally:
    return Tally(row["yes"] or 0, row["no"] or 0, row["informal"] or 0, row["electors"])


def _sum_votes(counted: pl.DataFrame, electors: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    sums = counted.group_by(by).agg(pl.col(name).sum() for name in _COUNTS)
    own_electors = electors.group_by(by).agg(pl.col("electors").sum())
    return sums.join(own_electors, on=by, how="left").sort(by)


def _regions(
    counted: pl.DataFrame, electors: pl.DataFrame, rule: VoteRule, outstanding: OutstandingVotes
) -> pl.DataFrame:
    sums = _sum_votes(counted, electors, ["region"])
    names = sums.get_column("region").to_list()
    whole = pl.Series([outstanding.has_all_electors_in[name] for name in names], dtype=pl.Boolean)
    sums = sums.with_columns(electors=pl.when(whole).then("electors"))
    carried = [
        majority_outlook(rule, _tally(row), outstanding.regions[row["region"]])
        for row in sums.iter_rows(named=True)
    ]
    counting = rule.regions.value if rule.regions else []
    return sums.select(
        "region",
        pl.col("region").is_in(counting).alias("counts"),
        *_COUNTS,
        "electors",
        carried=pl.Series(carried, dtype=pl.Boolean),
    )


def _all_met(outlooks: Iterable[bool | None]) -> bool | None:
    answers = list(outlooks)
    if any(one is False for one in answers):
        return False
    return True if all(answers) else None


def _number_or_text(number: Fraction) -> int | str:
    return number.numerator if number.denominator == 1 else exact_text(number)
