"""Gates: each removes lines for one named reason, in the order that the statute gives them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

from referendum.core.errors import LawError


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


def gate_lines(
    lines: pl.DataFrame, sheets: pl.DataFrame, codes: Sequence[str], window: tuple[date, date]
) -> pl.DataFrame:
    """Find for each line the first gate that it fails.

    Args:
        lines: numbered lines.
        sheets: the table of sheets (`core.schemas.SHEETS`); empty if none was received, and then
            sheet gates are passed over (`not_applied` names them).
        codes: the statute's gates, in its order.
        window: first and last day of signing, both included.

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
    failed: list[pl.Expr] = [
        pl.when(tests[code]).then(pl.lit(code)) for code in codes if code not in skipped
    ]
    stands = pl.lit(None, dtype=pl.String)
    with_sheets = lines.join(
        sheets.select("sheet_id", "issued", "affidavit_on", named="canvasser_id"),
        on="sheet_id",
        how="left",
    )
    return with_sheets.select("serial", gate=pl.coalesce(*failed, stands)).sort("serial")


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
        "name_missing": pl.col("surname").is_null() | pl.col("given_names").is_null(),
        "address_missing": pl.col("street").is_null(),
        "birth_missing": pl.col("birth_date").is_null() & pl.col("birth_year").is_null(),
        "district_missing": pl.col("district").is_null(),
        "date_missing": signed.is_null(),
        "before_window": signed < first,
        "after_window": signed > last,
        "after_affidavit": signed > pl.col("affidavit_on"),
    }
