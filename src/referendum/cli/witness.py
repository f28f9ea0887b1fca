"""`referendum witness`: be a witness of logs, and ask witnesses to cosign a record."""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from referendum.cli.screen import say
from referendum.cli.shared import (
    json_option,
    key_folder,
    new_passphrase_option,
    passphrase_of_new_key,
    record_argument,
    showing_progress,
)
from referendum.core.errors import InputError, KeyFault, ReferendumError
from referendum.core.printing import quantity
from referendum.record.log import Log, VerifierKey
from referendum.record.reading import read_info
from referendum.record.witness import (
    Answer,
    Cosigner,
    Policy,
    Witness,
    WitnessAddress,
    WitnessServer,
    WitnessState,
    ask_witnesses,
    find_cosignatures,
    load_cosigner,
    logs_by_origin,
    put_cosignatures,
    read_policy,
    read_witness_address,
    require_url,
    write_new_cosigner,
)
from referendum.tables.given_files import read_given_file


@click.group()
def witness() -> None:
    """Be a witness of logs, or ask witnesses to cosign a record.

    A witness cosigns a log's checkpoint only if it contains everything that it cosigned before. So
    readers who rely on enough witnesses are all shown one history.
    """


@witness.command()
@click.option("--name", required=True, help="The witness's name: a URL without https://.")
@click.option("--out", "path", type=click.Path(path_type=Path), help="Where to write the key.")
@new_passphrase_option
@json_option
def key(name: str, path: Path | None, passphrase: bool, as_json: bool) -> None:
    """Make a key for the witness called NAME and print its verifier key.

    Publish the verifier key where readers will look for it: they name it in their policies. One key
    is for one witness with one state; never use a copy of it elsewhere.
    """
    secret = passphrase_of_new_key(asked_for=passphrase)
    target = path or key_folder() / f"witness_{name.replace('/', '_')}.pem"
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    cosigner = write_new_cosigner(target, name, secret)
    said = {"file": str(target), "verifier_key": str(cosigner.verifier)}
    locked = "under its passphrase" if secret else "open, without a passphrase"
    text = f"key written to {target}, {locked}\nverifier key: {cosigner.verifier}"
    say(json.dumps(said, indent=2) if as_json else text)


@witness.command()
@click.option(
    "--key", "key_file", type=click.Path(path_type=Path), required=True, help="Its key file."
)
@click.option(
    "--state",
    "folder",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder of what it has cosigned; made the first time. Never put an old copy back.",
)
@click.option(
    "--log",
    "logs",
    multiple=True,
    required=True,
    metavar="VERIFIER-KEY",
    help="Verifier key of a log that it witnesses; repeatable.",
)
@click.option(
    "--listen",
    default="127.0.0.1:8380",
    show_default=True,
    metavar="HOST:PORT",
    help="Where it answers; port 0 takes a free one.",
)
@json_option
def serve(key_file: Path, folder: Path, logs: tuple[str, ...], listen: str, as_json: bool) -> None:
    """Run a witness until stopped: it answers C2SP tlog-witness over HTTP.

    It keeps the last checkpoint of each log on the disk before it answers, and never cosigns two
    histories, also when it is killed or asked by several at once. A checkpoint that a log signed
    and that cannot be cosigned is kept in the folder `refused` of the state, as evidence. With
    --json, each event is an object on a line of its own.
    """
    cosigner = find_cosigner(key_file)
    trusted = logs_by_origin(VerifierKey.parse(text) for text in logs)
    address = _read_address(listen)
    tell = _teller(as_json)
    with WitnessState.open(folder, cosigner.verifier, _bond(key_file)) as state:

        def on_evidence(origin: str, path: Path | None) -> None:
            kept = f"kept in {path}" if path else "it could not be kept"
            words = f"{origin} signed a checkpoint that does not contain what was cosigned: {kept}"
            tell("refused", words, origin=origin, file=str(path) if path else None)

        def on_fault(error: ReferendumError) -> None:
            tell("fault", f"error: {error}")

        one = Witness(cosigner, trusted, state, on_evidence)
        with WitnessServer(address, one, on_fault=on_fault) as server:
            words = (
                f"witness {cosigner.name} of {quantity(len(trusted), 'log')}\n"
                f"verifier key: {cosigner.verifier}\n"
                f"answers at {server.url}  (stop with Ctrl-C)"
            )
            more = {"verifier_key": str(cosigner.verifier), "logs": sorted(trusted)}
            tell("listening", words, url=server.url, **more)
            _serve_until_stopped(server)
        tell("stopped", "stopped")


@witness.command()
@record_argument
@click.option(
    "--witness",
    "named",
    multiple=True,
    metavar="URL=VERIFIER-KEY",
    help="A witness to ask: its address and its verifier key; repeatable.",
)
@click.option(
    "--policy",
    "policy_file",
    type=click.Path(path_type=Path),
    help="Trust policy (C2SP tlog-policy): ask its witnesses; its quorum decides.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(1, 3_600),
    default=30,
    show_default=True,
    help="How long to wait for the witnesses.",
)
@json_option
def ask(
    folder: Path, named: tuple[str, ...], policy_file: Path | None, seconds: float, as_json: bool
) -> None:
    """Ask witnesses to cosign the present checkpoint of RECORD, and keep what they sign in it.

    Publish the record again afterwards: the published checkpoint carries the cosignatures. Exit
    code 0 only if the policy's quorum is met or, without a policy, every witness cosigned.
    """
    info = read_info(folder)
    verifier = VerifierKey.parse(info.key)
    policy = read_policy(read_given_file(policy_file), str(policy_file)) if policy_file else None
    witnesses = _witnesses_to_ask(named, policy)
    log = Log.open(folder / "log", verifier)
    with showing_progress():
        answers = ask_witnesses(log, witnesses, seconds)
    note = put_cosignatures(log, verifier, answers)
    enough = all(answer.line for answer in answers)
    if policy:
        keys = [one.key for one in policy.witnesses.values()]
        enough = policy.is_met(find_cosignatures(note, keys))
    _tell_answers(answers, log, policy, enough=enough, as_json=as_json)
    if not enough:
        sys.exit(1)


def find_cosigner(path: Path) -> Cosigner:
    """Load a witness's key, asking for its passphrase if it has one and someone is there."""
    passphrase = os.environ.get("REFERENDUM_PASSPHRASE")
    try:
        return load_cosigner(path, passphrase)
    except KeyFault as fault:
        if passphrase is None and "passphrase" in fault.message and sys.stdin.isatty():
            return load_cosigner(path, click.prompt("Passphrase of the key", hide_input=True))
        raise


def _bond(key_file: Path) -> Path:
    """Name the file beside a key that says with which state the key has cosigned."""
    return key_file.with_name(f"{key_file.name}.state")


def _read_address(listen: str) -> tuple[str, int]:
    host, mark, port = listen.rpartition(":")
    if not mark or not (port.isascii() and port.isdigit()) or int(port) > 65_535:
        raise InputError(f"{listen!r} is no address to listen at", hint="--listen HOST:PORT")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _teller(as_json: bool) -> Callable[..., None]:
    def tell(event: str, words: str, **more: Any) -> None:  # noqa: ANN401
        at = datetime.now(UTC).isoformat(timespec="seconds")
        say(json.dumps({"event": event, "at": at, "words": words, **more}) if as_json else words)

    return tell


def _serve_until_stopped(server: WitnessServer) -> None:
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return


def _witnesses_to_ask(named: tuple[str, ...], policy: Policy | None) -> list[WitnessAddress]:
    """Give the witnesses that are named, and those of the policy that have an address."""
    witnesses = [read_witness_address(text) for text in named]
    if policy:
        of_policy = [one for one in policy.witnesses.values() if one.url]
        witnesses += [WitnessAddress(require_url(one.url), one.key) for one in of_policy]
    if not witnesses:
        hint = "--witness URL=VERIFIER-KEY, or a policy whose witnesses have addresses"
        raise InputError("there is no witness to ask", hint=hint)
    return list(dict.fromkeys(witnesses))


def _tell_answers(
    answers: list[Answer], log: Log, policy: Policy | None, *, enough: bool, as_json: bool
) -> None:
    cosigned = [answer for answer in answers if answer.line]
    if as_json:
        said = {
            "size": log.size,
            "cosigned": len(cosigned),
            "quorum_met": enough if policy else None,
            "witnesses": [_as_json(answer) for answer in answers],
        }
        say(json.dumps(said, indent=2))
        return
    for answer in answers:
        name = answer.witness.key.name
        if answer.line:
            say(f"{name} cosigned at {_time(answer.time)}")
        else:
            say(f"{name} did not cosign: {answer.failure} [{answer.witness.url}]")
    say(f"{len(cosigned)} of {len(answers)} cosigned the checkpoint of {log.size:,} acts")
    if policy:
        for one in policy.witnesses.values():
            if not one.url and all(one.key != answer.witness.key for answer in answers):
                say(f"{one.key.name} was not asked: the policy has no address of it")
        say(f"the policy's quorum is {'met' if enough else 'not met'}")
    if any(answer.conflict for answer in answers):
        say("a witness has seen what this record does not contain: compare before you publish")


def _as_json(answer: Answer) -> dict[str, Any]:
    return {
        "name": answer.witness.key.name,
        "url": answer.witness.url,
        "cosigned_at": _time(answer.time) if answer.line else None,
        "failure": answer.failure or None,
        "conflict": answer.conflict,
    }


def _time(seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S+00:00}"
    except (OverflowError, ValueError, OSError):
        return f"{seconds} s"
