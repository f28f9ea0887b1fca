"""`referendum law`: statutes as data, and what follows from them."""

import json
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from referendum.cli.law_text import (
    calendar_lines,
    eligibility_lines,
    requirement_lines,
    side_by_side,
    statute_lines,
    unknown_lines,
    wrapped,
)
from referendum.cli.screen import say
from referendum.cli.shared import json_option
from referendum.core.days import read_date
from referendum.core.errors import InputError, LawError
from referendum.core.exact import exact_text
from referendum.law import Requirement, requirement, statute_ids, version_on, versions
from referendum.law.wording import differences
from referendum.record.durable import write_file
from referendum.tables.given_files import read_given_file

statute_argument = click.argument("statute_id", metavar="ACT")

on_option = click.option("--on", "day", help="Day whose law is asked for; today if not given.")


@click.group()
def law() -> None:
    """Show statutes as data, and work out what follows from them.

    An ACT is named by jurisdiction and act, such as ca-ab/citizen-initiative-act.
    """


@law.command("list")
@json_option
def list_statutes(as_json: bool) -> None:
    """List the acts and their versions.

    The word `vote` stands beside an act that says how a vote is decided.
    """
    known = {name: [statute.version for statute in versions(name)] for name in statute_ids()}
    if as_json:
        say(json.dumps(known, indent=2))
        return
    for name, found in known.items():
        last = versions(name)[-1]
        decides = "  vote" if last.vote else ""
        say("\n".join([f"{name}  {', '.join(found)}{decides}", *wrapped(last.title, 4)]))


@law.command()
@statute_argument
@on_option
@json_option
def show(statute_id: str, day: str | None, as_json: bool) -> None:
    """Show the version of ACT that applied on a day to a new application."""
    statute = version_on(statute_id, _day(day))
    if as_json:
        say(json.dumps(msgspec.to_builtins(statute), indent=2, ensure_ascii=False))
        return
    say("\n".join(statute_lines(statute)))


@law.command()
@statute_argument
@click.argument("first", metavar="DAY1")
@click.argument("second", metavar="DAY2")
@json_option
def diff(statute_id: str, first: str, second: str, as_json: bool) -> None:
    """Show what changed in ACT between two days, side by side."""
    before, after = (version_on(statute_id, read_date(day)) for day in (first, second))
    changed = differences(before, after)
    if as_json:
        rows = [{"value": path, first: old, second: new} for path, old, new in changed]
        say(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    say("\n".join(side_by_side(changed, (first, second))) or "nothing changed")


@law.command()
@statute_argument
@on_option
@click.option("--kind", help="Kind of proposal; every kind of the act if not given.")
@click.option("--base", type=int, help="Number the threshold is a share of, if not the known one.")
@click.option(
    "--districts",
    type=click.Path(path_type=Path),
    help="CSV file of district,base, where districts must reach a share of their own.",
)
@json_option
def threshold(
    statute_id: str,
    day: str | None,
    kind: str | None,
    base: int | None,
    districts: Path | None,
    as_json: bool,
) -> None:
    """Work out how many signatures a proposal needs under ACT."""
    statute = version_on(statute_id, _day(day))
    if not statute.thresholds:
        raise LawError("the number of signatures is not known", where=statute.id)
    bases = _bases(districts) if districts else None
    kinds = [kind] if kind else list(statute.thresholds)
    found, silent = {}, {}
    for one in kinds:
        try:
            found[one] = requirement(statute, one, base, bases)
        except LawError as error:
            if kind:
                raise
            silent[one] = error
    if as_json:
        known = {one: _requirement_document(needed) for one, needed in found.items()}
        unknown = {one: {"not_known": why.message} for one, why in silent.items()}
        say(json.dumps({**known, **unknown}, indent=2, ensure_ascii=False))
        return
    for one, needed in found.items():
        say("\n".join(requirement_lines(statute, one, needed)))
    for one, why in silent.items():
        say("\n".join(unknown_lines(one, why)))


def _bases(path: Path) -> dict[str, int]:
    # Polars is loaded only where a table is read.
    from referendum.flows.petition.issue import read_district_bases  # noqa: PLC0415

    return read_district_bases(path)


def _requirement_document(needed: Requirement) -> dict[str, Any]:
    return {
        "required": needed.required,
        "base": needed.base,
        "base_value": needed.base_value,
        "share": None if needed.share is None else exact_text(needed.share),
        "product": None if needed.product is None else exact_text(needed.product),
        "rounding": needed.rounding,
        "spread": needed.spread and needed.spread.to_document(),
        "steps": [msgspec.to_builtins(step) for step in needed.steps],
    }


@law.command()
@statute_argument
@click.option("--from", "start", required=True, help="Day of the first step, such as the notice.")
@click.option("--on", "day", help="Day whose law applies; that of the first step if not given.")
@click.option(
    "--event",
    "events",
    multiple=True,
    metavar="STEP=DAY",
    help="Day on which a step was done, or an outside event such as election is. Repeatable.",
)
@click.option(
    "--sittings",
    type=click.Path(path_type=Path),
    help="File of the days on which the assembly sits, one a line.",
)
@click.option("--ics", type=click.Path(path_type=Path), help="Write the last days as iCalendar.")
@json_option
def calendar(
    statute_id: str,
    start: str,
    day: str | None,
    events: tuple[str, ...],
    sittings: Path | None,
    ics: Path | None,
    as_json: bool,
) -> None:
    """Work out every deadline of a petition under ACT.

    A step that is not given a day is taken to be done at once for the earliest day of the next one,
    and on its own last day for the latest.
    """
    # The packages for holidays and iCalendar are loaded by this command alone.
    from referendum.law.calendar import (  # noqa: PLC0415
        compute_deadlines,
        write_icalendar,
    )

    first = read_date(start, "--from")
    statute = version_on(statute_id, _day(day) if day else first)
    given = dict(_event(event) for event in events)
    deadlines = compute_deadlines(statute, first, given, _sittings(sittings) if sittings else None)
    if ics:
        write_file(ics, write_icalendar(statute, deadlines))
    if as_json:
        rows = [msgspec.to_builtins(deadline) for deadline in deadlines]
        say(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    say("\n".join(calendar_lines(statute, deadlines)))


def _event(text: str) -> tuple[str, date]:
    name, equals, day = text.partition("=")
    if not equals:
        raise InputError(f"{text!r} is no event", hint="write --event election=2027-10-18")
    return name, read_date(day, f"--event {name}")


def _sittings(path: Path) -> list[date]:
    lines = _text(path).splitlines()
    return [
        read_date(line.strip(), f"{path}:{n}") for n, line in enumerate(lines, 1) if line.strip()
    ]


@law.command()
@click.argument("facts_file", metavar="FACTS", type=click.Path(path_type=Path))
@json_option
@click.pass_context
def check(ctx: click.Context, facts_file: Path, as_json: bool) -> None:
    """Say whether an application, a sheet or a line would stand.

    FACTS is a TOML file: `statute`, `on` (a day), and tables `application`, `sheet`, `line` with
    one fact a line, by the codes of `law show`. Ends with code 1 if something falls.
    """
    from referendum.law.eligibility import assess_eligibility  # noqa: PLC0415

    facts = _facts(facts_file)
    statute_id, day = facts.pop("statute", None), facts.pop("on", None)
    if not isinstance(statute_id, str) or not isinstance(day, date):
        raise InputError(
            "the statute or the day is missing",
            where=str(facts_file),
            hint='begin with: statute = "ca-ab/citizen-initiative-act" and on = 2026-01-03',
        )
    statute = version_on(statute_id, day)
    found = assess_eligibility(statute, facts)
    if as_json:
        rows = [msgspec.to_builtins(test) for test in found.tests]
        said = {"verdict": found.verdict, "tests": rows, "unknown": list(found.unknown)}
        say(json.dumps(said, indent=2, ensure_ascii=False))
    else:
        say("\n".join(eligibility_lines(statute, found)))
    if found.verdict == "falls":
        ctx.exit(1)


def _facts(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"not TOML: {error}", where=str(path)) from error


def _text(path: Path) -> str:
    try:
        return read_given_file(path).decode()
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8", where=str(path)) from error


def _day(day: str | None) -> date:
    return read_date(day, "--on") if day else datetime.now(UTC).date()
