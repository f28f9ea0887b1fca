"""The model: what each comparison level is worth, and how a line's probability is shared out.

Fellegi and Sunter (1969) with three classes of pairs instead of two, because members of a household
share surname and address: a pair of a line and an elector is a match, or the line is of another
member of the elector's household, or the elector has nothing to do with it.

Each line has at most one elector: its candidates, "an elector whom no key finds", "a relative of a
listed household" and "nobody on the list" share a probability of one. Where the line's name is
capped, its bearers count among those whom no key finds.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit, prange

from referendum.matching.compare import compare_pair
from referendum.matching.people import Names, People

Array = npt.NDArray[Any]
Levels = tuple[int, int, int, int, int, int]

PLACES = ("none written", "on the list", "in a known place", "in no known place")
"""Where a line's address is: on the list, or at least its locality or postal area is, or not."""

NEAR, PARTLY, FAR = range(3)
"""How near an elector's address is to the line's: equal, equal in part, different."""

(
    GIVEN, FORMAL, SURNAME, NAME, STRANGERS, SWAPPED, ADDRESS, DOOR, AROUND, LOCALITY, PHONE,
) = range(11)  # fmt: skip
"""Columns of `Model.term_frequencies`: electors with the same given name, and so on. STRANGERS is
the expected number of bearers of the name among as many people who are not on the list; SWAPPED the
expected number who have the two names the other way round; AROUND goes by the postal code or the
street, whichever more share."""

SHRINKAGE = 20
"""Bearers of a surname that the whole list counts for in the given names of relatives."""


class Model(NamedTuple):
    """The parameters of the model.

    Attributes:
        m: for each of `COMPARISONS` and each level, its probability if the elector signed the line.
        household: the same if another member of the elector's household did.
        u: the same if the two have nothing to do with each other.
        term_frequencies: for each elector, how many share the elector's own name, address, and so
            on.
        place: for NEAR, PARTLY and FAR, the probability of each of `PLACES` if the elector signed.
        nobody_place: the same if nobody on the list did.
        nobody_odd: of lines that nobody on the list signed, the shares whose name is one that
            electors have, and whose is not.
        listed: share of lines whose signer is on the list.
        relative: share of lines of unlisted relatives of a listed household.
        size: electors, or `SMALLEST_LIST` if they are fewer.
    """

    m: Array
    household: Array
    u: Array
    term_frequencies: Array
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
        capped_names: bearers of the line's name who are not compared because they are too many: 0
            for none, 1 for those in other places, 2 for all.
        odd_name: whether given name or surname is missing, an initial, or no elector's name.
        has_birth_date: whether the line has a date of birth, which is a key of its own.
    """

    place: Array
    capped_names: Array
    odd_name: Array
    has_birth_date: Array

    def rows(self, which: Array) -> "Context":
        """Give the context of some lines."""
        return Context(*(part[which] for part in self))


class Posteriors(NamedTuple):
    """The posterior probabilities of each line.

    Attributes:
        best, second: rows of electors, -1 where there is none.
        posterior, second_posterior: probability that each of the two signed.
        listed: probability that anyone on the list signed, candidate or not.
    """

    best: Array
    second: Array
    posterior: Array
    second_posterior: Array
    listed: Array


@njit(cache=True, parallel=True)
def line_posteriors(
    model: Model,
    candidates: Candidates,
    context: Context,
    lines: People,
    electors: People,
    names: Names,
) -> Posteriors:
    """Share each line's probability among candidates, an unseen elector, a relative, and nobody."""
    count = len(context.place)
    best, second = np.full(count, -1), np.full(count, -1)
    posterior, second_posterior = np.zeros(count), np.zeros(count)
    listed = np.zeros(count)
    for line in prange(count):
        most, next_most, matches, relatives = 0.0, 0.0, 0.0, 0.0
        for at in range(candidates.starts[line], candidates.starts[line + 1]):
            elector = candidates.electors[at]
            levels = compare_pair(line, elector, lines, electors, names)
            match, relative = weigh_candidate(
                model, levels, model.term_frequencies[elector], context.place[line]
            )
            matches, relatives = matches + match, relatives + relative
            if match > most:
                next_most, second[line] = most, best[line]
                most, best[line] = match, elector
            elif match > next_most:
                next_most, second[line] = match, elector
        unseen, nobody = _weigh_no_candidate(model, context, line)
        whole = matches + relatives + unseen + nobody
        posterior[line], second_posterior[line] = most / whole, next_most / whole
        listed[line] = (matches + unseen) / whole
    return Posteriors(best, second, posterior, second_posterior, listed)


@njit(cache=True, parallel=True)
def candidate_posteriors(
    model: Model, starts: Array, context: Context, levels: Array
) -> tuple[Array, Array, Array, Array]:
    """Give the posteriors of candidates whose comparison levels are known (the E step).

    Args:
        model: with `term_frequencies` of each candidate.
        starts: for each line, where its candidates begin; one more at the end.
        context: of each line.
        levels: the levels of each candidate.

    Returns:
        For each candidate, the probability that the elector signed, and that a relative did; for
        each line, that an unseen elector did, and that nobody on the list or of their households
        did.
    """
    matches, relatives = np.zeros(len(levels)), np.zeros(len(levels))
    unseen, nobody = np.zeros(len(context.place)), np.zeros(len(context.place))
    for line in prange(len(context.place)):
        begin, end = starts[line], starts[line + 1]
        unseen[line], nobody[line] = _weigh_no_candidate(model, context, line)
        whole = unseen[line] + nobody[line]
        for at in range(begin, end):
            row = levels[at]
            pair_levels = (row[0], row[1], row[2], row[3], row[4], row[5])
            matches[at], relatives[at] = weigh_candidate(
                model, pair_levels, model.term_frequencies[at], context.place[line]
            )
            whole += matches[at] + relatives[at]
        matches[begin:end] /= whole
        relatives[begin:end] /= whole
        unseen[line] /= whole
        nobody[line] /= whole
    return matches, relatives, unseen, nobody


@njit(cache=True)
def _weigh_no_candidate(model: Model, context: Context, line: int) -> tuple[float, float]:
    """Weigh the two classes without a candidate: an elector whom no key finds, and nobody."""
    place, odd_name = context.place[line], int(context.odd_name[line])
    unseen = (
        unseen_probability(model, place, context.capped_names[line], odd_name)
        * model.place[FAR, place]
    )
    if context.has_birth_date[line]:
        unseen *= 1 - model.m[5, 1]
    nobody = max(1 - model.listed - model.relative, 0.005) * model.nobody_place[place]
    return model.listed * unseen / model.nobody_odd[odd_name], nobody


@njit(cache=True)
def unseen_probability(model: Model, place: int, capped_names: int, odd_name: int) -> float:
    """Give the probability that the signer is on the list and no candidate, and writes like this.

    No key finds an elector whose address is different and whose name is capped or not written as
    on the list. Names that electors have are seldom written by others than their bearers; an odd
    name is never as on the list.
    """
    given, surname, address = model.m[0], model.m[1], model.m[3]
    elsewhere = 1.0 if place == 0 else address[6] + address[7]
    misspelt_given = given[4] + given[5] + given[6] + given[7]
    misspelt_surname = surname[3] + surname[4] + surname[5]
    plain = (1 - misspelt_given) * (1 - misspelt_surname)
    if odd_name:
        return float(elsewhere * (1 - plain))
    named = (given[1] + given[2]) * surname[1]
    unseen = elsewhere * max(plain - named, 0.0)
    if capped_names == 1:
        unseen += named * (1.0 if place == 0 else address[7])
    if capped_names == 2:
        unseen += named * elsewhere
    return float(unseen)


@njit(cache=True)
def weigh_candidate(
    model: Model, levels: Levels, frequencies: Array, place: int
) -> tuple[float, float]:
    """Weigh a candidate: that the elector signed, and that an unlisted relative did.

    Both are relative to the probability that the line agrees so by accident.
    """
    u = frequency_adjusted_u(model, levels, frequencies)
    match = household = 1 / model.size
    for part in range(6):
        level = levels[part]
        if level:
            match *= model.m[part, level] / u[part]
            household_probability = model.household[part, level]
            if part == 0 and level == 1:
                household_probability = household_given_name_probability(model, frequencies)
            household *= household_probability / u[part]
    factor = model.place[nearness(levels[3]), place] if levels[3] else 1.0
    return match * model.listed * factor, household * model.relative * factor


@njit(cache=True)
def nearness(address: int) -> int:
    """Give how near an elector's address is, by its comparison level."""
    return NEAR if address <= 2 else PARTLY if address <= 4 else FAR


@njit(cache=True)
def household_given_name_probability(model: Model, frequencies: Array) -> float:
    """Give the probability that a relative has the elector's given name: more if it is frequent.

    How frequent it is comes from the bearers of the surname, whose given names are often of one
    language, and from the whole list, which counts as `SHRINKAGE` further bearers.
    """
    overall = frequencies[GIVEN] / model.size
    shared = (frequencies[NAME] - 1 + SHRINKAGE * overall) / (frequencies[SURNAME] - 1 + SHRINKAGE)
    return float(min(model.household[0, 1] + shared * model.m[0, 1], 0.5))


@njit(cache=True)
def frequency_adjusted_u(  # noqa: C901 - a level after the other
    model: Model, levels: Levels, frequencies: Array
) -> tuple[float, float, float, float, float, float]:
    """Give the u-probabilities of levels, adjusted to the term frequency of what agrees."""
    given, surname, _, address, phone, _ = levels
    u = model.u
    given_u, surname_u = u[0, given], u[1, surname]
    address_u, phone_u = u[3, address], u[4, phone]
    if given == 1:
        given_u = _frequency_share(model, frequencies[GIVEN])
    elif given == 2:
        given_u = _frequency_share(model, frequencies[FORMAL]) * u[0, 2]
    if surname == 1:
        surname_u = _frequency_share(model, frequencies[SURNAME])
    if given == 8:
        given_u, surname_u = frequencies[SWAPPED] / model.size, 1.0
    if given == 1 and surname == 1:
        surname_u = frequencies[STRANGERS] / model.size / given_u
    if 1 <= address <= 2:
        address_u = _frequency_share(model, frequencies[ADDRESS])
    elif address == 3:
        address_u = _frequency_share(model, frequencies[DOOR])
    elif address == 5:
        address_u = _frequency_share(model, frequencies[AROUND])
    elif address == 6:
        address_u = _frequency_share(model, frequencies[LOCALITY])
    if phone == 1:
        phone_u = _frequency_share(model, frequencies[PHONE])
    least = 1 / (2 * model.size)
    return (
        max(given_u, least), max(surname_u, least), max(u[2, levels[2]], least),
        max(address_u, least), max(phone_u, least), max(u[5, levels[5]], least),
    )  # fmt: skip


@njit(cache=True)
def _frequency_share(model: Model, frequency: float) -> float:
    return (frequency - 0.5) / model.size
