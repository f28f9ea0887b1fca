"""Gates: each rejects lines for one named reason, in the order that the statute gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

from referendum.core.errors import LawError
from referendum.core.names import name_keys
from referendum.core.words import no_given_name, no_surname, say_nothing


@dataclass(frozen=True)
class Gate:
    """A test that a line or its sheet fails.

    Attributes:
        level: `sheet` gates need the table of sheets.
        meaning: what is wrong with a line that fails here.
    """

    level: Literal["sheet", "line"]
    meaning: str


GATES: dict[str, Gate] = {
    "sheet_not_issued": Gate("sheet", "the office did not issue the sheet"),
    "sheet_no_canvasser": Gate("sheet", "no canvasser is named on the sheet"),
    "sheet_no_affidavit": Gate("sheet", "no affidavit covers the sheet"),
    "name_missing": Gate("line", "no surname or no given name is written or legible"),
    "address_missing": Gate("line", "no street, box or land location is written or legible"),
    "birth_missing": Gate("line", "no day or year of birth is written or legible"),
    "district_missing": Gate("line", "no district is known for the line"),
    "date_missing": Gate("line", "no day of signing is written or legible"),
    "before_window": Gate("line", "signed before the first day"),
    "after_window": Gate("line", "signed after the last day"),
    "after_affidavit": Gate("sheet", "signed after the affidavit that covers the sheet"),
}
"""Every known gate, by its code. A statute names those that it has, in its own order."""


UNREADABLE_CODES: dict[str, Gate] = {
    "birth_impossible": Gate("line", "the birth that is written is in the future or long past"),
    "name_unreadable": Gate("line", "what was keyed of the name could not be read, or nothing was"),
    "address_unreadable": Gate(
        "line", "what was keyed of the address could not be read, or nothing was"
    ),
    "district_unreadable": Gate(
        "line", "what was keyed of the district could not be read, or nothing was"
    ),
    "birth_unreadable": Gate(
        "line", "a birth is written that could not be read as a day or year, or none was keyed"
    ),
    "date_impossible": Gate(
        "line", "the day of signing that is written had not come, or is long past"
    ),
    "date_unreadable": Gate(
        "line", "a day of signing is written that could not be read as a day, or none was keyed"
    ),
    "sheet_impossible": Gate(
        "sheet", "the day that is kept of the sheet had not come, or is long past"
    ),
    "sheet_unreadable": Gate(
        "sheet", "what is kept of the sheet could not be read, or is not known"
    ),
}
"""Codes of rejection where the cell that a gate asks for was not empty, but could not be read."""

_REQUIRED_CELLS: dict[str, tuple[tuple[str, ...], str]] = {
    "name_missing": (("given_names", "surname"), "name"),
    "address_missing": (("street",), "address"),
    "birth_missing": (("birth_date", "birth_year"), "birth"),
    "district_missing": (("district",), "district"),
    "date_missing": (("signed_on",), "date"),
    "sheet_not_issued": (("issued",), "sheet"),
    "sheet_no_canvasser": (("canvasser_id",), "sheet"),
    "sheet_no_affidavit": (("affidavit_on",), "sheet"),
}
"""For a gate that fails on empty cells: the cells, and the stem of the code if they are unread."""


_OTHER_GATE_COLUMNS: dict[str, tuple[tuple[str, ...], ...]] = {
    "name_missing": (("given_names",), ("surname",)),
    "before_window": (("signed_on",),),
    "after_window": (("signed_on",),),
    "after_affidavit": (("affidavit_on",),),
}
"""By gate, the columns that it turns on, one of each group, where `_REQUIRED_CELLS` has it not."""


UNIVERSAL_GATE = "before_window"
"""A gate that every petition has: nobody signs one before its first day."""


def all_gates(order: Sequence[str]) -> list[str]:
    """Give a statute's gates in its order, followed by the one that every petition has."""
    return [*order] if UNIVERSAL_GATE in order else [*order, UNIVERSAL_GATE]


def required_cells(codes: Sequence[str], level: Literal["sheet", "line"]) -> list[str]:
    """Name the columns in which gates of a level would take an unreadable cell for an empty one."""
    named = [
        _REQUIRED_CELLS[code][0]
        for code in codes
        if code in _REQUIRED_CELLS and GATES[code].level == level
    ]
    return [column for columns in named for column in columns]


def gate_columns(codes: Sequence[str], level: Literal["sheet", "line"]) -> list[tuple[str, ...]]:
    """Give the columns of lines or of sheets on which gates turn; one of each group is enough."""
    groups = [
        group
        for code in codes
        if GATES[code].level == level
        for group in _OTHER_GATE_COLUMNS.get(
            code, (_REQUIRED_CELLS[code][0],) if code in _REQUIRED_CELLS else ()
        )
    ]
    return list(dict.fromkeys(groups))


def gate_lines(
    lines: pl.DataFrame,
    sheets: pl.DataFrame,
    codes: Sequence[str],
    window: tuple[date, date],
    single_names: pl.Series | None = None,
) -> pl.DataFrame:
    """Find for each line the first gate that it fails.

    Args:
        lines: numbered lines.
        sheets: the table of sheets (`core.schemas.SHEETS`); if it is empty, sheet gates are not
            applied (`gates_not_applied` names them).
        codes: the statute's gates, in its order.
        window: first and last day of signing, both included.
        single_names: the name keys of electors who have only one name, for whom one name is enough
            on a line too; None where the list is not known.

    Returns:
        `serial`, `gate` (a code, or null where the line stands), ascending by serial.

    Raises:
        LawError: a gate is not known.
    """
    unknown = [code for code in codes if code not in GATES]
    if unknown:
        raise LawError(f"no gate is known by the name {unknown[0]!r}", hint=f"known: {list(GATES)}")
    skipped = gates_not_applied(sheets, codes)
    tests = _gate_tests(window)
    tests["name_missing"] = _name_missing(single_names)
    failed: list[pl.Expr] = [
        pl.when(tests[code]).then(_rejection_code(code)) for code in codes if code not in skipped
    ]
    stands = pl.lit(None, dtype=pl.String)
    lines, sheets = _add_unread_column(lines), _add_unread_column(sheets)
    with_sheets = lines.join(
        sheets.select(
            "sheet_id", "issued", "affidavit_on", named="canvasser_id", sheet_unread="unread"
        ),
        on="sheet_id",
        how="left",
    )
    return with_sheets.select("serial", gate=pl.coalesce(*failed, stands)).sort("serial")


def _add_unread_column(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the column `unread` to a table without it."""
    none = pl.lit(None, dtype=pl.String).alias("unread")
    return rows if "unread" in rows.columns else rows.with_columns(none)


def _rejection_code(code: str) -> pl.Expr:
    """Give the code for which a gate rejects a line: its own, or that of an unreadable cell."""
    if code not in _REQUIRED_CELLS:
        return pl.lit(code)
    columns, stem = _REQUIRED_CELLS[code]
    unreadable = pl.col("unread" if GATES[code].level == "line" else "sheet_unread").str.split(",")

    def has_any(suffix: str) -> pl.Expr:
        matches = [unreadable.list.contains(f"{column}{suffix}") for column in columns]
        return pl.any_horizontal(matches).fill_null(value=False)

    is_unreadable = has_any("")
    if GATES[code].level == "sheet":  # where it is unreadable on which sheet the line stands
        is_unreadable |= (
            pl.col("unread").str.split(",").list.contains("sheet_id").fill_null(value=False)
        )
    return (
        pl.when(is_unreadable)
        .then(pl.lit(f"{stem}_unreadable"))
        .when(has_any(":impossible"))
        .then(pl.lit(f"{stem}_impossible"))
        .otherwise(pl.lit(code))
    )


def gates_not_applied(sheets: pl.DataFrame, codes: Sequence[str]) -> list[str]:
    """Name the gates that cannot be applied because no table of sheets was received."""
    return [code for code in codes if GATES[code].level == "sheet"] if sheets.is_empty() else []


def _gate_tests(window: tuple[date, date]) -> dict[str, pl.Expr]:
    first, last = window
    signed = pl.col("signed_on")
    issued = pl.col("issued").str.to_lowercase().is_in(["yes", "true", "1"])
    return {
        "sheet_not_issued": ~issued.fill_null(value=False),
        "sheet_no_affidavit": pl.col("affidavit_on").is_null(),
        "sheet_no_canvasser": pl.col("named").is_null(),
        "address_missing": say_nothing(pl.col("street")),
        "birth_missing": pl.col("birth_date").is_null() & pl.col("birth_year").is_null(),
        "district_missing": pl.col("district").is_null(),
        "date_missing": signed.is_null(),
        "before_window": signed < first,
        "after_window": signed > last,
        "after_affidavit": signed > pl.col("affidavit_on"),
    }


def single_name_keys(people: pl.DataFrame) -> pl.Series:
    """Give the name key of each person who has only one name, in whichever column; else null.

    Args:
        people: with `given_names` and `surname`.
    """
    given, surname = pl.col("given_names"), pl.col("surname")
    lacks_given, lacks_surname = no_given_name(given, surname), no_surname(given, surname)
    name = pl.when(lacks_given).then(surname).otherwise(given)
    return name_keys(people.select(pl.when(lacks_given ^ lacks_surname).then(name)).to_series())


def _name_missing(single_names: pl.Series | None) -> pl.Expr:
    given, surname = pl.col("given_names"), pl.col("surname")
    missing = no_given_name(given, surname) | no_surname(given, surname)
    if single_names is None:
        return missing
    name = pl.struct(given, surname).map_batches(
        lambda names: single_name_keys(names.struct.unnest()), return_dtype=pl.String()
    )
    return missing & ~name.is_in(single_names.unique().implode()).fill_null(value=False)
