"""Simulated audits keep the risk limit where the outcome is wrong, and cost what theory says."""

from fractions import Fraction

import numpy as np
import pytest

from referendum.audit.assorters import (
    HALF,
    cards_present,
    share_of_cards,
    share_of_valid,
)
from referendum.audit.martingales import (
    Null,
    alpha_martingale,
    average_martingales,
    fixed_alternative,
    p_value,
    shrink_truncate_alternative,
)
from referendum.audit.simulation import PollingTest, simulate_comparison, simulate_polling
from referendum.audit.sizes import comparison_bet, minerva_first_round, run_minerva
from referendum.core.errors import InputError

ALPHA = 0.05
RUNS = 2_000
THREE_FIFTHS = Fraction(3, 5)

WRONG = {
    "tie": (share_of_valid(HALF, reached=True), {"yes": 400, "no": 400, "blank": 200}),
    "share just not reached": (
        share_of_valid(THREE_FIFTHS, reached=True),
        {"yes": 480, "no": 320, "blank": 200},
    ),
    "share just reached": (
        share_of_valid(THREE_FIFTHS, reached=False),
        {"yes": 480, "no": 320, "blank": 200},
    ),
    "half of the ballots cast": (
        share_of_cards(HALF, reached=True),
        {"yes": 500, "no": 300, "blank": 200},
    ),
    "quorum": (cards_present(Fraction(7, 10)), {"yes": 500, "no": 200, "missing": 300}),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_outcome_is_certified_no_more_often_than_the_risk_limit(name):
    assorter, cards = WRONG[name]
    for weight in (0.0, 0.5, 1.0):
        found = simulate_polling(
            assorter, cards, PollingTest(0.55, weight), ALPHA, runs=RUNS, seed=20231014
        )
        share = float(np.mean(found <= 1000))
        # Three standard errors above the limit, at most.
        assert share <= ALPHA + 3 * np.sqrt(ALPHA * (1 - ALPHA) / RUNS), (weight, share)


def test_a_true_outcome_is_always_certified_in_the_end():
    assorter = share_of_valid(HALF, reached=True)
    found = simulate_polling(
        assorter, {"yes": 501, "no": 499}, PollingTest(0.55), ALPHA, runs=200, seed=3
    )
    assert (found <= 1000).all()


@pytest.mark.parametrize("margin", [0.02, 0.05, 0.1])
def test_polling_is_within_12_per_cent_of_the_oracle_and_twice_where_the_report_is_off(margin):
    assorter = share_of_valid(HALF, reached=True)
    won = int(1_000_000 * (1 + margin) / 2)
    cards = {"yes": won, "no": 1_000_000 - won}
    runs = {"runs": 4000, "seed": 11}
    oracle = simulate_polling(
        assorter, cards, PollingTest((1 + margin) / 2, 1.0), ALPHA, **runs
    ).mean()
    right = simulate_polling(assorter, cards, PollingTest((1 + margin) / 2), ALPHA, **runs).mean()
    off = simulate_polling(
        assorter, cards, PollingTest((1 + margin) / 2 + margin / 4), ALPHA, **runs
    ).mean()
    assert right <= 1.12 * oracle
    assert off <= 2 * oracle


@pytest.mark.parametrize("margin", [0.01, 0.02, 0.05, 0.1])
def test_card_comparison_is_within_5_per_cent_of_the_kelly_bound(margin):
    bet = comparison_bet(margin, 0.001, 0.0001)
    exact = 1 / (2 - margin)
    worths = np.array([exact, exact / 2, 0.0])
    counts = np.array([998_900, 1_000, 100])
    found = simulate_comparison(worths, counts, bet.stake, ALPHA, runs=4000, seed=5)
    assert found.mean() == pytest.approx(bet.size(ALPHA), rel=0.05)


def test_the_compiled_loop_gives_the_p_values_of_the_plain_one():
    """The same cards, drawn in the one order that there is: all alike but for their number."""
    assorter = share_of_valid(HALF, reached=True)
    found = simulate_polling(
        assorter, {"yes": 2000}, PollingTest(0.55, 0.5, 100), ALPHA, runs=1, seed=1
    )[0]
    x, null = np.ones(2000), Null(2000)
    plain = average_martingales(
        [
            (0.5, alpha_martingale(x, null, fixed_alternative(x, null, 0.55))),
            (
                0.5,
                alpha_martingale(x, null, shrink_truncate_alternative(x, null, 0.55, 100, 0.025)),
            ),
        ]
    )
    assert found == int(np.argmax(plain >= 1 / ALPHA)) + 1


def test_a_single_card_is_a_sample():
    assert p_value(alpha_martingale(np.ones(1), Null(10), np.array([0.6]))) == pytest.approx(
        0.5 / 0.6
    )


def test_an_sprt_takes_the_product_once():
    x = np.ones(3)
    assert p_value(alpha_martingale(x, Null(), fixed_alternative(x, Null(), 0.6))) == pytest.approx(
        0.5787037
    )


def test_the_same_seed_gives_the_same_audits():
    assorter = share_of_valid(HALF, reached=True)
    runs = [
        simulate_polling(
            assorter, {"yes": 520, "no": 480}, PollingTest(0.52), ALPHA, runs=20, seed=9
        ).tolist()
        for _ in range(2)
    ]
    assert runs[0] == runs[1]


def test_minerva_keeps_the_risk_limit_over_two_rounds():
    rng = np.random.default_rng(1)
    stopped = 0
    for _ in range(400):
        rounds = [(200, int(rng.binomial(200, 0.5))), (300, int(rng.binomial(300, 0.5)))]
        told = run_minerva(0.1, 0.6, rounds)
        totals = np.cumsum([winner for _, winner in rounds])
        stopped += any(
            one.least is not None and total >= one.least
            for one, total in zip(told, totals, strict=True)
        )
    assert stopped / 400 <= 0.1 + 3 * np.sqrt(0.09 / 400)


def test_minerva_needs_fewer_cards_than_bravo_at_the_end_of_a_round():
    least = run_minerva(0.1, 0.6, [(200, 100)])[0].least
    bravo = next(k for k in range(201) if (0.6 / 0.5) ** k * (0.4 / 0.5) ** (200 - k) >= 10)
    assert least < bravo


@pytest.mark.parametrize(
    ("votes", "cards", "sizes"),
    [
        ((600, 400), 1200, (134, 166, 215)),
        ((600, 200), 900, (20, 25, 35)),
        ((100, 1), 101, (4, 4, 4)),
        ((100, 0), 100, (4, 4, 4)),
        ((300, 200), 1000, (222, 276, 358)),
        ((5076, 4925), 10_001, (17_663, 22_233, 30_319)),
    ],
)
def test_first_rounds_of_minerva_are_those_of_arlo(votes, cards, sizes):
    """votingworks/arlo, server/tests/audit_math/ballot_polling/test_minerva.py, a limit of 10%."""
    found = tuple(minerva_first_round(0.1, *votes, cards, chance) for chance in (0.7, 0.8, 0.9))
    assert found == sizes


def test_a_tie_has_no_first_round():
    with pytest.raises(InputError, match="tie"):
        minerva_first_round(0.1, 50, 50, 100, 0.9)
