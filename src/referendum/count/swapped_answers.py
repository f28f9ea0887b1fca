"""Yes and no swapped in keying: places whose mirror image fits where they themselves do not.

Shares are compared as cross products of integers, so that no rounding decides.
"""

import polars as pl

from referendum.count.tables import KEY

FEWEST_VOTES = 30
"""Valid votes, of the place and of what it is held against, below which nothing is said."""


def find_swapped_answers(forms: pl.DataFrame, previous: pl.DataFrame) -> pl.DataFrame:
    """Find returns that fit their district, or their last vote, only with yes and no swapped.

    With the place's share of yes p, and e that of the other returns of its district (or of the
    place at the last vote): it is far, |p - e| >= 1/4, and its mirror image is near,
    4 |1 - p - e| <= |p - e|.

    Returns:
        The columns of `good` with `code` and `figures`.
    """
    by = ["question", "region", "district"]
    with_neighbours = forms.with_columns(
        e_yes=pl.col("yes").sum().over(by) - pl.col("yes"),
        e_no=pl.col("no").sum().over(by) - pl.col("no"),
    )
    names = {"yes": "e_yes", "no": "e_no"}
    with_previous = forms.join(
        previous.rename(names), on=["region", "district", "place"], how="inner"
    )
    return pl.concat(
        [
            _find_mirror_images(with_neighbours, "swapped_with_neighbours"),
            _find_mirror_images(with_previous, "swapped_with_previous"),
        ]
    ).sort(KEY)


def _find_mirror_images(rows: pl.DataFrame, code: str) -> pl.DataFrame:
    formal = pl.col("yes") + pl.col("no")
    e_formal = pl.col("e_yes") + pl.col("e_no")
    distance = (pl.col("yes") * e_formal - pl.col("e_yes") * formal).abs()
    mirrored_distance = (pl.col("no") * e_formal - pl.col("e_yes") * formal).abs()
    has_enough_votes = (formal >= FEWEST_VOTES) & (e_formal >= FEWEST_VOTES)
    is_mirrored = (4 * distance >= formal * e_formal) & (4 * mirrored_distance <= distance)
    figures = pl.format("yes {}, no {}; beside yes {}, no {}", "yes", "no", "e_yes", "e_no")
    found = rows.filter(has_enough_votes & is_mirrored).with_columns(
        code=pl.lit(code), figures=figures
    )
    return found.drop("e_yes", "e_no")
