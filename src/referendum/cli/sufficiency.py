"""`referendum draw`, `checks receive`, `decide`."""

from pathlib import Path

import click

from referendum.cli.shared import ActOptions, act_options, encoding_option
from referendum.flows.sufficiency import decide as decide_record
from referendum.flows.sufficiency import draw_sample, receive_checks, worksheet


@click.command()
@act_options
@click.option("--seed", required=True, help="Public seed: digits of dice rolled before witnesses.")
@click.option("--size", type=int, required=True, help="Lines to draw.")
@click.option(
    "--worksheet",
    "worksheet_file",
    type=click.Path(path_type=Path),
    help="Write the office's list of drawn lines here (CSV; it leads to people).",
)
def draw(options: ActOptions, seed: str, size: int, worksheet_file: Path | None) -> None:
    """Draw a sample of lines for checking.

    The ticket of line 17 is the SHA-256 of the text SEED,17; the smallest tickets are drawn. By
    hand: printf '%s,%s' SEED 17 | sha256sum
    """
    with options.hold() as record:
        act = draw_sample(record, seed, size, options.stamp)
        if worksheet_file:
            worksheet(record).write_csv(worksheet_file)
    options.tell(act)


@click.group()
def checks() -> None:
    """Receive what the checkers found."""


@checks.command()
@act_options
@click.argument("findings", type=click.Path(path_type=Path))
@encoding_option
def receive(options: ActOptions, findings: Path, encoding: str) -> None:
    """Receive FINDINGS (CSV or Parquet: line_id, finding), one for every drawn line.

    A finding is `valid`, or a code for the reason why not.
    """
    with options.hold() as record:
        act = receive_checks(record, findings, encoding, options.stamp)
    options.tell(act)


@click.command()
@act_options
@click.option(
    "--method",
    type=click.Choice(["sample", "preliminary_count"]),
    default="sample",
    show_default=True,
    help="By the checked sample, or by the standing lines if even all of them are too few.",
)
def decide(options: ActOptions, method: str) -> None:
    """Decide whether the petition is sufficient, and record the arithmetic."""
    with options.hold() as record:
        act = decide_record(record, method, options.stamp)
    options.tell(act)
