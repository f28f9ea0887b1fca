"""Days and times: ISO 8601 in, ISO 8601 out, and the day counts that statutes use."""

from datetime import UTC, date, datetime, timedelta

from referendum.core.errors import InputError


def read_date(text: str, what: str = "date") -> date:
    """Read an ISO 8601 day.

    Raises:
        InputError: the text is not a day such as 2026-05-02.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{what} {text!r} is not a day", hint="write it as 2026-05-02") from error


def read_time(text: str, what: str = "time") -> datetime:
    """Read an ISO 8601 time with its offset, or a day, which stands for its first moment in UTC.

    Raises:
        InputError: the text is neither.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            f"{what} {text!r} is not a time", hint="write 2026-05-02 or 2026-05-02T17:00:00-06:00"
        ) from error
    if moment.tzinfo is None:
        if len(text) > len("2026-05-02"):
            raise InputError(f"{what} {text!r} has no offset from UTC", hint="add -06:00 or Z")
        moment = moment.replace(tzinfo=UTC)
    return moment


def utc_text(moment: datetime) -> str:
    """Write a time in UTC with its offset, to the second: `2026-05-02T23:00:00+00:00`."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def last_day(first: date, days: int) -> date:
    """Give the last day of a window of `days` whose first day is `first`, both days included."""
    return first + timedelta(days=days - 1)
