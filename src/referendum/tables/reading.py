"""Tables from outside: CSV and Parquet files as people have them, faults and all.

A good CSV file is read in one pass by polars. A bad one (a row with too many cells, a quotation
that is never closed, a row of two hundred megabytes) is read line by line, and the rows that cannot
be read are set aside.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import polars as pl

from referendum.core.errors import InputError
from referendum.core.tables import (
    DEFAULT_READING,
    CheckedTable,
    ReadingOptions,
    Table,
    check_table,
)
from referendum.tables.acceptance import require_whole_table
from referendum.tables.decoding import decode_text
from referendum.tables.given_files import LARGEST_TABLE, expand_gzip, read_given_file
from referendum.tables.requirements import notify_of_unread_columns

LONGEST_ROW = 1_000_000
"""Most characters of a row of a CSV file; no row of names and numbers comes near."""

LONGEST_NAME = 500
"""Most characters of a column's name."""

ROWS_PER_CHUNK = 100_000


@dataclass(frozen=True)
class RawTable:
    """A table as it came: cells as text, rows in their order.

    Attributes:
        frame: every row; one that cannot be read is a row of nulls.
        broken: row numbers (from 1) of the rows that cannot be read, with the code why.
    """

    frame: pl.DataFrame
    broken: tuple[tuple[int, str], ...] = ()


def read_raw_table(path: Path, encoding: str = "utf-8") -> RawTable:
    """Read a table from a `.parquet`, `.csv` or `.csv.gz` file.

    Raises:
        InputError: the file is missing, empty, of another kind, or in another encoding.
    """
    data = _read_bytes(path)
    if path.suffix == ".parquet":
        return _read_parquet(data, path)
    text = decode_text(data, encoding, path)
    if not text.strip():
        raise InputError("the file is empty", where=str(path), hint="a table has a header row")
    header = _read_header(text, path)
    unclosed_quote = text.count('"') % 2 == 1
    if unclosed_quote or len(max(text.split("\n"), key=len)) > LONGEST_ROW:
        return _read_line_by_line(text, header)
    try:
        return RawTable(pl.read_csv(BytesIO(text.encode()), infer_schema=False))
    except pl.exceptions.PolarsError:
        return _read_line_by_line(text, header)


def read_checked_table(
    table: Table, path: Path, encoding: str = "utf-8", reading: ReadingOptions = DEFAULT_READING
) -> CheckedTable:
    """Read a table from a file and check it; columns that are not read are told as a notice.

    Raises:
        InputError: it cannot be read, or lacks a column that the table needs.
    """
    raw = read_raw_table(path, encoding)
    try:
        checked = check_table(table, raw.frame, raw.broken, reading)
    except InputError as error:
        raise InputError(error.message, where=str(path), hint=error.hint) from error
    notify_of_unread_columns(checked.unknown_columns, table.name)
    return checked


def read_whole_table(
    table: Table, path: Path, encoding: str, hint: str, reading: ReadingOptions = DEFAULT_READING
) -> pl.DataFrame:
    """Read a table in which every row and every cell must be usable.

    Raises:
        InputError: a row or a cell cannot be used; `hint` says why every one is needed.
    """
    return require_whole_table(read_checked_table(table, path, encoding, reading), path, hint)


def _read_header(text: str, path: Path) -> list[str]:
    first = text[:LONGEST_ROW].split("\n", 1)[0]
    _require_commas(first, path)
    header = _split_row(first)
    once = header is not None and len(set(header)) == len(header)
    if header is None or not once or not all(0 < len(name) <= LONGEST_NAME for name in header):
        later = _later_header(text)
        raise InputError(
            f"two columns have the same name, or one has none (of up to {LONGEST_NAME} letters)",
            where=str(path),
            hint=f"row {later} looks like the header: delete the rows above it"
            if later
            else "the first row must name each column once",
        )
    return header


def _split_row(line: str) -> list[str] | None:
    try:
        return next(csv.reader([line]), [])
    except csv.Error:  # a cell too long for the reader
        return None


def _require_commas(first: str, path: Path) -> None:
    """Require that commas separate the cells of a header; otherwise all would be one column."""
    unquoted = re.sub(r'"[^"]*"', "", first)
    names = {";": "semicolons", "\t": "tabs", "|": "vertical lines"}
    for mark, name in names.items():
        if unquoted.count(mark) > unquoted.count(","):
            raise InputError(
                f"the cells are parted by {name} ({mark!r}), not by commas",
                where=str(path),
                hint="save the table again as CSV with commas between the cells",
            )


def _later_header(text: str) -> int | None:
    """Find, among the first twenty rows, a later one that could be the header; give its number."""
    rows = [_split_row(line) or [] for line in text[:LONGEST_ROW].split("\n")[:20]]
    widest = max(map(len, rows))
    good = (
        number
        for number, row in enumerate(rows, start=1)
        if len(row) == widest > 1 and all(row) and len(set(row)) == widest
    )
    return next((number for number in good if number > 1), None)


def _read_bytes(path: Path) -> bytes:
    data = read_given_file(path, LARGEST_TABLE)
    return expand_gzip(data, path) if path.suffix == ".gz" else data


MOST_ROWS = 100_000_000
"""Most rows of a table: more than any list of electors has."""

FEW_ROWS = 1_000_000
"""So many rows are read whatever the size of the file; of more, each takes a byte or more of it."""

_NO_CELLS = {pl.Duration, pl.Object}


def _read_parquet(data: bytes, path: Path) -> RawTable:
    """Read a Parquet file whose own summary, at its end, was found fit to be read."""
    where = str(path)
    try:
        _require_readable(data, where)
        frame = pl.read_parquet(BytesIO(data))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise InputError("not a Parquet file, or a damaged one", where=where) from error
    try:
        texts = frame.with_columns(pl.col(pl.Binary).cast(pl.String))
    except pl.exceptions.PolarsError as error:
        raise InputError("a column holds bytes that are no text", where=where) from error
    letters = texts.select(pl.sum_horizontal(0, pl.col(pl.String).str.len_bytes().sum())).item()
    if letters > LARGEST_TABLE:
        raise InputError(f"larger than any table: {letters:,} bytes of text", where=where)
    return RawTable(texts)


def _require_readable(data: bytes, where: str) -> None:
    """Require of a Parquet file, before it is read, columns of single values and possible rows.

    A small file can say, of one value, that it stands in a thousand million rows.

    Raises:
        InputError: it has others.
    """
    for number, dtype in enumerate(pl.read_parquet_schema(BytesIO(data)).values(), start=1):
        if dtype.is_nested() or dtype.base_type() in _NO_CELLS:
            kind = str(dtype.base_type()).lower()
            raise InputError(
                f"column {number} holds {kind}s: a cell is a text, a number or a day",
                where=where,
                hint="write one value in each cell",
            )
    rows: int = pl.scan_parquet(BytesIO(data)).select(pl.len()).collect().item()
    if rows > MOST_ROWS or rows > max(FEW_ROWS, len(data)):
        raise InputError(
            f"{rows:,} rows in {len(data):,} bytes: the rows repeat each other, or are too many",
            where=where,
            hint=f"a table has at most {MOST_ROWS:,} rows, each of one line, elector or place",
        )


def _read_line_by_line(text: str, header: list[str]) -> RawTable:
    """Read each line as a row of its own, so that a bad row spoils no other."""
    broken: list[tuple[int, str]] = []
    lines = (line for line in text.split("\n")[1:] if line.strip())
    rows = _parse_rows(lines, len(header), broken)
    schema = pl.Schema(dict.fromkeys(header, pl.String()))
    chunks = [pl.DataFrame(chunk, schema=schema, orient="row") for chunk in _chunk_rows(rows)]
    return RawTable(pl.concat(chunks) if chunks else pl.DataFrame(schema=schema), tuple(broken))


def _parse_rows(
    lines: Iterable[str], width: int, broken: list[tuple[int, str]]
) -> Iterator[list[str | None]]:
    for number, line in enumerate(lines, start=1):
        cells, code = _parse_row(line, width)
        if code:
            broken.append((number, code))
        yield [*cells, *[None] * (width - len(cells))]


def _parse_row(line: str, width: int) -> tuple[list[str], str]:
    if len(line) > LONGEST_ROW:
        return [], "row_too_long"
    try:
        cells = next(csv.reader([line], strict=True))
    except csv.Error:
        return [], "broken_quotes"
    return (cells, "") if len(cells) <= width else ([], "too_many_cells")


def _chunk_rows(rows: Iterable[list[str | None]]) -> Iterator[list[list[str | None]]]:
    chunk: list[list[str | None]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == ROWS_PER_CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
