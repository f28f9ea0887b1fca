"""Days and times: ISO 8601 in, ISO 8601 out, and the day counts that statutes use."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from dateutil.relativedelta import relativedelta

from referendum.core.errors import InputError, LawError

FIRST_YEAR, LAST_YEAR = 1583, 9999
"""The first year of the calendar of today, and the last of Python's: before it days are read."""

_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")

D = TypeVar("D", date, datetime)


def read_date(text: str, what: str = "date") -> date:
    """Read an ISO 8601 day.

    Raises:
        InputError: the text is not a day such as 2026-05-02.
    """
    try:
        day = date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError as error:
        words = f"{what} {text[:60]!r} is not a day"
        raise InputError(words, hint="write it as 2026-05-02") from error
    return _in_years(day, what)


def read_time(text: str, what: str = "time") -> datetime:
    """Read an ISO 8601 time with its offset, or a day, which stands for its first moment in UTC.

    Raises:
        InputError: the text is neither.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            f"{what} {text[:60]!r} is not a time",
            hint="write 2026-05-02 or 2026-05-02T17:00:00-06:00",
        ) from error
    if moment.tzinfo is None:
        if len(text) > len("2026-05-02"):
            raise InputError(f"{what} {text!r} has no offset from UTC", hint="add -06:00 or Z")
        moment = moment.replace(tzinfo=UTC)
    return _in_years(moment, what)


def _in_years(day: D, what: str) -> D:
    """Refuse a day of a calendar that was another one, or beyond which there is none."""
    if not FIRST_YEAR <= day.year < LAST_YEAR:
        words = f"{what} is of the year {day.year}; days are of {FIRST_YEAR} to {LAST_YEAR - 1}"
        raise InputError(words, hint="write the year with four digits")
    return day


def utc_text(moment: datetime) -> str:
    """Write a time in UTC with its offset, to the second: `2026-05-02T23:00:00+00:00`."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def is_before(one: str, other: str) -> bool:
    """Whether one step was over before another began.

    Each is a day, or a time with its offset. A day lasts from its beginning where on earth it
    begins first (UTC+14) to its end where it ends last (UTC-12).
    """
    if len(one) == len(other) == len("2026-05-02"):
        return one < other
    return _begin_and_end(one)[1] < _begin_and_end(other)[0]


def _begin_and_end(text: str) -> tuple[datetime, datetime]:
    """Give the moments when a day begins and ends; a time does both at once."""
    moment = read_time(text)
    if len(text) > len("2026-05-02"):
        return moment, moment
    return moment - timedelta(hours=14), moment + timedelta(days=1, hours=12)


UNITS = ("day", "working day", "sitting day", "week", "month", "year")
"""Units of a length of time in statutes."""


@dataclass(frozen=True)
class Span:
    """A length of time as a statute has it: `120 days`, `30 working days`, `18 months`."""

    count: int
    unit: str

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'s' * (self.count != 1)}"


def read_span(text: str) -> Span:
    """Read a length of time.

    Raises:
        LawError: the text is not a whole number and one of `UNITS`.
    """
    count, _, unit = text.partition(" ")
    if not re.fullmatch("[0-9]{1,4}", count) or unit.removesuffix("s") not in UNITS:
        raise LawError(f"{text[:60]!r} is not a length of time", hint="write 120 days or 18 months")
    return Span(int(count), unit.removesuffix("s"))


def shift_day(day: date, span: Span, sign: int = 1) -> date:
    """Give the day that lies a span of calendar time after a day, or before it if `sign` is -1.

    A month after 31 January is the last day of February.

    Raises:
        LawError: the span is of working or sitting days, which `referendum.law.calendar` counts.
    """
    if span.unit not in ("day", "week", "month", "year"):
        raise LawError(f"{span} cannot be counted without a calendar of {span.unit}s")
    count = sign * span.count
    try:
        if span.unit in ("day", "week"):
            return day + timedelta(days=count * (7 if span.unit == "week" else 1))
        return day + relativedelta(months=count * (12 if span.unit == "year" else 1))
    except (ValueError, OverflowError) as error:
        raise LawError(f"no calendar has a day {span} from {day}") from error


def window_end(first: date, span: Span, *, first_day_counts: bool) -> date:
    """Give the last day of a window that begins on `first`.

    A window of 120 days from 3 January 2026 ends on 2 May if its first day counts, else on 3 May.
    """
    return shift_day(first, span) - timedelta(days=int(first_day_counts))
