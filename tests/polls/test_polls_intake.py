"""Polls that can be used, and the rest set aside with coded reasons."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from poll_tables import VOTES, raw_of, received, table

from referendum.core.errors import InputError
from referendum.polls import FAULTS, POLLS, Campaign, receive_polls

CAMPAIGN = Campaign("r", date(2026, 10, 19))
GOOD = ("House", "2026-05-01", "40", "50")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"yes": None}, "share_missing"),
        ({"no": ""}, "share_missing"),
        ({"yes": "many"}, "not_a_share"),
        ({"no": "150"}, "not_a_share"),
        ({"yes": "-3"}, "not_a_share"),
        ({"undecided": "13"}, "over_100"),
        ({"yes": "0"}, "no_side_taken"),
        ({"field_end": None}, "undated"),
        ({"field_start": "2026-05-02"}, "dates_reversed"),
        ({"field_end": "2026-10-19"}, "on_or_after_vote"),
        ({"sample_size": "0"}, "nobody_asked"),
        ({"referendum": "another"}, "other_referendum"),
        ({"pollster": None}, "missing"),
    ],
)
def test_a_row_that_cannot_be_used_is_set_aside_with_its_reason(change, code):
    good = table(GOOD, source="s")
    bad = good.with_columns(**{name: pl.lit(value) for name, value in change.items()})
    made = receive_polls(pl.concat([good, bad], how="diagonal"), CAMPAIGN)
    assert made.polls.height == 1
    assert made.set_aside.select("row", "code").rows() == [(2, code)]
    assert made.faults[code] == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"mode": "by pigeon"}, "unknown_mode"),
        ({"undecided": "few"}, "not_a_share"),
        ({"sponsor_side": "maybe"}, "unknown_side"),
        ({"source": None}, "no_source"),
        ({"sample_size": "about 1000"}, "not_a_number"),
    ],
)
def test_a_faulty_cell_that_can_be_missed_is_emptied_and_counted(change, code):
    raw = table(GOOD, source="s")
    raw = raw.with_columns(**{name: pl.lit(value) for name, value in change.items()})
    made = receive_polls(raw, CAMPAIGN)
    assert made.polls.height == 1
    assert made.faults == {code: 1}
    assert made.polls.item(0, next(iter(change))) is None


def test_the_same_row_twice_is_counted_once():
    made = receive_polls(table(GOOD, GOOD, source="s"), CAMPAIGN)
    assert (made.polls.height, made.faults) == (1, {"repeated": 1})


def test_rows_of_one_house_and_days_are_one_sample_and_another_mode_is_another():
    rows = [GOOD, ("House", "2026-05-01", "42", "50"), ("Other", "2026-05-01", "40", "50")]
    raw = table(*rows).with_columns(mode=pl.Series(["online", "online", "online"]))
    assert receive_polls(raw, CAMPAIGN).samples == 2
    raw = raw.with_columns(mode=pl.Series(["online", "telephone", "online"]))
    assert receive_polls(raw, CAMPAIGN).samples == 3


def test_different_questions_are_different_wordings_and_none_is_the_ballots_unless_named():
    rows = [GOOD, ("Other", "2026-05-02", "30", "60")]
    raw = table(*rows).with_columns(question=pl.Series(["Leave?", "Begin the process?"]))
    unnamed = receive_polls(raw, CAMPAIGN).polls.get_column("wording").to_list()
    assert unnamed == ["leave?", "begin the process?"]
    named = Campaign("r", date(2026, 10, 19), ballot_question="begin the process?")
    assert receive_polls(raw, named).polls.get_column("wording").to_list() == ["leave?", "ballot"]


def test_a_table_without_the_columns_that_it_needs_is_refused():
    with pytest.raises(InputError, match="field_end"):
        receive_polls(pl.DataFrame({"pollster": ["a"], "yes": ["1"], "no": ["2"]}), CAMPAIGN)


@pytest.mark.parametrize(
    ("name", "rows", "samples", "faults"),
    [
        ("uk_eu_2016", 126, 124, {"on_or_after_vote": 1}),
        ("scotland_2014", 96, 96, {}),
        ("chile_2020_q1", 66, 48, {}),
        ("chile_2020_q2", 77, 54, {}),
        ("australia_voice_2023", 14, 14, {"undated": 10}),
        ("nz_cannabis_2020", 9, 9, {"undated": 5}),
        ("quebec_1995", 16, 7, {}),
        ("alberta_independence", 13, 12, {"share_missing": 8, "undated": 1}),
    ],
)
def test_the_real_tables_come_out_as_counted(name, rows, samples, faults):
    made = received(name)
    assert (made.polls.height, made.samples, made.faults) == (rows, samples, faults)
    assert made.polls.height + made.set_aside.height == raw_of(name).height
    assert set(VOTES) == {name for name in VOTES if raw_of(name).height}


cells = {
    "pollster": st.sampled_from(["A", "B", "", None]),
    "field_end": st.sampled_from(["2026-05-01", "2026-06-01", "2027-01-01", "soon", None]),
    "field_start": st.sampled_from(["2026-04-28", "2026-07-01", None]),
    "yes": st.sampled_from(["40", "45.5", "0", "101", "x", None]),
    "no": st.sampled_from(["50", "44.5", "0", "-1", None]),
    "undecided": st.sampled_from(["10", "60", "?", None]),
    "sample_size": st.sampled_from(["1000", "0", "1e3", None]),
    "mode": st.sampled_from(["online", "fax", None]),
}


@given(st.lists(st.fixed_dictionaries(cells), min_size=1, max_size=12))
def test_every_row_is_used_or_set_aside_and_every_code_is_explained(rows):
    raw = pl.DataFrame(rows, schema=dict.fromkeys(cells, pl.String))
    made = receive_polls(raw, CAMPAIGN)
    assert made.polls.height + made.set_aside.height == len(rows)
    assert made.polls.columns == ["poll", "sample", *POLLS.schema]
    assert sum(made.faults.values()) >= made.set_aside.height
    generic = {"missing", "not_a_number", "not_a_date"}
    assert set(made.faults) <= set(FAULTS) | generic
    for row in made.polls.iter_rows(named=True):
        assert float(row["yes"]) + float(row["no"]) + float(row["undecided"] or 0) <= 102
        assert row["field_end"] < CAMPAIGN.vote_date
