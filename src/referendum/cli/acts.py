"""`referendum act`: acts that were made ready, and wait for the signatures of officers."""

import json
from pathlib import Path

import click
import msgspec

from referendum.cli.screen import say
from referendum.cli.shared import (
    json_option,
    key_option,
    log_signer,
    officer_signer,
    passphrase_option,
    record_argument,
    signature_text,
    tell_acts,
)
from referendum.core.errors import InputError
from referendum.flows.wording import NO_SIGNATURE, act_lines, wrap_lines
from referendum.record.durable import write_file
from referendum.record.officers import ACT_NAMESPACE, Roster
from referendum.record.prepared_acts import (
    PreparedActs,
    append_opening,
    append_prepared,
    read_prepared,
    sign_prepared,
    take_signature,
)
from referendum.record.reading import Record
from referendum.record.writing import RecordWriter

path_type = click.Path(path_type=Path)
file_argument = click.argument("path", metavar="FILE", type=path_type)
compare_option = click.option(
    "--record", type=path_type, help="The record: see that the acts go on from what it holds."
)


@click.group()
def act() -> None:
    """Sign acts that another command made ready with --prepare, and append them."""


@act.command()
@file_argument
@compare_option
@json_option
def show(path: Path, record: Path | None, as_json: bool) -> None:
    """Show the acts in FILE: what they say, who is to sign, who has signed."""
    prepared = read_prepared(path)
    if record is not None:
        require_going_on(prepared, record)
    if as_json:
        said = {"acts": msgspec.to_builtins(prepared.acts), "lacking": prepared.missing_signers}
        say(json.dumps(said, indent=2))
        return
    say("\n".join(shown(prepared)))


def shown(prepared: PreparedActs) -> list[str]:
    """Tell the acts of a file, and who has signed them."""
    lines = [f"of the record {prepared.key}"]
    for one, group in zip(prepared.acts, prepared.signatories, strict=True):
        words = act_lines(one)
        lines += [line for line in words if NO_SIGNATURE not in line]
        told = (f"{name}: {json.dumps(value)}" for name, value in one.parameters.items())
        lines += wrap_lines([f"with {words}" for words in told], 80)
        lines += [
            f"  {'to be signed' if who.signature is None else 'signed'} by {who.name} ({who.role})"
            for who in group
        ]
    return lines


def require_going_on(prepared: PreparedActs, folder: Path) -> None:
    """See that acts go on from what a record holds.

    Raises:
        InputError: they do not.
    """
    record = Record.open(folder)
    found = (record.info.key, len(record.acts), record.history)
    if (prepared.key, prepared.acts[0].number, prepared.before) != found:
        raise InputError(
            "these acts do not go on from this record as it is now",
            where=str(folder),
            hint="somebody may show you another history: ask before you sign",
        )


@act.command(name="bytes")
@file_argument
@json_option
def write_bytes(path: Path, as_json: bool) -> None:
    """Write what is signed of each act in FILE to a file of its own, for ssh-keygen."""
    words, acts = how_to_sign(path), read_prepared(path).acts
    files = [str(bytes_file(path, one.number)) for one in acts]
    say(json.dumps({"files": files, "namespace": ACT_NAMESPACE}) if as_json else words)


def bytes_file(path: Path, number: int) -> Path:
    """Where what is signed of an act lies, beside the file of acts."""
    return path.with_suffix(f".{number}.bytes")


def how_to_sign(path: Path) -> str:
    """Write the bytes that are signed beside a file of acts, and say how they are signed."""
    prepared = read_prepared(path)
    lines = [
        f"Pass {path.name} to: {', '.join(prepared.missing_signers) or 'nobody, all have signed'}.",
        f"Each signs with:  referendum act sign {path.name} --sign KEYFILE",
        "or, with a token or an agent, with:",
    ]
    for one, signed in zip(prepared.acts, prepared.messages(), strict=True):
        name = bytes_file(path, one.number)
        write_file(name, signed)
        lines += [
            f"  ssh-keygen -Y sign -n {ACT_NAMESPACE} -f KEYFILE {name.name}",
            f"  referendum act sign {path.name} --signature {name.name}.sig",
        ]
    return "\n".join([*lines, f"Then:  referendum act append RECORD {path.name}"])


@act.command()
@file_argument
@click.option("--sign", "sign_with", type=path_type, help="File of the officer's key.")
@passphrase_option
@click.option("--signature", type=path_type, help="File that ssh-keygen -Y sign wrote.")
@compare_option
@json_option
def sign(
    path: Path,
    sign_with: Path | None,
    passphrases: tuple[str, ...],
    signature: Path | None,
    record: Path | None,
    as_json: bool,
) -> None:
    """Sign the acts in FILE with an officer's key, or take in a signature of ssh-keygen.

    What is signed is shown first. It holds all acts before: with --record they are compared.
    """
    prepared = read_prepared(path)
    if record is not None:
        require_going_on(prepared, record)
    if (sign_with is None) == (signature is None):
        raise click.UsageError("Give --sign KEYFILE, or --signature FILE.")
    if not as_json:
        say("\n".join(shown(prepared)))
    if sign_with is not None:
        source = "".join(passphrases[:1])
        done = sign_prepared(path, officer_signer(sign_with, source))
    else:
        done = take_signature(path, signature_text(signature) if signature else "")
    lack = ", ".join(done.missing_signers)
    words = (
        f"still to sign: {lack}"
        if lack
        else f"all have signed: referendum act append RECORD {path}"
    )
    say(json.dumps({"file": str(path), "lacking": done.missing_signers}) if as_json else words)


@act.command()
@record_argument
@file_argument
@key_option
@json_option
def append(folder: Path, path: Path, key_file: Path | None, as_json: bool) -> None:
    """Append the acts in FILE to RECORD, once all have signed; an opening makes RECORD."""
    prepared = read_prepared(path)
    if prepared.acts[0].number == 0:
        opened = append_opening(folder, path, log_signer(key_file))
        acts, roster = [opened], Roster.of(opened)
    else:
        with RecordWriter.hold(folder, log_signer(key_file)) as record:
            acts, roster = append_prepared(record, path), record.roster
    tell_acts(tuple(acts), roster, as_json=as_json)
