"""Lines that lead to electors never outnumber them: each that counts has an elector of its own.

Where it stays open which of several electors signed a line (twins, an initial, a short form), the
line has a seat with any of them. Lines of one sure elector sit first. Then the open ones, by day
and number, take a seat that is free, or that becomes free when an open line before them moves to
another of its own (an augmenting path: Berge 1957). No line loses its seat to a later one. Whoever
finds none is a repeat. Lines that people decide on take no seat from these, and leave them none of
an elector who is theirs.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from referendum.matching.people import COLUMNS, NEVER, People

Array = npt.NDArray[Any]

LEAST = 0.1
"""Chance, beside that of the best elector, from which a line may be of another one."""

_SAME = tuple(
    COLUMNS.index(name)
    for name in (
        "given", "middle", "surname", "unit", "number", "street", "postal", "locality", "birth",
    )
)  # fmt: skip


class Ties(NamedTuple):
    """Lines of which it stays open who signed them.

    Attributes:
        lines: their rows, ascending.
        seats: for each the electors who may have signed it, the best first; a person who is on the
            list under two numbers is one.
        chance: for each, that one of these signed.
    """

    lines: Array
    seats: list[tuple[int, ...]]
    chance: Array


NO_TIES = Ties(np.zeros(0, np.int64), [], np.zeros(0))


def ties_of(lines: Array, starts: Array, electors: Array, mine: Array, people: People) -> Ties:
    """Find who may have signed each line.

    Args:
        lines: rows of lines, ascending.
        starts: for each, where its candidates begin; one more at the end.
        electors: rows of the candidates.
        mine: the chance of each.
        people: the electors.
    """
    seats, chance = [], np.zeros(len(lines))
    for place in range(len(lines)):
        here = slice(starts[place], starts[place + 1])
        own, rows = mine[here], electors[here]
        kept = own >= LEAST * own.max(initial=0.0)
        chance[place] = own[kept].sum()
        order = np.lexsort([rows[kept], -own[kept]])
        seats.append(_persons(rows[kept][order].tolist(), people))
    return Ties(lines, seats, chance)


def _persons(rows: Sequence[int], people: People) -> tuple[int, ...]:
    """Give one row for each person: equal name, address and day of birth are one."""
    if len(rows) < 2:
        return tuple(rows)
    first: dict[Any, int] = {}
    for row in rows:
        born = people.birth[row] != NEVER
        key = (people.suffix[row], *people.table[row, _SAME].tolist()) if born else row
        first[key] = min(first.get(key, row), row)
    return tuple(first.values())


def without_seat(
    ties: Iterable[tuple[int, Sequence[int]]],
    taken: Mapping[int, int],
    asking: Iterable[tuple[int, Sequence[int]]] = (),
) -> dict[int, int]:
    """Find the lines that have no elector of their own.

    Args:
        ties: serial and seats of each open line, in the order in which they count.
        taken: for each elector who has a sure line, its serial.
        asking: the same of lines that people decide on: each as if it came alone after `ties`, so
            that none stands in the way of another.

    Returns:
        For each line that has none, the line that its best elector has.
    """
    holder, sits = dict(taken), dict[int, int]()
    options: dict[int, Sequence[int]] = {}
    full: set[int] = set()
    for serial, seats in ties:
        options[serial] = seats
        path = _path_to_a_free_seat(serial, options, holder, full)
        for line, seat in path:
            holder[seat], sits[line] = line, seat
    found = {line: holder[seats[0]] for line, seats in options.items() if line not in sits}
    for serial, seats in asking:
        options[serial] = seats
        if not _path_to_a_free_seat(serial, options, holder, full):
            found[serial] = holder[seats[0]]
        del options[serial]
    return found


def _path_to_a_free_seat(
    serial: int, options: Mapping[int, Sequence[int]], holder: Mapping[int, int], full: set[int]
) -> list[tuple[int, int]]:
    """Give who moves to which seat; nobody if none can become free, and those seats are full."""
    came: dict[int, int] = {}
    queue = [serial]
    for line in queue:
        for seat in options[line]:
            if seat in came or seat in full:
                continue
            came[seat] = line
            if seat not in holder:
                return _moves(seat, serial, came, {holder[at]: at for at in came if at != seat})
            if holder[seat] in options:
                queue.append(holder[seat])
    full.update(came)
    return []


def _moves(
    free: int, serial: int, came: Mapping[int, int], sits: Mapping[int, int]
) -> list[tuple[int, int]]:
    moves, seat = [], free
    while True:
        line = came[seat]
        moves.append((line, seat))
        if line == serial:
            return moves
        seat = sits[line]
