"""Records as somebody who means harm would make them: every command answers in words, at once.

`make soak` goes on from here to a million.
"""

import time

import pytest
from fuzz import attempt, forger, kept_cases, new_case, without_law_pages

CASES = kept_cases()
BLOCK, BLOCKS = 15, 4


@pytest.fixture
def small_site(monkeypatch, tmp_path):
    """Sites without the pages of the law, and nothing of the user's own."""
    without_law_pages(monkeypatch)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def troubles(cases):
    """What was wrong with how a command ended, or that it took more than two seconds."""
    found = []
    for case in cases:
        forger(case[0])  # made before its time is taken
        began = time.process_time()
        code, trouble = attempt(case)
        if trouble or time.process_time() - began > 2:
            found.append((case, code, trouble))
    return found


@pytest.mark.usefixtures("small_site")
@pytest.mark.parametrize("block", range(6))
def test_what_once_stopped_a_command_is_answered(block):
    assert troubles(CASES[block::6]) == []


@pytest.mark.usefixtures("small_site")
@pytest.mark.parametrize("block", range(BLOCKS))
def test_a_record_changed_by_chance_is_answered(block):
    numbers = range(block * BLOCK, (block + 1) * BLOCK)
    assert troubles(map(new_case, numbers)) == []


@pytest.mark.usefixtures("small_site")
def test_most_of_what_is_kept_fails_the_check():
    told = [attempt(case)[0] for case in CASES[::12] if case[1] == "verify"]
    assert told.count("1") > len(told) / 2
