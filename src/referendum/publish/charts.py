"""Charts as SVG, drawn from numbers; the style sheet has the colours, a table the numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from markupsafe import Markup

from referendum.core.exact import percent
from referendum.publish.figures import attributes, plain, reword

WIDTH = 560
LABELS = 120
VALUES = 100
ROW = 34
BAR = 20
LONGEST_LABEL = 26
"""Characters of a label that are shown; the table beside the chart has the whole name."""


@dataclass(frozen=True)
class Bar:
    """One bar: its label, the length in the chart's unit, the text at its end, its class."""

    label: str
    length: Fraction
    text: str
    style: str = "bar"


def bars(title: str, rows: Sequence[Bar], mark: Fraction, mark_text: str) -> Markup:
    """Draw horizontal bars with a marked value.

    Args:
        title: what the chart shows, for those who do not see it.
        rows: at least one bar.
        mark: where the line stands.
        mark_text: what the line means.
    """
    rows = [replace(row, label=_short(row.label)) for row in rows]
    longest = max([mark, *(row.length for row in rows)]) or Fraction(1)
    labels = max(LABELS, 10 + 10 * max(len(plain(row.label)) for row in rows))
    scale = Fraction(WIDTH - labels - VALUES) / longest
    at = labels + float(mark * scale)
    height = ROW * len(rows) + 34
    # The line stands under the bars' numbers, so that it crosses none of them.
    anchor = "end" if at > WIDTH * 0.6 else "start"
    head = Markup(
        '<svg class="chart" viewBox="0 0 {0} {1}" role="img" aria-label="{2}">'
        '<text class="mark-text" x="{3:.1f}" y="{4}" text-anchor="{5}">{6}</text>'
    ).format(WIDTH, height, title, at, height - 8, anchor, mark_text)
    line = Markup('<line class="mark" x1="{0:.1f}" x2="{0:.1f}" y1="0" y2="{1}"/>').format(
        at, height - 26
    )
    drawn = [_bar(number, row, scale, labels) for number, row in enumerate(rows)]
    texts = [_words(number, row, scale, labels) for number, row in enumerate(rows)]
    return Markup("").join([head, *drawn, line, *texts, Markup("</svg>")])


def _short(label: str) -> str:
    return label if len(plain(label)) <= LONGEST_LABEL else reword(label, _shorten_label)


def _shorten_label(label: str) -> str:
    return f"{label[: LONGEST_LABEL - 1]}…"


def _bar(number: int, row: Bar, scale: Fraction, labels: int) -> Markup:
    return Markup('<rect class="{}" x="{}" y="{}" width="{:.1f}" height="{}"{}/>').format(
        row.style,
        labels,
        number * ROW + 5,
        max(float(row.length * scale), 1.0),
        BAR,
        attributes(row.text),
    )


def _words(number: int, row: Bar, scale: Fraction, labels: int) -> Markup:
    return Markup(
        '<text class="label" x="{}" y="{}" text-anchor="end">{}</text>'
        '<text class="value" x="{:.1f}" y="{}">{}</text>'
    ).format(
        labels - 10,
        number * ROW + 20,
        row.label,
        labels + float(row.length * scale) + 8,
        number * ROW + 20,
        row.text,
    )


def share_bar(label: str, share: Fraction, text: str = "", *, reached: bool) -> Bar:
    """Make a bar of a share, styled by whether it reached the mark."""
    return Bar(label, share, text or percent(share, 1), "bar" if reached else "bar short")
