"""Which elector signed each line, if any, and which lines are of a person who signed before."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from referendum.core.progress import report_progress
from referendum.core.words import are_written_illegibly, no_given_name, no_surname
from referendum.matching.assignment import NO_TIES, Ties, find_ties, find_unassigned_lines
from referendum.matching.blocking import (
    AREA_KEY,
    BLOCKING_KEYS,
    DOOR_KEY,
    DOOR_POSTAL_KEY,
    FREQUENCY_CAP,
    FURTHER_KEYS,
    HOUSE_KEY,
    LOCALITY_KEY,
    NAME_KEY,
    NAME_LOCALITY_KEY,
    ROAD_KEY,
    SELECTIVE_KEYS,
    WIDE_KEYS,
    BlockingKey,
    CandidatePairs,
    CappedLines,
    count_key_sharers,
    find_candidate_pairs,
    group_by_line,
    mix_codes,
)
from referendum.matching.compare import (
    ADDRESS_COMPARISON,
    COMPARISONS,
    ELSEWHERE_LEVEL,
    SINGLE_NAME_LEVEL,
    compare_pairs,
)
from referendum.matching.doubts import note_doubts
from referendum.matching.estimation import ListStatistics, estimate_model, list_statistics
from referendum.matching.model import (
    Candidates,
    Context,
    Model,
    Posteriors,
    candidate_posteriors,
    line_posteriors,
)
from referendum.matching.people import NO_BIRTH_DATE, Names, People, encode

Array = npt.NDArray[Any]

TRAINING_LINES = 15_000

LISTED_THRESHOLD = 0.95
"""Probability from which a line is listed, and up to whose complement an elector does not fit."""

LINK_THRESHOLD = 0.8
"""Posterior from which a line is linked to this very elector and to no namesake."""

SETTLED_THRESHOLD = 0.999

GIVEN, SURNAME, *_ = range(len(COMPARISONS))

LAST_STAGE = 5
"""The last stage of `cascade_posteriors`, which leaves no line open."""


class Linkage(NamedTuple):
    """Lines and electors as they are compared, and the model that was estimated from them.

    Attributes:
        lines, electors, names: as `people.encode` gives them.
        context: of each line.
        model: what levels are worth.
        capped: the capped lines of each key, if the electors are not the whole list.
    """

    lines: People
    electors: People
    names: Names
    context: Context
    model: Model
    capped: CappedLines | None = None


def match_lines(
    lines: pl.DataFrame, electors: pl.DataFrame, *, keep_none: bool = False
) -> pl.DataFrame:
    """Match standing lines to the list of electors and to each other.

    Args:
        lines: `core.schemas.LINES` with `serial`.
        electors: `core.schemas.ELECTORS`.
        keep_none: whether no line of a person counts who signed more than once; else the first.

    Returns:
        One row per line, ascending by `serial`: `elector_id` of the best elector (null under
        four in five), `probability` that this elector signed, `listed` that anyone on the list did,
        `second_best` elector and `margin` between the two probabilities, `outcome` (`listed`,
        `not_listed`, `unsure`, `repeat`), `repeat_of` (serial of the person's first line), `best`
        elector however improbable, `moved` if the address written is another than theirs.
        Probabilities have four places.
    """
    lines, electors = sort_rows(lines, "serial"), sort_rows(electors, "elector_id")
    linkage = prepare_linkage(lines, electors)
    return build_matches(lines, electors["elector_id"], linkage, keep_none=keep_none)


def build_matches(
    lines: pl.DataFrame, ids: pl.Series, linkage: Linkage, *, keep_none: bool = False
) -> pl.DataFrame:
    """Make the table of `match_lines`, with the numbers (`ids`) of the electors compared."""
    posteriors, ties = cascade_posteriors(linkage)
    posteriors, partial = _lead_nameless_to_nobody(lines, linkage, posteriors)
    best_levels, person_codes = (
        _compare_with_best(linkage, posteriors.best),
        _person_codes(linkage.lines),
    )
    note_doubts(best_levels, person_codes)
    matched = (
        lines.select("serial", "signed_on")
        .with_row_index("row")
        .with_columns(
            signer=pl.Series(_sure_signers(posteriors, ties)).replace(-1, None),
            best=_elector_ids(ids, posteriors.best),
            probability=pl.Series(posteriors.posterior).round(4),
            listed=pl.Series(posteriors.listed).round(4),
            second_best=_elector_ids(ids, posteriors.second),
            margin=pl.Series(posteriors.posterior - posteriors.second_posterior).round(4),
            moved=pl.Series(best_levels[:, ADDRESS_COMPARISON] >= ELSEWHERE_LEVEL),
            person_code=pl.Series(person_codes),
            partial=pl.Series(partial | _lines_without_signers(posteriors, ties)),
        )
    )
    return _mark_repeats(matched, ties, keep_none=keep_none)


def _lead_nameless_to_nobody(
    lines: pl.DataFrame, linkage: Linkage, posteriors: Posteriors
) -> tuple[Posteriors, Array]:
    """Lead lines without a name to nobody.

    Returns:
        The posteriors, and the lines of which a part of the name is missing: where the sheets have
        both parts and the best elector does not bear that one name alone, or it is not legible.
    """
    given, surname = pl.col("given_names"), pl.col("surname")
    missing = no_given_name(given, surname), no_surname(given, surname)
    unread = (missing[0] & given.is_not_null()) | (missing[1] & surname.is_not_null())
    # A whole name in one column was split when it was encoded; `X X` is short.
    short = lines.select((given.str.len_bytes() < 5) & (surname.str.len_bytes() < 5)).to_series()
    checked = (linkage.lines.column("given") < 0) | (linkage.lines.column("surname") < 0)
    checked |= short.fill_null(value=False).to_numpy()
    names = lines.filter(pl.Series(checked)).select(
        either=missing[0] | missing[1],
        none=missing[0] & missing[1],
        unread=unread,
        blurred=(missing[0] & are_written_illegibly(given))
        | (missing[1] & are_written_illegibly(surname)),
    )
    names = names.with_columns(row=pl.Series(np.flatnonzero(checked))).filter("either")
    line = names["row"].to_numpy()
    level = compare_pairs(line, np.maximum(posteriors.best[line], 0), *linkage[:3])
    single = (
        (posteriors.best[line] >= 0)
        & (level[:, GIVEN] == SINGLE_NAME_LEVEL)
        & (level[:, SURNAME] == 1)
    )
    partial, nobody = (np.zeros(lines.height, dtype=np.bool_) for _ in range(2))
    both_columns = bool(lines["given_names"].count() and lines["surname"].count())
    partial[line] = np.where(single, names["blurred"].to_numpy(), both_columns)
    nobody[line] = (names["unread"].to_numpy() & ~single) | names["none"].to_numpy()
    nothing = (-1, -1, 0.0, 0.0, 0.0)
    corrected = Posteriors(
        *(np.where(nobody, *both) for both in zip(nothing, posteriors, strict=True))
    )
    return corrected, partial


def _sure_signers(posteriors: Posteriors, ties: Ties) -> Array:
    """Give the elector of whom each line surely is, if of anyone: a row, or -1."""
    signers = np.where(posteriors.posterior >= LINK_THRESHOLD, posteriors.best, -1)
    for line, options, posterior in zip(*ties, strict=True):
        if len(options) == 1 and posterior >= LINK_THRESHOLD and posteriors.best[line] >= 0:
            signers[line] = options[0]
    return signers


def _lines_without_signers(posteriors: Posteriors, ties: Ties) -> Array:
    """Say which lines lead to no elector who was compared, as those with capped names may."""
    without_signers = posteriors.posterior < LINK_THRESHOLD
    without_signers[ties.lines[ties.posterior >= LINK_THRESHOLD]] = False
    return np.asarray(without_signers)


def _compare_with_best(linkage: Linkage, best: Array) -> Array:
    """Compare each line with its best elector; zeros where it has none."""
    line = np.flatnonzero(best >= 0)
    levels_of_best = np.zeros((len(best), len(COMPARISONS)), dtype=np.uint8)
    levels_of_best[line] = compare_pairs(
        line, best[line], linkage.lines, linkage.electors, linkage.names
    )
    return levels_of_best


def sort_rows(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Sort a frame, so that the order of its rows decides nothing; most come sorted."""
    return frame if frame[column].is_sorted() else frame.sort(column)


def _elector_ids(ids: pl.Series, rows: Array) -> pl.Series:
    """Give the electors of some rows; none where the row is -1."""
    return ids.gather(pl.Series(rows).replace(-1, None))


def prepare_linkage(lines: pl.DataFrame, electors: pl.DataFrame) -> Linkage:
    """Encode lines and electors, and estimate what comparison levels are worth."""
    line_people, elector_people, names = encode(lines, electors)
    report_progress("matching", 1, 6)
    context = line_context(
        line_people,
        names,
        {key: count_key_sharers(line_people, elector_people, key) for key in CONTEXT_KEYS},
    )
    model = estimate_from_sample(
        line_people,
        elector_people,
        names,
        context,
        list_statistics(line_people, elector_people, names),
    )
    report_progress("matching", 2, 6)
    return Linkage(line_people, elector_people, names, context, model)


def cascade_posteriors(linkage: Linkage) -> tuple[Posteriors, Ties]:
    """Compute posteriors by selective keys first, by wider ones only for lines left open.

    Returns:
        The posteriors of each line; and of lines that are linked to no one elector, who may have
        signed them.
    """
    lines, electors, names, context, model, capped = linkage
    still_open = np.arange(len(lines.table))
    pairs: CandidatePairs = (np.zeros(0, np.int32), np.zeros(0, np.int32))
    parts, ties = [], NO_TIES
    for stage, keys in enumerate((SELECTIVE_KEYS, FURTHER_KEYS, WIDE_KEYS), start=3):
        people, people_context = lines.rows(still_open), context.rows(still_open)
        pairs = _concatenate_pairs(
            pairs, find_candidate_pairs(people, electors, keys, capped_rows(capped, still_open))
        )
        candidates = group_by_line(len(still_open), pairs)
        posteriors = line_posteriors(model, candidates, people_context, people, electors, names)
        if stage == LAST_STAGE:
            ties = _find_open_ties(linkage, still_open, candidates, posteriors)
        still_doubtful = posteriors.posterior < (SETTLED_THRESHOLD if stage < LAST_STAGE else 0)
        parts.append(
            (
                still_open[~still_doubtful],
                Posteriors(*(part[~still_doubtful] for part in posteriors)),
            )
        )
        pairs, still_open = _renumber_pairs(pairs, still_doubtful), still_open[still_doubtful]
        report_progress("matching", stage, 6)
    order = np.argsort(np.concatenate([rows for rows, _ in parts]))
    columns = zip(*(posteriors for _, posteriors in parts), strict=True)
    return Posteriors(*(np.concatenate(column)[order] for column in columns)), ties


def _find_open_ties(
    linkage: Linkage, lines: Array, candidates: Candidates, posteriors: Posteriors
) -> Ties:
    """Find who may have signed the lines that are linked to no one elector."""
    which = np.flatnonzero((posteriors.posterior < LINK_THRESHOLD) & (posteriors.listed >= 0.5))
    starts, rows = candidates.starts, candidates.electors
    counts = starts[which + 1] - starts[which]
    ends = np.concatenate([[0], np.cumsum(counts)])
    own = rows[np.repeat(starts[which] - ends[:-1], counts) + np.arange(ends[-1])]
    line = np.repeat(lines[which], counts)
    levels = compare_pairs(line, own, linkage.lines, linkage.electors, linkage.names)
    model = linkage.model._replace(term_frequencies=linkage.model.term_frequencies[own])
    pair_posteriors, *_ = candidate_posteriors(
        model, ends, linkage.context.rows(lines[which]), levels
    )
    return find_ties(lines[which], ends, own, pair_posteriors, linkage.electors)


def _concatenate_pairs(first: CandidatePairs, second: CandidatePairs) -> CandidatePairs:
    return np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])


def _renumber_pairs(pairs: CandidatePairs, remaining: Array) -> CandidatePairs:
    """Keep the pairs of the lines that remain, numbered anew."""
    number = np.cumsum(remaining, dtype=np.int32) - 1
    is_kept = remaining[pairs[0]]
    return number[pairs[0][is_kept]], pairs[1][is_kept]


def estimate_from_sample(
    lines: People,
    electors: People,
    names: Names,
    context: Context,
    statistics: ListStatistics,
    capped: CappedLines | None = None,
) -> Model:
    """Estimate the model from evenly spaced lines, each with all of its candidates."""
    every = max(1, len(lines.table) // TRAINING_LINES)
    which = np.arange(0, len(lines.table), every)
    sample = lines.rows(which)
    candidates = group_by_line(
        len(which),
        find_candidate_pairs(sample, electors, BLOCKING_KEYS, capped_rows(capped, which)),
    )
    return estimate_model(statistics, (sample, electors, names), candidates, context.rows(which))


def capped_rows(capped: CappedLines | None, which: Array) -> CappedLines | None:
    """Give the capped lines among some."""
    return None if capped is None else {key: of_lines[which] for key, of_lines in capped.items()}


def line_context(lines: People, names: Names, sharers: Mapping[BlockingKey, Array]) -> Context:
    """Find where each line's address is, and whether its name is capped, or is nobody's.

    Args:
        lines: the lines.
        names: the dictionaries.
        sharers: for `CONTEXT_KEYS`, how many electors share the key (`count_key_sharers`).
    """
    number, street, postal = (lines.column(name) for name in ("number", "street", "postal"))
    on_list = (
        (sharers[DOOR_KEY] > 0)
        | (sharers[DOOR_POSTAL_KEY] > 0)
        | ((number < 0) & (sharers[ROAD_KEY] > 0))
    )
    known = (sharers[LOCALITY_KEY] > 0) | (sharers[AREA_KEY] > 0)
    on_list |= ~known & (sharers[HOUSE_KEY] > 0)
    place = np.select([(number < 0) & (street < 0) & (postal < 0), on_list, known], [0, 1, 2], 3)
    over_cap = sharers[NAME_KEY] > FREQUENCY_CAP
    capped_names = over_cap.astype(np.int8) + (
        over_cap & (sharers[NAME_LOCALITY_KEY] > FREQUENCY_CAP)
    )
    given, surname = lines.column("given"), lines.column("surname")
    plain = (given >= 0) & (names.lengths[given] > 1) & (names.given[given] > 0)
    plain &= (surname >= 0) & (names.surname[surname] > 0)
    return Context(
        place.astype(np.int8), capped_names, (~plain).astype(np.int8), lines.birth != NO_BIRTH_DATE
    )


CONTEXT_KEYS = (
    DOOR_KEY,
    DOOR_POSTAL_KEY,
    HOUSE_KEY,
    ROAD_KEY,
    LOCALITY_KEY,
    AREA_KEY,
    NAME_KEY,
    NAME_LOCALITY_KEY,
)
"""Keys by which the context of a line is found."""


def _person_codes(lines: People) -> Array:
    """Give each line a code of its name at its address; 0 where one of them is missing."""
    may_miss = [lines.column(name) + 1 for name in ("number", "unit", "locality")]
    return mix_codes([lines.column(name) for name in ("formal", "surname", "street")] + may_miss)


def _mark_repeats(matched: pl.DataFrame, ties: Ties, *, keep_none: bool) -> pl.DataFrame:
    """Say what came of each line, and mark every line but a person's first, or all of them.

    A line that no elector fits is not listed, though its signer may be on the list unseen. One that
    bears only a part of its signer's name, or a capped name that leaves open who signed, is for
    people to decide.

    A person is an elector where one is clearly meant. Two lines that may be of either of two
    namesakes repeat nobody; a third does (`assignment`). Without an elector, lines of one name at
    one address are one person's. A line that is for people to decide makes no other one a repeat:
    it comes after those of its person that are not, and two such lines both stay for people.
    """
    fits = (pl.col("probability") > 1 - LISTED_THRESHOLD) | (pl.col("listed") >= 0.5)
    verdict = (
        pl.when((pl.col("listed") >= LISTED_THRESHOLD) & ~pl.col("partial"))
        .then(pl.lit("listed"))
        .when(fits)
        .then(pl.lit("unsure"))
        .otherwise(pl.lit("not_listed"))
    )
    person = (
        pl.when(pl.col("signer").is_not_null())
        .then(pl.format("elector {}", "signer"))
        .when(~fits & (pl.col("person_code") != 0))
        .then(pl.format("{}", "person_code"))
    )
    ordered = matched.with_columns(person=person, verdict=verdict).sort(
        "signed_on", "serial", nulls_last=True
    )
    firm = pl.col("serial").filter(pl.col("verdict") != "unsure").first().over("person")
    first = pl.coalesce(firm, pl.col("serial").first().over("person"))
    again = pl.len().over("person") > 1 if keep_none else first != pl.col("serial")
    again &= pl.col("person").is_not_null()
    judged = ordered.with_columns(
        repeated=again & firm.is_not_null(), first=pl.when(again).then(first)
    )
    return _match_table(_mark_tied_repeats(judged, ties))


def _match_table(judged: pl.DataFrame) -> pl.DataFrame:
    """Give the columns of the table of matches, ascending by `serial`."""
    return judged.select(
        "serial",
        elector_id=pl.when(pl.col("probability") >= LINK_THRESHOLD).then("best"),
        probability="probability",
        listed="listed",
        second_best="second_best",
        margin="margin",
        outcome=pl.when("repeated").then(pl.lit("repeat")).otherwise("verdict"),
        repeat_of=pl.when(pl.col("first") != pl.col("serial")).then("first"),
        best="best",
        moved="moved",
    ).sort("serial")


def _mark_tied_repeats(ordered: pl.DataFrame, ties: Ties) -> pl.DataFrame:
    """Mark the lines whose every possible signer has a line: `first` is that of the best one.

    Where that is so only because of lines that people decide on, they decide on this one too.
    """
    options = dict(zip(ties.lines.tolist(), ties.signers, strict=True))
    tied_rows = pl.Series(ties.lines[ties.posterior >= LINK_THRESHOLD])
    contested = ordered.filter(
        pl.col("row").is_in(pl.Series(ties.lines).implode()) & pl.col("signer").is_null(),
        (pl.col("verdict") == "listed") | pl.col("row").is_in(tied_rows.implode()),
        pl.col("best").is_not_null(),
    )
    listed, open_ones = (
        [(serial, options[row]) for serial, row in lines.select("serial", "row").rows()]
        for lines in (
            contested.filter(pl.col("verdict") == "listed"),
            contested.filter(pl.col("verdict") != "listed"),
        )
    )
    possible = {signer for _, signers in listed + open_ones for signer in signers}
    sure_lines = ordered.filter(
        pl.col("signer").is_in(pl.Series(sorted(possible), dtype=ordered["signer"].dtype).implode())
    )
    unassigned = find_unassigned_lines(
        listed, _first_sure_lines(sure_lines, pl.col("verdict") != "unsure"), open_ones
    )
    assigned = [(serial, signers) for serial, signers in listed if serial not in unassigned]
    hindered = set(find_unassigned_lines(assigned, _first_sure_lines(sure_lines)))
    hindered |= {serial for serial, of in unassigned.items() if of in hindered}
    marks = [(serial, of) for serial, of in unassigned.items() if serial not in hindered]
    schema = {"serial": pl.Int64, "of": pl.Int64}
    ordered = ordered.join(
        pl.DataFrame(marks, schema=schema, orient="row"),
        on="serial",
        how="left",
        maintain_order="left",
    )
    unsure = pl.col("serial").is_in(pl.Series(sorted(hindered), dtype=pl.Int64).implode())
    return ordered.with_columns(
        repeated=pl.col("repeated") | pl.col("of").is_not_null(),
        first=pl.coalesce("of", "first"),
        verdict=pl.when(unsure).then(pl.lit("unsure")).otherwise("verdict"),
    )


def _first_sure_lines(sure: pl.DataFrame, *which: pl.Expr) -> dict[int, int]:
    """Give each elector's first sure line; those that people need not decide come first."""
    order = sure.filter(*which).sort(pl.col("verdict") == "unsure", maintain_order=True)
    firsts = order.unique("signer", keep="first", maintain_order=True)
    return dict(firsts.select("signer", "serial").rows())
