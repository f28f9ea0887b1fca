"""Lines received, delivery by delivery, each with its public number."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from referendum.core.days import is_before
from referendum.core.errors import InputError
from referendum.core.schemas import LINES, SHEETS
from referendum.core.tables import CheckedTable, ReadingOptions, check_table, spell_as_known
from referendum.core.written_days import DayOrder
from referendum.flows.petition.deliveries import (
    fault_counts,
    lines_waiting,
    require_new,
    require_sheets_alike,
    sum_counts,
)
from referendum.flows.petition.issue import require_first_day, spread_of
from referendum.flows.petition.lines import Taken, with_sheets_spelt
from referendum.flows.petition.totals import first_number
from referendum.law import require_known
from referendum.petition import (
    FEWEST,
    number_lines,
)
from referendum.record.acts import Act
from referendum.record.frames import sealed_tables
from referendum.record.reading import Inputs
from referendum.record.writing import Made, RecordWriter, Stamp
from referendum.tables.acceptance import reading_parameters
from referendum.tables.reading import read_checked_table
from referendum.tables.requirements import (
    PERSON_DATA_COLUMNS,
    PERSON_NAME_COLUMNS,
    notify_of_similar_ids,
    require_any_row,
    require_no_sums,
)


@dataclass(frozen=True)
class _Own:
    """What a delivery has of its own, as it was read.

    Attributes:
        lines, sheets: the rows that can be used.
        kept: what was set aside, and the faults, by name of the table.
        parameters: how it was read.
    """

    lines: pl.DataFrame
    sheets: pl.DataFrame
    kept: dict[str, pl.DataFrame]
    parameters: dict[str, Any]


def receive_petition(  # noqa: PLR0913 - as many as the command has options
    record: RecordWriter,
    lines: Path | None,
    sheets: Path | None,
    claimed: int | None,
    encoding: str,
    stamp: Stamp,
    *,
    dates: DayOrder | None = None,
    accept: Sequence[str] = (),
    number_alone: str | None = None,
) -> Act:
    """Receive a delivery: lines keyed from sheets and, where it was kept, the table of the sheets.

    Fewer than `FEWEST` lines, with those that wait already, wait to be numbered with the next ones.

    Args:
        record: of the petition.
        lines: their table; None where lines that wait are numbered and no more came.
        sheets: their table.
        claimed: lines that the proponent says there are in it.
        encoding: of both files.
        stamp: of the act.
        dates: which comes first in a day, where the columns do not say.
        accept: columns, or `rows`, that the office accepts as they are.
        number_alone: why so few lines are numbered all the same; it becomes public.

    Raises:
        OrderError: the petition was not issued, so the lines could not pass the gates; or a draw or
            decision stands.
        InputError: they came before it was issued or could be signed.
        InputError: a line or sheet has come before, or some deliveries have a table of sheets only.
        InputError: much cannot be read, or a cell that a gate asks for, and that is not accepted.
    """
    record.allow("petition.receive", stamp)
    inputs = record.inputs(("statute", "requirement"))
    _require_issued(record, stamp)
    own = _read_delivery(record, (lines, sheets), encoding, (dates, accept), stamp)
    if lines is not None:
        require_new(record, stamp, own.lines, own.sheets, lines)
        require_sheets_alike(record, stamp, own.sheets, lines)
    waiting = lines_waiting(record, stamp)
    if lines is None:
        _require_to_number(waiting, number_alone)
    earlier = [one.table("lines_waiting", "lines.parquet") for one in waiting]
    together = pl.concat([own.lines, *earlier], how="vertical_relaxed")
    few = together.height < FEWEST
    parameters = {"claimed": claimed, **own.parameters}
    if few and number_alone is None:
        parameters["waits"] = True
        made = _wait(own)
    else:
        parameters |= {"numbered_alone": number_alone} if few else {}
        made = _number(record, inputs, own, waiting, together)
    reads = record.reading("petition.receive", parameters, stamp)
    return record.receive("petition.receive", made, parameters, stamp, inputs=reads)


def _require_to_number(waiting: Sequence[Inputs], number_alone: str | None) -> None:
    if waiting and number_alone is not None:
        return
    lacks = "no reason to number those that wait" if waiting else "none wait to be numbered"
    raise InputError(
        f"no table of lines is given, and {lacks}",
        hint="name the table; or number what waits with --number-alone 'why among so few'",
    )


def _wait(own: _Own) -> Made:
    """Keep the lines until there are more; what is counted of so few is stated with these."""
    tables = {"lines": own.lines, "sheets": own.sheets, **own.kept}
    facts = {
        "first": None,
        "lines": own.lines.height,
        "sheets": own.sheets.height,
        "set_aside": None,
        "faults": None,
    }
    draft = sealed_tables("lines_waiting", tables, secrets.token_hex(32))
    return Made((draft,), facts)


def _number(
    record: RecordWriter,
    inputs: Inputs,
    own: _Own,
    waiting: Sequence[Inputs],
    lines: pl.DataFrame,
) -> Made:
    """Number the lines of a delivery and of those that waited, among one another."""
    nonce, first = secrets.token_hex(32), first_number(record)
    numbered = number_lines(lines.with_columns(_district_as_issued(lines, inputs)), nonce, first)
    waited = [one.table("lines_waiting", "sheets.parquet") for one in waiting]
    sheets = pl.concat([own.sheets, *waited], how="vertical_relaxed")
    tables = {"lines": numbered, "sheets": sheets, **own.kept}
    earlier = [
        {name: one.table("lines_waiting", f"{name}.parquet") for name in own.kept}
        for one in waiting
    ]
    kept = [own.kept, *earlier]
    facts = {
        "first": first,
        "lines": numbered.height,
        "sheets": sheets.height,
        "set_aside": sum(one["set_aside"].height + one["sheets_set_aside"].height for one in kept),
        "faults": sum_counts(*(fault_counts(one) for one in kept)),
    }
    return Made((sealed_tables("lines", tables, nonce),), facts)


def _read_delivery(
    record: RecordWriter,
    paths: tuple[Path | None, Path | None],
    encoding: str,
    how: tuple[DayOrder | None, Sequence[str]],
    stamp: Stamp,
) -> _Own:
    """Read the tables of a delivery; of none where there is no file."""
    (lines, sheets), (dates, accept) = paths, how
    reading = ReadingOptions(dates, record.day(stamp))
    checked = _checked_lines(lines, encoding, reading)
    checked_sheets = _checked_sheets(sheets, encoding, reading)
    rows, accepted = checked.rows.with_columns(checked.unreadable_columns()), list[str]()
    read_sheets = checked_sheets.rows.with_columns(checked_sheets.unreadable_columns())
    if lines is not None:
        if sheets is not None:
            checked = with_sheets_spelt(checked, checked_sheets, lines)
        codes = require_known(record.inputs(("statute",)).statute().gates, "gates").order.value
        taken = Taken(codes, accept)
        rows, accepted = taken.lines(checked, lines, with_sheets=sheets is not None)
        if sheets is not None:
            read_sheets, more = taken.sheets(checked_sheets, sheets)
            accepted = [*accepted, *more]
    kept = {
        "set_aside": checked.set_aside,
        "sheets_set_aside": checked_sheets.set_aside,
        "faults": checked.faults_and_columns(),
        "sheets_faults": checked_sheets.faults_and_columns(),
    }
    return _Own(rows, read_sheets, kept, reading_parameters([checked, checked_sheets], accepted))


def _require_issued(record: RecordWriter, stamp: Stamp) -> None:
    """See that the petition was issued, and its first day had come, when its lines came.

    Raises:
        InputError: they came before.
    """
    at, issued = record.at(stamp), require_known(record.standing("petition.issue"), "the issue")
    if is_before(at, issued.at):
        raise InputError(
            f"lines received on {at} came before the petition was issued, on {issued.at} (act"
            f" {issued.number})",
            hint="give --at the day on which they came; if the day of the issue is wrong, put it"
            f" right first with: referendum petition issue --corrects {issued.number}",
        )
    require_first_day(at, issued.parameters["first_day"], issued.number)


def _checked_lines(path: Path | None, encoding: str, reading: ReadingOptions) -> CheckedTable:
    if path is None:
        return check_table(LINES, pl.DataFrame(schema=LINES.schema))
    checked = read_checked_table(LINES, path, encoding, reading)
    require_any_row(checked, "line", path)
    require_no_sums(
        checked, "line_id", PERSON_NAME_COLUMNS, (*PERSON_DATA_COLUMNS, "signed_on"), path
    )
    notify_of_similar_ids(checked.rows["line_id"])
    return checked


def _checked_sheets(path: Path | None, encoding: str, reading: ReadingOptions) -> CheckedTable:
    if path is None:
        return check_table(SHEETS, pl.DataFrame(schema=SHEETS.schema))
    return read_checked_table(SHEETS, path, encoding, reading)


def _district_as_issued(lines: pl.DataFrame, inputs: Inputs) -> pl.Series:
    """Spell districts as the requirement does: other spellings are no other districts."""
    spread = spread_of(inputs.document("requirement"))
    known_ones = list(spread.minimums) if spread else []
    return spell_as_known(lines["district"], pl.Series(known_ones, dtype=pl.String))
