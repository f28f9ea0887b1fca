"""Returns received and reconciled; the result declared."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from referendum.core.errors import InputError
from referendum.core.tables import check
from referendum.count import (
    ELECTORS_BY_DISTRICT,
    FORMATS,
    RETURNS,
    Format,
    compare_entries,
    count_result,
    in_own_words,
    reconcile,
    returns_of,
    warnings,
)
from referendum.flows.frames import from_csv, public_tables
from referendum.flows.intake import read_raw_table
from referendum.flows.record import Inputs
from referendum.flows.writing import Derivation, Made, RecordWriter, Stamp
from referendum.journal import Act
from referendum.law import known


@dataclass(frozen=True)
class Delivery:
    """Files of returns as they come.

    Attributes:
        returns: the polling places' numbers.
        electors: electors by district, where known.
        format: how the columns are named (`count.FORMATS`).
        scope: which votes these are, in words.
        provisional: whether more returns or corrections are to come.
        encoding: of CSV files.
    """

    returns: Path
    electors: Path | None
    format: str
    scope: str
    provisional: bool
    encoding: str = "utf-8"


def check_returns(delivery: Delivery, second: Path | None) -> pl.DataFrame:
    """Look at returns before they are received: what must be mended, and what explained.

    Args:
        delivery: the files.
        second: the same forms, entered by another person.

    Returns:
        `region`, `district`, `place`, `code` (of `count.ENTRY_RULES`), `figures`.
    """
    columns = FORMATS[delivery.format]
    raw = read_raw_table(delivery.returns, delivery.encoding)
    own = returns_of(raw.frame, columns)
    reconciled = reconcile(own, raw.broken)
    aside = reconciled.set_aside.select(
        *RETURNS.key, "code", figures=pl.col("column") + " " + pl.col("value").fill_null("-")
    )
    found = [aside, warnings(reconciled.returns, _electors(delivery, columns))]
    if second is not None:
        other = returns_of(read_raw_table(second, delivery.encoding).frame, columns)
        key = list(RETURNS.schema)
        found.append(compare_entries(own.select(key), other.select(key)))
    return pl.concat(found)


def receive_returns(record: RecordWriter, delivery: Delivery, stamp: Stamp) -> Act:
    """Receive returns; rows that do not add up are set aside with a reason.

    Raises:
        LawError: the record's statute does not say how a vote is decided.
    """
    record.require_subject("vote")
    record.allow("returns.receive", stamp)
    known(record.inputs(("statute",)).statute().vote, "how a vote is decided")
    columns = FORMATS[delivery.format]
    raw = read_raw_table(delivery.returns, delivery.encoding)
    reconciled = reconcile(returns_of(raw.frame, columns), raw.broken)
    electors = _electors(delivery, columns)
    tables = {
        "returns": reconciled.returns,
        "set_aside": reconciled.set_aside,
        "electors": electors,
    }
    facts = {
        "places": reconciled.returns.height,
        "set_aside": reconciled.set_aside.height,
        "total": int(reconciled.returns.get_column("total").sum()),
    }
    parameters = {
        "format": delivery.format,
        "scope": delivery.scope,
        "provisional": delivery.provisional,
    }
    made = Made((public_tables("returns", tables),), facts)
    return record.receive("returns.receive", made, parameters, stamp)


def _electors(delivery: Delivery, columns: Format) -> pl.DataFrame:
    if delivery.electors is None:
        return pl.DataFrame(schema=ELECTORS_BY_DISTRICT.schema)
    raw = read_raw_table(delivery.electors, delivery.encoding)
    frame = in_own_words(raw.frame, columns.electors)
    checked = check(ELECTORS_BY_DISTRICT, frame, raw.broken)
    if not checked.set_aside.is_empty():
        row, code = checked.set_aside.select("row", "code").row(0)
        raise InputError(
            f"{checked.set_aside.height} rows cannot be used; the first is row {row}: {code}",
            where=str(delivery.electors),
            hint="turnout needs the electors of every district",
        )
    return checked.rows.sort("region", "district")


def _count(inputs: Inputs, parameters: Mapping[str, Any]) -> Made:  # noqa: ARG001
    rule = known(inputs.statute().vote, "how a vote is decided")
    returns = from_csv(inputs.data("returns", "returns.csv"), RETURNS.schema)
    electors = from_csv(inputs.data("returns", "electors.csv"), ELECTORS_BY_DISTRICT.schema)
    received = inputs.parameters("returns")
    result = count_result(returns, electors, rule)
    document = {
        "places": returns.height,
        "set_aside": inputs.rows("returns", "set_aside.csv"),
        "provisional": received["provisional"],
        "scope": received["scope"],
        "rule": rule.cite,
        **result.document(),
    }
    facts = {"yes": result.totals["yes"], "no": result.totals["no"], "carried": result.carried}
    tables = {"regions": result.regions, "districts": result.districts}
    return Made((public_tables("result", tables, document),), facts)


COUNTING = Derivation(
    kind="result",
    reads=lambda _: ("statute", "returns"),
    section=lambda statute, _: known(statute.vote, "how a vote is decided").cite,
    make=_count,
)


def declare_result(record: RecordWriter, stamp: Stamp) -> Act:
    """Declare the result under the vote rule."""
    return record.derive(COUNTING, {}, stamp)
