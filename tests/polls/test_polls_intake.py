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
        ({"yes": "0.62", "no": "0.38"}, "a_fraction"),
        ({"yes": ".62", "no": ".38", "undecided": "0"}, "a_fraction"),
        ({"yes": "8", "no": "2", "undecided": "5"}, "far_under_100"),
        ({"yes": "4.5", "no": "47", "undecided": "8"}, "far_under_100"),
        ({"yes": "8", "no": "2"}, "far_under_100"),
        ({"yes": "<40"}, "not_a_share"),
        ({"yes": "39-41"}, "not_a_share"),
        ({"field_end": "1926-01-24"}, "long_ago"),
        ({"field_start": "2024-04-28"}, "long_field"),
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
        ({"sample_size": "many"}, "not_a_number"),
        ({"sample_size": "800–900"}, "a_range"),
        ({"sample_size": "1000000000"}, "too_many_asked"),
    ],
)
def test_a_faulty_cell_that_can_be_missed_is_emptied_and_counted(change, code):
    raw = table(GOOD, source="s")
    raw = raw.with_columns(**{name: pl.lit(value) for name, value in change.items()})
    made = receive_polls(raw, CAMPAIGN)
    assert made.polls.height == 1
    assert made.faults == {code: 1}
    assert made.polls.item(0, next(iter(change))) is None


@pytest.mark.parametrize(
    ("column", "written", "read"),
    [
        ("yes", "41[b]", "41"), ("yes", "38,5", "38.5"), ("yes", "38½", "38.5"),
        ("yes", "44%", "44"), ("yes", " 44 % ", "44"), ("yes", "44.0", "44.0"),
        ("undecided", "–", None),
        ("undecided", "N/A", None), ("sample_size", "1,512", 1512), ("sample_size", "1 006", 1006),
        ("sample_size", "~2000", 2000), ("sample_size", "c. 2,000[c]", 2000),
        ("sample_size", "1200.0", 1200), ("sample_size", "about 1000", 1000),
        ("sample_size", "n/a", None), ("mode", "ONLINE", "online"), ("mode", "IVR", "ivr"),
        ("mode", "Phone", "telephone"), ("mode", "online/telephone", "mixed"),
        ("field_end", "1 May 2026", date(2026, 5, 1)), ("field_end", "1–may", date(2026, 5, 1)),
        ("field_end", "28 Apr – 1 May 2026", date(2026, 5, 1)),
        ("field_end", "Apr 28–30, 2026", date(2026, 4, 30)),
        ("field_end", "28–30 Apr", date(2026, 4, 30)), ("pollster", "House[a]", "House"),
        ("pollster", "House†", "House"),
    ],
)  # fmt: skip
def test_cells_are_read_as_people_write_them(column, written, read):
    raw = table(GOOD, source="s").with_columns(**{column: pl.lit(written)})
    made = receive_polls(raw, CAMPAIGN)
    assert set(made.faults) <= {"year_assumed"}
    assert made.polls.item(0, column) == read


def test_a_span_of_days_gives_the_first_day_too():
    raw = table(GOOD, source="s").with_columns(field_end=pl.lit("28 Apr–1 May 2026"))
    assert receive_polls(raw, CAMPAIGN).polls.item(0, "field_start") == date(2026, 4, 28)


def test_a_house_is_one_whatever_its_capitals_and_marks():
    names = ("Redbridge[a]", "Redbridge[b]", "RedBridge", "Redbridge ", "Redbridge†", "redbridge")
    raw = table(
        *((name, f"2026-05-0{n}", "41", "50") for n, name in enumerate(names, 1)), source="s"
    )
    made = receive_polls(raw, CAMPAIGN)
    assert made.polls["pollster"].unique().to_list() == ["Redbridge"]
    assert made.faults == {"spelt_otherwise": 2}


def test_sides_that_look_exchanged_and_waves_that_overlap_are_told():
    rows = [(name, f"2026-05-0{n}", "38", "54") for n, name in enumerate("ABCA", 1)]
    exchanged = table(*rows, ("A", "2026-05-06", "54", "38"), source="s")
    assert receive_polls(exchanged, CAMPAIGN).faults == {"swapped_with_others": 1}
    assert receive_polls(table(*rows, source="s"), CAMPAIGN).faults == {}
    waves = table(*(("T", f"2026-05-0{n}", "48", "42") for n in range(1, 8)), source="s")
    starts = pl.Series([f"2026-04-2{n}" for n in range(1, 8)])
    overlapping = receive_polls(waves.with_columns(field_start=starts), CAMPAIGN)
    assert overlapping.faults == {"overlapping_waves": 6}


FOUR = [("A", "03", "48", "42"), ("B", "10", "47", "43"), ("C", "17", "49", "41")]


@pytest.mark.parametrize(
    ("last", "used", "faults"),
    [
        ({}, 4, {}),
        ({"yes": "8", "no": "2", "undecided": "5"}, 3, {"far_under_100": 1}),
        ({"yes": ".46", "no": ".44", "undecided": ".10"}, 3, {"a_fraction": 1}),
        ({"field_start": "1926-01-22", "field_end": "1926-01-24"}, 3, {"long_ago": 1}),
        ({"field_start": "2024-01-22"}, 3, {"long_field": 1}),
        ({"sample_size": "1000000000"}, 4, {"too_many_asked": 1}),
        ({"yes": "nan"}, 3, {"share_missing": 1}),
        ({"yes": "inf"}, 3, {"not_a_share": 1}),
        ({"yes": "-inf"}, 3, {"not_a_share": 1}),
        ({"yes": "46,0", "no": "44,0"}, 4, {}),
        ({"yes": "49 %", "no": "41 %"}, 4, {}),
        ({"yes": "0", "no": "0", "undecided": "100"}, 3, {"no_side_taken": 1}),
        ({"yes": "100", "no": "0", "undecided": "0"}, 3, {"no_side_taken": 1}),
        ({"undecided": None}, 4, {}),
    ],
)
def test_of_four_polls_the_spoilt_one_alone_is_set_aside_or_emptied(last, used, faults):
    rows = [*FOUR, ("A", "24", "46", "44")]
    names = ("pollster", "field_end", "yes", "no")
    polls = [
        dict(zip(names, (house, f"2026-01-{day}", *shares), strict=True))
        | {"undecided": "10", "sample_size": "1000", "mode": "online", "source": "s"}
        | {"field_start": f"2026-01-{int(day) - 2:02}"}
        for house, day, *shares in rows
    ]
    polls[-1] |= last
    made = receive_polls(pl.DataFrame(polls), Campaign("r", date(2026, 3, 1)))
    assert (made.polls.height, made.faults) == (used, faults)


@pytest.mark.parametrize("undecided", ["0", None])
def test_of_fractions_alone_nothing_is_used(undecided):
    rows = table(*((name, f"2026-01-0{n}", "0.62", "0.38") for n, name in enumerate("ABCA", 1)))
    raw = rows.with_columns(undecided=pl.lit(undecided), source=pl.lit("s"))
    made = receive_polls(raw, Campaign("r", date(2026, 3, 1)))
    assert (made.polls.height, made.faults) == (0, {"a_fraction": 4})


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
        ("uk_eu_2016", 126, 124, {"on_or_after_vote": 1, "overlapping_waves": 4}),
        ("scotland_2014", 96, 96, {"overlapping_waves": 3}),
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
