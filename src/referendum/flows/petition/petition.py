"""The petition: issued, received, passed through the gates."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from referendum.core.calendar_days import Order
from referendum.core.days import is_before, read_date, read_span, window_end
from referendum.core.errors import InputError, LawError
from referendum.core.exact import as_text
from referendum.core.names import near_names
from referendum.core.schemas import LINES, SHEETS
from referendum.core.tables import Checked, Column, Reading, Table, as_spelt, check
from referendum.flows.petition.lines import Taken, with_sheets_spelt
from referendum.law import (
    DistributionRequirement,
    Statute,
    require_known,
    requirement,
    samples_by_district,
)
from referendum.petition import all_gates, gate_lines, not_applied, number_lines, single_name
from referendum.record.acts import Act
from referendum.record.frames import from_parquet, public_tables, sealed_tables
from referendum.record.reading import Inputs
from referendum.record.writing import Derivation, Made, RecordWriter, Stamp
from referendum.tables.headers import (
    DATA,
    NAMES,
    note_alike,
    require_no_sums,
    require_rows_at_all,
)
from referendum.tables.intake import how_read, read_checked, whole_table


def _issue(inputs: Inputs, parameters: Mapping[str, Any]) -> Made:
    statute = inputs.statute()
    needed = requirement(
        statute, parameters["proposal"], parameters["base_value"], parameters["districts"]
    )
    if needed.required < 1:
        raise InputError(
            f"{needed.required} signatures would be required",
            where=f"{statute.id}, {needed.kind}",
            hint="the base is too small: give what the act names with --base-value",
        )
    _require_districts(statute, parameters)
    first = read_date(parameters["first_day"], "first day")
    document = {
        "proposal": needed.kind,
        "base": needed.base,
        "base_value": needed.base_value,
        "share": _exact(needed.share),
        "rounding": needed.rounding,
        "product": _exact(needed.product),
        "required": needed.required,
        "spread": needed.spread and needed.spread.to_document(),
        "issued_on": parameters["issued_on"],
        "first_day": first.isoformat(),
        "window": _window(statute),
        "last_day": _last_day(statute, first, parameters["last_day"]).isoformat(),
    }
    facts = {key: document[key] for key in ("required", "last_day")}
    return Made((public_tables("requirement", {}, document),), facts)


def _require_districts(statute: Statute, parameters: Mapping[str, Any]) -> None:
    """See that no district can be left out: the statute or the office says how many there are."""
    bases, stated = parameters["districts"], parameters.get("districts_in_all")
    rule = statute.thresholds[parameters["proposal"]].distribution
    if bases is None or rule is None or rule.units is not None:
        if stated is not None:
            raise InputError(
                "the statute says how many districts there are, or asks nothing of them",
                where=statute.id,
                hint="leave out --districts-in-all",
            )
        return
    if stated is None:
        raise InputError(
            f"the statute does not say how many districts there are ({rule.unit.value})",
            where=statute.id,
            hint="state it with --districts-in-all N; a district left out could never fail",
        )
    if len(bases) != stated:
        raise InputError(
            f"{len(bases)} districts have a base, and {stated} are stated",
            where=statute.id,
            hint="every district needs a row in the table of --districts",
        )


def _exact(number: Fraction | None) -> str | None:
    return None if number is None else as_text(number)


def spread_of(issued: Mapping[str, Any]) -> DistributionRequirement | None:
    """Read what districts must give from `requirement.json`."""
    spread = issued["spread"]
    return spread and DistributionRequirement(
        spread["unit"], spread["need"], spread["minimums"], spread["cap"]
    )


def _window(statute: Statute) -> str | None:
    collection = statute.collection
    return collection.window.value if collection and collection.window else None


def _last_day(statute: Statute, first: date, given: str | None) -> date:
    """Give the last day of signing: by the statute's window, or as given where it has none."""
    window = _window(statute)
    if window is None and given is None:
        raise LawError(
            "the statute sets no length of time for signing",
            where=statute.id,
            hint="give the last day with --last-day",
        )
    if window is not None and given is not None:
        raise LawError(f"the statute's window is {window}: the last day follows from it")
    if given is not None:
        return read_date(given, "last day")
    counts = require_known(statute.collection, "collection").first_day_counts
    included = require_known(counts, "whether the first day of the window counts").value
    return window_end(first, read_span(window or ""), first_day_counts=included)


def _threshold_section(statute: Statute, parameters: Mapping[str, Any]) -> str:
    threshold = statute.thresholds[parameters["proposal"]]
    if threshold.number is not None:
        return threshold.number.cite
    return require_known(threshold.share, "the threshold").cite


ISSUING = Derivation(
    kind="petition.issue",
    section=_threshold_section,
    make=_issue,
)


@dataclass(frozen=True)
class Issue:
    """What a petition is issued with.

    Attributes:
        proposal: kind of proposal, as the statute names it.
        issued_on: day of issue.
        first_day: first day of signing.
        base_value: number that the threshold is a share of; the one that the statute file knows
            if not given.
        last_day: last day of signing, where the statute sets no length of time.
        districts: file of `district,base`, where each district must give a share of its own.
        districts_in_all: how many there are, where the statute does not say.
    """

    proposal: str
    issued_on: date
    first_day: date
    base_value: int | None = None
    last_day: date | None = None
    districts: Path | None = None
    districts_in_all: int | None = None


def issue_petition(record: RecordWriter, issue: Issue, stamp: Stamp) -> Act:
    """Issue the petition: what is required of it, and until when."""
    record.require_subject("petition")
    last = issue.last_day or date.max
    if not issue.issued_on <= issue.first_day <= last:
        raise InputError(
            f"issued on {issue.issued_on}, signed from {issue.first_day} to {issue.last_day}",
            hint="first it is issued, then signed; the first day is not after the last",
        )
    if issue.base_value is not None and issue.base_value < 1:
        raise InputError(
            f"a threshold cannot be a share of {issue.base_value}",
            hint="--base-value takes the number of votes or electors that the act names",
        )
    parameters: dict[str, Any] = {
        "proposal": issue.proposal,
        "issued_on": issue.issued_on.isoformat(),
        "first_day": issue.first_day.isoformat(),
        "last_day": issue.last_day and issue.last_day.isoformat(),
        "base_value": issue.base_value,
        "districts": read_district_bases(issue.districts) if issue.districts else None,
    }
    if issue.districts_in_all is not None:
        parameters["districts_in_all"] = issue.districts_in_all
    return record.derive(ISSUING, parameters, stamp)


DISTRICTS = Table(
    "districts",
    (
        Column("district", "name", "name of the district, as on the lines", required=True),
        Column("base", "integer", "what its share is taken of", required=True, least=1),
    ),
    key=("district",),
)


def read_district_bases(path: Path) -> dict[str, int]:
    """Read each district's base.

    Raises:
        InputError: a row cannot be used.
    """
    checked = read_checked(DISTRICTS, path, "utf-8")
    require_no_sums(checked, "district", (), (), path)
    rows = whole_table(checked, path, "every district must have its base")
    if rows.is_empty():
        raise InputError(
            "the table names no district", where=str(path), hint="one row for every district"
        )
    return dict(rows.sort("district").iter_rows())


def receive_petition(
    record: RecordWriter,
    lines: Path,
    sheets: Path | None,
    claimed: int | None,
    encoding: str,
    stamp: Stamp,
    *,
    dates: Order | None = None,
    accept: Sequence[str] = (),
) -> Act:
    """Receive the lines keyed from the sheets and, where it was kept, the table of sheets.

    Raises:
        OrderError: the petition was not issued, so the lines could not pass the gates.
        InputError: they came before it was issued or could be signed.
        InputError: much cannot be read, or a cell that a gate asks for, and that is not accepted.
    """
    record.allow("petition.receive", stamp)
    inputs = record.inputs(("statute", "requirement"))
    _require_issued(record, stamp)
    reading = Reading(dates, record.day(stamp))
    checked = _checked_lines(lines, encoding, reading)
    checked_sheets = _checked_sheets(sheets, encoding, reading)
    if sheets is not None:
        checked = with_sheets_spelt(checked, checked_sheets, lines)
    codes = require_known(inputs.statute().gates, "gates").order.value
    taken = Taken(codes, accept)
    rows, accepted = taken.lines(checked, lines, with_sheets=sheets is not None)
    read_sheets = checked_sheets.rows.with_columns(checked_sheets.unread())
    if sheets is not None:
        read_sheets, more = taken.sheets(checked_sheets, sheets)
        accepted += more
    nonce = secrets.token_hex(32)
    numbered = number_lines(rows.with_columns(_district_as_issued(rows, inputs)), nonce)
    aside = {"set_aside": checked.set_aside, "sheets_set_aside": checked_sheets.set_aside}
    faults = {
        "faults": checked.faults_and_columns(),
        "sheets_faults": checked_sheets.faults_and_columns(),
    }
    tables = {"lines": numbered, "sheets": read_sheets, **aside, **faults}
    facts = {
        "lines": numbered.height,
        "sheets": checked_sheets.rows.height,
        "set_aside": checked.set_aside.height + checked_sheets.set_aside.height,
        "faults": _summed(checked.fault_counts(), checked_sheets.fault_counts()),
    }
    made = Made((sealed_tables("lines", tables, nonce),), facts)
    parameters = {"claimed": claimed, **how_read([checked, checked_sheets], accepted)}
    return record.receive("petition.receive", made, parameters, stamp)


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
    _require_first_day(at, issued.parameters["first_day"], issued.number)


def _require_first_day(at: str, first_day: str, issue: int) -> None:
    if is_before(at, first_day):
        raise InputError(
            f"lines received on {at} came before {first_day}, the first day of signing",
            hint="give --at the day on which they came; if the first day is wrong, put the issue"
            f" right with: referendum petition issue --corrects {issue}",
        )


def _checked_lines(path: Path, encoding: str, reading: Reading) -> Checked:
    checked = read_checked(LINES, path, encoding, reading)
    require_rows_at_all(checked, "line", path)
    require_no_sums(checked, "line_id", NAMES, (*DATA, "signed_on"), path)
    note_alike(checked.rows["line_id"])
    return checked


def _checked_sheets(path: Path | None, encoding: str, reading: Reading) -> Checked:
    if path is None:
        return check(SHEETS, pl.DataFrame(schema=SHEETS.schema))
    return read_checked(SHEETS, path, encoding, reading)


def _district_as_issued(lines: pl.DataFrame, inputs: Inputs) -> pl.Series:
    """Spell districts as the requirement does: other spellings are no other districts."""
    spread = spread_of(inputs.document("requirement"))
    known_ones = list(spread.minimums) if spread else []
    return as_spelt(lines["district"], pl.Series(known_ones, dtype=pl.String))


def _summed(*counts: dict[str, int]) -> dict[str, int]:
    codes = sorted({code for count in counts for code in count})
    return {code: sum(count.get(code, 0) for count in counts) for code in codes}


UNKNOWN_DISTRICT = "unknown"


def _by_district(statute: Statute, issued: Mapping[str, Any]) -> bool:
    """Whether the petition is decided by district, so that each line's district is public."""
    return samples_by_district(statute) or issued["spread"] is not None


def _gates(inputs: Inputs, parameters: Mapping[str, Any]) -> Made:
    statute, issued = inputs.statute(), inputs.document("requirement")
    lines = from_parquet(inputs.data("lines", "lines.parquet"))
    sheets = from_parquet(inputs.data("lines", "sheets.parquet"))
    window = (read_date(issued["first_day"]), read_date(issued["last_day"]))
    codes = all_gates(require_known(statute.gates, "gates").order.value)
    listed = None
    if parameters.get("single_names"):
        listed = single_name(from_parquet(inputs.data("electors", "electors.parquet")))
    gates = gate_lines(lines, sheets, codes, window, listed)
    rejected = gates.drop_nulls("gate").group_by("gate").len().sort("gate")
    facts = {
        "lines": gates.height,
        "standing": gates.get_column("gate").null_count(),
        "rejected": dict(rejected.iter_rows()),
        "not_applied": not_applied(sheets, codes),
    }
    tables = {"gates": gates}
    if _by_district(statute, issued):
        tables["districts"] = lines.select(
            "serial", pl.col("district").fill_null(UNKNOWN_DISTRICT)
        ).sort("serial")
        _require_bases(tables["districts"], issued)
    return Made((public_tables("gates", tables),), facts)


def _require_bases(lines: pl.DataFrame, issued: Mapping[str, Any]) -> None:
    """See that every district with lines has a base: one left out would never fail.

    Raises:
        InputError: one has none.
    """
    spread = spread_of(issued)
    if spread is None or not spread.minimums:
        return
    found = set(lines.get_column("district")) - {UNKNOWN_DISTRICT, *spread.minimums}
    if found:
        strange = min(found)
        near = near_names(strange, list(spread.minimums))
        perhaps = f"perhaps {', '.join(near)}; " if near else ""
        raise InputError(
            f"lines are of the district {strange!r}, which has no base",
            hint=f"{perhaps}every district needs one: referendum petition issue --districts FILE",
        )


GATING = Derivation(
    kind="petition.gates",
    section=lambda statute, _: require_known(statute.gates, "gates").order.cite,
    make=_gates,
)


def pass_gates(record: RecordWriter, stamp: Stamp) -> Act:
    """Pass the received lines through the statute's gates, in its order.

    Whether a line of one name is of a person who has no other, the sealed list says.

    Raises:
        InputError: the lines came before the first day of signing.
    """
    received = record.standing("petition.receive", corrects=stamp.corrects)
    issued = record.standing("petition.issue", corrects=stamp.corrects)
    if received and issued:
        _require_first_day(received.at, issued.parameters["first_day"], issued.number)
    parameters: dict[str, Any] = {}
    if record.standing("roll.seal") is not None:
        inputs = record.inputs(("lines", "electors"))
        written, listed = (
            single_name(from_parquet(inputs.data(name, f"{name}.parquet"))).drop_nulls()
            for name in ("lines", "electors")
        )
        if written.is_in(listed.implode()).any():
            parameters["single_names"] = True
    return record.derive(GATING, parameters, stamp)
