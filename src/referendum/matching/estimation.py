"""Estimation of the model: counted on the list, and learned from the lines without labels.

u-probabilities (agreement by accident) come from the list itself, exactly and by term frequency:
the frequency of the very name or address. Those of a household come from pairs of electors at one
address. m-probabilities (agreement of a line with its own elector) come from the lines, by the EM
algorithm (Dempster, Laird and Rubin 1977) over the candidates of a sample.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from referendum.matching.blocking import mix_codes
from referendum.matching.compare import COMPARISONS, MAX_LEVELS, SECOND_NAME_LEVEL, compare_pairs
from referendum.matching.model import (
    FAR,
    FORMAL,
    PLACES,
    Candidates,
    Context,
    Model,
    candidate_posteriors,
    nearness,
)
from referendum.matching.people import Names, People
from referendum.matching.term_frequencies import SMALLEST_LIST, list_term_frequencies

Array = npt.NDArray[Any]

EM_ROUNDS = 15
STRANGER_PAIRS = 500_000
"""Random pairs, from which the u-probabilities of fuzzy levels are estimated."""

HOUSEHOLD_SAMPLE = 500_000
"""Electors, about, whose households are compared."""

PROBABILITY_FLOOR = 1e-7
PRIOR_LINES, PRIOR_LINES_FOR_PLACES = 200, 20
"""Lines that the prior counts for: of comparison levels, and of places."""

PRIOR_LISTED, PRIOR_RELATIVE = 0.85, 0.04
"""Prior shares of lines of listed electors, and of their unlisted relatives."""

_PRIOR_U: Mapping[str, tuple[float, ...]] = {
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
_PRIOR_HOUSEHOLD: Mapping[str, tuple[float, ...]] = {
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
_PRIOR_M: Mapping[str, tuple[float, ...]] = {
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
_PRIOR_PLACES = np.array([[1, 1, 0.0001, 0.0001], [1, 0.6, 0.35, 0.05], [1, 0.35, 0.6, 0.05]])
"""Prior probabilities of `PLACES`, if an elector near, partly near or far signed."""
_PRIOR_NOBODY_PLACE = np.array([1, 0.4, 0.5, 0.1])

_PRIOR_ODD = np.array([0.9, 0.1])
"""Prior shares of names that electors have, and of odd ones."""

UNHEARD_NAMES = 5.0
"""How far a list lacks given names (`household_probabilities`): one in 100, of 250,000 electors."""

SAME_INITIAL = 0.09
"""Share of relatives whose given names begin with the same letter."""

OWN_NAME_SHARE = 0.1
"""Share of misspelt names that are names of their own. No line shows whether such a line is the
elector's or a relative's, so this is set and not learned."""

_MISSPELT_LEVELS = {"given": ((5, 6, 7), (9, 10, 11)), "surname": ((3, 4, 5), (7, 8, 9))}
"""Levels of misspelt names: of words that are nobody's name, and of names of their own."""

_LEVEL_CAPS = {"given": {6: 0.04, 7: 0.01}, "surname": {4: 0.05, 5: 0.015}}
"""Share of an elector's own lines up to which a name that is only similar, or another one, is
learned: above what heavy errors of every error model give. Lines of relatives look like such lines,
and many of them must not teach the model that names say nothing."""


class ListStatistics(NamedTuple):
    """What is counted on the list.

    Attributes:
        u: for each of `COMPARISONS`, the probability of each level between a line and a stranger.
        household: the same between members of one household.
        term_frequencies: for each elector, how many share each of the columns that `model` names.
        electors: how many are on the list.
    """

    u: Array
    household: Array
    term_frequencies: Array
    electors: int

    @property
    def size(self) -> float:
        """Electors, or `SMALLEST_LIST` if they are fewer."""
        return float(max(self.electors, SMALLEST_LIST))


def list_statistics(lines: People, electors: People, names: Names) -> ListStatistics:
    """Compute the statistics of the list that the model needs."""
    frequencies, size = list_term_frequencies(electors), len(electors.table)
    stranger_levels = count_stranger_levels(lines, electors, names, (np.arange(size), size))
    u = u_probabilities(stranger_levels, frequencies[:, FORMAL], float(max(size, SMALLEST_LIST)))
    household = household_probabilities(count_household_levels(electors, names), size)
    return ListStatistics(u, household, frequencies, size)


def estimate_model(
    statistics: ListStatistics,
    people: tuple[People, People, Names],
    candidates: Candidates,
    context: Context,
) -> Model:
    """Estimate the model from the candidates of a sample of lines, by the EM algorithm.

    Args:
        statistics: of the list.
        people: the sample of lines, a row for each of `candidates`; the electors; the dictionaries.
        candidates: of the sample, by all keys.
        context: of the sample.
    """
    lines, electors, names = people
    u, household, frequencies, size = statistics
    line = np.repeat(np.arange(len(lines.table)), np.diff(candidates.starts))
    pair_levels = compare_pairs(line, candidates.electors, lines, electors, names)
    m = _level_table(_PRIOR_M)
    model = Model(
        m=m,
        household=_household_of_signer(household, m),
        u=u,
        term_frequencies=frequencies[candidates.electors],
        place=_PRIOR_PLACES,
        nobody_place=_PRIOR_NOBODY_PLACE,
        nobody_odd=_odd_name_shares(context.odd_name, np.ones(len(context.odd_name))),
        listed=PRIOR_LISTED,
        relative=PRIOR_RELATIVE,
        size=statistics.size,
    )
    for _ in range(EM_ROUNDS):
        posteriors = candidate_posteriors(model, candidates.starts, context, pair_levels)
        model = _maximise(model, household, (line, pair_levels), context, posteriors)
    return model._replace(term_frequencies=frequencies, listed=model.listed if size else 0.0)


def _maximise(
    model: Model,
    household: Array,
    pairs: tuple[Array, Array],
    context: Context,
    posteriors: tuple[Array, Array, Array, Array],
) -> Model:
    """Re-estimate the model from the posteriors of the candidates (the M step)."""
    line, pair_levels = pairs
    matches, relatives, unseen, nobody = posteriors
    m = np.zeros_like(model.m)
    for number, (part, prior) in enumerate(_PRIOR_M.items()):
        size = len(prior)
        counts = np.bincount(pair_levels[:, number], weights=matches, minlength=size)
        counts = counts + PRIOR_LINES * np.array(prior)
        counts[0] = 0
        if part == "address":
            # An elector whom no key finds is one at another address.
            far = model.m[number, 6:8]
            counts[6:8] += unseen.sum() * far / far.sum()
        if part in _MISSPELT_LEVELS:
            no_names, own_names = (list(levels) for levels in _MISSPELT_LEVELS[part])
            counts[own_names] = OWN_NAME_SHARE * counts[no_names]
        m[number, :size] = np.maximum(_cap_levels(counts / counts.sum(), part), PROBABILITY_FLOOR)
    m[1, 6] = 1  # the given name's level says what swapped names are worth
    lines = len(context.place)
    listed = matches.sum() + unseen.sum() + PRIOR_LINES * PRIOR_LISTED
    relative = relatives.sum() + PRIOR_LINES * PRIOR_RELATIVE
    place, nobody_place = _place_probabilities(
        line, pair_levels[:, 3], context.place, matches, nobody
    )
    return model._replace(
        m=m,
        household=_household_of_signer(household, m),
        place=place,
        nobody_place=nobody_place,
        nobody_odd=_odd_name_shares(context.odd_name, nobody),
        listed=float(np.clip(listed / (lines + PRIOR_LINES), 0.01, 0.98)),
        relative=float(np.clip(relative / (lines + PRIOR_LINES), 0.001, 0.2)),
    )


def _cap_levels(shares: Array, part: str) -> Array:
    """Cap the shares of other names at `_LEVEL_CAPS`, and give the rest to the other levels."""
    capped = shares.copy()
    for level, most in _LEVEL_CAPS.get(part, {}).items():
        capped[[level, level + 4]] *= min(1.0, most / capped[level])
    is_capped = np.isin(
        np.arange(len(capped)), [at for n in _LEVEL_CAPS.get(part, {}) for at in (n, n + 4)]
    )
    if is_capped.any():
        capped[~is_capped] *= (1 - capped[is_capped].sum()) / capped[~is_capped].sum()
    return capped


def _place_probabilities(
    line: Array, address: Array, place: Array, matches: Array, nobody: Array
) -> tuple[Array, Array]:
    """Estimate where the addresses of probable matches are, and those of lines of nobody.

    Where electors with another address are must be learned from those whom a name or a telephone
    gives away; unseen ones teach nothing.
    """
    nearness_of_pair = np.array([nearness(level) for level in range(len(COMPARISONS["address"]))])[
        address
    ]
    learned = np.empty_like(_PRIOR_PLACES)
    for nearness_class in range(FAR + 1):
        here = (nearness_of_pair == nearness_class) & (address > 0)
        counts = np.bincount(place[line[here]], weights=matches[here], minlength=len(PLACES))
        learned[nearness_class] = _place_shares(counts, _PRIOR_PLACES[nearness_class])
    counts = np.bincount(place, weights=nobody, minlength=len(PLACES))
    return learned, _place_shares(counts, _PRIOR_NOBODY_PLACE)


def _odd_name_shares(odd: Array, weight: Array) -> Array:
    """Give the share of lines whose name is one that electors have, and that of the others."""
    counts = np.bincount(odd, weights=weight, minlength=2) + PRIOR_LINES_FOR_PLACES * _PRIOR_ODD
    shares: Array = counts / counts.sum()
    return shares


def _place_shares(counts: Array, prior: Array) -> Array:
    """Give the probability of each place where an address is written; 1 where none is."""
    counts = counts + PRIOR_LINES_FOR_PLACES * prior
    counts[0] = 0
    shares: Array = np.maximum(counts / counts.sum(), PROBABILITY_FLOOR)
    shares[0] = 1
    return shares


def _level_table(tables: Mapping[str, Any]) -> Array:
    padded = np.zeros((len(COMPARISONS), MAX_LEVELS))
    for number, part in enumerate(COMPARISONS):
        padded[number, : len(COMPARISONS[part])] = tables[part]
    return padded


def _household_of_signer(household: Array, m: Array) -> Array:
    """Give the probability of each level between a line and a relative of its signer.

    A name that the two share is written as signers write it; the address is the signer's own.
    """
    given, _, _, address, *_ = range(len(COMPARISONS))
    rest = household.copy()
    rest[:, 1] = 0
    # Nobody is listed by an initial; relatives write one as often as signers do.
    rest[given, 4] = m[given, 4] * SAME_INITIAL
    rest[given, SECOND_NAME_LEVEL] += m[given, SECOND_NAME_LEVEL] * SAME_INITIAL
    # Nor are names misspelt on the list; relatives' are on lines, as often as signers' are.
    no_names, own_names = (list(levels) for levels in _MISSPELT_LEVELS["given"])
    misspelt = rest[given, own_names] * m[given, no_names].sum()
    rest[given, no_names] += misspelt
    rest[given, own_names] -= misspelt
    probabilities = household[:, 1:2] * m + rest
    at_address = m[address] * np.where(np.arange(MAX_LEVELS) >= 5, 0.2, 1)
    probabilities[address] = at_address / at_address.sum()
    floored: Array = np.maximum(probabilities, PROBABILITY_FLOOR)
    return floored


def count_stranger_levels(
    lines: People, electors: People, names: Names, part: tuple[Array, int]
) -> tuple[Array, ...]:
    """Count the levels between lines and random electors.

    Args:
        lines: all lines.
        electors: the list, or a part of it.
        names: the dictionaries of both.
        part: rows of the electors on the whole list, ascending, and how many are on it.
    """
    rows, list_size = part
    line_count = len(lines.table)
    sequence = np.arange(min(STRANGER_PAIRS, line_count * list_size), dtype=np.int64)
    # Two multiplicative sequences with different odd factors: every line meets strangers.
    line, elector = (
        sequence * 7_919 % max(line_count, 1),
        sequence * 2_654_435_761 % max(list_size, 1),
    )
    places = np.searchsorted(rows, elector)
    in_part = (places < len(rows)) & (np.append(rows, -1)[places] == elector)
    return _count_levels(compare_pairs(line[in_part], places[in_part], lines, electors, names))


def u_probabilities(counts: tuple[Array, ...], formal: Array, size: float) -> Array:
    """Turn counts into u-probabilities; that of two forms of one name is per bearer of the name.

    `model.frequency_adjusted_u` multiplies it by the bearers of the elector's own name.

    Args:
        counts: of pairs of strangers, by level.
        formal: for each elector, or a sample of them, how many bear the full form of the name.
        size: of the list.
    """
    u = _level_shares(counts, _PRIOR_U)
    bearers = float(formal.mean()) / size if len(formal) else 1.0
    u[0, 2] = min(u[0, 2] / bearers, 1)
    return u


def count_household_levels(electors: People, names: Names) -> tuple[Array, ...]:
    """Count the levels between members of one household."""
    door = mix_codes(
        [electors.column(name) + 1 for name in ("locality", "street", "number", "unit")]
    )
    every = max(1, len(door) // HOUSEHOLD_SAMPLE)
    sampled = np.flatnonzero((door % np.uint64(every) == 0) & (electors.column("street") >= 0))
    order = sampled[np.argsort(door[sampled], kind="stable")]
    one, other = order[:-1], order[1:]
    together = door[one] == door[other]
    return _count_levels(
        compare_pairs(
            one[together], other[together], electors, electors, names._replace(own_count=1)
        )
    )


def household_probabilities(counts: tuple[Array, ...], electors: int) -> Array:
    """Turn counts of households into probabilities.

    A short list does not hold all names: a relative bears one that nobody on it has, with a
    probability of `UNHEARD_NAMES` over the square root of its length, at most one half.
    """
    given = np.array(_PRIOR_HOUSEHOLD["given"])
    no_names, own_names = (list(levels) for levels in _MISSPELT_LEVELS["given"])
    total = given[no_names] + given[own_names]
    given[no_names] = np.maximum(
        given[no_names], total * min(UNHEARD_NAMES / max(electors, 1) ** 0.5, 0.5)
    )
    given[own_names] = total - given[no_names]
    return _level_shares(counts, {**_PRIOR_HOUSEHOLD, "given": tuple(given)})


def _count_levels(pair_levels: Array) -> tuple[Array, ...]:
    return tuple(
        np.bincount(pair_levels[:, number], minlength=len(levels_of))
        for number, levels_of in enumerate(COMPARISONS.values())
    )


def _level_shares(counts: tuple[Array, ...], prior: Mapping[str, tuple[float, ...]]) -> Array:
    """Give the share of each level among those that compare something, none below the floor.

    The prior counts as `SMALLEST_LIST` pairs, so that a list of a few people does not decide alone.
    """
    tables = {}
    for part, of_part in zip(COMPARISONS, counts, strict=True):
        total = of_part + SMALLEST_LIST * np.array(prior[part])
        total[0] = 0
        tables[part] = np.maximum(total / total.sum(), PROBABILITY_FLOOR)
    return _level_table(tables)
