"""Records as somebody who means harm would make them, through every command that reads them.

    python tests/machine/fuzz.py --until 100000 --state .fuzz.json --found .found.jsonl

Each number is a seed: it says which small record is changed, and how. A run that was stopped goes
on where its state says. What breaks is written down as a case: a line that can be put into
`hostile_records.jsonl`, which every run of the tests tries first.

A case is a list `[record, command, step...]`. Steps change acts and files of bundles, after which
everything around them agrees again and is signed, or the bytes of what was written.
"""

import argparse
import contextlib
import copy
import fnmatch
import functools
import io
import json
import os
import random
import re
import resource
import signal
import sys
import tempfile
import traceback
import unicodedata
from collections import Counter
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
sys.path[:0] = [str(ROOT), str(TESTS), str(TESTS / "verify"), str(TESTS / "machine")]

from changes import at, put, walk  # noqa: E402
from every_kind import OFFICERS, RECORDS  # noqa: E402

from forger import Forger, csv_of, table, written  # noqa: E402
from referendum.cli.main import main  # noqa: E402
from referendum.core.errors import OrderError  # noqa: E402
from referendum.publish import site  # noqa: E402
from referendum.record.log import new_signer  # noqa: E402

CORPUS = Path(__file__).with_name("hostile_records.jsonl")
SIGNER = new_signer("tests.example/fuzz")

SECONDS = 5
MEMORY = 1_000_000_000
MOST_SAID = 400_000
"""What a command may take of the processor and of memory, and how much it may say."""

COMMANDS = {
    "verify": "verify RECORD",
    "verify json": "verify RECORD --json",
    "log": "log RECORD",
    "log json": "log RECORD --json",
    "log act": "log RECORD 1",
    "status": "status RECORD",
    "status json": "status RECORD --json",
    "publish": "publish RECORD OUT",
    "replay": "replay RECORD",
    "office": "office list RECORD",
}
OFTEN = ["verify"] * 12 + ["publish"] * 3 + ["status"] * 2 + list(COMMANDS)


class Hanging(BaseException):
    """A command that takes longer than it may."""


@functools.cache
def forger(name: str) -> Forger:
    """Give one of the small records."""
    for left in (2, 1, 0):
        try:  # whose lines are drawn is by chance: a record may be decided before its last round
            made = RECORDS[name](Path(tempfile.mkdtemp(prefix="fuzz-")))
            break
        except OrderError:
            if not left:
                raise
    found = Forger(made.folder)
    found.keys = OFFICERS.get(name, {})
    return found


TEXTS = [
    "", " ", "x", "0", "-0", "-1", "1", "2", "01", "1.0", "0.5", "1/2", "2/4", "1/0", "0/1", "-1/2",
    "1e99999999", "1e-99999999", "1e999999999", "1e400000", "nan", "inf", "-inf", "१/१०", "½", "+1",
    "1_0", " 1", "1\n", "9" * 40, "9" * 60, "9" * 400, "9" * 9_000, "0." + "3" * 60,
    "0." + "3" * 9_000,
    "99999999999 days", "9999 years", "0 days", "-3 days", "120 months", "more than 1/0",
    "at least 1e9999999", "0001-01-01", "9999-12-31", "2026-02-30", "2026-W01-1", "10000-01-01",
    "2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05+23:59", "0000-00-00T00:00:00Z",
    "\u001b[2J\u001b[HEverything holds.\u001b[8m", "\u202egnp", "\u009b2J", "\u0000", "a\nb",
    "\u2028", "\ud800", "<script>alert(1)</script>", "{{ 7*7 }}", "=1+1", "../../x",
    "/etc/hostname",
    "a" * 300, "é" * 3_000, "z" * 20_000, "sha256:" + "0" * 64, "0" * 64, "true", "null", "[]",
]  # fmt: skip
VALUES = [
    None, True, False, 0, -1, 1, 2, 3, 10, 1_000, 10**8, 10**12, 10**12 + 1, 2**53 - 1, 2**53,
    2**60, 10**25, -(10**15), 0.5, [], {}, [[]], [None], [0], ["x"], {"x": 1}, {"": ""}, [1, 2, 3],
]  # fmt: skip
RAW = [
    "[" * 20_000 + "]" * 20_000, '{"a":' * 9_000 + "1" + "}" * 9_000, "9" * 5_000, "1e5", "NaN",
    "-0", '{"a":1,"a":2}', '"\\ud800"', "Infinity", "1.0", " 1",
]  # fmt: skip
TOML = [
    "1e400", "nan", "-inf", "10000000000000000000000", "0x7fffffffffffffffffff", "[1]", "[[[]]]",
    "{}", "true", "1979-05-27", "1979-05-27T07:32:00Z", "07:32:00", "-1", "0", "100000000",
    "[" * 3_000 + "]" * 3_000, '"""', "'x'",
]  # fmt: skip
BYTES = ["", "00", "ff", "0a", "1b5b324a", "e280ae", "22", "5d5d5d", "efbbbf", "61" * 2_000]


def _value(chance: random.Random):
    kind = chance.random()
    if kind < 0.55:
        return chance.choice(TEXTS)
    return chance.choice(VALUES) if kind < 0.93 else {"raw": chance.choice(RAW)}


def _step_of_json(chance: random.Random, document) -> list:
    """Choose a change of a JSON document: `[what, path, value]`."""
    paths = [path for path, _ in walk(document) if path]
    if not paths:
        return ["set", [], _value(chance)]
    path = list(chance.choice(paths))
    what = chance.choice(["set"] * 8 + ["drop", "add", "twice", "other"])
    if what == "other":
        return ["set", path, at(document, chance.choice(paths))]
    return [what, path, _value(chance)]


def _step_of_file(chance: random.Random, kind: str, name: str, data: bytes) -> list:
    """Choose a change of a file of a bundle."""
    if chance.random() < 0.1:
        return ["bytes", kind, name, *_step_of_bytes(chance, data)]
    if name.endswith(".json"):
        return ["json", kind, name, *_step_of_json(chance, json.loads(data))]
    if name.endswith(".toml"):
        lines = data.decode().split("\n")
        given = [n for n, line in enumerate(lines) if " = " in line or "value" in line]
        what = chance.choice(["value"] * 8 + ["line dropped", "line twice", "line"])
        text = chance.choice([chance.choice(TOML), json.dumps(chance.choice(TEXTS))])
        return ["toml", kind, name, what, chance.choice(given), text]
    rows = len(table(data))
    what = chance.choice(
        ["cell"] * 8 + ["row dropped", "row twice", "column dropped", "column twice"]
    )
    many = chance.choice([1, 1, 2, 50])
    return ["csv", kind, name, what, chance.randrange(rows), chance.randrange(40),
            chance.choice(TEXTS), many]  # fmt: skip


def _step_of_bytes(chance: random.Random, data: bytes) -> list:
    where = chance.randrange(len(data) + 1)
    gone = chance.choice([0, 0, 1, 1, 8, 10**9])
    return [where, gone, chance.choice(BYTES), chance.choice([1, 1, 1, 3, 2_000])]


PATTERNS = ["record.json", "log/checkpoint", "log/tile/entries/*", "log/tile/0/*",
            "bundles/public/*/manifest.json", "bundles/public/*"]  # fmt: skip
BESIDE = ["log/tile/9/000", "log/tile/entries/x001/000", "log/tile/0/000.p/300", "bundles/public/x",
          "bundles/public/" + "0" * 64 + "/manifest.json", "pages.json", "site.json", "index.html",
          "bundles/sealed/x/manifest.json", "log/\u001b[2Jx", "data.json"]  # fmt: skip


def new_case(number: int) -> list:
    """Make the case of a number."""
    chance = random.Random(number)  # noqa: S311 - inputs to try, nothing secret
    record = chance.choice(list(RECORDS))
    case = [record, chance.choice(OFTEN)]
    made = forger(record)
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        where = chance.random()
        if where < 0.4:
            number = chance.randrange(len(made.acts))
            case.append(["act", number, *_step_of_json(chance, made.acts[number])])
        elif where < 0.75:
            manifest, files = chance.choice(list(made.bundles.values()))
            name = chance.choice(list(files))
            case.append(_step_of_file(chance, manifest["kind"], name, files[name]))
        elif where < 0.8:
            manifest = {"kind": "x", "files": [{"name": "x", "bytes": 1, "rows": 1, "sha256": "x"}]}
            number = chance.randrange(len(made.acts))
            case.append(["manifest", number, *_step_of_json(chance, manifest)])
        elif where < 0.85:
            what = chance.choice(["acts dropped", "act twice", "acts turned"])
            case.append([what, chance.randrange(len(made.acts))])
        elif where < 0.95:
            pattern = chance.choice(PATTERNS)
            what = chance.choice(["written"] * 5 + ["gone"])
            step = _step_of_bytes(chance, b" " * chance.choice([10, 100, 1_000]))
            case.append([what, pattern, chance.randrange(30), *step])
        else:
            case.append(["beside", chance.choice(BESIDE), chance.choice(BYTES), 1])
    return case


def files_of(case: list) -> dict[str, bytes]:
    """Give the files of the record that a case describes; a step that does not fit is left out."""
    record, _, *steps = case
    made, raw = forger(record).copy(), {}
    manifests, later = {}, []
    for step in steps:
        with contextlib.suppress(LookupError, TypeError, ValueError, AttributeError):
            _do(made, step, raw, manifests, later)
    try:
        files = made.build(SIGNER, manifests=manifests, entries=_Raw(raw))
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError):
        files = forger(record).build(SIGNER)
    for step in later:
        with contextlib.suppress(LookupError, ZeroDivisionError):  # no file is called so
            _do_later(files, step)
    return files


class _Raw:
    """By number of any act, what puts texts that are no JSON value in place in its entry."""

    def __init__(self, raw: dict[str, str]) -> None:
        self._raw = raw

    def get(self, _number: int, _default: object) -> object:
        return self._put

    def _put(self, entry: bytes) -> bytes:
        for name, text in self._raw.items():
            entry = entry.replace(f'"{name}"'.encode(), text.encode())
        return entry


def _do(made: Forger, step: list, raw: dict, manifests: dict, later: list) -> None:
    what, *of = step
    if what == "act":
        _change_json(made.acts[of[0]], of[1:], raw)
    elif what == "manifest":
        manifests[of[0]] = functools.partial(_change_json, step=of[1:], raw={})
    elif what in {"json", "toml", "csv", "bytes"}:
        files = made.files(of[0])
        files[of[1]] = {"json": _json, "toml": _toml, "csv": _csv, "bytes": _bytes}[what](
            files[of[1]], *of[2:]
        )
    elif what == "acts dropped":
        del made.acts[max(of[0], 1) :]
    elif what == "act twice":
        made.acts.insert(of[0], copy.deepcopy(made.acts[of[0]]))
    elif what == "acts turned":
        made.acts[of[0] : of[0] + 2] = made.acts[of[0] : of[0] + 2][::-1]
    else:
        later.append(step)


def _do_later(files: dict[str, bytes], step: list) -> None:
    what, pattern, *of = step
    if what == "beside":
        files.setdefault(pattern, bytes.fromhex(of[0]) * of[1])
        return
    paths = [path for path in files if fnmatch.fnmatch(path, pattern)]
    path = paths[of[0] % len(paths)]
    if what == "gone":
        del files[path]
    else:
        files[path] = _bytes(files[path], *of[1:])


def _change_json(document, step: list, raw: dict) -> None:
    what, path, value = step
    if isinstance(value, dict) and set(value) == {"raw"}:
        name = f"raw{len(raw)}"
        raw[name] = value["raw"]
        value = name
    holder, last = at(document, path[:-1]), path[-1]
    if what == "set":
        put(document, path, copy.deepcopy(value))
    elif what == "drop":
        del holder[last]
    elif what == "twice":
        holder.append(holder[last])
    else:
        at(document, path)["more"] = value


def _json(data: bytes, *step) -> bytes:
    document, raw = [json.loads(data)], {}
    what, path, value = step
    _change_json(document, [what, [0, *path], value], raw)
    return _Raw(raw)._put(written(document[0]).encode())


def _toml(data: bytes, what: str, number: int, text: str) -> bytes:
    lines = data.decode().split("\n")
    if what == "line dropped":
        del lines[number]
    elif what == "line twice":
        lines.insert(number, lines[number])
    elif what == "line":
        lines.insert(number, text)
    else:
        short = re.sub(r"value = [^,}]+", lambda _: f"value = {text}", lines[number], count=1)
        whole = re.sub(r"= .*", lambda _: f"= {text}", lines[number], count=1)
        lines[number] = whole if short == lines[number] else short
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def _csv(data: bytes, what: str, row: int, column: int, text: str, many: int) -> bytes:
    rows = table(data)
    column %= len(rows[0])
    if what == "cell":
        for one in rows[row : row + many]:
            one[column] = text
    elif what == "row dropped":
        del rows[row : row + many]
    elif what == "row twice":
        rows[row:row] = [list(rows[row]) for _ in range(many)]
    else:
        for one in rows:
            one[column : column + 1] = [] if what == "column dropped" else [one[column]] * 2
    return csv_of(rows) if "\ud800" not in text else data


def _bytes(data: bytes, where: int, gone: int, new: str, many: int) -> bytes:
    return data[:where] + bytes.fromhex(new) * many + data[where + gone :]


def attempt(case: list) -> tuple[str, str]:
    """Try a case: how the command ended, and what was wrong with that; empty if nothing was."""
    with tempfile.TemporaryDirectory(prefix="fuzzed-") as place:
        folder, out = Path(place) / "record", Path(place) / "site"
        for path, data in files_of(case).items():
            file = folder / path
            with contextlib.suppress(OSError):
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
        given = {"RECORD": str(folder), "OUT": str(out)}
        code, said = run([given.get(word, word) for word in COMMANDS[case[1]].split()])
        return str(code), _trouble(code, said) or _trouble_of_pages(out)


def _trouble(code: int | None, said: str) -> str:
    if code not in {0, 1, 2} or "Traceback" in said or "panicked" in said:
        return said[-3_000:]
    if "needs more memory" in said:
        return f"more than {MEMORY:,} bytes: {said[-500:]}"
    if len(said) > MOST_SAID:
        return f"{len(said):,} characters are said"
    if odd := sorted({sign for sign in said if _steers(sign)}):
        return f"signs that steer a screen: {odd!a}"
    return ""


def _steers(sign: str) -> bool:
    return sign != "\n" and unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


_STEERS_A_PAGE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)


def _trouble_of_pages(out: Path) -> str:
    for path in out.rglob("*.html") if out.exists() else []:
        text = path.read_text(encoding="utf-8")
        if "<script" in text or _STEERS_A_PAGE.search(text):
            return f"{path.name} has a script, or signs that steer"
    return ""


def run(arguments: list[str]) -> tuple[int | None, str]:
    """Run the command line in this process: exit code, and all that it said; None if it broke."""
    out = io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["referendum", *arguments]),
        mock.patch.object(sys, "stdin", io.StringIO("")),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(out),
        bounded(),
    ):
        try:
            main()
        except SystemExit as end:
            return int(end.code or 0), out.getvalue()
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001 - whatever breaks is what is looked for
            return None, out.getvalue() + traceback.format_exc()
    return 0, out.getvalue()


@contextlib.contextmanager
def bounded():
    """Bound the seconds of work and the memory; what is beyond ends in `Hanging`, `MemoryError`."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    now, most = resource.getrlimit(resource.RLIMIT_AS)
    before = signal.signal(signal.SIGPROF, _too_long)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY, most))
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, (now, most))
        signal.signal(signal.SIGPROF, before)


def _too_long(*_: object) -> None:
    raise Hanging


def kept_cases() -> list[list]:
    """Give the cases that once broke something, and those made by hand."""
    return [_spelt(json.loads(line)) for line in CORPUS.read_text(encoding="utf-8").splitlines()]


def _spelt(value):
    """Write out a long text, which is kept as `["*", TEXT, TIMES, TEXT, TIMES...]`."""
    if isinstance(value, list) and value[:1] == ["*"]:
        return "".join(text * many for text, many in zip(value[1::2], value[2::2], strict=True))
    if isinstance(value, dict):
        return {name: _spelt(part) for name, part in value.items()}
    return [_spelt(part) for part in value] if isinstance(value, list) else value


def without_law_pages(patch=None) -> None:
    """Leave out of a site what is the same for every record."""
    (patch.setattr if patch else setattr)(site, "_law_files", lambda _: {})


def go_on(until: int, state: Path | None, found: Path | None, first: int = 0) -> int:
    """Try cases one after the other; print and keep those that break; give how many did."""
    counts: Counter[str] = Counter()
    if state and state.exists():
        kept = json.loads(state.read_text())
        first, counts = kept["next"], Counter(kept["counts"])
    for number in range(first, until):
        case = new_case(number)
        code, trouble = attempt(case)
        counts[f"{case[1]}: exit {code}"] += 1
        counts["cases"] += 1
        if trouble:
            counts["broken"] += 1
            print(f"--- {number} {json.dumps(case)[:2_000]}\n{trouble}", flush=True)
            if found:
                with found.open("a") as file:
                    file.write(json.dumps(case) + "\n")
        if state and (number % 100 == 99 or number == until - 1):
            passing = state.with_suffix(".part")
            passing.write_text(json.dumps({"next": number + 1, "counts": counts}, indent=1))
            passing.replace(state)
    for name, count in sorted(counts.items()):
        print(f"{count:>9,}  {name}")
    return counts["broken"]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--until", type=int, default=1_000_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--state", type=Path, help="Where the run goes on, and what it counted.")
    parser.add_argument("--found", type=Path, help="Where cases that break are written down.")
    parser.add_argument("--only", type=int, help="Do one case again, and tell what it said.")
    parser.add_argument("--kept", action="store_true", help="Try the kept cases.")
    return parser.parse_args()


if __name__ == "__main__":
    asked = _arguments()
    without_law_pages()
    os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp(prefix="config-")
    if asked.only is not None:
        print(json.dumps(new_case(asked.only))[:4_000], *attempt(new_case(asked.only)), sep="\n")
    elif asked.kept:
        tried = [(case, *attempt(case)) for case in kept_cases()]
        print(*[one for one in tried if one[2]], len(tried), sep="\n")
    else:
        sys.exit(1 if go_on(asked.until, asked.state, asked.found, asked.first) else 0)
