"""Replay: run every derived act again from its inputs and compare digests."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from referendum.core.errors import RecordError
from referendum.flows import audit, risk
from referendum.flows.count import COUNTING
from referendum.flows.matching import MATCHING
from referendum.flows.petition import GATING, ISSUING
from referendum.flows.polls import FORECASTING
from referendum.flows.record import Record
from referendum.flows.roll_copy import ALARM
from referendum.flows.sufficiency import DECIDING, DRAWING
from referendum.flows.writing import Derivation, bundle_of, written
from referendum.journal import Act

DERIVATIONS: dict[str, Derivation] = {
    derivation.kind: derivation
    for derivation in (
        *(ISSUING, GATING, MATCHING, ALARM, DRAWING, DECIDING, COUNTING, FORECASTING),
        *(risk.PLANNING, risk.DRAWING, risk.DECIDING),
        *(audit.PLANNING, audit.AUDIT_DRAWING, audit.RISK),
    )
}


_MALFORMED = (
    ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError,
    pl.exceptions.PolarsError,
)  # fmt: skip
"""What tables and documents of another form than the specification's raise in the stages."""


@dataclass(frozen=True)
class Replayed:
    """What came of running one derived act again.

    Attributes:
        act: the act on the record.
        differences: what came out otherwise, in words; empty if all is the same.
    """

    act: Act
    differences: tuple[str, ...]


def replay(record: Record, progress: Callable[[Act], None] = lambda _: None) -> list[Replayed]:
    """Run every derived act of a record again, in order, for a holder of its sealed bundles.

    Raises:
        RecordError: a bundle that an act read is missing or altered.
    """
    replayed = []
    for act in record.acts:
        if act.nature == "derived":
            progress(act)
            replayed.append(Replayed(act, _run(record, act)))
    return replayed


def _run(record: Record, act: Act) -> tuple[str, ...]:
    try:
        return _differences(record, act)
    except _MALFORMED as error:
        raise RecordError(
            f"{act.kind} cannot be run again: {type(error).__name__}: {str(error)[:200]}",
            where=f"act {act.number}",
            hint="what it reads does not have its form; see: referendum verify",
        ) from error


def _differences(record: Record, act: Act) -> tuple[str, ...]:
    derivation = DERIVATIONS.get(act.kind)
    if derivation is None:
        raise RecordError(f"no derivation is known for {act.kind}", where=f"act {act.number}")
    inputs = record.inputs_of(act)
    made = derivation.make(inputs, act.parameters)
    again = written(
        [bundle_of(draft, act, inputs, made_up=record.made_up) for draft in made.drafts]
    )
    differences = [
        f"{before.kind}: {before.digest} on the record, {after.digest} now"
        for before, after in zip(act.writes, again, strict=True)
        if before != after
    ]
    if made.facts != act.facts:
        differences.append(f"facts: {act.facts} on the record, {made.facts} now")
    return tuple(differences)
