"""`referendum seed`: a seed that nobody chooses, from the call to the closing."""

import json
import secrets
from pathlib import Path

import click

from referendum.cli.screen import say
from referendum.cli.shared import (
    ActOptions,
    act_options,
    json_option,
    officer_signer,
    signature_text,
)
from referendum.core.canonical import read_canonical_json
from referendum.core.days import read_time, utc_text
from referendum.core.errors import InputError, KeyFault
from referendum.core.seeds import (
    SECRET_BYTES,
    DiceCall,
    SeedCall,
    commitment_message,
    make_commitment,
)
from referendum.record.durable import write_file, write_new_file
from referendum.record.officers import (
    COMMITMENT_NAMESPACE,
    OfficerKey,
    OfficerSigner,
    load_officer_key,
    sign_message,
)
from referendum.tables.given_files import read_given_file

DRAWS = ("draw", "risk.draw", "audit.draw")

draw_option = click.option(
    "--for", "draw", type=click.Choice(DRAWS), help="Which draw; the only open call if not given."
)
party_option = click.option("--party", required=True, help="The party, as the call names it.")


@click.group()
def seed() -> None:
    """Make a seed that nobody chooses, from secrets of parties and from dice.

    In this order: call; each party makes its secret and commits to it; each reveals it; dice are
    rolled in public; close. Then the draw takes the seed: draw, sufficiency draw, audit draw.
    """


@seed.command()
@act_options
@click.option("--for", "draw", type=click.Choice(DRAWS), required=True, help="What will be drawn.")
@click.option(
    "--party",
    "parties",
    multiple=True,
    metavar="NAME",
    help="Who commits to a secret; repeatable; their secrets are taken in this order.",
)
@click.option(
    "--party-key",
    "keys",
    multiple=True,
    nargs=2,
    metavar="NAME FILE",
    help="Public key of a party that signs its commitment; repeatable.",
)
@click.option("--until", required=True, help="When the reveals end: a time (ISO 8601).")
@click.option(
    "--dice",
    "rolls",
    type=int,
    metavar="N",
    help="How many dice are rolled in public after the reveals: 20 to 100.",
)
@click.option(
    "--sides", type=click.Choice(["6", "10"]), default="10", show_default=True, help="Of each die."
)
@click.option("--roller", metavar="NAME", help="Who rolls them, with --dice.")
def call(
    options: ActOptions,
    draw: str,
    parties: tuple[str, ...],
    keys: tuple[tuple[str, str], ...],
    until: str,
    rolls: int | None,
    sides: str,
    roller: str | None,
) -> None:
    """Call parties, and dice, to make the seed of a draw.

    What is drawn from stands on the record before. Without dice, whoever reveals last can choose
    between two seeds by withholding its secret, and is named for it. Of a party whose key is named
    nobody else can publish a commitment.
    """
    from referendum.flows.seeds import call_seed  # noqa: PLC0415 - `seed secret` needs no record

    if (rolls is None) != (roller is None):
        raise InputError("dice are called with --dice N and --roller NAME together")
    dice = None if rolls is None else DiceCall(roller or "", int(sides), rolls)
    with options.hold() as record:
        act = call_seed(
            record,
            draw,
            parties,
            utc_text(read_time(until, "--until")),
            dice,
            options.stamp,
            keys=_party_keys(keys),
        )
    options.tell(act)


def _party_keys(keys: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Read the public keys of parties: of each its line without a comment."""
    lines = {name: load_officer_key(Path(file)).line for name, file in keys}
    if len(lines) < len(keys):
        raise InputError("--party-key names a party twice")
    return lines


@seed.command()
@click.argument("call_file", metavar="CALL", type=click.Path(path_type=Path))
@party_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="New file for the secret: tell nobody before all have committed.",
)
@click.option(
    "--sign",
    "sign_with",
    metavar="KEYFILE",
    type=click.Path(path_type=Path),
    help="Sign with the party's key, where the call names one.",
)
@click.option(
    "--passphrase-from",
    "source",
    default="",
    metavar="SOURCE",
    help="Passphrase of --sign: env:NAME or file:PATH; asked for if not given.",
)
@json_option
def secret(
    call_file: Path, party: str, out: Path, sign_with: Path | None, source: str, as_json: bool
) -> None:
    """Make a party's secret, and the commitment to publish, on its own machine.

    CALL is the file seed_call.json of the published record. Nothing else of the record is needed,
    and nothing is sent anywhere. See first that the call is the one that everybody sees: its digest
    stands on the record's page. Where the call names the party's key, OUT.commitment holds what the
    party signs, and OUT.commitment.sig the signature if --sign is given.
    """
    called = SeedCall.read(read_canonical_json(read_given_file(call_file), str(call_file)))
    signer = _party_signer(called, party, sign_with, source)
    made = secrets.token_bytes(SECRET_BYTES)
    commitment = make_commitment(called, party, made)
    _write_secret(out, made)
    message_file = _write_message(called, party, commitment, out, signer)
    if as_json:
        document = {"call": f"sha256:{called.digest}", "party": party, "commitment": commitment}
        files = {"secret_file": str(out), "to_sign": str(message_file) if message_file else None}
        say(json.dumps({**document, **files}, indent=2))
        return
    say(f"call:       sha256:{called.digest}")
    say(f"for:        {called.kind}, secrets revealed until {called.until}")
    say(f"party:      {party}")
    say(f"commitment: {commitment}")
    if message_file and signer:
        say(f"signature:  {message_file}.sig: publish it with the commitment.")
    elif message_file:
        say("Sign what is to be published with it, and publish the signature too:")
        say(f"  ssh-keygen -Y sign -f KEYFILE -n {COMMITMENT_NAMESPACE} {message_file}")
    say(
        f"Publish the commitment. The secret is in {out}: keep it, and tell nobody before the"
        " record shows that all have committed."
    )


def _party_signer(
    called: SeedCall, party: str, sign_with: Path | None, source: str
) -> OfficerSigner | None:
    """Load the party's key to sign with, and see that it is the one that the call names."""
    if sign_with is None:
        return None
    line = called.keys.get(party)
    if line is None:
        raise InputError(f"the call names no key of {party}", hint="leave --sign out")
    signer = officer_signer(sign_with, source)
    if signer.key.blob != OfficerKey.parse(line).blob:
        raise KeyFault(f"this is not the key of {party} in the call", where=str(sign_with))
    return signer


def _write_secret(out: Path, made: bytes) -> None:
    try:
        write_new_file(out, f"{made.hex()}\n".encode())
    except FileExistsError as error:
        hint = "if you have committed to the secret in it, keep it; else name another file"
        raise InputError("there is something here already", where=str(out), hint=hint) from error


def _write_message(
    called: SeedCall, party: str, commitment: str, out: Path, signer: OfficerSigner | None
) -> Path | None:
    """Write what the party signs, and its signature if it can; None where it signs nothing."""
    if party not in called.keys:
        return None
    message = commitment_message(called, party, commitment)
    path = out.with_name(f"{out.name}.commitment")
    write_file(path, message)
    if signer is not None:
        signature = sign_message(signer, message, COMMITMENT_NAMESPACE)
        write_file(path.with_name(f"{path.name}.sig"), signature.encode())
    return path


@seed.command()
@act_options
@draw_option
@party_option
@click.option("--commitment", required=True, help="The party's 64 hexadecimal digits.")
@click.option(
    "--signature",
    "signature_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The party's signature under it, where the call names its key.",
)
def commit(
    options: ActOptions,
    draw: str | None,
    party: str,
    commitment: str,
    signature_file: Path | None,
) -> None:
    """Publish a party's commitment to its secret, before anybody reveals one."""
    from referendum.flows import seeds  # noqa: PLC0415 - `seed secret` needs no record

    signature = signature_text(signature_file) if signature_file else None
    with options.hold() as record:
        act = seeds.commit(record, draw, party, commitment, options.stamp, signature=signature)
    options.tell(act)


@seed.command()
@act_options
@draw_option
@party_option
@click.option("--secret", "digits", required=True, help="Its secret: 64 hexadecimal digits.")
@click.option(
    "--without-waiting",
    is_flag=True,
    help="Reveal though not all have committed, where dice are called: these are left out, and"
    " everybody is told.",
)
def reveal(
    options: ActOptions, draw: str | None, party: str, digits: str, without_waiting: bool
) -> None:
    """Publish the secret that a party has committed to, when all have committed."""
    from referendum.flows import seeds  # noqa: PLC0415 - `seed secret` needs no record

    with options.hold() as record:
        act = seeds.reveal(
            record, draw, party, digits.strip(), options.stamp, without_waiting=without_waiting
        )
    options.tell(act)


@seed.command()
@act_options
@draw_option
@click.option("--digits", required=True, help="What the dice showed, in the order of the rolls.")
def dice(options: ActOptions, draw: str | None, digits: str) -> None:
    """Publish what the dice showed that were rolled in public after the reveals."""
    from referendum.flows import seeds  # noqa: PLC0415 - `seed secret` needs no record

    with options.hold() as record:
        act = seeds.roll_dice(record, draw, digits, options.stamp)
    options.tell(act)


@seed.command()
@act_options
@draw_option
def close(options: ActOptions, draw: str | None) -> None:
    """Make the seed from what was revealed and rolled; whoever revealed nothing is named."""
    from referendum.flows import seeds  # noqa: PLC0415 - `seed secret` needs no record

    with options.hold() as record:
        act = seeds.close_call(record, draw, options.stamp)
    options.tell(act)
