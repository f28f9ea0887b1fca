"""The calendar: every deadline from the application on, and the days between which a vote can be.

Each step's span of days counts from the step or event that it follows. Where nothing is known of
when an earlier step was really done, it is taken to be done on its last day, so that the latest day
of every later step is the latest that the law allows; and at once for the earliest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import holidays
from icalendar import Calendar, Event

from referendum.core.days import Span, read_span, shifted
from referendum.core.errors import InputError, LawError
from referendum.law.model import Statute, Step
from referendum.law.working import Working


@dataclass(frozen=True)
class Deadline:
    """When a step can and must be done.

    Attributes:
        code: of the step.
        actor: who does it.
        does: what is done.
        earliest: first day on which it can be; None where not known.
        latest: last day on which it must be; None where the law sets none or it is not known.
        why: what is not known and why; empty if all is.
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
    step: Working


@dataclass(frozen=True)
class Days:
    """Which days count.

    Attributes:
        place: ISO 3166 code of the jurisdiction whose public holidays are no working days.
        sittings: days on which the assembly sits; None where not known.
    """

    place: str
    sittings: tuple[date, ...] | None = None

    def after(self, day: date, span: Span, sign: int = 1) -> date:
        """Give the day a span after another, or before it.

        Raises:
            LawError: sitting days are not known, or do not reach far enough.
        """
        if span.unit == "working day":
            return self._working(day, span.count, sign)
        if span.unit == "sitting day":
            return self._sitting(day, span.count, sign)
        return shifted(day, span, sign)

    def _working(self, day: date, count: int, sign: int) -> date:
        closed = public_holidays(self.place)
        while count:
            day += timedelta(days=sign)
            count -= day.weekday() < 5 and day not in closed
        return day

    def _sitting(self, day: date, count: int, sign: int) -> date:
        if self.sittings is None:
            raise LawError("the days on which the assembly sits are not known")
        ahead = sorted((d for d in self.sittings if (d - day).days * sign > 0), reverse=sign < 0)
        if len(ahead) < count:
            raise LawError(f"only {len(ahead)} sitting days are known")
        return ahead[count - 1] if count else day


@cache
def public_holidays(place: str) -> holidays.HolidayBase:
    """Give the public holidays of a country or of a part of it.

    Raises:
        LawError: none are known for the place.
    """
    country, _, part = place.partition("-")
    try:
        return holidays.country_holidays(country, subdiv=part or None)
    except NotImplementedError as error:
        raise LawError(f"no public holidays are known for {place}") from error


def calendar(
    statute: Statute,
    start: date,
    events: Mapping[str, date] | None = None,
    sittings: Iterable[date] | None = None,
) -> tuple[Deadline, ...]:
    """Work out the deadlines of a petition.

    Args:
        statute: the law of the day.
        start: day of the first step, the application or the notice of it.
        events: days on which steps were really done, and outside events such as `election`.
        sittings: days on which the assembly sits.

    Raises:
        LawError: the statute has no steps.
        InputError: an event is none of the statute's.
    """
    if not statute.steps:
        raise LawError("the statute's steps are not known", where=statute.id)
    given = dict(events or {})
    _require_known(statute, given)
    days = Days(statute.place, tuple(sittings) if sittings is not None else None)
    given.setdefault(statute.steps[0].code, start)
    reckoning = _Reckoning(given, days)
    return tuple(_in_words(statute, reckoning.add(step)) for step in statute.steps)


DELIVERY = "delivery"
"""The step whose last day some acts set in words alone (`collection.deadline`)."""


def _in_words(statute: Statute, deadline: Deadline) -> Deadline:
    """Say in words a last day of delivery that the act sets and no date here can say."""
    words = statute.collection.deadline if statute.collection else None
    if deadline.code != DELIVERY or words is None or deadline.latest or deadline.why:
        return deadline
    if words.value.startswith("none"):
        return deadline
    return replace(
        deadline,
        why="the act sets it in words, not as a day",
        step=Working(f"the last day is {words.value}", words.cite, words.certainty),
    )


def _require_known(statute: Statute, events: Mapping[str, date]) -> None:
    codes = {step.code for step in statute.steps}
    outside = {step.after for step in statute.steps} | {step.before for step in statute.steps}
    if strange := sorted(set(events) - codes - outside):
        names = ", ".join(sorted((codes | outside) - {""}))
        raise InputError(
            f"{strange[0]!r} is no step or event of {statute.id}", hint=f"known: {names}"
        )


class _Reckoning:
    """The days worked out so far, from which those of the next step follow."""

    def __init__(self, given: Mapping[str, date], days: Days) -> None:
        self._given = given
        self._days = days
        self._earliest = dict(given)
        self._latest = dict(given)

    def add(self, step: Step) -> Deadline:
        """Work out when a step can and must be done."""
        if step.code in self._given:
            day = self._given[step.code]
            return _told(step, day, day, "the day given")
        early, late = self._earliest.get(step.after), self._latest.get(step.after)
        first, last, missing = None, None, []
        if step.after and early is None:
            missing.append(f"when {_words(step.after)} is, is not known")
        elif step.within and late is None:
            missing.append(f"no last day is known for {_words(step.after)}")
        if step.before and step.before not in self._given:
            missing.append(f"when {_words(step.before)} is, is not known")
        try:
            first = self._first(step, early)
            last = self._last(step, early, late)
        except LawError as error:
            missing.append(error.message)
        if first:
            self._earliest[step.code] = first
        if last:
            self._latest[step.code] = last
        return _told(step, first, last, _limits(step, late), "; ".join(missing))

    def _first(self, step: Step, early: date | None) -> date | None:
        if early is None or not step.not_before:
            return early
        return self._days.after(early, read_span(step.not_before))

    def _last(self, step: Step, early: date | None, late: date | None) -> date | None:
        """Give the earliest of the limits that are known."""
        limits = []
        if step.within and late is not None:
            limits.append(self._days.after(late, read_span(step.within)))
        if step.yearly and early is not None:
            limits.append(_yearly(step.yearly, early))
        if step.before in self._given:
            span = read_span(step.by or "0 days")
            limits.append(self._days.after(self._given[step.before], span, -1))
        return min(limits, default=None)


def _told(step: Step, first: date | None, last: date | None, text: str, why: str = "") -> Deadline:
    line = Working(text, step.cite, step.certainty)
    return Deadline(step.code, step.actor, step.does, first, last, why, step.silence, line)


def _limits(step: Step, late: date | None) -> str:
    """Say what limits a step has."""
    after = _words(step.after) + (f", {late}" if late else "")
    limits = [f"within {step.within} after {after}"] if step.within else []
    limits += [f"not before {step.not_before} after {after}"] if step.not_before else []
    limits += [f"by {step.yearly} of the year"] if step.yearly else []
    limits += [f"at least {step.by or '0 days'} before {_words(step.before)}"] * bool(step.before)
    return "; ".join(limits) or "no limit of time"


def _yearly(day_of_year: str, early: date) -> date:
    """Give the first such day of a year that is not before the step can be done."""
    month, day = map(int, day_of_year.split("-"))
    return date(early.year + (date(early.year, month, day) < early), month, day)


def _words(code: str) -> str:
    return code.replace("_", " ")


def to_ics(statute: Statute, deadlines: Iterable[Deadline]) -> bytes:
    """Write deadlines as an iCalendar file (RFC 5545), one all-day event for each last day."""
    written = Calendar()
    written.add("prodid", "-//referendum//calendar of a petition//EN")
    written.add("version", "2.0")
    for deadline in deadlines:
        if deadline.latest is None:
            continue
        event = Event()
        event.add("uid", f"{deadline.code}-{deadline.latest}@{statute.id.replace('/', '.')}")
        event.add("dtstamp", datetime.combine(deadline.latest, time(), UTC))
        event.add("dtstart", deadline.latest)
        event.add("dtend", deadline.latest + timedelta(days=1))
        event.add("summary", f"{_words(deadline.code)}: {deadline.actor} {deadline.does}")
        told = [f"{deadline.step.text} [{deadline.step.cite}; {deadline.step.certainty}]"]
        told += [f"If not: {deadline.silence}"] if deadline.silence else []
        event.add("description", "\n".join(told))
        written.add_component(event)
    return bytes(written.to_ical())
