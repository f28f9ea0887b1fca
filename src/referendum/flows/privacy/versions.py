"""Two versions of an act, of which what differs is what became of fewer than k people."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from referendum.core.printing import quantity
from referendum.flows.privacy.disclosure import Disclosure, name_disclosure
from referendum.flows.privacy.tables import PUBLIC_ROWS, public_table
from referendum.record.acts import Act
from referendum.record.kinds import KINDS
from referendum.record.reading import Record

COUNTS_OF_PEOPLE = frozenset(
    {
        *("electors", "set_aside", "lines", "standing", "rejected", "listed", "not_listed"),
        *("unsure", "repeats", "universe", "checked", "valid", "invalid", "compared", "total"),
        *("yes", "no", "cards"),
    }
)
"""Facts that count people, lines, ballots or cards."""

FORM = ("question", "kind", "region", "district", "place")

TABLES = (
    *((kind, name, ("serial",), column) for kind, (name, column) in PUBLIC_ROWS.items()),
    ("returns", "returns", FORM, "total"),
)
"""Tables of which a row is of few people: kind of bundle, name, key, and what may differ."""


def close_versions(record: Record, k: int) -> Iterator[Disclosure]:
    """Find every act that differs by fewer than k from the one that took its place.

    Args:
        record: any.
        k: the fewest people whose change tells of nobody.
    """
    for older, newer, corrected in _versions(record):
        differing = facts_that_differ(older, newer) if corrected else {}
        if 0 < max(differing.values(), default=0) < k:
            words = ", ".join(f"{name} by {by:,}" for name, by in differing.items())
            yield _disclosure(older, newer, "facts", f"differ in {words}")
        for kind, rows in _rows_that_differ(record, older, newer):
            if 0 < rows < k:
                words = f"differ in {quantity(rows, 'row')} of {kind} under the same name"
                yield _disclosure(older, newer, kind, words)


def _disclosure(older: Act, newer: Act, what: str, words: str) -> Disclosure:
    named = name_disclosure("pair", older.number, newer.number, what)
    return Disclosure(named, newer.number, f"acts {older.number} and {newer.number} {words}")


def _versions(record: Record) -> Iterator[tuple[Act, Act, bool]]:
    """Give each act with the next version of it, and whether the first had fallen.

    The next version is the act that corrects it; or, of what comes once, the next of its kind.
    """
    correctors = {act.corrects: act for act in record.acts if act.corrects is not None}
    following: dict[str, Act] = {}
    pairs = []
    for act in reversed(record.acts):
        single = KINDS[act.kind].after != act.kind and not KINDS[act.kind].in_parts
        newer = correctors.get(act.number) or (following.get(act.kind) if single else None)
        if newer is not None:
            pairs.append((act, newer, act.number in record.standings.causes))
        following[act.kind] = act
    return reversed(pairs)


def facts_that_differ(older: Act, newer: Act) -> dict[str, int]:
    """Give by how much counts of people differ, by name."""
    before, after = _counts(older.facts), _counts(newer.facts)
    names = sorted(before.keys() | after.keys())
    found = {name: abs(after.get(name, 0) - before.get(name, 0)) for name in names}
    return {name: by for name, by in found.items() if by}


def _counts(facts: Mapping[str, Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, value in facts.items():
        if name in COUNTS_OF_PEOPLE:
            of = value if isinstance(value, Mapping) else {"": value}
            found |= {f"{name} {one}".strip(): count for one, count in of.items() if count}
    return found


def _rows_that_differ(record: Record, older: Act, newer: Act) -> Iterator[tuple[str, int]]:
    """Count the rows of public tables that two acts have under one name, and that differ."""
    for kind, name, key, column in TABLES:
        before, after = (public_table(record, act, kind, name) for act in (older, newer))
        if before is not None and after is not None:
            yield kind, rows_that_differ(before, after, key, column)


def rows_that_differ(
    before: pl.DataFrame, after: pl.DataFrame, key: Sequence[str], column: str
) -> int:
    """Count the rows that two tables have under one key, and of which a column differs."""
    joined = before.select(*key, column).join(after.select(*key, column), on=key, suffix="_after")
    return joined.filter(pl.col(column) != pl.col(f"{column}_after")).height
