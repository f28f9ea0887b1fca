"""`referendum roll`: the list of electors."""

from pathlib import Path

import click

from referendum.cli.shared import ActOptions, act_options, encoding_option
from referendum.flows.roll import seal_roll


@click.group()
def roll() -> None:
    """Keep the list of electors."""


@roll.command()
@act_options
@click.argument("electors", type=click.Path(path_type=Path))
@encoding_option
def seal(options: ActOptions, electors: Path, encoding: str) -> None:
    """Seal the list of electors in ELECTORS (CSV or Parquet) into the record.

    Rows are normalised; a faulty cell is left empty and counted; a row without a number or a name,
    or with a number seen before, is set aside. Only counts and the digest become public.
    """
    with options.hold() as record:
        act = seal_roll(record, electors, encoding, options.stamp)
    options.tell(act)
