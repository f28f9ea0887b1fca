"""`referendum privacy`: what a record tells of few people, and what of it is accepted."""

import functools
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from referendum.cli.foreign import reading_foreign_records
from referendum.cli.screen import say
from referendum.cli.shared import (
    ActOptions,
    WithDefault,
    act_options,
    json_option,
    record_argument,
)
from referendum.core.printing import quantity
from referendum.flows.privacy import (
    Finding,
    accept_findings,
    acts_published_in,
    find_disclosures,
)
from referendum.flows.privacy.disclosure import smallest_group
from referendum.flows.wording import wrap_lines
from referendum.record.reading import Record


@click.group(cls=WithDefault)
def privacy() -> None:
    """Find what a record tells of few people, and say why it is published all the same."""


@privacy.command(name=WithDefault.NAME)
@record_argument
@click.option(
    "--published",
    type=click.Path(path_type=Path),
    help="Site, or folder in it, in which the record was published before.",
)
@json_option
@reading_foreign_records
def find(folder: Path, published: Path | None, as_json: bool) -> None:
    """Find what RECORD tells of few people: small groups, lone lines, versions that differ little.

    A group is small with fewer people than the record's smallest group (k, 10 unless its opening
    says otherwise). The record of real people is not published while a finding is open.
    """
    record = Record.open(folder)
    before = None if published is None else acts_published_in(record, published)
    findings = find_disclosures(record, before)
    k = smallest_group(record)
    if as_json:
        said = {"smallest_group": k, "made_up": record.made_up, "acts_published": before}
        say(json.dumps({**said, "findings": [asdict(one) for one in findings]}, indent=2))
        return
    say("\n".join(_lines(findings, k)))


def _lines(findings: Sequence[Finding], k: int) -> list[str]:
    if not findings:
        return [f"Nothing that is published tells of fewer than {k}."]
    open_ones = sum(one.accepted is None for one in findings)
    told = f"{quantity(len(findings), 'finding')} on fewer than {k}, {open_ones:,} open"
    return [told, *(line for one in findings for line in _finding_lines(one))]


def _finding_lines(one: Finding) -> list[str]:
    lines = [one.words]
    if one.published is not None:
        lines.append("published before" if one.published else "not published yet")
    if one.accepted is not None:
        lines.append(f"accepted: {one.accepted}")
    return [one.name, *wrap_lines(lines, 80)]


@privacy.command()
@functools.partial(act_options, record=record_argument)
@click.argument("names", metavar="FINDING...", nargs=-1, required=True)
@click.option("--cause", required=True, help="Why they are published all the same; it is public.")
def accept(options: ActOptions, names: tuple[str, ...], cause: str) -> None:
    """Accept FINDINGs, by the names that `referendum privacy` gives them, and say why."""
    with options.hold() as record:
        act = accept_findings(record, names, cause, options.stamp)
    options.tell(act)
