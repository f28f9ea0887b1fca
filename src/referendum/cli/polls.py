"""`referendum forecast`, `referendum polls`."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

import click
import polars as pl

from referendum import polls as stage
from referendum.cli.polls_text import forecast_lines, received_lines, score_lines
from referendum.cli.screen import say
from referendum.cli.shared import (
    ActOptions,
    accept_option,
    act_options,
    dates_option,
    encoding_option,
    json_option,
    receiving_options,
    showing_progress,
)
from referendum.core.days import read_date
from referendum.core.errors import InputError
from referendum.core.written_days import DayOrder
from referendum.flows.polls import (
    PollTable,
    make_forecast,
    name_of_referendum,
    read_past_votes,
    receive_poll_table,
)
from referendum.law import VoteRule, require_known, version_on
from referendum.polls.backtest_document import backtest_document
from referendum.polls.document import forecast_document, forecast_tables
from referendum.publish import forecast_section
from referendum.record.durable import write_file
from referendum.record.frames import to_csv

F = TypeVar("F", bound=Callable[..., Any])


def _combine_options(*options: Callable[[F], F]) -> Callable[[F], F]:
    def given(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return given


campaign_options = _combine_options(
    click.option("--referendum", help="Its name in the table's column, where it has several."),
    click.option("--vote-date", required=True, help="Day of the vote."),
    click.option(
        "--status-quo",
        type=click.Choice(["yes", "no", "none"]),
        default="no",
        show_default=True,
        help="The side that keeps things as they are.",
    ),
    click.option(
        "--ballot-question",
        metavar="TEXT",
        help="The ballot's own question, where the table has several and no column `wording`.",
    ),
)

assumption_options = _combine_options(
    click.option("--turnout", type=float, help="Ballots cast among the electors, such as 0.6."),
    click.option(
        "--turnout-sd",
        type=float,
        default=0.05,
        show_default=True,
        help="How sure the turnout is.",
    ),
    click.option(
        "--blank",
        type=float,
        default=0.01,
        show_default=True,
        help="Share of ballots that count for neither.",
    ),
    click.option(
        "--lean",
        "leans",
        multiple=True,
        metavar="REGION=POINTS",
        help="How far a region leans to yes beyond the whole; once for each region.",
    ),
    click.option(
        "--region-sd",
        type=float,
        default=4.0,
        show_default=True,
        help="How far a region's lean may be off, in points.",
    ),
)


def _campaign(given: dict[str, Any], file: Path, encoding: str) -> stage.Campaign:
    """Take the options of a campaign out of those that were given."""
    named = given.pop("referendum")
    return stage.Campaign(
        name_of_referendum(file, encoding) if named is None else named,
        read_date(given.pop("vote_date"), "--vote-date"),
        cast("stage.Side", given.pop("status_quo")),
        given.pop("ballot_question"),
    )


def _assumptions(given: dict[str, Any]) -> stage.Assumptions:
    leans = dict(map(_lean, given.pop("leans")))
    return stage.Assumptions(leans=leans, **given)


def _lean(text: str) -> tuple[str, float]:
    name, _, points = text.partition("=")
    try:
        return name, float(points)
    except ValueError as error:
        raise InputError(f"--lean {text!r} is no lean", hint="write --lean QLD=-3.5") from error


def _as_of(text: str | None, vote: date) -> date:
    if text is not None:
        return read_date(text, "--as-of")
    return min(datetime.now(UTC).date(), vote - timedelta(days=1))


def _rule(statute: str | None, day: date) -> VoteRule | None:
    if statute is None:
        return None
    return require_known(version_on(statute, day).vote, "how a vote is decided")


@click.command()
@click.option(
    "--polls", "file", required=True, type=click.Path(path_type=Path), help="CSV or Parquet."
)
@campaign_options
@click.option("--as-of", help="Last day whose polls are used; today if not given.")
@click.option("--statute", help="Act whose vote rule decides, such as au/constitution-s128.")
@assumption_options
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for JSON, CSV tables and SVG charts."
)
@encoding_option
@dates_option
@json_option
def forecast(
    file: Path,
    as_of: str | None,
    statute: str | None,
    out: Path | None,
    encoding: str,
    dates: DayOrder | None,
    as_json: bool,
    **given: Any,  # noqa: ANN401
) -> None:
    """Forecast a referendum from a bare file of polls, outside any record.

    Rows that cannot be used are set aside and counted. Without a poll the prior is told, as such.
    """
    campaign = _campaign(given, file, encoding)
    received = PollTable(file, campaign, encoding, dates).read()
    day = _as_of(as_of, campaign.vote_date)
    made = stage.forecast(received.polls, campaign, day, _rule(statute, day), _assumptions(given))
    document = forecast_document(made)
    if out is not None:
        _write(out, document, forecast_tables(made))
    if as_json:
        said = {
            "polls": received.polls.height,
            "samples": received.samples,
            "set_aside": received.set_aside.height,
            "faults": received.faults,
            "forecast": document,
        }
        say(json.dumps(said, indent=2, ensure_ascii=False))
        return
    say("\n".join([*received_lines(received), *forecast_lines(document)]))
    if out is not None:
        say(f"\nfiles and charts in {out}")


def _write(out: Path, told: dict[str, Any], frames: dict[str, pl.DataFrame]) -> None:
    rows = {name: frame.cast(pl.String).to_dicts() for name, frame in frames.items()}
    files = {f"{name}.csv": to_csv(frame) for name, frame in frames.items()}
    files["forecast.json"] = json.dumps(told, indent=2, ensure_ascii=False).encode()
    for name, chart in forecast_section.charts(told, rows).items():
        files[f"{name}.svg"] = str(chart).encode()
    out.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        write_file(out / name, data)


@click.group()
def polls() -> None:
    """What the polls say: receive them, forecast, score past forecasts."""


@polls.command()
@receiving_options
@click.argument("file", type=click.Path(path_type=Path))
@campaign_options
@encoding_option
@accept_option
@dates_option
def receive(
    options: ActOptions,
    file: Path,
    encoding: str,
    accept: tuple[str, ...],
    dates: DayOrder | None,
    **given: Any,  # noqa: ANN401
) -> None:
    """Receive polls from FILE (CSV or Parquet).

    A row that cannot be used is set aside and published with the reason. After a forecast the next
    table may follow; to put one right or withdraw a poll before that, use --corrects.
    """
    table = PollTable(file, _campaign(given, file, encoding), encoding, dates)
    with options.hold() as record:
        act = receive_poll_table(record, table, options.stamp, accept)
    options.tell(act)


@polls.command("forecast")
@act_options
@click.option("--as-of", required=True, help="Last day whose polls are used.")
@assumption_options
def forecast_on_record(options: ActOptions, as_of: str, **given: Any) -> None:  # noqa: ANN401
    """Forecast the vote from the polls on the record, and keep the forecast there."""
    day = read_date(as_of, "--as-of")
    with options.hold() as record:
        act = make_forecast(record, day, _assumptions(given), options.stamp)
    options.tell(act)


@polls.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="File for a chart of calibration.")
@json_option
def backtest(folder: Path, out: Path | None, as_json: bool) -> None:
    """Score forecasts of the referendums in FOLDER as they would have been made at the time.

    FOLDER holds results.csv and a table of polls for each. Constants are chosen without the
    referendum that is forecast; simple averages stand beside.
    """
    with showing_progress():
        votes, digest = read_past_votes(folder)
        found = {"tables": digest, **backtest_document(stage.backtest(votes))}
    if out is not None:
        write_file(out, str(forecast_section.calibration(found)).encode())
    say(json.dumps(found, indent=1) if as_json else "\n".join(score_lines(found)))
