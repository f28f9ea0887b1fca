"""Bundles do not change, and say so when they did."""

import pytest

from referendum.core.errors import InputError, RecordError
from referendum.record import bundles
from referendum.record.bundles import BundleStore, Draft, seal_draft


def bundle(*, sealed=False, nonce=None):
    draft = Draft("things", sealed=sealed, files={"things.csv": b"id\n1\n"}, rows={"things.csv": 1})
    return seal_draft(
        draft,
        act="test",
        number=3,
        statute={"id": "x", "version": "y"},
        parameters={},
        parents=(),
        made_up=True,
        nonce=nonce,
        code="test 1",
    )


def test_what_was_put_is_read_back(tmp_path):
    store = BundleStore(tmp_path)
    store.put(bundle())
    assert store.read(bundle().digest, "things.csv", sealed=False) == b"id\n1\n"
    assert store.manifest(bundle().digest, sealed=False) == bundle().manifest


def test_putting_the_same_bundle_again_changes_nothing(tmp_path):
    store = BundleStore(tmp_path)
    store.put(bundle())
    before = sorted(tmp_path.rglob("*"))
    store.put(bundle())
    assert sorted(tmp_path.rglob("*")) == before


def test_public_and_sealed_bundles_lie_in_different_folders(tmp_path):
    store = BundleStore(tmp_path)
    store.put(bundle())
    store.put(bundle(sealed=True, nonce="00" * 32))
    assert {path.name for path in tmp_path.iterdir()} == {"public", "sealed"}


def test_a_nonce_changes_the_name_of_a_sealed_bundle():
    assert (
        bundle(sealed=True, nonce="00" * 32).digest != bundle(sealed=True, nonce="11" * 32).digest
    )


@pytest.mark.parametrize("name", ["things.csv", "manifest.json"])
def test_an_altered_file_is_noticed_and_named(tmp_path, name):
    store = BundleStore(tmp_path)
    store.put(bundle())
    path = store.path(bundle().digest, sealed=False) / name
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    with pytest.raises(RecordError, match=name):
        store.read(bundle().digest, "things.csv", sealed=False)


@pytest.mark.parametrize("name", ["things.csv", "manifest.json"])
def test_a_missing_file_is_noticed(tmp_path, name):
    store = BundleStore(tmp_path)
    store.put(bundle())
    (store.path(bundle().digest, sealed=False) / name).unlink()
    with pytest.raises(RecordError):
        store.read(bundle().digest, "things.csv", sealed=False)


def test_a_folder_left_by_a_writer_that_was_cut_off_does_no_harm(tmp_path):
    store = BundleStore(tmp_path)
    path = store.path(bundle().digest, sealed=False)
    left_over = path.with_name(f".{path.name}.1.part")
    left_over.mkdir(parents=True)
    (left_over / "manifest.json").write_bytes(b"half")
    store.put(bundle())
    assert store.manifest(bundle().digest, sealed=False) == bundle().manifest


def test_no_public_file_is_written_that_a_checker_would_refuse(monkeypatch):
    monkeypatch.setitem(bundles.LARGEST_FILES, "csv", 4)
    bundle(sealed=True, nonce="0" * 64)
    with pytest.raises(InputError, match=r"things\.csv would have 5 bytes; there can be 4 at most"):
        bundle()
