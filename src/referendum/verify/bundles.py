"""Bundles: every published file is the one that its manifest, and so its name, stands for."""

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from referendum.verify.acts import WrittenBundle
from referendum.verify.bundle_schemas import columns_of, require_files
from referendum.verify.canonical import read_json, read_object, same
from referendum.verify.kinds import Act
from referendum.verify.names import is_blank
from referendum.verify.record_source import Source
from referendum.verify.report import Mismatch
from referendum.verify.toml_documents import read_toml

if TYPE_CHECKING:
    import _csv

MEMBERS = {
    "format", "kind", "schema", "sealed", "made_up", "act", "number", "statute", "parameters",
    "parents", "files", "nonce", "code",
}  # fmt: skip

LARGEST_MANIFEST = 500_000
LARGEST = {"csv": 1_000_000_000, "json": 100_000_000, "toml": 1_000_000, "txt": 1_000_000}
"""Bytes of a file of a public bundle, by its ending (record.md, section 5)."""

MOST_BYTES = 2_000_000_000
"""Bytes of the files of all public bundles of a record."""

csv.field_size_limit(10_000_000)

_NEEDS_QUOTES = re.compile(r'[",\n\r]')
_UNUSUAL_BYTE = re.compile(rb"[^!#-~\n]")
_BREAKS_WRITING = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]"
)
"""Controls, line and paragraph ends, and marks of direction (section 6, type text)."""


@dataclass(frozen=True)
class Bundle:
    """A public bundle whose files are what they should be."""

    path: str
    manifest: dict[str, Any]
    files: dict[str, bytes]

    @property
    def all_parts(self) -> tuple["Bundle", ...]:
        """The bundles that are read together: here one alone."""
        return (self,)

    def data(self, name: str) -> bytes:
        """Give a file."""
        if name not in self.files:
            raise Mismatch(f"the bundle has no {name}", f"{self.path}/{name}")
        return self.files[name]

    def has(self, name: str) -> bool:
        """Whether the bundle has a file of this name."""
        return name in self.files

    def document(self, name: str) -> dict[str, Any]:
        """Give a JSON document."""
        document = read_json(self.data(name), f"{self.path}/{name}")
        if not isinstance(document, dict):
            raise Mismatch("not a JSON object", f"{self.path}/{name}")
        return document

    def toml(self, name: str) -> dict[str, Any]:
        """Give a TOML document."""
        return _read_toml(self.data(name), f"{self.path}/{name}")

    def records(self, name: str) -> list[dict[str, str]]:
        """Give the rows of a CSV table by the names of its columns."""
        columns = self.columns(name)
        return [dict(zip(columns, row, strict=True)) for row in self.rows(name, columns)]

    def columns(self, name: str) -> tuple[str, ...]:
        """Give the columns of a CSV table."""
        return tuple(next(_read_csv(self.data(name))))

    def rows(self, name: str, columns: tuple[str, ...]) -> Iterator[list[str]]:
        """Give the rows of a CSV table that has exactly these columns."""
        file = f"{self.path}/{name}"
        reader = _read_csv(self.data(name))
        try:
            if next(reader, None) != list(columns):
                raise Mismatch(f"the columns are not {','.join(columns)}", file)
            for row in reader:
                if len(row) != len(columns):
                    raise Mismatch(f"row {reader.line_num} has {len(row)} cells", file)
                yield row
        except (csv.Error, UnicodeDecodeError) as error:
            raise Mismatch(f"not CSV: {error}", file) from error


@dataclass(frozen=True)
class BundleSequence(Bundle):
    """Several bundles of a kind that are read together: their rows one after the other."""

    parts: tuple[Bundle, ...]

    @property
    def all_parts(self) -> tuple[Bundle, ...]:
        """The bundles, in order."""
        return self.parts

    def data(self, name: str) -> bytes:
        """Refuse to give one file of several."""
        raise Mismatch(f"{len(self.parts)} bundles have a {name}", f"{self.path}/{name}")

    def rows(self, name: str, columns: tuple[str, ...]) -> Iterator[list[str]]:
        """Give the rows of the tables of all."""
        for part in self.parts:
            yield from part.rows(name, columns)

    def records(self, name: str) -> list[dict[str, str]]:
        """Give the rows of the tables of all, by the names of their columns."""
        return [row for part in self.parts for row in part.records(name)]


@dataclass(frozen=True)
class CombinedBundle(Bundle):
    """Several bundles of a kind as one bundle of that kind would have what they say.

    Attributes:
        tables: rows by file.
    """

    tables: dict[str, list[list[str]]]

    def data(self, name: str) -> bytes:
        """Refuse to give one file of several."""
        raise Mismatch(f"several bundles have a {name}", f"{self.path}/{name}")

    def rows(self, name: str, columns: tuple[str, ...]) -> Iterator[list[str]]:  # noqa: ARG002
        """Give the rows of a table."""
        return iter(self.tables[name])

    def records(self, name: str) -> list[dict[str, str]]:
        """Give the rows of a table by the names of their columns."""
        (columns,) = columns_of(self.manifest["kind"], name)
        return [dict(zip(columns, row, strict=True)) for row in self.tables[name]]


Bundles = dict[str, Bundle]
"""Public bundles, by kind or by digest."""


def join_bundles(parts: list[Bundle]) -> Bundle:
    """Give bundles that are read together as one."""
    first = parts[0]
    if len(parts) == 1:
        return first
    return BundleSequence(first.path, first.manifest, {}, tuple(parts))


@lru_cache(maxsize=8)
def _read_toml(data: bytes, file: str) -> dict[str, Any]:
    return read_toml(data, file)


def read_bundle(
    source: Source, written: WrittenBundle, act: Act, *, made_up: object, most: int
) -> Bundle:
    """Read a public bundle with all its files, and check it against its name and its act.

    Args:
        source: the record.
        written: what the act says of it.
        act: that wrote it.
        made_up: whether the record's people or votes are.
        most: bytes that its files can have together.
    """
    path = f"bundles/public/{written.digest}"
    file = f"{path}/manifest.json"
    data = source.read(file, LARGEST_MANIFEST)
    if hashlib.sha256(data).hexdigest() != written.digest:
        raise Mismatch("the manifest is not the one that the act names", file)
    manifest = read_object(data, file, MEMBERS)
    _check_manifest(manifest, written, act, made_up, file)
    names = [entry["name"] for entry in manifest["files"]]
    if sum(entry["bytes"] for entry in manifest["files"]) > most:
        words = f"the files of all public bundles have more than {MOST_BYTES:,} bytes together"
        raise Mismatch(words, file)
    require_files(written.kind, set(names), file)
    found = source.names(path)
    if found is not None and set(found) != {*names, "manifest.json"}:
        differing = sorted(set(found) ^ {*names, "manifest.json"})
        raise Mismatch(
            f"files missing or too many: {', '.join(differing)[:120]}", f"{path}/{differing[0]}"
        )
    files = {entry["name"]: _read_file(source, path, entry) for entry in manifest["files"]}
    for entry in manifest["files"]:
        if entry["rows"] is not None:
            _check_table(written.kind, entry, files[entry["name"]], f"{path}/{entry['name']}")
    return Bundle(path, manifest, files)


def _check_manifest(
    manifest: dict[str, Any], written: WrittenBundle, act: Act, made_up: object, file: str
) -> None:
    expected = {
        "format": "referendum-bundle/2",
        "kind": written.kind,
        "schema": 1,
        "sealed": False,
        "made_up": made_up,
        "act": act["kind"],
        "number": act["number"],
        "statute": act["statute"],
        "parameters": act["parameters"],
        "parents": act["reads"],
        "nonce": None,
        "code": act["code"],
    }
    for name, value in expected.items():
        if not same(manifest[name], value):
            raise Mismatch(f"the manifest's {name} is not that of the act", file)
    entries = manifest["files"]
    if not isinstance(entries, list) or not all(map(_is_entry, entries)):
        raise Mismatch("the list of files is malformed", file)
    names = [entry["name"] for entry in entries]
    if names != sorted(set(names)):
        raise Mismatch("the files are not listed once each by name", file)


def _is_entry(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and set(entry) == {"name", "sha256", "bytes", "rows"}
        and isinstance(entry["name"], str)
        and re.fullmatch(r"[a-z][a-z0-9_-]*\.(csv|json|toml|txt)", entry["name"]) is not None
        and isinstance(entry["sha256"], str)
        and type(entry["bytes"]) is int
        and 0 <= entry["bytes"] <= LARGEST[entry["name"].rpartition(".")[2]]
        and (entry["rows"] is None or type(entry["rows"]) is int)
    )


def _read_file(source: Source, path: str, entry: dict[str, Any]) -> bytes:
    file = f"{path}/{entry['name']}"
    data = source.read(file, entry["bytes"])
    if len(data) != entry["bytes"]:
        raise Mismatch(f"the file has {len(data):,} bytes, expected {entry['bytes']:,}", file)
    if hashlib.sha256(data).hexdigest() != entry["sha256"]:
        raise Mismatch("the file was changed: its digest is not that of the manifest", file)
    is_table = entry["name"].endswith(".csv")
    if is_table != (entry["rows"] is not None):
        raise Mismatch("rows are counted for tables, and for tables only", file)
    return data


def _check_table(kind: str, entry: dict[str, Any], data: bytes, file: str) -> None:
    """See that a table has columns of its kind and its rows, in the one form that is written."""
    quoted = b'"' in data
    if not data.endswith(b"\n") or (not quoted and b"\r" in data):
        raise Mismatch("lines do not end as they are written", file)
    reader = _read_csv(data)
    try:
        columns = next(reader)
        if tuple(columns) not in columns_of(kind, entry["name"]):
            raise Mismatch(f"the columns {','.join(columns)[:80]} are not those of its kind", file)
        place, rows = 0, 0
        place = _offset_after(data, columns, 0) if quoted else 0
        for row in reader:
            rows += 1
            if len(row) != len(columns):
                raise Mismatch(f"row {rows} has {len(row)} cells", file)
            if quoted:
                place = _offset_after(data, row, place)
            if place < 0:
                break
    except (csv.Error, UnicodeDecodeError) as error:
        raise Mismatch(f"not CSV: {error}", file) from error
    if place < 0:
        raise Mismatch(f"row {rows} is not in the form in which tables are written", file)
    if rows != entry["rows"]:
        raise Mismatch(f"the table has {rows:,} rows, expected {entry['rows']:,}", file)
    _require_readable_cells(entry["name"], data, file)


def _require_readable_cells(name: str, data: bytes, file: str) -> None:
    """See that no cell turns or breaks writing, or shows nothing; what was set aside may."""
    if name == "set_aside.csv" or not _UNUSUAL_BYTE.search(data):
        return
    for number, row in enumerate(_read_csv(data)):
        if any(cell and is_blank(cell) for cell in row):
            raise Mismatch(f"row {number} has a cell that shows nothing and is not empty", file)
        if any(map(_BREAKS_WRITING.search, row)):
            words = "has a control character, a line end or a mark of direction in a cell"
            raise Mismatch(f"row {number} {words}", file)


def _offset_after(data: bytes, row: list[str], place: int) -> int:
    """Give the place after a row, written again; -1 if it is written otherwise."""
    line = (",".join(_cell(cell) for cell in row) + "\n").encode()
    return place + len(line) if data.startswith(line, place) else -1


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


def _read_csv(data: bytes) -> "_csv.Reader":
    """Read a table row by row, without its whole text beside its bytes."""
    lines = io.TextIOWrapper(io.BytesIO(data), "utf-8", newline="")
    return csv.reader(lines, strict=True)
