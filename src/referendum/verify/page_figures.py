"""Every figure of every page, compared with the record (section 15)."""

from fractions import Fraction
from functools import partial
from typing import Any, Protocol
from urllib.parse import unquote

from referendum.verify.canonical import exact
from referendum.verify.dialect import Links, spelled
from referendum.verify.elements import Element, Page, read_page
from referendum.verify.figure_sources import value_text
from referendum.verify.report import Mismatch, Report, guard
from referendum.verify.value_wordings import is_wording_of

PROGRAM = "program"
"""The source of a figure that the record does not hold."""

INDEX = "index.html"

MOST_REPORTED = 20


class SourceValues(Protocol):
    """Looks up what sources stand for."""

    def value(self, source: str) -> Any:  # noqa: ANN401
        """Give a number, a text, true, false or null."""


def check_page_figures(
    report: Report, topic: str, pages: dict[str, bytes], sources: SourceValues, links: Links
) -> None:
    """Compare the figures of pages; name page, element, what stands there and what should.

    Args:
        report: takes what is found.
        topic: of it.
        pages: by name.
        sources: of their figures.
        links: what pages may lead to, and which headlines `index.html` shows.
    """
    for name, data in sorted(pages.items()):
        try:
            page = guard("the page", partial(read_page, data, name, links))
        except Mismatch as mismatch:
            report.fail(topic, Mismatch(mismatch.words, name))
            continue
        faults = [words for one in page.elements if (words := _fault(one, sources))]
        faults += _wrong_bars(page)
        if name == INDEX:
            shown = {unquote(one.source) for one in page.elements if one.tag == "data"}
            faults += [f"it does not show {one[:80]}" for one in sorted(links.headlines - shown)]
        for words in faults[:MOST_REPORTED]:
            report.fail(topic, Mismatch(words, name))
        if len(faults) > MOST_REPORTED:
            words = f"and {len(faults) - MOST_REPORTED:,} more figures that are not the record's"
            report.fail(topic, Mismatch(words, name))
        _report_page(report, topic, name, page, faults)


def _report_page(report: Report, topic: str, name: str, page: Page, faults: list[str]) -> None:
    own = sum(one.source == PROGRAM for one in page.elements)
    if not faults:
        words = f"{len(page.elements) - own:,} figures of {name} are those of the record"
        report.add("checked", topic, words)
    words = (
        f"not compared: {own:,} figures of {name} that are the program's own (steps between,"
        " scores of past forecasts), and"
        f" {len(page.uncovered_texts):,} sentences with digits in them"
    )
    report.add("remark", topic, words)


def _fault(one: Element, sources: SourceValues) -> str:
    """Say what is wrong with an element; empty where nothing is."""
    where = f"line {one.line}, <{one.tag}> of {one.source[:80]}"
    text = None if one.text is None else " ".join(one.text.split())
    if one.source == PROGRAM:
        return (
            ""
            if text in (None, spelled(one.value or ""))
            else f"{where}: {text} stands there for {one.value}"
        )
    try:
        value = guard(one.source[:80], partial(sources.value, one.source))
    except Mismatch as mismatch:
        return f"{where}: {mismatch.words}"
    shown = value_text(value)
    if one.value not in (None, shown):
        return f"{where}: its value is {str(one.value)[:80]}, by the record {shown[:80]}"
    if text is not None and not is_wording_of(value, text):
        return f"{where}: {text[:80]} stands there, by the record {shown[:80]}"
    return ""


def _wrong_bars(page: Page) -> list[str]:
    """Find bars of a drawing that are not as long as their values."""
    drawings: dict[int, list[tuple[Element, Fraction, Fraction]]] = {}
    for one in page.elements:
        if one.tag == "rect" and one.width:
            try:
                pair = (exact(one.value), exact(one.width))
            except Mismatch:
                return [f"line {one.line}: a bar has no number"]
            drawings.setdefault(one.drawing, []).append((one, *pair))
    faults = []
    for bars in drawings.values():
        _, value, width = max(bars, key=lambda bar: bar[1])
        scale = width / value if value > 0 else Fraction(0)
        faults += [
            f"line {one.line}: the bar of {one.source[:80]} is not as long as its value"
            for one, value, width in bars
            if abs(width - max(value * scale, Fraction(1))) > Fraction(1, 5)
        ]
    return faults
