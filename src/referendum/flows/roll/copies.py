"""Copies of the list that are handed out with decoys, and the alarm that the decoys raise."""

import hashlib
import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import polars as pl

from referendum.core.errors import InputError
from referendum.core.schemas import ELECTORS
from referendum.record.acts import Act
from referendum.record.durable import write_file
from referendum.record.frames import encode_by_suffix, public_tables, sealed_tables
from referendum.record.reading import Inputs
from referendum.record.stamps import Stamp
from referendum.record.writing import Derivation, Made, RecordWriter
from referendum.roll import make_decoys

DECOYS_SCHEMA = pl.Schema([*ELECTORS.schema.items(), ("copy", pl.Int64())])


def hand_out_copy(
    record: RecordWriter, recipient: str, decoys: int, out: Path, stamp: Stamp
) -> Act:
    """Write a copy of the sealed list with its own decoys, and append the act that says who has it.

    Args:
        record: of the petition.
        recipient: an office or a party; it becomes public.
        decoys: number of decoys.
        out: file of the copy, Parquet if it is called so, else CSV; it holds personal data.
        stamp: of the act.

    Raises:
        InputError: `out` exists already, or the list is too short to hide the decoys.
    """
    record.allow("roll.copy", stamp)
    if out.exists():
        raise InputError("there is something here already", where=str(out))
    is_first = record.standing("roll.copy", corrects=stamp.corrects) is None
    inputs = record.reading("roll.copy", {}, stamp)
    electors = inputs.table("electors", "electors.parquet")
    earlier = (
        pl.DataFrame(schema=DECOYS_SCHEMA) if is_first else inputs.table("decoys", "decoys.parquet")
    )
    number = earlier["copy"].n_unique() + 1
    made = make_decoys(electors, earlier, decoys, number, secrets.randbits(128))
    copy = pl.concat([electors, made.drop("copy")]).sort("elector_id")
    data = encode_by_suffix(out, copy)
    facts = {
        "copy": number,
        "electors": electors.height,
        "decoys": made.height,
        "digest": f"sha256:{hashlib.sha256(data).hexdigest()}",
    }
    draft = sealed_tables("decoys", {"decoys": pl.concat([earlier, made])})
    made_act = Made((draft,), facts)
    write_file(out, data)
    with ExitStack() as undo:  # no copy may exist of which the record knows nothing
        undo.callback(out.unlink)
        act = record.receive("roll.copy", made_act, {"for": recipient}, stamp, inputs=inputs)
        undo.pop_all()
    return act


def _find_decoy_lines(inputs: Inputs, parameters: Mapping[str, Any]) -> Made:  # noqa: ARG001
    matches = inputs.table("matches", "matches.parquet")
    hits = matches.filter(pl.col("copy").is_not_null()).select("serial", "copy").sort("serial")
    counts = hits.group_by("copy").len().sort("copy")
    facts = {"lines": hits.height, "copies": {str(copy): n for copy, n in counts.iter_rows()}}
    return Made((public_tables("alarm", {"alarm": hits}),), facts)


ALARM = Derivation(
    kind="roll.alarm",
    section=lambda *_: "",
    make=_find_decoy_lines,
)


def raise_alarm(record: RecordWriter, stamp: Stamp) -> Act | None:
    """Append the act that names the copies whose decoys match lines; None if no decoy does."""
    inputs = record.inputs(("matches",))
    if not inputs.parameters("matches").get("decoys"):
        return None
    matches = inputs.table("matches", "matches.parquet")
    if matches["copy"].null_count() == matches.height:
        return None
    return record.derive(ALARM, {}, stamp)
