"""Tables from outside: CSV and Parquet files as people have them, faults and all.

A good CSV is read in one pass by polars. One that is not (a row with too many cells, a quote never
closed, a row of two hundred megabytes) is read line by line instead, and the rows that cannot be
read are set aside.
"""

import csv
import gzip
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import polars as pl

from referendum.core.errors import InputError
from referendum.core.tables import Checked, Table, check

LONGEST_ROW = 1_000_000
"""Characters that a row of a CSV may have; no row of names and numbers comes near."""

ROWS_PER_CHUNK = 100_000


@dataclass(frozen=True)
class RawTable:
    """A table as it came: cells as text, rows in their order.

    Attributes:
        frame: every row; a row that cannot be read is a row of nulls.
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
    text = _decode(data, encoding, path)
    if not text.strip():
        raise InputError("the file is empty", where=str(path), hint="a table has a header row")
    header = _header(text, path)
    unclosed_quote = text.count('"') % 2 == 1
    if unclosed_quote or len(max(text.split("\n"), key=len)) > LONGEST_ROW:
        return _read_line_by_line(text, header)
    try:
        return RawTable(pl.read_csv(BytesIO(text.encode()), infer_schema=False))
    except pl.exceptions.PolarsError:
        return _read_line_by_line(text, header)


def read_checked(table: Table, path: Path, encoding: str = "utf-8") -> Checked:
    """Read a table and check it.

    Raises:
        InputError: it cannot be read, or lacks a column that the table needs.
    """
    raw = read_raw_table(path, encoding)
    return check(table, raw.frame, raw.broken)


def read_whole_table(table: Table, path: Path, encoding: str, hint: str) -> pl.DataFrame:
    """Read a table of which no row may be missing.

    Raises:
        InputError: a row cannot be used; `hint` says why every one is needed.
    """
    return whole_table(read_checked(table, path, encoding), path, hint)


def whole_table(checked: Checked, path: Path, hint: str) -> pl.DataFrame:
    """Give the rows of a table of which no row may be missing.

    Raises:
        InputError: a row cannot be used; `hint` says why every one is needed.
    """
    if not checked.set_aside.is_empty():
        row, code = checked.set_aside.select("row", "code").row(0)
        raise InputError(
            f"{checked.set_aside.height} rows cannot be used; the first is row {row}: {code}",
            where=str(path),
            hint=hint,
        )
    return checked.rows


def _header(text: str, path: Path) -> list[str]:
    try:
        header = next(csv.reader([text[:LONGEST_ROW].split("\n", 1)[0]]))
    except csv.Error as error:
        raise InputError(f"the header cannot be read: {error}", where=str(path)) from error
    if len(set(header)) != len(header) or not all(header):
        raise InputError(
            "two columns have the same name, or one has none",
            where=str(path),
            hint="the first row must name each column once",
        )
    return header


def _read_bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if path.suffix == ".gz" else data
    except FileNotFoundError as error:
        raise InputError("there is no such file", where=str(path)) from error
    except IsADirectoryError as error:
        raise InputError("this is a folder, not a file", where=str(path)) from error
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise InputError(
            f"the compressed file is damaged or cut off: {error}",
            where=str(path),
            hint="copy it again from its source",
        ) from error
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error


def _read_parquet(data: bytes, path: Path) -> RawTable:
    try:
        frame = pl.read_parquet(BytesIO(data))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise InputError(f"not a Parquet file: {error}", where=str(path)) from error
    for name, dtype in frame.schema.items():
        if dtype.is_nested() or dtype.base_type() in {pl.Duration, pl.Object}:
            raise InputError(
                f"the column {name!r} holds {dtype}: a cell is a text, a number or a day",
                where=str(path),
                hint="write one value in each cell",
            )
    try:
        return RawTable(frame.with_columns(pl.col(pl.Binary).cast(pl.String)))
    except pl.exceptions.ComputeError as error:
        raise InputError("a column holds bytes that are no text", where=str(path)) from error


def _decode(data: bytes, encoding: str, path: Path) -> str:
    try:
        return data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except LookupError as error:
        raise InputError(
            f"no encoding is called {encoding!r}", hint="for example utf-8, cp1252, utf-16"
        ) from error
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start)
        raise InputError(
            f"byte 0x{data[error.start]:02x} in row {row} is not {encoding}",
            where=str(path),
            hint="name the file's encoding, mostly --encoding cp1252 or --encoding utf-16",
        ) from error


def _read_line_by_line(text: str, header: list[str]) -> RawTable:
    """Read each line as a row of its own, so that one bad row spoils no other."""
    broken: list[tuple[int, str]] = []
    lines = (line for line in text.split("\n")[1:] if line.strip())
    rows = _parsed(lines, len(header), broken)
    schema = pl.Schema(dict.fromkeys(header, pl.String()))
    chunks = [pl.DataFrame(chunk, schema=schema, orient="row") for chunk in _chunks(rows)]
    return RawTable(pl.concat(chunks) if chunks else pl.DataFrame(schema=schema), tuple(broken))


def _parsed(
    lines: Iterable[str], width: int, broken: list[tuple[int, str]]
) -> Iterator[list[str | None]]:
    for number, line in enumerate(lines, start=1):
        cells, code = _cells(line, width)
        if code:
            broken.append((number, code))
        yield [*cells, *[None] * (width - len(cells))]


def _cells(line: str, width: int) -> tuple[list[str], str]:
    if len(line) > LONGEST_ROW:
        return [], "row_too_long"
    try:
        cells = next(csv.reader([line], strict=True))
    except csv.Error:
        return [], "broken_quotes"
    return (cells, "") if len(cells) <= width else ([], "too_many_cells")


def _chunks(rows: Iterable[list[str | None]]) -> Iterator[list[list[str | None]]]:
    chunk: list[list[str | None]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == ROWS_PER_CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
