"""Officers come and go: appointments, with their keys, and dismissals."""

from typing import Any

from referendum.core.days import read_time, utc_text
from referendum.record.acts import Act
from referendum.record.officers import OfficerKey
from referendum.record.stamps import Stamp
from referendum.record.writing import Outputs, RecordWriter

_NOTHING = Outputs((), {})


def appoint(
    record: RecordWriter, name: str, role: str, key: OfficerKey, until: str | None, stamp: Stamp
) -> Act:
    """Appoint an officer; of one who is in office already, replace role, key and term.

    Raises:
        InputError: the name is, or looks like, that of another officer, or the term has ended.
        KeyFault: the key is another officer's or the log's own, or those who must sign do not.
        OrderError: the record was opened without officers.
    """
    record.require_allowed("office.appoint", stamp)
    parameters: dict[str, Any] = {"name": name, "role": role, "key": key.line}
    if until is not None:
        parameters["until"] = utc_text(read_time(until, "--until"))
    record.roster.require_fit(name, key, parameters.get("until"), utc_text(record.clock()))
    return record.receive("office.appoint", _NOTHING, parameters, stamp)


def dismiss(record: RecordWriter, name: str, cause: str, stamp: Stamp) -> Act:
    """Dismiss an officer: what the officer signed before stays signed.

    Raises:
        KeyFault: those who must sign do not.
        OrderError: there is no such officer, or the record was opened without officers.
    """
    record.require_allowed("office.dismiss", stamp)
    record.roster.require_serving(name)
    return record.receive("office.dismiss", _NOTHING, {"name": name, "cause": cause}, stamp)
