"""Which of the expected returns are in, set aside, missing or late."""

import polars as pl

from referendum.count.tables import PLACES, RETURNS

_PLACE_KEY = ["kind", "region", "district", "place"]


def place_statuses(
    places: pl.DataFrame, returns: pl.DataFrame, set_aside: pl.DataFrame, as_of: str
) -> pl.DataFrame:
    """Say of each expected place how its return stands.

    Args:
        places: columns of `PLACES`, kinds filled in, times in UTC.
        returns: reconciled returns.
        set_aside: forms set aside, with their key.
        as_of: the time in UTC at which this is asked.

    Returns:
        The columns of `PLACES` and `status`, ascending: `set_aside` (a form of the place is),
        `counted` (a return of every question is in), `late` (not in when it was due), `missing`.
    """
    questions = returns.get_column("question").n_unique()
    counted = returns.group_by(_PLACE_KEY).agg(pl.len().alias("returned"))
    forms_set_aside = set_aside.select(_PLACE_KEY).unique().with_columns(aside=pl.lit(True))
    status = (
        pl.when(pl.col("aside").is_not_null()).then(pl.lit("set_aside"))
        .when(pl.col("returned") == questions).then(pl.lit("counted"))
        .when(pl.col("due") <= as_of).then(pl.lit("late"))
        .otherwise(pl.lit("missing"))
    )  # fmt: skip
    joined = places.join(counted, on=_PLACE_KEY, how="left").join(
        forms_set_aside, on=_PLACE_KEY, how="left"
    )
    return joined.select(*PLACES.schema, status=status).sort(PLACES.key)


def replace_forms(earlier: pl.DataFrame, later: pl.DataFrame) -> pl.DataFrame:
    """Put later forms in the place of earlier ones with the same key."""
    return pl.concat([earlier.join(later, on=RETURNS.key, how="anti"), later]).sort(RETURNS.key)
