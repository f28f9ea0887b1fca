"""`referendum match`: lines to electors, on a record or on bare files; and what comes of it."""

import functools
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from referendum.cli.screen import say
from referendum.cli.shared import (
    ActOptions,
    WithDefault,
    act_options,
    dates_option,
    encoding_option,
    json_option,
    record_or_none,
    showing_progress,
)
from referendum.core.written_days import DayOrder
from referendum.flows.matching.files import ENGINES, MatchSummary, StatuteChoice, match_files
from referendum.flows.matching.new_numbers import match_under_new_numbers
from referendum.flows.matching.review import (
    explain_files,
    explain_record,
    queue_files,
    queue_record,
    recalibrate_files,
)
from referendum.flows.roll.copies import raise_alarm
from referendum.matching import Explanation

path_type = click.Path(path_type=Path)
day_type = click.DateTime(["%Y-%m-%d"])

DAYS = ("signing", "issue", "delivery", "election")

lines_option = click.option("--lines", type=path_type, help="Table of lines, without a record.")
electors_encoding_option = click.option(
    "--electors-encoding", help="Encoding of the list of electors, if it is another."
)

electors_option = click.option("--electors", type=path_type, help="List of electors, likewise.")
record_option = click.option("--record", type=path_type, help="Record whose matches are meant.")


@click.group(cls=WithDefault)
def match() -> None:
    """Match lines to electors, and see what came of it."""


@match.command(name=WithDefault.NAME)
@functools.partial(act_options, record=record_or_none)
@lines_option
@electors_option
@click.option("--out", type=path_type, help="Table to write, likewise: CSV or .parquet.")
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default=ENGINES[0],
    show_default=True,
    help="Where a bare list is worked on: all in memory, a part at a time, or on a Spark cluster.",
)
@click.option("--law", help="Act under which bare files are matched: its day, district, repeats.")
@click.option("--as-of", type=click.Choice(DAYS), help="Day that counts, if the act is silent.")
@click.option("--issue-day", type=day_type, help="Day of issue.")
@click.option("--delivery-day", type=day_type, help="Day of delivery.")
@click.option("--election-day", type=day_type, help="Day of the election.")
@encoding_option
@electors_encoding_option
@dates_option
@click.option(
    "--accept",
    multiple=True,
    metavar="COLUMN",
    help="Match bare files though this column is empty, and another may be meant for it.",
)
def match_all(  # noqa: PLR0913, PLR0917
    options: ActOptions,
    lines: Path | None,
    electors: Path | None,
    out: Path | None,
    engine: str,
    law: str | None,
    as_of: str | None,
    encoding: str,
    electors_encoding: str | None,
    dates: DayOrder | None,
    accept: tuple[str, ...],
    **days: datetime | None,
) -> None:
    """Match the standing lines to the list of electors, and find repeats.

    On a RECORD this is an act. Who matches whom is sealed; public is for each line number: listed,
    not listed, unsure, repeat. Where a match of these lines was put right, they get other numbers
    first, so that no two tables have a line under one number. Without a record, --lines and
    --electors are matched as they are, and a row for each line is written to --out. Under a --law,
    a signer may also be listed later, no longer listed, of the wrong district, or moved.
    """
    files = (lines, electors, out)
    if all(file is None for file in files):
        with options.hold() as record:
            acts = match_under_new_numbers(record, options.stamp)
            alarm = raise_alarm(record, options.stamp)
        options.tell(*acts, *filter(None, (alarm,)))
        return
    if lines is None or electors is None or out is None or options.named is not None:
        raise click.UsageError("Give a RECORD, or --lines, --electors and --out together.")
    given = {name.removesuffix("_day"): day.date() for name, day in days.items() if day}
    asked = None if law is None else StatuteChoice(law, given, as_of)
    if law is None and (given or as_of):
        raise click.UsageError("Days count under a law: give --law too.")
    with showing_progress():
        done = match_files(
            lines, electors, out, encoding, engine, asked,
            electors_encoding=electors_encoding, dates=dates, accept=accept,
        )  # fmt: skip
    if options.as_json:
        say(json.dumps(msgspec.to_builtins(done), indent=2))
        return
    say("\n".join(_summary_lines(done)))


def _summary_lines(done: MatchSummary) -> list[str]:
    lines = [f"{done.lines:,} lines against {done.electors:,} electors: {done.out}"]
    lines += [
        f"  {outcome.replace('_', ' ')}: {count:,}" for outcome, count in done.outcomes.items()
    ]
    expected = f"  expected number of lines of listed electors: {done.expected:,.0f}"
    signers = f"  expected number of electors who signed: {done.signers:,.0f}"
    aside = f"  rows set aside: {done.set_aside:,}"
    faults = ", ".join(f"{code} {count:,}" for code, count in done.faults.items())
    return [*lines, expected, signers, aside + (f"; faults: {faults}" if faults else "")]


@match.command()
@click.argument("line_ids", metavar="LINE...", nargs=-1, required=True)
@record_option
@lines_option
@electors_option
@click.option("--plot", type=path_type, help="Draw the first line's best elector here (SVG).")
@encoding_option
@electors_encoding_option
@dates_option
@json_option
def explain(  # noqa: PLR0913, PLR0917
    line_ids: tuple[str, ...],
    record: Path | None,
    lines: Path | None,
    electors: Path | None,
    plot: Path | None,
    encoding: str,
    electors_encoding: str | None,
    dates: DayOrder | None,
    as_json: bool,
) -> None:
    """Say why each LINE was matched as it was: what every part weighed, and where its chances lie.

    LINE is the office's number (line_id). Of a --record, this needs its sealed bundles. All lines
    are looked at again to learn what agreement is worth: some seconds on a large list.
    """
    with showing_progress():
        if record is not None and lines is None and electors is None:
            found = explain_record(record, line_ids)
        elif record is None and lines is not None and electors is not None:
            found = explain_files(
                lines, electors, line_ids, (encoding, electors_encoding or encoding), dates
            )
        else:
            raise click.UsageError("Give --record, or --lines and --electors together.")
    if plot is not None:
        _plot(found[0], plot)
    if as_json:
        say(json.dumps([_as_json(one) for one in found], indent=2))
    else:
        say("\n\n".join("\n".join(_explanation_lines(one)) for one in found))


def _plot(explained: Explanation, plot: Path) -> None:
    from referendum.publish.waterfall import waterfall  # noqa: PLC0415 - only if asked for

    if not explained.candidates:
        raise click.UsageError(f"Line {explained.line_id} has no candidate to draw.")
    plot.write_text(waterfall(explained, explained.candidates[0]), encoding="utf-8")


def _as_json(explained: Explanation) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(explained)
    return {**told, "listed": explained.listed, "words": explained.words}


def _explanation_lines(explained: Explanation) -> list[str]:
    lines = [f"line {explained.line_id}: {explained.words} (listed: {explained.listed:.4f})"]
    for candidate in explained.candidates:
        lines.append(f"  elector {candidate.elector_id}: chance {candidate.posterior:.4f}")
        lines += [f"    {weight.bits:+7.1f}  {weight.words}" for weight in candidate.weights]
        lines.append(f"    {candidate.total:+7.1f}  log-odds in the end, in bits")
    rest = (
        ("another candidate", explained.others),
        ("an elector whom no key finds", explained.unseen),
        ("an unlisted relative of a candidate", explained.relatives),
        ("nobody on the list", explained.nobody),
    )
    return [*lines, *(f"  {words}: chance {chance:.4f}" for words, chance in rest)]


@match.command()
@record_option
@click.option("--matches", type=path_type, help="Table of matches, without a record.")
@lines_option
@click.option("--out", type=path_type, required=True, help="Table to write: CSV or .parquet.")
@encoding_option
@dates_option
@json_option
def queue(
    record: Path | None,
    matches: Path | None,
    lines: Path | None,
    out: Path,
    encoding: str,
    dates: DayOrder | None,
    as_json: bool,
) -> None:
    """Write the uncertain lines in the order in which a look at one saves most errors.

    With each come the three searches that are due before "not on the list" is said: by name, by
    address, by telephone. The table holds personal data.
    """
    if record is not None and matches is None and lines is None:
        length = queue_record(record, out)
    elif record is None and matches is not None and lines is not None:
        length = queue_files(matches, lines, out, encoding, dates)
    else:
        raise click.UsageError("Give --record, or --matches and --lines together.")
    done = {"out": str(out), "lines": length}
    say(json.dumps(done) if as_json else f"{length:,} uncertain lines: {out}")


@match.command()
@click.option("--matches", type=path_type, required=True, help="Table of matches.")
@click.option("--checks", type=path_type, required=True, help="Table of checks (match_checks).")
@click.option("--out", type=path_type, required=True, help="Table to write: CSV or .parquet.")
@encoding_option
@json_option
def calibrate(matches: Path, checks: Path, out: Path, encoding: str, as_json: bool) -> None:
    """Put the chances right by checks of lines that were drawn by chance.

    The column calibrated is added. It serves whoever reads the chances; what a decision rests on
    is committed to before its sample is drawn.
    """
    before, after = recalibrate_files(matches, checks, out, encoding)
    done = {"out": str(out), "expected": before, "calibrated": after}
    text = f"expected lines of listed electors: {before:,.0f}, put right {after:,.0f}: {out}"
    say(json.dumps(done) if as_json else text)
