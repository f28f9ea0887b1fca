"""The calendar: every deadline from the application on, and the days between which a vote can be.

Each step's span of days counts from the step or event that it follows. Where nothing is known of
when an earlier step was really done, it is taken to be done on its last day, so that the latest day
of every later step is the latest that the law allows; and at once for the earliest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING

from referendum.core.days import Span, read_span, shift_day
from referendum.core.errors import InputError, LawError
from referendum.law.calculation import CalculationStep
from referendum.law.model import Statute, Step

if TYPE_CHECKING:
    import holidays


@dataclass(frozen=True)
class Deadline:
    """Between which days a step of the procedure must be done.

    Attributes:
        code: of the step.
        actor: who does it.
        does: what is done.
        earliest: first day on which it can be done; None where not known.
        latest: last day for it; None where the law sets none or it is not known.
        why: what is not known, and why; empty if everything is.
        silence: what follows if it is not done.
        step: the arithmetic with the section.
    """

    code: str
    actor: str
    does: str
    earliest: date | None
    latest: date | None
    why: str
    silence: str
    step: CalculationStep


@dataclass(frozen=True)
class DayCounter:
    """Counts days as the law does: calendar days, working days, sitting days.

    Attributes:
        place: ISO 3166 code of the jurisdiction, whose public holidays are not working days.
        sittings: days on which the assembly sits; None where not known.
    """

    place: str
    sittings: tuple[date, ...] | None = None

    def shift(self, day: date, span: Span, sign: int = 1) -> date:
        """Give the day that is a span after another, or before it where `sign` is -1.

        Raises:
            LawError: sitting days are not known, or do not reach far enough.
        """
        if span.unit == "working day":
            return self._shift_working_days(day, span.count, sign)
        if span.unit == "sitting day":
            return self._shift_sitting_days(day, span.count, sign)
        return shift_day(day, span, sign)

    def _shift_working_days(self, day: date, count: int, sign: int) -> date:
        closed = public_holidays(self.place)
        while count:
            day += timedelta(days=sign)
            count -= day.weekday() < 5 and day not in closed
        return day

    def _shift_sitting_days(self, day: date, count: int, sign: int) -> date:
        if self.sittings is None:
            raise LawError("the days on which the assembly sits are not known")
        ahead = sorted((d for d in self.sittings if (d - day).days * sign > 0), reverse=sign < 0)
        if len(ahead) < count:
            raise LawError(f"only {len(ahead)} sitting days are known")
        return ahead[count - 1] if count else day


@cache
def public_holidays(place: str) -> "holidays.HolidayBase":
    """Give the public holidays of a country or of a part of it.

    Raises:
        LawError: none are known for the place.
    """
    import holidays  # noqa: PLC0415 - loads slowly; most acts count calendar days

    country, _, part = place.partition("-")
    try:
        return holidays.country_holidays(country, subdiv=part or None)
    except NotImplementedError as error:
        raise LawError(f"no public holidays are known for {place}") from error


def compute_deadlines(
    statute: Statute,
    start: date | None,
    events: Mapping[str, date] | None = None,
    sittings: Iterable[date] | None = None,
) -> tuple[Deadline, ...]:
    """Work out the deadlines of a petition.

    Args:
        statute: the law of the day.
        start: day of the first step, the application or the notice of it; None if not known.
        events: days on which steps were really done, and outside events such as `election`.
        sittings: days on which the assembly sits.

    Raises:
        LawError: the statute has no steps.
        InputError: an event is none of the statute's.
    """
    if not statute.steps:
        raise LawError("the statute's steps are not known", where=statute.id)
    event_days = dict(events or {})
    _require_known_events(statute, event_days)
    day_counter = DayCounter(statute.place, tuple(sittings) if sittings is not None else None)
    if start is not None:
        event_days.setdefault(statute.steps[0].code, start)
    reckoner = _Reckoner(event_days, day_counter)
    return tuple(_say_delivery_in_words(statute, reckoner.add(step)) for step in statute.steps)


DELIVERY_STEP = "delivery"
"""The step whose last day some acts set in words alone (`collection.deadline`)."""


def _say_delivery_in_words(statute: Statute, deadline: Deadline) -> Deadline:
    """Say in words a last day of delivery that the act sets and no date here can say."""
    words = statute.collection.deadline if statute.collection else None
    if deadline.code != DELIVERY_STEP or words is None or deadline.latest or deadline.why:
        return deadline
    if words.value.startswith("none"):
        return deadline
    return replace(
        deadline,
        why="the act sets it in words, not as a day",
        step=CalculationStep(f"the last day is {words.value}", words.cite, words.certainty),
    )


def _require_known_events(statute: Statute, events: Mapping[str, date]) -> None:
    codes = {step.code for step in statute.steps}
    outside = {step.after for step in statute.steps} | {step.before for step in statute.steps}
    if unknown := sorted(set(events) - codes - outside):
        names = ", ".join(sorted((codes | outside) - {""}))
        raise InputError(
            f"{unknown[0]!r} is no step or event of {statute.id}", hint=f"known: {names}"
        )


class _Reckoner:
    """Works out the days of one step after another, from those of the steps before."""

    def __init__(self, events: Mapping[str, date], days: DayCounter) -> None:
        self._events = events
        self._days = days
        self._earliest = dict(events)
        self._latest = dict(events)

    def add(self, step: Step) -> Deadline:
        """Work out when a step can and must be done."""
        if step.code in self._events:
            day = self._events[step.code]
            return _deadline(step, day, day, "the day given")
        early, late = self._earliest.get(step.after), self._latest.get(step.after)
        first, last, missing = None, None, []
        if step.after and early is None:
            missing.append(f"when {_code_words(step.after)} is, is not known")
        elif step.within and late is None:
            missing.append(f"no last day is known for {_code_words(step.after)}")
        if step.before and step.before not in self._events:
            missing.append(f"when {_code_words(step.before)} is, is not known")
        try:
            first = self._first_day(step, early)
            last = self._last_day(step, early, late)
        except LawError as error:
            missing.append(error.message)
        if first:
            self._earliest[step.code] = first
        if last:
            self._latest[step.code] = last
        return _deadline(step, first, last, _limits_text(step, late), "; ".join(missing))

    def _first_day(self, step: Step, early: date | None) -> date | None:
        if early is None or not step.not_before:
            return early
        return self._days.shift(early, read_span(step.not_before))

    def _last_day(self, step: Step, early: date | None, late: date | None) -> date | None:
        """Give the earliest of the limits that are known."""
        limits = []
        if step.within and late is not None:
            limits.append(self._days.shift(late, read_span(step.within)))
        if step.yearly and early is not None:
            limits.append(_next_yearly_day(step.yearly, early))
        if step.before in self._events:
            span = read_span(step.by or "0 days")
            limits.append(self._days.shift(self._events[step.before], span, -1))
        return min(limits, default=None)


def _deadline(
    step: Step, first: date | None, last: date | None, text: str, why: str = ""
) -> Deadline:
    line = CalculationStep(text, step.cite, step.certainty)
    return Deadline(step.code, step.actor, step.does, first, last, why, step.silence, line)


def _limits_text(step: Step, late: date | None) -> str:
    """Say what limits a step has."""
    after = _code_words(step.after) + (f", {late}" if late else "")
    limits = [f"within {step.within} after {after}"] if step.within else []
    limits += [f"not before {step.not_before} after {after}"] if step.not_before else []
    limits += [f"by {step.yearly} of the year"] if step.yearly else []
    limits += [f"at least {step.by or '0 days'} before {_code_words(step.before)}"] * bool(
        step.before
    )
    return "; ".join(limits) or "no limit of time"


def _next_yearly_day(day_of_year: str, early: date) -> date:
    """Give the first such day of a year that is not before the step can be done."""
    month, day = map(int, day_of_year.split("-"))
    return date(early.year + (date(early.year, month, day) < early), month, day)


def _code_words(code: str) -> str:
    return code.replace("_", " ")


def write_icalendar(statute: Statute, deadlines: Iterable[Deadline]) -> bytes:
    """Write deadlines as an iCalendar file (RFC 5545), one all-day event for each last day."""
    from icalendar import Calendar, Event  # noqa: PLC0415 - loads slowly

    icalendar = Calendar()
    icalendar.add("prodid", "-//referendum//calendar of a petition//EN")
    icalendar.add("version", "2.0")
    for deadline in deadlines:
        if deadline.latest is None:
            continue
        event = Event()
        event.add("uid", f"{deadline.code}-{deadline.latest}@{statute.id.replace('/', '.')}")
        event.add("dtstamp", datetime.combine(deadline.latest, time(), UTC))
        event.add("dtstart", deadline.latest)
        event.add("dtend", deadline.latest + timedelta(days=1))
        event.add("summary", f"{_code_words(deadline.code)}: {deadline.actor} {deadline.does}")
        description = [f"{deadline.step.text} [{deadline.step.cite}; {deadline.step.certainty}]"]
        description += [f"If not: {deadline.silence}"] if deadline.silence else []
        event.add("description", "\n".join(description))
        icalendar.add_component(event)
    return bytes(icalendar.to_ical())
