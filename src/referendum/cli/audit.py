"""`referendum audit`: cost, plan, draw, findings, risk."""

import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from referendum.cli.screen import say
from referendum.cli.shared import (
    ActOptions,
    act_options,
    encoding_option,
    json_option,
    leave_option,
    receiving_options,
    record_argument,
    say_notes,
    write_new_sheet,
    yes_option,
)
from referendum.core.errors import InputError
from referendum.core.formulas import sheet_bytes
from referendum.core.names import suggest_names
from referendum.record.durable import write_file

if TYPE_CHECKING:
    from referendum.flows.audit.differences import Difference, Shares
    from referendum.flows.audit.plan import Plan
    from referendum.record.acts import Act
    from referendum.record.reading import Record

METHODS = ("ballot_polling", "batch_comparison", "oneaudit", "card_comparison", "stratified")
SHOWN = 20
"""Differences that are told one by one; --json has them all."""


class MethodName(click.Choice[str]):
    """A method, with hyphens, blanks or capitals as they come; the near ones where it is none."""

    def convert(self, value: Any, *_: Any) -> str:  # noqa: ANN401 - click's own types
        """Read a method's name."""
        name = "_".join(str(value).lower().replace("-", " ").split())
        if name in METHODS:
            return name
        near = [one for one in METHODS if name in one] or suggest_names(name, list(METHODS))
        raise InputError(
            f"no method of audit is called {value!r}",
            hint=f"--method {near[0]}" if near else f"one of {', '.join(METHODS)}",
        )


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


people_option = click.option(
    "--person",
    "people",
    multiple=True,
    metavar="NAME",
    help="One of the two who looked, to stand on the record: given twice, or not at all.",
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
    from referendum.flows.audit.cost import cost_audits  # noqa: PLC0415 - compiles

    rates = Rates(options["box"], options["card"], options["counted"], options["people"])
    errors = Errors(options["one_vote"], options["two_votes"])
    costs = cost_audits(
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
@receiving_options
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--manifests", type=click.Path(path_type=Path), help="JSON: folder of Dominion's manifests."
)
@click.option("--region", default="all", show_default=True, help="JSON: region of the boxes.")
@yes_option
@leave_option
@click.option("--fill", is_flag=True, help="Declare what lacks a record as missing, in every box.")
@click.option(
    "--missing",
    multiple=True,
    metavar="REGION,DISTRICT,PLACE=N",
    help="A box of which N records were never exported, declared as missing; repeatable.",
)
@encoding_option
def cards(
    options: ActOptions,
    files: tuple[Path, ...],
    yes: tuple[str, ...],
    leave: tuple[str, ...],
    missing: tuple[str, ...],
    **rest: Any,  # noqa: ANN401 - click's values, each with its type
) -> None:
    """Receive records of cards in FILES, of all boxes or of some: before the plan.

    Tables (CSV, Parquet): question, region, district, place, card (its place in the box, from 1),
    mark (yes, no, blank, missing), imprint. Or cast vote records in JSON: Dominion's with its
    manifests, else NIST SP 1500-103. Box by box they must add up to the returns; a record that is
    missing counts as the worst for every claim.
    """
    from referendum.count import ContestChoice  # noqa: PLC0415 - the group loads quickly
    from referendum.flows.audit import CardOptions, receive_cards  # noqa: PLC0415

    notes: list[str] = []
    said = CardOptions(ContestChoice(yes, leave), missing, notes.append)
    with options.hold() as record:
        act = receive_cards(record, files, stamp=options.stamp, options=said, **rest)
    if options.as_json:
        options.tell(act, notes=notes)
        return
    say_notes(notes)
    options.tell(act)


@audit.command()
@act_options
@click.option("--method", type=MethodName(METHODS), required=True, help="Cards, or boxes.")
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
@click.option(
    "--provisional", is_flag=True, help="Plan of the returns that are in, though more are to come."
)
def plan(
    options: ActOptions,
    method: str,
    risk_limit: str,
    questions: tuple[str, ...],
    prove: tuple[str, ...],
    stratum: tuple[str, ...],
    error_rates: str,
    *,
    provisional: bool,
) -> None:
    """Commit to claims, method, samples and risk limit: before the seed is known.

    Of several questions all are audited, if none is named. On a common ballot they share the cards
    that they can.
    """
    from referendum.flows.audit import (  # noqa: PLC0415 - loads quickly
        AuditChoice,
        plan_audit,
        standing_plan,
        suggested_sizes,
    )

    half, comma, whole = error_rates.partition(",")
    if not comma:
        raise InputError(f"--error-rates {error_rates} are not two", hint="0.001,0.0001")
    rates = (half, whole)
    choice = AuditChoice(method, risk_limit, questions, prove, stratum, rates, provisional)
    with options.hold() as record:
        act = plan_audit(record, choice, options.stamp)
        sizes, made = suggested_sizes(record), standing_plan(record)
    if options.as_json:
        options.tell(act, sizes=sizes)
        return
    options.tell(act)
    _say_lack(made)
    if made.advice_without_sample:
        _say(made.advice_without_sample)
    if sizes:
        say("  about what each takes on average, if the report is right (more: audit cost):")
        for name, size in sizes.items():
            say(f"    --size {name}={size}" if len(sizes) > 1 else f"    --size {size}")


@audit.command()
@act_options
@click.option(
    "--seed",
    help="A seed that is typed: 20 digits or more, fresh for every round. None is typed where one"
    " was called for (seed call).",
)
@click.option(
    "--size",
    "sizes",
    multiple=True,
    metavar="[SAMPLE=]N",
    help="How many to draw: of every sample, or of one by its name; may be given more than once.",
)
@click.option(
    "--pull-list",
    type=click.Path(path_type=Path),
    help="Write the form by box here (CSV): what to take out, and columns to fill in.",
)
def draw(
    options: ActOptions, seed: str | None, sizes: tuple[str, ...], pull_list: Path | None
) -> None:
    """Draw a round: cards without replacement, or boxes in proportion to their error bounds.

    A sample is called by what it is of, as far as there are several: QUESTION/REGION/KIND. The
    plan lists them.
    """
    from referendum.flows.audit import (  # noqa: PLC0415 - the group loads quickly
        draw_audit,
        pull_form,
        suggested_sizes,
    )

    with options.hold() as record:
        if not sizes:
            near = " ".join(f"--size {name}={n}" for name, n in suggested_sizes(record).items())
            raise InputError(
                "how many to draw is not said",
                hint=f"about what it takes on average: {near.replace('*=', '')}"
                if near
                else "see: referendum audit cost",
            )
        act = draw_audit(record, seed, dict(map(_size, sizes)), options.stamp)
        if pull_list:
            write_file(pull_list, sheet_bytes(pull_form(record)))
    options.tell(act)


@audit.command(name="pull-list")
@record_argument
@click.argument("out", type=click.Path(path_type=Path))
@json_option
def write_pull_list(folder: Path, out: Path, as_json: bool) -> None:
    """Write the form of the latest round to OUT (CSV): what to take out, and columns to fill in."""
    from referendum.flows.audit import pull_form  # noqa: PLC0415 - the group loads quickly
    from referendum.record.reading import Record  # noqa: PLC0415 - likewise

    write_new_sheet(out, pull_form(Record.open(folder)), as_json=as_json)


def _size(text: str) -> tuple[str, int]:
    sample, equals, number = text.rpartition("=")
    if not number.isdecimal():
        raise InputError(f"--size {text} is not a number", hint="--size 300, or --size NSW=300")
    return sample if equals else "*", int(number)


@audit.command()
@receiving_options
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@encoding_option
@people_option
def findings(
    options: ActOptions, first: Path, second: Path, encoding: str, people: tuple[str, ...]
) -> None:
    """Receive the findings of two people, each in a file (CSV or Parquet): they must be equal.

    The list that the draw wrote is the form. Cards: question, region, district, place, card, mark
    (yes, no, blank, missing). Count the ballots of each box that you open: each one beyond the
    cards it returned is a row with the next number and the mark extra, on a common ballot one for
    each question. Boxes: question, region,
    district, place, yes, no, informal, as counted by hand. The question may be left out where there
    is but one.
    """
    from referendum.flows.audit import receive_findings  # noqa: PLC0415 - loads quickly

    _require_two(first, second)
    with options.hold() as record:
        act = receive_findings(record, first, second, encoding, options.stamp, people)
        found = _found(record)
    _tell(options, act, found)


@audit.command("full-count")
@receiving_options
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@encoding_option
@people_option
def full_count(
    options: ActOptions, first: Path, second: Path, encoding: str, people: tuple[str, ...]
) -> None:
    """Receive every box counted by hand, by two people, where no sample ends the audit.

    Columns: question, region, district, place, yes, no, informal. It says whether the outcome is
    the one that was reported; if not, put the returns right with `returns receive --corrects`.
    """
    from referendum.flows.audit import (  # noqa: PLC0415 - loads quickly
        counted_differences,
        receive_full_count,
        standing_plan,
    )

    _require_two(first, second)
    with options.hold() as record:
        act = receive_full_count(record, first, second, encoding, options.stamp, people)
        found, plan = Found(counted_differences(record)), standing_plan(record)
    _tell(options, act, found)
    if not options.as_json:
        _say_lack(plan)


@audit.command()
@act_options
def risk(options: ActOptions) -> None:
    """State the risk that is left; if it is above the limit, draw again or count everything."""
    from referendum.flows.audit import (  # noqa: PLC0415 - loads quickly
        is_exhausted,
        standing_plan,
        state_risk,
    )

    with options.hold() as record:
        act = state_risk(record, options.stamp)
        found, plan, whole = _found(record), standing_plan(record), is_exhausted(record)
    _tell(options, act, found)
    if options.as_json:
        return
    _say_lack(plan)
    if found.shares and not whole:
        _say("the risk stated is the least so far, along the cards of all rounds")
    if Fraction(act.facts["risk"]) <= plan.risk_limit:
        return
    if whole:
        _say("next: nothing is left to draw; referendum audit full-count")
    else:
        _say("next: referendum audit draw, with a fresh seed; or referendum audit full-count")


@dataclass(frozen=True)
class Found:
    """What was found on the paper: what is something else, and the shares where nothing is told."""

    differences: "Sequence[Difference]"
    shares: "Sequence[Shares]" = ()


def _found(record: "Record") -> Found:
    from referendum.flows.audit import differences, mark_shares  # noqa: PLC0415 - loads quickly

    return Found(differences(record), mark_shares(record))


def _say(text: str) -> None:
    say(textwrap.fill(text, 80, initial_indent="  ", subsequent_indent="    "))


def _say_lack(plan: "Plan") -> None:
    """Say what is not counted yet, which no audit can confirm."""
    if plan.uncounted_text:
        _say(f"{plan.uncounted_text}: nothing is confirmed before they are")


def _require_two(first: Path, second: Path) -> None:
    """Refuse one file as the work of two people."""
    if first.resolve() == second.resolve():
        raise InputError(
            "the findings of two people are one file",
            where=str(first),
            hint="each of the two writes what they found in a file of their own",
        )


def _tell(options: ActOptions, act: "Act", found: Found) -> None:
    """Tell an act, and what was found on the paper that is something else."""
    if options.as_json:
        options.tell(act, **msgspec.to_builtins(found))
        return
    options.tell(act)
    odd = found.differences
    several = len({one.question for one in odd}) > 1
    if found.shares:
        for sample in found.shares:
            _say(f"found on the cards: {sample.line(several=len(found.shares) > 1)}")
        _say(f"not found, or beyond the return of their box: {len(odd):,}")
    else:
        say(f"  found to be something else than returned or recorded: {len(odd):,}")
    for one in odd[:SHOWN]:
        say("\n".join(
            textwrap.wrap(one.line(several=several), 80, initial_indent="    ",
                          subsequent_indent="      ")
        ))  # fmt: skip
    if len(odd) > SHOWN:
        say(f"    and {len(odd) - SHOWN:,} more; --json has them all")
