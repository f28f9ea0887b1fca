"""The receipt of lines, delivery by delivery, and the public number that each line gets."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from referendum.core.days import is_before
from referendum.core.errors import InputError
from referendum.core.progress import notify
from referendum.core.schemas import LINES, SHEETS
from referendum.core.tables import CheckedTable, ReadingOptions, check_table, spell_as_known
from referendum.core.written_days import DayOrder
from referendum.flows.petition.deliveries import (
    fault_counts,
    require_new_lines,
    require_sheets_table_as_before,
    sum_counts,
    waiting_lines,
)
from referendum.flows.petition.fallen import acts_received_again, left_out_parameters
from referendum.flows.petition.gates import is_decided_by_district
from referendum.flows.petition.issue import read_distribution, require_first_day
from referendum.flows.petition.lines import GateRequirements, hold_districts, respell_sheet_ids
from referendum.flows.petition.totals import next_serial
from referendum.law import require_known
from referendum.petition import (
    FEWEST_NUMBERED,
    number_lines,
)
from referendum.record.acts import Act
from referendum.record.frames import sealed_tables
from referendum.record.reading import Inputs
from referendum.record.stamps import Stamp
from referendum.record.writing import Outputs, RecordWriter
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
class Delivery:
    """A delivery as it was read.

    Attributes:
        lines, sheets: the rows that can be used.
        faulty: the rows that were set aside, and the faults, by name of the table.
        parameters: of the act: how the delivery was read, and how many lines are claimed.
    """

    lines: pl.DataFrame
    sheets: pl.DataFrame
    faulty: dict[str, pl.DataFrame]
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Reasons:
    """Why few lines are numbered all the same, each a text that becomes public, or None.

    Attributes:
        number_alone: though they are so few.
        left_out: though lines of deliveries that fell are missing.
    """

    number_alone: str | None = None
    left_out: str | None = None


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
    left_out: str | None = None,
) -> Act:
    """Receive a delivery: lines keyed from sheets and, where it was kept, the table of the sheets.

    Args:
        record: of the petition.
        lines: their table; None to number the lines that wait, though no more have come.
        sheets: their table.
        claimed: number of lines in the delivery, as the proponent states it.
        encoding: of both files.
        stamp: of the act.
        dates: whether the day or the month comes first, where a column leaves it open.
        accept: columns, or `rows`, that the office accepts as they are.
        number_alone: why so few lines are numbered all the same; it becomes public.
        left_out: why they are numbered though lines of deliveries that fell are missing.

    Raises:
        OrderError: the petition was not issued, a draw or a decision stands, or lines are missing
            and few are to be numbered.
        InputError: the lines came before the issue or the first day of signing; a line or a sheet
            has come before; only some deliveries have a table of sheets; or much cannot be read,
            or a cell that a gate asks for, and that is not accepted.
    """
    record.require_allowed("petition.receive", stamp)
    issued = record.inputs(("statute", "requirement"))
    _require_issued(record, stamp)
    delivery = _read_delivery(record, (lines, sheets), encoding, (dates, accept), stamp)
    if lines is None:
        _require_lines_to_number(record, stamp, number_alone)
    else:
        require_new_lines(record, stamp, delivery.lines, delivery.sheets, lines)
        require_sheets_table_as_before(record, stamp, delivery.sheets, lines)
    again = acts_received_again(record, stamp, delivery.lines["line_id"].to_list())
    said = {"claimed": claimed, **delivery.parameters} | ({"lines_of": again} if again else {})
    delivery = replace(delivery, parameters=said)
    return append_delivery(record, issued, delivery, stamp, Reasons(number_alone, left_out))


def append_delivery(
    record: RecordWriter,
    issued: Inputs,
    delivery: Delivery,
    stamp: Stamp,
    reasons: Reasons,
) -> Act:
    """Number the lines together with those that wait, or let them wait; then append the act.

    Fewer than `FEWEST_NUMBERED` lines wait, unless the office says why they do not.
    """
    waiting = waiting_lines(record, stamp)
    earlier = [part.table("lines_waiting", "lines.parquet") for part in waiting]
    lines = pl.concat([delivery.lines, *earlier], how="vertical_relaxed")
    are_few = lines.height < FEWEST_NUMBERED
    parameters = dict(delivery.parameters)
    if are_few and reasons.number_alone is None:
        if reasons.left_out is not None:
            raise InputError("these lines wait, and leave nothing out", hint="without --left-out")
        parameters["waits"] = True
        made = _keep_waiting(delivery)
    else:
        if are_few:
            again = parameters.get("lines_of", [])
            parameters["numbered_alone"] = reasons.number_alone
            parameters |= left_out_parameters(record, stamp, reasons.left_out, again)
        elif reasons.left_out is not None:
            raise InputError(
                f"{lines.height:,} lines are not few: they are numbered whatever is missing",
                hint="without --left-out",
            )
        made = _number_delivery(record, issued, delivery, waiting, lines)
    reads = record.find_inputs("petition.receive", parameters, stamp)
    return record.receive("petition.receive", made, parameters, stamp, inputs=reads)


def _require_lines_to_number(record: RecordWriter, stamp: Stamp, number_alone: str | None) -> None:
    waiting = waiting_lines(record, stamp)
    if waiting and number_alone is not None:
        return
    lacks = "no reason to number those that wait" if waiting else "none wait to be numbered"
    raise InputError(
        f"no table of lines is given, and {lacks}",
        hint="name the table; or number what waits with --number-alone 'why among so few'",
    )


def _keep_waiting(delivery: Delivery) -> Outputs:
    """Keep the lines until there are more; their counts are stated with those of the others."""
    tables = {"lines": delivery.lines, "sheets": delivery.sheets, **delivery.faulty}
    facts = {
        "first": None,
        "lines": delivery.lines.height,
        "sheets": delivery.sheets.height,
        "set_aside": None,
        "faults": None,
    }
    draft = sealed_tables("lines_waiting", tables, secrets.token_hex(32))
    return Outputs((draft,), facts)


def _number_delivery(
    record: RecordWriter,
    issued: Inputs,
    delivery: Delivery,
    waiting: Sequence[Inputs],
    lines: pl.DataFrame,
) -> Outputs:
    """Number the lines of a delivery and those that waited, mixed with one another."""
    nonce, first = secrets.token_hex(32), next_serial(record)
    numbered = number_lines(
        lines.with_columns(_spell_districts_as_issued(lines, issued)), nonce, first
    )
    waited = [part.table("lines_waiting", "sheets.parquet") for part in waiting]
    sheets = pl.concat([delivery.sheets, *waited], how="vertical_relaxed")
    tables = {"lines": numbered, "sheets": sheets, **delivery.faulty}
    earlier = [
        {name: part.table("lines_waiting", f"{name}.parquet") for name in delivery.faulty}
        for part in waiting
    ]
    faulty = [delivery.faulty, *earlier]
    facts = {
        "first": first,
        "lines": numbered.height,
        "sheets": sheets.height,
        "set_aside": sum(
            part["set_aside"].height + part["sheets_set_aside"].height for part in faulty
        ),
        "faults": sum_counts(*(fault_counts(part) for part in faulty)),
    }
    return Outputs((sealed_tables("lines", tables, nonce),), facts)


def _read_delivery(
    record: RecordWriter,
    paths: tuple[Path | None, Path | None],
    encoding: str,
    how: tuple[DayOrder | None, Sequence[str]],
    stamp: Stamp,
) -> Delivery:
    """Read the tables of a delivery; a table without a file is empty."""
    (lines, sheets), (dates, accept) = paths, how
    reading = ReadingOptions(dates, record.day(stamp))
    checked = _hold_districts_to_list(record, _read_lines(lines, encoding, reading))
    checked_sheets = _read_sheets(sheets, encoding, reading)
    rows, accepted = checked.rows.with_columns(checked.unreadable_columns()), list[str]()
    read_sheets = checked_sheets.rows.with_columns(checked_sheets.unreadable_columns())
    if lines is not None:
        if sheets is not None:
            checked = respell_sheet_ids(checked, checked_sheets, lines)
        codes = require_known(record.inputs(("statute",)).statute().gates, "gates").order.value
        requirements = GateRequirements(codes, accept)
        rows, accepted = requirements.lines(checked, lines, with_sheets=sheets is not None)
        if sheets is not None:
            read_sheets, accepted_of_sheets = requirements.sheets(checked_sheets, sheets)
            accepted = [*accepted, *accepted_of_sheets]
    faulty = {
        "set_aside": checked.set_aside,
        "sheets_set_aside": checked_sheets.set_aside,
        "faults": checked.faults_and_columns(),
        "sheets_faults": checked_sheets.faults_and_columns(),
    }
    return Delivery(
        rows, read_sheets, faulty, reading_parameters([checked, checked_sheets], accepted)
    )


def _require_issued(record: RecordWriter, stamp: Stamp) -> None:
    """Require that the lines came after the issue, and not before the first day of signing.

    Raises:
        InputError: they came before.
    """
    at, issued = record.at(stamp), require_known(record.standing("petition.issue"), "the issue")
    if is_before(at, issued.at):
        raise InputError(
            f"lines received on {at} came before the petition was issued, on {issued.at} (act"
            f" {issued.number})",
            hint="give --at the day on which they came; only if the day of the issue is wrong, put"
            f" it right first: referendum petition issue {record.folder} … --corrects"
            f" {issued.number} --reason 'what was wrong'",
        )
    require_first_day(at, issued.parameters["first_day"], issued.number)


def _read_lines(path: Path | None, encoding: str, reading: ReadingOptions) -> CheckedTable:
    if path is None:
        return check_table(LINES, pl.DataFrame(schema=LINES.schema))
    checked = read_checked_table(LINES, path, encoding, reading)
    require_any_row(checked, "line", path)
    require_no_sums(
        checked, "line_id", PERSON_NAME_COLUMNS, (*PERSON_DATA_COLUMNS, "signed_on"), path
    )
    notify_of_similar_ids(checked.rows["line_id"])
    return checked


def _read_sheets(path: Path | None, encoding: str, reading: ReadingOptions) -> CheckedTable:
    if path is None:
        return check_table(SHEETS, pl.DataFrame(schema=SHEETS.schema))
    return read_checked_table(SHEETS, path, encoding, reading)


def _hold_districts_to_list(record: RecordWriter, checked: CheckedTable) -> CheckedTable:
    """Hold districts of lines, where they become public, to those of the electors and the issue."""
    issued = record.inputs(("statute", "requirement"))
    requirement = issued.document("requirement")
    if not is_decided_by_district(issued.statute(), requirement):
        return checked
    distribution = read_distribution(requirement)
    known = pl.Series("district", list(distribution.minimums) if distribution else [], pl.String)
    if record.standing("roll.seal") is not None:
        electors = record.inputs(("electors",)).table("electors", "electors.parquet")
        known = pl.concat([known, electors["district"].drop_nulls()])
    known = known.unique(maintain_order=True)
    if known.is_empty():
        notify(
            "districts of lines become public as they are written here: seal a list of electors"
            " that has the column district first, and they are held to its districts"
        )
    return hold_districts(checked, known)


def _spell_districts_as_issued(lines: pl.DataFrame, inputs: Inputs) -> pl.Series:
    """Spell districts as the requirement does, so that another spelling is no other district."""
    distribution = read_distribution(inputs.document("requirement"))
    districts = list(distribution.minimums) if distribution else []
    return spell_as_known(lines["district"], pl.Series(districts, dtype=pl.String))
