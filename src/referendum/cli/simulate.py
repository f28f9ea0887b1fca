"""`referendum simulate`: made-up petitions with known truth."""

import json
from datetime import datetime
from pathlib import Path

import click

from referendum.cli.shared import json_option, showing_progress
from referendum.flows.intake import read_raw_table
from referendum.simulate import BIRTH, ERRORS, MODELS, Plan, perfect_findings, simulate_petition

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
    plan = Plan(
        electors=electors,
        lines=lines,
        seed=seed,
        first_day=first_day.date(),
        last_day=last_day.date(),
        **lines_go_wrong,
    )
    with showing_progress():
        files = simulate_petition(plan, folder)
    written = {
        "electors": files.electors,
        "lines": files.lines,
        "sheets": files.sheets,
        "truth": files.truth,
    }
    if as_json:
        click.echo(json.dumps({name: str(path) for name, path in written.items()}, indent=2))
        return
    for name, path in written.items():
        click.echo(f"{name:>9}  {path}")


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
    click.echo(json.dumps(said, indent=2) if as_json else text)
