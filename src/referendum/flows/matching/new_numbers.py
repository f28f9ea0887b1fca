"""Lines that were matched before get other numbers, so that the two matches cannot be compared."""

from dataclasses import replace

import polars as pl

from referendum.flows.matching.match import match
from referendum.flows.petition.deliveries import waiting_lines
from referendum.flows.petition.gates import pass_gates
from referendum.flows.petition.receiving import Delivery, Reasons, append_delivery
from referendum.record.acts import Act
from referendum.record.reading import Inputs
from referendum.record.stamps import Stamp
from referendum.record.writing import RecordWriter

TABLES_OF_FAULTS = ("set_aside", "sheets_set_aside", "faults", "sheets_faults")

NOT_REPEATED = ("waits", "numbered_alone", "lines_of", "lines_left_out")
"""Parameters of a delivery that are found again where it is numbered afresh."""


def match_under_new_numbers(record: RecordWriter, stamp: Stamp) -> list[Act]:
    """Match the standing lines, which get other numbers first if a match of them has fallen.

    Two public tables of outcomes under the same numbers would show, line by line, what a correction
    of the list of electors changed, and so what the one elector signed who was struck from it.

    Returns:
        The acts that were appended, the match last.
    """
    again = _deliveries_matched_before(record, stamp)
    if not again:
        record.signers_for("match", "roll.alarm")
        return [match(record, stamp)]
    record.signers_for("petition.receive", "petition.gates", "match", "roll.alarm")
    reason = stamp.reason or "the lines get other numbers, since their match was put right"
    acts = [_number_afresh(record, act, reason) for act in again]
    acts.append(pass_gates(record, stamp.for_next_act()))
    return [*acts, match(record, stamp.for_next_act())]


def _deliveries_matched_before(record: RecordWriter, stamp: Stamp) -> list[Act]:
    """Give the deliveries that stand and were read by a match that stands no longer."""
    standing = record.standings.without(stamp.corrects)
    matches = (act for act in record.acts if act.kind == "match" and act.number in standing.causes)
    read = {one for act in matches for one in standing.read_by(act).get("lines", ())}
    again = (one for one in standing.bundles("lines", {}) if one in read)
    return standing.writers({"lines": tuple(again)})


def _number_afresh(record: RecordWriter, act: Act, reason: str) -> Act:
    """Put a delivery right by itself, under other numbers; lines that waited for it come again."""
    delivered = Inputs(record.bundles, {one.kind: (one,) for one in act.writes})
    lines, sheets = (delivered.table("lines", f"{name}.parquet") for name in ("lines", "sheets"))
    waited = Inputs(record.bundles, record.standings.read_by(act))
    if "lines_waiting" in waited.bundles:
        lines = _without(lines, waited.table("lines_waiting", "lines.parquet"), "line_id")
        sheets = _without(sheets, waited.table("lines_waiting", "sheets.parquet"), "sheet_id")
    stamp = Stamp(corrects=act.number, reason=reason)
    if len(waiting_lines(record, stamp)) == len(waited.bundles.get("lines_waiting", ())):
        stamp = replace(stamp, at=act.at)  # no lines that came later are numbered with these
    faulty = {name: delivered.table("lines", f"{name}.parquet") for name in TABLES_OF_FAULTS}
    said = {name: value for name, value in act.parameters.items() if name not in NOT_REPEATED}
    return append_delivery(
        record,
        record.inputs(("statute", "requirement")),
        Delivery(lines.drop("serial"), sheets, faulty, said),
        stamp,
        Reasons(act.parameters.get("numbered_alone"), act.parameters.get("lines_left_out")),
    )


def _without(rows: pl.DataFrame, others: pl.DataFrame, key: str) -> pl.DataFrame:
    return rows.join(others.select(key), on=key, how="anti", maintain_order="left")
