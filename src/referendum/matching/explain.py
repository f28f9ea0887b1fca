"""Explanation of a match: the match weight of each comparison of each candidate, in plain words.

Match weights are base-2 logarithms of likelihood ratios (Fellegi and Sunter 1969), in bits: one bit
doubles the odds that the elector signed. They add up, from the prior odds to the posterior odds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from referendum.core.errors import InputError
from referendum.matching.blocking import BLOCKING_KEYS, find_candidate_pairs, group_by_line
from referendum.matching.compare import COMPARISONS, compare_pair
from referendum.matching.match import (
    LINK_THRESHOLD,
    LISTED_THRESHOLD,
    Linkage,
    prepare_linkage,
    sort_rows,
)
from referendum.matching.model import (
    PLACES,
    SURNAME,
    Candidates,
    Levels,
    Model,
    candidate_posteriors,
    frequency_adjusted_u,
    nearness,
)

Array = npt.NDArray[Any]

MOST_CANDIDATES, LEAST_POSTERIOR = 5, 0.001
"""Candidates of a line that are explained at most, and the posterior that all but the best need."""

RARE, FREQUENT = 1e-5, 1e-3
"""Shares of the list up to which a name is called rare, and from which frequent."""


@dataclass(frozen=True)
class MatchWeight:
    """The match weight of one comparison.

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
        posterior: probability that the elector signed.
        relative: probability that an unlisted member of the elector's household did.
        weights: from the prior odds on; they add up to `total`.
        total: log-odds that the elector signed, against all else, in bits.
    """

    elector_id: str
    posterior: float
    relative: float
    weights: tuple[MatchWeight, ...]
    total: float


@dataclass(frozen=True)
class Explanation:
    """How a line's probability of one is shared out.

    Attributes:
        line_id: the line.
        candidates: the best, at most `MOST_CANDIDATES`, best first.
        others: probability that another candidate signed.
        unseen: probability that an elector signed whom no blocking key finds.
        relatives: probability that an unlisted member of a candidate's household signed.
        nobody: probability that neither anybody on the list nor of their households did.
    """

    line_id: str
    candidates: tuple[Candidate, ...]
    others: float
    unseen: float
    relatives: float
    nobody: float

    @property
    def listed(self) -> float:
        """The probability that anyone on the list signed."""
        named = sum(candidate.posterior for candidate in self.candidates)
        return named + self.others + self.unseen

    @property
    def words(self) -> str:
        """The conclusion, in a few words."""
        best = self.candidates[0] if self.candidates else None
        if best is not None and best.posterior >= LINK_THRESHOLD:
            return f"elector {best.elector_id} signed"
        if self.listed >= LISTED_THRESHOLD:
            return "somebody on the list signed; which of them stays open"
        if self.listed <= 1 - LISTED_THRESHOLD:
            return "nobody on the list fits"
        return "unsure: for people to decide"


def explain(lines: pl.DataFrame, electors: pl.DataFrame, asked: Sequence[str]) -> list[Explanation]:
    """Explain some lines, by the model that is estimated from all of them.

    Args:
        lines: `core.schemas.LINES` with `serial`, all that were matched.
        electors: `core.schemas.ELECTORS`.
        asked: `line_id` of those to explain.

    Raises:
        InputError: there is no such line.
    """
    lines, electors = sort_rows(lines, "serial"), sort_rows(electors, "elector_id")
    rows = _find_rows(lines["line_id"], asked)
    linkage = prepare_linkage(lines, electors)
    selection = Linkage(
        linkage.lines.rows(rows),
        linkage.electors,
        linkage.names,
        linkage.context.rows(rows),
        linkage.model,
    )
    candidates = group_by_line(
        len(rows), find_candidate_pairs(selection.lines, selection.electors, BLOCKING_KEYS)
    )
    return [
        _explain_line(selection, candidates, row, line_id, electors["elector_id"])
        for row, line_id in enumerate(asked)
    ]


def _find_rows(line_ids: pl.Series, asked: Sequence[str]) -> Array:
    found = [(line_ids == line_id).arg_true() for line_id in asked]
    for line_id, rows in zip(asked, found, strict=True):
        if rows.is_empty():
            raise InputError(
                f"no line {line_id} was matched", hint="give the number in the column line_id"
            )
    return np.array([rows[0] for rows in found], dtype=np.int64)


def _explain_line(
    linkage: Linkage, candidates: Candidates, row: int, line_id: str, ids: pl.Series
) -> Explanation:
    electors = candidates.electors[candidates.starts[row] : candidates.starts[row + 1]]
    levels = np.zeros((len(electors), len(COMPARISONS)), dtype=np.uint8)
    for place, elector in enumerate(electors):
        levels[place] = compare_pair(row, elector, linkage.lines, linkage.electors, linkage.names)
    model = linkage.model._replace(term_frequencies=linkage.model.term_frequencies[electors])
    context = linkage.context.rows(np.array([row]))
    posteriors, relatives, unseen, nobody = candidate_posteriors(
        model, np.array([0, len(electors)]), context, levels
    )
    best = np.lexsort([electors, -posteriors])[:MOST_CANDIDATES]
    best = best[(posteriors[best] >= LEAST_POSTERIOR) | (np.arange(len(best)) == 0)]
    return Explanation(
        line_id=line_id,
        candidates=tuple(
            _explain_candidate(
                linkage.model._replace(term_frequencies=model.term_frequencies[at]),
                int(linkage.context.place[row]),
                tuple(levels[at].tolist()),
                ids[int(electors[at])],
                (float(posteriors[at]), float(relatives[at])),
            )
            for at in best
        ),
        others=float(posteriors.sum() - posteriors[best].sum()),
        unseen=float(unseen[0]),
        relatives=float(relatives.sum()),
        nobody=float(nobody[0]),
    )


def _explain_candidate(
    model: Model, place: int, levels: Levels, elector_id: str, posteriors: tuple[float, float]
) -> Candidate:
    """Explain one elector; `model.term_frequencies` holds that elector's alone."""
    u, (posterior, relative) = (
        frequency_adjusted_u(model, levels, model.term_frequencies),
        posteriors,
    )
    weights = [MatchWeight("before", "any elector, before anything is compared", -log2(model.size))]
    for number, (part, names) in enumerate(COMPARISONS.items()):
        level = levels[number]
        if level and not (part == "surname" and names[level] == "swapped"):
            bits = log2(model.m[number, level] / u[number])
            words = _weight_words(
                part, names[level], float(model.term_frequencies[SURNAME] / model.size)
            )
            weights.append(MatchWeight(part, words, bits))
    if levels[3]:
        words, worth = f"the address written is {PLACES[place]}", model.place[nearness(levels[3])]
        weights.append(MatchWeight("place", words, log2(max(worth[place], 1e-9))))
    total = log2(max(posterior, 1e-12) / max(1 - posterior, 1e-12))
    rest = total - sum(weight.bits for weight in weights)
    weights.append(MatchWeight("others", "against everybody else whom it may be of", rest))
    return Candidate(elector_id, posterior, relative, tuple(weights), total)


def _weight_words(part: str, level: str, share: float) -> str:
    if part == "surname" and level == "equal":
        level += ", rare" if share <= RARE else ", frequent" if share >= FREQUENT else ""
    label = {"given": "given name", "middle": "second name", "phone": "telephone"}.get(part, part)
    return f"{label} {level}"
