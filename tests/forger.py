"""A forger: changes a published record and makes everything around the change agree again."""

import base64
import copy
import csv
import io
import json
import shutil
from pathlib import Path

from referendum.core.canonical import sha256_hex
from referendum.record.acts import encode_act
from referendum.record.officers import sign_message
from referendum.record.reading import Record
from referendum.record.standing import list_digest
from referendum.verify import tree, verifier
from referendum.verify.report import Mismatch, Missing, Report


class Memory:
    """A record's files, read without a disk."""

    def __init__(self, files):
        self.files = files
        self.folders = {}
        for path in files:
            parts = path.split("/")
            for depth, name in enumerate(parts):
                self.folders.setdefault("/".join(parts[:depth]), set()).add(name)

    def read(self, path, most):
        if path not in self.files:
            raise Missing("the file cannot be read: missing", path)
        if len(self.files[path]) > most:
            raise Mismatch(f"the file has {len(self.files[path]):,} bytes, not {most:,}", path)
        return self.files[path]

    def names(self, path):
        return sorted(self.folders.get(path, ()))

    def outer(self):
        return Memory({})


def check(files):
    """Verify files in memory."""
    report = Report("memory")
    try:
        verifier._verify(Memory(files), report, None, None)
    except Mismatch as mismatch:
        report.fail("", mismatch)
    return report


def written(value):
    """Write JSON as canonical JSON is written, whatever the value; floats as they are."""
    if isinstance(value, dict):
        ordered = sorted(value.items(), key=lambda item: item[0].encode("utf-16-be"))
        return "{" + ",".join(f"{written(name)}:{written(part)}" for name, part in ordered) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def table(data):
    """Read a CSV file as lists of cells, its header first."""
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


def csv_of(rows):
    """Write lists of cells as a CSV file."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue().encode()


def signed(signer, text):
    """Sign a note."""
    signature = signer.private.sign(text.encode())
    body = base64.b64encode(bytes.fromhex(str(signer.verifier).split("+")[1]) + signature)
    return f"{text}\n\u2014 {signer.name} {body.decode()}\n".encode()


class Forger:
    """Holds a record's acts and public bundles as plain values, to alter and to write again.

    `keys`, by name of the officer or by number of the act (a list), sign what is written again.
    """

    def __init__(self, folder):
        record = Record.open(folder)
        self.acts = [json.loads(encode_act(act)) for act in record.acts]
        self.bundles = {}
        self.keys = {}
        # What is read together has one name, which follows from those of the parts.
        self.together = {
            list_digest(parts): [one.digest for one in parts]
            for act in record.acts
            for parts in record.standings.read_by(act).values()
            if len(parts) > 1
        }
        for path in sorted((folder / "bundles" / "public").iterdir()):
            manifest = json.loads((path / "manifest.json").read_bytes())
            files = {file["name"]: (path / file["name"]).read_bytes() for file in manifest["files"]}
            self.bundles[path.name] = (manifest, files)

    def files(self, kind):
        """The files of the bundle of this kind, to be changed in place."""
        return next(files for manifest, files in self.bundles.values() if manifest["kind"] == kind)

    def act(self, kind, which=0):
        """One of the acts of this kind, to be changed in place."""
        return [act for act in self.acts if act["kind"] == kind][which]

    def copy(self):
        """A forger who starts from the same."""
        other = copy.copy(self)
        other.acts = copy.deepcopy(self.acts)
        other.keys = dict(self.keys)
        other.bundles = {
            digest: (copy.deepcopy(manifest), dict(files))
            for digest, (manifest, files) in self.bundles.items()
        }
        return other

    def add_file(self, kind, name, data):
        """Put one more file into the bundle of this kind."""
        manifest, files = next(two for two in self.bundles.values() if two[0]["kind"] == kind)
        files[name] = data
        rows = 0 if name.endswith(".csv") else None
        manifest["files"].append({"name": name, "sha256": "", "bytes": 0, "rows": rows})
        manifest["files"].sort(key=lambda entry: entry["name"])

    def drop_file(self, kind, name):
        """Leave a file of the bundle of this kind out."""
        manifest, files = next(two for two in self.bundles.values() if two[0]["kind"] == kind)
        del files[name]
        manifest["files"] = [entry for entry in manifest["files"] if entry["name"] != name]

    def write(self, folder, signer, *, once=False):
        """Write the record as it now is; digests, numbers, tree and signature are made to agree.

        With `once`, an act that names a bundle which an act before it wrote names it as it is.
        """
        shutil.rmtree(folder, ignore_errors=True)
        for path, data in self.build(signer, once=once).items():
            file = Path(folder) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)

    def build(self, signer, manifests=None, entries=None, *, once=False):
        """Give the record's files by path.

        Args:
            signer: the key.
            manifests: by number of the act, what changes the manifests that it wrote at last.
            entries: by number of the act, what changes the bytes of its entry at last.
            once: whether a bundle that is named again is the one that was written.
        """
        files, new_names, leaves_, before = {}, {}, [], ""
        for number, act in enumerate(copy.deepcopy(self.acts)):
            act["number"] = number
            act["reads"] = _renamed(act.get("reads"), new_names | self._lists(new_names))
            if number == 0:
                act["parameters"].update(origin=signer.name, key=str(signer.verifier))
            for bundle in act["writes"] if isinstance(act.get("writes"), list) else []:
                old = bundle.get("digest")
                if once and old in new_names:
                    bundle["digest"] = new_names[old]
                elif bundle.get("sealed") is False and old in self.bundles:
                    alter = (manifests or {}).get(number)
                    bundle["digest"] = new_names[old] = self._bundle(files, old, act, alter)
            message = before + written({n: v for n, v in act.items() if n != "signatures"})
            before = sha256_hex(message.encode()) + "\n"
            self._sign(act, number, message.encode())
            entry = written(act).encode()
            leaves_.append((entries or {}).get(number, lambda data: data)(entry))
        self._log(files, signer, leaves_)
        head = {"format": "referendum-record/2", "origin": signer.name, "key": str(signer.verifier)}
        files["record.json"] = written(head).encode()
        return files

    def _lists(self, new_names):
        return {
            name: sha256_hex("".join(f"{new_names.get(one, one)}\n" for one in parts).encode())
            for name, parts in self.together.items()
        }

    def _sign(self, act, number, message):
        by = act["by"] if isinstance(act.get("by"), list) else []
        known = all(isinstance(name, str) and name in self.keys for name in by)
        signers = self.keys.get(number, [self.keys[name] for name in by] if known else [])
        if signers and isinstance(act.get("signatures"), list):
            act["signatures"] = [sign_message(signer, message) for signer in signers]

    def _bundle(self, files, digest, act, alter):
        manifest, own = self.bundles[digest]
        manifest = copy.deepcopy(manifest)
        made_up = self.acts[0]["parameters"].get("made_up")
        manifest.update(act=act.get("kind"), parents=act.get("reads"), made_up=made_up)
        same = ("number", "statute", "parameters", "code")
        manifest.update({name: act.get(name) for name in same})
        manifest = copy.deepcopy(manifest)
        for entry in manifest["files"]:
            data = own[entry["name"]]
            entry.update(sha256=sha256_hex(data), bytes=len(data))
            if entry["rows"] is not None:
                entry["rows"] = _rows(data)
        if alter:
            alter(manifest)
        data = written(manifest).encode()
        name = sha256_hex(data)
        files[f"bundles/public/{name}/manifest.json"] = data
        files.update({f"bundles/public/{name}/{file}": own[file] for file in own})
        return name

    def _log(self, files, signer, entries):
        row = [tree.leaf_hash(entry) for entry in entries]
        root = base64.b64encode(tree.tree_root(row)).decode()
        files["log/checkpoint"] = signed(signer, f"{signer.name}\n{len(entries)}\n{root}\n")
        for index in range(-(-len(entries) // 256)):
            part = entries[index * 256 : index * 256 + 256]
            framed = b"".join(len(entry).to_bytes(2, "big") + entry for entry in part)
            files[tree.tile_path("entries", index, len(part))] = framed
        level = 0
        while row:
            for index in range(-(-len(row) // 256)):
                part = row[index * 256 : index * 256 + 256]
                files[tree.tile_path(str(level), index, len(part))] = b"".join(part)
            row = [tree.tree_root(row[at : at + 256]) for at in range(0, len(row) - 255, 256)]
            level += 1


def _renamed(reads, new_names):
    if not isinstance(reads, list):
        return reads
    return [
        new_names.get(digest, digest) if isinstance(digest, str) else digest for digest in reads
    ]


def _rows(data):
    try:
        return len(table(data)) - 1
    except (csv.Error, UnicodeDecodeError):
        return max(data.count(b"\n") - 1, 0)


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
