"""Assignment of lines to electors, one to one, so that lines never outnumber their electors.

Where it stays open which of several electors signed a line (twins, an initial, a short form), any
of them may be assigned to it. Lines with one sure elector are assigned first. Then each open line,
by day and number, gets an elector who is free, or who becomes free when an earlier open line takes
another of its own (an augmenting path: Berge 1957). No line loses its elector to a later one. A
line for which there is none is a repeat. Lines that people decide on take no elector from these
lines, and leave them none who is already theirs.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from referendum.matching.people import COLUMNS, NO_BIRTH_DATE, People

Array = npt.NDArray[Any]

LEAST_RELATIVE_POSTERIOR = 0.1
"""Posterior, relative to the best elector's, from which another may have signed the line."""

_PERSON_COLUMNS = tuple(
    COLUMNS.index(name)
    for name in (
        "given", "middle", "surname", "unit", "number", "street", "postal", "locality", "birth",
    )
)  # fmt: skip


class Ties(NamedTuple):
    """Lines of which it stays open who signed them: several electors tie.

    Attributes:
        lines: their rows, ascending.
        signers: for each, the electors who may have signed it, the best first; a person who is on
            the list under two numbers counts once.
        posterior: for each, the probability that one of these signed.
    """

    lines: Array
    signers: list[tuple[int, ...]]
    posterior: Array


NO_TIES = Ties(np.zeros(0, np.int64), [], np.zeros(0))


def find_ties(
    lines: Array, starts: Array, electors: Array, posteriors: Array, people: People
) -> Ties:
    """Find who may have signed each line.

    Args:
        lines: rows of lines, ascending.
        starts: for each, where its candidates begin; one more at the end.
        electors: rows of the candidates.
        posteriors: of the candidates.
        people: the electors.
    """
    signers, posterior = [], np.zeros(len(lines))
    for place in range(len(lines)):
        here = slice(starts[place], starts[place + 1])
        line_posteriors, rows = posteriors[here], electors[here]
        possible = line_posteriors >= LEAST_RELATIVE_POSTERIOR * line_posteriors.max(initial=0.0)
        posterior[place] = line_posteriors[possible].sum()
        order = np.lexsort([rows[possible], -line_posteriors[possible]])
        signers.append(_merge_persons(rows[possible][order].tolist(), people))
    return Ties(lines, signers, posterior)


def _merge_persons(rows: Sequence[int], people: People) -> tuple[int, ...]:
    """Give one row for each person: equal name, address and day of birth make one person."""
    if len(rows) < 2:
        return tuple(rows)
    first: dict[Any, int] = {}
    for row in rows:
        born = people.birth[row] != NO_BIRTH_DATE
        key = (people.suffix[row], *people.table[row, _PERSON_COLUMNS].tolist()) if born else row
        first[key] = min(first.get(key, row), row)
    return tuple(first.values())


def find_unassigned_lines(
    ties: Iterable[tuple[int, Sequence[int]]],
    assigned: Mapping[int, int],
    undecided: Iterable[tuple[int, Sequence[int]]] = (),
) -> dict[int, int]:
    """Find the lines to which no elector of their own can be assigned.

    Args:
        ties: serial and possible signers of each open line, in the order in which they count.
        assigned: for each elector who has a sure line, its serial.
        undecided: the same of lines that people decide on: each as if it came alone after `ties`,
            so that none stands in the way of another.

    Returns:
        For each such line, the line to which its best elector is assigned.
    """
    line_of_elector, elector_of_line = dict(assigned), dict[int, int]()
    options: dict[int, Sequence[int]] = {}
    exhausted: set[int] = set()
    for serial, signers in ties:
        options[serial] = signers
        path = _augmenting_path(serial, options, line_of_elector, exhausted)
        for line, elector in path:
            line_of_elector[elector], elector_of_line[line] = line, elector
    unassigned = {
        line: line_of_elector[signers[0]]
        for line, signers in options.items()
        if line not in elector_of_line
    }
    for serial, signers in undecided:
        options[serial] = signers
        if not _augmenting_path(serial, options, line_of_elector, exhausted):
            unassigned[serial] = line_of_elector[signers[0]]
        del options[serial]
    return unassigned


def _augmenting_path(
    serial: int,
    options: Mapping[int, Sequence[int]],
    line_of_elector: Mapping[int, int],
    exhausted: set[int],
) -> list[tuple[int, int]]:
    """Give which line moves to which elector; nothing if none can become free.

    The electors that were tried in vain are added to `exhausted`.
    """
    reached_from: dict[int, int] = {}
    queue = [serial]
    for line in queue:
        for elector in options[line]:
            if elector in reached_from or elector in exhausted:
                continue
            reached_from[elector] = line
            if elector not in line_of_elector:
                return _path_moves(
                    elector,
                    serial,
                    reached_from,
                    {line_of_elector[at]: at for at in reached_from if at != elector},
                )
            if line_of_elector[elector] in options:
                queue.append(line_of_elector[elector])
    exhausted.update(reached_from)
    return []


def _path_moves(
    free_elector: int,
    serial: int,
    reached_from: Mapping[int, int],
    elector_of_line: Mapping[int, int],
) -> list[tuple[int, int]]:
    moves, elector = [], free_elector
    while True:
        line = reached_from[elector]
        moves.append((line, elector))
        if line == serial:
            return moves
        elector = elector_of_line[line]
