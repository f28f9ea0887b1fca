"""The act that receives the list of electors and seals it."""

from collections.abc import Sequence
from pathlib import Path

from referendum.core.schemas import ELECTORS
from referendum.core.tables import ReadingOptions
from referendum.core.written_days import DayOrder
from referendum.record.acts import Act
from referendum.record.frames import sealed_tables
from referendum.record.stamps import Stamp
from referendum.record.writing import Outputs, RecordWriter
from referendum.roll import normalise_electors
from referendum.tables.acceptance import reading_parameters, require_accepted
from referendum.tables.reading import read_checked_table
from referendum.tables.requirements import (
    PERSON_DATA_COLUMNS,
    PERSON_NAME_COLUMNS,
    notify_of_similar_ids,
    require_any_row,
    require_no_sums,
)


def seal_roll(
    record: RecordWriter,
    path: Path,
    encoding: str,
    stamp: Stamp,
    *,
    dates: DayOrder | None = None,
    accept: Sequence[str] = (),
) -> Act:
    """Check, normalise and seal a list of electors; only its digest and counts are public.

    Args:
        record: of the petition.
        path: the file of the list (`core.schemas.ELECTORS`).
        encoding: of a CSV file.
        stamp: of the act.
        dates: whether the day or the month comes first, where the columns leave it open.
        accept: columns, or `rows`, that the office accepts though much of them cannot be read.

    Raises:
        InputError: the list is empty, or much cannot be read, and that is not accepted.
    """
    record.require_allowed("roll.seal", stamp)
    checked = read_checked_table(ELECTORS, path, encoding, ReadingOptions(dates, record.day(stamp)))
    require_any_row(checked, "elector", path)
    require_no_sums(checked, "elector_id", PERSON_NAME_COLUMNS, PERSON_DATA_COLUMNS, path)
    notify_of_similar_ids(checked.rows["elector_id"])
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
    parameters = reading_parameters([checked], accepted)
    return record.receive("roll.seal", Outputs((draft,), facts), parameters, stamp)
