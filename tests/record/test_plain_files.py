"""Files of a record that means harm, and pipes that people name: refused in words, never hung."""

import os
import stat

import pytest

from referendum.core.errors import InputError, KeyFault, OrderError, RecordError
from referendum.publish import publish
from referendum.record.durable import write_folder, write_new_file
from referendum.record.log.keys import load_signer
from referendum.record.officers import load_officer_key
from referendum.record.plain_files import read_record_file
from referendum.record.reading import Record
from referendum.record.replay import replay
from referendum.tables.given_files import expand_gzip, read_given_file


@pytest.fixture
def folder(tmp_path):
    """A folder with a file in it and a secret beside it."""
    inner = tmp_path / "record"
    inner.mkdir()
    (inner / "plain").write_bytes(b"plain")
    (tmp_path / "secret").write_bytes(b"secret of the office")
    return inner


def test_a_plain_file_is_read(folder):
    assert read_record_file(folder, "plain", 5) == b"plain"
    (folder.parent / "here").symlink_to(folder)
    assert read_record_file(folder.parent / "here", "plain", 5) == b"plain"
    with pytest.raises(FileNotFoundError):
        read_record_file(folder, "nothing", 5)


def test_what_is_no_plain_file_below_the_folder_is_refused(folder):
    os.mkfifo(folder / "pipe")
    (folder / "link").symlink_to(folder.parent / "secret")
    (folder / "around").symlink_to(folder.parent)
    for path, words in (
        ("pipe", "no plain file"),
        ("link", "links are not followed"),
        ("around/secret", "links are not followed"),
        ("../secret", "leads out of the record"),
        ("plain", "5 bytes; there can be 4"),
    ):
        with pytest.raises(RecordError, match=words):
            read_record_file(folder, path, 4)


def test_a_file_that_a_person_names_is_plain_and_bounded(folder):
    os.mkfifo(folder / "pipe")
    (folder / "link").symlink_to(folder / "plain")
    assert read_given_file(folder / "link") == b"plain"
    for path, words in (("pipe", "no plain file"), ("", "a folder"), ("nothing", "no such file")):
        with pytest.raises(InputError, match=words):
            read_given_file(folder / path)
    with pytest.raises(InputError, match="larger than any such file: 4 bytes"):
        read_given_file(folder / "plain", 4)
    for load in (load_officer_key, lambda path: load_signer(path, "a.example", None)):
        with pytest.raises(KeyFault, match="no plain file"):
            load(folder / "pipe")


def test_a_compressed_file_grows_to_a_bound_only(folder):
    import gzip  # noqa: PLC0415 - one test

    with pytest.raises(InputError, match="1,000 bytes at most"):
        expand_gzip(gzip.compress(b"x" * 10_000_000), folder, 1_000)


def test_sealed_bundles_are_their_owners_alone_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        write_folder(tmp_path / "sealed" / "one", {"lines.parquet": b"x"}, private=True)
        write_new_file(tmp_path / "key", b"x")
    finally:
        os.umask(before)
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in (tmp_path / "sealed", *tmp_path.rglob("*"))
    }
    assert modes == {"sealed": 0o700, "one": 0o700, "lines.parquet": 0o600, "key": 0o600}


def test_sealed_bundles_of_a_record_are_their_owners_alone(petition):
    for path in (petition.folder / "bundles" / "sealed").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


@pytest.fixture
def stolen(vote, tmp_path):
    """A record in which a link to a private file stands in place of a published table."""
    made = vote.copy(tmp_path / "vote")
    (tmp_path / "secret").write_bytes(b"secret of the office")
    table = next((made.folder / "bundles" / "public").glob("*/returns.csv"))
    table.unlink()
    table.symlink_to(tmp_path / "secret")
    return made.folder


def test_nothing_that_a_link_leads_to_is_published(stolen, tmp_path):
    with pytest.raises(RecordError, match="links are not followed"):
        publish([stolen], tmp_path / "site")
    assert not (tmp_path / "site").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"vote", "secret"}


def test_replay_follows_no_link(stolen):
    from referendum.flows.derivations import DERIVATIONS  # noqa: PLC0415 - one test

    with pytest.raises(RecordError, match="links are not followed"):
        list(replay(Record.open(stolen), DERIVATIONS))


def test_a_table_that_was_changed_is_not_published(vote, tmp_path):
    made = vote.copy(tmp_path / "vote")
    table = next((made.folder / "bundles" / "public").glob("*/result.json"))
    table.write_bytes(table.read_bytes().replace(b"1", b"2"))
    with pytest.raises(RecordError, match="digest differs"):
        publish([made.folder], tmp_path / "site")


@pytest.mark.parametrize("name", ["law", "Law", "site.json", ".hidden", "..."])
def test_no_record_takes_the_place_of_a_page_or_hides(vote, tmp_path, name):
    made = vote.copy(tmp_path / "made")
    folder = tmp_path / name
    made.folder.rename(folder)
    with pytest.raises(InputError, match="cannot be called"):
        publish([folder], tmp_path / "site")


def test_a_site_is_for_everybody_and_replaces_only_what_was_published(vote, tmp_path):
    made, out = vote.copy(tmp_path / "vote"), tmp_path / "site"
    before = os.umask(0o077)
    try:
        publish([made.folder], out)
        (out / "CNAME").write_text("elections.example")
        (out / ".well-known").mkdir()
        publish([made.folder], out)
    finally:
        os.umask(before)
    for path in (out, *out.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        if path.name not in {"CNAME", ".well-known"}:
            assert mode == (0o755 if path.is_dir() else 0o644), path
    assert (out / "CNAME").read_text() == "elections.example"
    assert (out / ".well-known").is_dir()
    (out / "vote" / "notes.txt").write_text("mine")
    with pytest.raises(OrderError, match="was not published"):
        publish([made.folder], out)
    assert (out / "vote" / "notes.txt").read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"vote", "site"}
