"""What is nearly the same: a row that is nearly the sum of others, names that look alike."""

import polars as pl

from referendum.core.names import name_keys
from referendum.count.sums import VOTES, level_sums
from referendum.count.tables import KEY

LEAST, FIRM = 20, 100
"""Votes, for and against, from which near numbers are worth a look: of three others, of two."""

LOOKS = dict(
    zip(
        "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0456\u0458\u0455"
        "\u04bb\u051b\u051d\u03b1\u03b2\u03b5\u03b6\u03b7\u03b9\u03ba\u03bc\u03bd\u03bf\u03c1\u03c4"
        "\u03c5\u03c7",
        "abekmhopctyxijshqwabezhikmnoptyx",
        strict=True,
    )
)
"""Letters of the Cyrillic and Greek scripts that are written as Latin ones, small or large."""

_OTHER_SCRIPTS = "[\u0370-\u03ff\u0400-\u052f]"
_NAMES = ("region", "district", "place")
_COLUMNS = [*KEY, "code", "figures", "explanation"]


def near_sums(good: pl.DataFrame) -> pl.DataFrame:
    """Give the forms that are the sum of all others of their group but for a few votes.

    Returns:
        The key of each, with `code`, `figures` and `explanation`.
    """
    found = [_near(good, level, sums) for level, sums in level_sums(good)]
    return pl.concat(found).unique(KEY, keep="first", maintain_order=True)


def _near(good: pl.DataFrame, level: tuple[str, ...], sums: pl.DataFrame) -> pl.DataFrame:
    full = pl.col("total") > 0
    # What is nearly half of all of a group is nearly its largest, or that itself.
    likely = 500 * (pl.col("all_total") - 2 * pl.col("most")) <= 1000 + pl.col("most")
    groups = sums.filter(likely & (pl.col("rows") >= 3))
    forms = good.join(groups, on=level, maintain_order="left")
    others = pl.col("rows") - full.cast(pl.Int64)
    off = [(2 * pl.col(name) - pl.col(f"all_{name}")).abs() for name in VOTES]
    small = pl.max_horizontal(off).is_between(1, 2 + pl.col("total") // 500)
    enough = pl.min_horizontal("yes", "no") >= pl.when(others >= 3).then(LEAST).otherwise(FIRM)
    theirs = [pl.col(f"all_{name}") - pl.col(name) for name in VOTES]
    figures = "yes {}, no {}, total {}; others yes {}, no {}, total {}"
    return forms.filter((others >= 2) & small & enough).select(
        *KEY,
        code=pl.lit("nearly_the_others"),
        figures=pl.format(figures, *VOTES, *theirs),
        explanation=pl.lit(None, pl.String),
    )


def look_alikes(good: pl.DataFrame) -> pl.DataFrame:
    """Give the forms whose region, district or place has a name that another one seems to have.

    Returns:
        The key of each, with `code`, `figures` and `explanation`; `all` stands for what a region
        or district is not divided into.
    """
    found = [pl.DataFrame(schema=dict.fromkeys(_COLUMNS, pl.String))]
    for depth, name in enumerate(_NAMES):
        if good.get_column(name).unique().str.contains(_OTHER_SCRIPTS).any():
            found.append(_alike(good, ["question", *_NAMES[:depth]], name))
    return pl.concat(found).unique(KEY, keep="first", maintain_order=True)


def _alike(good: pl.DataFrame, within: list[str], name: str) -> pl.DataFrame:
    names = good.select(*within, name).unique()
    key = name_keys(names.get_column(name)).str.replace_many(list(LOOKS), list(LOOKS.values()))
    keyed = names.with_columns(key=key).filter(pl.len().over(*within, "key") > 1)
    pairs = keyed.join(keyed.rename({name: "twin"}), on=[*within, "key"])
    pairs = pairs.filter(pl.col(name) != pl.col("twin"))
    others = pairs.group_by(*within, name).agg(pl.col("twin").sort().str.join(", "))
    told = good.join(others, on=[*within, name])
    if name != "place":
        below = ["kind", *_NAMES[_NAMES.index(name) + 1 :]]
        told = told.with_columns(pl.lit("all").alias(one) for one in below).unique(KEY)
    return told.select(
        *KEY,
        code=pl.lit("looks_alike"),
        figures=pl.format("{} {}", pl.lit(name), "twin"),
        explanation=pl.lit(None, pl.String),
    )
