"""Places that show how somebody voted: few ballots, or all alike; boxes of few cards."""

from collections.abc import Iterator

import polars as pl

from referendum.core.printing import quantity
from referendum.flows.privacy.disclosure import Disclosure, name_disclosure
from referendum.flows.privacy.tables import public_table
from referendum.record.reading import Record

FORM = ["question", "kind", "region", "district", "place"]


def telling_places(record: Record, k: int) -> Iterator[Disclosure]:
    """Find the returns of fewer than k ballots, and those on which all voted alike.

    Args:
        record: of a vote.
        k: the fewest ballots that tell of nobody.
    """
    for act in record.acts:
        returns = public_table(record, act, "returns", "returns")
        if returns is None:
            continue
        for row in telling_returns(returns, k).iter_rows(named=True):
            place = ", ".join(row[name] for name in FORM)
            named = name_disclosure("place", act.number, *(row[name] for name in FORM))
            yield Disclosure(named, act.number, f"act {act.number}: {place}: {row['why']}")


def telling_returns(returns: pl.DataFrame, k: int) -> pl.DataFrame:
    """Give the returns that show how somebody voted.

    Args:
        returns: a row for each form, with `yes`, `no`, `informal` and `total`.
        k: the fewest ballots that tell of nobody.

    Returns:
        Those of 1 to k - 1 ballots, and those on which all voted alike, with `why` (String).
    """
    numbers = returns.with_columns(
        pl.col("yes", "no", "informal", "total").cast(pl.Int64, strict=False)
    )
    total, most = pl.col("total"), pl.max_horizontal("yes", "no", "informal")
    few = pl.format("{} ballots, fewer than {}", total, pl.lit(k))
    alike = pl.when(most == total).then(pl.lit("all ballots are alike"))
    words = pl.when(total < k).then(few).otherwise(alike)
    return numbers.with_columns(why=words).filter((total > 0) & pl.col("why").is_not_null())


def telling_boxes(record: Record, k: int) -> Iterator[Disclosure]:
    """Find the boxes with records of fewer than k cards, and the cards whose pattern is alone.

    A pattern is what one card of a common ballot shows on all questions, in one box.
    """
    for act in record.acts:
        cards = public_table(record, act, "audit_cards", "cards")
        if cards is None or not cards.height:
            continue
        box = ["region", "district", "place"]
        patterns = (
            cards.sort("question")
            .group_by(*box, "card")
            .agg(pl.struct("question", "mark").alias("pattern"))
        )
        sizes = patterns.group_by(box).len("cards").filter(pl.col("cards") < k).sort(box)
        for *place, count in sizes.iter_rows():
            words = f"act {act.number}: {', '.join(place)}: records of {quantity(count, 'card')}"
            yield Disclosure(name_disclosure("box", act.number, *place), act.number, words)
        lone = patterns.filter(pl.col("pattern").list.len() > 1)
        lone = lone.group_by(*box, "pattern").len("cards").filter(pl.col("cards") == 1)
        if lone.height:
            words = (
                f"act {act.number}: {quantity(lone.height, 'card')} that no other card of the box"
            )
            words += " is like over all questions"
            yield Disclosure(name_disclosure("patterns", act.number), act.number, words)
