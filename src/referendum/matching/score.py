"""How alike a line and an elector are: names, address, telephone, each between 0 and 1."""

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from rapidfuzz.distance import JaroWinkler
from rapidfuzz.process import cpdist

Array = npt.NDArray[Any]

INITIAL = 0.90
"""Score of a given name of which the other is the initial."""

PART = 0.95
"""Score of a name that is a part of a double one, or the second given name used as first."""


def scored(pairs: pl.DataFrame, lines: pl.DataFrame, electors: pl.DataFrame) -> pl.DataFrame:
    """Score candidate pairs.

    Args:
        pairs: `line`, `elector`.
        lines: keys of the lines.
        electors: keys of the electors.

    Returns:
        The pairs with `given`, `surname` (0 to 1), `swapped` (the two were written in each other's
        place), `address` (0 to 1), `phone` and `middle` (equal and known).
    """
    left = pairs.select(pl.col("line").alias("id")).join(
        lines, on="id", how="left", maintain_order="left"
    )
    right = pairs.select(pl.col("elector").alias("id")).join(
        electors, on="id", how="left", maintain_order="left"
    )
    straight = _given(left, right), _surname(left, right)
    crossed = _alike(left["surname"], right["given"]), _alike(left["given"], right["surname"])
    swapped = np.minimum(*crossed) > np.maximum(np.minimum(*straight), 0.9)
    return pairs.with_columns(
        given=pl.Series(np.where(swapped, crossed[1], straight[0])),
        surname=pl.Series(np.where(swapped, crossed[0], straight[1])),
        swapped=pl.Series(swapped),
        address=pl.Series(_address(left, right)),
        phone=pl.Series(_equal(left["phone"], right["phone"])),
        middle=pl.Series(_equal(left["middle"], right["middle"])),
    )


def _given(left: pl.DataFrame, right: pl.DataFrame) -> Array:
    ours, theirs = left["given"], right["given"]
    alike: Array = np.maximum(_alike(ours, theirs), PART * _equal(left["formal"], right["formal"]))
    one_letter = (ours.str.len_chars() == 1) | (theirs.str.len_chars() == 1)
    same_initial = one_letter & (ours.str.head(1) == theirs.str.head(1))
    second = _equal(ours, right["middle"]) | _equal(left["middle"], theirs)
    alike = np.maximum(alike, INITIAL * same_initial.fill_null(value=False).to_numpy())
    result: Array = np.maximum(alike, PART * second)
    return result


def _surname(left: pl.DataFrame, right: pl.DataFrame) -> Array:
    ours, theirs = left["surname"], right["surname"]
    part = (
        _equal(ours, right["last"])
        | _equal(ours, right["first_last"])
        | _equal(left["last"], theirs)
        | _equal(left["first_last"], theirs)
    )
    result: Array = np.maximum(_alike(ours, theirs), PART * part)
    return result


def _address(left: pl.DataFrame, right: pl.DataFrame) -> Array:
    """Score an address: postal code, number and street count a third each."""
    postal = _equal(left["postal"], right["postal"])
    number = _equal(left["number"], right["number"])
    street = _alike(left["street"], right["street"])
    # A box or a land location has no number: its street says it all.
    rural = (left["number"].is_null() & right["number"].is_null()).to_numpy() & (street > 0.9)
    # Made numbers first: NumPy adds two truths up to one.
    return (postal.astype(float) + (number | rural) + np.where(street > 0.85, street, 0)) / 3


def _alike(ours: pl.Series, theirs: pl.Series) -> Array:
    similarity = cpdist(
        ours.fill_null("").to_list(),
        theirs.fill_null("").to_list(),
        scorer=JaroWinkler.normalized_similarity,
        dtype=np.float64,
    )
    known = (ours.is_not_null() & theirs.is_not_null()).to_numpy()
    return np.where(known, similarity, 0.0)


def _equal(ours: pl.Series, theirs: pl.Series) -> Array:
    return (ours == theirs).fill_null(value=False).to_numpy()
