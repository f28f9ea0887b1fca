"""The petition: issued, received, passed through the gates."""

import secrets
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from referendum.core.days import last_day, read_date
from referendum.core.exact import as_text
from referendum.core.schemas import LINES, SHEETS
from referendum.core.tables import Checked, check
from referendum.flows.frames import from_parquet, public_tables, sealed_tables
from referendum.flows.intake import read_raw_table
from referendum.flows.record import Inputs
from referendum.flows.writing import Derivation, Made, RecordWriter, Stamp
from referendum.journal import Act
from referendum.law import Statute, known, requirement
from referendum.petition import gate_lines, not_applied, number_lines


def _issue(inputs: Inputs, parameters: Mapping[str, Any]) -> Made:
    statute = inputs.statute()
    needed = requirement(statute, parameters["proposal"], parameters["base_value"])
    first = read_date(parameters["first_day"], "first day")
    window = known(statute.collection, "collection").window_days.value
    document = {
        "proposal": parameters["proposal"],
        "base": needed.base,
        "base_value": needed.base_value,
        "share": as_text(needed.share),
        "rounding": needed.rounding,
        "product": as_text(needed.product),
        "required": needed.required,
        "issued_on": parameters["issued_on"],
        "first_day": first.isoformat(),
        "window_days": window,
        "last_day": last_day(first, window).isoformat(),
    }
    facts = {key: document[key] for key in ("required", "last_day")}
    return Made((public_tables("requirement", {}, document),), facts)


def _threshold_section(statute: Statute, parameters: Mapping[str, Any]) -> str:
    return statute.thresholds[parameters["proposal"]].share.cite


ISSUING = Derivation(
    kind="petition.issue",
    reads=lambda _: ("statute",),
    section=_threshold_section,
    make=_issue,
)


def issue_petition(
    record: RecordWriter,
    proposal: str,
    issued_on: date,
    first_day: date,
    base_value: int,
    stamp: Stamp,
) -> Act:
    """Issue the petition: what is required of it, and until when."""
    parameters = {
        "proposal": proposal,
        "issued_on": issued_on.isoformat(),
        "first_day": first_day.isoformat(),
        "base_value": base_value,
    }
    return record.derive(ISSUING, parameters, stamp)


def receive_petition(
    record: RecordWriter,
    lines: Path,
    sheets: Path | None,
    claimed: int | None,
    encoding: str,
    stamp: Stamp,
) -> Act:
    """Receive the lines keyed from the sheets and, where it was kept, the table of sheets.

    Raises:
        OrderError: the petition was not issued, so the lines could not pass the gates.
    """
    record.allow("petition.receive", stamp)
    record.inputs(("statute", "requirement"))
    checked = _checked_lines(lines, encoding)
    checked_sheets = _checked_sheets(sheets, encoding)
    nonce = secrets.token_hex(32)
    numbered = number_lines(checked.rows, nonce)
    aside = {"set_aside": checked.set_aside, "sheets_set_aside": checked_sheets.set_aside}
    faults = {"faults": checked.faults, "sheets_faults": checked_sheets.faults}
    tables = {"lines": numbered, "sheets": checked_sheets.rows, **aside, **faults}
    facts = {
        "lines": numbered.height,
        "sheets": checked_sheets.rows.height or numbered.get_column("sheet_id").n_unique(),
        "set_aside": checked.set_aside.height + checked_sheets.set_aside.height,
        "faults": _summed(checked.fault_counts(), checked_sheets.fault_counts()),
    }
    made = Made((sealed_tables("lines", tables, nonce),), facts)
    return record.receive("petition.receive", made, {"claimed": claimed}, stamp)


def _checked_lines(path: Path, encoding: str) -> Checked:
    raw = read_raw_table(path, encoding)
    return check(LINES, raw.frame, raw.broken)


def _checked_sheets(path: Path | None, encoding: str) -> Checked:
    if path is None:
        return check(SHEETS, pl.DataFrame(schema=SHEETS.schema))
    raw = read_raw_table(path, encoding)
    return check(SHEETS, raw.frame, raw.broken)


def _summed(*counts: dict[str, int]) -> dict[str, int]:
    codes = sorted({code for count in counts for code in count})
    return {code: sum(count.get(code, 0) for count in counts) for code in codes}


def _gates(inputs: Inputs, parameters: Mapping[str, Any]) -> Made:  # noqa: ARG001
    statute, issued = inputs.statute(), inputs.document("requirement")
    lines = from_parquet(inputs.data("lines", "lines.parquet"))
    sheets = from_parquet(inputs.data("lines", "sheets.parquet"))
    window = (read_date(issued["first_day"]), read_date(issued["last_day"]))
    codes = known(statute.gates, "gates").order.value
    gates = gate_lines(lines, sheets, codes, window)
    rejected = gates.drop_nulls("gate").group_by("gate").len().sort("gate")
    facts = {
        "lines": gates.height,
        "standing": gates.get_column("gate").null_count(),
        "rejected": dict(rejected.iter_rows()),
        "not_applied": not_applied(sheets, codes),
    }
    return Made((public_tables("gates", {"gates": gates}),), facts)


GATING = Derivation(
    kind="petition.gates",
    reads=lambda _: ("statute", "requirement", "lines"),
    section=lambda statute, _: known(statute.gates, "gates").order.cite,
    make=_gates,
)


def pass_gates(record: RecordWriter, stamp: Stamp) -> Act:
    """Pass the received lines through the statute's gates, in its order."""
    return record.derive(GATING, {}, stamp)
