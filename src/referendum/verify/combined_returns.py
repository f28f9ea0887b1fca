"""Returns of several parts, put together: what the forms of all say of each other."""

from dataclasses import dataclass
from typing import Any

from referendum.verify.bundles import Bundle, CombinedBundle
from referendum.verify.report import Mismatch
from referendum.verify.returned_forms import Key, Return, find_faults_between_forms
from referendum.verify.returns import (
    ACCOUNT,
    ELECTORS,
    KEY,
    PLACES,
    PREVIOUS,
    SET_ASIDE_COLUMNS,
    VOTES,
    WARNINGS,
    electors_of_forms,
    expected_warnings,
    place_statuses,
    read_returns,
    warnings_between_forms,
)
from referendum.verify.warning_figures import warning_figures

Rows = list[list[str]]


@dataclass(frozen=True)
class CombinedReturns(CombinedBundle):
    """Returns of several parts as one bundle of returns would have them.

    Attributes:
        between: rows of `between.csv`, as a result has them.
    """

    between: Rows


def combine_returns(parts: list[Bundle]) -> Bundle:
    """Give the returns of all parts as one bundle; those of one part as they are."""
    if len(parts) == 1:
        return parts[0]
    parameters = _combined_parameters(parts)
    forms = _forms(parts)
    places = _rows_of_first(parts, "places.csv", PLACES)
    listed = {(row[3], *row[:3]) for row in places}
    unexpected = [(one, "not_expected") for one in forms if listed and one.key[1:] not in listed]
    left_out = {form.key for form, _ in unexpected}
    rest = [form for form in forms if form.key not in left_out]
    faulty = sorted(
        [*unexpected, *find_faults_between_forms(rest, common=parameters["common_ballot"] is True)],
        key=lambda one: one[0].key,
    )
    left_out = {form.key for form, _ in faulty}
    kept = [form for form in forms if form.key not in left_out]
    set_aside = [
        *_set_aside_rows(parts, forms),
        *(_set_aside_row(form, code) for form, code in faulty),
    ]
    expected_statuses = place_statuses(places, parameters["as_of"], kept, set_aside, "")
    tables = {
        "returns.csv": [[*form.key, *_cells(form, VOTES)] for form in kept],
        "accounts.csv": [
            [*form.key, *_cells(form, ACCOUNT), form.explanation]
            for form in kept
            if form.explanation or any(form.numbers[name] is not None for name in ACCOUNT)
        ],
        "set_aside.csv": set_aside,
        "electors.csv": _electors(parts, kept, set_aside),
        "places.csv": [
            [*row[:5], known] for row, known in zip(places, expected_statuses, strict=True)
        ],
        "previous.csv": _rows_of_first(parts, "previous.csv", PREVIOUS),
        "warnings.csv": [row for one in parts for row in one.rows("warnings.csv", WARNINGS)],
    }
    manifest = {**parts[0].manifest, "parameters": parameters}
    combined = CombinedReturns(parts[0].path, manifest, {}, tables, [])
    warnings = _warnings(combined, kept, set_aside)
    tables["warnings.csv"] += warnings
    between = [
        [*form.key, code, _figures(form), _total(form), form.explanation] for form, code in faulty
    ]
    between += [[*row[:7], "", row[7]] for row in warnings]
    return CombinedReturns(parts[0].path, manifest, {}, tables, sorted(between))


def _combined_parameters(parts: list[Bundle]) -> dict[str, Any]:
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
                words = f"the return of {', '.join(form.key)} is in two parts"
                raise Mismatch(words, f"{part.path}/returns.csv")
            found[form.key] = form
    return [found[key] for key in sorted(found)]


def _set_aside_rows(parts: list[Bundle], forms: list[Return]) -> Rows:
    """Give the forms set aside that no other part returned, and no later one set aside again."""
    own = [{tuple(row[:5]) for row in part.rows("returns.csv", (*KEY, *VOTES))} for part in parts]
    returned = {form.key for form in forms}
    found: Rows = []
    later: set[Key] = set()
    for part, kept in zip(reversed(parts), reversed(own), strict=True):
        rows = list(part.rows("set_aside.csv", SET_ASIDE_COLUMNS))
        found += [
            row
            for row in rows
            if (key := tuple(row[1:6])) not in later and (key in kept or key not in returned)
        ]
        later |= {key for row in rows if all(key := tuple(row[1:6]))}
    return found


def _set_aside_row(form: Return, code: str) -> list[str]:
    return ["", *form.key, "place", code, "", _figures(form), _total(form)]


def _rows_of_first(parts: list[Bundle], name: str, columns: tuple[str, ...]) -> Rows:
    """Give the rows of a table that comes with one part at most."""
    return next((rows for part in parts if (rows := list(part.rows(name, columns)))), [])


def _electors(parts: list[Bundle], forms: list[Return], set_aside: Rows) -> Rows:
    for part in parts:
        if part.manifest["parameters"]["electors"] == "table":
            return list(part.rows("electors.csv", ELECTORS))
    stated = electors_of_forms(forms, set_aside)
    return [[*where, str(number)] for where, number in sorted(stated.items())]


def _warnings(combined: CombinedReturns, forms: list[Return], set_aside: Rows) -> Rows:
    """Give what is warned of over all parts, and not in any of them."""
    act = {"parameters": combined.manifest["parameters"]}
    between_forms = warnings_between_forms(act, forms, set_aside, combined)
    known = {tuple(row[:6]) for row in combined.tables["warnings.csv"]}
    codes = [one for one in expected_warnings(combined, forms, between_forms) if one not in known]
    by_key = {form.key: form for form in forms}
    numbers = {form.key: form.numbers for form in forms}
    figures = warning_figures(combined, numbers, between_forms, codes)
    explained = [
        by_key[one[:5]].explanation if one not in between_forms and one[:5] in by_key else ""
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
