"""Returns of several parts, put together: what the forms of all say of each other."""

from dataclasses import dataclass
from typing import Any

from referendum.verify.between import Key, Return, odd_forms
from referendum.verify.bundles import Bundle, Together
from referendum.verify.figures import figures_of
from referendum.verify.report import Mismatch
from referendum.verify.returns import (
    ACCOUNT,
    ASIDE,
    ELECTORS,
    KEY,
    PLACES,
    PREVIOUS,
    VOTES,
    WARNINGS,
    doubts_of,
    electors_stated,
    read_returns,
    statuses,
    warnings_due,
)

Rows = list[list[str]]


@dataclass(frozen=True)
class Whole(Together):
    """Returns of several parts as one bundle of returns would have them.

    Attributes:
        between: rows of `between.csv`, as a result has them.
    """

    between: Rows


def join_returns(parts: list[Bundle]) -> Bundle:
    """Give the returns of all parts as one bundle; those of one part as they are."""
    if len(parts) == 1:
        return parts[0]
    said = _said(parts)
    forms = _forms(parts)
    places = _first(parts, "places.csv", PLACES)
    listed = {(row[3], *row[:3]) for row in places}
    strange = [(one, "not_expected") for one in forms if listed and one.key[1:] not in listed]
    gone = {form.key for form, _ in strange}
    rest = [form for form in forms if form.key not in gone]
    odd = sorted(
        [*strange, *odd_forms(rest, common=said["common_ballot"] is True)],
        key=lambda one: one[0].key,
    )
    gone = {form.key for form, _ in odd}
    kept = [form for form in forms if form.key not in gone]
    aside = [*_aside(parts, forms), *(_as_aside(form, code) for form, code in odd)]
    right = statuses(places, said["as_of"], kept, aside, "")
    tables = {
        "returns.csv": [[*form.key, *_cells(form, VOTES)] for form in kept],
        "accounts.csv": [
            [*form.key, *_cells(form, ACCOUNT), form.explanation]
            for form in kept
            if form.explanation or any(form.numbers[name] is not None for name in ACCOUNT)
        ],
        "set_aside.csv": aside,
        "electors.csv": _electors(parts, kept, aside),
        "places.csv": [[*row[:5], known] for row, known in zip(places, right, strict=True)],
        "previous.csv": _first(parts, "previous.csv", PREVIOUS),
        "warnings.csv": [row for one in parts for row in one.rows("warnings.csv", WARNINGS)],
    }
    manifest = {**parts[0].manifest, "parameters": said}
    whole = Whole(parts[0].path, manifest, {}, tables, [])
    told = _warnings(whole, kept, aside)
    tables["warnings.csv"] += told
    between = [
        [*form.key, code, _figures(form), _total(form), form.explanation] for form, code in odd
    ]
    between += [[*row[:7], "", row[7]] for row in told]
    return Whole(parts[0].path, manifest, {}, tables, sorted(between))


def _said(parts: list[Bundle]) -> dict[str, Any]:
    parameters = [one.manifest["parameters"] for one in parts]
    times = [one["as_of"] for one in parameters if one["as_of"] is not None]
    listed = any(any(one.rows("places.csv", PLACES)) for one in parts)
    return {
        **parameters[0],
        "provisional": any(one["provisional"] for one in parameters),
        "as_of": max(times, default=None) if listed else None,
    }


def _forms(parts: list[Bundle]) -> list[Return]:
    found: dict[Key, Return] = {}
    for part in parts:
        for form in read_returns(part):
            if form.key in found:
                told = f"the return of {', '.join(form.key)} is in two parts"
                raise Mismatch(told, f"{part.path}/returns.csv")
            found[form.key] = form
    return [found[key] for key in sorted(found)]


def _aside(parts: list[Bundle], forms: list[Return]) -> Rows:
    """Give the forms set aside that no other part returned, and no later one set aside again."""
    own = [{tuple(row[:5]) for row in part.rows("returns.csv", (*KEY, *VOTES))} for part in parts]
    returned = {form.key for form in forms}
    found: Rows = []
    later: set[Key] = set()
    for part, kept in zip(reversed(parts), reversed(own), strict=True):
        rows = list(part.rows("set_aside.csv", ASIDE))
        found += [
            row
            for row in rows
            if (key := tuple(row[1:6])) not in later and (key in kept or key not in returned)
        ]
        later |= {key for row in rows if all(key := tuple(row[1:6]))}
    return found


def _as_aside(form: Return, code: str) -> list[str]:
    return ["", *form.key, "place", code, "", _figures(form), _total(form)]


def _first(parts: list[Bundle], name: str, columns: tuple[str, ...]) -> Rows:
    """Give the rows of a table that comes with one part at most."""
    return next((rows for part in parts if (rows := list(part.rows(name, columns)))), [])


def _electors(parts: list[Bundle], forms: list[Return], aside: Rows) -> Rows:
    for part in parts:
        if part.manifest["parameters"]["electors"] == "table":
            return list(part.rows("electors.csv", ELECTORS))
    stated = electors_stated(forms, aside)
    return [[*where, str(number)] for where, number in sorted(stated.items())]


def _warnings(whole: Whole, forms: list[Return], aside: Rows) -> Rows:
    """Give what is warned of over all parts, and not in any of them."""
    act = {"parameters": whole.manifest["parameters"]}
    doubts = doubts_of(act, forms, aside, whole)
    told = {tuple(row[:6]) for row in whole.tables["warnings.csv"]}
    codes = [one for one in warnings_due(whole, forms, doubts) if one not in told]
    by_key = {form.key: form for form in forms}
    numbers = {form.key: form.numbers for form in forms}
    figures = figures_of(whole, numbers, doubts, codes)
    explained = [
        by_key[one[:5]].explanation if one not in doubts and one[:5] in by_key else ""
        for one in codes
    ]
    return [[*one, *rest] for one, *rest in zip(codes, figures, explained, strict=True)]


def _cells(form: Return, names: tuple[str, ...]) -> list[str]:
    numbers = (form.numbers[name] for name in names)
    return ["" if number is None else str(number) for number in numbers]


def _figures(form: Return) -> str:
    yes, no, total = form.votes
    return f"yes {yes}, no {no}, total {total}"


def _total(form: Return) -> str:
    return str(form.votes[2])
