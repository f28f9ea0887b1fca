"""What would be signed is shown, faults and all, and nothing is written."""

import polars as pl
import pytest

from referendum.cli.shared import write_new_sheet
from referendum.core.errors import InputError
from referendum.flows.roll.seal import seal_roll
from referendum.record.reading import Record
from referendum.record.rehearsal import consequences, rehearse
from referendum.record.stamps import Stamp
from referendum.record.table_faults import FAULT_FILES, faults_of


def files(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def listed(tmp_path, *rows):
    path = tmp_path / "electors.csv"
    path.write_text("\n".join(["elector_id,given_names,surname,birth_date", *rows]))
    return path


def test_a_rehearsal_shows_what_would_follow_and_writes_nothing(petition, tmp_path):
    before, beside = files(petition.folder), set(petition.folder.parent.iterdir())
    people = listed(tmp_path, "1,Ada,Day,14.3.80", "1,Ben,Day,", "2,Cy,Day,4.3.1980")
    with rehearse(petition.folder) as record:
        acts, fallen = len(record.acts), record.fallen_acts()
        stands = record.standing("roll.seal").number
        stamp = Stamp(corrects=stands, reason="another list")
        act = seal_roll(record, people, "utf-8", stamp, accept=["rows", "birth_date"])
        told = consequences(record, acts, fallen)
    assert act.facts["electors"] == 2
    assert act.parameters["accepted"] == ["birth_date", "rows"]
    assert "birth_date is read with the day first" in told
    assert "electors, birth_date, two_digit_year: 1 (rows 1)" in told
    assert "electors, elector_id, repeated: 1 (rows 2)" in told
    assert any(line.endswith("would fall: match") for line in told)
    assert not any("Ada" in line or "80" in line.partition(":")[0] for line in told)
    assert files(petition.folder) == before
    assert set(petition.folder.parent.iterdir()) == beside


def test_what_a_rehearsal_signs_is_not_the_records(petition):
    with rehearse(petition.folder) as record:
        assert record.info.key != Record.open(petition.folder).info.key
        assert record.log.root == Record.open(petition.folder).log.root


@pytest.mark.parametrize("table", ["electors", "lines", "sheets"])
def test_the_office_sees_what_could_not_be_used(petition, table):
    found = faults_of(Record.open(petition.folder), table)
    part = [] if table == "electors" else ["act"]
    assert found.columns == [*part, "row", "column", "code", "value", "set_aside"]


def test_faults_of_returns_are_those_that_were_set_aside(vote):
    assert faults_of(Record.open(vote.folder), "returns")["set_aside"].all()
    assert set(FAULT_FILES) >= {"returns", "polls"}


def test_a_file_of_faults_is_for_its_owner_alone(tmp_path):
    path = tmp_path / "faults.csv"
    write_new_sheet(path, pl.DataFrame({"row": [1]}))
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(InputError, match="already"):
        write_new_sheet(path, pl.DataFrame({"row": [1]}))
