"""Returns that add up and results under the vote rule."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referendum.core.errors import InputError
from referendum.core.tables import check_table
from referendum.count import (
    ELECTORS_BY_DISTRICT,
    ELECTORS_BY_PLACE,
    FORMATS,
    Entry,
    count_result,
    reconcile_forms,
    to_electors,
    to_forms,
)
from referendum.law import version_on

EXAMPLES = Path(__file__).parents[2] / "examples"
VOTES = sorted(path.parent for path in EXAMPLES.glob("*/case.json"))
RULE = version_on("au/constitution-s128", date(2023, 10, 14)).vote
NO_ELECTORS = pl.DataFrame(schema=ELECTORS_BY_DISTRICT.schema)
STATES = RULE.regions.value

rows = st.lists(
    st.tuples(st.sampled_from([*STATES, "ACT"]), *[st.integers(0, 500)] * 3),
    min_size=1,
    max_size=40,
)


def returns(rows):
    return pl.DataFrame(
        [
            {
                "question": "1",
                "kind": "all",
                "region": region,
                "district": f"{region} {number % 3}",
                "place": str(number),
                "yes": yes,
                "no": no,
                "informal": informal,
                "total": yes + no + informal,
            }
            for number, (region, yes, no, informal) in enumerate(rows)
        ]
    )


@pytest.mark.parametrize("folder", VOTES, ids=lambda path: path.name)
def test_a_real_vote_comes_out_to_the_vote(folder):
    case = json.loads((folder / "case.json").read_text())
    expected = json.loads((folder / "expected.json").read_text())
    columns = FORMATS[case["format"]]
    raw = pl.read_csv(folder / case["returns"], infer_schema=False)
    reconciled = reconcile_forms(Entry(to_forms(columns, raw)))
    electors = pl.read_csv(folder / case["electors"], infer_schema=False)
    table = ELECTORS_BY_PLACE if columns.electors_by == "place" else ELECTORS_BY_DISTRICT
    electors = check_table(table, to_electors(columns, electors)).rows
    electors = electors.with_columns(question=pl.lit("*"))
    rule = version_on(case["statute"], date.fromisoformat(case["on"])).vote
    result = count_result(reconciled.returns, electors, rule)
    codes = reconciled.set_aside.group_by("code").len()
    found = {
        **result.totals,
        "places": reconciled.returns.height,
        "set_aside": dict(codes.iter_rows()),
        "warnings": dict(reconciled.warnings.group_by("code").len().iter_rows()),
        "regions_carried": result.regions.filter("carried").get_column("region").to_list(),
        "conditions": {one.name: [one.need, one.have] for one in result.conditions},
        "carried": result.carried,
    }
    assert found == expected


@given(rows)
def test_regions_and_districts_add_up_to_the_whole(drawn):
    result = count_result(returns(drawn), NO_ELECTORS, RULE)
    for name in ("yes", "no", "formal", "informal", "total"):
        assert result.regions.get_column(name).sum() == result.totals[name]
        assert result.districts.get_column(name).sum() == result.totals[name]


@settings(max_examples=30)
@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_the_returns_does_not_matter(drawn, chance):
    frame = returns(drawn)
    order = list(range(frame.height))
    chance.shuffle(order)
    one, other = (reconcile_forms(Entry(f.cast(pl.String))).returns for f in (frame, frame[order]))
    assert one.equals(other)


@settings(max_examples=40)
@given(rows, st.data())
def test_a_return_with_one_number_altered_is_set_aside(drawn, data):
    frame = returns(drawn).cast(pl.String)
    row = data.draw(st.integers(0, frame.height - 1))
    column = data.draw(st.sampled_from(["yes", "no", "informal", "total"]))
    value = data.draw(st.sampled_from(["", " -   ", "-1", "1.5", "9999"]))
    altered = frame.with_row_index().with_columns(
        pl.when(pl.col("index") == row).then(pl.lit(value)).otherwise(pl.col(column)).alias(column)
    )
    reconciled = reconcile_forms(Entry(altered.drop("index")))
    assert reconciled.set_aside.get_column("row").to_list() == [row + 1]
    assert reconciled.returns.height == frame.height - 1


def test_each_fault_has_its_code_and_the_value_that_stood_there():
    frame = returns([("NSW", 1, 2, 3)] * 5).cast(pl.String)
    frame = frame.with_columns(
        yes=pl.Series(["1", None, "many", "1", "1"]),
        total=pl.Series(["6", "6", "6", "7", "6"]),
        place=pl.Series(["0", "1", "2", "3", "0"]),
        district=pl.Series(["A"] * 5),
    )
    told = reconcile_forms(Entry(frame)).set_aside.select("row", "column", "code", "value").rows()
    assert told == [
        (2, "yes", "missing", None),
        (3, "yes", "not_a_number", "many"),
        (4, "total", "does_not_add_up", "yes 1, no 2, informal 3, total 7"),
        (5, "place", "repeated", "0"),
    ]


@pytest.mark.parametrize(
    ("yes", "no", "carried"), [(50, 50, False), (51, 50, True), (50, 51, False), (0, 0, False)]
)
def test_exactly_half_is_not_a_majority(yes, no, carried):
    result = count_result(returns([(state, yes, no, 7) for state in STATES]), NO_ELECTORS, RULE)
    assert result.carried is carried


@pytest.mark.parametrize(("states", "carried"), [(3, False), (4, True)])
def test_a_national_majority_needs_four_of_six_states_too(states, carried):
    rows = [(s, 900 if n < states else 0, 1 if n < states else 2) for n, s in enumerate(STATES)]
    result = count_result(returns([(s, y, n, 0) for s, y, n in rows]), NO_ELECTORS, RULE)
    assert result.conditions[0].met
    assert result.carried is carried


def test_a_territory_counts_in_the_nation_and_not_among_the_states():
    rows = [(state, 60, 40, 0) for state in STATES[:3]] + [(s, 40, 60, 0) for s in STATES[3:]]
    result = count_result(returns([*rows, ("ACT", 100, 0, 0)]), NO_ELECTORS, RULE)
    assert [one.met for one in result.conditions] == [True, False]


def test_districts_as_close_as_the_statute_names_are_counted_again():
    alberta = version_on("ca-ab/citizen-initiative-act", date(2026, 5, 1)).vote
    frame = returns([("A", 600, 500, 0), ("B", 500, 601, 0), ("C", 7, 7, 0)])
    result = count_result(frame, NO_ELECTORS, alberta)
    assert result.districts.select("region", "recount").rows() == [
        ("A", True), ("B", False), ("C", True)
    ]  # fmt: skip
    assert result.recounts == 2
    assert count_result(frame, NO_ELECTORS, RULE).recounts is None


def test_a_tie_is_named_and_does_not_carry():
    result = count_result(returns([(state, 50, 50, 1) for state in STATES]), NO_ELECTORS, RULE)
    assert (result.is_tie, result.carried) == (True, False)


def test_turnout_is_exact_and_unknown_without_electors_of_every_district():
    frame = returns([(state, 1, 1, 1) for state in STATES])
    districts = frame.select("region", "district").with_columns(question=pl.lit("*"), electors=9)
    electors = districts.select(NO_ELECTORS.columns)
    assert count_result(frame, electors, RULE).turnout == "1/3"
    assert count_result(frame, electors[1:], RULE).turnout is None
    assert count_result(frame, NO_ELECTORS, RULE).turnout is None


def test_a_missing_column_of_a_format_is_named():
    with pytest.raises(InputError, match="YesVotes"):
        to_forms(FORMATS["aec-referendum"], pl.DataFrame({"StateAb": []}))
