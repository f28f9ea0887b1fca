"""Matching a list part by part, on a machine that cannot hold it or on many that share it.

The lines fit in memory; the list need not. Each step is a function of the lines and one part of the
list, and its results are added up over the parts:

1. `count_part`: how many electors share each line's keys and bear its names; households and bearers
   of some names, as a sample.
2. `choose_part_candidates`: the electors who share a key with a line that is not capped, who are
   few; and the comparison levels of random pairs.
3. `count_part_frequencies`: how many of the list share the names and addresses of those.

The rest is done as if those electors were the list. The posteriors are those that the whole list
gives, to the last digit up to `HOUSEHOLD_SAMPLE` electors; beyond, another sample of households is
taken.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from referendum.core.progress import report_progress
from referendum.matching.blocking import (
    BLOCKING_KEYS,
    FREQUENCY_CAP,
    CappedLines,
    count_key_sharers,
    find_candidate_pairs,
)
from referendum.matching.estimation import (
    HOUSEHOLD_SAMPLE,
    ListStatistics,
    count_household_levels,
    count_stranger_levels,
    household_probabilities,
    u_probabilities,
)
from referendum.matching.match import (
    CONTEXT_KEYS,
    Linkage,
    build_matches,
    estimate_from_sample,
    line_context,
    sort_rows,
)
from referendum.matching.people import Names, People, encode
from referendum.matching.term_frequencies import (
    SMALLEST_LIST,
    TermFrequencies,
    count_term_frequencies,
    expected_strangers,
    term_frequency_columns,
)

Array = npt.NDArray[Any]

ROW = "row"
"""Column of a part: the place of each elector on the whole list in the order of `elector_id`."""

NAME_SAMPLE = 1_000_000
"""Electors, about, from whom the number of strangers who bear a name is estimated."""

PERSON_COLUMNS = (
    "elector_id", "given_names", "surname", "birth_year", "birth_date", "unit", "street_number",
    "street", "locality", "postal_code", "phone", ROW,
)  # fmt: skip

_COUNTED_KEYS = tuple(dict.fromkeys((*BLOCKING_KEYS, *CONTEXT_KEYS)))


class PartCounts(NamedTuple):
    """What `count_part` gives for one part, or for all together.

    Attributes:
        shared: uint8, for each of the keys, for each line how many electors share it.
        given, surname: for each line, how many electors bear its given name as one, its surname.
        sample: electors of some households, and all bearers of some names (`households`, `names`).
    """

    shared: Array
    given: Array
    surname: Array
    sample: pl.DataFrame


class PartCandidates(NamedTuple):
    """What `choose_part_candidates` gives for one part, or for all together.

    Attributes:
        electors: those who may have signed a line.
        stranger_levels: for each of `COMPARISONS`, how many random pairs are at each level.
    """

    electors: pl.DataFrame
    stranger_levels: tuple[Array, ...]


RunOverParts = Callable[[Callable[..., Any], tuple[Any, ...]], Iterable[Any]]
"""Calls a function with each part of the list and some further arguments; gives the results."""


def match_parts(lines: pl.DataFrame, run: RunOverParts, list_size: int) -> pl.DataFrame:
    """Match lines to a list in parts.

    Args:
        lines: `core.schemas.LINES` with `serial`.
        run: the engine, which calls a function for each part, in any order.
        list_size: electors on the whole list.

    Returns:
        As `match_lines` does.
    """
    lines = sort_rows(lines, "serial")
    counts = _add_counts(run(count_part, (lines, list_size)))
    report_progress("matching", 1, 4)
    capped = {key: counts.shared[_COUNTED_KEYS.index(key)] > FREQUENCY_CAP for key in BLOCKING_KEYS}
    parts = list(run(choose_part_candidates, (lines, list_size, counts, capped)))
    chosen = PartCandidates(
        pl.concat([part.electors for part in parts]).sort(ROW),
        tuple(
            sum(levels) for levels in zip(*(part.stranger_levels for part in parts), strict=True)
        ),
    )
    report_progress("matching", 2, 4)
    of_names = counts.sample.filter("names").sort(ROW)
    asked = pl.concat([chosen.electors, of_names.select(PERSON_COLUMNS)])
    frequencies = [
        sum(column) for column in zip(*run(count_part_frequencies, (asked,)), strict=True)
    ]
    report_progress("matching", 3, 4)
    chosen_count = chosen.electors.height
    own, others = (
        TermFrequencies(*(c[rows] for c in frequencies))
        for rows in (slice(chosen_count), slice(chosen_count, None))
    )
    size = float(max(list_size, SMALLEST_LIST))
    statistics = ListStatistics(
        u_probabilities(chosen.stranger_levels, np.maximum(others.formal, 1), size),
        household_probabilities(_household_levels(counts.sample), list_size),
        term_frequency_columns(own, expected_strangers(own, others, size), size),
        list_size,
    )
    linkage = _prepare_linkage(lines, chosen, counts, capped, statistics)
    matches = build_matches(lines, chosen.electors["elector_id"], linkage)
    report_progress("matching", 4, 4)
    return matches


def _household_levels(sample: pl.DataFrame) -> tuple[Array, ...]:
    neighbours = sample.filter("households").sort(ROW)
    _, electors, names = encode(neighbours.clear(), neighbours)
    return count_household_levels(electors, names)


def _prepare_linkage(
    lines: pl.DataFrame,
    chosen: PartCandidates,
    counts: PartCounts,
    capped: CappedLines,
    statistics: ListStatistics,
) -> Linkage:
    line_people, elector_people, names = encode(lines, chosen.electors)
    names = _with_list_counts(names, line_people, counts)
    shared = {key: counts.shared[_COUNTED_KEYS.index(key)] for key in CONTEXT_KEYS}
    context = line_context(line_people, names, shared)
    model = estimate_from_sample(line_people, elector_people, names, context, statistics, capped)
    return Linkage(line_people, elector_people, names, context, model, capped)


def _with_list_counts(names: Names, lines: People, counts: PartCounts) -> Names:
    """Replace the bearers of the lines' names in a part by those on the whole list."""
    given, surname = np.zeros_like(names.given), np.zeros_like(names.surname)
    for into, codes, bearers_of in (
        (given, lines.column("given"), counts.given),
        (surname, lines.column("surname"), counts.surname),
    ):
        into[codes[codes >= 0]] = bearers_of[codes >= 0]
    return names._replace(given=given + 2 * names.has_short_form, surname=surname)


def _add_counts(parts: Iterable[PartCounts]) -> PartCounts:
    all_parts = list(parts)
    shared = all_parts[0].shared.astype(np.uint16)
    for part in all_parts[1:]:
        shared = np.minimum(shared + part.shared, FREQUENCY_CAP + 1)
    given, surname = all_parts[0].given.copy(), all_parts[0].surname.copy()
    for part in all_parts[1:]:
        given += part.given
        surname += part.surname
    return PartCounts(shared, given, surname, pl.concat([part.sample for part in all_parts]))


def count_part(part: pl.DataFrame, lines: pl.DataFrame, list_size: int) -> PartCounts:
    """Count in one part what is added up over all."""
    line_people, elector_people, names = encode(lines, part.sort(ROW))
    given, surname = line_people.column("given"), line_people.column("surname")
    as_given = names.given - 2 * names.has_short_form
    return PartCounts(
        np.stack(
            [count_key_sharers(line_people, elector_people, key) for key in _COUNTED_KEYS]
        ).astype(np.uint8),
        np.where(given >= 0, as_given[given], 0),
        np.where(surname >= 0, names.surname[surname], 0),
        _draw_sample(part, list_size),
    )


def _draw_sample(part: pl.DataFrame, list_size: int) -> pl.DataFrame:
    """Sample the electors of some households, and all bearers of some names."""
    door = pl.struct("locality", "street", "street_number", "unit").hash()
    name = pl.concat_str(
        pl.col("given_names").str.to_lowercase().str.extract(r"([a-z])"),
        pl.col("surname").str.to_lowercase().str.extract(r"([a-z]{1,2})"),
        ignore_nulls=True,
    ).hash()
    marked = part.select(PERSON_COLUMNS).with_columns(
        households=door % max(1, list_size // HOUSEHOLD_SAMPLE) == 0,
        names=name % max(1, list_size // NAME_SAMPLE) == 0,
    )
    return marked.filter(pl.col("households") | pl.col("names"))


def choose_part_candidates(
    part: pl.DataFrame,
    lines: pl.DataFrame,
    list_size: int,
    counts: PartCounts,
    capped: CappedLines,
) -> PartCandidates:
    """Give the electors of one part who share a key with a line that is not capped."""
    part = part.sort(ROW)
    line_people, elector_people, names = encode(lines, part)
    _, elector = find_candidate_pairs(line_people, elector_people, BLOCKING_KEYS, capped)
    rows = part[ROW].to_numpy()
    strangers = count_stranger_levels(
        line_people,
        elector_people,
        _with_list_counts(names, line_people, counts),
        (rows, list_size),
    )
    return PartCandidates(part[np.unique(elector)].select(PERSON_COLUMNS), strangers)


def count_part_frequencies(part: pl.DataFrame, asked: pl.DataFrame) -> TermFrequencies:
    """Count how many electors of one part share the names and addresses of those asked about."""
    asked_people, elector_people, _ = encode(asked, part, lines_are_electors=True)
    return count_term_frequencies(asked_people, elector_people)
