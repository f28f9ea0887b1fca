"""Every receiving command against tables as nobody should send them: an answer, never a traceback.

`make soak` goes on from here to a hundred thousand.
"""

import pytest
from small_records import without_law_pages
from try_tables import attempt

BLOCK = 40


@pytest.mark.parametrize("block", range(8))
def test_a_table_as_nobody_should_send_it_is_answered(block, monkeypatch, tmp_path):
    without_law_pages(monkeypatch)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    tried = [attempt(number) for number in range(block * BLOCK, (block + 1) * BLOCK)]
    assert [one for one in tried if one.trouble] == []


def test_some_tables_are_taken_and_some_refused(monkeypatch):
    without_law_pages(monkeypatch)
    codes = {attempt(number).code for number in range(20)}
    assert codes >= {0, 1}
