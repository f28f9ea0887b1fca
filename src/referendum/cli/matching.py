"""`referendum match`: lines to electors, on a record or on bare files."""

import functools
import json
from pathlib import Path

import click
import msgspec

from referendum.cli.shared import (
    ActOptions,
    act_options,
    encoding_option,
    record_or_none,
    showing_progress,
)
from referendum.flows.match_files import Matching, match_files
from referendum.flows.matching import match as match_record


@click.command()
@functools.partial(act_options, record=record_or_none)
@click.option("--lines", type=click.Path(path_type=Path), help="Table of lines, without a record.")
@click.option("--electors", type=click.Path(path_type=Path), help="List of electors, likewise.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Table to write, likewise: CSV or .parquet."
)
@encoding_option
def match(
    options: ActOptions,
    lines: Path | None,
    electors: Path | None,
    out: Path | None,
    encoding: str,
) -> None:
    """Match the standing lines to the list of electors, and find repeats.

    On a RECORD this is an act. Who matches whom is sealed; public is for each line number: listed,
    not listed, unsure, repeat. Without a record, --lines and --electors are matched as they are,
    and a row for each line is written to --out.
    """
    files = (lines, electors, out)
    if all(file is None for file in files):
        with options.hold() as record:
            act = match_record(record, options.stamp)
        options.tell(act)
        return
    if lines is None or electors is None or out is None or options.named is not None:
        raise click.UsageError("Give a RECORD, or --lines, --electors and --out together.")
    with showing_progress():
        done = match_files(lines, electors, out, encoding)
    if options.as_json:
        click.echo(json.dumps(msgspec.to_builtins(done), indent=2))
        return
    click.echo("\n".join(_told(done)))


def _told(done: Matching) -> list[str]:
    lines = [f"{done.lines:,} lines against {done.electors:,} electors: {done.out}"]
    lines += [
        f"  {outcome.replace('_', ' ')}: {count:,}" for outcome, count in done.outcomes.items()
    ]
    expected = f"  expected number of lines of listed electors: {done.expected:,.0f}"
    aside = f"  rows set aside: {done.set_aside:,}"
    faults = ", ".join(f"{code} {count:,}" for code, count in done.faults.items())
    return [*lines, expected, aside + (f"; faults: {faults}" if faults else "")]
