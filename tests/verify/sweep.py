"""A sweep: every number, word, member, cell and file of a record changed, one at a time.

After each change all digests, manifests, tiles and the signature are made to agree again, so that
nothing but the meaning is wrong. A change must be caught, or be of what is free (`is_free`): words
and times of acts, and facts from outside that no public file can contradict. Nothing may end in a
traceback or take long.
"""

import copy
import json
import random
import signal
import time
from collections import Counter
from contextlib import contextmanager

from forger import check, csv_of, table, written
from referendum.verify import verifier
from referendum.verify.canonical import encode

SLOW = 10
"""Seconds of work after which a check is taken to have no end."""

FREE_MEMBERS = {"section", "code", "at", "recorded", "reason"}
"""Members of an act that say when and why; their form is checked."""

FREE = {
    "record.open": {"title", "question", "made_up", "office"},
    "roll.seal": {"electors", "set_aside", "faults", "accepted"},
    "roll.copy": {"for", "electors", "decoys", "digest"},
    "petition.receive": {
        "claimed",
        "sheets",
        "set_aside",
        "faults",
        "accepted",
        "numbered_alone",
    },
    "petition.issue": {"issued_on"},
    "checks.receive": {"accepted"},
    "returns.receive": {
        "format",
        "entries",
        "scope",
        "provisional",
        "accepted",
        "unread",
        "common_ballot",
    },
    "polls.receive": {"ballot_question", "faults", "accepted"},
    "forecast": {"undecided", "scales", "next_poll", "averages", "constants", "priors", "sources"},
}
"""Parameters, facts and members of documents that come from outside, or are statistics."""

FREE_CELLS = {
    "returns.receive": {"question", "kind", "region", "district", "place", "row", "column", "code",
                        "value", "explanation", "ballots", "electors"},
    "polls.receive": {"pollster", "sponsor", "sponsor_side", "field_start", "field_end",
                      "sample_size", "mode", "population", "question", "wording", "yes", "no",
                      "undecided", "source", "note", "referendum", "row", "column", "value",
                      "code"},
    "forecast": {"weight", "points", "sd_points", "day", "median", "low_50", "high_50", "low_80",
                 "high_80", "low_95", "high_95"},
    "audit.cards": {"imprint"},
}  # fmt: skip
"""Cells of tables that come from outside, or are statistics."""


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
    for row in sorted({1, last // 2, last} & set(range(1, last + 1))):
        for column, name in enumerate(head):
            for what, new in cells(rows[row][column]).items():
                changed = [*rows[row][:column], new, *rows[row][column + 1 :]]
                yield name, what, lambda r=row, c=changed: csv_of([*rows[:r], c, *rows[r + 1 :]])
        yield "", "row dropped", lambda r=row: csv_of([*rows[:r], *rows[r + 1 :]])
        yield "", "row doubled", lambda r=row: csv_of([*rows[: r + 1], *rows[r:]])
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


def changes(forger):
    """Every change of a record: kind of act, file, path, what, and what builds it for a signer."""
    yield from _changes_of_acts(forger)
    yield from _changes_of_bundles(forger)
    for number in range(1, len(forger.acts)):
        yield from _changes_of_order(forger, number)
        for what, alter in ENTRIES.items():
            yield (
                forger.acts[number]["kind"], "entry", (), what,
                lambda signer, n=number, a=alter: forger.build(signer, entries={n: a}),
            )  # fmt: skip


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

            def build(signer, number=number, alter=alter):
                other = forger.copy()
                alter(other.acts[number])
                return other.build(signer)

            yield act["kind"], "act", path, what, build


def _changes_of_bundles(forger):
    for number, act in enumerate(forger.acts):
        for bundle in act["writes"]:
            if bundle["sealed"]:
                continue
            manifest, files = forger.bundles[bundle["digest"]]
            for name, data in files.items():
                for path, what, make in _changes_of_file(name, data):
                    yield act["kind"], name, path, what, _with_file(forger, bundle, name, make)
                yield (
                    act["kind"], name, (), "left out",
                    lambda signer, b=bundle["kind"], n=name: _without(forger, signer, b, n),
                )  # fmt: skip
            for path, what, alter in changes_of_json(manifest):
                yield (
                    act["kind"], "manifest", path, what,
                    lambda signer, n=number, a=alter: forger.build(signer, manifests={n: a}),
                )  # fmt: skip


def _without(forger, signer, kind, name):
    other = forger.copy()
    other.drop_file(kind, name)
    return other.build(signer)


def _with_file(forger, bundle, name, make):
    def build(signer):
        other = forger.copy()
        other.bundles[bundle["digest"]][1][name] = make()
        return other.build(signer)

    return build


def _changes_of_file(name, data):
    if name.endswith(".csv"):
        for column, what, make in changes_of_table(data):
            yield (column,), what, make
    elif name.endswith(".json"):
        document = json.loads(data)
        for path, what, alter in changes_of_json(document):

            def make(alter=alter):
                other = copy.deepcopy(document)
                alter(other)
                return written(other).encode()

            yield path, what, make
        yield (), "line end", lambda: data + b"\n"
        yield (), "blank", lambda: b" " + data
        yield (), "deep", lambda: b"[" * 20_000 + data


def _changes_of_order(forger, number):
    kind = forger.acts[number]["kind"]

    def built(alter):
        def build(signer):
            other = forger.copy()
            alter(other.acts)
            return other.build(signer)

        return build

    def doubled(acts):
        acts.append(copy.deepcopy(acts[number]))

    if number < len(forger.acts) - 1:
        yield kind, "acts", (), "left out", built(lambda acts: acts.pop(number))
    yield kind, "acts", (), "doubled", built(doubled)


def is_free(kind, file, path, what):
    """Whether a change is of what verification does not claim to see."""
    name = path[0] if path else ""
    if file == "act":
        inner = path[1] if len(path) > 1 and name in {"parameters", "facts"} else None
        sealed = name == "writes" and path[2:] == ("digest",)
        return name in FREE_MEMBERS or sealed or inner in FREE.get(kind, ())
    if file == "forecast.json":
        return (
            name in FREE["forecast"]
            or (name == "scenarios" and path[1:2] != (0,))
            or (name == "now")
        )
    if file.endswith(".csv"):
        received = kind in {"polls.receive", "returns.receive"}
        return name in FREE_CELLS.get(kind, ()) or (
            received and what in {"row dropped", "row of 1"}
        )
    return kind == "record.open" and file == "statute.toml"


def _alarm(*_):
    raise TimeoutError


@contextmanager
def _remembering():
    """Work an act out once for the same acts and files: what was not touched costs nothing."""
    plain, known = verifier._worked_out, {}

    def remembered(chain, act, inputs, outputs):
        read = [chain.acts[chain.written[digest].act]["facts"] for digest in act["reads"]]
        files = [
            (kind, encode(one.manifest["parameters"]), *one.files.items())
            for bundles in (inputs, outputs)
            for kind, one in bundles.items()
        ]
        said = encode([act["kind"], act["facts"], act["parameters"], act["corrects"], read])
        key = (said, repr([(kind, *map(hash, rest)) for kind, *rest in files]))
        if key not in known:
            known[key] = plain(chain, act, inputs, outputs)
        return known[key]

    verifier._worked_out = remembered
    try:
        yield
    finally:
        verifier._worked_out = plain


def sweep(forger, signer, *, seconds, seed="sweep", least=25, most=None):
    """Try changes in a random order: the least in any case, more while there is time.

    Returns:
        How often each thing came of it (`tried`, `caught`, `free`, `accepted`, `crash`, `hang`), by
        kind of act; and the changes of the last three.
    """
    found, odd = Counter(), []
    same = forger.build(signer)
    todo = list(changes(forger))
    random.Random(seed).shuffle(todo)  # noqa: S311 - repeated by its seed
    end = time.monotonic() + seconds
    before = signal.signal(signal.SIGPROF, _alarm)
    with _remembering():
        for number, (kind, file, path, what, build) in enumerate(todo[:most]):
            if number >= least and time.monotonic() > end:
                break
            try:
                files = build(signer)
            except (TypeError, ValueError, AttributeError, KeyError):
                continue
            if files == same:
                continue
            outcome = _outcome(files)
            if outcome == "accepted" and is_free(kind, file, path, what):
                outcome = "free"
            found[kind, "tried"] += 1
            found[kind, outcome] += 1
            if outcome not in {"caught", "free"}:
                odd.append((outcome, kind, file, path, what))
    signal.signal(signal.SIGPROF, before)
    return found, odd, len(todo)


def _outcome(files):
    signal.setitimer(signal.ITIMER_PROF, SLOW)
    try:
        return "accepted" if check(files).holds else "caught"
    except TimeoutError:
        return "hang"
    except Exception as error:  # noqa: BLE001 - whatever ends a check without a finding
        return f"crash {error!r}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
