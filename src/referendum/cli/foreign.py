"""Records that somebody else may have made: whatever in them cannot be worked out is said so."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click

from referendum.core.errors import RecordError, ReferendumError

P = ParamSpec("P")
R = TypeVar("R")

_OTHERS = (
    ReferendumError,
    OSError,
    MemoryError,
    ImportError,
    click.ClickException,
    click.exceptions.Exit,
    click.Abort,
)
"""What is told in words of its own, or is no fault of a record."""


def reading_foreign_records(command: Callable[P, R]) -> Callable[P, R]:
    """Make of whatever a malformed record makes go wrong an error that says so.

    Here, and nowhere else, a command that only reads a record catches everything: such a record
    need not be one that this program wrote, and `verify` says what is wrong with it.
    """

    @functools.wraps(command)
    def guarded(*of: P.args, **named: P.kwargs) -> R:
        try:
            return command(*of, **named)
        except _OTHERS:
            raise
        except Exception as error:
            told = f"{type(error).__name__}: {str(error)[:80]}"
            raise RecordError(
                f"the record holds what cannot be worked out ({told})",
                hint="see what is wrong with it: referendum verify RECORD",
            ) from error

    return guarded
