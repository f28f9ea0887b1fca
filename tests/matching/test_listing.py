"""The day, the district and the address: outcomes of their own under a law."""

from datetime import date

import polars as pl
import pytest
from click.testing import CliRunner

from referendum.cli.main import cli
from referendum.core.errors import InputError, LawError
from referendum.core.schemas import ELECTORS, LINES
from referendum.flows.matching.files import StatuteChoice, match_files
from referendum.matching import ListingRule, apply_listing_rule, match_lines

PERSON = {"street": "Maple Street NW", "locality": "Calgary", "postal_code": "T2P1A1"}
NAMES = [("Aaliyah", "Wozniak"), ("Bogdan", "Petrenko"), ("Chiara", "Lafontaine"),
         ("Dmitri", "Arsenault"), ("Esperanza", "Quispe"), ("Fionn", "Gallagher")]  # fmt: skip
NEW = date(2026, 3, 1)


def people(schema, **columns):
    rows = [
        {**PERSON, "given_names": given, "surname": surname, "street_number": str(10 + 2 * n),
         "district": "North", **{name: values[n] for name, values in columns.items()}}
        for n, (given, surname) in enumerate(NAMES)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=schema)


ELECTORS_NOW = people(
    ELECTORS.schema,
    elector_id=[f"E{n}" for n in range(6)],
    listed_from=[None, date(2020, 1, 1), NEW, None, None, None],
    listed_to=[None, None, None, date(2026, 1, 31), None, None],
    phone=[f"403555000{n}" for n in range(6)],
)
LINES_NOW = people(
    {"serial": pl.Int64, **LINES.schema},
    serial=list(range(1, 7)),
    line_id=[f"L{n}" for n in range(6)],
    signed_on=[date(2026, 2, 10)] * 6,
    phone=[f"403555000{n}" for n in range(6)],
).with_columns(
    district=pl.Series(["North", "North", "North", "North", "South", "North"]),
    street=pl.Series([*["Maple Street NW"] * 5, "RR 2 Site 7"]),
    postal_code=pl.Series([*["T2P1A1"] * 5, "T0B9Z9"]),
    locality=pl.Series([*["Calgary"] * 5, "Iron Butte"]),
)


def standings(rule):
    matches = match_lines(LINES_NOW, ELECTORS_NOW)
    return apply_listing_rule(matches, LINES_NOW, ELECTORS_NOW, rule)["outcome"].to_list()


def test_the_day_of_signing_the_district_and_the_address_give_outcomes_of_their_own():
    assert standings(ListingRule(pl.col("signed_on"), own_district=True)) == [
        "listed", "listed", "listed_later", "no_longer_listed", "wrong_district", "moved",
    ]  # fmt: skip


def test_on_another_day_others_are_listed():
    assert standings(ListingRule(pl.lit(NEW), own_district=False)) == [
        "listed", "listed", "listed", "no_longer_listed", "listed", "moved",
    ]  # fmt: skip
    assert standings(ListingRule(pl.lit(date(2019, 12, 31)), own_district=False))[:2] == [
        "listed", "listed_later",
    ]  # fmt: skip


@pytest.fixture
def files(tmp_path):
    lines, electors = tmp_path / "lines.csv", tmp_path / "electors.csv"
    LINES_NOW.drop("serial").write_csv(lines)
    ELECTORS_NOW.write_csv(electors)
    return lines, electors, tmp_path / "out.csv"


def test_an_act_says_which_day_counts(files):
    days = {"delivery": NEW}
    done = match_files(*files, statute=StatuteChoice("nz/citizens-initiated-referenda-act", days))
    assert done.outcomes == {"listed": 4, "moved": 1, "no_longer_listed": 1}


def test_a_day_that_is_asked_for_must_be_given(files):
    asked = StatuteChoice("nz/citizens-initiated-referenda-act", {})
    with pytest.raises(InputError, match="day of delivery"):
        match_files(*files, statute=asked)


def test_an_act_that_does_not_say_is_refused_unless_the_day_is_said(files):
    with pytest.raises(LawError, match="does not say"):
        match_files(*files, statute=StatuteChoice("ca-ab/citizen-initiative-act", {}))
    asked = StatuteChoice("ca-ab/citizen-initiative-act", {}, as_of="signing")
    assert match_files(*files, statute=asked).outcomes["listed_later"] == 1


def test_days_without_a_law_are_refused(files):
    lines, electors, out = map(str, files)
    options = ["--lines", lines, "--electors", electors, "--out", out, "--as-of", "signing"]
    assert CliRunner().invoke(cli, ["match", *options]).exit_code == 2


def test_where_the_law_keeps_none_every_line_of_a_repeated_signer_repeats():
    twice = pl.concat(
        [
            LINES_NOW[:2],
            LINES_NOW[:1].with_columns(serial=pl.lit(3, pl.Int64), line_id=pl.lit("L9")),
        ]
    )
    kept = match_lines(twice, ELECTORS_NOW)
    none = match_lines(twice, ELECTORS_NOW, keep_none=True)
    assert kept["outcome"].to_list() == ["listed", "listed", "repeat"]
    assert none["outcome"].to_list() == ["repeat", "listed", "repeat"]
    assert none["repeat_of"].to_list() == [None, None, 1]
