"""The most ballots that forms set aside may hold, worked out from their figures."""

import re
from typing import NamedTuple

from referendum.verify.between import Key, Return
from referendum.verify.canonical import integer
from referendum.verify.report import Mismatch

UNREAD_ROWS = ("row_too_long", "broken_quotes", "too_many_cells")
UNREAD_NUMBERS = ("not_a_number", "negative")
OF_FIGURES = (
    "does_not_add_up", "account_does_not_balance", "difference_not_stated",
    "difference_is_another", "more_ballots_than_electors", "sum_of_others", "sum_differs",
)  # fmt: skip
CELLS = ("yes", "no", "informal", "total", "electors", "second")

_FIGURE = re.compile(r"([a-z]+) ([0-9]{1,15}|\?)", re.ASCII)
_NUMBER = re.compile(r"[0-9][0-9\s,.'\u2019]*")

Figures = dict[str, int | None]  # None where the cell cannot be read


class Aside(NamedTuple):
    """A row of `set_aside.csv`."""

    row: str
    key: Key
    column: str
    code: str
    value: str
    figures: Figures
    ballots: int | None

    @property
    def words(self) -> str:
        """Name it."""
        return f"row {self.row} ({self.code})" if self.row else f"{self.key[-1]} ({self.code})"

    @property
    def votes(self) -> tuple[int | None, ...]:
        """Yes, no and total."""
        return tuple(self.figures.get(name) for name in ("yes", "no", "total"))


def check_ballots(forms: list[Return], aside: list[list[str]], file: str) -> None:
    """See that the most ballots that each form may hold come out of its figures."""
    read = [_read(cells, file) for cells in aside]
    first = {form.key: form.votes for form in forms}
    for one in read:
        yes, no, total = one.votes
        if yes is not None and no is not None and total is not None and one.code != "repeated":
            first.setdefault(one.key, (yes, no, total))
    every = [*(form.votes for form in forms), *(one.votes for one in read)]
    whole = [sum(number or 0 for number in numbers) for numbers in zip(*every, strict=True)]
    for one in read:
        if one.code == "sum_of_others":
            _check_sum(one, whole, file)
        elif one.ballots not in _possible(one, first.get(one.key)):
            told = "nobody knows how many" if one.ballots is None else f"{one.ballots:,}"
            raise Mismatch(f"{one.words} holds {told} ballots: not by its own numbers", file)


def _read(cells: list[str], file: str) -> Aside:
    row, *key, column, code, value, text, most = cells
    parts = text.split(", ") if text else []
    found = [_FIGURE.fullmatch(part) for part in parts]
    names = [one[1] for one in found if one]
    if None in found or names != [name for name in CELLS if name in names]:
        raise Mismatch(f"{text[:60]!r} are no figures of a form", file)
    figures = {one[1]: None if one[2] == "?" else int(one[2]) for one in found if one}
    ballots = integer(most, "ballots", file) if most else None
    one = Aside(row, tuple(key), column, code, value, figures, ballots)
    if code in UNREAD_ROWS and figures:
        raise Mismatch(f"{one.words} could not be read, and has figures", file)
    lost = code in UNREAD_NUMBERS and not _NUMBER.fullmatch(value.strip())
    if lost and column in CELLS[:4] and figures.get(column, 0) is not None:
        raise Mismatch(f"{one.words}: {value[:40]!r} is no number, and was read", file)
    _check_stated(one, file)
    return one


def _check_stated(one: Aside, file: str) -> None:
    """See that figures by which a rule was broken are those of the form."""
    if one.code not in OF_FIGURES:
        return
    for part in map(_FIGURE.fullmatch, one.value.partition(":")[0].split(", ")):
        if part and part[1] in CELLS and str(one.figures.get(part[1])) != part[2]:
            raise Mismatch(f"{one.words}: its figures are not those that are stated", file)


def _check_sum(one: Aside, whole: list[int], file: str) -> None:
    """See that a sum adds nothing, and that the others together have what it has."""
    votes = [number or 0 for number in one.votes]
    if one.ballots != 0 or any(2 * own > all_ for own, all_ in zip(votes, whole, strict=True)):
        raise Mismatch(f"{one.words} is more than all others together", file)


def _possible(one: Aside, first: tuple[int, int, int] | None) -> set[int | None]:
    """Give what the most ballots of a form can be."""
    if one.code in UNREAD_ROWS:
        return {None}
    if one.code == "sum_differs":
        beyond = (one.ballots or 0) > 0 or not one.figures.get("total")
        return {one.ballots} if beyond and one.ballots is not None else set()
    numbers = any(number is not None for number in one.figures.values())
    if not one.key[4] and not numbers:
        digit = any(re.search(r"\d", text) for text in (*one.key[2:], one.value))
        return {None} if digit else {None, 0}
    if one.code == "not_final":
        return {one.figures.get("electors")}
    most = _most(one.figures)
    if one.code == "repeated" and first is not None:
        return {0 if one.votes == first else None if most is None else most + first[2]}
    return {most}


def _most(figures: Figures) -> int | None:
    if None in [figures.get(name, 0) for name in CELLS[:4]]:
        return None
    *votes, total, electors, second = (figures.get(name) for name in CELLS)
    added = sum(number or 0 for number in votes)
    if None in votes and total is not None and added > total:
        return None
    known = (total, None if None in votes else added, electors)
    if all(number is None for number in known):
        return None
    return max(number or 0 for number in (*known, added, second))
