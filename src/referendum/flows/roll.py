"""The list of electors, received and sealed."""

from pathlib import Path

from referendum.core.schemas import ELECTORS
from referendum.flows.frames import sealed_tables
from referendum.flows.intake import read_checked
from referendum.flows.writing import Made, RecordWriter, Stamp
from referendum.journal import Act
from referendum.roll import normalise_electors


def seal_roll(record: RecordWriter, path: Path, encoding: str, stamp: Stamp) -> Act:
    """Check, normalise and seal a list of electors; only its digest and counts are public."""
    record.allow("roll.seal", stamp)
    checked = read_checked(ELECTORS, path, encoding)
    electors = normalise_electors(checked.rows)
    draft = sealed_tables(
        "electors",
        {"electors": electors, "set_aside": checked.set_aside, "faults": checked.faults},
    )
    facts = {
        "electors": electors.height,
        "set_aside": checked.set_aside.height,
        "faults": checked.fault_counts(),
    }
    return record.receive("roll.seal", Made((draft,), facts), {}, stamp)
