"""What is said, and asked, of a received table as a whole: its columns, its sums, its numbers."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from referendum.core.errors import InputError
from referendum.core.headers import meant_for
from referendum.core.names import id_keys
from referendum.core.progress import note
from referendum.core.tables import Checked
from referendum.core.words import sum_of

NAMES, DATA = (
    ("surname", "given_names"),
    ("street_number", "street", "postal_code", "birth_year", "birth_date", "phone"),
)
"""Of a person's row: the columns of the name, and those of which a sum has none."""

MOST_NAMED = 10
"""Columns or numbers that are named at once."""


def note_columns(unknown: Sequence[str], table: str) -> None:
    """Say which columns of a file are not read."""
    if not unknown:
        return
    named = ", ".join(repr(name[:40]) for name in unknown[:MOST_NAMED])
    more = f" and {len(unknown) - MOST_NAMED} more" if len(unknown) > MOST_NAMED else ""
    are = "column is" if len(unknown) == 1 else "columns are"
    note(f"{len(unknown)} {are} not of the table `{table}`, and not read: {named}{more}")


def require_columns(
    unknown: Iterable[str],
    empty: Iterable[str],
    accepted: Sequence[str] | None,
    path: Path,
) -> list[str]:
    """See that no column of a file is left unread that is meant for an empty one of the table.

    Args:
        unknown: columns of the file that the table has not.
        empty: columns of the table in which nothing stands.
        accepted: those that the office leaves empty; None where nothing can be accepted.
        path: of the file.

    Returns:
        The columns that had to be accepted.

    Raises:
        InputError: one is not.
    """
    meant = meant_for(unknown, empty)
    for name, column in meant.items():
        if column not in (accepted or ()):
            sign = "" if accepted is None else f"; to leave {column} empty: --accept {column}"
            raise InputError(
                f"the column {name[:40]!r} is not read: is it {column}? that one would be empty",
                where=str(path),
                hint=f"call it {column}, or else delete it{sign}",
            )
    return sorted(set(meant.values()))


def require_filled(
    checked: Checked, turned: Sequence[tuple[str, ...]], accepted: Sequence[str], path: Path
) -> list[str]:
    """See that columns on which a gate turns have something in them.

    Args:
        checked: the table.
        turned: the columns that the gates ask for; one of each group is enough.
        accepted: columns that the office leaves empty.
        path: of the table.

    Returns:
        The columns of the groups that are empty and accepted so.

    Raises:
        InputError: a group is empty, and that is not accepted.
    """
    had = []
    for group in turned:
        if any(checked.filled.get(name) for name in group):
            continue
        if not set(group) & set(accepted):
            raise InputError(
                f"nothing stands in the column {' or '.join(group)}: a gate of the statute turns"
                " on it, and cannot be applied",
                where=str(path),
                hint=f"add the column; to sign the table without it: --accept {group[0]}",
            )
        had += [name for name in group if name in accepted]
    return had


def require_rows_at_all(checked: Checked, what: str, path: Path) -> None:
    """See that a table has at least one row that can be used.

    Raises:
        InputError: it has none.
    """
    if checked.rows.is_empty():
        aside = checked.set_aside.height
        raise InputError(
            f"no {what} is in the table" + (f": {aside:,} rows cannot be used" if aside else ""),
            where=str(path),
            hint="give the table with its rows; nothing follows from an empty one",
        )


def require_no_sums(
    checked: Checked, number: str, names: Sequence[str], data: Sequence[str], path: Path
) -> None:
    """See that no row is a sum of others, called so where a number or a name should stand.

    Args:
        checked: the table.
        number: column of the row's number, or its one name.
        names: columns of a person's names.
        data: columns in which a row that is no sum has something.
        path: of the table.

    Raises:
        InputError: one is.
    """
    rows = checked.rows.with_columns(checked.numbers.alias("row of file"))
    bare = rows.filter(pl.all_horizontal(True, *(pl.col(name).is_null() for name in data)))
    for row, code, *cells in bare.select("row of file", number, *names).iter_rows():
        words = [cell for cell in cells if cell and any(map(str.isalpha, cell))]
        own = [word for word in (code, *words) if sum_of(word) is not None]
        if own and len(words) == sum(word in own for word in words):
            raise InputError(
                f"row {row} is called {own[0]!r}: it is a sum, and no row of its own",
                where=str(path),
                hint="delete the rows that add up others",
            )


def note_alike(ids: pl.Series) -> None:
    """Say of numbers in a table that differ in form alone: `S1`, `s1`, `S01`, `1.0`."""
    keys = id_keys(ids)
    if keys.n_unique() == ids.n_unique():
        return
    distinct = ids.unique(maintain_order=True).drop_nulls()
    keys = id_keys(distinct)
    alike = pl.DataFrame({"id": distinct, "key": keys}).filter(keys.is_duplicated())
    first = alike.filter(pl.col("key") == alike["key"][0])["id"].head(2).to_list()
    note(
        f"{alike.height:,} cells of {ids.name} differ only in case, blanks or zeros, such as"
        f" {first[0]!r} and {first[1]!r}: they are taken for different ones"
    )
