"""Days, times, spans and windows."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referendum.core.days import (
    Span,
    read_date,
    read_span,
    read_time,
    shift_day,
    utc_text,
    window_end,
)
from referendum.core.errors import InputError, LawError

days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
spans = st.builds(Span, st.integers(0, 900), st.sampled_from(["day", "week", "month", "year"]))


def test_a_window_of_120_days_from_3_january_2026_ends_on_2_may():
    span = read_span("120 days")
    assert window_end(date(2026, 1, 3), span, first_day_counts=True) == date(2026, 5, 2)
    assert window_end(date(2026, 1, 3), span, first_day_counts=False) == date(2026, 5, 3)


def test_a_window_of_90_days_from_30_july_2025_ends_on_27_october():
    end = window_end(date(2025, 7, 30), Span(90, "day"), first_day_counts=True)
    assert end == date(2025, 10, 27)


@pytest.mark.parametrize(
    ("day", "span", "end"),
    [
        (date(2026, 1, 31), "1 month", date(2026, 2, 28)),
        (date(2024, 2, 29), "1 year", date(2025, 2, 28)),
        (date(2026, 3, 16), "18 months", date(2027, 9, 16)),
        (date(2026, 1, 1), "6 weeks", date(2026, 2, 12)),
    ],
)
def test_months_and_years_end_on_the_like_day_or_the_last_of_the_month(day, span, end):
    assert shift_day(day, read_span(span)) == end


@given(spans)
def test_a_span_is_read_as_it_is_written(span):
    assert read_span(str(span)) == span


@given(days, st.integers(0, 900), st.sampled_from(["day", "week", "month"]))
def test_a_longer_span_never_ends_earlier(day, count, unit):
    assert shift_day(day, Span(count, unit)) <= shift_day(day, Span(count + 1, unit))


@pytest.mark.parametrize("text", ["", "soon", "12", "days 3", "1.5 days", "3 fortnights"])
def test_what_is_no_span_is_refused(text):
    with pytest.raises(LawError):
        read_span(text)


def test_working_days_need_a_calendar():
    with pytest.raises(LawError, match="calendar"):
        shift_day(date(2026, 1, 1), Span(3, "working day"))


def test_times_are_written_in_utc_with_their_offset():
    assert utc_text(read_time("2026-05-04T17:00:00-06:00")) == "2026-05-04T23:00:00+00:00"


@pytest.mark.parametrize("text", ["", "2026-13-01", "yesterday", "2026-05-04T17:00:00"])
def test_a_time_without_offset_or_sense_is_refused(text):
    with pytest.raises(InputError):
        read_time(text)


def test_a_day_that_is_none_is_refused_with_a_hint():
    with pytest.raises(InputError) as caught:
        read_date("2026-02-30")
    assert "2026-05-02" in caught.value.hint
