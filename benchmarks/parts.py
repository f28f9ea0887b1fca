"""A vote whose returns come in many parts: what an act costs, opening the record, and `verify`.

    python -m benchmarks.parts [200 2000 20000]

The parts hold one form each. They are appended as the intake drafts them; a few are received from
a file, by the intake itself, while all stand.
"""

import math
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from referendum.flows.count.result import declare_result
from referendum.flows.count.returns import receive_returns
from referendum.flows.count.returns_files import ReturnsFiles
from referendum.publish.site import publish
from referendum.record.bundles import Draft
from referendum.record.log import Signer, new_signer
from referendum.record.opening import Opening, open_record, statute_on
from referendum.record.reading import Record
from referendum.record.stamps import Stamp
from referendum.record.writing import Outputs, RecordWriter
from referendum.verify import verify

SIZES = (200, 2_000, 20_000)
RECEIVED = 5
FORM = "question,kind,region,district,place"
HEADS = {
    "returns": f"{FORM},yes,no,informal,total",
    "accounts": f"{FORM},electors,marked,added,voters,received,unused,spoiled,declined,taken_away,"
    "missing,difference,blank,no_initials,unclear,several_marks,contested,other,explanation",
    "set_aside": f"row,{FORM},column,code,value,figures,ballots",
    "warnings": f"{FORM},code,figures,explanation",
    "electors": "question,region,district,electors",
    "places": "region,district,place,kind,due,status",
    "previous": "region,district,place,yes,no",
}
SAID = {
    "as_of": None, "common_ballot": False, "electors": "none", "entries": 1,
    "format": "referendum", "scope": "all votes", "provisional": False, "unread": [],
}  # fmt: skip


def main() -> None:
    """Measure and print."""
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    measured = {size: measure(size) for size in sizes}
    for size, seconds in measured.items():
        told = ", ".join(f"{name} {one:.3f} s" for name, one in seconds.items())
        print(f"parts: {size:,} parts: {told} of CPU")
    for small, large in pairwise(sizes):
        for name in measured[small]:
            ratio = measured[large][name] / measured[small][name]
            exponent = math.log(ratio) / math.log(large / small)
            print(f"parts: {name} from {small:,} to {large:,}: exponent {exponent:.2f}")


def measure(size: int) -> dict[str, float]:
    """Give the CPU seconds of each step, with so many parts."""
    signer = new_signer("bench.example/parts")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        law = statute_on("ch/optional-referendum", date(2020, 1, 2))
        opening = Opening("Parts", "Q?", "vote", law, made_up=True)
        open_record(folder / "v", signer, opening, Stamp())
        found = {"append": least(lambda: append(folder / "v", signer, size), 1)}
        found["receive one"] = least(lambda: receive(folder, signer), 1) / RECEIVED
        found["result"] = least(lambda: declare(folder / "v", signer), 1)
        found["open"] = least(lambda: Record.open(folder / "v"))
        found["verify"] = least(lambda: require_holds(folder / "v"), 3)
        found["publish"] = least(lambda: publish([folder / "v"], folder / "site"), 1)
    return found


def append(folder: Path, signer: Signer, size: int) -> None:
    """Append the parts in one go."""
    with RecordWriter.hold(folder, lambda _: signer) as record:
        for number in range(size):
            record.receive("returns.receive", drafted(number), SAID, Stamp())


def drafted(number: int) -> Outputs:
    """Draft a part of one form."""
    yes, no = 400 + number * 37 % 211, 300 + number * 53 % 199
    where = f"1,all,R{number % 10},D{number % 400},Place of D{number % 400} no. {number}"
    rows = {"returns": [f"{where},{yes},{no},0,{yes + no}"]}
    files = {
        f"{name}.csv": "".join(f"{row}\n" for row in [head, *rows.get(name, [])]).encode()
        for name, head in HEADS.items()
    }
    counts = {f"{name}.csv": len(rows.get(name, [])) for name in HEADS}
    facts: dict[str, Any] = {"places": 1, "set_aside": 0, "warnings": 0, "total": yes + no}
    return Outputs((Draft("returns", sealed=False, files=files, rows=counts),), facts)


def receive(folder: Path, signer: Signer) -> None:
    """Receive a few further parts from files, all that stand being looked through once."""
    path = folder / "part.csv"
    with RecordWriter.hold(folder / "v", lambda _: signer) as record:
        for number in range(RECEIVED):
            path.write_text(
                "region,district,place,yes,no,informal,total\n"
                f"R1,D1,Further {number},{210 + number},190,0,{400 + number}\n"
            )
            delivery = ReturnsFiles(path, None, "referendum", None, provisional=False)
            receive_returns(record, delivery, Stamp())


def declare(folder: Path, signer: Signer) -> None:
    """Declare the result over all parts."""
    with RecordWriter.hold(folder, lambda _: signer) as record:
        declare_result(record, Stamp())


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
