"""The one way by which commands write on a screen."""

import click

from referendum.core.printing import printable_text


def say(text: str, *, err: bool = False) -> None:
    """Write a text; what would steer the screen is written out (`referendum.core.printing`)."""
    click.echo(printable_text(text), err=err)  # noqa: TID251
