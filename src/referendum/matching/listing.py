"""What the law asks of a matched signer's listing: on the day, in the district, at the address."""

from typing import NamedTuple

import polars as pl

OUTCOMES = ("listed_later", "no_longer_listed", "wrong_district", "moved")
"""Outcomes of lines whose elector does not meet the rule, in the order in which they are tried."""


class ListingRule(NamedTuple):
    """What the law asks of the listing of a signer.

    Attributes:
        day: the day on which the signer must be on it, as days since 1970; null where that is the
            day of signing, line by line.
        own_district: whether a signer counts only in the district of the list.
    """

    day: pl.Expr
    own_district: bool


def apply_listing_rule(
    matches: pl.DataFrame, lines: pl.DataFrame, electors: pl.DataFrame, rule: ListingRule
) -> pl.DataFrame:
    """Give lines whose elector does not meet the rule an outcome that says so.

    Args:
        matches: a row for each line, as `match_lines` gives it.
        lines: `core.schemas.LINES` with `serial`.
        electors: `core.schemas.ELECTORS`.
        rule: what the law asks.

    Returns:
        The same, where `listed` and `unsure` become one of `OUTCOMES` if that holds of the elector
        in `elector_id`. A day, a district or an address that is not known speaks for the signer.
    """
    elector_columns = electors.select(
        "elector_id", "listed_from", "listed_to", of_elector=pl.col("district")
    )
    line_columns = lines.select("serial", "signed_on", "district")
    joined = (
        matches.join(line_columns, on="serial", how="left", maintain_order="left")
        .join(elector_columns, on="elector_id", how="left", maintain_order="left")
        .with_columns(day=rule.day)
    )
    other = pl.col("district") != pl.col("of_elector")
    holds = (
        pl.col("listed_from") > pl.col("day"),
        pl.col("listed_to") < pl.col("day"),
        other & rule.own_district,
        pl.col("moved"),
    )
    listing_outcome = pl.coalesce(
        pl.when(one.fill_null(value=False)).then(pl.lit(name))
        for name, one in zip(OUTCOMES, holds, strict=True)
    )
    applies = pl.col("elector_id").is_not_null() & pl.col("outcome").is_in(["listed", "unsure"])
    outcome = (
        pl.when(applies & listing_outcome.is_not_null()).then(listing_outcome).otherwise("outcome")
    )
    return joined.with_columns(outcome=outcome).select(matches.columns)
