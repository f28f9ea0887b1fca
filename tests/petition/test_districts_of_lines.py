"""What stands in the column of districts is held to a list, for it becomes public."""

import polars as pl
import pytest

from referendum.core.schemas import LINES
from referendum.core.tables import check_table
from referendum.flows.petition.lines import hold_districts

SLIP = "Jane Q. Public, 12 Lake Rd, 403-555-0123"


def hold(*districts, known=()):
    rows = {"line_id": [f"L{n}" for n in range(len(districts))], "surname": ["Li"] * len(districts)}
    checked = check_table(LINES, pl.DataFrame({**rows, "district": districts}))
    held = hold_districts(checked, pl.Series(known, dtype=pl.String))
    faults = held.faulty_cells.filter(pl.col("column") == "district")
    unread = held.unreadable_columns()
    names = held.rows.with_columns(unread)
    return names["district"].to_list(), faults["code"].to_list(), names["unread"].to_list()


def test_a_district_is_one_of_the_list_or_a_counted_fault():
    names, codes, unread = hold(
        "Alameda", " alameda ", "Alpine", SLIP, None, known=["Alameda", "Napa"]
    )
    assert names == ["Alameda", "Alameda", None, None, None]
    assert codes.count("not_a_code") == 2
    assert unread == [None, None, "district", "district", None]


@pytest.mark.parametrize("cell", [SLIP, "=cmd|' /C calc'!A0", "<script>", "+1", "jane@x.example"])
def test_without_a_list_what_cannot_be_a_name_is_a_fault(cell):
    assert hold("District 12", "St. Albert-Nord", cell)[0] == [
        "District 12",
        "St. Albert-Nord",
        None,
    ]
