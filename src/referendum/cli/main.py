"""The top command: finds a command's module when it is asked for, and prints errors for people."""

import errno
import importlib
import io
import sys
import textwrap
from dataclasses import dataclass

import click

import referendum
from referendum.cli.screen import say
from referendum.core.errors import InputError, ReferendumError
from referendum.core.progress import listen_to_notices


@dataclass(frozen=True)
class Entry:
    """Where a command lives, and its line in the help."""

    module: str
    help: str


COMMANDS: dict[str, Entry] = {
    "new": Entry("record", "Open a new record for a petition or a vote."),
    "roll": Entry("roll", "The list of electors: seal it, search it."),
    "petition": Entry("petition", "The petition: issue it, receive its lines."),
    "match": Entry("matching", "Match lines to electors and find repeats."),
    "draw": Entry("sufficiency", "Draw a sample of lines by a public seed."),
    "checks": Entry("sufficiency", "The checkers' findings: receive them."),
    "decide": Entry("sufficiency", "Decide whether the petition is sufficient."),
    "sufficiency": Entry("sufficiency", "The risk-limiting check beside the statute's sample."),
    "returns": Entry("count", "Returns: receive, read from other systems, export."),
    "result": Entry("count", "Declare the result under the vote rule."),
    "polls": Entry("polls", "Polls: receive them, forecast, score past forecasts."),
    "forecast": Entry("polls", "Forecast a referendum from a bare file of polls."),
    "audit": Entry("audit", "Audit a result: cost, plan, draw, findings, risk."),
    "seed": Entry("seeds", "A seed that nobody chooses: call, secrets, dice, close."),
    "office": Entry("offices", "Officers: appoint them, dismiss them, list them, make a key."),
    "act": Entry("acts", "Acts made ready for signatures: show, sign, append."),
    "faults": Entry("faults", "Rows and cells of a received table that could not be used."),
    "status": Entry("status", "What stands, what comes next, who does it, what is due."),
    "log": Entry("record", "List the acts of a record, or show one."),
    "verify": Entry("verify", "Check a published record from its files alone."),
    "witness": Entry("witness", "Witnesses: be one, ask them to cosign a record."),
    "replay": Entry("record", "Run every derived act again (needs the sealed bundles)."),
    "privacy": Entry("privacy", "What a record tells of few people: find it, accept it."),
    "publish": Entry("publish", "Write the public site of one or more records."),
    "serve": Entry("publish", "Show a published site on this machine."),
    "law": Entry("law", "Statutes as data: list them, show one."),
    "cases": Entry("cases", "Real cases worked out by their rules, beside the published."),
    "key": Entry("key", "Signing keys: make one, show one."),
    "simulate": Entry("simulate", "Make up electors and lines with known truth."),
    "demo": Entry("demo", "Build, verify and publish two example referendums."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported only when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Give the names in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the module of a command."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module = importlib.import_module(f"referendum.cli.{entry.module}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])


def _missing_package(error: ModuleNotFoundError) -> ReferendumError:
    hint = "install what the stages need: pip install 'referendum[all]'"
    return InputError(f"this command needs the package {error.name}", hint=hint)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(referendum.__version__, prog_name="referendum")
def cli() -> None:
    """Run a citizen-initiated referendum on a record that anyone can verify.

    A record is a folder of acts and bundles. The order of the work for a petition is: new, petition
    issue, roll seal, petition receive, match, draw, checks receive, decide; for a vote: new,
    returns receive, result, audit. Then: verify, publish. What comes next on a record, by which
    command and by whom: status.
    """


_WHOLE = "what is on the record is whole; then give the command again"

HINTS_BY_ERROR = {
    errno.ENOSPC: f"make room on the disk: {_WHOLE}",
    errno.EDQUOT: f"make room, or ask for more: {_WHOLE}",
    errno.EROFS: f"see that the folder can be written: {_WHOLE}",
    errno.EACCES: f"see that you may read and write there: {_WHOLE}",
}
"""How to mend what the system refuses, by its number."""


def main() -> None:
    """Run the command line; an error that a person can mend ends it with two lines and a code."""
    try:
        with listen_to_notices(say_note):
            cli(standalone_mode=False)
    except ReferendumError as error:
        say_error(error)
        sys.exit(error.exit_code)
    except OSError as error:
        words, where = error.strerror or str(error), str(error.filename or "")
        say_error(InputError(words, where=where, hint=HINTS_BY_ERROR.get(error.errno or 0, "")))
        sys.exit(1)
    except ModuleNotFoundError as error:
        say_error(_missing_package(error))
        sys.exit(1)
    except MemoryError:
        hint = "on a machine with more; lines are matched part by part with: --engine parts"
        say_error(InputError("this needs more memory than there is", hint=hint))
        sys.exit(1)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.ClickException as error:
        say_usage(error)
        sys.exit(error.exit_code)
    except click.Abort:
        say("stopped; nothing was recorded", err=True)
        sys.exit(130)


def say_error(error: ReferendumError) -> None:
    """Print `error:` and `hint:` lines."""
    say(f"error: {error}", err=True)
    if error.hint:
        say(f"hint: {error.hint}", err=True)


def say_usage(error: click.ClickException) -> None:
    """Print what click says of arguments, which it repeats as they were given."""
    told = io.StringIO()
    error.show(told)
    say(told.getvalue().rstrip("\n"), err=True)


def say_note(sentence: str) -> None:
    """Print a note on a file that was read, beside what the command itself prints."""
    say(textwrap.fill(f"note: {sentence}", width=80, subsequent_indent="  "), err=True)
