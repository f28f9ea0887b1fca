"""Two strata put together keep the risk limit, and lose little."""

import numpy as np
import pytest

from referendum.audit.strata import Stratum, two_strata
from referendum.core.errors import InputError

TWO = np.array([1.0, 0.0])


def stratum(yes, no, drawn, reported=None, rng=None):
    cards = np.repeat(TWO, [yes, no])
    shares = np.array(reported or (yes, no), float)
    x = (rng or np.random.default_rng(1)).permutation(cards)[:drawn]
    return Stratum(yes + no, 1.0, TWO, shares / shares.sum(), x)


def test_two_strata_of_a_clear_result_confirm_it():
    assert two_strata(stratum(700, 300, 80), stratum(650, 350, 80)) < 0.05


def test_no_cards_drawn_prove_nothing():
    assert two_strata(stratum(700, 300, 0), stratum(650, 350, 0)) == 1


@pytest.mark.parametrize(("first", "second"), [((120, 80), (80, 120)), ((150, 50), (50, 150))])
def test_a_tie_that_was_reported_as_won_is_confirmed_no_more_often_than_the_limit(first, second):
    rng, runs = np.random.default_rng(4), 300
    risks = [
        two_strata(
            stratum(*first, 60, (130, 70), rng), stratum(*second, 60, (110, 90), rng), bands=10
        )
        for _ in range(runs)
    ]
    assert np.mean(np.array(risks) <= 0.05) <= 0.05


def test_finer_bands_never_give_up_what_coarse_ones_found_by_much():
    strata = (stratum(700, 300, 60), stratum(650, 350, 60))
    risks = [two_strata(*strata, bands=bands) for bands in (25, 100, 400)]
    assert risks[2] <= risks[0] * 1.05


def test_a_stratum_without_cards_is_refused():
    empty = Stratum(0, 1.0, TWO, np.array([0.5, 0.5]), np.array([]))
    with pytest.raises(InputError, match="no cards"):
        two_strata(empty, stratum(6, 4, 2))
