"""A column that is called otherwise never empties one of the table in silence."""

import polars as pl
import pytest

from referendum.core.errors import InputError
from referendum.core.names import id_keys
from referendum.core.progress import listen_to_notices
from referendum.flows.petition.gates import pass_gates
from referendum.flows.petition.issue import read_district_bases
from referendum.flows.petition.receiving import receive_petition
from referendum.flows.roll.seal import seal_roll
from referendum.record.stamps import Stamp
from referendum.record.table_faults import faults_of
from referendum.verify import verify

HEADER = "line_id,sheet_id,surname,given_names,street,birth_date,postal_code,signed_on"
ROW = "{n},S{n},Day,Ada,Elm St,1980-01-01,85001,2026-02-01"


@pytest.fixture
def petition(issued, tmp_path):
    """A petition of which no line is received yet."""
    return issued.copy(tmp_path / "record")


def again(record, kind):
    standing = record.standing(kind)
    return Stamp() if standing is None else Stamp(corrects=standing.number, reason="read again")


def table(tmp_path, header, *rows, name="table.csv"):
    path = tmp_path / name
    path.write_text("\n".join([header, *rows, ""]))
    return path


def lines(tmp_path, header=HEADER, rows=3):
    return table(tmp_path, header, *(ROW.format(n=n) for n in range(1, rows + 1)))


def receive(record, path, sheets=None, **more):
    return receive_petition(
        record,
        path,
        sheets,
        None,
        "utf-8",
        again(record, "petition.receive"),
        number_alone="few",
        **more,
    )


@pytest.mark.parametrize(
    ("own", "theirs"),
    [
        ("signed_on", "date_signed"), ("signed_on", "sined_on"), ("signed_on", "Signed On"),
        ("signed_on", "date"), ("given_names", "given_name"), ("given_names", "first name"),
        ("birth_date", "birthdate"), ("birth_date", "DOB"), ("postal_code", "postcode"),
        ("postal_code", "ZIP"), ("street", "address"),
    ],
)  # fmt: skip
def test_another_name_of_a_column_stops_the_signing(petition, tmp_path, own, theirs):
    path = lines(tmp_path, HEADER.replace(own, theirs))
    said = []
    with (
        petition.hold() as record,
        listen_to_notices(said.append),
        pytest.raises(InputError, match=f"is it {own}") as caught,
    ):
        receive(record, path)
    assert theirs in caught.value.message
    assert f"--accept {own}" in caught.value.hint
    assert theirs in said[0]


def test_a_column_that_is_accepted_as_empty_is_never_called_missing(petition, tmp_path):
    path = lines(tmp_path, HEADER.replace("signed_on", "date_signed"))
    with petition.hold() as record:
        act = receive(record, path, accept=["signed_on"])
        gates = pass_gates(record, Stamp())
        found = faults_of(record, "lines")
    assert act.parameters["accepted"] == ["signed_on"]
    assert gates.facts["rejected"] == {"date_unreadable": 3}
    assert found.select("row", "column", "code").rows() == [(None, "date_signed", "unknown_column")]
    assert found.height == sum(act.facts["faults"].values())
    assert verify(str(petition.folder)).holds


@pytest.mark.parametrize("header", [HEADER.replace("signed_on", "colour"), HEADER])
def test_a_gate_whose_column_is_empty_is_not_failed_by_every_line(petition, tmp_path, header):
    rows = [ROW.format(n=n).replace("2026-02-01", "") for n in range(3)]
    path = table(tmp_path, header, *rows)
    with petition.hold() as record:
        with pytest.raises(InputError, match="nothing stands in the column signed_on"):
            receive(record, path)
        receive(record, path, accept=["signed_on"])
        assert pass_gates(record, Stamp()).facts["rejected"] == {"date_unreadable": 3}


def test_a_column_that_resembles_nothing_is_named_and_left_out(petition, tmp_path):
    path = lines(tmp_path, HEADER.replace("birth_date", "shoe_size"))
    said = []
    with petition.hold() as record, listen_to_notices(said.append):
        assert receive(record, path).facts["faults"] == {"unknown_column": 1}
    assert "'shoe_size'" in said[0]


SHEETS = "sheet_id,issued,canvasser_id,affidavit_on"


def sheets(tmp_path, *rows, header=SHEETS):
    return table(tmp_path, header, *rows, name="sheets.csv")


def sheet_rows(*ids, issued="yes"):
    return [f"{one},{issued},C1,2026-03-01" for one in ids]


def test_issued_under_another_name_stops_the_signing(petition, tmp_path):
    kept = sheets(tmp_path, *sheet_rows("S1", "S2", "S3"), header=SHEETS.replace("issued", "issud"))
    with petition.hold() as record, pytest.raises(InputError, match="is it issued"):
        receive(record, lines(tmp_path), kept)


def test_a_blank_issued_is_not_no(petition, tmp_path):
    kept = sheets(tmp_path, *sheet_rows("S1", "S2"), *sheet_rows("S3", issued=""))
    with petition.hold() as record:
        with pytest.raises(InputError, match="it is not known whether the office") as caught:
            receive(record, lines(tmp_path), kept)
        assert "--accept issued" in caught.value.hint
        receive(record, lines(tmp_path), kept, accept=["issued"])
        assert pass_gates(record, Stamp()).facts["rejected"] == {"sheet_unreadable": 1}
    assert verify(str(petition.folder)).holds


def test_numbers_of_sheets_are_joined_in_any_form(petition, tmp_path):
    kept = sheets(tmp_path, *sheet_rows("s01", "S2.0", "S ３"))
    with petition.hold() as record:
        act = receive(record, lines(tmp_path), kept)
        assert act.facts["faults"] == {"spelt_otherwise": 3}
        assert pass_gates(record, Stamp()).facts["rejected"] == {}


def test_a_number_that_fits_two_sheets_stops_the_signing(petition, tmp_path):
    kept = sheets(tmp_path, *sheet_rows("s1", "S01", "S2", "S3"))
    said = []
    with (
        petition.hold() as record,
        listen_to_notices(said.append),
        pytest.raises(InputError, match="the first in row 1, are of a sheet that could be"),
    ):
        receive(record, lines(tmp_path), kept)


def test_numbers_that_are_alike_are_told(petition, tmp_path):
    kept = sheets(tmp_path, *sheet_rows("s1", "S1", "S2", "S3"))
    said = []
    with petition.hold() as record, listen_to_notices(said.append):
        receive(record, lines(tmp_path), kept)
    assert any("2 cells of sheet_id differ only in case" in sentence for sentence in said)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("S1", "s1", True), ("S01", "S1", True), ("1.0", "1", True), ("００１", "1", True),
        ("S 1", "S1", True), ("S10", "S1", False), ("1-2", "12", False), ("1.5", "15", False),
        ("0", "00", True), ("100", "1", False), ("2026-001", "2026-1", True), ("5", "50", False),
    ],
)  # fmt: skip
def test_forms_of_a_number(one, other, same):
    first, second = id_keys(pl.Series("id", [one, other]))
    assert (first == second) is same


@pytest.mark.parametrize("rows", [[], [",Ada,Day"]])
def test_an_empty_list_is_not_sealed(issued, tmp_path, rows):
    path = table(tmp_path, "elector_id,given_names,surname", *rows)
    with (
        issued.copy(tmp_path / "r").hold() as record,
        pytest.raises(InputError, match="no elector"),
    ):
        seal_roll(record, path, "utf-8", Stamp(), accept=["rows"])


def test_an_empty_table_of_lines_is_not_received(petition, tmp_path):
    with petition.hold() as record, pytest.raises(InputError, match="no line"):
        receive(record, lines(tmp_path, rows=0))


@pytest.mark.parametrize("total", ["E9,,Total,,", "TOTAL,,120,,", "E9,,Ardale Total,,"])
def test_a_row_of_a_sum_is_no_elector(issued, tmp_path, total):
    rows = ["E1,Ada,Total,,", "E2,Bo,Day,A,", total]
    path = table(tmp_path, "elector_id,given_names,surname,street,district", *rows)
    with (
        issued.copy(tmp_path / "r").hold() as record,
        pytest.raises(InputError, match="row 3 is called"),
    ):
        seal_roll(record, path, "utf-8", Stamp(), accept=["rows"])


def test_somebody_may_be_called_total(issued, tmp_path):
    path = table(
        tmp_path, "elector_id,given_names,surname,street,district", "E1,Ada,Total,,", "E2,,Sum,Elm,"
    )
    with issued.copy(tmp_path / "r").hold() as record:
        assert seal_roll(record, path, "utf-8", Stamp()).facts["electors"] == 2


def test_a_sum_is_no_district(tmp_path):
    path = table(tmp_path, "district,base", "North,10", "Insgesamt,10")
    with pytest.raises(InputError, match="Insgesamt"):
        read_district_bases(path)


def test_districts_under_another_name_are_refused(tmp_path):
    path = table(tmp_path, "district,base,Remarks", "North,10,x")
    assert read_district_bases(path) == {"North": 10}
