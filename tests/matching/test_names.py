"""People of one name, suffixes, words for nothing legible, second names."""

import polars as pl
import pytest
from test_matching import ADA, electors, lines, outcome, outcomes

from referendum.matching import match_lines

SUHARTO = {"given_names": None, "surname": "Suharto"}


@pytest.mark.parametrize("listed", [SUHARTO, {"given_names": "Suharto", "surname": None}])
@pytest.mark.parametrize(
    "written",
    [SUHARTO, {"given_names": "Suharto", "surname": None}, {**SUHARTO, "given_names": "-"}],
)
def test_a_person_of_one_name_is_found_by_it_in_either_column(written, listed):
    others = [{"given_names": name, "surname": "Suharto"} for name in ("Budi", "Ani")]
    matches = match_lines(lines(written), electors(listed, *others))
    assert matches.select("elector_id", "outcome").row(0) == ("E0", "listed")


def test_whoever_has_two_names_is_not_taken_for_the_person_of_one():
    matches = match_lines(
        lines({**SUHARTO, "given_names": "Budi"}, SUHARTO),
        electors(SUHARTO, {**SUHARTO, "given_names": "Budi"}),
    )
    assert matches["elector_id"].to_list() == ["E1", "E0"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Jr", "III"), ("II", "III"), ("Sr.", "Jr."), ("père", "fils"), (", Jr", ", 3rd")],
)
@pytest.mark.parametrize("column", ["given_names", "surname"])
def test_two_different_suffixes_are_two_people(column, one, other):
    written, listed = ({column: f"{ADA[column]} {suffix}"} for suffix in (one, other))
    assert outcome(written, listed) == "not_listed"
    assert outcome(listed, listed) == "listed"


@pytest.mark.parametrize("suffix", ["Jr", "Jr.", "III", "fils", "Junior"])
def test_a_suffix_on_one_side_says_little(suffix):
    with_suffix = {"surname": f"Cardinal {suffix}"}
    assert outcome({}, with_suffix) == "listed"
    assert outcome(with_suffix, {}) == "listed"


def test_a_suffix_tells_which_of_two_signed():
    father, son = {"surname": "Cardinal"}, {"given_names": "Ada Marie, Jr."}
    matches = match_lines(lines({"surname": "Cardinal Jr"}, {}), electors(father, son))
    assert matches["elector_id"].to_list()[0] == "E1"
    assert outcomes(matches) == ["listed", "listed"]


@pytest.mark.parametrize(
    "written",
    [
        {"given_names": "?"},
        {"given_names": "illegible"},
        {"surname": "[illegible]"},
        {"surname": "unleserlich"},
        {"given_names": "N/A", "surname": "N/A"},
        {"given_names": "Null", "surname": "Null"},
        {"given_names": "*", "surname": "*"},
        {"given_names": None, "surname": None, "phone": "4035550001"},
    ],
    ids=str,
)
def test_a_name_that_cannot_be_read_leads_to_nobody(written):
    protected = {"given_names": "*", "surname": "*"}
    null = {"given_names": "Null", "surname": "Null"}
    listed = electors({"phone": "4035550001"}, protected, null)
    match = match_lines(lines(written), listed).row(0, named=True)
    assert (match["outcome"], match["elector_id"], match["listed"]) == ("not_listed", None, 0)


@pytest.mark.parametrize("surname", ["Null", "Blank", "None", "Nan", "True", "X"])
def test_a_surname_that_is_also_a_word_for_nothing_is_a_name(surname):
    assert outcome({"surname": surname}, {"surname": surname}) == "listed"


def test_a_signer_is_not_taken_for_a_protected_elector_at_the_address():
    protected = electors({"given_names": "*", "surname": "*"})
    assert match_lines(lines({}), protected)["elector_id"].to_list() == [None]


@pytest.mark.parametrize(
    ("written", "listed"),
    [("L", "Cassandra Laura"), ("Squat", "Irving Scott"), ("Beth", "Ada Elizabeth")],
)
def test_a_second_name_is_known_by_its_initial_short_form_or_nearly(written, listed):
    assert outcome({"given_names": written}, {"given_names": listed}) == "listed"


def test_a_misspelt_name_of_somebody_else_at_home_is_not_the_elector():
    letters, names = "abcdefghijklmnopqrst", ["Bryce", "Nora", "Evelyn", "Nadine", "Elizabeth"]
    homes = [
        {"surname": f"Cardinal{letters[n % 20]}{letters[n // 20]}", "street_number": str(n)}
        for n in range(400)
    ]
    listed = [{**home, "given_names": names[n % 5]} for n, home in enumerate(homes)]
    relatives = [{**home, "given_names": names[n % 5 - 1]} for n, home in enumerate(homes[5:20])]
    misspelt = [
        {**home, "given_names": name}
        for home, name in zip(
            homes, ["Jolenc", "Davidd", "Susaan", "Sharor", "Wiliam"], strict=False
        )
    ]
    matches = match_lines(lines(*listed[20:], *relatives, *misspelt), electors(*listed))
    assert outcomes(matches) == ["listed"] * 380 + ["not_listed"] * 15 + ["unsure"] * 5


def test_a_misspelt_place_does_not_hide_an_address():
    written = {"surname": "Cardina", "locality": "Catgary", "postal_code": None}
    assert outcome(written, {"locality": "Calgary"}) == "listed"


@pytest.mark.parametrize(
    ("written", "listed"),
    [
        ("Maple Crs NW", "Maple Crescent NW"), ("Maple Tce", "Maple Terrace"),
        ("Maple Trl", "Maple Trail"), ("Maple Hts", "Maple Heights"),
        ("Maple Gdns", "Maple Gardens"), ("Maple Cm", "Maple Common"),
        ("Maple Crt", "Maple Court"), ("Maple Str", "Maple Street"),
    ],
)  # fmt: skip
def test_streets_are_one_however_their_type_is_shortened(written, listed):
    match = match_lines(lines({"street": written}), electors({"street": listed}))
    plain = match_lines(lines({"street": listed}), electors({"street": listed}))
    assert match.equals(plain)
    assert pl.Series(outcomes(match)).to_list() == ["listed"]
