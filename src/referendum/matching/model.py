"""The model: what each level of agreement is worth, learned without labels.

Fellegi and Sunter (1969) with three classes of pairs instead of two, because members of a household
share surname and address: a pair of a line and an elector is a match, or the line is of another
member of the elector's household, or the elector has nothing to do with it. Chances of agreement by
accident (u) come from the list itself, exactly and by the frequency of the very name or address;
those of a household from pairs of electors at one address; those of a match (m) from the lines, by
expectation and maximisation (Dempster, Laird and Rubin 1977) over the candidates of a sample.

Each line has at most one elector: its candidates, "a relative of a listed household" and "nobody on
the list" share a probability of one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from referendum.matching.compare import PARTS, levels
from referendum.matching.people import Names, People

Array = npt.NDArray[Any]

LINES_TO_LEARN_FROM = 15_000
ROUNDS = 15
ACCIDENTS = 1_000_000
"""Pairs put together by accident, from which rare levels get their chance."""

SHRINK = 20
"""Bearers of a surname that the whole list counts for, where given names of relatives are told."""

FLOOR = 1e-7
BELIEF = 200
"""Lines that the chances to begin with count for."""

LISTED, RELATIVE = 0.85, 0.04
"""Shares of lines of listed electors, and of their unlisted relatives, to begin with."""

SMALLEST = 1_000
"""Electors, and pairs of them, that the usual counts for beside what the list itself shows."""

_ACCIDENT: Mapping[str, tuple[float, ...]] = {
    "given": (0, 0.002, 0.0003, 0.002, 0.002, 0.001, 0.007, 0.985, 0.00001),
    "surname": (0, 0.0012, 0.0001, 0.0003, 0.0026, 0.995, 0.00001),
    "middle": (0, 0.002, 0.06, 0.938),
    "address": (0, 0.00002, 0.0002, 0.00004, 0.00004, 0.0003, 0.2, 0.8),
    "phone": (0, 0.000001, 0.999999),
    "birth": (0, 0.00005, 0.03, 0.96995),
}
_HOUSEHOLD: Mapping[str, tuple[float, ...]] = {
    "given": (0, 0.007, 0.0002, 0.009, 0.0002, 0.002, 0.012, 0.97, 0.00001),
    "surname": (0, 0.76, 0.005, 0.001, 0.004, 0.23, 0.00001),
    "middle": (0, 0.007, 0.067, 0.926),
    "address": (0, 0.96, 0.01, 0.01, 0.01, 0.01, 0.0, 0.0),
    "phone": (0, 0.2, 0.8),
    "birth": (0, 0.0001, 0.06, 0.9399),
}

_START: Mapping[str, tuple[float, ...]] = {
    "given": (0, 0.85, 0.03, 0.02, 0.03, 0.05, 0.01, 0.002, 0.008),
    "surname": (0, 0.90, 0.02, 0.05, 0.015, 0.002, 0.008),
    "middle": (0, 0.80, 0.15, 0.05),
    "address": (0, 0.50, 0.12, 0.12, 0.08, 0.08, 0.03, 0.07),
    "phone": (0, 0.90, 0.10),
    "birth": (0, 0.90, 0.07, 0.03),
}


@dataclass(frozen=True)
class Accident:
    """How often an elector agrees by accident.

    Attributes:
        given, formal, surname, phone, name: for each elector, how many share the elector's own.
        address, door, postal, street, locality: the same for parts of the address.
        tables: for each of `PARTS`, the chance of each level between a line and any elector.
        count: electors, or `SMALLEST` if they are fewer.
    """

    given: Array
    formal: Array
    surname: Array
    phone: Array
    name: Array
    address: Array
    door: Array
    postal: Array
    street: Array
    locality: Array
    tables: Mapping[str, Array]
    count: int


@dataclass(frozen=True)
class Model:
    """What levels are worth.

    Attributes:
        match: for each of `PARTS`, the chance of each level if the elector signed the line.
        household: the same if another member of the elector's household did.
        accident: how often levels come about by accident.
        listed: share of lines whose signer is on the list.
        relative: share of lines of unlisted relatives of a listed household.
    """

    match: Mapping[str, Array]
    household: Mapping[str, Array]
    accident: Accident
    listed: float
    relative: float


@dataclass(frozen=True)
class Posterior:
    """The chances of candidate pairs.

    Attributes:
        elector: of each pair, that its elector signed its line.
        relative: of each pair, that an unlisted member of its elector's household did.
        listed: of each line, that its signer is on the list, candidates or not.
    """

    elector: Array
    relative: Array
    listed: Array


def accidents(lines: People, electors: People, names: Names) -> Accident:
    """Count the list, and see what levels come about by accident."""
    step = np.arange(min(ACCIDENTS, lines.count * electors.count), dtype=np.int64)
    # Two multiplicative sequences with different odd factors: every line meets strangers.
    ours = step * 7_919 % max(lines.count, 1)
    theirs = step * 2_654_435_761 % max(electors.count, 1)
    found = levels(lines, electors, names, (ours, theirs))
    tables = {part: _shares(found[:, n], part, _ACCIDENT) for n, part in enumerate(PARTS)}
    return Accident(
        given=_sharing(electors["given"]),
        formal=_sharing(electors["formal"]),
        surname=_sharing(electors["surname"]),
        phone=_sharing(electors["phone"]),
        name=_sharing(electors["given"], electors["surname"]),
        address=_sharing(electors["number"], electors["street"], electors["locality"]),
        door=_sharing(electors["number"], electors["postal"]),
        postal=_sharing(electors["postal"]),
        street=_sharing(electors["street"], electors["locality"]),
        locality=_sharing(electors["locality"]),
        tables=tables,
        count=max(electors.count, SMALLEST),
    )


def _shares(column: Array, part: str, usual: Mapping[str, tuple[float, ...]]) -> Array:
    """Give the share of each level among those that compare anything, none below the floor.

    What is usual counts as `SMALLEST` pairs, so that a list of a few people is no law of its own.
    """
    counts = np.bincount(column, minlength=len(PARTS[part])) + SMALLEST * np.array(usual[part])
    counts[0] = 0
    shares: Array = np.maximum(counts / counts.sum(), FLOOR)
    return shares


def _sharing(*codes: Array) -> Array:
    """Give for each row how many rows have the same codes; those without one share nothing."""
    if len(codes) == 1:
        counts = np.bincount(codes[0] + 1, minlength=1)
        counts[0] = 1
        sharing: Array = counts[codes[0] + 1].astype(np.float32)
        return sharing
    frame = pl.DataFrame({str(place): column for place, column in enumerate(codes)})
    together: Array = frame.select(pl.len().over(frame.columns)).to_series().to_numpy()
    return together.astype(np.float32)


def households(electors: People, names: Names) -> Mapping[str, Array]:
    """See on the list how members of one household agree with each other."""
    columns = ("locality", "street", "number", "unit")
    order = np.lexsort([electors[name] for name in columns])
    one, other = order[:-1], order[1:]
    same = np.ones(len(one), dtype=bool)
    for name in columns:
        same &= electors[name][one] == electors[name][other]
    same &= electors["street"][one] >= 0
    found = levels(electors, electors, names, (one[same], other[same]))
    return {part: _shares(found[:, n], part, _HOUSEHOLD) for n, part in enumerate(PARTS)}


def learn(
    accident: Accident,
    home: Mapping[str, Array],
    pairs: tuple[Array, Array],
    found: Array,
    lines: int,
) -> Model:
    """Learn the chances of a match from the candidates of a sample of lines.

    Args:
        accident: what comes about by accident.
        home: how members of a household agree (`households`).
        pairs: row of the line, row of the elector, ascending by line.
        found: their levels.
        lines: how many lines the sample has, with candidates or without.
    """
    match = {part: np.array(_START[part]) for part in PARTS}
    model = Model(match, _at_home(home, match), accident, LISTED, RELATIVE)
    for _ in range(ROUNDS):
        posterior = judge(model, pairs, found)
        model = _better(model, home, posterior, found, lines)
    return model


def _better(
    model: Model, home: Mapping[str, Array], posterior: Posterior, found: Array, lines: int
) -> Model:
    """Take the levels of probable matches as those of matches."""
    match = {}
    for number, part in enumerate(PARTS):
        size = len(PARTS[part])
        counts = np.bincount(found[:, number], weights=posterior.elector, minlength=size)
        counts = counts + BELIEF * np.array(_START[part])  # NumPy counts no pairs in integers
        counts[0] = 0
        match[part] = _held(part, np.maximum(counts / counts.sum(), FLOOR))
    empty = max(lines - len(posterior.listed), 0) * listed_unseen(model)
    listed = posterior.listed.sum() + empty + BELIEF * LISTED
    relative = posterior.relative.sum() + BELIEF * RELATIVE
    return replace(
        model,
        match=match,
        household=_at_home(home, match),
        listed=float(np.clip(listed / (lines + BELIEF), 0.01, 0.98)),
        relative=float(np.clip(relative / (lines + BELIEF), 0.001, 0.2)),
    )


SAME_INITIAL = 0.09
"""Share of relatives whose given names begin with one letter."""

_HELD = {"given": (7, 0.002), "surname": (5, 0.002)}
"""Chance that a signer's name is written altogether otherwise. Whether such a line is the elector's
or a relative's no line tells, so this is set and not learned; checks of lines may correct it."""


def _held(part: str, chances: Array) -> Array:
    if part not in _HELD:
        return chances
    level, chance = _HELD[part]
    chances[level] = 0
    chances *= (1 - chance) / chances.sum()
    chances[level] = chance
    return chances


def _at_home(home: Mapping[str, Array], match: Mapping[str, Array]) -> Mapping[str, Array]:
    """Give the levels between a line and another member of its signer's household.

    Where the two share a name, it is written as a signer writes; the address is the signer's own.
    """
    chances = {}
    for part in PARTS:
        if part == "address":
            here = match[part].copy()
            here[5:] *= 0.2
            chances[part] = np.maximum(here / here.sum(), FLOOR)
            continue
        rest = home[part].copy()
        rest[1] = 0
        if part == "given":
            # On the list nobody is an initial; among lines a relative is, as often as a signer.
            rest[4] = match[part][4] * SAME_INITIAL
        chances[part] = np.maximum(home[part][1] * match[part] + rest, FLOOR)
    return chances


def weights(model: Model, pairs: tuple[Array, Array], found: Array) -> tuple[Array, Array]:
    """Give log-likelihood ratios of pairs against accident, a column for each of `PARTS`.

    Returns:
        For a match, and for a line of another member of the household.
    """
    by_accident = _by_accident(model.accident, pairs[1], found)
    match, home = np.zeros(found.shape), np.zeros(found.shape)
    for number, part in enumerate(PARTS):
        level = found[:, number]
        known = level > 0
        at_home = model.household[part][level]
        if part == "given":
            at_home = _given_at_home(model, pairs[1], level, at_home)
        accident = np.where(known, np.log(by_accident[:, number]), 0)
        match[:, number] = np.where(known, np.log(model.match[part][level] + FLOOR), 0) - accident
        home[:, number] = np.where(known, np.log(at_home + FLOOR), 0) - accident
    return match, home


def _given_at_home(model: Model, elector: Array, level: Array, at_home: Array) -> Array:
    """Give the chance that a relative has the elector's given name: a frequent one more often.

    How frequent is told by the bearers of the surname, whose given names are those of one language,
    and by the whole list as `SHRINK` bearers more.
    """
    accident = model.accident
    overall = accident.given[elector] / accident.count
    bearers = accident.surname[elector] - 1
    shared = (accident.name[elector] - 1 + SHRINK * overall) / (bearers + SHRINK)
    chance = (at_home + shared * model.match["given"][1]).clip(max=0.5)
    given: Array = np.where(level == 1, chance, at_home)
    return given


def _by_accident(accident: Accident, elector: Array, found: Array) -> Array:
    """Give the chance by accident of each pair's levels, by the frequency of what agrees."""
    chances = np.stack([accident.tables[p][found[:, n]] for n, p in enumerate(PARTS)], axis=1)
    own = (
        (0, 1, accident.given),
        (0, 2, accident.formal),
        (1, 1, accident.surname),
        (3, 1, accident.address),
        (3, 2, accident.address),
        (3, 3, accident.door),
        (3, 5, np.maximum(accident.postal, accident.street)),
        (3, 6, accident.locality),
        (4, 1, accident.phone),
    )
    for column, level, sharing in own:
        here = found[:, column] == level
        chances[here, column] = (sharing[elector[here]] - 0.5) / accident.count
    # Given name and surname go together more often than each by itself would have it.
    both = (found[:, 0] == 1) & (found[:, 1] == 1)
    namesakes = (accident.name[elector[both]] - 1) / accident.count
    chances[both, 1] = np.maximum(chances[both, 1], namesakes / chances[both, 0])
    floored: Array = np.maximum(chances, 1 / (2 * accident.count))
    return floored


def judge(model: Model, pairs: tuple[Array, Array], found: Array) -> Posterior:
    """Share each line's probability among its candidates, a relative of one, and nobody.

    Args:
        model: what levels are worth.
        pairs: row of the line, row of the elector, ascending by line.
        found: their levels.

    Returns:
        Chances; `listed` for each distinct line, in order.
    """
    line = pairs[0]
    match, home = (part.sum(axis=1) for part in weights(model, pairs, found))
    first = np.flatnonzero(np.r_[True, line[1:] != line[:-1]]) if len(line) else line
    group = np.cumsum(np.r_[True, line[1:] != line[:-1]]) - 1 if len(line) else line
    mine = np.exp(np.clip(match, -60, 60)) * model.listed / model.accident.count
    theirs = np.exp(np.clip(home, -60, 60)) * model.relative / model.accident.count
    unseen, nobody = model.listed * missed(model), _nobody(model)
    sums = np.add.reduceat(mine, first) if len(line) else np.zeros(0)
    others = np.add.reduceat(theirs, first) if len(line) else np.zeros(0)
    whole = sums + others + unseen + nobody
    return Posterior(mine / whole[group], theirs / whole[group], (sums + unseen) / whole)


def missed(model: Model) -> float:
    """Give the chance that the signer is on the list and no key finds them.

    No key does if the address is another, the telephone is none or another, and the name is not
    written as on the list.
    """
    far = float(model.match["address"][6:].sum())
    named = float(model.match["given"][1:3].sum() * model.match["surname"][1])
    return far * (1 - named)


def listed_unseen(model: Model) -> float:
    """Give the chance that a line without candidates is of somebody on the list."""
    unseen = model.listed * missed(model)
    return unseen / (unseen + _nobody(model) + model.relative)


def _nobody(model: Model) -> float:
    return max(1 - model.listed - model.relative, 0.005)
