"""Elector numbers: the form of a list's own, and further numbers of that form from its gaps."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from referendum.roll.check_digits import Rows, Rule, find_check

Array = npt.NDArray[np.int64]

EXACT = 2**62
"""Ordinals up to here are held as integers; beyond, for numbers of many places, as objects."""


@dataclass(frozen=True)
class Form:
    """How a list numbers its electors.

    Attributes:
        alphabets: for each place the characters that occur there, in order; empty where numbers
            are whole numbers of no fixed length after a `prefix`.
        prefix: what every number begins with.
        check: the places of check characters, and their rule.
    """

    alphabets: tuple[str, ...]
    prefix: str = ""
    check: tuple[tuple[int, ...], Rule] | None = None

    @property
    def places(self) -> list[int]:
        """The places that are not of check characters."""
        checked = self.check[0] if self.check else ()
        return [at for at in range(len(self.alphabets)) if at not in checked]

    def ordinals(self, ids: Sequence[str]) -> npt.NDArray[np.int64]:
        """Give each number's place among all numbers of the form, from 0."""
        if not self.alphabets:
            return np.array([int(one[len(self.prefix) :]) for one in ids], dtype=np.int64)
        rows = as_rows(ids)
        size = 1
        for at in self.places:
            size *= len(self.alphabets[at])
        total = np.zeros(len(rows), dtype=np.int64 if size < EXACT else object)
        for at in self.places:
            code = np.searchsorted(list(self.alphabets[at]), rows[:, at])
            total = total * len(self.alphabets[at]) + code.astype(total.dtype)
        return total

    def write(self, ordinal: int) -> str:
        """Give the number at a place among all of the form; "" if none can stand there."""
        if not self.alphabets:
            return f"{self.prefix}{ordinal}"
        letters = [""] * len(self.alphabets)
        for at in reversed(self.places):
            ordinal, code = divmod(ordinal, len(self.alphabets[at]))
            letters[at] = self.alphabets[at][code]
        if self.check:
            at_check, rule = self.check
            (check,) = rule(np.array([[letters[at] for at in self.places]]))
            if len(check) != len(at_check):
                return ""
            for at, letter in zip(at_check, check, strict=True):
                letters[at] = letter
        return "".join(letters)


def as_rows(ids: Sequence[str]) -> Rows:
    """Give numbers of one length as rows of characters."""
    width = len(ids[0])
    return np.array(ids, dtype=f"U{width}").view("U1").reshape(len(ids), width)


def learn_form(ids: Sequence[str]) -> Form | None:
    """Learn how a list numbers its electors; None if its numbers have no common form."""
    if len({len(one) for one in ids}) == 1:
        rows = as_rows(ids)
        alphabets = tuple("".join(np.unique(column)) for column in rows.T)
        return Form(alphabets, "", find_check(rows))
    prefix = ids[0].rstrip("0123456789")
    whole = all(
        one.startswith(prefix)
        and one[len(prefix) :].isascii()
        and one[len(prefix) :].isdigit()
        and str(int(one[len(prefix) :])) == one[len(prefix) :]
        for one in ids
    )
    return Form((), prefix) if whole and max(map(len, ids)) < len(prefix) + 18 else None


class Gaps:
    """The numbers that a list leaves out between its first and its last."""

    def __init__(self, ids: Sequence[str], form: Form) -> None:
        """Find them.

        Args:
            ids: the list's own.
            form: of all of them.
        """
        self.form = form
        ordinals = form.ordinals(ids)
        self.order = np.argsort(ordinals, kind="stable")
        self._sorted = ordinals[self.order]
        self.places = np.empty(len(ids), dtype=np.int64)
        self.places[self.order] = np.arange(len(ids))
        self.sizes = np.diff(self._sorted).astype(np.float64)
        self._open = np.flatnonzero(self.sizes > 1)
        self._by_size = self._open[np.argsort(self.sizes[self._open], kind="stable")]
        self._taken: set[int] = set()
        self._given: set[str] = set(ids)

    @property
    def room(self) -> int:
        """How many gaps there are, each of which hides one number well."""
        return len(self._open) - len(self._taken)

    def width(self, row: int) -> tuple[float, float]:
        """Give how far an elector's number is from the one before, and from the one behind."""
        place = int(self.places[row])
        before = self.sizes[place - 1] if place else self.sizes[place]
        return float(before), float(self.sizes[place] if place < len(self.sizes) else before)

    def fits(self, model: int, left: int) -> bool:
        """Whether the gap behind an elector is free, and as wide as the one a model stands in."""
        gap, width = int(self.places[left]), sum(self.width(model))
        if gap >= len(self.sizes) or gap in self._taken or self.sizes[gap] < 2:
            return False
        return bool(abs(self.sizes[gap] - width) <= width / 8)

    def take(self, model: int, left: int) -> str:
        """Take the number behind an elector that is as far from the next ones as a model's is.

        Returns:
            "" where the gap is taken, or no number of the form can stand there.
        """
        gap = int(self.places[left])
        if gap >= len(self.sizes) or gap in self._taken or self.sizes[gap] < 2:
            return ""
        before, after = self.width(model)
        width = int(self.sizes[gap])
        away = int(np.rint(before / (before + after) * width))
        number = self.form.write(int(self._sorted[gap]) + min(max(away, 1), width - 1))
        if not number or number in self._given:
            return ""
        self._taken.add(gap)
        self._given.add(number)
        return number

    def like(
        self, model: int, rng: np.random.Generator, near: Sequence[int] | None = None
    ) -> list[int]:
        """Give electors behind whom is a gap as wide as a model's; of those near, if any are given.

        Returns:
            Rows, in an order by chance.
        """
        width = sum(self.width(model))
        if near is not None:
            places = self.places[np.asarray(near)]
            gaps = np.unique(np.concatenate((places - 1, places)))
            gaps = gaps[(gaps >= 0) & (gaps < len(self.sizes))]
            gaps = gaps[np.abs(self.sizes[gaps] - width) <= width / 8]
        else:
            sizes = self.sizes[self._by_size]
            low = int(np.searchsorted(sizes, width))
            high = int(np.searchsorted(sizes, width, side="right"))
            if high - low < 30:
                low, high = max(low - 15, 0), min(high + 15, len(sizes))
            gaps = self._by_size[low:high]
        return [int(self.order[gap]) for gap in rng.permutation(gaps)[:40]]

    def forget(self, ids: Sequence[str]) -> None:
        """Leave out numbers that are given already, with their gaps."""
        known = [one for one in ids if one not in self._given]
        self._given.update(known)
        fitting = [one for one in known if self._fits(one)]
        if fitting:
            ordinals = self.form.ordinals(fitting)
            self._taken.update(int(at) - 1 for at in np.searchsorted(self._sorted, ordinals))

    def _fits(self, one: str) -> bool:
        if not self.form.alphabets:
            rest = one.removeprefix(self.form.prefix)
            return rest.isascii() and rest.isdigit()
        alphabets = self.form.alphabets
        return len(one) == len(alphabets) and all(map(str.__contains__, alphabets, one))
