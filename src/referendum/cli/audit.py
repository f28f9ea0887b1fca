"""`referendum audit`: cost, plan, draw, findings, risk."""

import json
from pathlib import Path
from typing import Any

import click
import msgspec

from referendum.cli.screen import say
from referendum.cli.shared import (
    ActOptions,
    act_options,
    encoding_option,
    json_option,
    record_argument,
)
from referendum.core.errors import InputError

METHODS = ("ballot_polling", "batch_comparison", "oneaudit", "card_comparison", "stratified")
MINUTES = click.FloatRange(min=0, max=10_000)
SHARE = click.FloatRange(min=0, max=1)


risk_limit_option = click.option(
    "--risk-limit", default="0.05", show_default=True, help="Risk limit."
)
prove_option = click.option(
    "--prove",
    multiple=True,
    metavar="[QUESTION=]CONDITION",
    help="The failed condition to show, where not carried.",
)
questions_option = click.option(
    "--question",
    "questions",
    multiple=True,
    help="A question that is audited, if not all; may be given more than once.",
)


@click.group()
def audit() -> None:
    """Audit a declared result: what it would cost, plan, draw, findings, risk."""


@audit.command()
@record_argument
@risk_limit_option
@prove_option
@click.option(
    "--box", type=MINUTES, default=10, show_default=True, help="Minutes to fetch and open a box."
)
@click.option(
    "--card", type=MINUTES, default=2, show_default=True, help="Minutes to find and read a card."
)
@click.option(
    "--counted",
    type=MINUTES,
    default=0.1,
    show_default=True,
    help="Minutes for each card of a box that is counted as a whole.",
)
@click.option(
    "--people",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    help="People who work together on a box.",
)
@click.option(
    "--one-vote",
    type=SHARE,
    default=0.001,
    show_default=True,
    help="Small errors: share of the cards that are truly blank.",
)
@click.option(
    "--two-votes",
    type=SHARE,
    default=0.0001,
    show_default=True,
    help="Small errors: share of the cards that are truly for the other side.",
)
@click.option(
    "--runs",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="Simulated audits of each kind.",
)
@questions_option
@click.option("--plot", type=click.Path(path_type=Path), help="Draw cards and hours here (SVG).")
@json_option
def cost(folder: Path, **options: Any) -> None:  # noqa: ANN401 - click's values, each with its type
    """Say what each kind of audit of RECORD would take, by simulation; nothing is recorded.

    Boxes opened, cards looked at and people-hours: if the report is right, and with small errors.
    Questions on a common ballot share the draws; of several claims the one that takes most counts.
    """
    from referendum.audit.costing import Errors, Rates  # noqa: PLC0415 - compiles
    from referendum.cli.audit_text import cost_chart, cost_lines  # noqa: PLC0415
    from referendum.flows.audit.cost import audit_costs  # noqa: PLC0415 - compiles

    rates = Rates(options["box"], options["card"], options["counted"], options["people"])
    errors = Errors(options["one_vote"], options["two_votes"])
    costs = audit_costs(
        folder,
        options["risk_limit"],
        options["prove"],
        rates,
        errors,
        options["runs"],
        options["questions"],
    )
    if options["plot"]:
        if not costs.whole:
            raise InputError("there is nothing to draw: no claim is left for a sample")
        options["plot"].write_text(cost_chart(costs), "utf-8")
    if options["as_json"]:
        say(json.dumps(msgspec.to_builtins(costs), indent=2))
    else:
        say("\n".join(cost_lines(costs)))


@audit.command()
@act_options
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--manifests", type=click.Path(path_type=Path), help="JSON: folder of Dominion's manifests."
)
@click.option("--region", default="all", show_default=True, help="JSON: region of the boxes.")
@encoding_option
def cards(
    options: ActOptions, files: tuple[Path, ...], manifests: Path | None, region: str, encoding: str
) -> None:
    """Receive records of cards in FILES, of all boxes or of some: before the plan.

    Tables (CSV, Parquet): question, region, district, place, card (its place in the box, from 1),
    mark (yes, no, blank), imprint. Or cast vote records in JSON: Dominion's with its manifests,
    else NIST SP 1500-103. Box by box they must add up to the returns.
    """
    from referendum.flows.audit import receive_cards  # noqa: PLC0415 - the group loads quickly

    with options.hold() as record:
        act = receive_cards(
            record, files, encoding, options.stamp, manifests=manifests, region=region
        )
    options.tell(act)


@audit.command()
@act_options
@click.option("--method", type=click.Choice(METHODS), required=True, help="Cards, or boxes.")
@risk_limit_option
@questions_option
@prove_option
@click.option(
    "--stratum",
    multiple=True,
    metavar="KIND",
    help="Stratified: a kind of vote drawn apart from the others; may be given more than once.",
)
@click.option(
    "--error-rates",
    default="1/1000,1/10000",
    show_default=True,
    help="Where cards have records: shares of them wrong by half a vote, and by a whole one.",
)
def plan(
    options: ActOptions,
    method: str,
    risk_limit: str,
    questions: tuple[str, ...],
    prove: tuple[str, ...],
    stratum: tuple[str, ...],
    error_rates: str,
) -> None:
    """Commit to claims, method, samples and risk limit: before the seed is known.

    Of several questions all are audited, if none is named. On a common ballot they share the cards
    that they can.
    """
    from referendum.flows.audit import Choice, plan_audit  # noqa: PLC0415 - loads quickly

    half, comma, whole = error_rates.partition(",")
    if not comma:
        raise InputError(f"--error-rates {error_rates} are not two", hint="0.001,0.0001")
    choice = Choice(method, risk_limit, questions, prove, stratum, (half, whole))
    with options.hold() as record:
        act = plan_audit(record, choice, options.stamp)
    options.tell(act)


@audit.command()
@act_options
@click.option(
    "--seed", required=True, help="Public seed: 20 digits or more, fresh for every round."
)
@click.option(
    "--size",
    "sizes",
    multiple=True,
    required=True,
    metavar="[SAMPLE=]N",
    help="How many to draw: of every sample, or of one by its name; may be given more than once.",
)
@click.option(
    "--pull-list",
    type=click.Path(path_type=Path),
    help="Write the list by box here (CSV): what to take out, in the order of the boxes.",
)
def draw(options: ActOptions, seed: str, sizes: tuple[str, ...], pull_list: Path | None) -> None:
    """Draw a round: cards without replacement, or boxes in proportion to their error bounds.

    A sample is called by what it is of, as far as there are several: QUESTION/REGION/KIND. The
    plan lists them.
    """
    from referendum.flows.audit import draw_audit, pulls  # noqa: PLC0415 - the group loads quickly

    with options.hold() as record:
        act = draw_audit(record, seed, dict(map(_size, sizes)), options.stamp)
        if pull_list:
            pulls(record).write_csv(pull_list)
    options.tell(act)


def _size(text: str) -> tuple[str, int]:
    sample, equals, number = text.rpartition("=")
    if not number.isdecimal():
        raise InputError(f"--size {text} is not a number", hint="--size 300, or --size NSW=300")
    return sample if equals else "*", int(number)


@audit.command()
@act_options
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@encoding_option
def findings(options: ActOptions, first: Path, second: Path, encoding: str) -> None:
    """Receive the findings of two people, each in a file (CSV or Parquet): they must be equal.

    The list that the draw wrote is the form. Cards: question, region, district, place, card, mark
    (yes, no, blank, missing). Boxes: question, region, district, place, yes, no, informal, as
    counted by hand. The question may be left out where there is but one.
    """
    from referendum.flows.audit import receive_findings  # noqa: PLC0415 - the group loads quickly

    with options.hold() as record:
        act = receive_findings(record, first, second, encoding, options.stamp)
    options.tell(act)


@audit.command("full-count")
@act_options
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@encoding_option
def full_count(options: ActOptions, first: Path, second: Path, encoding: str) -> None:
    """Receive every box counted by hand, by two people, where no sample ends the audit.

    Columns: question, region, district, place, yes, no, informal. It says whether the outcome is
    the one that was reported; if not, put the returns right with `returns receive --corrects`.
    """
    from referendum.flows.audit import receive_full_count  # noqa: PLC0415 - loads quickly

    with options.hold() as record:
        act = receive_full_count(record, first, second, encoding, options.stamp)
    options.tell(act)


@audit.command()
@act_options
def risk(options: ActOptions) -> None:
    """State the risk that is left; if it is above the limit, draw again or count everything."""
    from referendum.flows.audit import state_risk  # noqa: PLC0415 - the group loads quickly

    with options.hold() as record:
        act = state_risk(record, options.stamp)
    options.tell(act)
