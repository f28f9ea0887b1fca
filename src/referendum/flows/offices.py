"""Officers come and go: appointments, with their keys, and dismissals."""

from typing import Any

from referendum.core.days import read_time, utc_text
from referendum.core.errors import OrderError
from referendum.record.acts import Act
from referendum.record.officers import OfficerKey
from referendum.record.officers.rule import is_able
from referendum.record.stamps import Stamp
from referendum.record.writing import Outputs, RecordWriter

_NOTHING = Outputs((), {})


def appoint(
    record: RecordWriter,
    name: str,
    role: str,
    key: OfficerKey,
    until: str | None,
    stamp: Stamp,
    *,
    ends_record: bool = False,
) -> Act:
    """Appoint an officer; of one who is in office already, replace role, key and term.

    Raises:
        InputError: the name is, or looks like, that of another officer, or the term has ended.
        KeyFault: the key is another officer's or the log's own, or those who must sign do not.
        OrderError: the record was opened without officers, or nobody could sign an appointment
            afterwards and `ends_record` is not given.
    """
    record.require_allowed("office.appoint", stamp)
    parameters: dict[str, Any] = {"name": name, "role": role, "key": key.line}
    if until is not None:
        parameters["until"] = utc_text(read_time(until, "--until"))
    record.roster.require_fit(name, key, parameters.get("until"), utc_text(record.clock()))
    if not ends_record:
        _require_able(record, name, role)
    return record.receive("office.appoint", _NOTHING, parameters, stamp)


def dismiss(
    record: RecordWriter, name: str, cause: str, stamp: Stamp, *, ends_record: bool = False
) -> Act:
    """Dismiss an officer: what the officer signed before stays signed.

    Raises:
        KeyFault: those who must sign do not.
        OrderError: there is no such officer, the record was opened without officers, or nobody
            could sign an appointment afterwards and `ends_record` is not given.
    """
    record.require_allowed("office.dismiss", stamp)
    record.roster.require_serving(name)
    if not ends_record:
        _require_able(record, name, None)
    return record.receive("office.dismiss", _NOTHING, {"name": name, "cause": cause}, stamp)


def _require_able(record: RecordWriter, name: str, role: str | None) -> None:
    """See that those who remain can sign appointments, if they can now.

    Args:
        record: the record.
        name: whose role changes.
        role: the new one; None for one who is dismissed.

    Raises:
        OrderError: they could not.
    """
    roster, now = record.roster, utc_text(record.clock())
    serving = [one for one in roster.serving() if one.serves(len(record.acts), now)]
    others = [one.role for one in serving if one.name != name]
    after = others if role is None else [*others, role]
    if is_able(roster.rule, [one.role for one in serving]) and not is_able(roster.rule, after):
        raise OrderError(
            f"without {name} nobody could sign an appointment: no officer could ever be named"
            " again, and every act that needs one could not be signed",
            hint="appoint another first: referendum office appoint; only if the record is to end"
            " here, give --ends-record",
        )
