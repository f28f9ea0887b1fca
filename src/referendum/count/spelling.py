"""One name, one spelling: of questions, kinds, regions, districts and places."""

import polars as pl

from referendum.core.errors import InputError
from referendum.core.names import name_keys, suggest_names

_WITHIN = {
    "question": (),
    "kind": (),
    "region": (),
    "district": ("region",),
    "place": ("region", "district"),
}


def unify_spelling(rows: pl.DataFrame, known: pl.DataFrame | None = None) -> pl.DataFrame:
    """Write every name as it is known, or as it came first, where the spellings are one name.

    Args:
        rows: any table with some of the columns of `count.KEY`.
        known: names as they are spelled elsewhere; columns of its own that `rows` has.
    """
    for column, within in _WITHIN.items():
        if column in rows.columns:
            rows = _unify_column(
                rows, known, column, [name for name in within if name in rows.columns]
            )
    return rows


def _unify_column(
    rows: pl.DataFrame, known: pl.DataFrame | None, column: str, within: list[str]
) -> pl.DataFrame:
    names = [*within, column]
    spellings = rows.select(names)
    if known is not None and set(names) <= set(known.columns):
        spellings = pl.concat([known.select(names), spellings])
    distinct = spellings.drop_nulls().unique(maintain_order=True)
    keyed = distinct.with_columns(key=name_keys(distinct.get_column(column)))
    # A number is the same with zeros before it: 001 is 1.
    keyed = keyed.with_columns(pl.col("key").str.replace_all(r"(^|\D)0+(\d)", "${1}${2}"))
    first_spelling = pl.col(column).first().over([*within, "key"])
    respelt = keyed.with_columns(first=first_spelling).filter(pl.col("first") != pl.col(column))
    if respelt.is_empty():
        return rows
    joined = rows.join(respelt.select(*names, "first"), on=names, how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("first", column).alias(column)).drop("first")


def _count_others(number: int) -> str:
    return "1 other" if number == 1 else f"{number} others"


def require_known_regions(rows: pl.DataFrame, known: tuple[str, ...], what: str) -> None:
    """See that the act knows every region of a table.

    Raises:
        InputError: it does not know one; the near names are said.
    """
    if not known:
        return
    unknown = [
        name for name in rows.get_column("region").unique().sort().to_list() if name not in known
    ]
    if unknown:
        suggestions = suggest_names(unknown[0], list(known))
        raise InputError(
            f"the act knows no region {unknown[0]!r} ({what})"
            + (f", nor {_count_others(len(unknown) - 1)}" if len(unknown) > 1 else ""),
            hint=f"near: {', '.join(suggestions)}"
            if suggestions
            else f"its regions: {', '.join(known)}",
        )


def require_distinct_boxes(returns: pl.DataFrame) -> None:
    """See that no two boxes have one name where an audit names them `PLACE (KIND)`.

    Raises:
        InputError: two have.
    """
    if returns.get_column("kind").n_unique() < 2:
        return
    names = returns.select(
        "question", "region", "district", pl.format("{} ({})", "place", "kind").alias("box")
    )
    twice = names.filter(names.is_duplicated())
    if twice.height:
        raise InputError(
            f"two boxes would be named {twice['box'][0]!r} in an audit",
            hint="name the place or the kind of vote without brackets",
        )
