"""Curves as SVG over two scales, told apart by dashes, not by colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

from markupsafe import Markup

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 80, 250, 60, 60


@dataclass(frozen=True)
class Scale:
    """A scale: its name, its ends, the marks on it, whether it is logarithmic."""

    name: str
    low: float
    high: float
    marks: tuple[float, ...]
    logarithmic: bool

    def part(self, value: float) -> float:
        """Give how far along the scale a value stands, 0 to 1."""
        low, high = self.low, self.high
        if self.logarithmic:
            low, high, value = log10(low), log10(high), log10(value)
        return (value - low) / ((high - low) or 1.0)


@dataclass(frozen=True)
class Curve:
    """A curve: its name, its points, the dashes of its line."""

    name: str
    points: tuple[tuple[float, float], ...]
    dashes: str


def plot(title: str, x: Scale, y: Scale, curves: Sequence[Curve]) -> Markup:
    """Draw curves; on two equal linear scales the diagonal stands, thin."""
    head = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" role="img"'
        ' aria-label="{2}" font-family="sans-serif" font-size="13" fill="#222">'
        '<rect width="{0}" height="{1}" fill="#fff"/><text x="16" y="24">{2}</text>'
    ).format(WIDTH, HEIGHT, title)
    even = [] if x.logarithmic else [_line(_at(x, y, 0, 0), _at(x, y, 1, 1), "#999")]
    drawn = [_curve(x, y, curve, place) for place, curve in enumerate(curves)]
    return Markup("").join([head, *_axes(x, y), *even, *drawn, Markup("</svg>\n")])


def _at(x: Scale, y: Scale, across: float, up: float) -> tuple[float, float]:
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    return LEFT + x.part(across) * width, HEIGHT - BOTTOM - y.part(up) * height


def _line(start: tuple[float, float], end: tuple[float, float], colour: str) -> Markup:
    return Markup(
        '<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="{}"/>'
    ).format(*start, *end, colour)  # fmt: skip


def _axes(x: Scale, y: Scale) -> list[Markup]:
    parts = []
    for mark in (mark for mark in y.marks if y.low <= mark <= y.high):
        place = _at(x, y, x.low, mark)
        parts.append(_line(place, (WIDTH - RIGHT, place[1]), "#ccc"))
        parts.append(_text(LEFT - 8, place[1] + 4, f"{mark:,g}", "end"))
    for mark in x.marks:
        place = _at(x, y, mark, y.low)
        parts.append(_text(place[0], HEIGHT - BOTTOM + 20, f"{mark:,}", "middle"))
    parts.append(_text(16, TOP - 14, y.name, "start"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, x.name, "middle"))
    return parts


def _text(x: float, y: float, text: str, anchor: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
        x, y, anchor, text
    )


def _curve(x: Scale, y: Scale, curve: Curve, place: int) -> Markup:
    points = [_at(x, y, *point) for point in sorted(curve.points)]
    path = " ".join(f"{across:.1f},{up:.1f}" for across, up in points)
    line = Markup(
        '<polyline points="{}" fill="none" stroke="#222" stroke-width="2" stroke-dasharray="{}"/>'
    ).format(path, curve.dashes)
    dots = [Markup('<circle cx="{:.1f}" cy="{:.1f}" r="2.5"/>').format(*point) for point in points]
    height = TOP + 22 * place + 10
    start = WIDTH - RIGHT + 16
    key = Markup(
        '<line x1="{0}" x2="{1}" y1="{2}" y2="{2}" stroke="#222" stroke-width="2"'
        ' stroke-dasharray="{3}"/>'
    ).format(start, start + 40, height, curve.dashes)
    return Markup("").join([line, *dots, key, _text(start + 46, height + 4, curve.name, "start")])
