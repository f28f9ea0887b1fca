"""Lines matched to electors and to each other."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referendum.core.schemas import ELECTORS, LINES
from referendum.matching import match_lines
from referendum.matching.blocking import FREQUENCY_CAP
from referendum.matching.standardise import fold_text

ADA = {
    "given_names": "Ada Marie",
    "surname": "Cardinal",
    "street_number": "12",
    "street": "Maple Street NW",
    "postal_code": "T2P1A1",
    "signed_on": date(2026, 2, 1),
}
ELSEWHERE = {"street_number": "900", "street": "RR 2 Site 3", "postal_code": "T0B1C2"}
LINE_SCHEMA = {"serial": pl.Int64, **LINES.schema}


def electors(*people):
    """Electors E0, E1, ... who are Ada but for what is said of them."""
    rows = [{"elector_id": f"E{n}", **ADA, **person} for n, person in enumerate(people)]
    return pl.DataFrame(rows, schema=ELECTORS.schema)


def lines(*people):
    """Lines 1, 2, ... by Ada but for what is said of them."""
    rows = [
        {"serial": n, "line_id": f"S-{n}", **ADA, **person} for n, person in enumerate(people, 1)
    ]
    return pl.DataFrame(rows, schema=LINE_SCHEMA)


def outcomes(matches):
    return matches["outcome"].to_list()


def outcome(line, elector):
    """Outcome of one line beside one elector, both Ada but for what is said."""
    return match_lines(lines(line), electors(elector)).row(0, named=True)["outcome"]


NAMES = ["Ann", "Anne", "Bill", "William", "José", "Jean-Paul", "J", "Marie Claire", "Li", "Joan"]
SURNAMES = ["Smith", "Smyth", "O'Brien", "Côté", "Cote-Smith", "Jones", "Li", "Joan"]
ADDRESSES = {
    "street_number": st.sampled_from(["1", "12", "12A"]),
    "street": st.sampled_from(["Main St", "Main Street", "1 Avenue NW", "11 Avenue NW"]),
    "postal_code": st.sampled_from(["T2P1A1", "T2P1A2", "T0B1C2"]),
}
PEOPLE = st.fixed_dictionaries(
    {
        "given_names": st.sampled_from(NAMES) | st.none(),
        "surname": st.sampled_from(SURNAMES) | st.none(),
        **{column: values | st.none() for column, values in ADDRESSES.items()},
        "phone": st.sampled_from([None, "4035550001", "4035550002"]),
        "signed_on": st.sampled_from([None, date(2026, 2, 1), date(2026, 2, 2)]),
    }
)
ELECTED = PEOPLE.filter(lambda person: person["given_names"] and person["surname"])
WHOLE = st.fixed_dictionaries(
    {
        "given_names": st.sampled_from(NAMES) | st.text("abcdeéñ'", min_size=3, max_size=8),
        "surname": st.sampled_from(SURNAMES) | st.text("abcdeéñ'", min_size=3, max_size=8),
        **ADDRESSES,
    }
).filter(lambda person: person["given_names"].strip("'") and person["surname"].strip("'"))


def identity(person):
    """What two people may not share, so that they can be told apart."""
    keys = pl.DataFrame(person).select(
        fold_text(pl.col("given_names")).str.replace("bill", "william"),
        fold_text(pl.col("surname")).str.replace_all(" ", ""),
        fold_text(pl.col("street")).str.replace("street", "st"),
        "street_number",
        "postal_code",
    )
    return keys.row(0)


@settings(max_examples=12)
@given(st.lists(PEOPLE, max_size=8), st.lists(ELECTED, max_size=8), st.randoms())
def test_the_order_of_lines_and_electors_changes_nothing(signers, listed, random):
    ours, theirs = lines(*signers), electors(*listed)
    line_order = random.sample(range(ours.height), ours.height)
    elector_order = random.sample(range(theirs.height), theirs.height)
    shuffled = match_lines(ours[line_order], theirs[elector_order])
    assert shuffled.equals(match_lines(ours, theirs))


@settings(max_examples=12)
@given(st.lists(WHOLE, min_size=1, max_size=8, unique_by=identity))
def test_an_exact_copy_of_each_elector_is_listed_with_that_elector(people):
    matches = match_lines(lines(*people), electors(*people))
    assert outcomes(matches) == ["listed"] * len(people)
    assert matches["elector_id"].to_list() == [f"E{n}" for n in range(len(people))]


@settings(max_examples=12)
@given(st.lists(PEOPLE, max_size=10), st.lists(ELECTED, max_size=4))
def test_no_elector_is_listed_twice_and_every_line_comes_out_once(signers, listed):
    matches = match_lines(lines(*signers), electors(*listed))
    assert matches["serial"].to_list() == list(range(1, len(signers) + 1))
    assert matches.filter(pl.col("outcome") == "listed")["elector_id"].is_unique().all()
    assert set(outcomes(matches)) <= {"listed", "not_listed", "unsure", "repeat"}


@settings(max_examples=12)
@given(st.lists(PEOPLE, max_size=10), st.lists(ELECTED, max_size=4))
def test_a_repeat_names_a_line_that_is_no_repeat(signers, listed):
    matches = match_lines(lines(*signers), electors(*listed))
    naming = matches.filter(pl.col("repeat_of").is_not_null())
    assert matches.filter(pl.col("outcome") == "repeat")["repeat_of"].null_count() == 0
    assert naming["outcome"].is_in(["repeat", "unsure"]).all()
    kept = matches.filter(pl.col("outcome") != "repeat")["serial"].to_list()
    assert naming["repeat_of"].is_in(kept).all()


def test_unsure_lines_of_one_person_stay_so_and_name_the_first():
    blank = dict.fromkeys(ADA)
    ann = {**blank, "given_names": "Ann", "surname": "Smith", "street_number": "1"}
    matches = match_lines(
        lines(
            {**ann, "surname": None, "street_number": None, "postal_code": "T2P1A1"},
            {**ann, "given_names": None, "postal_code": "T2P1A1"},
        ),
        electors({**ann, "postal_code": "T2P1A1"}),
    )
    assert outcomes(matches) == ["unsure", "unsure"]
    assert matches["repeat_of"].to_list() == [None, 1]


def test_another_member_of_the_household_is_not_listed():
    assert outcome({"given_names": "Gordon"}, {}) == "not_listed"


@pytest.mark.parametrize(
    ("written", "listed"),
    [
        ({"given_names": "Cardinal", "surname": "Ada"}, {"given_names": "Ada"}),
        ({"given_names": "Renee", "surname": "COTE"}, {"given_names": "Renée", "surname": "Côté"}),
        ({"surname": "OBrien"}, {"surname": "O'Brien"}),
        ({"surname": "O’Brien"}, {"surname": "O'Brien"}),
        ({"surname": "Smith Jones"}, {"surname": "Smith-Jones"}),
        ({"surname": "Jones"}, {"surname": "Smith-Jones"}),
        ({"surname": "Lukasz"}, {"surname": "Łukasz"}),
        ({"given_names": "A."}, {}),
        ({"given_names": "Ada"}, {}),
        ({"given_names": "Marie"}, {}),
        ({"given_names": "Bill"}, {"given_names": "William"}),
        ({"given_names": "William"}, {"given_names": "Bill"}),
        ({"surname": "Cardnial"}, {}),
        ({"postal_code": None, "street": "maple st. nw"}, {}),
        ({"street": None}, {}),
        ({**ELSEWHERE, "phone": "403-555-0001"}, {"phone": "4035550001"}),
    ],
    ids=lambda person: ", ".join(str(value) for value in person.values()) or "as listed",
)
def test_a_habit_of_writing_does_not_hide_a_person(written, listed):
    assert outcome(written, listed) == "listed"


def test_a_name_alone_that_several_bear_names_none_of_them():
    towns = [{"street_number": str(n), "postal_code": f"T3A{n}B1"} for n in range(5)]
    match = match_lines(lines(ELSEWHERE), electors(*towns)).row(0, named=True)
    assert match["elector_id"] is None
    assert match["probability"] <= 0.2
    assert match["second_best"] is not None


def test_a_near_given_name_at_the_address_is_less_sure_than_an_equal_one():
    near, equal = lines({"given_names": "Adam"}), lines({"given_names": "Alda"})
    listed = electors({"given_names": "Alda"})
    chances = [match_lines(line, listed)["probability"][0] for line in (near, equal)]
    assert chances[0] < chances[1]


def test_a_person_without_an_address_in_common_is_not_listed_for_a_surname():
    assert outcome({**ELSEWHERE, "given_names": "Gordon"}, {}) == "not_listed"


def test_father_and_son_of_one_name_at_one_address_are_a_tie_and_no_repeat():
    matches = match_lines(lines({}, {}), electors({}, {}))
    assert outcomes(matches) == ["listed", "listed"]
    assert matches["elector_id"].to_list() == [None, None]
    assert matches["margin"].to_list() == [0, 0]


def test_a_second_name_tells_father_and_son_apart():
    father, son = {"given_names": "John Paul"}, {"given_names": "John Peter"}
    matches = match_lines(lines(father, son, {"given_names": "John"}), electors(father, son))
    assert outcomes(matches) == ["listed", "listed", "repeat"]
    assert matches["elector_id"].to_list() == ["E0", "E1", None]


def test_an_exact_copy_goes_before_a_copy_all_but_exact():
    neighbours = electors({"street": "11 Avenue NW"}, {"street": "1 Avenue NW"})
    matches = match_lines(lines({"street": "1 Avenue NW"}), neighbours)
    assert matches["elector_id"].to_list() == ["E1"]


def test_postal_code_and_house_number_are_two_of_three_parts_of_an_address():
    assert outcome({"street": "Wholly Illegible"}, {}) == "listed"


def test_the_line_that_was_signed_first_is_kept():
    days = [date(2026, 3, 1), date(2026, 2, 1), None]
    matches = match_lines(lines(*({"signed_on": day} for day in days)), electors({}))
    assert outcomes(matches) == ["repeat", "listed", "repeat"]
    assert matches["repeat_of"].to_list() == [2, None, 2]
    assert matches["elector_id"].to_list() == ["E0"] * 3


def test_of_two_lines_of_one_day_the_smaller_serial_is_kept():
    assert outcomes(match_lines(lines({}, {}), electors({}))) == ["listed", "repeat"]


def test_a_person_who_is_not_listed_repeats_too():
    stranger = {"given_names": "Bill", "surname": "Okeke"}
    again = {**stranger, "given_names": "WILLIAM", "street": "Maple St NW", "postal_code": None}
    matches = match_lines(lines(stranger, again), electors(ELSEWHERE))
    assert outcomes(matches) == ["not_listed", "repeat"]
    assert matches["repeat_of"].to_list() == [None, 1]


def test_people_of_one_household_do_not_repeat_each_other():
    pair = lines({"given_names": "Bill"}, {"given_names": "Gordon"})
    assert outcomes(match_lines(pair, electors(ELSEWHERE))) == ["not_listed", "not_listed"]


def test_lines_without_a_name_or_a_street_do_not_repeat_each_other():
    nameless = [{"given_names": None}, {"surname": None}, {"street": None}]
    matches = match_lines(lines(*nameless, *nameless), electors())
    assert outcomes(matches) == ["not_listed"] * 6


def test_no_lines_give_no_matches():
    matches = match_lines(lines(), electors({}))
    assert matches.is_empty()
    assert matches.schema == match_lines(lines({}), electors({})).schema


def test_without_electors_nobody_is_listed():
    matches = match_lines(lines({}, ELSEWHERE), electors())
    assert outcomes(matches) == ["not_listed", "not_listed"]
    assert matches["listed"].to_list() == [0, 0]
    assert matches.schema == match_lines(lines({}), electors({})).schema


def test_a_blocking_key_that_too_many_share_is_capped():
    crowd = [{"given_names": f"Ann{n}"} for n in range(FREQUENCY_CAP + 3)]
    matches = match_lines(lines({"given_names": "Ann7"}, {"given_names": "Zoe"}), electors(*crowd))
    assert matches["elector_id"].to_list() == ["E7", None]
    assert outcomes(matches) == ["listed", "not_listed"]


def test_namesakes_at_the_same_number_and_street_of_two_towns_are_two_people():
    one = {"given_names": "Wanda", "surname": "Petrov", "street_number": "12", "street": "Main St"}
    towns = [{**one, "locality": "Bear Creek"}, {**one, "locality": "Elk Hill"}]
    assert outcomes(match_lines(lines(*towns), electors())) == ["not_listed", "not_listed"]
    again = match_lines(lines(towns[0], towns[0]), electors())
    assert outcomes(again) == ["not_listed", "repeat"]


HEARD = ("Anna", "Boris", "Carla", "David", "Ewald", "Flora", "Gustav", "Helga")
UNHEARD = ("Xaver", "Yusuf", "Zebulon", "Quentin", "Ottokar", "Ludmila", "Mortimer", "Winfried")


@pytest.mark.parametrize("wrong", [10, 40, 80])
def test_many_lines_of_other_given_names_do_not_teach_that_given_names_tell_nothing(wrong):
    people = [
        {
            "given_names": HEARD[n % 8],
            "surname": f"{'bcdfghkl'[n % 8]}o{'mnprst'[n % 6]}a{'vwzbd'[n // 24]}{'eiu'[n % 3]}k",
            "street_number": str(n),
        }
        for n in range(120)
    ]
    signers = [
        {**person, "given_names": UNHEARD[n % 8]} if n < wrong else person
        for n, person in enumerate(people[:80])
    ]
    found = outcomes(match_lines(lines(*signers), electors(*people)))
    assert set(found[:wrong]) <= {"unsure", "not_listed"}
    assert set(found[wrong:]) <= {"listed"}
