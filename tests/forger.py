"""A forger: changes a published record and makes everything around the change agree again."""

import json
import shutil
from pathlib import Path

import msgspec

from referendum.core.canonical import canonical_json, sha256_hex
from referendum.flows.record import FORMAT, Record, RecordInfo
from referendum.journal import LogWriter


class Forger:
    """Holds a record's acts and public bundles as plain values, to alter and to write again."""

    def __init__(self, folder):
        record = Record.open(folder)
        self.acts = [msgspec.to_builtins(act) for act in record.acts]
        self.bundles = {}
        for path in sorted((folder / "bundles" / "public").iterdir()):
            manifest = json.loads((path / "manifest.json").read_bytes())
            files = {file["name"]: (path / file["name"]).read_bytes() for file in manifest["files"]}
            self.bundles[path.name] = (manifest, files)

    def files(self, kind):
        """The files of the bundle of this kind, to be changed in place."""
        return next(files for manifest, files in self.bundles.values() if manifest["kind"] == kind)

    def write(self, folder, signer):
        """Write the record as it now is; digests, numbers, tree and signature are made to agree."""
        shutil.rmtree(folder, ignore_errors=True)
        new_names = {}
        entries = []
        for number, act in enumerate(self.acts):
            act["number"] = number
            act["reads"] = [new_names.get(digest, digest) for digest in act["reads"]]
            if number == 0:
                act["parameters"].update(origin=signer.name, key=str(signer.verifier))
            for bundle in act["writes"]:
                if not bundle["sealed"]:
                    old = bundle["digest"]
                    bundle["digest"] = new_names[old] = self._write_bundle(folder, old, act)
            entries.append(canonical_json(act))
        with LogWriter.create(folder / "log", signer) as log:
            log.append(entries)
        info = RecordInfo(FORMAT, signer.name, str(signer.verifier))
        (folder / "record.json").write_bytes(canonical_json(msgspec.to_builtins(info)))

    def _write_bundle(self, folder, digest, act):
        manifest, files = self.bundles[digest]
        manifest.update(
            act=act["kind"],
            statute=act["statute"],
            parameters=act["parameters"],
            parents=act["reads"],
            made_up=self.acts[0]["parameters"]["made_up"],
            code=act["code"],
        )
        for entry in manifest["files"]:
            data = files[entry["name"]]
            entry.update(sha256=sha256_hex(data), bytes=len(data))
            if entry["rows"] is not None:
                entry["rows"] = max(data.count(b"\n") - 1, 0)
        name = sha256_hex(canonical_json(manifest))
        path = Path(folder) / "bundles" / "public" / name
        path.mkdir(parents=True, exist_ok=True)
        (path / "manifest.json").write_bytes(canonical_json(manifest))
        for file, data in files.items():
            (path / file).write_bytes(data)
        return name


def leaves(value, path=()):
    """Every leaf of a JSON value, with its path."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from leaves(inner, (*path, place))
    else:
        yield path, value


def altered(value):
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return f"{value}x" if isinstance(value, str) else "x"


def put(value, path, leaf):
    """Put a leaf into a JSON value."""
    for name in path[:-1]:
        value = value[name]
    value[path[-1]] = leaf
