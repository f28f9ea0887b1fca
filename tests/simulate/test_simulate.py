"""Made-up petitions: the same from the same seed, true to their plan, and labelled."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referendum.core.errors import InputError
from referendum.core.progress import listen_to_progress
from referendum.core.schemas import ELECTORS, LINES, SHEETS
from referendum.core.tables import check_table
from referendum.simulate import PetitionPlan, perfect_findings, simulate_petition
from referendum.simulate import petition as petition_room
from referendum.simulate.chance import random_stream
from referendum.simulate.handwriting import misspell
from referendum.simulate.signers import FINDINGS, SHARES

PLAN = PetitionPlan(4_000, 2_000, "one", date(2026, 1, 3), date(2026, 5, 2))
SMALL = replace(PLAN, electors=600, lines=200)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return simulate_petition(PLAN, tmp_path_factory.mktemp("made-up"))


@pytest.fixture(scope="module")
def electors(files):
    return pl.read_parquet(files.electors)


@pytest.fixture(scope="module")
def lines(files):
    return pl.read_parquet(files.lines)


@pytest.fixture(scope="module")
def truth(files):
    return pl.read_parquet(files.truth)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path):
    for name, plan in {"a": SMALL, "b": SMALL, "c": replace(SMALL, seed="two")}.items():
        simulate_petition(plan, tmp_path / name)
    a, b, c = (contents(tmp_path / name) for name in "abc")
    assert a == b
    assert all(a[name] != c[name] for name in a)


def test_there_are_as_many_electors_and_lines_as_planned_each_with_its_own_number(
    electors, lines, truth
):
    assert electors["elector_id"].n_unique() == electors.height == PLAN.electors
    assert lines["line_id"].n_unique() == lines.height == PLAN.lines
    assert truth["line_id"].equals(lines["line_id"])


def test_the_tables_pass_their_checks_without_a_row_set_aside(files):
    for table, path in ((ELECTORS, files.electors), (LINES, files.lines), (SHEETS, files.sheets)):
        checked = check_table(table, pl.read_parquet(path))
        assert checked.faults.is_empty()
        assert checked.rows.height == pl.read_parquet(path).height


def test_every_line_stands_on_a_known_sheet_at_a_place_of_its_own(files, lines):
    sheets = pl.read_parquet(files.sheets)
    assert set(lines["sheet_id"]) == set(sheets["sheet_id"])
    assert lines.select("sheet_id", "line_no").is_unique().all()


def test_the_kinds_of_lines_have_their_shares(truth):
    kinds = dict(truth["kind"].value_counts().iter_rows())
    assert set(kinds) == set(SHARES)
    for kind, share in SHARES.items():
        assert abs(kinds[kind] - share * PLAN.lines) <= len(SHARES), kind


def test_a_repeat_names_an_earlier_line_of_the_same_elector(truth):
    place = truth.with_row_index("place").select("line_id", "place", "elector_id", "kind")
    repeats = place.with_columns(truth["repeat_of"]).filter(pl.col("kind") == "repeat")
    pairs = repeats.join(place, left_on="repeat_of", right_on="line_id", suffix="_first")
    assert pairs.height == repeats.height > 0
    assert (pairs["place_first"] < pairs["place"]).all()
    assert (pairs["elector_id_first"] == pairs["elector_id"]).all()
    assert pairs["kind_first"].is_in(["valid", "moved"]).all()
    assert truth.filter(pl.col("kind") != "repeat")["repeat_of"].null_count() == (
        truth.height - repeats.height
    )


def test_signers_are_listed_once_and_strangers_not_at_all(electors, truth):
    first = truth.filter(pl.col("kind").is_in(["valid", "moved"]))["elector_id"]
    assert first.is_unique().all()
    assert first.is_in(electors["elector_id"].to_list()).all()
    strangers = truth.filter(~pl.col("kind").is_in(["valid", "moved", "repeat"]))
    assert strangers["elector_id"].null_count() == strangers.height > 0


def test_every_file_says_that_it_is_made_up(files):
    folder = files.electors.parent
    assert "Nobody in them is real" in (folder / "MADE-UP.txt").read_text()
    parquet = sorted(folder.glob("*.parquet"))
    assert parquet == sorted([files.electors, files.lines, files.sheets, files.truth])
    for path in parquet:
        assert path.name.startswith("made-up-")
        assert "nobody in this file is real" in pl.read_parquet_metadata(path)["made_up"]


@pytest.mark.parametrize("mark", [r"\p{M}", "-", "'"], ids=["accent", "hyphen", "apostrophe"])
def test_surnames_bear_accents_hyphens_and_apostrophes(electors, mark):
    assert electors["surname"].str.normalize("NFD").str.contains(mark).any()


def test_what_went_wrong_on_a_line_is_named(electors, lines, truth):
    keyed = lines.join(truth.select("line_id", "elector_id", "kind", "corruptions"), on="line_id")
    meant = keyed.join(electors, on="elector_id", suffix="_meant")
    clean = meant.filter((pl.col("kind") == "valid") & (pl.col("corruptions") == ""))
    assert clean.height > 0
    for column in ("given_names", "surname", "street", "postal_code", "phone"):
        assert clean[column].equals(clean[f"{column}_meant"].alias(column), null_equal=True)
    assert truth["corruptions"].str.contains("swapped").any()


def test_a_perfect_checker_answers_in_the_order_asked(files, truth):
    asked = truth["line_id"].to_list()[10:0:-1]
    found = perfect_findings(files.truth, asked)
    assert found["line_id"].to_list() == asked
    assert set(found["finding"]) <= set(FINDINGS.values())


@given(st.text(), st.integers(0, 2**32))
def test_any_text_can_be_misspelt_and_changes_by_little(text, seed):
    written = misspell(text, np.random.default_rng(seed))
    assert abs(len(written) - len(text)) <= max(1, len(text))
    assert bool(written) == bool(text)


def test_streams_are_the_same_for_the_same_place_and_differ_elsewhere():
    def numbers(*place):
        return random_stream("seed", *place).integers(0, 1_000_000, 5).tolist()

    assert numbers("electors", 1) == numbers("electors", 1)
    assert numbers("electors", 1) != numbers("electors", 2) != numbers("signers", 2)


def test_more_lines_than_the_electors_could_sign_are_refused(tmp_path):
    with pytest.raises(InputError, match="331 lines need more than 600 electors"):
        simulate_petition(replace(SMALL, lines=331), tmp_path / "none")
    assert not (tmp_path / "none").exists()
    simulate_petition(replace(SMALL, lines=330), tmp_path / "most")


def test_signing_may_last_one_day_and_no_less(tmp_path):
    files = simulate_petition(replace(SMALL, last_day=SMALL.first_day), tmp_path / "one")
    assert (pl.read_parquet(files.lines)["signed_on"] == SMALL.first_day).mean() > 0.9
    with pytest.raises(InputError, match="before the first"):
        simulate_petition(replace(SMALL, last_day=date(2026, 1, 2)), tmp_path / "none")


@pytest.mark.parametrize("lines", [1, 3, 40, 330])
def test_a_list_made_in_several_chunks_is_complete(lines, tmp_path, monkeypatch):
    monkeypatch.setattr(petition_room, "ELECTORS_AT_ONCE", 90)
    seen = []
    plan = replace(SMALL, lines=lines)
    with listen_to_progress(lambda _, done, total: seen.append(done / total)):
        files = simulate_petition(plan, tmp_path)
    numbers = pl.read_parquet(files.electors)["elector_id"].to_list()
    assert numbers == [f"E{number:08}" for number in range(1, 601)]
    truth = pl.read_parquet(files.truth)
    assert truth["line_id"].n_unique() == truth.height == lines
    first = truth.select("line_id", pl.col("elector_id").alias("first"))
    repeats = truth.filter(pl.col("kind") == "repeat")
    pairs = repeats.join(first, left_on="repeat_of", right_on="line_id")
    assert pairs["elector_id"].to_list() == pairs["first"].to_list()
    assert pairs.height == repeats.height
    assert seen == sorted(seen)
    assert seen[-1] == 1
