"""Rules of entry: what a form must fulfil, and what must be explained.

The rules are those of two systems in use, the Dutch Abacus (its codes stand beside) and tally-ho,
as far as a return of this project has the numbers, and one of our own: answers swapped.
"""

from dataclasses import dataclass
from typing import Literal

import polars as pl

_WHERE = ("region", "district", "place")
_SHARE = pl.col("yes") / (pl.col("yes") + pl.col("no"))


@dataclass(frozen=True)
class EntryRule:
    """A rule that a return must keep.

    Attributes:
        level: an error must be mended on the form; a warning must be explained.
        meaning: in words.
        like: code of the like rule elsewhere.
    """

    level: Literal["error", "warning"]
    meaning: str
    like: str = ""


ENTRY_RULES: dict[str, EntryRule] = {
    "missing": EntryRule("error", "a number or name is missing"),
    "not_a_number": EntryRule("error", "a number is none, or negative"),
    "repeated": EntryRule("error", "the place came before"),
    "does_not_add_up": EntryRule("error", "yes + no + informal is not the total", "F.202, F.203"),
    "no_ballots": EntryRule("warning", "the total is 0", "W.204"),
    "many_informal": EntryRule(
        "warning", "3% or more of the ballots count for neither", "W.201, W.202"
    ),
    "more_than_electors": EntryRule(
        "warning", "the district has more ballots than electors", "over-voting"
    ),
    "no_electors": EntryRule("warning", "the district has no electors", "W.205"),
    "swapped": EntryRule(
        "warning", "yes and no exchanged would fit the other places of the district far better"
    ),
    "differs": EntryRule("error", "the second entry has another number", "W.001"),
    "not_entered_twice": EntryRule("error", "only one of the two entries has the place"),
}
"""Rules by the code under which a breach is reported."""

FEW = 50
"""Votes below which a place's answers say nothing of an exchange."""
SPREAD = 0.08
"""Standard deviation of places of a district around it, beside chance."""


def warnings(returns: pl.DataFrame, electors: pl.DataFrame) -> pl.DataFrame:
    """Find what must be explained in returns that add up.

    Args:
        returns: columns of `RETURNS`.
        electors: columns of `ELECTORS_BY_DISTRICT`; may be empty.

    Returns:
        `region`, `district`, `place` (null where the district is meant), `code`, `figures`.
    """
    found = [
        _told(returns.filter(pl.col("total") == 0), "no_ballots", "total 0"),
        _told(
            returns.filter(
                (pl.col("informal") * 100 >= 3 * pl.col("total")) & (pl.col("total") > 0)
            ),
            "many_informal",
            pl.format("{} of {}", "informal", "total"),
        ),
        *_of_districts(returns, electors),
        _swapped(returns),
    ]
    return pl.concat(found).sort(*_WHERE, "code", nulls_last=True)


def _told(rows: pl.DataFrame, code: str, figures: pl.Expr | str) -> pl.DataFrame:
    if rows.is_empty():  # polars 2.1 cannot format no rows
        return pl.DataFrame(schema=dict.fromkeys((*_WHERE, "code", "figures"), pl.String))
    text = pl.lit(figures) if isinstance(figures, str) else figures
    return rows.select(*_WHERE, code=pl.lit(code), figures=text.cast(pl.String))


def _of_districts(returns: pl.DataFrame, electors: pl.DataFrame) -> list[pl.DataFrame]:
    by = ["region", "district"]
    sums = returns.group_by(by).agg(pl.col("total").sum())
    both = sums.join(electors, on=by).with_columns(place=pl.lit(None, dtype=pl.String))
    figures = pl.format("{} ballots, {} electors", "total", "electors")
    over = both.filter((pl.col("total") > pl.col("electors")) & (pl.col("electors") > 0))
    none = both.filter(pl.col("electors") == 0)
    return [_told(over, "more_than_electors", figures), _told(none, "no_electors", figures)]


def _swapped(returns: pl.DataFrame) -> pl.DataFrame:
    """Find places that lie far from the rest of their district, and near it when exchanged."""
    by = ["region", "district"]
    votes = pl.col("yes") + pl.col("no")
    rest_votes = votes.sum().over(by) - votes
    rest = (pl.col("yes").sum().over(by) - pl.col("yes")) / rest_votes
    rows = returns.with_columns(votes=votes, rest_votes=rest_votes, rest=rest, share=_SHARE)
    rows = rows.filter((pl.col("votes") >= FEW) & (pl.col("rest_votes") >= FEW))
    error = (pl.col("rest") * (1 - pl.col("rest")) / pl.col("votes") + SPREAD**2).sqrt()
    far = (pl.col("share") - pl.col("rest")).abs() > 4 * error
    near = (1 - pl.col("share") - pl.col("rest")).abs() < error
    figures = pl.format(
        "yes {} of {}, the rest of the district {} of {}",
        "yes",
        "votes",
        (pl.col("rest") * pl.col("rest_votes")).round().cast(pl.Int64),
        "rest_votes",
    )
    return _told(rows.filter(far & near), "swapped", figures)


def compare_entries(first: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """Compare two entries of the same forms by different people, number by number.

    Args:
        first: as entered, as text or numbers; columns of `RETURNS`.
        second: as entered by the other.

    Returns:
        `region`, `district`, `place`, `code`, `figures`: one row for each number that differs and
        each place that only one has.
    """
    one, two = (frame.cast(pl.String).unique(_WHERE, keep="first") for frame in (first, second))
    alone = pl.concat(
        [one.join(two, on=_WHERE, how="anti"), two.join(one, on=_WHERE, how="anti")], how="diagonal"
    )
    both = one.join(two, on=_WHERE, suffix="_second")
    found = [_told(alone, "not_entered_twice", "one entry only")]
    for name in ("yes", "no", "informal", "total"):
        differ = both.filter(pl.col(name).ne_missing(pl.col(f"{name}_second")))
        figures = pl.format(
            "{} {} and {}", pl.lit(name), pl.col(name).fill_null("-"),
            pl.col(f"{name}_second").fill_null("-"),
        )  # fmt: skip
        found.append(_told(differ, "differs", figures))
    return pl.concat(found).sort(*_WHERE, "figures")
