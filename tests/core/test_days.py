"""Days, times and windows."""

from datetime import date

import pytest

from referendum.core.days import last_day, read_date, read_time, utc_text
from referendum.core.errors import InputError


def test_a_window_of_120_days_from_3_january_2026_ends_on_2_may():
    assert last_day(date(2026, 1, 3), 120) == date(2026, 5, 2)


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
