"""People who wrote otherwise than the list has it, as other programs were reported to miss them."""

import pytest
from test_matching import electors, lines, outcome, outcomes

from referendum.matching import match_lines

HOME = {"street_number": "45", "street": "Oak St", "postal_code": "97206"}


@pytest.mark.parametrize(
    "written", ["OBRIEN", "Obrien", "O Brien", "O’Brien", "OʼBrien", "O`Brien"]
)
def test_an_apostrophe_is_written_in_any_way(written):
    assert outcome({"surname": written}, {"surname": "O'Brien"}) == "listed"


@pytest.mark.parametrize(("one", "other"), [("Zach", "Zachary"), ("Zack", "Zachary")])
def test_a_short_form_is_found_by_the_whole_name_and_the_other_way_round(one, other):
    for written, listed in ((one, other), (other, one)):
        assert outcome({"given_names": written}, {"given_names": listed}) == "listed"


@pytest.mark.parametrize(
    ("written", "listed"),
    [
        ("Oak Street SE", "Oak Street Southeast"), ("Oak St Southeast", "Oak Street SE"),
        ("SE Oak St", "Southeast Oak Street"), ("Oak Street SE Apt. 5", "Oak Street SE"),
        ("Oak Street SE #709", "Oak Street SE"), ("Apt. 5, Oak St SE", "Oak Street SE"),
        ("12 Avenue", "12th Avenue"), ("12th Ave", "12 Avenue"),
    ],
)  # fmt: skip
def test_a_street_is_written_in_any_form(written, listed):
    assert outcome({"street": written}, {"street": listed}) == "listed"


@pytest.mark.parametrize(("written", "listed"), [("2134", "02134"), ("02134", "2134")])
def test_a_postal_code_that_lost_its_zeros_does_not_hide_a_person(written, listed):
    assert outcome({"postal_code": written}, {"postal_code": listed}) == "listed"


@pytest.mark.parametrize(
    ("written", "listed"),
    [
        (("Nguyen", "An"), ("An", "Nguyễn")),
        (("An", "Nguyễn Văn"), ("Văn An", "Nguyễn")),
        (("Andre", "Muller"), ("André", "Müller")),
        (("Ada", "DesRosiers"), ("Ada", "Des Rosiers")),
        (("Ada", "MacDonald"), ("Ada", "Mac Donald")),
        (("Ada", "St. Pierre"), ("Ada", "Saint-Pierre")),
        (("Ada", "Saint Pierre"), ("Ada", "St-Pierre")),
        (("Ada", "Smith"), ("Ada", "Smith-Jones")),
        (("Ada", "O'Sullivan"), ("Ada", "Ó Súilleabháin")),
        (("Ada", "Null"), ("Ada", "Null")),
    ],
)
def test_a_name_is_written_in_any_form(written, listed):
    one, other = (dict(zip(("given_names", "surname"), n, strict=True)) for n in (written, listed))
    assert outcome(one, other) == "listed"


def test_father_and_son_of_different_suffixes_and_a_person_of_one_name():
    """`Martin III` is no repeat of `Martin`, whom the list has as `Martin Jr`."""
    jr = {**HOME, "given_names": "Robert", "surname": "Martin Jr"}
    one = {"given_names": None, "surname": "Suharto", "street_number": "23", "street": "Hill St"}
    signed = [{**jr, "surname": "Martin"}, {**jr, "surname": "Martin III"}, one]
    matches = match_lines(lines(*signed), electors(jr, one))
    assert outcomes(matches) == ["listed", "not_listed", "listed"]
    assert matches["elector_id"].to_list() == ["E0", None, "E1"]
    assert matches["repeat_of"].to_list() == [None] * 3


RELATIVES = [
    ("Jolenc", "Elizabeth Halima", "Walden", "Perron Park View Blvd SW"),
    ("Davidd", "Nora Christine", "Sun", "Marston Ridge View Close NW"),
    ("Bety", "Bryce Daniel", "Barry", "Toro Lane"),
    ("Susaan", "Evelyn", "Berger", "Ledoux Glen View Villas"),
    ("Sharor", "Nadine Lauren", "Parker", "Hendren Ridge Estates Common SE"),
]


def test_a_relative_who_is_not_listed_and_errs_is_not_the_elector_of_the_household():
    homes = [{"surname": surname, "street": street} for _, _, surname, street in RELATIVES]
    one, other = (
        [
            {**home, "given_names": names[place]}
            for home, names in zip(homes, RELATIVES, strict=True)
        ]
        for place in (0, 1)
    )
    matches = match_lines(lines(*one), electors(*other))
    assert set(outcomes(matches)) <= {"unsure", "not_listed"}
    assert matches["elector_id"].null_count() == 5


SECOND = [
    ("Squat", "Irving Scott", "Hoffmann", "E1"),
    ("D", "Dennis", "Garcia", None),  # it was Alyssa Denise, and may have been he
    ("L", "Cassandra Laura", "Maldonado", "E4"),
    ("J", "Kaden Jack", "Nauich", "E5"),
]


def test_a_signer_by_the_second_name_is_listed():
    others = [("Chasity Heather", "Hoffmann"), ("Alyssa Denise", "Garcia")]
    streets = {name: f"{name} View" for _, _, name, _ in SECOND}
    order = [others[0], SECOND[0][1:3], SECOND[1][1:3], others[1], SECOND[2][1:3], SECOND[3][1:3]]
    listed = [{"given_names": a, "surname": b, "street": streets[b]} for a, b in order]
    signed = [{"given_names": a, "surname": b, "street": streets[b]} for a, _, b, _ in SECOND]
    matches = match_lines(lines(*signed), electors(*listed))
    assert outcomes(matches) == ["listed"] * 4
    for found, (*_, number) in zip(matches["elector_id"], SECOND, strict=True):
        assert number in (found, None)


def test_a_misspelt_place_without_a_code_does_not_hide_the_door():
    street = {"street_number": "2336", "street": "Wacker Park Crest Cres NE"}
    signed = {"given_names": "Matthew", "surname": "im", "locality": "Catgary", **street}
    listed = {"given_names": "Matthew Arnold", "surname": "Kim", "locality": "Calgary", **street}
    assert outcome({**signed, "postal_code": None}, listed) == "listed"


def test_the_initial_of_one_of_a_couple_leads_to_the_one():
    """Neither the wife, who has another initial, nor nobody."""
    couple = [{"given_names": "Chasity Heather"}, {"given_names": "Irving Scott"}]
    matches = match_lines(lines({"given_names": "Squat"}, {"given_names": "C"}), electors(*couple))
    assert matches["elector_id"].to_list() == ["E1", "E0"]
