"""Decoys: nobody, like an elector in all a reader sees, and never forgotten once handed out."""

from collections import Counter
from contextlib import contextmanager
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forger import Forger, check, csv_of, table
from referendum.core.errors import InputError
from referendum.core.schemas import ELECTORS
from referendum.flows.derivations import DERIVATIONS
from referendum.flows.matching.match import match
from referendum.flows.matching.review import explain_record
from referendum.flows.petition.gates import pass_gates
from referendum.flows.petition.issue import Issue, issue_petition
from referendum.flows.petition.receiving import receive_petition
from referendum.flows.roll.copies import COLUMNS, hand_out_copy, raise_alarm
from referendum.flows.roll.seal import seal_roll
from referendum.publish import publish
from referendum.record.log import new_signer
from referendum.record.opening import Opening, open_record, statute_on
from referendum.record.replay import replay
from referendum.record.stamps import Stamp
from referendum.record.writing import RecordWriter
from referendum.roll import has_gaps, make_decoys, put_together
from referendum.roll.homes import ADDRESS
from referendum.verify import verify

FIRST = date(2026, 1, 3)
PARTIES = ("the proponent", "the opponent")


@pytest.fixture(scope="module")
def whole(made_up_files):
    return pl.read_parquet(made_up_files.electors).sort("elector_id")


@pytest.fixture(scope="module")
def electors(whole):
    """A list from which households and electors were taken: houses and numbers are free."""
    rng = np.random.default_rng(1)
    homes = whole.select(pl.struct(ADDRESS).rank("dense")).to_series().to_numpy()
    stay = rng.random(homes.max() + 1) > 0.12
    return whole.filter(pl.Series(stay[homes] & (rng.random(whole.height) > 0.05)))


@pytest.fixture(scope="module")
def decoys(electors):
    return make_decoys(electors, electors.clear(), 120, seed=7)


def test_no_decoy_is_anyone_on_the_list_or_another_decoy(electors, decoys):
    further = make_decoys(electors, decoys.drop("after"), 60, seed=8)
    both = pl.concat([decoys, further])
    assert both.height == 180
    for what in (["elector_id"], ["given_names", "surname", "locality"]):
        assert both.join(electors, on=what, how="semi", nulls_equal=True).is_empty()
        assert both.select(what).is_unique().all()


def test_one_seed_makes_the_same_decoys(electors, decoys):
    assert decoys.equals(make_decoys(electors, electors.clear(), 120, seed=7))


def test_decoys_take_numbers_from_gaps_as_wide_as_those_of_electors(electors, decoys):
    assert decoys["after"].null_count() == decoys.height
    copy = put_together(electors, decoys)
    assert copy["elector_id"].is_sorted()
    number = copy["elector_id"].str.slice(1).cast(pl.Int64)
    widths = copy.select("elector_id", width=number.shift(-1) - number.shift(1)).drop_nulls()
    mine = widths["elector_id"].is_in(decoys["elector_id"].implode())
    usual, those = (
        (widths.filter(one)["width"] == 2).mean() for one in (~mine, mine)
    )  # fmt: skip
    assert abs(usual - those) < 0.15
    assert widths.filter(mine)["width"].max() <= widths.filter(~mine)["width"].max()


def test_decoys_live_as_electors_do(electors, decoys):
    copy = put_together(electors, decoys)
    mine = copy["elector_id"].is_in(decoys["elector_id"].implode())
    homes = copy.with_columns(
        size=pl.len().over(ADDRESS), family=pl.len().over(*ADDRESS, "surname"),
        alike=pl.len().over("phone"),
    )  # fmt: skip
    for what in (
        pl.col("size") == 1, pl.col("size") == 2, pl.col("size") > 3, pl.col("family") > 1,
        pl.col("phone").is_null(), pl.col("unit").is_null(), pl.col("street_number").is_null(),
        pl.len().over("surname") == 1, pl.col("given_names").str.contains(" "),
        (pl.len().over("phone") > 1) & pl.col("phone").is_not_null(),
        pl.len().over("given_names") == 1, pl.len().over("listed_from") == 1,
    ):  # fmt: skip
        usual, those = (homes.with_columns(x=what).filter(one)["x"].mean() for one in (~mine, mine))
        assert abs(usual - those) < 0.15, what
    # Nobody lives where the street, its postal code or its run of numbers has no house.
    for within in (["street", "locality", "postal_code", "district"],):
        assert decoys.join(electors, on=within, how="anti", nulls_equal=True).is_empty()
    runs = electors.select("street", "postal_code", n=pl.col("street_number").cast(pl.Int64))
    runs = runs.group_by("street", "postal_code").agg(low=pl.min("n"), high=pl.max("n"))
    numbers = decoys.with_columns(n=pl.col("street_number").cast(pl.Int64)).drop_nulls("n")
    inside = numbers.join(runs, on=["street", "postal_code"])
    assert (inside["n"] >= inside["low"]).all()
    assert (inside["n"] > inside["high"]).sum() <= 3


def test_the_filters_that_once_found_all_decoys_find_none_for_sure(whole, electors):
    """No number, no empty telephone, no lonely address: in a list without gaps too."""
    for people in (whole, electors):
        made = make_decoys(people, people.clear(), 20, seed=3)
        copy = put_together(people, made)
        bare = (
            pl.col("unit").is_null() & pl.col("phone").is_null() & (pl.len().over(ADDRESS) == 1)
        )  # fmt: skip
        found = copy.filter(bare)
        assert found.join(made, on="elector_id", how="semi").height <= 4
        assert found.height > 40
        step = pl.col("street_number").cast(pl.Int64, strict=False) % 4
        faces = ["street", "locality", "postal_code"]
        parts = (
            copy.filter(pl.col("unit").is_null()).group_by(faces).agg(step.n_unique().alias("k"))
        )
        one = (
            people.filter(pl.col("unit").is_null()).group_by(faces).agg(step.n_unique().alias("k"))
        )
        assert sorted(parts["k"]) == sorted(one["k"])


def test_a_list_without_gaps_has_no_number_for_a_decoy_and_the_copy_gets_its_own(whole):
    assert not has_gaps(whole)
    made = make_decoys(whole, whole.clear(), 20, seed=3)
    assert made["after"].is_in(whole["elector_id"].implode()).all()
    copy = put_together(whole, made)
    places = copy.with_row_index().filter(pl.col("elector_id").str.starts_with("decoy "))["index"]
    assert copy.height == whole.height + 20
    assert places.diff().max() < copy.height / 2
    real = copy.join(made, on="elector_id", how="anti", maintain_order="left")
    assert real["elector_id"].is_sorted()


@pytest.fixture
def open_petition():
    @contextmanager
    def hold(folder, electors):
        signer = new_signer("tests.example/decoys")
        statute = statute_on("ca-ab/citizen-initiative-act", date(2026, 1, 2))
        open_record(folder, signer, Opening("T", "Q?", "petition", statute, True), Stamp())
        path = folder.parent / "electors.parquet"
        electors.write_parquet(path)
        with RecordWriter.hold(folder, lambda _: signer) as record:
            issue_petition(record, Issue("policy", FIRST, FIRST, base_value=1000), Stamp())
            seal_roll(record, path, "utf-8", Stamp())
            yield record

    return hold


def decoys_of(record, copy):
    """Give the decoys of a copy, from the latest sealed bundle."""
    held = record.inputs(("decoys",)).table("decoys", "decoys.parquet")
    return held.filter(pl.col("copy") == copy)


def with_lines_of(decoys, lines, folder):
    """Write the made-up lines with more, copied from decoys."""
    found = pl.read_parquet(lines)
    person = ("given_names", "surname", "unit", "street_number", "street", "locality")
    copied = found[: decoys.height].with_columns(
        *(decoys[name] for name in person),
        postal_code=decoys["postal_code"],
        phone=pl.lit(None, pl.String),
        birth_year=pl.lit(None, pl.Int64),
        birth_date=pl.lit(None, pl.Date),
        line_id=pl.Series([f"decoy-{n}" for n in range(decoys.height)]),
        line_no=pl.lit(99, pl.Int64),
    )
    out = folder / "lines.parquet"
    pl.concat([found, copied]).write_parquet(out)
    return out


def test_lines_made_from_a_copy_raise_the_alarm_through_every_correction(
    tmp_path, made_up_files, electors, open_petition
):
    folder = tmp_path / "petition"
    with open_petition(folder, electors) as record:
        copies = [tmp_path / "one.parquet", tmp_path / "two.csv"]
        for party, out in zip(PARTIES, copies, strict=True):
            hand_out_copy(record, party, 20, out, Stamp())
        with pytest.raises(InputError, match="something here already"):
            hand_out_copy(record, "anyone", 20, copies[0], Stamp())
        copy = pl.read_csv(copies[1], infer_schema=False)
        decoy = copy.join(electors, on="elector_id", how="anti")
        assert decoy.height == 20
        assert set(decoy["elector_id"]) == set(decoys_of(record, 2)["elector_id"])
        assert copy.columns == list(COLUMNS)
        assert copies[1].stat().st_mode & 0o777 == 0o600
        lines = with_lines_of(decoy[:12], made_up_files.lines, tmp_path)
        receive_petition(record, lines, made_up_files.sheets, None, "utf-8", Stamp())
        pass_gates(record, Stamp())
        matched = match(record, Stamp())
        alarm = raise_alarm(record, Stamp())
        assert alarm is not None
        assert 10 <= alarm.facts["lines"] <= 12
        assert alarm.facts["copies"].keys() == {"2"}
        assert alarm.facts["copies"]["2"] >= 1000
        assert matched.facts["standing"] == sum(
            matched.facts[name] for name in ("listed", "not_listed", "unsure", "repeats")
        )
        assert not [one for one in replay(record, DERIVATIONS) if one.differences]
        words = [one.words for one in explain_record(folder, ["decoy-0"])]
        assert any("2" in one.split("(decoy of copy ")[1].split(")")[0] for one in words)
        hold_the_alarm_to_its_lines(folder, decoy, tmp_path)
        # The list is put right: the copies are still with those who have them.
        electors[:-1].write_parquet(tmp_path / "right.parquet")
        again = Stamp(corrects=2, reason="one has died")
        seal_roll(record, tmp_path / "right.parquet", "utf-8", again)
        match(record, Stamp())
        later = raise_alarm(record, Stamp())
        assert later.facts["copies"].keys() == {"2"}
        third = hand_out_copy(record, "an observer", 20, tmp_path / "three.csv", Stamp())
        assert third.facts["copy"] == 3
        wrong = Stamp(corrects=third.number, reason="another observer")
        fourth = hand_out_copy(record, "an observer", 20, tmp_path / "four.csv", wrong)
        assert fourth.facts["copy"] == 4
        assert decoys_of(record, 1).height == decoys_of(record, 3).height == 20
    report = verify(str(folder))
    assert report.holds, report.failures


def hold_the_alarm_to_its_lines(folder, decoy, tmp_path):
    """See that what is published names no decoy, and that `verify` counts the lines."""
    publish([folder], tmp_path / "site")
    report = verify(str(tmp_path / "site" / "petition"))
    assert report.holds, report.failures
    files = (file for file in (tmp_path / "site").rglob("*") if file.is_file())
    site = b"".join(file.read_bytes() for file in files)
    assert PARTIES[1].encode() in site
    assert not [one for one in decoy["elector_id"] if one.encode() in site]
    forger = Forger(folder)
    alarmed = table(forger.files("alarm")["alarm.csv"])
    facts = forger.act("roll.alarm")["facts"]
    proof = facts["copies"]["2"]
    for copies, rows, holds in (
        ({"2": proof}, alarmed, True),
        ({}, alarmed, True),
        ({"3": proof}, alarmed, False),
        ({"02": proof}, alarmed, False),
        ({"2": 999}, alarmed, False),
        ({"2": proof}, alarmed[:-1], False),
    ):
        facts["copies"] = copies
        forger.files("alarm")["alarm.csv"] = csv_of(rows)
        told = check(forger.build(new_signer("tests.example/decoys")))
        assert told.holds == holds, (copies, len(rows))


def test_a_copy_has_numbers_of_its_own_where_the_list_has_no_gaps(tmp_path, whole, open_petition):
    with open_petition(tmp_path / "petition", whole) as record:
        with pytest.raises(InputError, match="few gaps or none"):
            hand_out_copy(record, "a party", 20, tmp_path / "no.csv", Stamp())
        assert not (tmp_path / "no.csv").exists()
        with pytest.raises(InputError, match="cannot hide"):
            hand_out_copy(record, "a party", 2000, tmp_path / "no.csv", Stamp(), renumber=True)
        with pytest.raises(InputError, match="no column 'shoe'"):
            hand_out_copy(record, "a party", 20, tmp_path / "no.csv", Stamp(), columns=["shoe"])
        for name, columns, renumber in (("a", COLUMNS, True), ("b", COLUMNS[1:], False)):
            out = tmp_path / f"{name}.csv"
            at = Stamp()
            hand_out_copy(record, name, 20, out, at, columns=columns, renumber=renumber)
            copy = pl.read_csv(out, infer_schema=False)
            assert copy.columns == list(columns)
            assert copy.height == whole.height + 20
        numbers = record.inputs_of(record.acts[-1]).table("decoys", "numbers.parquet")
        copy = pl.read_csv(tmp_path / "a.csv", infer_schema=False)
        assert copy["elector_id"].to_list() == [f"{n:04}" for n in range(1, copy.height + 1)]
        traced = copy.join(numbers, left_on="elector_id", right_on="number")
        traced = traced.join(
            decoys_of(record, 1), left_on="elector_id_right", right_on="elector_id"
        )
        assert (traced["surname"] == traced["surname_right"]).all()
        assert traced.height == 20
    assert verify(str(tmp_path / "petition")).holds


def test_a_copy_that_the_record_does_not_know_is_not_left_behind(
    tmp_path, electors, open_petition, monkeypatch
):
    with open_petition(tmp_path / "petition", electors) as record:
        monkeypatch.setattr(record.bundles.__class__, "put", full_disk)
        with pytest.raises(OSError, match="No space"):
            hand_out_copy(record, "the proponent", 10, tmp_path / "copy.csv", Stamp())
    assert not (tmp_path / "copy.csv").exists()


def full_disk(*_):
    raise OSError(28, "No space left on device")


def test_without_copies_there_is_no_alarm(petition, tmp_path):
    with petition.copy(tmp_path / "own").hold() as record:
        assert raise_alarm(record, Stamp()) is None


@settings(max_examples=6)
@given(st.integers(0, 10**6), st.sampled_from(["name", "street", "phone", "birth"]))
def test_any_list_gives_decoys_or_says_that_it_cannot(whole, seed, lacking):
    """Columns may be empty; no decoy has a value in a column in which nobody has."""
    empty = {
        "name": ["given_names"], "street": ["street", "street_number", "postal_code"],
        "phone": ["phone", "district", "unit"],
        "birth": ["birth_year", "birth_date", "listed_from"],
    }[lacking]  # fmt: skip
    bare = whole[:600].with_columns(
        pl.lit(None, ELECTORS.schema[name]).alias(name) for name in empty
    )
    made = make_decoys(bare, bare.clear(), 10, seed)
    assert made.height <= 10
    assert made.select(pl.col(empty).null_count()).row(0) == (made.height,) * len(empty)
    assert Counter(made["elector_id"]).total() == made["elector_id"].n_unique()
