"""Lines matched to the list of electors, repeats found."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from referendum.flows.frames import from_csv, from_parquet, public_tables, sealed_tables
from referendum.flows.record import Inputs
from referendum.flows.sufficiency import GATES
from referendum.flows.writing import Derivation, Made, RecordWriter, Stamp
from referendum.journal import Act
from referendum.law import known
from referendum.matching import match_lines


def _match(inputs: Inputs, parameters: Mapping[str, Any]) -> Made:  # noqa: ARG001
    electors = from_parquet(inputs.data("electors", "electors.parquet"))
    lines = from_parquet(inputs.data("lines", "lines.parquet"))
    gates = from_csv(inputs.data("gates", "gates.csv"), GATES)
    standing = lines.join(gates.filter(pl.col("gate").is_null()), on="serial", how="semi")
    rule = known(inputs.statute().repeats, "repeats").rule.value
    matches = match_lines(standing, electors, keep_none=rule == "keep_none")
    outcomes = matches.select("serial", "outcome")
    counts = dict(outcomes.group_by("outcome").len().iter_rows())
    facts = {
        "standing": outcomes.height,
        "listed": counts.get("listed", 0),
        "not_listed": counts.get("not_listed", 0),
        "unsure": counts.get("unsure", 0),
        "repeats": counts.get("repeat", 0),
    }
    drafts = (
        sealed_tables("matches", {"matches": matches}),
        public_tables("outcomes", {"outcomes": outcomes}),
    )
    return Made(drafts, facts)


MATCHING = Derivation(
    kind="match",
    reads=lambda _: ("electors", "lines", "gates"),
    section=lambda statute, _: known(statute.repeats, "repeats").rule.cite,
    make=_match,
)


def match(record: RecordWriter, stamp: Stamp) -> Act:
    """Match the standing lines to the list of electors and to each other."""
    return record.derive(MATCHING, {}, stamp)
