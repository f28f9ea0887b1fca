"""What a statute file may hold: the closed list of section 7 of the specification."""

import json
import re
from datetime import date
from typing import Any

from referendum.verify.report import Mismatch

Shape = dict[str, Any]
"""By name of a key (`*` is any code) what stands under it: a shape, or the type of a value."""

TEXT, NUMBER, TRUTH, DAY, TEXTS, COUNTS = (
    "a text", "a whole number", "true or false", "a day", "a list of texts", "numbers by name",
)  # fmt: skip


def _all(kind: str, names: str) -> Shape:
    return dict.fromkeys(names.split(), kind)


_DISTRIBUTION = {
    **_all(TEXT, "unit need share base rounding cap"),
    "units": NUMBER,
    "minimums": COUNTS,
}
_CODES: Shape = {"requires": {"*": TEXT}, "bars": {"*": TEXT}}

STATUTE: Shape = {
    **_all(DAY, "in_force_from in_force_to"),
    "transition": TEXT,
    "thresholds": {
        "*": {
            **_all(TEXT, "what share base rounding"),
            **_all(NUMBER, "base_value number published"),
            "distribution": _DISTRIBUTION,
        }
    },
    "application": {
        **_CODES,
        "at_least": {"*": NUMBER},
        "at_most": {"*": NUMBER},
        **_all(TEXT, "fee refund gatekeeper"),
    },
    "collection": {
        **_all(TEXT, "signer window deadline as_of once withdrawal"),
        **_all(TRUTH, "first_day_counts own_district"),
    },
    "sheets": {**_CODES, **_all(TEXT, "canvasser wrong_district")},
    "lines": {**_CODES, "curable": TEXTS, "identification": TEXT},
    "gates": {"order": TEXTS, "preliminary_count": TEXT},
    "verification": _all(TEXT, "method by how"),
    "sampling": {
        **_all(TEXT, "unit district fraction second_fraction draw"),
        "minimum": NUMBER,
    },
    "repeats": _all(TEXT, "rule found"),
    "projection": {
        **_all(TEXT, "formula quantile level margin assumed_repeats"),
        **_all(NUMBER, "rate_places factor_places"),
        "rounding": _all(TEXT, "valid repeats total"),
    },
    "decision": _all(TEXT, "shape fails_below fails_at passes_at"),
    "contact_sample": {**_all(TEXT, "mode non_response"), "size": NUMBER},
    "outcome": _all(TEXT, "publication cure resubmission appeal after_success"),
    "vote": {
        **_all(TEXT, "question majority majority_of turnout approval regional_majority conflict"),
        **_all(TEXT, "electors tie binding date count_mode reporting several_questions"),
        **_all(TEXTS, "regions half_regions other_regions"),
        "recount_margin": NUMBER,
    },
    "finance": _all(TEXT, "contributors contribution_cap spending_cap registration period"),
    "records": _all(TEXT, "returned destroyed access"),
}
"""The parts of a statute, and of what type each value is."""

PLAIN: dict[tuple[str | int, ...], tuple[str, ...]] = {
    (): ("id", "version", "title", "jurisdiction", "place", "summary"),
    ("vote",): ("cite",),
}
"""Texts that are no values of law, by the part in which they stand."""

STEP = frozenset((
    "code", "actor", "does", "after", "within", "not_before", "before", "by", "yearly", "silence",
    "cite", "certainty", "source", "note",
))  # fmt: skip
"""Texts of one of the `steps`."""

CITED = ("value", "cite", "certainty")
BESIDE = ("source", "note")


def path_of(names: tuple[str | int, ...]) -> str:
    """Write a path so that no two have one name: a key that has more than letters is quoted."""
    words = ""
    for name in names:
        if isinstance(name, int):
            words += f"[{name}]"
            continue
        bare = re.fullmatch("[A-Za-z0-9_-]+", name, re.ASCII)
        words += ("." if words else "") + (name if bare else json.dumps(name, ensure_ascii=False))
    return words


def require_statute(document: dict[str, Any], file: str) -> None:
    """Insist that a statute has no key that no statute has, and each value of its type."""
    for position, step in enumerate(_steps(document, file)):
        if not isinstance(step, dict):
            raise Mismatch(f"{path_of(('steps', position))} of the statute is no step", file)
        for name, value in step.items():
            _require(name in STEP, ("steps", position, name), file)
            _require_type(value, TEXT, ("steps", position, name), file)
    rest = {name: value for name, value in document.items() if name != "steps"}
    _check_part(rest, STATUTE, (), file)


def _steps(document: dict[str, Any], file: str) -> list[Any]:
    steps = document.get("steps", [])
    if not isinstance(steps, list):
        raise Mismatch("the steps of the statute are no list", file)
    return steps


def _check_part(part: object, shape: Shape, path: tuple[str | int, ...], file: str) -> None:
    if not isinstance(part, dict):
        raise Mismatch(f"{path_of(path)[:80]} of the statute is no table", file)
    for name, inner in part.items():
        below = (*path, name)
        if name in PLAIN.get(path, ()):
            _require_type(inner, TEXT, below, file)
            continue
        is_code = re.fullmatch("[a-z][a-z0-9_]*", name, re.ASCII)
        expected = shape.get(name) or (shape.get("*") if is_code else None)
        _require(expected is not None, below, file)
        if isinstance(expected, dict):
            _check_part(inner, expected, below, file)
        else:
            _check_value(inner, str(expected), below, file)


def _check_value(value: object, kind: str, path: tuple[str | int, ...], file: str) -> None:
    if not isinstance(value, dict) or not set(CITED) <= set(value):
        words = f"{path_of(path)[:80]} of the statute has no {', '.join(CITED)}"
        raise Mismatch(words, file)
    for name, inner in value.items():
        _require(name in (*CITED, *BESIDE), (*path, name), file)
        _require_type(inner, kind if name == "value" else TEXT, (*path, name), file)


def _require(known: bool, path: tuple[str | int, ...], file: str) -> None:
    if not known:
        raise Mismatch(f"the statute says {path_of(path)[:80]}, which no statute has", file)


def _require_type(value: object, kind: str, path: tuple[str | int, ...], file: str) -> None:
    if not _is_of(value, kind):
        raise Mismatch(f"{path_of(path)[:80]} of the statute is not {kind}", file)


def _is_of(value: object, kind: str) -> bool:
    if kind == TEXTS:
        return isinstance(value, list) and all(type(one) is str for one in value)
    if kind == COUNTS:
        return isinstance(value, dict) and all(type(one) is int for one in value.values())
    return type(value) is {TEXT: str, NUMBER: int, TRUTH: bool, DAY: date}[kind]
