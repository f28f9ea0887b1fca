"""`referendum law`: statutes as data."""

import json
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click
import msgspec

from referendum.cli.shared import json_option
from referendum.core.days import read_date
from referendum.law import CERTAINTIES, Statute, Value, statute_ids, version_on, versions
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
    asked = read_date(day, "--on") if day else datetime.now(UTC).date()
    statute = version_on(statute_id, asked)
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(statute), indent=2, ensure_ascii=False))
        return
    click.echo("\n".join(page(statute)))


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
    shown = ", ".join(map(str, value.value)) if isinstance(value.value, list) else str(value.value)
    yield from _wrap(f"{label}{shown}  [{value.cite}; {value.certainty}]", indent)
    if value.note:
        yield from _wrap(value.note, indent + 4)


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
