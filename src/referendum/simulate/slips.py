"""Slips that the error models share: what goes wrong between a signer's mind and a keyed line."""

import csv
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np

Chance = np.random.Generator
Line = dict[str, Any]
Act = Callable[[Line, Chance], bool]


class Slip(NamedTuple):
    """One thing that can go wrong.

    Attributes:
        rate: its chance on a normal sheet.
        by_quality: whether the quality of the sheet changes the chance.
        act: does it to a line whose names are not null; says whether anything changed.
    """

    rate: float
    by_quality: bool
    act: Act


def blank(column: str) -> Act:
    """Leave a column empty."""

    def skip(line: Line, chance: Chance) -> bool:  # noqa: ARG001
        had = line[column] is not None
        line[column] = None
        return had

    return skip


def changed(column: str, change: Callable[[str, Chance], str]) -> Act:
    """Change the text of a column, where there is any; some text stays."""

    def slip(line: Line, chance: Chance) -> bool:
        before = line[column]
        if before:
            line[column] = change(before, chance) or before
        return bool(line[column] != before)

    return slip


def only_first(line: Line, chance: Chance) -> bool:  # noqa: ARG001
    """Write the first of the given names only."""
    first, _, rest = line["given_names"].partition(" ")
    line["given_names"] = first
    return bool(rest)


def second_as_first(line: Line, chance: Chance) -> bool:  # noqa: ARG001
    """Leave out the first of the given names."""
    _, _, rest = line["given_names"].partition(" ")
    line["given_names"] = rest or line["given_names"]
    return bool(rest)


def short_name(line: Line, chance: Chance) -> bool:
    """Write the first given name in a short form, where it has one."""
    first, _, rest = line["given_names"].partition(" ")
    short = _short_names().get(first)
    if short:
        line["given_names"] = " ".join([short[int(chance.integers(len(short)))], rest]).strip()
    return bool(short)


@cache
def _short_names() -> dict[str, list[str]]:
    text = (files("referendum.simulate") / "data" / "short_names.csv").read_text("utf-8")
    short: dict[str, list[str]] = {}
    for row in csv.DictReader(text.splitlines()):
        short.setdefault(row["name"], []).append(row["short"])
    return short
