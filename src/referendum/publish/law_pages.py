"""The law as pages: a table of jurisdictions, and a page for each act with its history."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from referendum.law import CERTAINTIES, Statute, Value, statute_ids, versions
from referendum.law.model import Certainty
from referendum.law.wording import (
    differences,
    error_text,
    method_text,
    name_words,
    present_members,
    step_text,
    threshold_text,
    value_text,
)

HEAD = ("id", "version", "title", "jurisdiction", "place", "summary", "in_force_from")
"""What stands at the head of an act's page, not among its values."""


@dataclass(frozen=True)
class Row:
    """One value of an act's page.

    Attributes:
        label: what it is, with the groups above it.
        text: what it says.
        cite: the provision.
        certainty: mark of how sure it is.
        source: where it was read.
        note: what there is to know besides.
    """

    label: str
    text: str
    cite: str
    certainty: str
    source: str
    note: str


@dataclass(frozen=True)
class Change:
    """What changed when a version came into force: name, before, after."""

    day: str
    values: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class ActPage:
    """The page of an act.

    Attributes:
        statute: the version now in force.
        path: folder of the page below `law/`.
        groups: values by group, in the order of the file.
        steps: the procedure, in order.
        changes: the latest first.
        marks: how many values bear each mark of certainty.
    """

    statute: Statute
    path: str
    groups: tuple[tuple[str, tuple[Row, ...]], ...]
    steps: tuple[Row, ...]
    changes: tuple[Change, ...]
    marks: dict[Certainty, int]


Cell = tuple[str, str]


@dataclass(frozen=True)
class Line:
    """A row of the table of jurisdictions: one act, with the number of each kind of proposal.

    Each cell is a text and the mark of how sure it is, empty where nothing is known.
    """

    jurisdiction: str
    title: str
    path: str
    thresholds: tuple[tuple[str, Cell], ...]
    window: Cell
    method: Cell
    error: Cell


def act_pages() -> list[ActPage]:
    """Gather a page for every act."""
    return [_act_page(name) for name in statute_ids()]


def lines(pages: list[ActPage]) -> list[Line]:
    """Gather the table of jurisdictions; acts that only rule on votes are left out."""
    found = [_line(page) for page in pages if page.statute.thresholds]
    return sorted(found, key=lambda line: (line.jurisdiction.split(", ")[::-1], line.title))


def _line(page: ActPage) -> Line:
    statute = page.statute
    kinds = (
        (name_words(kind), (threshold_text(one), _mark(one.number or one.share)))
        for kind, one in statute.thresholds.items()
    )
    method = statute.verification.method if statute.verification else None
    shape = statute.decision.shape if statute.decision else None
    return Line(
        statute.jurisdiction,
        statute.title,
        page.path,
        tuple(_merge_kinds(kinds)),
        _window(statute),
        (method_text(statute), _mark(method)),
        (error_text(statute), _mark(shape)),
    )


def _mark(value: Value[Any] | None) -> str:
    return value.certainty if value else ""


def _merge_kinds(kinds: Iterable[tuple[str, Cell]]) -> Iterator[tuple[str, Cell]]:
    """Put kinds of proposal together that need the same number."""
    names: dict[Cell, list[str]] = {}
    for kind, cell in kinds:
        names.setdefault(cell, []).append(kind)
    return ((", ".join(found), cell) for cell, found in names.items())


def _window(statute: Statute) -> Cell:
    collection = statute.collection
    value = (collection.window or collection.deadline) if collection else None
    return (value.value, value.certainty) if value else ("not known", "")


def _act_page(name: str) -> ActPage:
    history = versions(name)
    statute = history[-1]
    groups = []
    for field, part in present_members(statute):
        if field not in HEAD and field != "steps":
            rows = tuple(_rows(part, "" if not isinstance(part, Value) else name_words(field)))
            groups.append((name_words(field), rows))
    changes = tuple(
        Change(later.version, tuple(differences(earlier, later)))
        for earlier, later in reversed(list(pairwise(history)))
    )
    steps = tuple(
        Row(str(n), step_text(step), step.cite, step.certainty, step.source, step.note)
        for n, step in enumerate(statute.steps, start=1)
    )
    every = [row for _, rows in groups for row in rows] + list(steps)
    marks = {mark: sum(row.certainty == mark for row in every) for mark in CERTAINTIES}
    return ActPage(statute, name, tuple(groups), steps, changes, marks)


def _rows(part: Any, label: str) -> Iterator[Row]:  # noqa: ANN401
    if isinstance(part, Value):
        yield Row(label, value_text(part), part.cite, part.certainty, part.source, part.note)
        return
    for name, inner in present_members(part):
        if not isinstance(inner, str):
            yield from _rows(inner, f"{label}: {name_words(name)}" if label else name_words(name))
