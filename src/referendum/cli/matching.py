"""`referendum match`: lines to electors."""

import click

from referendum.cli.shared import ActOptions, act_options
from referendum.flows.matching import match as match_record


@click.command()
@act_options
def match(options: ActOptions) -> None:
    """Match the standing lines to the list of electors, and find repeats.

    Who matches whom is sealed. Public is for each line number: listed, not listed, unsure, repeat.
    """
    with options.hold() as record:
        act = match_record(record, options.stamp)
    options.tell(act)
