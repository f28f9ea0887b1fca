"""A petition that comes in many deliveries and is checked in many parts: what an act costs.

    python -m benchmarks.deliveries [200 2000 20000]

Half of the acts are deliveries of one made-up line each, on a sheet of its own, half are checks of
one drawn line. They are appended as the intake drafts them; a few of each are received from a file,
by the intake itself, while all others stand.
"""

import math
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import polars as pl

from referendum.core.canonical_rows import digest_rows
from referendum.flows.matching.match import match
from referendum.flows.petition.gates import pass_gates
from referendum.flows.petition.issue import Issue, issue_petition
from referendum.flows.petition.receiving import receive_petition
from referendum.flows.petition.totals import standing_deliveries
from referendum.flows.roll.seal import seal_roll
from referendum.flows.sufficiency.sample import (
    count_lines_without_finding,
    decide,
    draw_sample,
    receive_checks,
    worksheet,
)
from referendum.publish.site import publish
from referendum.record.bundles import Draft
from referendum.record.frames import public_tables, sealed_tables, to_parquet
from referendum.record.log import new_signer
from referendum.record.opening import Opening, open_record, statute_on
from referendum.record.reading import Record
from referendum.record.stamps import Stamp
from referendum.record.writing import Outputs, RecordWriter
from referendum.simulate import PetitionFiles, PetitionPlan, simulate_petition
from referendum.verify import verify

SIZES = (200, 2_000, 20_000)
RECEIVED = 5
FIRST, LAST = date(2026, 1, 3), date(2026, 5, 2)
SIGNER = new_signer("bench.example/deliveries")
WHY = "measured"
TABLES = ("lines", "sheets", "set_aside", "sheets_set_aside", "faults", "sheets_faults")


def main() -> None:
    """Measure and print."""
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    measured = {size: measure(size) for size in sizes}
    for size, seconds in measured.items():
        told = ", ".join(f"{name} {one:.3f} s" for name, one in seconds.items())
        print(f"deliveries: {size:,} acts: {told} of CPU")
    for small, large in pairwise(sizes):
        for name in measured[small]:
            ratio = measured[large][name] / measured[small][name]
            exponent = math.log(ratio) / math.log(large / small)
            print(f"deliveries: {name} from {small:,} to {large:,}: exponent {exponent:.2f}")


def measure(size: int) -> dict[str, float]:
    """Give the CPU seconds of each step with so many acts."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plan = PetitionPlan(size, size // 2, "bench", FIRST, LAST)
        files, at = simulate_petition(plan, folder), folder / "petition"
        lines = pl.read_parquet(files.lines).with_columns(sheet_id="line_id")
        lines.write_parquet(files.lines)
        begin(at)
        with RecordWriter.hold(at, lambda _: SIGNER) as record:
            found = take_in(record, folder, files)
        found["open"] = least(lambda: Record.open(at))
        opened = Record.open(at)
        found["ask what stands"] = least(lambda: ask(opened))
        found["verify"] = least(lambda: require_holds(at), 3)
        found["publish"] = least(lambda: publish([at], folder / "site"), 1)
        found["verify with pages"] = least(lambda: require_holds(folder / "site" / at.name), 1)
    return found


def begin(at: Path) -> None:
    """Open the record of a petition and issue it."""
    law = statute_on("ca-ab/citizen-initiative-act", FIRST)
    open_record(at, SIGNER, Opening("Parts", "Q?", "petition", law, made_up=True), Stamp())
    with RecordWriter.hold(at, lambda _: SIGNER) as record:
        issue = Issue("constitutional", date(2026, 1, 2), FIRST, base_value=4_000)
        issue_petition(record, issue, Stamp())


def take_in(record: RecordWriter, folder: Path, files: PetitionFiles) -> dict[str, float]:
    """Take in all deliveries and checks, and decide."""
    raw = pl.read_parquet(files.lines)
    (parts, empty), path = drafted(folder, files), folder / "part.csv"
    found = {"append deliveries": least(lambda: deliver(record, parts[:-RECEIVED], empty), 1)}
    known = [part["line_id"][0] for part in parts[-RECEIVED:]]

    def receive() -> None:
        for line in known:
            raw.filter(pl.col("line_id") == line).write_csv(path)
            receive_petition(record, path, None, None, "utf-8", Stamp(), number_alone=WHY)

    found["receive one delivery"] = least(receive, 1) / RECEIVED
    seal_roll(record, files.electors, "utf-8", Stamp())
    found["gates"] = least(lambda: pass_gates(record, Stamp()), 1)
    found["match"] = least(lambda: match(record, Stamp()), 1)
    draw_sample(record, None, "all", Stamp())
    drawn = worksheet(record).sort("serial")
    found["append checks"] = least(lambda: check(record, drawn["serial"][:-RECEIVED].to_list()), 1)

    def receive_check() -> None:
        for line in drawn["line_id"][-RECEIVED:]:
            path.write_text(f"line_id,finding\n{line},valid\n")
            receive_checks(record, path, "utf-8", Stamp())

    found["receive one part of the checks"] = least(receive_check, 1) / RECEIVED
    found["decide"] = least(lambda: decide(record, "sample", Stamp()), 1)
    return found


def drafted(folder: Path, files: PetitionFiles) -> tuple[list[pl.DataFrame], Draft]:
    """Give the numbered lines, each a table of its own, and a delivery of none."""
    begin(folder / "whole")
    with RecordWriter.hold(folder / "whole", lambda _: SIGNER) as record:
        receive_petition(record, files.lines, None, None, "utf-8", Stamp(), number_alone=WHY)
        inputs = record.inputs(("lines",))
        tables = {name: inputs.table("lines", f"{name}.parquet") for name in TABLES}
    empty = sealed_tables("lines", {name: table.clear() for name, table in tables.items()})
    return list(tables["lines"].sort("serial").iter_slices(1)), empty


def deliver(record: RecordWriter, parts: list[pl.DataFrame], empty: Draft) -> None:
    """Append deliveries of a line each."""
    for number, part in enumerate(parts, start=1):
        name = "lines.parquet"
        draft = replace(
            empty,
            files={**empty.files, name: to_parquet(part)},
            rows={**empty.rows, name: 1},
            contents={**empty.contents, name: digest_rows(part)},
            nonce=secrets.token_hex(32),
        )
        facts = {"first": number, "lines": 1, "sheets": 0, "set_aside": 0, "faults": {}}
        append(record, "petition.receive", draft, facts, {"claimed": None, "numbered_alone": WHY})


def check(record: RecordWriter, serials: list[int]) -> None:
    """Append findings on a line each."""
    for serial in serials:
        draft = public_tables(
            "checks", {"checks": pl.DataFrame({"serial": serial, "finding": "valid"})}
        )
        append(record, "checks.receive", draft, {"checked": 1, "valid": 1, "invalid": {}}, {})


def append(
    record: RecordWriter,
    kind: str,
    draft: Draft,
    facts: dict[str, object],
    parameters: dict[str, object],
) -> None:
    """Append a received act, with what it reads."""
    inputs = record.find_inputs(kind, parameters, Stamp())
    record.receive(kind, Outputs((draft,), facts), parameters, Stamp(), inputs=inputs)


def ask(record: Record) -> None:
    """Ask what stands, what came and what is lacking."""
    standing_deliveries(record)
    count_lines_without_finding(record, "draw", "checks")
    for kind in ("decide", "draw", "match", "petition.gates", "petition.receive"):
        record.standing(kind)


def require_holds(folder: Path) -> None:
    """Verify the record.

    Raises:
        SystemExit: it does not hold.
    """
    report = verify(str(folder))
    if not report.holds:
        sys.exit(f"the record does not hold: {report.failures[:3]}")


def least(work: Callable[[], object], times: int = 5) -> float:
    """Give the CPU seconds that the work took, the least of some times."""
    seconds = []
    for _ in range(times):
        before = time.process_time()
        work()
        seconds.append(time.process_time() - before)
    return min(seconds)


if __name__ == "__main__":
    main()
