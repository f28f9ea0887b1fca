"""A list that is matched part by part, for a machine that cannot hold it or many that share it.

The lines fit anywhere; the list need not. Each step is a function of the lines and one part of the
list, and what it gives is added up over the parts:

1. `count`: how many electors share each line's keys and bear its names; households and bearers of
   some names, as a sample.
2. `choose`: the electors who share a key with a line that is not passed over. They are few. And
   what levels come about by accident.
3. `bear`: how many of the list share the names and addresses of those.

What is left is done as if those electors were the list. The chances are those that the whole list
gives, to the last digit up to `HOUSEHOLDS` electors; beyond, households are another sample.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from referendum.core.progress import step
from referendum.matching.blocking import KEYS, MOST, Over, counts, pairs
from referendum.matching.learn import (
    HOUSEHOLDS,
    SMALLEST,
    Bearers,
    Statistics,
    accidents,
    at_home,
    bearers,
    by_accident,
    households,
    sharing_of,
    strangers_of,
)
from referendum.matching.match import CONTEXT, Ready, context_of, in_order, learned, told
from referendum.matching.people import Names, People, encode

Array = npt.NDArray[Any]

ROW = "row"
"""Column of a part: the place of each elector on the whole list in the order of `elector_id`."""

SAMPLE = 1_000_000
"""Electors, about, by whom it is counted how many strangers bear a name."""

PERSON = (
    "elector_id", "given_names", "surname", "birth_year", "birth_date", "unit", "street_number",
    "street", "locality", "postal_code", "phone", ROW,
)  # fmt: skip

_COUNTED = tuple(dict.fromkeys((*KEYS, *CONTEXT)))


class Counts(NamedTuple):
    """What `count` gives for one part, or for all.

    Attributes:
        shared: uint8, for each of the keys, for each line how many electors share it.
        given, surname: for each line, how many electors bear its given name as one, its surname.
        sample: electors of some households, and all bearers of some names (`households`, `names`).
    """

    shared: Array
    given: Array
    surname: Array
    sample: pl.DataFrame


class Chosen(NamedTuple):
    """What `choose` gives for one part, or for all.

    Attributes:
        electors: those whom a line may be of.
        accident: for each part of a person, how many pairs of strangers are at each level.
    """

    electors: pl.DataFrame
    accident: tuple[Array, ...]


Run = Callable[[Callable[..., Any], tuple[Any, ...]], Iterable[Any]]
"""Calls a function with each part of the list and then some more, and gives what comes of each."""


def match_parts(lines: pl.DataFrame, run: Run, whole: int) -> pl.DataFrame:
    """Match lines to a list in parts.

    Args:
        lines: `core.schemas.LINES` with `serial`.
        run: the engine: calls a function for each part, in any order.
        whole: electors on the list.

    Returns:
        As `match_lines` does.
    """
    lines = in_order(lines, "serial")
    counted = _added(run(count, (lines, whole)))
    step("matching", 1, 4)
    over = {key: counted.shared[_COUNTED.index(key)] > MOST for key in KEYS}
    parts = list(run(choose, (lines, whole, counted, over)))
    chosen = Chosen(
        pl.concat([part.electors for part in parts]).sort(ROW),
        tuple(sum(levels) for levels in zip(*(part.accident for part in parts), strict=True)),
    )
    step("matching", 2, 4)
    of_names = counted.sample.filter("names").sort(ROW)
    asked = pl.concat([chosen.electors, of_names.select(PERSON)])
    borne = [sum(column) for column in zip(*run(bear, (asked,)), strict=True)]
    step("matching", 3, 4)
    many = chosen.electors.height
    own, others = (Bearers(*(c[rows] for c in borne)) for rows in (slice(many), slice(many, None)))
    size = float(max(whole, SMALLEST))
    statistics = Statistics(
        by_accident(chosen.accident, np.maximum(others.formal, 1), size),
        at_home(_households(counted.sample), whole),
        sharing_of(own, strangers_of(own, others, size), size),
        whole,
    )
    ready = _ready(lines, chosen, counted, over, statistics)
    found = told(lines, chosen.electors["elector_id"], ready)
    step("matching", 4, 4)
    return found


def _households(sample: pl.DataFrame) -> tuple[Array, ...]:
    neighbours = sample.filter("households").sort(ROW)
    _, electors, names = encode(neighbours.clear(), neighbours)
    return households(electors, names)


def _ready(
    lines: pl.DataFrame, chosen: Chosen, counted: Counts, over: Over, statistics: Statistics
) -> Ready:
    ours, theirs, names = encode(lines, chosen.electors)
    names = _known(names, ours, counted)
    shared = {key: counted.shared[_COUNTED.index(key)] for key in CONTEXT}
    context = context_of(ours, names, shared)
    model = learned(ours, theirs, names, context, statistics, over)
    return Ready(ours, theirs, names, context, model, over)


def _known(names: Names, lines: People, counted: Counts) -> Names:
    """Put the bearers of the lines' names on the whole list in the place of those of a part."""
    given, surname = np.zeros_like(names.given), np.zeros_like(names.surname)
    for into, codes, bearers_of in (
        (given, lines.column("given"), counted.given),
        (surname, lines.column("surname"), counted.surname),
    ):
        into[codes[codes >= 0]] = bearers_of[codes >= 0]
    return names._replace(given=given + 2 * names.shortened, surname=surname)


def _added(parts: Iterable[Counts]) -> Counts:
    everyone = list(parts)
    shared = everyone[0].shared.astype(np.uint16)
    for part in everyone[1:]:
        shared = np.minimum(shared + part.shared, MOST + 1)
    given, surname = everyone[0].given.copy(), everyone[0].surname.copy()
    for part in everyone[1:]:
        given += part.given
        surname += part.surname
    return Counts(shared, given, surname, pl.concat([part.sample for part in everyone]))


def count(part: pl.DataFrame, lines: pl.DataFrame, whole: int) -> Counts:
    """Count in one part what is added up over all."""
    ours, theirs, names = encode(lines, part.sort(ROW))
    given, surname = ours.column("given"), ours.column("surname")
    as_given = names.given - 2 * names.shortened
    return Counts(
        np.stack([counts(ours, theirs, key) for key in _COUNTED]).astype(np.uint8),
        np.where(given >= 0, as_given[given], 0),
        np.where(surname >= 0, names.surname[surname], 0),
        _sample(part, whole),
    )


def _sample(part: pl.DataFrame, whole: int) -> pl.DataFrame:
    """Take the electors of some households, and all bearers of some names."""
    door = pl.struct("locality", "street", "street_number", "unit").hash()
    name = pl.concat_str(
        pl.col("given_names").str.to_lowercase().str.extract(r"([a-z])"),
        pl.col("surname").str.to_lowercase().str.extract(r"([a-z]{1,2})"),
        ignore_nulls=True,
    ).hash()
    marked = part.select(PERSON).with_columns(
        households=door % max(1, whole // HOUSEHOLDS) == 0,
        names=name % max(1, whole // SAMPLE) == 0,
    )
    return marked.filter(pl.col("households") | pl.col("names"))


def choose(
    part: pl.DataFrame, lines: pl.DataFrame, whole: int, counted: Counts, over: Over
) -> Chosen:
    """Give the electors of one part who share a key with a line that is not passed over."""
    part = part.sort(ROW)
    ours, theirs, names = encode(lines, part)
    _, elector = pairs(ours, theirs, KEYS, over)
    rows = part[ROW].to_numpy()
    strangers = accidents(ours, theirs, _known(names, ours, counted), (rows, whole))
    return Chosen(part[np.unique(elector)].select(PERSON), strangers)


def bear(part: pl.DataFrame, asked: pl.DataFrame) -> Bearers:
    """Count how many electors of one part share the names and addresses of some."""
    ours, theirs, _ = encode(asked, part, listed=True)
    return bearers(ours, theirs)
