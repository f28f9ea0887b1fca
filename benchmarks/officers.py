"""Records whose acts have two signatures each: appended, opened, every signature checked."""

import tempfile
from datetime import date
from pathlib import Path
from time import process_time

from referendum.flows.offices import appoint
from referendum.record.log import new_signer
from referendum.record.officers import OfficerSigner, new_officer_signer
from referendum.record.opening import Officer, Opening, open_record, statute_on
from referendum.record.reading import Record
from referendum.record.signing_plan import SigningPlan
from referendum.record.stamps import Stamp
from referendum.record.writing import RecordWriter
from referendum.verify import verify
from referendum.verify.kinds import Act
from referendum.verify.roster import Officers

ACTS = (200, 2_000)


def main() -> None:
    """Measure and print."""
    for acts in ACTS:
        with tempfile.TemporaryDirectory() as folder:
            record = Path(folder) / "record"
            begin = process_time()
            write(record, acts)
            appended = process_time() - begin
            begin = process_time()
            Record.open(record)
            opened = process_time() - begin
            checked = time_of_signatures(record)
        print(
            f"officers: {acts:,} acts with two signatures each: appended in {appended:.2f} s,"
            f" opened for reading in {opened:.2f} s, signatures verified in {checked:.2f} s of CPU"
        )


def write(folder: Path, acts: int) -> None:
    """Write a record that appoints officers, each by two signatures."""
    chief, deputy = new_officer_signer(), new_officer_signer()
    officers = (Officer("Ada Lund", "chief", chief.key), Officer("Bo Ek", "deputy", deputy.key))
    law = statute_on("au/constitution-s128", date(2023, 10, 14))
    opening = Opening("T", "Q?", "vote", law, made_up=True, officers=officers)
    signer, both = new_signer("bench.example/officers"), (chief, deputy)
    open_record(folder, signer, opening, Stamp(), SigningPlan(both))
    keys = [new_officer_signer() for _ in range(50)]
    with RecordWriter.hold(folder, lambda _: signer, both) as record:
        for number in range(acts - 1):
            appoint_one(record, keys, number)


def appoint_one(record: RecordWriter, keys: list[OfficerSigner], number: int) -> None:
    """Appoint one of fifty officers again."""
    place = number % len(keys)
    appoint(record, f"Officer {place + 100}", "intake", keys[place].key, None, Stamp())


def time_of_signatures(folder: Path) -> float:
    """Give the seconds that `verify` spends on officers and their signatures."""
    spent = 0.0
    check = Officers.check

    def timed(officers: Officers, act: Act) -> None:
        nonlocal spent
        begin = process_time()
        check(officers, act)
        spent += process_time() - begin

    Officers.check = timed  # type: ignore[method-assign]
    try:
        if not verify(str(folder)).holds:
            raise SystemExit("the record does not verify")
    finally:
        Officers.check = check  # type: ignore[method-assign]
    return spent


if __name__ == "__main__":
    main()
