"""A list in parts gives what the whole list gives."""

import importlib.util
import shutil
from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from referendum.core.errors import InputError
from referendum.engines import FileParts
from referendum.flows.matching.files import match_files
from referendum.matching import ROW, match_lines, match_parts
from referendum.simulate import PetitionPlan, simulate_petition

PLAN = PetitionPlan(6_000, 1_500, "parts", date(2026, 1, 3), date(2026, 5, 2))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return simulate_petition(PLAN, tmp_path_factory.mktemp("petition"))


@pytest.fixture(scope="module")
def petition(files):
    lines = pl.read_parquet(files.lines).with_row_index("serial", offset=1)
    return lines.cast({"serial": pl.Int64}), pl.read_parquet(files.electors)


def parts_of(electors, many):
    numbered = electors.sort("elector_id").with_row_index(ROW).cast({ROW: pl.Int64})
    return [numbered[start::many] for start in range(many)]


@pytest.mark.parametrize("many", [1, 4])
def test_parts_give_what_the_whole_list_gives(petition, many):
    lines, electors = petition
    parts = parts_of(electors, many)

    def run(function, more):
        return [function(part, *more) for part in parts]

    assert_frame_equal(
        match_parts(lines, run, electors.height), match_lines(lines, electors), abs_tol=2e-4
    )


def test_a_file_is_read_a_part_at_a_time(files, petition, tmp_path):
    lines, electors = petition
    csv = tmp_path / "electors.csv"
    electors.write_csv(csv)
    for path in (files.electors, csv):
        parts = FileParts(path, rows=1_700)
        assert parts.size == electors.height
        rows = pl.concat(parts.run(lambda part: part.select(ROW, "elector_id"), ()))
        assert rows[ROW].to_list() == list(range(electors.height))
        matches = match_parts(lines, parts.run, parts.size)
        assert_frame_equal(matches, match_lines(lines, electors), abs_tol=2e-4)


def test_an_elector_in_two_parts_is_refused(files, tmp_path):
    electors = pl.read_parquet(files.electors)
    twice = tmp_path / "electors.parquet"
    pl.concat([electors, electors[:1]]).write_parquet(twice)
    with pytest.raises(InputError, match="1 numbers of electors stand twice"):
        FileParts(twice, rows=1_700)


def test_the_command_works_part_by_part(files, tmp_path):
    done = {
        engine: match_files(files.lines, files.electors, tmp_path / f"{engine}.csv", engine=engine)
        for engine in ("memory", "parts")
    }
    assert done["parts"].outcomes == done["memory"].outcomes
    assert done["parts"].electors == done["memory"].electors


@pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is None or shutil.which("java") is None,
    reason="needs PySpark (the extra `spark`) and Java",
)
@pytest.mark.filterwarnings("ignore")
def test_a_spark_cluster_gives_what_one_machine_gives(files, tmp_path):
    spark, memory = tmp_path / "spark.parquet", tmp_path / "memory.parquet"
    match_files(files.lines, files.electors, spark, engine="spark")
    match_files(files.lines, files.electors, memory)
    assert_frame_equal(pl.read_parquet(spark), pl.read_parquet(memory), abs_tol=2e-4)
