"""`referendum verify`: a second pair of eyes."""

import json
import sys
from pathlib import Path

import click

from referendum.cli.screen import say
from referendum.cli.shared import json_option
from referendum.core.errors import InputError
from referendum.record.durable import write_file
from referendum.tables.given_files import read_given_file
from referendum.verify import render
from referendum.verify import verify as verify_source


@click.command()
@click.argument("source", metavar="RECORD_OR_FOLDER_OR_URL")
@click.option("--key", help="The log's verifier key, from somewhere you trust.")
@click.option(
    "--known",
    type=click.Path(path_type=Path),
    help="Checkpoint that you keep: the log must contain it; then it is brought up to date.",
)
@click.option(
    "--policy",
    type=click.Path(path_type=Path),
    help="Your trust policy (C2SP tlog-policy): enough of its witnesses must have signed.",
)
@json_option
def verify(
    source: str, key: str | None, known: Path | None, policy: Path | None, as_json: bool
) -> None:
    """Check a record, or a site of several, from the published files alone.

    Signatures, tree, digests, the graph of acts, and every published decision are worked out again.
    Without --key the record's own key is taken: then only the record's agreement with itself is
    shown. Without --known a log that was cut back to an earlier state cannot be told from one that
    had not grown yet. Without --policy, that other people are shown another history would not be
    seen. Exit code 0 only if everything holds, 1 if something fails, 2 if there was
    nothing to check.
    """
    kept = read_given_file(known) if known and known.exists() else None
    rules = read_given_file(policy) if policy else None
    report = verify_source(source, key=key, known=kept, policy=rules)
    say(json.dumps(report.as_json(), indent=2) if as_json else render(report))
    if not report.holds:
        sys.exit(2 if report.nothing else 1)
    if known and report.checkpoint:
        _keep(known, report.checkpoint)


def _keep(path: Path, checkpoint: bytes) -> None:
    try:
        write_file(path, checkpoint)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(path)) from error
