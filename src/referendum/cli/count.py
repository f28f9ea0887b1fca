"""`referendum returns receive`, `result`."""

import json
from pathlib import Path

import click

from referendum.cli.shared import ActOptions, act_options, encoding_option, json_option
from referendum.count import ENTRY_RULES, FORMATS
from referendum.flows.count import Delivery, check_returns, declare_result, receive_returns


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


@returns.command("check")
@click.argument("places", type=click.Path(path_type=Path))
@click.option("--electors", type=click.Path(path_type=Path), help="Electors by district.")
@click.option("--second", type=click.Path(path_type=Path), help="The second person's entry.")
@click.option(
    "--format",
    "columns",
    type=click.Choice(list(FORMATS)),
    default="referendum",
    show_default=True,
    help="How the columns are named.",
)
@encoding_option
@json_option
def check_entries(
    places: Path,
    electors: Path | None,
    second: Path | None,
    columns: str,
    encoding: str,
    as_json: bool,
) -> None:
    """Look at the returns in PLACES before they are received; nothing is recorded.

    Errors must be mended on the form and entered again; warnings must be explained. Exit code 1 if
    there is an error.
    """
    delivery = Delivery(places, electors, columns, "", provisional=True, encoding=encoding)
    found = check_returns(delivery, second).to_dicts()
    errors = [one for one in found if ENTRY_RULES[one["code"]].level == "error"]
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        for one in found:
            where = ", ".join(one[name] for name in ("place", "district", "region") if one[name])
            level = ENTRY_RULES[one["code"]].level
            click.echo(f"{level}: {where}: {ENTRY_RULES[one['code']].meaning} ({one['figures']})")
        click.echo(f"{len(errors)} errors, {len(found) - len(errors)} warnings")
    if errors:
        raise click.exceptions.Exit(1)


@click.command()
@act_options
def result(options: ActOptions) -> None:
    """Declare the result under the statute's vote rule."""
    with options.hold() as record:
        act = declare_result(record, options.stamp)
    options.tell(act)
