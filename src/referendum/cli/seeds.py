"""`referendum seed`: a seed that nobody chooses, from the call to the closing."""

import json
import secrets
from pathlib import Path

import click

from referendum.cli.screen import say
from referendum.cli.shared import ActOptions, act_options, json_option
from referendum.core.canonical import read_canonical_json
from referendum.core.days import read_time, utc_text
from referendum.core.errors import InputError
from referendum.core.seeds import SECRET_BYTES, DiceCall, SeedCall, make_commitment
from referendum.record.durable import write_new_file

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
    until: str,
    rolls: int | None,
    sides: str,
    roller: str | None,
) -> None:
    """Call parties, and dice, to make the seed of a draw.

    What is drawn from stands on the record before. Without dice, whoever reveals last can choose
    between two seeds by withholding its secret, and is named for it.
    """
    from referendum.flows.seeds import call_seed  # noqa: PLC0415 - `seed secret` needs no record

    if (rolls is None) != (roller is None):
        raise InputError("dice are called with --dice N and --roller NAME together")
    dice = None if rolls is None else DiceCall(roller or "", int(sides), rolls)
    with options.hold() as record:
        act = call_seed(
            record, draw, parties, utc_text(read_time(until, "--until")), dice, options.stamp
        )
    options.tell(act)


@seed.command()
@click.argument("call_file", metavar="CALL", type=click.Path(path_type=Path))
@party_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="New file for the secret: tell nobody before the reveals.",
)
@json_option
def secret(call_file: Path, party: str, out: Path, as_json: bool) -> None:
    """Make a party's secret, and the commitment to publish, on its own machine.

    CALL is the file seed_call.json of the published record. Nothing else of the record is needed,
    and nothing is sent anywhere. See first that the call is the one that everybody sees: its digest
    stands on the record's page.
    """
    called = SeedCall.read(read_canonical_json(call_file.read_bytes(), str(call_file)))
    made = secrets.token_bytes(SECRET_BYTES)
    commitment = make_commitment(called, party, made)
    try:
        write_new_file(out, f"{made.hex()}\n".encode())
    except FileExistsError as error:
        hint = "a secret that was lost cannot be revealed: name a new file"
        raise InputError("there is something here already", where=str(out), hint=hint) from error
    if as_json:
        told = {"call": f"sha256:{called.digest}", "party": party, "commitment": commitment}
        say(json.dumps({**told, "secret_file": str(out)}, indent=2))
        return
    say(f"call:       sha256:{called.digest}")
    say(f"for:        {called.kind}, secrets revealed until {called.until}")
    say(f"party:      {party}")
    say(f"commitment: {commitment}")
    say(f"Publish the commitment. The secret is in {out}: keep it, and tell nobody before that.")


@seed.command()
@act_options
@draw_option
@party_option
@click.option("--commitment", required=True, help="The party's 64 hexadecimal digits.")
def commit(options: ActOptions, draw: str | None, party: str, commitment: str) -> None:
    """Publish a party's commitment to its secret, before anybody reveals one."""
    from referendum.flows import seeds  # noqa: PLC0415 - `seed secret` needs no record

    with options.hold() as record:
        act = seeds.commit(record, draw, party, commitment, options.stamp)
    options.tell(act)


@seed.command()
@act_options
@draw_option
@party_option
@click.option("--secret", "digits", required=True, help="Its secret: 64 hexadecimal digits.")
def reveal(options: ActOptions, draw: str | None, party: str, digits: str) -> None:
    """Publish the secret that a party has committed to."""
    from referendum.flows import seeds  # noqa: PLC0415 - `seed secret` needs no record

    with options.hold() as record:
        act = seeds.reveal(record, draw, party, digits.strip(), options.stamp)
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
