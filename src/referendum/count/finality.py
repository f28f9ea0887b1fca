"""Columns that say of a row whether it is final: what is not counted yet is no return."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from referendum.core.errors import InputError
from referendum.core.words import may_say_state, read_final, status_column
from referendum.count.tables import FORMS

LONGEST_NAME = 100
MOST_NAMES = 60


@dataclass(frozen=True)
class Finality:
    """What a file says of its own rows.

    Attributes:
        rows_not_final: `row` (from 1), `column` and `value` of rows that are not counted, or not
            finally.
        is_interim: whether the file says that the count as a whole goes on.
        unread_columns: names of the columns that were not read.
        accepted_columns: those of them that may say so, and were accepted as they are.
    """

    rows_not_final: pl.DataFrame
    is_interim: bool
    unread_columns: tuple[str, ...]
    accepted_columns: tuple[str, ...] = ()


_SCHEMA = pl.Schema({"row": pl.Int64, "column": pl.String, "value": pl.String})


def read_finality(raw: pl.DataFrame, accept: Sequence[str] = ()) -> Finality:
    """Read the columns that say whether a row is final.

    A column such as `counted` or `provisional` decides over one such as `status`, which then speaks
    of the count as a whole.

    Args:
        raw: the rows.
        accept: names of columns that need not be understood.

    Raises:
        InputError: a word of such a column is not known; or a column that is not read may say so
            by its name, and that is not accepted.
    """
    other = [name for name in raw.columns if name not in FORMS.schema]
    filled = {name: cells for name in other if (cells := _cells(raw, name)).len()}
    roles = {name: role for name in filled if (role := status_column(name))}
    doubtful = [name for name in filled if name not in roles and may_say_state(name)]
    roles |= {name: "status" for name in doubtful if _all_understood(filled[name])}
    doubtful = [
        name for name in doubtful if name not in roles and not _all_fully_counted(filled[name])
    ]
    for name in doubtful:
        _require_accepted(raw, name, accept)
    deciding_columns = [name for name, role in roles.items() if role != "status"] or list(roles)
    not_final_by_column = {name: _not_final(raw, name, role) for name, role in roles.items()}
    by_row = [
        *(not_final_by_column[name] for name in deciding_columns),
        _not_counted_by_explanation(raw),
    ]
    frame = pl.concat(by_row).unique("row", keep="first", maintain_order=True)
    names = [" ".join(name.split())[:LONGEST_NAME] for name in other if name not in roles]
    return Finality(
        rows_not_final=frame,
        is_interim=any(
            not_final_by_column[name].height > 0 for name in roles if name not in deciding_columns
        ),
        unread_columns=tuple(sorted(set(names) - {""}))[:MOST_NAMES],
        accepted_columns=tuple(doubtful),
    )


def _cells(raw: pl.DataFrame, name: str) -> pl.Series:
    """Give the different cells of a column that hold anything."""
    cells = raw.get_column(name).cast(pl.String).str.strip_chars().replace("", None)
    return cells.unique(maintain_order=True).drop_nulls()


def _all_understood(cells: pl.Series) -> bool:
    return all(read_final("status", cell) is not None for cell in cells)


def _all_fully_counted(cells: pl.Series) -> bool:
    """Whether all is counted, by a share in per cent."""
    return bool(cells.str.contains(r"^100([.,]0+)?\s*%?$").all())


def _require_accepted(raw: pl.DataFrame, name: str, accept: Sequence[str]) -> None:
    if name in accept:
        return
    cells = raw.get_column(name).cast(pl.String).fill_null("").str.strip_chars()
    row = int((~cells.is_in(["", "100"])).arg_true()[0])
    raise InputError(
        f"the column {name!r} may say whether a row is final: {cells[row][:40]!r} in row {row + 1}",
        hint="call it status and write final or interim in it; if it says nothing of that, have"
        f" that recorded: --accept {shlex.quote(name)}",
    )


def _not_counted_by_explanation(raw: pl.DataFrame) -> pl.DataFrame:
    """Find rows without ballots of which the officer's explanation is that they are not counted."""
    if not {"explanation", "total"} <= set(raw.columns):
        return pl.DataFrame(schema=_SCHEMA)
    empty = pl.col("total").cast(pl.String).str.strip_chars().fill_null("").is_in(["", "0", "-"])
    rows = raw.select("explanation", empty=empty, at=pl.int_range(1, pl.len() + 1))
    rows = rows.filter(pl.col("empty") & pl.col("explanation").is_not_null())
    return pl.DataFrame(
        [
            {"row": row, "column": "explanation", "value": str(cell)}
            for cell, _, row in rows.iter_rows()
            if read_final("status", str(cell)) is False
        ],
        schema=_SCHEMA,
    )


def _not_final(raw: pl.DataFrame, name: str, role: str) -> pl.DataFrame:
    cells = raw.get_column(name).cast(pl.String).fill_null("")
    answers: dict[str, bool] = {}
    for cell in cells.unique(maintain_order=True):
        answer = read_final(role, cell) if cell.strip() else False
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
