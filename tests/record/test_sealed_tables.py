"""Sealed tables are named by their rows: how a Parquet file is written changes no digest."""

import subprocess

import polars as pl
import pytest

from referendum.core.canonical_rows import digest_rows
from referendum.core.errors import RecordError
from referendum.flows.derivations import DERIVATIONS
from referendum.flows.matching.review import queue_record
from referendum.flows.sufficiency.sample import worksheet
from referendum.record import frames
from referendum.record.reading import Record
from referendum.record.replay import replay
from referendum.verify import verify

WRITERS = {
    "another compression": {"compression": "lz4"},
    "another level": {"compression": "zstd", "compression_level": 11},
    "none, with statistics": {"compression": "uncompressed", "statistics": True},
    "small groups of rows": {"compression": "zstd", "row_group_size": 7, "data_page_size": 512},
}


def tables(folder):
    return sorted((folder / "bundles" / "sealed").glob("*/*.parquet"))


@pytest.mark.parametrize("how", WRITERS)
def test_another_writer_of_the_files_changes_nothing(how, petition, tmp_path):
    made = petition.copy(tmp_path / "petition")
    before = {path: path.read_bytes() for path in tables(made.folder)}
    for path in before:
        pl.read_parquet(path).write_parquet(path, **WRITERS[how])
    assert any(path.read_bytes() != data for path, data in before.items())
    record = Record.open(made.folder)
    assert not any(one.differences for one in replay(record, DERIVATIONS))
    assert worksheet(record).height == 120
    assert queue_record(made.folder, tmp_path / "queue.csv") >= 0
    assert verify(str(made.folder)).holds


@pytest.mark.parametrize("how", WRITERS)
def test_a_replay_by_a_program_that_writes_otherwise_comes_out_the_same(how, petition, monkeypatch):
    def write(frame):
        passing = frames.BytesIO()
        frame.write_parquet(passing, **WRITERS[how])
        return passing.getvalue()

    monkeypatch.setattr(frames, "to_parquet", write)
    record = Record.open(petition.folder)
    assert not any(one.differences for one in replay(record, DERIVATIONS))


def test_the_manifest_names_rows_and_the_sums_beside_it_name_files(petition):
    record = Record.open(petition.folder)
    sealed = [one for act in record.acts for one in act.writes if one.sealed]
    assert sealed
    for one in sealed:
        folder = record.bundles.path(one.digest, sealed=True)
        for entry in record.bundles.manifest(one.digest, sealed=True).files:
            frame = pl.read_parquet(folder / entry.name)
            assert (entry.sha256, entry.bytes, entry.rows) == (digest_rows(frame), None, len(frame))
        done = subprocess.run(
            ["sha256sum", "--check", "--strict", "SHA256SUMS"],
            cwd=folder, check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        assert len(done.stdout.splitlines()) == len(list(folder.iterdir())) - 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda frame: frame.head(len(frame) - 1), "its rows are others"),
        (lambda frame: frame.reverse(), "its rows are others"),
        (lambda frame: frame.with_columns(surname=pl.lit("Roe")), "its rows are others"),
        (lambda frame: frame.rename({"surname": "name"}), "its rows are others"),
        (lambda frame: frame.with_columns(line_no=pl.lit(0.1, pl.Float32)), "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_other_rows_are_refused(change, words, petition, tmp_path):
    made = petition.copy(tmp_path / "petition")
    record = Record.open(made.folder)
    (lines,) = record.inputs(("lines",)).bundles["lines"]
    path = record.bundles.path(lines.digest, sealed=True) / "lines.parquet"
    if change is None:
        path.write_bytes(b"PAR1 and no more")
    else:
        change(pl.read_parquet(path)).write_parquet(path)
    for read in (record.bundles.read, record.bundles.table):
        with pytest.raises(RecordError, match=words):
            read(lines.digest, "lines.parquet", sealed=True)
