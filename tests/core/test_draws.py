"""Draws that anyone can repeat."""

import subprocess

from hypothesis import given
from hypothesis import strategies as st

from referendum.core.draws import draw, ticket

serials = st.sets(st.integers(1, 10**6), max_size=200)


def test_a_ticket_is_what_sha256sum_gives_for_the_text():
    by_hand = subprocess.run(
        ["sh", "-c", "printf '%s,%s' 73501962 17 | sha256sum"], capture_output=True, check=True
    )
    assert ticket("73501962", 17) == by_hand.stdout.split()[0].decode()


@given(st.text(), serials, st.integers(0, 250))
def test_the_smallest_tickets_are_drawn_in_their_order(seed, universe, size):
    expected = sorted((ticket(seed, serial), serial) for serial in universe)[:size]
    assert draw(seed, universe, size) == expected


@given(st.text(), serials, st.integers(0, 100), st.integers(0, 100))
def test_a_larger_sample_keeps_the_smaller_one(seed, universe, size, more):
    assert draw(seed, universe, size + more)[:size] == draw(seed, universe, size)


@given(st.text(), serials.filter(lambda s: len(s) > 1), st.integers(1, 50))
def test_taking_out_a_line_moves_no_other(seed, universe, size):
    gone = min(universe)
    left = [drawn for drawn in draw(seed, universe, size + 1) if drawn[1] != gone]
    assert draw(seed, universe - {gone}, size) == left[:size]
