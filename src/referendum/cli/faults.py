"""`referendum faults`: what a received table could not give, shown to the office."""

import json
from pathlib import Path

import click
import polars as pl

from referendum.cli.screen import say
from referendum.cli.shared import json_option, record_argument, write_new_sheet
from referendum.record.reading import Record
from referendum.record.table_faults import FAULT_FILES, faults_of


@click.command()
@record_argument
@click.argument("table", type=click.Choice(list(FAULT_FILES)))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write all of them to this new file (CSV), which only you can read.",
)
@click.option("--limit", type=click.IntRange(1), default=40, show_default=True)
@json_option
def faults(folder: Path, table: str, out: Path | None, limit: int, *, as_json: bool) -> None:
    """Show the rows of TABLE that were set aside, and the cells that could not be read.

    Rows are numbered as in the file that came, from 1 below the header. Lists of electors and lines
    lie in the office's sealed bundles: what is shown of them are personal data.
    """
    found = faults_of(Record.open(folder), table)
    if out is not None:
        write_new_sheet(out, found)
        return
    if as_json:
        say(json.dumps(found.rows(named=True), indent=1))
        return
    _tell(found, limit)


def _tell(found: pl.DataFrame, limit: int) -> None:
    several = "act" in found.columns and found["act"].n_unique() > 1
    keys = [name for name in ("act", "row") if name in found.columns]
    rows = found.filter("set_aside").select(keys).n_unique()
    say(f"{rows:,} rows set aside, {found.height:,} faults in all")
    for code, count in found.group_by("code").len().sort("code").iter_rows():
        say(f"  {code:<20} {count:,}")
    for row in found.head(limit).iter_rows(named=True):
        stood = "" if row["value"] is None else f" {row['value'][:60]!r}"
        aside = ", set aside" if row["set_aside"] else ""
        part = f"act {row['act']}, " if several else ""
        say(f"{part}{_where(row['row'], row['column'])}: {row['code']}{stood}{aside}")
    if found.height > limit:
        say(f"and {found.height - limit:,} more: give --limit, or --out FILE")


def _where(row: int | None, column: str | None) -> str:
    if row is None:
        return f"the column {column!r}" if column else "a cell of a row that is kept"
    return f"row {row}, {column or 'the whole row'}"
