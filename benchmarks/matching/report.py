"""Results of a run as JSON, as tables in Markdown and as charts."""

from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import log
from pathlib import Path

import msgspec

from benchmarks.matching.charts import Curve, Scale, plot
from benchmarks.matching.measures import Measures
from benchmarks.matching.petitions import SIZES, Case
from benchmarks.matching.tools import Cost

RESULTS = Path(__file__).parent / "results.json"
DOCS = Path(__file__).parents[2] / "docs"
BEGIN, END = "<!-- measured:begin -->", "<!-- measured:end -->"
DASHES = ("", "7 4", "2 3", "10 3 2 3", "1 5")


@dataclass(frozen=True)
class Row:
    """One tool on one case."""

    case: Case
    tool: str
    cost: Cost
    measures: Measures


@dataclass(frozen=True)
class Results:
    """What one run of one command gave, and on what.

    Attributes:
        command: that makes it again.
        machine: processor, cores and versions.
        rows: by case and tool.
        failures: peers that ended with an error, and on which case.
        again: day on which this project was measured again, and the peers were not.
    """

    command: str
    day: str
    machine: str
    rows: list[Row]
    failures: list[str] = field(default_factory=list)
    again: str = ""


def with_peers_of(found: Results, before: Results) -> Results:
    """Put this project's new rows in the place of those of before, on the same cases."""
    new = {(row.case, row.tool): row for row in found.rows}
    rows = [new.get((row.case, row.tool), row) for row in before.rows]
    return replace(before, rows=rows, again=found.day)


def write(results: Results, path: Path) -> None:
    """Write results as JSON."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")


def read(path: Path) -> Results:
    """Read results from JSON."""
    return msgspec.json.decode(path.read_bytes(), type=Results)


def markdown(results: Results) -> str:
    """Give every table of the results."""
    head = (
        f"Measured on {results.day} in one run of `{results.command}` on {results.machine}; every"
        " tool in a process of its own, on the same files."
        + (f" This project again on {results.again}." if results.again else "")
        + "\n"
    )
    parts = [
        head,
        _costs(results.rows),
        _quality(results.rows),
        _calibration(results.rows),
        _growth(results.rows),
        _origins(results.rows),
        _outcomes(results.rows),
        *(f"Ended with an error of its own: {failure}.\n" for failure in results.failures),
    ]
    return "\n".join(part for part in parts if part)


def write_docs(results: Results) -> None:
    """Put tables and charts into the documentation."""
    page = DOCS / "matching.md"
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{markdown(results)}{END}{after}")
    for name, chart in charts(results.rows).items():
        (DOCS / "images" / f"matching-{name}.svg").write_text(chart)


def charts(rows: list[Row]) -> dict[str, str]:
    """Draw calibration at the largest size, and growth of the CPU time."""
    largest = _largest(rows)
    tools = list(dict.fromkeys(row.tool for row in rows))
    dashes = {tool: DASHES[place % len(DASHES)] for place, tool in enumerate(tools)}
    share = Scale("chance claimed", 0, 1, (0, 0.25, 0.5, 0.75, 1), False)
    true = Scale("share of lines truly of a listed elector", 0, 1, share.marks, False)
    curves = [
        Curve(row.tool, tuple((t.claimed, t.true) for t in row.measures.calibration),
              dashes[row.tool])
        for row in largest
    ]  # fmt: skip
    drawn = {"calibration": str(plot("That somebody on the list signed", share, true, curves))}
    lines = sorted({_lines(row) for row in _plain(rows)})
    if len(lines) > 1:
        cpu = [row.cost.cpu for row in _plain(rows)]
        x = Scale("lines", lines[0], lines[-1], tuple(lines), True)
        y = Scale("CPU seconds", min(cpu), max(cpu), (1, 10, 100, 1000), True)
        growth = [
            Curve(tool, points, dashes[tool])
            for tool in tools
            for points in [_growth_points(rows, tool)]
            if len(points) > 1
        ]
        drawn["growth"] = str(plot("CPU time by size of the petition", x, y, growth))
    return drawn


def _growth_points(rows: list[Row], tool: str) -> tuple[tuple[float, float], ...]:
    return tuple((_lines(row), row.cost.cpu) for row in _plain(rows) if row.tool == tool)


def _largest(rows: list[Row]) -> list[Row]:
    plain = _plain(rows)
    most = max(_lines(row) for row in plain)
    return [row for row in plain if _lines(row) == most]


def _plain(rows: list[Row]) -> list[Row]:
    """Give the rows of the first settings of the run, whatever the size."""
    first = rows[0].case
    return [row for row in rows if replace(row.case, size=first.size) == first]


def _lines(row: Row) -> int:
    return SIZES[row.case.size][0]


def _table(head: tuple[str, ...], body: list[tuple[str, ...]]) -> str:
    lines = [" | ".join(head), " | ".join(["---"] * len(head)), *(" | ".join(row) for row in body)]
    return "\n".join(f"| {line} |" for line in lines) + "\n"


def _case(row: Row) -> tuple[str, ...]:
    lines, electors = SIZES[row.case.size]
    return f"{lines:,} × {electors:,}", row.case.birth, _errors(row.case), row.tool


_CASE = ("lines × electors", "birth on sheet", "errors", "tool")


def _errors(case: Case) -> str:
    return f"{case.error_model}, {case.errors}"


def _costs(rows: list[Row]) -> str:
    head = (*_CASE, "wall s", "CPU s", "peak GiB")
    return _table(head, [
        (*_case(row), f"{row.cost.wall:.1f}", f"{row.cost.cpu:.1f}", f"{row.cost.peak:.2f}")
        for row in rows
    ])  # fmt: skip


def _quality(rows: list[Row]) -> str:
    head = (
        *_CASE, "precision", "recall", "F1", "false links", "relatives linked", "Brier",
        "Brier of listed", "queue", "repeats P / R", "expected of truly listed",
        "checks",
    )  # fmt: skip
    body = [
        (
            *_case(row), f"{m.precision:.4f}", f"{m.recall:.4f}", f"{m.f1:.4f}",
            f"{100 * m.false_links:.2f} %", f"{m.relatives_linked:,}", f"{m.brier:.4f}",
            f"{m.brier_listed:.4f}", f"{m.queue:,}",
            f"{m.repeats_precision:.3f} / {m.repeats_recall:.3f}",
            f"{m.expected:,.0f} of {m.truly_listed:,} ({_off(m.expected, m.truly_listed)})",
            f"{m.checks:,.0f}",
        )
        for row in rows
        for m in [row.measures]
    ]  # fmt: skip
    return _table(head, body)


def _off(said: float, true: float) -> str:
    return f"{100 * said / true - 100:+.2f} %"


def _calibration(rows: list[Row]) -> str:
    tenths = [place / 10 for place in range(10)]
    head = ("chance claimed", *(row.tool for row in _largest(rows)))
    by_tool = [{tenth.low: tenth for tenth in row.measures.calibration} for row in _largest(rows)]
    body = []
    for low in tenths:
        cells = [
            f"{tenth.claimed:.3f}, {tenth.true:.3f} ({tenth.lines:,})" if tenth else ""
            for tenth in (tool.get(low) for tool in by_tool)
        ]
        body.append((f"{low:.1f} to {low + 0.1:.1f}", *cells))
    size = _case(_largest(rows)[0])
    text = f"Calibration of the chance that somebody on the list signed ({size[0]}, {size[2]}):"
    return f"{text} claimed, true (lines)\n\n" + _table(head, body)


def _growth(rows: list[Row]) -> str:
    body = []
    for tool in dict.fromkeys(row.tool for row in rows):
        mine = [row for row in _plain(rows) if row.tool == tool]
        for small, large in pairwise(sorted(mine, key=_lines)):
            times = _lines(large) / _lines(small)
            cpu = log(large.cost.cpu / small.cost.cpu) / log(times)
            peak = log(large.cost.peak / small.cost.peak) / log(times)
            sizes = f"{small.case.size} to {large.case.size}"
            body.append((tool, sizes, f"{cpu:.2f}", f"{peak:.2f}"))
    head = ("tool", "sizes", "exponent of CPU", "exponent of memory")
    return _table(head, body) if body else ""


def _origins(rows: list[Row]) -> str:
    largest = _largest(rows)
    head = ("origin of the name", *(f"F1, {row.tool}" for row in largest))
    origins = sorted(largest[0].measures.f1_by_origin)
    body = [
        (origin.replace("_", " "), *(f"{row.measures.f1_by_origin[origin]:.4f}" for row in largest))
        for origin in origins
    ]
    return _table(head, body)


def _outcomes(rows: list[Row]) -> str:
    row = next((row for row in _largest(rows) if row.measures.outcomes), None)
    if row is None:
        return ""
    outcomes = ("listed", "unsure", "not_listed", "repeat")
    head = ("truly", *(name.replace("_", " ") for name in outcomes))
    body = []
    for kind, counts in row.measures.outcomes.items():
        whole = sum(counts.values())
        numbers = [counts.get(name, 0) for name in outcomes]
        cells = [f"{number:,} ({number / whole:.1%})" for number in numbers]
        body.append((kind.replace("_", " "), *cells))
    return f"Outcomes that this project gives ({_case(row)[0]}):\n\n" + _table(head, body)
