"""Replay: run every derived act again from its inputs and compare digests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from referendum.core.errors import RecordError
from referendum.record.acts import Act
from referendum.record.reading import Record
from referendum.record.sealing import reference_bundles, seal_bundle
from referendum.record.writing import Derivation

ERRORS_OF_MALFORMED_DATA = (
    ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError,
    pl.exceptions.PolarsError,
)  # fmt: skip
"""What tables and documents of another form than the specification's raise in the stages."""


@dataclass(frozen=True)
class ReplayResult:
    """What came of running one derived act again.

    Attributes:
        act: the act on the record.
        differences: what came out otherwise, in words; empty if all is the same.
    """

    act: Act
    differences: tuple[str, ...]


def replay(
    record: Record,
    derivations: Mapping[str, Derivation],
    progress: Callable[[Act], None] = lambda _: None,
) -> list[ReplayResult]:
    """Run every derived act of a record again, in order, for a holder of its sealed bundles.

    Raises:
        RecordError: a bundle that an act read is missing or altered.
    """
    replayed = []
    for act in record.acts:
        if act.nature == "derived":
            progress(act)
            replayed.append(ReplayResult(act, _run(record, act, derivations.get(act.kind))))
    return replayed


def _run(record: Record, act: Act, derivation: Derivation | None) -> tuple[str, ...]:
    try:
        return _differences(record, act, derivation)
    except ERRORS_OF_MALFORMED_DATA as error:
        raise RecordError(
            f"{act.kind} cannot be run again: {type(error).__name__}: {str(error)[:200]}",
            where=f"act {act.number}",
            hint="what it reads does not have its form; see: referendum verify",
        ) from error


def _differences(record: Record, act: Act, derivation: Derivation | None) -> tuple[str, ...]:
    if derivation is None:
        raise RecordError(f"no derivation is known for {act.kind}", where=f"act {act.number}")
    inputs = record.inputs_of(act)
    outputs = derivation.make(inputs, act.parameters)
    recomputed = reference_bundles(
        [seal_bundle(draft, act, inputs, made_up=record.made_up) for draft in outputs.drafts]
    )
    differences = [
        f"{before.kind}: {before.digest} on the record, {after.digest} now"
        for before, after in zip(act.writes, recomputed, strict=True)
        if before != after
    ]
    if outputs.facts != act.facts:
        differences.append(f"facts: {act.facts} on the record, {outputs.facts} now")
    return tuple(differences)
