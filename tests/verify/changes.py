"""Every change of a record: each number, word, member, cell, file and act, one at a time.

After each change all digests, manifests, tiles and signatures are made to agree again (`forger`):
nothing but the meaning is wrong.
"""

import copy
import json
import re
from typing import NamedTuple

from forger import csv_of, table, written

MOST_ROWS = 40
"""Of a table with more rows than this the first, a middle and the last one are changed."""


def scalars(value):
    """Other values in the place of one."""
    if isinstance(value, bool):
        return {"other": not value, "number": int(value), "text": str(value).lower(), "null": None}
    if isinstance(value, int):
        return {
            "one more": value + 1, "one less": value - 1, "zero": 0, "negative": -value - 1,
            "text": str(value), "float": float(value), "truth": bool(value), "null": None,
            "huge": 10**25, "large": 10**15,
        }  # fmt: skip
    if isinstance(value, str):
        other = value.upper() if value.upper() != value else value.lower()
        found = {
            "longer": value + "x", "blank": value + " ", "empty": "", "null": None, "case": other,
            "escape": value + "\u001b[2J", "list": [value], "line end": value + "\n",
            "exponent": value + "e99999999", "very long": value + "0" * 5_000,
        }  # fmt: skip
        place = next((n for n in range(len(value) - 1, -1, -1) if value[n].isdigit()), None)
        if place is not None:
            digit = str((int(value[place]) + 1) % 10)
            found["digit"] = value[:place] + digit + value[place + 1 :]
        if re.match(r"\d{4}-\d\d-\d\d", value):
            found["a year earlier"] = f"{int(value[:4]) - 1}{value[4:]}"
            if len(value) > 19:
                found["another second"] = f"{value[:18]}{(int(value[18]) + 1) % 10}{value[19:]}"
        if "a" in value:
            found["lookalike"] = value.replace("a", "\u0430", 1)
        if value.isdigit():
            found["number"] = int(value)
        return found
    return {"0": 0, "x": "x", "false": False, "object": {}}


def walk(value, path=()):
    """Every part of a JSON value, with its path."""
    yield path, value
    if isinstance(value, dict):
        for name in value:
            yield from walk(value[name], (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from walk(inner, (*path, place))


def at(value, path):
    """The part at a path."""
    for name in path:
        value = value[name]
    return value


def put(value, path, new):
    """Put a part in its place."""
    at(value, path[:-1])[path[-1]] = new


def changes_of_json(document):
    """Every change of a JSON document: path, what, and a function that does it in place."""
    for path, value in walk(document):
        if path and not isinstance(value, dict | list):
            for what, new in scalars(value).items():
                yield path, what, lambda d, p=path, n=new: put(d, p, n)
        if path and isinstance(path[-1], str):
            yield path, "member removed", lambda d, p=path: at(d, p[:-1]).pop(p[-1])
        if isinstance(value, dict):
            yield path, "member added", lambda d, p=path: at(d, p).update(zzz=1)
        if path and isinstance(value, dict | list):
            yield path, "null", lambda d, p=path: put(d, p, None)
            empty = {} if isinstance(value, dict) else []
            yield path, "emptied", lambda d, p=path, n=empty: put(d, p, n)
        if path and isinstance(value, list) and value:
            yield path, "first dropped", lambda d, p=path: at(d, p).pop(0)
            last = copy.deepcopy(value[-1])
            yield path, "last doubled", lambda d, p=path, n=last: at(d, p).append(n)
            yield path, "reversed", lambda d, p=path: at(d, p).reverse()


def cells(cell):
    """Other cells in the place of one."""
    found = {"longer": cell + "x", "blank": cell + " ", "filled": "1"}
    found |= {"empty": ""} if cell else {"filled with x": "x"}
    place = next((n for n in range(len(cell) - 1, -1, -1) if cell[n].isdigit()), None)
    if place is not None:
        digit = str((int(cell[place]) + 1) % 10)
        found["digit"] = cell[:place] + digit + cell[place + 1 :]
    if cell.isdigit():
        arabic = cell.translate({48 + n: 0x660 + n for n in range(10)})
        found |= {"leading 0": "0" + cell, "negative": "-" + cell, "plus": "+" + cell}
        found |= {"point": cell + ".0", "arabic": arabic, "huge": "9" * 30}
    if cell in {"true", "false"}:
        found["other"] = "false" if cell == "true" else "true"
    if cell.startswith("copy_") or cell == "valid":
        found["endless"] = "copy_99999999999"
    return found


def changes_of_table(data):
    """Every change of a table: column, what, and the new bytes, made when asked for."""
    rows = table(data)
    head, last = rows[0], len(rows) - 1
    every = range(1, last + 1)
    for row in every if last <= MOST_ROWS else (1, last // 2, last):
        for column, name in enumerate(head):
            for what, new in cells(rows[row][column]).items():
                changed = [*rows[row][:column], new, *rows[row][column + 1 :]]
                yield name, what, lambda r=row, c=changed: csv_of([*rows[:r], c, *rows[r + 1 :]])
            others = [other[column] for other in rows[1:] if other[column] != rows[row][column]]
            for new in dict.fromkeys(others[:1] + others[-1:]):
                changed = [*rows[row][:column], new, *rows[row][column + 1 :]]
                yield (
                    name, "as another row",
                    lambda r=row, c=changed: csv_of([*rows[:r], c, *rows[r + 1 :]]),
                )  # fmt: skip
        yield "", "row left out", lambda r=row: csv_of([*rows[:r], *rows[r + 1 :]])
        yield "", "row twice", lambda r=row: csv_of([*rows[: r + 1], *rows[r:]])
        yield "", "row first", lambda r=row: csv_of([head, rows[r], *rows[1:r], *rows[r + 1 :]])
    if last > 1:
        yield "", "rows reversed", lambda: csv_of([head, *rows[:0:-1]])
        yield "", "last rows swapped", lambda: csv_of([*rows[:-2], rows[-1], rows[-2]])
    yield "", "row of 1", lambda: csv_of([*rows, ["1"] * len(head)])
    yield "", "CRLF", lambda: data.replace(b"\n", b"\r\n")
    yield "", "no last line end", lambda: data[:-1]
    yield "", "empty line", lambda: data + b"\n"
    yield "", "byte order mark", lambda: b"\xef\xbb\xbf" + data
    yield "", "quoted", lambda: b'"' + head[0].encode() + b'"' + data[len(head[0]) :]
    yield "", "column added", lambda: csv_of([[*row, "z"] for row in rows])
    yield "", "column dropped", lambda: csv_of([row[:-1] for row in rows])


class Change(NamedTuple):
    """One change: what of, and what builds the record that has it.

    Attributes:
        kind: of the act.
        file: `act`, `manifest`, `acts` (their order), `entry` (the bytes of an act), or a file.
        path: of what was changed within that.
        what: how.
        build: gives the record's files.
    """

    kind: str
    file: str
    path: tuple
    what: str
    build: object

    @property
    def place(self):
        """Where it is: numbers of lists as `*`."""
        return "/".join([self.file, *("*" if type(one) is int else one for one in self.path)])


def changes(forger):
    """Every change of a record; what builds it is given a signer."""
    yield from _changes_of_acts(forger)
    yield from _changes_of_bundles(forger)
    for number in range(1, len(forger.acts)):
        kind = forger.acts[number]["kind"]
        for what, alter in _changes_of_order(forger.acts, number):
            yield Change(kind, "acts", (), what, _with(forger, lambda one, a=alter: a(one.acts)))
        for what, alter in _changes_of_reads(forger, number):
            yield Change(
                kind,
                "reads",
                (),
                what,
                _with(forger, lambda one, a=alter, n=number: a(one.acts[n])),
            )
        for what, alter in ENTRIES.items():
            yield Change(
                kind, "entry", (), what,
                lambda signer, n=number, a=alter: forger.build(signer, entries={n: a}),
            )  # fmt: skip


def _with(forger, alter):
    """Build what a change of a copy of the forger gives."""

    def build(signer):
        other = forger.copy()
        alter(other)
        return other.build(signer)

    return build


ENTRIES = {
    "line end": lambda entry: entry + b"\n",
    "byte order mark": lambda entry: b"\xef\xbb\xbf" + entry,
    "blank": lambda entry: entry.replace(b":", b": ", 1),
    "escaped name": lambda entry: entry.replace(b"kind", b"k\\u0069nd", 1),
    "member twice": lambda entry: b'{"at":"x",' + entry[1:],
    "UTF-16": lambda entry: entry.decode().encode("utf-16"),
    "deep": lambda entry: b"[" * 20_000 + entry,
    "cut off": lambda entry: entry[:-1],
}


def _changes_of_acts(forger):
    for number, act in enumerate(forger.acts):
        for path, what, alter in changes_of_json(act):
            of_log = number == 0 and path[-1:] in {("origin",), ("key",)}
            if path[:1] == ("number",) or of_log or path == ():
                continue
            build = _with(forger, lambda one, n=number, a=alter: a(one.acts[n]))
            yield Change(act["kind"], "act", path, what, build)


def _changes_of_bundles(forger):
    for number, act in enumerate(forger.acts):
        for bundle in act["writes"]:
            if bundle["sealed"]:
                continue
            manifest, files = forger.bundles[bundle["digest"]]
            for name, data in files.items():
                for path, what, make in _changes_of_file(name, data):
                    build = _with(forger, _put_file(bundle["digest"], name, make))
                    yield Change(act["kind"], name, path, what, build)
                build = _with(forger, _drop_file(bundle["digest"], name))
                yield Change(act["kind"], name, (), "left out", build)
            for path, what, alter in changes_of_json(manifest):
                yield Change(
                    act["kind"], "manifest", path, what,
                    lambda signer, n=number, a=alter: forger.build(signer, manifests={n: a}),
                )  # fmt: skip


def _put_file(digest, name, make):
    def alter(forger):
        forger.bundles[digest][1][name] = make()

    return alter


def _drop_file(digest, name):
    def alter(forger):
        manifest, files = forger.bundles[digest]
        del files[name]
        manifest["files"] = [one for one in manifest["files"] if one["name"] != name]

    return alter


def _changes_of_file(name, data):
    if name.endswith(".csv"):
        for column, what, make in changes_of_table(data):
            yield (column,) if column else (), what, make
    elif name.endswith(".json"):
        document = json.loads(data)
        for path, what, alter in changes_of_json(document):
            yield path, what, lambda a=alter: _altered(document, a)
        yield (), "line end", lambda: data + b"\n"
        yield (), "blank", lambda: b" " + data
        yield (), "deep", lambda: b"[" * 20_000 + data
    else:
        yield from _changes_of_text(data)


def _altered(document, alter):
    other = copy.deepcopy(document)
    alter(other)
    return written(other).encode()


def _changes_of_text(data):
    """Changes of a text line by line (a seed's), or of one that is long (a statute) at its ends."""
    rows = data.splitlines(keepends=True)
    for place in {*range(min(len(rows), 12)), len(rows) - 1}:
        for what, new in scalars(rows[place].decode().rstrip("\n")).items():
            if isinstance(new, str):
                line = new.encode() + b"\n"
                yield (
                    ("line",),
                    what,
                    lambda n=place, r=line: b"".join([*rows[:n], r, *rows[n + 1 :]]),
                )
        yield ("line",), "left out", lambda n=place: b"".join([*rows[:n], *rows[n + 1 :]])
        yield ("line",), "doubled", lambda n=place: b"".join([*rows[: n + 1], *rows[n:]])
    yield (), "CRLF", lambda: data.replace(b"\n", b"\r\n")
    yield (), "no last line end", lambda: data[:-1]
    yield (), "byte order mark", lambda: b"\xef\xbb\xbf" + data


def _changes_of_order(acts, number):
    """An act left out, twice, or in another place."""
    last = len(acts) - 1
    if number < last:
        yield "left out", lambda acts: acts.pop(number)
        yield "one later", lambda acts: acts.insert(number + 1, acts.pop(number))
        yield "at the end", lambda acts: acts.append(acts.pop(number))
    if number > 2:
        yield "first", lambda acts: acts.insert(1, acts.pop(number))
    yield "twice", lambda acts: acts.append(copy.deepcopy(acts[number]))
    yield "twice in a row", lambda acts: acts.insert(number, copy.deepcopy(acts[number]))


def _changes_of_reads(forger, number):
    """An act that reads another bundle of the kind that it reads, one of them alone, or more."""
    kinds = {one["digest"]: one["kind"] for act in forger.acts for one in act["writes"]}
    kinds |= {name: kinds[parts[0]] for name, parts in forger.together.items()}
    before = [one["digest"] for act in forger.acts[:number] for one in act["writes"]]
    reads = forger.acts[number]["reads"]
    for place, digest in enumerate(reads):
        own = {digest, *forger.together.get(digest, ())}
        for other in before:
            if kinds[other] == kinds[digest] and other not in reads:
                what = "one of several" if other in own else "another of its kind"
                yield what, lambda act, p=place, o=other: act["reads"].__setitem__(p, o)
        yield "left out", lambda act, p=place: act["reads"].pop(p)
    for other in before:
        if other not in reads:
            yield "one more", lambda act, o=other: act["reads"].append(o)
