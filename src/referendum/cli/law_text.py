"""The law in lines of at most 80 columns."""

import textwrap
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from referendum.core.errors import LawError
from referendum.law import CERTAINTIES, CalculationStep, Requirement, Statute, Value
from referendum.law.wording import name_words, present_members, step_text, value_text

if TYPE_CHECKING:
    from referendum.law.calendar import Deadline
    from referendum.law.eligibility import Eligibility

WIDTH = 80


def statute_lines(statute: Statute) -> list[str]:
    """Write a version as a page."""
    ends = statute.in_force_to.value if statute.in_force_to else "now"
    lines = wrapped(statute.title, 0)
    lines += [f"{statute.id}, in force {statute.in_force_from.value} to {ends}"]
    lines += [*wrapped(statute.summary, 0), ""]
    for name in statute.__struct_fields__[6:]:
        if part := getattr(statute, name):
            lines += [name_words(name).upper(), *_part(part), ""]
    marks = [f"{mark}: {meaning}" for mark, meaning in CERTAINTIES.items()]
    return lines + wrapped("How sure a value is. " + "; ".join(marks) + ".", 0)


def _part(part: Any, indent: int = 2) -> Iterator[str]:  # noqa: ANN401
    if isinstance(part, Value):
        yield from _value("", part, indent)
    elif isinstance(part, list):
        for number, step in enumerate(part, start=1):
            yield from wrapped(f"{number:>2}. {step_text(step)}  {_mark(step)}", 2)
    else:
        for name, inner in present_members(part):
            if isinstance(inner, Value):
                yield from _value(f"{name_words(name)}: ", inner, indent)
            elif not isinstance(inner, str):
                yield f"{' ' * indent}{name_words(name)}"
                yield from _part(inner, indent + 2)


def _value(label: str, value: Value[Any], indent: int) -> Iterator[str]:
    yield from wrapped(f"{label}{value_text(value)}  {_mark(value)}", indent)
    if value.note:
        yield from wrapped(value.note, indent + 4)


def _mark(cited: Any) -> str:  # noqa: ANN401
    return f"[{cited.cite}; {cited.certainty}]"


def side_by_side(changed: Iterable[tuple[str, str, str]], days: tuple[str, str]) -> list[str]:
    """Write differences in two columns."""
    rows = list(changed)
    if not rows:
        return []
    half = (WIDTH - 3) // 2
    lines = [f"{days[0]:<{half}} | {days[1]}", f"{'-' * half}-+-{'-' * half}"]
    for path, old, new in rows:
        lines += [*wrapped(path.upper(), 0)]
        columns = (textwrap.wrap(text, half, break_on_hyphens=False) for text in (old, new))
        pairs = zip_longest(*columns, fillvalue="")
        lines += [f"{left:<{half}} | {right}".rstrip() for left, right in pairs]
        lines += [""]
    return lines[:-1]


def working_lines(steps: Iterable[CalculationStep], indent: int = 2) -> list[str]:
    """Write arithmetic line by line, each with the section beside it."""
    lines: list[str] = []
    for step in steps:
        cited = f"  [{step.cite}; {step.certainty}]" if step.cite else ""
        lines += wrapped(f"{step.text}{cited}", indent)
    return lines


def requirement_lines(statute: Statute, kind: str, needed: Requirement) -> list[str]:
    """Write how many signatures a kind of proposal needs, and how that comes about."""
    lines = [f"{kind}: {needed.required:,} signatures", *working_lines(needed.steps)]
    threshold = statute.thresholds[kind]
    used_known = threshold.base_value and needed.base_value == threshold.base_value.value
    if used_known and threshold.base_value and threshold.base_value.note:
        lines += wrapped(threshold.base_value.note, 4)
    if needed.spread and needed.spread.minimums:
        numbers = [f"{name} {least:,}" for name, least in needed.spread.minimums.items()]
        lines += wrapped("by district: " + ", ".join(numbers), 2)
    return lines


def unknown_lines(kind: str, why: LawError) -> list[str]:
    """Say that a requirement is not known, why, and what would help."""
    hint = f"; {why.hint}" if why.hint else ""
    return [f"{kind}: not known", *wrapped(f"{why.message}{hint}", 2)]


def calendar_lines(statute: Statute, deadlines: Iterable["Deadline"]) -> list[str]:
    """Write a calendar as a table with the section under each row."""
    lines = wrapped(f"{statute.title}, version {statute.version}", 0)
    lines += [f"{'earliest':<11} {'latest':<11} step", "-" * WIDTH]
    for one in deadlines:
        days = [str(day or "not known") for day in (one.earliest, one.latest)]
        if one.latest is None and not one.why:
            days[1] = "no limit"
        text = f"{name_words(one.code)}: {one.actor} {one.does}"
        lines += _hanging_lines(f"{days[0]:<11} {days[1]:<11} ", text)
        texts = [f"{one.step.text}  [{one.step.cite}; {one.step.certainty}]"]
        texts += [one.why] if one.why else []
        texts += [f"if not: {one.silence}"] if one.silence else []
        for line in texts:
            lines += wrapped(line, 26)
    return lines


def eligibility_lines(statute: Statute, found: "Eligibility") -> list[str]:
    """Write what the law says of facts, rule by rule."""
    title = wrapped(f"{statute.title}, version {statute.version}", 0)
    lines = [*title, f"Answer: {found.verdict}", ""]
    for test in found.tests:
        mark = f"{test.verdict:<11} {test.about:<12} "
        cured = " (can be mended)" if test.curable and test.verdict == "falls" else ""
        text = f"{test.code}: {test.step.text}{cured}  [{test.step.cite}; {test.step.certainty}]"
        lines += _hanging_lines(mark, text)
    if found.unknown:
        lines += ["", *wrapped(f"No rule of this act asks for: {', '.join(found.unknown)}", 0)]
    return lines


def _hanging_lines(head: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_on_hyphens=False,
    )


def wrapped(text: str, indent: int) -> list[str]:
    """Wrap a text to the width of a terminal."""
    margin = " " * indent
    return textwrap.wrap(
        text, WIDTH, initial_indent=margin, subsequent_indent=margin + "  ", break_on_hyphens=False
    )
