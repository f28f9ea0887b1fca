"""Two strata put together keep the risk limit, and lose little."""

from fractions import Fraction
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from referendum.audit.strata import Stratum, strata_risk


def stratum(yes, no, drawn, reported=None, rng=None):
    cards = np.repeat([1.0, 0.0], [yes, no])
    told = zip(reported or (yes, no), (Fraction(1), Fraction(0)), strict=True)
    x = (rng or np.random.default_rng(1)).permutation(cards)[:drawn]
    return Stratum(yes + no, 1.0, [(float(n), b) for n, b in told], x.tolist())


def test_two_strata_of_a_clear_result_confirm_it():
    assert strata_risk([stratum(700, 300, 80), stratum(650, 350, 80)]) < 0.05


def test_no_cards_drawn_prove_nothing():
    assert strata_risk([stratum(700, 300, 0), stratum(650, 350, 0)]) == 1


@pytest.mark.parametrize(("first", "second"), [((120, 80), (80, 120)), ((150, 50), (50, 150))])
def test_a_tie_that_was_reported_as_won_is_confirmed_no_more_often_than_the_limit(first, second):
    rng, runs = np.random.default_rng(4), 300
    risks = [
        strata_risk(
            [stratum(*first, 60, (130, 70), rng), stratum(*second, 60, (110, 90), rng)], bands=10
        )
        for _ in range(runs)
    ]
    assert np.mean(np.array(risks) <= 0.05) <= 0.05


def test_finer_bands_never_give_up_what_coarse_ones_found_by_much():
    strata = (stratum(700, 300, 60), stratum(650, 350, 60))
    risks = [strata_risk(strata, bands=bands) for bands in (25, 100, 400)]
    assert risks[2] <= risks[0] * 1.05


def test_the_least_product_over_a_fine_grid_of_means_is_never_below_the_bound():
    # Every pair of means with a mean of 1/2 in all, each tested with the bets of its band.
    strata = (stratum(700, 300, 40), stratum(350, 150, 40))
    risk = strata_risk(strata, bands=50)
    pairs = [(0.001 * k, (0.5 - 2 / 3 * 0.001 * k) * 3) for k in range(250, 750)]
    least = min(strata[0].martingale(one) * strata[1].martingale(other) for one, other in pairs)
    assert 1 / least <= risk * 1.02


MOSTLY_GOOD = st.sampled_from([Fraction(1), Fraction(1), Fraction(1), Fraction(1, 2), Fraction(0)])
MOSTLY_BAD = st.sampled_from([Fraction(0), Fraction(0), Fraction(0), Fraction(1, 2), Fraction(1)])
PAIR = st.tuples(MOSTLY_GOOD, MOSTLY_BAD)
"""What was reported of a card, and what it is worth."""


@settings(max_examples=300)
@given(*[st.lists(PAIR, min_size=1, max_size=4)] * 2, st.data())
def test_over_all_samples_a_wrong_mean_is_confirmed_within_every_limit(first, second, data):
    """Every sample of both strata is tried, where the mean of all cards is at most one half."""
    cards = [*first, *second]
    true = sum((value for _, value in cards), Fraction(0)) / len(cards)
    assume(sum((told for told, _ in cards), Fraction(0)) / len(cards) > Fraction(1, 2) >= true)
    every = []
    for part in (first, second):
        size = data.draw(st.integers(1, len(part)))
        cases = [(1.0, told) for told, _ in part]
        samples = permutations([float(value) for _, value in part], size)
        every.append([Stratum(len(part), 1.0, cases, x) for x in samples])
    risks = [strata_risk(both, bands=20) for both in product(*every)]
    for limit in (0.9, 0.5, 0.25, 0.05):
        assert sum(risk <= limit for risk in risks) <= limit * len(risks) * (1 + 1e-9)
