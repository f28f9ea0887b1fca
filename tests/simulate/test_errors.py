"""What goes wrong on made-up lines: two error models, three levels, days of birth of one's own."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referendum.core.schemas import LINES
from referendum.core.tables import check_table
from referendum.simulate import BIRTH, BIRTH_RATES, ERRORS, MODELS, PetitionPlan, simulate_petition
from referendum.simulate.corruption import QUALITY, corrupt_lines
from referendum.simulate.keying import misread_by_shape, misspell_by_sound, mistype_burst
from referendum.simulate.slips import Slip

PLAN = PetitionPlan(6_000, 3_000, "errors", date(2026, 1, 3), date(2026, 5, 2), birth="date")


@pytest.fixture(scope="module")
def petitions(tmp_path_factory):
    """Electors, lines and truth by birth, errors and error model."""
    made = {}

    def of(**settings):
        key = tuple(sorted(settings.items()))
        if key not in made:
            files = simulate_petition(replace(PLAN, **settings), tmp_path_factory.mktemp("errors"))
            made[key] = tuple(map(pl.read_parquet, (files.electors, files.lines, files.truth)))
        return made[key]

    return of


def slips_per_line(truth):
    return truth["corruptions"].str.split("+").list.eval(pl.element() != "").list.sum().mean()


@pytest.mark.parametrize("model", MODELS)
def test_more_goes_wrong_at_a_heavier_level(petitions, model):
    light, normal, heavy = (
        slips_per_line(petitions(errors=errors, error_model=model)[2]) for errors in ERRORS
    )
    assert light < 0.8 * normal < 0.8 * heavy


@pytest.mark.parametrize("model", MODELS)
def test_lines_of_each_model_pass_the_checks_and_name_slips_of_that_model(petitions, model):
    _, lines, truth = petitions(error_model=model, errors="heavy")
    checked = check_table(LINES, lines)
    assert checked.faults.is_empty()
    assert checked.rows.height == PLAN.lines
    named = set("+".join(truth["corruptions"]).split("+")) - {""}
    assert named <= {*MODELS[model], *BIRTH_RATES}
    assert len(named) > len(MODELS[model]) * 0.8


@pytest.mark.parametrize("settings", [{}, {"error_model": "keying"}, {"errors": "heavy"}])
def test_the_list_and_the_signers_do_not_depend_on_how_lines_go_wrong(petitions, settings):
    electors, _, truth = petitions(**settings)
    plain, _, plain_truth = petitions(birth="none")
    assert electors.equals(plain)
    assert truth.drop("corruptions").equals(plain_truth.drop("corruptions"))


def test_the_sheet_bears_what_it_asks_of_the_day_of_birth(petitions):
    bears = {}
    for asked in BIRTH:
        _, lines, _ = petitions(birth=asked)
        bears[asked] = tuple(
            lines[column].null_count() < lines.height / 10
            for column in ("birth_year", "birth_date")
        )
    assert bears == {"none": (False, False), "year": (True, False), "date": (False, True)}


def test_listed_signers_write_their_own_day_of_birth_but_for_named_slips(petitions):
    electors, lines, truth = petitions()
    signed = lines.join(truth, on="line_id").join(electors, on="elector_id", suffix="_listed")
    same = signed["birth_date"].eq_missing(signed["birth_date_listed"])
    slipped = signed["corruptions"].str.contains("birth")
    assert (same != slipped).all()
    assert 0.005 < slipped.mean() < 0.1


def test_an_unlisted_person_shares_a_day_of_birth_with_their_host_no_more_than_by_chance(petitions):
    electors, lines, truth = petitions(birth="date")
    home = ["street_number", "street", "locality", "postal_code"]
    unlisted = truth.filter(pl.col("kind").is_in(["relative", "new_at_address"]))
    strangers = lines.join(unlisted, on="line_id", how="semi")
    pairs = strangers.join(electors, on=home, nulls_equal=True, suffix="_host")
    day = [pl.col(name).dt.to_string("%m-%d") for name in ("birth_date", "birth_date_host")]
    assert pairs.height > 100
    assert pairs.select((day[0] == day[1]).mean()).item() < 0.03


def test_at_the_normal_level_a_slip_has_the_chance_that_is_documented():
    empty = dict.fromkeys(("unit", "street_number", "street", "locality", "postal_code", "phone"))
    lines = pl.DataFrame([{**empty, "given_names": "Ann", "surname": "Bee"}] * 20_000).cast(
        pl.String
    )
    quality = pl.Series(["normal"] * lines.height)
    written = corrupt_lines(lines, quality, np.random.default_rng(1))
    share = written["corruptions"].str.contains("surname_misspelt").mean()
    # One misspelling in ten changes nothing.
    rate = MODELS["handwriting"]["surname_misspelt"].rate
    assert 0.75 * rate < share <= 1.1 * rate
    assert all(isinstance(slip, Slip) and 0 < slip.rate < 1 for slip in MODELS["keying"].values())
    assert QUALITY["normal"] == ERRORS["normal"] == 1


@given(st.text(), st.integers(0, 2**32))
def test_any_text_can_be_keyed_by_sound_by_shape_and_in_a_burst(text, seed):
    for change in (misspell_by_sound, misread_by_shape, mistype_burst):
        written = change(text, np.random.default_rng(seed))
        assert abs(len(written) - len(text)) <= 3
