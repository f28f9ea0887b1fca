"""A sweep: every change of small records tried against `verify`, one at a time.

A change is refused, or stands in the closed list of `docs/verify.md` of what is free (`read_free`).
Nothing may end in a traceback or take long.

    python tests/verify/sweep.py --state .sweep --seconds 3600

A run that was stopped goes on where its state says.
"""

import argparse
import json
import random
import re
import shutil
import signal
import sys
import time
from collections import Counter
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from unittest import mock

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "verify")]

from changes import changes  # noqa: E402

from forger import Forger, check  # noqa: E402
from referendum.record.log import new_signer  # noqa: E402
from referendum.verify import verifier  # noqa: E402
from referendum.verify.canonical import encode  # noqa: E402

SIGNER = new_signer("tests.example/sweep")

SLOW = 10
"""Seconds of work after which a check is taken to have no end."""


class Endless(BaseException):
    """A check that takes longer than it may."""


class Free(NamedTuple):
    """A row of the list of what is free: kinds of acts, places, how they change, and why."""

    kinds: tuple
    places: tuple
    how: tuple
    why: str

    @property
    def is_told(self):
        """Whether verify says more of such a change than it says of what is not changed."""
        return "is told" in self.why

    def covers(self, kind, place, what):
        """Whether a change is one of these."""
        return (
            what in {word for how in self.how for word in HOW[how]}
            and any(fnmatchcase(kind, one) for one in self.kinds)
            and any(fnmatchcase(place, one) for one in self.places)
        )


HOW = {
    "another text": {"longer", "blank", "case", "digit", "lookalike", "exponent", "very long",
                     "as another row", "filled", "filled with x", "leading 0", "negative", "plus",
                     "point", "arabic", "huge", "endless"},
    "another number": {"one more", "one less", "zero", "digit", "filled", "huge", "large",
                       "as another row", "0", "other"},
    "another time": {"a year earlier", "another second", "digit"},
    "the other": {"other", "as another row"},
    "nothing": {"null", "empty"},
    "left out": {"row left out", "member removed", "first dropped", "emptied", "left out"},
    "added": {"row of 1"},
    "moved": {"reversed", "rows reversed", "row first", "last rows swapped", "one later",
              "at the end", "first"},
    "twice": {"twice", "twice in a row", "doubled", "row twice", "last doubled"},
    "another form": {"CRLF", "no last line end", "byte order mark", "line end"},
}  # fmt: skip
"""What the words of the list stand for among the changes."""

LIST = "docs/verify.md"


def read_free():
    """Read the list of what is free from the documentation."""
    text = (ROOT / LIST).read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[^|]*?) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$", text, re.MULTILINE)
    return [
        Free(
            tuple(re.findall(r"`([^`]+)`", kinds)),
            tuple(re.findall(r"`([^`]+)`", places)),
            tuple(how.split(", ")),
            why,
        )
        for kinds, places, how, why in rows
    ]


def _alarm(*_):
    raise Endless


@contextmanager
def _bounded():
    before = signal.signal(signal.SIGPROF, _alarm)
    try:
        yield
    finally:
        signal.signal(signal.SIGPROF, before)


def _said(bundle):
    """What a bundle says, whatever it is called: what working an act out can look at."""
    tables = getattr(bundle, "tables", None)
    return (
        encode(bundle.manifest["parameters"]),
        tuple(bundle.files.items()),
        repr(tables) if tables else "",
        tuple(map(_said, getattr(bundle, "parts", ()))),
    )


def _remembered(work, known):
    def remembered(act, reads, writes):
        own = [
            act["kind"],
            act["number"],
            act["parameters"],
            act["facts"],
            act["corrects"],
        ]
        bundles = [(kind, _said(one)) for two in (reads, writes) for kind, one in two.items()]
        key = (encode([*own, act["at"], len(act["reads"])]), tuple(bundles))
        if key not in known:
            known[key] = work(act, reads, writes)
        return known[key]

    return remembered


@contextmanager
def remembering(known):
    """Work an act out once for the same words and tables: what was not changed costs nothing."""
    works = {kind: _remembered(work, known) for kind, work in verifier.ARITHMETIC.items()}
    with mock.patch.dict(verifier.ARITHMETIC, works):
        yield


def outcome(files):
    """What comes of a check: `refused` with its words, `accepted`, `crashed` or `hung`."""
    signal.setitimer(signal.ITIMER_PROF, SLOW)
    try:
        report = check(files)
    except Endless:
        return "hung", ""
    except Exception as error:  # noqa: BLE001 - whatever ends a check without a finding
        return "crashed", repr(error)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    if report.holds:
        return "accepted", " ".join(report.outcome_notes)
    return "refused", report.failures[0].words


def try_change(same, change):
    """Try one change; `none` if it cannot be written, or changes nothing."""
    try:
        files = change.build(SIGNER)
    except (TypeError, ValueError, AttributeError, KeyError):
        return "none", ""
    return ("none", "") if files == same else outcome(files)


class Sweep:
    """Changes of one record in an order that a seed gives, each with what came of it."""

    def __init__(self, forger):
        self.same = forger.build(SIGNER)
        report = check(self.same)
        assert report.holds, "the record does not hold before it is changed"
        self.known = {}
        self.told = " ".join(report.outcome_notes)
        self.changes = list(changes(forger))
        random.Random("sweep").shuffle(self.changes)  # noqa: S311 - repeated by its seed

    def run(self, start, end, until):
        """Try changes from one number to another while there is time; give each as it comes."""
        with _bounded(), remembering(self.known):
            for change in self.changes[start:end]:
                if time.monotonic() > until:
                    return
                yield change, *try_change(self.same, change)

    @cached_property
    def kinds_of_changes(self):
        """The numbers of some changes of each kind of act, place and way."""
        found = {}
        for number, change in enumerate(self.changes):
            numbers = found.setdefault((change.kind, change.place, change.what), [])
            if len(numbers) < 12:
                numbers.append(number)
        return found

    def is_free(self, free, change, words):
        """Whether a change that was accepted, with what was told of it, is in the list."""
        return any(
            one.covers(change.kind, change.place, change.what)
            and not (one.is_told and words == self.told)
            for one in free
        )


class State:
    """A folder that keeps the records, how far each was swept, and what was found."""

    def __init__(self, folder):
        self.folder = folder
        self.found = folder / "found.jsonl"
        folder.mkdir(parents=True, exist_ok=True)

    def forger(self, name, make):
        """The record of a name, made when it is first asked for."""
        folder = self.folder / name.replace(" ", "-")
        if not (folder / "made.json").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            made = make(folder)
            (folder / "made.json").write_text(json.dumps(str(made.folder.relative_to(folder))))
        return Forger(folder / json.loads((folder / "made.json").read_text()))

    def counts(self, name):
        """How often each thing came of the changes of a record so far, by kind of act."""
        path = self.folder / f"{name.replace(' ', '-')}.json"
        rows = json.loads(path.read_text()) if path.exists() else []
        return Counter({(kind, what): many for kind, what, many in rows})

    def keep(self, name, counts, found):
        """Keep what was found, then how far it came."""
        with self.found.open("a") as file:
            file.writelines(json.dumps(one) + "\n" for one in found)
        path = self.folder / f"{name.replace(' ', '-')}.json"
        passing = path.with_suffix(".part")
        passing.write_text(json.dumps([[*key, many] for key, many in counts.items()]))
        passing.replace(path)


def sweep_record(state, name, keys, make, until):
    """Go on with one record; whether it is done."""
    forger = state.forger(name, make)
    forger.keys = keys
    sweep, counts, free = Sweep(forger), state.counts(name), read_free()
    done, found, last = sum(counts.values()), [], time.monotonic()
    for change, what, words in sweep.run(done, None, until):
        is_free = what == "accepted" and sweep.is_free(free, change, words)
        came = "free" if is_free else what
        counts[change.kind, came] += 1
        done += 1
        worked = "what cannot be worked out" in words
        if came in {"accepted", "crashed", "hung"} or worked:
            found.append([came, name, change.kind, change.place, change.what, words])
        if time.monotonic() - last > 20:
            state.keep(name, counts, found)
            found, last = [], time.monotonic()
    state.keep(name, counts, found)
    print(f"{name}: {done:,} of {len(sweep.changes):,}", flush=True)
    return done == len(sweep.changes)


def main():
    """Sweep all records, one after the other."""
    from every_kind import OFFICERS, RECORDS  # noqa: PLC0415 - it draws in every stage

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--only", action="append", default=[])
    given = parser.parse_args()
    state, until = State(given.state), time.monotonic() + given.seconds
    for name in given.only or RECORDS:
        sweep_record(state, name, OFFICERS.get(name, {}), RECORDS[name], until)


if __name__ == "__main__":
    main()
