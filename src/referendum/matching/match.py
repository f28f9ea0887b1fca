"""Which elector signed each line, if any, and which lines are of a person who signed before."""

import polars as pl

from referendum.core.progress import step
from referendum.matching.candidates import candidate_pairs
from referendum.matching.keys import with_keys
from referendum.matching.score import scored

SAME_NAME = 0.88
"""Likeness from which a given name or surname counts as the same."""

DOUBTFUL_NAME = 0.75
"""Likeness of a given name from which a person must look, if surname and address agree."""

SAME_ADDRESS = 0.6
"""Likeness from which an address counts as the same: two of postal code, number and street."""

PAIRS_AT_ONCE = 2_000_000

_FIT = ("rank", "score", "middle")
"""What one elector fits a line better by than another, the weightiest first."""


def match_lines(lines: pl.DataFrame, electors: pl.DataFrame) -> pl.DataFrame:
    """Match standing lines to the list of electors and to each other.

    A line is listed when given name, surname and address (or telephone) of one elector are the same
    within small errors. A name alone, a given name that is only near, or two electors that fit
    equally well leave it to people. Another member of a household does not match.

    Args:
        lines: `core.schemas.LINES` with `serial`.
        electors: `core.schemas.ELECTORS`.

    Returns:
        One row per line, ascending by `serial`: `elector_id` (of the best elector of a listed or
        repeated line, else null), `score` (0 to 100, null without a candidate), `outcome`
        (`listed`, `not_listed`, `unsure`, `repeat`), `repeat_of` (serial of the person's first
        line), `how`.
    """
    numbered = electors.with_row_index("id").with_columns(pl.col("id").cast(pl.Int64))
    line_keys = with_keys(lines.with_columns(pl.col("serial").alias("id")))
    verdicts = _best(line_keys, with_keys(numbered))
    matched = (
        lines.select("serial", "signed_on")
        .join(verdicts, left_on="serial", right_on="line", how="left")
        .join(numbered.select("id", "elector_id"), left_on="elector", right_on="id", how="left")
        .with_columns(
            pl.col("verdict").fill_null("not_listed"), pl.col("how").fill_null("no_candidate")
        )
    )
    return _with_repeats(matched.join(line_keys, left_on="serial", right_on="id"))


def _best(lines: pl.DataFrame, electors: pl.DataFrame) -> pl.DataFrame:
    """Give the best candidate of each line that has one, with the verdict on it."""
    pairs = candidate_pairs(lines, electors)
    parts = []
    for start in range(0, max(pairs.height, 1), PAIRS_AT_ONCE):
        parts.append(_judged(scored(pairs[start : start + PAIRS_AT_ONCE], lines, electors)))
        step("scoring", min(start + PAIRS_AT_ONCE, pairs.height), pairs.height)
    ranked = pl.concat(parts).sort(
        ["line", *_FIT, "how", "elector"], descending=[False, True, True, True, False, False]
    )
    equals = pl.all_horizontal(pl.col(part) == pl.col(part).first() for part in _FIT)
    ranked = ranked.with_columns(equal=equals.sum().over("line"))
    best = ranked.unique("line", keep="first", maintain_order=True)
    tied = (pl.col("verdict") == "listed") & (pl.col("equal") > 1)
    return best.with_columns(
        verdict=pl.when(tied).then(pl.lit("unsure")).otherwise("verdict"),
        how=pl.when(tied).then(pl.lit("tie")).otherwise("how"),
    ).select("line", "elector", "score", "verdict", "how")


def _judged(pairs: pl.DataFrame) -> pl.DataFrame:
    given, surname = pl.col("given"), pl.col("surname")
    place = (pl.col("address") >= SAME_ADDRESS) | pl.col("phone")
    name = (given >= SAME_NAME) & (surname >= SAME_NAME)
    near = (given >= DOUBTFUL_NAME) & (surname >= SAME_NAME)
    exact = (given == 1) & (surname == 1)
    verdict = (
        pl.when(name & place)
        .then(pl.lit("listed"))
        .when((near & place) | exact)
        .then(pl.lit("unsure"))
        .otherwise(pl.lit("not_listed"))
    )
    how = (
        pl.when(name & place & pl.col("swapped"))
        .then(pl.lit("swapped"))
        .when(exact & place)
        .then(pl.lit("exact"))
        .when(name & place)
        .then(pl.lit("similar"))
        .when(near & place)
        .then(pl.lit("near"))
        .when(exact)
        .then(pl.lit("name_alone"))
        .otherwise(pl.lit("too_different"))
    )
    score = given * 40 + surname * 35 + pl.col("address") * 20 + pl.col("phone") * 5
    return pairs.select(
        "line", "elector", "middle", score=score, verdict=verdict, how=how
    ).with_columns(
        rank=pl.col("verdict").replace_strict(
            {"listed": 2, "unsure": 1, "not_listed": 0}, return_dtype=pl.Int8
        )
    )


def _with_repeats(matched: pl.DataFrame) -> pl.DataFrame:
    """Mark every line but a person's first: by elector, and without one by name and address."""
    listed = pl.col("verdict") == "listed"
    rest = [pl.col(name).fill_null("") for name in ("number", "locality")]
    person = (
        pl.when(listed)
        .then(pl.format("elector {}", "elector_id"))
        # Father and son of one name at one address are two people: a tie repeats nobody.
        .when(pl.col("how") != "tie")
        .then(pl.format("{}|{}|{}|{}|{}", "formal", "surname", "street", *rest))
    )
    first = pl.col("serial").first().over("person")
    ordered = matched.with_columns(person=person).sort("signed_on", "serial", nulls_last=True)
    repeated = pl.col("person").is_not_null() & (first != pl.col("serial"))
    return ordered.select(
        "serial",
        elector_id=pl.when(listed).then("elector_id"),
        score=pl.col("score").round().cast(pl.Int64),
        outcome=pl.when(repeated).then(pl.lit("repeat")).otherwise("verdict"),
        repeat_of=pl.when(repeated).then(first),
        how="how",
    ).sort("serial")
