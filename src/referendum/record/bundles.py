"""Write, read and check bundles, as section 5 of the record's specification (docs/record.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from referendum.core.canonical import canonical_json, read_canonical_json, sha256_hex
from referendum.core.errors import InputError, RecordError
from referendum.record.acts import Written
from referendum.record.durable import write_folder

FORMAT = "referendum-bundle/1"
MANIFEST = "manifest.json"


class FileEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a bundle. `rows` counts data rows; None where the file has none."""

    name: str
    sha256: str
    bytes: int
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
    """

    kind: str
    sealed: bool
    files: Mapping[str, bytes]
    rows: Mapping[str, int]
    nonce: str | None = None


@dataclass(frozen=True)
class Bundle:
    """A bundle, named by the digest of its manifest."""

    manifest: Manifest
    files: Mapping[str, bytes]

    @property
    def digest(self) -> str:
        """SHA-256 of the manifest's bytes."""
        return sha256_hex(self.manifest.canonical())


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
    files = tuple(
        FileEntry(name, sha256_hex(data), len(data), draft.rows.get(name))
        for name, data in sorted(draft.files.items())
    )
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
        manifest = {MANIFEST: bundle.manifest.canonical()}
        path = self.path(bundle.digest, sealed=bundle.manifest.sealed)
        write_folder(path, {**bundle.files, **manifest})

    def whole(self, written: Written) -> Bundle:
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
            data = path.read_bytes()
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
        self._manifests[digest] = manifest
        return manifest

    def read(self, digest: str, name: str, *, sealed: bool) -> bytes:
        """Read one file of a bundle and check it against the manifest.

        Raises:
            RecordError: the file is missing or its bytes are not those of the manifest.
        """
        path = self.path(digest, sealed=sealed) / name
        entry = next(
            (e for e in self.manifest(digest, sealed=sealed).files if e.name == name), None
        )
        if entry is None:
            raise RecordError("the bundle has no such file", where=str(path))
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise RecordError("a file of the bundle is missing", where=str(path)) from error
        if sha256_hex(data) != entry.sha256:
            raise RecordError("the file was changed: its digest differs", where=str(path))
        return data
