"""Which elector signed each line, if any, and which lines are of a person who signed before."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from referendum.core.progress import step
from referendum.matching.blocking import FIRST, NEXT, WIDE, distinct, pairs
from referendum.matching.compare import levels
from referendum.matching.keys import with_keys
from referendum.matching.model import (
    LINES_TO_LEARN_FROM,
    Model,
    accidents,
    households,
    judge,
    learn,
    listed_unseen,
)
from referendum.matching.people import Names, People, encode

Array = npt.NDArray[Any]
Pairs = tuple[Array, Array]

SURE = 0.95
"""Chance from which a line is listed, and up to whose complement an elector does not fit."""

ONE_OF_TWO = 0.8
"""Chance from which a line is of this very elector and of no namesake."""

SETTLED = 0.999
PAIRS_AT_ONCE = 500_000


@dataclass(frozen=True)
class Candidates:
    """The candidates of each line with their chances.

    Attributes:
        line, elector: rows of lines and electors, ascending.
        chance: of each pair, that its elector signed its line.
        listed: of each line, that its signer is on the list.
    """

    line: Array
    elector: Array
    chance: Array
    listed: Array


def match_lines(lines: pl.DataFrame, electors: pl.DataFrame) -> pl.DataFrame:
    """Match standing lines to the list of electors and to each other.

    Args:
        lines: `core.schemas.LINES` with `serial`.
        electors: `core.schemas.ELECTORS`.

    Returns:
        One row per line, ascending by `serial`: `elector_id` of the best elector (null up to one
        half), `probability` that this elector signed, `listed` that anyone on the list did,
        `second_best` elector and `margin` between the two chances, `outcome` (`listed`,
        `not_listed`, `unsure`, `repeat`), `repeat_of` (serial of the person's first line).
        Chances have four places.
    """
    lines, electors = _in_order(lines, "serial"), _in_order(electors, "elector_id")
    keys = with_keys(lines)
    found = candidates(keys, with_keys(electors))
    best = _best(found, lines.height)
    ids = electors["elector_id"]
    matched = lines.select("serial", "signed_on").with_columns(
        elector=pl.Series(best.elector),
        probability=pl.Series(best.chance).round(4),
        listed=pl.Series(found.listed).round(4),
        second=pl.Series(best.second),
        margin=pl.Series(best.chance - best.second_chance).round(4),
    )
    matched = matched.with_columns(
        elector_id=_named(ids, matched["elector"]), second_best=_named(ids, matched["second"])
    )
    return _with_repeats(pl.concat([matched, keys], how="horizontal"))


def _in_order(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Sort a frame, so that the order of its rows decides nothing; most come sorted."""
    return frame if frame[column].is_sorted() else frame.sort(column)


def _named(ids: pl.Series, rows: pl.Series) -> pl.Series:
    """Give the electors of some rows; none where the row is -1."""
    return ids.gather(rows.replace(-1, None))


def candidates(lines: pl.DataFrame, electors: pl.DataFrame) -> Candidates:
    """Find the candidates of lines and share each line's chances among them.

    Args:
        lines: keys of the lines (`keys.with_keys`).
        electors: keys of the electors.
    """
    ours, theirs, names = encode(lines, electors)
    step("matching", 1, 6)
    stages = []
    for number, keys in enumerate((FIRST, NEXT, WIDE), start=2):
        stages.append(pairs(ours, theirs, keys))
        step("matching", number, 6)
    model = _learned(ours, theirs, names, stages)
    step("matching", 5, 6)
    found = _cascade(model, (ours, theirs, names), stages)
    step("matching", 6, 6)
    return found


People3 = tuple[People, People, Names]


def _learned(lines: People, electors: People, names: Names, stages: list[Array]) -> Model:
    """Learn from every so-manieth line, with all of its candidates."""
    every = max(1, lines.count // LINES_TO_LEARN_FROM)
    sample = _unpacked(distinct(*(part[(part >> 32) % every == 0] for part in stages)))
    found = levels(lines, electors, names, sample)
    accident = accidents(lines, electors, names)
    count = -(-lines.count // every)
    return learn(accident, households(electors, names), sample, found, count)


def _cascade(model: Model, people: People3, stages: list[Array]) -> Candidates:
    """Judge selective candidates first, and wider ones only for lines that those leave open."""
    count = people[0].count
    open_lines, listed = np.ones(count, dtype=bool), np.full(count, listed_unseen(model))
    packed, done, chances = np.zeros(0, dtype=np.int64), [], []
    for stage, more in enumerate(stages, start=1):
        packed = distinct(packed, more[open_lines[more >> 32]])
        chance, of_lines = _judged(model, people, packed)
        line = packed >> 32
        listed[distinct(line)] = of_lines
        open_lines[line[chance >= SETTLED]] = False
        closed = ~open_lines[line] | (stage == len(stages))
        done.append(packed[closed])
        chances.append(chance[closed])
        packed = packed[~closed]
    order = np.argsort(np.concatenate(done))
    line, elector = _unpacked(np.concatenate(done)[order])
    return Candidates(line, elector, np.concatenate(chances)[order], listed)


def _unpacked(packed: Array) -> Pairs:
    return packed >> 32, packed & 0xFFFFFFFF


def _judged(model: Model, people: People3, packed: Array) -> tuple[Array, Array]:
    """Judge pairs a part at a time, cut between lines, so that memory stays bounded."""
    chances, listed = [np.zeros(0)], [np.zeros(0)]
    for part in _cut(_unpacked(packed)):
        found = levels(*people, part)
        posterior = judge(model, part, found)
        chances.append(posterior.elector)
        listed.append(posterior.listed)
    return np.concatenate(chances), np.concatenate(listed)


def _cut(pairs: Pairs) -> list[Pairs]:
    line, elector = pairs
    ends = [0]
    while ends[-1] < len(line):
        at = min(ends[-1] + PAIRS_AT_ONCE, len(line))
        ends.append(int(np.searchsorted(line, line[at - 1], side="right")))
    return [(line[a:b], elector[a:b]) for a, b in pairwise(ends)]


@dataclass(frozen=True)
class _Best:
    """For each line its best and second-best elector (row, -1 if none) with their chances."""

    elector: Array
    chance: Array
    second: Array
    second_chance: Array


def _best(found: Candidates, lines: int) -> _Best:
    order = np.lexsort([found.elector, -found.chance, found.line])
    line = found.line[order]
    starts = np.flatnonzero(np.r_[True, line[1:] != line[:-1]]) if len(line) else line
    best = _Best(*(np.full(lines, fill) for fill in (-1, 0.0, -1, 0.0)))
    best.elector[line[starts]] = found.elector[order][starts]
    best.chance[line[starts]] = found.chance[order][starts]
    seconds = starts + 1
    seconds = seconds[(seconds < len(line))]
    seconds = seconds[line[seconds] == line[seconds - 1]]
    best.second[line[seconds]] = found.elector[order][seconds]
    best.second_chance[line[seconds]] = found.chance[order][seconds]
    return best


def _with_repeats(matched: pl.DataFrame) -> pl.DataFrame:
    """Say what came of each line, and mark every line but a person's first.

    A line that no elector fits is not listed, though its signer may be on the list unseen.

    A person is an elector where one is clearly meant. Two lines that may be of either of two
    namesakes repeat nobody. Without an elector, lines of one name at one address are one person's.
    """
    fits = (pl.col("probability") > 1 - SURE) | (pl.col("listed") >= 0.5)
    verdict = (
        pl.when(pl.col("listed") >= SURE)
        .then(pl.lit("listed"))
        .when(fits)
        .then(pl.lit("unsure"))
        .otherwise(pl.lit("not_listed"))
    )
    rest = [pl.col(name).fill_null("") for name in ("number", "unit", "locality")]
    person = (
        pl.when(pl.col("probability") >= ONE_OF_TWO)
        .then(pl.format("elector {}", "elector_id"))
        .when(~fits)
        .then(pl.format("{}|{}|{}|{}|{}|{}", "formal", "surname", "street", *rest))
    )
    ordered = matched.with_columns(person=person, verdict=verdict).sort(
        "signed_on", "serial", nulls_last=True
    )
    first = pl.col("serial").first().over("person")
    repeated = pl.col("person").is_not_null() & (first != pl.col("serial"))
    return ordered.select(
        "serial",
        elector_id=pl.when(pl.col("probability") > 0.5).then("elector_id"),
        probability="probability",
        listed="listed",
        second_best="second_best",
        margin="margin",
        outcome=pl.when(repeated).then(pl.lit("repeat")).otherwise("verdict"),
        repeat_of=pl.when(repeated).then(first),
    ).sort("serial")
