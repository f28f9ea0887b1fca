"""What a table that was received could not give: rows set aside and cells that were not read."""

from collections import Counter
from dataclasses import dataclass
from io import BytesIO

import polars as pl

from referendum.core.errors import OrderError
from referendum.record.reading import Inputs, Record

FAULTS = pl.Schema(
    {"row": pl.Int64, "column": pl.String, "code": pl.String, "value": pl.String, "set_aside": bool}
)

FAULTS_OF_PARTS = pl.Schema([("act", pl.Int64()), *FAULTS.items()])
"""The same of a table that came in parts: rows are numbered within the file of an act."""

ACTS_OF_PARTS = {"lines": "petition.receive"}
"""Kinds of bundles that come in parts, and the acts that write them, or such as wait."""


@dataclass(frozen=True)
class FaultFiles:
    """Where the faults of a table lie.

    Attributes:
        bundle: kind of the bundle.
        faults: file of the faults, row by row; none where only set-aside rows are kept.
        set_aside: file of the rows that were set aside.
    """

    bundle: str
    faults: str | None
    set_aside: str


FAULT_FILES: dict[str, FaultFiles] = {
    "electors": FaultFiles("electors", "faults.parquet", "set_aside.parquet"),
    "lines": FaultFiles("lines", "faults.parquet", "set_aside.parquet"),
    "sheets": FaultFiles("lines", "sheets_faults.parquet", "sheets_set_aside.parquet"),
    "returns": FaultFiles("returns", None, "set_aside.csv"),
    "polls": FaultFiles("polls", None, "set_aside.csv"),
}
"""Tables that come from outside and are kept with their faults, by name."""


def faults_of(record: Record, table: str) -> pl.DataFrame:
    """Give the faults of a table that stands: the row and column, the code, and what stood there.

    Returns:
        Columns of `FAULTS`, by row; `set_aside` says whether the whole row was. Of a table that
        came in parts those of `FAULTS_OF_PARTS`, part by part.

    Raises:
        OrderError: the table was not received, or its sealed bundle is not here.
    """
    files = FAULT_FILES[table]
    kind = ACTS_OF_PARTS.get(files.bundle)
    if kind is None:
        return _bundle_faults(record, files, record.inputs((files.bundle,)))
    acts = record.standings.all_of(kind)
    if not acts:
        record.inputs((files.bundle,))
    found = [pl.DataFrame(schema=FAULTS_OF_PARTS)]
    for act in acts:
        part = Inputs(record.bundles, {files.bundle: act.writes})
        faults = _bundle_faults(record, files, part)
        found.append(faults.select(pl.lit(act.number, pl.Int64).alias("act"), *list(FAULTS)))
    return pl.concat(found)


def _bundle_faults(record: Record, files: FaultFiles, inputs: Inputs) -> pl.DataFrame:
    parts = inputs.parts(files.bundle)
    aside = pl.concat([_read(part, files, files.set_aside, record) for part in parts])
    if files.faults is None:
        rows = aside.select(*list(FAULTS)[:4], set_aside=pl.lit(value=True)).cast(FAULTS)
        return pl.concat([rows, _faults_without_row(record, files.bundle, rows)])
    faults = pl.concat([_read(part, files, files.faults, record) for part in parts])
    if "value" not in faults.columns:  # of a bundle that was written before values were kept
        faults = faults.with_columns(value=pl.lit(None, pl.String))
    whole = pl.col("row").is_in(aside["row"].implode()).fill_null(value=False)
    return faults.with_columns(set_aside=whole).select(list(FAULTS)).sort("row", "column", "code")


def _faults_without_row(record: Record, bundle: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Give the faults that the act counts, and that are of no row which was set aside."""
    counts: Counter[str] = Counter()
    for act in record.standings.all_of(f"{bundle}.receive"):
        counts.update(act.facts.get("faults", {}))
    named = dict(rows.group_by("code").len().iter_rows())
    codes = [
        code for code, count in counts.items() for _ in range(max(count - named.get(code, 0), 0))
    ]
    return pl.DataFrame({"code": codes}, schema={"code": pl.String}).select(
        pl.lit(None, pl.Int64).alias("row"),
        pl.lit(None, pl.String).alias("column"),
        "code",
        pl.lit(None, pl.String).alias("value"),
        pl.lit(value=False).alias("set_aside"),
    )


def _read(inputs: Inputs, files: FaultFiles, name: str, record: Record) -> pl.DataFrame:
    try:
        if name.endswith(".parquet"):
            return inputs.table(files.bundle, name)
        data = inputs.data(files.bundle, name)
    except FileNotFoundError as error:
        raise OrderError(
            f"the sealed {files.bundle} are not here",
            where=str(record.folder),
            hint="only the office's own copy of the record holds them",
        ) from error
    return pl.read_csv(BytesIO(data), infer_schema=False)
