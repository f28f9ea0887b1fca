"""What is nearly the same: a row that is nearly the sum of others, names that look alike."""

import polars as pl

from referendum.core.names import name_keys
from referendum.count.sums import VOTES, sum_by_level
from referendum.count.tables import KEY

FEWEST_VOTES, FEWEST_VOTES_OF_TWO = 20, 100
"""Votes, for and against, from which near numbers are worth a look: of three others, of two."""

LATIN_LOOKALIKES = dict(
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


def find_near_sums(forms: pl.DataFrame) -> pl.DataFrame:
    """Give the forms that are the sum of all others of their group but for a few votes.

    Returns:
        The key of each, with `code`, `figures` and `explanation`.
    """
    found = [_find_near_sums_in(forms, level, sums) for level, sums in sum_by_level(forms)]
    return pl.concat(found).unique(KEY, keep="first", maintain_order=True)


def _find_near_sums_in(
    forms: pl.DataFrame, level: tuple[str, ...], sums: pl.DataFrame
) -> pl.DataFrame:
    has_ballots = pl.col("total") > 0
    # What is nearly half of all of a group is nearly its largest, or that itself.
    likely = 500 * (pl.col("all_total") - 2 * pl.col("most")) <= 1000 + pl.col("most")
    groups = sums.filter(likely & (pl.col("rows") >= 3))
    forms = forms.join(groups, on=level, maintain_order="left")
    others = pl.col("rows") - has_ballots.cast(pl.Int64)
    differences = [(2 * pl.col(name) - pl.col(f"all_{name}")).abs() for name in VOTES]
    is_small_difference = pl.max_horizontal(differences).is_between(1, 2 + pl.col("total") // 500)
    has_enough_votes = pl.min_horizontal("yes", "no") >= pl.when(others >= 3).then(
        FEWEST_VOTES
    ).otherwise(FEWEST_VOTES_OF_TWO)
    theirs = [pl.col(f"all_{name}") - pl.col(name) for name in VOTES]
    figures = "yes {}, no {}, total {}; others yes {}, no {}, total {}"
    return forms.filter((others >= 2) & is_small_difference & has_enough_votes).select(
        *KEY,
        code=pl.lit("nearly_the_others"),
        figures=pl.format(figures, *VOTES, *theirs),
        explanation=pl.lit(None, pl.String),
    )


def find_lookalike_names(forms: pl.DataFrame) -> pl.DataFrame:
    """Give the forms whose region, district or place has a name that another one seems to have.

    Returns:
        The key of each, with `code`, `figures` and `explanation`; `all` stands for what a region
        or district is not divided into.
    """
    found = [pl.DataFrame(schema=dict.fromkeys(_COLUMNS, pl.String))]
    for depth, name in enumerate(_NAMES):
        if forms.get_column(name).unique().str.contains(_OTHER_SCRIPTS).any():
            found.append(_find_lookalikes_in(forms, ["question", *_NAMES[:depth]], name))
    return pl.concat(found).unique(KEY, keep="first", maintain_order=True)


def _find_lookalikes_in(forms: pl.DataFrame, within: list[str], name: str) -> pl.DataFrame:
    names = forms.select(*within, name).unique()
    key = name_keys(names.get_column(name)).str.replace_many(
        list(LATIN_LOOKALIKES), list(LATIN_LOOKALIKES.values())
    )
    keyed = names.with_columns(key=key).filter(pl.len().over(*within, "key") > 1)
    pairs = keyed.join(keyed.rename({name: "twin"}), on=[*within, "key"])
    pairs = pairs.filter(pl.col(name) != pl.col("twin"))
    others = pairs.group_by(*within, name).agg(pl.col("twin").sort().str.join(", "))
    named = forms.join(others, on=[*within, name])
    if name != "place":
        finer_columns = ["kind", *_NAMES[_NAMES.index(name) + 1 :]]
        named = named.with_columns(pl.lit("all").alias(one) for one in finer_columns).unique(KEY)
    return named.select(
        *KEY,
        code=pl.lit("looks_alike"),
        figures=pl.format("{} {}", pl.lit(name), "twin"),
        explanation=pl.lit(None, pl.String),
    )
