"""The list of electors, received and sealed."""

from collections.abc import Sequence
from pathlib import Path

from referendum.core.calendar_days import Order
from referendum.core.schemas import ELECTORS
from referendum.core.tables import Reading
from referendum.record.acts import Act
from referendum.record.frames import sealed_tables
from referendum.record.writing import Made, RecordWriter, Stamp
from referendum.roll import normalise_electors
from referendum.tables.headers import DATA, NAMES, note_alike, require_no_sums, require_rows_at_all
from referendum.tables.intake import how_read, read_checked, require_accepted


def seal_roll(
    record: RecordWriter,
    path: Path,
    encoding: str,
    stamp: Stamp,
    *,
    dates: Order | None = None,
    accept: Sequence[str] = (),
) -> Act:
    """Check, normalise and seal a list of electors; only its digest and counts are public.

    Args:
        record: of the petition.
        path: the list.
        encoding: of a CSV file.
        stamp: of the act.
        dates: whether day or month comes first, where the columns do not decide.
        accept: columns, or `rows`, that are signed though much of them cannot be read.

    Raises:
        InputError: much cannot be read, and that is not accepted.
    """
    record.allow("roll.seal", stamp)
    checked = read_checked(ELECTORS, path, encoding, Reading(dates, record.day(stamp)))
    require_rows_at_all(checked, "elector", path)
    require_no_sums(checked, "elector_id", NAMES, DATA, path)
    note_alike(checked.rows["elector_id"])
    accepted = require_accepted(checked, accept, path)
    electors = normalise_electors(checked.rows)
    draft = sealed_tables(
        "electors",
        {
            "electors": electors,
            "set_aside": checked.set_aside,
            "faults": checked.faults_and_columns(),
        },
    )
    facts = {
        "electors": electors.height,
        "set_aside": checked.set_aside.height,
        "faults": checked.fault_counts(),
    }
    parameters = how_read([checked], accepted)
    return record.receive("roll.seal", Made((draft,), facts), parameters, stamp)
