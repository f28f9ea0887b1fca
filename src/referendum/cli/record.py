"""`referendum new`, `log`, `replay`: the record itself."""

import json
from datetime import date
from pathlib import Path
from typing import Literal

import click
import msgspec

from referendum.cli.foreign import reading_foreign_records
from referendum.cli.screen import say
from referendum.cli.shared import (
    ActOptions,
    OfficerOptions,
    at_option,
    find_signer,
    json_option,
    key_option,
    later_option,
    passphrase_option,
    prepare_option,
    record_argument,
    say_notes,
    sign_option,
    tell_acts,
)
from referendum.core.days import read_date
from referendum.core.errors import InputError, RecordError
from referendum.flows.decisive_facts import decisive_facts
from referendum.flows.petition.totals import standing_deliveries
from referendum.flows.wording import (
    act_title,
    parts_lines,
    signature_note,
    wrap_lines,
)
from referendum.law import parse_exclusions, version_on
from referendum.record.acts import Act
from referendum.record.officers import Appointment, Roster, load_officer_key
from referendum.record.officers.rule import USUAL_RULE, Rule, is_able
from referendum.record.opening import Officer, Opening, open_record, statute_on
from referendum.record.prepared_acts import prepare_opening
from referendum.record.reading import Record
from referendum.record.signing_plan import SigningPlan
from referendum.record.stamps import Stamp
from referendum.tables.given_files import read_given_file


@click.command()
@record_argument
@click.option("--title", required=True, help="Short name of the petition or vote.")
@click.option("--question", required=True, help="The question, as put.")
@click.option("--subject", type=click.Choice(["petition", "vote"]), required=True)
@click.option("--statute", required=True, help="Such as ca-ab/citizen-initiative-act.")
@click.option("--on", "on_day", required=True, help="Day whose version of the statute applies.")
@click.option("--origin", required=True, help="Name of the log: a URL without https://.")
@click.option("--made-up", is_flag=True, help="Say everywhere that people or votes are made up.")
@click.option(
    "--excludes",
    multiple=True,
    metavar="A,B",
    help="Questions of a vote of which one enters into force; repeatable; `none` if there are none."
    " It cannot be said later.",
)
@click.option(
    "--tie-break",
    multiple=True,
    metavar="C",
    help="The question that decides between A and B; a yes to it is for A.",
)
@click.option("--office", help="Who keeps the record; the log's name if not given.")
@click.option(
    "--officer",
    "named",
    multiple=True,
    nargs=3,
    metavar="ROLE NAME KEYFILE",
    help="One of the first officers, with the file of the public key; repeatable.",
)
@click.option(
    "--rule",
    "rule_file",
    type=click.Path(path_type=Path),
    help="Who signs which acts (JSON); the usual rule if not given.",
)
@click.option(
    "--smallest-group",
    type=click.IntRange(1),
    help="Fewest people of whom what is published tells of none; 10 if not given.",
)
@key_option
@sign_option
@passphrase_option
@prepare_option
@later_option
@at_option
@json_option
def new(  # noqa: PLR0913, PLR0917 - click gives each option by name
    folder: Path,
    title: str,
    question: str,
    subject: Literal["petition", "vote"],
    statute: str,
    on_day: str,
    origin: str,
    made_up: bool,
    excludes: tuple[str, ...],
    tie_break: tuple[str, ...],
    office: str | None,
    named: tuple[tuple[str, str, str], ...],
    rule_file: Path | None,
    smallest_group: int | None,
    key_file: Path | None,
    sign_with: tuple[Path, ...],
    passphrases: tuple[str, ...],
    prepare: Path | None,
    later: tuple[str, ...],
    at: str | None,
    as_json: bool,
) -> None:
    """Open a new record in the folder RECORD, under the law of a given day.

    With --officer the record has officers: acts need their signatures, by the usual rule or by that
    of --rule, and the log's key alone cannot write them. Without, it never can have any.
    """
    version = statute_on(statute, read_date(on_day, "--on"))
    officers = tuple(
        Officer(name, role, load_officer_key(Path(path))) for role, name, path in named
    )
    rule = read_rule(rule_file) if rule_file else {}
    exclusions = parse_exclusions(excludes, tie_break)
    opening = Opening(
        title, question, subject, version, made_up, exclusions, office, officers, rule,
        smallest_group,
    )  # fmt: skip
    signers = OfficerOptions(sign_with, passphrases, prepare, later)
    signer = find_signer(key_file, origin)
    options = ActOptions(folder, key_file, Stamp(at), as_json, officers=signers)
    if prepare is None:
        act = open_record(folder, signer, opening, Stamp(at), SigningPlan(tuple(signers.load())))
    else:
        act = prepare_opening(signer, opening, Stamp(at), prepare, later)
    options.roster.append(Roster.of(act))
    options.tell(act)
    if not as_json:
        say_notes(_notes(opening, read_date(on_day, "--on")))


NO_OFFICERS = (
    "this record has no officers and can have none later: whoever holds its key can write every act"
    " in it alone; name officers with --officer ROLE NAME KEYFILE"
)

FEW_OFFICERS = (
    "if one officer loses a key, those who remain cannot appoint another, and the record ends"
    " there: appoint one more (referendum office appoint), so that three or more can sign that"
)


def _notes(opening: Opening, day: date) -> list[str]:
    """Say what cannot be mended once a record is opened."""
    notes = [] if opening.officers else [NO_OFFICERS]
    roles = [one.role for one in opening.officers]
    rule = opening.rule or USUAL_RULE
    if roles and not all(is_able(rule, roles[:at] + roles[at + 1 :]) for at in range(len(roles))):
        notes.append(FEW_OFFICERS)
    vote = version_on(opening.statute.id, day).vote
    if opening.subject == "vote" and opening.exclusions is None and vote and vote.conflict:
        notes.append(
            f"by this act of law proposals may exclude each other ({vote.conflict.cite}). If there"
            " will be several questions, none is carried unless the opening says which (--excludes"
            " A,B --tie-break C, or --excludes none): it cannot be said later."
        )
    return notes


def read_rule(path: Path) -> Rule:
    """Read a rule: an object with, by kind of act or `*`, a list of slots, each a list of roles.

    Raises:
        InputError: it is none.
    """
    try:
        return msgspec.json.decode(read_given_file(path), type=dict[str, list[list[str]]])
    except msgspec.MsgspecError as error:
        words = f"not a rule: {error}"
        hint = 'such as {"*": [["chief"], ["deputy"]], "checks.receive": [["checker"]]}'
        raise InputError(words, where=str(path), hint=hint) from error


@click.command()
@record_argument
@click.argument("number", metavar="[ACT]", type=int, required=False)
@json_option
@reading_foreign_records
def log(folder: Path, number: int | None, as_json: bool) -> None:
    """List the acts of RECORD, or tell one of them."""
    record = Record.open(folder)
    if number is not None and not 0 <= number < len(record.acts):
        raise InputError(f"there is no act {number}", hint=f"acts 0 to {len(record.acts) - 1}")
    if number is not None or as_json:
        acts = record.acts if number is None else [record.acts[number]]
        found = standing_deliveries(record)
        more = {} if number is not None or not found else {"deliveries": found.as_document()}
        tell_acts(tuple(acts), record.roster, as_json=as_json, **more)
        return
    fallen = record.fallen_acts()
    for act in record.acts:
        told = _act_line(act, record.signers(act), stands=act.number not in fallen)
        say("\n".join(told))
    told = parts_lines(act for act in record.acts if act.number not in fallen)
    for line in wrap_lines(told, 80):
        say(line)
    if came := standing_deliveries(record):
        say("\n".join(wrap_lines([came.words], 80)))


def _act_line(act: Act, signers: list[Appointment], *, stands: bool) -> list[str]:
    """Tell an act in a list: number, day, title, what decides, and who signed."""
    facts = decisive_facts(act)
    words = [f"{act_title(act)}{f': {facts}' if facts else ''}{'' if stands else NO_LONGER_STANDS}"]
    if act.reason is not None:
        words.append(f"puts right act {act.corrects}: {act.reason}")
    words += signature_note(act, signers)
    first, *rest = wrap_lines(words, 80, indent=18)
    return [f"{act.number:>4}  {act.at[:10]}  {first.strip()}", *rest]


NO_LONGER_STANDS = "  (no longer stands)"


@click.command()
@record_argument
@json_option
@reading_foreign_records
def replay(folder: Path, as_json: bool) -> None:
    """Run every derived act of RECORD again and compare digests."""
    # The stages' packages are loaded only by the command that runs them all.
    from referendum.flows.derivations import DERIVATIONS  # noqa: PLC0415
    from referendum.record.replay import replay as replay_record  # noqa: PLC0415

    record = Record.open(folder)
    results = replay_record(
        record, DERIVATIONS, lambda act: _say(as_json, f"act {act.number}: {act_title(act)}")
    )
    differing = [result for result in results if result.differences]
    if as_json:
        say(json.dumps(msgspec.to_builtins(results), indent=2))
    for result in differing:
        for difference in result.differences:
            _say(as_json, f"act {result.act.number}: DIFFERS in {difference}")
    if differing:
        raise RecordError(
            f"{len(differing)} of {len(results)} derived acts come out otherwise",
            where=str(folder),
            hint="compare the program's version with the acts' own (referendum log RECORD ACT)",
        )
    _say(as_json, f"all {len(results)} derived acts come out the same")


def _say(quiet: bool, text: str) -> None:
    if not quiet:
        say(text)
