"""Gates: each removes lines for one named reason, in the order that the statute gives them."""

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
        meaning: what a line did that fails here.
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
"""Every gate known here, by its code. A statute names those that it has, in its own order."""


UNREADABLE: dict[str, Gate] = {
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
"""What a line is rejected for where the cell that a gate asks for was not empty, but not read."""

_CELLS: dict[str, tuple[tuple[str, ...], str]] = {
    "name_missing": (("given_names", "surname"), "name"),
    "address_missing": (("street",), "address"),
    "birth_missing": (("birth_date", "birth_year"), "birth"),
    "district_missing": (("district",), "district"),
    "date_missing": (("signed_on",), "date"),
    "sheet_not_issued": (("issued",), "sheet"),
    "sheet_no_canvasser": (("canvasser_id",), "sheet"),
    "sheet_no_affidavit": (("affidavit_on",), "sheet"),
}
"""For a gate that an empty cell fails: the cells, and what the code is about if they are not."""


_TURNS: dict[str, tuple[tuple[str, ...], ...]] = {
    "name_missing": (("given_names",), ("surname",)),
    "before_window": (("signed_on",),),
    "after_window": (("signed_on",),),
    "after_affidavit": (("affidavit_on",),),
}
"""For a gate, the columns that it turns on, one of each group, where `_CELLS` does not say it."""


ALWAYS = "before_window"
"""A gate that every petition has: nobody signs one before its first day."""


def all_gates(order: Sequence[str]) -> list[str]:
    """Give a statute's gates in its order, and last the one that every petition has."""
    return [*order, *(code for code in [ALWAYS] if code not in order)]


def cells_of(codes: Sequence[str], level: Literal["sheet", "line"]) -> list[str]:
    """Name the columns of which gates of a level find a cell empty that could not be read."""
    named = [_CELLS[code][0] for code in codes if code in _CELLS and GATES[code].level == level]
    return [column for columns in named for column in columns]


def columns_of(codes: Sequence[str], level: Literal["sheet", "line"]) -> list[tuple[str, ...]]:
    """Give the columns of lines or of sheets that gates turn on; one of each group is enough."""
    groups = [
        group
        for code in codes
        if GATES[code].level == level
        for group in _TURNS.get(code, (_CELLS[code][0],) if code in _CELLS else ())
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
        sheets: the table of sheets (`core.schemas.SHEETS`); empty if none was received, and then
            sheet gates are passed over (`not_applied` names them).
        codes: the statute's gates, in its order.
        window: first and last day of signing, both included.
        single_names: the names (`name_keys`) of electors who have one name only: on a line, too,
            one is enough for them. None where the list is not known.

    Returns:
        `serial`, `gate` (a code, or null where the line stands), ascending by serial.

    Raises:
        LawError: a code is not known here.
    """
    unknown = [code for code in codes if code not in GATES]
    if unknown:
        raise LawError(f"no gate is known by the name {unknown[0]!r}", hint=f"known: {list(GATES)}")
    skipped = not_applied(sheets, codes)
    tests = _tests(window)
    tests["name_missing"] = _name_missing(single_names)
    failed: list[pl.Expr] = [
        pl.when(tests[code]).then(_told(code)) for code in codes if code not in skipped
    ]
    stands = pl.lit(None, dtype=pl.String)
    lines, sheets = _with_unread(lines), _with_unread(sheets)
    with_sheets = lines.join(
        sheets.select(
            "sheet_id", "issued", "affidavit_on", named="canvasser_id", sheet_unread="unread"
        ),
        on="sheet_id",
        how="left",
    )
    return with_sheets.select("serial", gate=pl.coalesce(*failed, stands)).sort("serial")


def _with_unread(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the column `unread` to tables that were checked before there was one."""
    none = pl.lit(None, dtype=pl.String).alias("unread")
    return rows if "unread" in rows.columns else rows.with_columns(none)


def _told(code: str) -> pl.Expr:
    """Give the code of a gate, or that of a cell which is not empty but could not be read."""
    if code not in _CELLS:
        return pl.lit(code)
    columns, about = _CELLS[code]
    named = pl.col("unread" if GATES[code].level == "line" else "sheet_unread").str.split(",")

    def any_of(end: str) -> pl.Expr:
        found = [named.list.contains(f"{column}{end}") for column in columns]
        return pl.any_horizontal(found).fill_null(value=False)

    lost = any_of("")
    if GATES[code].level == "sheet":  # no line says on which sheet it stands
        lost |= pl.col("unread").str.split(",").list.contains("sheet_id").fill_null(value=False)
    return (
        pl.when(lost)
        .then(pl.lit(f"{about}_unreadable"))
        .when(any_of(":impossible"))
        .then(pl.lit(f"{about}_impossible"))
        .otherwise(pl.lit(code))
    )


def not_applied(sheets: pl.DataFrame, codes: Sequence[str]) -> list[str]:
    """Name the gates that cannot be applied because no table of sheets was received."""
    return [code for code in codes if GATES[code].level == "sheet"] if sheets.is_empty() else []


def _tests(window: tuple[date, date]) -> dict[str, pl.Expr]:
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


def single_name(people: pl.DataFrame) -> pl.Series:
    """Give the key of the one name of each person who has one only, in whichever column; or null.

    Args:
        people: with `given_names` and `surname`.
    """
    given, surname = pl.col("given_names"), pl.col("surname")
    without = no_given_name(given, surname), no_surname(given, surname)
    name = pl.when(without[0]).then(surname).otherwise(given)
    return name_keys(people.select(pl.when(without[0] ^ without[1]).then(name)).to_series())


def _name_missing(single_names: pl.Series | None) -> pl.Expr:
    given, surname = pl.col("given_names"), pl.col("surname")
    missing = no_given_name(given, surname) | no_surname(given, surname)
    if single_names is None:
        return missing
    name = pl.struct(given, surname).map_batches(
        lambda names: single_name(names.struct.unnest()), return_dtype=pl.String()
    )
    return missing & ~name.is_in(single_names.unique().implode()).fill_null(value=False)
