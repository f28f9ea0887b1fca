"""A sample of every change of small records; the whole takes hours: `make soak`."""

import os

import pytest
from sweep import sweep

from forger import Forger
from referendum.record.log import new_signer

SECONDS = float(os.environ.get("SOAK_SECONDS", "3600"))


def swept(made, seconds, most):
    found, odd, whole = sweep(
        Forger(made.folder), new_signer("tests.example/sweep"), seconds=seconds, most=most
    )
    outcomes = dict.fromkeys(("tried", "caught", "free"), 0)
    for (_, outcome), count in found.items():
        outcomes[outcome] = outcomes.get(outcome, 0) + count
    print(f"{made.folder.name}: of {whole:,} changes", outcomes)
    return odd, outcomes["tried"]


RECORDS = ["petition", "vote", "audited", "counted_by_hand"]


@pytest.mark.parametrize("name", RECORDS)
def test_a_sample_of_all_changes_is_caught_or_free(name, request):
    odd, tried = swept(request.getfixturevalue(name), 7, 400)
    assert odd == []
    assert tried


@pytest.mark.soak
@pytest.mark.parametrize("name", RECORDS)
def test_every_change_is_caught_or_free(name, request):
    odd, _ = swept(request.getfixturevalue(name), SECONDS, None)
    assert odd == []
