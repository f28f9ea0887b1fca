"""`referendum petition`: issued, received, passed through the gates."""

from datetime import datetime
from pathlib import Path

import click

from referendum.cli.screen import say
from referendum.cli.shared import (
    ActOptions,
    accept_option,
    act_options,
    dates_option,
    encoding_option,
    left_out_option,
    receiving_options,
)
from referendum.core.written_days import DayOrder
from referendum.flows.petition.gates import pass_gates
from referendum.flows.petition.issue import Issue, issue_petition
from referendum.flows.petition.receiving import receive_petition
from referendum.flows.petition.totals import standing_deliveries

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def petition() -> None:
    """Issue a petition and receive its lines."""


@petition.command()
@act_options
@click.option("--proposal", required=True, help="Kind of proposal, as the statute names it.")
@click.option("--base-value", type=int, help="Number the threshold is a share of.")
@click.option("--first-day", type=_DAY, required=True, help="First day of signing.")
@click.option("--last-day", type=_DAY, help="Last day of signing, where the law sets no window.")
@click.option(
    "--districts",
    type=click.Path(path_type=Path),
    help="Table of district,base, where each district must give a share of its own base.",
)
@click.option(
    "--districts-in-all",
    type=click.IntRange(1),
    help="How many districts there are, where the statute does not say.",
)
@click.option("--issued-on", type=_DAY, help="Day of issue; the first day if not given.")
def issue(
    options: ActOptions,
    proposal: str,
    base_value: int | None,
    first_day: datetime,
    last_day: datetime | None,
    districts: Path | None,
    districts_in_all: int | None,
    issued_on: datetime | None,
) -> None:
    """Issue the petition: work out what is required of it and until when."""
    issued = Issue(
        proposal=proposal,
        issued_on=(issued_on or first_day).date(),
        first_day=first_day.date(),
        last_day=last_day and last_day.date(),
        base_value=base_value,
        districts=districts,
        districts_in_all=districts_in_all,
    )
    with options.hold() as record:
        act = issue_petition(record, issued, options.stamp)
    options.tell(act)


@petition.command()
@receiving_options
@click.argument("lines", metavar="[LINES]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--sheets", type=click.Path(path_type=Path), help="Table of sheets, for the sheet gates."
)
@click.option("--claimed", type=int, help="Number of signatures that the proponent claims.")
@encoding_option
@dates_option
@accept_option
@click.option(
    "--number-alone",
    metavar="REASON",
    help="Number fewer than 200 lines all the same, and say why; without LINES, those that wait.",
)
@left_out_option
def receive(  # noqa: PLR0913 - as many as it has options
    options: ActOptions,
    *,
    lines: Path | None,
    sheets: Path | None,
    claimed: int | None,
    encoding: str,
    dates: DayOrder | None,
    accept: tuple[str, ...],
    number_alone: str | None,
    left_out: str | None,
) -> None:
    """Receive a delivery of keyed LINES (CSV or Parquet) and pass all through the statute's gates.

    Each further delivery adds its lines. Fewer than 200, with those that wait already, wait to be
    numbered with the next delivery, so that no public number leads to a signer.
    """
    with options.hold() as record:
        record.signers_for("petition.receive", "petition.gates")
        received = receive_petition(
            record, lines, sheets, claimed, encoding, options.stamp,
            dates=dates, accept=accept, number_alone=number_alone, left_out=left_out,
        )  # fmt: skip
        acts = [received]
        if received.facts["first"] is not None:
            acts.append(pass_gates(record, options.stamp.for_next_act()))
        all_of_them = standing_deliveries(record)
    if all_of_them is None:  # pragma: no cover - one was received
        return
    options.tell(*acts, deliveries=all_of_them.as_document())
    if not options.as_json and options.records:
        say(all_of_them.words)


@petition.command("gates")
@act_options
def gate_all(options: ActOptions) -> None:
    """Pass the lines of all deliveries through the statute's gates, where that was not done yet."""
    with options.hold() as record:
        act = pass_gates(record, options.stamp)
    options.tell(act)
