"""The canonical form of a table's rows, and its digest: content, not the bytes of one writer.

The same rows have the same digest, whichever library or release of it wrote the file that they come
from. Section 14 of the record's specification has the form.
"""

import hashlib
import io
from collections.abc import Iterable
from datetime import date
from typing import IO, Any

import polars as pl
import rfc8785
from polars.datatypes import IntegerType

from referendum.core.errors import InputError

FORMAT_LINE = "referendum rows v1"

_ROWS_AT_A_TIME = 100_000
"""How many rows are written at a time, so that memory does not grow with the table."""

_TYPE_NAMES = (
    (pl.String | pl.Categorical | pl.Enum, "text"),
    (IntegerType, "integer"),
    (pl.Boolean, "boolean"),
    (pl.Date, "date"),
    (pl.Float64, "number"),
)
"""Types that contain no others, and what the form calls them."""

_FIRST_DAY, _LAST_DAY = date(1, 1, 1), date(9999, 12, 31)


def digest_rows(tables: pl.DataFrame | Iterable[pl.DataFrame]) -> str:
    """Give the SHA-256 of a table's canonical form, in hexadecimal.

    Args:
        tables: the table, or its rows in several frames of the same columns, in order.

    Raises:
        InputError: a column is of a type, or a cell has a value, that has no canonical form; there
            is no column; or frames have other columns than the first.
    """
    sink = _Digest()
    write_rows(tables, sink)
    return sink.hash.hexdigest()


def write_rows(tables: pl.DataFrame | Iterable[pl.DataFrame], sink: IO[bytes]) -> None:
    """Write a table in its canonical form; see `digest_rows`."""
    first_header = None
    for frame in [tables] if isinstance(tables, pl.DataFrame) else tables:
        header = _header(frame.schema)
        if first_header is None:
            first_header = header
            sink.write(f"{FORMAT_LINE}\n{header}\n".encode())
        elif header != first_header:
            raise InputError(
                f"the frames of a table differ: {first_header[:200]}, then {header[:200]}"
            )
        for part in frame.iter_slices(_ROWS_AT_A_TIME):
            # Everything but integers and empty cells is quoted; null is an empty cell.
            _canonical_cells(part).write_csv(
                sink, include_header=False, line_terminator="\n", quote_style="non_numeric"
            )
    if first_header is None:
        raise InputError("no frame, so no table")


class _Digest(io.BytesIO):
    """A file that keeps only the SHA-256 of what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.hash = hashlib.sha256()

    def write(self, data: Any, /) -> int:  # noqa: ANN401 - anything with a buffer
        """Take in some bytes."""
        self.hash.update(data)
        return len(data)


def _header(schema: pl.Schema) -> str:
    """Give the columns' names and types, as the form's second line has them."""
    if not schema:
        raise InputError("a table without columns has no canonical form")
    return ",".join(f"{_quote(name)}:{_type_name(name, dtype)}" for name, dtype in schema.items())


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _type_name(name: str, dtype: Any) -> str:  # noqa: ANN401 - polars gives a type or its class
    """Give the form's name of a column's type, or of the type of its elements."""
    plain = [word for types, word in _TYPE_NAMES if isinstance(dtype, types)]
    if plain:
        return plain[0]
    if isinstance(dtype, pl.List | pl.Array):
        return f"list({_type_name(name, dtype.inner)})"
    if isinstance(dtype, pl.Struct):
        fields = sorted(dtype.to_schema().items(), key=lambda item: item[0].encode("utf-16-be"))
        return "object(" + ",".join(f"{_quote(n)}:{_type_name(name, t)}" for n, t in fields) + ")"
    raise InputError(
        f"column {name!r} is of type {dtype}, which has no canonical form",
        hint="texts, integers, booleans, dates, 64-bit floats, and lists and structs of these have",
    )


def _canonical_cells(frame: pl.DataFrame) -> pl.DataFrame:
    """Turn a frame's columns into the integers and texts of the canonical form."""
    columns = enumerate(frame.iter_columns())
    return pl.DataFrame([_canonical_column(column).alias(f"{place}") for place, column in columns])


def _canonical_column(column: pl.Series) -> pl.Series:
    dtype = column.dtype
    if dtype.is_integer():
        return column
    if isinstance(dtype, pl.Float64):
        return _float_texts(column)
    if dtype.is_nested():
        return _json_texts(column)
    if isinstance(dtype, pl.Date) and not column.is_between(_FIRST_DAY, _LAST_DAY).all():
        raise InputError(f"column {column.name!r} has a day outside the years 1 to 9999")
    return column.cast(pl.String)


def _float_texts(column: pl.Series) -> pl.Series:
    """Write floats as ECMAScript does, with the fewest digits that give the same float."""
    if not column.is_finite().all():
        raise InputError(f"column {column.name!r} has a number that is infinite, or none")
    unsigned = pl.select(pl.when(column == 0).then(0.0).otherwise(column)).to_series()  # no −0
    texts = unsigned.cast(pl.String).str.strip_suffix(".0")
    far = texts.str.contains("e", literal=True).arg_true()
    if far.len():
        written = [rfc8785.dumps(value).decode() for value in column.gather(far)]
        texts = texts.scatter(far, pl.Series(written))
    return texts


def _json_texts(column: pl.Series) -> pl.Series:
    """Write lists and structs as canonical JSON."""
    try:
        texts = [
            None if value is None else rfc8785.dumps(_json_value(value)).decode()
            for value in column.to_list()
        ]
    except rfc8785.CanonicalizationError as error:
        raise InputError(f"column {column.name!r} holds no canonical JSON: {error}") from error
    return pl.Series(column.name, texts, dtype=pl.String)


def _json_value(value: Any) -> Any:  # noqa: ANN401 - a cell's value
    if isinstance(value, dict):
        return {name: _json_value(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_json_value(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value
