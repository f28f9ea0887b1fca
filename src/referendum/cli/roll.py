"""`referendum roll`: the list of electors."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from referendum.cli.screen import say
from referendum.cli.shared import (
    ActOptions,
    accept_option,
    act_options,
    dates_option,
    encoding_option,
    index_folder,
    json_option,
    receiving_options,
)
from referendum.core.written_days import DayOrder
from referendum.flows.roll.seal import seal_roll

DEFAULT_COLUMNS = (
    "elector_id,given_names,surname,unit,street_number,street,locality,postal_code,district"
)


@click.group()
def roll() -> None:
    """Keep the list of electors, and search it."""


@roll.command()
@receiving_options
@click.argument("electors", type=click.Path(path_type=Path))
@encoding_option
@dates_option
@accept_option
def seal(
    options: ActOptions,
    electors: Path,
    encoding: str,
    dates: DayOrder | None,
    accept: tuple[str, ...],
) -> None:
    """Seal the list of electors in ELECTORS (CSV or Parquet) into the record.

    Rows are normalised; a faulty cell is left empty and counted; a row without a number or a name,
    or with a number seen before, is set aside. Only counts and the digest become public.
    """
    with options.hold() as record:
        act = seal_roll(record, electors, encoding, options.stamp, dates=dates, accept=accept)
    options.tell(act)


@roll.command()
@act_options
@click.option("--for", "recipient", required=True, help="To whom the copy goes; public.")
@click.option(
    "--decoys",
    type=click.IntRange(1),
    help="How many; by default one among 200 electors, and at least 20.",
)
@click.option(
    "--columns",
    default=DEFAULT_COLUMNS,
    show_default=True,
    help="Columns that the copy holds, with commas: those that the law gives; `all` for every one.",
)
@click.option(
    "--renumber",
    is_flag=True,
    help="Give every row a number that this copy alone has, in the order of the list.",
)
@click.argument("out", type=click.Path(path_type=Path))
def copy(
    options: ActOptions,
    recipient: str,
    decoys: int | None,
    columns: str,
    renumber: bool,
    out: Path,
) -> None:
    """Write a copy of the sealed list to OUT (CSV or .parquet), with decoys of its own.

    Decoys are fictitious electors, and kept sealed. No two copies have the same. If lines of the
    petition match some, that is an alarm, and if the decoys of one copy are enough of them, it is
    named. A decoy's number is from the gaps of the list: where there are few, give --renumber, or
    leave out elector_id.
    """
    from referendum.core.schemas import ELECTORS  # noqa: PLC0415
    from referendum.flows.roll.copies import hand_out_copy  # noqa: PLC0415 - the group loads quickly

    names = ELECTORS.schema.names() if columns == "all" else columns.split(",")
    compared_words = [name.strip() for name in names]
    with options.hold() as record:
        act = hand_out_copy(
            record, recipient, decoys, out, options.stamp, columns=compared_words, renumber=renumber
        )
    options.tell(act)


@roll.command()
@click.argument("words", nargs=-1)
@click.option("--record", type=click.Path(path_type=Path), help="Record whose sealed list it is.")
@click.option("--electors", type=click.Path(path_type=Path), help="A list without a record.")
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True)
@click.option(
    "--index",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder for indexes; by default the user's own, which nobody else can read.",
)
@encoding_option
@dates_option
@json_option
def search(
    words: tuple[str, ...],
    record: Path | None,
    electors: Path | None,
    limit: int,
    folder: Path | None,
    encoding: str,
    dates: DayOrder | None,
    as_json: bool,
) -> None:
    """Search the list of electors: any WORDS of a person, in any order, begun or misspelt.

    704smi is house number 704 and a surname that begins with smi. Without WORDS, each line of the
    input is a search, and the index is opened once. The index is built at the first search of a
    list, and holds personal data.
    """
    from referendum.flows.roll.search import (  # noqa: PLC0415 - compiles
        open_file_index,
        open_record_index,
    )

    if (record is None) == (electors is None):
        raise click.UsageError("Give --record or --electors.")
    place = folder or index_folder()
    if electors is not None:
        index = open_file_index(electors, place, encoding, dates)
    elif record is not None:
        index = open_record_index(record, place)
    if words:
        _tell(index.search(" ".join(words), limit), as_json)
        return
    asking = sys.stdin.isatty()
    while line := (_ask_for_search() if asking else sys.stdin.readline()):
        _tell(index.search(line, limit), as_json)


def _ask_for_search() -> str:
    return str(click.prompt("search", default="", show_default=False))


def _tell(found: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        say(json.dumps(found, default=str))
        return
    for person in found:
        name = f"{person['surname']}, {person['given_names']}"
        door = [person[part] for part in ("unit", "street_number", "street")]
        address = " ".join(filter(None, (*door, person["locality"], person["postal_code"])))
        say(f"{person['fit']:.2f}  {person['elector_id']}  {name}")
        say(f"      {address or 'no address'}  {person['phone'] or ''}".rstrip())
    if not found:
        say("nobody")
