"""The act that matches the standing lines to the list of electors, and finds repeats."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from referendum.core.errors import OrderError
from referendum.core.schemas import ELECTORS
from referendum.flows.roll.copies import Pool, trace
from referendum.flows.sufficiency.sample import GATES_SCHEMA
from referendum.law import require_known
from referendum.matching import match_lines
from referendum.record.acts import Act
from referendum.record.frames import from_csv, public_tables, sealed_tables
from referendum.record.reading import Inputs
from referendum.record.stamps import Stamp
from referendum.record.writing import Derivation, Outputs, RecordWriter


def _match(inputs: Inputs, parameters: Mapping[str, Any]) -> Outputs:
    electors = inputs.table("electors", "electors.parquet")
    standing = standing_lines(inputs)
    keep_none = parameters.get("repeats") == "keep_none"
    if parameters.get("decoys"):
        pool = Pool.of(inputs)
        together = pl.concat([electors, _as_electors(pool)])
        matches = unlink_decoys(match_lines(standing, together, keep_none=keep_none), pool)
        tables = {
            "matches": matches,
            "copies": trace(pool, matches["decoy"].drop_nulls().to_list()),
        }
    else:
        matches = match_lines(standing, electors, keep_none=keep_none)
        tables = {"matches": matches}
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
        sealed_tables("matches", tables),
        public_tables("outcomes", {"outcomes": outcomes}),
    )
    return Outputs(drafts, facts)


def standing_lines(inputs: Inputs) -> pl.DataFrame:
    """Give the lines that failed no gate."""
    lines = inputs.table("lines", "lines.parquet")
    gates = from_csv(inputs.data("gates", "gates.csv"), GATES_SCHEMA)
    return lines.join(gates.filter(pl.col("gate").is_null()), on="serial", how="semi")


MADE_UP_NAME = pl.format("{} (made up)", "elector_id")
"""What a decoy is called beside electors, one of whom may have its number on a later list."""


def _as_electors(pool: Pool) -> pl.DataFrame:
    """Give all decoys that were made up, also those that no copy has.

    Lines that fit a decoy by accident fit these as often, and so accuse nobody.
    """
    return pool.decoys.select(ELECTORS.schema.names()).with_columns(elector_id=MADE_UP_NAME)


def unlink_decoys(matches: pl.DataFrame, pool: Pool) -> pl.DataFrame:
    """Unlink lines from decoys: such a line becomes not listed.

    Returns:
        The columns of `matches`, `decoy` (the number of the one that the line fits, or null) and
        `handed_out` (whether a copy has it).
    """
    names = pool.decoys.select(elector_id=MADE_UP_NAME, decoy="elector_id").with_columns(
        handed_out=pl.col("decoy").is_in(pool.dealt["elector_id"].implode())
    )
    marked = matches.join(names, on="elector_id", how="left", maintain_order="left")
    is_decoy = pl.col("decoy").is_not_null()
    return marked.with_columns(
        elector_id=pl.when(~is_decoy).then("elector_id"),
        listed=pl.when(is_decoy)
        .then((pl.col("listed") - pl.col("probability")).clip(0, 1).round(4))
        .otherwise("listed"),
        outcome=pl.when(is_decoy).then(pl.lit("not_listed")).otherwise("outcome"),
        repeat_of=pl.when(~is_decoy).then("repeat_of"),
    )


MATCHING = Derivation(
    kind="match",
    section=lambda statute, _: require_known(statute.repeats, "repeats").rule.cite,
    make=_match,
)


def match(record: RecordWriter, stamp: Stamp) -> Act:
    """Match the standing lines to the list of electors and to each other.

    Raises:
        OrderError: no line stands.
    """
    gates = record.standing("petition.gates", corrects=stamp.corrects)
    if gates is not None and gates.facts["standing"] == 0:
        raise OrderError(
            "no line stands after the gates: there is nothing to match",
            where=str(record.folder),
            hint="decide with: referendum decide --method preliminary_count",
        )
    statute = record.inputs(("statute",)).statute()
    parameters: dict[str, Any] = {}
    if any(act.kind == "roll.copy" for act in record.acts):
        parameters["decoys"] = True
    if require_known(statute.repeats, "repeats").rule.value == "keep_none":
        parameters["repeats"] = "keep_none"
    return record.derive(MATCHING, parameters, stamp)
