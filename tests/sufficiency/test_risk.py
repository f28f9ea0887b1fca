"""The tests of both hypotheses: their guarantee, their arithmetic, and their answers."""

from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import permutations
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referendum.core.draws import draw, draw_weighted
from referendum.core.errors import InputError
from referendum.sufficiency import (
    Check,
    CheckerErrors,
    Design,
    LineClass,
    TestLines,
    classes_by_outcome,
    classes_by_report,
    measure_risk,
    needs_second_checker,
    polling_class,
    sampling_weight,
)
from referendum.sufficiency.checkers import upper_bound
from referendum.sufficiency.planning import (
    OWN_MATCHER,
    POLLING,
    CheckPlan,
    forecast_checks,
    forecast_further_checks,
)
from referendum.sufficiency.simulation import lay_out_lines, replay_wealth, simulate_checks
from referendum.verify.risk import CONTEXT, _text
from referendum.verify.risk import _measure as measured_by_verify

LIMIT = Fraction(1, 20)


def design(classes, required, **more):
    return Design(classes, required, LIMIT, LIMIT, **more)


def two_classes(sure=4, unsure=3, required=5):
    classes = (
        LineClass("sure", sure, Fraction("0.95"), 1),
        LineClass("unsure", unsure, Fraction("0.6"), 3),
    )
    return design(classes, required)


@st.composite
def petitions(draw_one, most=300):
    """A design, and lines in some order with their class and whether they are valid."""
    count = draw_one(st.integers(1, 3))
    found = [(n, draw_one(st.integers(0, n))) for n in draw_one(
        st.lists(st.integers(1, most // count), min_size=count, max_size=count)
    )]  # fmt: skip
    classes = tuple(
        LineClass(
            str(place),
            lines,
            Fraction(draw_one(st.integers(0, 100)), 100),
            draw_one(st.integers(1, 4)),
        )
        for place, (lines, _) in enumerate(found)
    )
    total = sum(lines for lines, _ in found)
    required = draw_one(st.integers(1, total))
    order = np.random.default_rng(draw_one(st.integers(0, 2**32))).permutation(lay_out_lines(found))
    checked = order[: draw_one(st.integers(0, total))]
    return design(classes, required), checked


def checks(codes):
    return [Check(int(code >> 1), bool(code & 1)) for code in codes]


@pytest.mark.parametrize("valid", [(1, 3), (4, 0), (3, 1)])
def test_wealth_over_all_orders_stays_below_the_ville_bound(valid):
    """With M = R - 1 the chance of wealth w is at most 1/w, exactly, over every order of a draw."""
    planned = two_classes(required=5)
    found = list(zip((4, 3), valid, strict=True))
    lines = [(of, hit < v) for of, (n, v) in enumerate(found) for hit in range(n)]
    weights = [planned.classes[of].weight for of, _ in lines]
    reached = {2: 0.0, 4: 0.0, 20: 0.0}
    for order in permutations(range(len(lines)), 4):
        chance, left = 1.0, sum(weights)
        for place in order:
            chance *= weights[place] / left
            left -= weights[place]
        wealth = 1 / float(measure_risk(planned, [Check(*lines[i]) for i in order]).sufficient)
        for bound in reached:
            reached[bound] += chance * (wealth >= bound)
    for bound, chance in reached.items():
        assert chance <= 1 / bound


@settings(max_examples=60)
@given(petitions())
def test_floating_point_and_decimal_arithmetic_agree(petition):
    planned, checked = petition
    risk = measure_risk(planned, checks(checked))
    for wealth, exact in zip(
        replay_wealth(planned, checked), (risk.sufficient, risk.insufficient), strict=True
    ):
        assert (1 / wealth) == pytest.approx(float(exact), rel=1e-6, abs=1e-300)


@settings(max_examples=60)
@given(petitions())
def test_verify_comes_to_the_same_risks_by_its_own_arithmetic(petition):
    planned, checked = petition
    risk = measure_risk(planned, checks(checked))
    plan = {
        "classes": [
            {"lines": one.lines, "report": str(one.report), "weight": one.weight}
            for one in planned.classes
        ],
        "accepted_at": planned.accepted_at,
        "refused_below": planned.refused_below,
        "required": planned.required,
        "alpha": str(planned.alpha),
        "beta": str(planned.beta),
    }
    with localcontext(CONTEXT):
        again = measured_by_verify(plan, [(one.line_class, one.valid) for one in checks(checked)])
        assert again == ((_text(risk.sufficient), _text(risk.insufficient)), risk.answer,
                         risk.decided_at)  # fmt: skip


@settings(max_examples=60)
@given(petitions(most=60))
def test_every_line_checked_gives_the_truth_or_an_answer_before(petition):
    planned, _ = petition
    rest = lay_out_lines([(one.lines, one.lines // 2) for one in planned.classes])
    risk = measure_risk(planned, checks(rest))
    assert risk.answer != "check_more"
    if risk.decided_at == planned.lines:
        assert (risk.answer == "sufficient") == (risk.valid >= planned.required)
    assert min(risk.sufficient, risk.insufficient) == 0


def test_a_hypothesis_that_cannot_be_true_any_more_has_risk_zero():
    planned = design(polling_class(10, Fraction(1, 2)), 3)
    assert measure_risk(planned, [Check(0, True)] * 3).sufficient == 0
    assert measure_risk(planned, [Check(0, False)] * 8).insufficient == 0


def test_where_one_more_hit_would_refute_nothing_is_staked_on_rounding():
    """All 231 lines required, reported hopeless, 14 valid: a loss of 0 once came out as 1e-48."""
    planned = design((LineClass("hopeless", 231, Fraction(0), 2),), 231)
    assert measure_risk(planned, [Check(0, True)] * 14).insufficient == 1


def test_no_check_shows_nothing():
    risk = measure_risk(two_classes(), [])
    assert (risk.sufficient, risk.insufficient, risk.answer) == (
        Decimal(1),
        Decimal(1),
        "check_more",
    )


def test_more_lines_of_a_class_than_there_are_are_refused():
    with pytest.raises(InputError, match="more lines were checked"):
        measure_risk(two_classes(sure=2), [Check(0, True)] * 3)


@pytest.mark.parametrize("shape", ["polling", "comparison", "liar", "clustered"])
@pytest.mark.parametrize("side", ["sufficient", "insufficient"])
def test_wrong_decisions_stay_within_the_risk_limit(shape, side):
    """1,000 runs at M = R - 1, or M = R: at most 5 % wrong, within four standard errors."""
    lines, required = 4_000, 3_200
    valid = required - 1 if side == "sufficient" else required
    if shape == "polling":
        classes, found = polling_class(lines, Fraction("0.9")), [(lines, valid)]
    else:
        sure = 2_800
        honest = {"comparison": 2_750, "liar": 2_300, "clustered": 2_000}[shape]
        report = "0.999" if side == "sufficient" else "0.2"
        classes = (
            LineClass("sure", sure, Fraction(report), 1),
            LineClass("open", lines - sure, Fraction(1, 2), 4),
        )
        found = [(sure, honest), (lines - sure, valid - honest)]
    done = simulate_checks(design(classes, required), lay_out_lines(found), 1_000, 5)
    assert done.share(side) <= 0.05 + 4 * (0.05 * 0.95 / 1_000) ** 0.5


def test_checkers_errors_that_are_declared_stay_within_the_risk_limit():
    lines, required, errors = 4_000, 3_200, CheckerErrors(Fraction(1, 50), Fraction(1, 50))
    planned = design(polling_class(lines, Fraction("0.9")), required, errors=errors)
    found = required - 1 + int((lines - required + 1) / 50)
    done = simulate_checks(planned, lay_out_lines([(lines, found)]), 1_000, 5)
    assert done.share("sufficient") <= 0.05 + 4 * (0.05 * 0.95 / 1_000) ** 0.5
    blind = design(polling_class(lines, Fraction("0.9")), required)
    assert (
        simulate_checks(blind, lay_out_lines([(lines, found)]), 1_000, 5).share("sufficient") > 0.2
    )


def test_alberta_2025_is_decided_in_thirty_checks_on_average():
    planned = design(polling_class(438_568, Fraction("0.85")), 293_976)
    done = simulate_checks(planned, lay_out_lines([(438_568, 404_293)]), 2_000, 1)
    assert done.share("sufficient") > 0.99
    assert done.checks.mean() <= 30


def test_matching_saves_most_of_the_checks_of_referendum_71():
    lines, valid, required = 137_881, 122_007, 120_577
    polling = simulate_checks(
        design(polling_class(lines, Fraction("0.85")), required),
        lay_out_lines([(lines, valid)]),
        100,
        1,
    )
    reports = {"sure": Fraction("0.99"), "open": Fraction("0.55")}
    classes = classes_by_outcome({"sure": 114_000, "open": lines - 114_000}, reports, weighted=True)
    found = [(lines - 114_000, valid - 113_500), (114_000, 113_500)]
    comparison = simulate_checks(design(classes, required), lay_out_lines(found), 100, 1)
    assert polling.checks.mean() <= lines / 10
    assert comparison.checks.mean() <= lines / 40


def test_weighted_draws_of_weight_one_are_the_plain_draw():
    assert draw_weighted("7", ((n, 1) for n in range(1, 100)), 20) == draw("7", range(1, 100), 20)


@given(st.integers(1, 60), st.integers(0, 40))
def test_a_larger_weighted_draw_begins_with_the_smaller(size, more):
    lines = [(serial, 1 + serial % 4) for serial in range(100)]
    assert draw_weighted("7", lines, size + more)[:size] == draw_weighted("7", lines, size)


def test_lines_are_drawn_first_with_chances_by_their_weights():
    lines = [(1, 1), (2, 2), (3, 4), (4, 1)]
    firsts = [draw_weighted(str(seed), lines, 1)[0][1] for seed in range(4_000)]
    for serial, weight in lines:
        share = weight / 8
        error = 5 * (share * (1 - share) / 4_000) ** 0.5
        assert firsts.count(serial) / 4_000 == pytest.approx(share, abs=error)


@given(st.fractions(0, 1, max_denominator=1_000))
def test_a_weight_is_the_whole_part_of_eight_spreads(report):
    weight = sampling_weight(report)
    assert 1 <= weight <= 4
    if weight > 1:
        assert Fraction(weight, 8) ** 2 <= report * (1 - report) < Fraction(weight + 1, 8) ** 2


@pytest.mark.parametrize(
    ("required", "alpha", "lines"),
    [(11, LIMIT, 10), (0, LIMIT, 10), (5, Fraction(0), 10), (5, Fraction(1, 2), 10)],
)
def test_a_design_that_cannot_decide_is_refused(required, alpha, lines):
    with pytest.raises(InputError):
        Design(polling_class(lines, Fraction(1, 2)), required, alpha, LIMIT)


def test_reports_of_single_lines_make_classes_and_finer_ones_take_fewer_checks():
    chance = np.random.default_rng(8)
    shares = chance.beta(0.6, 0.08, 20_000)
    valid = chance.random(20_000) < shares
    classes, of = classes_by_report([Fraction(float(share)) for share in shares])
    assert [one.lines for one in classes] == list(np.bincount(of))
    lines = 2 * np.array(of, np.uint8) + valid.astype(np.uint8)
    required = int(valid.sum()) - 300
    fine = simulate_checks(design(classes, required), lines, 100, 1)
    coarse = simulate_checks(
        design(polling_class(20_000, Fraction("0.9")), required),
        lay_out_lines([(20_000, int(valid.sum()))]),
        100,
        1,
    )
    assert fine.share("sufficient") > 0.9
    assert fine.checks.mean() < 0.6 * coarse.checks.mean()


def test_a_petition_without_a_valid_line_is_soon_refused():
    done = simulate_checks(
        design(polling_class(5_000, Fraction("0.85")), 3_000), lay_out_lines([(5_000, 0)]), 50, 1
    )
    assert done.share("insufficient") == 1
    assert done.checks.max() <= 12


@given(st.integers(1, 80), st.data())
def test_the_bound_of_a_rate_of_error_is_the_least_that_is_implausible(lines, data):
    wrong = data.draw(st.integers(0, lines - 1))
    bound = upper_bound(lines, wrong, LIMIT)

    def tail(share):
        return sum(comb(lines, k) * share**k * (1 - share) ** (lines - k) for k in range(wrong + 1))

    assert tail(bound) <= LIMIT < tail(bound - Fraction(1, 10_000))


def test_no_error_on_a_hundred_test_lines_leaves_three_per_cent():
    assert upper_bound(100, 0, LIMIT) == Fraction(296, 10_000)
    assert TestLines((100, 0), (100, 0), LIMIT).bounds() == CheckerErrors(
        *[Fraction(296, 10_000)] * 2
    )
    with pytest.raises(InputError, match="do not lie"):
        TestLines((100, 0), (50, 50), LIMIT).bounds()


def test_lines_go_to_a_second_checker_in_the_share_that_is_asked_for():
    twice = sum(needs_second_checker("77", serial, Fraction(1, 10)) for serial in range(10_000))
    assert twice == pytest.approx(1_000, abs=150)
    assert not needs_second_checker("77", 1, Fraction(0))
    assert needs_second_checker("77", 1, Fraction(1))


@given(st.integers(0, 9_000))
def test_a_forecast_has_every_line_and_every_valid_one_in_a_class(valid):
    planned, found = CheckPlan(9_000, 5_000, LIMIT, LIMIT).design(
        OWN_MATCHER, valid, Fraction("0.85")
    )
    assert sum(count for _, count in found) == valid
    assert [one.lines for one in planned.classes] == [lines for lines, _ in found]
    assert sum(lines for lines, _ in found) == 9_000


def test_a_better_matcher_takes_fewer_checks():
    question = CheckPlan(50_000, 42_000, LIMIT, LIMIT)
    means = [
        forecast_checks(*question.design(matcher, 43_000, Fraction("0.85")), runs=200).mean
        for matcher in (POLLING, OWN_MATCHER)
    ]
    assert means[1] < means[0] / 2


def test_a_forecast_while_checking_starts_from_what_was_found():
    planned = design(polling_class(50_000, Fraction("0.85")), 42_000)
    whole = forecast_checks(planned, [(50_000, 44_000)], runs=200)
    begun = np.random.default_rng(3).permutation(lay_out_lines([(50_000, 44_000)]))[:300]
    more = forecast_further_checks(planned, checks(begun), runs=200)
    assert whole.sufficient > 0.9
    assert 0 <= more.mean < 10 * whole.mean
