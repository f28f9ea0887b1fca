"""The calendar: days counted as the law counts them, and what is not known said to be so."""

from datetime import date, timedelta

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referendum.core.days import Span, read_span
from referendum.core.errors import InputError, LawError
from referendum.law import statute_ids, version_on, versions
from referendum.law.calendar import DayCounter, compute_deadlines, public_holidays, write_icalendar

CIA = "ca-ab/citizen-initiative-act"
ISSUED = {"issue": date(2026, 1, 2)}


def alberta(**more):
    statute = version_on(CIA, date(2025, 12, 11))
    found = compute_deadlines(statute, date(2025, 12, 11), {**ISSUED, **more})
    return {deadline.code: deadline for deadline in found}


def test_the_independence_petition_had_to_be_in_by_2_may_and_counted_by_23_may():
    found = alberta()
    assert found["delivery"].latest == date(2026, 5, 2)
    assert found["verification"].latest == date(2026, 5, 23)


def test_a_real_day_takes_the_place_of_the_last_possible_one():
    """Signatures were to be counted from 2026-06-29: 21 days later is 2026-07-20."""
    found = alberta(delivery=date(2026, 6, 29))
    assert found["verification"].latest == date(2026, 7, 20)


def test_sitting_days_are_not_known_without_the_assemblys_calendar():
    found = alberta()["referral"]
    assert found.latest is None
    assert "sits" in found.why


def test_sitting_days_are_counted_where_they_are_known():
    statute = version_on(CIA, date(2025, 12, 11))
    sittings = [date(2026, 10, 26) + timedelta(days=7 * week) for week in range(20)]
    found = compute_deadlines(statute, date(2025, 12, 11), ISSUED, sittings)
    referral = next(one for one in found if one.code == "referral")
    assert referral.latest == sittings[9]


def test_a_vote_is_bounded_by_the_election_that_it_must_precede():
    assert alberta(election=date(2027, 10, 18))["vote"].latest == date(2027, 10, 18)
    assert "election" in alberta()["vote"].why


@pytest.mark.parametrize(
    ("place", "day", "count", "end"),
    [
        # Good Friday 3 April 2026; Easter Monday is a working day in Alberta.
        ("CA-AB", date(2026, 4, 2), 1, date(2026, 4, 6)),
        ("CA-AB", date(2026, 7, 31), 5, date(2026, 8, 7)),
        # Labor Day 7 September 2026.
        ("US-CA", date(2026, 9, 4), 2, date(2026, 9, 9)),
        ("NZ", date(2026, 2, 5), 1, date(2026, 2, 9)),
    ],
)
def test_working_days_pass_over_weekends_and_public_holidays(place, day, count, end):
    assert DayCounter(place).shift(day, Span(count, "working day")) == end


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 40))
def test_working_days_are_as_many_as_they_say(day, count):
    end = DayCounter("CA-AB").shift(day, Span(count, "working day"))
    closed = public_holidays("CA-AB")
    between = (day + timedelta(days=n) for n in range(1, (end - day).days + 1))
    assert sum(d.weekday() < 5 and d not in closed for d in between) == count


def test_working_days_before_a_day_are_counted_backwards():
    assert DayCounter("CA-AB").shift(date(2026, 4, 6), read_span("1 working day"), -1) == date(
        2026, 4, 2
    )


def test_a_last_day_of_the_year_is_the_next_one_that_comes():
    italy = versions("it/abrogative-referendum")[-1]
    steps = {step.code: step for step in italy.steps}
    assert steps["delivery"].yearly == "09-30"
    found = {one.code: one for one in compute_deadlines(italy, date(2026, 7, 1))}
    assert found["delivery"].latest <= date(2026, 9, 30)


@pytest.mark.parametrize("name", [n for n in statute_ids() if versions(n)[-1].steps])
def test_every_act_with_steps_has_a_calendar_in_which_nothing_ends_before_it_begins(name):
    statute = versions(name)[-1]
    start = max(date(2026, 1, 5), statute.in_force_from.value)
    for one in compute_deadlines(statute, start, {}):
        assert one.earliest is None or one.earliest >= start
        if one.earliest and one.latest:
            assert one.earliest <= one.latest, one.code


def test_an_event_that_the_act_does_not_have_is_named():
    with pytest.raises(InputError, match="coronation"):
        compute_deadlines(versions(CIA)[-1], date(2026, 5, 1), {"coronation": date(2026, 5, 2)})


def test_an_act_without_steps_has_no_calendar():
    with pytest.raises(LawError, match="not known"):
        compute_deadlines(versions("au/constitution-s128")[-1], date(2026, 5, 1))


def test_the_icalendar_file_has_an_event_for_each_last_day():
    statute = version_on(CIA, date(2025, 12, 11))
    found = compute_deadlines(statute, date(2025, 12, 11), ISSUED)
    events = list(icalendar.Calendar.from_ical(write_icalendar(statute, found)).walk("VEVENT"))
    assert len(events) == sum(one.latest is not None for one in found)
    ends = {event["UID"].split("-")[0]: event.decoded("DTSTART") for event in events}
    assert ends["delivery"] == date(2026, 5, 2)
    assert write_icalendar(statute, found) == write_icalendar(statute, found)


def test_a_last_day_that_the_act_sets_in_words_is_no_missing_limit():
    for act in ("us-wa/initiative-and-referendum", "us-nv/initiative-and-referendum"):
        statute = versions(act)[-1]
        found = {one.code: one for one in compute_deadlines(statute, date(2026, 1, 10))}
        assert found["delivery"].latest is None
        assert found["delivery"].why
        assert statute.collection.deadline.value in found["delivery"].step.text
    without = versions("ca-sk/referendum-and-plebiscite-act")[-1]
    found = {one.code: one for one in compute_deadlines(without, date(2026, 1, 10))}
    assert found["delivery"].step.text == "no limit of time"
