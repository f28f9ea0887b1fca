"""`referendum law`: statutes as data."""

import json
import textwrap
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import click
import msgspec

from referendum.cli.shared import json_option
from referendum.core.days import read_date
from referendum.law import (
    CERTAINTIES,
    Statute,
    Value,
    requirement,
    statute_ids,
    version_on,
    versions,
)
from referendum.law.model import Step

WIDTH = 80


@click.group()
def law() -> None:
    """Show statutes as data: what applied when, by which section, and how sure that is."""


@law.command("list")
@json_option
def list_statutes(as_json: bool) -> None:
    """List the acts and their versions."""
    known = {name: [statute.version for statute in versions(name)] for name in statute_ids()}
    if as_json:
        click.echo(json.dumps(known, indent=2))
        return
    for name, found in known.items():
        click.echo(f"{name}  {versions(name)[-1].title}\n    versions from {', '.join(found)}")


@law.command()
@click.argument("statute_id", metavar="ID")
@click.option("--on", "day", help="Day whose law is asked for; today if not given.")
@json_option
def show(statute_id: str, day: str | None, as_json: bool) -> None:
    """Show the version of ID that applied on a day."""
    statute = version_on(statute_id, _day(day))
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(statute), indent=2, ensure_ascii=False))
        return
    click.echo("\n".join(page(statute)))


@law.command()
@click.argument("statute_id", metavar="ID")
@click.option("--on", "day", help="Day whose law is asked for; today if not given.")
@click.option("--kind", "proposal", required=True, help="Kind of proposal.")
@click.option("--base", type=int, required=True, help="Number the threshold is a share of.")
@json_option
def threshold(statute_id: str, day: str | None, proposal: str, base: int, as_json: bool) -> None:
    """Work out how many signatures a proposal needs under ID."""
    statute = version_on(statute_id, _day(day))
    needed = requirement(statute, proposal, base)
    part = statute.thresholds[proposal]
    if as_json:
        said = {"required": needed.required, "share": str(needed.share), "base_value": base}
        said |= {"base": needed.base, "product": str(needed.product), "rounding": needed.rounding}
        click.echo(json.dumps({**said, "cite": part.share.cite}, indent=2))
        return
    click.echo(
        f"{needed.share} of {base:,} {needed.base} = {float(needed.product):,.2f},"
        f" rounded {needed.rounding}: {needed.required:,}\n"
        f"  [{part.share.cite}; share {part.share.certainty}, rounding {part.rounding.certainty}]"
    )


@law.command()
@click.argument("statute_id", metavar="ID")
@click.argument("first", metavar="DAY1")
@click.argument("second", metavar="DAY2")
@json_option
def diff(statute_id: str, first: str, second: str, as_json: bool) -> None:
    """Show what changed in ID between two days."""
    before, after = (_flat(version_on(statute_id, read_date(day))) for day in (first, second))
    changed = [
        (path, before.get(path, "-"), after.get(path, "-"))
        for path in dict.fromkeys([*before, *after])
        if before.get(path) != after.get(path)
    ]
    if as_json:
        rows = [{"value": path, first: old, second: new} for path, old, new in changed]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for path, old, new in changed:
        lines = [path, *_wrap(f"{first}: {old}", 4), *_wrap(f"{second}: {new}", 4)]
        click.echo("\n".join(lines))
    if not changed:
        click.echo("nothing changed")


def _flat(statute: Statute) -> dict[str, str]:
    """Give every value of a version by its path; steps by their number."""
    found: dict[str, str] = {}

    def walk(part: Any, path: str) -> None:  # noqa: ANN401
        if isinstance(part, Value):
            found[path] = _shown(part)
        elif isinstance(part, Step):
            found[path] = f"{part.actor} {part.does}" + (f", {part.within}" * bool(part.within))
        elif isinstance(part, list):
            for number, inner in enumerate(part, start=1):
                walk(inner, f"{path} {number}")
        elif isinstance(part, dict):
            for name, inner in part.items():
                walk(inner, f"{path}: {_words(name)}")
        elif isinstance(part, msgspec.Struct):
            for name in part.__struct_fields__:
                walk(getattr(part, name), f"{path}: {_words(name)}" if path else _words(name))

    walk(statute, "")
    return found


def _day(day: str | None) -> date:
    return read_date(day, "--on") if day else datetime.now(UTC).date()


def page(statute: Statute) -> list[str]:
    """Write a version as a page of at most 80 columns."""
    ends = statute.in_force_to.value if statute.in_force_to else "now"
    lines = [statute.title, f"{statute.id}, in force {statute.in_force_from.value} to {ends}", ""]
    for name in statute.__struct_fields__[4:]:
        if part := getattr(statute, name):
            lines += [_words(name).upper(), *_part(part), ""]
    marks = [f"{mark}: {meaning}" for mark, meaning in CERTAINTIES.items()]
    return lines + _wrap("How sure a value is. " + "; ".join(marks) + ".", 0)


def _part(part: Any, indent: int = 2) -> Iterator[str]:  # noqa: ANN401
    if isinstance(part, Value):
        yield from _value("", part, indent)
    elif isinstance(part, list):
        for number, step in enumerate(part, start=1):
            yield from _step(number, step)
    elif isinstance(part, dict):
        for name, inner in part.items():
            yield f"{' ' * indent}{_words(name)}"
            yield from _part(inner, indent + 2)
    else:
        for name in part.__struct_fields__:
            if isinstance(value := getattr(part, name), Value):
                yield from _value(f"{_words(name)}: ", value, indent)


def _value(label: str, value: Value[Any], indent: int) -> Iterator[str]:
    yield from _wrap(f"{label}{_shown(value)}  [{value.cite}; {value.certainty}]", indent)
    if value.note:
        yield from _wrap(value.note, indent + 4)


def _shown(value: Value[Any]) -> str:
    return ", ".join(map(str, value.value)) if isinstance(value.value, list) else str(value.value)


def _step(number: int, step: Step) -> list[str]:
    within = f", within {step.within}" if step.within else ""
    text = f"{number:>2}. {step.actor} {step.does}{within}  [{step.cite}; {step.certainty}]"
    return _wrap(text, 2)


def _wrap(text: str, indent: int) -> list[str]:
    margin = " " * indent
    return textwrap.wrap(
        text, WIDTH, initial_indent=margin, subsequent_indent=margin + "  ", break_on_hyphens=False
    )


def _words(name: str) -> str:
    return name.replace("_", " ")
