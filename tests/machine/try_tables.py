"""Give every receiving command tables as nobody should send them, and see that none breaks.

    python tests/machine/try_tables.py --until 100000 --state tried.json

Each number is a seed: it says which command gets which table, so `--only N` does one again. A run
that was stopped goes on where its state says. What is accepted must hold: it is published and
verified too.
"""

import argparse
import contextlib
import functools
import io
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import traceback
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from unittest import mock

sys.path.append(str(Path(__file__).parent))

from odd_tables import odd_json, odd_table
from small_records import VOTES, Small, electors, lines, seed, sheets

from referendum.cli.main import main
from referendum.flows.audit import AuditChoice, draw_audit, plan_audit, pull_list
from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.flows.matching.match import match
from referendum.flows.petition.gates import pass_gates
from referendum.flows.petition.issue import Issue, issue_petition
from referendum.flows.petition.receiving import receive_petition
from referendum.flows.roll.seal import seal_roll
from referendum.flows.sufficiency import risk
from referendum.flows.sufficiency import sample as sufficiency
from referendum.flows.sufficiency.risk_checks import worksheet as risk_worksheet
from referendum.publish import publish, site
from referendum.record.log import write_new_key
from referendum.record.stamps import Stamp
from referendum.verify import verify

CARDS = Path(__file__).parents[1] / "count" / "data"
CASES = Path(__file__).parents[2] / "examples"
PATIENCE = 120
"""Seconds of the processor after which a command is taken to hang, however busy the machine."""

VOTE_DATE = "2026-10-19"


@dataclass
class Ground:
    """Records to work on, each to be laid anew after a command that changed it."""

    folder: Path
    key: Path
    records: dict[str, Path] = field(default_factory=dict)
    good: dict[str, list[dict]] = field(default_factory=dict)

    def put(self, name: str, rows) -> Path:
        """Keep a good table by name, and write it."""
        found = rows if isinstance(rows, list) else rows.to_dicts()
        self.good[name] = found
        path = self.folder / f"{name}.csv"
        names = list(found[0])
        text = "\n".join(",".join(str(row[n] if row[n] is not None else "") for n in names)
                         for row in [dict(zip(names, names, strict=True)), *found])  # fmt: skip
        path.write_text(text + "\n")
        return path

    def keep(self, name: str, made: Small) -> None:
        """Keep a record as it is now."""
        shutil.copytree(made.folder, self.folder / "kept" / name)
        self.records[name] = self.folder / "at-work" / name

    def lay(self, name: str) -> Path:
        """Lay a record for work."""
        path = self.records[name]
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(self.folder / "kept" / name, path)
        return path


@functools.cache
def ground() -> Ground:
    """Make the records and the good tables."""
    folder = Path(tempfile.mkdtemp(prefix="tables-"))
    signer = write_new_key(folder / "key.pem", "machine.example/record")
    made = Ground(folder, folder / "key.pem")
    with mock.patch("small_records.new_signer", return_value=signer):
        _petition(made)
        _vote(made)
    return made


def _petition(made: Ground) -> None:
    columbia = "ca-bc/recall-and-initiative-act"
    small = Small.opened(made.folder / "b", "petition", columbia, date(2026, 1, 2), "Shall it be?")
    made.keep("opened petition", small)
    statute, day, _ = VOTES["alberta"]
    small = Small.opened(made.folder / "p", "petition", statute, day, "Shall it be?")
    made.put("districts", [{"district": f"District {n}", "base": 40} for n in range(3)])
    with small.hold() as record:
        first = day.replace(month=1)
        issue_petition(record, Issue("constitutional", first, first, 120), Stamp())
        made.keep("issued", small)
        seal_roll(record, made.put("electors", electors()), "utf-8", Stamp())
        tables = made.put("lines", lines()), made.put("sheets", sheets())
        receive_petition(record, *tables, 40, "utf-8", Stamp(), number_alone="few")
        pass_gates(record, Stamp())
        match(record, Stamp())
        risk.plan(record, risk.RiskPlan(), Stamp())
        sufficiency.draw_sample(record, seed(1), 8, Stamp())
        risk.draw(record, seed(2), 8, Stamp())
        drawn = sufficiency.worksheet(record)["line_id"].to_list()
        made.put("findings", [{"line_id": one, "finding": "valid"} for one in drawn])
        drawn = risk_worksheet(record)["line_id"].to_list()
        rows = [{"line_id": one, "first": "valid", "second": "valid"} for one in drawn]
        made.put("line checks", rows)
        made.put("test lines", [{"line_id": f"t{n}", "sheet_id": "s9", "line_no": n, "finding":
                                 ["valid", "not_listed"][n % 2]} for n in range(1, 5)])  # fmt: skip
        made.keep("drawn", small)


def _vote(made: Ground) -> None:
    statute, day, _ = VOTES["alberta"]
    small = Small.opened(made.folder / "v", "vote", statute, day, "Shall it be?")
    made.keep("vote", small)
    boxes = [{"region": "North", "district": f"D{n % 3}", "place": f"Hall {n}"} for n in range(6)]
    numbers = {"yes": 30, "no": 9, "informal": 1, "total": 40}
    made.put("returns", [{**box, **numbers} for box in boxes])
    accounts = {"voters": 40, "received": 60, "unused": 20, "spoiled": 0, "blank": 1}
    made.put("accounts", [{"question": "Q", "kind": "postal", **box, **numbers, **accounts}
                          for box in boxes])  # fmt: skip
    made.put("by district", [{"region": "North", "district": f"D{n}", "electors": 200}
                             for n in range(3)])  # fmt: skip
    due = "2026-10-20T00:00:00Z"
    made.put("expected", [{**box, "kind": "all", "due": due} for box in boxes])
    made.put("previous", [{**box, "yes": 10, "no": 20} for box in boxes])
    made.put("polls", [{"pollster": "House", "field_end": f"2026-09-1{n}", "yes": 44, "no": 46,
                        "sample_size": 1000, "mode": "online", "source": "s"}
                       for n in range(4)])  # fmt: skip
    made.put("manifest", [{"Batch Name": f"B{n}", "Number of Ballots": 40} for n in range(3)])
    made.put("totals", [{"Batch Name": f"B{n}", "Yes": 30, "No": 9} for n in range(3)])
    delivery = ReturnsFiles(made.folder / "returns.csv", None, "referendum", "all votes", False)
    with small.hold() as record:
        receive_returns(record, delivery, Stamp())
        declare_result(record, Stamp())
        made.keep("counted", small)
        marks = ["yes"] * 30 + ["no"] * 9 + ["blank"]
        made.put("cards", [{"question": "1", **box, "card": n, "mark": mark, "imprint": ""}
                           for box in boxes for n, mark in enumerate(marks, start=1)])  # fmt: skip
        counted = {"yes": 30, "no": 9, "informal": 1}
        made.put("counts", [{**box, **counted} for box in boxes])
        plan_audit(record, AuditChoice("ballot_polling", "0.05"), Stamp())
        made.keep("planned", small)
        draw_audit(record, seed(3), {"*": 12}, Stamp())
        made.put("looks", [{**row, "mark": "yes"} for row in pull_list(record).to_dicts()])
        made.keep("audit drawn", small)


COMMANDS = {
    # name: record, weight, table that is odd, arguments: FILE is the odd one, in {} are good ones
    "roll seal": ("issued", 8, "electors", "roll seal RECORD FILE"),
    "petition receive": ("issued", 8, "lines", "petition receive RECORD FILE --number-alone few"),
    "sheets": (
        "issued", 6, "sheets",
        "petition receive RECORD {lines} --sheets FILE --number-alone few",
    ),
    "districts": (
        "opened petition", 3, "districts",
        "petition issue RECORD --proposal initiative --first-day 2026-01-01 --districts FILE",
    ),
    "checks receive": ("drawn", 5, "findings", "checks receive RECORD FILE"),
    "sufficiency checks": ("drawn", 5, "line checks", "sufficiency checks RECORD FILE"),
    "test lines": (
        "drawn", 4, "test lines", "sufficiency checks RECORD {line checks} --test-lines FILE"
    ),
    "returns": ("vote", 10, "returns", "returns receive RECORD FILE"),
    "accounts": ("vote", 8, "accounts", "returns receive RECORD FILE --common-ballot"),
    "second": ("vote", 5, "returns", "returns receive RECORD {returns} --second FILE"),
    "electors": ("vote", 5, "by district", "returns receive RECORD {returns} --electors FILE"),
    "expected": ("vote", 5, "expected", "returns receive RECORD {returns} --expected FILE"),
    "previous": ("vote", 5, "previous", "returns receive RECORD {returns} --previous FILE"),
    "update": (
        "counted", 4, "returns", "returns receive RECORD FILE --update --reason more --provisional"
    ),
    "aec": ("vote", 2, "returns", "returns receive RECORD FILE --format aec-referendum"),
    "polls": (
        "vote", 6, "polls",
        f"polls receive RECORD FILE --referendum clocks --vote-date {VOTE_DATE}",
    ),
    "forecast": (
        "vote", 1, "polls",
        f"forecast --polls FILE --referendum clocks --vote-date {VOTE_DATE}",
    ),
    "audit cards": ("counted", 5, "cards", "audit cards RECORD FILE"),
    "audit findings": ("audit drawn", 5, "looks", "audit findings RECORD FILE {looks}"),
    "audit findings twice": ("audit drawn", 4, "looks", "audit findings RECORD FILE SECOND"),
    "audit full-count": ("planned", 5, "counts", "audit full-count RECORD FILE SECOND"),
    "from-batches": (
        "vote", 4, "totals", "returns from-batches {manifest} FILE --yes Yes --no No --out OUT"
    ),
    "manifest": (
        "vote", 4, "manifest", "returns from-batches FILE {totals} --yes Yes --no No --out OUT"
    ),
    "match": ("vote", 1, "lines", "match --lines FILE --electors {electors} --out OUT"),
    "match electors": ("vote", 1, "electors", "match --lines {lines} --electors FILE --out OUT"),
    "search": ("vote", 1, "electors", "roll search --electors FILE --index OUT stone"),
    "dominion": ("vote", 5, "json", f"returns from-cards FILE --manifests {CARDS} --out OUT"),
    "nist": ("vote", 5, "json", "returns from-cards FILE --out OUT"),
    "cases": ("vote", 5, "json", "cases run FILE"),
}  # fmt: skip

EXTRA = [[]] * 12 + [["--encoding", "cp1252"], ["--encoding", "utf-16"], ["--encoding", "no-such"],
                     ["--json"]]  # fmt: skip


@functools.cache
def good_json(name: str) -> tuple:
    """Give good documents to spoil."""
    if name == "cases":
        files = [CASES / f"{kind}-cases" / "cases.json" for kind in ("petition", "audit")]
        return tuple(_few_cases(json.loads(file.read_text())) for file in files)
    export = json.loads((CARDS / "CvrExport_15.json").read_text())
    export["Sessions"] = export["Sessions"][:2]
    words = [{"@id": f"q-{n}", "@type": "CVR.BallotMeasureSelection", "Selection": word}
             for n, word in enumerate(("Yes", "No"))]  # fmt: skip
    contest = {
        "@type": "CVR.BallotMeasureContest",
        "@id": "q",
        "Name": "Q",
        "ContestSelection": words,
    }
    mark = {"ContestSelectionId": "q-0", "SelectionPosition": [{"HasIndication": "yes",
            "NumberVotes": 1, "IsAllocable": "yes"}]}  # fmt: skip
    snapshot = {"@id": "s", "Type": "original",
                "CVRContest": [{"ContestId": "q", "CVRContestSelection": [mark]}]}  # fmt: skip
    records = [{"CurrentSnapshotId": "s", "CVRSnapshot": [snapshot], "BatchId": "B",
                "UniqueId": f"{n}"} for n in range(3)]  # fmt: skip
    report = {"@type": "CVR.CastVoteRecordReport", "Version": "1.0.0", "CVR": records,
              "Election": [{"@id": "e", "Contest": [contest]}]}  # fmt: skip
    return (export, report)


def _few_cases(content):
    return {**content, "cases": content["cases"][:4]}


@dataclass(frozen=True)
class Tried:
    """What came of one input.

    Attributes:
        name: of the command.
        code: exit code; None if it broke.
        trouble: what was wrong with how it ended; empty if nothing was.
    """

    name: str
    code: int | None
    trouble: str


def attempt(number: int) -> Tried:
    """Give one command one table."""
    chance = random.Random(number)  # noqa: S311 - inputs to try, nothing secret
    made = ground()
    names = list(COMMANDS)
    name = chance.choices(names, [COMMANDS[one][1] for one in names])[0]
    kept, _, table, text = COMMANDS[name]
    work = made.folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    if table == "json":
        data, ending = odd_json(chance, chance.choice(good_json(name))), ".json"
    else:
        data, ending = odd_table(chance, made.good[table])
    file, second = work / f"odd{ending}", work / f"second{ending}"
    file.write_bytes(data)
    second.write_bytes(data)
    record = made.lay(kept)
    given = {"FILE": file, "SECOND": second, "RECORD": record, "OUT": work / "out.csv"}
    for good in made.good:
        text = text.replace(f"{{{good}}}", f"GOOD-{good.replace(' ', '-')}")
        given[f"GOOD-{good.replace(' ', '-')}"] = made.folder / f"{good}.csv"
    arguments = [str(given.get(word, word)) for word in text.split()]
    if name != "cases" and table != "json" and "from-batches" not in text and name != "districts":
        arguments += chance.choice(EXTRA)
    if name in {"roll seal", "petition receive", "sheets", "polls"} and chance.random() < 0.6:
        accepted = ["rows", *(made.good[table][0])]
        arguments += [word for column in accepted for word in ("--accept", column)]
    code, said = run([*arguments, *(["--key", str(made.key)] * (" RECORD" in text))])
    if code is None or code not in {0, 1, 2} or "Traceback" in said or "panicked" in said:
        return Tried(name, code, said)
    if name != "search" and table in OF_PEOPLE and (cells := _cells_said(made.good[table], said)):
        return Tried(name, code, f"cells of people are said, {cells[:5]}: {said}")
    return Tried(name, code, _afterwards(made, record, name, work) if code == 0 else "")


OF_PEOPLE = {"electors", "lines", "findings", "line checks"}


def _cells_said(rows: list[dict], said: str) -> list[str]:
    """Give the cells of good rows, other than codes, that stand in what a command said."""
    cells = {str(cell) for row in rows for cell in row.values() if isinstance(cell, str)}
    words = {cell for cell in cells if len(cell) > 5 and not cell.startswith(("not_", "copy_"))}
    return sorted(cell for cell in words if cell in said)


def run(arguments: list[str]) -> tuple[int | None, str]:
    """Run the command line in this process: exit code, and all that it said."""
    out = io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["referendum", *arguments]),
        mock.patch.object(sys, "stdin", io.StringIO("")),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(out),
    ):
        signal.setitimer(signal.ITIMER_PROF, PATIENCE)
        try:
            main()
        except SystemExit as end:
            return int(end.code or 0), out.getvalue()
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001 - whatever breaks is what is looked for
            return None, out.getvalue() + traceback.format_exc()
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    return 0, out.getvalue()


def _afterwards(made: Ground, record: Path, name: str, work: Path) -> str:
    """See that what was accepted can be gone on with, published and verified."""
    steps = {
        "returns": ["result"], "accounts": ["result"], "update": ["result"], "second": ["result"],
        "electors": ["result"], "expected": ["result"], "sheets": ["match"], "lines": ["match"],
        "checks receive": ["decide"], "sufficiency checks": ["sufficiency decide"],
        "audit findings": ["audit risk"], "audit findings twice": ["audit risk"],
        "audit cards": ["audit plan --method card_comparison"],
        "polls": ["polls forecast --as-of 2026-10-01"],
    }  # fmt: skip
    for step in steps.get(name, []):
        code, said = run([*step.split(), str(record), "--key", str(made.key)])
        if code not in {0, 1, 2} or "Traceback" in said:
            return f"then {step}: {said}"
    if name in {
        "from-batches",
        "manifest",
        "dominion",
        "nist",
        "match",
        "search",
        "match electors",
    }:
        return ""
    if name in {"cases", "forecast"}:
        return ""
    try:
        publish([record], work / "site")
        report = verify(str(work / "site" / record.name))
    except Exception:  # noqa: BLE001 - whatever breaks is what is looked for
        return f"then publish and verify: {traceback.format_exc()}"
    return "" if report.holds else f"then verify: {report.failures}"


def without_law_pages_or_keys() -> None:
    """Leave out what is the same for every record, and the user's own folders."""
    site._law_files = lambda *_: {}
    os.environ.setdefault("XDG_CONFIG_HOME", tempfile.mkdtemp(prefix="config-"))


class Hanging(BaseException):
    """A command that does not end."""


def too_long(*_: object) -> None:
    """Break off a command that hangs."""
    raise Hanging


signal.signal(signal.SIGPROF, too_long)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--until", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--state", type=Path, help="Where the run goes on, and what it counted.")
    parser.add_argument("--only", type=int, help="Do one input again, and tell what it said.")
    return parser.parse_args()


def go_on(first: int, until: int, state: Path | None) -> int:
    """Try inputs one after the other, and print what breaks; give how many broke."""
    counts: Counter[str] = Counter()
    if state and state.exists():
        kept = json.loads(state.read_text())
        first, counts = kept["next"], Counter(kept["counts"])
    for number in range(first, until):
        tried = attempt(number)
        counts[f"{tried.name}: exit {tried.code}"] += 1
        counts["inputs"] += 1
        if tried.trouble:
            counts["broken"] += 1
            print(f"--- {number} {tried.name}\n{tried.trouble}", flush=True)
        if state and (number % 100 == 99 or number == until - 1):
            kept = {"next": number + 1, "counts": dict(sorted(counts.items()))}
            passing = state.with_suffix(".part")
            passing.write_text(json.dumps(kept, indent=1))
            passing.replace(state)
    for name, count in sorted(counts.items()):
        print(f"{count:>8,}  {name}")
    return counts["broken"]


if __name__ == "__main__":
    asked = _arguments()
    without_law_pages_or_keys()
    if asked.only is not None:
        print(attempt(asked.only))
        sys.exit(0)
    sys.exit(1 if go_on(asked.first, asked.until, asked.state) else 0)
