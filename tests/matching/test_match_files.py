"""Matching of bare files: a row for each line, and bad input counted or refused."""

import csv
import json

import polars as pl
import pytest
from click.testing import CliRunner

from referendum.cli.main import cli
from referendum.core.errors import InputError
from referendum.flows.matching.files import MATCH_COLUMNS, match_files

HEAD = "elector_id,given_names,surname,street_number,street,locality,postal_code"
LIST = [
    "E1,Ada,Cardinal,12,Main Street,Lake,T1A 1A1",
    "E2,Bo,Li,14,Main Street,Lake,T1A 1A1",
    "E3,Zoë,Nguyen,9,Oak Avenue,Lake,T1A 2B2",
]
LINES_HEAD = "line_id,given_names,surname,street_number,street,locality,postal_code,signed_on"


def write(folder, name, head, rows):
    path = folder / name
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


def matched(folder, lines, electors=tuple(LIST), out="out.csv"):
    files = (
        write(folder, "lines.csv", LINES_HEAD, lines),
        write(folder, "electors.csv", HEAD, electors),
    )
    done = match_files(*files, folder / out)
    return done, list(csv.DictReader((folder / out).read_text().splitlines()))


def test_there_is_a_row_for_each_line_in_their_order(tmp_path):
    lines = [
        "L2,Zoe,Nguyen,9,Oak Ave,Lake,T1A 2B2,2026-02-02",
        "L1,Ada,Cardinal,12,Main St,Lake,T1A1A1,2026-02-01",
        "L3,Ada,Cardinal,12,Main St,Lake,T1A 1A1,2026-03-01",
        "L4,Xaver,Unbekannt,77,Nowhere Road,Elsewhere,Z9Z 9Z9,2026-03-01",
    ]
    done, rows = matched(tmp_path, lines)
    assert list(rows[0]) == list(MATCH_COLUMNS)
    assert [row["line_id"] for row in rows] == ["L2", "L1", "L3", "L4"]
    assert [row["elector_id"] for row in rows] == ["E3", "E1", "E1", ""]
    assert rows[2]["outcome"] == "repeat"
    assert rows[2]["repeat_of"] == "L1"
    assert rows[3]["outcome"] == "not_listed"
    assert done.outcomes == {"listed": 2, "not_listed": 1, "repeat": 1}


def test_no_lines_and_no_electors_give_a_table_and_no_error(tmp_path):
    done, rows = matched(tmp_path, [])
    assert (rows, done.lines, done.expected) == ([], 0, 0)
    done, rows = matched(tmp_path, ["L1,Ada,Cardinal,12,Main St,Lake,T1A 1A1,2026-02-01"], ())
    assert [row["outcome"] for row in rows] == ["not_listed"]


def test_faults_are_counted_and_bad_rows_set_aside(tmp_path):
    lines = [
        "L1,Ada,Cardinal,12,Main St,Lake,T1A 1A1,02/01/26",
        "L1,Ada,Cardinal,12,Main St,Lake,T1A 1A1,2026-02-01",
        ",Ada,Cardinal,12,Main St,Lake,T1A 1A1,2026-02-01",
        "L4,,,,,,,",
        "L5,Мария,Иванова,9,Oak Avenue,Lake,T1A 2B2,2026-02-01",
    ]
    done, rows = matched(tmp_path, lines, [*LIST, LIST[0]])
    assert [row["line_id"] for row in rows] == ["L1", "L4", "L5"]
    assert done.set_aside == 3
    assert done.faults == {"missing": 1, "repeated": 2, "two_digit_year": 1}
    assert [row["elector_id"] for row in rows] == ["E1", "", ""]


def test_four_hundred_people_at_one_address_are_no_match_for_a_stranger(tmp_path):
    crowd = [
        f"C{n},Given{chr(97 + n % 26)}{n},Family{n % 97}x{n},500,Tower Road,Lake,T9T 9T9"
        for n in range(400)
    ]
    lines = [
        "L1,Givenc28,Family28x28,500,Tower Road,Lake,T9T 9T9,2026-02-01",
        "L2,Walther,Fremd,500,Tower Road,Lake,T9T 9T9,2026-02-01",
    ]
    _, rows = matched(tmp_path, lines, [*LIST, *crowd])
    assert [row["elector_id"] for row in rows] == ["C28", ""]


def test_parquet_goes_in_and_out(tmp_path):
    _, rows = matched(tmp_path, ["L1,Bo,Li,14,Main St,Lake,T1A 1A1,2026-02-01"], out="out.parquet2")
    frames = {name: pl.read_csv(tmp_path / f"{name}.csv") for name in ("lines", "electors")}
    for name, frame in frames.items():
        frame.write_parquet(tmp_path / f"{name}.parquet")
    names = (tmp_path / f"{name}.parquet" for name in frames)
    match_files(*names, tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet")["elector_id"].to_list() == ["E2"]
    assert rows[0]["elector_id"] == "E2"


def test_a_missing_column_and_a_file_that_would_be_overwritten_are_refused(tmp_path):
    lines = write(tmp_path, "lines.csv", "line_id,name", ["L1,Ada Cardinal"])
    electors = write(tmp_path, "electors.csv", HEAD, LIST)
    with pytest.raises(InputError, match="surname"):
        match_files(lines, electors, tmp_path / "out.csv")
    with pytest.raises(InputError, match="cannot be written"):
        match_files(lines, electors, lines)
    assert not (tmp_path / "out.csv").exists()


def test_the_command_answers_for_people_and_programs(tmp_path):
    matched(tmp_path, ["L1,Ada,Cardinal,12,Main St,Lake,T1A 1A1,2026-02-01"])
    files = [
        option
        for name, file in (("lines", "lines.csv"), ("electors", "electors.csv"), ("out", "o.csv"))
        for option in (f"--{name}", str(tmp_path / file))
    ]
    said = CliRunner().invoke(cli, ["match", *files])
    assert said.exit_code == 0
    assert "listed: 1" in said.output
    data = json.loads(CliRunner().invoke(cli, ["match", *files, "--json"]).output)
    assert (data["lines"], data["electors"], data["outcomes"]) == (1, 3, {"listed": 1})


@pytest.mark.parametrize("options", [[], ["--lines", "l.csv"], ["record", "--out", "o.csv"]])
def test_half_of_the_files_or_nothing_at_all_is_refused(options):
    assert CliRunner().invoke(cli, ["match", *options]).exit_code == 2


@pytest.mark.parametrize("engine", ["memory", "parts"])
def test_a_column_of_another_name_stops_the_matching_unless_it_is_accepted(tmp_path, engine):
    lines = write(tmp_path, "lines.csv", LINES_HEAD, ["L1,Ada,Cardinal,12,Main St,Lake,,"])
    other = write(tmp_path, "electors.csv", HEAD.replace("given_names", "given_name"), LIST)
    with pytest.raises(InputError, match="is it given_names"):
        match_files(lines, other, tmp_path / "out.csv", engine=engine)
    match_files(lines, other, tmp_path / "out.csv", engine=engine, accept=["given_names"])
    renamed = write(tmp_path, "lines.csv", LINES_HEAD.replace("postal_code", "postcode"), [])
    with pytest.raises(InputError, match="is it postal_code"):
        match_files(renamed, write(tmp_path, "electors.csv", HEAD, LIST), tmp_path / "out.csv")
