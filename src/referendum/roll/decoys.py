"""Decoys: fictitious electors in copies of the list, which show whose copy was used.

Each takes after one elector, the model, in all that a reader of the list could look at: how many
live with it and how old they are, whether they share a surname, a telephone or a day of listing,
which cells are empty, how rare each name is, how far away the next number and the next house are.
"""

from collections import defaultdict
from collections.abc import Hashable
from datetime import date, timedelta

import numpy as np
import polars as pl

from referendum.roll.cells import (
    Phones,
    Row,
    Rows,
    first_name,
    further_names,
    in_year,
    index_rows,
    keeps_to_weekdays,
)
from referendum.roll.homes import Homes, Streets
from referendum.roll.names import COMMON, Coinage, Rarity
from referendum.roll.numbers import Gaps, learn_form

TRIES = 60
"""Models tried for each decoy before the list is said to have no more room."""

LOOKED_AT = (20, 60, 60, 60, 60)
"""Households looked at for the one that is most like the model's: first those where the one that
it is compared by has a namesake, then those with a surname as rare, those of its kind, its size;
and where the list has none of these, any."""

SLOTS = 400
"""Free addresses tried for each that is taken."""

LONGEST = 200_000
"""Of longer lists, whole households with so many electors are drawn, and decoys take after them."""


def make_decoys(
    electors: pl.DataFrame, earlier: pl.DataFrame, count: int, seed: int
) -> pl.DataFrame:
    """Make up electors.

    Args:
        electors: `core.schemas.ELECTORS`, by number.
        earlier: decoys of this list, with at least the same columns.
        count: how many, at most.
        seed: secret.

    Returns:
        The columns of `electors` and `after`: where the list's numbers have gaps, the number is
        from one, and `after` is null; else the number is none of the list's, and `after` is that
        of the elector behind whom the decoy stands. Fewer than `count` where the list has no room.
    """
    if not electors.height or not count:
        return electors.clear().with_columns(after=pl.lit(None, pl.String))
    maker = _Maker(electors, earlier, np.random.default_rng(seed), count)
    made: list[Row] = []
    for _ in range(count):
        row = maker.make()
        if row is None:
            break
        made.append(row)
    schema = {**electors.schema, "after": pl.String()}
    return pl.DataFrame(made, schema=schema, orient="row")


def has_gaps(electors: pl.DataFrame) -> bool:
    """Whether decoys can have numbers from the gaps of a list: one in twenty, and 20 of them."""
    form = learn_form(electors["elector_id"].to_list()) if electors.height else None
    if form is None:
        return False
    return Gaps(electors["elector_id"].to_list(), form).room * 20 >= max(electors.height, 400)


class _Maker:
    """Makes decoys of one list, one at a time."""

    def __init__(
        self, electors: pl.DataFrame, earlier: pl.DataFrame, rng: np.random.Generator, count: int
    ) -> None:
        self.rng = rng
        self.rows = Rows(electors)
        self.homes, self.streets = Homes(electors), Streets(electors, rng)
        self.gaps = self._open_gaps(electors, earlier)
        given = electors["given_names"].to_list()
        self.first, self.rest = (
            [first_name(one) for one in given],
            [further_names(one) for one in given],
        )
        self.surnames: list[str | None] = electors["surname"].to_list()
        self.drawn = self._draw_rows(max(LONGEST, 6 * count))
        coinages = [Coinage([one for one in names if one], rng) for names in (
            self.first, self.surnames, self.rest
        )]  # fmt: skip
        names = (self.first, self.surnames, self.rest)
        self.rarity = [Rarity(own, new.new) for own, new in zip(names, coinages, strict=True)]
        self.days = {
            name: Rarity(electors[name].to_list(), self._new_day)
            for name in ("listed_from", "listed_to")
        }
        named = [one.select("given_names", "surname", "locality") for one in (
            electors, earlier.select(electors.columns)
        )]  # fmt: skip
        self.named = set(pl.concat(named).iter_rows())
        self.by_first = index_rows(self.first, self.drawn)
        self.by_place = index_rows(electors["locality"].to_list(), self.drawn)
        streets = list(electors.select("street", "locality").iter_rows())
        self.by_street = index_rows(streets, self.drawn)
        self.crowded = [row for row in self.drawn if self.homes.in_crowd[row]]
        self.phones = Phones(electors["phone"].to_list(), rng)
        self.used_homes: set[int] = set()
        self.alike = self._index_homes()
        years = electors["birth_year"].drop_nulls().to_list()
        self.years = (min(years), max(years)) if years else (0, 0)
        self.week = keeps_to_weekdays(electors["listed_from"].to_list())
        self.made = earlier.height
        self.order: list[int] = list(range(len(self.rows)))
        self.places: list[int] = self.order
        if self.gaps is not None:
            self.order, self.places = self.gaps.order.tolist(), self.gaps.places.tolist()
        self.of_kind: dict[Hashable, list[int]] = defaultdict(list)
        for row in self.drawn:
            self.of_kind[self._kind(row)].append(row)

    def _open_gaps(self, electors: pl.DataFrame, earlier: pl.DataFrame) -> Gaps | None:
        if not has_gaps(electors):
            return None
        ids = electors["elector_id"].to_list()
        form = learn_form(ids)
        gaps = Gaps(ids, form) if form else None
        if gaps is not None:
            gaps.forget(earlier["elector_id"].to_list())
        return gaps

    def make(self) -> Row | None:
        """Make up one more; None where the list has no more room."""
        for tried in range(5):
            self.anywhere = tried == 4
            model = self.drawn[int(self.rng.integers(len(self.drawn)))]
            alike = self.of_kind[self._kind(model)]
            for other in (model, *self.rng.choice(alike, TRIES)):
                made = self._make_like(int(other))
                if made is not None:
                    return made
        return None

    def _kind(self, row: int) -> Hashable:
        """Give what models are to be replaced by their like in: of whom too few would be left."""
        others = self.homes.others(row)
        cells = self.rows[row]
        steps = self.streets.steps.get(row) if not others else None
        phone = cells["phone"] is None, self._shares(row, others, "phone")
        return len(others), cells["unit"] is None, cells["street_number"] is None, *phone, steps

    def _draw_rows(self, most: int) -> list[int]:
        """Give the rows of whole households, drawn until there are enough."""
        if len(self.rows) <= most:
            return list(range(len(self.rows)))
        found: list[int] = []
        for home in self.rng.permutation(len(self.homes.members)):
            found += self.homes.members[home]
            if len(found) >= most:
                break
        return found

    def _make_like(self, model: int) -> Row | None:
        others = self.homes.others(model)
        if not others:
            return self._make_alone(model)
        home = self._home_like(model, others)
        if home is None:
            return None
        row = self._join(model, others, home)
        place = self._place(model, home, row) if self._is_nobody(row) else None
        if place is None:
            return None
        self.used_homes.add(home)
        return self._made(row | place)

    def _make_alone(self, model: int) -> Row | None:
        """Make up one that lives alone, or among many at one address."""
        if self.homes.in_crowd[model]:
            other = self.crowded[int(self.rng.integers(len(self.crowded)))]
            row = dict(self.rows[other])
            place = self._place(model, None, row)
            return self._made(self._fill(row, model) | place) if place else None
        slots = self.streets.like(model)
        ordered = self._stands_by_house(model)
        for at, slot in enumerate(slots[:SLOTS]):
            row = dict(self.rows[slot.beside[0]]) | {slot.column: slot.number}
            if slot.column == "street_number":
                row["unit"] = self.rows[model]["unit"]
            behind = self._last_of(slot.beside) if ordered else None
            place = self._place(model, None, row, behind)
            if place is not None:
                slots.pop(at)
                return self._made(self._fill(row, model) | place)
        return None

    def _made(self, row: Row) -> Row | None:
        if not self._is_nobody(row):
            return None
        self.named.add((row["given_names"], row["surname"], row["locality"]))
        return row

    def _is_nobody(self, row: Row) -> bool:
        """Whether a row has a name that nobody of its place has."""
        name = row["given_names"], row["surname"], row["locality"]
        return name not in self.named and name[:2] != (None, None)

    def _stands_by_house(self, model: int) -> bool:
        """Whether the one before an elector on the list lives in the house before theirs."""
        before = self._before(model)
        step = self.streets.steps.get(model)
        if before is None or step is None:
            return False
        column = self.streets.columns[model]
        own, theirs = self.rows[model], self.rows[before]
        same = all(own[name] == theirs[name] for name in ("street", "locality"))
        number = str(theirs[column] or "")
        return same and number.isdigit() and int(own[column]) - int(number) == step[0]

    def _last_of(self, rows: tuple[int, ...]) -> list[int]:
        """Give those of a house behind whom somebody else comes on the list."""
        return [one for one in rows if self._after(one) not in rows]

    # Who lives with whom.

    def _index_homes(self) -> list[dict[Hashable, list[int]]]:
        levels: list[dict[Hashable, list[int]]] = [defaultdict(list) for _ in LOOKED_AT]
        for anchor in self.drawn:
            rest = self.homes.others(anchor)
            for level, key in enumerate(self._keys(anchor, rest, len(rest) + 1)):
                levels[level][key].append(anchor)
        return levels

    def _keys(self, anchor: int, rest: list[int], size: int, less: int = 0) -> list[Hashable]:
        row = self.rows[anchor]
        surname = self.surnames[anchor]
        sharing = sum(self.surnames[one] == surname for one in rest)
        count = min((self.rarity[1].counts[surname] if surname else 0) - less, 12)
        kind = (size, sharing, row["unit"] is None, row["street_number"] is None)
        count = count if count < 5 else 5 + (count > COMMON)
        return [
            (*kind, count, self.first[anchor]),
            (*kind, count),
            kind,
            kind[:1],
            (),
        ]

    def _home_like(self, model: int, others: list[int]) -> int | None:
        """Find a household with one member less than the model's, and else as like as may be."""
        own = self.surnames[model]
        sharing = [one for one in others if self.surnames[one] == own]
        anchor = self._oldest(sharing or others)
        rest = [one for one in others if one != anchor]
        keys = self._keys(anchor, rest, len(others), 1 if sharing else 0)
        wanted = self._ages(anchor, others)
        shares_phone = self._shares(model, others, "phone")
        best: tuple[float, int] = (np.inf, -1)
        for level, (index, key) in enumerate(zip(self.alike, keys, strict=True)):
            found = index.get(key, [])
            skipped = (level > 1 and best[1] >= 0) or (level == 4 and not self.anywhere)
            if not found or skipped:
                continue
            drawn = [found[at] for at in self.rng.integers(0, len(found), LOOKED_AT[level])]
            fitting = [
                one
                for one in dict.fromkeys(drawn)
                if self.homes.of[one] not in self.used_homes
                and self.homes.of[one] != self.homes.of[model]
                and self._fits(model, anchor, one)
                and (not shares_phone or self._has_phone(one))
                and self._has_point(model, one)
            ]
            best = min([best, *((self._unlike(wanted, one) + 2 * level, one) for one in fitting)])
        if best[1] < 0:
            return None
        self.anchor, self.model_anchor = best[1], anchor
        return int(self.homes.of[best[1]])

    def _fits(self, model: int, anchor: int, other: int) -> bool:
        year = self._year(model, anchor, other)
        inside = year is None or self.years[0] <= year <= self.years[1]
        firsts = {self.first[one] for one in self.homes.members[self.homes.of[other]]}
        return inside and self.first[model] not in firsts

    def _year(self, model: int, anchor: int, other: int) -> int | None:
        own, theirs = self.rows[model]["birth_year"], self.rows[anchor]["birth_year"]
        new = self.rows[other]["birth_year"]
        if own is None or theirs is None or new is None:
            return int(own) if own is not None else None
        return int(new + own - theirs)

    def _oldest(self, rows: list[int]) -> int:
        return min(rows, key=lambda one: (self.rows[one]["birth_year"] or 9999, one))

    def _ages(self, anchor: int, members: list[int]) -> list[float]:
        first = self.rows[anchor]["birth_year"] or 0
        years = sorted((self.rows[one]["birth_year"] or first) - first for one in members)
        return [first / 4.0, *years]

    def _unlike(self, wanted: list[float], anchor: int) -> float:
        have = self._ages(anchor, self.homes.members[self.homes.of[anchor]])
        return sum(abs(one - other) for one, other in zip(wanted, have, strict=False))

    def _has_phone(self, one: int) -> bool:
        return any(self.rows[row]["phone"] for row in self.homes.members[self.homes.of[one]])

    def _shares(self, row: int, others: list[int], column: str) -> bool:
        own = self.rows[row][column]
        return own is not None and any(self.rows[one][column] == own for one in others)

    # What stands in the cells.

    def _join(self, model: int, others: list[int], home: int) -> Row:
        members = self.homes.members[home]
        anchor, like = self.anchor, self.model_anchor
        row = dict(self.rows[anchor])
        if any(self.surnames[one] == self.surnames[model] for one in others):
            row["surname"] = self.surnames[anchor]
        else:
            row["surname"] = self._surname(model)
        row["given_names"] = self._given(model)
        self._birth(row, model, self._year(model, like, anchor))
        if self._shares(model, others, "phone"):
            known = [self.rows[one]["phone"] for one in members if self.rows[one]["phone"]]
            row["phone"] = known[int(self.rng.integers(len(known)))]
        else:
            row["phone"] = self._phone(model, row)
        for name in ("listed_from", "listed_to"):
            if self._shares(model, others, name) and self.rows[anchor][name] is not None:
                row[name] = self.rows[anchor][name]
            else:
                row[name] = self._day(name, model)
        return row

    def _fill(self, row: Row, model: int) -> Row:
        """Give one that lives alone all but the address."""
        row["surname"], row["given_names"] = self._surname(model), self._given(model)
        self._birth(row, model, self.rows[model]["birth_year"])
        row["phone"] = self._phone(model, row)
        for name in ("listed_from", "listed_to"):
            row[name] = self._day(name, model)
        return row

    def _given(self, model: int) -> str | None:
        first, rest = self.first[model], self.rest[model]
        if first is None:
            return None
        year = self.rows[model]["birth_year"] or 0

        def near(name: str) -> float:
            return (name[-1:] != first[-1:]) * 30 + abs(self._usual_year(name) - year)

        made = self.rarity[0].like(first, self.rng, near) or first
        if rest is None:
            return made
        further = self.rarity[2].like(self._other_rest(model), self.rng) or rest
        return f"{made} {further}"

    def _other_rest(self, model: int) -> str:
        """Give the further names of another of the same first name, or of anyone of their age."""
        rest = self.rest[model]
        fitting = [one for one in self.by_first[self.first[model]] if self.rest[one] is not None]
        if len(fitting) > 1:
            rest = self.rest[fitting[int(self.rng.integers(len(fitting)))]]
        return str(rest)

    def _usual_year(self, first: str) -> float:
        bearers = self.by_first.get(first, [])
        return float(self.rows[bearers[0]]["birth_year"] or 0) if bearers else 0.0

    def _surname(self, model: int) -> str | None:
        own = self.surnames[model]
        if own is None:
            return None
        fitting = self.by_first[self.first[model]]
        beside = self.surnames[fitting[int(self.rng.integers(len(fitting)))]] or own
        counts = self.rarity[1].counts
        count = counts[own]
        if count > COMMON and counts[beside] > COMMON:
            return str(beside)
        return self.rarity[1].like(own, self.rng)

    def _birth(self, row: Row, model: int, year: int | None) -> None:
        like = self.rows[model]
        row["birth_year"] = None if like["birth_year"] is None else year
        row["birth_date"] = None
        if like["birth_date"] is not None:
            day: date = like["birth_date"]
            other = self.rows[int(self.rng.integers(len(self.rows)))]["birth_date"] or day
            away = day.year - like["birth_year"] if like["birth_year"] else 0
            row["birth_date"] = in_year(other, (year or day.year) + away)

    def _phone(self, model: int, row: Row) -> str | None:
        own = self.rows[model]["phone"]
        if own is None:
            return None
        near = self.by_place[row["locality"]]
        drawn = [self.rows[near[at]]["phone"] for at in self.rng.integers(0, len(near), 20)]
        return self.phones.new(next((one for one in drawn if one and len(one) == len(own)), own))

    def _day(self, name: str, model: int) -> date | None:
        own = self.rows[model][name]
        if own is None:
            return None
        near = lambda day: abs((day - own).days)  # noqa: E731 - asked at once
        return self.days[name].like(own, self.rng, near)

    def _new_day(self, day: date) -> date | None:
        step = 7 if self.week else 1
        for span in (10, 20, 40, 80):
            away = int(self.rng.integers(-span, span + 1)) * step
            made = day + timedelta(days=away)
            if not any(made in days.counts for days in self.days.values()):
                return made
        return day

    # Where it stands on the list.

    def _place(
        self, model: int, home: int | None, row: Row, behind: list[int] | None = None
    ) -> dict[str, str | None] | None:
        """Give a number, or the elector to stand behind, with neighbours as the model has them."""
        if behind is not None:
            if self.gaps is not None:
                behind = [one for one in behind if self.gaps.fits(model, one)]
        elif home is not None and self._keeps_together(model):
            behind = self._points(model, home) or self.homes.members[home][-1:]
            behind.sort(key=lambda left: self._misfit(model, left, row))
        else:
            near = self._beside(model, row)
            if near is not None and not near:
                return None
            behind = self.gaps.like(model, self.rng, near) if self.gaps else self._any_of(near)
        for left in behind:
            if self.gaps is None:
                self.made += 1
                return {
                    "elector_id": f"decoy {self.made}",
                    "after": self.rows[left]["elector_id"],
                }
            if number := self.gaps.take(model, left):
                return {"elector_id": number, "after": None}
        return None

    def _any_of(self, near: list[int] | None) -> list[int]:
        rows = near if near is not None else range(len(self.rows))
        return [rows[int(self.rng.integers(len(rows)))]]

    def _keeps_together(self, model: int) -> bool:
        """Whether one of the next on the list lives with an elector."""
        return any(self.homes.of[one] == self.homes.of[model] for one in self._next(model))

    def _has_point(self, model: int, other: int) -> bool:
        return (
            not self._keeps_together(model)
            or self.anywhere
            or bool(self._points(model, int(self.homes.of[other])))
        )

    def _points(self, model: int, home: int) -> list[int]:
        """Give those behind whom somebody stands as the model does among those it lives with."""
        wanted = [self._way(model, one) for one in self._around(model)]
        host = self.homes.members[home][0]
        found = []
        lefts = {left for one in self.homes.members[home] for left in (self._before(one), one)}
        for left in sorted(one for one in lefts if one is not None):
            right = self._after(left)
            ways = [self._way(host, left), self._way(host, -1 if right is None else right)]
            if ways == wanted and (self.gaps is None or self.gaps.fits(model, left)):
                found.append(left)
        return found

    def _way(self, row: int, other: int) -> tuple[bool, int | None]:
        """Give whether another lives with an elector, and how many houses away on the street."""
        if other < 0 or self.homes.of[row] == self.homes.of[other]:
            return other >= 0, None
        own, theirs = self.rows[row], self.rows[other]
        numbers = own["street_number"] or "", theirs["street_number"] or ""
        if own["street"] != theirs["street"] or not all(map(str.isdigit, numbers)):
            return False, None
        return False, int(numbers[1]) - int(numbers[0])

    def _misfit(self, model: int, left: int, row: Row) -> float:
        """Say how much those around a place differ from those around the model."""
        right, own = self._after(left), self.rows[model]
        total = float(self.rng.random())
        for theirs, other in zip(self._around(model), (left, right), strict=True):
            if theirs < 0 or other is None:
                continue
            same = self.surnames[theirs] == own["surname"]
            total += 20 * (same != (self.surnames[other] == row["surname"]))
            years = [self.rows[theirs]["birth_year"], own["birth_year"]]
            new = [self.rows[other]["birth_year"], row["birth_year"]]
            if None not in years + new:
                total += abs((years[0] - years[1]) - (new[0] - new[1]))
        return total

    def _beside(self, model: int, row: Row) -> list[int] | None:
        """Give the electors of whom one is to be next on the list; None where anyone may be."""
        near, like = self._next(model), self.rows[model]
        for columns, index in (
            (("street", "locality"), self.by_street),
            (("locality",), self.by_place),
        ):
            wanted = tuple(like[name] for name in columns)
            if any(tuple(self.rows[one][name] for name in columns) == wanted for one in near):
                key = tuple(row[name] for name in columns)
                return index.get(key if len(key) > 1 else key[0], [])
        return None

    def _before(self, row: int) -> int | None:
        place = self.places[row] - 1
        return self.order[place] if place >= 0 else None

    def _after(self, row: int) -> int | None:
        place = self.places[row] + 1
        return self.order[place] if place < len(self.order) else None

    def _around(self, row: int) -> tuple[int, int]:
        """Give the electors before and behind one; -1 where there is none."""
        before, after = self._before(row), self._after(row)
        return -1 if before is None else before, -1 if after is None else after

    def _next(self, row: int) -> list[int]:
        return [one for one in self._around(row) if one >= 0]
