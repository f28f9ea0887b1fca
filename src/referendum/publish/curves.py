"""Curves as SVG over a share, on a logarithmic scale: told apart by dashes, not by colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 80, 210, 64, 60


@dataclass(frozen=True)
class Curve:
    """A curve: its name, its points (share, value of at least 1), the dashes of its line."""

    name: str
    points: tuple[tuple[float, float], ...]
    dashes: str


def curves(title: str, shown: Sequence[Curve], mark: float, mark_text: str) -> Markup:
    """Draw curves of values over a share, with one share marked.

    Args:
        title: what is shown; it stands above the plot.
        shown: at least one curve with at least one point.
        mark: the share where a line stands.
        mark_text: what the line means.
    """
    shares = [share for curve in shown for share, _ in curve.points]
    values = [max(value, 1.0) for curve in shown for _, value in curve.points]
    frame = _Frame(
        min([*shares, mark]), max([*shares, mark]), floor(log10(min(values))),
        max(ceil(log10(max(values))), floor(log10(min(values))) + 1),
    )  # fmt: skip
    head = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" role="img"'
        ' aria-label="{2}" font-family="sans-serif" font-size="13" fill="#222">'
        '<rect width="{0}" height="{1}" fill="#fff"/><text x="{3}" y="24">{2}</text>'
    ).format(WIDTH, HEIGHT, title, 16)
    drawn = [_curve(frame, curve, place) for place, curve in enumerate(shown)]
    at = frame.x(mark)
    line = Markup(
        '<line x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}" stroke="#222" stroke-width="2"/>'
        '<text x="{0:.1f}" y="{3}" text-anchor="middle">{4}</text>'
    ).format(at, TOP, HEIGHT - BOTTOM, HEIGHT - 12, mark_text)
    return Markup("").join([head, _axes(frame), line, *drawn, Markup("</svg>\n")])


@dataclass(frozen=True)
class _Frame:
    """The plot's ends: shares, and powers of ten."""

    first: float
    last: float
    low: int
    high: int

    def x(self, share: float) -> float:
        width = (self.last - self.first) or 1.0
        return LEFT + (share - self.first) / width * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        part = (log10(max(value, 1.0)) - self.low) / (self.high - self.low)
        return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM)


def _axes(frame: _Frame) -> Markup:
    rows = [
        Markup(
            '<line x1="{0}" x2="{1}" y1="{2:.1f}" y2="{2:.1f}" stroke="#ccc"/>'
            '<text x="{3}" y="{4:.1f}" text-anchor="end">{5:,}</text>'
        ).format(LEFT, WIDTH - RIGHT, y, LEFT - 8, y + 4, 10**power)
        for power in range(frame.low, frame.high + 1)
        for y in [frame.y(10**power)]
    ]
    ends = [
        Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{:.0%}</text>').format(
            frame.x(share), HEIGHT - BOTTOM + 20, share
        )
        for share in (frame.first, frame.last)
    ]
    name = Markup('<text x="{}" y="{}">checks</text>').format(16, TOP - 14)
    return Markup("").join([*rows, *ends, name])


def _curve(frame: _Frame, curve: Curve, place: int) -> Markup:
    points = sorted(curve.points)
    path = " ".join(f"{frame.x(share):.1f},{frame.y(value):.1f}" for share, value in points)
    dots = Markup("").join(
        Markup('<circle cx="{:.1f}" cy="{:.1f}" r="2.5"/>').format(frame.x(share), frame.y(value))
        for share, value in points
    )
    y = TOP + 22 * place + 10
    key = Markup(
        '<line x1="{0}" x2="{1}" y1="{2}" y2="{2}" stroke="#222" stroke-width="2"'
        ' stroke-dasharray="{3}"/><text x="{4}" y="{5}">{6}</text>'
    ).format(WIDTH - RIGHT + 16, WIDTH - RIGHT + 56, y, curve.dashes, WIDTH - RIGHT + 62, y + 4,
             curve.name)  # fmt: skip
    line = Markup(
        '<polyline points="{}" fill="none" stroke="#222" stroke-width="2" stroke-dasharray="{}"/>'
    ).format(path, curve.dashes)
    return Markup("").join([line, dots, key])
