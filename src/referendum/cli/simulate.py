"""`referendum simulate`: made-up petitions and votes with known truth."""

import json
from datetime import datetime
from pathlib import Path

import click

from referendum.cli.screen import say
from referendum.cli.shared import json_option, showing_progress
from referendum.core.errors import InputError
from referendum.simulate import (
    BIRTH,
    ERRORS,
    MODELS,
    PetitionPlan,
    VotePlan,
    perfect_findings,
    perfect_interpretations,
    simulate_petition,
    simulate_vote,
)
from referendum.tables.reading import read_raw_table

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def simulate() -> None:
    """Make up data with known truth, from a seed."""


@simulate.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--electors", type=click.IntRange(100), default=100_000, show_default=True)
@click.option("--lines", type=click.IntRange(1), default=10_000, show_default=True)
@click.option("--seed", default="1", show_default=True, help="Same seed, same people.")
@click.option("--first-day", type=_DAY, default="2026-01-03", show_default=True)
@click.option("--last-day", type=_DAY, default="2026-05-02", show_default=True)
@click.option(
    "--birth",
    type=click.Choice(BIRTH),
    default="none",
    show_default=True,
    help="What the sheet asks of the day of birth.",
)
@click.option(
    "--errors",
    type=click.Choice(list(ERRORS)),
    default="normal",
    show_default=True,
    help="How often lines go wrong.",
)
@click.option(
    "--error-model",
    type=click.Choice(list(MODELS)),
    default="handwriting",
    show_default=True,
    help="How they go wrong.",
)
@json_option
def petition(
    folder: Path,
    electors: int,
    lines: int,
    seed: str,
    first_day: datetime,
    last_day: datetime,
    as_json: bool,
    **lines_go_wrong: str,
) -> None:
    """Make up electors, sheets and signature lines in FOLDER, with the truth about each line.

    Every file says that it is made up.
    """
    plan = PetitionPlan(
        electors=electors,
        lines=lines,
        seed=seed,
        first_day=first_day.date(),
        last_day=last_day.date(),
        **lines_go_wrong,
    )
    with showing_progress():
        files = simulate_petition(plan, folder)
    _tell_files(
        {
            "electors": files.electors,
            "lines": files.lines,
            "sheets": files.sheets,
            "truth": files.truth,
        },
        as_json=as_json,
    )


def _tell_files(written: dict[str, Path], *, as_json: bool) -> None:
    if as_json:
        say(json.dumps({name: str(path) for name, path in written.items()}, indent=2))
        return
    for name, path in written.items():
        say(f"{name:>9}  {path}")


@simulate.command()
@click.argument("truth", type=click.Path(path_type=Path))
@click.argument("worksheet", type=click.Path(path_type=Path))
@click.argument("findings", type=click.Path(path_type=Path))
@click.option(
    "--copies",
    is_flag=True,
    help="Repeats count among the drawn lines only: copy_2 for the second of an elector.",
)
@click.option("--twice", is_flag=True, help="Play two checkers, for `sufficiency checks`.")
@json_option
def checks(
    truth: Path, worksheet: Path, findings: Path, copies: bool, twice: bool, as_json: bool
) -> None:
    """Play a checker who makes no error: write FINDINGS for the lines of a WORKSHEET.

    TRUTH is the made-up petition's file of truth; WORKSHEET comes from `referendum draw`, or with
    --twice from `referendum sufficiency draw`.
    """
    drawn = read_raw_table(worksheet).frame.get_column("line_id")
    found = perfect_findings(truth, drawn, copies=copies)
    if twice:
        found = found.rename({"finding": "first"}).with_columns(second="first")
    found.write_csv(findings)
    said = {"findings": str(findings), "lines": drawn.len(), "made_up": True}
    text = f"{drawn.len()} made-up findings in {findings}"
    say(json.dumps(said, indent=2) if as_json else text)


@simulate.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--places", type=click.IntRange(1), default=60, show_default=True)
@click.option("--ballots", type=click.IntRange(1), default=30_000, show_default=True)
@click.option(
    "--question",
    "questions",
    multiple=True,
    default=("1=0.56", "2=0.46"),
    show_default=True,
    metavar="NAME=SHARE",
    help="A question and its share of yes; may be given more than once.",
)
@click.option("--seed", default="1", show_default=True, help="Same seed, same votes.")
@click.option(
    "--misread",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.0005,
    show_default=True,
    help="Share of the postal cards whose record is wrong.",
)
@click.option(
    "--swapped",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Boxes whose returns have yes and no exchanged.",
)
@json_option
def vote(
    folder: Path,
    places: int,
    ballots: int,
    questions: tuple[str, ...],
    seed: str,
    misread: float,
    swapped: int,
    *,
    as_json: bool,
) -> None:
    """Make up a vote in FOLDER: returns, records of postal cards, and what every card shows.

    All questions stand on one ballot. Every file says that it is made up.
    """
    plan = VotePlan(places, ballots, dict(map(_question, questions)), seed, misread, swapped)
    files = simulate_vote(plan, folder)
    _tell_files(
        {"returns": files.returns, "records": files.records, "truth": files.truth},
        as_json=as_json,
    )


def _question(text: str) -> tuple[str, float]:
    name, _, share = text.rpartition("=")
    try:
        return name, float(share)
    except ValueError as error:
        raise InputError(f"--question {text} has no share", hint="--question A=0.54") from error


@simulate.command()
@click.argument("truth", type=click.Path(path_type=Path))
@click.argument("pulled", type=click.Path(path_type=Path))
@click.argument("findings", type=click.Path(path_type=Path))
@json_option
def findings(truth: Path, pulled: Path, findings: Path, *, as_json: bool) -> None:
    """Play someone who looks at the paper and makes no error: write FINDINGS for a list PULLED.

    TRUTH is the made-up vote's file of truth; PULLED comes from
    `referendum audit draw --pull-list`.
    """
    found = perfect_interpretations(truth, read_raw_table(pulled).frame)
    found.write_csv(findings)
    said = {"findings": str(findings), "rows": found.height, "made_up": True}
    text = f"{found.height} made-up findings in {findings}"
    say(json.dumps(said, indent=2) if as_json else text)
