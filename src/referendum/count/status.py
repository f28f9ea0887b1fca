"""Columns that say of a row whether it is final: what is not counted yet is no return."""

from dataclasses import dataclass

import polars as pl

from referendum.core.errors import InputError
from referendum.core.words import final_of, status_column
from referendum.count.tables import FORMS

LONGEST_NAME = 100
MOST_NAMES = 60


@dataclass(frozen=True)
class Stated:
    """What a file says of its own rows.

    Attributes:
        not_final: rows (from 1) that are not counted, or not finally; `row`, `column`, `value`.
        interim: whether the file says that the count as a whole goes on.
        unread: names of the columns that were not read.
    """

    not_final: pl.DataFrame
    interim: bool
    unread: tuple[str, ...]


_SCHEMA = pl.Schema({"row": pl.Int64, "column": pl.String, "value": pl.String})


def stated_of(raw: pl.DataFrame) -> Stated:
    """Read the columns that say whether a row is final.

    A column such as `counted` or `provisional` decides over one such as `status`, which then speaks
    of the count as a whole.

    Raises:
        InputError: a word of such a column is not known.
    """
    other = [name for name in raw.columns if name not in FORMS.schema]
    roles = {name: role for name in other if (role := status_column(name))}
    roles = {
        name: role
        for name, role in roles.items()
        if raw.get_column(name)
        .cast(pl.String)
        .str.strip_chars()
        .replace("", None)
        .is_not_null()
        .any()
    }
    decide = [name for name, role in roles.items() if role != "status"] or list(roles)
    found = {name: _not_final(raw, name, role) for name, role in roles.items()}
    own = [found[name] for name in decide]
    frame = pl.concat(own).unique("row", keep="first", maintain_order=True) if own else None
    names = [" ".join(name.split())[:LONGEST_NAME] for name in other if name not in roles]
    return Stated(
        not_final=pl.DataFrame(schema=_SCHEMA) if frame is None else frame,
        interim=any(found[name].height > 0 for name in roles if name not in decide),
        unread=tuple(sorted(set(names) - {""}))[:MOST_NAMES],
    )


def _not_final(raw: pl.DataFrame, name: str, role: str) -> pl.DataFrame:
    cells = raw.get_column(name).cast(pl.String).fill_null("")
    answers: dict[str, bool] = {}
    for cell in cells.unique(maintain_order=True):
        answer = final_of(role, cell) if cell.strip() else False
        if answer is None:
            row = int(cells.index_of(cell) or 0) + 1
            raise InputError(
                f"the column {name!r} says {cell!r} in row {row}: is such a row final?",
                hint="write final or interim in it, or take the column out of the file",
            )
        answers[cell] = answer
    final = cells.replace_strict(answers, return_dtype=pl.Boolean)
    rows = (~final).arg_true()
    return pl.DataFrame(
        {"row": (rows + 1).cast(pl.Int64), "column": [name] * len(rows), "value": cells[rows]},
        schema=_SCHEMA,
    )
