"""Charts of polls and forecasts as SVG that stand alone, in print and without colour.

They are drawn from the published tables (rows of text), so that a chart shows what a file says.
Houses are told apart by shape, wordings other than the ballot's by open marks.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from referendum.publish.figures import mark, mark_as_programs_own, plain, source_of

Rows = Sequence[Mapping[str, str]]

WIDTH, LEFT, RIGHT, TOP = 640, 46, 70, 16
SHAPES = 6
"""Houses with a shape of their own, those with most polls first; the others share a small dot."""

LOOKS = {
    "axis": Markup('stroke="currentColor" stroke-opacity=".3"'),
    "half": Markup('stroke="currentColor" stroke-dasharray="5 4"'),
    "line": Markup('fill="none" stroke="currentColor" stroke-width="2"'),
    "band": Markup('fill="currentColor" fill-opacity=".13"'),
    "full": Markup('fill="currentColor" fill-opacity=".72"'),
    "open": Markup('fill="none" stroke="currentColor" stroke-width="1.4"'),
}
"""Looks as attributes of the marks themselves: a page may allow no style inside a drawing."""


@dataclass(frozen=True)
class Scale:
    """Maps values from `low` to `high` to places from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Give the place of a value, kept inside."""
        part = (value - self.low) / ((self.high - self.low) or 1)
        return round(self.start + min(max(part, 0), 1) * (self.end - self.start), 1)


def trend(polls: Rows, levels: Rows, result: Mapping[str, list[str]], vote: date) -> Markup:
    """Draw polls, the level with its bands, and the forecast for the day of the vote.

    Args:
        polls: `weights.csv`.
        levels: `trend.csv`.
        result: ends of the forecast's intervals by level in per cent.
        vote: day of the vote.
    """
    height = 330
    first = min((_day(row["day"]) for row in levels), default=vote.toordinal() - 1)
    x = Scale(first, vote.toordinal(), LEFT, WIDTH - RIGHT)
    y = _shares([*(row["share"] for row in polls), *(e for pair in result.values() for e in pair)],
                height)  # fmt: skip
    parts = [_share_axis(y), _day_axis(x, height)]
    for level in ("95", "80", "50"):
        lows = [(x(_day(row["day"])), y(float(row[f"low_{level}"]))) for row in levels]
        highs = [(x(_day(row["day"])), y(float(row[f"high_{level}"]))) for row in levels]
        parts.append(_shape("polygon", "band", [*lows, *reversed(highs)]))
    middle = [(x(_day(row["day"])), y(float(row["median"]))) for row in levels]
    parts.append(_shape("polyline", "line", middle))
    marks = _marks(polls)
    for row in polls:
        centre = (x(_day(row["field_end"])), y(float(row["share"])))
        parts.append(_mark(marks.get(row["pollster"], SHAPES), centre, row))
    parts += [_day_of_vote(x(vote.toordinal()), y, result), _legend(marks, height + 26)]
    title = "Polls, where opinion stood with bands of 50, 80 and 95 %, and the forecast for the day"
    return _svg(title, height + 34 + 20 * ((len(marks) + 3) // 3), parts)


def density(outcome: Rows, chance: str) -> Markup:
    """Draw the density of the result, the part above one half filled.

    Args:
        outcome: `outcome.csv`.
        chance: what is written beside the part above one half.
    """
    height, step = 220, 5
    masses = [int(row["parts_per_million"]) for row in outcome]
    sums = [sum(masses[k : k + step]) for k in range(0, len(masses), step)]
    shown = [k for k, mass in enumerate(sums) if mass > max(sums) / 500]
    half = len(sums) // 2
    low, high = min(shown[0], half - 8), max(shown[-1] + 1, half + 8)
    x = Scale(low / len(sums), high / len(sums), LEFT, WIDTH - RIGHT)
    y = Scale(0, max(sums), height - 40, TOP + 20)
    corners = [(x((k + 0.5) / len(sums)), y(sums[k])) for k in range(low, high)]
    above = [point for k, point in zip(range(low, high), corners, strict=True) if k >= half]
    floor = y(0)
    middle = x(0.5)
    above.insert(0, (middle, y((sums[half - 1] + sums[half]) / 2)))
    parts = [
        _shape("polygon", "band", [(corners[0][0], floor), *corners, (corners[-1][0], floor)]),
        _shape("polygon", "full", [(middle, floor), *above, (above[-1][0], floor)]),
        _line("half", middle, TOP, middle, floor),
        _text(middle + 6, TOP + 10, f"most votes for yes: {chance}"),
        _line("axis", LEFT, floor, WIDTH - RIGHT, floor),
    ]
    parts += [
        _text(x(place / 100), height - 20, f"{place} %", "middle")
        for place in range(0, 101, 10)
        if low / len(sums) <= place / 100 <= high / len(sums)
    ]
    return _svg("Density of the share of yes on the day", height, parts)


def effects(rows: Rows, kinds: Iterable[str] = ("house",)) -> Markup:
    """Draw effects as dots with intervals of 80 %, in points of the share of yes.

    Args:
        rows: `effects.csv`.
        kinds: which kinds of effects.
    """
    shown = sorted((r for r in rows if r["kind"] in set(kinds)), key=lambda r: -float(r["points"]))
    labels, row_height = 210, 26
    height = 40 + row_height * len(shown)
    reach = max((abs(float(r["points"])) + 1.3 * float(r["sd_points"]) for r in shown), default=1)
    x = Scale(-reach, reach, labels, WIDTH - 20)
    parts = [_line("half", x(0), 8, x(0), height - 26)]
    for number, row in enumerate(shown):
        place = 20 + row_height * number
        mean, sd = float(row["points"]), float(row["sd_points"])
        parts += [
            _line("line", x(mean - 1.2816 * sd), place, x(mean + 1.2816 * sd), place),
            Markup('<circle {} cx="{}" cy="{}" r="4.5"/>').format(LOOKS["full"], x(mean), place),
            _text(labels - 12, place + 4, f"{row['level'][:22]} ({row['polls']})", "end"),
        ]
    for value in (-round(reach / 2), 0, round(reach / 2)):
        parts.append(_text(x(value), height - 8, f"{value:+d}" if value else "0", "middle"))
    return _svg("Effects in points of the share of yes, with intervals of 80 %", height, parts)


def calibration(pits: Mapping[int, Sequence[float]]) -> Markup:
    """Draw where past results fell in their forecasts, by days before the vote.

    Args:
        pits: by horizon, P(Y < result) of each forecast.
    """
    height = 56 + 30 * len(pits)
    x = Scale(0, 1, 130, WIDTH - 20)
    floor = height - 34
    parts = []
    for low, high in ((0.025, 0.975), (0.1, 0.9), (0.25, 0.75)):
        corners = [(x(low), 6), (x(high), 6), (x(high), floor), (x(low), floor)]
        parts.append(_shape("polygon", "band", corners))
    for number, (days, values) in enumerate(pits.items()):
        place = 24 + 30 * number
        parts.append(_text(116, place + 4, f"{days} day{'s' * (days != 1)} before", "end"))
        parts += [
            Markup('<circle {} cx="{}" cy="{}" r="5"/>').format(LOOKS["open"], x(value), place)
            for value in values
        ]
    for value in (0, 0.25, 0.5, 0.75, 1):
        parts.append(_text(x(value), height - 14, f"{100 * value:.0f} %", "middle"))
    title = "Where past results fell in their forecasts; bands hold 50, 80 and 95 % if calibrated"
    return _svg(title, height, parts)


def _svg(title: str, height: float, parts: Iterable[Markup]) -> Markup:
    head = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="poll-chart" viewBox="0 0 {} {}"'
        ' width="{}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="{}">'
    ).format(WIDTH, height, WIDTH, title)
    return head + Markup("").join(parts) + Markup("</svg>")


def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def _shares(values: Iterable[str], height: int) -> Scale:
    numbers = [float(value) for value in values]
    low, high = min([*numbers, 0.48]) - 0.02, max([*numbers, 0.52]) + 0.02
    return Scale(max(low, 0), min(high, 1), height - 26, TOP)


def _share_axis(y: Scale) -> Markup:
    parts = []
    step = 5 if y.high - y.low < 0.45 else 10
    for place in range(0, 101, step):
        if y.low <= place / 100 <= y.high:
            style = "half" if place == 50 else "axis"
            parts.append(_line(style, LEFT, y(place / 100), WIDTH - RIGHT, y(place / 100)))
            parts.append(_text(LEFT - 6, y(place / 100) + 4, f"{place} %", "end"))
    return Markup("").join(parts)


def _day_axis(x: Scale, height: int) -> Markup:
    span = x.high - x.low
    places = [x.low + span * part / 4 for part in range(4)]
    parts = [
        _text(x(place), height - 6, date.fromordinal(int(place)).isoformat(), "start")
        for place in places
    ]
    return Markup("").join(parts)


def _day_of_vote(place: float, y: Scale, result: Mapping[str, list[str]]) -> Markup:
    middle = place + 24
    parts = [_text(middle, y.end - 2, "the day", "middle")]
    for level, width in (("95", 3.0), ("80", 7.0), ("50", 12.0)):
        low, high = (y(float(end)) for end in result[level])
        left, right = middle - width / 2, middle + width / 2
        corners = [(left, low), (right, low), (right, high), (left, high)]
        parts.append(_shape("polygon", "full" if level == "50" else "band", corners))
        parts.append(_shape("polygon", "open", corners))
    return Markup("").join(parts)


def _marks(polls: Rows) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in polls:
        counts[row["pollster"]] = counts.get(row["pollster"], 0) + 1
    most = sorted(counts, key=lambda house: (-counts[house], house))[:SHAPES]
    return {house: number for number, house in enumerate(most)}


def _mark(number: int, centre: tuple[float, float], row: Mapping[str, str]) -> Markup:
    style = "full" if row["wording"] == "ballot" else "open"
    text = "{}, {}: {} %".format(
        *map(
            plain, (f"{row['pollster']}", f"{row['field_end']}", f"{100 * float(row['share']):.1f}")
        )
    )
    source = source_of(row)
    shown = mark(f"poll({source})", text, text) if source else text
    return _draw_mark(number, centre, style, Markup("<title>{}</title>").format(shown))


def _draw_mark(number: int, centre: tuple[float, float], style: str, title: str) -> Markup:
    x, y = centre
    corners: list[Callable[[float], list[tuple[float, float]]]] = [
        lambda r: [(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)],
        lambda r: [(x, y - r * 1.3), (x + r * 1.2, y + r), (x - r * 1.2, y + r)],
        lambda r: [(x, y - r * 1.4), (x + r * 1.4, y), (x, y + r * 1.4), (x - r * 1.4, y)],
        lambda r: [(x, y + r * 1.3), (x + r * 1.2, y - r), (x - r * 1.2, y - r)],
        lambda r: [(x - r * 1.5, y - r / 2), (x + r * 1.5, y - r / 2), (x + r * 1.5, y + r / 2),
                   (x - r * 1.5, y + r / 2)],
    ]  # fmt: skip
    if 0 < number <= len(corners):
        return _shape("polygon", style, corners[number - 1](3.6), title)
    radius = 4 if number == 0 else 2
    return Markup('<circle {} cx="{}" cy="{}" r="{}">{}</circle>').format(
        LOOKS[style], x, y, radius, title
    )


def _legend(marks: Mapping[str, int], top: float) -> Markup:
    parts = []
    entries = [*marks.items(), ("other houses", SHAPES)]
    for place, (house, number) in enumerate(entries):
        x, y = LEFT + 6 + 200 * (place % 3), top + 20 * (place // 3)
        parts.append(_draw_mark(number, (x, y), "full", ""))
        parts.append(_text(x + 12, y + 4, house[:24]))
    return Markup("").join(parts)


def _line(style: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    return Markup('<line {} x1="{}" y1="{}" x2="{}" y2="{}"/>').format(LOOKS[style], x1, y1, x2, y2)


def _text(x: float, y: float, words: str, anchor: str = "start") -> Markup:
    return Markup('<text fill="currentColor" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        x, y, anchor, mark_as_programs_own(words)
    )


def _shape(
    kind: str, style: str, corners: Iterable[tuple[float, float]], inside: str = ""
) -> Markup:
    points = " ".join(f"{round(x, 1)},{round(y, 1)}" for x, y in corners)
    return Markup('<{} {} points="{}">{}</{}>').format(kind, LOOKS[style], points, inside, kind)
