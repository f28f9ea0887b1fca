"""Warnings about the lines as a whole."""

import pytest
from test_matching import HEARD, UNHEARD, electors, lines

from referendum.core.progress import listen_to_notices
from referendum.matching import match_lines

PEOPLE = [
    {
        "given_names": HEARD[n % 8],
        "surname": f"{'bcdfghkl'[n % 8]}o{'mnprst'[n % 6]}a{'vwzbd'[n // 24]}{'eiu'[n % 3]}k",
        "street_number": str(n),
    }
    for n in range(120)
]


def notes_on(signers):
    notes = []
    with listen_to_notices(notes.append):
        match_lines(lines(*signers), electors(*PEOPLE))
    return [note.split(" lines have ")[1][:15] for note in notes]


@pytest.mark.parametrize(("wrong", "expected"), [(0, []), (10, []), (30, ["the surname and"])])
def test_many_other_given_names_at_known_doors_are_noted(wrong, expected):
    signers = [{**one, "given_names": UNHEARD[n % 8]} for n, one in enumerate(PEOPLE[:wrong])]
    assert notes_on([*signers, *PEOPLE[wrong:100]]) == expected


@pytest.mark.parametrize(("twice", "expected"), [(15, []), (60, ["the name and th"])])
def test_many_copies_of_lines_are_noted(twice, expected):
    assert notes_on([*PEOPLE[:100], *PEOPLE[:twice]]) == expected
