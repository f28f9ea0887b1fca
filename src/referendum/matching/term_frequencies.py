"""Term frequencies: how many of the list share each elector's name, address and so on."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from referendum.matching.blocking import BlockingKey, equality_key, mix_codes
from referendum.matching.people import People, number_hashes

Array = npt.NDArray[Any]

SMALLEST_LIST = 1_000
"""Electors, and pairs of them, that the prior counts for beside what the list itself shows."""

MOST_BEARERS = 4
"""Bearers of a name up to whom the number of strangers is estimated; beyond, it is one fewer."""
DOUBLING_CLASSES = 32


class TermFrequencies(NamedTuple):
    """Term frequencies: how many of the list share each elector's own name, address and so on.

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


def count_term_frequencies(asked: People, electors: People) -> TermFrequencies:
    """Count for each of some people how many of the electors share what they have.

    The count is 0 where they have no such thing.
    """
    return TermFrequencies(*(_count_sharers(asked, electors, key) for key in _TERM_KEYS))


_TERM_KEYS: tuple[BlockingKey, ...] = (
    equality_key("given"), equality_key("formal"), equality_key("surname"),
    equality_key("given", "surname"),
    (("surname", "given"),), (("given", "surname"),),
    equality_key("number", "street", "locality"), equality_key("number", "postal"),
    equality_key("postal"),
    equality_key("street", "locality"), equality_key("locality"), equality_key("phone"),
)  # fmt: skip
"""The key of each of `TermFrequencies`."""


def list_term_frequencies(electors: People) -> Array:
    """Give for each elector the term frequencies that `model` names."""
    shared = count_term_frequencies(electors, electors)
    size = max(len(electors.table), SMALLEST_LIST)
    return term_frequency_columns(shared, expected_strangers(shared, shared, size), size)


def term_frequency_columns(shared: TermFrequencies, strangers: Array, size: float) -> Array:
    """Give term frequencies in the columns that `model` names."""
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
    # Every elector shares with at least themselves; two columns are expectations.
    least = (1, 1, 1, 1, 0.01, 0.5, 1, 1, 1, 1, 1)
    frequencies = np.empty((len(strangers), len(columns)), dtype=np.float32)
    for place, (column, floor) in enumerate(zip(columns, least, strict=True)):
        np.maximum(column, floor, out=frequencies[:, place], casting="unsafe")
    return frequencies


def expected_strangers(asked: TermFrequencies, sample: TermFrequencies, size: float) -> Array:
    """Give for each elector how many strangers, of as many as are listed, bear the same name.

    After Good and Turing (Good 1953): an elector whose name n + 1 bear would, if not listed, be a
    stranger to n of one name; so n E(n+1) / E(n) strangers go with a name that n bear, where E(n)
    electors have one. Rates are taken by classes of how many would bear the name if given name and
    surname were independent; they are not, so that number alone would be too low.

    Args:
        asked: the electors.
        sample: electors from whom the rates are counted, with all bearers of their names.
        size: of the list.
    """
    alone = _doubling_class(sample.given * sample.surname / size)
    without = _doubling_class((sample.given - 1) * (sample.surname - 1) / size)
    own = _doubling_class(asked.given * asked.surname / size)
    strangers = np.maximum(asked.name - 1.0, 0.01)
    for n in range(1, MOST_BEARERS + 1):
        have = np.bincount(alone[sample.name == n], minlength=DOUBLING_CLASSES)
        would = n * np.bincount(without[sample.name == n + 1], minlength=DOUBLING_CLASSES)
        overall = would.sum() / max(have.sum(), 1)
        rate = np.maximum((would + 20 * overall) / (have + 20), 0.01)
        strangers[asked.name == n] = rate[own[asked.name == n]]
    return strangers


def _doubling_class(expected: Array) -> Array:
    """Give the class of each number: classes double from one 32,768th on."""
    doubling: Array = np.frexp(np.maximum(expected, 2.0**-15))[1].astype(np.int8) + 15
    return np.clip(doubling, 0, DOUBLING_CLASSES - 1)


def _count_sharers(asked: People, electors: People, key: BlockingKey) -> Array:
    """Count for each of some people how many electors share a key.

    A house without a number is at the same address as another without one.
    """
    asked_columns, list_columns = zip(*key, strict=True)
    if len(key) == 1:
        asked_codes, codes = asked.column(asked_columns[0]), electors.column(list_columns[0])
        counts = np.bincount(codes[codes >= 0], minlength=int(asked_codes.max(initial=0)) + 1)
        sharers: Array = np.where(
            asked_codes >= 0, counts.astype(np.float32)[asked_codes], np.float32(0)
        )
        return sharers
    asked_keys = keys = _mix_columns(electors, list_columns)
    if asked is not electors:
        asked_keys = _mix_columns(asked, asked_columns)
    number, firsts = number_hashes(
        keys if asked is electors else np.concatenate([keys, asked_keys])
    )
    totals = np.bincount(number[: len(keys)], minlength=len(firsts)).astype(np.float32)
    return np.where(asked_keys == 0, np.float32(0), totals[number[len(number) - len(asked_keys) :]])


def _mix_columns(people: People, names: tuple[str, ...]) -> Array:
    columns = [people.column(name) for name in names]
    if "number" in names and "street" in names:
        columns[0] = columns[0] + 1
    return mix_codes(columns)
