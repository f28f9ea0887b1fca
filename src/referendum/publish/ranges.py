"""Means with their 90th percentiles as SVG, on a logarithmic scale: two marks for each row."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup

WIDTH, LEFT, RIGHT = 760, 170, 110
TOP, ROW, HEAD, FOOT = 88, 48, 34, 40
STYLES = ("#1f6f54", "#b04a12")


@dataclass(frozen=True)
class Range:
    """A row: its name, and for each scenario the mean and the 90th percentile."""

    name: str
    values: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Panel:
    """Rows on one scale, with a title."""

    title: str
    rows: Sequence[Range]


def ranges(title: str, legend: Sequence[str], panels: Sequence[Panel]) -> Markup:
    """Draw panels one under the other; a dot or a square is a mean, the bar's end 9 of 10.

    Args:
        title: what is shown; it stands above the plot.
        legend: what each scenario is, the dot's first.
        panels: each with at least one row.
    """
    heights = [HEAD + ROW * len(panel.rows) + FOOT for panel in panels]
    height = TOP + sum(heights)
    head = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" role="img"'
        ' aria-label="{2}" font-family="sans-serif" font-size="14" fill="#222">'
        '<rect width="{0}" height="{1}" fill="#fff"/>'
        '<text x="16" y="26" font-size="17" font-weight="bold">{2}</text>'
    ).format(WIDTH, height, title)
    key = [
        Markup(
            '{}<text x="40" y="{}">mean {}; the bar ends where 9 of 10 audits have</text>'
        ).format(_mark(place, 26, 47 + 20 * place), 52 + 20 * place, text)
        for place, text in enumerate(legend)
    ]
    drawn = [_panel(panel, TOP + sum(heights[:place])) for place, panel in enumerate(panels)]
    return Markup("").join([head, *key, *drawn, Markup("</svg>\n")])


def _panel(panel: Panel, top: int) -> Markup:
    values = [max(end, 1.0) for row in panel.rows for pair in row.values for end in pair]
    low, high = floor(log10(min(values))), max(1, ceil(log10(max(values))))
    high = max(high, low + 1)

    def x(value: float) -> float:
        part = (log10(max(value, 1.0)) - low) / (high - low)
        return LEFT + part * (WIDTH - LEFT - RIGHT)

    bottom = top + HEAD + ROW * len(panel.rows)
    grid = [
        Markup(
            '<line x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}" stroke="#ddd"/>'
            '<text x="{0:.1f}" y="{3}" text-anchor="middle" font-size="12">{4:,}</text>'
        ).format(x(10**power), top + HEAD - 8, bottom, bottom + 16, 10**power)
        for power in range(low, high + 1)
    ]
    name = Markup('<text x="16" y="{}" font-weight="bold">{}</text>').format(top + 14, panel.title)
    rows = []
    for place, row in enumerate(panel.rows):
        y = top + HEAD + ROW * place + 10
        rows.append(
            Markup('<text x="{}" y="{}" text-anchor="end">{}</text>').format(
                LEFT - 14, y + 14, row.name
            )
        )
        for number, (mean, ninth) in enumerate(row.values):
            at = y + 18 * number
            rows.append(
                Markup(
                    '<line x1="{:.1f}" x2="{:.1f}" y1="{}" y2="{}" stroke="{}" stroke-width="3"/>'
                    '{}<text x="{:.1f}" y="{}" font-size="12">{:,}</text>'
                ).format(
                    x(mean), x(max(mean, ninth)), at, at, STYLES[number],
                    _mark(number, x(mean), at), x(max(mean, ninth)) + 10, at + 4, round(mean),
                )
            )  # fmt: skip
    return Markup("").join([name, *grid, *rows])


def _mark(place: int, x: float, y: float) -> Markup:
    """Tell scenarios apart by shape, not by colour alone."""
    if place == 0:
        return Markup('<circle cx="{:.1f}" cy="{}" r="6" fill="{}"/>').format(x, y, STYLES[0])
    return Markup(
        '<rect x="{:.1f}" y="{}" width="11" height="11" fill="#fff" stroke="{}"'
        ' stroke-width="2.5"/>'
    ).format(x - 5.5, y - 5.5, STYLES[place])
