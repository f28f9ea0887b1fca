"""Rows in canonical form: against a slow writing of it from the specification alone."""

import hashlib
import io
import json
import string
import struct
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referendum.core import canonical_rows
from referendum.core.canonical_rows import digest_rows, write_rows
from referendum.core.errors import InputError

SPECIFICATION = (Path(__file__).parents[2] / "docs/record.md").read_text()


def form(tables):
    """The canonical form."""
    sink = io.BytesIO()
    write_rows(tables, sink)
    return sink.getvalue()


# The form, written slowly from section 14.


def slow_form(frame):
    lines = ["referendum rows v1"]
    lines.append(
        ",".join(f"{quoted(name)}:{type_name(dtype)}" for name, dtype in frame.schema.items())
    )
    for row in frame.rows():
        cells = zip(row, frame.dtypes, strict=True)
        lines.append(",".join(cell(value, dtype) for value, dtype in cells))
    return "".join(f"{line}\n" for line in lines).encode()


def quoted(text):
    return '"' + '""'.join(text.split('"')) + '"'


def type_name(dtype):
    if isinstance(dtype, pl.List | pl.Array):
        return f"list({type_name(dtype.inner)})"
    if isinstance(dtype, pl.Struct):
        fields = sorted(dtype.fields, key=lambda field: utf_16(field.name))
        parts = (f"{quoted(field.name)}:{type_name(field.dtype)}" for field in fields)
        return f"object({','.join(parts)})"
    named = {"Boolean": "boolean", "Date": "date", "Float64": "number", "String": "text"}
    return named.get(str(dtype), "integer")


def utf_16(text):
    units = text.encode("utf-16-be")
    return struct.unpack(f">{len(units) // 2}H", units)


def cell(value, dtype):
    if value is None:
        return ""
    if type_name(dtype) == "integer":
        return f"{value:d}"
    return quoted(written(value) if not isinstance(value, str) else value)


def written(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return f"{value.year:04}-{value.month:02}-{value.day:02}"
    return number(value) if isinstance(value, float) else document(value)


def document(value):
    """Canonical JSON (RFC 8785)."""
    if value is None:
        return "null"
    if isinstance(value, list):
        return "[" + ",".join(map(document, value)) + "]"
    if isinstance(value, dict):
        names = sorted(value, key=utf_16)
        return "{" + ",".join(f"{document(n)}:{document(value[n])}" for n in names) + "}"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, date):
        return f'"{written(value)}"'
    return str(value) if type(value) is int else written(value)


def number(value):
    """Number::toString of ECMAScript, its n, k and s by the letters of the standard."""
    if value == 0:
        return "0"
    if value < 0:
        return "-" + number(-value)
    _, all_digits, exponent = Decimal(repr(value)).as_tuple()
    s = "".join(map(str, all_digits)).rstrip("0")
    k, n = len(s), exponent + len(all_digits)
    if k <= n <= 21:
        return s + "0" * (n - k)
    if 0 < n <= 21:
        return s[:n] + "." + s[n:]
    if -6 < n <= 0:
        return "0." + "0" * -n + s
    power = f"e+{n - 1}" if n > 0 else f"e-{1 - n}"
    return s[0] + ("." + s[1:] if k > 1 else "") + power


# Frames.

TEXTS = st.text(max_size=8) | st.text('",\n\r\\\x00\ufeff\u2028 1é😀\U0010ffff\uffff', max_size=8)
FLOATS = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [0.0, -0.0, 1.0, 1e-5, 1e-6, 9.999999e-7, 1e-7, 1e15, 1e16, 123456789012345680000.0, 1e21]
)
DAYS = st.dates()
SMALL = st.integers(-(2**53) + 1, 2**53 - 1)
PLAIN = [
    (pl.String, TEXTS),
    (pl.Int64, st.integers(-(2**63), 2**63 - 1)),
    (pl.UInt64, st.integers(0, 2**64 - 1)),
    (pl.Int128, st.integers(-(2**127), 2**127 - 1)),
    (pl.Int8, st.integers(-128, 127)),
    (pl.Boolean, st.booleans()),
    (pl.Date, DAYS),
    (pl.Float64, FLOATS),
]
NESTED = [
    (pl.List(pl.String), st.lists(st.none() | TEXTS, max_size=3)),
    (pl.List(pl.Int64), st.lists(st.none() | SMALL, max_size=3)),
    (pl.List(pl.List(pl.Float64)), st.lists(st.lists(FLOATS, max_size=2), max_size=2)),
    (pl.Array(pl.Boolean, 2), st.lists(st.booleans(), min_size=2, max_size=2)),
    (
        pl.Struct({"é": pl.String, "a": pl.Float64, "\ufb33": pl.Date, "😀": pl.List(pl.Int64)}),
        st.fixed_dictionaries(
            {"é": TEXTS, "a": FLOATS, "\ufb33": st.none() | DAYS, "😀": st.lists(SMALL, max_size=2)}
        ),
    ),
]


@st.composite
def frames(draw, kinds=tuple(PLAIN + NESTED)):
    names = draw(st.lists(TEXTS, min_size=1, max_size=5, unique=True))
    height = draw(st.integers(0, 6))
    columns = []
    for name in names:
        dtype, values = draw(st.sampled_from(kinds))
        cells = draw(st.lists(st.none() | values, min_size=height, max_size=height))
        columns.append(pl.Series(name, cells, dtype=dtype))
    return pl.DataFrame(columns)


@given(frames())
def test_the_form_is_that_of_the_specification(frame):
    assert form(frame) == slow_form(frame)
    assert digest_rows(frame) == hashlib.sha256(slow_form(frame)).hexdigest()


@given(frames(), st.integers(1, 4), st.integers(1, 4))
def test_the_form_does_not_depend_on_how_rows_come(frame, size, inner):
    whole = digest_rows(frame)
    before, canonical_rows._ROWS_AT_A_TIME = canonical_rows._ROWS_AT_A_TIME, inner
    try:
        assert digest_rows(frame) == whole
        batches = list(frame.iter_slices(size)) or [frame]
        assert digest_rows(iter([*batches, frame.clear()])) == whole
    finally:
        canonical_rows._ROWS_AT_A_TIME = before


def test_floats_are_written_as_ecmascript_does():
    chance = np.random.default_rng(17)
    bits = chance.integers(0, 2**64, 30_000, dtype=np.uint64).view(np.float64)
    near = chance.random(30_000) * 10.0 ** chance.integers(-10, 25, 30_000)
    exact = chance.integers(-(2**60), 2**60, 5_000).astype(np.float64)
    values = np.concatenate([bits[np.isfinite(bits)], near, near.round(4), exact])
    frame = pl.DataFrame({"x": values})
    assert form(frame) == slow_form(frame)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5e-324, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (1e21, "1e+21"), (999999999999999700000.0, "999999999999999700000"), (1e23, "1e+23"),
        (9.999999999999997e22, "9.999999999999997e+22"), (333333333.33333329, "333333333.3333333"),
        (0.000001, "0.000001"), (0.0000001, "1e-7"), (-1e-7, "-1e-7"), (-0.0, "0"), (2.0, "2"),
    ],
)  # fmt: skip
def test_the_samples_of_rfc_8785(value, text):
    assert form(pl.DataFrame({"x": [value]})).endswith(f'\n"{text}"\n'.encode())


def read_back(data):
    """Read a form without nested columns: names, types, rows of texts, None where nothing is."""
    text = data.decode()
    lines, place = [], text.index("\n") + 1
    while place < len(text):
        cells = []
        while True:
            value = None
            if text[place] == '"':
                value, place = "", place + 1
                while text[place] != '"' or text[place : place + 2] == '""':
                    value += text[place]
                    place += 2 if text[place] == '"' else 1
                value, place = f'"{value}"', place + 1
            while text[place] not in ",\n":
                value, place = (value or "") + text[place], place + 1
            cells.append(value)
            place += 1
            if text[place - 1] == "\n":
                break
        lines.append(cells)
    return lines


@given(frames(PLAIN))
def test_the_rows_can_be_read_back_from_the_form(frame):
    head, *lines = read_back(form(frame))
    assert [name.rpartition(":")[0] for name in head] == [f'"{name}"' for name in frame.columns]
    assert len(lines) == frame.height
    for row, cells in zip(frame.rows(), lines, strict=True):
        for value, text, dtype in zip(row, cells, frame.dtypes, strict=True):
            if value is None or type_name(dtype) == "integer":
                assert text == (None if value is None else str(value))
            else:
                again = {"true": True, "false": False}.get(text[1:-1], text[1:-1])
                kind = {pl.Date: date.fromisoformat, pl.Float64: float}.get(dtype, lambda one: one)
                assert value == (text[1:-1] if dtype == pl.String else kind(again))


BASE = pl.DataFrame({"a": ["1", None, "x,y"], "b": [1, 2, None]})


def test_tables_of_other_content_have_another_digest():
    others = [
        BASE.rename({"a": "A"}),
        BASE.select("b", "a"),
        BASE.reverse(),
        BASE.head(2),
        pl.concat([BASE, BASE.tail(1)]),
        BASE.cast({"b": pl.String}),
        BASE.cast({"b": pl.Float64}),
        BASE.with_columns(pl.col("a").fill_null("")),
        BASE.with_columns(pl.col("b").fill_null(0)),
        BASE.with_columns(pl.col("a").str.to_uppercase()),
        BASE.with_columns(c=pl.lit(None, pl.String)),
        pl.DataFrame({"a,b": ["1", None, "x,y"]}),
        pl.DataFrame({"a": ["1", "", "x"], "b": [1, 2, None]}),
        BASE.clear(),
        pl.DataFrame({"a": ["é"]}),
        pl.DataFrame({"a": ["e\u0301"]}),
    ]
    assert len({digest_rows(frame) for frame in [BASE, *others]}) == len(others) + 1


def test_how_a_column_is_held_changes_nothing():
    frame = pl.DataFrame({"a": ["x", "y", None], "b": [1, 2, None]})
    for text in (pl.Categorical, pl.Enum(["y", "x", "z"])):
        assert digest_rows(frame.cast({"a": text})) == digest_rows(frame)
    for whole in (pl.UInt8, pl.Int32, pl.Int128):
        assert digest_rows(frame.cast({"b": whole})) == digest_rows(frame)
    assert digest_rows(pl.concat([frame.head(1), frame.tail(2)], rechunk=False)) == digest_rows(
        frame
    )
    zeros = [pl.DataFrame({"x": [zero]}) for zero in (0.0, -0.0)]
    assert digest_rows(zeros[0]) == digest_rows(zeros[1])


def test_the_bytes_of_a_file_change_nothing(tmp_path):
    frame = pl.DataFrame({"a": [*string.ascii_letters], "x": [n / 7 for n in range(52)]})
    digests, files = set(), set()
    for number, (packed, group) in enumerate([("zstd", None), ("snappy", 7), ("uncompressed", 1)]):
        path = tmp_path / f"{number}.parquet"
        frame.write_parquet(path, compression=packed, row_group_size=group)
        files.add(hashlib.sha256(path.read_bytes()).hexdigest())
        digests.add(digest_rows(pl.read_parquet(path)))
        digests.add(digest_rows(pl.scan_parquet(path).collect_batches(maintain_order=True)))
    assert len(files) == 3
    assert digests == {digest_rows(frame)}


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (pl.DataFrame({"x": [1.0, float("nan")]}), "infinite, or none"),
        (pl.DataFrame({"x": [float("inf")]}), "infinite, or none"),
        (pl.DataFrame({"x": [None, -float("inf")]}), "infinite, or none"),
        (pl.DataFrame({"x": [[1.0, float("nan")]]}), "no canonical JSON"),
        (pl.DataFrame({"x": [[2**53]]}), "no canonical JSON"),
        (pl.DataFrame({"x": [{"y": -(2**53)}]}), "no canonical JSON"),
        (pl.DataFrame({"x": pl.Series([0.5], dtype=pl.Float32)}), "Float32"),
        (pl.DataFrame({"x": [b"x"]}), "Binary"),
        (pl.DataFrame({"x": [None]}), "Null"),
        (pl.DataFrame({"x": [Decimal("0.5")]}), "Decimal"),
        (pl.DataFrame({"x": pl.Series([0]).cast(pl.Datetime)}), "Datetime"),
        (pl.DataFrame({"x": pl.Series([0]).cast(pl.Duration)}), "Duration"),
        (pl.DataFrame({"x": pl.Series([[b"x"]])}), "Binary"),
        (pl.DataFrame({"x": pl.Series([2932897], dtype=pl.Int32).cast(pl.Date)}), "outside"),
        (pl.DataFrame({"x": pl.Series([-719163], dtype=pl.Int32).cast(pl.Date)}), "outside"),
        (pl.DataFrame(), "without columns"),
        ([], "no frame"),
        ([BASE, BASE.rename({"a": "c"})], "differ"),
        ([BASE, BASE.cast({"b": pl.Float64})], "differ"),
    ],
    ids=range(19),
)
def test_what_has_no_canonical_form_is_refused(frame, words):
    with pytest.raises(InputError, match=words):
        digest_rows(frame)


def test_the_example_of_the_specification():
    frame = pl.DataFrame(
        {
            "serial": [1, 2, 3],
            "surname": ['O"Brien, Jr', "", None],
            "born": [date(1949, 5, 2), None, date(2001, 12, 31)],
            "listed": [1.0, 0.9996, 1e-7],
            "moved": [False, None, True],
        }
    )
    lines = form(frame).decode().splitlines()
    assert "\n".join(f"    {line}" for line in lines) in SPECIFICATION
    assert digest_rows(frame) in SPECIFICATION
