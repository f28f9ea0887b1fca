"""Figures that carry where they come from into every sentence and chart that shows them.

What is read from the record is traced once (`trace`): its numbers and texts then are `Figure` and
`Words`, which behave as numbers and texts do, and leave a mark wherever they are written. When a
page is whole, `place_marks` makes elements of the marks as section 15 of the specification has
them; `plain` leaves the text alone. So templates and sentences need not know of sources.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any, Self
from urllib.parse import quote

from markupsafe import Markup

from referendum.core.exact import percent
from referendum.record.acts import Act
from referendum.record.reading import Inputs, Record

# Nobody outside knows the digits, so no text on a record can make itself a mark.
_OPEN = f"\x02{secrets.randbelow(10**12):012}:"
_PART, _CLOSE = "\x1f", "\x03"

_MARK = re.compile(f"{_OPEN}([^{_PART}]*){_PART}([^{_PART}]*){_PART}([^{_CLOSE}]*){_CLOSE}")
_TAG = re.compile(r"(<[^>]*>)")
_TAG_OR_TEXT = re.compile(r"<[^>]*>|[^<]+")
_STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Controls and marks of direction: a page has none, so that it reads as it is written."""

WORDING: Mapping[str, str] = {"true": "yes", "false": "no", "null": "not known yet", "": ""}
"""What is said of the values that are no number and no text, where nothing else is."""


def mark(source: str, value: object, text: str) -> str:
    """Write a text that shows a value, with the source that it comes from."""
    return f"{_OPEN}{source}{_PART}{value_text(value)}{_PART}{plain(text)}{_CLOSE}"


def plain(text: str) -> str:
    """Give a text without the marks in it."""
    return _MARK.sub(lambda found: found[3], text)


def reword(text: str, change: Callable[[str], str]) -> str:
    """Change what a text shows; its source stays if it is one mark."""
    found = _MARK.fullmatch(text)
    return mark(found[1], found[2], change(found[3])) if found else change(plain(text))


def value_text(value: object) -> str:
    """Write a value as the attribute of an element has it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return int.__repr__(value)
    return "".join(value) if isinstance(value, str) else str(value)


def within_record(text: object, record: str) -> str:
    """Say of the figures in a text that they are those of a record of the site."""
    name = quote(record, safe="")
    return _MARK.sub(lambda found: mark(f"in({name},{found[1]})", found[2], found[3]), str(text))


class Figure(int):
    """A whole number of the record, with its source."""

    source: str

    def __new__(cls, value: int, source: str) -> Self:
        """Make it of a number and its source."""
        made = super().__new__(cls, value)
        made.source = source
        return made

    def __format__(self, spec: str) -> str:
        return mark(self.source, int(self), format(int(self), spec))

    def __str__(self) -> str:
        return format(self)

    def __add__(self, other: int) -> int:
        if isinstance(other, Figure):
            return Figure(int(self) + int(other), f"sum({self.source},{other.source})")
        return self if other == 0 else int(self) + other

    def __radd__(self, other: int) -> int:
        return self + other

    def __neg__(self) -> "Figure":
        return Figure(-int(self), f"negative({self.source})")


class Words(str):
    """A text of the record, with its source."""

    source: str
    __slots__ = ("source",)

    def __new__(cls, value: str, source: str) -> Self:
        """Make it of a text and its source."""
        made = super().__new__(cls, value)
        made.source = source
        return made

    def __format__(self, spec: str) -> str:
        return mark(self.source, "".join(self), format("".join(self), spec))

    def __str__(self) -> str:
        return format(self)


class State:
    """A value of the record that is shown by words of ours."""

    def __init__(self, value: object, source: str, words: str) -> None:
        self._shown = mark(source, value, words)

    def __str__(self) -> str:
        return self._shown


class Row(dict[str, Any]):
    """An object or a row of the record, with its source."""

    source = ""


class Rows(list[Any]):
    """A list or a table of the record, with its source; of several parts with that of each."""

    source = ""
    parts: tuple[str, ...] = ()


def trace(value: Any, source: str, first: int = 0) -> Any:  # noqa: ANN401
    """Give a value of the record, all of whose numbers and texts know their source.

    Args:
        value: as it was read.
        source: where.
        first: what a list counts from: rows of tables from 1, members of documents from 0.
    """
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return Figure(value, source)
    if isinstance(value, str):
        return Words(value, source)
    if isinstance(value, Mapping):
        row = Row(
            (name, trace(inner, f"{source}/{quote(name, safe='')}"))
            for name, inner in value.items()
        )
        row.source = source
        return row
    if isinstance(value, list | tuple):
        rows = Rows(trace(inner, f"{source}/{n}") for n, inner in enumerate(value, first))
        rows.source = source
        return rows
    return value


def document(record: Record, inputs: Inputs, kind: str) -> Row:
    """Read the JSON document of the only bundle of a kind, traced."""
    (bundle,) = inputs.bundles[kind]
    number = record.standings.writer(bundle).number
    row: Row = trace(inputs.document(kind), f"{number}/{kind}/{kind}.json")
    return row


def table(record: Record, inputs: Inputs, kind: str, name: str) -> Rows:
    """Read a table of a kind, its parts one after the other, traced."""
    rows = Rows()
    for part, bundle in zip(inputs.parts(kind), inputs.bundles[kind], strict=True):
        source = f"{record.standings.writer(bundle).number}/{kind}/{name}"
        rows += trace(part.records(kind, name), source, first=1)
        rows.parts += (source,)
    if len(rows.parts) == 1:
        (rows.source,) = rows.parts
    return rows


def facts_of(act: Act, words: Mapping[str, Mapping[Any, str]]) -> dict[str, Any]:
    """Give the facts of an act, each leaf traced, also those that are shown by words.

    Args:
        act: whose facts.
        words: by name of a fact, what is said for each of its values.
    """
    found = {}
    for name, value in act.facts.items():
        source = f"{act.number}/facts/{name}"
        if name in words:
            found[name] = State(value, source, words[name].get(value, ""))
        elif value is not None or name == "carried":
            found[name] = _facts_with_sources(trace(value, source), source)
    return found


def _facts_with_sources(value: Any, source: str) -> Any:  # noqa: ANN401
    if isinstance(value, bool) or value is None:
        return State(value, source, WORDING[value_text(value)])
    if isinstance(value, Row):
        return {
            name: _facts_with_sources(one, f"{source}/{quote(name, safe='')}")
            for name, one in value.items()
        }
    return value


def source_of(value: object) -> str:
    """Give the source of a traced value; empty where it has none."""
    return str(getattr(value, "source", ""))


def state(row: Mapping[str, Any], name: str, words: Mapping[Any, str] = WORDING) -> str:
    """Show a member that is no number, in words.

    Args:
        row: an object or row of the record.
        name: of the member.
        words: by the member's value, as an attribute has it, what is shown.
    """
    value = row[name]
    source = str(getattr(row, "source", "") or row.get("source", ""))
    text = words.get(value_text(value), "")
    return mark(f"{source}/{quote(name, safe='')}", value, text) if source and text else text


def number(value: Any) -> str:  # noqa: ANN401
    """Show a whole number, or the cell of a table that holds one."""
    if value == "":
        return ""
    text = f"{int(value):,}"
    return mark(value.source, value, text) if isinstance(value, Figure | Words) else text


def percentage(value: Any, places: int) -> str:  # noqa: ANN401
    """Show a share as per cent."""
    text = percent(Fraction(value), places)
    return mark(value.source, value, text) if isinstance(value, Figure | Words) else text


def share(part: Any, whole: Any, places: int = 2) -> str:  # noqa: ANN401
    """Show what part of a whole something is; of nothing it is none."""
    exact = Fraction(int(part), int(whole) or 1)
    text = percent(exact, places)
    if not (source_of(part) and source_of(whole)):
        return text
    return mark(f"share({source_of(part)},{source_of(whole)})", exact, text)


def points(value: Any) -> str:  # noqa: ANN401
    """Show a share of a forecast in per cent with one place."""
    text = percent(Fraction(value), 1)[:-1] + " %"
    return mark(value.source, value, text) if isinstance(value, Words) else text


def count(rows: Any, **members: str) -> int:  # noqa: ANN401
    """Count the rows of a table or members of a list, or those that have members of these values.

    A value that begins with `!` is one that the row must not have.
    """
    asked = {name: value.removeprefix("!") for name, value in members.items()}

    def fits(row: Mapping[str, Any]) -> bool:
        return all(
            (value_text(row[name]) == value) != members[name].startswith("!")
            for name, value in asked.items()
        )

    found = sum(1 for row in rows if fits(row))
    sources = getattr(rows, "parts", ()) if not source_of(rows) else (source_of(rows),)
    if not sources:
        return found
    terms = [
        f",{name}{'!=' if members[name].startswith('!') else '='}{quote(value, safe='')}"
        for name, value in asked.items()
    ]
    counts = [f"count({source}{''.join(terms)})" for source in sources]
    return Figure(found, counts[0] if len(counts) == 1 else f"sum({','.join(counts)})")


_NUMBERS = re.compile(r"[0-9](?:[0-9.,]*[0-9])?")


def mark_as_programs_own(text: str) -> str:
    """Mark the figures of a text that are the program's own: no source on the record has them."""
    parts, place = [], 0
    for found in _MARK.finditer(text):
        parts += [_own(text[place : found.start()]), found[0]]
        place = found.end()
    return "".join([*parts, _own(text[place:])])


def _own(text: str) -> str:
    return _NUMBERS.sub(lambda found: mark("program", found[0], found[0]), text)


def attributes(text: str) -> Markup:
    """Give the first figure that is marked in a text as the attributes of a shape that draws it."""
    found = _MARK.search(text)
    if found is None:
        return Markup("")
    return Markup(' data-value="{}" data-source="{}"').format(found[2], found[1])


def place_marks(page: str) -> str:
    """Make elements of the marks on a page, and leave plain text where no element may stand.

    In a row that says which row of the record it is (`row_of`) the cells themselves are the
    elements: the table says once which columns they show.
    """
    parts: list[str] = []
    drawing = heading = row = False
    for token in _TAG.split(page):
        if token.startswith("<"):
            drawing = (drawing or token.startswith("<svg")) and token != "</svg>"  # noqa: S105
            row = (row or token.startswith("<tr data-row")) and token != "</tr>"  # noqa: S105
            heading = token.startswith("<title")
            parts.append(plain(token))
        elif heading:
            if whole := _MARK.fullmatch(token):
                parts[-1] = f"{parts[-1][:-1]} {_attribute('data-value', whole)}>"
            parts.append(plain(token))
        elif row:
            parts.append(plain(token))
        else:
            name = ("tspan", "data-value") if drawing else ("data", "value")
            parts.append(_MARK.sub(lambda found, name=name: _element(found, *name), token))
    return _TAG_OR_TEXT.sub(_spelled, "".join(parts))


def _spelled(found: re.Match[str]) -> str:
    r"""Write what would steer a browser as `\u202e` in text, as a reference in an attribute."""
    form = "&#{};" if found[0].startswith("<") else "\\u{:04x}"
    return _STEERS.sub(lambda sign: form.format(ord(sign[0])), found[0])


def row_of(row: object) -> Markup:
    """Give the attribute by which a row of a table says which row of the record it is."""
    source = source_of(row)
    return Markup(' data-row="{}"').format(source) if source else Markup("")


def _attribute(name: str, found: re.Match[str]) -> str:
    return f'{name}="{found[2]}" data-source="{found[1]}"'


def _element(found: re.Match[str], tag: str, name: str) -> str:
    return f"<{tag} {_attribute(name, found)}>{found[3]}</{tag}>"


def sum_of(values: Iterable[int]) -> int:
    """Add up figures; the sum of several has them all for its source."""
    given = list(values)
    if len(given) < 2 or not all(source_of(one) for one in given):
        return sum(given)
    return Figure(sum(map(int, given)), f"sum({','.join(source_of(one) for one in given)})")
