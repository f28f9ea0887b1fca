"""The act that passes the lines of all deliveries through the gates of the statute."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from referendum.core.days import read_date
from referendum.core.errors import InputError, OrderError
from referendum.core.names import suggest_names
from referendum.core.printing import quantity
from referendum.flows.petition.issue import read_distribution, require_first_day
from referendum.law import Statute, require_known, samples_by_district
from referendum.petition import (
    all_gates,
    gate_lines,
    gates_not_applied,
    single_name_keys,
)
from referendum.record.acts import Act
from referendum.record.frames import public_tables
from referendum.record.reading import Inputs
from referendum.record.stamps import Stamp
from referendum.record.writing import Derivation, Outputs, RecordWriter

UNKNOWN_DISTRICT = "unknown"


def is_decided_by_district(statute: Statute, issued: Mapping[str, Any]) -> bool:
    """Whether the petition is decided by district, so that each line's district is public."""
    return samples_by_district(statute) or issued["spread"] is not None


def _pass_gates(inputs: Inputs, parameters: Mapping[str, Any]) -> Outputs:
    statute, issued = inputs.statute(), inputs.document("requirement")
    lines = inputs.table("lines", "lines.parquet")
    sheets = inputs.table("lines", "sheets.parquet")
    window = (read_date(issued["first_day"]), read_date(issued["last_day"]))
    codes = all_gates(require_known(statute.gates, "gates").order.value)
    single_names = None
    if parameters.get("single_names"):
        single_names = single_name_keys(inputs.table("electors", "electors.parquet"))
    gates = gate_lines(lines, sheets, codes, window, single_names)
    rejected = gates.drop_nulls("gate").group_by("gate").len().sort("gate")
    facts = {
        "lines": gates.height,
        "standing": gates.get_column("gate").null_count(),
        "rejected": dict(rejected.iter_rows()),
        "not_applied": gates_not_applied(sheets, codes),
    }
    tables = {"gates": gates}
    if is_decided_by_district(statute, issued):
        tables["districts"] = lines.select(
            "serial", pl.col("district").fill_null(UNKNOWN_DISTRICT)
        ).sort("serial")
        _require_district_bases(tables["districts"], issued)
    return Outputs((public_tables("gates", tables),), facts)


def _require_district_bases(lines: pl.DataFrame, issued: Mapping[str, Any]) -> None:
    """Require that every district with lines has a base: one that is left out could never fail.

    Raises:
        InputError: one has none.
    """
    distribution = read_distribution(issued)
    if distribution is None or not distribution.minimums:
        return
    known = [UNKNOWN_DISTRICT, *distribution.minimums]
    strange = lines.filter(~pl.col("district").is_in(known)).get_column("district")
    if not strange.is_empty():
        near = suggest_names(strange.sort()[0], list(distribution.minimums))
        perhaps = f"perhaps {', '.join(near)} is meant; " if near else ""
        raise InputError(
            f"{quantity(len(strange), 'line')} of {quantity(strange.n_unique(), 'district')}"
            " without a base",
            hint=f"{perhaps}every district needs one: if the issue left it out, put it right with"
            " petition issue … --districts FILE --corrects ACT --reason 'what was wrong'",
        )


GATING = Derivation(
    kind="petition.gates",
    section=lambda statute, _: require_known(statute.gates, "gates").order.cite,
    make=_pass_gates,
)


def pass_gates(record: RecordWriter, stamp: Stamp) -> Act:
    """Pass the lines of all deliveries through the statute's gates, in its order.

    If the list of electors is sealed, it says which people have only one name.

    Raises:
        InputError: lines came before the first day of signing.
        OrderError: no delivery stands, or all lines still wait to be numbered.
    """
    standing = record.standings.without(stamp.corrects)
    if issued := standing.latest("petition.issue"):
        for received in standing.all_of("petition.receive"):
            require_first_day(received.at, issued.parameters["first_day"], issued.number)
    if standing.bundles("lines_waiting", {}) and not standing.bundles("lines", {}):
        raise OrderError(
            "all lines that came wait to be numbered: too few have come",
            where=str(record.folder),
            hint="receive more, or number them with: referendum petition receive"
            f" {record.folder} --number-alone 'why among so few'",
        )
    parameters: dict[str, Any] = {}
    if record.standing("roll.seal") is not None:
        inputs = record.inputs(("lines", "electors"))
        written, listed = (
            single_name_keys(inputs.table(name, f"{name}.parquet")).drop_nulls()
            for name in ("lines", "electors")
        )
        if written.is_in(listed.implode()).any():
            parameters["single_names"] = True
    return record.derive(GATING, parameters, stamp)
