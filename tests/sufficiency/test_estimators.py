"""Distinct signers from a sample, and contact samples: held against truth and published cases."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referendum.core.errors import InputError
from referendum.law import CheckedSample, versions
from referendum.law.projection import goodman_linear, project
from referendum.sufficiency.contact import ContactResponses, bound_confirmations
from referendum.sufficiency.distinct import estimate_distinct_signers

LEVEL = Fraction(19, 20)
NEW_ZEALAND = CheckedSample(324_511, 29_501, 25_754, (158, 2))


def by_name(sample):
    return {one.name: one for one in estimate_distinct_signers(sample)}


def sampled(chance, signers, drawn):
    """A checked sample of a petition given as the elector of each line, 0 for an invalid one."""
    seen = chance.choice(signers, drawn, replace=False)
    _, times = np.unique(seen[seen > 0], return_counts=True)
    copies = tuple(int((times >= j).sum()) for j in range(2, times.max() + 1))
    return CheckedSample(len(signers), drawn, len(times), copies)


@pytest.fixture(scope="module")
def truth():
    """30,000 lines: 25,800 electors, 500 of them twice and 20 three times; the rest invalid."""
    electors = np.arange(1, 25_801)
    lines = np.concatenate([electors, electors[:520], electors[:20]])
    signers = np.zeros(30_000, np.int64)
    signers[: len(lines)] = lines
    return signers


def test_estimators_miss_by_what_is_known_of_them_and_state_their_own_spread(truth):
    chance = np.random.default_rng(5)
    runs = [by_name(sampled(chance, truth, 3_000)) for _ in range(400)]
    for name, bias in (("goodman", 0), ("pairs k (k - 1)", 36), ("pairs k^2", -20)):
        values = np.array([run[name].value for run in runs])
        spread = values.std(ddof=1)
        assert values.mean() - 25_800 == pytest.approx(bias, abs=4 * spread / 400**0.5)
        stated = np.sqrt(np.mean([run[name].error ** 2 for run in runs]))
        assert stated == pytest.approx(spread, rel=0.15), name


def test_a_95_per_cent_interval_of_goodman_covers_the_truth_about_so_often(truth):
    chance = np.random.default_rng(6)
    runs = [by_name(sampled(chance, truth, 3_000))["goodman"] for _ in range(300)]
    covered = np.mean([abs(run.value - 25_800) <= 1.96 * run.error for run in runs])
    assert 0.88 <= covered <= 0.99


def test_haas_and_stokes_is_near_the_truth_and_states_its_spread_at_a_third(truth):
    chance = np.random.default_rng(7)
    runs = [by_name(sampled(chance, truth, 10_000))["haas-stokes"] for _ in range(200)]
    values = np.array([run.value for run in runs])
    assert values.mean() == pytest.approx(25_800, rel=0.01)
    stated = np.sqrt(np.mean([run.error**2 for run in runs]))
    assert stated == pytest.approx(values.std(ddof=1), rel=0.25)


@given(st.integers(1, 200), st.data())
def test_every_line_drawn_leaves_nothing_to_estimate(valid, data):
    second = data.draw(st.integers(0, valid))
    lines = valid + second + data.draw(st.integers(0, 50))
    for one in estimate_distinct_signers(CheckedSample(lines, lines, valid, (second,))):
        if one.name != "pairs k (k - 1)":
            assert (one.value, one.error) == (pytest.approx(valid), 0)


def test_new_zealand_2008_agrees_with_the_statutes_estimator():
    statute = versions("nz/citizens-initiated-referenda-act")[-1]
    numbers = project(statute.projection, NEW_ZEALAND, 285_027).numbers
    pairs = by_name(NEW_ZEALAND)["pairs k (k - 1)"]
    assert pairs.value == pytest.approx(float(numbers["best_estimate"]))
    assert pairs.error == pytest.approx(float(numbers["standard_error"]), rel=0.05)


def test_goodman_is_the_law_rooms_linear_form_where_the_petition_is_large():
    statute = versions("nz/citizens-initiated-referenda-act")[-1]
    numbers = goodman_linear(NEW_ZEALAND, statute.projection).numbers
    goodman = by_name(NEW_ZEALAND)["goodman"].value
    assert goodman == pytest.approx(float(numbers["compared"]), rel=1e-3)


def test_without_repeats_the_error_is_the_textbook_one():
    sample = CheckedSample(100_000, 2_000, 1_600)
    textbook = (100_000**2 * 0.8 * 0.2 * (1 - 0.02) / 2_000) ** 0.5
    for one in estimate_distinct_signers(sample)[:3]:
        assert one.error == pytest.approx(textbook)


def test_silence_decides_nothing_by_itself():
    asked = ContactResponses(200_000, 2_000, 1_200, 100)
    found = bound_confirmations(asked, 150_000, LEVEL)
    assert found.conclusion == "rests_on_the_silent"
    assert found.worst[0] < 150_000 <= found.worst[1]
    assert bound_confirmations(asked, 100_000, LEVEL).conclusion == "sufficient"
    assert bound_confirmations(asked, 199_000, LEVEL).conclusion == "insufficient"


def test_nobody_answering_shows_nothing():
    found = bound_confirmations(ContactResponses(1_000, 50, 0, 0), 500, LEVEL)
    assert (found.worst, found.like_the_others, found.conclusion) == ((0, 1_000), None, "open")


@given(st.integers(1, 60), st.data())
def test_bounds_with_silence_hold_those_without(asked, data):
    confirmed = data.draw(st.integers(0, asked))
    denied = data.draw(st.integers(0, asked - confirmed))
    found = bound_confirmations(ContactResponses(500, asked, confirmed, denied), 250, LEVEL)
    assert found.worst[0] <= found.worst[1]
    if found.like_the_others and confirmed + denied == asked:
        assert found.like_the_others == found.worst


@pytest.mark.parametrize("counts", [(10, 0, 0, 0), (10, 11, 0, 0), (10, 5, 4, 2), (10, 5, -1, 2)])
def test_counts_of_contacts_that_cannot_be_are_refused(counts):
    with pytest.raises(InputError):
        ContactResponses(*counts)
