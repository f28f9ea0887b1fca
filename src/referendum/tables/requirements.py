"""What is required of a received table as a whole: its columns, no sums among its rows, its ids."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from referendum.core.errors import InputError
from referendum.core.headers import looks_like_header, suggest_columns
from referendum.core.names import id_keys
from referendum.core.progress import notify
from referendum.core.tables import CheckedTable
from referendum.core.words import summed_part

PERSON_NAME_COLUMNS, PERSON_DATA_COLUMNS = (
    ("surname", "given_names"),
    ("street_number", "street", "postal_code", "birth_year", "birth_date", "phone"),
)
"""Of a person's row: the columns of the name, and those that are empty in a row of sums."""

MOST_NAMED = 10
"""Most columns that one notice names."""


def notify_of_unread_columns(unknown: Sequence[str], table: str) -> None:
    """Give notice of the columns of a file that are not read."""
    if not unknown:
        return
    named = [repr(name) for name in unknown if looks_like_header(name)][:MOST_NAMED]
    more = [f"{len(unknown) - len(named)} more"] if len(unknown) > len(named) else []
    are = "column is" if len(unknown) == 1 else "columns are"
    which = f": {' and '.join([part for part in (', '.join(named), *more) if part])}"
    notify(f"{len(unknown)} {are} not of the table `{table}`, and not read{which if named else ''}")


def require_no_misnamed_columns(
    unknown: Iterable[str],
    empty: Iterable[str],
    accepted: Sequence[str] | None,
    path: Path,
) -> list[str]:
    """Require that no unread column of a file seems meant for an empty one of the table.

    Args:
        unknown: columns of the file that the table does not have.
        empty: columns of the table whose cells are all empty.
        accepted: columns that the office leaves empty; None where nothing can be accepted.
        path: the file, for the error.

    Returns:
        The columns that had to be accepted.

    Raises:
        InputError: a column seems so, and that is not accepted.
    """
    suggestions = suggest_columns(unknown, empty)
    for name, column in suggestions.items():
        if column not in (accepted or ()):
            acceptance = "" if accepted is None else f"; to leave {column} empty: --accept {column}"
            shown = repr(name) if looks_like_header(name) else "of another name"
            raise InputError(
                f"the column {shown} is not read: is it {column}? that one would be empty",
                where=str(path),
                hint=f"call it {column}, or else delete it{acceptance}",
            )
    return sorted(set(suggestions.values()))


def require_gate_columns(
    checked: CheckedTable, groups: Sequence[tuple[str, ...]], accepted: Sequence[str], path: Path
) -> list[str]:
    """Require that the columns on which gates turn are not wholly empty.

    Args:
        checked: the table.
        groups: the columns that the gates ask for; one of each group is enough.
        accepted: columns that the office leaves empty.
        path: the table's file, for the error.

    Returns:
        The columns of the groups that are empty and accepted so.

    Raises:
        InputError: a group is empty, and that is not accepted.
    """
    accepted_empty = []
    for group in groups:
        if any(checked.filled_cells.get(name) for name in group):
            continue
        if not set(group) & set(accepted):
            raise InputError(
                f"nothing stands in the column {' or '.join(group)}: a gate of the statute turns"
                " on it, and cannot be applied",
                where=str(path),
                hint=f"add the column; to sign the table without it: --accept {group[0]}",
            )
        accepted_empty += [name for name in group if name in accepted]
    return accepted_empty


def require_any_row(checked: CheckedTable, what: str, path: Path) -> None:
    """Require that a table has at least one row that can be used.

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
    checked: CheckedTable, number: str, names: Sequence[str], data: Sequence[str], path: Path
) -> None:
    """Require that no row has a word for a sum, such as `Total`, in place of a number or a name.

    Args:
        checked: the table.
        number: column of the row's number, or of its only name.
        names: columns of a person's names.
        data: columns that are empty in a row of sums.
        path: the table's file, for the error.

    Raises:
        InputError: a row has one.
    """
    rows = checked.rows.with_columns(checked.row_numbers.alias("row of file"))
    bare = rows.filter(pl.all_horizontal(True, *(pl.col(name).is_null() for name in data)))
    for row, code, *cells in bare.select("row of file", number, *names).iter_rows():
        words = [cell for cell in cells if cell and any(map(str.isalpha, cell))]
        own = [word for word in (code, *words) if summed_part(word) is not None]
        if own and len(words) == sum(word in own for word in words):
            called = "by a word for a sum" if checked.of_people else repr(own[0])
            raise InputError(
                f"row {row} is called {called}: it is a sum, and no row of its own",
                where=str(path),
                hint="delete the rows that add up others",
            )


def notify_of_similar_ids(ids: pl.Series) -> None:
    """Give notice of ids in a table that differ only in form: `S1`, `s1`, `S01`; `1`, `1.0`."""
    keys = id_keys(ids)
    if keys.n_unique() == ids.n_unique():
        return
    distinct = ids.unique(maintain_order=True).drop_nulls()
    alike = int(id_keys(distinct).is_duplicated().sum())
    notify(
        f"{alike:,} cells of {ids.name} differ only in case, blanks or zeros: they are taken for"
        " different ones"
    )
