"""The model: what each level of agreement is worth, and how a line's chances are shared.

Fellegi and Sunter (1969) with three classes of pairs instead of two, because members of a household
share surname and address: a pair of a line and an elector is a match, or the line is of another
member of the elector's household, or the elector has nothing to do with it.

Each line has at most one elector: its candidates, "an elector whom no key finds", "a relative of a
listed household" and "nobody on the list" share a probability of one. Where more electors bear the
line's name than are looked at, they count among those whom no key finds.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit, prange

from referendum.matching.compare import compare
from referendum.matching.people import Names, People

Array = npt.NDArray[Any]
Levels = tuple[int, int, int, int, int, int]

PLACES = ("none written", "on the list", "in a known place", "in no known place")
"""Where a line's address is: on the list, or at least its locality or postal area is, or not."""

NEAR, PARTLY, FAR = range(3)
"""How near an elector's address is to the line's: equal, equal in part, another."""

(
    GIVEN, FORMAL, SURNAME, NAME, STRANGERS, SWAPPED, ADDRESS, DOOR, AROUND, LOCALITY, PHONE,
) = range(11)  # fmt: skip
"""Columns of `Model.sharing`: electors with the same given name, and so on. STRANGERS is how many,
of as many people as are listed but are not on the list, are to be expected to bear the name;
SWAPPED how many to have the two names the other way round; AROUND goes by the postal code or the
street, whichever more share."""

SHRINK = 20
"""Bearers of a surname that the whole list counts for, where given names of relatives are told."""


class Model(NamedTuple):
    """What levels are worth.

    Attributes:
        match: for each of `PARTS` and each level, the chance if the elector signed the line.
        home: the same if another member of the elector's household did.
        accident: the same if the two have nothing to do with each other.
        sharing: for each elector, how many share the elector's own name, address and so on.
        place: for NEAR, PARTLY and FAR, the chance of each of `PLACES` if the elector signed.
        nobody_place: the same if nobody on the list did.
        nobody_odd: of lines that nobody on the list signed, the shares whose name is one that
            electors have, and whose is not.
        listed: share of lines whose signer is on the list.
        relative: share of lines of unlisted relatives of a listed household.
        size: electors, or `SMALLEST` if they are fewer.
    """

    match: Array
    home: Array
    accident: Array
    sharing: Array
    place: Array
    nobody_place: Array
    nobody_odd: Array
    listed: float
    relative: float
    size: float


class Candidates(NamedTuple):
    """The electors who may have signed each line.

    Attributes:
        starts: for each line, where its candidates begin in `electors`; one more at the end.
        electors: rows, ascending for each line.
    """

    starts: Array
    electors: Array


class Context(NamedTuple):
    """What is known of each line beside its candidates.

    Attributes:
        place: one of `PLACES`, by number.
        hidden: bearers of the line's name that are not looked at, because they are too many: 0 for
            none, 1 for those of other places, 2 for all.
        odd: whether given name or surname is missing, an initial, or a word that is no elector's.
        born: whether the line has a date of birth, which is a key of its own.
    """

    place: Array
    hidden: Array
    odd: Array
    born: Array

    def rows(self, which: Array) -> "Context":
        """Give that of some lines."""
        return Context(*(part[which] for part in self))


class Verdicts(NamedTuple):
    """What came of each line.

    Attributes:
        best, second: rows of electors, -1 where there is none.
        chance, second_chance: of the two.
        listed: that anyone on the list signed, candidate or not.
    """

    best: Array
    second: Array
    chance: Array
    second_chance: Array
    listed: Array


@njit(cache=True, parallel=True)
def judge(
    model: Model,
    candidates: Candidates,
    context: Context,
    lines: People,
    electors: People,
    names: Names,
) -> Verdicts:
    """Share each line's chance among its candidates, an unseen elector, a relative, and nobody."""
    count = len(context.place)
    best, second = np.full(count, -1), np.full(count, -1)
    chance, second_chance = np.zeros(count), np.zeros(count)
    listed = np.zeros(count)
    for line in prange(count):
        most, next_most, mine, theirs = 0.0, 0.0, 0.0, 0.0
        for at in range(candidates.starts[line], candidates.starts[line + 1]):
            elector = candidates.electors[at]
            found = compare(line, elector, lines, electors, names)
            one, other = masses(model, found, model.sharing[elector], context.place[line])
            mine, theirs = mine + one, theirs + other
            if one > most:
                next_most, second[line] = most, best[line]
                most, best[line] = one, elector
            elif one > next_most:
                next_most, second[line] = one, elector
        unseen, nobody = _without(model, context, line)
        whole = mine + theirs + unseen + nobody
        chance[line], second_chance[line] = most / whole, next_most / whole
        listed[line] = (mine + unseen) / whole
    return Verdicts(best, second, chance, second_chance, listed)


@njit(cache=True, parallel=True)
def expected(
    model: Model, starts: Array, context: Context, found: Array
) -> tuple[Array, Array, Array, Array]:
    """Give the chances of candidates whose levels are known.

    Args:
        model: with `sharing` of each candidate.
        starts: for each line, where its candidates begin; one more at the end.
        context: of each line.
        found: the levels of each candidate.

    Returns:
        Of each candidate, that the elector signed, and that a relative did; of each line, that an
        unseen elector did, and that nobody on the list or of their households did.
    """
    mine, theirs = np.zeros(len(found)), np.zeros(len(found))
    unseen, nobody = np.zeros(len(context.place)), np.zeros(len(context.place))
    for line in prange(len(context.place)):
        begin, end = starts[line], starts[line + 1]
        unseen[line], nobody[line] = _without(model, context, line)
        whole = unseen[line] + nobody[line]
        for at in range(begin, end):
            f = found[at]
            levels = (f[0], f[1], f[2], f[3], f[4], f[5])
            mine[at], theirs[at] = masses(model, levels, model.sharing[at], context.place[line])
            whole += mine[at] + theirs[at]
        mine[begin:end] /= whole
        theirs[begin:end] /= whole
        unseen[line] /= whole
        nobody[line] /= whole
    return mine, theirs, unseen, nobody


@njit(cache=True)
def _without(model: Model, context: Context, line: int) -> tuple[float, float]:
    """Weigh the two classes without a candidate: an elector whom no key finds, and nobody."""
    place, odd = context.place[line], int(context.odd[line])
    unseen = missed(model, place, context.hidden[line], odd) * model.place[FAR, place]
    if context.born[line]:
        unseen *= 1 - model.match[5, 1]
    nobody = max(1 - model.listed - model.relative, 0.005) * model.nobody_place[place]
    return model.listed * unseen / model.nobody_odd[odd], nobody


@njit(cache=True)
def missed(model: Model, place: int, hidden: int, odd: int) -> float:
    """Give the chance that the signer is on the list and no candidate, and writes so.

    No key finds an elector if the address is another and the name is not written as on the list,
    or is that of too many. Of names that electors have, few are written by others than their
    bearers; none of the odd ones is as on the list.
    """
    given, surname, address = model.match[0], model.match[1], model.match[3]
    elsewhere = 1.0 if place == 0 else address[6] + address[7]
    misspelt_given = given[4] + given[5] + given[6] + given[7]
    misspelt_surname = surname[3] + surname[4] + surname[5]
    plain = (1 - misspelt_given) * (1 - misspelt_surname)
    if odd:
        return float(elsewhere * (1 - plain))
    named = (given[1] + given[2]) * surname[1]
    unseen = elsewhere * max(plain - named, 0.0)
    if hidden == 1:
        unseen += named * (1.0 if place == 0 else address[7])
    if hidden == 2:
        unseen += named * elsewhere
    return float(unseen)


@njit(cache=True)
def masses(model: Model, found: Levels, sharing: Array, place: int) -> tuple[float, float]:
    """Weigh a candidate: that the elector signed, and that an unlisted relative did.

    Both are relative to the chance that the line comes about by accident.
    """
    accident = by_accident(model, found, sharing)
    match = home = 1 / model.size
    for part in range(6):
        level = found[part]
        if level:
            match *= model.match[part, level] / accident[part]
            at_home = model.home[part, level]
            if part == 0 and level == 1:
                at_home = given_at_home(model, sharing)
            home *= at_home / accident[part]
    factor = model.place[nearness(found[3]), place] if found[3] else 1.0
    return match * model.listed * factor, home * model.relative * factor


@njit(cache=True)
def nearness(address: int) -> int:
    """Give how near an elector's address is, by its level."""
    return NEAR if address <= 2 else PARTLY if address <= 4 else FAR


@njit(cache=True)
def given_at_home(model: Model, sharing: Array) -> float:
    """Give the chance that a relative has the elector's given name: a frequent one more often.

    How frequent is told by the bearers of the surname, whose given names are those of one language,
    and by the whole list as `SHRINK` bearers more.
    """
    overall = sharing[GIVEN] / model.size
    shared = (sharing[NAME] - 1 + SHRINK * overall) / (sharing[SURNAME] - 1 + SHRINK)
    return float(min(model.home[0, 1] + shared * model.match[0, 1], 0.5))


@njit(cache=True)
def by_accident(  # noqa: C901 - a level after the other
    model: Model, found: Levels, sharing: Array
) -> tuple[float, float, float, float, float, float]:
    """Give the chance of levels by accident, by the frequency of what agrees."""
    given, surname, _, address, phone, _ = found
    chances = model.accident
    one, two = chances[0, given], chances[1, surname]
    four, five = chances[3, address], chances[4, phone]
    if given == 1:
        one = _share(model, sharing[GIVEN])
    elif given == 2:
        one = _share(model, sharing[FORMAL]) * chances[0, 2]
    if surname == 1:
        two = _share(model, sharing[SURNAME])
    if given == 8:
        one, two = sharing[SWAPPED] / model.size, 1.0
    if given == 1 and surname == 1:
        two = sharing[STRANGERS] / model.size / one
    if 1 <= address <= 2:
        four = _share(model, sharing[ADDRESS])
    elif address == 3:
        four = _share(model, sharing[DOOR])
    elif address == 5:
        four = _share(model, sharing[AROUND])
    elif address == 6:
        four = _share(model, sharing[LOCALITY])
    if phone == 1:
        five = _share(model, sharing[PHONE])
    least = 1 / (2 * model.size)
    return (
        max(one, least), max(two, least), max(chances[2, found[2]], least),
        max(four, least), max(five, least), max(chances[5, found[5]], least),
    )  # fmt: skip


@njit(cache=True)
def _share(model: Model, sharing: float) -> float:
    return (sharing - 0.5) / model.size
