"""The code that names a copy: it names those that were used, and hardly ever another."""

import numpy as np
import pytest

from referendum.roll.tracing import Hand, deal, name_copies, pool_sizes, scores

COPIES = 8


def deal_all(rng, decoys, electors=40_000):
    scattered, shared = pool_sizes(decoys, electors)
    names = [f"d{n}" for n in range(scattered + shared)]
    return {
        copy: deal(names[:scattered], names[scattered:], decoys, rng)
        for copy in range(1, COPIES + 1)
    }


def lines_of(hands, used, share, rng):
    """Strike out what differs between the copies used, and write a part of the rest."""
    left = sorted(frozenset.intersection(*(hands[copy].dealt for copy in used)))
    return [one for one in left if rng.random() < share]


@pytest.mark.parametrize(("used", "decoys"), [([1], 20), ([1, 2], 100), ([1, 2, 3], 300)])
def test_those_who_wrote_from_copies_are_named_and_nobody_else(used, decoys):
    rng = np.random.default_rng(20260103)
    named = 0
    for _ in range(60):
        hands = deal_all(rng, decoys)
        assert {len(hand.dealt) for hand in hands.values()} == {decoys}
        found = name_copies(hands, lines_of(hands, used, 0.9, rng))
        assert found.keys() <= set(used)
        named += bool(found)
    assert named >= 54


@pytest.mark.parametrize("mixed", [False, True])
def test_a_copy_not_used_has_a_high_score_as_seldom_as_is_said(mixed):
    """In 2,000 copies that nobody used, about one has 1,000; its expectation is at most 1."""
    rng = np.random.default_rng(20260104)
    high = total = 0
    for _ in range(250):
        hands = deal_all(rng, 20)
        seen = lines_of(hands, [1], 0.7, rng)
        if mixed:  # without comparing; and some lines fit decoys by accident
            seen += lines_of(hands, [2], 0.5, rng) + [f"d{n}" for n in rng.integers(0, 220, 3)]
        innocent = scores({copy: hands[copy] for copy in hands if copy > 2}, seen)
        high += sum(score >= 1000 for score in innocent.values())
        total += len(innocent)
    assert total == 1500
    assert high <= 5


def test_a_decoy_that_a_copy_could_not_have_says_nothing_of_it():
    early = Hand((frozenset("ab"), frozenset("c")), frozenset("ac"))
    assert scores({1: early}, ["z", "y"]) == {1: 1}
    assert scores({1: early}, ["a"]) == {1: 1}


def test_accidents_that_hit_decoys_of_all_alike_name_nobody():
    rng = np.random.default_rng(5)
    hands = deal_all(rng, 20)
    scattered, shared = pool_sizes(20, 40_000)
    seen = [f"d{n}" for n in rng.integers(0, scattered + shared, 30)]
    assert name_copies(hands, seen) == {}
