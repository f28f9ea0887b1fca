"""`referendum draw`, `checks receive`, `decide`, and the group `sufficiency`."""

import json
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click

from referendum.cli.screen import say
from referendum.cli.shared import (
    ActOptions,
    act_options,
    encoding_option,
    json_option,
    left_out_option,
    receiving_options,
    record_argument,
    showing_progress,
    write_new_sheet,
)
from referendum.core.errors import InputError
from referendum.core.exact import read_fraction
from referendum.core.formulas import sheet_bytes
from referendum.flows.sufficiency import risk, risk_checks
from referendum.flows.sufficiency.sample import (
    count_lines_without_finding,
    draw_sample,
    receive_checks,
    worksheet,
)
from referendum.flows.sufficiency.sample import decide as decide_record
from referendum.law import CheckedSample
from referendum.petition import GATES
from referendum.record.durable import PRIVATE, write_file
from referendum.record.reading import Record
from referendum.sufficiency import REASONS, TestLines
from referendum.sufficiency.contact import ContactResponses, bound_confirmations
from referendum.sufficiency.distinct import estimate_distinct_signers

if TYPE_CHECKING:
    import polars as pl

AT_LEAST_ONE = click.IntRange(min=1)

DOUBT = Fraction(1, 100)
"""Chance that a bound on the checkers' errors is too low; it comes out of each risk limit."""


@click.command()
@act_options
@left_out_option
@click.option(
    "--seed",
    help="A seed that is typed: 20 digits or more of dice. None is typed where one was called for"
    " (seed call), in a second stage, or where every line is drawn.",
)
@click.option("--size", type=int, help="Lines to draw, where the statute names no number.")
@click.option("--all", "every_line", is_flag=True, help="Draw every line.")
@click.option(
    "--worksheet",
    "worksheet_file",
    type=click.Path(path_type=Path),
    help="Write the office's list of drawn lines here (CSV; it leads to people).",
)
def draw(
    options: ActOptions,
    left_out: str | None,
    seed: str | None,
    size: int | None,
    every_line: bool,
    worksheet_file: Path | None,
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
        act = draw_sample(record, seed, "all" if every_line else size, options.stamp, left_out)
        if worksheet_file:
            write_file(worksheet_file, sheet_bytes(worksheet(record)), PRIVATE)
    options.tell(act)


@click.group()
def checks() -> None:
    """Receive what the checkers found."""


@checks.command()
@receiving_options
@click.argument("findings", type=click.Path(path_type=Path))
@encoding_option
def receive(options: ActOptions, findings: Path, encoding: str) -> None:
    """Receive FINDINGS (CSV or Parquet: line_id, finding) on drawn lines, all or some of them.

    They may come in parts, as checkers are done; no line comes twice. Decide when all are there.

    A finding is `valid`, or a code for the reason why not (`checks codes` prints them); `copy_2`
    for the second line of an elector among the drawn ones, `copy_3` for the third.
    """
    with options.hold() as record:
        act = receive_checks(record, findings, encoding, options.stamp)
        lacking = count_lines_without_finding(record, "draw", "checks")
    options.tell(act, lacking=lacking)
    say_missing_findings(options, lacking, "decide")


def say_missing_findings(options: ActOptions, lacking: int, step: str) -> None:
    """Say on how many drawn lines no finding stands, or what comes next."""
    if options.as_json or not options.records:
        return
    still = f"{lacking:,} drawn lines have no finding yet"
    say(still if lacking else f"every drawn line has a finding; next: referendum {step}")


@checks.command(name="worksheet")
@record_argument
@click.argument("out", type=click.Path(path_type=Path))
@json_option
def write_worksheet(folder: Path, out: Path, as_json: bool) -> None:
    """Write the list of the lines that the latest draw drew to OUT (CSV; it leads to people)."""
    write_new_sheet(out, worksheet(Record.open(folder)), as_json=as_json)


@checks.command()
@json_option
def codes(as_json: bool) -> None:
    """Print what a checker may find on a line: the codes, and what each means."""
    meanings = {
        "valid": "the line counts; a word for yes is understood so",
        "copy_N": "the Nth line of an elector among the drawn ones, N from 2",
        **REASONS,
        **{code: gate.meaning for code, gate in GATES.items()},
    }
    if as_json:
        say(json.dumps(meanings, indent=1))
        return
    for code, meaning in meanings.items():
        say(f"{code:<20} {meaning}")


@click.command()
@act_options
@click.option(
    "--method",
    type=click.Choice(["sample", "preliminary_count"]),
    default="sample",
    show_default=True,
    help="By the checked sample, or by the standing lines if even all of them are too few.",
)
@left_out_option
def decide(options: ActOptions, method: str, left_out: str | None) -> None:
    """Decide whether the petition is sufficient by the statute's rule, and record the arithmetic.

    The answer may be that every line, or a second sample, must be checked: then draw again.
    """
    with options.hold() as record:
        act = decide_record(record, method, options.stamp, left_out)
    options.tell(act)


@click.group()
def sufficiency() -> None:
    """Decide with a stated risk, in as few checks as can be, beside the statute's own rule.

    In this order: plan, then roll dice for the seed, draw, checks, decide; while the answer is
    open, draw more, check, decide. `forecast` says how many checks it will take.
    """


@sufficiency.command()
@act_options
@click.option("--alpha", default="0.05", show_default=True, help="Risk limit of “sufficient”.")
@click.option("--beta", default="0.05", show_default=True, help="Risk limit of “insufficient”.")
@click.option(
    "--method",
    type=click.Choice(["comparison", "polling"]),
    default="comparison",
    show_default=True,
    help="Use what matching says of every line, or check lines alone.",
)
@click.option("--uniform", is_flag=True, help="Draw every line alike, not uncertain ones more.")
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="OUTCOME=SHARE",
    help="First guess of the share of lines with an outcome that count (polling: line=SHARE).",
)
@click.option(
    "--second",
    default="1/10",
    show_default=True,
    help="Share of accepted lines that a second checker looks at; rejected ones all are.",
)
@click.option(
    "--tests",
    type=(int, int, int, int),
    metavar="INVALID ACCEPTED VALID REJECTED",
    help="Test lines known to be invalid, those of them found valid; known to be valid, those of"
    " them found invalid. One per cent of risk is spent on what they leave open.",
)
def plan(
    options: ActOptions,
    alpha: str,
    beta: str,
    method: risk.Method,
    uniform: bool,
    reports: tuple[str, ...],
    second: str,
    tests: tuple[int, int, int, int] | None,
) -> None:
    """Fix the check before its seed is known: risk limits, method, first guesses.

    Without test lines the checkers are taken as perfect, and the decision says so.
    """
    lines = TestLines(tests[:2], tests[2:], DOUBT) if tests else None
    given = dict(_pair(text) for text in reports)
    planned = risk.RiskPlan(alpha, beta, method, not uniform, given, second, lines)
    with options.hold() as record:
        act = risk.plan(record, planned, options.stamp)
    options.tell(act)


def _pair(text: str) -> tuple[str, str]:
    name, sign, share = text.partition("=")
    if not sign:
        raise InputError(f"{text!r} is not OUTCOME=SHARE", hint="such as --report listed=0.99")
    return name, share


@sufficiency.command("draw")
@act_options
@left_out_option
@click.option(
    "--seed",
    help="A seed that is typed: 20 digits or more, rolled after the plan. None is typed where one"
    " was called for (seed call), or in later rounds.",
)
@click.option("--size", type=int, required=True, help="Lines in all, earlier rounds included.")
@click.option(
    "--worksheet",
    "worksheet_file",
    type=click.Path(path_type=Path),
    help="Write the office's list of drawn lines here (CSV; it leads to people).",
)
@click.option(
    "--test-lines",
    type=click.Path(path_type=Path),
    help="Mix lines with known findings (line_id, sheet_id, line_no, finding) into the worksheet.",
)
def draw_lines(
    options: ActOptions,
    left_out: str | None,
    seed: str | None,
    size: int,
    worksheet_file: Path | None,
    test_lines: Path | None,
) -> None:
    """Draw lines, or extend the draw: the lines of earlier rounds stay in it.

    A line of weight 3 has three tickets: the SHA-256 of SEED,17 and of SEED,17,2 and of SEED,17,3;
    its smallest counts. The smallest tickets are drawn.
    """
    if test_lines and not worksheet_file:
        raise InputError("test lines are mixed into a worksheet", hint="name it with --worksheet")
    tests = risk_checks.read_test_lines(test_lines, "utf-8") if test_lines else None
    with options.hold() as record:
        act = risk.draw(record, seed, size, options.stamp, left_out)
        if worksheet_file:
            write_file(worksheet_file, sheet_bytes(_line_sheet(record, tests)), PRIVATE)
    options.tell(act)


def _line_sheet(record: Record, tests: "pl.DataFrame | None") -> "pl.DataFrame":
    if tests is None:
        return risk_checks.worksheet(record)
    return risk_checks.mixed_worksheet(record, tests)


@sufficiency.command("worksheet")
@record_argument
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--test-lines", type=click.Path(path_type=Path), help="Mix these lines in, as in the draw."
)
@json_option
def write_line_worksheet(folder: Path, out: Path, test_lines: Path | None, as_json: bool) -> None:
    """Write the list of the lines that the latest draw drew to OUT (CSV; it leads to people)."""
    tests = risk_checks.read_test_lines(test_lines, "utf-8") if test_lines else None
    write_new_sheet(out, _line_sheet(Record.open(folder), tests), as_json=as_json)


@sufficiency.command("checks")
@receiving_options
@click.argument("findings", type=click.Path(path_type=Path))
@encoding_option
@click.option(
    "--test-lines",
    type=click.Path(path_type=Path),
    help="The test lines that were mixed in: left out, and the checkers' errors on them counted.",
)
def line_checks(
    options: ActOptions, findings: Path, encoding: str, test_lines: Path | None
) -> None:
    """Receive the checkers' findings: a table of `line_id`, `first`, `second`, `settled`.

    A finding is `valid`, or the code of the reason why not; `repeat` where another line of the same
    signer counts. They may come in parts; lines of earlier rounds need not be given again.
    """
    tests = risk_checks.read_test_lines(test_lines, "utf-8") if test_lines else None
    done = (
        risk_checks.count_checker_errors(tests, findings, encoding) if tests is not None else None
    )
    with options.hold() as record:
        act = risk_checks.receive_checks(record, findings, encoding, options.stamp, tests)
        lacking = count_lines_without_finding(record, "risk_draw", "risk_checks")
    known = {} if done is None else {"test_lines": {"invalid": done.invalid, "valid": done.valid}}
    options.tell(act, lacking=lacking, **known)
    say_missing_findings(options, lacking, "sufficiency decide")
    if done is not None and not options.as_json:
        say(done.sentence())


@sufficiency.command("decide")
@act_options
def measure(options: ActOptions) -> None:
    """Measure the risk of either decision after the checks so far, and record it."""
    with options.hold() as record:
        act = risk.decide(record, options.stamp)
    options.tell(act)


@sufficiency.command()
@click.option("--lines", type=AT_LEAST_ONE, required=True, help="Lines that stand.")
@click.option("--required", type=AT_LEAST_ONE, required=True, help="Signers required.")
@click.option(
    "--limits",
    type=(str, str),
    default=("0.05", "0.05"),
    show_default=True,
    metavar="ALPHA BETA",
    help="Risk limits of “sufficient” and of “insufficient”.",
)
@click.option(
    "--validity",
    "validities",
    multiple=True,
    metavar="SHARE",
    help="True share of lines that count; several may be given. Usual: 13 around the requirement.",
)
@click.option(
    "--outcome",
    "outcomes",
    multiple=True,
    metavar="SHARE:SHARE",
    help="Matcher: share with one outcome, of the lines that count and of those that do not; give"
    " all outcomes. Usual: the project's own, as measured on made-up people.",
)
@click.option(
    "--runs", type=AT_LEAST_ONE, default=400, show_default=True, help="Simulated checks of each."
)
@click.option("--plot", type=click.Path(path_type=Path), help="Draw the table here (SVG).")
@json_option
def forecast(
    lines: int,
    required: int,
    limits: tuple[str, str],
    validities: tuple[str, ...],
    outcomes: tuple[str, ...],
    runs: int,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Forecast the checks a petition will take, by simulation, before any is made."""
    from referendum.cli import forecasting  # noqa: PLC0415 - loads a compiler
    from referendum.sufficiency.planning import OWN_MATCHER, CheckPlan, Matcher  # noqa: PLC0415

    alpha, beta = map(read_fraction, limits)
    planned = CheckPlan(lines, required, alpha, beta)
    shares = [_shares(text) for text in outcomes]
    matcher = Matcher(*zip(*shares, strict=True)) if shares else OWN_MATCHER
    with showing_progress():
        wanted = [read_fraction(text) for text in validities]
        rows = forecasting.forecasts(planned, matcher, wanted, runs)
    if plot:
        plot.write_text(forecasting.drawn(rows, planned))
    if as_json:
        say(json.dumps([row.as_dict() for row in rows], indent=2))
    else:
        say(forecasting.table(rows))


def _shares(text: str) -> tuple[Fraction, Fraction]:
    counting, sign, others = text.partition(":")
    if not sign:
        raise InputError(f"{text!r} is not SHARE:SHARE", hint="such as --outcome 0.9:0.05")
    return read_fraction(counting), read_fraction(others)


@sufficiency.command()
@click.argument("folder", metavar="RECORD", type=click.Path(path_type=Path))
@click.option("--runs", type=AT_LEAST_ONE, default=400, show_default=True, help="Simulated checks.")
@json_option
def outlook(folder: Path, runs: int, as_json: bool) -> None:
    """Say after about how many more checks a record will be decided, if it goes on like this."""
    from referendum.cli import forecasting  # noqa: PLC0415 - loads a compiler

    found = forecasting.outlook(folder, runs)
    if as_json:
        say(json.dumps(found.as_dict(), indent=2))
    elif found.ninth == 0:
        say("the checks made so far decide: no more are needed")
    else:
        say(
            f"decided after about {found.mean:,.0f} more checks on average, in nine of ten cases"
            f" after {found.ninth:,}; sufficient in {found.sufficient:.0%} of {runs:,} simulations"
        )


@sufficiency.command()
@click.option(
    "--lines", type=AT_LEAST_ONE, required=True, help="Lines from which signers were drawn."
)
@click.option("--asked", type=AT_LEAST_ONE, required=True, help="Signers drawn and asked.")
@click.option("--confirmed", type=int, required=True, help="Those who said that they signed.")
@click.option("--denied", type=int, required=True, help="Those who said that they did not.")
@click.option("--required", type=AT_LEAST_ONE, required=True, help="Signers required.")
@click.option("--level", default="0.95", show_default=True, help="Level of each one-sided bound.")
@json_option
def contact(
    lines: int, asked: int, confirmed: int, denied: int, required: int, level: str, as_json: bool
) -> None:
    """Bound what a contact sample by phone or post shows, with silence as silence."""
    found = ContactResponses(lines, asked, confirmed, denied)
    bounds = bound_confirmations(found, required, read_fraction(level))
    if as_json:
        say(json.dumps({**asdict(bounds), "silent": found.silent}, indent=2))
        return
    say(f"asked {asked:,}: confirmed {confirmed:,}, denied {denied:,}, silent {found.silent:,}")
    say("lines whose signers would confirm, each bound at the level asked for:")
    say(f"  whatever the silent would say: {bounds.worst[0]:,} to {bounds.worst[1]:,}")
    if bounds.like_the_others:
        least, most = bounds.like_the_others
        say(f"  if the silent are like the others: {least:,} to {most:,}")
    say(f"against {required:,} required: {CONCLUSIONS[bounds.conclusion]}")


CONCLUSIONS = {
    "sufficient": "sufficient, whatever the silent would say",
    "insufficient": "insufficient, whatever the silent would say",
    "rests_on_the_silent": "decided only by assuming that the silent are like the others",
    "open": "open: ask more signers",
}
"""What a contact sample shows, in words."""


@sufficiency.command()
@click.option("--lines", type=AT_LEAST_ONE, required=True, help="Lines that stand.")
@click.option("--drawn", type=AT_LEAST_ONE, required=True, help="Lines drawn and checked.")
@click.option("--valid", type=int, required=True, help="Electors found, each once.")
@click.option(
    "--copies",
    type=int,
    multiple=True,
    help="Second lines of an elector in the sample; once more for third lines, and so on.",
)
@json_option
def distinct(lines: int, drawn: int, valid: int, copies: tuple[int, ...], as_json: bool) -> None:
    """Estimate distinct signers where repeats are known within the sample only.

    Matching every line by computer takes this error away; see the page on sufficiency.
    """
    estimates = estimate_distinct_signers(CheckedSample(lines, drawn, valid, copies))
    if as_json:
        say(json.dumps([asdict(one) for one in estimates], indent=2))
        return
    for one in estimates:
        told = f"{one.value:>12,.0f}  standard error {one.error:>9,.0f}"
        if one.value < 0:
            told = "none: it comes out below 0, since so small a sample has so many copies"
        say(f"{one.name:<16} {told}")
