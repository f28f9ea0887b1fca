"""Durable files: whole or not at all."""

from referendum.record.durable import write_file, write_files, write_folder


def test_a_file_is_replaced_whole_and_leaves_nothing_beside_it(tmp_path):
    write_file(tmp_path / "head", b"old")
    write_file(tmp_path / "head", b"new and longer")
    assert (tmp_path / "head").read_bytes() == b"new and longer"
    assert [path.name for path in tmp_path.iterdir()] == ["head"]


def test_files_make_their_folders(tmp_path):
    write_files(tmp_path, {"a/b/c": b"1", "a/d": b"2", "e": b"3"})
    assert (tmp_path / "a" / "b" / "c").read_bytes() == b"1"
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["c", "d", "e"]


def test_a_folder_that_is_there_is_left_as_it_is(tmp_path):
    write_folder(tmp_path / "bundles" / "x", {"f": b"1"})
    write_folder(tmp_path / "bundles" / "x", {"f": b"2", "g": b"3"})
    assert (tmp_path / "bundles" / "x" / "f").read_bytes() == b"1"
    assert not (tmp_path / "bundles" / "x" / "g").exists()


def test_what_a_cut_off_writer_left_of_a_folder_is_replaced(tmp_path):
    write_folder(tmp_path / "x", {"f": b"1"})
    (tmp_path / "x").rename(tmp_path / ".x.part")
    write_folder(tmp_path / "x", {"f": b"2"})
    assert (tmp_path / "x" / "f").read_bytes() == b"2"
