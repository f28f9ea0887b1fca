"""What the model is made of: counted on the list, and learned from the lines without labels.

Chances of agreement by accident (u) come from the list itself, exactly and by the frequency of the
very name or address; those of a household from pairs of electors at one address; those of a match
(m) from the lines, by expectation and maximisation (Dempster, Laird and Rubin 1977) over the
candidates of a sample.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from referendum.matching.blocking import Key, mixed, same
from referendum.matching.compare import MOST_LEVELS, PARTS, SECOND, levels
from referendum.matching.model import (
    FAR,
    FORMAL,
    PLACES,
    Candidates,
    Context,
    Model,
    expected,
    nearness,
)
from referendum.matching.people import Names, People, numbered

Array = npt.NDArray[Any]

ROUNDS = 15
ACCIDENTS = 500_000
"""Pairs put together by accident, from which rare levels get their chance."""

HOUSEHOLDS = 500_000
"""Electors, about, whose households are looked at."""

FLOOR = 1e-7
BELIEF, BELIEF_IN_PLACES = 200, 20
"""Lines that the chances to begin with count for."""

LISTED, RELATIVE = 0.85, 0.04
"""Shares of lines of listed electors, and of their unlisted relatives, to begin with."""

SMALLEST = 1_000
"""Electors, and pairs of them, that the usual counts for beside what the list itself shows."""

_ACCIDENT: Mapping[str, tuple[float, ...]] = {
    "given": (
        0, 0.002, 0.0003, 0.002, 0.002, 0.0001, 0.0005, 0.02, 0.00001, 0.0009, 0.0065, 0.963,
        0.00002, 0.002,
    ),
    "surname": (0, 0.0012, 0.0001, 0.0001, 0.0004, 0.05, 0.00001, 0.0002, 0.0022, 0.945),
    "middle": (0, 0.002, 0.06, 0.938),
    "address": (0, 0.00002, 0.0002, 0.00004, 0.00004, 0.0003, 0.2, 0.8),
    "phone": (0, 0.000001, 0.00001, 0.99999),
    "birth": (0, 0.00005, 0.03, 0.96995),
}  # fmt: skip
_HOUSEHOLD: Mapping[str, tuple[float, ...]] = {
    "given": (
        0, 0.007, 0.0002, 0.009, 0.0002, 0.0002, 0.0007, 0.01, 0.00001, 0.0018, 0.0113, 0.96,
        0.00002, 0.0002,
    ),
    "surname": (0, 0.76, 0.005, 0.0004, 0.0005, 0.01, 0.00001, 0.0006, 0.0035, 0.22),
    "middle": (0, 0.007, 0.067, 0.926),
    "address": (0, 0.96, 0.01, 0.01, 0.01, 0.01, 0.0, 0.0),
    "phone": (0, 0.2, 0.02, 0.78),
    "birth": (0, 0.0001, 0.06, 0.9399),
}  # fmt: skip
_START: Mapping[str, tuple[float, ...]] = {
    "given": (
        0, 0.85, 0.03, 0.02, 0.03, 0.045, 0.009, 0.003, 0.008, 0.0045, 0.0009, 0.0003,
        0.01, 0.004,
    ),
    "surname": (0, 0.90, 0.02, 0.04, 0.012, 0.003, 1.0, 0.004, 0.0012, 0.0003),
    "middle": (0, 0.80, 0.15, 0.05),
    "address": (0, 0.50, 0.12, 0.12, 0.08, 0.08, 0.03, 0.07),
    "phone": (0, 0.85, 0.05, 0.10),
    "birth": (0, 0.90, 0.07, 0.03),
}  # fmt: skip
_PLACES = np.array([[1, 1, 0.0001, 0.0001], [1, 0.6, 0.35, 0.05], [1, 0.35, 0.6, 0.05]])
"""Chances to begin with of `PLACES`, if an elector near, partly near or far signed."""
_NOBODY_PLACE = np.array([1, 0.4, 0.5, 0.1])

MANY = 4
"""Bearers of a name up to whom it is counted how many strangers bear it; beyond, one less do."""
DOUBLINGS = 32

_ODD = np.array([0.9, 0.1])
"""Shares to begin with of names that electors have, and of odd ones."""

UNHEARD = 5.0
"""By this a list of electors is short of given names: `at_home`. Of 250,000 it lacks one in 100."""

SAME_INITIAL = 0.09
"""Share of relatives whose given names begin with one letter."""

OWN = 0.1
"""Share of misspelt names that are names of their own. Whether such a line is the elector's or a
relative's no line tells, so this is set and not learned."""

_MISSPELT = {"given": ((5, 6, 7), (9, 10, 11)), "surname": ((3, 4, 5), (7, 8, 9))}
"""Levels of misspelt names: of words that nobody has for a name, and of names of their own."""

_MOST = {"given": {6: 0.04, 7: 0.01}, "surname": {4: 0.05, 5: 0.015}}
"""Share of an elector's own lines up to which a name that is only similar, or another one, is
learned: above what heavy errors of every model make of it. Lines of relatives look like such lines,
so many of them must not teach that names tell nothing."""


class Statistics(NamedTuple):
    """What is counted on the list.

    Attributes:
        accident: for each of `PARTS`, the chance of each level between a line and a stranger.
        home: the same between members of one household.
        sharing: for each elector, how many share what `model` names.
        electors: how many are on the list.
    """

    accident: Array
    home: Array
    sharing: Array
    electors: int

    @property
    def size(self) -> float:
        """Electors, or `SMALLEST` if they are fewer."""
        return float(max(self.electors, SMALLEST))


def counted(lines: People, electors: People, names: Names) -> Statistics:
    """Count the list."""
    sharing, many = _sharing(electors), len(electors.table)
    strangers = accidents(lines, electors, names, (np.arange(many), many))
    accident = by_accident(strangers, sharing[:, FORMAL], float(max(many, SMALLEST)))
    home = at_home(households(electors, names), many)
    return Statistics(accident, home, sharing, many)


def learn(
    statistics: Statistics,
    people: tuple[People, People, Names],
    candidates: Candidates,
    context: Context,
) -> Model:
    """Learn the chances of a match from the candidates of a sample of lines.

    Args:
        statistics: of the list.
        people: the sample of lines, a row for each of `candidates`; the electors; the dictionaries.
        candidates: of the sample, by all keys.
        context: of the sample.
    """
    lines, electors, names = people
    accident, home, sharing, many = statistics
    line = np.repeat(np.arange(len(lines.table)), np.diff(candidates.starts))
    found = levels(line, candidates.electors, lines, electors, names)
    match = _filled(_START)
    model = Model(
        match=match,
        home=_at_home(home, match),
        accident=accident,
        sharing=sharing[candidates.electors],
        place=_PLACES,
        nobody_place=_NOBODY_PLACE,
        nobody_odd=_shares_of_odd(context.odd, np.ones(len(context.odd))),
        listed=LISTED,
        relative=RELATIVE,
        size=statistics.size,
    )
    for _ in range(ROUNDS):
        chances = expected(model, candidates.starts, context, found)
        model = _better(model, home, (line, found), context, chances)
    return model._replace(sharing=sharing, listed=model.listed if many else 0.0)


def _better(
    model: Model,
    home: Array,
    pairs: tuple[Array, Array],
    context: Context,
    chances: tuple[Array, Array, Array, Array],
) -> Model:
    """Take the levels of probable matches as those of matches."""
    line, found = pairs
    mine, theirs, unseen, nobody = chances
    match = np.zeros_like(model.match)
    for number, (part, usual) in enumerate(_START.items()):
        size = len(usual)
        counts = np.bincount(found[:, number], weights=mine, minlength=size)
        counts = counts + BELIEF * np.array(usual)
        counts[0] = 0
        if part == "address":
            # An elector whom no key finds is one at another address.
            far = model.match[number, 6:8]
            counts[6:8] += unseen.sum() * far / far.sum()
        if part in _MISSPELT:
            words, own = (list(levels) for levels in _MISSPELT[part])
            counts[own] = OWN * counts[words]
        match[number, :size] = np.maximum(_held(counts / counts.sum(), part), FLOOR)
    match[1, 6] = 1  # what swapped names are worth, the given name tells
    lines = len(context.place)
    listed = mine.sum() + unseen.sum() + BELIEF * LISTED
    relative = theirs.sum() + BELIEF * RELATIVE
    place, nobody_place = _places(line, found[:, 3], context.place, mine, nobody)
    return model._replace(
        match=match,
        home=_at_home(home, match),
        place=place,
        nobody_place=nobody_place,
        nobody_odd=_shares_of_odd(context.odd, nobody),
        listed=float(np.clip(listed / (lines + BELIEF), 0.01, 0.98)),
        relative=float(np.clip(relative / (lines + BELIEF), 0.001, 0.2)),
    )


def _held(shares: Array, part: str) -> Array:
    """Hold the shares of other names to `_MOST`, and give the rest to the other levels."""
    held = shares.copy()
    for level, most in _MOST.get(part, {}).items():
        held[[level, level + 4]] *= min(1.0, most / held[level])
    kept = np.isin(np.arange(len(held)), [at for n in _MOST.get(part, {}) for at in (n, n + 4)])
    if kept.any():
        held[~kept] *= (1 - held[kept].sum()) / held[~kept].sum()
    return held


def _places(
    line: Array, address: Array, place: Array, mine: Array, nobody: Array
) -> tuple[Array, Array]:
    """See where the addresses of probable matches are, and those of nobody.

    Of an elector at another address the place must be learned from those whom a name or a
    telephone gives away; unseen ones teach nothing.
    """
    near = np.array([nearness(level) for level in range(len(PARTS["address"]))])[address]
    learned = np.empty_like(_PLACES)
    for how in range(FAR + 1):
        here = (near == how) & (address > 0)
        counts = np.bincount(place[line[here]], weights=mine[here], minlength=len(PLACES))
        learned[how] = _chances(counts, _PLACES[how])
    counts = np.bincount(place, weights=nobody, minlength=len(PLACES))
    return learned, _chances(counts, _NOBODY_PLACE)


def _shares_of_odd(odd: Array, weight: Array) -> Array:
    """Give the shares of lines whose name is one that electors have, and of the others."""
    counts = np.bincount(odd, weights=weight, minlength=2) + BELIEF_IN_PLACES * _ODD
    shares: Array = counts / counts.sum()
    return shares


def _chances(counts: Array, usual: Array) -> Array:
    """Give the chance of each place among those where an address is written; 1 where none is."""
    counts = counts + BELIEF_IN_PLACES * usual
    counts[0] = 0
    chances: Array = np.maximum(counts / counts.sum(), FLOOR)
    chances[0] = 1
    return chances


def _filled(tables: Mapping[str, Any]) -> Array:
    filled = np.zeros((len(PARTS), MOST_LEVELS))
    for number, part in enumerate(PARTS):
        filled[number, : len(PARTS[part])] = tables[part]
    return filled


def _at_home(home: Array, match: Array) -> Array:
    """Give the levels between a line and another member of its signer's household.

    Where the two share a name, it is written as a signer writes; the address is the signer's own.
    """
    given, _, _, address, *_ = range(len(PARTS))
    rest = home.copy()
    rest[:, 1] = 0
    # On the list nobody is an initial; among lines a relative is, as often as a signer.
    rest[given, 4] = match[given, 4] * SAME_INITIAL
    rest[given, SECOND] += match[given, SECOND] * SAME_INITIAL
    # Nor does anybody misspell there: among lines a relative's name is, as often as a signer's.
    words, own = (list(levels) for levels in _MISSPELT["given"])
    moved = rest[given, own] * match[given, words].sum()
    rest[given, words] += moved
    rest[given, own] -= moved
    chances = home[:, 1:2] * match + rest
    here = match[address] * np.where(np.arange(MOST_LEVELS) >= 5, 0.2, 1)
    chances[address] = here / here.sum()
    floored: Array = np.maximum(chances, FLOOR)
    return floored


def accidents(
    lines: People, electors: People, names: Names, part: tuple[Array, int]
) -> tuple[Array, ...]:
    """Count what levels come about between lines and strangers.

    Args:
        lines: all lines.
        electors: the list, or a part of it.
        names: the dictionaries of both.
        part: rows of the electors on the whole list, ascending, and how many are on it.
    """
    rows, whole = part
    ours = len(lines.table)
    step = np.arange(min(ACCIDENTS, ours * whole), dtype=np.int64)
    # Two multiplicative sequences with different odd factors: every line meets strangers.
    line, elector = step * 7_919 % max(ours, 1), step * 2_654_435_761 % max(whole, 1)
    place = np.searchsorted(rows, elector)
    here = (place < len(rows)) & (np.append(rows, -1)[place] == elector)
    return _counts(levels(line[here], place[here], lines, electors, names))


def by_accident(counts: tuple[Array, ...], formal: Array, size: float) -> Array:
    """Bring counts to chances; that of two forms of one name to the bearers of the name.

    `model.by_accident` takes how many bear the elector's own name times this.

    Args:
        counts: of pairs of strangers, by level.
        formal: for each elector, or a sample of them, how many bear the full form of the name.
        size: of the list.
    """
    accident = _shares(counts, _ACCIDENT)
    bearers = float(formal.mean()) / size if len(formal) else 1.0
    accident[0, 2] = min(accident[0, 2] / bearers, 1)
    return accident


def households(electors: People, names: Names) -> tuple[Array, ...]:
    """Count how members of one household agree with each other."""
    door = mixed([electors.column(name) + 1 for name in ("locality", "street", "number", "unit")])
    every = max(1, len(door) // HOUSEHOLDS)
    some = np.flatnonzero((door % np.uint64(every) == 0) & (electors.column("street") >= 0))
    order = some[np.argsort(door[some], kind="stable")]
    one, other = order[:-1], order[1:]
    same = door[one] == door[other]
    return _counts(levels(one[same], other[same], electors, electors, names._replace(own=1)))


def at_home(counts: tuple[Array, ...], electors: int) -> Array:
    """Bring counts of households to chances.

    A short list does not tell what its people are called: a relative bears a name that nobody on it
    has, with a chance of `UNHEARD` over the square root of its length, at most one half.
    """
    given = np.array(_HOUSEHOLD["given"])
    words, own = (list(levels) for levels in _MISSPELT["given"])
    both = given[words] + given[own]
    given[words] = np.maximum(given[words], both * min(UNHEARD / max(electors, 1) ** 0.5, 0.5))
    given[own] = both - given[words]
    return _shares(counts, {**_HOUSEHOLD, "given": tuple(given)})


def _counts(found: Array) -> tuple[Array, ...]:
    return tuple(
        np.bincount(found[:, number], minlength=len(levels_of))
        for number, levels_of in enumerate(PARTS.values())
    )


def _shares(counts: tuple[Array, ...], usual: Mapping[str, tuple[float, ...]]) -> Array:
    """Give the share of each level among those that compare anything, none below the floor.

    What is usual counts as `SMALLEST` pairs, so that a list of a few people is no law of its own.
    """
    tables = {}
    for part, of_part in zip(PARTS, counts, strict=True):
        both = of_part + SMALLEST * np.array(usual[part])
        both[0] = 0
        tables[part] = np.maximum(both / both.sum(), FLOOR)
    return _filled(tables)


class Bearers(NamedTuple):
    """How many electors of the list share each elector's own, and have the names swapped.

    Attributes:
        given, formal, surname, name: that part of the name.
        surname_given: bear the surname as a given name.
        given_surname: bear the given name as a surname.
        address, door, postal, street, locality, phone: that part of the address.
    """

    given: Array
    formal: Array
    surname: Array
    name: Array
    surname_given: Array
    given_surname: Array
    address: Array
    door: Array
    postal: Array
    street: Array
    locality: Array
    phone: Array


def bearers(asked: People, electors: People) -> Bearers:
    """Count for each of some people how many of the electors share what they have.

    Those who have no such thing share nothing: 0.
    """
    return Bearers(*(_many(asked, electors, key) for key in _BORNE))


_BORNE: tuple[Key, ...] = (
    same("given"), same("formal"), same("surname"), same("given", "surname"),
    (("surname", "given"),), (("given", "surname"),),
    same("number", "street", "locality"), same("number", "postal"), same("postal"),
    same("street", "locality"), same("locality"), same("phone"),
)  # fmt: skip
"""What those who are asked about share with electors, for each of `Bearers`."""


def _sharing(electors: People) -> Array:
    """Give for each elector how many share each of the columns that `model` names."""
    shared = bearers(electors, electors)
    size = max(len(electors.table), SMALLEST)
    return sharing_of(shared, strangers_of(shared, shared, size), size)


def sharing_of(shared: Bearers, strangers: Array, size: float) -> Array:
    """Give the columns that `model` names."""
    swapped = shared.surname_given * (shared.given_surname / np.float32(size))
    columns = (
        *shared[:4],
        strangers,
        swapped,
        shared.address,
        shared.door,
        np.maximum(shared.postal, shared.street),
        shared.locality,
        shared.phone,
    )
    # Nobody shares with less than one, but for what is an expectation.
    least = (1, 1, 1, 1, 0.01, 0.5, 1, 1, 1, 1, 1)
    sharing = np.empty((len(strangers), len(columns)), dtype=np.float32)
    for place, (column, floor) in enumerate(zip(columns, least, strict=True)):
        np.maximum(column, floor, out=sharing[:, place], casting="unsafe")
    return sharing


def strangers_of(asked: Bearers, sample: Bearers, size: float) -> Array:
    """Give for each elector how many strangers, of as many as are listed, bear the same name.

    After Good and Turing (Good 1953): an elector whose name n + 1 bear would, if not listed, be a
    stranger to n of one name; so n E(n+1) / E(n) strangers go with a name that n bear, where E(n)
    electors have one. Taken apart by how many would bear the name if given name and surname had
    nothing to do with each other; they have, so this alone would say too few.

    Args:
        asked: the electors.
        sample: electors from whom the rates are counted, all bearers of their names among them.
        size: of the list.
    """
    alone = _doubling(sample.given * sample.surname / size)
    without = _doubling((sample.given - 1) * (sample.surname - 1) / size)
    own = _doubling(asked.given * asked.surname / size)
    strangers = np.maximum(asked.name - 1.0, 0.01)
    for n in range(1, MANY + 1):
        have = np.bincount(alone[sample.name == n], minlength=DOUBLINGS)
        would = n * np.bincount(without[sample.name == n + 1], minlength=DOUBLINGS)
        usual = would.sum() / max(have.sum(), 1)
        rate = np.maximum((would + 20 * usual) / (have + 20), 0.01)
        strangers[asked.name == n] = rate[own[asked.name == n]]
    return strangers


def _doubling(expected: Array) -> Array:
    """Sort numbers from a 32,768th on into those that are less than double one another."""
    doubling: Array = np.frexp(np.maximum(expected, 2.0**-15))[1].astype(np.int8) + 15
    return np.clip(doubling, 0, DOUBLINGS - 1)


def _many(asked: People, electors: People, key: Key) -> Array:
    """Give for each asked how many electors share a key.

    A house without a number is at the same address as another without one.
    """
    theirs, listed = zip(*key, strict=True)
    if len(key) == 1:
        ours, codes = asked.column(theirs[0]), electors.column(listed[0])
        counts = np.bincount(codes[codes >= 0], minlength=int(ours.max(initial=0)) + 1)
        many: Array = np.where(ours >= 0, counts.astype(np.float32)[ours], np.float32(0))
        return many
    own = keys = _mixed(electors, listed)
    if asked is not electors:
        own = _mixed(asked, theirs)
    number, firsts = numbered(keys if asked is electors else np.concatenate([keys, own]))
    together = np.bincount(number[: len(keys)], minlength=len(firsts)).astype(np.float32)
    return np.where(own == 0, np.float32(0), together[number[len(number) - len(own) :]])


def _mixed(people: People, names: tuple[str, ...]) -> Array:
    columns = [people.column(name) for name in names]
    if "number" in names and "street" in names:
        columns[0] = columns[0] + 1
    return mixed(columns)
