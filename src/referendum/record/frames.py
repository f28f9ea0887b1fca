"""Frames to bytes and back: Parquet for sealed tables, CSV for public ones."""

from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from referendum.core.canonical import canonical_json
from referendum.core.canonical_rows import digest_rows
from referendum.core.errors import InputError
from referendum.record.bundles import Draft


def to_parquet(frame: pl.DataFrame) -> bytes:
    """Write a frame as Parquet."""
    buffer = BytesIO()
    frame.write_parquet(buffer, compression="zstd", compression_level=3, statistics=False)
    return buffer.getvalue()


def from_parquet(data: bytes) -> pl.DataFrame:
    """Read a sealed table."""
    return pl.read_parquet(BytesIO(data))


def to_csv(frame: pl.DataFrame) -> bytes:
    """Write a frame as the record's CSV: comma, header, newline, quotes only where needed."""
    # An empty text and none at all are both an empty cell; polars would quote the one.
    texts = frame.with_columns(pl.col(pl.String).replace("", None))
    return texts.write_csv(line_terminator="\n").encode()


def encode_by_suffix(path: Path, frame: pl.DataFrame) -> bytes:
    """Write a frame as its file is called: Parquet, or else CSV."""
    return to_parquet(frame) if path.suffix == ".parquet" else to_csv(frame)


def from_csv(data: bytes, schema: pl.Schema) -> pl.DataFrame:
    """Read a public table whose columns are known."""
    return pl.read_csv(BytesIO(data), schema=schema)


def sealed_tables(kind: str, tables: dict[str, pl.DataFrame], nonce: str | None = None) -> Draft:
    """Draft a sealed bundle of Parquet tables, each named without its ending."""
    return Draft(
        kind,
        sealed=True,
        files={f"{name}.parquet": to_parquet(frame) for name, frame in tables.items()},
        rows={f"{name}.parquet": frame.height for name, frame in tables.items()},
        nonce=nonce,
        contents={f"{name}.parquet": digest_rows(frame) for name, frame in tables.items()},
    )


def public_tables(
    kind: str, tables: dict[str, pl.DataFrame], document: dict[str, Any] | None = None
) -> Draft:
    """Draft a public bundle of CSV tables and, where there is one, the document named after it.

    Of what was set aside, which is whatever somebody sent, such signs become blanks.

    Raises:
        InputError: a cell, other than of what was set aside, has signs that break or turn writing.
    """
    for name, frame in tables.items():
        if name != "set_aside":
            _require_plain_cells(name, frame)
    files = {f"{name}.csv": to_csv(_shown(name, frame)) for name, frame in tables.items()}
    if document is not None:
        files[f"{kind}.json"] = canonical_json(document)
    rows = {f"{name}.csv": frame.height for name, frame in tables.items()}
    return Draft(kind, sealed=False, files=files, rows=rows)


_BREAKS_WRITING = (
    r"[\p{Cc}\x{2028}\x{2029}\x{061c}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}]"
)


def _shown(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    texts = pl.col(pl.String).str.replace_all(_BREAKS_WRITING, " ")
    return frame.with_columns(texts) if name == "set_aside" else frame


def _require_plain_cells(name: str, frame: pl.DataFrame) -> None:
    """Insist that no text of a public table has controls, line ends or marks of direction."""
    for column in frame.select(pl.col(pl.String)).iter_columns():
        odd = column.filter(column.str.contains(_BREAKS_WRITING))
        if odd.len():
            raise InputError(
                f"{odd[0][:80]!r} has a control character, a line end or a mark of direction",
                where=f"table {name}, column {column.name}",
                hint="mend the cell in the file, and receive it again",
            )
