"""Why a line was matched as it was: what each part of each candidate weighed, in plain words.

Weights are base-2 logarithms of likelihood ratios (Fellegi and Sunter 1969), in bits: one bit
doubles the odds that the elector signed. They add up, from the odds before anything is compared to
those that the line's best elector comes out with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from referendum.core.errors import InputError
from referendum.matching.blocking import KEYS, grouped, pairs
from referendum.matching.compare import PARTS, compare
from referendum.matching.match import LINKED, SURE, Ready, in_order, made_ready
from referendum.matching.model import (
    PLACES,
    SURNAME,
    Candidates,
    Levels,
    Model,
    by_accident,
    expected,
    nearness,
)

Array = npt.NDArray[Any]

SHOWN, TOLD = 5, 0.001
"""Candidates of a line that are told at most, and the chance that all but the best must have."""

RARE, FREQUENT = 1e-5, 1e-3
"""Shares of the list up to which a name is called rare, and from which frequent."""


@dataclass(frozen=True)
class Weight:
    """What one part of a candidate weighs.

    Attributes:
        part: given name, surname, and so on.
        words: how the two agree, in plain words.
        bits: positive if it speaks for the elector, negative if against.
    """

    part: str
    words: str
    bits: float


@dataclass(frozen=True)
class Candidate:
    """An elector who may have signed a line.

    Attributes:
        elector_id: who.
        chance: that the elector signed.
        relative: chance that somebody of the elector's household did who is not on the list.
        weights: from the odds before anything is compared; they add up to `total`.
        total: log-odds that the elector signed, against all else, in bits.
    """

    elector_id: str
    chance: float
    relative: float
    weights: tuple[Weight, ...]
    total: float


@dataclass(frozen=True)
class Explanation:
    """Where a line's chances lie; they add up to one.

    Attributes:
        line_id: the line.
        candidates: the best, at most `SHOWN`, best first.
        others: chance that another candidate signed.
        unseen: chance that an elector signed whom no key finds.
        relatives: chance that an unlisted member of a candidate's household signed.
        nobody: chance that nobody on the list did, nor of their households.
    """

    line_id: str
    candidates: tuple[Candidate, ...]
    others: float
    unseen: float
    relatives: float
    nobody: float

    @property
    def listed(self) -> float:
        """The chance that anyone on the list signed."""
        named = sum(candidate.chance for candidate in self.candidates)
        return named + self.others + self.unseen

    @property
    def words(self) -> str:
        """What it comes to."""
        best = self.candidates[0] if self.candidates else None
        if best is not None and best.chance >= LINKED:
            return f"elector {best.elector_id} signed"
        if self.listed >= SURE:
            return "somebody on the list signed; which of them stays open"
        if self.listed <= 1 - SURE:
            return "nobody on the list fits"
        return "unsure: for people to decide"


def explain(lines: pl.DataFrame, electors: pl.DataFrame, asked: Sequence[str]) -> list[Explanation]:
    """Explain some lines, by the model that all of them give.

    Args:
        lines: `core.schemas.LINES` with `serial`, all that were matched.
        electors: `core.schemas.ELECTORS`.
        asked: `line_id` of those to explain.

    Raises:
        InputError: there is no such line.
    """
    lines, electors = in_order(lines, "serial"), in_order(electors, "elector_id")
    rows = _rows(lines["line_id"], asked)
    ready = made_ready(lines, electors)
    some = Ready(
        ready.lines.rows(rows), ready.electors, ready.names, ready.context.rows(rows), ready.model
    )
    candidates = grouped(len(rows), pairs(some.lines, some.electors, KEYS))
    return [
        _explained(some, candidates, row, line_id, electors["elector_id"])
        for row, line_id in enumerate(asked)
    ]


def _rows(line_ids: pl.Series, asked: Sequence[str]) -> Array:
    found = [(line_ids == line_id).arg_true() for line_id in asked]
    for line_id, rows in zip(asked, found, strict=True):
        if rows.is_empty():
            raise InputError(
                f"no line {line_id} was matched", hint="give the number in the column line_id"
            )
    return np.array([rows[0] for rows in found], dtype=np.int64)


def _explained(
    ready: Ready, candidates: Candidates, row: int, line_id: str, ids: pl.Series
) -> Explanation:
    electors = candidates.electors[candidates.starts[row] : candidates.starts[row + 1]]
    found = np.zeros((len(electors), len(PARTS)), dtype=np.uint8)
    for place, elector in enumerate(electors):
        found[place] = compare(row, elector, ready.lines, ready.electors, ready.names)
    model = ready.model._replace(sharing=ready.model.sharing[electors])
    context = ready.context.rows(np.array([row]))
    mine, theirs, unseen, nobody = expected(model, np.array([0, len(electors)]), context, found)
    best = np.lexsort([electors, -mine])[:SHOWN]
    best = best[(mine[best] >= TOLD) | (np.arange(len(best)) == 0)]
    return Explanation(
        line_id=line_id,
        candidates=tuple(
            _candidate(
                ready.model._replace(sharing=model.sharing[at]),
                int(ready.context.place[row]),
                tuple(found[at].tolist()),
                ids[int(electors[at])],
                (float(mine[at]), float(theirs[at])),
            )
            for at in best
        ),
        others=float(mine.sum() - mine[best].sum()),
        unseen=float(unseen[0]),
        relatives=float(theirs.sum()),
        nobody=float(nobody[0]),
    )


def _candidate(
    model: Model, place: int, levels: Levels, elector_id: str, chances: tuple[float, float]
) -> Candidate:
    """Weigh an elector: how many share with the elector is all the sharing that the model has."""
    accident, (chance, relative) = by_accident(model, levels, model.sharing), chances
    weights = [Weight("before", "any elector, before anything is compared", -log2(model.size))]
    for number, (part, names) in enumerate(PARTS.items()):
        level = levels[number]
        if level and not (part == "surname" and names[level] == "swapped"):
            bits = log2(model.match[number, level] / accident[number])
            words = _words(part, names[level], float(model.sharing[SURNAME] / model.size))
            weights.append(Weight(part, words, bits))
    if levels[3]:
        words, worth = f"the address written is {PLACES[place]}", model.place[nearness(levels[3])]
        weights.append(Weight("place", words, log2(max(worth[place], 1e-9))))
    total = log2(max(chance, 1e-12) / max(1 - chance, 1e-12))
    rest = total - sum(weight.bits for weight in weights)
    weights.append(Weight("others", "against everybody else whom it may be of", rest))
    return Candidate(elector_id, chance, relative, tuple(weights), total)


def _words(part: str, level: str, share: float) -> str:
    if part == "surname" and level == "equal":
        level += ", rare" if share <= RARE else ", frequent" if share >= FREQUENT else ""
    label = {"given": "given name", "middle": "second name", "phone": "telephone"}.get(part, part)
    return f"{label} {level}"
