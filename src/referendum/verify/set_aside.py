"""The most ballots that forms set aside may hold, worked out from their figures."""

import re
from typing import NamedTuple

from referendum.verify.canonical import integer
from referendum.verify.report import Mismatch
from referendum.verify.returned_forms import Key, Return

UNREAD_ROWS = ("row_too_long", "broken_quotes", "too_many_cells")
UNREAD_NUMBERS = ("not_a_number", "negative")
FIGURE_RULES = (
    "does_not_add_up", "account_does_not_balance", "difference_not_stated",
    "difference_is_another", "more_ballots_than_electors", "sum_of_others", "sum_differs",
)  # fmt: skip
NUMBER_COLUMNS = ("yes", "no", "informal", "total", "electors", "second")

CELLS_AS_THEY_CAME = (
    "not_a_number", "negative", "out_of_range", "control_character", "too_long", "not_a_code",
    "not_yes_or_no", *UNREAD_ROWS, "not_final", "entries_differ",
)  # fmt: skip
_SHOWN = re.compile(r"(?:[-+0-9.,'\u2019%/ ]|nothing){1,60}|text|text 0")

_FIGURE = re.compile(r"([a-z]+) ([0-9]{1,15}|\?)", re.ASCII)
_NUMBER = re.compile(r"[0-9][0-9\s,.'\u2019]*")

Figures = dict[str, int | None]  # None where the cell cannot be read


class SetAsideForm(NamedTuple):
    """A row of `set_aside.csv`."""

    row: str
    key: Key
    column: str
    code: str
    value: str
    figures: Figures
    ballots: int | None

    @property
    def label(self) -> str:
        """Name it."""
        return f"row {self.row} ({self.code})" if self.row else f"{self.key[-1]} ({self.code})"

    @property
    def votes(self) -> tuple[int | None, ...]:
        """Yes, no and total."""
        return tuple(self.figures.get(name) for name in ("yes", "no", "total"))


def check_ballot_bounds(forms: list[Return], rows: list[list[str]], file: str) -> None:
    """See that the most ballots that each form may hold come out of its figures."""
    set_aside = [_read_row(cells, file) for cells in rows]
    first = {form.key: form.votes for form in forms}
    for one in set_aside:
        yes, no, total = one.votes
        if yes is not None and no is not None and total is not None and one.code != "repeated":
            first.setdefault(one.key, (yes, no, total))
    votes = [*(form.votes for form in forms), *(one.votes for one in set_aside)]
    sums = [sum(number or 0 for number in numbers) for numbers in zip(*votes, strict=True)]
    for one in set_aside:
        if one.code == "sum_of_others":
            _check_sum(one, sums, file)
        elif one.ballots not in _possible_bounds(one, first.get(one.key)):
            stated = "nobody knows how many" if one.ballots is None else f"{one.ballots:,}"
            raise Mismatch(f"{one.label} holds {stated} ballots: not by its own numbers", file)


def _read_row(cells: list[str], file: str) -> SetAsideForm:
    row, *key, column, code, value, text, most = cells
    parts = text.split(", ") if text else []
    matches = [_FIGURE.fullmatch(part) for part in parts]
    names = [one[1] for one in matches if one]
    if None in matches or names != [name for name in NUMBER_COLUMNS if name in names]:
        raise Mismatch(f"{text[:60]!r} are no figures of a form", file)
    figures = {one[1]: None if one[2] == "?" else int(one[2]) for one in matches if one}
    ballots = integer(most, "ballots", file) if most else None
    one = SetAsideForm(row, tuple(key), column, code, value, figures, ballots)
    if code in CELLS_AS_THEY_CAME and value and not _SHOWN.fullmatch(value):
        raise Mismatch(f"{one.label}: the cell is no number, and is told as it came", file)
    if code in UNREAD_ROWS and figures:
        raise Mismatch(f"{one.label} could not be read, and has figures", file)
    unreadable = code in UNREAD_NUMBERS and not _NUMBER.fullmatch(value.strip())
    if unreadable and column in NUMBER_COLUMNS[:4] and figures.get(column, 0) is not None:
        raise Mismatch(f"{one.label}: {value[:40]!r} is no number, and was read", file)
    _check_stated(one, file)
    return one


def _check_stated(one: SetAsideForm, file: str) -> None:
    """See that figures by which a rule was broken are those of the form."""
    if one.code not in FIGURE_RULES:
        return
    for part in map(_FIGURE.fullmatch, one.value.partition(":")[0].split(", ")):
        if part and part[1] in NUMBER_COLUMNS and str(one.figures.get(part[1])) != part[2]:
            raise Mismatch(f"{one.label}: its figures are not those that are stated", file)


def _check_sum(one: SetAsideForm, sums: list[int], file: str) -> None:
    """See that a sum adds nothing, and that the others together have what it has."""
    votes = [number or 0 for number in one.votes]
    if one.ballots != 0 or any(2 * own > all_ for own, all_ in zip(votes, sums, strict=True)):
        raise Mismatch(f"{one.label} is more than all others together", file)


def _possible_bounds(one: SetAsideForm, first: tuple[int, int, int] | None) -> set[int | None]:
    """Give what the most ballots of a form can be."""
    if one.code in UNREAD_ROWS:
        return {None}
    if one.code == "sum_differs":
        is_bound = (one.ballots or 0) > 0 or not one.figures.get("total")
        return {one.ballots} if is_bound and one.ballots is not None else set()
    numbers = any(number is not None for number in one.figures.values())
    if not one.key[4] and not numbers:
        digit = any(re.search(r"\d", text) for text in (*one.key[2:], one.value))
        return {None} if digit else {None, 0}
    if one.code == "not_final":
        return {one.figures.get("electors")}
    most = _largest_number(one.figures)
    if one.code == "repeated" and first is not None:
        return {0 if one.votes == first else None if most is None else most + first[2]}
    return {most}


def _largest_number(figures: Figures) -> int | None:
    if None in [figures.get(name, 0) for name in NUMBER_COLUMNS[:4]]:
        return None
    *votes, total, electors, second = (figures.get(name) for name in NUMBER_COLUMNS)
    added = sum(number or 0 for number in votes)
    if None in votes and total is not None and added > total:
        return None
    known = (total, None if None in votes else added, electors)
    if all(number is None for number in known):
        return None
    return max(number or 0 for number in (*known, added, second))
