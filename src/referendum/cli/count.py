"""`referendum returns receive`, `result`."""

from pathlib import Path
from typing import Any

import click

from referendum.cli.shared import ActOptions, act_options, encoding_option
from referendum.count import FORMATS
from referendum.flows.count import Delivery, declare_result, receive_returns

FILE = click.Path(path_type=Path)


@click.group()
def returns() -> None:
    """Receive returns from polling places."""


@returns.command()
@act_options
@click.argument("places", metavar="FORMS", type=FILE)
@click.option("--second", type=FILE, help="The same forms, entered again by other people.")
@click.option("--electors", type=FILE, help="Electors by district.")
@click.option("--expected", type=FILE, help="The places whose returns are expected.")
@click.option("--previous", type=FILE, help="An earlier vote by place, to compare with.")
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
@click.option("--common-ballot", is_flag=True, help="All questions stand on one ballot.")
@click.option("--update", is_flag=True, help="Add these forms to those received, or replace them.")
@encoding_option
def receive(
    options: ActOptions,
    places: Path,
    electors: Path | None,
    columns: str,
    scope: str,
    encoding: str,
    expected: Path | None,
    **rest: Any,  # noqa: ANN401
) -> None:
    """Receive the returns in FORMS (CSV or Parquet): one row for each place, kind and question.

    A form that breaks a rule is set aside and published with the reason; what must be explained is
    published with what the officer says of it.
    """
    delivery = Delivery(
        places, electors, columns, scope, encoding=encoding, places=expected, **rest
    )
    with options.hold() as record:
        act = receive_returns(record, delivery, options.stamp)
    options.tell(act)


@click.command()
@act_options
def result(options: ActOptions) -> None:
    """Declare the result of every question under the statute's vote rule."""
    with options.hold() as record:
        act = declare_result(record, options.stamp)
    options.tell(act)
