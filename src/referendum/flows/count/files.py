"""Foreign files of votes read into forms; returns and result written for others."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import polars as pl

from referendum.core.canonical import canonical_json
from referendum.core.days import utc_text
from referendum.core.errors import InputError
from referendum.core.tables import Table
from referendum.count import (
    ACCOUNTS,
    ELECTORS_BY_DISTRICT,
    PLACES,
    PREVIOUS,
    RETURNS,
    WARNINGS,
    BatchForms,
    ChoiceColumns,
    CombinedReturns,
    Heading,
    count_results,
    join_batches,
    results_report,
)
from referendum.flows.count.combined_returns import open_returns, read_combined_returns
from referendum.flows.count.result import exclusions_of
from referendum.law import require_known
from referendum.record.durable import write_files
from referendum.record.frames import to_csv
from referendum.record.reading import Inputs, Record
from referendum.record.stamps import now
from referendum.record.writing import PROGRAM_VERSION
from referendum.tables.reading import read_raw_table

TABLES: dict[str, Table] = {
    "returns": RETURNS,
    "accounts": ACCOUNTS,
    "warnings": WARNINGS,
    "electors": ELECTORS_BY_DISTRICT,
    "places": PLACES,
    "previous": PREVIOUS,
}
"""Tables that are exported, as the data dictionary names them."""


SUMS = ("regions", "districts", "kinds")


def batches_to_forms(
    manifest: Path, totals: Path, format_: ChoiceColumns, jurisdiction: str
) -> BatchForms:
    """Read Arlo's ballot manifest and candidate totals by batch as forms."""
    ballots, votes = read_raw_table(manifest).frame, read_raw_table(totals).frame
    return join_batches(ballots, votes, format_, jurisdiction)


def write_forms(path: Path, forms: pl.DataFrame) -> None:
    """Write forms as a CSV that `returns receive` reads.

    Raises:
        InputError: there are none.
    """
    if forms.is_empty():
        raise InputError(
            "no form came of the files", where=str(path), hint="name the files of the whole count"
        )
    write_files(path.parent, {path.name: to_csv(forms)})


def export_result(record: Record, folder: Path, day: str | None) -> list[str]:
    """Write the standing result for others, with a data dictionary.

    Files: the tables of returns and result as CSV; `result.json` as the record has it;
    `nist-1500-100.json`; `dictionary.csv`, which says what every column is.

    Args:
        record: one with a standing result.
        folder: where the files go.
        day: of the vote; the day on which the record was opened if not given.

    Returns:
        Names of the files.
    """
    record.inputs(("result",))
    inputs = record.inputs_and_outputs("result")
    combined = read_combined_returns(inputs)
    report = json.dumps(_report(record, inputs, combined, day), ensure_ascii=False, indent=1)
    files = {
        **{f"{name}.csv": to_csv(getattr(combined, name)) for name in TABLES},
        **{f"{name}.csv": inputs.data("result", f"{name}.csv") for name in SUMS},
        "set_aside.csv": to_csv(combined.set_aside),
        "result.json": canonical_json(inputs.document("result")),
        "nist-1500-100.json": report.encode(),
        "dictionary.csv": _dictionary(),
    }
    write_files(folder, files)
    return sorted(files)


def _report(
    record: Record, inputs: Inputs, combined: CombinedReturns, day: str | None
) -> dict[str, Any]:
    rule = require_known(inputs.statute().vote, "how a vote is decided")
    returns = combined.returns
    result, opening = inputs.document("result"), record.opening
    results = count_results(
        returns, combined.electors, rule, open_returns(combined), exclusions_of(inputs)
    )
    is_open = any(one.accepted is None for one in results.values())
    partial = result["provisional"] or result["missing"] or result["late"] or is_open
    heading = Heading(
        title=opening.parameters["title"],
        questions={name: opening.parameters["question"] for name in results if len(results) == 1},
        issuer=opening.parameters["office"],
        place=inputs.statute().jurisdiction,
        abbreviation=inputs.statute().place,
        day=day or opening.at[:10],
        generated=utc_text(now()),
        status="unofficial-partial" if partial else "unofficial-complete",
        passage=f"{rule.majority.value}, {rule.cite}",
        application=PROGRAM_VERSION,
        is_test=record.made_up,
    )
    return results_report(heading, returns, results)


def _dictionary() -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", "column", "type", "meaning"])
    for name, table in TABLES.items():
        writer.writerows(
            [f"{name}.csv", column.name, column.type, column.meaning] for column in table.columns
        )
    writer.writerows(OTHER_COLUMNS)
    return text.getvalue().encode()


_SUMS = [
    ("yes", "integer", "votes for"),
    ("no", "integer", "votes against"),
    ("formal", "integer", "yes and no"),
    ("informal", "integer", "ballots that count for neither"),
    ("total", "integer", "ballots in the box"),
]
_QUESTION, _KIND = ("question", "text", "which question"), ("kind", "text", "kind of vote")
_REGION, _DISTRICT = ("region", "text", "region"), ("district", "text", "electoral district")
_ELECTORS = ("electors", "integer", "electors on the list; empty where not known")

OTHER_COLUMNS = [
    (file, *column)
    for file, format_ in {
        "places.csv": [("status", "text", "counted, set_aside, late or missing")],
        "regions.csv": [
            _QUESTION, _REGION, ("counts", "text", "whether its own majority counts"), *_SUMS,
            _ELECTORS,
            ("carried", "text", "whether it has a majority; empty while that is not known"),
        ],
        "districts.csv": [
            _QUESTION, _REGION, _DISTRICT, *_SUMS, _ELECTORS,
            ("recount", "text", "whether it is counted again; empty where the rule is silent"),
        ],
        "kinds.csv": [_QUESTION, _KIND, *_SUMS],
        "set_aside.csv": [
            ("row", "integer", "row of the file that came in, from 1"), _QUESTION, _KIND, _REGION,
            _DISTRICT, ("place", "text", "polling place"),
            ("column", "text", "where the first fault is"), ("code", "text", "which fault"),
            ("value", "text", "what stood there"),
            ("figures", "text", "the numbers of the row, each read the largest way"),
            ("ballots", "integer", "the most ballots that it may hold; empty where unknown"),
        ],
    }.items()
    for column in format_
]  # fmt: skip
"""Columns of the exported files that no table of the count declares."""
