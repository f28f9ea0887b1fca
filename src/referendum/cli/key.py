"""`referendum key`: signing keys, kept outside every record."""

import json
from pathlib import Path

import click

from referendum.cli.screen import say
from referendum.cli.shared import (
    find_signer,
    json_option,
    key_option,
    new_passphrase_option,
    passphrase_of_new_key,
    usual_key_file,
)
from referendum.record.log import write_new_key


@click.group()
def key() -> None:
    """Make and show signing keys."""


@key.command()
@click.option("--origin", required=True, help="Name of the log: a URL without https://.")
@click.option("--out", "path", type=click.Path(path_type=Path), help="Where to write the key.")
@new_passphrase_option
@json_option
def new(origin: str, path: Path | None, passphrase: bool, as_json: bool) -> None:
    """Make a signing key for the log called ORIGIN and print its verifier key.

    The key is as good as the office's seal: whoever has it can write acts. Back it up, never put
    it into the record, and print the verifier key where the public can find it.
    """
    secret = passphrase_of_new_key(asked_for=passphrase)
    target = path or usual_key_file(origin)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    signer = write_new_key(target, origin, secret)
    said = {"file": str(target), "verifier_key": str(signer.verifier), "passphrase": bool(secret)}
    locked = "under its passphrase" if secret else "open, without a passphrase"
    text = (
        f"key written to {target}, {locked}: keep a copy elsewhere, a record cannot go on without"
        " it\n"
        f"verifier key: {signer.verifier}"
    )
    say(json.dumps(said, indent=2) if as_json else text)


@key.command()
@click.option("--origin", required=True, help="Name of the log.")
@key_option
@json_option
def show(origin: str, key_file: Path | None, as_json: bool) -> None:
    """Print the verifier key that belongs to a signing key."""
    verifier = str(find_signer(key_file, origin).verifier)
    say(json.dumps({"verifier_key": verifier}) if as_json else verifier)
