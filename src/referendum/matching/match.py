"""Which elector signed each line, if any, and which lines are of a person who signed before."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from referendum.core.progress import step
from referendum.core.words import are_unread, no_given_name, no_surname
from referendum.matching.blocking import (
    AREA,
    DOOR,
    DOOR_BY_CODE,
    FIRST,
    HOUSE,
    KEYS,
    LOCALITY,
    MOST,
    NAME,
    NAME_HERE,
    NEXT,
    ROAD,
    WIDE,
    Key,
    Over,
    Pairs,
    counts,
    grouped,
    mixed,
    pairs,
)
from referendum.matching.compare import ADDRESS, ELSEWHERE, PARTS, SINGLE, levels
from referendum.matching.distinct import NO_TIES, Ties, ties_of, without_seat
from referendum.matching.doubts import note_doubts
from referendum.matching.learn import Statistics, counted, learn
from referendum.matching.model import Candidates, Context, Model, Verdicts, expected, judge
from referendum.matching.people import NEVER, Names, People, encode

Array = npt.NDArray[Any]

LINES_TO_LEARN_FROM = 15_000

SURE = 0.95
"""Chance from which a line is listed, and up to whose complement an elector does not fit."""

LINKED = 0.8
"""Chance from which a line is of this very elector and of no namesake."""

SETTLED = 0.999

GIVEN, SURNAME, *_ = range(len(PARTS))

LAST = 5
"""The last step of `verdicts`, which leaves no line open."""


class Ready(NamedTuple):
    """Lines and electors as they are compared, and the model that was learned from them.

    Attributes:
        lines, electors, names: as `people.encode` gives them.
        context: of each line.
        model: what levels are worth.
        over: of which lines a key is passed over, if electors are not the whole list.
    """

    lines: People
    electors: People
    names: Names
    context: Context
    model: Model
    over: Over | None = None


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
        `second_best` elector and `margin` between the two chances, `outcome` (`listed`,
        `not_listed`, `unsure`, `repeat`), `repeat_of` (serial of the person's first line), `best`
        elector however small the chance, `moved` if the address written is another than theirs.
        Chances have four places.
    """
    lines, electors = in_order(lines, "serial"), in_order(electors, "elector_id")
    ready = made_ready(lines, electors)
    return told(lines, electors["elector_id"], ready, keep_none=keep_none)


def told(
    lines: pl.DataFrame, ids: pl.Series, ready: Ready, *, keep_none: bool = False
) -> pl.DataFrame:
    """Give a row for each line (`match_lines`) by the numbers of the electors compared."""
    found, ties = verdicts(ready)
    found, partly = _without_name(lines, ready, found)
    of_best, someone = _levels_of_best(ready, found.best), _someone(ready.lines)
    note_doubts(of_best, someone)
    matched = (
        lines.select("serial", "signed_on")
        .with_row_index("row")
        .with_columns(
            seat=pl.Series(_seats(found, ties)).replace(-1, None),
            best=_named(ids, found.best),
            probability=pl.Series(found.chance).round(4),
            listed=pl.Series(found.listed).round(4),
            second_best=_named(ids, found.second),
            margin=pl.Series(found.chance - found.second_chance).round(4),
            moved=pl.Series(of_best[:, ADDRESS] >= ELSEWHERE),
            someone=pl.Series(someone),
            partly=pl.Series(partly | _unled(found, ties)),
        )
    )
    return _with_repeats(matched, ties, keep_none=keep_none)


def _without_name(lines: pl.DataFrame, ready: Ready, found: Verdicts) -> tuple[Verdicts, Array]:
    """Lead lines that bear no name to nobody.

    Returns:
        The verdicts, and of which lines a part of the name is missing, where they have both parts
        and the best elector does not have that one name alone, or it is written and not legible.
    """
    given, surname = pl.col("given_names"), pl.col("surname")
    without = no_given_name(given, surname), no_surname(given, surname)
    unread = (without[0] & given.is_not_null()) | (without[1] & surname.is_not_null())
    # A whole name in one column was parted when it was encoded; `X X` is short.
    short = lines.select((given.str.len_bytes() < 5) & (surname.str.len_bytes() < 5)).to_series()
    some = (ready.lines.column("given") < 0) | (ready.lines.column("surname") < 0)
    some |= short.fill_null(value=False).to_numpy()
    said = lines.filter(pl.Series(some)).select(
        either=without[0] | without[1],
        none=without[0] & without[1],
        unread=unread,
        blurred=(without[0] & are_unread(given)) | (without[1] & are_unread(surname)),
    )
    said = said.with_columns(row=pl.Series(np.flatnonzero(some))).filter("either")
    line = said["row"].to_numpy()
    level = levels(line, np.maximum(found.best[line], 0), *ready[:3])
    single = (found.best[line] >= 0) & (level[:, GIVEN] == SINGLE) & (level[:, SURNAME] == 1)
    partly, nobody = (np.zeros(lines.height, dtype=np.bool_) for _ in range(2))
    both_asked = bool(lines["given_names"].count() and lines["surname"].count())
    partly[line] = np.where(single, said["blurred"].to_numpy(), both_asked)
    nobody[line] = (said["unread"].to_numpy() & ~single) | said["none"].to_numpy()
    nothing = (-1, -1, 0.0, 0.0, 0.0)
    led = Verdicts(*(np.where(nobody, *both) for both in zip(nothing, found, strict=True)))
    return led, partly


def _seats(found: Verdicts, ties: Ties) -> Array:
    """Give the elector of whom each line surely is, if of anyone: a row, or -1."""
    seats = np.where(found.chance >= LINKED, found.best, -1)
    for line, options, chance in zip(*ties, strict=True):
        if len(options) == 1 and chance >= LINKED and found.best[line] >= 0:
            seats[line] = options[0]
    return seats


def _unled(found: Verdicts, ties: Ties) -> Array:
    """Say which lines lead to no electors who were looked at, as those of a name of too many do."""
    unled = found.chance < LINKED
    unled[ties.lines[ties.chance >= LINKED]] = False
    return np.asarray(unled)


def _levels_of_best(ready: Ready, best: Array) -> Array:
    """Compare each line with its best elector; zeros where it has none."""
    line = np.flatnonzero(best >= 0)
    found = np.zeros((len(best), len(PARTS)), dtype=np.uint8)
    found[line] = levels(line, best[line], ready.lines, ready.electors, ready.names)
    return found


def in_order(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Sort a frame, so that the order of its rows decides nothing; most come sorted."""
    return frame if frame[column].is_sorted() else frame.sort(column)


def _named(ids: pl.Series, rows: Array) -> pl.Series:
    """Give the electors of some rows; none where the row is -1."""
    return ids.gather(pl.Series(rows).replace(-1, None))


def made_ready(lines: pl.DataFrame, electors: pl.DataFrame) -> Ready:
    """Bring lines and electors into codes and learn what levels of agreement are worth."""
    ours, theirs, names = encode(lines, electors)
    step("matching", 1, 6)
    context = context_of(ours, names, {key: counts(ours, theirs, key) for key in CONTEXT})
    model = learned(ours, theirs, names, context, counted(ours, theirs, names))
    step("matching", 2, 6)
    return Ready(ours, theirs, names, context, model)


def verdicts(ready: Ready) -> tuple[Verdicts, Ties]:
    """Judge selective candidates first, and wider ones only for lines that those leave open.

    Returns:
        What came of each line; and of those that no one elector has, who may have signed them.
    """
    lines, electors, names, context, model, over = ready
    still_open = np.arange(len(lines.table))
    found: Pairs = (np.zeros(0, np.int32), np.zeros(0, np.int32))
    parts, ties = [], NO_TIES
    for stage, keys in enumerate((FIRST, NEXT, WIDE), start=3):
        some, here = lines.rows(still_open), context.rows(still_open)
        found = _both(found, pairs(some, electors, keys, rows_of(over, still_open)))
        candidates = grouped(len(still_open), found)
        judged = judge(model, candidates, here, some, electors, names)
        if stage == LAST:
            ties = _ties(ready, still_open, candidates, judged)
        left = judged.chance < (SETTLED if stage < LAST else 0)
        parts.append((still_open[~left], Verdicts(*(part[~left] for part in judged))))
        found, still_open = _renumbered(found, left), still_open[left]
        step("matching", stage, 6)
    order = np.argsort(np.concatenate([rows for rows, _ in parts]))
    columns = zip(*(judged for _, judged in parts), strict=True)
    return Verdicts(*(np.concatenate(column)[order] for column in columns)), ties


def _ties(ready: Ready, lines: Array, candidates: Candidates, judged: Verdicts) -> Ties:
    """Find who may have signed the lines that no one elector has."""
    which = np.flatnonzero((judged.chance < LINKED) & (judged.listed >= 0.5))
    starts, rows = candidates.starts, candidates.electors
    counts = starts[which + 1] - starts[which]
    ends = np.concatenate([[0], np.cumsum(counts)])
    own = rows[np.repeat(starts[which] - ends[:-1], counts) + np.arange(ends[-1])]
    line = np.repeat(lines[which], counts)
    found = levels(line, own, ready.lines, ready.electors, ready.names)
    model = ready.model._replace(sharing=ready.model.sharing[own])
    mine, *_ = expected(model, ends, ready.context.rows(lines[which]), found)
    return ties_of(lines[which], ends, own, mine, ready.electors)


def _both(one: Pairs, other: Pairs) -> Pairs:
    return np.concatenate([one[0], other[0]]), np.concatenate([one[1], other[1]])


def _renumbered(found: Pairs, left: Array) -> Pairs:
    """Keep the pairs of the lines that are left, by their numbers among these."""
    number = np.cumsum(left, dtype=np.int32) - 1
    kept = left[found[0]]
    return number[found[0][kept]], found[1][kept]


def learned(
    lines: People,
    electors: People,
    names: Names,
    context: Context,
    statistics: Statistics,
    over: Over | None = None,
) -> Model:
    """Learn from every so-manieth line, with all of its candidates."""
    every = max(1, len(lines.table) // LINES_TO_LEARN_FROM)
    which = np.arange(0, len(lines.table), every)
    sample = lines.rows(which)
    candidates = grouped(len(which), pairs(sample, electors, KEYS, rows_of(over, which)))
    return learn(statistics, (sample, electors, names), candidates, context.rows(which))


def rows_of(over: Over | None, which: Array) -> Over | None:
    """Give what is over for some lines."""
    return None if over is None else {key: of_lines[which] for key, of_lines in over.items()}


def context_of(lines: People, names: Names, shared: Mapping[Key, Array]) -> Context:
    """See where each line's address is, and whether its name is one of too many, or of none.

    Args:
        lines: the lines.
        names: the dictionaries.
        shared: for `CONTEXT`, how many electors share the key (`blocking.counts`).
    """
    number, street, postal = (lines.column(name) for name in ("number", "street", "postal"))
    on_list = (shared[DOOR] > 0) | (shared[DOOR_BY_CODE] > 0) | ((number < 0) & (shared[ROAD] > 0))
    known = (shared[LOCALITY] > 0) | (shared[AREA] > 0)
    on_list |= ~known & (shared[HOUSE] > 0)
    place = np.select([(number < 0) & (street < 0) & (postal < 0), on_list, known], [0, 1, 2], 3)
    over = shared[NAME] > MOST
    hidden = over.astype(np.int8) + (over & (shared[NAME_HERE] > MOST))
    given, surname = lines.column("given"), lines.column("surname")
    plain = (given >= 0) & (names.lengths[given] > 1) & (names.given[given] > 0)
    plain &= (surname >= 0) & (names.surname[surname] > 0)
    return Context(place.astype(np.int8), hidden, (~plain).astype(np.int8), lines.birth != NEVER)


CONTEXT = (DOOR, DOOR_BY_CODE, HOUSE, ROAD, LOCALITY, AREA, NAME, NAME_HERE)
"""Keys that tell of a line how it stands beside the list."""


def _someone(lines: People) -> Array:
    """Give for each line a number of the name at the address; 0 where one of them is missing."""
    may_miss = [lines.column(name) + 1 for name in ("number", "unit", "locality")]
    return mixed([lines.column(name) for name in ("formal", "surname", "street")] + may_miss)


def _with_repeats(matched: pl.DataFrame, ties: Ties, *, keep_none: bool) -> pl.DataFrame:
    """Say what came of each line, and mark every line but a person's first, or all of them.

    A line that no elector fits is not listed, though its signer may be on the list unseen; one that
    bears only a part of its signer's name, or whose name too many bear to tell who signed, is for
    people to decide.

    A person is an elector where one is clearly meant. Two lines that may be of either of two
    namesakes repeat nobody; a third does (`distinct`). Without an elector, lines of one name at one
    address are one person's. A line that is for people to decide makes no other one a repeat: it
    comes after those of its person that are not, and two such lines stay for people both.
    """
    fits = (pl.col("probability") > 1 - SURE) | (pl.col("listed") >= 0.5)
    verdict = (
        pl.when((pl.col("listed") >= SURE) & ~pl.col("partly"))
        .then(pl.lit("listed"))
        .when(fits)
        .then(pl.lit("unsure"))
        .otherwise(pl.lit("not_listed"))
    )
    person = (
        pl.when(pl.col("seat").is_not_null())
        .then(pl.format("elector {}", "seat"))
        .when(~fits & (pl.col("someone") != 0))
        .then(pl.format("{}", "someone"))
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
    return (
        _with_ties(judged, ties)
        .select(
            "serial",
            elector_id=pl.when(pl.col("probability") >= LINKED).then("best"),
            probability="probability",
            listed="listed",
            second_best="second_best",
            margin="margin",
            outcome=pl.when("repeated").then(pl.lit("repeat")).otherwise("verdict"),
            repeat_of=pl.when(pl.col("first") != pl.col("serial")).then("first"),
            best="best",
            moved="moved",
        )
        .sort("serial")
    )


def _with_ties(ordered: pl.DataFrame, ties: Ties) -> pl.DataFrame:
    """Mark the lines whose every possible signer has a line: `first` is that of the best one.

    Where that is so only because of lines that people decide on, they decide on this one too.
    """
    options = dict(zip(ties.lines.tolist(), ties.seats, strict=True))
    near = pl.Series(ties.lines[ties.chance >= LINKED])
    contested = ordered.filter(
        pl.col("row").is_in(pl.Series(ties.lines).implode()) & pl.col("seat").is_null(),
        (pl.col("verdict") == "listed") | pl.col("row").is_in(near.implode()),
        pl.col("best").is_not_null(),
    )
    listed, open_ones = (
        [(serial, options[row]) for serial, row in some.select("serial", "row").rows()]
        for some in (
            contested.filter(pl.col("verdict") == "listed"),
            contested.filter(pl.col("verdict") != "listed"),
        )
    )
    seats = {seat for _, own in listed + open_ones for seat in own}
    sure = ordered.filter(
        pl.col("seat").is_in(pl.Series(sorted(seats), dtype=ordered["seat"].dtype).implode())
    )
    found = without_seat(listed, _holders(sure, pl.col("verdict") != "unsure"), open_ones)
    seated = [(serial, own) for serial, own in listed if serial not in found]
    hindered = set(without_seat(seated, _holders(sure)))
    hindered |= {serial for serial, of in found.items() if of in hindered}
    marks = [(serial, of) for serial, of in found.items() if serial not in hindered]
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


def _holders(sure: pl.DataFrame, *which: pl.Expr) -> dict[int, int]:
    """Give the first sure line of each elector; first are those that people need not decide."""
    order = sure.filter(*which).sort(pl.col("verdict") == "unsure", maintain_order=True)
    firsts = order.unique("seat", keep="first", maintain_order=True)
    return dict(firsts.select("seat", "serial").rows())
