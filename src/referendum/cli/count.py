"""`referendum returns`, `result`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from referendum.cli.screen import say
from referendum.cli.shared import (
    ActOptions,
    accept_option,
    act_options,
    encoding_option,
    json_option,
    leave_option,
    receiving_options,
    record_argument,
    say_notes,
    yes_option,
)
from referendum.core.errors import InputError
from referendum.count import FORMATS, ChoiceColumns, ContestChoice, forms_of_cards
from referendum.flows.count.cast_vote_records import read_cards
from referendum.flows.count.combined_returns import set_aside_rows
from referendum.flows.count.files import batches_to_forms, export_result, write_forms
from referendum.flows.count.outcome import outcome_lines, set_aside_lines, warning_lines
from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.flows.wording import wrap_lines
from referendum.law import exclusions_from_opening
from referendum.record.reading import Inputs, Record

FILE = click.Path(path_type=Path)


@click.group()
def returns() -> None:
    """Returns: receive them, read those of other systems, write them for others."""


@returns.command()
@receiving_options
@click.argument("places", metavar="FORMS", type=FILE)
@click.option("--second", type=FILE, help="The same forms, entered again by other people.")
@click.option("--electors", type=FILE, help="Electors by district.")
@click.option("--expected", type=FILE, help="The places whose returns are expected.")
@click.option("--previous", type=FILE, help="An earlier vote by place, to compare with.")
@click.option(
    "--format",
    "columns",
    type=click.Choice(list(FORMATS)),
    default="referendum",
    show_default=True,
    help="How the columns are named.",
)
@click.option("--scope", help="Which votes these are; all votes, or those of the other parts.")
@click.option("--provisional", is_flag=True, help="More returns or corrections are to come.")
@click.option("--common-ballot", is_flag=True, help="All questions stand on one ballot.")
@click.option("--update", is_flag=True, help="Put these forms over those of the part put right.")
@encoding_option
@accept_option
def receive(
    options: ActOptions,
    places: Path,
    electors: Path | None,
    columns: str,
    scope: str | None,
    encoding: str,
    expected: Path | None,
    **rest: Any,  # noqa: ANN401
) -> None:
    """Receive the returns in FORMS (CSV or Parquet): one row for each place, kind and question.

    They are a part beside those that stand: no form comes twice. --corrects puts a part right.

    A form that breaks a rule is set aside and published with the reason; what must be explained is
    published with what the officer says of it.
    """
    delivery = ReturnsFiles(
        places, electors, columns, scope, encoding=encoding, places=expected, **rest
    )
    with options.hold() as record:
        act = receive_returns(record, delivery, options.stamp)
        inputs = Inputs(record.bundles, {"returns": act.writes})
        lines = set_aside_lines(inputs.records("returns", "set_aside.csv"))
        lines += warning_lines(inputs.records("returns", "warnings.csv"))
    options.tell(act)
    if unread := act.parameters["unread"]:
        lines.append(f"columns that were not read: {', '.join(unread)}")
    if lines and not options.as_json:
        say("\n".join(wrap_lines(lines, 80)))


@returns.command("from-cards")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--manifests", type=FILE, help="Folder of Dominion's manifests; NIST if not given.")
@click.option("--region", default="all", show_default=True, help="What the forms say as region.")
@yes_option
@leave_option
@click.option("--out", required=True, type=FILE, help="File of forms to write (CSV).")
@json_option
def from_cards(
    files: tuple[Path, ...],
    manifests: Path | None,
    region: str,
    yes: tuple[str, ...],
    leave: tuple[str, ...],
    out: Path,
    *,
    as_json: bool,
) -> None:
    """Add up cast vote records in FILES (NIST 1500-103 or Dominion JSON) to forms.

    Which option of a question is yes follows from its words in some thirty languages. A question
    that is not understood stops the command: say which option is yes, or leave the question out.
    """
    records = read_cards(files, manifests, ContestChoice(yes, leave))
    forms = forms_of_cards(records.cards, region)
    write_forms(out, forms)
    _tell_forms(out, forms.height, records.notes, as_json=as_json)


@returns.command("from-batches")
@click.argument("manifest", type=FILE)
@click.argument("totals", type=FILE)
@click.option("--yes", required=True, help="Column of TOTALS that counts as yes.")
@click.option("--no", required=True, multiple=True, help="Column that counts as no; repeatable.")
@click.option(
    "--informal",
    "--leave",
    "informal",
    multiple=True,
    help="Column whose votes count for neither; repeatable.",
)
@click.option("--jurisdiction", default="all", show_default=True, help="Region and district.")
@click.option("--out", required=True, type=FILE, help="File of forms to write (CSV).")
@json_option
def from_batches(
    manifest: Path,
    totals: Path,
    yes: str,
    no: tuple[str, ...],
    informal: tuple[str, ...],
    jurisdiction: str,
    out: Path,
    *,
    as_json: bool,
) -> None:
    """Read Arlo's ballot MANIFEST and candidate TOTALS by batch as forms."""
    batches = batches_to_forms(manifest, totals, ChoiceColumns(yes, no, informal), jurisdiction)
    write_forms(out, batches.forms)
    _tell_forms(out, batches.forms.height, batches.notes, as_json=as_json)


@returns.command()
@record_argument
@click.argument("out", type=FILE)
@click.option("--day", help="Day of the vote; that of the opening if not given.")
@json_option
def export(folder: Path, out: Path, day: str | None, *, as_json: bool) -> None:
    """Write returns and result of RECORD to OUT: CSV, JSON, NIST 1500-100 and a dictionary."""
    names = export_result(Record.open(folder), out, day)
    say(json.dumps({"files": names}) if as_json else "\n".join(names))


def _tell_forms(out: Path, forms: int, notes: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        say(json.dumps({"file": str(out), "forms": forms, "notes": list(notes)}))
        return
    say_notes(notes)
    say(f"{forms:,} forms written to {out}")


@click.command()
@act_options
@click.option(
    "--recounted",
    is_flag=True,
    help="The ballots of districts so close that the act has them counted again have been, and the"
    " returns hold what was found.",
)
@click.option("--excludes", multiple=True, hidden=True)
@click.option("--tie-break", multiple=True, hidden=True)
def result(
    options: ActOptions, recounted: bool, excludes: tuple[str, ...], tie_break: tuple[str, ...]
) -> None:
    """Declare the result of every question under the statute's vote rule.

    What is not known while returns lack, or electors, is said to be so. Of questions that exclude
    each other, as the opening act names them, at most one is carried. Where the act has the ballots
    of close districts counted again, that is open until the result is declared with --recounted.
    """
    if excludes or tie_break:
        raise InputError(
            "which questions exclude each other is said before the returns are known",
            hint="with the opening: referendum new RECORD --excludes A,B --tie-break C",
        )
    with options.hold() as record:
        act = declare_result(record, options.stamp, recounted=recounted)
        inputs = record.inputs_and_outputs("result")
        document, rule = inputs.document("result"), inputs.statute().vote
        exclusions = exclusions_from_opening(inputs.parameters("statute"))
        aside = set_aside_rows(inputs)
    options.tell(act)
    if not options.as_json:
        say("\n".join(wrap_lines(outcome_lines(document, rule, exclusions, aside), 80)))
