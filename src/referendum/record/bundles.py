"""Write, read and check bundles, as section 5 of the record's specification (docs/record.md)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from referendum.core.canonical import canonical_json, read_canonical_json, sha256_hex
from referendum.core.errors import InputError, RecordError
from referendum.record.acts import BundleReference
from referendum.record.durable import write_folder
from referendum.record.plain_files import LARGEST_FILES, LARGEST_MANIFEST, read_record_file

if TYPE_CHECKING:
    import polars as pl

FORMAT = "referendum-bundle/2"
MANIFEST = "manifest.json"
MOST_SEALED_ROWS = 1_000_000_000
"""Rows that the manifest of a sealed table may name; of a public one, no more than it has bytes."""

LARGEST_SEALED_TABLE = 10**11
"""Bytes of a sealed table."""

_FILE_NAME = re.compile(r"[a-z][a-z0-9_-]*\.(?P<ending>csv|json|toml|txt|parquet)", re.ASCII)

CHECKSUMS = "SHA256SUMS"
"""Digests of the files of a sealed bundle as they lie there, for whoever copies them."""


class FileEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a bundle.

    Attributes:
        name: of the file.
        sha256: of its bytes; of a sealed table, of its rows (`core.canonical_rows`).
        bytes: its length; None of a sealed table, which may be written in several ways.
        rows: data rows; None where the file has none.
    """

    name: str
    sha256: str
    bytes: int | None
    rows: int | None


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a bundle is, where it came from and what it holds."""

    format: str = FORMAT
    kind: str
    schema: int = 1
    sealed: bool
    made_up: bool
    act: str
    number: int
    statute: dict[str, str]
    parameters: dict[str, Any]
    parents: tuple[str, ...]
    files: tuple[FileEntry, ...]
    nonce: str | None
    code: str

    def canonical(self) -> bytes:
        """The manifest's bytes."""
        return canonical_json(msgspec.to_builtins(self))


@dataclass(frozen=True)
class Draft:
    """Files of a bundle before it is sealed: what a stage made, not yet who and when.

    Attributes:
        kind: the bundle's kind.
        sealed: whether the files hold personal data.
        files: content by name.
        rows: data rows by file name; a file without rows is left out.
        nonce: of a received sealed bundle whose files depend on it; else None.
        contents: by file name, the digest of the rows of a sealed table.
    """

    kind: str
    sealed: bool
    files: Mapping[str, bytes]
    rows: Mapping[str, int]
    nonce: str | None = None
    contents: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Bundle:
    """A bundle, named by the digest of its manifest."""

    manifest: Manifest
    files: Mapping[str, bytes]

    @cached_property
    def manifest_bytes(self) -> bytes:
        """The manifest's bytes."""
        return self.manifest.canonical()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the manifest's bytes."""
        return sha256_hex(self.manifest_bytes)


def seal_draft(  # noqa: PLR0913 - the members of a manifest, by name
    draft: Draft,
    *,
    act: str,
    number: int,
    statute: dict[str, str],
    parameters: dict[str, Any],
    parents: tuple[str, ...],
    made_up: bool,
    nonce: str | None,
    code: str,
) -> Bundle:
    """Give a draft its manifest, and so its name."""
    files = tuple(_file_entry(draft, name, data) for name, data in sorted(draft.files.items()))
    manifest = Manifest(
        kind=draft.kind,
        sealed=draft.sealed,
        made_up=made_up,
        act=act,
        number=number,
        statute=statute,
        parameters=parameters,
        parents=parents,
        files=files,
        nonce=nonce if draft.sealed else None,
        code=code,
    )
    return Bundle(manifest, draft.files)


def _file_entry(draft: Draft, name: str, data: bytes) -> FileEntry:
    rows = draft.rows.get(name)
    if name in draft.contents:
        return FileEntry(name, draft.contents[name], None, rows)
    most = LARGEST_FILES.get(name.rpartition(".")[2])
    if most is not None and len(data) > most and not draft.sealed:
        raise InputError(
            f"{name} would have {len(data):,} bytes; there can be {most:,} at most",
            where=draft.kind,
            hint="give it in parts, where its kind comes in parts",
        )
    return FileEntry(name, sha256_hex(data), len(data), rows)


class BundleStore:
    """The folder `bundles` of a record: `public/<digest>` and `sealed/<digest>`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._manifests: dict[str, Manifest] = {}

    def path(self, digest: str, *, sealed: bool) -> Path:
        """Where the bundle of this digest lies."""
        return self.folder / ("sealed" if sealed else "public") / digest

    def put(self, bundle: Bundle) -> None:
        """Write a bundle durably; writing the same one again changes nothing."""
        files = {**bundle.files, MANIFEST: bundle.manifest_bytes}
        if bundle.manifest.sealed:
            lines = (f"{sha256_hex(data)}  {name}\n" for name, data in sorted(files.items()))
            files[CHECKSUMS] = "".join(lines).encode()
        path = self.path(bundle.digest, sealed=bundle.manifest.sealed)
        write_folder(path, files, private=bundle.manifest.sealed)

    def read_bundle(self, written: BundleReference) -> Bundle:
        """Read a bundle with all its files, each checked against its digest.

        Raises:
            RecordError: it is not here, or is another.
        """
        manifest = self.manifest(written.digest, sealed=written.sealed)
        if (manifest.kind, manifest.sealed) != (written.kind, written.sealed):
            raise RecordError("the bundle is of another kind", where=str(self.folder))
        names = [file.name for file in manifest.files]
        files = {n: self.read(written.digest, n, sealed=written.sealed) for n in names}
        return Bundle(manifest, files)

    def manifest(self, digest: str, *, sealed: bool) -> Manifest:
        """Read a bundle's manifest and check it against its name.

        Raises:
            RecordError: it is missing, or its bytes are not those of the digest.
        """
        if digest in self._manifests:
            return self._manifests[digest]
        path = self.path(digest, sealed=sealed) / MANIFEST
        try:
            data = self._read_file(path, LARGEST_MANIFEST)
        except FileNotFoundError as error:
            raise RecordError(
                "the bundle is not here",
                where=str(path.parent),
                hint="sealed bundles stay with the office" if sealed else "copy the whole record",
            ) from error
        if sha256_hex(data) != digest:
            raise RecordError("the manifest's digest is not the bundle's name", where=str(path))
        try:
            manifest = msgspec.convert(read_canonical_json(data, str(path)), Manifest)
        except (InputError, msgspec.ValidationError) as error:
            raise RecordError(f"not a manifest: {error}", where=str(path)) from error
        _require_files(manifest, path)
        self._manifests[digest] = manifest
        return manifest

    def read(self, digest: str, name: str, *, sealed: bool) -> bytes:
        """Read one file of a bundle and check it against the manifest.

        Raises:
            RecordError: the file is missing, or its bytes or rows are not those of the manifest.
        """
        path = self.path(digest, sealed=sealed) / name
        entry = self._file_entry(digest, path, sealed=sealed)
        data = self._read_entry(entry, path)
        if entry.bytes is None:
            _read_rows(data, entry, path)
        elif sha256_hex(data) != entry.sha256:
            raise RecordError("the file was changed: its digest differs", where=str(path))
        return data

    def table(self, digest: str, name: str, *, sealed: bool) -> "pl.DataFrame":
        """Read a Parquet table of a bundle and check its rows against the manifest.

        Raises:
            RecordError: as for `read`.
        """
        path = self.path(digest, sealed=sealed) / name
        entry = self._file_entry(digest, path, sealed=sealed)
        return _read_rows(self._read_entry(entry, path), entry, path)

    def _read_file(self, path: Path, most: int) -> bytes:
        record = self.folder.parent
        return read_record_file(record, path.relative_to(record).as_posix(), most)

    def _read_entry(self, entry: FileEntry, path: Path) -> bytes:
        try:
            most = LARGEST_SEALED_TABLE if entry.bytes is None else entry.bytes
            return self._read_file(path, most)
        except FileNotFoundError as error:
            raise RecordError("a file of the bundle is missing", where=str(path)) from error

    def _file_entry(self, digest: str, path: Path, *, sealed: bool) -> FileEntry:
        files = self.manifest(digest, sealed=sealed).files
        entry = next((entry for entry in files if entry.name == path.name), None)
        if entry is None:
            raise RecordError("the bundle has no such file", where=str(path))
        return entry


def _require_files(manifest: Manifest, path: Path) -> None:
    """See that the files of a manifest are named as such are, and no larger than they can be.

    A name with `..` in it would lead to any file of the machine.
    """
    for entry in manifest.files:
        match = _FILE_NAME.fullmatch(entry.name)
        if match is None:
            words = f"{entry.name[:60]!r} is no name of a file in a bundle"
            raise RecordError(words, where=str(path))
        most = LARGEST_FILES.get(match["ending"], LARGEST_SEALED_TABLE)
        if not manifest.sealed and (entry.bytes is None or not 0 <= entry.bytes <= most):
            raise RecordError(f"no {match['ending']} file is so large", where=str(path))
        if entry.rows is not None and not 0 <= entry.rows <= (entry.bytes or MOST_SEALED_ROWS):
            words = f"{entry.name} cannot have {entry.rows:,} rows"
            raise RecordError(words, where=str(path))


def _read_rows(data: bytes, entry: FileEntry, path: Path) -> "pl.DataFrame":
    """Read a sealed table, however it was written, and see that its rows are the named ones."""
    import polars as pl  # noqa: PLC0415 - commands that read no table do without

    from referendum.core.canonical_rows import digest_rows  # noqa: PLC0415 - likewise

    try:
        frame = pl.read_parquet(BytesIO(data))
        digest = digest_rows(frame)
    except (pl.exceptions.PolarsError, InputError, OSError) as error:
        raise RecordError(
            f"the table cannot be read: {str(error)[:100]}", where=str(path)
        ) from error
    if digest != entry.sha256 or frame.height != entry.rows:
        raise RecordError("the file was changed: its rows are others", where=str(path))
    return frame
