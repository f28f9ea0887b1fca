"""The roll in one form and one order."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from referendum.core.schemas import ELECTORS
from referendum.core.tables import check_table
from referendum.roll import normalise_electors

DECOMPOSED, COMPOSED = "Rene\u0301e", "Ren\u00e9e"


def electors(*rows):
    defaults = {"elector_id": "E1", "given_names": "Ada", "surname": "Cardinal"}
    return pl.DataFrame([{**defaults, **row} for row in rows], schema=ELECTORS.schema)


OPTIONAL = st.none() | st.text(max_size=12)
ROLLS = st.lists(
    st.fixed_dictionaries(
        {
            "elector_id": st.text(alphabet="0123456789E", min_size=1, max_size=4),
            "given_names": st.text(min_size=1, max_size=8),
            "surname": st.text(min_size=1, max_size=8),
            "postal_code": OPTIONAL,
            "phone": OPTIONAL,
        }
    ),
    max_size=10,
    unique_by=lambda row: row["elector_id"],
)


@given(ROLLS)
def test_normalising_twice_is_normalising_once(rows):
    once = normalise_electors(electors(*rows))
    assert normalise_electors(once).equals(once)


@given(ROLLS, st.randoms(use_true_random=False))
def test_the_order_in_which_the_list_came_does_not_show(rows, random):
    shuffled = random.sample(rows, len(rows))
    assert normalise_electors(electors(*shuffled)).equals(normalise_electors(electors(*rows)))


@given(ROLLS)
def test_nothing_is_lost(rows):
    normal = normalise_electors(electors(*rows))
    assert normal.schema == ELECTORS.schema
    assert normal["elector_id"].to_list() == sorted(row["elector_id"] for row in rows)


def test_postal_codes_telephones_and_accents_take_one_form():
    row = {"given_names": DECOMPOSED, "postal_code": "t2p 1a-1", "phone": "(403) 555-01 23"}
    normal = normalise_electors(electors(row)).row(0, named=True)
    assert normal["given_names"] == COMPOSED
    assert (normal["postal_code"], normal["phone"]) == ("T2P1A1", "4035550123")


def test_an_empty_list_stays_an_empty_list():
    assert normalise_electors(electors()).equals(electors())


def test_a_person_of_one_name_stays_on_the_list_and_a_row_without_any_does_not():
    names = [("Suharto", None), (None, "Widodo"), ("", " ")]
    rows = [
        {"elector_id": f"E{n}", "surname": surname, "given_names": given_name}
        for n, (surname, given_name) in enumerate(names)
    ]
    checked = check_table(ELECTORS, pl.DataFrame(rows))
    assert checked.rows["elector_id"].to_list() == ["E0", "E1"]
    assert checked.set_aside.select("row", "code").rows() == [(3, "missing")]
    without = check_table(ELECTORS, pl.DataFrame({"elector_id": ["E0"], "surname": ["Suharto"]}))
    assert normalise_electors(without.rows)["surname"].to_list() == ["Suharto"]
