"""A sample of every change of a record whose seed was called for: each is caught, or is free."""

from tests.verify.sweep import sweep

from forger import Forger
from referendum.record.log import new_signer


def test_a_sample_of_all_changes_of_a_call_is_caught_or_free(sown):
    found, odd, _ = sweep(
        Forger(sown.folder), new_signer("tests.example/sweep"), seconds=20, most=900
    )
    assert odd == []
    assert sum(count for (kind, _), count in found.items() if kind.startswith("seed."))
