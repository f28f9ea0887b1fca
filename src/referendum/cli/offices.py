"""`referendum office`: who the officers of a record are."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from referendum.cli.screen import say
from referendum.cli.shared import ActOptions, act_options, json_option, record_argument
from referendum.core.errors import InputError
from referendum.flows.offices import appoint as appoint_officer
from referendum.flows.offices import dismiss as dismiss_officer
from referendum.record.officers import load_officer_key, write_new_officer_key
from referendum.record.reading import Record

path_type = click.Path(path_type=Path)
ends_option = click.option(
    "--ends-record",
    is_flag=True,
    help="Do it though those who remain can sign no appointment: the record ends.",
)


@click.group()
def office() -> None:
    """Appoint and dismiss the officers whose signatures acts need."""


@office.command()
@act_options
@click.option("--name", required=True, help="The officer's name, always in the same spelling.")
@click.option("--role", required=True, help="Such as chief, deputy, intake, checker, auditor.")
@click.option("--officer-key", "key", type=path_type, required=True, help="File of the public key.")
@click.option("--until", help="Last day, or a time: from then on the officer cannot sign.")
@ends_option
def appoint(
    options: ActOptions, name: str, role: str, key: Path, until: str | None, ends_record: bool
) -> None:
    """Appoint an officer, or give one another key, role or term."""
    public = load_officer_key(key)
    with options.hold() as record:
        act = appoint_officer(
            record, name, role, public, _end(until), options.stamp, ends_record=ends_record
        )
    options.tell(act)


def _end(until: str | None) -> str | None:
    """Give the time at which a term ends: after the last day, if a day is given."""
    if until is None or len(until) > len("2026-05-02"):
        return until
    try:
        return (datetime.fromisoformat(until).replace(tzinfo=UTC) + timedelta(days=1)).isoformat()
    except ValueError as error:
        raise InputError(f"--until {until!r} is no day", hint="write it as 2026-05-02") from error


@office.command()
@act_options
@click.option("--name", required=True, help="The officer's name.")
@click.option("--cause", required=True, help="Why; the public reads it.")
@ends_option
def dismiss(options: ActOptions, name: str, cause: str, ends_record: bool) -> None:
    """Dismiss an officer: from then on the officer cannot sign; what was signed stays signed."""
    with options.hold() as record:
        act = dismiss_officer(record, name, cause, options.stamp, ends_record=ends_record)
    options.tell(act)


@office.command(name="list")
@record_argument
@json_option
def list_officers(folder: Path, as_json: bool) -> None:
    """List the officers of RECORD, and who signs which acts."""
    roster = Record.open(folder).roster
    serving = [
        {"name": one.name, "role": one.role, "key": one.key.id, "act": one.act, "until": one.until}
        for one in roster.serving()
    ]
    if as_json:
        say(json.dumps({"officers": serving, "rule": roster.rule}, indent=2))
        return
    if not serving:
        say("This record has no officers: whoever holds its key can write every act.")
    for one in serving:
        until = f", until {one['until']}" if one["until"] else ""
        say(f"{one['name']}, {one['role']}{until}: {one['key']} (act {one['act']})")
    for kind, slots in roster.rule.items():
        words = ", and ".join(" or ".join(roles) for roles in slots) or "nobody"
        say(f"  {'every other kind' if kind == '*' else kind}: {words}")


@office.command(name="key")
@click.argument("path", metavar="FILE", type=path_type)
@click.option("--comment", default="", help="Whose key it is; stands in the public line.")
@click.option("--passphrase-env", metavar="NAME", help="Variable that holds the passphrase.")
@json_option
def make_key(path: Path, comment: str, passphrase_env: str | None, as_json: bool) -> None:
    """Make an officer's key in FILE, and its public line in FILE.pub, as ssh-keygen does.

    Make it on the officer's own machine: the office needs FILE.pub alone.
    """
    secret = os.environ.get(passphrase_env, "") if passphrase_env else ""
    if not passphrase_env:
        secret = click.prompt("Passphrase", hide_input=True, confirmation_prompt=True)
    signer = write_new_officer_key(path, secret, comment)
    said = {"file": str(path), "public": f"{path}.pub", "key": signer.key.id}
    text = f"key written to {path}; give the office {path}.pub\nfingerprint: {signer.key.id}"
    say(json.dumps(said, indent=2) if as_json else text)
