"""Tables from outside: CSV and Parquet files as people have them, faults and all.

A good CSV is read in one pass by polars. One that is not (a row with too many cells, a quote never
closed, a row of two hundred megabytes) is read line by line instead, and the rows that cannot be
read are set aside.
"""

import codecs
import csv
import gzip
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from referendum.core.errors import InputError
from referendum.core.printing import quantity
from referendum.core.tables import AS_WRITTEN, IMPOSSIBLE, READ, Checked, Reading, Table, check
from referendum.tables.headers import note_columns, require_columns

LONGEST_ROW = 1_000_000
"""Characters that a row of a CSV may have; no row of names and numbers comes near."""

LONGEST_NAME = 500
"""Characters that the name of a column may have."""

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


def read_checked(
    table: Table, path: Path, encoding: str = "utf-8", reading: Reading = AS_WRITTEN
) -> Checked:
    """Read a table and check it.

    Raises:
        InputError: it cannot be read, or lacks a column that the table needs.
    """
    raw = read_raw_table(path, encoding)
    try:
        checked = check(table, raw.frame, raw.broken, reading)
    except InputError as error:
        raise InputError(error.message, where=str(path), hint=error.hint) from error
    note_columns(checked.unknown_columns, table.name)
    return checked


def read_whole_table(
    table: Table, path: Path, encoding: str, hint: str, reading: Reading = AS_WRITTEN
) -> pl.DataFrame:
    """Read a table of which no row may be missing and no cell unread.

    Raises:
        InputError: a row or a cell cannot be used; `hint` says why every one is needed.
    """
    return whole_table(read_checked(table, path, encoding, reading), path, hint)


def whole_table(checked: Checked, path: Path, hint: str) -> pl.DataFrame:
    """Give the rows of a table of which no row may be missing and no cell unread.

    Raises:
        InputError: a row or a cell cannot be used; `hint` says why every one is needed.
    """
    require_columns(checked.unknown_columns, checked.empty, None, path)
    faults = checked.faulty.filter(pl.col("code") != "spelt_otherwise")
    if not faults.is_empty():
        row, column, code, value = faults.row(0)
        stood = "" if value is None else f" ({_short(value)})"
        numbers = _day_numbers({"code": code, "value": value})
        count = faults.get_column("row").n_unique()
        raise InputError(
            f"{quantity(count, 'row')} cannot be used; the first is row {row},"
            f" {column or 'the whole row'}: {code}{stood}",
            where=str(path),
            hint=numbers or hint,
        )
    return checked.rows


def _short(value: str) -> str:
    return repr(value if len(value) <= 40 else f"{value[:40]}…")


MOST_FAULTY, MOST_SET_ASIDE = Fraction(5, 100), Fraction(1, 100)
"""Shares of a column's cells, and of a table's rows, that may be faulty without being accepted."""

ROWS = "rows"
"""What is accepted where more rows are set aside."""


def how_read(checked: Sequence[Checked], accepted: Sequence[str]) -> dict[str, Any]:
    """Give the parameters that say how tables were read, where there is anything to say."""
    readings = {name: how for one in checked for name, how in one.readings.items()}
    return {
        **({"accepted": sorted(set(accepted))} if accepted else {}),
        **({"readings": readings} if readings else {}),
    }


def require_accepted(
    checked: Checked, accepted: Sequence[str], path: Path, *, needed: Sequence[str] = ()
) -> list[str]:
    """See that the office accepted what could not be read, if that is much.

    Args:
        checked: the table.
        accepted: names of columns, or `rows`, that the office accepts as they are.
        path: of the table.
        needed: columns of which every cell that cannot be read must be accepted.

    Returns:
        What was accepted and had to be, for the act.

    Raises:
        InputError: more than 5 per cent of the filled cells of a column are faulty, or more than 1
            per cent of the rows are set aside, and that is not accepted.
    """
    unread = checked.faulty.filter(~pl.col("code").is_in(READ) & (pl.col("column") != ""))
    had = require_columns(checked.unknown_columns, checked.empty, accepted, path)
    for column, count in unread.group_by("column", maintain_order=True).len().iter_rows():
        share = Fraction(count, max(checked.filled.get(column, 0), 1))
        cells = unread.filter(pl.col("column") == column)
        asked = column in needed and not (cells["code"] == IMPOSSIBLE).all()
        if share > MOST_FAULTY or asked:
            first = cells.row(0, named=True)
            _require(
                column,
                accepted,
                f"{quantity(count, 'cell')} of {column} cannot be read"
                f" ({float(share):.1%}); the first is in row {first['row']}: {first['code']}",
                path,
                _day_numbers(first),
            )
            had.append(column)
    had += require_rows(checked.set_aside, checked.rows.height, accepted, path)
    return sorted(set(had))


def require_rows(
    aside: pl.DataFrame, kept: int, accepted: Sequence[str], path: Path, mend: str | None = None
) -> list[str]:
    """See that the office accepted that rows are set aside (`row`, `code`), if they are many.

    Returns:
        `rows`, if that had to be accepted.

    Raises:
        InputError: more than 1 per cent of the rows are set aside, and that is not accepted.
    """
    whole = aside.height + kept
    if aside.height <= MOST_SET_ASIDE * whole:
        return []
    first = aside.row(0, named=True)
    _require(
        ROWS,
        accepted,
        f"{quantity(aside.height, 'row')} of {whole:,} would be set aside;"
        f" the first is row {first['row']}: {first['code']}",
        path,
        mend,
    )
    return [ROWS]


def _require(
    name: str, accepted: Sequence[str], told: str, path: Path, first: str | None = None
) -> None:
    mend = first or "mend the file, or name its --encoding or --dates"
    if name not in accepted:
        raise InputError(
            told,
            where=str(path),
            hint=f"{mend}; to sign it as it is, and have that recorded: --accept {name}",
        )


def _day_numbers(fault: Mapping[str, Any]) -> str | None:
    """Say how a column is mended where a spreadsheet wrote its own numbers of days."""
    if fault["code"] == "not_a_date" and re.fullmatch(
        r"[1-6]\d{4}([.,]\d+)?", fault["value"] or ""
    ):
        return (
            f"{fault['value']} is a spreadsheet's number of a day: format the column as a day"
            " (yyyy-mm-dd) and save it again"
        )
    return None


def _header(text: str, path: Path) -> list[str]:
    first = text[:LONGEST_ROW].split("\n", 1)[0]
    _require_commas(first, path)
    header = _split(first)
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


def _split(line: str) -> list[str] | None:
    try:
        return next(csv.reader([line]), [])
    except csv.Error:  # a cell too long for the reader
        return None


def _require_commas(first: str, path: Path) -> None:
    """See that the cells of a header are parted by commas: another file would be one column."""
    bare = re.sub(r'"[^"]*"', "", first)
    names = {";": "semicolons", "\t": "tabs", "|": "vertical lines"}
    for mark, name in names.items():
        if bare.count(mark) > bare.count(","):
            raise InputError(
                f"the cells are parted by {name} ({mark!r}), not by commas",
                where=str(path),
                hint="save the table again as CSV with commas between the cells",
            )


def _later_header(text: str) -> int | None:
    """Find the first row, of the first twenty, that names as many columns as the table has."""
    rows = [_split(line) or [] for line in text[:LONGEST_ROW].split("\n")[:20]]
    widest = max(map(len, rows))
    good = (
        number
        for number, row in enumerate(rows, start=1)
        if len(row) == widest > 1 and all(row) and len(set(row)) == widest
    )
    return next((number for number in good if number > 1), None)


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
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise InputError(f"not a Parquet file: {str(error)[:200]}", where=str(path)) from error
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


_OTHER_KINDS = {
    b"PK\x03\x04": "a spreadsheet or an archive",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet",
    b"%PDF": "a PDF",
    b"PAR1": "a Parquet file: call it .parquet",
    b"\x1f\x8b": "compressed: call it .csv.gz",
}


def _decode(data: bytes, encoding: str, path: Path) -> str:
    kind = next((name for head, name in _OTHER_KINDS.items() if data.startswith(head)), None)
    if kind:
        raise InputError(
            f"this is no CSV file but {kind}", where=str(path), hint="save the table as CSV"
        )
    _require_text_encoding(encoding)
    try:
        text = data.decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding)
        text.encode()  # no half characters that could not be written again
    except UnicodeError as error:
        raise InputError(
            _undecoded(error, data, encoding),
            where=str(path),
            hint="name the file's encoding, mostly --encoding cp1252, utf-16 or mac-roman",
        ) from error
    _require_own_encoding(text, data, encoding, path)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _without_blank_lines(text.removeprefix("sep=,\n"))


def _without_blank_lines(text: str) -> str:
    """Leave out lines with nothing on them, but for those inside of quotes."""
    if not re.search(r"\n[ \t]*(\n|$)", text[:-1]):
        return text
    return re.sub(r'("[^"]*")|\n[ \t]*(?=\n|$)', lambda found: found[1] or "", text)


_NO_TEXTS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"}
"""Codecs that spell names of hosts or source code, not the texts of a table."""

_KNOWN_ENCODINGS = "for example utf-8, cp1252, utf-16, mac-roman"


def _require_text_encoding(encoding: str) -> None:
    """Refuse an encoding that does not exist, or is none of texts.

    Raises:
        InputError: it is so.
    """
    try:
        name = codecs.lookup(encoding).name
        if name not in _NO_TEXTS:
            "a".encode(encoding)
    except (LookupError, ValueError) as error:
        message = f"no encoding of texts is called {encoding!r}"
        raise InputError(message, hint=_KNOWN_ENCODINGS) from error
    if name in _NO_TEXTS:
        raise InputError(f"{encoding!r} is no encoding of tables", hint=_KNOWN_ENCODINGS)


def _undecoded(error: UnicodeError, data: bytes, encoding: str) -> str:
    if not isinstance(error, UnicodeDecodeError):
        return f"the file is not {encoding}"
    row = data.count(b"\n", 0, error.start)
    return f"byte 0x{data[error.start]:02x} in row {row} is not {encoding}"


_SPOILT = re.compile(
    r"[ÂÃ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|[ÄÅ][\u0080-\u009f¡-¿]|\ufffd"
)
_OTHER_CODE_PAGE = re.compile(
    r"(?<=[^\W\d_])[\u0080-\u009f‚„…†‡ˆ‰‘“”•™§¤¨¥](?=[^\W\d_])"
    r"|(?<=[a-zà-ÿ])[ŠŽŸŒ]|(?<=[A-Za-zÀ-ÿ])[ŠŽŸŒ](?=[a-zà-ÿ])"
)
"""Marks, or capitals, inside a word: letters of Mac Roman or cp850 that were read as cp1252."""

_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


def _require_own_encoding(text: str, data: bytes, encoding: str, path: Path) -> None:
    """Refuse a text whose letters were read, or written, in an encoding that is not theirs.

    Raises:
        InputError: most of the letters beyond ASCII are what UTF-8 becomes when it is read so.
    """
    if text.isascii():
        return
    spoilt, runs = len(_SPOILT.findall(text)), len(_NOT_ASCII.findall(text))
    if 2 * spoilt < runs:
        _require_own_code_page(text, runs, path)
        return
    try:
        data.decode()
        own = "\ufffd" not in text and encoding.lower() not in ("utf-8", "utf8")
    except UnicodeDecodeError:
        own = False
    raise InputError(
        f"letters with accents come out spoilt, {spoilt:,} times",
        where=str(path),
        hint="the file is UTF-8: leave out --encoding, or name one for each file"
        if own
        else "the file was saved in a wrong encoding: export it again from its source, as UTF-8",
    )


def _require_own_code_page(text: str, runs: int, path: Path) -> None:
    """Refuse a text whose letters stand in another code page than the one it was read in.

    Raises:
        InputError: a fifth of the letters beyond ASCII, or more, cannot stand where they do.
    """
    spoilt = len(_OTHER_CODE_PAGE.findall(text))
    if spoilt and 5 * spoilt >= runs:
        raise InputError(
            f"letters with accents come out spoilt, {spoilt:,} times",
            where=str(path),
            hint="the file is of another encoding: try --encoding mac-roman or --encoding cp850",
        )


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
