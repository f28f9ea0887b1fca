"""What the parts of the returns that stand have: their forms, names and what was said of them."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from referendum.core.errors import InputError
from referendum.core.names import name_key
from referendum.core.printing import quantity
from referendum.count import EVERY_QUESTION, KEY, PLACES, Reconciliation, ReferenceData
from referendum.flows.count.combined_returns import read_combined_returns
from referendum.record.reading import Inputs

Form = tuple[str, ...]

_AGREED_PARAMETERS = ("common_ballot", "scope")
_TABLES_WITH_NAMES = ("returns", "set_aside", "electors", "places", "previous")
_GIVEN_WITH_ONE_PART = {
    "electors": ("a table of electors", "--electors"),
    "places": ("the expected places", "--expected"),
    "previous": ("an earlier vote", "--previous"),
}


class ReturnsParts:
    """The parts that stand, kept up act by act."""

    def __init__(self) -> None:
        self._returned: dict[Form, int] = {}
        self._forms: dict[int, list[Form]] = {}
        self._names: dict[int, set[tuple[Form, str]]] = {}
        self._spelled: dict[Form, dict[str, set[int]]] = {}
        self._tables_given: dict[str, dict[int, Inputs]] = {
            name: {} for name in _GIVEN_WITH_ONE_PART
        }
        self._parameters: dict[int, dict[str, Any]] = {}

    def add(self, number: int, inputs: Inputs) -> None:
        """Take note of a part: of its forms, names, and what came with it."""
        tables = {name: _rows(inputs, name) for name in _TABLES_WITH_NAMES}
        parameters = inputs.parameters("returns")
        self._parameters[number] = {name: parameters[name] for name in _AGREED_PARAMETERS}
        self._forms[number] = [_form_key(row) for row in tables["returns"]]
        for form in self._forms[number]:
            self._returned[form] = number
        for name, is_empty in (
            ("places", not tables["places"]),
            ("previous", not tables["previous"]),
        ):
            if not is_empty:
                self._tables_given[name][number] = inputs
        if parameters["electors"] == "table":
            self._tables_given["electors"][number] = inputs
        rows = (row for name in _TABLES_WITH_NAMES for row in tables[name])
        self._names[number] = {one for row in rows for one in _keyed_names(row)}
        for key, name in self._names[number]:
            self._spelled.setdefault(key, {}).setdefault(name, set()).add(number)

    def drop(self, number: int) -> None:
        """Take note that a part no longer stands."""
        for form in self._forms.pop(number):
            if self._returned.get(form) == number:
                del self._returned[form]
        for key, name in self._names.pop(number):
            self._spelled[key][name].discard(number)
            if not self._spelled[key][name]:
                del self._spelled[key][name]
        for tables_given in self._tables_given.values():
            tables_given.pop(number, None)
        del self._parameters[number]

    def require_new(self, forms: pl.DataFrame, without: int | None, where: str) -> None:
        """See that no form is of a key that another part returned.

        Args:
            forms: with the columns of `KEY`; those that do not name a place fully are passed over.
            without: the part that these forms take the place of.
            where: the file.

        Raises:
            InputError: one is.
        """
        found = [
            (row, self._returned[key])
            for row in forms.select(KEY).drop_nulls().iter_rows()
            if (key := _form_key(row)) in self._returned and self._returned[key] != without
        ]
        if found:
            row, act = found[0]
            acts = sorted({number for _, number in found})
            raise InputError(
                f"received before: {len(found):,} of {quantity(forms.height, 'form')}, in act"
                f" {', '.join(map(str, acts[:5]))}; the first is {', '.join(row)}",
                where=where,
                hint=f"leave them out; only if act {act} was wrong, put it right: --corrects"
                f" {act} --reason 'what was wrong', with all its forms, or --update with some",
            )

    def require_once(self, tables_given: Iterable[str], without: int | None) -> None:
        """See that electors, expected places and an earlier vote come with one part alone.

        Raises:
            InputError: another part has one of them.
        """
        for name in tables_given:
            what, option = _GIVEN_WITH_ONE_PART[name]
            for number in self._tables_given[name]:
                if number != without:
                    raise InputError(
                        f"{what} came with act {number}",
                        hint=f"leave {option} out; only if it was wrong, put that part right:"
                        f" --corrects {number} --reason 'what was wrong', with all its forms",
                    )

    def agreed_parameter(self, name: str, without: int | None) -> Any:  # noqa: ANN401
        """Give what the other parts say by a parameter in which all agree; None if none stands."""
        others = (agreed[name] for number, agreed in self._parameters.items() if number != without)
        return next(others, None)

    def places(self, without: int | None) -> pl.DataFrame:
        """Give the places that another part expects; empty if none does."""
        for number, inputs in self._tables_given["places"].items():
            if number != without:
                return read_combined_returns(inputs).places.drop("status")
        return pl.DataFrame(schema=PLACES.schema)

    def spellings(self, tables: Iterable[pl.DataFrame], without: int | None) -> pl.DataFrame:
        """Give the names that are in tables as the other parts spell them, as keys of forms."""
        found: dict[Form, None] = {}
        for table in tables:
            named = [name for name in KEY if name in table.columns]
            if not named:
                continue
            texts = table.select(pl.col(named).cast(pl.String)).unique(maintain_order=True)
            for row in texts.iter_rows(named=True):
                cells = [row.get(name) or "" for name in KEY]
                found[self._spell_as_known(cells, without)] = None
        defaults = (
            [self._spell_as_known(["1", "all", "", "", ""], without)] if self._parameters else []
        )
        rows = [[cell or None for cell in row] for row in (*defaults, *found) if any(row)]
        schema = dict.fromkeys(KEY, pl.String)
        return pl.DataFrame(rows, schema=schema, orient="row")

    def _spell_as_known(self, cells: list[str], without: int | None) -> Form:
        """Spell the names of a row as they are known; what is not known is left out."""
        question, kind, region, district, place = cells
        found = [self._spelling(("question", _key(question)), without)]
        found.append(self._spelling(("kind", _key(kind)), without))
        within: Form = ()
        for level, name in (("region", region), ("district", district), ("place", place)):
            known = self._spelling((level, *within, _key(name)), without)
            found.append(known)
            within = (*within, _key(name))
        while len(found) > 2 and not found[-1]:
            found.pop()
        return (*found, *[""] * (5 - len(found)))

    def _spelling(self, key: Form, without: int | None) -> str:
        for name, numbers in self._spelled.get(key, {}).items():
            if len(numbers) > (without in numbers):
                return name
        return ""


@dataclass(frozen=True)
class OtherParts:
    """The other parts that stand, without the one that is put right."""

    parts: ReturnsParts
    without: int | None

    def places(self) -> pl.DataFrame:
        """Give the places that another part expects."""
        return self.parts.places(self.without)

    def spellings(self, tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
        """Give the names in tables as the other parts spell them."""
        return self.parts.spellings(tables, self.without)

    def common_ballot(self, *, chosen: bool) -> bool:
        """Say whether all questions stand on one ballot, which is so of all parts or of none."""
        agreed = self.parts.agreed_parameter("common_ballot", self.without)
        if chosen and agreed is False:
            raise InputError(
                "the other parts say that each question has a ballot of its own",
                hint="leave --common-ballot out, or put those parts right first",
            )
        return bool(chosen or agreed)

    def scope(self, chosen: str | None, earlier: Inputs | None) -> str:
        """Say which votes these are, which all parts say alike."""
        agreed = self.parts.agreed_parameter("scope", self.without)
        if chosen is None and earlier is not None:
            chosen = earlier.parameters("returns")["scope"]
        if agreed is not None and chosen not in (None, agreed):
            raise InputError(
                f"the other parts are of {agreed!r}, this one of {chosen!r}",
                hint="give the same --scope for every part, or leave it out",
            )
        return str(agreed or chosen or "all votes")

    def require_new(
        self, reconciliation: Reconciliation, reference: ReferenceData, source: str, path: Path
    ) -> None:
        """See that no form came with another part, nor a table that one part alone gives."""
        forms = pl.concat(
            [reconciliation.returns.select(KEY), reconciliation.set_aside.select(KEY)]
        )
        self.parts.require_new(forms, self.without, str(path))
        tables_given = {
            "electors": source == "table",
            "places": reference.places.height > 0,
            "previous": reference.previous.height > 0,
        }
        self.parts.require_once([name for name in tables_given if tables_given[name]], self.without)


def _key(name: str) -> str:
    """Give what the spellings of a name have in common; a number is the same with zeros before."""
    return re.sub(r"(^|\D)0+(\d)", r"\1\2", name_key(name))


def _form_key(row: Iterable[str]) -> Form:
    return tuple(map(_key, row))


def _keyed_names(row: Form) -> Iterator[tuple[Form, str]]:
    """Give the names in a key, each with the folded names within which it is one."""
    question, kind, region, district, place = row
    for level, name in (("question", question), ("kind", kind)):
        if name:
            yield (level, _key(name)), name
    within: Form = ()
    for level, name in (("region", region), ("district", district), ("place", place)):
        if not name:
            return
        within = (*within, _key(name))
        yield (level, *within), name


def _rows(inputs: Inputs, name: str) -> list[Form]:
    """Read the names in a table as keys of forms; what it does not name is empty."""
    if not inputs.rows("returns", f"{name}.csv"):
        return []
    text = inputs.data("returns", f"{name}.csv").decode()
    reader = csv.DictReader(io.StringIO(text, newline=""))
    rows = [tuple(row.get(column) or "" for column in KEY) for row in reader]
    return [("" if one[0] == EVERY_QUESTION else one[0], *one[1:]) for one in rows]
