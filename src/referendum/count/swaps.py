"""Yes and no swapped in keying: places whose mirror image fits where they themselves do not.

Shares are compared as cross products of integers, so that no rounding decides.
"""

import polars as pl

from referendum.count.tables import KEY

LEAST = 30
"""Valid votes, of the place and of what it is held against, below which nothing is said."""


def swapped(good: pl.DataFrame, previous: pl.DataFrame) -> pl.DataFrame:
    """Find returns that fit their district, or their last vote, only with yes and no swapped.

    With the place's share of yes p, and e that of the other returns of its district (or of the
    place at the last vote): it is far, |p - e| >= 1/4, and its mirror image is near,
    4 |1 - p - e| <= |p - e|.

    Returns:
        The columns of `good` with `code` and `figures`.
    """
    by = ["question", "region", "district"]
    neighbours = good.with_columns(
        e_yes=pl.col("yes").sum().over(by) - pl.col("yes"),
        e_no=pl.col("no").sum().over(by) - pl.col("no"),
    )
    names = {"yes": "e_yes", "no": "e_no"}
    before = good.join(previous.rename(names), on=["region", "district", "place"], how="inner")
    return pl.concat(
        [
            _mirrored(neighbours, "swapped_with_neighbours"),
            _mirrored(before, "swapped_with_previous"),
        ]
    ).sort(KEY)


def _mirrored(rows: pl.DataFrame, code: str) -> pl.DataFrame:
    formal = pl.col("yes") + pl.col("no")
    e_formal = pl.col("e_yes") + pl.col("e_no")
    off = (pl.col("yes") * e_formal - pl.col("e_yes") * formal).abs()
    mirrored = (pl.col("no") * e_formal - pl.col("e_yes") * formal).abs()
    enough = (formal >= LEAST) & (e_formal >= LEAST)
    far = (4 * off >= formal * e_formal) & (4 * mirrored <= off)
    figures = pl.format("yes {}, no {}; beside yes {}, no {}", "yes", "no", "e_yes", "e_no")
    found = rows.filter(enough & far).with_columns(code=pl.lit(code), figures=figures)
    return found.drop("e_yes", "e_no")
