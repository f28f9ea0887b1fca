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


SCRIPTS = [
    ("小明", "王", "12", "中山路", "臺北市", "100"),
    ("美玲", "陳", "14", "中山路", "臺北市", "100"),
    ("Иван", "Петров", "3", "Ленина", "Тверь", "170000"),
    ("Ελένη", "Παπαδοπούλου", "5", "Ερμού", "Αθήνα", "10563"),
    ("محمد", "الأحمد", "7", "شارع النيل", "القاهرة", "11511"),
    ("သန်း", "မောင်", "9", "လမ်း", "ရန်ကုန်", "11181"),
    ("민수", "김", "11", "세종대로", "서울", "04524"),
    ("अनिल", "शर्मा", "13", "गांधी मार्ग", "दिल्ली", "110001"),
]
WRITTEN = [
    ("小明", "王", "12", "中山路", "台北市", "100"),
    ("美玲", "陳", "１４", "中山路", "臺北市", "１００"),
    ("ИВАН", "ПЕТРОВ", "3", "Ленина", "Тверь", "170000"),
    ("Ελενη", "ΠΑΠΑΔΟΠΟΥΛΟΥ", "5", "ΕΡΜΟΥ", "Αθηνα", "10563"),
    ("محمد", "الاحمد", "٧", "شارع النيل", "القاهرة", "11511"),
    *SCRIPTS[5:],
    ("小明", "王", "12", "中山路", "台北市", None),
    ("大華", "李", "99", "中山路", "臺北市", "100"),
    ("Мария", "Сидорова", "44", "ул. Мира", "Тверь", "170000"),
]
COLUMNS = ("given_names", "surname", "street_number", "street", "locality", "postal_code")


def test_names_of_every_script_are_found_as_people_write_them():
    listed, signed = (
        [dict(zip(COLUMNS, row, strict=True)) for row in rows] for rows in (SCRIPTS, WRITTEN)
    )
    matches = match_lines(lines(*signed), electors(*listed))
    assert matches["elector_id"].to_list()[:8] == [f"E{n}" for n in range(8)]
    assert outcomes(matches) == ["listed"] * 8 + ["repeat", "not_listed", "not_listed"]


def test_a_third_name_at_a_door_repeats_whoever_signed_and_a_person_listed_twice_signs_once():
    home = {"street_number": "3", "street": "Lake St", "locality": "Ardale"}
    twins = [{"given_names": name, "surname": "Varn", **home} for name in ("Teo", "Tea")]
    twice = [{"given_names": "Livia", "surname": "Morke", **home, "street": "Elm St"}] * 2
    third = {**twins[0], "given_names": "Te"}
    matches = match_lines(lines(twice[0], third, *twins), electors(*twice, *twins))
    assert outcomes(matches) == ["listed", "repeat", "listed", "listed"]
    assert matches["elector_id"].to_list() == [None, None, "E2", "E3"]
