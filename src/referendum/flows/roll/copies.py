"""Copies of the list that are handed out with decoys, and the alarm that the decoys raise."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from referendum.core.errors import InputError
from referendum.core.schemas import ELECTORS
from referendum.record.acts import Act
from referendum.record.durable import write_new_file
from referendum.record.frames import encode_by_suffix, public_tables, sealed_tables
from referendum.record.reading import Inputs
from referendum.record.stamps import Stamp
from referendum.record.writing import Derivation, Outputs, RecordWriter
from referendum.roll import has_gaps, make_decoys, put_together
from referendum.roll.tracing import Hand, deal, name_copies, pool_sizes

DECOYS_SCHEMA = pl.Schema([*ELECTORS.schema.items(), ("copy", pl.Int64())])
POOL_SCHEMA = pl.Schema(
    [*ELECTORS.schema.items(), ("after", pl.String()), ("shared", pl.Boolean())]
)
DRAWN_FROM_SCHEMA = pl.Schema({"copy": pl.Int64(), "elector_id": pl.String()})

_SCHEMAS = (POOL_SCHEMA, DECOYS_SCHEMA, DRAWN_FROM_SCHEMA)

COLUMNS = (
    "elector_id", "given_names", "surname", "unit", "street_number", "street", "locality",
    "postal_code", "district",
)  # fmt: skip
"""What a copy holds unless somebody says otherwise: who is on the list, and where they live."""


@dataclass(frozen=True)
class Pool:
    """All decoys that were ever made up, and who got which.

    Attributes:
        decoys: `POOL_SCHEMA`.
        dealt: `DECOYS_SCHEMA`: each as often as copies have it.
        drawn_from: `DRAWN_FROM_SCHEMA`: the decoys that each copy could get.
    """

    decoys: pl.DataFrame
    dealt: pl.DataFrame
    drawn_from: pl.DataFrame

    @classmethod
    def of(cls, inputs: Inputs) -> "Pool":
        """Read the pool; an empty one if no copy was handed out yet."""
        if "decoys" not in inputs.bundles:
            return cls(*(pl.DataFrame(schema=one) for one in _SCHEMAS))
        names = ("pool", "decoys", "drawn_from")
        return cls(*(inputs.table("decoys", f"{name}.parquet") for name in names))

    def hands(self) -> dict[int, Hand]:
        """Give what each copy has, and what it could have."""
        shared = set(self.decoys.filter("shared")["elector_id"])
        dealt = dict(self.dealt.group_by("copy").agg("elector_id").iter_rows())
        hands = {}
        for copy, could in self.drawn_from.group_by("copy").agg("elector_id").iter_rows():
            pools = frozenset(could) - shared, frozenset(could) & shared
            hands[copy] = Hand(pools, frozenset(dealt[copy]))
        return hands


def hand_out_copy(
    record: RecordWriter,
    recipient: str,
    decoys: int | None,
    out: Path,
    stamp: Stamp,
    *,
    columns: Sequence[str] = COLUMNS,
    renumber: bool = False,
) -> Act:
    """Write a copy of the sealed list with its own decoys, and append the act that says who has it.

    Args:
        record: of the petition.
        recipient: an office or a party; it becomes public.
        decoys: how many; None for one among 200 electors, and at least 20.
        out: file of the copy, Parquet if it is called so, else CSV; it holds personal data.
        stamp: of the act.
        columns: of the list, that the copy holds.
        renumber: give all rows other numbers, which this copy alone has.

    Raises:
        InputError: `out` is there already, or the list has no such column or cannot hide decoys.
    """
    record.require_allowed("roll.copy", stamp)
    if out.exists():
        raise InputError("there is something here already", where=str(out))
    compared_words = _require_columns(columns)
    inputs = record.find_inputs("roll.copy", {}, stamp)
    electors = inputs.table("electors", "electors.parquet")
    count = decoys or _usual(electors.height)
    by_number = "elector_id" in compared_words and not renumber
    rng = np.random.default_rng(secrets.randbits(128))
    number = 1 + sum(act.kind == "roll.copy" for act in record.acts)
    pool, drawn = _deal(Pool.of(inputs), electors, count, number, rng, by_number=by_number)
    own = pool.decoys.join(drawn, on="elector_id", how="semi")
    copy = put_together(electors, own)
    tables = {"decoys": pool.dealt, "pool": pool.decoys, "drawn_from": pool.drawn_from}
    if renumber:
        width = len(str(copy.height))
        fresh = pl.Series("number", [f"{row:0{width}}" for row in range(1, copy.height + 1)])
        tables["numbers"] = copy.select("elector_id", fresh)
        copy = copy.with_columns(elector_id=fresh)
    data = encode_by_suffix(out, copy.select(compared_words))
    facts = {
        "copy": number,
        "electors": electors.height,
        "decoys": own.height,
        "digest": f"sha256:{hashlib.sha256(data).hexdigest()}",
    }
    parameters = {"for": recipient, "columns": compared_words}
    made = Outputs((sealed_tables("decoys", tables),), facts)
    write_new_file(out, data)
    with ExitStack() as undo:  # no copy may exist of which the record knows nothing
        undo.callback(out.unlink)
        act = record.receive("roll.copy", made, parameters, stamp, inputs=inputs)
        undo.pop_all()
    return act


def _usual(electors: int) -> int:
    return min(max(electors // 200, 20), max(electors // 20, 1))


def _require_columns(columns: Sequence[str]) -> list[str]:
    """Give the columns in the order of the list."""
    known = ELECTORS.schema.names()
    unknown = [name for name in columns if name not in known]
    if unknown or not {"surname", "given_names"} & set(columns):
        what = f"the list has no column {unknown[0][:40]!r}" if unknown else "a copy has names"
        raise InputError(what, hint=f"columns: {', '.join(known)}")
    return [name for name in known if name in columns]


def _deal(
    pool: Pool,
    electors: pl.DataFrame,
    count: int,
    number: int,
    rng: np.random.Generator,
    *,
    by_number: bool,
) -> tuple[Pool, pl.DataFrame]:
    """Draw the decoys of a copy from the pool, with more in it if need be.

    Returns:
        The pool after it, and the `elector_id` of the decoys drawn.
    """
    if count * 20 > electors.height:
        raise InputError(
            f"{count:,} decoys cannot hide among {electors.height:,} electors",
            hint="at most one for twenty electors",
        )
    if by_number and not has_gaps(electors):
        raise InputError(
            "the list numbers its electors with few gaps or none, or in no form that could be"
            " found, so a decoy's number would stand out",
            hint="give the copy numbers of its own with --renumber, or leave out elector_id with"
            " --columns",
        )
    usable = _usable(pool.decoys, electors, by_number=by_number)
    usable, decoys = _fill(pool.decoys, usable, electors, count, rng)
    if usable.height < count:
        raise InputError(
            f"only {usable.height:,} decoys could be made up that nothing tells from electors",
            hint="ask for fewer with --decoys, or give the copy numbers of its own with --renumber",
        )
    of = {name: usable.filter(pl.col("shared") == name)["elector_id"] for name in (False, True)}
    hand = deal(of[False].to_list(), of[True].to_list(), count, rng)
    drawn = pl.DataFrame({"elector_id": sorted(hand.dealt)})
    own = decoys.join(drawn, on="elector_id", how="semi").select(ELECTORS.schema.names())
    dealt = pl.concat([pool.dealt, own.with_columns(copy=pl.lit(number, pl.Int64))])
    could = usable.select(copy=pl.lit(number, pl.Int64), elector_id="elector_id")
    return Pool(decoys, dealt, pl.concat([pool.drawn_from, could])), drawn


def _usable(decoys: pl.DataFrame, electors: pl.DataFrame, *, by_number: bool) -> pl.DataFrame:
    """Give the decoys of the pool that go with the list as it is now."""
    on_it = electors["elector_id"].implode()
    streets = electors.select("street", "locality", "district").unique()
    return decoys.filter(
        ~pl.col("elector_id").is_in(on_it),
        pl.col("after").is_null() | (pl.col("after").is_in(on_it) & pl.lit(not by_number)),
    ).join(streets, on=streets.columns, how="semi", nulls_equal=True, maintain_order="left")


def _fill(
    decoys: pl.DataFrame,
    usable: pl.DataFrame,
    electors: pl.DataFrame,
    count: int,
    rng: np.random.Generator,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Make up as many decoys more as copies of this size are drawn from.

    Returns:
        Those that can be used, and all.
    """
    have = usable.filter("shared").height
    scattered, shared = pool_sizes(count, electors.height)
    lacking = max(shared - have, 0), max(scattered - (usable.height - have), 0)
    if not sum(lacking):
        return usable, decoys
    earlier = decoys.select(ELECTORS.schema.names())
    made = make_decoys(electors, earlier, sum(lacking), int(rng.integers(2**63)))
    of_shared = made.height * lacking[0] // sum(lacking)
    mixed = rng.permutation(np.arange(made.height) < of_shared)
    made = made.with_columns(shared=pl.Series(mixed, dtype=pl.Boolean)).select(decoys.columns)
    return pl.concat([usable, made]), pl.concat([decoys, made])


def _find_decoy_lines(inputs: Inputs, parameters: Mapping[str, Any]) -> Outputs:  # noqa: ARG001
    matches = inputs.table("matches", "matches.parquet")
    copies = inputs.table("matches", "copies.parquet")
    hits = matches.filter("handed_out").select("serial").sort("serial")
    named = copies.filter(pl.col("one_in").is_not_null()).select("copy", "one_in")
    facts = {"lines": hits.height, "copies": {str(copy): n for copy, n in named.iter_rows()}}
    return Outputs((public_tables("alarm", {"alarm": hits}),), facts)


ALARM = Derivation(
    kind="roll.alarm",
    section=lambda *_: "",
    make=_find_decoy_lines,
)


def trace(pool: Pool, seen: Sequence[str]) -> pl.DataFrame:
    """Say of each copy how many decoys seen it has, and whether they prove that it was used.

    Returns:
        `copy`, `seen` (of its decoys) and `one_in` (the chance of a false accusation, else null).
    """
    hands = pool.hands()
    named = name_copies(hands, seen)
    rows = [
        {"copy": copy, "seen": len(hand.dealt.intersection(seen)), "one_in": named.get(copy)}
        for copy, hand in sorted(hands.items())
    ]
    schema = {"copy": pl.Int64(), "seen": pl.Int64(), "one_in": pl.Int64()}
    return pl.DataFrame(rows, schema=schema)


def raise_alarm(record: RecordWriter, stamp: Stamp) -> Act | None:
    """Append the act that names the copies whose decoys match lines; None if no decoy does."""
    inputs = record.inputs(("matches",))
    if not inputs.parameters("matches").get("decoys"):
        return None
    matches = inputs.table("matches", "matches.parquet")
    if not matches["handed_out"].any():
        return None
    return record.derive(ALARM, {}, stamp)
