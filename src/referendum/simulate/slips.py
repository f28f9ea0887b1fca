"""Slips that the error models share: what goes wrong between a signer's pen and a keyed line."""

import csv
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np

Rng = np.random.Generator
Line = dict[str, Any]
SlipAction = Callable[[Line, Rng], bool]


class Slip(NamedTuple):
    """One thing that can go wrong.

    Attributes:
        rate: its chance on a normal sheet.
        by_quality: whether the quality of the sheet changes the chance.
        act: applies it to a line whose names are not null; says whether anything changed.
    """

    rate: float
    by_quality: bool
    act: SlipAction


def blank_column(column: str) -> SlipAction:
    """Leave a column empty."""

    def blank(line: Line, rng: Rng) -> bool:  # noqa: ARG001
        had = line[column] is not None
        line[column] = None
        return had

    return blank


def blot_surname(line: Line, rng: Rng) -> bool:  # noqa: ARG001
    """Make the surname illegible."""
    line["surname"] = None
    return True


def change_column(column: str, change: Callable[[str, Rng], str]) -> SlipAction:
    """Change the text of a column, where there is any; some text stays."""

    def slip(line: Line, rng: Rng) -> bool:
        before = line[column]
        if before:
            line[column] = change(before, rng) or before
        return bool(line[column] != before)

    return slip


def keep_first_name(line: Line, rng: Rng) -> bool:  # noqa: ARG001
    """Write the first of the given names only."""
    first, _, rest = line["given_names"].partition(" ")
    line["given_names"] = first
    return bool(rest)


def drop_first_name(line: Line, rng: Rng) -> bool:  # noqa: ARG001
    """Leave out the first of the given names."""
    _, _, rest = line["given_names"].partition(" ")
    line["given_names"] = rest or line["given_names"]
    return bool(rest)


def shorten_name(line: Line, rng: Rng) -> bool:
    """Write the first given name in a short form, where it has one."""
    first, _, rest = line["given_names"].partition(" ")
    short = _short_names().get(first)
    if short:
        line["given_names"] = " ".join([short[int(rng.integers(len(short)))], rest]).strip()
    return bool(short)


@cache
def _short_names() -> dict[str, list[str]]:
    text = (files("referendum.simulate") / "data" / "short_names.csv").read_text("utf-8")
    short: dict[str, list[str]] = {}
    for row in csv.DictReader(text.splitlines()):
        short.setdefault(row["name"], []).append(row["short"])
    return short
