"""`referendum returns receive`, `result`."""

from pathlib import Path

import click

from referendum.cli.shared import ActOptions, act_options, encoding_option
from referendum.count import FORMATS
from referendum.flows.count import Delivery, declare_result, receive_returns


@click.group()
def returns() -> None:
    """Receive returns from polling places."""


@returns.command()
@act_options
@click.argument("places", type=click.Path(path_type=Path))
@click.option("--electors", type=click.Path(path_type=Path), help="Electors by district.")
@click.option(
    "--format",
    "columns",
    type=click.Choice(list(FORMATS)),
    default="referendum",
    show_default=True,
    help="How the columns are named.",
)
@click.option("--scope", default="all votes", show_default=True, help="Which votes these are.")
@click.option("--provisional", is_flag=True, help="More returns or corrections are to come.")
@encoding_option
def receive(
    options: ActOptions,
    places: Path,
    electors: Path | None,
    columns: str,
    scope: str,
    provisional: bool,
    encoding: str,
) -> None:
    """Receive the returns in PLACES (CSV or Parquet), one row per polling place.

    A row whose parts do not add up to its total is set aside and published with the reason.
    """
    delivery = Delivery(places, electors, columns, scope, provisional, encoding)
    with options.hold() as record:
        act = receive_returns(record, delivery, options.stamp)
    options.tell(act)


@click.command()
@act_options
def result(options: ActOptions) -> None:
    """Declare the result under the statute's vote rule."""
    with options.hold() as record:
        act = declare_result(record, options.stamp)
    options.tell(act)
