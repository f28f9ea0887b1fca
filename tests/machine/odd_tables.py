"""Tables as nobody should send them, from a seed: a good table with a few things wrong, or none."""

import gzip
import io
import json
import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import polars as pl

CELLS = [
    "", " ", "\t", "\x00", "a\x00b", '"', '""', "'", '"unclosed', "a\nb", "a\rb", "a\u2028b",
    "\ufeff",
    "0", "-0", "-1", "1", "2", "01", "1.0", "5.5", "1e3", "1e400", "-1e-400", "NaN", "inf",
    "-inf",
    "9" * 18, "9" * 19, "9" * 40, "-" + "9" * 30, "1,234", "1.234", "1 234", "1\u00a0234",
    "1,23,456",
    "٣٤", "１２", "½", "0x1F", "1_000", "+5", "--5", "5%", "44 %", "~2000", "1/0", "1/3", "TRUE",
    "yes", "Y", "no", "N", "x", "vrai", "Ja", "null", "None", "N/A", "?", "-", "#REF!", "=1+1",
    "2026-02-30", "2026-13-01", "0000-00-00", "9999-12-31", "10000-01-01", "-0001-01-01",
    "1899-12-31",
    "02/03/2026", "31/12/2026", "12/31/2026", "3.4.26", "1 Sep 2026", "20260901",
    "2026-09-01T10:00:00Z",
    "2026-09-01T10:00:00", "45000", "2026-W10", "total", "Insgesamt", "合計", "TOTAL", "all",
    "*", "unknown",
    "valid", "vaild", "copy_2", "copy_0", "copy_99999999999", "not listed", "blank",
    "missing", "Yes",
    "N" * 501, "é" * 500, "e\u0301", "🗳️", "\u202egnp", "<script>alert(1)</script>",
    "a|b;c,d", "../../x",
    "ﬁ", "İ", "ß", "\ud83d".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    "\u200b",
]  # fmt: skip

ENCODINGS = ["utf-8"] * 8 + ["utf-8-sig", "utf-16", "utf-16-le", "cp1252", "latin-1", "utf-32"]
ENDS = ["\n"] * 6 + ["\r\n", "\r", "\n\n", "\x85", "\u2028", "\x0b", "\n\r"]


def odd_table(chance: random.Random, good: list[dict]) -> tuple[bytes, str]:
    """Give the bytes of a table and the ending of its name."""
    names = list(good[0])
    rows = [[row[name] for name in names] for row in good]
    for _ in range(chance.choice([0, 1, 1, 1, 2, 3, 8])):
        names, rows = chance.choice(CHANGES)(chance, names, rows)
    if chance.random() < 0.25:
        return _parquet(chance, names, rows), ".parquet"
    data = _csv(chance, names, rows)
    if chance.random() < 0.15:
        data = chance.choice(SPOILS)(chance, data)
    if chance.random() < 0.05:
        packed = gzip.compress(data)
        return packed[: chance.choice([len(packed), 5, len(packed) - 3])], ".csv.gz"
    return data, chance.choice([".csv"] * 12 + ["", ".txt", ".xlsx", ".parquet", ".csv.gz"])


def _cell(chance, names, rows):
    for _ in range(chance.choice([1, 1, 3])):
        if rows and names:
            row = chance.choice(rows)
            if row:
                row[chance.randrange(len(row))] = chance.choice(CELLS)
    return names, rows


def _column(chance, names, rows):
    if names:
        place = chance.randrange(len(names))
        values = chance.choice([[chance.choice(CELLS)], CELLS])
        for row in rows:
            row[place : place + 1] = [chance.choice(values)]
    return names, rows


def _without_column(chance, names, rows):
    if not names:
        return names, rows
    place = chance.randrange(len(names))
    return names[:place] + names[place + 1 :], [row[:place] + row[place + 1 :] for row in rows]


def _renamed(chance, names, rows):
    if not names:
        return names, rows
    place = chance.randrange(len(names))
    name = names[place]
    other = [name.upper(), f" {name} ", name.replace("_", " ").title(), "", "row", "code", "x",
             f"{name}.1", chance.choice(names), chance.choice(CELLS), "their_row"]  # fmt: skip
    return [*names[:place], chance.choice(other), *names[place + 1 :]], rows


def _another_column(chance, names, rows):
    name = chance.choice(
        [*names, "extra", "row", "code", "serial", "Unnamed: 0", "question", "kind"]
    )
    return [*names, name], [[*row, chance.choice(CELLS)] for row in rows]


def _fewer(chance, names, rows):
    return names, rows[: chance.choice([0, 0, 1, 2])]


def _twice(chance, names, rows):
    again = [list(chance.choice(rows)) for _ in range(chance.choice([1, 3]))] if rows else []
    return names, [*rows, *again]


def _mixed(chance, names, rows):
    order = list(range(len(names)))
    chance.shuffle(order)
    chance.shuffle(rows)
    return [names[k] for k in order], [[row[k] for k in order if k < len(row)] for row in rows]


def _ragged(chance, names, rows):
    for row in rows:
        if chance.random() < 0.3:
            row[chance.randrange(len(row) + 1) :] = chance.choice([[], ["x"], ["x"] * 9])
    return names, rows


def _without_header(chance, names, rows):  # noqa: ARG001
    return ([str(cell) for cell in rows[0]], rows[1:]) if rows else (names, rows)


CHANGES = [_cell] * 6 + [
    _column, _column, _without_column, _renamed, _renamed, _another_column, _fewer, _twice, _mixed,
    _ragged, _without_header,
]  # fmt: skip


def _csv(chance, names, rows) -> bytes:
    mark = chance.choice([","] * 10 + [";", "\t", "|"])
    end = chance.choice(ENDS)
    careless = chance.random() < 0.15

    def cell(value):
        text = str(value)
        if careless or not any(odd in text for odd in (mark, '"', "\n", "\r")):
            return text
        return '"' + text.replace('"', '""') + '"'

    text = end.join(mark.join(cell(value) for value in row) for row in [names, *rows])
    encoding = chance.choice(ENCODINGS)
    return (text + chance.choice(["", end])).encode(encoding, "replace")


def _cut(chance, data):
    return data[: chance.randrange(len(data) + 1)]


def _byte(chance, data):
    place = chance.randrange(len(data) + 1)
    odd = chance.choice([b"\x00", b"\xff", b'"', b"\xc3", b"\x1a", b"\n", b"\r", b"\xed\xa0\x80"])
    return data[:place] + odd + data[place:]


def _half_and_half(chance, data):  # noqa: ARG001
    return data + "é\n".encode("cp1252") + "é\n".encode()


SPOILS = [
    _cut, _byte, _byte, _half_and_half,
    lambda chance, _: chance.randbytes(chance.choice([0, 1, 1, 2, 50])),
    lambda chance, _: chance.choice([b"", b"\n", b",", b'"', b"\xef\xbb\xbf", b"PK\x03\x04",
                                     b"PAR1", b"{}", b"[]", b"\x1f\x8b", b"<html>", b",\n,\n"]),
]  # fmt: skip

DAY = datetime(2026, 9, 1, 10, tzinfo=UTC)
SERIES = [
    lambda n: pl.Series([None] * n, dtype=pl.Null),
    lambda n: pl.Series([True, False, None] * n, dtype=pl.Boolean)[:n],
    lambda n: pl.Series(range(n), dtype=pl.UInt8),
    lambda n: pl.Series([2**64 - 1 - k for k in range(n)], dtype=pl.UInt64),
    lambda n: pl.Series([-(2**63)] * n, dtype=pl.Int64),
    lambda n: pl.Series([1.0, 2.5, float("nan"), float("inf"), None] * n, dtype=pl.Float64)[:n],
    lambda n: pl.Series([float(k) for k in range(n)], dtype=pl.Float32),
    lambda n: pl.Series([Decimal("1.50"), Decimal(7), None] * n, dtype=pl.Decimal(20, 2))[:n],
    lambda n: pl.Series([date(2026, 1, 1), None] * n, dtype=pl.Date)[:n],
    lambda n: pl.Series([DAY] * n, dtype=pl.Datetime("us", "UTC")),
    lambda n: pl.Series([DAY.replace(tzinfo=None)] * n, dtype=pl.Datetime("ns")),
    lambda n: pl.Series([timedelta(days=1)] * n, dtype=pl.Duration("ms")),
    lambda n: pl.Series([time(1, 2)] * n, dtype=pl.Time),
    lambda n: pl.Series(["a", "b", None] * n, dtype=pl.Categorical)[:n],
    lambda n: pl.Series(["yes", "no"] * n, dtype=pl.Enum(["yes", "no"]))[:n],
    lambda n: pl.Series([b"\xff", b"a", None] * n, dtype=pl.Binary)[:n],
    lambda n: pl.Series([[1, 2], [], None] * n, dtype=pl.List(pl.Int64))[:n],
    lambda n: pl.Series([["a"], None] * n, dtype=pl.List(pl.String))[:n],
    lambda n: pl.Series([[1, 2]] * n, dtype=pl.Array(pl.Int64, 2)),
    lambda n: pl.Series([{"a": 1, "b": "x"}] * n, dtype=pl.Struct({"a": pl.Int64, "b": pl.String})),
    lambda n: pl.Series([[{"a": 1}]] * n, dtype=pl.List(pl.Struct({"a": pl.Int64}))),
]


def _parquet(chance, names, rows) -> bytes:
    width = len(names)
    columns = {}
    for place, name in enumerate(names):
        values = [str(row[place]) if place < len(row) else None for row in rows]
        series = pl.Series(values, dtype=pl.String)
        if chance.random() < 1.5 / (width or 1):
            series = chance.choice(SERIES)(len(rows))
        elif chance.random() < 0.3:
            series = series.cast(chance.choice([pl.Int64, pl.Float64, pl.Int16]), strict=False)
        columns[name] = series
    buffer = io.BytesIO()
    pl.DataFrame(columns).write_parquet(buffer)
    data = buffer.getvalue()
    return data if chance.random() < 0.9 else chance.choice(SPOILS)(chance, data)


LEAVES = [
    None,
    True,
    False,
    0,
    -1,
    1,
    2**63,
    10**40,
    1.5,
    "",
    "x",
    "Yes",
    "No",
    "\x00",
    [],
    {},
    "original",
]


def odd_json(chance: random.Random, good: object) -> bytes:
    """Give the bytes of a JSON document: a good one with a few things wrong, or any shape."""
    whole = json.loads(json.dumps(good))
    for _ in range(chance.choice([1, 1, 2, 5])):
        whole = _other_node(chance, whole)
    data = json.dumps(whole, ensure_ascii=chance.random() < 0.5).encode("utf-8", "replace")
    if chance.random() < 0.1:
        data = data.replace(
            b"1", chance.choice([b"NaN", b"-Infinity", b"1e999", b"1.0", b'"1"']), 2
        )
    if chance.random() < 0.08:
        data = chance.choice(SPOILS)(chance, data)
    if chance.random() < 0.02:
        data = b"[" * 100_000
    return data


def _shape(chance, depth=0):
    if depth > 3 or chance.random() < 0.5:
        return chance.choice(LEAVES)
    size = chance.randrange(4)
    if chance.random() < 0.5:
        return [_shape(chance, depth + 1) for _ in range(size)]
    keys = ["cases", "@type", "CVR", "Sessions", "id", "Election", "method", "inputs", "x", ""]
    return {chance.choice(keys): _shape(chance, depth + 1) for _ in range(size)}


def _other_node(chance, whole):
    """Change one node, wherever it is: another value, gone, or there twice."""
    if chance.random() < 0.05:
        return _shape(chance)
    holders = list(_holders(whole))
    if not holders:
        return _shape(chance)
    holder = chance.choice(holders)
    key = chance.choice(list(holder)) if isinstance(holder, dict) else chance.randrange(len(holder))
    what = chance.random()
    if what < 0.25:
        del holder[key]
    elif what < 0.4 and isinstance(holder, list):
        holder.append(holder[key])
    elif what < 0.5:
        other = chance.choice(holders)
        holder[key] = json.loads(json.dumps(other))
    else:
        holder[key] = _shape(chance)
    return whole


def _holders(node):
    if isinstance(node, dict | list) and node:
        yield node
        for inner in node.values() if isinstance(node, dict) else node:
            yield from _holders(inner)
