"""Every change of small records: refused, or in the closed list; the whole takes hours."""

import os
import time
from itertools import islice

import pytest
from every_kind import OFFICERS, RECORDS
from sweep import Sweep, read_free

from forger import Forger

MOST = int(os.environ.get("SOAK_CHANGES", "1000000"))
FREE = read_free()


@pytest.fixture(scope="module")
def sweeps(tmp_path_factory):
    """The records with all their changes, each made when it is first asked for."""
    made = {}

    def of(name):
        if name not in made:
            forger = Forger(RECORDS[name](tmp_path_factory.mktemp("swept")).folder)
            forger.keys = OFFICERS.get(name, {})
            made[name] = Sweep(forger)
        return made[name]

    return of


def not_free(sweep, most):
    """Changes that are accepted though the list does not have them, crash the check or hang."""
    return [
        (came, change.kind, change.place, change.what)
        for change, came, words in sweep.run(0, most, time.monotonic() + 100_000)
        if came not in {"refused", "none"}
        and not (came == "accepted" and sweep.is_free(FREE, change, words))
    ]


@pytest.mark.parametrize("name", RECORDS)
def test_a_sample_of_all_changes_is_refused_or_free(name, sweeps):
    assert not_free(sweeps(name), 20) == []


@pytest.mark.soak
@pytest.mark.parametrize("name", RECORDS)
def test_every_change_is_refused_or_free(name, sweeps):
    assert not_free(sweeps(name), MOST) == []


def candidates(sweeps, one):
    """Changes that an entry of the list covers, of each record in turn."""
    for name in RECORDS:
        sweep = sweeps(name)
        for of, numbers in sweep.kinds_of_changes.items():
            if one.covers(*of):
                yield from ((sweep, number) for number in numbers)


@pytest.mark.parametrize("row", range(len(FREE)))
def test_what_the_list_says_is_free_is_accepted(row, sweeps):
    lacking = []
    for place in FREE[row].places:
        one = FREE[row]._replace(places=(place,))
        tried = (
            came
            for sweep, number in islice(candidates(sweeps, one), 200)
            for _, came, _ in sweep.run(number, number + 1, time.monotonic() + 60)
        )
        if "accepted" not in tried:
            lacking.append(place)
    assert not lacking, f"of {FREE[row].kinds}: {lacking}"


def test_the_list_is_read():
    assert len(FREE) > 20
    assert all(one.why and one.how for one in FREE)
