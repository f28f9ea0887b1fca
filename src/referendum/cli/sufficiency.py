"""`referendum draw`, `checks receive`, `decide`."""

from pathlib import Path

import click

from referendum.cli.shared import ActOptions, act_options, encoding_option
from referendum.core.errors import InputError
from referendum.flows.sufficiency import decide as decide_record
from referendum.flows.sufficiency import draw_sample, receive_checks, worksheet


@click.command()
@act_options
@click.option("--seed", required=True, help="Public seed: digits of dice rolled before witnesses.")
@click.option("--size", type=int, help="Lines to draw, where the statute names no number.")
@click.option("--all", "every_line", is_flag=True, help="Draw every line.")
@click.option(
    "--worksheet",
    "worksheet_file",
    type=click.Path(path_type=Path),
    help="Write the office's list of drawn lines here (CSV; it leads to people).",
)
def draw(
    options: ActOptions, seed: str, size: int | None, every_line: bool, worksheet_file: Path | None
) -> None:
    """Draw a sample of lines for checking, as large as the statute has it.

    Where a decision has left the petition open, this is its second stage: a second sample, which
    keeps the seed, or every line.

    The ticket of line 17 is the SHA-256 of the text SEED,17; the smallest tickets are drawn. By
    hand: printf '%s,%s' SEED 17 | sha256sum
    """
    if every_line and size is not None:
        raise InputError("--size and --all exclude each other")
    with options.hold() as record:
        act = draw_sample(record, seed, "all" if every_line else size, options.stamp)
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

    A finding is `valid`, or a code for the reason why not; `copy_2` for the second line of an
    elector among the drawn ones, `copy_3` for the third.
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
    """Decide whether the petition is sufficient by the statute's rule, and record the arithmetic.

    The answer may be that every line, or a second sample, must be checked: then draw again.
    """
    with options.hold() as record:
        act = decide_record(record, method, options.stamp)
    options.tell(act)
