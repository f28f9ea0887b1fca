"""Charts as SVG, drawn from numbers. Colours come from the style sheet; each has a table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from referendum.core.exact import percent

WIDTH = 720
LABELS = 190
VALUES = 110
ROW = 34
BAR = 20


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
    longest = max([mark, *(row.length for row in rows)]) or Fraction(1)
    scale = Fraction(WIDTH - LABELS - VALUES) / longest
    at = LABELS + float(mark * scale)
    height = ROW * len(rows) + 34
    parts = [
        Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
            WIDTH, height, title
        )
    ]
    parts += [_row(number, row, scale) for number, row in enumerate(rows)]
    anchor = "end" if at > WIDTH * 0.6 else "start"
    parts.append(
        Markup(
            '<line class="mark" x1="{0:.1f}" x2="{0:.1f}" y1="0" y2="{1}"/>'
            '<text class="mark-text" x="{0:.1f}" y="{2}" text-anchor="{3}">{4}</text></svg>'
        ).format(at, height - 24, height - 8, anchor, mark_text)
    )
    return Markup("").join(parts)


def _row(number: int, row: Bar, scale: Fraction) -> Markup:
    top = number * ROW
    length = float(row.length * scale)
    return Markup(
        '<text class="label" x="{0}" y="{1}" text-anchor="end">{2}</text>'
        '<rect class="{3}" x="{4}" y="{5}" width="{6:.1f}" height="{7}"/>'
        '<text class="value" x="{8:.1f}" y="{1}">{9}</text>'
    ).format(
        LABELS - 10,
        top + 20,
        row.label,
        row.style,
        LABELS,
        top + 5,
        max(length, 1.0),
        BAR,
        LABELS + length + 8,
        row.text,
    )


def share_bar(label: str, share: Fraction, *, reached: bool) -> Bar:
    """Make a bar of a share, styled by whether it reached the mark."""
    return Bar(label, share, percent(share, 1), "bar" if reached else "bar short")
