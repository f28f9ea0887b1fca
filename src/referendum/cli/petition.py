"""`referendum petition`: issued, received, passed through the gates."""

from datetime import datetime
from pathlib import Path

import click

from referendum.cli.shared import (
    ActOptions,
    accept_option,
    act_options,
    dates_option,
    encoding_option,
    receiving_options,
)
from referendum.core.calendar_days import Order
from referendum.flows.petition.petition import Issue, issue_petition, pass_gates, receive_petition

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
@click.argument("lines", type=click.Path(path_type=Path))
@click.option(
    "--sheets", type=click.Path(path_type=Path), help="Table of sheets, for the sheet gates."
)
@click.option("--claimed", type=int, help="Number of signatures that the proponent claims.")
@encoding_option
@dates_option
@accept_option
def receive(
    options: ActOptions,
    lines: Path,
    sheets: Path | None,
    claimed: int | None,
    encoding: str,
    dates: Order | None,
    accept: tuple[str, ...],
) -> None:
    """Receive the keyed LINES (CSV or Parquet) and pass them through the statute's gates."""
    with options.hold() as record:
        record.signers_for("petition.receive", "petition.gates")
        received = receive_petition(
            record, lines, sheets, claimed, encoding, options.stamp, dates=dates, accept=accept
        )
        gated = pass_gates(record, options.stamp.again())
    options.tell(received, gated)
