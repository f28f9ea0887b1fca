"""The elements of a page that say where their figures come from, read without trust."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from referendum.verify.dialect import Links, require_dialect
from referendum.verify.report import Mismatch

MOST_ELEMENTS = 500_000
LONGEST_TEXT = 20_000

INLINE = {"data", "tspan", "title"}
"""Elements that hold the text of a figure; other ones with a source are shapes of a chart."""

ROW, COLUMNS, NO_COLUMN = "data-row", "data-columns", "-"
"""Attributes of a row and of its table that say where the cells come from; `-` is no column."""

CELLS_DIFFER = "the row has other cells than its table has columns"

_SOURCE_SIGN = re.compile(r"([(),])")
_DIGIT = re.compile(r"[0-9]", re.ASCII)


@dataclass
class Element:
    """An element with a source.

    Attributes:
        tag: its name.
        line: of the page, from 1.
        source: as its attribute has it; of a cell, from its row and column.
        value: as its attribute has it; None for a cell, which has none.
        text: what stands in it; None for a shape.
        width: of a bar, in the drawing's unit; empty for others.
        drawing: which drawing of the page it is of, from 1; 0 outside.
    """

    tag: str
    line: int
    source: str
    value: str | None
    text: str | None
    width: str = ""
    drawing: int = 0


@dataclass
class Page:
    """What was found on a page.

    Attributes:
        elements: with sources, in order.
        uncovered_texts: texts with digits that stand outside of elements.
    """

    elements: list[Element] = field(default_factory=list)
    uncovered_texts: list[str] = field(default_factory=list)


def read_page(data: bytes, file: str, links: Links) -> Page:
    """Read a page of the closed dialect.

    Args:
        data: its bytes.
        file: its path below the folder of its list.
        links: what it may lead to.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise Mismatch("the page is not UTF-8", file) from error
    require_dialect(text, file, links)
    reader = _Reader(file)
    reader.feed(text)
    reader.close()
    if reader.open is not None:
        raise Mismatch("an element is not closed", file)
    return reader.page


class _Reader(HTMLParser):
    def __init__(self, file: str) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.open: Element | None = None
        self._file, self._drawings, self._drawing = file, 0, False
        self._columns: list[str] = []
        self._row, self._cell = "", 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes: dict[str, str] = {}
        for name, value in attrs:
            attributes.setdefault(name, value or "")
        if self.open is not None:
            raise self._fault(f"<{tag}> stands in the element of a figure")
        if tag == "svg":
            self._drawings += 1
            self._drawing = True
        self._begin_table(tag, attributes)
        if "data-source" in attributes or tag == "data":
            self._begin_element(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        if tag == "svg":
            self._drawing = False
        if self.open is not None and tag == self.open.tag:
            self.open = None
        elif tag in ("tr", "table") and self._row:
            if self._cell != len(self._columns) or self.open is not None:
                raise self._fault(CELLS_DIFFER)
            self._row = ""

    def handle_data(self, data: str) -> None:
        if self.open is not None:
            self.open.text = (self.open.text or "") + data
            if len(self.open.text) > LONGEST_TEXT:
                raise self._fault("the text of a figure is longer than any")
        elif _DIGIT.search(data):
            self.page.uncovered_texts.append(" ".join(data.split()))

    def _begin_table(self, tag: str, attributes: dict[str, str]) -> None:
        """Take in which row of the record a row shows, and begin its cells."""
        if tag == "table":
            self._columns = attributes.get(COLUMNS, "").split()
        if self._row and tag in ("tr", "table", "tbody"):
            raise self._fault("a row is not closed")
        if tag == "tr":
            self._row, self._cell = attributes.get(ROW, ""), 0
        elif self._row and tag in ("td", "th"):
            if (
                self._cell == len(self._columns)
                or "colspan" in attributes
                or "data-source" in attributes
            ):
                raise self._fault(CELLS_DIFFER)
            column = self._columns[self._cell]
            self._cell += 1
            if column != NO_COLUMN:
                source = _cell_source(self._row, column)
                self._add_element(Element(tag, self.getpos()[0], source, None, ""))

    def _begin_element(self, tag: str, attributes: dict[str, str]) -> None:
        name = "value" if tag == "data" else "data-value"
        if "data-source" not in attributes or name not in attributes:
            raise self._fault(f"<{tag}> says no source, or no value")
        inline = tag in INLINE
        line, _ = self.getpos()
        found = Element(
            tag, line, attributes["data-source"], attributes[name], "" if inline else None,
            "" if inline else attributes.get("width", ""), self._drawings if self._drawing else 0,
        )  # fmt: skip
        self._add_element(found)

    def _add_element(self, found: Element) -> None:
        self.page.elements.append(found)
        if len(self.page.elements) > MOST_ELEMENTS:
            raise self._fault("there are more figures than on any page")
        self.open = found if found.text is not None else None

    def _fault(self, words: str) -> Mismatch:
        return Mismatch(f"line {self.getpos()[0]}: {words}", self._file)


def _cell_source(row: str, column: str) -> str:
    """Give the source of a cell: its row's, with each name in the column after it."""
    parts = _SOURCE_SIGN.split(column)
    ends = [*parts[1:], ""]
    return "".join(
        part if not part or _SOURCE_SIGN.fullmatch(part) or end == "(" else f"{row}/{part}"
        for part, end in zip(parts, ends, strict=True)
    )
